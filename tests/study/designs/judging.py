"""Judges for tests of engines: quick ones, and ones that end their process."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from covolt.errors import InputError, Problem
from covolt.study.designs.chunks import Chunk
from covolt.study.designs.engine import Engine, Judge, Opened
from covolt.study.designs.evaluation import Rows

POISON, FAULT, REFUSED = 7.0, 8.0, 9.0
"""Values of designs that end their process, that meet a bug, and that are refused."""


@dataclass(frozen=True)
class Quick:
    """Judges one requirement of one variable: it is met from 5 on."""

    stillborn: bool = False

    def __call__(self) -> Judge:
        if self.stillborn:
            os._exit(3)
        return _judged

    def lost(self, values: NDArray[np.float64], why: str) -> Rows:
        return Rows.lost(values, 1, 0, [why] * len(values))


@dataclass(frozen=True)
class Slow:
    """Judges as `Quick` does, each time for a while, and tells in a folder in which process it judges what."""

    place: str
    while_s: float = 0.3

    def __call__(self) -> Judge:
        def judged(values: NDArray[np.float64]) -> Rows:
            with tempfile.NamedTemporaryFile("w", dir=self.place, prefix=f"{os.getpid()}-", delete=False) as told:
                told.write(repr(values[:, 0].tolist()))
            time.sleep(self.while_s)
            return _judged(values)

        return judged

    def lost(self, values: NDArray[np.float64], why: str) -> Rows:
        return Rows.lost(values, 1, 0, [why] * len(values))


@dataclass(frozen=True)
class Deadly:
    """Judges as another does, but ends the process that is to judge some designs."""

    opened: Opened
    deadly: tuple[tuple[float, ...], ...]

    def __call__(self) -> Judge:
        judge = self.opened()

        def judged(values: NDArray[np.float64]) -> Rows:
            if any(np.array_equal(one, each) for one in values for each in self.deadly):
                os.kill(os.getpid(), signal.SIGKILL)
            return judge(values)

        return judged

    def lost(self, values: NDArray[np.float64], why: str) -> Rows:
        return self.opened.lost(values, why)


@dataclass(frozen=True)
class DeadlyEngine:
    """An engine on which some designs, by their numbers, end what judges them."""

    engine: Engine
    deadly: tuple[int, ...]

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        deadly = tuple(tuple(map(float, values[one])) for one in self.deadly)
        return self.engine.run(Deadly(opened, deadly), values, chunks)


def _judged(values: NDArray[np.float64]) -> Rows:
    if (values == POISON).any():
        os.kill(os.getpid(), signal.SIGKILL)
    if (values == FAULT).any():
        raise ZeroDivisionError("a bug of ours")
    if (values == REFUSED).any():
        raise InputError(Problem("refused", "here", ""))
    margins = values - 5.0
    words = np.where(margins >= 0.0, "met", "not met").astype("U12")
    return Rows(values, values, margins, words, np.empty((len(values), 0)), ("",) * len(values))

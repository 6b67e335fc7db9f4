"""Engines: where the designs of a study are judged; each gives the same rows, in whatever order its chunks are done."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import CovoltError, Problem
from covolt.study.designs.chunks import Chunk
from covolt.study.designs.evaluation import Rows

__all__ = ["Answer", "Engine", "Inline", "Judge", "Judging", "Opened", "rows_of"]

Judge = Callable[[NDArray[np.float64]], Rows]
"""Judges designs, given as rows of values."""


class Opened(Protocol):
    """Makes what judges; it is called once in each process, and travels there."""

    def __call__(self) -> Judge:
        """What judges designs."""
        ...

    def lost(self, values: NDArray[np.float64], why: str) -> Rows:
        """Rows of designs that could not be judged."""
        ...


class Engine(Protocol):
    """Judges chunks of designs somewhere."""

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows, as they are done; `values` are those of all designs."""
        ...


Answer = Rows | tuple[type[CovoltError], tuple[Problem, ...]] | str
"""What travels back from another process: rows, what was refused, or, of a bug of ours, where it stands."""


@final
class Judging:
    """Judges in a process for another one: whatever comes of it is an answer that travels."""

    def __init__(self, opened: Opened) -> None:
        self._judge: Judge | None = None
        self.refused: Answer | None = None
        """Why nothing can be judged here."""
        try:
            self._judge = opened()
        except CovoltError as error:
            self.refused = (type(error), error.problems)

    def __call__(self, values: NDArray[np.float64]) -> Answer:
        """What comes of judging designs."""
        if self._judge is None:
            return self.refused or ""
        try:
            return self._judge(values)
        except CovoltError as error:
            return type(error), error.problems  # an error does not travel
        except Exception:  # a bug of ours: who asked raises it
            return traceback.format_exc()


def rows_of(answer: Answer) -> Rows:
    """The rows of an answer.

    Raises:
        CovoltError: what was refused there.
        RuntimeError: a bug of ours.
    """
    if isinstance(answer, Rows):
        return answer
    if isinstance(answer, tuple):
        kind, problems = answer
        raise kind(problems)
    raise RuntimeError(answer)


@final
@dataclass(frozen=True)
class Inline:
    """Judges in this process, one chunk after another."""

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows."""
        judge = opened()
        for one in chunks:
            yield one, judge(values[one.begin : one.end])

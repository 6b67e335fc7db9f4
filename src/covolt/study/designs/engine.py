"""Engines: where the designs of a study are judged; each gives the same rows, in whatever order its chunks are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from covolt.study.designs.chunks import Chunk
from covolt.study.designs.evaluation import Rows

__all__ = ["Engine", "Inline", "Judge", "Opened"]

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


@final
@dataclass(frozen=True)
class Inline:
    """Judges in this process, one chunk after another."""

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows."""
        judge = opened()
        for one in chunks:
            yield one, judge(values[one.begin : one.end])

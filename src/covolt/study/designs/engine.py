"""Engines: where the designs of a study are judged; each gives the same rows, in whatever order its chunks are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from covolt.study.designs.chunks import Chunk
from covolt.study.designs.evaluation import Rows

__all__ = ["Engine", "Inline", "Judge", "Opened"]

Judge = Callable[[NDArray[np.float64]], Rows]
"""Judges designs, given as rows of values."""
Opened = Callable[[], Judge]
"""Makes a judge, in whatever process: it is called once in each."""


class Engine(Protocol):
    """Judges chunks of designs somewhere."""

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows, as they are done; `values` are those of all designs."""
        ...


@final
class Inline:
    """Judges in this process, one chunk after another."""

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows."""
        judge = opened()
        for one in chunks:
            yield one, judge(values[one.begin : one.end])

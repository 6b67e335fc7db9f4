"""Inputs over time: reals that go straight from row to row, and everything else, which holds; with jumps, changes and ticks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np

from covolt.exchange.component import Value

__all__ = ["NOTHING", "Inputs"]


@final
@dataclass(frozen=True)
class Inputs:
    """Inputs over time: numbers that are wired, and values of other kinds."""

    names: tuple[str, ...]
    times_s: np.ndarray
    """Shape (r,), float64, ascending; rows of one time are a jump."""
    values: np.ndarray
    """Shape (r, k), float64, in the units of the variables."""
    smooth_flag: np.ndarray
    """Shape (k,), bool: joined by straight lines."""
    others: Mapping[str, tuple[Value, ...]]
    """Values of whole variables by name, a row each."""

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Numbers at times, shape (n, k), float64: straight lines where smooth, else held; after a jump at its own time."""
        if not self.names:
            return np.zeros((len(times_s), 0))
        return self._between(self.rows(times_s), times_s)

    def before(self, times_s: np.ndarray) -> np.ndarray:
        """The same; before a jump at its own time."""
        if not self.names:
            return np.zeros((len(times_s), 0))
        rows = np.maximum(np.searchsorted(self.times_s, times_s - _room_s(times_s), side="left") - 1, 0)
        return self._between(rows, times_s)

    def _between(self, row_index: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """Numbers on the way from rows to the next ones, shape (n, k), float64."""
        found = self.values[row_index].astype(np.float64)
        after = np.minimum(row_index + 1, len(self.times_s) - 1)
        span_s = self.times_s[after] - self.times_s[row_index]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(span_s > 0.0, (times_s - self.times_s[row_index]) / span_s, 0.0).clip(0.0, 1.0)
        straight = found + share[:, None] * (self.values[after] - found)
        return np.where(self.smooth_flag, straight, found)

    def changes_s(self, clocks: Collection[str]) -> np.ndarray:
        """When what is not joined by straight lines changes, or one of these clocks ticks, shape (c,), float64, s."""
        changed = np.zeros(len(self.times_s), dtype=np.bool_)
        held = self.values[:, ~self.smooth_flag] if self.names else np.zeros((len(self.times_s), 0))
        changed[1:] |= (held[1:] != held[:-1]).any(axis=1)
        for name, values in self.others.items():
            if name in clocks:
                changed |= np.array([bool(one) for one in values])
            else:
                changed[1:] |= np.array([not np.array_equal(*pair) for pair in pairwise(values)], dtype=np.bool_)
        return self.times_s[changed]

    def rows(self, times_s: np.ndarray) -> np.ndarray:
        """Row that holds at each time, shape (n,), int64; before the first row the first."""
        return np.maximum(np.searchsorted(self.times_s, times_s + _room_s(times_s), side="right") - 1, 0)


def _room_s(times_s: np.ndarray) -> np.ndarray:
    """Around times, what lies within is the same moment."""
    return 1e-9 * np.maximum(1.0, np.abs(times_s))


NOTHING = Inputs((), np.zeros(1), np.zeros((1, 0)), np.zeros(0, dtype=np.bool_), {})

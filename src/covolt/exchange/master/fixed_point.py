"""The next try at a fixed point from those before it, by the least rest that they together promise."""

from __future__ import annotations

from typing import Final, final

import numpy as np

__all__ = ["FixedPoint"]

_REMEMBERED: Final = 12
"""Tries of which the acceleration knows."""
_LARGEST_GAIN: Final = 1e4
"""How much farther than its rest a value is moved at most in one try."""


@final
class FixedPoint:
    """Finds x = T(x), x (n,): x <- x + r - (dX + dR) g with r = T(x) - x and g = argmin |r - dR g|.

    dX and dR (n, tries) are the changes of x and r between the last tries. Source: Anderson 1965, as told by Walker and Ni 2011.
    A linear T is solved in n + 1 tries, also where plain repetition runs away.
    """

    def __init__(self, nominal: np.ndarray) -> None:
        self._nominal: Final = nominal
        self._tries: list[tuple[np.ndarray, np.ndarray]] = []

    def next(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """What to try after T gave `after` for `before`, (n,) each."""
        given, rest = before / self._nominal, (after - before) / self._nominal
        self._tries = [*self._tries[-_REMEMBERED:], (given, rest)]
        if len(self._tries) == 1:
            return after.copy()
        changes = np.diff(np.array([one for one, _ in self._tries]), axis=0).T
        rest_changes = np.diff(np.array([one for _, one in self._tries]), axis=0).T
        shares = np.linalg.lstsq(rest_changes, rest, rcond=1e-12)[0]
        move = rest - (changes + rest_changes) @ shares
        most = _LARGEST_GAIN * float(np.abs(rest).max())
        largest = max(float(np.abs(move).max()), 1e-300)
        return self._nominal * (given + move * min(1.0, most / largest))

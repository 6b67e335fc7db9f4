"""How far bounds must move at least so that a design meets requirements that exclude each other, and what else that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import final

import numpy as np
import numpy.typing as npt

from covolt.study.conflicts.table import Designs, Numbers

__all__ = ["Relaxation", "alone", "jointly", "undominated"]

Rows = npt.NDArray[np.intp]
MOST_SHORT = 1e6
"""By which a requirement is missed at most, as a share of its scale, where nobody knows by how much."""


@final
@dataclass(frozen=True)
class Relaxation:
    """Bounds moved so far, each in its requirement's unit, that a design meets all that excluded each other.

    `moved_ratio` is the sum of the moves as shares of what each is measured by, the bound; `design` is the row of the table.
    """

    moves: tuple[tuple[str, float], ...]
    moved_ratio: float
    design: int


def alone(designs: Designs, conflict: Sequence[str]) -> tuple[Relaxation, ...]:
    """The least move of each bound that may move, all others of the conflict kept, smallest share first.

    min over designs that meet the others of -margin. A bound whose requirement is not known at any of them is left out.
    """
    found: list[Relaxation] = []
    for name in conflict:
        [at] = designs.columns([name])
        rest = [one for one in conflict if one != name]
        need = np.where(designs.meet(rest), -designs.margins[:, at], np.nan)
        if designs.asked[at].may_move and np.isfinite(need).any():
            least = float(np.nanmin(need))
            best = _best(designs, np.flatnonzero(need == least), conflict)
            found.append(Relaxation(((name, least),), least / designs.asked[at].nominal, best))
    return tuple(sorted(found, key=lambda one: (one.moved_ratio, one.moves)))


def jointly(
    designs: Designs, names: Sequence[str], most: int = 5, *, surely_met: bool = True
) -> tuple[Relaxation, ...]:
    """Undominated moves of the bounds of these requirements that may move, smallest sum of shares first, at most so many.

    Of every design that meets those that may not, the moves are max(0, -margin); of two designs of which one needs no smaller
    move anywhere and a larger one somewhere, that one is dominated. So 0.99 of the moves is met by no design. Only designs count
    of which nothing is open, or with `surely_met` false also those: what is open asks for no move.
    """
    fixed = [name for name in names if not designs.asked[designs.columns([name])[0]].may_move]
    free = sorted(set(names) - set(fixed))
    at = designs.columns(free)
    scales = np.array([designs.asked[one].nominal for one in at])
    margins = designs.margins if surely_met else np.nan_to_num(designs.margins, nan=0.0, posinf=np.inf, neginf=-np.inf)
    moves = np.maximum(-margins[:, at], 0.0)
    allowed = (margins[:, designs.columns(fixed)] >= 0.0).all(axis=1)
    kept = np.flatnonzero(allowed & np.isfinite(moves).all(axis=1))
    rows, which = np.unique(moves[kept], axis=0, return_inverse=True)
    shares = rows / scales
    found: list[Relaxation] = []
    for row in undominated(shares, most):
        best = _best(designs, kept[which.ravel() == row], names)
        moved = tuple((name, float(move)) for name, move in zip(free, rows[row], strict=True) if move > 0.0)
        found.append(Relaxation(moved, float(shares[row].sum()), best))
    return tuple(sorted(found, key=lambda one: (one.moved_ratio, one.moves)))


def undominated(costs: Numbers, most: int | None = None) -> list[int]:
    """Rows than which no other is smaller somewhere and larger nowhere, smallest sum first.

    Of equal rows it is the first; at most so many are given. costs: shape (rows, columns), float64.
    """
    order = np.lexsort((*costs.T[::-1], costs.sum(axis=1)))
    return list(islice(_front(costs, order), most))


def _front(costs: Numbers, order: Rows) -> Iterator[int]:
    """A row is dominated only by one of a smaller sum, which stands before it."""
    while len(order):
        first, order = order[0], order[1:]
        yield int(first)
        order = order[(costs[order] < costs[first]).any(axis=1)]


def _best(designs: Designs, rows: Rows, names: Sequence[str]) -> int:
    """Of designs that are equal in these requirements the one that misses the others least, then the one of smallest values."""
    others = [one for one in range(len(designs.asked)) if designs.asked[one].name not in names]
    scales = np.array([designs.asked[one].nominal for one in others])
    margins = designs.margins[rows][:, others]
    short = np.clip(-np.where(np.isnan(margins), -np.inf, margins) / scales, 0.0, MOST_SHORT)
    keys = (*designs.values[rows].T[::-1], short.sum(axis=1), (short > 0.0).sum(axis=1))
    return int(rows[np.lexsort(keys)[0]])

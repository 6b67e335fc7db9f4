"""Designs by requirements on declared numbers alone, which follow what moves along straight lines: found and excluded exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, milp

from covolt.study.conflicts.search import Aim, Axis
from covolt.study.conflicts.table import Designs, Numbers

__all__ = ["EQUAL", "PROVEN", "Least", "Straight", "straight_of"]

EQUAL = 1e-9
"""Share of its nominal by which a margin may differ from its straight line: what rounding leaves."""
PROVEN = 1e-6
"""Of the greatest term of its line, by which a bound must be missed for that to be proven: more than the solver leaves of it."""
INSIDE = (0.0, EQUAL, PROVEN)
"""By which bounds that must hold are kept, one after another until a design meets them: equality counts, if rounding lets it."""
SCALE = 1e3
"""By which shares are multiplied for the solver, whose tolerances of 1e-6 and 1e-7 are absolute."""
FINE = 100_000
"""Steps from which an axis moves freely for the solver, to be set on its nearest step: it passes over slopes below 1e-9."""
MOST_NODES = 2_000
"""Of one search by branch and bound; the bound that it has proven by then stands."""
CHECKED = 8
"""Designs at which the lines are held against what is evaluated."""


@final
@dataclass(frozen=True)
class Least:
    """The values of the design that a programme found nearest to its aim, and what no design falls below, as shares."""

    values: Numbers
    proven: float


@final
@dataclass(frozen=True)
class Straight:
    """Margins as shares of their nominals: `base` (requirements,) at the lowest places, and `slopes` (requirements, columns).

    A column is the place of an axis, or of a catalogue whether one of its offers but the first is taken.
    """

    names: tuple[str, ...]
    axes: tuple[Axis, ...]
    base: Numbers
    slopes: Numbers
    columns: tuple[tuple[int, ...], ...]
    """Of each axis, those of it: none where it cannot move."""

    @property
    def reach(self) -> Numbers:
        """The greatest that each margin comes to by its line, at least its nominal: what the solver leaves is a share of it."""
        return np.maximum(1.0, np.abs(self.base) + np.abs(self.slopes) @ self._ends)

    def least(self, aim: Aim, inside: float = 0.0) -> Least | None:
        """The design that comes nearest to an aim, and below what no design comes; None where none is found that meets `aim.met`.

        Mixed-integer linear programme: min sum t, base + slopes x + eased t >= 0, and of what must hold >= `inside` of its reach.
        """
        least, met = ([self.names.index(one) for one in names] for names in (aim.least, aim.met))
        slack = np.eye(len(least)) if aim.total else np.ones((len(least), 1))
        eased = np.concatenate([slack, np.zeros((len(met), slack.shape[1]))])
        rows = [*least, *met]
        count, slacks = self.slopes.shape[1], slack.shape[1]
        reach, ends = self.reach[rows], self._ends
        rounded = np.abs(self.slopes[rows]) @ np.where(self._fine, 0.5, 0.0)
        kept = (inside * reach + rounded * (inside > 0.0)) * (1.0 - eased.max(axis=1)) - self.base[rows]
        # A column that moves freely goes from 0 to 1, whatever its steps; t is in units of SCALE.
        widths = np.where(self._fine, ends, 1.0)
        scale = (SCALE / reach)[:, None]
        lines = np.hstack([self.slopes[rows] * widths * scale, eased * scale / SCALE])
        constraints = [LinearConstraint(lines, kept * scale[:, 0], np.inf)]
        whole = np.zeros(count)
        for axis, columns in zip(self.axes, self.columns, strict=True):
            if len(columns) == 1:
                whole[columns[0]] = 0 < axis.steps < FINE
            elif columns:
                whole[list(columns)] = 1
                one_of = np.zeros(count + slacks)
                one_of[list(columns)] = 1.0
                constraints.append(LinearConstraint(one_of[None], 0.0, 1.0))
        floor = 0.0 if aim.total else -np.inf
        found = milp(
            np.concatenate([np.zeros(count), np.ones(slacks)]),
            integrality=np.concatenate([whole, np.zeros(slacks)]),
            bounds=(np.append(np.zeros(count), [floor] * slacks), np.append(ends / widths, [np.inf] * slacks)),
            constraints=constraints,
            options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
        )
        if found.x is None:
            return None
        moved = found.x[:count] * widths
        places = [
            self._place(axis, moved[list(columns)]) for axis, columns in zip(self.axes, self.columns, strict=True)
        ]
        values = np.array([axis.value(np.array(place)) for axis, place in zip(self.axes, places, strict=True)])
        proven = found.mip_dual_bound if whole.any() else found.fun
        return Least(values, float(proven) / SCALE)

    @property
    def _ends(self) -> Numbers:
        """The greatest of each column."""
        ends = np.ones(self.slopes.shape[1])
        for axis, columns in zip(self.axes, self.columns, strict=True):
            if len(columns) == 1:
                ends[columns[0]] = axis.end
        return ends

    @property
    def _fine(self) -> npt.NDArray[np.bool_]:
        """Which columns are of steps too small for the solver."""
        return self._ends >= FINE

    @staticmethod
    def _place(axis: Axis, columns: Numbers) -> float:
        if len(columns) == 1:
            return float(np.rint(columns[0]) if axis.steps else np.clip(columns[0], 0.0, 1.0))
        return float(np.argmax(columns) + 1) if columns.size and columns.max() > 0.5 else 0.0


def straight_of(
    designs: Designs, axes: Sequence[Axis], catalogues: Sequence[bool], evaluate: Callable[[Numbers], Numbers]
) -> tuple[Designs, Straight]:
    """The lines of those requirements that follow such, and the table with the designs that tell them.

    A requirement is left out where a margin is not known, or lies off its line at one of some further designs.

    Args:
        designs: what is known already; it may hold no design.
        axes: what moves.
        catalogues: which of them are places of a catalogue, each of whose offers is known for itself.
        evaluate: margins (designs, requirements) of designs of these values.
    """
    columns, width = list[tuple[int, ...]](), 0
    for axis, catalogue in zip(axes, catalogues, strict=True):
        ends = 0 if axis.highest == axis.lowest else axis.steps if catalogue else 1
        columns.append(tuple(range(width, width + ends)))
        width += ends
    random = np.random.default_rng(0).random((CHECKED, len(axes)))
    further = [_drawn(axis, one) for axis, one in zip(axes, random.T, strict=True)]
    places = np.concatenate([np.zeros((1 + width, len(axes))), np.stack(further, axis=1)])
    for at, (axis, own) in enumerate(zip(axes, columns, strict=True)):
        for nth, column in enumerate(own, start=1):
            places[1 + column, at] = nth if len(own) > 1 else axis.end
    values = np.stack([axis.value(places[:, at]) for at, axis in enumerate(axes)], axis=1)
    margins = evaluate(values)
    shares = margins / np.array([one.nominal for one in designs.asked])
    taken = _taken(places, axes, columns, width)
    told = taken[1 : 1 + width].max(axis=0, initial=1.0)
    slopes = ((shares[1 : 1 + width] - shares[0]) / told[:, None]).T
    off = np.abs(shares[0] + taken @ slopes.T - shares).max(axis=0)
    kept = np.flatnonzero(off <= EQUAL)
    names = tuple(designs.names[at] for at in kept)
    return designs.and_also(values, margins), Straight(
        names, tuple(axes), shares[0, kept], slopes[kept], tuple(columns)
    )


def _drawn(axis: Axis, fractions: Numbers) -> Numbers:
    places = fractions * axis.end
    return np.rint(places) if axis.steps else places


def _taken(places: Numbers, axes: Sequence[Axis], columns: Sequence[tuple[int, ...]], width: int) -> Numbers:
    """Of designs at these places (designs, axes) the columns (designs, columns)."""
    taken = np.zeros((len(places), width))
    for at, own in enumerate(columns):
        if len(own) == 1:
            taken[:, own[0]] = places[:, at]
        for nth, column in enumerate(own, start=1) if len(own) > 1 else ():
            taken[:, column] = places[:, at] == nth
    return taken

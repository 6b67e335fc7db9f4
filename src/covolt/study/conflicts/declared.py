"""Designs by requirements on declared numbers alone, which follow what moves along straight lines: found and excluded exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.optimize import LinearConstraint, milp

from covolt.study.conflicts.search import Aim, Axis
from covolt.study.conflicts.table import Designs, Numbers

__all__ = ["EQUAL", "Straight", "straight_of"]

EQUAL = 1e-9
"""Share of its nominal by which a margin may differ from its straight line: what rounding leaves."""
INSIDE = 1e-6
"""Of its nominal, by which a bound that must hold is kept: what the solver may leave of it."""
CHECKED = 8
"""Designs at which the lines are held against what is evaluated."""


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

    def least(self, aim: Aim) -> Numbers | None:
        """The values of the design that comes nearest to an aim; None where no design meets `aim.met`.

        Mixed-integer linear programme: min sum t, base + slopes x + eased t >= 0.
        """
        least, met = ([self.names.index(one) for one in names] for names in (aim.least, aim.met))
        slack = np.eye(len(least)) if aim.total else np.ones((len(least), 1))
        eased = np.concatenate([slack, np.zeros((len(met), slack.shape[1]))])
        rows = [*least, *met]
        count, slacks = self.slopes.shape[1], slack.shape[1]
        kept = INSIDE * (1.0 - eased.max(axis=1)) - self.base[rows]
        constraints = [LinearConstraint(np.hstack([self.slopes[rows], eased]), kept, np.inf)]
        highest, whole = np.ones(count), np.zeros(count)
        for axis, columns in zip(self.axes, self.columns, strict=True):
            if len(columns) == 1:
                highest[columns[0]], whole[columns[0]] = axis.end, axis.steps > 0
            elif columns:
                whole[list(columns)] = 1
                one_of = np.zeros(count + slacks)
                one_of[list(columns)] = 1.0
                constraints.append(LinearConstraint(one_of[None], 0.0, 1.0))
        floor = 0.0 if aim.total else -np.inf
        found = milp(
            np.concatenate([np.zeros(count), np.ones(slacks)]),
            integrality=np.concatenate([whole, np.zeros(slacks)]),
            bounds=(np.append(np.zeros(count), [floor] * slacks), np.append(highest, [np.inf] * slacks)),
            constraints=constraints,
        )
        if found.x is None:
            return None
        places = [
            self._place(axis, found.x[list(columns)]) for axis, columns in zip(self.axes, self.columns, strict=True)
        ]
        return np.array([axis.value(np.array(place)) for axis, place in zip(self.axes, places, strict=True)])

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

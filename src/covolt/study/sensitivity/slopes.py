"""Slopes: how a result moves with each variable at one point, by fits through designs to both sides, with error and kinks.

    smooth:  f(x + d) = f + a d + b d^2 + c d^3 + e d^4                     |d| = r / 16 (1/4, 1/2, 3/4, 1)
    kink:    f(x + d) = f + a- d + b- d^2 for d < 0, f + a+ d + b+ d^2 for d > 0

with r how far the variable may move. Both have five numbers for nine designs; what is left over is how far a recipe counts, in
whole seconds or metres, and stands in the error of the slope, at 95 % by Student's t. It is a kink where the second fits clearly
better and its slopes differ by more than their errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "Estimate", "Numbers", "Slope", "slope_rows", "slopes_of"]

Numbers = NDArray[np.float64]
REACH = 1.0 / 16.0
"""The longest step over how far a variable may move: long beside the seconds in which a drive is counted, short beside a bend."""
STEPS = np.array([0.25, 0.5, 0.75, 1.0])
"""Steps to one side over the longest."""
ROUNDING = 1e-9
"""Of a value, what the batch and the iterations of a recipe may leave (the batch is held to 1e-10)."""
BETTER = 4.0
"""By how much less the squares that a kink leaves over must be: of equals that happens by chance once in ten times."""
BLUNT = 0.05
"""Of the steeper side: sides that differ by less are told as one slope, with half of what they differ by in its error."""
STUDENT = {2: 4.303, 4: 2.776}
"""Student's t at 95 %, two-sided, by the designs that a fit has beyond its numbers."""
UNEVEN = 1.5
"""By how much an error is wider than that: what a further bend leaves over is not scattered, and takes the slope with it."""
Kind = Literal["smooth", "kink", "one side", "none"]


@final
@dataclass(frozen=True)
class Axis:
    """A variable at a point: its value, and the bounds between which it may move."""

    value: float
    lowest: float
    highest: float

    @property
    def reach(self) -> float:
        """The longest step."""
        return REACH * (self.highest - self.lowest)

    @property
    def sides(self) -> tuple[int, ...]:
        """Towards which sides there is room for the longest step; both where the value lies beyond the bounds already."""
        if not self.lowest <= self.value <= self.highest:
            return (-1, 1)
        room = {-1: self.value - self.lowest, 1: self.highest - self.value}
        return tuple(side for side, there in room.items() if there >= self.reach * (1.0 - 1e-9))


@final
@dataclass(frozen=True)
class Estimate:
    """A slope in units of the output per unit of the variable, and how far off it may be at 95 %; NaN where there is none."""

    value: float = np.nan
    uncertainty: float = np.nan


@final
@dataclass(frozen=True)
class Slope:
    """How an output moves with a variable.

    "smooth": `whole`, through both sides. "kink": the sides, `below` and `above`, differ, and there is no whole. "one side": the
    variable stands at a bound, or the output is no number on the other side; `whole` is the side that is there. "none": it is a
    number on neither.
    """

    kind: Kind
    whole: Estimate = Estimate()
    below: Estimate = Estimate()
    above: Estimate = Estimate()


def slope_rows(axes: Sequence[Axis]) -> Numbers:
    """The designs by which slopes are found, a row each: the point itself first, then the steps of each variable by side."""
    point = np.array([one.value for one in axes], dtype=np.float64)
    rows = [point]
    for at, one in enumerate(axes):
        for side in one.sides:
            for step in one.reach * STEPS:
                row = point.copy()
                row[at] += side * step
                rows.append(row)
    return np.stack(rows)


def slopes_of(axes: Sequence[Axis], evaluate: Callable[[Numbers], Numbers]) -> tuple[tuple[Slope, ...], ...]:
    """Slopes of every output (outer) by every variable (inner), all from one call.

    Args:
        evaluate: outputs (rows, outputs) of rows of values.
    """
    rows = slope_rows(axes)
    outputs = np.asarray(evaluate(rows), dtype=np.float64).reshape(len(rows), -1)
    return tuple(_slopes(axes, outputs[:, at]) for at in range(outputs.shape[1]))


def _slopes(axes: Sequence[Axis], found: Numbers) -> tuple[Slope, ...]:
    today, at = float(found[0]), 1
    slopes: list[Slope] = []
    for one in axes:
        by_side: dict[int, Numbers] = {}
        for side in one.sides:
            by_side[side] = found[at : at + len(STEPS)]
            at += len(STEPS)
        slopes.append(_slope(one, today, by_side))
    return tuple(slopes)


def _slope(axis: Axis, nominal: float, by_side: dict[int, Numbers]) -> Slope:
    nowhere = np.full(len(STEPS), np.nan)
    low, high = (by_side.get(side, nowhere) for side in (-1, 1))
    is_below, is_above = (bool(np.isfinite(one).all() and np.isfinite(nominal)) for one in (low, high))
    if not (is_below or is_above):
        return Slope("none")
    if not (is_below and is_above):
        side, values = (-1.0, low) if is_below else (1.0, high)
        [one], _ = _fitted(axis, side * STEPS, np.array([*values, nominal]), _half)
        return Slope("one side", one, below=one) if is_below else Slope("one side", one, above=one)
    places, values = np.concatenate([-STEPS, STEPS]), np.array([*low, *high, nominal])
    [whole], left = _fitted(axis, places, values, _smooth)
    [below, above], left_by_kink = _fitted(axis, places, values, _bent)
    apart = abs(above.value - below.value)
    clear = apart > below.uncertainty + above.uncertainty and left > BETTER * left_by_kink
    if clear and apart > BLUNT * max(abs(below.value), abs(above.value)):
        return Slope("kink", below=below, above=above)
    if clear:
        whole = Estimate(whole.value, max(whole.uncertainty, 0.5 * apart))
    return Slope("smooth", whole, below, above)


def _smooth(places: Numbers) -> tuple[Numbers, int]:
    return np.stack([places, places**2, places**3, places**4], axis=1), 1


def _bent(places: Numbers) -> tuple[Numbers, int]:
    low, high = np.minimum(places, 0.0), np.maximum(places, 0.0)
    return np.stack([low, high, low**2, high**2], axis=1), 2


def _half(places: Numbers) -> tuple[Numbers, int]:
    return np.stack([places, places**2], axis=1), 1


def _fitted(
    axis: Axis, places: Numbers, values: Numbers, shape: Callable[[Numbers], tuple[Numbers, int]]
) -> tuple[list[Estimate], float]:
    """The slopes of a least-squares fit per unit of the variable, and the squares left over.

    Args:
        places: steps over the longest; the point itself, whose value is the last, is added.
        shape: columns of the fit beside its constant, and how many of the first are slopes.
    """
    columns, slopes = shape(np.append(places, 0.0))
    columns = np.concatenate([columns, np.ones((len(columns), 1))], axis=1)
    size = float(np.max(np.abs(values)))
    found = np.linalg.lstsq(columns, values, rcond=None)[0]
    freedom = len(values) - columns.shape[1]
    left = float(np.sum((columns @ found - values) ** 2))
    spread = np.sqrt(np.diag(np.linalg.inv(columns.T @ columns))[:slopes])
    errors = UNEVEN * spread * (STUDENT[freedom] * np.sqrt(left / freedom) + ROUNDING * size)
    estimates = zip((found[:slopes] / axis.reach).tolist(), (errors / axis.reach).tolist(), strict=True)
    return [Estimate(*one) for one in estimates], left + (ROUNDING * size) ** 2

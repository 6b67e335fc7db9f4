"""Tornado: what each variable alone does to a result from its lowest to its highest, about today's vehicle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt.study.designs.space import DesignSpace, Variable
from covolt.study.result import Number

__all__ = ["Bar", "Tornado", "tornado_of", "tornado_rows"]

Numbers = NDArray[np.float64]
ROUNDING = 1e-9
"""Of a result, what rounding may leave between two designs in which it is the same."""


@final
@dataclass(frozen=True)
class Bar:
    """One variable at the values that were looked at, and the result at each; NaN where there is none.

    Of a number that moves these are its lowest and its highest value, of a choice all its offers. `rows` are those designs among
    the rows of the tornado.
    """

    variable: int
    rows: tuple[int, ...]
    values: tuple[float, ...]
    results: tuple[Number, ...]
    today: Number

    @property
    def width(self) -> float:
        """From the least result to the greatest, today's among them; 0 within rounding, NaN where one of them is no number."""
        every = (*self.results, self.today)
        if not np.isfinite(every).all():
            return np.nan
        width = max(every) - min(every)
        return width if width > ROUNDING * max(map(abs, every)) else 0.0


@final
@dataclass(frozen=True)
class Tornado:
    """The bars of one result, the widest first; after them those at whose ends there is no number."""

    today: Number
    bars: tuple[Bar, ...]


def ends(one: Variable) -> tuple[float, ...]:
    """The values at which a bar ends: what it can have, on whole steps."""
    if one.choices:
        return tuple(float(at) for at in range(int(one.highest) + 1))
    highest = one.highest if one.count is None else one.lowest + (one.count - 1) * one.step
    return (one.lowest, highest)


def tornado_rows(space: DesignSpace) -> Numbers:
    """The designs of a tornado, a row each: today's vehicle first, then each variable alone at its ends."""
    rows = [space.at_locked]
    for at, one in enumerate(space.variables):
        for value in ends(one):
            row = space.at_locked.copy()
            row[at] = value
            rows.append(row)
    return np.stack(rows)


def tornado_of(space: DesignSpace, evaluate: Callable[[Numbers], Numbers]) -> tuple[Tornado, ...]:
    """The tornado of every output, all from one call.

    Args:
        evaluate: outputs (rows, outputs) of rows of values.
    """
    rows = tornado_rows(space)
    outputs = np.asarray(evaluate(rows), dtype=np.float64).reshape(len(rows), -1)
    return tuple(_tornado(space.variables, outputs[:, at]) for at in range(outputs.shape[1]))


def _tornado(variables: Sequence[Variable], found: Numbers) -> Tornado:
    today, at = float(found[0]), 1
    bars: list[Bar] = []
    for variable, one in enumerate(variables):
        values = ends(one)
        rows = tuple(range(at, at + len(values)))
        bars.append(Bar(variable, rows, values, tuple(map(float, found[at : at + len(values)])), today))
        at += len(values)
    return Tornado(today, tuple(sorted(bars, key=lambda bar: -bar.width if np.isfinite(bar.width) else np.inf)))

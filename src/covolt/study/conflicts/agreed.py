"""Contracts beside conflicts: designs that leave a limit of one count for none, and what they would meet is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor, inf
from typing import final

import numpy as np

from covolt.programme.documents import Programme
from covolt.study.conflicts.search import Axis
from covolt.study.conflicts.table import Numbers
from covolt.study.designs.contracts import ContractLimit, contract_limits, contract_margins
from covolt.study.designs.space import DesignSpace

__all__ = ["Agreed"]

NEAR = 1e-9
"""Of a step, by which a limit may lie beside it: what rounding leaves of one that lies on it."""


@final
@dataclass(frozen=True)
class Agreed:
    """Limits of contracts over a space, and the designs beyond them that were judged, with the requirements that each meets."""

    limits: tuple[ContractLimit, ...]
    variables: tuple[str, ...]
    beyond: dict[bytes, tuple[Numbers, frozenset[str]]] = field(
        default_factory=dict[bytes, tuple[Numbers, frozenset[str]]]
    )

    @classmethod
    def over(cls, programme: Programme, space: DesignSpace) -> Agreed:
        """The limits of a programme on numbers that move; nothing was judged yet."""
        return cls(contract_limits(programme, space), tuple(space.names))

    def margins(self, values: Numbers) -> Numbers:
        """How far designs (designs, variables) are inside of the limits: (designs, limits), below 0 outside."""
        return contract_margins(self.limits, self.variables, values)

    def kept(self, values: Numbers, names: Sequence[str], margins: Numbers) -> Numbers:
        """The margins (designs, requirements), without end where a design leaves a contract: it meets nothing."""
        left = np.asarray((self.margins(values) < 0.0).any(axis=1))
        for row in np.flatnonzero(left):
            met = frozenset(name for name, margin in zip(names, margins[row], strict=True) if margin >= 0.0)
            key = values[row].tobytes()
            self.beyond[key] = (values[row], met | self.beyond.get(key, (values[row], frozenset[str]()))[1])
        return np.where(left[:, None], -np.inf, margins)

    def axes(self, axes: Sequence[Axis]) -> list[Axis]:
        """The axes of a space without what lies beyond a limit on one variable alone, so that nothing is sought there."""
        found = list(axes)
        for limit in self.limits:
            (name, *others), (slope, *_) = list(limit.slopes), list(limit.slopes.values())
            if others or not slope:
                continue
            at = self.variables.index(name)
            ends = [
                (end - limit.constant) / slope
                for end in (
                    -inf if limit.at_least is None else limit.at_least,
                    inf if limit.at_most is None else limit.at_most,
                )
            ]
            found[at] = _within(found[at], min(ends), max(ends))
        return found

    def resolving(self, names: Sequence[str]) -> tuple[tuple[ContractLimit, float], ...]:
        """The limits that the design leaves least which meets all of these requirements, each with its number there.

        Empty where no design that was judged meets them.
        """
        there = [values for values, met in self.beyond.values() if met.issuperset(names)]
        if not there:
            return ()
        designs = np.stack(there)
        scales = np.array([one.scale for one in self.limits])
        short = np.maximum(-self.margins(designs), 0.0) / scales
        row = int(np.lexsort((*designs.T[::-1], short.sum(axis=1)))[0])
        at = {name: designs[row : row + 1, place] for place, name in enumerate(self.variables)}
        return tuple(
            (one, float(one.values(at)[0])) for one, missed in zip(self.limits, short[row], strict=True) if missed > 0.0
        )


def _within(axis: Axis, low: float, high: float) -> Axis:
    """The part of an axis between two values; the whole where nothing of it lies there."""
    if not axis.steps:
        ends = max(axis.lowest, low), min(axis.highest, high)
        return axis if ends[0] > ends[1] else replace(axis, lowest=ends[0], highest=ends[1])
    step = (axis.highest - axis.lowest) / axis.steps
    first = 0 if low <= axis.lowest else ceil((low - axis.lowest) / step - NEAR)
    last = axis.steps if high >= axis.highest else floor((high - axis.lowest) / step + NEAR)
    if first > last or (first, last) == (0, axis.steps):
        return axis
    return Axis(axis.lowest + first * step, axis.lowest + last * step, last - first)

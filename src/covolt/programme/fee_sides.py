"""On which sides of the steps of a fee a power may lie, each with its probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import erfc, inf, sqrt

from covolt.programme.state_money import FeeStep

__all__ = ["FeeSide", "fee_sides"]


@dataclass(frozen=True)
class FeeSide:
    """Powers over one and up to another, which step they are in, None in a gap of the table, and how probable they are."""

    over_kW: Fraction | None
    to_kW: Fraction | None
    step: FeeStep | None
    probability: float


def fee_sides(steps: Sequence[FeeStep], power_kW: Fraction, u_kW: float) -> list[FeeSide]:
    """Every step and gap with its probability, P = Phi((to - x) / u) - Phi((over - x) / u); an exact power lies in one alone.

    `steps` are in order of power and do not overlap.
    """
    bounds: list[tuple[Fraction | None, Fraction | None, FeeStep | None]] = []
    if steps:
        bounds.append((None, steps[0].over_kW, None))
    for one, following in pairwise([*steps, None]):
        if one is None:
            continue
        bounds.append((one.over_kW, one.to_kW, one))
        if one.to_kW is not None and (following is None or following.over_kW > one.to_kW):
            bounds.append((one.to_kW, None if following is None else following.over_kW, None))
    if not bounds:
        return [FeeSide(None, None, None, 1.0)]
    sides = [FeeSide(over, to, step, _between(over, to, power_kW, u_kW)) for over, to, step in bounds]
    return [one for one in sides if one.probability > 0.0]


def _between(over: Fraction | None, to: Fraction | None, power_kW: Fraction, u_kW: float) -> float:
    if u_kW <= 0.0:
        return float((over is None or power_kW > over) and (to is None or power_kW <= to))
    low = -inf if over is None else float(over - power_kW) / u_kW
    high = inf if to is None else float(to - power_kW) / u_kW
    # From the nearer tail, so that a small probability keeps its digits.
    if low > 0.0:
        return 0.5 * (erfc(low / sqrt(2.0)) - erfc(high / sqrt(2.0)))
    return 0.5 * (erfc(-high / sqrt(2.0)) - erfc(-low / sqrt(2.0)))

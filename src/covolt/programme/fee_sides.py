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

    over_W: Fraction | None
    to_W: Fraction | None
    step: FeeStep | None
    probability: float


def fee_sides(steps: Sequence[FeeStep], power_W: Fraction, u_W: float) -> list[FeeSide]:
    """Every step and gap with its probability, P = Phi((to - x) / u) - Phi((over - x) / u); an exact power lies in one alone.

    `steps` are in order of power and do not overlap.
    """
    bounds: list[tuple[Fraction | None, Fraction | None, FeeStep | None]] = []
    if steps:
        bounds.append((None, steps[0].over_W, None))
    for one, following in pairwise([*steps, None]):
        if one is None:
            continue
        bounds.append((one.over_W, one.to_W, one))
        if one.to_W is not None and (following is None or following.over_W > one.to_W):
            bounds.append((one.to_W, None if following is None else following.over_W, None))
    if not bounds:
        return [FeeSide(None, None, None, 1.0)]
    sides = [FeeSide(over, to, step, _between(over, to, power_W, u_W)) for over, to, step in bounds]
    return [one for one in sides if one.probability > 0.0]


def _between(over: Fraction | None, to: Fraction | None, power_W: Fraction, u_W: float) -> float:
    if u_W <= 0.0:
        return float((over is None or power_W > over) and (to is None or power_W <= to))
    low = -inf if over is None else float(over - power_W) / u_W
    high = inf if to is None else float(to - power_W) / u_W
    # From the nearer tail, so that a small probability keeps its digits.
    if low > 0.0:
        return 0.5 * (erfc(low / sqrt(2.0)) - erfc(high / sqrt(2.0)))
    return 0.5 * (erfc(-high / sqrt(2.0)) - erfc(-low / sqrt(2.0)))

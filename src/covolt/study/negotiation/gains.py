"""Gains: what each outcome gives each party, from the worst that it accepts to what it hopes for, over all its interests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Gains", "Stake", "gains_of_parties", "shares_of"]

Table = NDArray[np.float64]
Truths = NDArray[np.bool_]
ROUNDING = 1e-9
"""Share of the way from worst to aspiration that is what rounding left of equality."""


@dataclass(frozen=True)
class Stake:
    """One interest of a party as numbers in `unit`: the worst acceptable value, the value hoped for, and the weight."""

    party: str
    interest: str
    worst: float
    aspiration: float
    weight: float = 1.0
    unit: str = "1"


@dataclass(frozen=True)
class Gains:
    """Gains by outcome and party, parties in alphabetical order; `acceptable` where no interest of it is below its worst."""

    parties: tuple[str, ...]
    gains: Table
    acceptable: Truths


def shares_of(weights: Table) -> Table:
    """Weights over their sum, however large or small they are: taken by a power of two first, which changes no digit.

    Args:
        weights: (any,), finite, above 0.
    """
    scaled = np.ldexp(weights, -int(np.frexp(weights.max())[1]))
    return scaled / scaled.sum()


def gains_of_parties(values: NDArray[np.float64], stakes: Sequence[Stake]) -> Gains:
    """Gain of a party, u = sum of w_k (x_k - worst_k) / (aspiration_k - worst_k) over the sum of w_k, over its interests k.

    Disagreement is 0: every interest at its worst acceptable value. An outcome is not acceptable to a party where any interest is
    worse than that, or is not known (not a number), however good the others are. What is better than the aspiration counts on
    with the same slope: an aspiration is a hope and no bound, and cut off there, outcomes of which one is better for everybody
    would be equal.

    Args:
        values: (outcomes, interests), in the unit of each stake.
        stakes: one for each column.
    """
    for one in stakes:
        stated = (one.worst, one.aspiration, one.weight, one.aspiration - one.worst)
        if one.worst == one.aspiration or not np.isfinite(stated).all() or not one.weight > 0.0:
            raise ValueError(f"{one.party}/{one.interest} gives no direction or no weight")
    parties = tuple(sorted({one.party for one in stakes}))
    gains = np.zeros((len(values), len(parties)))
    acceptable = np.ones(gains.shape, dtype=bool)
    for column, party in enumerate(parties):
        own = [index for index, one in enumerate(stakes) if one.party == party]
        weights = np.array([stakes[index].weight for index in own])
        reached = np.column_stack(
            [
                (values[:, index] - stakes[index].worst) / (stakes[index].aspiration - stakes[index].worst)
                for index in own
            ]
        )
        reached[np.abs(reached) <= ROUNDING] = 0.0
        known = np.isfinite(reached)
        acceptable[:, column] = (known & (reached >= 0.0)).all(axis=1)
        gains[:, column] = np.where(known, reached, 0.0) @ shares_of(weights)
    return Gains(parties, gains, acceptable)

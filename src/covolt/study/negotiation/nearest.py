"""Where none is left: by how much a party would have to accept less, at least, for some design to be acceptable to all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from covolt.study.negotiation.admission import Truths
from covolt.study.negotiation.gains import Stake
from covolt.study.negotiation.protocol import Case, Limit

__all__ = ["Nearest", "nearest_of"]

SAME = 1e-9


@dataclass(frozen=True)
class Nearest:
    """What an interest would have to accept at worst, in its unit, and the row of the design that then does."""

    stake: Stake
    worst: float
    row: int


def nearest_of(case: Case, limits: Sequence[Limit], readable: Collection[str]) -> list[Nearest]:
    """For each interest that keeps every design out by itself: the least by which its worst acceptable value has to move.

    At the design that meets every other demand and misses this one least. Only demands in `readable` count: what a party keeps
    to itself tells nothing here, so that all of it is a lower bound. Laws and fixed requirements are never moved.
    """
    met = {name: one for name, one in case.demands(limits).items() if name in readable}
    found: list[Nearest] = []
    for at, stake in enumerate(case.stakes):
        own = _same_demand(case, at, stake)
        if f"{stake.party}/{stake.interest}" not in met:
            continue
        rest = [one for name, one in met.items() if name not in own and name.partition(" ")[0] not in own]
        fit = np.isfinite(case.values[:, at]) & np.logical_and.reduce([np.ones(len(case.values), dtype=bool), *rest])
        row = _least_missed(case, at, stake, fit)
        if row is not None:
            found.append(Nearest(stake, float(case.values[row, at]), row))
    return found


def _same_demand(case: Case, at: int, stake: Stake) -> set[str]:
    """An interest, and the requirements of its party that ask the same of a vehicle: they move together."""
    own = {f"{stake.party}/{stake.interest}"}
    values = case.values[:, at]
    for column, one in enumerate(case.demanded):
        if one.owner != stake.party or one.firm or one.accepted is None:
            continue
        for side in (1.0, -1.0):
            apart = case.margins[:, column] - side * values
            known = apart[np.isfinite(apart)]
            if known.size and np.ptp(known) <= SAME * max(1.0, float(np.abs(values[np.isfinite(values)]).max())):
                own.add(one.name)
    return own


def _least_missed(case: Case, at: int, stake: Stake, fit: Truths) -> int | None:
    """Of the designs that fit the row that is least worse than the worst; None where none fits, or one is no worse."""
    rows = np.flatnonzero(fit)
    if not rows.size:
        return None
    side = 1.0 if stake.aspiration > stake.worst else -1.0
    missed = side * (stake.worst - case.values[rows, at])
    if missed.min() <= 0.0:
        return None
    keys = np.column_stack([missed, case.order[rows]])
    return int(rows[np.lexsort(keys.T[::-1])[0]])

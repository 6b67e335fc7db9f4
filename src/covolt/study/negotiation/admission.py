"""Admission: which designs may be settled on: laws and what is fixed kept, the rest moved only as far as its owners accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from covolt.programme.requirement import Kind

__all__ = ["Admission", "Demanded", "MinimalSet", "Stage", "admitted", "minimal_set"]

Table = NDArray[np.float64]
Truths = NDArray[np.bool_]
Rows = NDArray[np.intp]
Stage = Literal["kept", "accepted", "fewest", "least"]
"""Every requirement kept; some moved as far as their owners state that they accept; as few needs and wishes missed as can be;
bounds of constraints moved as little as can be.
"""
ROUNDING = 1e-9
"""Share of a requirement's scale that is what rounding left of equality."""
MinimalSet = Callable[[Mapping[str, Truths]], tuple[str, ...]]


@dataclass(frozen=True)
class Demanded:
    """A requirement at a negotiation: `firm` where it is a law or fixed. `scale` is what moves of its bound are measured by.

    `accepted` is how far, in `unit`, its bound may move by what its owner has stated; None where its owner has stated nothing.
    """

    name: str
    owner: str
    unit: str
    firm: bool
    scale: float
    kind: Kind = "constraint"
    accepted: float | None = None


@dataclass(frozen=True)
class Admission:
    """Designs that may be settled on, as rows, and by how much bounds of no stated acceptance move there at most."""

    stage: Stage
    rows: Rows
    least: Mapping[str, float] = field(default_factory=dict[str, float])


def admitted(demanded: Sequence[Demanded], margins: Table, acceptable: Truths) -> Admission | None:
    """The designs that may be settled on; None where there are none.

    Laws, fixed requirements and what no party may be asked to give up hold throughout. Then, in this order:

    1. Every constraint is kept, and every requirement whose owner states the worst that it accepts.
    2. Where no design does that, those of stated acceptance move at most so far.
    3. Where none does that, the other constraints move as little as can be: of the moves max(0, -margin) of a design over each
       requirement's scale the least sum over designs, and of equal sums the least moves of the first by name. Designs that
       move no bound further than that remain.
    4. Of what remains, the designs that miss the fewest needs, and of these the fewest wishes.

    What is not known (not a number) is not kept.

    Args:
        demanded: one for each column of `margins`.
        margins: (designs, requirements), each in its unit, below 0 where it is missed.
        acceptable: (designs,), which no party refuses.
    """
    slack = ROUNDING * np.array([one.scale for one in demanded])
    moves = np.where(np.isfinite(margins), np.maximum(-margins, 0.0), np.inf)
    moves[moves <= slack] = 0.0
    kept = moves == 0.0
    stated = np.array([one.accepted is not None and not one.firm for one in demanded], dtype=bool)
    limits = np.array([one.accepted or 0.0 for one in demanded])
    firm = np.array([one.firm for one in demanded], dtype=bool)
    must = np.array([one.kind in {"law", "constraint"} for one in demanded], dtype=bool) & ~firm & ~stated
    within = acceptable & kept[:, firm].all(axis=1)
    bounded = within & (moves <= limits + slack)[:, stated].all(axis=1)
    least: dict[str, float] = {}
    for whole in (within & kept[:, stated | must].all(axis=1), bounded & kept[:, must].all(axis=1)):
        if whole.any():
            rows = np.flatnonzero(whole)
            break
    else:
        rows, least = _least(demanded, moves, np.flatnonzero(bounded), np.flatnonzero(must), slack)
    if not rows.size:
        return None
    for kind in ("need", "wish"):
        free = np.array([one.kind == kind for one in demanded], dtype=bool) & ~firm & ~stated
        missed = (~kept[rows][:, free]).sum(axis=1)
        rows = rows[missed == missed.min()]
    return Admission(_stage(kept[rows], stated, must), rows, least)


def _least(
    demanded: Sequence[Demanded], moves: Table, rows: Rows, must: Rows, slack: Table
) -> tuple[Rows, dict[str, float]]:
    """Of some rows those that move constraints as little as can be, and by how much each at most."""
    columns = sorted((int(at) for at in must), key=lambda at: demanded[at].name)
    rows = rows[np.isfinite(moves[rows][:, columns]).all(axis=1)]
    if not rows.size:
        return rows, {}
    needed = moves[rows][:, columns]
    shares = (needed / np.array([demanded[at].scale for at in columns])).sum(axis=1)
    nearest = np.flatnonzero(shares <= shares.min() * (1.0 + ROUNDING))
    most = needed[nearest[np.lexsort(needed[nearest].T[::-1])[0]]]
    inside = (needed <= most + slack[columns]).all(axis=1)
    return rows[inside], {demanded[at].name: float(move) for at, move in zip(columns, most, strict=True) if move > 0.0}


def _stage(kept: Truths, stated: Truths, must: Truths) -> Stage:
    """What had to give way for the designs that remain."""
    if not kept[:, must].all():
        return "least"
    if not kept[:, ~stated & ~must].all():
        return "fewest"
    return "kept" if kept.all() else "accepted"


def minimal_set(met: Mapping[str, Truths]) -> tuple[str, ...]:
    """A smallest-by-inclusion set of demands that no design meets together: without any one of them some design would.

    By deletion, in the order of the names from the last, so that the order of files decides nothing. Empty where a design
    meets all.

    Args:
        met: by demand, (designs,).
    """
    if not met or np.logical_and.reduce(list(met.values())).any():
        return ()
    kept = sorted(met)
    for name in sorted(met, reverse=True):
        rest = [one for one in kept if one != name]
        if rest and not np.logical_and.reduce([met[one] for one in rest]).any():
            kept = rest
    return tuple(kept)

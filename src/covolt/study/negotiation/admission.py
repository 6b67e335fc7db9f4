"""Admission: which designs may be settled on: laws and what is fixed kept, the rest moved only as far as its owners accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Admission", "Demanded", "MinimalSet", "Stage", "admitted", "minimal_set"]

Table = NDArray[np.float64]
Truths = NDArray[np.bool_]
Stage = Literal["kept", "accepted", "least"]
"""Every requirement kept; some moved as far as their owners state that they accept; others moved as little as can be."""
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
    accepted: float | None = None


@dataclass(frozen=True)
class Admission:
    """Designs that may be settled on, as rows, and by how much bounds of no stated acceptance move there at most."""

    stage: Stage
    rows: NDArray[np.intp]
    least: Mapping[str, float] = field(default_factory=dict[str, float])


def admitted(demanded: Sequence[Demanded], margins: Table, acceptable: Truths) -> Admission | None:
    """The designs that may be settled on, at the first stage at which there are any; None where there are at none.

    1. Every requirement is kept.
    2. Those whose owners state the worst that they accept move at most so far.
    3. The others move as little as can be: of the moves max(0, -margin) of a design over each requirement's scale the least sum
       over designs, and of designs of the same sum those that move the first by name least. Every design that moves no
       bound further than that may be settled on.

    Laws and fixed requirements are kept at every stage, and what is not known (not a number) is not kept.

    Args:
        demanded: one for each column of `margins`.
        margins: (designs, requirements), each in its unit, below 0 where it is missed.
        acceptable: (designs,), which no party refuses.
    """
    slack = ROUNDING * np.array([one.scale for one in demanded])
    moves = np.where(np.isfinite(margins), np.maximum(-margins, 0.0), np.inf)
    moves[moves <= slack] = 0.0
    kept = moves == 0.0
    firm = np.array([one.firm for one in demanded], dtype=bool)
    stated = np.array([one.accepted is not None and not one.firm for one in demanded], dtype=bool)
    limits = np.array([one.accepted or 0.0 for one in demanded])
    within = acceptable & kept[:, firm].all(axis=1)
    whole = within & kept.all(axis=1)
    if whole.any():
        return Admission("kept", np.flatnonzero(whole))
    within &= (moves <= limits + slack)[:, stated].all(axis=1)
    free = ~firm & ~stated
    accepted = within & kept[:, free].all(axis=1)
    if accepted.any():
        return Admission("accepted", np.flatnonzero(accepted))
    rows = np.flatnonzero(within & np.isfinite(moves[:, free]).all(axis=1))
    if not rows.size:
        return None
    others = sorted(((one.name, at) for at, one in enumerate(demanded) if free[at]))
    columns = [at for _, at in others]
    needed = moves[np.ix_(rows, columns)]
    shares = (needed / np.array([demanded[at].scale for at in columns])).sum(axis=1)
    nearest = np.flatnonzero(shares <= shares.min() * (1.0 + ROUNDING))
    most = needed[nearest[np.lexsort(needed[nearest].T[::-1])[0]]]
    inside = (needed <= most + slack[columns]).all(axis=1)
    least = {name: float(move) for (name, _), move in zip(others, most, strict=True) if move > 0.0}
    return Admission("least", rows[inside], least)


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

"""Given way: where no vehicle is acceptable by what all state, the least by which interests together accept less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from covolt.study.negotiation.admission import ROUNDING
from covolt.study.negotiation.protocol import Case

__all__ = ["given_way"]


def given_way(case: Case) -> Case | None:
    """The case in which interests accept so much less that one design is acceptable to all; None where laws leave none.

    Of the designs that keep what is firm it is the one with the least sum of shares: of each interest how far its value lies
    beyond its worst, over the way from that to its aspiration. Of equal ones it is the first by the order of the case.
    Requirements whose owners have stated the same of their measure move as far as that design needs.
    """
    scales = np.array([abs(one.aspiration - one.worst) or 1.0 for one in case.stakes])
    sides = np.array([1.0 if one.aspiration > one.worst else -1.0 for one in case.stakes])
    worst = np.array([one.worst for one in case.stakes])
    missed = np.maximum(sides * (worst - case.values), 0.0)
    firm = np.array([one.firm for one in case.demanded], dtype=bool)
    slack = ROUNDING * np.array([one.scale for one in case.demanded])
    moves = np.where(np.isfinite(case.margins), np.maximum(-case.margins, 0.0), np.inf)
    stated = np.array([one.accepted is not None for one in case.demanded], dtype=bool) & ~firm
    constraints = np.array([one.kind == "constraint" for one in case.demanded], dtype=bool) & ~firm & ~stated
    known = np.isfinite(case.values).all(axis=1) & np.isfinite(moves[:, stated | constraints]).all(axis=1)
    rows = np.flatnonzero(known & (moves <= slack)[:, firm].all(axis=1))
    if not rows.size:
        return None
    shares = (missed[rows] / scales).sum(axis=1)
    keys = np.column_stack([np.round(shares, 12), case.order[rows]])
    row = int(rows[np.lexsort(keys.T[::-1])[0]])
    stakes = tuple(
        replace(one, worst=float(case.values[row, at])) if missed[row, at] > 0.0 else one
        for at, one in enumerate(case.stakes)
    )
    demanded = tuple(
        one if one.accepted is None or one.firm else replace(one, accepted=max(one.accepted, float(moves[row, at])))
        for at, one in enumerate(case.demanded)
    )
    return replace(case, stakes=stakes, demanded=demanded)

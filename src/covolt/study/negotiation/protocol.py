"""Protocol: the next settlement under all that parties have refused so far, or which demands leave none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt.study.negotiation.admission import Admission, Demanded, MinimalSet, Truths, admitted, minimal_set
from covolt.study.negotiation.bargaining import DEFAULT_RULE, Bargain, Rule, settle
from covolt.study.negotiation.gains import Gains, Stake, gains_of_parties

__all__ = ["Case", "Limit", "NoneLeft", "Settled", "next_settlement"]

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Limit:
    """What a refusal adds: which designs its party would accept, and how it is called."""

    name: str
    party: str
    met: Truths


@final
@dataclass(frozen=True, eq=False)
class Case:
    """What is negotiated: designs by row, what each is worth to every interest, and how far it keeps each requirement.

    `order` decides between designs that are equal by the rule: the row of least values, from its first column on.
    """

    stakes: tuple[Stake, ...]
    values: Table
    demanded: tuple[Demanded, ...]
    margins: Table
    order: Table

    @property
    def gains(self) -> Gains:
        """What every design gives every party."""
        return gains_of_parties(self.values, self.stakes)

    def demands(self, limits: Sequence[Limit] = ()) -> dict[str, Truths]:
        """Every demand that no settlement may break, by name, and which designs meet it.

        An interest's worst acceptable value is `PARTY/INTEREST`, a law or a fixed requirement stands by its own name; so do
        negotiable requirements whose owners state how far they go.
        """
        met: dict[str, Truths] = {}
        for at, stake in enumerate(self.stakes):
            found = gains_of_parties(self.values[:, [at]], [stake])
            met[f"{stake.party}/{stake.interest}"] = found.acceptable[:, 0]
        for at, one in enumerate(self.demanded):
            furthest = 0.0 if one.firm else one.accepted
            if furthest is not None:
                near = admitted([_firm(one)], self.margins[:, [at]] + furthest, np.ones(len(self.margins), dtype=bool))
                met[one.name] = _mask(near, len(self.margins))
        return met | {one.name: one.met for one in limits}


def _firm(one: Demanded) -> Demanded:
    return Demanded(one.name, one.owner, one.unit, firm=True, scale=one.scale)


def _mask(found: Admission | None, count: int) -> Truths:
    mask = np.zeros(count, dtype=bool)
    if found is not None:
        mask[found.rows] = True
    return mask


@dataclass(frozen=True)
class Settled:
    """A settlement: the row of its design and of all that are as good by the rule, and what each party gains."""

    row: int
    tied: tuple[int, ...]
    admission: Admission
    parties: tuple[str, ...]
    bargain: Bargain

    @property
    def by_party(self) -> Mapping[str, float]:
        """Gain of each party."""
        return dict(zip(self.parties, self.bargain.gain_ratios, strict=True))


@dataclass(frozen=True)
class NoneLeft:
    """That no design is acceptable to all: demands that no design meets together, none of which can be left out of the set.

    Where a design meets every demand but of no such design everything is known, `demands` is empty.
    """

    demands: tuple[str, ...]


def next_settlement(
    case: Case, limits: Sequence[Limit] = (), rule: Rule = DEFAULT_RULE, minimal: MinimalSet = minimal_set
) -> Settled | NoneLeft:
    """The settlement by a rule among the designs that no party refuses, or which demands leave none.

    What a party has refused bounds the designs and not its gains: these are counted from what it first stated, so that nobody
    moves the scale by refusing.

    Args:
        case: the designs, with at least one interest.
        limits: what refusals so far have added.
        rule: by which one is chosen.
        minimal: finds a minimal set of demands that no design meets.
    """
    gains = case.gains
    refused = [one.met for one in limits]
    acceptable = np.asarray(np.column_stack([gains.acceptable, *refused]).all(axis=1))
    admission = admitted(case.demanded, case.margins, acceptable)
    if admission is None:
        return NoneLeft(minimal(case.demands(limits)))
    rows = admission.rows
    found = settle(gains.gains[rows], rule, order=case.order[rows])
    if found is None:
        raise RuntimeError("designs that every party accepts leave nobody below its worst")
    return Settled(int(rows[found.row]), tuple(int(rows[one]) for one in found.tied), admission, gains.parties, found)

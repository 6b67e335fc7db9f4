"""Contradictions: bounds on one measure under the same conditions that no vehicle can meet together, and their gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from covolt import units
from covolt.digits import number_text
from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.procedures.protocol import Given
from covolt.study.verdicts.verification import given_under
from covolt.words import text

__all__ = ["Contradiction", "contradiction_notices", "contradictions"]

ROUNDING = 1e-9
"""Share of the bound that is what rounding left of equality."""


@dataclass(frozen=True)
class Contradiction:
    """A requirement for at least more than another allows at most."""

    at_least: Requirement
    at_most: Requirement

    @property
    def unit(self) -> str:
        """The unit in which the former is written; that in SI where it is not told apart by a space."""
        name = str(self.at_least.bound).partition(" ")[2].strip()
        return name if name in units.UNITS else self.at_least.bound_si[1]

    @property
    def gap(self) -> float:
        """How far the bounds are apart, in that unit."""
        return (self.at_least.bound_si[0] - self.at_most.bound_si[0]) / units.unit(self.unit).factor


def contradictions(programme: Programme) -> list[Contradiction]:
    """Every "at least" that lies above the strictest "at most" on the same procedure, measure and conditions."""
    groups: dict[tuple[str, str, str, Given], list[Requirement]] = {}
    for one in programme.requirements.values():
        if one.verify.method != "document":
            key = (one.procedure, one.measure, one.bound_si[1], given_under(one, programme.scenarios))
            groups.setdefault(key, []).append(one)
    return [found for group in groups.values() for found in _within(group)]


def _within(group: Sequence[Requirement]) -> list[Contradiction]:
    strictest = min((one for one in group if one.sign < 0.0), key=lambda one: one.bound_si[0], default=None)
    if strictest is None:
        return []
    high = strictest.bound_si[0]
    return [
        Contradiction(one, strictest)
        for one in group
        if one.sign > 0.0 and one.bound_si[0] - high > ROUNDING * abs(high)
    ]


def contradiction_notices(programme: Programme) -> list[Problem]:
    """The same for who checks or verifies a programme."""
    return [
        Problem(
            text(
                "no vehicle can meet both: {higher} of {owner} asks for {measure} ≥ {least}, "
                "{lower} of {other} for ≤ {most}, {gap} apart",
                higher=one.at_least.id,
                owner=one.at_least.party,
                measure=one.at_least.measure,
                least=str(one.at_least.bound),
                lower=one.at_most.id,
                other=one.at_most.party,
                most=str(one.at_most.bound),
                gap=number_text(one.gap, grouped=False) + ("" if one.unit == "1" else f" {one.unit}"),
            ),
            programme.where("requirement", one.at_least.id, "at_least"),
            text("{party} or {party_2} must move its bound", party=one.at_least.party, party_2=one.at_most.party),
        )
        for one in contradictions(programme)
    ]

"""Verdicts: a requirement held against a vehicle, with margin, uncertainty and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from covolt import units
from covolt.digits import expanded_text
from covolt.programme.requirement import Requirement
from covolt.study.protocol import Measure
from covolt.words import Language, Words

__all__ = ["COVERAGE_FACTOR", "Standing", "Verdict", "judge", "margin_text"]

Standing = Literal["met", "not met", "within uncertainty", "not verified", "stale", "hidden"]

ROUNDING = 1e-9
"""Share of the bound that is what rounding left of equality."""
COVERAGE_FACTOR = 2.0
"""Expanded uncertainty U = 2 u, about 95 % (JCGM 100:2008, 6.3.3)."""


@dataclass(frozen=True)
class Verdict:
    """What is said of one requirement. Numbers in the measure's unit, None where there is none; `why` in a person's words.

    `uncertainty` is the standard uncertainty of the value that follows from the datasheets. `validation_level` is the lowest of
    what the number rests on: the procedure, and the models that it uses, whose own levels `model_levels` gives by slot.
    """

    requirement: str
    verdict: Standing
    owner: str
    kind: str
    procedure: str = ""
    measure: str = ""
    value: float | None = None
    unit: str = ""
    bound: float | None = None
    margin: float | None = None
    uncertainty: float | None = None
    evidence: str = ""
    validation_level: int | None = None
    model_levels: Mapping[str, int] = field(default_factory=dict[str, int])
    why: Words = field(default_factory=Words)

    @property
    def passes(self) -> bool:
        """Whether nothing stands against it."""
        return self.verdict in {"met", "hidden"}


def margin_text(one: Verdict, language: Language = "en", *, grouped: bool = True) -> str:
    """Margin with two standard uncertainties, without unit."""
    if one.margin is None:
        return ""
    expanded = COVERAGE_FACTOR * (one.uncertainty or 0.0)
    return expanded_text(one.margin, expanded, one.bound or 1.0, language, grouped=grouped)


def judge(requirement: Requirement, measure: Measure, value_si: float, uncertainty_si: float, evidence: str) -> Verdict:
    """Verdict of a number.

    margin = s (value - bound), s = +1 for "at least", -1 for "at most";
    met where margin >= U, not met where margin <= -U, within uncertainty between; at U = 0 the bound itself meets.
    """
    unit = units.unit(measure.unit)
    bound_si = requirement.bound_si[0]
    margin_si = requirement.sign * (value_si - bound_si)
    if abs(margin_si) <= ROUNDING * abs(bound_si):
        margin_si = 0.0
    expanded = COVERAGE_FACTOR * uncertainty_si
    if margin_si >= expanded:
        standing: Standing = "met"
    elif margin_si <= -expanded:
        standing = "not met"
    else:
        standing = "within uncertainty"
    return Verdict(
        requirement=requirement.id,
        verdict=standing,
        owner=requirement.party,
        kind=requirement.kind,
        procedure=requirement.procedure,
        measure=requirement.measure,
        value=unit.from_si(value_si),
        unit=measure.unit,
        bound=unit.from_si(bound_si),
        # A difference of temperatures has no offset.
        margin=margin_si / unit.factor,
        uncertainty=uncertainty_si / unit.factor,
        evidence=evidence,
    )

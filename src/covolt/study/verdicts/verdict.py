"""Verdicts: a requirement held against a vehicle, with margin, uncertainty and evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt import units
from covolt.digits import expanded_text, number_text, probability_text, span_text
from covolt.display import AbstractShown, Table, printed
from covolt.library.generic import correlation
from covolt.programme.requirement import Requirement
from covolt.study.procedures.openness import HIGH, LOW, Open
from covolt.study.procedures.protocol import Measure
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.rests_on import RestsOn
from covolt.study.verdicts.unstated_number import UNKNOWN, Unstated, unstated_said
from covolt.words import Language, Phrase, Words, joined, text

__all__ = [
    "CONFORMS",
    "COVERAGE_FACTOR",
    "PROVISIONAL",
    "STANDINGS",
    "UNCHECKED",
    "Contribution",
    "Reading",
    "Standing",
    "Verdict",
    "combined",
    "conforming",
    "judge",
    "judge_open",
    "margin_text",
    "standing_at",
    "value_text",
    "worst_law",
]

Standing = Literal["met", "met, text not checked", "not met", "within uncertainty", "not verified", "stale", "hidden"]
UNCHECKED: Standing = "met, text not checked"
STANDINGS: Mapping[Standing, Phrase] = {
    "met": text("met"),
    "met, text not checked": text("met, text not checked"),
    "not met": text("not met"),
    "within uncertainty": text("within uncertainty"),
    "not verified": text("not verified"),
    "stale": text("stale"),
    "hidden": text("hidden"),
}
PROVISIONAL = text("provisional")
"""Beside the word of a verdict behind which a part was replayed from a log."""
ROUNDING = 1e-9
"""Share of the bound that is what rounding left of equality."""
COVERAGE_FACTOR = 2.0
"""Expanded uncertainty U = 2 u, about 95 % (JCGM 100:2008, 6.3.3)."""
CONFORMS = 0.95
"""Probability to conform from which a requirement is met, and to break it from which it is not.

Guarded acceptance and rejection (JCGM 106:2012, 8.3.2).
"""
ONE = ""
"""Name of the law where there is but one."""


@dataclass(frozen=True, config=RESULT)
class Contribution:
    """What one number adds to the uncertainty of a measure: u_i(y) = [y(x_i + u_i) - y(x_i - u_i)] / 2, with its sign.

    An "input" is declared by `party` in its `slot`; a "model" number is generic, and that party might state what takes its place.
    `effect` is in the unit of the measure, by law where laws disagree; `uncertainty` is u_i in `unit`.
    """

    origin: Literal["input", "model"]
    party: str
    slot: str
    number: str
    title: Said
    effect: Number
    uncertainty: Number
    unit: str
    by_law: Mapping[str, Number] = field(default_factory=dict[str, float])

    def of(self, law: str) -> float:
        """Effect on the value by one law."""
        return self.by_law.get(law, self.effect)

    def scaled(self, factor: float) -> Contribution:
        """The same with effects in another unit, or by another uncertainty."""
        by_law = {law: factor * effect for law, effect in self.by_law.items()}
        return replace(self, effect=factor * self.effect, by_law=by_law)


@dataclass(frozen=True, config=RESULT)
class Reading:
    """Who has checked a text, on which day, in which edition."""

    by: str
    on: str
    edition: str


@dataclass(frozen=True, config=RESULT, repr=False)
class Verdict(AbstractShown):
    """What is said of one requirement. Numbers in the measure's unit, None where there is none; `why` in a person's words.

    `uncertainty` is the standard uncertainty of the value, of which the datasheets, and what foreign parts leave open, give
    `inputs`, the generic numbers `models`; `probability` that the vehicle conforms. `laws` gives the margin by each law
    where laws disagree; then value, margin and uncertainty are those of the law with the least margin. `unchecked` names
    the texts that nobody has checked. `validation_level` is the lowest of what the number rests on: the procedure, and the
    models that it uses, whose own levels `model_levels` gives by slot. `conditions` are those that its party and its
    scenario state, as they are written, and the climate of whose months it is; `checked` says who has read the texts that
    it stands on.
    """

    requirement: str
    verdict: Standing
    owner: str
    kind: str
    procedure: str = ""
    measure: str = ""
    value: Number | None = None
    unit: str = ""
    bound: Number | None = None
    margin: Number | None = None
    uncertainty: Number | None = None
    inputs: Number | None = None
    models: Number | None = None
    probability: Number | None = None
    laws: Mapping[str, Number] = field(default_factory=dict[str, float])
    contributions: tuple[Contribution, ...] = ()
    unchecked: tuple[str, ...] = ()
    evidence: str = ""
    validation_level: int | None = None
    model_levels: Mapping[str, int] = field(default_factory=dict[str, int])
    why: Said = field(default_factory=Words)
    conditions: Mapping[str, str | float] = field(default_factory=dict[str, str | float])
    checked: tuple[Reading, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Tables of the programme that decide it: "assumed", "in place of a shipped one", or "of the programme"."""
    foreign: tuple[RestsOn, ...] = ()
    """Parts that are not covolt's on which it rests, by slot."""
    unstated: tuple[Unstated, ...] = ()
    """Declared numbers without a stated uncertainty on which it rests alone: then it has neither uncertainty nor probability."""

    def as_tables(self) -> list[Table]:
        """Value, bound and margin in the measure's unit, what is uncertain of it, and what it rests on."""
        unit = printed(self.unit)

        def number(value: float | None) -> str:
            return "" if value is None else f"{number_text(value, grouped=False)} {unit}".rstrip()

        rows = (
            ("value", f"{value_text(self, grouped=False)} {unit}".strip()),
            ("bound", number(self.bound)),
            ("margin", f"{margin_text(self, grouped=False)} {unit}".strip()),
            ("P to conform", "" if self.probability is None else probability_text(self.probability)),
            ("± of the datasheets", number(None if self.inputs is None else COVERAGE_FACTOR * self.inputs)),
            ("± of generic numbers", number(None if self.models is None else COVERAGE_FACTOR * self.models)),
            ("how surely", str(unstated_said(self.unstated))),
            ("measure", f"{self.procedure}: {self.measure}" if self.measure else ""),
            ("owner", self.owner),
            *(("rests on", str(joined((one.who, one.settled)))) for one in self.foreign),
            ("level of validation", "" if self.validation_level is None else str(self.validation_level)),
            ("texts that nobody has checked", ", ".join(self.unchecked)),
            ("why", str(self.why)),
        )
        said, notes = [row for row in rows if row[1]], ("± is two standard uncertainties.",)
        return [Table(f"{self.requirement}: {self.standing}", ("", ""), said, notes=notes)]

    @property
    def passes(self) -> bool:
        """Whether nothing stands against it: a law must be met by a checked text; what is hidden shows nothing."""
        return self.verdict == "met" or (self.verdict == UNCHECKED and self.kind != "law")

    @computed_field
    @property
    def provisional(self) -> bool:
        """Whether a part behind it did not answer itself, but was replayed from a log."""
        return any(one.provisional for one in self.foreign)

    @property
    def standing(self) -> Phrase:
        """Its word for people: "met", "met, provisional"."""
        said = STANDINGS[self.verdict]
        return joined((said, PROVISIONAL), ", ") if self.provisional else said

    @property
    def margins(self) -> Mapping[str, float]:
        """Margin by each law, by one of no name where laws do not disagree; empty where there is no number."""
        return self.laws or ({} if self.margin is None else {ONE: self.margin})

    @property
    def values(self) -> Mapping[str, float]:
        """Value by each law, where laws disagree: bound + s margin, s of the value that is told."""
        if not self.laws or self.value is None or self.bound is None:
            return {}
        side = 1.0 if not self.margin or (self.value - self.bound) / self.margin > 0.0 else -1.0
        return {law: self.bound + side * margin for law, margin in self.laws.items()}

    @property
    def is_open(self) -> bool:
        """Whether its values are ends of what is open, and no estimates that disagree."""
        return bool(self.laws) and self.laws.keys() <= {LOW, HIGH}

    @computed_field
    @property
    def expanded(self) -> Number | None:
        """Expanded uncertainty U = 2 u about the value, about each law's where laws disagree."""
        return None if self.uncertainty is None else COVERAGE_FACTOR * self.uncertainty


def combined(contributions: Sequence[Contribution], law: str = ONE) -> float:
    """Standard uncertainty, u^2 = sum of c_i^2 over inputs + sum of c_i r_ij c_j over model numbers.

    Inputs are independent (JCGM 100:2008, 5.1.2); r_ij are the correlations of the generic set (5.2.2).
    """
    inputs = sum(one.of(law) ** 2 for one in contributions if one.origin == "input")
    models = [(one.number, one.of(law)) for one in contributions if one.origin == "model" and one.of(law) != 0.0]
    bound = sum(c * correlation(a, b) * d for a, c in models for b, d in models)
    return math.sqrt(inputs + max(bound, 0.0))


def conforming(margins: Mapping[str, float], contributions: Sequence[Contribution]) -> float:
    """Probability to conform, P = mean over laws of Phi(m_k / u_k), m_k the margin and u_k about it (JCGM 106:2012, 7.3).

    Where nothing is uncertain the bound itself conforms.
    """
    return sum(_below(m, combined(contributions, law)) for law, m in margins.items()) / len(margins)


def _below(margin: float, uncertainty: float) -> float:
    if uncertainty <= 0.0:
        return float(margin >= 0.0)
    return 0.5 * math.erfc(-margin / (uncertainty * math.sqrt(2.0)))


def standing_at(probability: float) -> Standing:
    """Met where the probability to conform is at least 95 %, not met where at most 5 %, within uncertainty between."""
    if probability >= CONFORMS:
        return "met"
    return "not met" if probability <= 1.0 - CONFORMS else "within uncertainty"


def margin_text(one: Verdict, language: Language = "en", *, grouped: bool = True) -> str:
    """Margin with two standard uncertainties, without unit; from the least to the greatest where laws disagree; `± ?` where it
    rests on numbers that state none.
    """
    if one.margin is None:
        return ""
    low, high = min(one.margins.values()), max(one.margins.values())
    unknown = UNKNOWN if one.unstated else ""
    if low < high:
        return span_text(low, high, one.expanded or 0.0, language, grouped=grouped) + unknown
    return expanded_text(one.margin, one.expanded or 0.0, one.bound or 1.0, language, grouped=grouped) + unknown


def value_text(one: Verdict, language: Language = "en", *, grouped: bool = True) -> str:
    """Value with two standard uncertainties, without unit and without sign before what is positive; where laws disagree, or it is
    open, the values by which the verdict was made, from the least to the greatest; of one end that end, as `≥ 3.4`.
    """
    if one.value is None:
        return ""
    found, unknown = sorted(one.values.values()), UNKNOWN if one.unstated else ""
    if found and found[0] < found[-1]:
        return span_text(found[0], found[-1], one.expanded or 0.0, language, grouped=grouped, signed=False) + unknown
    text = expanded_text(one.value, one.expanded or 0.0, one.bound or 1.0, language, grouped=grouped).removeprefix("+")
    end = next(iter(one.laws)) if one.is_open and len(one.laws) == 1 else ""
    return {LOW: f"≥ {text}", HIGH: f"≤ {text}"}.get(end, text) + unknown


def worst_law(requirement: Requirement, laws_si: Mapping[str, float]) -> str:
    """The law with the least margin, whose value is the value of a verdict; no name where laws do not disagree."""
    return min(laws_si, key=lambda law: requirement.sign * laws_si[law], default=ONE)


def judge(
    requirement: Requirement,
    measure: Measure,
    value_si: float,
    contributions: Sequence[Contribution] = (),
    laws_si: Mapping[str, float] | None = None,
    evidence: str = "",
) -> Verdict:
    """Verdict of a number; everything that is given is in SI.

    margin = s (value - bound), s = +1 for "at least", -1 for "at most"; the verdict follows from the probability to conform.
    """
    unit = units.unit(measure.unit)
    bound_si = requirement.bound_si[0]

    def margin(found_si: float) -> float:
        margin_si = requirement.sign * (found_si - bound_si)
        # A difference of temperatures has no offset.
        return 0.0 if abs(margin_si) <= ROUNDING * abs(bound_si) else margin_si / unit.factor

    laws = {law: margin(by_law_si) for law, by_law_si in (laws_si or {}).items()}
    worst = worst_law(requirement, laws_si or {})
    value_si = (laws_si or {}).get(worst, value_si)
    moved = tuple(one.scaled(1.0 / unit.factor) for one in contributions)
    probability = conforming(laws or {ONE: margin(value_si)}, moved)
    return Verdict(
        requirement=requirement.id,
        verdict=standing_at(probability),
        owner=requirement.party,
        kind=requirement.kind,
        procedure=requirement.procedure,
        measure=requirement.measure,
        value=unit.from_si(value_si),
        unit=measure.unit,
        bound=unit.from_si(bound_si),
        margin=margin(value_si),
        uncertainty=combined(moved, worst),
        inputs=combined([one for one in moved if one.origin == "input"], worst),
        models=combined([one for one in moved if one.origin == "model"], worst),
        probability=probability,
        laws=laws,
        contributions=moved,
        evidence=evidence,
    )


def judge_open(
    requirement: Requirement, measure: Measure, found: Open, contributions: Sequence[Contribution], evidence: str
) -> Verdict:
    """Verdict of an open measure: what both ends say where they say the same, else "not verified"; it tells the interval.

    An end that is not there lies beyond every bound. Of sides with probabilities the probability to conform decides.
    """
    if found.sides:
        return _by_sides(requirement, measure, found, evidence)
    more = requirement.sign > 0.0
    beyond: dict[Standing, bool] = {"met": found.high is None if more else found.low is None}
    beyond["not met"] = found.low is None if more else found.high is None
    standings = {standing for standing, there in beyond.items() if there}
    for end, value_si in found.ends.items():
        standings.add(judge(requirement, measure, value_si, contributions, {end: value_si}).verdict)
    why = found.said(measure.unit, printed_unit(measure.unit))
    if len(standings) == 1:
        worst = next(iter(found.ends.values()))
        return replace(judge(requirement, measure, worst, contributions, found.ends, evidence), why=why)
    return _not_verified(requirement, measure, why, evidence)


def _by_sides(requirement: Requirement, measure: Measure, found: Open, evidence: str) -> Verdict:
    """P = sum of the probabilities of the sides on which both ends conform; of sides that are open it is not known.

    The verdict is the one that P gives with and without what is not known, else "not verified".
    """
    more, bound_si = requirement.sign > 0.0, requirement.bound_si[0]

    def conforms(value_si: float) -> bool:
        return requirement.sign * (value_si - bound_si) >= -ROUNDING * abs(bound_si)

    sure = may = 0.0
    for one in found.sides:
        worst, best = one.worst(at_least=more), one.worst(at_least=not more)
        sure += one.probability if worst is not None and conforms(worst) else 0.0
        may += one.probability if best is None or conforms(best) else 0.0
    why = found.said(measure.unit, printed_unit(measure.unit))
    verdict = _not_verified(requirement, measure, why, evidence)
    if standing_at(sure) != standing_at(may):
        return verdict
    worst_si = found.worst(at_least=more)
    if math.isfinite(worst_si):
        verdict = replace(judge(requirement, measure, worst_si, (), found.ends, evidence), why=why)
    return replace(verdict, verdict=standing_at(sure), probability=sure if may - sure < ROUNDING else None)


def _not_verified(requirement: Requirement, measure: Measure, why: Phrase, evidence: str) -> Verdict:
    return Verdict(
        requirement=requirement.id,
        verdict="not verified",
        owner=requirement.party,
        kind=requirement.kind,
        procedure=requirement.procedure,
        measure=requirement.measure,
        unit=measure.unit,
        bound=units.unit(measure.unit).from_si(requirement.bound_si[0]),
        evidence=evidence,
        why=why,
    )

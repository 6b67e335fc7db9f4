"""What a director asks in two minutes: the main figures against their bounds, what holds the next gate, and who must do what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt import units
from covolt.digits import number_text
from covolt.programme.documents import Programme
from covolt.study.procedures.declaration import SLOTS
from covolt.study.procedures.protocol import Record
from covolt.study.procedures.registry import procedures
from covolt.study.report.conditions import scenario_said
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.printed_units import quantity
from covolt.study.verdicts.verdict import Standing
from covolt.study.verdicts.verification import Verification, conditions_of
from covolt.words import Phrase, Words, in_each, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.report.document import NextRow, RequirementRow
    from covolt.study.report.stages import Stage

__all__ = ["Asked", "Director", "Step", "director"]

MOST_STEPS = 3
MOST_MEASURED = 2
COLD = "-20 degC"
AGED = frozenset({"state_of_health"})
WEIGHT = {"constraint": 0, "law": 1, "need": 2, "wish": 3}


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Asked:
    """One figure that a director asks for: against the bound of the requirement that asks for it, or without a requirement.

    `estimates` counts those that disagree where their span is the value, `probability` is that to conform. `how` says by which
    procedure and under which conditions; a figure that no requirement asks for comes from a record that
    another one needed, without uncertainty; where there is none it is not computed and `value` is null.
    """

    id: str
    title: Said
    state: Literal["required", "no requirement", "not computed"] = "not computed"
    how: Said = field(default_factory=Words)
    requirement: str = ""
    asked_by: Said | None = None
    sign: Literal["≥", "≤", ""] = ""
    bound: Number | None = None
    value: Number | None = None
    value_text: Said | None = None
    unit: str = "1"
    verdict: Standing | None = None
    probability: Number | None = None
    estimates: int = 0


@dataclass(frozen=True, config=RESULT)
class Step:
    """One thing to do, and whose it is."""

    owners: tuple[Said, ...]
    what: Said
    requirements: tuple[str, ...]


@dataclass(frozen=True, config=RESULT)
class Director:
    """The first page: the main figures, the first gate that is shut (its name, empty where none is), next steps with owners.

    `more` counts what holds that gate beside the steps.
    """

    figures: tuple[Asked, ...]
    gate: str
    steps: tuple[Step, ...]
    measure: tuple[Step, ...]
    more: int = 0


Question = tuple[str, Phrase, Sequence[tuple[str, str]], Callable[[Mapping[str, str | float]], bool]]


def _usual(conditions: Mapping[str, str | float]) -> bool:
    return "ambient" not in conditions and not AGED & conditions.keys()


def _cold(conditions: Mapping[str, str | float]) -> bool:
    return conditions.get("ambient") == COLD and conditions.get("start") != "preconditioned"


RANGES = ("wltp", "un-r101", "sort-2", "vecto-mission", "sae-j1634", "sort-1", "sort-3")


def _questions() -> Iterator[Question]:
    """What is asked, and which measures answer it, the first that a requirement asks for."""
    ranges = [*((one, "range") for one in RANGES), ("vecto-mission", "range_reference"), ("sae-j1634", "label_range")]
    consumed = [*((one, "consumption") for one in RANGES), ("vecto-mission", "consumption_reference")]
    yield "range", text("Range"), ranges, _usual
    yield "cold_range", text("Range at −20 °C"), [("cold", "range")], _cold
    yield "consumption", text("Consumption"), consumed, _usual
    times = [("iso-8715", "time_0_100"), ("iso-8715", "time_0_60"), ("iso-8715", "time_0_50")]
    yield "acceleration", text("Acceleration"), times, _usual
    yield "speed", text("Top speed"), [("un-r68", "speed"), ("iso-8715", "speed_1_km")], _usual
    powers = [("charging-dc", f"time_{power}") for power in (150, 50, 350)]
    yield "charge", text("Charging, 10 to 80 %"), powers, _usual
    yield "price", text("Price"), _prices(), _usual
    yield "cost", text("Cost of ownership"), [("ownership", "cost"), ("ownership", "cost_over_petrol")], _usual
    yield "mass", text("Kerb mass"), [("declaration", "vehicle.kerb_mass")], _usual


def _prices() -> list[tuple[str, str]]:
    """A price for who buys it first, then that of its parts, in roubles or Belarusian roubles."""
    return [
        ("ownership", "price"),
        *(
            (procedure, measure)
            for procedure in ("life-cycle-contract", "supply")
            for measure in ("price", "price_byn")
        ),
    ]


def director(
    programme: Programme,
    verification: Verification,
    rows: Sequence[RequirementRow],
    found: Sequence[Stage],
    measured: Sequence[NextRow],
) -> Director:
    """The first page; of what others keep private `rows` have no numbers."""
    open_rows = {one.requirement: one for one in rows if not one.private}
    figures = tuple(_asked(one, programme, verification, open_rows) for one in _questions())
    held = next((one for one in found if not one.open), None)
    steps = tuple(_steps(programme, held, open_rows, measured))[:MOST_STEPS] if held else ()
    told = {name for one in steps for name in one.requirements}
    undecided = (one for one in measured if (one.alone or one.together) and one.requirement not in told)
    return Director(
        tuple(one for one in figures if one.id not in {"cost"} or one.state != "not computed"),
        held.id if held else "",
        steps,
        tuple(_measurement(one, programme) for one in undecided)[:MOST_MEASURED],
        len({*held.papers, *held.numbers, *held.texts} - told) if held else 0,
    )


def _asked(
    question: Question, programme: Programme, verification: Verification, rows: Mapping[str, RequirementRow]
) -> Asked:
    identifier, title, measures, fits = question
    conditions = {name: conditions_of(programme.requirements[name], programme) for name in rows}
    for procedure, measure in measures:
        chosen = [
            one
            for one in rows.values()
            if (one.procedure, one.measure) == (procedure, measure) and fits(conditions[one.requirement])
        ]
        if chosen:
            best = min(chosen, key=lambda one: (WEIGHT.get(one.kind, 4), one.requirement))
            return Asked(
                id=identifier,
                title=title,
                state="required",
                how=_how(title, procedure, measure, conditions[best.requirement]),
                requirement=best.requirement,
                asked_by=best.owner_title,
                sign=best.sign,
                bound=best.bound,
                value=best.value,
                value_text=best.value_text,
                unit=best.unit,
                verdict=best.verdict,
                probability=best.probability if best.expanded or best.laws else None,
                estimates=len(best.laws or ()),
            )
    for procedure, measure in measures:
        for name in (one for one in verification.records if one in rows):
            record = verification.records[name]
            if record.procedure == procedure and measure in record.measures and fits(conditions[name]):
                return _unasked(identifier, title, record, measure, _how(title, procedure, measure, conditions[name]))
    return Asked(id=identifier, title=title)


def _unasked(identifier: str, title: Phrase, record: Record, measure: str, how: Phrase) -> Asked:
    """A figure from a record that was made for another requirement."""
    known = procedures()[record.procedure].measure(measure)
    unit = known.unit if known else "1"
    value = units.unit(unit).from_si(record.measures[measure])
    said = in_each(lambda language: number_text(value, 3, language))
    return Asked(id=identifier, title=title, state="no requirement", how=how, value=value, value_text=said, unit=unit)


def _how(title: Phrase, procedure: str, measure: str, conditions: Mapping[str, str | float]) -> Phrase:
    """By which procedure, which of its measures where that is not what the row is called, and under which conditions."""
    known = procedures().get(procedure)
    found = known.measure(measure) if known else None
    named = known.title if known else Words(procedure)
    told = {str(title), str(named)}
    parts = [named, *([found.title] if found and str(found.title) not in told else []), scenario_said(conditions)]
    return joined([one for one in parts if str(one) != str(title)], ", ")


def _owners(programme: Programme, requirement: str) -> tuple[Phrase, ...]:
    """Whose a requirement is to meet: the parties of the slots that it names, else its own."""
    asked = programme.requirements[requirement]
    owners = dict.fromkeys(programme.slots[one].owner for one in asked.slots if one in programme.slots)
    return tuple(programme.parties[one].title.words for one in owners or {asked.party: None})


def _titles(rows: Mapping[str, RequirementRow], names: Sequence[str]) -> Phrase:
    return joined([rows[one].title if one in rows else Words(one) for one in names], ", ")


def _steps(
    programme: Programme, held: Stage, rows: Mapping[str, RequirementRow], measured: Sequence[NextRow]
) -> Iterator[Step]:
    """The cheapest first: papers, a measurement that decides, a text to be checked, a number that must move, a signature."""
    if held.papers:
        papers = plural(
            "hand in the missing document: {titles}",
            "hand in {count} missing documents: {titles}",
            count=len(held.papers),
            titles=_titles(rows, held.papers),
        )
        owners = dict.fromkeys(owner for one in held.papers for owner in _owners(programme, one))
        yield Step(tuple(owners), papers, held.papers)
    decisive = {one.requirement: one for one in measured}
    for name in held.numbers:
        if name in decisive and decisive[name].alone:
            yield _measurement(decisive[name], programme)
    if held.texts:
        cited = list(dict.fromkeys(rows[one].regulation for one in held.texts if one in rows and rows[one].regulation))
        what = text("have the texts checked on which these stand: {titles}", titles=_titles(rows, held.texts))
        owners = dict.fromkeys(programme.requirements[one].party for one in held.texts)
        if cited or owners:
            yield Step(tuple(programme.parties[one].title.words for one in owners), what, held.texts)
    missed = [rows[one] for one in held.numbers if one in rows and rows[one].verdict == "not met"]
    for row in sorted(missed, key=lambda one: abs((one.margin or 0.0) / (one.bound or 1.0))):
        short = quantity(_short(row), row.unit)
        below = text("{title}: {short} below its bound", title=row.title, short=short)
        above = text("{title}: {short} above its bound", title=row.title, short=short)
        yield Step(_owners(programme, row.requirement), below if row.sign == "≥" else above, (row.requirement,))
    for name in held.numbers:
        if name in decisive and not decisive[name].alone and decisive[name].together:
            yield _measurement(decisive[name], programme)
    for one in held.unsigned:
        yield Step((one.who,), text("sign the gate"), ())


def _short(row: RequirementRow) -> float:
    return float(f"{abs(row.margin or 0.0):.3g}")


def _measurement(row: NextRow, programme: Programme) -> Step:
    """Numbers to be measured twice as well, and what is then decided."""
    choice = row.alone[0] if row.alone else row.together
    numbers = choice.numbers if choice else ()
    named = joined(
        [
            joined((SLOTS.get(one.slot) or one.slot, one.title), ": ") if one.origin == "input" else one.title
            for one in numbers
        ],
        ", ",
    )
    owners = dict.fromkeys(
        programme.parties[one.party].title.words if one.party in programme.parties else Words("covolt")
        for one in numbers
    )
    what = text("{title}: measure twice as well: {numbers}", title=row.title, numbers=named)
    return Step(tuple(owners), what, (row.requirement,))

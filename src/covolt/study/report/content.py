"""What the report of a programme says to its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.metadata import version
from typing import Any

import numpy as np

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.declared import not_used_beside
from covolt.library.models import model_level
from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.programme.slot import Slot
from covolt.programme.walk import LOCK_FILE
from covolt.simulation.trace import Trace
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.dated import LawByDate, law_by_date
from covolt.study.gate.gates import GateState, signed_by_agencies
from covolt.study.gate.negatives import negative_rows
from covolt.study.lifetime.economy import economy
from covolt.study.procedures.reasons import why_not
from covolt.study.report.chain import signed_by_party, sources_of, standing_on
from covolt.study.report.curves import curves_of, drive_curves
from covolt.study.report.director import director
from covolt.study.report.document import (
    CarCompared,
    ChoiceRow,
    ComparisonTable,
    DriveDrawn,
    Figure,
    Flow,
    Grid,
    MovedMargin,
    NextRow,
    NumberRow,
    PartyRow,
    Report,
    RequirementRow,
    SinceRow,
    SlotRow,
    UnusedNumber,
)
from covolt.study.report.example import example_drive
from covolt.study.report.headline import evidence_of, headline
from covolt.study.report.protocols import places_of, protocols_of, scenario_of
from covolt.study.report.stages import stages
from covolt.study.report.told_apart import contradiction_rows
from covolt.study.result import notices
from covolt.study.verdicts.attribution import Change, Difference
from covolt.study.verdicts.checking import texts_checked
from covolt.study.verdicts.commit import committed_on
from covolt.study.verdicts.correlated import correlations
from covolt.study.verdicts.decisive import Choice, NextStep, next_steps, to_state
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.levels_moved import LevelsMoved, sum_rows
from covolt.study.verdicts.rests_on import RestsOn, at_worst
from covolt.study.verdicts.turned import TurnedVerdict, turned, verdict_said
from covolt.study.verdicts.verdict import STANDINGS, Contribution, Verdict, margin_text, value_text
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, in_each, text

__all__ = ["Since", "content", "requirement_row", "slot_rows"]

COUNTRIES = ("ru", "by")
"""Whose grids the comparison shows."""
PRIVATE = (
    *(
        "value",
        "value_text",
        "held",
        "margin",
        "margin_text",
        "uncertainty",
        "expanded",
        "inputs",
        "models",
        "probability",
        "foreign",
        "unstated",
    ),
    *(
        "laws",
        "contributions",
        "sources",
        "unchecked",
        "conditions",
        "scenario",
        "checked",
        "bound",
        "evidence",
        "stands_on",
        "tables",
    ),
)
"""What of a verdict only its party reads."""


@dataclass(frozen=True)
class Since:
    """What moved since an earlier state, and by whom."""

    baseline: Phrase
    beside: Sequence[Problem]
    changes: Sequence[Change]
    differences: Sequence[Difference]
    levels: LevelsMoved = field(default_factory=LevelsMoved)
    before: Mapping[str, Verdict] = field(default_factory=dict[str, "Verdict"])
    """Verdicts of the earlier state."""


def content(
    programme: Programme,
    verification: Verification,
    *,
    since: Since | None = None,
    gates: Sequence[GateState] = (),
    base: str = "",
    day: str = "",
) -> Report:
    """Everything that the report says to the reader of the programme: what others keep as their own is hidden.

    The same programme gives the same report, whenever it is made: `day` is handed in, else that of the commit of the lock.
    """
    programme, whole = programme.seen_by(programme.reader), verification.whole
    verification, hidden = verification.seen_in(programme), programme.hidden
    subject, trace, behind = example_drive(programme)
    places, sheets = places_of(programme, verification, hidden), locked_sheets(programme)
    rows = [
        requirement_row(one, programme, verification, places, sheets, private=one.requirement in hidden)
        for one in verification.verdicts
    ]
    passing = {one.requirement for one in whole.verdicts if one.passes}
    seen = [one for one in verification.verdicts if one.requirement not in hidden]
    acts = approval_rows(programme, verification.verdicts, signed=signed_by_agencies(programme, gates))
    locked_on = committed_on(programme.files.folder, LOCK_FILE)
    measured = tuple(_next(one, programme) for one in next_steps(seen))
    held = stages(programme, verification, gates)
    return Report(
        covolt=version("covolt"),
        title=programme.charter.title.words,
        summary=programme.charter.summary.words if programme.charter.summary else None,
        date=day or locked_on,
        reader=programme.reader or "",
        base=base,
        lock=programme.digests.get(LOCK_FILE, ""),
        locked_on=locked_on,
        signed_on=max((one.date for gate in gates for one in gate.signatures), default=""),
        checked_on=max((each.on for one in (*rows, *acts) for each in one.checked or ()), default=""),
        accepted=verification.acceptable,
        headline=headline(programme, verification, acts),
        director=director(programme, verification, rows, held, measured),
        stages=held,
        counts={name: sum(row.verdict == name for row in rows) for name in STANDINGS},
        blocking=tuple(one for one in rows if one.kind in {"law", "constraint"} and one.requirement not in passing),
        contradictions=contradiction_rows(programme, hidden),
        parties=tuple(
            PartyRow(
                party.id,
                party.title.words,
                party.country,
                tuple(party.roles),
                tuple(row for row in rows if row.owner == party.id),
            )
            for party in programme.parties.values()
        ),
        next=measured,
        correlations=correlations(seen),
        slots=slot_rows(programme, verification, rows),
        figures=_figures(subject),
        drive=_drive(trace, behind),
        curves=curves_of(programme, verification, hidden),
        since=None if since is None else _since(since, programme, seen),
        gates=tuple(gates),
        comparison=_comparison(verification),
        approval=acts,
        negatives=negative_rows(programme, verification, gates),
        levels=LevelsMoved(sum_rows(None, programme)) if since is None else since.levels,
        law=law_by_date(programme, dated) if (dated := day or locked_on) else LawByDate(),
        protocols=protocols_of(programme, verification, hidden, texts_checked(programme)),
    )


def _fields(one: Verdict | Contribution) -> dict[str, Any]:
    return {each.name: getattr(one, each.name) for each in fields(one)}


def requirement_row(
    one: Verdict,
    programme: Programme,
    verification: Verification,
    places: Mapping[str, tuple[str, str]],
    sheets: Mapping[str, Datasheet],
    *,
    private: bool,
) -> RequirementRow:
    """A requirement with its verdict as the report shows it; of a `private` one only what everybody is told."""
    requirement = programme.requirements[one.requirement]
    record = verification.records.get(one.requirement)
    protocol, line = places.get(one.requirement, ("", ""))
    said: dict[str, Any] = _fields(one) | {
        "expanded": one.expanded,
        "margin_text": in_each(lambda language: margin_text(one, language)),
        "value_text": in_each(lambda language: value_text(one, language)),
        "held": record.at_stop.get(one.measure) if record else None,
        "scenario": scenario_of(programme, one.requirement),
        "protocol": protocol,
        "line": line,
        "sources": sources_of(one, sheets),
        "stands_on": None if one.value is None else evidence_of(programme, one),
    }
    if private:
        said |= {**dict.fromkeys(PRIVATE), "why": Words(), "protocol": "", "line": ""}
    return RequirementRow(
        **said,
        title=requirement.title.words,
        owner_title=programme.parties[requirement.party].title.words,
        private=private,
        sign="≥" if requirement.at_least is not None else "≤",
        gate=requirement.verify.gate,
        safety=requirement.safety,
        regulation=requirement.regulation,
    )


def _next(step: NextStep, programme: Programme) -> NextRow:
    """What would decide a verdict, with the words of its choices."""

    def choice(one: Choice) -> ChoiceRow:
        numbers = (
            NumberRow(**_fields(part), half=0.5 * part.uncertainty, instead=to_state(part)) for part in one.numbers
        )
        return ChoiceRow(tuple(numbers), one.probability, one.verdict)

    return NextRow(
        step.requirement,
        programme.requirements[step.requirement].title.words,
        step.unit,
        tuple(choice(one) for one in step.alone),
        None if step.together is None else choice(step.together),
        step.move,
    )


def slot_rows(programme: Programme, verification: Verification, rows: Sequence[RequirementRow]) -> tuple[SlotRow, ...]:
    """What fills each locked slot, by which model, and which requirements stand on it."""
    pins, sheets = programme.lock.slots if programme.lock else {}, locked_sheets(programme)
    sources = {one.requirement: one.sources or () for one in rows}

    def row(slot: Slot) -> SlotRow:
        name, pin = programme.vehicle_slot(slot), pins[slot.id]
        return SlotRow(
            slot.id,
            slot.title.words,
            slot.owner,
            pin.offer,
            pin.digest,
            slot.contract,
            sheets[name].model.kind,
            model_level(sheets[name]),
            tuple(UnusedNumber(one.name, one.why) for one in not_used_beside(name, sheets)),
            tuple(one for one in verification.conformances if one.slot == slot.id),
            signed_by_party(programme, pin.offer),
            standing_on(name, sources),
            tuple(one.said for one in sheets[name].charging or ()),
            at_worst(one for each in rows for one in each.foreign or () if one.slot == name),
        )

    return tuple(row(slot) for slot in programme.slots.values() if slot.id in pins)


def _comparison(verification: Verification) -> ComparisonTable | None:
    """Cost and greenhouse gases of this car beside petrol, diesel and gas cars; None where no requirement asks for both."""
    found = {record.procedure: record for record in verification.records.values()}
    try:
        cost, climate = (found[name].measures for name in ("ownership", "well-to-wheel"))
    except KeyError:
        return None
    tables = economy()

    def read(measures: Mapping[str, float], key: str, unit: str) -> float | None:
        return units.unit(unit).from_si(measures[key]) if key in measures else None

    def row(title: Phrase, cost_key: str, keys: Sequence[str]) -> CarCompared:
        """One car; `keys` are what its measures are called by in each country."""
        return CarCompared(
            title,
            read(cost, cost_key, "kRUB"),
            tuple(read(climate, f"use_{key}", "g/km") for key in keys),
            tuple(read(climate, f"life_{key}", "g/km") for key in keys),
            tuple(
                read(climate, f"break_even_{key}_{country}", "km") for key, country in zip(keys, COUNTRIES, strict=True)
            ),
        )

    own = row(text("this car"), "cost", COUNTRIES)
    rivals = [row(one.title.words, f"cost_{one.id}", [one.id] * len(COUNTRIES)) for one in tables.rival]
    grids = (Grid(one.country, one.date) for one in tables.grid if one.country.lower() in COUNTRIES)
    return ComparisonTable((own, *rivals), tuple(grids), str(tables.title.words))


def _figures(subject: Subject) -> tuple[Figure, ...]:
    declared = subject.declared
    body = declared.get("body", {})
    drag = body.get("drag_coefficient", 0.0) * body.get("frontal_area", 0.0)
    found = (
        ("kerb_mass", subject.kerb_mass_kg, "kg"),
        ("payload", subject.maximum_load_kg, "kg"),
        ("usable", declared.get("battery", {}).get("energy_usable"), "kWh"),
        ("power", subject.declared_power_W, "kW"),
        ("torque", subject.declared_torque_Nm, "Nm"),
        ("drag", drag or None, "m2"),
    )
    return tuple(
        Figure(name, units.unit(unit).from_si(value), unit) for name, value, unit in found if value is not None
    )


def _drive(trace: Trace, behind: tuple[RestsOn, ...]) -> DriveDrawn:
    mission = trace.result.mission
    return DriveDrawn(
        mission=mission.name,
        distance=float(np.sum(trace["mean_speed_m_per_s"])) * mission.dt_s / 1e3,
        ambient=mission.conditions.ambient_temperature_K - 273.15,
        drawn=-float(np.sum(trace["battery_power_W"])) * mission.dt_s / 3600.0,
        recuperated=float(np.sum(np.maximum(trace["battery_power_W"], 0.0))) * mission.dt_s / 3600.0,
        outcome=None if trace.outcome.completed else why_not(trace.outcome),
        charts=drive_curves(trace),
        ledger=tuple(Flow(one.name, one.kind, one.energy_J) for one in trace.ledger.entries),
        foreign=behind,
    )


def _since(since: Since, programme: Programme, seen: Sequence[Verdict]) -> SinceRow:
    after = {one.requirement: one for one in seen}
    shown = [one for one in since.differences if one.requirement in after]
    title = {name: programme.requirements[name].title.words for name in after}
    sides = {
        name: (verdict_said(since.before[name]), verdict_said(after[name])) for name in turned(since.before, after)
    }

    def row(one: Difference) -> MovedMargin:
        name = one.requirement
        return MovedMargin(name, title[name], one.unit, one.before, one.after, one.contributions, one.total, one.scale)

    return SinceRow(
        baseline=since.baseline,
        does_not_stand=notices(since.beside),
        changes=tuple(since.changes),
        compared=len(shown),
        parties=tuple(sorted({party for one in shown for party in one.contributions})),
        differences=tuple(row(one) for one in shown if one.moved),
        turned=tuple(
            TurnedVerdict(name, title[name], *both) for name, both in sides.items() if str(both[0]) != str(both[1])
        ),
    )

"""Content of the report as plain data: its machine-readable twin, from which the page is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np

from covolt import units
from covolt.errors import Problem
from covolt.library.declared import not_used_beside
from covolt.library.models import model_level
from covolt.library.subject import Subject
from covolt.programme.checked import CheckedText
from covolt.programme.documents import Programme
from covolt.programme.folder import digest_of_file
from covolt.simulation.trace import Trace
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.gates import GateState, signed_by_agencies
from covolt.study.lifetime.economy import economy
from covolt.study.procedures.protocol import Curve, Record
from covolt.study.procedures.reasons import why_not
from covolt.study.procedures.registry import procedures
from covolt.study.procedures.track import axle_ru
from covolt.study.report.example import example_drive
from covolt.study.report.headline import evidence_of, headline
from covolt.study.report.told_apart import contradiction_rows
from covolt.study.verdicts.attribution import Change, Difference
from covolt.study.verdicts.checking import line_checked, readings_of_verdict, texts_checked
from covolt.study.verdicts.commit import committed_on
from covolt.study.verdicts.decisive import Choice, NextStep, next_steps, to_state
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.verdict import STANDINGS_RU, Verdict, correlations, margin_text
from covolt.study.verdicts.verification import Verification, conditions_of
from covolt.words import LANGUAGES, Words, as_data

__all__ = ["Since", "content"]

MOST_POINTS = 900
COUNTRIES = ("ru", "by")
"""Whose grids the comparison shows."""
PRIVATE = (
    *("value", "margin", "margin_text", "uncertainty", "expanded", "inputs", "models", "probability", "laws"),
    *("contributions", "unchecked", "conditions", "checked", "bound", "evidence"),
)
"""What of a verdict only its party reads."""
Plain = dict[str, Any]


@dataclass(frozen=True)
class Since:
    """What moved since an earlier state, and by whom."""

    baseline: Words
    beside: Sequence[Problem]
    changes: Sequence[Change]
    differences: Sequence[Difference]


def content(
    programme: Programme,
    verification: Verification,
    *,
    reader: str = "",
    since: Since | None = None,
    gates: Sequence[GateState] = (),
) -> Plain:
    """Everything that the report says. `reader` is the party that reads: what others keep private is hidden from it."""
    subject, trace = example_drive(programme)
    checks, records = texts_checked(programme), verification.records.items()
    checked = {key: readings_of_verdict(programme.requirements[key], one, checks) for key, one in records}
    rows = [_row(one, programme, reader, checked.get(one.requirement, [])) for one in verification.verdicts]
    passing = {one.requirement for one in verification.verdicts if one.passes}
    hidden = {row["requirement"] for row in rows if row["private"]}
    acts = approval_rows(programme, verification.verdicts, signed=signed_by_agencies(programme, gates))
    return {
        "schema": "report/1",
        "covolt": version("covolt"),
        "title": asdict(programme.charter.title.words),
        "summary": asdict(programme.charter.summary.words) if programme.charter.summary else None,
        "date": date.today().isoformat(),
        "lock": digest_of_file(programme.root / "programme.lock"),
        "locked_on": committed_on(programme.root, "programme.lock"),
        "accepted": verification.acceptable,
        "headline": headline(programme, verification, acts).plain(),
        "counts": {name: sum(row["verdict"] == name for row in rows) for name in STANDINGS_RU},
        "blocking": [row for row in rows if row["kind"] in {"law", "constraint"} and row["requirement"] not in passing],
        "contradictions": contradiction_rows(programme, hidden),
        "parties": [
            {
                "id": party.id,
                "title": asdict(party.title.words),
                "country": party.country,
                "roles": list(party.roles),
                "requirements": [row for row in rows if row["owner"] == party.id],
            }
            for party in programme.parties.values()
        ],
        "next": [_next(one, programme) for one in next_steps(verification.verdicts) if one.requirement not in hidden],
        "correlations": correlations([one for one in verification.verdicts if one.requirement not in hidden]),
        "slots": _slots(programme, verification),
        "figures": _figures(subject),
        "drive": _drive(trace),
        "curves": _curves(verification, hidden),
        "since": None if since is None else _since(since, programme, reader, hidden),
        "gates": [one.plain() for one in gates],
        "comparison": _comparison(verification),
        "approval": [one.plain() for one in acts],
        "protocols": _protocols(verification, rows, checks),
    }


def _row(one: Verdict, programme: Programme, reader: str, checked: Sequence[Plain]) -> Plain:
    requirement = programme.requirements[one.requirement]
    private = requirement.visibility == "party" and reader != requirement.party
    plain = asdict(one) | {"title": asdict(requirement.title.words), "private": private}
    plain["owner_title"] = asdict(programme.parties[requirement.party].title.words)
    plain["sign"] = "≥" if requirement.at_least is not None else "≤"
    plain["gate"] = requirement.verify.gate
    plain["safety"] = requirement.safety
    plain["stands_on"] = None if private or one.value is None else asdict(evidence_of(programme, one))
    plain["regulation"] = requirement.regulation
    plain["expanded"] = one.expanded
    plain["conditions"] = conditions_of(requirement, programme)
    plain["checked"] = checked
    plain["margin_text"] = [margin_text(one, language) for language in LANGUAGES]
    if private:
        for name in PRIVATE:
            plain[name] = None
        plain["why"] = {"en": "", "ru": ""}
    return plain


def _next(step: NextStep, programme: Programme) -> Plain:
    """What would decide a verdict, with the words of its choices."""

    def choice(one: Choice) -> Plain:
        return {
            "numbers": [
                {
                    **asdict(part),
                    "half": 0.5 * part.uncertainty,
                    "instead": asdict(words) if (words := to_state(part)) else None,
                }
                for part in one.numbers
            ],
            "probability": one.probability,
            "verdict": one.verdict,
        }

    return {
        "requirement": step.requirement,
        "title": asdict(programme.requirements[step.requirement].title.words),
        "unit": step.unit,
        "alone": [choice(one) for one in step.alone],
        "together": None if step.together is None else choice(step.together),
        "move": step.move,
    }


def _slots(programme: Programme, verification: Verification) -> list[Plain]:
    pins, sheets = programme.lock.slots if programme.lock else {}, locked_sheets(programme)
    return [
        {
            "id": slot.id,
            "title": asdict(slot.title.words),
            "owner": slot.owner,
            "offer": pins[slot.id].offer,
            "digest": pins[slot.id].digest,
            "contract": slot.contract,
            "model": sheets[programme.vehicle_slot(slot)].model.kind,
            "level": model_level(sheets[programme.vehicle_slot(slot)]),
            "not_used": [as_data(one) for one in not_used_beside(programme.vehicle_slot(slot), sheets)],
            "promises": [asdict(one) | {"kept": one.kept} for one in verification.conformances if one.slot == slot.id],
        }
        for slot in programme.slots.values()
        if slot.id in pins
    ]


def _comparison(verification: Verification) -> Plain | None:
    """Cost and greenhouse gases of this car beside petrol, diesel and gas cars; None where no requirement asks for both."""
    found = {record.procedure: record for record in verification.records.values()}
    try:
        cost, climate = (found[name].measures for name in ("ownership", "well-to-wheel"))
    except KeyError:
        return None
    tables = economy()

    def read(measures: Mapping[str, float], key: str, unit: str) -> float | None:
        return units.unit(unit).from_si(measures[key]) if key in measures else None

    def row(title: Words, cost_key: str, keys: Sequence[str]) -> Plain:
        """One car; `keys` are what its measures are called by in each country."""
        return {
            "title": asdict(title),
            "cost": read(cost, cost_key, "kRUB"),
            "use": [read(climate, f"use_{key}", "g/km") for key in keys],
            "life": [read(climate, f"life_{key}", "g/km") for key in keys],
            "break_even": [
                read(climate, f"break_even_{key}_{country}", "km") for key, country in zip(keys, COUNTRIES, strict=True)
            ],
        }

    own = row(Words("this car", "этот автомобиль"), "cost", COUNTRIES)
    rivals = [row(one.title.words, f"cost_{one.id}", [one.id] * len(COUNTRIES)) for one in tables.rival]
    return {
        "rows": [own, *rivals],
        "grids": [
            {"country": one.country, "date": one.date} for one in tables.grid if one.country.lower() in COUNTRIES
        ],
        "title": tables.title,
    }


def _figures(subject: Subject) -> list[Plain]:
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
    return [
        {"name": name, "value": units.unit(unit).from_si(value), "unit": unit}
        for name, value, unit in found
        if value is not None
    ]


def _drive(trace: Trace) -> Plain:
    every = max(1, len(trace.time_s) // MOST_POINTS)
    pick = slice(None, None, every)

    def chart(name: str, lines: Mapping[str, np.ndarray]) -> Plain:
        return {
            "axis": name,
            "x": _rounded(trace.time_s[pick]),
            "y": {key: _rounded(value[pick]) for key, value in lines.items()},
        }

    return {
        "mission": trace.result.mission.name,
        "distance": float(np.sum(trace["mean_speed_m_per_s"])) * trace.result.mission.dt_s / 1e3,
        "ambient": trace.result.mission.conditions.ambient_temperature_K - 273.15,
        "drawn": -float(np.sum(trace["battery_power_W"])) * trace.result.mission.dt_s / 3600.0,
        "recuperated": float(np.sum(np.maximum(trace["battery_power_W"], 0.0))) * trace.result.mission.dt_s / 3600.0,
        "outcome": None if trace.outcome.completed else asdict(why_not(trace.outcome)),
        "charts": [
            chart("speed_axis", {"speed": trace["speed_m_per_s"] * 3.6}),
            chart("power_axis", {"battery": -trace["battery_power_W"] / 1e3}),
            chart(
                "temperature_axis",
                {"battery|батарея": trace["battery_temperature_K"] - 273.15, **_windings(trace)},
            ),
            chart("charge_axis", {"charge": trace["state_of_charge"] * 100.0}),
        ],
        "ledger": [{"name": one.name, "kind": one.kind, "energy_J": one.energy_J} for one in trace.ledger.entries],
    }


def _windings(trace: Trace) -> dict[str, np.ndarray]:
    """Winding temperature in degC, of two axles that of each."""
    ending = "_winding_temperature_K"
    axles = [name.removesuffix(ending) for name in trace.names if name.endswith(ending)]
    return {
        "winding|обмотка" if len(axles) == 1 else f"winding, {axle}|обмотка, {axle_ru(axle)}": trace[axle + ending]
        - 273.15
        for axle in axles
    }


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _curves(verification: Verification, private: Set[str]) -> list[Plain]:
    """Each curve once, with the requirements that stand on it and the bounds that they set on what it shows."""
    found: dict[str, Plain] = {}
    verdicts = {one.requirement: one for one in verification.verdicts}
    for requirement, record in verification.records.items():
        for curve in record.curves if requirement not in private else ():
            plain = _plain_curve(curve, record.procedure)
            same = f"{plain['title']}{plain['x'][:3]}{[values[:3] for values in plain['y'].values()]}"
            kept = found.setdefault(same, plain)
            kept["requirements"].append(requirement)
            bound = _bound_in(curve.y_unit, verdicts[requirement])
            # Of several curves in one unit, such as the powers of two axles, none shows what the bound is on: their sum.
            alone = sum(other.y_unit == curve.y_unit for other in record.curves) == 1
            if bound is not None and alone:
                kept["bounds"][requirement] = bound
    return list(found.values())


def _bound_in(unit: str, verdict: Verdict) -> float | None:
    """The bound of a requirement in the unit of a curve; None where it bounds another quantity."""
    if verdict.bound is None or verdict.unit not in units.UNITS or unit not in units.UNITS:
        return None
    own, drawn = units.unit(verdict.unit), units.unit(unit)
    return drawn.from_si(own.to_si(verdict.bound)) if own.si == drawn.si else None


def _plain_curve(curve: Curve, procedure: str) -> Plain:
    end = _end(curve)
    pick = slice(None, end, max(1, end // MOST_POINTS))
    return {
        "procedure": procedure,
        "requirements": [],
        "bounds": {},
        "title": asdict(curve.title),
        "x_title": asdict(curve.x_title),
        "x_unit": curve.x_unit,
        "y_unit": curve.y_unit,
        "x": _rounded(np.asarray(curve.x)[pick]),
        "y": {name: _rounded(np.asarray(values)[pick]) for name, values in curve.y.items()},
    }


def _end(curve: Curve) -> int:
    """Number of points up to a little behind the last at which a curve over time still changes."""
    count = len(curve.x)
    if curve.x_unit != "s" or count == 0:
        return count
    still = [np.isclose(values, values[-1], rtol=1e-3, atol=1e-9) for values in map(np.asarray, curve.y.values())]
    moving = np.flatnonzero(~np.all(still, axis=0))
    return count if moving.size == 0 else min(count, int(1.05 * moving[-1]) + 2)


def _since(since: Since, programme: Programme, reader: str, hidden: Set[str]) -> Plain:
    shown = [one for one in since.differences if one.requirement not in hidden]
    moved = [one for one in shown if one.moved]
    return {
        "baseline": asdict(since.baseline),
        "does_not_stand": [asdict(one) for one in since.beside],
        "changes": [asdict(one) for one in since.changes if reader == one.party or not one.private],
        "compared": len(shown),
        "parties": sorted({party for one in shown for party in one.contributions}),
        "differences": [
            asdict(one)
            | {
                "contributions": dict(one.contributions),
                "total": one.total,
                "scale": one.scale,
                "title": asdict(programme.requirements[one.requirement].title.words),
            }
            for one in moved
        ],
    }


def _regulation(procedure: str) -> Plain:
    """By which rule a procedure is done; where no regulation prescribes it, the customer does."""
    known = procedures().get(procedure)
    text = known.regulation if known else ""
    return {"en": text, "ru": text.replace("customer", "заказчик").replace("in preparation", "готовится")}


def _protocols(verification: Verification, rows: Sequence[Plain], checks: Sequence[CheckedText]) -> list[Plain]:
    """One protocol for each different record, with the requirements that stand on it; private ones are left out."""
    private = {row["requirement"] for row in rows if row["private"]}
    levels = {one.requirement: one.validation_level or 0 for one in verification.verdicts}
    groups: dict[int, tuple[Record, list[str]]] = {}
    for requirement, record in verification.records.items():
        if requirement not in private:
            groups.setdefault(id(record), (record, []))[1].append(requirement)
    known = procedures()
    return [
        {
            "procedure": record.procedure,
            "title": asdict(known[record.procedure].title if record.procedure in known else Words(record.procedure)),
            "regulation": _regulation(record.procedure),
            "requirements": names,
            "validation_level": min(levels[name] for name in names),
            "lines": [
                asdict(line) | {"shown": line.shown, "checked": line_checked(record.procedure, line, checks)}
                for line in record.lines
            ],
            "remarks": [asdict(one) for one in record.remarks],
        }
        for record, names in groups.values()
    ]

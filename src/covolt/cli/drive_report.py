"""What `covolt drive` says of a drive: a short table, where the energy went, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covolt.cli.printing import (
    EXACT_FIGURES,
    ROOMY,
    bar,
    beyond_cell,
    console,
    heading,
    known_text,
    pairs,
    table,
    uncertainty_document,
)

if TYPE_CHECKING:
    from covolt.library.spread import Interval
    from covolt.simulation.trace import Trace
    from covolt.study.cases.drive import ChosenCar, DriveResult

ZERO_CELSIUS_K = 273.15
SMALLEST_SHARE = 5e-4
BAR_WIDTH = 30
_RESULT = {
    "distance_m": ("distance_m", 1.0),
    "battery_energy_J": ("battery_energy_J", 1.0),
    "plug_energy_J": ("plug_energy_J", 1.0),
    "battery_consumption_Wh_per_km": ("battery_consumption_J_per_m", 1.0 / 3.6),
    "plug_consumption_Wh_per_km": ("plug_consumption_J_per_m", 1.0 / 3.6),
    "plug_consumption_kWh_per_100_km": ("plug_consumption_J_per_m", 1.0 / 36.0),
    "state_of_charge_percent": ("state_of_charge", 100.0),
    "battery_temperature_degC": ("battery_temperature_K", 1.0),
    "range_km": ("range_m", 1e-3),
}
"""Names in JSON: of which number of `of_drive`, times what."""


def print_report(done: DriveResult, written: Sequence[Path]) -> None:
    """Print the drive for a person."""
    from rich.text import Text

    trace, car, known = done.trace, done.car, done.known
    out = console()
    heading(out, f"{car.title or trace.result.name} · {_mission(trace)}")
    out.print(pairs(_figures(trace, known)))
    out.print()
    heading(out, "Where the energy went")
    out.print(_ledger_table(trace, known))
    out.print()
    completed = trace.outcome.completed
    out.print(Text("Outcome: ", style="bold") + Text(str(trace.outcome), style="green" if completed else "bold red"))
    for remark in (*done.remarks, *_remarks(trace, car)):
        out.print(remark)
    for path in written:
        out.print(Text(f"Wrote {path}"), soft_wrap=True)


def _remarks(trace: Trace, car: ChosenCar) -> list[str]:
    told = beyond_cell(car.table_ends_K, trace["battery_temperature_K"])
    return [one for one in (told, car.left_open, EXACT_FIGURES) if one]


def _mission(trace: Trace) -> str:
    conditions = trace.result.mission.conditions
    place = "dynamometer" if conditions.on_dynamometer else "road"
    comforts = "comforts on" if conditions.comforts_on else "comforts off"
    return f"{trace.result.mission.name}, {_celsius(conditions.ambient_temperature_K)}, {place}, {comforts}"


def _celsius(temperature_K: float) -> str:
    return f"{temperature_K - ZERO_CELSIUS_K:.1f} degC"


def _figures(trace: Trace, known: Mapping[str, Interval]) -> list[tuple[str, str]]:
    result, conditions = trace.result, trace.result.mission.conditions
    start_K = conditions.battery_temperature_K or conditions.ambient_temperature_K
    minutes, seconds = divmod(round(result.mission.duration_s), 60)
    end = known_text(known["state_of_charge"], 100.0)
    warmth = known_text(known["battery_temperature_K"], by=-ZERO_CELSIUS_K)
    rows = [
        ("Distance", f"{known_text(known['distance_m'], 1e-3)} km"),
        ("Time", f"{minutes} min {seconds} s"),
        ("Consumption", "none: the car does not move"),
        ("State of charge", f"{100 * conditions.state_of_charge:.1f} % to {end} %"),
        ("Battery temperature", f"{_celsius(start_K)} to {warmth} degC"),
    ]
    if result.distance_m > 0.0:
        plug = known_text(known["plug_consumption_J_per_m"], 1.0 / 36.0)
        rows[2:3] = [
            ("Battery consumption", f"{known_text(known['battery_consumption_J_per_m'], 1.0 / 3.6)} Wh/km"),
            ("Plug consumption", f"{plug} kWh/100 km (recharged at 23 degC)"),
        ]
        rows.append(("Range at this consumption", f"{known_text(known['range_m'], 1e-3)} km (full to empty)"))
    return rows


def _ledger_table(trace: Trace, known: Mapping[str, Interval]) -> Any:
    ledger = trace.ledger
    drawn_J = sum(abs(entry.energy_J) for entry in ledger.entries if entry.kind == "source") or 1.0
    columns = [("", "name"), ("energy", "right"), ("share", "right")]
    pictured = console().width >= ROOMY
    made = table([*columns, ("", "name")] if pictured else columns)
    entries = [entry for entry in ledger.entries if abs(entry.energy_J) > SMALLEST_SHARE * drawn_J]
    for entry in [e for e in entries if e.kind == "source"] + sorted(
        (e for e in entries if e.kind != "source"), key=lambda e: -e.energy_J
    ):
        share = entry.energy_J / drawn_J
        name = f"from the {entry.name}" if entry.kind == "source" else entry.name
        cells = [name, f"{known_text(known[entry.name], 1.0 / 3600.0)} Wh", f"{100 * share:.1f} %"]
        if pictured:
            cells.append("" if entry.kind == "source" else bar(share, BAR_WIDTH))
        made.add_row(*cells, end_section=entry.kind == "source")
    return made


def as_json(done: DriveResult) -> Any:
    """The drive as JSON has it; every key of a number ends in its unit. Uncertainties are standard ones, u."""
    trace, car, known = done.trace, done.car, done.known
    result, conditions = trace.result, trace.result.mission.conditions
    entries = {entry.name: entry for entry in trace.ledger.entries}
    document = {
        "car": {"id": result.name, "title": car.title},
        "mission": {
            "name": result.mission.name,
            "duration_s": result.mission.duration_s,
            "ambient_temperature_degC": _degC(conditions.ambient_temperature_K),
            "payload_kg": conditions.payload_kg,
            "start_state_of_charge_percent": 100.0 * conditions.state_of_charge,
            "on_dynamometer": conditions.on_dynamometer,
            "comforts_on": conditions.comforts_on,
        },
        "outcome": {
            "completed": trace.outcome.completed,
            "reason": trace.outcome.reason,
            "limit": trace.outcome.limit,
            "first_miss_time_s": trace.outcome.first_miss_time_s,
            "missed_time_s": trace.outcome.missed_time_s,
            "worst_miss_km_per_h": 3.6 * trace.outcome.worst_miss_m_per_s,
        },
        "result": {
            key: factor * known[name].value + (-ZERO_CELSIUS_K if key.endswith("_degC") else 0.0)
            for key, (name, factor) in _RESULT.items()
        },
        "uncertainty": {key: uncertainty_document(known[name], factor) for key, (name, factor) in _RESULT.items()},
        "ledger": [
            {
                "name": name,
                "kind": entry.kind,
                "energy_J": entry.energy_J,
                "energy_Wh": entry.energy_J / 3600.0,
                "uncertainty_J": known[name].standard_uncertainty,
            }
            for name, entry in entries.items()
        ],
        "remarks": [*done.remarks, *_remarks(trace, car)],
    }
    return _finite(document)


def _degC(temperature_K: float) -> float:
    """In degrees Celsius, free of the last digits that the shift leaves."""
    return round(temperature_K - ZERO_CELSIUS_K, 9)


def _finite(value: Any) -> Any:
    """JSON has no infinity: a number that is none becomes null."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value

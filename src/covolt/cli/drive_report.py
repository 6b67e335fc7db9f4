"""What `covolt drive` says of a drive: a short table, and where the energy went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covolt.cli.printing import (
    ROOMY,
    bar,
    console,
    heading,
    known_text,
    pairs,
    table,
)
from covolt.study.cases import remarks

if TYPE_CHECKING:
    from covolt.library.spread import Interval
    from covolt.simulation.trace import Trace
    from covolt.study.cases.drive import DriveResult

ZERO_CELSIUS_K = 273.15
SMALLEST_SHARE = 5e-4
BAR_WIDTH = 30


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
    for remark in remarks.of_drive(done):
        out.print(remark)
    for path in written:
        out.print(Text(f"Wrote {path}"), soft_wrap=True)


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
        drawn = known_text(known["battery_consumption_J_per_m"], 1.0 / 3.6)
        rows[2:3] = [
            ("Battery consumption", f"{drawn} Wh/km (at the battery's terminals)"),
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
        name = (
            ("out of the cells" if entry.name == "battery" else f"from the {entry.name}")
            if entry.kind == "source"
            else entry.name
        )
        cells = [name, f"{known_text(known[entry.name], 1.0 / 3600.0)} Wh", f"{100 * share:.1f} %"]
        if pictured:
            cells.append("" if entry.kind == "source" else bar(share, BAR_WIDTH))
        made.add_row(*cells, end_section=entry.kind == "source")
    return made

"""What `covolt drive` says of a drive: a short table, and where the energy went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.cli.printing import (
    ROOMY,
    bar,
    console,
    fixed,
    heading,
    known_text,
    pairs,
    print_outcome,
    print_written,
    table,
    with_unit,
)
from covolt.study.cases import remarks
from covolt.words import Phrase, joined, message, text

if TYPE_CHECKING:
    from covolt.cli.fitting_table import FittingTable
    from covolt.library.spread import Interval
    from covolt.simulation.trace import Trace
    from covolt.study.cases.drive import DriveResult

ZERO_CELSIUS_K = 273.15
SMALLEST_SHARE = 5e-4
BAR_WIDTH = 30


def print_report(done: DriveResult, written: Sequence[Path]) -> None:
    """Print the drive for a person."""
    trace, car, known = done.trace, done.car, done.known
    out = console()
    heading(out, joined((car.title or trace.result.name, _mission(trace)), " · "))
    out.print(pairs(_figures(trace, known)))
    out.print()
    heading(out, text("Where the energy went"))
    out.print(_ledger_table(trace, known))
    out.print()
    print_outcome(out, trace.outcome.said, completed=trace.outcome.completed)
    for remark in remarks.of_drive(done):
        out.print(remark)
    for path in written:
        print_written(out, path)


def _mission(trace: Trace) -> Phrase:
    conditions = trace.result.mission.conditions
    place = text("dynamometer") if conditions.on_dynamometer else text("road")
    comforts = text("comforts on") if conditions.comforts_on else text("comforts off")
    return joined((trace.result.mission.name, _celsius(conditions.ambient_temperature_K), place, comforts), ", ")


def _celsius(temperature_K: float) -> str:
    return with_unit(fixed(temperature_K - ZERO_CELSIUS_K, 1), "degC")


def _figures(trace: Trace, known: Mapping[str, Interval]) -> list[tuple[Phrase, str | Phrase]]:
    result, conditions = trace.result, trace.result.mission.conditions
    start_K = conditions.battery_temperature_K or conditions.ambient_temperature_K
    minutes, seconds = divmod(round(result.mission.duration_s), 60)

    def number(name: str, unit: str, factor: float = 1.0, by: float = 0.0) -> str:
        return with_unit(known_text(known[name], factor, by=by), unit)

    def span(begin: str, end: str) -> Phrase:
        return text("{begin} to {end}", context="range", begin=begin, end=end)

    charge = span(f"{fixed(100 * conditions.state_of_charge, 1)} %", number("state_of_charge", "%", 100.0))
    warmth = span(_celsius(start_K), number("battery_temperature_K", "degC", by=-ZERO_CELSIUS_K))
    rows: list[tuple[Phrase, str | Phrase]] = [
        (text("Distance"), number("distance_m", "km", 1e-3)),
        (text("Time"), f"{with_unit(str(minutes), 'min')} {with_unit(str(seconds), 's')}"),
        (text("Consumption"), text("none: the car does not move")),
        (text("State of charge"), charge),
        (text("Battery temperature"), warmth),
    ]
    if result.distance_m > 0.0:
        drawn = number("battery_consumption_J_per_m", "Wh/km", 1.0 / 3.6)
        plug = number("plug_consumption_J_per_m", "kWh/100 km", 1.0 / 36.0)
        share, reach = number("recuperated_fraction", "%", 100.0), number("range_m", "km", 1e-3)
        rows[2:3] = [
            (text("Battery consumption"), text("{value} (at the battery's terminals)", value=drawn)),
            (text("Plug consumption"), text("{value} (recharged at 23 degC)", value=plug)),
        ]
        rows += [
            (text("Range at this consumption"), text("{value} (full to empty)", value=reach)),
            (
                text("Recuperated"),
                text(
                    "{value} ({share} of what drove, at the drive units)",
                    value=number("recuperated_energy_J", "Wh", 1.0 / 3600.0),
                    share=share,
                ),
            ),
        ]
    return rows


def _ledger_table(trace: Trace, known: Mapping[str, Interval]) -> FittingTable:
    ledger = trace.ledger
    drawn_J = sum(abs(entry.energy_J) for entry in ledger.entries if entry.kind == "source") or 1.0
    columns = [("", "name"), (text("energy", context="head"), "right"), (text("share", context="head"), "right")]
    pictured = console().width >= ROOMY
    made = table([*columns, ("", "name")] if pictured else columns)
    entries = [entry for entry in ledger.entries if abs(entry.energy_J) > SMALLEST_SHARE * drawn_J]
    for entry in [e for e in entries if e.kind == "source"] + sorted(
        (e for e in entries if e.kind != "source"), key=lambda e: -e.energy_J
    ):
        share = entry.energy_J / drawn_J
        name = _SOURCES.get(entry.name) or message(entry.name, {}, context="flow")
        number = with_unit(known_text(known[entry.name], 1.0 / 3600.0), "Wh")
        pictures = ("" if entry.kind == "source" else bar(share, BAR_WIDTH),) if pictured else ()
        made.add_row(name, number, f"{fixed(100 * share, 1)} %", *pictures, end_section=entry.kind == "source")
    return made


_SOURCES: Mapping[str, Phrase] = {"battery": text("out of the cells"), "mains": text("from the mains")}

"""`covolt cycles`, `covolt parts`, `covolt schema`: what ships, and what files look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say
from covolt.cli.printing import console, fixed, heading, print_json, print_result, table, unit_text, with_unit
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.contract.interface import Interface

CYCLES_HELP = """List the cycles that ship, with their figures.

Examples:

  covolt cycles

  covolt cycles --json
"""
PARTS_HELP = """List the cars that ship, and the interfaces of a vehicle's slots.

Examples:

  covolt parts

  covolt parts city-car      (print the file of a car, to begin your own from)
"""
SCHEMA_HELP = """Print the JSON Schema of a kind of document, or list the kinds.

Examples:

  covolt schema

  covolt schema car/1 > car.schema.json

  covolt schema report/1      (of what covolt writes: reports, verdicts, and every --json)
"""
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def cycles(json: JsonOption = False, language: LanguageOption = None) -> None:
    """Print the cycles that ship, or one of them."""
    chosen_language(language)
    from covolt.study.cases.catalogue import cycles as all_cycles

    entries = all_cycles()
    if json:
        print_result(entries)
        return
    made = table(
        [
            (NAME, "name"),
            (_head(text("time", context="head"), "s"), "right"),
            (_head(text("distance", context="head"), "km"), "right"),
            (_head(text("highest", context="head"), "km/h"), "right"),
            (_head(text("mean", context="head"), "km/h"), "right"),
            (WHAT, "left"),
        ],
    )
    for entry in entries:
        made.add_row(
            entry.id,
            f"{entry.duration_s:.0f}",
            fixed(entry.distance_m / 1e3, 2),
            f"{entry.maximum_speed_m_per_s * 3.6:.0f}",
            f"{entry.mean_speed_m_per_s * 3.6:.0f}",
            say(entry.title),
        )
    console().print(made)


def parts(
    car: Annotated[str | None, typer.Argument(metavar="[CAR]", help="Print the file of this car.")] = None,
    language: LanguageOption = None,
) -> None:
    """Print the interfaces, or one with its parameters and ports."""
    from covolt.contract.architecture import INTERFACES, SECOND_AXLE
    from covolt.study.cases.catalogue import cars, interfaces, text_of_car

    chosen_language(language)
    if car is not None:
        typer.echo(text_of_car(car, Findings({"car": "CAR"})), nl=False)
        return
    out = console()
    made = table(
        [
            (NAME, "name"),
            (text("mass", context="head"), "right"),
            (text("battery", context="flow"), "right"),
            (text("motors", context="head"), "right"),
            (WHAT, "left"),
        ]
    )
    for name, f in cars().items():
        motors_W = f.motor_power + (f.second_motor_power or 0.0)
        numbers = ((f.test_mass, 0, "kg"), (f.battery_energy / 3.6e6, 1, "kWh"), (motors_W / 1e3, 0, "kW"))
        made.add_row(name, *(with_unit(fixed(value, places), unit) for value, places, unit in numbers), say(f.title))
    heading(out, text("Cars"))
    out.print(made)
    out.print()
    slots = table(
        [
            (NAME, "name"),
            (text("ports", context="head"), "right"),
            (text("parameters", context="head"), "right"),
            (WHAT, "left"),
        ]
    )
    for interface in interfaces():
        slots.add_row(*_interface_row(interface))
    heading(out, text("Interfaces of the slots"))
    out.print(slots)
    second = joined((f"{slot} ({INTERFACES[slot]})" for slot in SECOND_AXLE), say(text(" and ")))
    out.print(text("A second driven axle has the slots {slots}.", slots=second))


NAME, WHAT = text("name", context="head"), text("what", context="head")


def _head(name: Phrase, unit: str) -> Phrase:
    return joined((name, unit_text(unit)), "\n")


def _interface_row(interface: Interface) -> tuple[str, str, str, str]:
    return (
        interface.reference,
        str(len(list(interface.paths()))),
        str(len(interface.parameters)),
        say(interface.meaning),
    )


def schema(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help='Kind of document, such as "part/1".')] = None,
    language: LanguageOption = None,
) -> None:
    """Print the JSON Schema of one kind of document."""
    from covolt.study.cases.schemas import kinds, schema_of

    chosen_language(language)
    if name is None:
        listed = table([(text("schema", context="head"), "name"), (WHAT, "left")])
        for kind, what in kinds().items():
            listed.add_row(kind, say(what))
        console().print(listed)
        return
    print_json(schema_of(name))

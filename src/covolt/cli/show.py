"""`covolt cycles`, `covolt parts`, `covolt schema`: what ships, and what files look like."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from covolt.cli.printing import console, heading, print_json, print_result, table
from covolt.study.cases.options import Findings

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


def cycles(json: JsonOption = False) -> None:
    """Entry of the command; its help is `CYCLES_HELP`."""
    from covolt.study.cases.catalogue import cycles as all_cycles

    entries = all_cycles()
    if json:
        print_result(entries)
        return
    made = table(
        [
            ("name", "name"),
            ("time\ns", "right"),
            ("distance\nkm", "right"),
            ("highest\nkm/h", "right"),
            ("mean\nkm/h", "right"),
            ("what", "left"),
        ],
    )
    for entry in entries:
        made.add_row(
            entry.id,
            f"{entry.duration_s:.0f}",
            f"{entry.distance_m / 1e3:.2f}",
            f"{entry.maximum_speed_m_per_s * 3.6:.0f}",
            f"{entry.mean_speed_m_per_s * 3.6:.0f}",
            entry.title,
        )
    console().print(made)


def parts(
    car: Annotated[str | None, typer.Argument(metavar="[CAR]", help="Print the file of this car.")] = None,
) -> None:
    """Entry of the command; its help is `PARTS_HELP`."""
    from covolt.contract.architecture import INTERFACES, SECOND_AXLE
    from covolt.study.cases.catalogue import cars, interfaces, text_of_car

    if car is not None:
        typer.echo(text_of_car(car, Findings({"car": "CAR"})), nl=False)
        return
    out = console()
    made = table([("name", "name"), ("mass", "right"), ("battery", "right"), ("motors", "right"), ("what", "left")])
    for name, f in cars().items():
        motors_W = f.motor_power + (f.second_motor_power or 0.0)
        made.add_row(
            name, f"{f.test_mass:.0f} kg", f"{f.battery_energy / 3.6e6:.1f} kWh", f"{motors_W / 1e3:.0f} kW", f.title
        )
    heading(out, "Cars")
    out.print(made)
    out.print()
    slots = table([("name", "name"), ("ports", "right"), ("parameters", "right"), ("what", "left")])
    for interface in interfaces():
        slots.add_row(*_interface_row(interface))
    heading(out, "Interfaces of the slots")
    out.print(slots)
    second = " and ".join(f"{slot} ({INTERFACES[slot]})" for slot in SECOND_AXLE)
    out.print(f"A second driven axle has the slots {second}.")


def _interface_row(interface: Any) -> tuple[str, str, str, str]:
    return (
        interface.reference,
        str(len(list(interface.paths()))),
        str(len(interface.parameters)),
        interface.meaning,
    )


def schema(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help='Kind of document, such as "part/1".')] = None,
) -> None:
    """Entry of the command; its help is `SCHEMA_HELP`."""
    from covolt.study.cases.schemas import kinds, schema_of

    if name is None:
        listed = table([("schema", "name"), ("what", "left")])
        for kind, what in kinds().items():
            listed.add_row(kind, what)
        console().print(listed)
        return
    print_json(schema_of(name))

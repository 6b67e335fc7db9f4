"""`covolt new`, `check`, `lock`, `procedures`: a joint programme and its files."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.printing import console, heading, print_notices, print_result, table

NEW_HELP = """Begin a programme that verifies at once, from the public figures of a car.

Examples:

  covolt new my-car

  covolt new my-bus --like city-bus --supplier "Volta Batteries" --agency inspectorate
"""
CHECK_HELP = """Check every file of a programme, without driving anything: contracts, units, limits, references, missing evidence.

Examples:

  covolt check examples/city-car
"""
LOCK_HELP = """Choose and pin the offer of each slot, or say why none can fill it.

Examples:

  covolt lock examples/city-car

  covolt lock examples/city-car --upgrade

  covolt lock examples/city-car --pin battery=battery-works/pack-33@1.0.0

  covolt lock examples/city-car --freeze concept
"""
PROCEDURES_HELP = """List the procedures, the measures that they yield, and the conditions that they heed.

Examples:

  covolt procedures

  covolt procedures wltp
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder of the programme.")],
    like: Annotated[str, typer.Option("--like", metavar="CAR", help="Shipped car, or a car file.")] = "city-car",
    identifier: Annotated[str, typer.Option("--id", metavar="ID", help="Its id; else the name of the folder.")] = "",
    integrator: Annotated[str, typer.Option(metavar="NAME", help="Who joins the vehicle.")] = "integrator",
    supplier: Annotated[str, typer.Option(metavar="NAME", help="Who brings battery, drive and charger.")] = "supplier",
    agency: Annotated[str, typer.Option(metavar="NAME", help="Who approves the type.")] = "agency",
    example: Annotated[
        str, typer.Option(metavar="NAME", help="Copy this shipped programme instead: city-car, city-bus.")
    ] = "",
) -> None:
    """Entry of the command; its help is `NEW_HELP`."""
    from covolt.study.cases.example import copy_example
    from covolt.study.cases.publish import begin_programme

    if example:
        copied = copy_example(folder, example)
        console().print(f"copied {example} to {copied}; next: covolt verify {quote(str(copied))}")
        return
    made, car = begin_programme(
        folder, like, identifier, {"integrator": integrator, "supplier": supplier, "agency": agency}
    )
    if car.battery_cell is not None:
        console(stderr=True).print("Its battery has generic cells: a programme carries no cell file.")
    out = console()
    out.print(f"began {made}; next: covolt verify {quote(str(made))}")
    out.print(f"One engineer alone needs no key; how several parties make theirs stands in {made / 'README.md'}")


def check(programme: Folder = Path(), json: JsonOption = False) -> None:
    """Entry of the command; its help is `CHECK_HELP`."""
    from covolt.study.gate.check import check_programme, trust_notices

    read, notices = check_programme(programme)
    moved = trust_notices(read)  # files may be in order, and say less than was trusted
    if json:
        from covolt.study.result import NoticesDocument
        from covolt.study.result import notices as told

        print_result(NoticesDocument(told(notices)))
        if moved:
            raise typer.Exit(REQUIREMENTS_NOT_MET)
        return
    out = console()
    counts = (
        f"{len(read.parties)} parties, {len(read.slots)} slots, {len(read.contracts)} contracts, "
        f"{len(read.offers)} offers, {len(read.requirements)} requirements, {len(read.gates)} gates"
    )
    order = "it is not as it was trusted here" if moved else "every file is in order"
    out.print(f"{read.charter.title.words}: {counts}; {order}")
    print_notices(notices)
    if moved:
        raise typer.Exit(REQUIREMENTS_NOT_MET)


def lock(
    programme: Folder = Path(),
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Take the newest offer of every slot.")] = False,
    pin: Annotated[list[str] | None, typer.Option("--pin", metavar="SLOT=OFFER", help="Choose one.")] = None,
    freeze: Annotated[
        str | None, typer.Option("--freeze", metavar="NAME", help="Keep the lock as a baseline to compare with.")
    ] = None,
) -> None:
    """Entry of the command; its help is `LOCK_HELP`."""
    from covolt.study.cases.options import Findings
    from covolt.study.cases.publish import lock

    findings = Findings({"pins": "--pin"})
    done = lock(programme, upgrade=upgrade, pins=pin or (), freeze=freeze, findings=findings)
    out = console()
    for one in done.passed_over:
        out.print(f"{one.what} ({one.hint})", style="yellow")
    if done.path is None:
        out.print(f"nothing moves: {done.count} slots are pinned")
    else:
        for slot, (before, after) in done.moved.items():
            out.print(f"{slot}: {before or 'empty'} → {after}")
        out.print(f"wrote {done.path}")
    print_notices(done.notices)
    print_notices(done.waiting)
    if done.frozen is not None:
        out.print(f"kept as {done.frozen}")


def procedures(
    name: Annotated[str | None, typer.Argument(metavar="[PROCEDURE]", help="Show this one.")] = None,
) -> None:
    """Entry of the command; its help is `PROCEDURES_HELP`."""
    from covolt.study.procedures.registry import find_procedure
    from covolt.study.procedures.registry import procedures as all_procedures

    out = console()
    if name is None:
        made = table([("name", "name"), ("measures", "right"), ("regulation", "left"), ("what", "left")])
        for one in all_procedures().values():
            made.add_row(one.id, str(len(one.measures)), one.regulation, str(one.title))
        out.print(made)
        return
    one = find_procedure(name, "PROCEDURE")
    heading(out, f"{one.id}: {one.title} ({one.regulation})")
    out.print(f"heeds: {', '.join(one.heeded) or 'no conditions'}; for {', '.join(one.categories)}")
    made = table([("measure", "name"), ("unit", "name"), ("what", "left")])
    for measure in one.measures:
        made.add_row(measure.id, measure.unit, str(measure.title))
    out.print(made)

"""`covolt new`, `check`, `offer`, `lock`, `procedures`: a joint programme and its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.printing import console, heading, print_json, table
from covolt.errors import Problem

if TYPE_CHECKING:
    pass

NEW_HELP = """Begin a programme that verifies at once, from the public figures of a car.

Examples:

  covolt new my-car

  covolt new my-bus --like city-bus
"""
CHECK_HELP = """Check every file of a programme, without driving anything: contracts, units, limits, references, missing evidence.

Examples:

  covolt check examples/city-car
"""
OFFER_HELP = """Publish a part as an immutable, hashed offer that others can lock.

Examples:

  covolt offer examples/city-car/battery-works/parts/pack-33

  covolt offer part.toml --attach reports/mass.pdf --key ~/keys/battery-works.pem
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
) -> None:
    """Entry of the command; its help is `NEW_HELP`."""
    from covolt.study.cases.publish import begin_programme

    made, car = begin_programme(folder, like)
    if car.battery_cell is not None:
        console(stderr=True).print("Its battery has generic cells: a programme carries no cell file.")
    out = console()
    out.print(f"began {made}; next: covolt verify {made}")
    out.print(f"One engineer alone needs no key; how several parties make theirs stands in {made / 'README.md'}")


def check(programme: Folder = Path(), json: JsonOption = False) -> None:
    """Entry of the command; its help is `CHECK_HELP`."""
    from covolt.study.gate.check import check_programme, trust_notices

    read, notices = check_programme(programme)
    moved = trust_notices(read)  # files may be in order, and say less than was trusted
    if json:
        rows = [{"what": one.what, "where": one.where, "hint": one.hint} for one in notices]
        print_json({"notices": rows})
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
    _print_notices(notices)
    if moved:
        raise typer.Exit(REQUIREMENTS_NOT_MET)


def _print_notices(notices: Sequence[Problem]) -> None:
    for one in notices:
        said = f"  {one.where}: {one.what}" + (f" ({one.hint})" if one.hint else "")
        console().print(said, style="yellow")


def offer(
    part: Annotated[Path, typer.Argument(metavar="PART", help="Folder or file of the part.")],
    attach: Annotated[list[Path] | None, typer.Option("--attach", help="File that belongs to the offer.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Sign it with this key of your party.")] = None,
) -> None:
    """Entry of the command; its help is `OFFER_HELP`."""
    from covolt.programme.signing import read_key
    from covolt.study.cases.publish import offer

    private = None if key is None else read_key(key)
    done = offer(part, attach or [], private, f"--key {key}")
    console().print(f"published {done.offer.reference} as {done.path}\n{done.offer.digest}")
    if done.signature is not None:
        console().print(f"signed: {done.signature}")
    _print_notices(done.notices)


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
    _print_notices(done.notices)
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

"""`covolt new`, `check`, `offer`, `lock`, `procedures`: a joint programme and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.printing import console, heading, print_json, table
from covolt.errors import InputError, Problem

if TYPE_CHECKING:
    from covolt.contract.datasheet import Datasheet

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
    from covolt.library.cars import figures
    from covolt.library.starting import begin

    car = figures(like)
    made = begin(folder, car)
    if car.battery_cell is not None:
        console(stderr=True).print("Its battery has generic cells: a programme carries no cell file.")
    out = console()
    out.print(f"began {made}; next: covolt verify {made}")
    out.print(f"One engineer alone needs no key; how several parties make theirs stands in {made / 'README.md'}")


def check(programme: Folder = Path(), json: JsonOption = False) -> None:
    """Entry of the command; its help is `CHECK_HELP`."""
    from covolt.study.gate.check import check_programme

    read, notices = check_programme(programme)
    if json:
        rows = [{"what": one.what, "where": one.where, "hint": one.hint} for one in notices]
        print_json({"notices": rows})
        return
    out = console()
    counts = (
        f"{len(read.parties)} parties, {len(read.slots)} slots, {len(read.contracts)} contracts, "
        f"{len(read.offers)} offers, {len(read.requirements)} requirements, {len(read.gates)} gates"
    )
    out.print(f"{read.charter.title.words}: {counts}; every file is in order")
    _print_notices(notices)


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
    from covolt.library.declared import not_used
    from covolt.programme.keys import OFFERS
    from covolt.programme.offering import publish_part
    from covolt.programme.pledging import sign_offer, signer_problems
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import read_key
    from covolt.study.gate.check import part_problems

    private = None if key is None else read_key(key)

    def problems(sheet: Datasheet) -> list[Problem]:
        if private is None:
            return part_problems(sheet)
        signing = signer_problems(read_leniently(part), private, sheet.party, OFFERS, f"--key {key}")
        return [*part_problems(sheet), *signing]

    path, published = publish_part(part, attach or [], problems)
    console().print(f"published {published.reference} as {path}\n{published.digest}")
    if private is not None:
        console().print(f"signed: {sign_offer(read_leniently(path.parent), private, path, published, f'--key {key}')}")
    _print_notices([one.problem(published.datasheet) for one in not_used(published.datasheet)])


def lock(
    programme: Folder = Path(),
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Take the newest offer of every slot.")] = False,
    pin: Annotated[list[str] | None, typer.Option("--pin", metavar="SLOT=OFFER", help="Choose one.")] = None,
    freeze: Annotated[
        str | None, typer.Option("--freeze", metavar="NAME", help="Keep the lock as a baseline to compare with.")
    ] = None,
) -> None:
    """Entry of the command; its help is `LOCK_HELP`."""
    from covolt.library.declared import declared_problems
    from covolt.programme.baselines import freeze as freeze_lock
    from covolt.programme.folder import LOCK_FILE
    from covolt.programme.locking import resolve, write_lock
    from covolt.programme.reading import read_programme
    from covolt.study.gate.check import not_used_notices, unsigned_notices
    from covolt.study.verdicts.joined import locked_sheets

    wanted: dict[str, str] = {}
    for text in pin or []:
        slot, equals, reference = text.partition("=")
        if not equals:
            raise InputError(Problem(f"'{text}' names no offer", "--pin", "write SLOT=PARTY/PART@VERSION"))
        wanted[slot.strip()] = reference.strip()
    read = read_programme(programme, locked=False)
    found = resolve(read, upgrade=upgrade, wanted=wanted)
    chosen = locked_sheets(replace(read, lock=found.lock))
    problems = [one for sheet in chosen.values() for one in declared_problems(sheet)]
    if problems:
        raise InputError(problems)
    out = console()
    for one in found.passed_over:
        out.print(f"{one.what} ({one.hint})", style="yellow")
    if not found.moved and read.lock == found.lock:
        out.print(f"nothing moves: {len(found.lock.slots)} slots are pinned")
    else:
        path = write_lock(read.root, found.lock, before=read.digests.get(LOCK_FILE, ""))
        for slot, (before, after) in found.moved.items():
            out.print(f"{slot}: {before or 'empty'} → {after}")
        out.print(f"wrote {path}")
    _print_notices([*unsigned_notices(replace(read, lock=found.lock)), *not_used_notices(chosen)])
    if freeze is not None:
        out.print(f"kept as {freeze_lock(replace(read, lock=found.lock), freeze)}")


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

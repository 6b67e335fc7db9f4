"""`covolt check`, `offer`, `lock`, `verify`, `procedures`: a joint programme from its files to its verdict."""

from __future__ import annotations

import json as json_module
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.printing import console, heading, styled, table, with_unit
from covolt.digits import number_text
from covolt.errors import InputError, Problem

if TYPE_CHECKING:
    from covolt.programme.checked import CheckedText
    from covolt.study.verdict import Verdict
    from covolt.study.verification import Verification

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

  covolt offer part.toml --attach reports/mass.pdf
"""
LOCK_HELP = """Choose and pin the offer of each slot, or say why none can fill it.

Examples:

  covolt lock examples/city-car

  covolt lock examples/city-car --upgrade

  covolt lock examples/city-car --pin battery=battery-works/pack-33@1.0.0

  covolt lock examples/city-car --freeze concept
"""
VERIFY_HELP = """Hold the locked vehicle against every requirement.

What was computed before and has not changed is not driven again.

Examples:

  covolt verify examples/city-car

  covolt verify examples/city-car --json

  covolt verify examples/city-car --only I-RANGE --protocol
"""
PROCEDURES_HELP = """List the procedures, the measures that they yield, and the conditions that they heed.

Examples:

  covolt procedures

  covolt procedures wltp
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
COLOURS = {
    "met": "green",
    "not met": "bold red",
    "within uncertainty": "yellow",
    "not verified": "magenta",
    "stale": "magenta",
    "hidden": "cyan",
}


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder of the programme.")],
    like: Annotated[str, typer.Option("--like", metavar="CAR", help="Shipped car, or a car file.")] = "city-car",
) -> None:
    """Entry of the command; its help is `NEW_HELP`."""
    from covolt.library.cars import figures
    from covolt.study.starting import begin

    car = figures(like)
    made = begin(folder, car)
    if car.battery_cell is not None:
        console(stderr=True).print("Its battery has generic cells: a programme carries no cell file.")
    console().print(f"began {made}; next: covolt verify {made}")


def check(programme: Folder = Path(), json: JsonOption = False) -> None:
    """Entry of the command; its help is `CHECK_HELP`."""
    from covolt.study.check import check_programme

    read, notices = check_programme(programme)
    if json:
        rows = [{"what": one.what, "where": one.where, "hint": one.hint} for one in notices]
        typer.echo(json_module.dumps({"notices": rows}, indent=2, ensure_ascii=False))
        return
    out = console()
    counts = (
        f"{len(read.parties)} parties, {len(read.slots)} slots, {len(read.contracts)} contracts, "
        f"{len(read.offers)} offers, {len(read.requirements)} requirements, {len(read.gates)} gates"
    )
    out.print(f"{read.charter.title.words}: {counts}; every file is in order")
    for one in notices:
        out.print(f"  {one.where}: {one.what}" + (f" ({one.hint})" if one.hint else ""), style="yellow")


def offer(
    part: Annotated[Path, typer.Argument(metavar="PART", help="Folder or file of the part.")],
    attach: Annotated[list[Path] | None, typer.Option("--attach", help="File that belongs to the offer.")] = None,
) -> None:
    """Entry of the command; its help is `OFFER_HELP`."""
    from covolt.programme.offering import publish_part

    path, published = publish_part(part, attach or [])
    console().print(f"published {published.reference} as {path}\n{published.digest}")


def lock(
    programme: Folder = Path(),
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Take the newest offer of every slot.")] = False,
    pin: Annotated[list[str] | None, typer.Option("--pin", metavar="SLOT=OFFER", help="Choose one.")] = None,
    freeze: Annotated[
        str | None, typer.Option("--freeze", metavar="NAME", help="Keep the lock as a baseline to compare with.")
    ] = None,
) -> None:
    """Entry of the command; its help is `LOCK_HELP`."""
    from covolt.programme.baselines import freeze as freeze_lock
    from covolt.programme.folder import read_programme
    from covolt.programme.locking import resolve, write_lock

    wanted: dict[str, str] = {}
    for text in pin or []:
        slot, equals, reference = text.partition("=")
        if not equals:
            raise InputError(Problem(f"'{text}' names no offer", "--pin", "write SLOT=PARTY/PART@VERSION"))
        wanted[slot.strip()] = reference.strip()
    read = read_programme(programme, locked=False)
    found = resolve(read, upgrade=upgrade, wanted=wanted)
    out = console()
    for one in found.passed_over:
        out.print(f"{one.what} ({one.hint})", style="yellow")
    if not found.moved and read.lock == found.lock:
        out.print(f"nothing moves: {len(found.lock.slots)} slots are pinned")
    else:
        path = write_lock(read.root, found.lock)
        for slot, (before, after) in found.moved.items():
            out.print(f"{slot}: {before or 'empty'} → {after}")
        out.print(f"wrote {path}")
    if freeze is not None:
        out.print(f"kept as {freeze_lock(replace(read, lock=found.lock), freeze)}")


def verify(
    programme: Folder = Path(),
    json: JsonOption = False,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="Verify these alone.")] = None,
    protocol: Annotated[bool, typer.Option("--protocol", help="Print every numbered intermediate value.")] = False,
) -> None:
    """Entry of the command; its help is `VERIFY_HELP`."""
    from rich.progress import Progress

    from covolt.study.check import read_whole
    from covolt.study.checking import texts_checked
    from covolt.study.verification import verify as verify_programme

    read = read_whole(programme)
    unknown = [one for one in only or [] if one not in read.requirements]
    if unknown:
        known = ", ".join(read.requirements)
        raise InputError([Problem(f"no requirement '{one}'", "--only", f"known: {known}") for one in unknown])
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("driving", total=None)
        found = verify_programme(
            read, only=only or None, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    if json:
        typer.echo(
            json_module.dumps(
                {
                    "verdicts": [as_json(one) for one in found.verdicts],
                    "promises": [asdict(one) | {"kept": one.kept, "why": str(one.why)} for one in found.conformances],
                },
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        _print_verdicts(found, only=bool(only))
        if protocol:
            _print_protocols(found, texts_checked(read))
    raise typer.Exit(COMPLETED if found.acceptable else REQUIREMENTS_NOT_MET)


def as_json(one: Verdict) -> dict[str, Any]:
    """A verdict as scripts read it."""
    return {
        "requirement": one.requirement,
        "procedure": one.procedure,
        "measure": one.measure,
        "value": one.value,
        "unit": one.unit,
        "bound": one.bound,
        "margin": one.margin,
        "uncertainty": one.uncertainty,
        "verdict": one.verdict,
        "owner": one.owner,
        "kind": one.kind,
        "evidence": one.evidence,
        "validation_level": one.validation_level,
        "model_levels": dict(one.model_levels),
        "why": str(one.why),
    }


def _print_verdicts(found: Verification, *, only: bool) -> None:
    from covolt.study.verdict import margin_text

    out = console()
    made = table([("requirement", "name"), ("verdict", "name"), ("value", "right"), ("margin", "right")])
    owners = dict.fromkeys(one.owner for one in found.verdicts)
    for owner in owners:
        made.add_section()
        made.add_row(styled((owner, "dim")))
        for one in found.verdicts:
            if one.owner == owner:
                made.add_row(
                    f"  {one.requirement}",
                    styled((one.verdict, COLOURS[one.verdict])),
                    "" if one.value is None else with_unit(number_text(one.value, grouped=False), one.unit),
                    "" if one.margin is None else with_unit(margin_text(one, grouped=False), one.unit),
                )
    out.print(made)
    for one in found.verdicts:
        if one.why.en:
            out.print(f"{one.requirement}: {one.why}")
    counts = {name: sum(one.verdict == name for one in found.verdicts) for name in COLOURS}
    summed = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    heading(out, f"{len(found.verdicts)} requirement{'s' * (len(found.verdicts) != 1)}: {summed}")
    for one in found.conformances:
        if not one.kept:
            said = one.why.en or f"{number_text(one.found_ratio or 0.0, 3)}, at most {one.tolerance_ratio:g}"
            out.print(styled(("broken promise", "bold red"), (f" {one.slot}, {one.offer}: {one.promise}: {said}", "")))
    if found.conformances:
        count = sum(one.kept for one in found.conformances)
        out.print(f"{count} of {len(found.conformances)} promises of the contracts are kept")
    which = "of those verified " if only else ""
    laws = (
        f"every law and constraint {which}is met"
        if found.acceptable
        else "a law or a constraint is not shown to be met"
    )
    out.print(f"{laws}; {found.computed} records made, {found.recalled} recalled.")
    out.print("± is two standard uncertainties of what the datasheets declare; the models' own error is not in it.")


def _print_protocols(found: Verification, checks: Sequence[CheckedText]) -> None:
    from covolt.study.checking import line_checked

    out = console()
    for name, record in found.records.items():
        heading(out, f"\n{name}: {record.procedure}")
        made = table([("no.", "name"), ("what", "left"), ("symbol", "name"), ("value", "right"), ("clause", "left")])
        for line in record.lines:
            checked = line_checked(record.procedure, line, checks)
            clause = line.clause if checked else f"{line.clause} (text not checked)"
            value = with_unit(number_text(line.shown, 6, grouped=False), line.unit)
            made.add_row(line.number, str(line.title), line.symbol, value, clause)
        out.print(made)
        for remark in record.remarks:
            out.print(str(remark))


def procedures(
    name: Annotated[str | None, typer.Argument(metavar="[PROCEDURE]", help="Show this one.")] = None,
) -> None:
    """Entry of the command; its help is `PROCEDURES_HELP`."""
    from covolt.study.registry import find_procedure
    from covolt.study.registry import procedures as all_procedures

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

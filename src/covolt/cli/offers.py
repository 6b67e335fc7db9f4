"""`covolt offer`, `offers`: a part published for others or shown as they would see it, and the rivals of a slot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.printing import console, heading, print_notices, print_result, table

if TYPE_CHECKING:
    from covolt.contract.datasheet import Datasheet, Declared
    from covolt.programme.rivals import Rival
    from covolt.study.cases.publish import OfferResult

OFFER_HELP = """Publish a part as an immutable, hashed offer that others can lock.

Examples:

  covolt offer examples/city-car/battery-works/parts/pack-33 --dry-run

  covolt offer examples/city-car/battery-works/parts/pack-33

  covolt offer part.toml --attach reports/mass.pdf --key ~/keys/battery-works.pem
"""
OFFERS_HELP = """List the offers of each slot side by side, of whichever party, and what speaks against each.

Examples:

  covolt offers examples/city-car

  covolt offers examples/city-car --slot battery
"""


def offer(
    part: Annotated[Path, typer.Argument(metavar="PART", help="Folder or file of the part.")],
    attach: Annotated[list[Path] | None, typer.Option("--attach", help="File that belongs to the offer.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Sign it with this key of your party.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what others would see of it; write nothing.")
    ] = False,
) -> None:
    """Entry of the command; its help is `OFFER_HELP`."""
    from covolt.programme.signing import read_key
    from covolt.study.cases.publish import offer

    private = None if key is None else read_key(key)
    done = offer(part, attach or [], private, f"--key {key}", write=not dry_run)
    if dry_run:
        _print_offer(done, part)
    else:
        said = "published {offer} as {path}" if done.new else "{offer} is published already, with this content: {path}"
        console().print(f"{said.format(offer=done.offer.reference, path=done.path)}\n{done.offer.digest}")
    if done.signature is not None:
        console().print(f"signed: {done.signature}")
    print_notices(done.notices)
    if dry_run:
        said = f"it would be {done.path.relative_to(done.root).as_posix()}" if done.new else "it is published already"
        console().print(f"Nothing was written; {said}.")


def _print_offer(done: OfferResult, part: Path) -> None:
    """Everything that stands in an offer, what of the part does not, and how it stands to the contracts of its slots."""
    from covolt.programme.seen import readers_of_offer

    out, sheet = console(), done.offer.datasheet
    heading(out, f"{done.offer.reference}, an offer of a {done.offer.interface.reference}")
    out.print(f"Digest: {done.offer.digest}")
    out.print(f"Seen by: {readers_of_offer(sheet)}")
    made = table(
        [("what others see", "name"), ("value", "right"), ("u", "right"), ("basis", "name"), ("source", "left")]
    )
    for row in _fields(sheet):
        made.add_row(*row)
    for one in done.offer.files:
        made.add_row(f"file {one.path}", "", "", "", one.digest)
    out.print(made)
    folder = part if part.is_dir() else part.parent
    kept = sum(one.is_file() for one in folder.rglob("*")) - 1 - len(done.offer.files)
    beside = f" and {kept} other file{'s' * (kept != 1)} of its folder" if kept > 0 else ""
    out.print(f"Not in the offer: comments of the part's file{beside}.")
    for slot, rival in done.fits.items():
        owned = (
            ""
            if rival.owned
            else f"; another party owns the slot: try it with covolt verify --with {slot}={rival.reference}"
        )
        limits = done.limits[slot]
        held = f"{sum(one.holds for one in limits)} of {len(limits)} limits of its contract are kept"
        heading(out, f"Slot {slot}: {'it can be taken' if not rival.reasons else 'it cannot be taken'}; {held}{owned}")
        if limits:
            made = table([("limit", "name"), ("promised", "right"), ("offered", "right"), ("", "name")])
            for one in limits:
                made.add_row(one.name, one.promised, one.offered, "kept" if one.holds else "broken")
            out.print(made)
    if not done.fits:
        out.print(f"No slot of this programme takes a {done.offer.interface.name}.", style="yellow")


def _fields(sheet: Datasheet) -> Iterator[tuple[str, str, str, str, str]]:
    """Every field of a datasheet as others read it."""
    for name in ("title", "licence", "chemistry"):
        if value := getattr(sheet, name):
            yield name, str(value), "", "", ""
    if sheet.promises:
        yield "promises", "", "", "", ", ".join(sheet.promises)
    yield "model", sheet.model.kind, "", "", ""
    numbers = {**sheet.declared, **{f"model {name}": one for name, one in sheet.model.parameters.items()}}
    for name, one in numbers.items():
        source = "; ".join(filter(None, (one.source, one.evidence, one.condition)))
        yield name, str(one.value), "" if one.u is None else str(one.u), one.basis, source
    for path, stated in sheet.ports.items():
        ends = (stated.minimum, stated.maximum)
        yield f"port {path}", " … ".join("" if one is None else str(one) for one in ends), "", "", ""
    tables = {**sheet.tables, **{f"model {name}": one for name, one in sheet.model.tables.items()}}
    for name, one in tables.items():
        points = " x ".join(str(len(axis.values)) for axis in one.axes)
        yield f"table {name}", f"{points} points", "", one.basis, "; ".join(filter(None, (one.source, one.evidence)))


def offers(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    slot: Annotated[
        str | None, typer.Option("--slot", metavar="SLOT", help="Compare the numbers of its offers.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Entry of the command; its help is `OFFERS_HELP`."""
    from covolt.study.cases.options import Findings
    from covolt.study.cases.publish import offers

    found = offers(programme, slot, Findings({"slot": "--slot"}))
    if json:
        from covolt.study.cases.offers_document import of_offers

        print_result(of_offers(found))
    elif slot is not None:
        _print_compared(slot, found[slot])
    else:
        _print_listed(found)


def _state(one: Rival) -> str:
    said = "locked" if one.locked else "older" if one.older else "waits" if one.waits else "cannot be taken"
    return (
        said
        if one.owned or one.locked
        else f"{said}; {one.offer.datasheet.party} does not own the slot, {one.owner} does"
    )


def _print_listed(found: Mapping[str, Sequence[Rival]]) -> None:
    out = console()
    made = table([("slot", "name"), ("offer", "name"), ("state", "left"), ("why", "left")])
    for slot, each in found.items():
        for place, one in enumerate(each):
            why = "; ".join(reason.what for reason in one.reasons)
            made.add_row(slot if place == 0 else "", one.reference, _state(one), why)
        if not each:
            made.add_row(slot, "", "empty", "")
    out.print(made)
    waiting = next((one for each in found.values() for one in each if one.waits), None)
    if waiting is not None:
        out.print(f"Try one that waits: covolt verify --with {waiting.slot}={waiting.reference}")


def _stated(one: Declared) -> str:
    """A declared number with its standard uncertainty, where one is stated, and its basis."""
    return f"{one.value}{'' if one.u is None else f', u {one.u}'}, {one.basis}"


def _print_compared(slot: str, found: Sequence[Rival]) -> None:
    """The offers of a slot side by side: a row for each number that one of them declares."""
    out = console()
    heading(out, f"Offers for the slot '{slot}'")
    made = table([("number", "name"), *((one.reference, "right") for one in found)])
    made.add_row("state", *(_state(one) for one in found))
    names = dict.fromkeys(name for one in found for name in one.offer.datasheet.declared)
    for name in names:
        numbers = [one.offer.datasheet.declared.get(name) for one in found]
        made.add_row(name, *("" if one is None else _stated(one) for one in numbers))
    out.print(made)
    print_notices(why for one in found for why in one.reasons)

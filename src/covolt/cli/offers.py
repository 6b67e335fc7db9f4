"""`covolt offer`, `offers`: a part published for others or shown as they would see it, and the rivals of a slot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, print_notices, print_result, table
from covolt.words import Phrase, joined, plural, said, text

if TYPE_CHECKING:
    from covolt.contract.datasheet import Datasheet, Declared
    from covolt.errors import Problem
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
    language: LanguageOption = None,
) -> None:
    """Publish a part as an immutable offer, or show what others would see of it."""
    from covolt.programme.signing import read_key
    from covolt.study.cases.publish import offer

    chosen_language(language)
    private = None if key is None else read_key(key)
    done = offer(part, attach or [], private, f"--key {key}", write=not dry_run)
    if dry_run:
        _print_offer(done, part)
    else:
        offer_, path = done.offer.reference, str(done.path)
        said = (
            text("published {offer} as {path}", offer=offer_, path=path)
            if done.new
            else text("{offer} is published already, with this content: {path}", offer=offer_, path=path)
        )
        console().print(joined((said, done.offer.digest), "\n"))
    if done.signature is not None:
        console().print(text("signed: {path}", path=str(done.signature)))
    print_notices(done.notices)
    if dry_run:
        place = done.path.relative_to(done.root).as_posix()
        console().print(
            text("Nothing was written; it would be {path}.", path=place)
            if done.new
            else text("Nothing was written; it is published already.")
        )


def _print_offer(done: OfferResult, part: Path) -> None:
    """Everything that stands in an offer, what of the part does not, and how it stands to the contracts of its slots."""
    from covolt.programme.seen import readers_of_offer
    from covolt.study.cases.offer_terms import terms_of_offer

    out, sheet = console(), done.offer.datasheet
    kind = done.offer.interface.reference
    heading(out, text("{offer}, an offer of a {kind}", offer=done.offer.reference, kind=kind))
    out.print(text("Digest: {digest}", digest=done.offer.digest))
    out.print(text("Seen by: {readers}", readers=readers_of_offer(sheet)))
    made = table(
        [
            (text("what others see"), "name"),
            (text("value", context="head"), "right"),
            ("u", "right"),
            (text("basis", context="head"), "name"),
            (text("source", context="head"), "left"),
        ]
    )
    for row in _fields(sheet):
        made.add_row(*row)
    for one in terms_of_offer(sheet):
        made.add_row(one.name, one.value, one.u, "", one.source)
    for one in done.offer.files:
        made.add_row(joined((text("file", context="head"), one.path), " "), "", "", "", one.digest)
    out.print(made)
    folder = part if part.is_dir() else part.parent
    kept = sum(one.is_file() for one in folder.rglob("*")) - 1 - len(done.offer.files)
    out.print(
        plural(
            "Not in the offer: comments of the part's file and {count} other file of its folder.",
            "Not in the offer: comments of the part's file and {count} other files of its folder.",
            kept,
        )
        if kept > 0
        else text("Not in the offer: comments of the part's file.")
    )
    for slot, rival in done.fits.items():
        trying = f"covolt verify --with {slot}={rival.reference}"
        limits = done.limits[slot]
        said = [
            text("it can be taken") if not rival.reasons else text("it cannot be taken"),
            text(
                "{kept} of {total} limits of its contract are kept",
                kept=sum(one.holds for one in limits),
                total=len(limits),
            ),
            *([] if rival.owned else [text("another party owns the slot: try it with {command}", command=trying)]),
        ]
        heading(out, text("Slot {slot}: {said}", slot=slot, said=joined(said)))
        if limits:
            heads = (text("promised", context="head"), text("offered", context="head"))
            made = table([(text("limit", context="head"), "name"), *((one, "right") for one in heads), ("", "name")])
            for one in limits:
                made.add_row(
                    one.name, one.promised, one.offered, text("kept", context="limit") if one.holds else text("broken")
                )
            out.print(made)
    if not done.fits:
        kind = done.offer.interface.name
        out.print(text("No slot of this programme takes a {kind}.", kind=kind), style="yellow")


MODEL = text("model", context="offer")
FIELDS: Mapping[str, Phrase] = {
    "title": text("title", context="offer"),
    "licence": text("licence", context="offer"),
    "chemistry": text("chemistry", context="offer"),
}
"""Fields of a datasheet that are one text."""


def _fields(sheet: Datasheet) -> Iterator[tuple[str, str, str, str, str]]:
    """Every field of a datasheet as others read it."""
    for name, words in FIELDS.items():
        if value := getattr(sheet, name):
            yield say(words), str(value), "", "", ""
    if sheet.promises:
        yield say(text("promises", context="offer")), "", "", "", ", ".join(sheet.promises)
    of_model = say(MODEL)
    yield of_model, " ".join(filter(None, (sheet.model.kind, sheet.model.file))), "", "", ""
    numbers = {**sheet.declared, **{f"{of_model} {name}": one for name, one in sheet.model.parameters.items()}}
    for name, one in numbers.items():
        source = "; ".join(filter(None, (one.source, one.evidence, one.condition)))
        yield name, str(one.value), "" if one.u is None else str(one.u), one.basis, source
    for one in sheet.charging or ():
        yield (
            say(text("charging", context="offer")),
            say(one.said),
            "",
            "",
            "; ".join(filter(None, (one.source, one.evidence))),
        )
    for path, stated in sheet.ports.items():
        ends = (stated.minimum, stated.maximum)
        yield (
            say(text("port {name}", name=path)),
            " … ".join("" if one is None else str(one) for one in ends),
            "",
            "",
            "",
        )
    tables = {**sheet.tables, **{f"{of_model} {name}": one for name, one in sheet.model.tables.items()}}
    for name, one in tables.items():
        points = text("{sizes} points", sizes=" x ".join(str(len(axis.values)) for axis in one.axes))
        yield (
            say(text("table {name}", name=name)),
            say(points),
            "",
            one.basis,
            "; ".join(filter(None, (one.source, one.evidence))),
        )


def offers(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    slot: Annotated[
        str | None, typer.Option("--slot", metavar="SLOT", help="Compare the numbers of its offers.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print the offers of each slot, and what speaks against each."""
    from covolt.study.cases.options import Findings
    from covolt.study.cases.publish import compared, offers

    findings = Findings({"slot": "--slot"})
    language_of(findings, language)
    told: list[Problem] = []
    if slot is not None and not json:
        _print_compared(slot, *compared(programme, slot, findings, told))
        print_notices(told)
        return
    found = offers(programme, slot, findings, told)
    if json:
        from covolt.study.cases.offers_document import of_offers

        print_result(of_offers(found))
        return
    _print_listed(found)
    print_notices(told)


def _state(one: Rival) -> Phrase:
    said = (
        text("locked", context="offer")
        if one.locked
        else text("older", context="offer")
        if one.older
        else text("waits", context="offer")
        if one.waits
        else text("cannot be taken")
    )
    party, owner = one.offer.datasheet.party, one.owner
    other = text("{party} does not own the slot, {owner} does", party=party, owner=owner)
    return said if one.owned or one.locked else joined((said, other))


def _print_listed(found: Mapping[str, Sequence[Rival]]) -> None:
    out = console()
    heads = (text("slot", context="head"), text("offer", context="head"))
    more = (text("state", context="head"), text("why", context="head"))
    made = table([*((one, "name") for one in heads), *((one, "left") for one in more)])
    for slot, each in found.items():
        for place, one in enumerate(each):
            why = joined((said(reason.what, speaking()) for reason in one.reasons), "; ")
            made.add_row(slot if place == 0 else "", one.reference, _state(one), why)
        if not each:
            made.add_row(slot, "", text("empty"), "")
    out.print(made)
    waiting = next((one for each in found.values() for one in each if one.waits), None)
    if waiting is not None:
        trying = f"covolt verify --with {waiting.slot}={waiting.reference}"
        out.print(text("Try one that waits: {command}", command=trying))


def _stated(one: Declared) -> str:
    """A declared number with its standard uncertainty, where one is stated, and its basis."""
    return f"{one.value}{'' if one.u is None else f', u {one.u}'}, {one.basis}"


def _print_compared(slot: str, found: Sequence[Rival], terms: Sequence[tuple[Phrase, Sequence[Phrase]]]) -> None:
    """The offers of a slot side by side: a row for each number that one of them declares, and for each term."""
    out = console()
    heading(out, text("Offers for the slot '{slot}'", slot=slot))
    made = table([(text("number", context="head"), "name"), *((one.reference, "right") for one in found)])
    made.add_row(text("state", context="head"), *(_state(one) for one in found))
    models = [one.offer.datasheet.model for one in found]
    made.add_row(MODEL, *(" ".join(filter(None, (one.kind, one.file))) for one in models))
    names = dict.fromkeys(name for one in found for name in one.offer.datasheet.declared)
    for name in names:
        numbers = [one.offer.datasheet.declared.get(name) for one in found]
        made.add_row(name, *("" if one is None else _stated(one) for one in numbers))
    for term, cells in terms:
        made.add_row(term, *cells)
    out.print(made)
    print_notices(why for one in found for why in one.reasons)

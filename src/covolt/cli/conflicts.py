"""`covolt conflicts`: requirements that cannot be met together, how sure that is, the least that resolves it, and its cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, indented, print_result, table, with_unit
from covolt.cli.study import bar
from covolt.digits import number_text
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, message, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.conflicts import BoundsApart, ConflictsDocument, DesignsLookedAt
    from covolt.study.conflicts.told import ConflictFound, Demand, Eased, MovedBound, Shortfall, WishThere

HELP = """Say which requirements cannot be met together, whose they are, and the least that resolves it.

First bounds that exclude each other, and those on declared numbers and prices that no design meets together, such as masses that
add up to more than is allowed; with a study all smallest sets that no design of it meets together.
With --search further designs are judged to disprove each of them: none is proven, no design was found.
Designs that leave a limit of a contract count for none: their parts could not be offered.

What is law or fixed is never offered for moving. Of what others keep as their own only owner and kind are told, and of a conflict
that holds such a requirement not what resolves it.

Examples:

  covolt conflicts examples/city-bus

  covolt conflicts examples/city-car --study city-designs --search 200
"""
SIDES = MappingProxyType({"at_least": "≥", "at_most": "≤"})
FULL = 8
"""Digits of a bound: a relaxed one is met as it is printed."""
MOST_NAMED = 6
"""Requirements that a design misses beside a conflict, named on the screen."""


def conflicts(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    study: Annotated[
        Path | None, typer.Option("--study", metavar="DIR", help="Folder of a study: covolt study run.")
    ] = None,
    search: Annotated[
        int, typer.Option("--search", metavar="N", help="Judge up to N further designs in each search.")
    ] = 0,
    most: Annotated[int, typer.Option("--most", metavar="N", help="Conflicts listed, the smallest first.")] = 12,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print conflicts of a programme and what resolves them."""
    from covolt.study.cases.conflicts import conflicts as find

    findings = Findings({one: f"--{one}" for one in ("study", "search", "most", "party")})
    language_of(findings, language)
    with bar() as progress:
        found = find(
            programme, study=study, search=search, most=most, party=party, progress=progress, findings=findings
        )
    if json:
        print_result(found)
        return
    for one in found.excluded:
        _print_apart(one)
    if found.designs is not None:
        _print_designs(found, found.designs)
        _print_everything(found)
    for at, one in enumerate(found.conflicts, start=1):
        _print_conflict(one, at, len(found.conflicts) + found.left, driven=found.designs is not None)
    if found.designs is not None:
        _print_rest(found)
        return
    if not found.excluded and not found.conflicts:
        console().print(
            text(
                "No two bounds exclude each other, nor do declared numbers and prices over all that may move within contracts."
            )
        )
    console().print(text("What no design meets together is found in a study: covolt study run, then --study DIR."))


def _print_apart(one: BoundsApart) -> None:
    out = console()
    heading(out, text("No vehicle can meet both"))
    _print_demands((one.at_least, one.at_most))
    if one.gap is not None:
        out.print(indented(text("{gap} apart, whatever the design", gap=_number(one.gap, one.unit)), 2))
    out.print()


def _print_demands(demands: Sequence[Demand]) -> None:
    from covolt.study.negotiation.wording import KINDS

    rows = table(
        [
            (text("requirement", context="head"), "name"),
            (text("party", context="head"), "name"),
            (text("what it asks", context="head"), "left"),
            (text("kind", context="head"), "left"),
        ]
    )
    for one in demands:
        kind = say(KINDS[one.kind])
        if one.may_move is None:
            rows.add_row(say(text("hidden")), one.party, "", kind)
            continue
        asked = f"{one.measure} {SIDES[one.side]} {_number(one.bound, one.unit)}"
        negotiable = text("negotiable") if one.may_move else text("fixed", context="bound")
        rows.add_row(one.requirement, one.party, asked, kind if one.kind == "law" else f"{kind}, {say(negotiable)}")
    console().print(rows)


def _print_designs(found: ConflictsDocument, looked: DesignsLookedAt) -> None:
    out = console()
    further = looked.count - looked.of_study
    said = text("{count} designs of {study} looked at", count=looked.of_study, study=looked.study)
    out.print(joined((said, text("and {count} further ones", count=further)), " ") if further else said)
    if looked.leaving:
        out.print(
            plural(
                "{count} design of the study leaves a contract, and counts for none",
                "{count} designs of the study leave a contract, and count for none",
                looked.leaving,
            )
        )
    if looked.meet and not found.conflicts:
        out.print(text("{count} of them meet all that is asked: nothing is in conflict", count=looked.meet))
    elif looked.may_meet and not found.conflicts:
        out.print(text("{count} of them miss nothing for sure, but leave something open", count=looked.may_meet))
    if found.disproved:
        out.print(text("{count} conflicts of the study are none: a further design meets them", count=found.disproved))
    out.print()


def _print_conflict(one: ConflictFound, at: int, count: int, *, driven: bool) -> None:
    out = console()
    several = len(one.demands) > 1
    if one.sure == "proven":
        said = (
            text("Conflict {at} of {count}: no design meets these together", at=at, count=count)
            if several
            else text("Conflict {at} of {count}: no design meets this", at=at, count=count)
        )
    elif several:
        said = text("Conflict {at} of {count}: no design found meets these together", at=at, count=count)
    else:
        said = text("Conflict {at} of {count}: no design found meets this", at=at, count=count)
    heading(out, said)
    _print_demands(one.demands)
    out.print(indented(_how_sure(one), 2))
    for each in one.contracts:
        said = {"contract": each.contract, "number": each.number, "limit": each.said}
        left = message(
            "A design that leaves the contract {contract} meets it: {number} {value}, agreed is {limit}.",
            {**said, "value": _number(each.value, each.unit)},
        )
        out.print(indented(left, 2))
    owners = sorted({each.party for each in one.demands if each.may_move is None})
    if owners:
        what = text(
            "What resolves it is not told: it would tell a bound that {parties} keeps as its own.",
            parties=joined(owners, ", "),
        )
        out.print(indented(what, 2))
    elif not one.eased:
        free = any(each.may_move for each in one.demands)
        out.print(
            indented(
                text("No bound that may be moved resolves it alone: let more of the vehicle move.")
                if free
                else text("Every bound of it is law or fixed: only another vehicle resolves it. Let more of it move."),
                2,
            )
        )
    _print_eased(one.eased, driven=driven, exact=one.sure in {"proven", "whole"})
    out.print()


def _how_sure(one: ConflictFound) -> Phrase:
    if one.sure == "sample":
        said = text("Not confirmed: only the designs of the study were looked at (--search N seeks further ones).")
    elif one.sure == "proven":
        return text("Proven: declared numbers and prices alone exclude it, whatever the design within contracts.")
    elif one.sure == "whole":
        said = text("Every design of the space was judged.")
    elif one.sought == 0:
        said = text("Further designs were sought for it: none meets it.")
    else:
        said = plural(
            "{count} further design was sought for it: none meets it.",
            "{count} further designs were sought for it: none meets it.",
            one.sought,
        )
    near = one.nearest
    if near is None:
        return said
    nearest = text(
        "The nearest misses {name} by {short} ({share} %).",
        name=near.requirement,
        short=_number(near.short, near.unit),
        share=_percent(near.share),
    )
    return joined((said, nearest), " ")


def _print_eased(eased: Sequence[Eased], *, driven: bool = True, exact: bool = False) -> None:
    """What resolves a conflict: moves of bounds by owner, and below each, where designs were driven, what that costs others.

    Of an exact conflict it is said where a move is the least that was found, and not the least that there is.
    """
    out = console()
    if len(eased) > 1:
        out.print(indented(text("The least that resolves it, one or another:"), 2))
    elif eased:
        out.print(indented(text("The least that resolves it:"), 2))
    for one in eased:
        out.print(indented(joined([_moved(each) for each in one.moves], "; "), 4))
        if exact and not one.least:
            out.print(indented(text("at most: a design that needs less is not excluded"), 6))
        for said in _cost(one) if driven else ():
            out.print(indented(said, 6))


def _cost(one: Eased) -> Iterator[Phrase]:
    """What the design of a relaxation costs others, beside today's vehicle."""
    new = [each for each in one.misses if each.today is None or each.today >= 0.0]
    still = [each for each in one.misses if each not in new]
    for said, missed in (
        (text("missed then, and met today: {names}"), new),
        (text("missed then as today: {names}"), still),
    ):
        named: list[Phrase | str] = [_missed(each) for each in missed[:MOST_NAMED]]
        if len(missed) > MOST_NAMED:
            named.append(text("and {number} more", number=len(missed) - MOST_NAMED))
        if named:
            yield said.filled({"names": joined(named, ", ")})
    if one.design and not one.misses:
        yield text("by computed values nothing else that the study asks is missed then")
    if one.open_there:
        yield text("open then: {names}", names=", ".join(one.open_there))
    moved = [each for each in one.interests if isfinite(each.value) and _wish_moves(each)]
    if moved:
        yield text("interests then: {names}", names=joined([_wish(each) for each in moved], ", "))


def _wish_moves(one: WishThere) -> bool:
    """Whether an interest has another value than today, as it is printed."""
    return one.today is None or _plain(one.value, 4) != _plain(one.today, 4)


def _moved(one: MovedBound) -> Phrase:
    return text(
        "{party}: {name} from {bound} to {relaxed} ({share} %)",
        party=one.party,
        name=one.requirement,
        bound=_plain(one.bound),
        relaxed=_number(one.relaxed, one.unit, FULL),
        share=_percent(one.share),
    )


def _missed(one: Shortfall) -> str:
    short = "" if one.short is None else f" {_number(one.short, one.unit)}"
    return f"{one.requirement} ({one.party}){short}"


def _wish(one: WishThere) -> Phrase:
    if one.today is None:
        return text("{name} ({party}) {value}", name=one.interest, party=one.party, value=_number(one.value, one.unit))
    return text(
        "{name} ({party}) {value}, today {today}",
        name=one.interest,
        party=one.party,
        value=_plain(one.value, 4),
        today=_number(one.today, one.unit),
    )


def _print_everything(found: ConflictsDocument) -> None:
    """What resolves all of it, before the conflicts that it resolves."""
    out = console()
    seen = [one for one in found.conflicts if all(each.may_move is not None for each in one.demands)]
    if found.everything:
        whole = len(seen) == len(found.conflicts)
        heading(out, text("To meet everything at once") if whole else text("To meet at once all that you may see"))
        _print_eased(found.everything)
        out.print()
    elif seen:
        out.print(text("No design found meets all that is law or fixed: no move of other bounds resolves everything."))
        out.print()


def _print_rest(found: ConflictsDocument) -> None:
    out = console()
    if found.left:
        out.print(
            plural("{count} conflict is not listed (--most).", "{count} conflicts are not listed (--most).", found.left)
        )
    if found.whole_to is not None:
        out.print(
            text(
                "Conflicts of more than {count} requirements may be missing: there are too many to find all.",
                count=found.whole_to,
            )
        )
    if found.open_requirements:
        names = ", ".join(one.requirement or one.party for one in found.open_requirements)
        out.print(text("Open at every design, so in no conflict: {names}", names=names))
    if found.unjudged:
        named: list[Phrase | str] = [
            joined((one.requirement or one.party, text("law")), ", ")
            if one.kind == "law"
            else one.requirement or one.party
            for one in found.unjudged
        ]
        out.print(text("Not judged by the study, so in no conflict: {names}", names=joined(named, "; ")))
    out.print(text("Values are computed without their uncertainties: covolt study sureness says how sure each is."))


def _number(value: float | None, unit: str, digits: int = 4) -> str:
    return with_unit(_plain(value, digits), unit)


def _plain(value: float | None, digits: int = FULL) -> str:
    return "" if value is None else number_text(value, digits, speaking(), grouped=False)


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else number_text(100.0 * ratio, 2, speaking(), grouped=False)

"""`covolt origin`: points and share of value of the vehicle by scheme, market and day, and who brings how much."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, speaking
from covolt.cli.options import Findings, language_of
from covolt.cli.printing import console, heading, print_result, table
from covolt.digits import number_text
from covolt.programme.amendments import CONFIDENCE
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.study.cases.origin import OriginOf, OriginUse
    from covolt.study.procedures.openness import Open
    from covolt.study.verdicts.origin_parts import Brought

HELP = """Say what the vehicle counts in schemes of origin, over their thresholds, who brings it, and what is open.

Points and share of value stand side by side, each from what is sure to what may be. A programme's own tables take the place of
those that ship with covolt.

Examples:

  covolt origin examples/city-car --market RU --date 2027-01-01

  covolt origin examples/city-car --scheme eaeu-decision-72 --yearly-volume 5000 --json
"""


def origin(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    market: Annotated[str, typer.Option("--market", help="Country of the sale, RU; else all of the programme.")] = "",
    date: Annotated[str, typer.Option("--date", metavar="DAY", help="Day of the sale, 2027-01-01; else today.")] = "",
    yearly_volume: Annotated[
        int | None, typer.Option("--yearly-volume", min=1, help="Vehicles made in a year, for the prices of parts.")
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="One scheme alone.")] = "",
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print points and share of value by scheme, and what each party and offer brings."""
    from covolt.study.cases.origin import origin

    findings = Findings({name: f"--{name}" for name in ("party", "market", "date", "scheme")})
    language_of(findings, language)
    found = origin(
        programme,
        market=market,
        date=date,
        yearly_volume=yearly_volume,
        scheme=scheme,
        party=party,
        findings=findings,
    )
    if json:
        print_result(found)
        return
    said: dict[Phrase, list[str]] = {}
    for one in found.schemes:
        _print(one, found.date)
        if one.counted.why:
            said.setdefault(one.counted.why, []).append(f"{one.market} {one.scheme}")
    for one in found.unvalued:
        console().print(one)
    for why, schemes in said.items():
        console().print(text("Open in {schemes}: {why}", schemes=", ".join(schemes), why=why))


def _print(one: OriginOf, day: str) -> None:
    out = console()
    heading(
        out,
        text("{market} on {day}: {title} ({scheme})", market=one.market, day=day, title=one.title, scheme=one.scheme),
    )
    sides = [text("share of value that counts: {share}", share=_ends(one.share, percent=True))]
    if one.share_uncertainty:
        sides.append(text("± {u} by the prices", u=_number(2.0 * one.share_uncertainty, percent=True)))
    if one.measure == "points":
        sides.insert(0, text("points: {points}", points=_ends(one.counted, percent=False)))
    elif one.measure == "services-share":
        sides.insert(0, text("services of third parties: {share}", share=_ends(one.counted, percent=True)))
    out.print(joined(sides, "; "))
    _print_uses(one)
    if one.rows:
        heads = [(text("operation", context="head"), "left"), (text("offer, where", context="head"), "left")]
        counts = one.measure == "points"
        made = table([*heads, *([(text("points", context="head"), "right")] if counts else []), ("", "left")])
        for row in one.rows:
            done = ", ".join(f"{offer} {country}" for offer, country in zip(row.offers, row.countries, strict=True))
            points = [_between(row.low or 0.0, row.high or 0.0)] if counts else []
            made.add_row(row.title, done, *points, row.why)
        out.print(made)
        if not counts:
            out.print(text("{scheme} counts a share of value; its operations have no points.", scheme=one.scheme))
    _print_brought(one, text("party", context="head"), one.parties)
    _print_brought(one, text("offer", context="head"), one.offers)
    out.print()


def _print_uses(one: OriginOf) -> None:
    heads = (text("use", context="head"), text("demanded", context="head"), text("margin", context="head"))
    made = table([(heads[0], "left"), (heads[1], "right"), (heads[2], "right"), ("", "left")])
    percent = one.measure != "points"
    for use in one.uses:
        value = "" if use.value is None else _number(use.value, percent=percent)
        made.add_row(use.title, value, "" if use.value is None else _ends(use.margin, percent=percent), _standing(use))
    if one.uses:
        console().print(made)


def _standing(use: OriginUse) -> Phrase:
    """Whether a threshold is passed, or why nobody can say."""
    from covolt.study.cases.origin import undecided

    low, high = use.margin.low, use.margin.high
    if not use.decides:
        return undecided(use)
    if use.lacking:
        return text("not passed, stated by nobody: {names}", names=", ".join(use.lacking))
    if low is not None and low >= 0.0:
        said = text("passed")
    else:
        said = text("not passed") if high is not None and high < 0.0 else text("open", context="threshold")
    sure = CONFIDENCE.get(use.confidence)
    if use.confidence == "high" or sure is None:
        return said
    return text("{said}; confidence in the threshold: {confidence}", said=said, confidence=sure)


def _print_brought(one: OriginOf, head: Phrase, brought: Sequence[Brought]) -> None:
    """What each brings, those who bring nothing left out."""
    rows = [each for each in brought if each.points_granted or each.points or each.share]
    if not rows:
        return
    made = table(
        [
            (head, "name"),
            (text("points, sure", context="head"), "right"),
            (text("open rows granted", context="head"), "right"),
            (text("share of value", context="head"), "right"),
        ]
    )
    for each in rows:
        cells = (each.points, each.points_granted)
        share = "" if each.share is None else _number(each.share, percent=True)
        made.add_row(each.who, *("" if cell is None else _number(cell, percent=False) for cell in cells), share)
    console().print(made)


def _ends(one: Open, *, percent: bool) -> str:
    low, high = (None if end is None else _number(end, percent=percent) for end in (one.low, one.high))
    if low == high and low is not None:
        return low
    return f"{low or ''}…{high or ''}"


def _between(low: float, high: float) -> str:
    return "…".join(dict.fromkeys(_number(one, percent=False) for one in (low, high)))


def _number(value: float, *, percent: bool) -> str:
    shown = number_text(100.0 * value if percent else value, 5, speaking())
    return f"{shown}\N{NO-BREAK SPACE}%" if percent else shown

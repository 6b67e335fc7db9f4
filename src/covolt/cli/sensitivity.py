"""`covolt study sensitivity`: what each requirement hangs on, of all that the parties let move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import (
    console,
    heading,
    indented,
    print_result,
    print_written,
    table,
    unit_text,
    with_unit,
)
from covolt.cli.study import USUAL_WORKERS, WORDS_SAID, WorkersOption, bar
from covolt.digits import number_text
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.sensitivity_told import Hanging, IndexOf, SensitivityDocument

HELP = """Say what each requirement hangs on, of all that the parties let move.

By tornado each variable alone goes from its lowest to its highest, by gradient it is moved a little about today's vehicle, and
by sobol all move at once, over the whole space: which share of the variance does each explain?

Examples:

  covolt study sensitivity examples/city-car --only I-RANGE --only I-MASS

  covolt study sensitivity examples/city-car --only I-PRICE --method sobol --designs 1024
"""
LEAST_SHARE = 0.005
"""Of the variance: less is not named on the screen."""
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", metavar="ID", help="These requirements and interests alone.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it as a table: .parquet or .csv.")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Another seed, another sample.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def sensitivity(
    programme: Annotated[
        Path, typer.Argument(metavar="[PROGRAMME|DIR]", help="Folder of the programme, or of a study of it.")
    ] = Path(),
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="tornado, gradient or sobol.")] = "tornado",
    only: OnlyOption = None,
    designs: Annotated[
        int | None, typer.Option("--designs", metavar="N", help="With sobol: judge up to N designs; 1024.")
    ] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="With sobol: also what two explain together.")] = False,
    seed: SeedOption = 0,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private interests are in it.")] = "",
    workers: WorkersOption = None,
    output: OutputOption = None,
    json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Print what results hang on."""
    from covolt.study.cases.sensitivity import sensitivity as find

    options = ("method", "only", "designs", "pairs", "seed", "party", "workers", "output")
    findings = Findings({one: f"--{one}" for one in options})
    language_of(findings, language)
    with bar() as progress:
        found = find(
            programme,
            method=method,
            only=only or (),
            designs=designs,
            pairs=pairs,
            seed=seed,
            party=party,
            workers=USUAL_WORKERS if workers is None else workers,
            output=output,
            progress=progress,
            findings=findings,
        )
    if json:
        print_result(found)
        return
    _print_sensitivity(found)
    if output is not None:
        print_written(console(), output)


def _print_sensitivity(found: SensitivityDocument) -> None:
    out = console()
    for one in found.results:
        heading(out, _heading(one))
        if one.lost:
            lost = plural("{count} design gave no number for it", "{count} designs gave no number for it", one.lost)
            out.print(indented(lost, 2))
        _PRINTED[found.method](one)
        out.print()
    out.print(plural("{count} design judged", "{count} designs judged", found.designs))
    for why, count in found.outcomes.items():
        out.print(indented(plural("{count} not judged: {why}", "{count} not judged: {why}", count, why=why), 2))
    if found.fixed:
        names = ", ".join(found.fixed)
        out.print(text("Choices among offers have no slope: {names} (--method tornado)", names=names))
    print_left(found.left_out)


def print_left(names: tuple[str, ...]) -> None:
    """Requirements that were not asked of the vehicle."""
    if names:
        said = text("Left out, as no design changes them or they are another's own: {names}", names=", ".join(names))
        console().print(said)


def _heading(one: Hanging) -> Phrase:
    """What it is today, and beside its bound."""
    today = text("no number today") if one.today is None else text("today {value}", value=valued(one.today, one.unit))
    if one.bound is None:
        return joined((one.name, today), ": ")
    bound = valued(one.bound, one.unit)
    asked = text("at least {bound}", bound=bound) if one.side == "at_least" else text("at most {bound}", bound=bound)
    said = joined((today, asked, WORDS_SAID[one.verdict]), ", ")
    return joined((one.name, said), ": ")


def _print_bars(one: Hanging) -> None:
    """The ends of each variable; against a bound by the margins there, else by the values."""
    out = console()
    against = one.bound is not None
    result = text("margin", context="head") if against else text("value", context="head")
    made = table(
        [
            (text("what moves", context="head"), "name"),
            (text("from", context="range"), "right"),
            (result, "right"),
            (text("to", context="range"), "right"),
            (result, "right"),
            (text("width", context="head"), "right"),
        ]
    )
    for bar_ in one.bars:
        chosen = [end.at for end in bar_.ends if isinstance(end.at, str)]
        name = bar_.variable if bar_.unit == "1" or chosen else f"{bar_.variable} [{unit_text(bar_.unit)}]"
        known = [end for end in bar_.ends if end.value is not None] if chosen else bar_.ends
        ends = sorted(known, key=lambda end: end.value or 0.0) if chosen else known
        cells: list[str] = []
        for end in (ends[0], ends[-1]) if ends else ():
            cells += [number(end.at), number(end.margin if against else end.value)]
        made.add_row(name, *(cells or ("", "", "", "")), number(bar_.width))
    out.print(made)
    if one.unit != "1":
        said = text("margins and widths in {unit}") if against else text("values and widths in {unit}")
        out.print(indented(said.filled({"unit": unit_text(one.unit)}), 2))


def _print_slopes(one: Hanging) -> None:
    out = console()
    made = table(
        [
            (text("what moves", context="head"), "name"),
            (text("slope", context="head"), "right"),
            ("±", "right"),
            (text("unit", context="head"), "left"),
            (text("where", context="head"), "left"),
        ]
    )
    for each in one.slopes:
        unit = unit_text(one.unit) if each.unit == "1" else f"{unit_text(one.unit)}/{unit_text(each.unit)}"
        if each.kind == "kink":
            made.add_row(each.variable, number(each.below), _error(each.below_error), unit, say(text("kink: below")))
            made.add_row("", number(each.above), _error(each.above_error), unit, say(text("kink: above")))
        elif each.kind == "none":
            made.add_row(each.variable, "", "", unit, say(text("no number there")))
        else:
            side = text("upwards") if each.below is None else text("downwards")
            said = say(side) if each.kind == "one side" else ""
            # What is far within its error is what rounding left of nothing.
            slope = 0.0 if abs(each.slope or 0.0) < 0.01 * (each.error or 0.0) else each.slope
            made.add_row(each.variable, number(slope), _error(each.error), unit, said)
    out.print(made)


def _print_indices(one: Hanging) -> None:
    out = console()
    if not one.deviation:
        out.print(indented(text("It does not vary over the space, or too little of it could be found."), 2))
        return
    out.print(
        indented(
            text("varies by {value} over the space (one standard deviation)", value=valued(one.deviation, one.unit)), 2
        )
    )
    made = table(
        [
            (text("what moves", context="head"), "name"),
            (text("alone", context="head"), "right"),
            ("±", "right"),
            (text("with others", context="head"), "right"),
            ("±", "right"),
        ]
    )
    for each in sorted(one.indices, key=lambda index: -(index.total or 0.0)):
        made.add_row(
            each.variable,
            *(percent_text(value) for value in (each.first, each.first_half_width, each.total, each.total_half_width)),
        )
    out.print(made)
    if one.doubt:
        out.print(indented(one.doubt, 2))
    together = list(_pairs(one.indices))
    if together:
        out.print(indented(text("together beyond each alone: {pairs}", pairs=", ".join(together)), 2))


def _pairs(indices: Sequence[IndexOf]) -> Iterator[str]:
    """What two variables surely explain together, each pair once."""
    for at, one in enumerate(indices):
        later = {other.variable for other in indices[at + 1 :]}
        for pair in one.pairs:
            if pair.share is None or pair.half_width is None or pair.variable not in later:
                continue
            if abs(pair.share) > max(pair.half_width, LEAST_SHARE):
                yield f"{one.variable} × {pair.variable} {percent_text(pair.share)} ± {percent_text(pair.half_width)}"


_PRINTED = {"tornado": _print_bars, "gradient": _print_slopes, "sobol": _print_indices}


def number(value: float | str | None, digits: int = 4) -> str:
    """A number as people read it, nothing where there is none; the name of an offer as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    return number_text(value, digits, speaking(), grouped=False) if isfinite(value) else ""


def _error(value: float | None) -> str:
    return number(value, 2)


def valued(value: float | None, unit: str) -> str:
    """A number with its unit."""
    return "" if value is None else with_unit(number(value), unit)


def percent_text(ratio: float | None) -> str:
    """A share in percent."""
    return "" if ratio is None else f"{number_text(100.0 * ratio, 2, speaking(), grouped=False)} %"

"""`covolt parties`: who takes part at which level, and what the measures below each sum to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.gains import value_said
from covolt.cli.language import LanguageOption, chosen_language, say
from covolt.cli.printing import console, print_result, table, unit_text
from covolt.programme.levels import LEVEL_WORDS, in_a_year
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.study.cases.parties import MeasureRow

HELP = """Say who takes part at which level, who belongs to whom, and what the measures of those below each sum to.

Examples:

  covolt parties examples/city-car
"""


def parties(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print who takes part, at which level, and the sums of what each level measures."""
    chosen_language(language)
    from covolt.study.cases.parties import parties

    found = parties(programme)
    if json:
        print_result(found)
        return
    out = console()
    measured = (text("measures below it, each once", context="head"), "left")
    made = table(
        [
            (text("party", context="head"), "name"),
            (text("level", context="head"), "left"),
            (text("belongs to", context="head"), "left"),
            measured,
        ]
    )
    for one in found.parties:
        made.add_row(one.id, say(LEVEL_WORDS[one.level]), ", ".join(one.belongs_to), _said(one.measures))
    out.print(made)
    if found.levels:
        out.print()
        levels = table([(text("level", context="head"), "left"), (text("party", context="head"), "left"), measured])
        for row in found.levels:
            levels.add_row(say(LEVEL_WORDS[row.level]), ", ".join(row.parties), _said(row.measures))
        out.print(levels)


def _said(rows: Sequence[MeasureRow]) -> str:
    told = (
        f"{one.name} {value_said(one.value, one.expanded)} {unit_text(in_a_year(one.unit))} ({one.year}), {say(_known(one))}"
        for one in rows
    )
    return "; ".join(told)


def _known(one: MeasureRow) -> Phrase:
    """How a number is known, and from where."""
    if one.standing == "computed":
        return one.source
    return text("declared: {source}", source=one.source) if one.standing == "declared" else one.source

"""`covolt parties`: who takes part at which level, and what the measures below each sum to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say, speaking
from covolt.cli.printing import console, print_result, table
from covolt.digits import number_text
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.cases.parties import MeasureRow

HELP = """Say who takes part at which level, who belongs to whom, and what the measures of those below each sum to.

Examples:

  covolt parties examples/city-car
"""
LEVEL_WORDS = {
    "union-body": text("union body", context="level"),
    "ministry": text("ministry", context="level"),
    "agency": text("agency", context="level"),
    "state-corporation": text("state corporation", context="level"),
    "concern": text("concern", context="level"),
    "enterprise": text("enterprise", context="level"),
    "institute": text("institute", context="level"),
    "operator": text("operator", context="level"),
    "": text("no level stated", context="level"),
}


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
    told = (f"{one.name} {number_text(one.value, 6, speaking())} {one.unit} ({one.year})" for one in rows)
    return "; ".join(told)

"""`covolt ssp`: systems that come as SSP, checked and run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say
from covolt.cli.printing import console, heading, pairs, print_notices, print_result, table
from covolt.errors import Problem
from covolt.words import Phrase, plural, text

if TYPE_CHECKING:
    from rich.console import Console

    from covolt.study.cases.ssp import SspDocument
    from covolt.study.result import Notice

HELP = "Check and run systems that come as SSP (System Structure and Parameterization, 1.0 and 2.0)."
CHECK_HELP = """Say what an SSP joins and sets, and everything in it that is not joined, not applied or passed over.

FILE is an .ssp, an .ssd beside its resources, or a folder with SystemStructure.ssd. Nothing in it is run.

Example:

  covolt ssp check car.ssp
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The .ssp, .ssd or folder.")]
StructureOption = Annotated[
    str, typer.Option("--structure", metavar="NAME", help="Another .ssd in the package than SystemStructure.ssd.")
]


@app.callback()
def _several() -> None:
    """Keeps commands of their own."""


@app.command("check", help=CHECK_HELP)
def check(
    file: FileArgument,
    structure: StructureOption = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print what is joined and set, and what is not."""
    chosen_language(language)
    from covolt.study.cases.ssp import check_ssp

    found = check_ssp(file, structure)
    if json:
        print_result(found)
        return
    print_system(console(), found)


def print_system(out: Console, found: SspDocument) -> None:
    """A checked system as tables."""
    heading(out, text("System {name}, SSP {version}", name=found.name, version=found.version))
    out.print(pairs(_counts(found)))
    out.print()
    made = table(
        [
            (text("component", context="head"), "name"),
            (text("form", context="head"), "left"),
            (text("source", context="head"), "left"),
        ]
    )
    for one in found.components:
        made.add_row(one.name, one.form, one.source or say(text("none")))
    out.print(made)
    if found.connections or found.outputs:
        out.print()
        out.print(_connections(found))
    if found.parameters:
        out.print()
        out.print(_parameters(found))
    if found.unjoined:
        out.print()
        heading(out, text("Not joined"))
        made = table([(text("connector", context="head"), "name"), (text("meaning", context="head"), "left")])
        for one in found.unjoined:
            made.add_row(one.connector, say(one.meaning))
        out.print(made)
    _notices(out, text("Parameters not applied"), found.unapplied)
    _notices(out, text("Passed over"), found.notices)


def _counts(found: SspDocument) -> list[tuple[str | Phrase, str | Phrase]]:
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Connections"), str(len(found.connections))),
        (text("Parameters applied"), str(sum(not one.overridden for one in found.parameters))),
        (text("Parameters not applied"), str(len(found.unapplied))),
        (text("Not joined"), plural("{count} connector", "{count} connectors", len(found.unjoined))),
    ]
    if found.stop_s is not None:
        span = text("{start} s to {stop} s", start=found.start_s or 0.0, stop=found.stop_s)
        rows.append((text("Default experiment"), span))
    return rows


def _connections(found: SspDocument) -> object:
    made = table(
        [
            (text("from", context="head"), "name"),
            (text("to", context="head"), "name"),
            (text("conversion", context="head"), "left"),
        ]
    )
    for one in (*found.connections, *found.outputs):
        made.add_row(one.source, one.target, one.conversion)
    return made


def _parameters(found: SspDocument) -> object:
    made = table(
        [
            (text("parameter", context="head"), "name"),
            (text("value", context="head"), "right"),
            (text("unit", context="head"), "left"),
            (text("bound at", context="head"), "left"),
        ]
    )
    for one in found.parameters:
        of = one.of or say(text("the system"))
        made.add_row(one.variable, one.value, one.unit, f"{of}, {say(text('overridden'))}" if one.overridden else of)
    return made


def _notices(out: Console, words: Phrase, found: tuple[Notice, ...]) -> None:
    if found:
        out.print()
        heading(out, words)
        print_notices(Problem(one.what, one.where, one.hint) for one in found)

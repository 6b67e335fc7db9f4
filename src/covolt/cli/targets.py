"""`covolt targets`: parties agree on what they share, by targets and responses alone, and keep their sizing models at home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, speaking
from covolt.cli.printing import console, heading, print_result, print_written, table, unit_text
from covolt.digits import number_text
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.cases.targets import CascadeDocument

HELP = "Agree on shared numbers with parties that keep their sizing models to themselves."
NEW_HELP = """Write the next targets of every party, after all have answered the last; nothing where they have settled.

DIR/coordination.toml names the parties and what they share. Send each party its file, and put its response beside it.

Examples:

  covolt targets new sizing
"""
ANSWER_HELP = """Answer targets by your own sizing model, which runs here and is shown to nobody.

The program reads the targets as JSON and prints its responses as JSON; a .py file is run by this Python.

Examples:

  covolt targets answer battery-works/target-0003.toml model.py

  covolt targets answer battery-works/target-0003.toml -- ./size --quiet
"""
SHOW_HELP = """Show by how much responses differ and targets still move, for each shared number and iteration.

Examples:

  covolt targets show sizing
"""
SHOWN = 5
"""Iterations that are shown where not all are asked for."""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder with coordination.toml.")]


@app.command("new", help=NEW_HELP)
def new(folder: FolderArgument, language: LanguageOption = None) -> None:
    """Write the next targets."""
    from covolt.study.cases import targets

    chosen_language(language)
    written = targets.new(folder)
    out = console()
    if not written:
        out.print(text("All have settled: responses agree, and no target moves any more."))
    for path in written.values():
        print_written(out, path)


@app.command("answer", help=ANSWER_HELP)
def answer(
    file: Annotated[Path, typer.Argument(metavar="TARGETS", help="File of the targets.")],
    program: Annotated[list[str], typer.Argument(metavar="PROGRAM", help="Your model, and its arguments.")],
    language: LanguageOption = None,
) -> None:
    """Answer targets."""
    from covolt.study.cases import targets

    chosen_language(language)
    print_written(console(), targets.answer(file, program, findings=Findings({"program": "PROGRAM"})))


@app.command("show", help=SHOW_HELP)
def show(
    folder: FolderArgument,
    every: Annotated[bool, typer.Option("--all", help="Every iteration, not the last alone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Show how far parties have come."""
    from covolt.study.cases import targets

    chosen_language(language)
    found = targets.show(folder)
    print_result(found) if json else _print(found, every=every)


def _print(found: CascadeDocument, *, every: bool) -> None:
    out = console()
    heading(
        out,
        text(
            "Targets of {coordination}, iteration {iteration}",
            coordination=found.coordination,
            iteration=found.iteration,
        ),
    )
    if found.waiting:
        out.print(text("Not answered yet by: {parties}", parties=", ".join(found.waiting)))
    if found.settled:
        out.print(text("All have settled: responses agree, and no target moves any more."))
    if not found.iterations:
        return
    out.print(text("Primal: by how much responses differ. Dual: by how much the target moved."))
    heads = (text("iteration", context="head"), text("number", context="head"), text("target", context="head"))
    ends = (text("primal", context="head"), text("dual", context="head"))
    made = table(
        [
            (heads[0], "right"),
            (heads[1], "name"),
            *((one, "right") for one in (heads[2], *ends)),
            (text("unit", context="head"), "left"),
        ]
    )
    for one in found.iterations if every else found.iterations[-SHOWN:]:
        for each in one.residuals:
            numbers = (_number(value) for value in (each.target, each.primal, each.dual))
            made.add_row(str(one.iteration), each.name, *numbers, unit_text(each.unit))
    out.print(made)


def _number(value: float) -> str:
    return number_text(value, language=speaking(), grouped=False)

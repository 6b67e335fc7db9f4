"""`covolt sandbox check`: whether foreign code can be run here, and what keeps it apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import INPUT_WRONG
from covolt.cli.language import LanguageOption, chosen_language
from covolt.cli.printing import console, heading, print_result, table
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.cases.sandbox import SandboxWay

HELP = "Say what keeps foreign code apart on this machine."
CHECK_HELP = """Start a worker as foreign code gets it, try from inside what is forbidden, and say which protections hold.

Ends by 0 where foreign code can be run protected, by 2 where it cannot.

Example:

  covolt sandbox check
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def _parts() -> None:
    """Keeps `check` a command of its own."""


@app.command("check", help=CHECK_HELP)
def check(
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print which protections hold here, in each way of keeping a worker apart."""
    chosen_language(language)
    from covolt.study.cases.sandbox import sandbox_check

    found = sandbox_check()
    if json:
        print_result(found)
    else:
        out = console()
        heading(
            out,
            text("Foreign code can be run here, apart from everything else")
            if found.protected
            else text("Foreign code cannot be run protected here"),
        )
        for one in found.ways:
            _print(one)
    if not found.protected:
        raise typer.Exit(INPUT_WRONG)


def _print(way: SandboxWay) -> None:
    out = console()
    out.print()
    heading(out, way.title)
    if not way.protections:
        out.print(way.problem, style="yellow")
        return
    made = table(
        [
            (text("kept from", context="head"), "name"),
            (text("holds", context="head"), "left"),
            (text("how", context="head"), "left"),
        ]
    )
    for one in way.protections:
        made.add_row(one.guards, text("yes") if one.active else text("NO"), one.how)
    out.print(made)

"""The application: its commands, and how errors reach a person."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import typer

from covolt.cli import demo, drive, exit_codes, identify, show
from covolt.cli.printing import print_problems
from covolt.errors import CovoltError
from covolt.simulation.compiled import prepare_process

app = typer.Typer(
    name="covolt",
    help="Drive electric vehicles that several organisations create together.",
    epilog=exit_codes.table(),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("drive", help=drive.HELP, epilog=exit_codes.table())(drive.drive)
app.command("cycles", help=show.CYCLES_HELP)(show.cycles)
app.command("parts", help=show.PARTS_HELP)(show.parts)
app.command("schema", help=show.SCHEMA_HELP)(show.schema)
app.command("demo", help=demo.HELP)(demo.demo)
app.add_typer(identify.app, name="identify")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; errors of ours become text, bugs fly as they are."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    prepare_process()
    try:
        app(args=arguments, prog_name="covolt")
    except CovoltError as error:
        print_problems(error.problems)
        sys.exit(exit_codes.exit_code(error))

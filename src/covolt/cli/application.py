"""The application: its commands, and how errors reach a person."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import typer

from covolt.cli import demo, drive, exit_codes, identify, show
from covolt.cli.printing import print_problems
from covolt.errors import CovoltError

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
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(args=arguments, standalone_mode=False)
    except CovoltError as error:
        print_problems(error.problems)
        code = exit_codes.exit_code(error)
    except click.exceptions.Abort:
        code = exit_codes.INTERRUPTED
    except KeyboardInterrupt:
        code = exit_codes.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = exit_codes.INPUT_WRONG
    except BrokenPipeError:
        code = exit_codes.COMPLETED
        sys.stderr.close()
    sys.exit(code if isinstance(code, int) else exit_codes.COMPLETED)

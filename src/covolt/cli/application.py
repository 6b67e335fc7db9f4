"""The application: its commands, and how errors reach a person."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from covolt.cli import (
    approval,
    charge,
    demo,
    diff,
    drive,
    exit_codes,
    gate,
    identify,
    key,
    offers,
    programme,
    report,
    requirements,
    show,
    upgrade,
    verify,
)
from covolt.cli.printing import console, print_problems
from covolt.errors import CovoltError
from covolt.legible import ASCII_SIGNS, shown
from covolt.simulation.precision import prepare_process

GARBAGE_THRESHOLD = 100_000
"""A short command makes millions of objects while it imports, and hardly any garbage."""

WrongUse: type[Exception] = typer.BadParameter.__mro__[2]
"""What every wrong option or argument is; typer keeps it under different names."""

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
app.command("charge", help=charge.HELP, epilog=exit_codes.table())(charge.charge)
app.command("cycles", help=show.CYCLES_HELP)(show.cycles)
app.command("parts", help=show.PARTS_HELP)(show.parts)
app.command("schema", help=show.SCHEMA_HELP)(show.schema)
app.command("demo", help=demo.HELP)(demo.demo)
app.command("new", help=programme.NEW_HELP)(programme.new)
app.command("check", help=programme.CHECK_HELP)(programme.check)
app.command("offer", help=offers.OFFER_HELP)(offers.offer)
app.command("offers", help=offers.OFFERS_HELP)(offers.offers)
app.command("lock", help=programme.LOCK_HELP)(programme.lock)
app.command("verify", help=verify.HELP, epilog=exit_codes.table())(verify.verify)
app.command("diff", help=diff.HELP)(diff.diff)
app.command("report", help=report.HELP)(report.report)
app.command("gate", help=gate.GATE_HELP)(gate.gate)
app.command("approval", help=approval.HELP)(approval.approval)
app.command("sign", help=gate.SIGN_HELP)(gate.sign)
app.command("upgrade", help=upgrade.HELP)(upgrade.upgrade)
app.command("procedures", help=programme.PROCEDURES_HELP)(programme.procedures)
app.add_typer(identify.app, name="identify")
app.add_typer(key.app, name="key")
app.add_typer(requirements.app, name="requirements")


def _told_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        console().print(f"covolt {version('covolt')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_told_version, is_eager=True, help="Say which covolt this is.")
    ] = False,
) -> None:
    """Options of every command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; errors of ours become text, bugs fly as they are.

    Without arguments those of the process are taken, and the process ends here at once: taking the compiler apart object by
    object would cost a third of a second that nobody needs.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ASCII_SIGNS)
    prepare_process()
    if arguments is not None:
        sys.exit(_run(arguments))
    gc.set_threshold(GARBAGE_THRESHOLD)
    code = _run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or exit_codes.OUTPUT_CLOSED
    os._exit(code)


def _run(arguments: Sequence[str]) -> int:
    try:
        key.refuse_old_words(arguments)
        left = app(args=list(arguments), prog_name="covolt", standalone_mode=False)
    except CovoltError as error:
        print_problems(error.problems)
        return exit_codes.exit_code(error)
    except WrongUse as error:
        return _told(error)
    except typer.Abort:
        typer.echo("stopped", err=True)
        return exit_codes.INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else exit_codes.COMPLETED
    return left if isinstance(left, int) else exit_codes.COMPLETED


def _told(error: Any) -> int:
    """A wrong option or argument, told with what was typed, be it the name of a file that a shell has put there."""
    from typer.rich_utils import rich_format_error

    error.message = shown(error.message, breaks=True)
    rich_format_error(error)
    return error.exit_code

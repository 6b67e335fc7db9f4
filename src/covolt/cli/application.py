"""The application: its commands, and how errors reach a person."""

from __future__ import annotations

import gc
import io
import os
import shutil
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from covolt.cli import (
    approval,
    authority,
    charge,
    clones,
    conflicts,
    demo,
    diff,
    dossier,
    drive,
    exit_codes,
    export,
    fmu,
    gate,
    host,
    identify,
    keeping,
    key,
    map,
    negatives,
    negotiate,
    offers,
    optimise,
    origin,
    parties,
    people,
    programme,
    rename,
    report,
    requirements,
    runner,
    sandbox,
    sensitivity,
    serve,
    show,
    ssp,
    study,
    sureness,
    targets,
    upgrade,
    verify,
)
from covolt.cli.language import begin_speaking
from covolt.cli.printing import NARROWEST, console, print_problems
from covolt.cli.usage import Commands, problem_of
from covolt.errors import CovoltError
from covolt.legible import ASCII_SIGNS
from covolt.simulation.precision import prepare_process
from covolt.words import text

TABLED_HELP = 80
"""Columns from which the tables of the help show every name whole."""
GARBAGE_THRESHOLD = 100_000
"""A short command makes millions of objects while it imports, and hardly any garbage."""

WrongUse: type[Exception] = typer.BadParameter.__mro__[2]
"""What every wrong option or argument is; typer keeps it under different names."""

FIRST, ALONE, TOGETHER = "Begin here", "Cars, cycles and what there is", "A programme of several parties"
"""Under what the commands stand in the help."""

app = typer.Typer(
    name="covolt",
    cls=Commands,
    help="Drive electric vehicles that several organisations create together.",
    epilog=exit_codes.table(),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("drive", help=drive.HELP, epilog=exit_codes.table(), rich_help_panel=FIRST)(drive.drive)
app.command("new", help=programme.NEW_HELP, rich_help_panel=FIRST)(programme.new)
app.command("verify", help=verify.HELP, epilog=exit_codes.table(), rich_help_panel=FIRST)(verify.verify)
app.command("report", help=report.HELP, rich_help_panel=FIRST)(report.report)
app.command("charge", help=charge.HELP, epilog=exit_codes.table(), rich_help_panel=ALONE)(charge.charge)
app.command("cycles", help=show.CYCLES_HELP, rich_help_panel=ALONE)(show.cycles)
app.command("parts", help=show.PARTS_HELP, rich_help_panel=ALONE)(show.parts)
app.command("procedures", help=programme.PROCEDURES_HELP, rich_help_panel=ALONE)(programme.procedures)
app.command("schema", help=show.SCHEMA_HELP, rich_help_panel=ALONE)(show.schema)
app.add_typer(identify.app, name="identify", rich_help_panel=ALONE)
app.add_typer(fmu.app, name="fmu", rich_help_panel=ALONE)
app.add_typer(ssp.app, name="ssp", rich_help_panel=ALONE)
app.add_typer(sandbox.app, name="sandbox", rich_help_panel=ALONE)
app.command("map", help=map.HELP, rich_help_panel=ALONE)(map.make)
app.command("demo", help=demo.HELP, rich_help_panel=ALONE)(demo.demo)
app.command("check", help=programme.CHECK_HELP, rich_help_panel=TOGETHER)(programme.check)
app.command("offer", help=offers.OFFER_HELP, rich_help_panel=TOGETHER)(offers.offer)
app.command("offers", help=offers.OFFERS_HELP, rich_help_panel=TOGETHER)(offers.offers)
app.command("lock", help=programme.LOCK_HELP, rich_help_panel=TOGETHER)(programme.lock)
app.command("diff", help=diff.HELP, rich_help_panel=TOGETHER)(diff.diff)
app.command("conflicts", help=conflicts.HELP, rich_help_panel=TOGETHER)(conflicts.conflicts)
app.command("gate", help=gate.GATE_HELP, rich_help_panel=TOGETHER)(gate.gate)
study.app.command("optimise", help=optimise.OPTIMISE_HELP, epilog=exit_codes.table())(optimise.optimise)
study.app.command("front", help=optimise.FRONT_HELP)(optimise.front)
study.app.command("sensitivity", help=sensitivity.HELP)(sensitivity.sensitivity)
study.app.command("sureness", help=sureness.HELP)(sureness.sureness)
app.add_typer(study.app, name="study", rich_help_panel=TOGETHER)
app.command("origin", help=origin.HELP, rich_help_panel=TOGETHER)(origin.origin)
app.command("approval", help=approval.HELP, rich_help_panel=TOGETHER)(approval.approval)
app.command("negatives", help=negatives.HELP, rich_help_panel=TOGETHER)(negatives.negatives)
app.command("dossier", help=dossier.HELP, rich_help_panel=TOGETHER)(dossier.dossier)
app.command("negotiate", help=negotiate.HELP, epilog=exit_codes.table(), rich_help_panel=TOGETHER)(negotiate.negotiate)
app.add_typer(negotiate.app, name="proposal", rich_help_panel=TOGETHER)
app.add_typer(targets.app, name="targets", rich_help_panel=TOGETHER)
app.command("parties", help=parties.HELP, rich_help_panel=TOGETHER)(parties.parties)
app.command("sign", help=gate.SIGN_HELP, rich_help_panel=TOGETHER)(gate.sign)
app.add_typer(requirements.app, name="requirements", rich_help_panel=TOGETHER)
app.add_typer(key.app, name="key", rich_help_panel=TOGETHER)
app.add_typer(export.app, name="export", rich_help_panel=TOGETHER)
app.add_typer(authority.app, name="authority", rich_help_panel=TOGETHER)
app.command("host", help=host.HELP, rich_help_panel=TOGETHER)(host.host)
app.add_typer(people.app, name="people", rich_help_panel=TOGETHER)
app.command("serve", help=serve.HELP, rich_help_panel=FIRST)(serve.serve)
app.command("pull", help=clones.PULL_HELP, rich_help_panel=TOGETHER)(clones.pull)
app.command("push", help=clones.PUSH_HELP, rich_help_panel=TOGETHER)(clones.push)
app.command("propose", help=clones.PROPOSE_HELP, rich_help_panel=TOGETHER)(clones.propose)
app.command("review", help=clones.REVIEW_HELP, rich_help_panel=TOGETHER)(clones.review)
app.command("merge", help=clones.MERGE_HELP, rich_help_panel=TOGETHER)(clones.merge)
app.command("runner", help=runner.HELP, rich_help_panel=TOGETHER)(runner.runner)
app.command("audit", help=keeping.AUDIT_HELP, epilog=exit_codes.table(), rich_help_panel=TOGETHER)(keeping.audit)
app.command("backup", help=keeping.BACKUP_HELP, rich_help_panel=TOGETHER)(keeping.backup)
app.command("restore", help=keeping.RESTORE_HELP, rich_help_panel=TOGETHER)(keeping.restore)
export.app.command("party", help=keeping.PARTY_HELP)(keeping.export_party)
app.command("rename", help=rename.HELP, rich_help_panel=TOGETHER)(rename.rename)
app.command("upgrade", help=upgrade.HELP, rich_help_panel=TOGETHER)(upgrade.upgrade)


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
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what it logs by itself, covolt says in words
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


def _fit_help() -> None:
    """Help that fits the terminal: in tables, and where these would cut the names of options, as plain lines."""
    width = shutil.get_terminal_size().columns
    narrow = width < TABLED_HELP
    app.rich_markup_mode = None if narrow else "rich"
    settings = {"help_option_names": ["-h", "--help"]}
    app.info.context_settings = settings | ({"terminal_width": max(width, NARROWEST)} if narrow else {})


def _run(arguments: Sequence[str]) -> int:
    try:
        begin_speaking(arguments)
        _fit_help()
        key.refuse_old_words(arguments)
        left = app(args=list(arguments), prog_name="covolt", standalone_mode=False)
    except CovoltError as error:
        print_problems(error.problems)
        return exit_codes.exit_code(error)
    except WrongUse as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its help is printed already
            return exit_codes.COMPLETED
        print_problems([problem_of(error)])
        return exit_codes.INPUT_WRONG
    except typer.Abort:
        console(stderr=True).print(text("interrupted"))
        return exit_codes.INTERRUPTED
    except SystemExit as leaving:
        # Neither typer nor rich says else that nobody reads any more; no command of ours ends so.
        code = exit_codes.OUTPUT_CLOSED if leaving.code == 1 else leaving.code
        return code if isinstance(code, int) else exit_codes.COMPLETED
    return left if isinstance(left, int) else exit_codes.COMPLETED

"""`covolt runner`: jobs of one party of a workspace, computed on a machine of the party's own."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language
from covolt.cli.printing import console, print_notices
from covolt.errors import Problem
from covolt.words import Phrase, text

HELP = """Do a party's jobs of a workspace on this machine: conflicts and settlements that were asked of the party's own runner.

It leases one job after the other, is given the programme as the party sees it, computes in a process of its own, and brings back
the result, which is shown as computed by the party's runner. It goes on until you end it (Ctrl-C); a job that is under way then
waits for the next one, which goes on from what was whole. The token needs the scope "run" alone.

Examples:

  covolt runner https://covolt.example.org/joint-city-car --party battery-works --token-file runner.token

  covolt runner joint-city-car --party battery-works --once
"""


def runner(
    address: Annotated[str, typer.Argument(metavar="ADDRESS/PROGRAMME", help="Where the programme is.")],
    party: Annotated[str, typer.Option("--party", metavar="ID", help="Party whose jobs it does.")],
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="A token with the scope run, alone in a file.",
            show_default="COVOLT_TOKEN, or the workspace of this machine",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Do the jobs that wait now, and end.")] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", help="Where it works.", show_default="your data folder"),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Do jobs until interrupted."""
    from covolt.workspace.runner import Runner, read_by_others, remote_of, working_in

    chosen_language(language)
    out, stopped = console(), Event()

    def tell(said: Phrase) -> None:
        out.print(said, soft_wrap=True)

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stop)
    workspace, name = remote_of(address, token_file)
    if token_file is not None and read_by_others(token_file):
        what = text("others of this machine can read it")
        print_notices([Problem(what, str(token_file), text("give it to nobody else: chmod 600"))], columns=0)
    with working_in(folder, datetime.now(UTC)) as home:
        if not once:
            tell(text("doing jobs of {party} in {programme}", party=party, programme=name))
        Runner(workspace, name, party, home, tell, stopped).run(once=once)

"""`covolt host`: one part served to a hub from its owner's machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.language import LanguageOption
from covolt.cli.options import language_of
from covolt.cli.printing import console
from covolt.study.cases.options import Findings
from covolt.words import Phrase, text

HELP = """Serve one part of a joint vehicle from this machine: the part itself never leaves it.

PART is a slot or an offer of a programme, or your own model, which runs in the sandbox: FILE.fmu or FILE.py:CLASS. The host dials
out to the hub, shows the certificate of its invitation, answers until you end it (Ctrl-C), and dials again after a failure. What
leaves this house is values of ports: a log says which. docs/how-to/host-a-part.md says what ports can tell.

Examples:

  covolt host battery my-car --invitation invitation.json

  covolt host pack.fmu --as battery --invitation invitation.json

  covolt host pack.py:Pack --invitation invitation.json --to hub.example.org:7443 --budget 2000000

  covolt host --replay battery.log --invitation invitation.json
"""
SPELLED = {"part": "PART", "to": "--to"}


def host(
    part: Annotated[str, typer.Argument(metavar="[PART]", help="Slot, offer, FILE.fmu, or FILE.py:CLASS.")] = "",
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    invitation: Annotated[
        Path, typer.Option("--invitation", metavar="FILE", help="What the programme sent you.")
    ] = Path("invitation.json"),
    to: Annotated[str, typer.Option("--to", metavar="HOST:PORT", help="Hub, if not that of the invitation.")] = "",
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Private key, if not where it was made.")
    ] = None,
    called: Annotated[
        str, typer.Option("--as", metavar="SLOT", help="Slot that an FMU or a class fills, if it is not called so.")
    ] = "",
    deadline: Annotated[
        str, typer.Option("--deadline", help="After which a call of an FMU or a class is ended.")
    ] = "10 s",
    replay: Annotated[
        Path | None, typer.Option("--replay", metavar="LOG", help="Answer from a record of earlier answers.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option("--budget", min=1, metavar="STEPS", help="Most steps that are answered, of all runs.")
    ] = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help="Log of what leaves the house.")] = None,
    log_parts: Annotated[
        int, typer.Option("--log-parts", min=1, metavar="N", help="Full files of the log that are kept, each 64 MiB.")
    ] = 32,
    given_current: Annotated[
        bool, typer.Option("--given-current", help="The battery is asked for current, not for power.")
    ] = False,
    keep_states: Annotated[
        bool, typer.Option("--keep-states/--no-keep-states", help="Keep states here, so that runs resume.")
    ] = True,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Run your own model where the sandbox lacks protections.")
    ] = False,
    language: LanguageOption = None,
) -> None:
    """Serve a part until interrupted."""
    from covolt.errors import Problem
    from covolt.study.cases.host import HostOptions, host

    findings = Findings(SPELLED)
    language_of(findings, language)
    if bool(part) == (replay is not None):
        hint = text("name a slot, an offer, FILE.fmu or FILE.py:CLASS, or a log with --replay")
        findings.add(Problem(text("one thing is served, a part or a record"), "PART, --replay", hint))
    findings.demand_none()
    out = console()

    def tell(said: Phrase) -> None:
        out.print(said, soft_wrap=True)

    options = HostOptions(
        part=part,
        invitation=invitation,
        to=to,
        key=key,
        programme=programme,
        given="current" if given_current else "power",
        replay=replay,
        budget=budget,
        log=log,
        log_parts=log_parts,
        keeps=keep_states,
        unprotected=unprotected,
        called=called,
        deadline=deadline,
    )
    host(options, datetime.now(UTC), tell, findings=findings)

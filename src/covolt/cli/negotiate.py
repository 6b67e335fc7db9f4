"""`covolt negotiate`, `covolt proposal`: the settlement that all can sign, as cards and files, and what each party says to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.answering import SPELLED, of_file, say_answer
from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, heading, indented, print_result, print_written, table, unit_text
from covolt.cli.settlement import PARTY, UNIT, plain_number, print_proposal, print_settlement
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.cases.negotiate import Negotiation, Shown
    from covolt.study.negotiation.card import Card

HELP = """Find the settlement that is fair by a rule among the vehicles of a study, and say what every party gives and gets.

Only vehicles that the study judged are settled on, and only such as keep every law and every fixed requirement and give no party
less than it accepts at worst. Refusals in DIR lead to the next settlement. Ends with 6 where none is left.

Examples:

  covolt negotiate examples/city-car --study city-designs --output proposals

  covolt negotiate my-car --study shared --study own --rule nash --party battery-works

  covolt negotiate examples/city-bus --study bus-designs --output proposals --report settlement.html
"""
PROPOSAL_HELP = "Show, accept or refuse what a settlement asks of one party."
SHOW_HELP = """Say what a settlement asks of a party and gives it, and what differs from programme and settlement as they are.

Ends with 6 where it no longer holds.

Examples:

  covolt proposal show proposals/4f2c9a1be077/battery-works.toml my-car
"""
ACCEPT_HELP = """Accept a proposal as its party; the answer is written beside it, signed where only what is signed counts.

Examples:

  covolt proposal accept proposals/4f2c9a1be077/battery-works.toml my-car --key ~/keys/battery-works.pem
"""
REFUSE_HELP = """Refuse a proposal as its party, and say what it would accept; then negotiate again.

--bound names the worst that the party accepts of one of its interests, or how far a negotiable requirement of its own may move.
Without it the party wants more than it was offered.

Examples:

  covolt proposal refuse proposals/4f2c9a1be077/battery-works.toml my-car --bound "PRICE=1350 kRUB"
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="File of the proposal.")]
KeyOption = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Private key of the party.")]
RoleOption = Annotated[str, typer.Option("--role", help="Role in which it is signed; else the first of its key.")]
RemarksOption = Annotated[str, typer.Option("--remarks", help="What the party says to it.")]
app = typer.Typer(help=PROPOSAL_HELP, no_args_is_help=True, rich_markup_mode="rich")


def negotiate(
    programme: Folder = Path(),
    study: Annotated[
        list[Path] | None,
        typer.Option("--study", metavar="DIR", help="Folder of the study; more of them hold what single parties ran."),
    ] = None,
    rule: Annotated[
        str, typer.Option("--rule", metavar="RULE", help="kalai-smorodinsky, nash or egalitarian.")
    ] = "kalai-smorodinsky",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder of the proposals and their answers.")
    ] = None,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private interests are shown.")] = "",
    surely: Annotated[
        bool, typer.Option("--surely", help="Verify the settled vehicle and today's, each value with its uncertainty.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write a page of it, each value with its uncertainty."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print the settlement, and write a proposal for every party that must agree."""
    from rich.progress import Progress

    from covolt.study.cases.negotiate import NegotiationOptions
    from covolt.study.cases.negotiate import negotiate as settle

    findings = Findings(SPELLED)
    language_of(findings, language)
    check_outputs(findings, (("--report", report),), endings={"--report": (".html", ".htm")})
    asked = NegotiationOptions(rule=rule, output=output, party=party, surely=surely, report=report, language=speaking())
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(text("driving")), total=None, visible=surely or report is not None)
        found = settle(
            programme,
            study or (),
            asked,
            progress=lambda count, total: bar.update(task, completed=count, total=total),
            findings=findings,
        )
    if json:
        print_result(found.card)
    else:
        _print(found)
    if found.card.state == "none left":
        raise typer.Exit(REQUIREMENTS_NOT_MET)


def _print(found: Negotiation) -> None:
    from covolt.study.negotiation.wording import STATES

    card, out = found.card, console()
    if card.state == "none left":
        heading(out, STATES[card.state])
        out.print(
            text(
                "These demands exclude all {count} together; without any one of them some would do:", count=card.designs
            )
        )
        for one in card.excluding:
            out.print(indented(one, 2))
        _print_nearest(card)
        for one in card.notices:
            out.print(indented(of_file(one), 0), style="yellow")
    else:
        print_settlement(card)
    for path in (found.folder, found.page):
        if path is not None:
            print_written(out, path)


def _print_nearest(card: Card) -> None:
    if not card.nearest:
        return
    out = console()
    out.print()
    heading(out, text("How far an interest would have to give way by itself, at least, by what may be read"))
    heads = [(PARTY, "name"), (text("interest", context="head"), "name"), (text("worst", context="head"), "right")]
    sides = [(text("needed", context="head"), "right"), (UNIT, "name"), (text("design", context="head"), "right")]
    made = table([*heads, *sides])
    for one in card.nearest:
        numbers = (plain_number(one.worst_acceptable), plain_number(one.needed))
        made.add_row(one.party, one.interest, *numbers, unit_text(one.unit), str(one.design))
    out.print(made)


@app.command("show", help=SHOW_HELP)
def show(
    file: File,
    programme: Folder = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print a proposal."""
    from covolt.study.cases.negotiate import show as shown

    findings = Findings(SPELLED)
    language_of(findings, language)
    found = shown(file, programme, findings=findings)
    if json:
        print_result(found.read)
    else:
        print_proposal(found.read)
    _end(found)


def _end(found: Shown) -> None:
    """End with 6 where a proposal no longer holds."""
    if found.stale:
        raise typer.Exit(REQUIREMENTS_NOT_MET)


@app.command("accept", help=ACCEPT_HELP)
def accept(
    file: File,
    programme: Folder = Path(),
    key: KeyOption = None,
    role: RoleOption = "",
    remarks: RemarksOption = "",
    language: LanguageOption = None,
) -> None:
    """Accept a proposal."""
    from covolt.study.cases.answering import ProposalOptions

    say_answer("accept", ProposalOptions(file, programme, key, role, (), remarks), language)


@app.command("refuse", help=REFUSE_HELP)
def refuse(
    file: File,
    programme: Folder = Path(),
    bound: Annotated[
        list[str] | None, typer.Option("--bound", metavar="ID=VALUE", help="The worst that the party accepts.")
    ] = None,
    key: KeyOption = None,
    role: RoleOption = "",
    remarks: RemarksOption = "",
    language: LanguageOption = None,
) -> None:
    """Refuse a proposal."""
    from covolt.study.cases.answering import ProposalOptions

    say_answer("refuse", ProposalOptions(file, programme, key, role, tuple(bound or ()), remarks), language)

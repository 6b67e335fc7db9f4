"""`covolt negotiate`, `covolt proposal`: the settlement that all can sign, as cards and files, and what each party says to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.answering import SPELLED, of_file, say_answer
from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, heading, indented, print_result, print_written, table, unit_text, with_unit
from covolt.digits import number_text, probability_text
from covolt.study.cases.options import Findings
from covolt.units import UNITS
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.study.cases.negotiate import Negotiation
    from covolt.study.negotiation.card import AgreementRow, Card, JudgedRow, Sure

HELP = """Find the settlement that is fair by a rule among the vehicles of a study, and say what every party gives and gets.

Only vehicles that the study judged are settled on, and only such as keep every law and every fixed requirement and give no party
less than it accepts at worst. Refusals in DIR lead to the next settlement. Ends with 6 where none is left.

Examples:

  covolt negotiate examples/city-car --study city-designs --output proposals

  covolt negotiate my-car --study shared --study own --rule nash --party battery-works

  covolt negotiate examples/city-bus --study bus-designs --output proposals --report settlement.html
"""
PROPOSAL_HELP = "Show, accept or refuse what a settlement asks of one party."
SHOW_HELP = """Say what a settlement asks of a party and gives it, and whether the lock has moved since.

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
BEFORE, AFTER = text("before", context="head"), text("after", context="head")
PARTY, UNIT = text("party", context="head"), text("unit", context="head")
MILLION = 1e6
"""From which on prices are told in millions."""
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
    else:
        _print_settlement(card)
    for one in card.notices:
        out.print(indented(of_file(one), 0), style="yellow")
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
        numbers = (_number(one.worst_acceptable), _number(one.needed))
        made.add_row(one.party, one.interest, *numbers, unit_text(one.unit), str(one.design))
    out.print(made)


def _print_settlement(card: Card) -> None:
    from covolt.study.negotiation.wording import RULES, STAGES, STATES

    out = console()
    said = text("Settlement: design {design}; {state}", design=card.design or 0, state=STATES[card.state])
    heading(out, said)
    out.print(text("Rule: {rule}", rule=RULES[card.rule]))
    if len(card.tied) > 1:
        out.print(text("As good by this rule: designs {designs}", designs=", ".join(map(str, card.tied))))
    if card.stage is not None:
        out.print(STAGES[card.stage])
    out.print()
    _print_parties(card)
    _print_numbers(card)
    _print_interests(card)
    _print_requirements(card)


def _print_parties(card: Card) -> None:
    from covolt.study.negotiation.wording import GAIN

    made = table([(PARTY, "name"), (text("gain", context="head"), "right"), (text("answer", context="head"), "left")])
    for one in card.parties:
        made.add_row(one.party, _gain(one.gain), say(_agreement(one)))
    console().print(made)
    console().print(GAIN)


def _agreement(one: AgreementRow) -> Phrase:
    from covolt.study.negotiation.wording import AGREEMENTS

    said = AGREEMENTS[one.agreement]
    return joined((said, one.why), ": ") if say(one.why) else said


def _print_numbers(card: Card) -> None:
    if not card.numbers:
        return
    out = console()
    out.print()
    heading(out, text("Which numbers change"))
    heads = [(PARTY, "name"), (text("slot", context="head"), "name"), (text("number", context="head"), "name")]
    made = table([*heads, (BEFORE, "right"), (AFTER, "right")])
    for one in card.numbers:
        made.add_row(one.party, one.slot, one.number, *(_written(each) for each in (one.before, one.after)))
    out.print(made)


def _written(quantity: str) -> str:
    """A number as a file writes it, in the marks and units of the language."""
    number, _, unit = quantity.partition(" ")
    try:
        value = float(number)
    except ValueError:
        return quantity
    if abs(value) >= MILLION and f"M{unit}" in UNITS:
        value, unit = value / MILLION, f"M{unit}"
    return with_unit(number_text(value, 6, speaking(), grouped=False), unit or "1")


def _print_interests(card: Card) -> None:
    if not card.interests:
        return
    out = console()
    out.print()
    heading(out, text("What every party gives and gets, by the interests that may be read"))
    heads = [(PARTY, "name"), (text("interest", context="head"), "name"), (UNIT, "name")]
    worst, hoped = text("worst", context="head"), text("hoped for", context="head")
    made = table([*heads, (worst, "right"), (hoped, "right"), (BEFORE, "right"), (AFTER, "right")])
    for one in card.interests:
        stated = map(_number, (one.worst_acceptable, one.aspiration))
        sides = (_surely(one.before, one.sure_before), _surely(one.after, one.sure_after))
        made.add_row(one.party, one.interest, unit_text(one.unit), *stated, *sides)
    out.print(made)


def _print_requirements(card: Card) -> None:
    out = console()
    moved = [one for one in card.requirements if one.moves]
    if moved:
        out.print()
        heading(out, text("Which bounds have to move"))
        heads = [(text("requirement", context="head"), "name"), (text("owner", context="head"), "name")]
        sides = [(text("bound", context="head"), "right"), (text("needed", context="head"), "right")]
        made = table([*heads, *sides, (text("by", context="bound"), "right"), (UNIT, "name")])
        for one in moved:
            numbers = (_number(one.bound), _surely(one.value_after, one.sure_after), _number(one.moves))
            made.add_row(one.requirement, one.owner, *numbers, unit_text(one.unit))
        out.print(made)
    turned = [one for one in card.requirements if one.verdict_before != one.verdict_after]
    if turned:
        out.print()
        heading(out, text("Requirements whose verdict is another, before → after"))
        made = table([(text("requirement", context="head"), "name"), (BEFORE, "left"), (AFTER, "left")])
        for one in turned:
            made.add_row(one.requirement, *_sides(one))
        out.print(made)
    others = len(card.requirements) - len({one.requirement for one in (*moved, *turned)})
    if others:
        out.print(text("Margins of {count} more move (--json names all).", count=others))


def _sides(one: JudgedRow) -> tuple[str, str]:
    return (
        _side(one.verdict_before, one.value_before, one.sure_before, one.unit),
        _side(one.verdict_after, one.value_after, one.sure_after, one.unit),
    )


def _side(word: str, value: float | None, sure: Sure | None, unit: str) -> str:
    """A verdict with its value: with its uncertainty where that is known, else by what is computed alone."""
    from covolt.study.negotiation.wording import WORDS
    from covolt.study.verdicts.verdict import STANDINGS

    if sure is not None:
        said = say(STANDINGS[sure.verdict])
        sureness = "" if sure.probability is None else f" ({probability_text(sure.probability, speaking())})"
        return f"{said}{sureness}" if value is None else f"{said}{sureness}, {with_unit(_surely(value, sure), unit)}"
    said = say(WORDS.get(word, word))
    return said if value is None else f"{said}, {with_unit(_number(value), unit)}"


def _surely(value: float | None, sure: Sure | None) -> str:
    """A number with its uncertainty, where that is known; without signs between thousands, at which a terminal would break it."""
    if sure is None or sure.value is None:
        return _number(value)
    return say(sure.said).replace("\N{NARROW NO-BREAK SPACE}", "")


def _number(value: float | None) -> str:
    return "–" if value is None else number_text(value, 5, speaking(), grouped=False)


def _gain(value: float | None) -> str:
    return "–" if value is None else number_text(value, 3, speaking())


@app.command("show", help=SHOW_HELP)
def show(
    file: File,
    programme: Folder = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print a proposal."""
    from covolt.cli.printing import print_json
    from covolt.study.cases.negotiate import show as shown
    from covolt.study.negotiation.wording import AGREEMENTS, RULES

    findings = Findings(SPELLED)
    language_of(findings, language)
    found = shown(file, programme, findings=findings)
    one = found.proposal
    if json:
        print_json(one.model_dump(mode="json", by_alias=True, exclude_none=True))
        return
    out = console()
    heading(out, text("A proposal to {party}: design {design} of the study", party=one.party, design=one.design))
    for one_problem in found.stale:
        out.print(indented(of_file(one_problem), 0), style="red")
    for one_notice in found.notices:
        out.print(indented(of_file(one_notice), 0), style="yellow")
    out.print(text("Rule: {rule}", rule=RULES.get(one.rule, one.rule)))
    out.print(text("Who must agree: {parties}", parties=", ".join(one.agree)))
    if one.gain is not None:
        out.print(text("Your gain: {gain} (0 is the worst that you accept, 1 what you hope for)", gain=_gain(one.gain)))
    if found.answered:
        out.print(AGREEMENTS["accepted" if found.answered == "accept" else "refused"])
    rows = [
        *((each.number, each.slot, _written(str(each.before)), _written(str(each.after)), "") for each in one.numbers),
        *(
            (each.interest, "", _number(each.before), _number(each.after), unit_text(each.unit))
            for each in one.interests
        ),
        *(
            (each.requirement, each.owner, _number(each.value_before), _number(each.value_after), unit_text(each.unit))
            for each in one.verdicts
        ),
    ]
    made = table(
        [(text("what", context="head"), "name"), ("", "name"), (BEFORE, "right"), (AFTER, "right"), (UNIT, "name")]
    )
    for row in rows:
        made.add_row(*row)
    out.print()
    out.print(made)


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

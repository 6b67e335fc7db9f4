"""`covolt gate`, `covolt sign`: the stages of a programme and who passes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, INTERRUPTED, REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption
from covolt.cli.options import language_of
from covolt.cli.printing import console, indented, print_result, styled
from covolt.cli.trusting import ask_for_trust, can_ask, print_fingerprint
from covolt.errors import Problem
from covolt.study.cases.options import Findings
from covolt.words import Language, both, day_said, text

if TYPE_CHECKING:
    from covolt.study.gate.gates import GateState
    from covolt.study.gate.passing import Line

GATE_HELP = """Say which gates are open, and what holds the others shut.

Examples:

  covolt gate examples/city-car

  covolt gate examples/city-car --gate trial --json

  covolt gate examples/city-car --at 2027-03-31
"""
SIGN_HELP = """Sign a gate as a party, over the digest of all that it passes.

What is signed is shown before: gates, verdicts, digests, keys, and what it does not cover; at a terminal you are asked.
A gate after which people ride is refused while it lacks evidence. An agency signs what it has checked with --checked.

Examples:

  covolt sign concept examples/city-car --dry-run

  covolt sign trial examples/city-car --party agency --role type-approval-officer --key agency.pem

  covolt sign --checked examples/city-car/agency/checked.toml --party agency --key agency.pem

A key that covolt does not hold (a certificate, GOST, STB) signs elsewhere what --external writes; --attach verifies and files it:

  covolt sign trial my-car --party agency --role type-approval-officer --external --key 4f2c9a1b

  covolt sign trial my-car --attach signature.p7s

What the page of a gate in a workspace hands out is signed by itself, and the file that comes of it handed in there:

  covolt sign --statement my-car-concept.statement --key ~/keys/engineer.pem

So is the checkpoint that the page of the log hands out:

  covolt sign --statement checkpoint-417.statement --key ~/keys/agency.pem
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]


def gate(
    programme: Folder = Path(),
    gate: Annotated[str | None, typer.Option("--gate", help="Only this gate; shut means exit code 6.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Drive everything anew, whatever was computed before.")] = False,
    trusted_as: Annotated[
        str,
        typer.Option(
            "--trusted-as", metavar="ID", help="Refuse another programme, and one of which no key counts here."
        ),
    ] = "",
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="DAY", help="Day by which it is judged; else today.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print which gates are open and what holds the others."""
    from covolt.study.cases.sign import find_gates, states_of
    from covolt.study.cases.trusting import is_first_look
    from covolt.study.gate.gates import GatesDocument

    findings = Findings({"gate": "--gate", "party": "--party", "trusted_as": "--trusted-as", "at": "--at"})
    said = language_of(findings, language)
    day = findings.day("at", at)
    read = find_gates(programme, gate, findings, party=party, trusted_as=trusted_as, day=day)
    if json or not can_ask():
        pass
    elif is_first_look(read) and ask_for_trust(read):
        read = find_gates(programme, gate, findings, party=party, trusted_as=trusted_as, day=day)
    states = states_of(read, gate, anew=anew)
    if json:
        print_result(GatesDocument(read.charter.id, tuple(states)))
    else:
        console().print(text("programme {name}", name=read.charter.id))
        for one in states:
            _print_gate(one, said)
    shut = gate is not None and not all(one.open for one in states)
    raise typer.Exit(REQUIREMENTS_NOT_MET if shut else COMPLETED)


def _print_gate(one: GateState, language: Language = "en") -> None:
    from covolt.programme.text import told

    out = console()
    state = (OPEN.said(language), "green") if one.open else (SHUT.said(language), "red")
    out.print(styled((told(one.title.said(language)), "bold"), (": ", ""), state))
    if one.planned_said is not None:
        out.print(indented(one.planned_said.said(language), 2), style="red" if one.late_days else None)
    for words in (*one.blocks, *one.notes):
        out.print(indented(words.said(language), 2))
    for row in one.signatures:
        signed = f"{row.who.said(language)}, {day_said(row.date).said(language)}"
        out.print(indented(f"{row.label.said(language)}: {signed}: {row.reads.said(language)}", 2))
        for moved in row.moved:
            out.print(indented(f"{MOVED.said(language)}: {moved.said(language)}", 4))
        if row.fingerprint:
            print_fingerprint(row.fingerprint, indent=4)
        out.print(indented(f"{OVER.said(language)} {row.digest}", 4))


def sign(
    gate: Annotated[str, typer.Argument(metavar="[GATE]", help="Gate to pass.")] = "",
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Who signs.")] = "",
    role: Annotated[str, typer.Option("--role", help="In which role.")] = "",
    key: Annotated[
        Path | None, typer.Option("--key", help="File of the private key; with --external a fingerprint's beginning.")
    ] = None,
    remarks: Annotated[str, typer.Option("--remarks", help="Conditions or remarks, part of what is signed.")] = "",
    checked: Annotated[
        Path | None, typer.Option("--checked", metavar="FILE", help="Sign this file of checked texts, and no gate.")
    ] = None,
    shown: Annotated[bool, typer.Option("--dry-run", help="Show what would be signed, and sign nothing.")] = False,
    external: Annotated[bool, typer.Option("--external", help="Write what is to be signed elsewhere.")] = False,
    signature: Annotated[
        Path | None, typer.Option("--attach", metavar="FILE", help="File the signature that was made elsewhere.")
    ] = None,
    statement: Annotated[
        Path | None, typer.Option("--statement", metavar="FILE", help="Sign what the page of a workspace handed out.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Show what a sign-off would cover, then file it, here or by a token elsewhere."""
    from covolt.study.cases.sign import SignOptions, attach, dry_run, sign, state

    findings = Findings({"gate": "GATE", "party": "--party", "key": "--key", "fingerprint": "--key"})
    said = language_of(findings, language)
    _find_several(
        findings, {"--checked": checked, "--external": external, "--attach": signature, "--statement": statement}
    )
    if checked is not None:
        _sign_texts(checked, party, key, findings, shown=shown, gate=gate)
        return

    def agree(lines: Sequence[Line]) -> bool:
        _print_lines(lines, said)
        return not can_ask() or typer.confirm(ASKED.said(said), default=False)

    if statement is not None:
        beside = {
            "GATE": gate,
            "PROGRAMME": programme != Path(),
            "--party": party,
            "--role": role,
            "--remarks": remarks,
        }
        _find_beside_statement(findings, beside, shown=shown)
        _sign_statement(statement, key, agree, findings)
        return
    asked = SignOptions(gate, programme, party, role, key, remarks)
    if shown:
        _print_lines(dry_run(asked, findings), said)
        console().print(DRY.said(said))
        return
    if signature is not None:
        filed = attach(asked, signature, findings)
        console().print(
            text(
                "filed the signature of {gate}: {path}; covolt gate says whether it opens it",
                gate=gate,
                path=str(filed.path),
            )
        )
        print_fingerprint(filed.key)
        return
    if external:
        stated = state(asked, "" if key is None else str(key), agree, findings)
        if stated is not None:
            console().print(
                text("wrote {path}: sign these bytes as they are, detached", path=str(stated.path)), soft_wrap=True
            )
            console().print(f"sha256:{stated.digest}", soft_wrap=True)
            then = f"covolt sign {gate} {programme} --attach SIGNATURE"
            console().print(text("then: {command}", command=then), soft_wrap=True)
            return
    made = None if external else sign(asked, agree, findings)
    if made is None:
        console().print(NOT_SIGNED.said(said))
        raise typer.Exit(INTERRUPTED)
    path = str(made.path)
    console().print(text("signed {gate} as {party}, {role}: {path}", gate=gate, party=party, role=role, path=path))
    print_fingerprint(made.key)


def _sign_texts(checked: Path, party: str, key: Path | None, findings: Findings, *, shown: bool, gate: str) -> None:
    """Sign a file of checked texts."""
    from covolt.study.cases.sign import sign_texts

    if shown:
        findings.add(Problem(text("--dry-run shows gates alone"), "--dry-run", text("leave it out, and read the file")))
    if gate:
        findings.add(
            Problem(text("a gate and a file of checked texts are signed one at a time"), "GATE", text("leave it out"))
        )
    name, path = sign_texts(checked, party, key, findings)
    console().print(text("signed {name}: {path}", name=name, path=str(path)))


def _sign_statement(
    statement: Path, key: Path | None, agree: Callable[[Sequence[Line]], bool], findings: Findings
) -> None:
    """Sign what a workspace handed out, and say what comes next."""
    from covolt.study.cases.sign_statement import is_checkpoint, sign_checkpoint, sign_statement

    of_log = is_checkpoint(statement)
    made = (sign_checkpoint if of_log else sign_statement)(statement, key, agree, findings)
    if made is None:
        console().print(NOT_SIGNED)
        raise typer.Exit(INTERRUPTED)
    said = text("signed {gate}: hand in {path} on the page of the gate", gate=made.gate, path=str(made.path))
    if of_log:
        said = text(
            "counter-signed checkpoint {number}: hand in {path} on the page of the log, and keep it",
            number=made.gate,
            path=str(made.path),
        )
    console().print(said, soft_wrap=True)
    print_fingerprint(made.key)


def _find_beside_statement(findings: Findings, given: Mapping[str, object], *, shown: bool) -> None:
    """What is given beside a statement, which says all of it by itself: nobody is to think that it was signed, too."""
    for name, one in given.items():
        if one:
            remark = text("fetch the statement with it: the remark stands in what is signed")
            hint = remark if name == "--remarks" else text("leave it out")
            findings.add(Problem(text("the statement says this by itself"), name, hint))
    if shown:
        findings.add(Problem(text("--dry-run shows gates alone"), "--dry-run", text("leave it out, and read the file")))


def _find_several(findings: Findings, given: Mapping[str, object]) -> None:
    """That several things are asked for that are done one at a time."""
    several = [name for name, one in given.items() if one]
    if len(several) > 1:
        findings.add(
            Problem(
                text("{several} are done one at a time", several=both(several)),
                several[-1],
                text("leave one out"),
            )
        )


OPEN, SHUT = text("open", context="gate"), text("shut", context="gate")
MOVED, OVER = text("moved since"), text("over")
ASKED = text("Sign all this?")
NOT_SIGNED = text("nothing was signed")
DRY = text("Nothing was signed. What was computed before was taken as it is; signing drives all of it anew.")


def _print_lines(lines: Sequence[Line], language: Language) -> None:
    for columns, words in lines:
        console().print(indented(words.said(language), columns))

"""`covolt gate`, `covolt sign`: the stages of a programme and who passes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, INTERRUPTED, REQUIREMENTS_NOT_MET
from covolt.cli.key import ask_for_trust, can_ask, print_fingerprint
from covolt.cli.options import language_of
from covolt.cli.printing import console, indented, print_json, styled
from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings
from covolt.words import Language, Words

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.programme.documents import Programme
    from covolt.study.gate.gates import GateState
    from covolt.study.verdicts.verification import Verification

GATE_HELP = """Say which gates are open, and what holds the others shut.

Examples:

  covolt gate examples/city-car

  covolt gate examples/city-car --gate trial --json
"""
SIGN_HELP = """Sign a gate as a party, over the digest of all that it passes.

What is signed is shown before: gates, verdicts, digests, keys, and what it does not cover; at a terminal you are asked.
A gate after which people ride is refused while it lacks evidence. An agency signs what it has checked with --checked.

Examples:

  covolt sign concept examples/city-car --dry-run

  covolt sign trial examples/city-car --party agency --role type-approval-officer --key agency.pem

  covolt sign --checked examples/city-car/agency/checked.toml --party agency --key agency.pem
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]


def gate(
    programme: Folder = Path(),
    gate: Annotated[str | None, typer.Option("--gate", help="Only this gate; shut means exit code 6.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Drive everything anew, whatever was computed before.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: Annotated[str, typer.Option("--language", help="Language of what is shown: en or ru.")] = "en",
) -> None:
    """Entry of the command; its help is `GATE_HELP`."""
    from covolt.programme.standing import NOT_TRUSTED
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states
    from covolt.study.verdicts.records import RecordStore
    from covolt.study.verdicts.verification import verify

    findings = Findings()
    said = language_of(findings, language)
    read = findings.take(lambda: read_whole(programme))
    if read is not None and gate is not None and gate not in read.gates:
        findings.add(Problem(f"no gate '{gate}'", "--gate", f"gates: {', '.join(read.gates)}"))
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    if json or not can_ask():
        pass
    elif any(one.standing.why == NOT_TRUSTED for one in read.standings.keys.values()) and ask_for_trust(read):
        read = read_whole(programme)
    states = [one for one in gate_states(read, verify(read, RecordStore.own(anew=anew))) if gate in {None, one.gate}]
    if json:
        print_json({"programme": read.charter.id, "gates": [one.plain() for one in states]})
    else:
        console().print(f"programme {read.charter.id}")
        for one in states:
            _print_gate(one, said)
    shut = gate is not None and not all(one.open for one in states)
    raise typer.Exit(REQUIREMENTS_NOT_MET if shut else COMPLETED)


def _print_gate(one: GateState, language: Language = "en") -> None:
    from covolt.programme.text import told

    out = console()
    state = (OPEN.said(language), "green") if one.open else (SHUT.said(language), "red")
    out.print(styled((told(one.title.said(language)), "bold"), (": ", ""), state))
    for words in (*one.blocks, *one.notes):
        out.print(indented(words.said(language), 2))
    for row in one.signatures:
        out.print(
            indented(f"{row.label.said(language)}: {row.who.said(language)}, {row.date}: {row.reads.said(language)}", 2)
        )
        for moved in row.moved:
            out.print(indented(f"{MOVED.said(language)}: {moved.said(language)}", 4))
        if row.key:
            print_fingerprint(row.key, indent=4)
        out.print(indented(f"{OVER.said(language)} {row.digest}", 4))


def sign(
    gate: Annotated[str, typer.Argument(metavar="[GATE]", help="Gate to pass.")] = "",
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Who signs.")] = "",
    role: Annotated[str, typer.Option("--role", help="In which role.")] = "",
    key: Annotated[Path | None, typer.Option("--key", help="File of the private key.")] = None,
    remarks: Annotated[str, typer.Option("--remarks", help="Conditions or remarks, part of what is signed.")] = "",
    checked: Annotated[
        Path | None, typer.Option("--checked", metavar="FILE", help="Sign this file of checked texts, and no gate.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be signed, and sign nothing.")] = False,
    language: Annotated[str, typer.Option("--language", help="Language of what is shown: en or ru.")] = "en",
) -> None:
    """Entry of the command; its help is `SIGN_HELP`."""
    from covolt.programme.pledging import sign_gate, write_pledge
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.covered import covered_digest, covered_items
    from covolt.study.gate.gates import criteria_blocks, undriven_blocks
    from covolt.study.verdicts.records import RecordStore
    from covolt.study.verdicts.verification import verify

    findings = Findings()
    said = language_of(findings, language)
    if checked is not None:
        if dry_run:
            findings.add(Problem("--dry-run shows gates alone", "--dry-run", "leave it out, and read the file"))
        _sign_texts(findings, checked, gate, party, key)
        return
    read = read_whole(programme)
    if dry_run:
        _find_unwanted(findings, read, gate, party, role)
        findings.demand_none()
        _print_passed(read, verify(read), gate, (party, role, remarks), said)
        console().print(DRY.said(said))
        return
    private = _demand_signer(findings, read, gate, party, role, key)
    hint = "people ride after this gate: it is not signed before this is shown"
    refused = [Problem(str(one), f"gate {gate}", hint) for one in undriven_blocks(read, read.gates[gate])]
    if refused:
        raise InputError(refused)
    # Once with what is kept, to refuse soon; then anew, for who signs takes nobody's records on trust.
    for store in (None, RecordStore(None)):
        found = verify(read, store)
        blocks = criteria_blocks(read, found, read.gates[gate])
        if blocks and read.gates[gate].people:
            raise InputError([Problem(str(one), f"gate {gate}", hint) for one in blocks])
    _print_passed(read, found, gate, (party, role, remarks), said)
    if can_ask() and not typer.confirm(ASKED.said(said), default=False):
        console().print(NOT_SIGNED.said(said))
        raise typer.Exit(INTERRUPTED)
    digest, items = covered_digest(read, found, read.gates[gate]), covered_items(read, found, read.gates[gate])
    made = sign_gate(read, private, gate, party, role, digest, remarks, items)
    path = _place(read, gate, party, role)
    write_pledge(read, path, made, over_all=True)
    console().print(f"signed {gate} as {party}, {role}: {path}")
    print_fingerprint(made.key)


OPEN, SHUT = Words("open", "открыт"), Words("shut", "закрыт")
MOVED, OVER = Words("moved since", "с тех пор"), Words("over", "над")
ASKED = Words("Sign all this?", "Подписать всё это?")
NOT_SIGNED = Words("nothing was signed", "ничего не подписано")
DRY = Words(
    "Nothing was signed. What was computed before was taken as it is; signing drives all of it anew.",
    "Ничего не подписано. Вычисленное ранее взято как есть; при подписании всё считается заново.",
)


def _print_passed(
    read: Programme, found: Verification, gate: str, signer: tuple[str, str, str], language: Language
) -> None:
    """Everything that is signed, before it is."""
    from covolt.study.gate.passing import passed_by

    wanted = next((one for one in read.gates[gate].signoffs if (one.party, one.role) == signer[:2]), None)
    for columns, words in passed_by(read, found, read.gates[gate], wanted, signer[2]):
        console().print(indented(words.said(language), columns))


def _sign_texts(findings: Findings, checked: Path, gate: str, party: str, key: Path | None) -> None:
    """Sign a file of checked texts for its party."""
    from covolt.programme.pledging import sign_checked
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import read_key

    if gate:
        findings.add(Problem("a gate and a file of checked texts are signed one at a time", "GATE", "leave it out"))
    if key is None:
        findings.add(Problem("no key is named", "--key", "make one: covolt key new"))
    private = None if key is None else findings.take(lambda: read_key(key))
    read = findings.take(lambda: read_leniently(checked.parent))
    name = (
        None
        if read is None
        else next((x for x in read.checked if read.file_of("checked", x) == checked.resolve()), None)
    )
    if read is not None and name is None:
        broken = _problems_of(read, checked)
        hint = 'name a file with schema = "checked/1" of this programme'
        for one in broken or [Problem("this is no file of checked texts", str(checked), hint)]:
            findings.add(one)
    elif read is not None and name is not None and party and read.checked[name].party != party:
        findings.add(Problem(f"it speaks for {read.checked[name].party}", "--party", "let that party sign it"))
    findings.demand_none()
    if read is None or private is None or name is None:
        raise RuntimeError("there is nothing to sign, and no problem says why")
    console().print(f"signed {name}: {sign_checked(read, private, name, f'--key {key}')}")


def _problems_of(read: Programme, file: Path) -> list[Problem]:
    """What is wrong with one file of a programme, as `covolt check` says it."""
    from covolt.programme.reading import read_programme

    source = str(file.resolve().relative_to(read.root)) if file.resolve().is_relative_to(read.root) else str(file)
    try:
        read_programme(read.root)
    except InputError as error:
        return [one for one in error.problems if one.where.partition(":")[0] == source]
    return []


def _demand_signer(
    findings: Findings, read: Programme, gate: str, party: str, role: str, key: Path | None
) -> Ed25519PrivateKey:
    """The private key; raises everything for which this party cannot sign this gate with it."""
    from covolt.programme.pledging import signer_problems
    from covolt.programme.signing import read_key

    _find_unwanted(findings, read, gate, party, role)
    if gate in read.gates and not party and not role:
        findings.add(Problem("nobody is named who signs", "--party", _asked(read, gate)))
    if key is None:
        findings.add(Problem("no key is named", "--key", "make one: covolt key new FILE"))
    private = None if key is None else findings.take(lambda: read_key(key))
    if private is not None and party in read.parties:
        for one in signer_problems(read, private, party, role, f"--key {key}"):
            findings.add(one)
    findings.demand_none()
    if private is None:
        raise RuntimeError("there is no key, and no problem says why")
    return private


def _find_unwanted(findings: Findings, read: Programme, gate: str, party: str, role: str) -> None:
    """That there is no such gate, or that it does not ask for the signature that is named."""
    if gate not in read.gates:
        findings.add(Problem(f"no gate '{gate}'", "GATE", f"gates: {', '.join(read.gates)}"))
    elif (party or role) and not any((one.party, one.role) == (party, role) for one in read.gates[gate].signoffs):
        what = f"this gate does not ask for '{party}' as '{role}'"
        findings.add(Problem(what, "--party", _asked(read, gate)))


def _asked(read: Programme, gate: str) -> str:
    """Whose signatures a gate asks for, as options."""
    wanted = "; ".join(f"--party {one.party} --role {one.role}" for one in read.gates[gate].signoffs)
    return wanted or "it asks for nobody"


def _place(read: Programme, gate: str, party: str, role: str) -> Path:
    """File of a sign-off: where it stands already, else one whose name is made of the role, which is any text."""
    standing = read.origin.get(("signoff", f"{gate}/{party}/{role}"))
    if standing is not None:
        return read.root / standing[0]
    plain = re.sub(r"[^\w-]+", "-", role)[:60]
    path = read.root / "signoffs" / gate / f"{party}-{plain}.toml"
    if path.exists():
        raise InputError(Problem("there is a file here already", str(path), "move it away: it is not this signature"))
    return path

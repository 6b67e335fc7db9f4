"""`covolt gate`, `covolt sign`: the stages of a programme and who passes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.key import ask_for_trust, can_ask, print_fingerprint
from covolt.cli.options import Findings
from covolt.cli.printing import console, indented, print_json, styled
from covolt.errors import InputError, Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.programme.folder import Programme
    from covolt.study.gates import GateState

GATE_HELP = """Say which gates are open, and what holds the others shut.

Examples:

  covolt gate examples/city-car

  covolt gate examples/city-car --gate trial --json
"""
SIGN_HELP = """Sign a gate as a party, over the digest of all that it passes.

A gate with people is refused while it lacks evidence. An agency signs what it has checked with --checked.

Examples:

  covolt sign concept examples/city-car --party agency --role type-approval-officer --key agency.pem

  covolt sign --checked examples/city-car/agency/checked.toml --party agency --key agency.pem
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]


def gate(
    programme: Folder = Path(),
    gate: Annotated[str | None, typer.Option("--gate", help="Only this gate; shut means exit code 6.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Drive everything anew, whatever was computed before.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Entry of the command; its help is `GATE_HELP`."""
    from covolt.programme.standing import NOT_TRUSTED
    from covolt.study.check import read_whole
    from covolt.study.gates import gate_states
    from covolt.study.records import RecordStore
    from covolt.study.verification import verify

    read = read_whole(programme)
    if gate is not None and gate not in read.gates:
        raise InputError(Problem(f"no gate '{gate}'", "--gate", f"gates: {', '.join(read.gates)}"))
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
            _print_gate(one)
    shut = gate is not None and not all(one.open for one in states)
    raise typer.Exit(REQUIREMENTS_NOT_MET if shut else COMPLETED)


def _print_gate(one: GateState) -> None:
    out = console()
    out.print(styled((str(one.title), "bold"), (": ", ""), ("open", "green") if one.open else ("shut", "red")))
    for block in one.blocks:
        out.print(indented(str(block), 2))
    for note in one.notes:
        out.print(indented(str(note), 2))
    for row in one.signatures:
        out.print(indented(f"signed: {row.who}, {row.date}: {row.reads}", 2))
        if row.key:
            print_fingerprint(row.key, indent=4)
        out.print(indented(f"over {row.digest}", 4))


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
) -> None:
    """Entry of the command; its help is `SIGN_HELP`."""
    from covolt.programme.pledging import sign_gate, write_pledge
    from covolt.study.check import read_whole
    from covolt.study.covered import covered_digest
    from covolt.study.gates import criteria_blocks, undriven_blocks
    from covolt.study.records import RecordStore
    from covolt.study.verification import verify

    if checked is not None:
        _sign_texts(checked, gate, party, key)
        return
    read = read_whole(programme)
    private = _demand_signer(read, gate, party, role, key)
    hint = "a gate with people is not signed before this is shown"
    refused = [Problem(str(one), f"gate {gate}", hint) for one in undriven_blocks(read, read.gates[gate])]
    if refused:
        raise InputError(refused)
    # Once with what is kept, to refuse soon; then anew, for who signs takes nobody's records on trust.
    for store in (None, RecordStore(None)):
        found = verify(read, store)
        blocks = criteria_blocks(read, found, read.gates[gate])
        if blocks and read.gates[gate].people:
            raise InputError([Problem(str(one), f"gate {gate}", hint) for one in blocks])
    digest = covered_digest(read, found, read.gates[gate])
    made = sign_gate(read, private, gate, party, role, digest, remarks)
    path = _place(read, gate, party, role)
    write_pledge(read, path, made, over_all=True)
    console().print(f"signed {gate} as {party}, {role}: {path}")
    print_fingerprint(made.key)


def _sign_texts(checked: Path, gate: str, party: str, key: Path | None) -> None:
    """Sign a file of checked texts for its party."""
    from covolt.programme.folder import read_leniently
    from covolt.programme.pledging import sign_checked
    from covolt.programme.signing import read_key

    findings = Findings()
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
    from covolt.programme.folder import read_programme

    source = str(file.resolve().relative_to(read.root)) if file.resolve().is_relative_to(read.root) else str(file)
    try:
        read_programme(read.root)
    except InputError as error:
        return [one for one in error.problems if one.where.partition(":")[0] == source]
    return []


def _demand_signer(read: Programme, gate: str, party: str, role: str, key: Path | None) -> Ed25519PrivateKey:
    """The private key; raises everything for which this party cannot sign this gate with it."""
    from covolt.programme.pledging import signer_problems
    from covolt.programme.signing import read_key

    findings = Findings()
    if gate not in read.gates:
        findings.add(Problem(f"no gate '{gate}'", "GATE", f"gates: {', '.join(read.gates)}"))
    elif not any((one.party, one.role) == (party, role) for one in read.gates[gate].signoffs):
        wanted = "; ".join(f"--party {one.party} --role {one.role}" for one in read.gates[gate].signoffs)
        what = f"this gate does not ask for '{party}' as '{role}'"
        findings.add(Problem(what, "--party", wanted or "it asks for nobody"))
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

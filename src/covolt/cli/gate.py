"""`covolt gate`, `covolt sign`, `covolt key`: the stages of a programme and who passes them."""

from __future__ import annotations

import json as json_module
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.options import Findings
from covolt.cli.printing import console, styled
from covolt.errors import InputError, Problem
from covolt.files import write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.programme.folder import Programme

GATE_HELP = """Say which gates are open, and what holds the others shut.

Examples:

  covolt gate examples/city-car

  covolt gate examples/city-car --gate trial --json
"""
SIGN_HELP = """Sign a gate as a party, over the digest of all that it passes.

A gate with people is refused while it lacks evidence.

Examples:

  covolt sign concept examples/city-car --party agency --role type-approval-officer --key agency.pem
"""
KEY_HELP = """Make a private key that only you hold, and print the lines for your party's file.

Examples:

  covolt key ~/keys/agency.pem --role type-approval-officer
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]


def gate(
    programme: Folder = Path(),
    gate: Annotated[str | None, typer.Option("--gate", help="Only this gate; shut means exit code 6.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Entry of the command; its help is `GATE_HELP`."""
    from covolt.study.check import read_whole
    from covolt.study.gates import gate_states
    from covolt.study.verification import verify

    read = read_whole(programme)
    if gate is not None and gate not in read.gates:
        raise InputError(Problem(f"no gate '{gate}'", "--gate", f"gates: {', '.join(read.gates)}"))
    states = [one for one in gate_states(read, verify(read)) if gate in {None, one.gate}]
    if json:
        typer.echo(json_module.dumps({"gates": [one.plain() for one in states]}, indent=2, ensure_ascii=False))
    else:
        out = console()
        for one in states:
            standing = ("open", "green") if one.open else ("shut", "red")
            out.print(styled((str(one.title), "bold"), (": ", ""), standing))
            for block in one.blocks:
                out.print(f"  {block}")
    shut = gate is not None and not all(one.open for one in states)
    raise typer.Exit(REQUIREMENTS_NOT_MET if shut else COMPLETED)


def sign(
    gate: Annotated[str, typer.Argument(metavar="GATE", help="Gate to pass.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Who signs.")] = "",
    role: Annotated[str, typer.Option("--role", help="In which role.")] = "",
    key: Annotated[Path | None, typer.Option("--key", help="File of the private key.")] = None,
    remarks: Annotated[str, typer.Option("--remarks", help="Conditions or remarks, part of what is signed.")] = "",
) -> None:
    """Entry of the command; its help is `SIGN_HELP`."""
    from covolt.contract.document import dumps
    from covolt.programme.signing import sign as sign_statement
    from covolt.programme.signing import signature_problem, unsigned
    from covolt.study.check import read_whole
    from covolt.study.gates import baseline_digest, criteria_blocks
    from covolt.study.records import RecordStore
    from covolt.study.verification import verify

    read = read_whole(programme)
    private = _demand_signer(read, gate, party, role, key)
    # Once with what is kept, to refuse soon; then anew, for who signs takes nobody's records on trust.
    for store in (None, RecordStore(None)):
        found = verify(read, store)
        blocks = criteria_blocks(read, found, read.gates[gate])
        if blocks and read.gates[gate].people:
            hint = "a gate with people is not signed before this is shown"
            raise InputError([Problem(str(one), f"gate {gate}", hint) for one in blocks])
    digest = baseline_digest(read, found, read.gates[gate])
    made = sign_statement(unsigned(gate, party, role, date.today().isoformat(), digest, remarks), private)
    why = signature_problem(made, read.parties[party])
    if why:
        raise InputError(Problem(why, str(key), f"put the public key into the file of {party}, or use another key"))
    path = _place(read, gate, party, role)
    write_whole(path, dumps(made))
    console().print(f"signed {gate} as {party}, {role}: {path}")


def _demand_signer(read: Programme, gate: str, party: str, role: str, key: Path | None) -> Ed25519PrivateKey:
    """The private key; raises everything for which this party cannot sign this gate with it."""
    from covolt.programme.signing import read_key

    findings = Findings()
    if gate not in read.gates:
        findings.add(Problem(f"no gate '{gate}'", "GATE", f"gates: {', '.join(read.gates)}"))
    elif not any((one.party, one.role) == (party, role) for one in read.gates[gate].signoffs):
        wanted = "; ".join(f"--party {one.party} --role {one.role}" for one in read.gates[gate].signoffs)
        what = f"this gate does not ask for '{party}' as '{role}'"
        findings.add(Problem(what, "--party", wanted or "it asks for nobody"))
    if key is None:
        findings.add(Problem("no key is named", "--key", "make one: covolt key FILE --role ROLE"))
    private = None if key is None else findings.take(lambda: read_key(key))
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


def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file of the private key.")],
    role: Annotated[str, typer.Option("--role", help="Role in which it signs.")] = "type-approval-officer",
) -> None:
    """Entry of the command; its help is `KEY_HELP`."""
    from covolt.programme.folder import CHARTER_FILE
    from covolt.programme.signing import new_key

    home = next((one for one in file.absolute().parents if (one / CHARTER_FILE).is_file()), None)
    if home is not None:
        what = f"a private key does not belong into the programme in {home}"
        raise InputError(Problem(what, str(file), "name a file in a folder of your own, such as ~/keys"))
    public = new_key(file)
    out = console()
    out.print(f"wrote {file}, readable by you alone: keep it out of the programme's folder. Add to your party's file:")
    out.print(f'[[keys]]\nrole = {json_module.dumps(role, ensure_ascii=False)}\ned25519 = "{public}"', soft_wrap=True)

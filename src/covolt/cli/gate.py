"""`covolt gate`, `covolt sign`, `covolt key`: the stages of a programme and who passes them."""

from __future__ import annotations

import json as json_module
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.printing import console
from covolt.errors import InputError, Problem

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
    from covolt.programme.folder import read_programme
    from covolt.study.gates import gate_states
    from covolt.study.verification import verify

    read = read_programme(programme)
    if gate is not None and gate not in read.gates:
        raise InputError(Problem(f"no gate '{gate}'", "--gate", f"gates: {', '.join(read.gates)}"))
    states = [one for one in gate_states(read, verify(read)) if gate in {None, one.gate}]
    if json:
        typer.echo(json_module.dumps({"gates": [one.plain() for one in states]}, indent=2, ensure_ascii=False))
    else:
        out = console()
        for one in states:
            out.print(f"[bold]{one.title}[/]: {'[green]open' if one.open else '[red]shut'}[/]")
            for block in one.blocks:
                out.print(f"  {block}", markup=False)
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
    from covolt.programme.folder import read_programme
    from covolt.programme.signing import read_key, signature_problem, unsigned
    from covolt.programme.signing import sign as sign_statement
    from covolt.study.gates import baseline_digest, criteria_blocks
    from covolt.study.verification import verify

    read = read_programme(programme)
    problems: list[Problem] = []
    if gate not in read.gates:
        problems.append(Problem(f"no gate '{gate}'", "GATE", f"gates: {', '.join(read.gates)}"))
    elif not any((one.party, one.role) == (party, role) for one in read.gates[gate].signoffs):
        wanted = "; ".join(f"--party {one.party} --role {one.role}" for one in read.gates[gate].signoffs)
        problems.append(
            Problem(f"this gate does not ask for '{party}' as '{role}'", "--party", wanted or "it asks for nobody")
        )
    if key is None:
        problems.append(Problem("no key is named", "--key", "make one: covolt key FILE --role ROLE"))
    if problems or key is None:
        raise InputError(problems)
    private = read_key(key)
    found = verify(read)
    blocks = criteria_blocks(read, found, read.gates[gate])
    if blocks and read.gates[gate].people:
        raise InputError(
            [
                Problem(str(one), f"gate {gate}", "a gate with people is not signed before this is shown")
                for one in blocks
            ]
        )
    digest = baseline_digest(read, found, read.gates[gate])
    made = sign_statement(unsigned(gate, party, role, date.today().isoformat(), digest, remarks), private)
    why = signature_problem(made, read.parties[party])
    if why:
        raise InputError(Problem(why, str(key), f"put the public key into the file of {party}, or use another key"))
    path = read.root / "signoffs" / gate / f"{party}-{role}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(dumps(made), encoding="utf-8")
    partial.replace(path)
    console().print(f"signed {gate} as {party}, {role}: {path}")


def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file of the private key.")],
    role: Annotated[str, typer.Option("--role", help="Role in which it signs.")] = "type-approval-officer",
) -> None:
    """Entry of the command; its help is `KEY_HELP`."""
    from covolt.programme.signing import new_key

    public = new_key(file)
    out = console()
    out.print(f"wrote {file}, readable by you alone: keep it out of the programme's folder. Add to your party's file:")
    out.print(f'[[keys]]\nrole = "{role}"\ned25519 = "{public}"', markup=False)

"""The use cases `gate` and `sign`: which gates are open and why not, and who passes them by a signature over all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.study.cases.options import Findings, Progress, Wish, heed, silent
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.programme.documents import Programme
    from covolt.programme.gate import KeyedSignOff
    from covolt.programme.keys import PartyKey
    from covolt.study.gate.gates import GateState
    from covolt.study.gate.passing import Line
    from covolt.study.verdicts.verification import Verification

__all__ = [
    "SignOptions",
    "Signed",
    "Stated",
    "attach",
    "dry_run",
    "find_gates",
    "sign",
    "sign_texts",
    "state",
    "states_of",
]


def find_gates(
    programme: Path,
    gate: str | None,
    findings: Findings,
    *,
    party: str = "",
    trusted_as: str = "",
    day: str | None = None,
) -> Programme:
    """The programme as a party reads it, and that it has a gate; raises all problems, and those found before.

    Where it must be `trusted_as` a programme, as in a fresh clone that nobody looks at, another name is refused, and one of whose
    parties no first key is trusted here: what takes its keys and its demands out would pass otherwise.
    """
    from covolt.study.gate.check import read_whole

    read = findings.take(lambda: read_whole(programme, day=day))
    if read is not None and gate is not None and gate not in read.gates:
        findings.add(_no_gate(read, gate, findings), NotFound)
    if read is not None and trusted_as:
        where = findings.called("trusted_as")
        if read.charter.id != trusted_as:
            what = text(
                "this is the programme '{id}', and not '{trusted_as}'", id=read.charter.id, trusted_as=trusted_as
            )
            findings.add(Problem(what, where, text("ask its parties who renamed it")), Forbidden)
        elif not any(one.standing.counts for one in read.standings.keys.values()):
            what = text("no key of '{trusted_as}' counts here", trusted_as=trusted_as)
            hint = text("trust the first keys that its parties have told you: covolt key trust")
            findings.add(Problem(what, where, hint), Forbidden)
    if read is not None:
        read = findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    return read


def states_of(
    read: Programme,
    gate: str | None = None,
    *,
    anew: bool = False,
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> list[GateState]:
    """Every gate of a programme, or one: open or shut, why, and its signatures."""
    from covolt.study.gate.gates import gate_states
    from covolt.study.verdicts.records import KeptRecords
    from covolt.study.verdicts.verification import verify

    found = verify(read, KeptRecords.own(anew=anew), progress=progress, cancelled=cancelled)
    return [one for one in gate_states(read, found) if gate in {None, one.id}]


@dataclass(frozen=True)
class SignOptions:
    """Who signs which gate in which role, by which file of a private key, with which remarks."""

    gate: str
    programme: Path
    party: str = ""
    role: str = ""
    key: Path | None = None
    remarks: str = ""
    day: str | None = None
    """On which it is signed; that of this machine, by UTC, where none is handed in."""


@dataclass(frozen=True)
class Signed:
    """A sign-off: its file, and the fingerprint of the key."""

    path: Path
    key: str


def dry_run(asked: SignOptions, findings: Findings) -> Sequence[Line]:
    """What would be signed, by what was computed before; nothing is."""
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.verification import verify

    read = read_whole(asked.programme, day=asked.day)
    _find_unwanted(findings, read, asked)
    findings.demand_none()
    read = read.seen_by(asked.party or None)
    return _passed(read, verify(read), asked)


def sign(
    asked: SignOptions,
    agree: Callable[[Sequence[Line]], bool],
    findings: Findings,
    *,
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> Signed | None:
    """Sign a gate over all that it passes, everything driven anew; None where whoever is shown it does not `agree`.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive and before the sign-off is written, says so.
        InputError: nobody may sign so, or a gate after which people ride lacks evidence.
    """
    from covolt.programme.pledging import write_pledge
    from covolt.study.gate.check import read_whole

    read = read_whole(asked.programme, day=asked.day)
    private = _demand_signer(findings, read, asked)
    read = read.seen_by(asked.party)
    made = _made(read, asked, agree, private, progress, cancelled)
    if made is None:
        return None
    path = _place(read, asked)
    heed(cancelled)
    write_pledge(read, path, made, over_all=True)
    return Signed(path, made.key)


@dataclass(frozen=True)
class Stated:
    """What is to be signed elsewhere: its file, the SHA-256 of its bytes, and the fingerprint of the key."""

    path: Path
    digest: str
    key: str


def state(
    asked: SignOptions,
    fingerprint: str,
    agree: Callable[[Sequence[Line]], bool],
    findings: Findings,
    *,
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> Stated | None:
    """Write what a key that covolt does not hold is to sign of a gate; as `sign`, everything is driven anew before.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive and before the statement is written, says so.
        InputError: nobody may sign so, or a gate after which people ride lacks evidence.
    """
    from covolt.programme.attaching import state_gate
    from covolt.programme.pledging import key_holder_problems
    from covolt.study.cases.keys import key_called
    from covolt.study.gate.check import read_whole

    read = read_whole(asked.programme, day=asked.day)
    _find_unwanted(findings, read, asked)
    _find_unnamed(findings, read, asked)
    key = findings.take(lambda: key_called(read, fingerprint, findings))
    if key is not None and key.algorithm is None:
        hint = text("sign with its file: covolt sign GATE --key FILE")
        findings.add(Problem(text("this is a key of Ed25519"), findings.called("key"), hint))
    elif key is not None and asked.party in read.parties:
        for one in key_holder_problems(read, key, asked.party, asked.role, findings.called("key")):
            findings.add(one, Forbidden)
    findings.demand_none()
    if key is None:
        raise RuntimeError("there is no key, and no problem says why")
    read = read.seen_by(asked.party)
    draft = _made(read, asked, agree, key, progress, cancelled)
    if draft is None:
        return None
    heed(cancelled)
    path, content = state_gate(read, _place(read, asked), draft)
    return Stated(path, hashlib.sha256(content).hexdigest(), key.fingerprint)


def attach(asked: SignOptions, signature: Path, findings: Findings) -> Signed:
    """Verify a detached signature of what `state` wrote, and file it as the sign-off of the gate.

    Raises:
        InputError: nothing waits there to be signed, or the signature is not by the key that it names, or cannot be checked here.
    """
    from covolt.contract.document import read_content
    from covolt.journal import Change
    from covolt.programme.attaching import DETACHED, attached
    from covolt.programme.external.reading import signature_of
    from covolt.programme.pledging import write_pledge
    from covolt.study.gate.check import read_whole

    read = read_whole(asked.programme, day=asked.day)
    _find_unwanted(findings, read, asked)
    raw = findings.take(lambda: read_content(signature))
    waiting = findings.take(lambda: _waiting(read, asked, findings))
    findings.demand_none()
    if raw is None or waiting is None:
        raise RuntimeError("there is no signature, and no problem says why")
    made = attached(read, read_content(waiting), signature_of(raw), (str(waiting), str(signature)))
    filed = replace(asked, party=made.party, role=made.role)
    _find_unwanted(findings, read, filed)
    findings.demand_none()
    path = _place(read, filed)
    write_pledge(read, path, made, beside=Change(path.with_suffix(DETACHED), raw))
    return Signed(path, made.key)


def _waiting(read: Programme, asked: SignOptions, findings: Findings) -> Path:
    """The file of a statement that waits to be signed: of the party and role that are named, or the only one of the gate."""
    from covolt.programme.attaching import STATEMENT

    if asked.party and asked.role:
        found = [file] if (file := _place(read, asked).with_suffix(STATEMENT)).is_file() else []
    else:
        found = sorted((read.root / "signoffs" / asked.gate).glob(f"{asked.party}*{STATEMENT}"))
    if len(found) == 1:
        return found[0]
    what = text("several statements of this gate wait to be signed") if found else text("nothing waits to be signed")
    hint = (
        text("name its --party and --role")
        if found
        else text("write it: covolt sign GATE --external --key FINGERPRINT")
    )
    raise (InputError if found else NotFound)(Problem(what, findings.called("gate"), hint))


def _made(
    read: Programme,
    asked: SignOptions,
    agree: Callable[[Sequence[Line]], bool],
    key: Ed25519PrivateKey | PartyKey,
    progress: Progress,
    cancelled: Wish | None,
) -> KeyedSignOff | None:
    """The sign-off of a gate over everything, driven anew; None where whoever is shown it does not `agree`."""
    from covolt.programme.pledging import sign_gate
    from covolt.study.gate.covered import covered_digest, covered_items
    from covolt.study.gate.gates import criteria_blocks, undriven_blocks
    from covolt.study.verdicts.records import MemoryRecords
    from covolt.study.verdicts.verification import verify

    gate = read.gates[asked.gate]
    hint = text("people ride after this gate: it is not signed before this is shown")
    refused = [Problem(one, f"gate {gate.id}", hint) for one in undriven_blocks(read, gate)]
    if refused:
        raise Conflict(refused)
    # Once with what is kept, to refuse soon; then anew, for who signs takes nobody's records on trust.
    for store in (None, MemoryRecords()):
        found = verify(read, store, progress=progress, cancelled=cancelled)
        blocks = criteria_blocks(read, found, gate)
        if blocks and gate.people:
            raise Conflict([Problem(one, f"gate {gate.id}", hint) for one in blocks])
    if not agree(_passed(read, found, asked)):
        return None
    digest, items = covered_digest(read, found, gate), covered_items(read, found, gate)
    return sign_gate(read, key, gate.id, asked.party, asked.role, digest, asked.remarks, items)


def _passed(read: Programme, found: Verification, asked: SignOptions) -> Sequence[Line]:
    """Everything that is signed, before it is."""
    from covolt.study.gate.passing import passed_by

    gate = read.gates[asked.gate]
    wanted = next((one for one in gate.signoffs if (one.party, one.role) == (asked.party, asked.role)), None)
    return list(passed_by(read, found, gate, wanted, asked.remarks))


def sign_texts(
    checked: Path, party: str, key: Path | None, findings: Findings, *, day: str | None = None
) -> tuple[str, Path]:
    """Sign a file of checked texts for its party; its name, and the file of the signature."""
    from covolt.programme.pledging import sign_checked
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import read_key

    if key is None:
        findings.add(Problem(text("no key is named"), findings.called("key"), text("make one: covolt key new")))
    private = None if key is None else findings.take(lambda: read_key(key))
    read = findings.take(lambda: read_leniently(checked.parent, day=day))
    name = (
        None
        if read is None
        else next((x for x in read.checked if read.file_of("checked", x) == checked.resolve()), None)
    )
    if read is not None and name is None:
        broken = _problems_of(read, checked)
        hint = text('name a file with schema = "checked/1" of this programme')
        for one in broken or [Problem(text("this is no file of checked texts"), str(checked), hint)]:
            findings.add(one)
    elif read is not None and name is not None and party and read.checked[name].party != party:
        what = text("it speaks for {party}", party=read.checked[name].party)
        findings.add(Problem(what, findings.called("party"), text("let that party sign it")), Forbidden)
    findings.demand_none()
    if read is None or private is None or name is None:
        raise RuntimeError("there is nothing to sign, and no problem says why")
    return name, sign_checked(read, private, name, f"{findings.called('key')} {key}")


def _problems_of(read: Programme, file: Path) -> list[Problem]:
    """What is wrong with one file of a programme, as `covolt check` says it."""
    from covolt.programme.reading import read_programme

    source = str(file.resolve().relative_to(read.root)) if file.resolve().is_relative_to(read.root) else str(file)
    try:
        read_programme(read.root, day=read.day)
    except InputError as error:
        return [one for one in error.problems if one.where.partition(":")[0] == source]
    return []


def _demand_signer(findings: Findings, read: Programme, asked: SignOptions) -> Ed25519PrivateKey:
    """The private key; raises everything for which this party cannot sign this gate with it."""
    from covolt.programme.pledging import signer_problems
    from covolt.programme.signing import read_key

    party, role, key = asked.party, asked.role, asked.key
    _find_unwanted(findings, read, asked)
    _find_unnamed(findings, read, asked)
    if key is None:
        findings.add(Problem(text("no key is named"), findings.called("key"), text("make one: covolt key new FILE")))
    private = None if key is None else findings.take(lambda: read_key(key))
    if private is not None and party in read.parties:
        for one in signer_problems(read, private, party, role, f"{findings.called('key')} {key}"):
            findings.add(one, Forbidden)
    findings.demand_none()
    if private is None:
        raise RuntimeError("there is no key, and no problem says why")
    return private


def _find_unnamed(findings: Findings, read: Programme, asked: SignOptions) -> None:
    """That nobody is named who signs."""
    if asked.gate in read.gates and not asked.party and not asked.role:
        findings.add(Problem(text("nobody is named who signs"), findings.called("party"), _wanted(read, asked.gate)))


def _find_unwanted(findings: Findings, read: Programme, asked: SignOptions) -> None:
    """That there is no such gate, or that it does not ask for the signature that is named."""
    gate, party, role = asked.gate, asked.party, asked.role
    if gate not in read.gates:
        findings.add(_no_gate(read, gate, findings), NotFound)
    elif (party or role) and not any((one.party, one.role) == (party, role) for one in read.gates[gate].signoffs):
        what = text("this gate does not ask for '{party}' as '{role}'", party=party, role=role)
        findings.add(Problem(what, findings.called("party"), _wanted(read, gate)), Forbidden)


def _no_gate(read: Programme, gate: str, findings: Findings) -> Problem:
    hint = text("gates: {gates}", gates=", ".join(read.gates))
    return Problem(text("no gate '{gate}'", gate=gate), findings.called("gate"), hint)


def _wanted(read: Programme, gate: str) -> str | Phrase:
    """Whose signatures a gate asks for, as options."""
    wanted = "; ".join(f"--party {one.party} --role {one.role}" for one in read.gates[gate].signoffs)
    return wanted or text("it asks for nobody")


def _place(read: Programme, asked: SignOptions) -> Path:
    """File of a sign-off: where it stands already, else one whose name is made of the role, which is any text."""
    gate, party, role = asked.gate, asked.party, asked.role
    standing = read.origin.get(("signoff", f"{gate}/{party}/{role}"))
    if standing is not None:
        return read.root / standing[0]
    plain = re.sub(r"[^\w-]+", "-", role)[:60]
    path = read.root / "signoffs" / gate / f"{party}-{plain}.toml"
    if path.exists():
        hint = text("move it away: it is not this signature")
        raise Conflict(Problem(text("there is a file here already"), str(path), hint))
    return path

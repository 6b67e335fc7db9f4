"""The use case of signing what a workspace hands out, of a gate or a checkpoint, with a key that stays where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import Conflict, CovoltError, Forbidden, Problem
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.study.gate.passing import Line

__all__ = ["StatementSigned", "is_checkpoint", "sign_checkpoint", "sign_statement"]

ENDING = ".signed.toml"
AS_STATED = text("Nothing is computed here: what was verified is what the workspace states.")


@dataclass(frozen=True)
class StatementSigned:
    """A sign-off that a workspace is to be handed: its file, the gate, and the fingerprint of the key."""

    path: Path
    gate: str
    key: str


def sign_statement(
    statement: Path, key: Path | None, agree: Callable[[Sequence[Line]], bool], findings: Findings
) -> StatementSigned | None:
    """Sign what a workspace asks, beside its file; None where whoever is shown it does not `agree`.

    Nothing is computed here: the workspace knows what its parties keep to themselves, and the statement names every item.

    Raises:
        InputError: it is no such statement, or was changed since it was written; the key cannot be read.
        Forbidden: it is to be signed by another key.
        Conflict: it is signed already.
    """
    from covolt.contract.document import dumps, read_content
    from covolt.programme.attaching import read_statement
    from covolt.programme.keys import fingerprint_of, sealed
    from covolt.programme.signing import public_hex
    from covolt.study.gate.passing import stated

    hint = text("fetch it anew from the page of the gate")
    draft = findings.take(lambda: read_statement(read_content(statement), str(statement), hint))
    private = _private(key, findings)
    if draft is not None and private is not None and fingerprint_of(public_hex(private)) != draft.key:
        what = text("this statement is to be signed by the key {key}", key=draft.key[:16])
        findings.add(Problem(what, f"{findings.called('key')} {key}", text("choose your key on the page")), Forbidden)
    findings.demand_none()
    if draft is None or private is None:
        raise RuntimeError("there is nothing to sign, and no problem says why")
    if not agree([(0, AS_STATED), *stated(draft)]):
        return None
    path = _beside(statement)
    _write(path, dumps(sealed(draft, private)), stale=_digest_in(path) not in {None, draft.digest})
    return StatementSigned(path, draft.gate, draft.key)


def is_checkpoint(statement: Path) -> bool:
    """Whether a file is what a workspace hands out of a checkpoint, to be counter-signed."""
    from covolt.contract.document import read_content
    from covolt.programme.countersigning import is_countersigning

    try:
        return is_countersigning(read_content(statement))
    except CovoltError:  # told by whoever reads it
        return False


def sign_checkpoint(
    statement: Path, key: Path | None, agree: Callable[[Sequence[Line]], bool], findings: Findings
) -> StatementSigned | None:
    """Counter-sign a checkpoint that a workspace hands out, beside its file; None where whoever is shown it does not `agree`.

    Raises:
        InputError: it was changed since it was written; the key cannot be read.
        Conflict: it is signed already.
    """
    from covolt.contract.document import dumps, read_content
    from covolt.programme.countersigning import countersigned, read_stated
    from covolt.programme.keys import fingerprint_of

    draft = findings.take(lambda: read_stated(read_content(statement), str(statement)))
    private = _private(key, findings)
    findings.demand_none()
    if draft is None or private is None:
        raise RuntimeError("there is nothing to sign, and no problem says why")
    if not agree(draft.lines):
        return None
    made, path = countersigned(draft, private), _beside(statement)
    _write(path, dumps(made), stale=False)
    return StatementSigned(path, str(draft.sequence), fingerprint_of(made.key))


def _private(key: Path | None, findings: Findings) -> Ed25519PrivateKey | None:
    """The key that is named, or a problem."""
    from covolt.programme.signing import read_key

    if key is None:
        findings.add(Problem(text("no key is named"), findings.called("key"), text("make one: covolt key new FILE")))
    return None if key is None else findings.take(lambda: read_key(key))


def _beside(statement: Path) -> Path:
    return statement.with_name(statement.name.removesuffix(".statement") + ENDING)


def _digest_in(path: Path) -> str | None:
    """The state over which a sign-off lies here already; None where there is none, or another file."""
    from covolt.contract.document import loads, read_text
    from covolt.programme.gate import KeyedSignOff

    try:
        return loads(read_text(path, str(path)), KeyedSignOff, str(path)).digest if path.is_file() else None
    except CovoltError:
        return None


def _write(path: Path, content: str, *, stale: bool) -> None:
    """Write what is signed; in the place of what was signed over an earlier state, which no workspace takes any more."""
    from covolt.files import write_new, write_whole

    if stale:
        write_whole(path, content)
    elif not write_new(path, content.encode()):
        what = text("there is a file here already")
        raise Conflict(Problem(what, str(path), text("move it away, or hand it in")))

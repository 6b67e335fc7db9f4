"""The use case of signing what a workspace hands out: a statement of a gate, signed with a key that stays where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import Conflict, Forbidden, Problem
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.gate.passing import Line

__all__ = ["StatementSigned", "sign_statement"]

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
    from covolt.files import write_new
    from covolt.programme.attaching import read_statement
    from covolt.programme.keys import fingerprint_of, sealed
    from covolt.programme.signing import public_hex, read_key
    from covolt.study.gate.passing import stated

    hint = text("fetch it anew from the page of the gate")
    draft = findings.take(lambda: read_statement(read_content(statement), str(statement), hint))
    if key is None:
        findings.add(Problem(text("no key is named"), findings.called("key"), text("make one: covolt key new FILE")))
    private = None if key is None else findings.take(lambda: read_key(key))
    if draft is not None and private is not None and fingerprint_of(public_hex(private)) != draft.key:
        what = text("this statement is to be signed by the key {key}", key=draft.key[:16])
        findings.add(Problem(what, f"{findings.called('key')} {key}", text("choose your key on the page")), Forbidden)
    findings.demand_none()
    if draft is None or private is None:
        raise RuntimeError("there is nothing to sign, and no problem says why")
    if not agree([(0, AS_STATED), *stated(draft)]):
        return None
    path = statement.with_name(statement.name.removesuffix(".statement") + ENDING)
    if not write_new(path, dumps(sealed(draft, private)).encode()):
        what = text("there is a file here already")
        raise Conflict(Problem(what, str(path), text("move it away, or hand it in")))
    return StatementSigned(path, draft.gate, draft.key)

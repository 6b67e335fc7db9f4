"""Checkpoints: where log, rows and repositories stood, signed by the workspace, chained, and counter-signed by parties."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from covolt.errors import NotFound, Problem
from covolt.programme.countersigning import Countersignature
from covolt.programme.curve import verifies
from covolt.programme.signing import new_key, public_hex, read_key
from covolt.words import text
from covolt.workspace.checkpoint_rows import CheckpointRow, CountersignatureRow
from covolt.workspace.events import now_text
from covolt.workspace.states import ProgrammeFolders
from covolt.workspace.tables import AnswerRow, EventRow, ProgrammeRow, ProposalRow

__all__ = [
    "KEY_FILE",
    "LASTING",
    "countersign",
    "due",
    "is_countersigned",
    "is_of",
    "keep",
    "rows_digest",
    "statement",
    "to_countersign",
]

EVERY = 100
"""Entries of the log after which there is a checkpoint in any case."""
AFTER = frozenset({"begun", "merged", "signed"})
"""What is followed by one at once."""
KEY_FILE = "checkpoints.pem"
LASTING: Mapping[str, tuple[type[ProposalRow | AnswerRow], tuple[str, ...]]] = {
    "proposals": (
        ProposalRow,
        ("id", "programme", "number", "party", "person", "title", "reason", "changes", "base", "made"),
    ),
    "answers": (AnswerRow, ("id", "proposal", "party", "person", "answer", "reason", "content", "made")),
}
"""What of rows never changes once it is written."""


def due(sequence: int, verb: str) -> bool:
    """Whether a checkpoint follows an entry."""
    return verb in AFTER or sequence % EVERY == 0


def keep(session: Session, home: Path, at: str) -> None:
    """Write a checkpoint after the last entry, in a session that writes; nothing where there is one."""
    session.flush()
    last = session.scalars(select(EventRow).order_by(EventRow.sequence.desc()).limit(1)).first()
    if last is None or session.get(CheckpointRow, last.sequence) is not None:
        return
    before = session.scalars(select(CheckpointRow).order_by(CheckpointRow.sequence.desc()).limit(1)).first()
    programmes = session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id)).all()
    rows = {name: (session.scalar(select(func.max(kind.id))) or 0) for name, (kind, _) in LASTING.items()}
    begun = {one.id: now_text(one.begun) for one in programmes}
    content = {
        "at": at,
        "sequence": last.sequence,
        "hash": last.hash,
        "heads": {name: ProgrammeFolders(home / "programmes" / name).heads().plain() for name in begun},
        "programmes": begun,
        "rows": {name: [most, rows_digest(session, name, most)] for name, most in rows.items()},
        "before": "" if before is None else before.signature,
    }
    path = home / KEY_FILE
    if not path.is_file():
        new_key(path)
    key = read_key(path)
    signature = key.sign(statement(content)).hex()
    session.add(CheckpointRow(sequence=last.sequence, content=content, key=public_hex(key), signature=signature))


def rows_digest(session: Session, name: str, most: int) -> str:
    """Digest of what never changes of the rows of a table up to an id."""
    kind, columns = LASTING[name]
    found = session.scalars(select(kind).where(kind.id <= most).order_by(kind.id))
    plain = [[_plain(getattr(one, column)) for column in columns] for one in found]
    return "sha256:" + hashlib.sha256(_canonical(plain)).hexdigest()


def countersign(session: Session, party: str, path: Path) -> CheckpointRow:
    """Sign the last checkpoint with a party's key, in a session that writes.

    Raises:
        NotFound: there is none yet.
        InputError: the file is no key.
    """
    last = session.scalars(select(CheckpointRow).order_by(CheckpointRow.sequence.desc()).limit(1)).first()
    if last is None:
        raise NotFound(Problem(text("there is no checkpoint yet"), "checkpoints", text("covolt audit --checkpoint")))
    key = read_key(path)
    signature = key.sign(statement(last.content)).hex()
    session.add(CountersignatureRow(sequence=last.sequence, party=party, key=public_hex(key), signature=signature))
    return last


def statement(content: Mapping[str, Any]) -> bytes:
    """What is signed of a checkpoint."""
    return b"covolt checkpoint\n" + _canonical(content)


def to_countersign(content: Mapping[str, Any], programme: str) -> Countersignature:
    """What a party of a programme signs of a checkpoint that it is handed: nothing of other programmes, and a digest of all."""
    return Countersignature(
        programme=programme,
        sequence=content["sequence"],
        at=content["at"],
        hash=content["hash"],
        checkpoint=_digest(content),
        heads=content["heads"][programme],
    )


def is_countersigned(key: str, signature: str, content: Mapping[str, Any]) -> bool:
    """Whether a key has signed a checkpoint: all of it, where the workspace lies, or what one is handed elsewhere."""
    stated = [statement(content), *(to_countersign(content, one).stated for one in content["heads"])]
    return any(verifies(bytes.fromhex(key), bytes.fromhex(signature), one) for one in stated)


def is_of(receipt: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    """Whether what a party has kept is a checkpoint: all of it, or what it signed of it."""
    return receipt == content or receipt.get("checkpoint") == _digest(content)


def _digest(content: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(statement(content)).hexdigest()


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    return now_text(value) if hasattr(value, "strftime") else value

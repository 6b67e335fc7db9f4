"""The audit of rows and of the files that they tell of: each row is what the last entry says that tells of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import final

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import CovoltError, Problem
from covolt.programme.signing import public_hex, read_key
from covolt.words import text
from covolt.workspace.checkpoints import KEY_FILE
from covolt.workspace.held import digest_of, place_of, rows_held
from covolt.workspace.job_table import JobRow
from covolt.workspace.jobs import OPEN, RESULTS
from covolt.workspace.outgoing.rows import SubscriptionRow
from covolt.workspace.outgoing.seal import NAME
from covolt.workspace.tables import EventRow

__all__ = ["RESTORE", "HeldRows", "beside_problems"]

RESTORE = text("compare with a back-up: covolt restore")

CAME = {
    **dict.fromkeys(OPEN, (False, False, False)),
    "done": (True, True, False),
    "failed": (True, False, True),
    "cancelled": (True, False, False),
}
"""Whether a job that stands so has ended, has a result, and has problems."""


@final
class HeldRows:
    """Rows held to the log, and how many there were."""

    def __init__(self) -> None:
        self.held = self.older = self.unheld = 0

    def problems(self, session: Session, events: Sequence[EventRow]) -> Iterator[Problem]:
        """Rows that are other than the log says, that it does not know, or that are gone."""
        holding = [one for one in events if "rows" in one.told]
        known = {place: (one, digest) for one in holding for place, digest in one.told["rows"].items()}
        for row in rows_held(session):
            place = place_of(row)
            entry, digest = known.pop(place, (None, ""))
            if entry is None and not holding:
                self.unheld += 1
            elif entry is None or not digest:
                yield Problem(text("no entry of the log tells of this row"), place, RESTORE)
            elif digest_of(row, entry.told["salt"]) != digest:
                what = text("the row is not what entry {number} of the log says of it", number=entry.sequence)
                yield Problem(what, place, RESTORE)
            else:
                self.held += 1
                self.older += entry.verb == "held"
        for place, (_, digest) in known.items():
            if digest:
                yield Problem(text("the log has it, and the row is gone"), place, RESTORE)


def beside_problems(home: Path, session: Session, keys: Sequence[str]) -> Iterator[Problem]:
    """Files beside the database: results of jobs, the key of checkpoints, and the one that seals secrets of subscribers."""
    for row in session.scalars(select(JobRow).order_by(JobRow.id)):
        place = f"jobs/{row.id}"
        came = (row.ended is not None, bool(row.result), bool(row.problems))
        if CAME.get(row.status) != came:
            yield Problem(text("how the job stands is not what came of it"), place, RESTORE)
        if row.result:
            yield from _result(home / RESULTS / f"{row.result}.json", row.result)
    if keys:
        yield from _checkpoint_key(home / KEY_FILE, keys)
    sealed = session.scalars(select(SubscriptionRow.secret).where(SubscriptionRow.secret != "")).all()
    if sealed:
        yield from _sealed(home, sealed)


def _result(path: Path, digest: str) -> Iterator[Problem]:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        yield Problem(text("it cannot be read: {why}", why=error.strerror or ""), f"{RESULTS}/{path.name}", RESTORE)
        return
    if found != digest:
        yield Problem(text("it is not what came of its job"), f"{RESULTS}/{path.name}", RESTORE)


def _checkpoint_key(path: Path, keys: Sequence[str]) -> Iterator[Problem]:
    try:
        own = public_hex(read_key(path))
    except CovoltError as error:
        yield from (Problem(one.what, KEY_FILE, RESTORE) for one in error.problems)
        return
    if own != keys[-1]:
        yield Problem(text("it is another key than the one that signed the checkpoints"), KEY_FILE, RESTORE)


def _sealed(home: Path, sealed: Sequence[str]) -> Iterator[Problem]:
    """That the key opens what it sealed."""
    try:
        key = Fernet((home / NAME).read_bytes())
        for one in sealed:
            key.decrypt(one)
    except (OSError, ValueError, InvalidToken):
        yield Problem(text("it does not open the secrets of subscribers"), NAME, RESTORE)

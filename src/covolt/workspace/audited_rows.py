"""The audit of rows and of the files that they tell of: each row is what the last entry says that tells of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar, final

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from covolt.errors import CovoltError, Problem
from covolt.programme.signing import public_hex, read_key
from covolt.words import text
from covolt.workspace.checkpoints import KEY_FILE
from covolt.workspace.held import HELD, digest_of, place_of
from covolt.workspace.job_table import JobRow
from covolt.workspace.jobs import OPEN, RESULTS
from covolt.workspace.outgoing.rows import SubscriptionRow
from covolt.workspace.outgoing.seal import NAME
from covolt.workspace.tables import EventRow, Stored

__all__ = ["RESTORE", "UNREADABLE", "HeldRows", "beside_problems", "guarded", "rows_of"]

RESTORE = text("compare with a back-up: covolt restore")

UNREADABLE = (SQLAlchemyError, ValueError, KeyError, TypeError, AttributeError, LookupError)
"""What comes of a row whose columns hold what nobody wrote there."""
Row = TypeVar("Row", bound=Stored)
CAME = {
    **dict.fromkeys(OPEN, (False, False, False)),
    "done": (True, True, False),
    "failed": (True, False, True),
    "cancelled": (True, False, False),
}
"""Whether a job that stands so has ended, has a result, and has problems."""


def rows_of(session: Session, kind: type[Row], problems: list[Problem]) -> list[Row]:
    """All rows of a table by their keys; those that cannot be read are named among the problems, and hide no other."""
    keys = inspect(kind).primary_key
    try:
        return list(session.scalars(select(kind).order_by(*keys)))
    except UNREADABLE:
        found = list[Row]()
        for key in session.execute(select(*keys).order_by(*keys)).all():
            wanted = select(kind).where(*(column == value for column, value in zip(keys, key, strict=True)))
            try:
                found.append(session.scalars(wanted).one())
            except UNREADABLE as error:
                place = "/".join([kind.__tablename__, *map(str, key)])
                problems.append(Problem(text("the row cannot be read: {why}", why=_why(error)), place, RESTORE))
        return found


def guarded(found: Iterator[Problem], place: str) -> Iterator[Problem]:
    """Problems, the last of them that no more can be looked for there: what is damaged in one place hides nothing elsewhere."""
    try:
        yield from found
    except UNREADABLE as error:
        yield Problem(text("not all of it can be looked at: {why}", why=_why(error)), place, RESTORE)


def _why(error: Exception) -> str:
    return f"{type(error).__name__} {str(error).partition(chr(10))[0]}"[:200]


@final
class HeldRows:
    """Rows held to the log, and how many there were."""

    def __init__(self) -> None:
        self.held = self.older = self.unheld = 0

    def problems(self, session: Session, events: Sequence[EventRow]) -> Iterator[Problem]:
        """Rows that are other than the log says, that it does not know, or that are gone."""
        holding = [one for one in events if "rows" in one.told]
        known = {place: (one, digest) for one in holding for place, digest in one.told["rows"].items()}
        unread = list[Problem]()
        rows = [row for kind in HELD for row in rows_of(session, kind, unread)]
        yield from unread
        for one in unread:
            known.pop(one.where, None)
        for row in rows:
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
    for row in rows_of(session, JobRow, []):
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

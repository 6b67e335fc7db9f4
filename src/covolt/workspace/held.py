"""Rows that the log holds: an entry bears digests of what was written with it, so that whatever is changed later is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from covolt.workspace.checkpoint_rows import CountersignatureRow
from covolt.workspace.comment_rows import CommentRow
from covolt.workspace.job_table import JobRow
from covolt.workspace.outgoing.rows import SubscriptionRow
from covolt.workspace.tables import (
    AnswerRow,
    InvitationRow,
    MembershipRow,
    PersonRow,
    ProgrammeRow,
    ProposalRow,
    SessionRow,
    Stored,
    TokenRow,
)

__all__ = ["FREE", "HELD", "UNHELD", "digest_of", "place_of", "rows_held", "stock", "unwritten", "watch"]

HELD: tuple[type[Stored], ...] = (
    ProgrammeRow, PersonRow, MembershipRow, InvitationRow, TokenRow, SessionRow, ProposalRow, AnswerRow, CommentRow,
    SubscriptionRow, JobRow, CountersignatureRow,
)  # fmt: skip
"""What people do."""
UNHELD: Mapping[str, str] = {
    "events": "it is the log: its own hashes chain it",
    "checkpoints": "signed, and each bound to the one before",
    "deliveries": "how far sending is: nobody does it, and what is sent is read from the log",
}
"""Tables of which the log bears no digests, and why."""
FREE: Mapping[str, frozenset[str]] = {
    "jobs": frozenset({"status", "leased_by", "leased_until", "attempts", "crashes", "done", "total", "started"}),
    "subscriptions": frozenset({"seen", "gathers"}),
}
"""Columns in which the server notes how far it is: they change all the time, and no digest covers them."""
_WRITTEN = "covolt.written"


def watch(session: Session) -> None:
    """Take note from now on of what a session writes."""
    event.listen(session, "after_flush", _note)


def _note(session: Session, _: object) -> None:
    written: dict[str, Stored | None] = session.info.setdefault(_WRITTEN, {})
    for row in (*session.new, *session.dirty):
        if row.__tablename__ not in UNHELD and (row in session.new or _changed(row)):
            written[place_of(row)] = row
    written |= {place_of(row): None for row in session.deleted if row.__tablename__ not in UNHELD}


def _changed(row: Stored) -> bool:
    return any(inspect(row).attrs[one].history.has_changes() for one in _columns(row))


def unwritten(session: Session) -> dict[str, Any]:
    """What the next entry bears of the rows that were written since the last: a digest each, "" of one that is gone.

    The salt, which nobody is told, keeps those who see the hash of an entry from trying out what a row of few words says.
    """
    session.flush()
    written: dict[str, Stored | None] = session.info.pop(_WRITTEN, {})
    return _told(written)


def stock(session: Session) -> dict[str, Any]:
    """The same of all rows, for an entry after which the log holds those that were there before it held any."""
    return _told({place_of(row): row for row in rows_held(session)})


def _told(written: Mapping[str, Stored | None]) -> dict[str, Any]:
    if not written:
        return {"rows": {}}
    salt = token_hex(16)
    return {"salt": salt, "rows": {place: digest_of(row, salt) if row else "" for place, row in written.items()}}


def rows_held(session: Session) -> Iterator[Stored]:
    """All rows that the log holds, or would."""
    for kind in HELD:
        yield from session.scalars(select(kind).order_by(*inspect(kind).primary_key))


def place_of(row: Stored) -> str:
    """Which row it is, such as `comments/4f0c…`."""
    key = inspect(type(row)).primary_key_from_instance(row)
    return "/".join([row.__tablename__, *map(str, key)])


def digest_of(row: Stored, salt: str) -> str:
    """Digest of a row without what is free in it."""
    content = {one: _plain(getattr(row, one)) for one in _columns(row)}
    written = json.dumps([salt, place_of(row), content], sort_keys=True, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(written.encode()).hexdigest()


def _columns(row: Stored) -> list[str]:
    free = FREE.get(row.__tablename__, frozenset())
    return [one for one in row.__table__.columns.keys() if one not in free]  # noqa: SIM118 - its values are columns


def _plain(value: object) -> Any:
    """A value as every database gives it back; one that knows no zone means UTC."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat()
    return json.loads(json.dumps(value))

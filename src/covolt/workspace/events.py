"""The log of a workspace: what happened, who did it, and what came of it, each entry bound to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.workspace.administering import for_all
from covolt.workspace.held import rows_held, stock, unwritten
from covolt.workspace.tables import EventRow

__all__ = ["BEGINNING", "Happened", "append", "broken", "events_after", "hold", "hold_older", "needs_older", "now_text"]

BEGINNING = ""
"""What stands in place of a hash before the first entry."""


@final
@dataclass(frozen=True)
class Happened:
    """One thing that happened to `subject`, such as `proposal/3`; `told` is what of it may be told to every party."""

    programme: str
    at: str
    party: str
    person: str
    verb: str
    subject: str
    told: Mapping[str, Any]


def append(session: Session, one: Happened) -> EventRow:
    """Write one entry after the last, in a session that writes; it counts once that is left without an error.

    It bears the digests of what the session has written: `rows`.
    """
    rows = unwritten(session)
    return _appended(session, one, rows)


def hold(session: Session) -> None:
    """What a session has written and no entry tells of, such as a token: an entry of no programme, which nobody is shown."""
    rows = unwritten(session)
    if rows["rows"]:
        with for_all(session):
            _appended(session, Happened("", "", "", "", "wrote", "rows", {}), rows)
            session.flush()


def needs_older(session: Session) -> bool:
    """Whether rows are there of which the log bears no digests, since an earlier covolt wrote them."""
    last = _last(session)
    known = last is not None and "rows" in last.told
    return not known and next(rows_held(session), None) is not None


def hold_older(session: Session) -> None:
    """Hold from now on what was written before the log held rows."""
    if needs_older(session):
        _appended(session, Happened("", "", "", "", "held", "rows", {}), stock(session))


def _last(session: Session) -> EventRow | None:
    with for_all(session):
        return session.scalars(select(EventRow).order_by(EventRow.sequence.desc()).limit(1)).first()


def _appended(session: Session, one: Happened, rows: Mapping[str, Any]) -> EventRow:
    last = _last(session)
    sequence, before = (1, BEGINNING) if last is None else (last.sequence + 1, last.hash)
    row = EventRow(
        sequence=sequence,
        programme=one.programme,
        at=one.at,
        party=one.party,
        person=one.person,
        verb=one.verb,
        subject=one.subject,
        told=json.loads(json.dumps({**one.told, **rows})),
        before=before,
        hash="",
    )
    row.hash = _hash(row)
    session.add(row)
    return row


def events_after(
    session: Session, programme: str, after: int = 0, most: int = 200, *, newest: bool = False
) -> Sequence[EventRow]:
    """Entries of a programme after a sequence number, in their order; or the newest, newest first."""
    order = EventRow.sequence.desc() if newest else EventRow.sequence
    wanted = select(EventRow).where(EventRow.programme == programme, EventRow.sequence > after)
    return session.scalars(wanted.order_by(order).limit(most)).all()


def broken(rows: Iterable[EventRow]) -> list[int]:
    """Sequence numbers of entries that are not what was written: changed, out of order, or after a gap."""
    found: list[int] = []
    before, sequence = BEGINNING, 0
    for row in rows:
        sequence += 1
        if row.sequence != sequence or row.before != before or row.hash != _hash(row):
            found.append(row.sequence)
            sequence = row.sequence
        before = row.hash
    return found


def now_text(now: datetime) -> str:
    """A time as entries write it: UTC, to the millisecond."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def _hash(row: EventRow) -> str:
    content = [
        row.sequence, row.programme, row.at, row.party, row.person, row.verb, row.subject, row.told, row.before
    ]  # fmt: skip
    return "sha256:" + hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

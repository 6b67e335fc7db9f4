"""Browsers that are let in where several people log in: rows that expire, and end when somebody logs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.workspace.bearer import hash_of, new_word
from covolt.workspace.database import Database
from covolt.workspace.entrance import Entered
from covolt.workspace.tables import SessionRow

__all__ = ["Sessions", "in_utc"]

LASTS = timedelta(hours=12)


def in_utc(time: datetime) -> datetime:
    """A time as it was kept: SQLite forgets the zone, which is UTC here."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@final
class Sessions:
    """Which browsers are let in, as whom."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def begin(self, session: Session, person: str, token: int | None = None) -> Entered:
        """Let a browser in, in a session that writes."""
        word, now = new_word("session"), self._clock()
        session.add(
            SessionRow(hash=hash_of(word), person=person, token=token, made=now, expires=now + LASTS, ended=None)
        )
        return Entered(word, LASTS, person)

    def whose(self, session: Session, word: str) -> SessionRow | None:
        """The row of a browser that is let in still."""
        row = session.scalars(select(SessionRow).where(SessionRow.hash == hash_of(word))).first()
        if row is None or row.ended is not None or in_utc(row.expires) <= self._clock():
            return None
        return row

    def end(self, word: str) -> None:
        """Let it in no longer."""
        with self._database.writing() as session:
            row = self.whose(session, word)
            if row is not None:
                row.ended = self._clock()

"""Tokens with which scripts ask: bound to scopes, perhaps to one programme and party, expiring, exchanged once for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.legible import hidden
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.bearer import hash_of, new_word
from covolt.workspace.database import Database
from covolt.workspace.entrance import SCOPES, Asker, not_let_in
from covolt.workspace.events import now_text
from covolt.workspace.peopleshown import TokenMade, TokensShown
from covolt.workspace.peopleshown import TokenRow as Shown
from covolt.workspace.sessions import in_utc
from covolt.workspace.tables import PersonRow, TokenRow

__all__ = ["TokenWanted", "Tokens"]

MOST_DAYS, MOST_TITLE = 366, 100


@final
@dataclass(frozen=True)
class TokenWanted:
    """A token to make."""

    title: str
    scopes: Sequence[str]
    programme: str = ""
    party: str = ""
    days: int = 90


@final
class Tokens:
    """Tokens of the people of a workspace."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def make(self, asker: Asker, wanted: TokenWanted) -> TokenMade:
        """A token that may do no more than who asks for it; its word is told here alone.

        Raises:
            InputError: every scope, title and time that cannot be.
            Forbidden: it would reach further than the token with which it is asked for.
        """
        problems = [
            Problem(text("no scope '{scope}'", scope=one), "scopes", named(one, SCOPES))
            for one in wanted.scopes
            if one not in SCOPES
        ]
        if not wanted.scopes:
            problems.append(Problem(text("the token could do nothing"), "scopes", ", ".join(SCOPES)))
        if hidden(wanted.title):
            problems.append(Problem(text("this text holds signs that nobody sees"), "title", text("take them out")))
        if not 0 < len(wanted.title.strip()) <= MOST_TITLE:
            what = text("a title has 1 to {most} signs", most=MOST_TITLE)
            problems.append(Problem(what, "title", text("say what the token is for")))
        if not 1 <= wanted.days <= MOST_DAYS:
            what = text("a token counts for 1 to {most} days", most=MOST_DAYS)
            problems.append(Problem(what, "days", text("exchange it for another before it expires")))
        if problems:
            raise InputError(problems)
        wider = any(not asker.may(one) for one in wanted.scopes)
        elsewhere = asker.programme not in {"", wanted.programme} or asker.party not in {"", wanted.party}
        if wider or elsewhere:
            raise Forbidden(Problem(text("a token makes none that reaches further than itself"), "scopes", ""))
        now = self._clock()
        with self._database.writing() as session:
            if session.get(PersonRow, asker.person) is None:
                raise Forbidden(Problem(text("nobody logs in here: this workspace is one person's"), "", ""))
            row = TokenRow(
                person=asker.person, title=wanted.title.strip(), hash="", scopes=sorted(set(wanted.scopes)),
                programme=wanted.programme or None, party=wanted.party or None,
                made=now, expires=now + timedelta(days=wanted.days), ended=None,
            )  # fmt: skip
            return _added(session, row)

    def exchange(self, word: str) -> TokenMade:
        """Another token of the same bounds and the same length of life in place of one; that one ends.

        Raises:
            Forbidden: nobody's token, or it has expired.
            Conflict: it was exchanged or ended already.
        """
        with self._database.writing() as session:
            row = _of_word(session, word)
            now = self._clock()
            if row is not None and row.ended is not None:
                what = text("this token was exchanged or ended already")
                raise Conflict(Problem(what, "word", text("make a new one")))
            if row is None or in_utc(row.expires) <= now:
                raise not_let_in()
            row.ended = now
            lasts = in_utc(row.expires) - in_utc(row.made)
            made = TokenRow(
                person=row.person, title=row.title, hash="", scopes=row.scopes, programme=row.programme,
                party=row.party, made=now, expires=now + lasts, ended=None,
            )  # fmt: skip
            return _added(session, made)

    def listed(self, asker: Asker) -> TokensShown:
        """A person's own, newest first."""
        wanted = select(TokenRow).where(TokenRow.person == asker.person).order_by(TokenRow.id.desc())
        with self._database.reading() as session:
            return TokensShown(tuple(map(_shown, session.scalars(wanted).all())))

    def end(self, asker: Asker, number: int) -> None:
        """End a token of one's own.

        Raises:
            NotFound: none of this number, or another's.
        """
        with self._database.writing() as session:
            row = session.get(TokenRow, number)
            if row is None or row.person != asker.person:
                raise NotFound(Problem(text("no token {number}", number=number), "number", ""))
            row.ended = row.ended or self._clock()

    def standing(self, session: Session, *, word: str = "", number: int | None = None) -> TokenRow | None:
        """The row of a token that counts still, by its word or number."""
        row = session.get(TokenRow, number) if number is not None else _of_word(session, word)
        if row is None or row.ended is not None or in_utc(row.expires) <= self._clock():
            return None
        return row


def _of_word(session: Session, word: str) -> TokenRow | None:
    return session.scalars(select(TokenRow).where(TokenRow.hash == hash_of(word))).first()


def _added(session: Session, row: TokenRow) -> TokenMade:
    word = new_word("token")
    row.hash = hash_of(word)
    session.add(row)
    session.flush()
    return TokenMade(row.id, word, now_text(row.expires))


def _shown(row: TokenRow) -> Shown:
    ended = "" if row.ended is None else now_text(row.ended)
    return Shown(
        row.id, row.title, tuple(row.scopes), row.programme or "", row.party or "", now_text(row.made),
        now_text(row.expires), ended,
    )  # fmt: skip

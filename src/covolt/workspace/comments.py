"""Comments: what parties say to one another about a number, a slot, a requirement, a gate or a proposal, each for whom it is."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import Forbidden, InputError, NotFound, Problem
from covolt.legible import hidden
from covolt.programme.documents import Programme
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader, seen
from covolt.workspace.addressed import meant_for, sees, sees_all
from covolt.workspace.comment_rows import CommentRow
from covolt.workspace.comments_shown import CommentShown, CommentsShown, TalkShown
from covolt.workspace.events import now_text
from covolt.workspace.programmes import Programmes

__all__ = ["MOST_TEXT", "Comments"]

MOST_TEXT = 10_000
MOST_LISTED = 1000
_MENTION = re.compile(r"(?<![\w@/-])@([a-z0-9][a-z0-9-]*)")
"""A party that is called in a text: `@battery-works`."""


@final
class Comments:
    """What is said in the programmes of a workspace.

    A comment is read by who may read it and sees what it is about; to everybody else it does not exist.
    """

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def add(self, name: str, reader: Reader, address: str, said: str, to: Sequence[str], answers: str) -> str:
        """Write a comment about what stands at an address, for some parties, or for all where none is named; its id.

        Raises:
            InputError: every problem of the text and of those for whom it is.
            NotFound: the reader sees nothing at the address, or no such comment to answer to.
        """
        own = self._own(name, reader)
        if not reader.party:
            raise Forbidden(Problem(text("who comments speaks for a party"), "party", text("say for which")))
        readers = sorted({*to, reader.party}) if to else []
        problems = [*_text_problems(said), *_reader_problems(own, said, readers)]
        comment = secrets.token_hex(8)
        with self._programmes.database.writing() as session:
            if not sees(own, address, session):
                raise _nothing(address)
            problems += _unseen(own, address, readers, said, session)
            before = self._readable(session, own, reader, address) if answers else []
            if answers and answers not in {one.id for one in before}:
                problems.append(Problem(text("there is no such comment to answer to"), "answers", ""))
            if problems:
                raise InputError(problems)
            session.add(
                CommentRow(
                    id=comment,
                    programme=name,
                    address=address,
                    party=reader.party,
                    person=reader.person,
                    text=said,
                    answers=answers or None,
                    readers=readers,
                    made=self._programmes.clock(),
                    hidden=None,
                )
            )
            # What is told is told to all: only of what all may read and see it says more than that somebody wrote.
            bare = bool(readers) or not sees_all(own, address, session)
            told = {} if bare else {"comment": comment}
            self._programmes.tell(session, name, reader, "commented", "comment" if bare else address, told)
        return comment

    def listed(self, name: str, reader: Reader, address: str) -> CommentsShown:
        """Comments about what stands at an address, in the order in which they were written."""
        own = self._own(name, reader)
        with self._programmes.database.reading() as session:
            if not sees(own, address, session):
                raise _nothing(address)
            return _shown(self._readable(session, own, reader, address), reader)

    def waiting(self, name: str, reader: Reader) -> CommentsShown:
        """Comments that name the reader's party, or are for few and it is among them, and that it has not answered."""
        own = self._own(name, reader)
        with self._programmes.database.reading() as session:
            rows = self._readable(session, own, reader)
        answered = {one.answers for one in rows if one.party == reader.party}
        return _shown([one for one in rows if _calls(one, reader) and one.id not in answered], reader)

    def counted(self, name: str, reader: Reader) -> TalkShown:
        """How many comments the reader may read about each thing."""
        own = self._own(name, reader)
        with self._programmes.database.reading() as session:
            return TalkShown(dict(Counter(one.address for one in self._readable(session, own, reader))))

    def hide(self, name: str, reader: Reader, comment: str) -> None:
        """Take a comment back: nobody reads it any more. Who wrote it may, for the party for which it was written."""
        own = self._own(name, reader)
        with self._programmes.database.writing() as session:
            found = next((one for one in self._readable(session, own, reader) if one.id == comment), None)
            if found is None:
                raise NotFound(Problem(text("there is no such comment"), "comment", ""))
            if (found.party, found.person) != (reader.party, reader.person):
                raise Forbidden(Problem(text("somebody else wrote this comment"), "comment", ""))
            found.hidden = self._programmes.clock()

    def _own(self, name: str, reader: Reader) -> Programme:
        return seen(self._programmes.read(name, self._programmes.heads(name)), reader)

    def _readable(self, session: Session, own: Programme, reader: Reader, address: str = "") -> list[CommentRow]:
        """Comments that a reader may read, of those that see what they are about."""
        wanted = select(CommentRow).where(CommentRow.programme == own.charter.id, CommentRow.hidden.is_(None))
        if address:
            wanted = wanted.where(CommentRow.address == address)
        rows = session.scalars(wanted.order_by(CommentRow.made, CommentRow.id)).all()
        known: dict[str, bool] = {}
        found: list[CommentRow] = []
        for one in rows:
            if not reader.party or not meant_for(one, reader):
                continue
            if one.address not in known:
                known[one.address] = sees(own, one.address, session)
            if known[one.address]:
                found.append(one)
        return found[-MOST_LISTED:]


def _shown(rows: Sequence[CommentRow], reader: Reader) -> CommentsShown:
    known = {one.id for one in rows}
    return CommentsShown(
        tuple(
            CommentShown(
                one.id,
                one.address,
                now_text(one.made.replace(tzinfo=one.made.tzinfo or UTC)),
                one.party,
                one.person,
                one.text,
                tuple(one.readers),
                one.answers if one.answers in known else "",
                (one.party, one.person) == (reader.party, reader.person),
            )
            for one in rows
        )
    )


def _calls(one: CommentRow, reader: Reader) -> bool:
    """Whether a comment of another party asks for an answer of the reader's."""
    return one.party != reader.party and (reader.party in one.readers or reader.party in _MENTION.findall(one.text))


def _text_problems(said: str) -> list[Problem]:
    problems: list[Problem] = []
    if not said.strip() or len(said) > MOST_TEXT:
        what = text("a comment has 1 to {most} signs", most=MOST_TEXT)
        problems.append(Problem(what, "text", text("write some, or shorten it")))
    if hidden(said.replace("\r\n", "\n")):
        problems.append(Problem(text("this text holds signs that nobody sees"), "text", text("take them out")))
    return problems


def _reader_problems(own: Programme, said: str, readers: Sequence[str]) -> list[Problem]:
    problems = [
        Problem(text("no party '{party}' in this programme", party=one), "to", named(one, own.parties))
        for one in readers
        if one not in own.parties
    ]
    for one in dict.fromkeys(_MENTION.findall(said)):
        if one in own.parties and readers and one not in readers:
            what = text("{party} is called in the text and could not read it", party=one)
            problems.append(Problem(what, "to", text("let it read it, too")))
    return problems


def _unseen(own: Programme, address: str, readers: Sequence[str], said: str, session: Session) -> list[Problem]:
    """Parties that are called or named and see nothing there: nobody waits for an answer that cannot come."""
    called = [one for one in dict.fromkeys((*readers, *_MENTION.findall(said))) if one in own.parties]
    return [
        Problem(text("{party} does not see what this is about", party=one), "to", text("leave it out"))
        for one in called
        if not sees(own.seen_by(one), address, session)
    ]


def _nothing(address: str) -> NotFound:
    return NotFound(Problem(text("there is nothing here that you can see"), address, ""))

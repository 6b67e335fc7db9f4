"""Invitations: somebody is let into a programme for a party, and perhaps for some slots alone; once, and for some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.bearer import hash_of, new_word
from covolt.workspace.entrance import Asker
from covolt.workspace.events import now_text
from covolt.workspace.people import People
from covolt.workspace.peopleshown import InvitationMade, InvitationsShown
from covolt.workspace.peopleshown import InvitationRow as Shown
from covolt.workspace.sessions import in_utc
from covolt.workspace.tables import EventRow, InvitationRow, PersonRow
from covolt.workspace.verbs import Verb

__all__ = ["Invitations"]

MOST_DAYS = 30


@final
class Invitations:
    """What lets new people into the programmes of a workspace."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._database = people.programmes.database

    def make(self, asker: Asker, name: str, party: str, slots: Sequence[str], days: int) -> InvitationMade:
        """Invite somebody; the word of the invitation is told here alone.

        Raises:
            InputError: every party, slot and time that cannot be.
            Forbidden: who asks does not speak for the whole of that party.
        """
        programmes = self._people.programmes
        read = programmes.read(name, programmes.heads(name))
        who = self._people.governing(asker, name, party)
        problems = [
            Problem(text("no slot '{slot}'", slot=slot), "slots", named(slot, read.slots))
            for slot in slots
            if slot not in read.slots
        ]
        if party not in read.parties:
            what = text("no party '{party}' in this programme", party=party)
            problems.append(Problem(what, "party", named(party, read.parties)))
        if not 1 <= days <= MOST_DAYS:
            what = text("an invitation counts for 1 to {most} days", most=MOST_DAYS)
            problems.append(Problem(what, "days", text("invite anew when it has expired")))
        if problems:
            raise InputError(problems)
        word, now = new_word("invitation"), self._people.clock()
        expires = now + timedelta(days=days)
        with self._database.writing() as session:
            row = InvitationRow(
                programme=name, party=party, slots=list(dict.fromkeys(slots)), hash=hash_of(word),
                made_by=asker.person, made=now, expires=expires, used_by=None, used=None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            self._tell(session, row, who, "invited")
            return InvitationMade(row.id, word, now_text(expires))

    def use(self, word: str, person: str, name: str = "") -> tuple[str, str]:
        """Act from now on as an invitation says; person and programme.

        Args:
            word: of the invitation.
            person: who uses it; empty for somebody whom the workspace does not know yet.
            name: how that one is called.

        Raises:
            NotFound: no such invitation.
            Conflict: it was used already, it has expired or was taken back, or a party or somebody else is called so already.
            Forbidden: who uses it made it.
        """
        hint = text("ask who invited you for another")
        wanted = select(InvitationRow).where(InvitationRow.hash == hash_of(word))
        with self._database.reading() as session:  # parties are read for nobody who bears no invitation
            known = session.scalars(wanted).first() is not None
        parties = self._people.names_of_parties() if known and not person else frozenset[str]()
        with self._database.writing() as session:
            row = session.scalars(wanted).first()
            if row is None:
                raise NotFound(Problem(text("no such invitation"), "word", hint))
            if row.made_by == person:
                what = text("who made an invitation does not use it")
                raise Forbidden(Problem(what, "word", text("hand it to whom you invite")))
            if row.used is not None:
                raise Conflict(Problem(text("this invitation was used already"), "word", hint))
            if in_utc(row.expires) <= self._people.clock():
                back = _taken_back(session, row)
                what = text("this invitation was taken back") if back else text("this invitation has expired")
                raise Conflict(Problem(what, "word", hint))
            who = person or self._added(session, name, parties).id
            row.used, row.used_by = self._people.clock(), who
            self._people.join(session, row.programme, row.party, who, row.slots, row.made_by)
            return who, row.programme

    def _added(self, session: Session, name: str, parties: frozenset[str]) -> PersonRow:
        """Somebody new; whoever is known already is told to log in first, as two entries of one person would be two people."""
        try:
            return self._people.added(session, name, parties)
        except Conflict as error:
            hint = text(
                "if this is you, log in first, with your token or by your organisation, and use the invitation then; "
                "else add what tells you apart, such as your party"
            )
            raise Conflict([Problem(one.what, one.where, hint) for one in error.problems]) from error

    def listed(self, asker: Asker, name: str, party: str) -> InvitationsShown:
        """Invitations for a party, newest first."""
        self._people.governing(asker, name, party)
        wanted = select(InvitationRow).where(InvitationRow.programme == name, InvitationRow.party == party)
        with self._database.reading() as session:
            rows = session.scalars(wanted.order_by(InvitationRow.id.desc())).all()
            return InvitationsShown(tuple(map(_shown, rows)))

    def revoke(self, asker: Asker, name: str, number: int) -> None:
        """Let an invitation expire now.

        Raises:
            NotFound: the programme has none of this number.
            Conflict: it was used already.
        """
        with self._database.reading() as session:
            row = session.get(InvitationRow, number)
        if row is None or row.programme != name:
            raise NotFound(Problem(text("no invitation {number}", number=number), "number", ""))
        who = self._people.governing(asker, name, row.party)
        with self._database.writing() as session:
            row = session.get_one(InvitationRow, number)
            if row.used is not None:
                raise Conflict(Problem(text("this invitation was used already"), "number", text("end the membership")))
            row.expires = min(in_utc(row.expires), self._people.clock())
            self._tell(session, row, who, "uninvited")

    def _tell(self, session: Session, row: InvitationRow, who: Reader, verb: Verb) -> None:
        told = {"party": row.party, "slots": row.slots}
        self._people.programmes.tell(session, row.programme, who, verb, f"invitation/{row.id}", told)


def _taken_back(session: Session, row: InvitationRow) -> bool:
    """Whether somebody took an invitation back, or its maker acts no longer: the log says so, the row only until when it is."""
    told = EventRow.programme == row.programme, EventRow.verb == "uninvited", EventRow.subject == f"invitation/{row.id}"
    return session.scalars(select(EventRow.sequence).where(*told)).first() is not None


def _shown(row: InvitationRow) -> Shown:
    used = "" if row.used is None else now_text(row.used)
    return Shown(
        row.id, row.party, tuple(row.slots), now_text(row.made), row.made_by, now_text(row.expires), used,
        row.used_by or "",
    )  # fmt: skip

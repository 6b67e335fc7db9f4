"""People of a workspace, and for which parties they act: added, listed, and ended; nobody acts for a party without it."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.legible import mixed_words
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.entrance import Asker, no_programme
from covolt.workspace.events import now_text
from covolt.workspace.peopleshown import MemberRow, MembersShown
from covolt.workspace.programmes import Programmes
from covolt.workspace.sessions import in_utc
from covolt.workspace.tables import InvitationRow, MembershipRow, PersonRow, SessionRow, TokenRow

__all__ = ["People"]

MOST_NAME = 100


def _folded(name: str) -> str:
    """A name without what people do not tell apart: letters large or small, full-width forms, and room between words."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@final
class People:
    """Who is known, and who acts for whom.

    Args:
        programmes: of the workspace.
        clock: what time it is; never goes back.
    """

    def __init__(self, programmes: Programmes, clock: Callable[[], datetime]) -> None:
        self.programmes, self.clock = programmes, clock
        self._database = programmes.database

    def add(self, name: str, *, administers: bool = False, person: str = "") -> str:
        """Make a person known; the person's id.

        Args:
            name: as others read it.
            administers: whether the person administers the workspace.
            person: the id, `ISSUER|SUBJECT`, of whom an issuer knows; else one is made.
        """
        with self._database.writing() as session:
            return self.added(session, name, administers=administers, person=person).id

    def added(self, session: Session, name: str, *, administers: bool = False, person: str = "") -> PersonRow:
        """The same in a session that writes; who is known already stays as is."""
        name = name.strip()
        if not 0 < len(name) <= MOST_NAME or not name.isprintable():
            what = text("a name has 1 to {most} signs", most=MOST_NAME)
            raise InputError(Problem(what, "name", text("write how others call the person")))
        known = session.get(PersonRow, person) if person else None
        if known is not None:
            return known
        row = PersonRow(id=person or secrets.token_hex(8), name=name, administers=administers, made=self.clock())
        session.add(row)
        session.flush()
        return row

    def demand_unlike(self, session: Session, programme: str, name: str) -> None:
        """Raise where somebody who acts in a programme is called so, or could be taken to be: people know each other by names.

        Whoever an issuer names, or an administrator, is called as that one says.
        """
        if mixed_words(name):
            what = text("a word of this name mixes letters of several scripts")
            raise InputError(Problem(what, "name", text("write each word in letters of one")))
        acts = (MembershipRow.programme == programme, MembershipRow.ended.is_(None))
        wanted = select(PersonRow.name).join(MembershipRow, MembershipRow.person == PersonRow.id).where(*acts)
        if _folded(name) in {_folded(one) for one in session.scalars(wanted)}:
            what = text("somebody in this programme is called '{name}' already", name=name.strip())
            hint = text("add what tells you apart, such as your party")
            raise Conflict(Problem(what, "name", hint))

    def demand(self, person: str) -> None:
        """Raise where nobody is known by this id."""
        with self._database.reading() as session:
            known = {one.id: one.name for one in session.scalars(select(PersonRow)).all()}
        if person not in known:
            raise NotFound(Problem(text("no person '{person}'", person=person), "person", named(person, known)))

    def called(self, named_so: str) -> str:
        """The id of a person by the id or the name.

        Raises:
            NotFound: nobody is called so.
            Conflict: several are.
        """
        with self._database.reading() as session:
            known = {one.id: one.name for one in session.scalars(select(PersonRow)).all()}
        found = [one for one, name in known.items() if _folded(name) == _folded(named_so)]
        if named_so in known:
            return named_so
        if not found:
            hint = named(named_so, [*known.values(), *known])
            raise NotFound(Problem(text("no person '{person}'", person=named_so), "person", hint))
        if len(found) > 1:
            what = text("{count} people are called '{name}'", count=len(found), name=named_so)
            raise Conflict(Problem(what, "person", text("name one by the id: {ids}", ids=", ".join(found))))
        return found[0]

    def end_all(self, by: str, person: str) -> tuple[int, int, int]:
        """End all memberships, tokens and sessions of a person, for whoever runs the workspace; how many of each ended.

        So do open invitations that the person made. Whoever administered the workspace does so no longer: who logs in at an
        issuer again acts for nobody.
        """
        now = self.clock()
        with self._database.writing() as session:
            session.get_one(PersonRow, person).administers = False
            acts = _standing(session, MembershipRow.person == person)
            ended = [len(acts)]
            for kind in (TokenRow, SessionRow):
                own = session.scalars(select(kind).where(kind.person == person, kind.ended.is_(None)))
                open_still = [one for one in own if in_utc(one.expires) > now]
                ended.append(len(open_still))
                for one in open_still:
                    one.ended = now
            made = session.scalars(select(InvitationRow).where(InvitationRow.made_by == person))
            for one in [each for each in made if each.used is None and in_utc(each.expires) > now]:
                one.expires = now
                self._tell(session, one, by, "uninvited", f"invitation/{one.id}")
            for one in acts:
                one.ended = now
                self._tell(session, one, by, "left", f"member/{one.id}")
        return ended[0], ended[1], ended[2]

    def _tell(self, session: Session, row: MembershipRow | InvitationRow, by: str, verb: str, subject: str) -> None:
        told = {"party": row.party, "slots": row.slots}
        self.programmes.tell(session, row.programme, Reader(by, row.party), verb, subject, told)

    def name_of(self, person: str) -> str:
        """How a person is called; by the id where the workspace knows nobody."""
        with self._database.reading() as session:
            row = session.get(PersonRow, person)
            return person if row is None else row.name

    def listed(self) -> list[tuple[str, str, bool]]:
        """Everybody: id, name, and whether the person administers the workspace."""
        with self._database.reading() as session:
            return [(one.id, one.name, one.administers) for one in session.scalars(select(PersonRow)).all()]

    def memberships_of(self, person: str) -> tuple[MemberRow, ...]:
        """For whom a person acts."""
        with self._database.reading() as session:
            return _shown(session, _standing(session, MembershipRow.person == person))

    def members(self, name: str) -> MembersShown:
        """Who acts in a programme, for whom."""
        with self._database.reading() as session:
            return MembersShown(_shown(session, _standing(session, MembershipRow.programme == name)))

    def reader(self, asker: Asker, programme: str, party: str, *, administering: bool = False) -> Reader:
        """Who reads and acts, by the memberships that stand.

        Raises:
            NotFound: the programme is none of this person's, or there is none.
            Forbidden: the person does not act for this party.
        """
        mine = self._mine(asker)
        names = sorted({one.programme for one in mine})
        if administering and asker.administers and not asker.programme:
            names = self.programmes.names()
        if programme and programme not in names:
            raise no_programme(programme, names)
        if not party or not programme:
            return Reader(asker.person, party if not programme else "")
        acting = [one for one in mine if (one.programme, one.party) == (programme, party)]
        if not acting:
            own = ", ".join(sorted({one.party for one in mine if one.programme == programme}))
            what = text("you do not act for '{party}' in this programme", party=party)
            raise Forbidden(Problem(what, "party", text("you act for: {own}", own=own or "–")))
        whole = any(not one.slots for one in acting)
        slots = None if whole else frozenset(str(slot) for one in acting for slot in one.slots)
        return Reader(asker.person, party, slots)

    def names(self, asker: Asker) -> Sequence[str]:
        """Programmes in which a person acts."""
        return sorted({one.programme for one in self._mine(asker)})

    def _mine(self, asker: Asker) -> list[MembershipRow]:
        with self._database.reading() as session:
            rows = _standing(session, MembershipRow.person == asker.person)
        return [
            one
            for one in rows
            if (not asker.programme or one.programme == asker.programme)
            and (not asker.party or one.party == asker.party)
        ]

    def join(
        self, session: Session, name: str, party: str, person: str, slots: Sequence[str], invited_by: str
    ) -> MembershipRow:
        """Let a person act for a party, in a session that writes; told in the feed."""
        row = MembershipRow(
            programme=name, party=party, person=person, slots=list(slots), invited_by=invited_by,
            made=self.clock(), ended=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        told = {"party": party, "slots": list(slots)}
        self.programmes.tell(session, name, Reader(person, party), "joined", f"member/{row.id}", told)
        return row

    def begun(self, name: str, who: Reader) -> None:
        """Who began a programme acts in it for the party for which it was begun."""
        if who.party:
            with self._database.writing() as session:
                self.join(session, name, who.party, who.person, (), who.person)

    def demand_governs(self, asker: Asker, name: str, party: str) -> None:
        """Raise where a person does not speak for the whole of a party, and does not administer the workspace."""
        own = [one for one in self._mine(asker) if (one.programme, one.party) == (name, party) and not one.slots]
        if not own and not (asker.administers and not asker.programme):
            what = text("this is for who acts for the whole of '{party}', or administers the workspace", party=party)
            raise Forbidden(Problem(what, "party", ""))

    def end(self, asker: Asker, name: str, number: int) -> None:
        """End a membership: one's own, one of the own party, or, administering, any.

        Raises:
            NotFound: the programme has none of this number.
        """
        with self._database.reading() as session:
            row = session.get(MembershipRow, number)
        if row is None or row.programme != name or row.ended is not None:
            raise NotFound(Problem(text("no membership {number}", number=number), "number", ""))
        if row.person != asker.person:
            self.demand_governs(asker, name, row.party)
        with self._database.writing() as session:
            row = session.get_one(MembershipRow, number)
            if row.ended is None:
                row.ended = self.clock()
                self._tell(session, row, asker.person, "left", f"member/{number}")


def _standing(session: Session, wanted: object) -> list[MembershipRow]:
    found = select(MembershipRow).where(wanted, MembershipRow.ended.is_(None)).order_by(MembershipRow.id)  # type: ignore[arg-type]
    return list(session.scalars(found).all())


def _shown(session: Session, rows: Sequence[MembershipRow]) -> tuple[MemberRow, ...]:
    names = {one.id: one.name for one in session.scalars(select(PersonRow)).all()}
    return tuple(
        MemberRow(
            one.id, one.programme, one.party, one.person, names[one.person], tuple(one.slots), now_text(one.made),
            names.get(one.invited_by, one.invited_by),
        )
        for one in rows
    )  # fmt: skip

"""People of a workspace, and for which parties they act: added, listed, and ended; nobody acts for a party without it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, Forbidden, NotFound, Problem
from covolt.legible import alike
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.called import demand_name, names_of_parties
from covolt.workspace.entrance import Asker, no_programme
from covolt.workspace.events import now_text
from covolt.workspace.peopleshown import MemberRow, MembersShown
from covolt.workspace.programmes import Programmes
from covolt.workspace.sessions import in_utc
from covolt.workspace.tables import InvitationRow, MembershipRow, PersonRow, SessionRow, TokenRow
from covolt.workspace.verbs import Verb

__all__ = ["People"]


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

    def add(self, name: str, *, administers: bool = False) -> str:
        """Make a person known; the person's id.

        Args:
            name: as others read it.
            administers: whether the person administers the workspace.

        Raises:
            InputError: nobody can be called so.
            Conflict: a party or somebody else is.
        """
        parties = self.names_of_parties()
        with self._database.writing() as session:
            return self.added(session, name, parties, administers=administers).id

    def added(
        self, session: Session, name: str, parties: frozenset[str], *, administers: bool = False, person: str = ""
    ) -> PersonRow:
        """The same in a session that writes, where `parties` are names of theirs.

        Whom an issuer knows as `person`, ISSUER|SUBJECT, is called as that one says; who is known already stays as is.
        """
        if (known := session.get(PersonRow, person) if person else None) is not None:
            return known
        name = name.strip()
        if not person:
            people = session.execute(select(PersonRow.id, PersonRow.name))
            demand_name(name, {*parties, *(each for one in people for each in one)})
        row = PersonRow(id=person or secrets.token_hex(8), name=name, administers=administers, made=self.clock())
        session.add(row)
        session.flush()
        return row

    def names_of_parties(self) -> frozenset[str]:
        """What the parties of all programmes are called: nobody who acts for one is to pass for another."""
        folders = map(self.programmes.folders, self.programmes.names())
        return frozenset(name for one in folders for name in names_of_parties(one.shared))

    def called(self, named_so: str) -> str:
        """The id of a person by the id or the name.

        Raises:
            NotFound: nobody is called so.
            Conflict: several are.
        """
        with self._database.reading() as session:
            known = {one.id: one.name for one in session.scalars(select(PersonRow)).all()}
        found = [one for one, name in known.items() if alike(name) == alike(named_so)]
        if named_so in known:
            return named_so
        if not found:
            hint = named(named_so, known.values(), "covolt people list")
            raise NotFound(Problem(text("no person '{person}'", person=named_so), "person", hint))
        if len(found) > 1:
            what = text("{count} people are called '{name}'", count=len(found), name=named_so)
            hint = text("name one by the id: {ids}; covolt people list says for whom each acts", ids=", ".join(found))
            raise Conflict(Problem(what, "person", hint))
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
                self._tell(session, one, Reader(by), "uninvited", f"invitation/{one.id}")
            for one in acts:
                one.ended = now
                self._tell(session, one, Reader(by), "left", f"member/{one.id}")
        return ended[0], ended[1], ended[2]

    def _tell(
        self, session: Session, row: MembershipRow | InvitationRow, who: Reader, verb: Verb, subject: str
    ) -> None:
        told = {"party": row.party, "slots": row.slots}
        self.programmes.tell(session, row.programme, who, verb, subject, told)

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

    def governing(self, asker: Asker, name: str, party: str) -> Reader:
        """As whom a person governs a party: as one who speaks for the whole of it, else as who administers, for no party.

        Raises:
            Forbidden: neither.
        """
        if any((one.programme, one.party, list(one.slots)) == (name, party, []) for one in self._mine(asker)):
            return Reader(asker.person, party)
        if asker.administers and not asker.programme:
            return Reader(asker.person)
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
        own = row.person == asker.person
        who = Reader(asker.person, row.party) if own else self.governing(asker, name, row.party)
        with self._database.writing() as session:
            row = session.get_one(MembershipRow, number)
            if row.ended is None:
                row.ended = self.clock()
                self._tell(session, row, who, "left", f"member/{number}")


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

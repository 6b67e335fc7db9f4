"""Who acted: how those of whom the log tells are called, people by their names, and who ran a command on the server as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from sqlalchemy import select

from covolt.words import Phrase, Words, text
from covolt.workspace.database import Database
from covolt.workspace.tables import EventRow, MembershipRow, PersonRow

__all__ = ["WhoActed", "who_acted"]

OF_MEMBERS = frozenset({"joined", "left"})


@final
@dataclass(frozen=True)
class WhoActed:
    """Names of people by their ids, and of members by the subjects of entries; `together` where the workspace is of several."""

    people: Mapping[str, str] = field(default_factory=dict[str, str])
    members: Mapping[str, str] = field(default_factory=dict[str, str])
    together: bool = False

    def said(self, person: str) -> Phrase:
        """How a person is called; whom a workspace of several people does not know ran a command on its server."""
        if person in self.people or not person or not self.together:
            return Words(self.people.get(person, person))
        return text("administrator on the server ({user})", user=person)


def who_acted(database: Database, rows: Sequence[EventRow]) -> WhoActed:
    """The people of entries. Every member of a programme may know all of it: who may read entries may read these names."""
    if not rows:
        return WhoActed()
    subjects = {one.subject for one in rows if one.verb in OF_MEMBERS}
    numbers = [int(one.partition("/")[2]) for one in subjects]
    with database.reading() as session:
        wanted = select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_({one.person for one in rows}))
        people = {one.id: one.name for one in session.execute(wanted)}
        found = select(MembershipRow.id, PersonRow.name).join(PersonRow, PersonRow.id == MembershipRow.person)
        members = {}
        if numbers:
            members = {
                f"member/{one.id}": one.name for one in session.execute(found.where(MembershipRow.id.in_(numbers)))
            }
        together = bool(people) or session.scalar(select(PersonRow.id).limit(1)) is not None
    return WhoActed(people, members, together)

"""What the database of a workspace holds: what people do. What they write is in Git, and is never read from here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AnswerRow",
    "EventRow",
    "InvitationRow",
    "MembershipRow",
    "PersonRow",
    "ProgrammeRow",
    "ProposalRow",
    "SessionRow",
    "Stored",
    "TokenRow",
]

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Stored(DeclarativeBase):
    """Every table; names of constraints follow one rule, so that a later covolt can change them."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, datetime: DateTime(timezone=True)}  # noqa: RUF012


class ProgrammeRow(Stored):
    """A programme of this workspace, by its id."""

    __tablename__ = "programmes"

    id: Mapped[str] = mapped_column(primary_key=True)
    begun: Mapped[datetime]


class PersonRow(Stored):
    """Somebody who logs in; `id` is `ISSUER|SUBJECT` of who knows that person, or a name of this workspace's own."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    administers: Mapped[bool]
    made: Mapped[datetime]


class MembershipRow(Stored):
    """For which party of which programme a person acts; where `slots` names some, only what concerns those.

    It counts from `made` until `ended`; a row is never taken out.
    """

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    programme: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    party: Mapped[str]
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    slots: Mapped[list[Any]]
    invited_by: Mapped[str]
    made: Mapped[datetime]
    ended: Mapped[datetime | None]


class InvitationRow(Stored):
    """An invitation to act for a party, for one person and once; of its word only the hash is kept."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    programme: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    party: Mapped[str]
    slots: Mapped[list[Any]]
    hash: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[str]
    made: Mapped[datetime]
    expires: Mapped[datetime]
    used_by: Mapped[str | None]
    used: Mapped[datetime | None]


class TokenRow(Stored):
    """A token of a person for scripts: of its word only the hash is kept; `scopes` bound what it may do, `programme` where."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    title: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    programme: Mapped[str | None]
    party: Mapped[str | None]
    made: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]


class SessionRow(Stored):
    """A browser that is let in as a person; where a token let it in, it can do no more than that, and ends with it."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    hash: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    token: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"))
    made: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]


class ProposalRow(Stored):
    """What a party proposes to change, on the state that it knew; `settlement` names the job and option that it was made from."""

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("programme", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    programme: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    number: Mapped[int]
    party: Mapped[str]
    person: Mapped[str]
    title: Mapped[str]
    reason: Mapped[str]
    changes: Mapped[list[Any]]
    base: Mapped[dict[str, Any]]
    state: Mapped[str]
    made: Mapped[datetime]
    merged: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    settlement: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class AnswerRow(Stored):
    """What a party answers to a proposal, and to which content of it: once that is another, the answer no longer counts."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    proposal: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    party: Mapped[str]
    person: Mapped[str]
    answer: Mapped[str]
    reason: Mapped[str]
    content: Mapped[str]
    made: Mapped[datetime]


class EventRow(Stored):
    """One thing that happened; `hash` covers it and the one before, so that none can be changed or taken out unseen."""

    __tablename__ = "events"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    programme: Mapped[str]
    at: Mapped[str]
    party: Mapped[str]
    person: Mapped[str]
    verb: Mapped[str]
    subject: Mapped[str]
    told: Mapped[dict[str, Any]]
    before: Mapped[str]
    hash: Mapped[str]

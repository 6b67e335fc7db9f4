"""The second form of the tables: people, for whom they act, how they were invited, and their tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=optional)


def _time(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    """Make the tables of people."""
    op.create_table(
        "people",
        _text("id"),
        _text("name"),
        sa.Column("administers", sa.Boolean(), nullable=False),
        _time("made"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "memberships",
        _number(),
        *map(_text, ("programme", "party", "person")),
        _list("slots"),
        _text("invited_by"),
        _time("made"),
        _time("ended", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.id"], name="fk_memberships_programme_programmes"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_memberships_person_people"),
    )
    op.create_table(
        "invitations",
        _number(),
        *map(_text, ("programme", "party")),
        _list("slots"),
        *map(_text, ("hash", "made_by")),
        *map(_time, ("made", "expires")),
        _text("used_by", optional=True),
        _time("used", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.id"], name="fk_invitations_programme_programmes"),
        sa.UniqueConstraint("hash", name="uq_invitations_hash"),
    )
    op.create_table(
        "tokens",
        _number(),
        *map(_text, ("person", "title", "hash")),
        _list("scopes"),
        _text("programme", optional=True),
        _text("party", optional=True),
        *map(_time, ("made", "expires")),
        _time("ended", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_tokens_person_people"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )

"""The first form of the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "programmes",
        _text("id"),
        sa.Column("begun", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("programme"),
        sa.Column("number", sa.Integer(), nullable=False),
        *map(_text, ("party", "person", "title", "reason")),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        _text("state"),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("merged", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.id"], name="fk_proposals_programme_programmes"),
        sa.UniqueConstraint("programme", "number", name="uq_proposals_programme"),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=False),
        *map(_text, ("party", "person", "answer", "reason", "content")),
        sa.Column("made", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.ForeignKeyConstraint(["proposal"], ["proposals.id"], name="fk_answers_proposal_proposals"),
    )
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        *map(_text, ("programme", "at", "party", "person", "verb", "subject")),
        sa.Column("told", sa.JSON(), nullable=False),
        *map(_text, ("before", "hash")),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
    )

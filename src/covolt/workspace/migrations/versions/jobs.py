"""The fourth form of the tables: jobs, and of a proposal the settlement that it was made from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _data(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _time(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def upgrade() -> None:
    """Make the table of jobs, and the column of proposals."""
    op.add_column("proposals", sa.Column("settlement", sa.JSON(), nullable=True))
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("programme"),
        _count("number"),
        *map(_text, ("kind", "state")),
        _data("base"),
        _text("day"),
        _data("asked"),
        *map(_text, ("party", "person", "runner", "key", "status", "leased_by")),
        _time("leased_until", optional=True),
        *map(_count, ("attempts", "crashes", "done", "total")),
        _text("result"),
        _data("problems"),
        _time("made"),
        _time("started", optional=True),
        _time("ended", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.id"], name="fk_jobs_programme_programmes"),
        sa.UniqueConstraint("programme", "number", name="uq_jobs_programme"),
        sa.UniqueConstraint("key", name="uq_jobs_key"),
    )

"""The form of the tables with what goes out: subscriptions and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TIME = sa.DateTime(timezone=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str, *, counted: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=counted, nullable=False)


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    """Make the tables of what goes out."""
    op.create_table(
        "subscriptions",
        _number("id", counted=True),
        *map(_text, ("programme", "party", "person", "kind", "target", "secret", "scope")),
        _list("verbs"),
        *map(_text, ("language", "rhythm")),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("ended", _TIME),
        _number("seen"),
        sa.Column("gathers", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.id"], name="fk_subscriptions_programme_programmes"),
    )
    op.create_table(
        "deliveries",
        _number("id", counted=True),
        _text("key"),
        _number("subscription"),
        _list("events"),
        sa.Column("made", _TIME, nullable=False),
        _text("state"),
        _number("attempts"),
        sa.Column("next_try", _TIME, nullable=False),
        sa.Column("answered", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["subscription"], ["subscriptions.id"], name="fk_deliveries_subscription_subscriptions"
        ),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "next_try"])

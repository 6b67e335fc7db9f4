"""The form of the tables with comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table of comments."""
    op.create_table(
        "comments",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("id", "programme", "address", "party", "person", "text")
        ),
        sa.Column("answers", sa.String(), nullable=True),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.id"], name="fk_comments_programme_programmes"),
        sa.ForeignKeyConstraint(["answers"], ["comments.id"], name="fk_comments_answers_comments"),
    )
    op.create_index("ix_comments_programme", "comments", ["programme"])

"""The sixth form of the tables: checkpoints of the log, and their counter-signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables of checkpoints."""
    op.create_table(
        "checkpoints",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_checkpoints"),
    )
    op.create_table(
        "countersignatures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("party", "key", "signature")),
        sa.PrimaryKeyConstraint("id", name="pk_countersignatures"),
        sa.ForeignKeyConstraint(
            ["sequence"], ["checkpoints.sequence"], name="fk_countersignatures_sequence_checkpoints"
        ),
    )

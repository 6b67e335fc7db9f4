"""The ninth form of the tables: a job says which party's own runner does it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column of jobs; what was asked for before is the workspace's to do."""
    op.add_column("jobs", sa.Column("runner", sa.String(), nullable=False, server_default=""))

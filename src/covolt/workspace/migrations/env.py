"""How migrations are run: on the connection that whoever upgrades has opened."""

from __future__ import annotations

from alembic import context

from covolt.workspace import checkpoints, comment_rows, job_table, sessions
from covolt.workspace.outgoing import rows as outgoing
from covolt.workspace.tables import Stored

TABLES = (checkpoints, comment_rows, job_table, outgoing, sessions)
"""Modules beside `tables` that declare some."""

if hasattr(context, "config"):  # only while somebody upgrades
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Stored.metadata,
        render_as_batch=True,
        transactional_ddl=False,
    )
    context.run_migrations()

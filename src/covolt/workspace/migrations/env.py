"""How migrations are run: on the connection that whoever upgrades has opened."""

from __future__ import annotations

from alembic import context

from covolt.workspace import comment_rows
from covolt.workspace.tables import Stored

__all__ = ["comment_rows"]
"""Tables that stand in modules of their own: imported, they belong to `Stored`."""

if hasattr(context, "config"):  # only while somebody upgrades
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Stored.metadata,
        render_as_batch=True,
        transactional_ddl=False,
    )
    context.run_migrations()

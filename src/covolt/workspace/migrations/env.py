"""How migrations are run: on the connection that whoever upgrades has opened."""

from __future__ import annotations

from alembic import context

from covolt.workspace.tables import Stored

if hasattr(context, "config"):  # only while somebody upgrades
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Stored.metadata,
        render_as_batch=True,
        transactional_ddl=False,
    )
    context.run_migrations()

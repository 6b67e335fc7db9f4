"""How migrations are run: on the connection that whoever upgrades has opened."""

from __future__ import annotations

from alembic import context

from covolt.workspace.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()

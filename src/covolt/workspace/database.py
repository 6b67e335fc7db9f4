"""The database of a workspace: SQLite in a file by default, PostgreSQL by its address; its tables are of today's form."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy import text as statement
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["Database"]

PATIENCE_ms = 10_000
MIGRATIONS = Path(__file__).parent / "migrations"
TURN = 7_301_500
"""Number of PostgreSQL's advisory lock under which writers take turns, so that events have one order."""


@final
class Database:
    """Sessions on one database. Writers take turns from their beginning; readers wait for nobody.

    Args:
        address: of SQLAlchemy, such as `sqlite:////srv/covolt/workspace.db` or `postgresql+psycopg://covolt@/covolt`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.embedded = address.startswith("sqlite")
        self.engine = create_engine(address, pool_pre_ping=not self.embedded)
        if self.embedded:
            event.listen(self.engine, "connect", _prepared)
        self._session = sessionmaker(self.engine, expire_on_commit=False)

    def upgrade(self) -> None:
        """Bring the tables to today's form, from whatever earlier form they have; all of it or nothing."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            if self.embedded:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session that reads one state of the database."""
        with self._session() as session:
            if self.embedded:
                session.connection().exec_driver_sql("BEGIN")
            yield session
            session.expunge_all()  # what was read can be looked at afterwards
            session.rollback()

    @contextmanager
    def writing(self) -> Generator[Session]:
        """A session that writes when it is left without an error, and nothing otherwise; one at a time."""
        with self._session() as session, session.begin():
            if self.embedded:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            else:
                session.execute(statement("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
            yield session

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _prepared(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where they are begun here
    for one in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={PATIENCE_ms}",
    ):
        connection.execute(f"PRAGMA {one}")

"""The server itself as who asks the database, within the session of a person: for what is one for all programmes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import text as statement
from sqlalchemy.orm import Session

__all__ = ["for_all"]

ADMINISTER = statement("SELECT set_config('covolt.administer', :server, true)")


@contextmanager
def for_all(session: Session) -> Generator[None]:
    """As the server itself, such as for the log."""
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    was = session.scalar(statement("SELECT current_setting('covolt.administer', true)"))
    session.execute(ADMINISTER, {"server": "on"})
    yield
    session.execute(ADMINISTER, {"server": was or ""})

"""The database of a workspace: SQLite in a file by default, PostgreSQL by its address; its tables are of today's form."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy import text as statement
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm import Session, sessionmaker

from covolt.errors import InputError, NotFound, Problem, Unavailable
from covolt.words import Phrase, text
from covolt.workspace.access import Reader
from covolt.workspace.events import hold, hold_older, needs_older
from covolt.workspace.held import watch

__all__ = ["DATABASE_FILE", "Database", "address_in"]

PATIENCE_s = 10
"""How long a writer waits for its turn, and whoever asks for a connection."""
LONGEST_s = 60
"""What a statement, or a session that does nothing, may take of PostgreSQL."""
CONNECTIONS = 16
DATABASE_FILE = "workspace.db"
MIGRATIONS = Path(__file__).parent / "migrations"
TURN = 7_301_500
"""Number of PostgreSQL's advisory lock under which writers take turns, so that events have one order."""
POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
WHERE = "database"
DAMAGED = re.compile("not a database|malformed")


@final
class Database:
    """Sessions on one database. Writers take turns from their beginning; readers wait for nobody.

    Where `guarded`, PostgreSQL shows each session what its person may see; without, and in sessions that name nobody, the server
    itself asks. SQLite has no such guard: whoever reads its file reads all of it.

    Args:
        address: such as `sqlite:////srv/covolt/workspace.db` or `postgresql://covolt@/covolt?host=/run/postgresql`.
        guarded: whether people log in, each of them a member of some programmes.

    Raises:
        InputError: there is no such kind of database.
        Unavailable: what speaks to it is not installed.
    """

    def __init__(self, address: str, *, guarded: bool = False) -> None:
        self.embedded = address.startswith("sqlite")
        self.guarded = guarded and not self.embedded
        self.engine = _embedded(address) if self.embedded else _served(address)
        self._session = sessionmaker(self.engine, expire_on_commit=False)

    def upgrade(self) -> None:
        """Bring the tables to today's form, from whatever earlier form they have; all of it or nothing.

        What was written before the log held rows is held from then on.

        Raises:
            Unavailable: the database does not answer, or whoever asks does not own its tables.
        """
        self._bring()
        with self.reading() as session:
            older = needs_older(session)
        if older:
            with self.writing() as session:
                hold_older(session)

    def _bring(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            with self.engine.begin() as connection:
                if self.embedded:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    _take_turn(connection)
                    if _is_of_today(connection, config):
                        return
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
                raise _away(error) from error
            what = text("the tables are of an earlier form, and only their owner may change them")
            hint = text("as their owner: covolt serve --upgrade --database ADDRESS")
            raise Unavailable(Problem(what, WHERE, hint)) from error

    @contextmanager
    def reading(self, who: Reader | None = None) -> Generator[Session]:
        """A session that reads one state of the database, for a person or, where none is named, for the server itself.

        Raises:
            Unavailable: the database does not answer.
        """
        with _answering(), self._session() as session:
            if self.embedded:
                session.connection().exec_driver_sql("BEGIN")
            else:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                self._name(session, who)
            yield session
            session.expunge_all()  # what was read can be looked at afterwards
            session.rollback()

    @contextmanager
    def writing(self, who: Reader | None = None) -> Generator[Session]:
        """A session that writes when it is left without an error, and nothing otherwise; one at a time.

        Raises:
            Unavailable: the database does not answer. Where that is told at the end, what was to be written may stand.
        """
        with _answering(), self._session() as session, session.begin():
            if self.embedded:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            else:
                _take_turn(session.connection())
                self._name(session, who)
            watch(session)
            yield session
            hold(session)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _name(self, session: Session, who: Reader | None) -> None:
        """Say for this transaction alone who asks; a connection goes on to the next with nothing said."""
        person, server = ("", "on") if who is None or not self.guarded else (who.person, "")
        session.execute(NAMED, {"person": person, "party": who.party if who else "", "server": server})


def address_in(home: Path) -> str:
    """Address of the database that lies in the folder of a workspace; it need not be there yet.

    Raises:
        NotFound: programmes lie there, and no database: it is elsewhere, and a new one beside it would know of none of them.
    """
    path = home / DATABASE_FILE
    if not path.exists() and any((home / "programmes").glob("*/programme.git")):
        what = text("the database of this workspace is elsewhere")
        raise NotFound(Problem(what, str(home), text("name it: --database ADDRESS")))
    return f"sqlite:///{path}"


NAMED = statement(
    "SELECT set_config('covolt.person', :person, true), set_config('covolt.party', :party, true), "
    "set_config('covolt.administer', :server, true)"
)
NOT_ALLOWED = "42501"
"""PostgreSQL's `insufficient_privilege`."""


def _embedded(address: str) -> Engine:
    engine = create_engine(address, connect_args={"timeout": PATIENCE_s})
    event.listen(engine, "connect", _prepared)
    return engine


def _served(address: str) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError as error:
        what = text("'{address}' is no address of a database", address=address.partition("@")[2] or "?")
        raise InputError(Problem(what, WHERE, text("write postgresql://NAME@HOST/DATABASE"))) from error
    if url.drivername not in POSTGRES:
        what = text("no database of the kind '{kind}'", kind=url.drivername)
        raise InputError(Problem(what, WHERE, text("write postgresql://NAME@HOST/DATABASE")))
    if find_spec("psycopg") is None:
        raise Unavailable(Problem(text("psycopg is not installed"), WHERE, text("pip install 'covolt[postgres]'")))
    limits = f"-c lock_timeout={PATIENCE_s}s -c statement_timeout={LONGEST_s}s"
    limits += f" -c idle_in_transaction_session_timeout={LONGEST_s}s"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE_s,
        pool_pre_ping=True,  # what was cut off is opened anew
        connect_args={
            "connect_timeout": PATIENCE_s,
            "tcp_user_timeout": 1000 * PATIENCE_s,
            "options": limits,
            "application_name": "covolt",
        },
    )


def _take_turn(connection: Connection) -> None:
    connection.execute(statement("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})


def _is_of_today(connection: Connection, config: Config) -> bool:
    """Whether nothing is to be changed, so that who may change nothing need not try."""
    return set(MigrationContext.configure(connection).get_current_heads()) == set(
        ScriptDirectory.from_config(config).get_heads()
    )


@contextmanager
def _answering() -> Generator[None]:
    """What the database does not do now is refused in words; what it would never do is a fault of ours, and flies."""
    try:
        yield
    except NoneFree as error:
        raise Unavailable(Problem(text("too many ask the database at once"), WHERE, text("try again"))) from error
    except (OperationalError, InterfaceError) as error:
        raise _away(error) from error
    except DatabaseError as error:
        if DAMAGED.search(str(error.orig)) is None:
            raise
        raise _away(error) from error


def _away(error: DBAPIError) -> Unavailable:
    """Why the database does not answer: whose name and address stand in what it says is told to nobody."""
    said = str(error.orig)
    what: Phrase = text("the database does not answer")
    hint: Phrase = text("start PostgreSQL, or try again in some seconds")
    if "locked" in said or "timeout" in said:
        what, hint = text("the database is busy"), text("try again")
    elif "full" in said or "disk I/O" in said or "No space" in said:
        what, hint = text("the database cannot write: its disk is full"), text("make room, then try again")
    elif DAMAGED.search(said):
        what, hint = text("the file of the database is damaged"), text("covolt restore makes a workspace of a back-up")
    elif "readonly" in said:
        what, hint = text("the database cannot be written"), text("give its folder to who runs this")
    return Unavailable(Problem(what, WHERE, hint))


def _prepared(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where they are begun here
    for one in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={1000 * PATIENCE_s}",
    ):
        connection.execute(f"PRAGMA {one}")

"""The database: its migrations make what the tables say, writers take turns, and no entry of the log can be changed unseen."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from covolt.errors import Unavailable
from covolt.workspace.database import Database
from covolt.workspace.events import Happened, append, broken, events_after
from covolt.workspace.tables import EventRow, ProgrammeRow, Stored
from tests.workspace.conftest import Clock


@pytest.fixture
def database(database_address):
    made = Database(database_address)
    made.upgrade()
    yield made
    made.close()


def happened(at, programme="car"):
    return Happened(
        programme,
        f"2026-11-30T12:00:{at:02d}.000Z",
        "works",
        "engineer",
        "proposed",
        f"proposal/{at}",
        {"a": [1.5, "\u0436"]},
    )


def test_a_file_that_is_no_database_is_told_as_such(tmp_path):
    path = tmp_path / "workspace.db"
    path.write_bytes(b"no database" * 300)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(Unavailable, match="damaged"):
        database.upgrade()
    database.close()


def test_migrations_make_what_the_tables_say_and_twice_is_once(database):
    database.upgrade()
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Stored.metadata) == []


def test_nothing_is_written_where_an_error_ends_it(database):
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        session.add(ProgrammeRow(id="car", begun=Clock()()))
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.scalars(select(ProgrammeRow)).all() == []


def test_entries_have_one_order_however_many_write(database):
    def write(at):
        with database.writing() as session:
            append(session, happened(at))

    threads = [threading.Thread(target=write, args=(at,)) for at in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with database.reading() as session:
        rows = events_after(session, "car")
        assert [one.sequence for one in rows] == list(range(1, 21))
        assert broken(rows) == []
        assert [one.sequence for one in events_after(session, "car", 18)] == [19, 20]
        assert events_after(session, "bus") == []
        assert next(iter(events_after(session, "car", newest=True))).sequence == 20


@pytest.mark.parametrize("change", ["told", "party", "at", "gone", "swapped"])
def test_a_changed_entry_is_found(database, change):
    with database.writing() as session:
        for at in range(5):
            append(session, happened(at))
    with database.reading() as session:
        rows = list(events_after(session, "car"))
    if change == "gone":
        del rows[2]
    elif change == "swapped":
        rows[1], rows[2] = rows[2], rows[1]
    else:
        setattr(rows[2], change, {"a": 2} if change == "told" else "other")
    assert broken(rows)


def test_the_last_entries_cut_off_are_not_seen_by_the_chain_alone(database):
    """Why checkpoints are to be counter-signed: said here so that nobody takes the chain for more."""
    with database.writing() as session:
        rows: list[EventRow] = [append(session, happened(at)) for at in range(3)]
    assert broken(rows[:2]) == []

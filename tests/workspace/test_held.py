"""The log holds every row of what people do: whatever is changed in one behind the workspace is found, by its name."""

import shutil
from datetime import datetime, timedelta

import pytest
from sqlalchemy import JSON, Boolean, DateTime, Integer, create_engine, func, select, update

from covolt.errors import InputError
from covolt.programme.signing import new_key
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from covolt.workspace.auditing import audit
from covolt.workspace.checkpoints import countersign, keep
from covolt.workspace.entrance import Asker
from covolt.workspace.held import FREE, HELD, UNHELD
from covolt.workspace.keeping import audited, back_up
from covolt.workspace.outgoing.subscriptions import WantedSubscription
from covolt.workspace.sessions import Sessions
from covolt.workspace.tables import AnswerRow, ProposalRow, Stored
from covolt.workspace.tokens import TokenWanted
from tests.workspace.cluster import APP
from tests.workspace.conftest import Clock, of

UNIQUE = ("number",)
NAME, PARTY, OTHER = "small-car", "battery-works", "integrator"


def act(made, key):
    """Everything that people can do, once or more often."""
    programmes, people, clock = made.programmes, made.people, made.people.clock
    first, second = people.add("An engineer", administers=True), people.add("A colleague")
    with programmes.database.writing() as session:
        people.join(session, NAME, PARTY, first, (), first)
        people.join(session, NAME, OTHER, second, ("battery",), first)
    word = made.invitations.make(Asker(first), NAME, PARTY, ["battery"], 7).word
    made.invitations.make(Asker(first), NAME, PARTY, [], 7)
    made.invitations.use(word, second)
    made.tokens.exchange(made.tokens.make(Asker(first), TokenWanted("for a script", ("read",))).word)
    with programmes.database.writing() as session:
        Sessions(programmes.database, clock).begin(session, first)
    number = made.proposals.make(NAME, of(PARTY), [("battery", "mass", "270 kg")], "Heavier", "they are there")
    with programmes.database.writing() as session:
        proposal = session.scalars(select(ProposalRow).where(ProposalRow.number == number)).one()
        session.add(
            AnswerRow(
                proposal=proposal.id, party=OTHER, person="engineer", answer="refuse", reason="too heavy",
                content="sha256:0", made=clock(),
            )
        )  # fmt: skip
        told = {"title": proposal.title, "reason": "too heavy"}
        programmes.tell(session, NAME, of(OTHER), "refused", f"proposal/{number}", told)
    comment = made.comments.add(NAME, of(PARTY), "battery/mass", "Why so light?", (), "")
    answer = made.comments.add(NAME, of(OTHER), "battery/mass", "It is not.", (PARTY,), comment)
    made.comments.hide(NAME, of(OTHER), answer)
    made.subscriptions.make(NAME, Reader(first, PARTY), WantedSubscription("webhook", "https://example.org/hook"))
    for status in ("finish", "fail", "cancel"):
        job = made.jobs.ask(NAME, of(PARTY), "conflicts", {"changes": [], "designs": len(status)})
        if status == "cancel":
            made.jobs.cancel(NAME, job, of(PARTY))
            continue
        taken = made.jobs.take("worker")
        answered = b'{"documents": {}}' if status == "finish" else [{"what": "nothing"}]
        assert getattr(made.jobs, status)(taken, "worker", answered)
    with programmes.database.writing() as session:
        keep(session, programmes.home, "")
        session.flush()
        countersign(session, PARTY, key)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.whole)])
def acted(request, tmp_path_factory, small_programme):
    """Where a workspace lies in which everything was done, and how its rows are changed behind it."""
    place = tmp_path_factory.mktemp("acted")
    with pytest.MonkeyPatch.context() as own:
        own.setenv("COVOLT_CACHE_DIR", str(place / "cache"))
        address, behind = "", f"sqlite:///{place / 'home' / 'workspace.db'}"
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            cluster.database("held")
            Workspace(place / "owner", Clock(), cluster.address("held")).close()
            address = cluster.address("held", APP)
            behind = cluster.address("held", "postgres").replace("postgresql:", "postgresql+psycopg:")
        made = Workspace(place / "home", Clock(), address)
        made.begin(small_programme, of(""))
        new_key(place / "stranger.pem")
        act(made, place / "stranger.pem")
        made.close()
        engine = create_engine(behind)
        yield place / "home", address, engine
        engine.dispose()


def found_in(home, address, **given):
    """Places of problems but the one that this workspace has from its beginning: a stranger's counter-signature."""
    places = [one.where for one in audit(home, address=address, **given).problems]
    assert any(one.endswith("/countersignatures") for one in places)
    return {one for one in places if not one.endswith("/countersignatures")}


def other(column, value):
    """Another value that the column can hold."""
    if isinstance(column.type, JSON):
        return {"another": 1} if not value else [*value, 1] if isinstance(value, list) else {**value, "another": 1}
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 1_000_003
    if isinstance(column.type, DateTime):
        return (value or datetime(2026, 11, 30)) + timedelta(microseconds=1)
    return (value or "") + "x" if not value or value[-1] == "y" else value[:-1] + "y"


@pytest.fixture(scope="module")
def quick():
    """Repositories have audits of their own; here they are looked at once."""
    with pytest.MonkeyPatch.context() as own:
        own.setattr("covolt.workspace.auditing._Looked._programme", lambda *_: iter(()))
        own.setattr("covolt.workspace.auditing._Looked._there", lambda *_: iter(()))
        yield


def test_every_table_is_held_or_says_why_not():
    assert {one.__tablename__ for one in HELD} | UNHELD.keys() == set(Stored.metadata.tables)
    assert all(free <= set(Stored.metadata.tables[one].columns.keys()) for one, free in FREE.items())


def test_what_nobody_touched_is_whole_and_every_table_has_rows(acted):
    home, address, engine = acted
    assert found_in(home, address) == set()
    with engine.connect() as connection:
        counts = {
            one: connection.execute(select(func.count()).select_from(table)).scalar()
            for one, table in Stored.metadata.tables.items()
        }
    assert [one for one, count in counts.items() if not count] == ["deliveries"]
    found = audit(home, address=address)
    assert found.rows == sum(count for one, count in counts.items() if one not in UNHELD)
    assert (found.older, found.unheld) == (0, 0)


@pytest.mark.whole
@pytest.mark.parametrize("table", sorted({*Stored.metadata.tables} - {"deliveries"}))
def test_any_field_of_any_row_that_is_changed_is_found_by_its_name(acted, quick, table):
    home, address, engine = acted
    kind = Stored.metadata.tables[table]
    (key,) = kind.primary_key.columns
    with engine.connect() as connection:
        rows = [row._mapping for row in connection.execute(select(kind))]
    missed = []
    for column in kind.columns:
        if column.name in FREE.get(table, frozenset()) - {"status"}:
            continue
        for row in rows[:: 7 if table == "events" else 1]:
            place = {"events": "log"}.get(table, table) + f"/{row[key.name]}"
            with engine.begin() as connection:
                unguard(connection)
                one = update(kind).where(key == row[key.name])
                assert connection.execute(one.values({column.name: other(column, row[column.name])})).rowcount == 1
            found = {item.where for item in audit(home, address=address).problems}
            now = other(column, row[key.name]) if column is key else row[key.name]
            if not found & {place, place.replace(str(row[key.name]), str(now))}:
                missed.append((place, column.name, found))
            with engine.begin() as connection:
                unguard(connection)
                connection.execute(update(kind).where(key == now).values({column.name: row[column.name]}))
    assert missed == []
    assert found_in(home, address) == set()


def unguard(connection):
    """Past what the database itself would refuse: whoever has its files has no such guard."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")


def test_a_row_that_is_gone_or_that_no_entry_tells_of_is_found(acted):
    home, address, engine = acted
    for table in (one.__tablename__ for one in HELD if one.__tablename__ != "programmes"):
        kind = Stored.metadata.tables[table]
        with engine.connect() as connection:
            row = dict(connection.execute(select(kind)).first()._mapping)
        (key,) = kind.primary_key.columns
        place, another = f"{table}/{row[key.name]}", {key.name: other(key, row[key.name])}
        unique = {one.name: other(one, row[one.name]) for one in kind.columns if one.unique or one.name in UNIQUE}
        with engine.begin() as connection:
            unguard(connection)
            connection.execute(kind.delete().where(key == row[key.name]))
            connection.execute(kind.insert().values(row | unique | another))
        found = {item.where for item in audit(home, address=address).problems}
        assert {place, f"{table}/{another[key.name]}"} <= found
        with engine.begin() as connection:
            unguard(connection)
            connection.execute(kind.delete().where(key == another[key.name]))
            connection.execute(kind.insert().values(row))
    assert found_in(home, address) == set()


def test_what_lies_beside_the_database_is_looked_at(acted, tmp_path):
    home, address, _ = acted
    copied = shutil.copytree(home, tmp_path / "copied")
    (result,) = (copied / "results").iterdir()
    for path, place in (
        (result, f"results/{result.name}"), (copied / "outgoing.key", "outgoing.key"),
        (copied / "checkpoints.pem", "checkpoints.pem"),
    ):  # fmt: skip
        was = path.read_bytes()
        at = len(was) // 2
        path.write_bytes(was[:at] + bytes([was[at] ^ 1]) + was[at + 1 :])
        assert place in found_in(copied, address)
        path.unlink()
        assert place in found_in(copied, address)
        path.write_bytes(was)
        path.chmod(0o600)
    assert found_in(copied, address) == set()


def test_what_an_earlier_covolt_wrote_is_held_from_the_next_start_on(acted, tmp_path):
    home, address, _ = acted
    if address:
        pytest.skip("a copy of a database is a file")
    copied = shutil.copytree(home, tmp_path / "copied")
    engine = create_engine(f"sqlite:///{copied / 'workspace.db'}")
    with engine.begin() as connection:  # as it was left before the log held rows
        for one in ("countersignatures", "checkpoints", "events"):
            connection.exec_driver_sql(f"DELETE FROM {one}")
    before = audit(copied)
    assert (before.rows, before.older) == (0, 0)
    assert before.unheld > 15
    Workspace(copied, Clock()).close()
    after = audit(copied)
    assert (after.older, after.unheld) == (before.unheld, 0)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE comments SET text = text || '!'")
    engine.dispose()
    assert sum(one.where.startswith("comments/") for one in audit(copied).problems) == 2


def test_a_back_up_is_audited_where_it_lies(acted, tmp_path):
    home, address, _ = acted
    if address:
        pytest.skip("pg_dump keeps PostgreSQL")
    back_up(home, tmp_path / "kept.zip")
    found = audited(tmp_path / "kept.zip")
    assert [one.where for one in found.problems] == [one.where for one in audit(home).problems]
    assert found.rows == audit(home).rows
    with pytest.raises(InputError):
        audited(tmp_path / "kept.zip", key=tmp_path / "key.pem", party=PARTY)

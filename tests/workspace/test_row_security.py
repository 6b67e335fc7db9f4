"""Row security of PostgreSQL: whoever serves sees what the person may see who asks, and cannot look past that."""

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from covolt.workspace.database import Database
from covolt.workspace.events import Happened, append, broken, events_after
from covolt.workspace.tables import AnswerRow, MembershipRow, PersonRow, ProgrammeRow, ProposalRow, Stored
from tests.workspace.cluster import APP
from tests.workspace.conftest import Clock

pytestmark = pytest.mark.whole
NOW = Clock()()
HERE, ELSEWHERE = Reader("here", "works"), Reader("elsewhere", "works")


@pytest.fixture
def database(cluster):
    """Two programmes, each with a person, a proposal, an answer and an entry of the log; asked by the role that serves."""
    cluster.database("rows")
    owner = Database(cluster.address("rows"))
    owner.upgrade()
    owner.close()
    made = Database(cluster.address("rows", APP), guarded=True)
    with made.writing() as session:
        for at, who in enumerate((HERE, ELSEWHERE)):
            name = f"car-{who.person}"
            session.add(ProgrammeRow(id=name, begun=NOW))
            session.add(PersonRow(id=who.person, name=who.person, administers=False, made=NOW))
            session.flush()
            member = {"programme": name, "party": who.party, "person": who.person}
            session.add(MembershipRow(**member, slots=[], invited_by="", made=NOW, ended=None))
            proposal = ProposalRow(
                **member, number=1, title="secret", reason="", changes=[], base={}, state="open", made=NOW, merged=None
            )
            session.add(proposal)
            session.flush()
            answered = {"party": who.party, "person": who.person, "answer": "accept", "reason": "", "content": ""}
            session.add(AnswerRow(proposal=proposal.id, **answered, made=NOW))
            append(session, Happened(name, str(at), who.party, who.person, "proposed", "proposal/1", {}))
            session.flush()
    yield made
    made.close()


@pytest.fixture
def raw(database, cluster):
    """The same role, by hand."""
    with psycopg.connect(host=str(cluster.folder), user=APP, dbname="rows", autocommit=True) as connection:
        yield connection


def names(session):
    return [*session.scalars(select(ProgrammeRow.id)), *session.scalars(select(ProposalRow.programme))]


def test_a_session_of_a_person_reads_and_writes_in_its_programmes_alone(database):
    with database.reading(HERE) as session:
        assert names(session) == ["car-here"] * 2
        assert len(session.scalars(select(AnswerRow)).all()) == 1
        assert session.scalars(select(PersonRow.id)).all() == ["here"]
        assert [one.sequence for one in events_after(session, "car-elsewhere")] == []
    with database.reading() as session:
        assert len(names(session)) == 4, "the server itself asks"
    with database.reading(Reader("nobody")) as session:
        assert names(session) == []
    with pytest.raises(DBAPIError, match="row-level security"), database.writing(HERE) as session:
        append(session, Happened("car-elsewhere", "3", "works", "here", "proposed", "proposal/2", {}))


def test_a_membership_that_ended_shows_nothing_more(database):
    with database.writing() as session:
        session.scalars(select(MembershipRow).where(MembershipRow.person == "here")).one().ended = NOW
    with database.reading(HERE) as session:
        assert names(session) == []


def test_the_log_goes_on_whoever_writes_it(database):
    with database.writing(HERE) as session:
        append(session, Happened("car-here", "3", "works", "here", "withdrew", "proposal/1", {}))
    with database.reading() as session:
        rows = [*events_after(session, "car-here"), *events_after(session, "car-elsewhere")]
        assert broken(sorted(rows, key=lambda one: one.sequence)) == []
        assert len(rows) == 3


def test_by_hand_the_role_that_serves_sees_nothing_that_nobody_asks_for(raw):
    tables = [one for one in Stored.metadata.tables if one != "alembic_version"]
    assert {one: raw.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0] for one in tables} == dict.fromkeys(
        tables, 0
    )
    raw.execute("SELECT set_config('covolt.person', 'here', false)")
    assert raw.execute("SELECT programme FROM proposals").fetchall() == [("car-here",)]
    assert raw.execute("UPDATE proposals SET title = 'x' WHERE programme = 'car-elsewhere'").rowcount == 0


@pytest.mark.parametrize(
    "said",
    [
        "SET row_security = off; SELECT count(*) FROM proposals",
        "ALTER TABLE proposals DISABLE ROW LEVEL SECURITY",
        "DROP POLICY covolt_all ON proposals",
        "CREATE POLICY mine ON proposals USING (true)",
        "ALTER POLICY covolt_all ON proposals USING (true)",
        "ALTER ROLE covolt BYPASSRLS",
        "SET ROLE covolt_owner",
        "ALTER FUNCTION covolt_programmes() OWNER TO covolt",
        "TRUNCATE events",
    ],
)
def test_it_cannot_look_past_its_guard_nor_change_it(raw, said):
    with pytest.raises(psycopg.Error):
        raw.execute(said)


def test_not_even_the_server_changes_an_entry_of_the_log(database):
    with database.writing() as session:
        for said in ("UPDATE events SET party = 'other'", "DELETE FROM events"):
            assert session.execute(text(said)).rowcount == 0
    with database.reading() as session:
        assert len(events_after(session, "car-here")) == 1


def test_every_table_is_guarded_and_the_role_owns_nothing(raw):
    found = raw.execute(
        "SELECT relname, relrowsecurity, pg_get_userbyid(relowner) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert [name for name, guarded, _ in found if not guarded] == ["alembic_version"], "what it holds is no secret"
    assert {name for name, *_ in found} == {*Stored.metadata.tables, "alembic_version"}
    assert {owner for *_, owner in found} == {"covolt_owner"}


def test_a_workspace_of_several_people_goes_on_as_before(cluster, tmp_path, small_programme):
    cluster.database("several")
    owner = Database(cluster.address("several"))
    owner.upgrade()
    owner.close()
    made = Workspace(tmp_path / "home", Clock(), cluster.address("several", APP), together=True)
    try:
        name = made.begin(small_programme, Reader(""))
        person, other = made.people.add("A battery engineer"), made.people.add("A stranger")
        made.people.begun(name, Reader(person, "battery-works"))
        who = Reader(person, "battery-works")
        number = made.proposals.make(name, who, [("battery", "mass", "240 kg")], "Heavier", "")
        assert [one.number for one in made.proposals.listed(name, who).proposals] == [number]
        assert {one.verb for one in made.feed(name, who).events} == {"begun", "joined", "proposed"}
        stranger = Reader(other, "integrator")
        assert made.proposals.listed(name, stranger).proposals == ()
        assert made.feed(name, stranger).events == ()
        made.proposals.withdraw(name, number, who)
    finally:
        made.close()

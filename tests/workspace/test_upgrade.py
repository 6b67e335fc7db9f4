"""The data of a running programme is brought from the first form of the tables to today's, and nothing of it is lost."""

import json

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from covolt.workspace.database import Database
from covolt.workspace.events import Happened, append, broken, events_after
from covolt.workspace.tables import AnswerRow, EventRow, ProgrammeRow, ProposalRow, Stored

FIRST_FORM = """
CREATE TABLE programmes (id VARCHAR NOT NULL, begun {time} NOT NULL, CONSTRAINT pk_programmes PRIMARY KEY (id));
CREATE TABLE proposals (
    id {number} NOT NULL, programme VARCHAR NOT NULL, number INTEGER NOT NULL, party VARCHAR NOT NULL, person VARCHAR NOT NULL,
    title VARCHAR NOT NULL, reason VARCHAR NOT NULL, changes JSON NOT NULL, base JSON NOT NULL, state VARCHAR NOT NULL,
    made {time} NOT NULL, merged JSON,
    CONSTRAINT pk_proposals PRIMARY KEY (id),
    CONSTRAINT fk_proposals_programme_programmes FOREIGN KEY (programme) REFERENCES programmes (id),
    CONSTRAINT uq_proposals_programme UNIQUE (programme, number));
CREATE TABLE answers (
    id {number} NOT NULL, proposal INTEGER NOT NULL, party VARCHAR NOT NULL, person VARCHAR NOT NULL, answer VARCHAR NOT NULL,
    reason VARCHAR NOT NULL, content VARCHAR NOT NULL, made {time} NOT NULL,
    CONSTRAINT pk_answers PRIMARY KEY (id),
    CONSTRAINT fk_answers_proposal_proposals FOREIGN KEY (proposal) REFERENCES proposals (id));
CREATE TABLE events (
    sequence INTEGER NOT NULL, programme VARCHAR NOT NULL, at VARCHAR NOT NULL, party VARCHAR NOT NULL, person VARCHAR NOT NULL,
    verb VARCHAR NOT NULL, subject VARCHAR NOT NULL, told JSON NOT NULL, before VARCHAR NOT NULL, hash VARCHAR NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (sequence));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0001');
INSERT INTO programmes VALUES ('car', '2026-11-29 08:00:00.000000');
INSERT INTO proposals (programme, number, party, person, title, reason, changes, base, state, made, merged) VALUES
    ('car', 1, 'works', 'engineer', 'Тяжелее', 'why', '[{{"slot": "battery"}}]', '{{"": "a1"}}',
    'open', '2026-11-29 09:00:00.000000', NULL);
INSERT INTO proposals (programme, number, party, person, title, reason, changes, base, state, made, merged) VALUES
    ('car', 2, 'works', 'engineer', 'Lighter', '', '[]',
    '{{"": "a1"}}', 'merged', '2026-11-29 10:00:00.000000', '{{"": "b2"}}');
INSERT INTO answers (proposal, party, person, answer, reason, content, made) VALUES
    (2, 'institute', 'engineer', 'accept', 'fine', 'sha256:1', '2026-11-29 11:00:00.000000');
INSERT INTO events VALUES (1, 'car', '2026-11-29T08:00:00.000Z', '', 'engineer', 'begun', 'programme', '{{"reason": ""}}', '',
    'sha256:{first}');
INSERT INTO events VALUES (2, 'car', '2026-11-29T09:00:00.000Z', 'works', 'engineer', 'proposed', 'proposal/1',
    '{{"title": "Тяжелее"}}', 'sha256:{first}', 'sha256:{second}');
"""
"""As the first covolt with a workspace left it, in the words of that form: what is written here is never brought up to date."""
HASHES = {
    "first": "dc38040dda73a9fa713e6cb37942347581ce1cbaf5606381e4e572fbcd67fd31",
    "second": "4ca7460d7a5eb85ff1ea455c7572fa72b839a8215223902a3871cd1ffaa86d06",
}


@pytest.fixture
def old(database_address):
    """A database of the first form, with what was done in it."""
    made = Database(database_address)
    words = (
        {"time": "DATETIME", "number": "INTEGER"}
        if made.embedded
        else {"time": "TIMESTAMP WITH TIME ZONE", "number": "SERIAL"}
    )
    with made.engine.begin() as connection:
        for said in FIRST_FORM.format(**words, **HASHES).split(";\n"):
            if said.strip():
                connection.exec_driver_sql(said)
    yield made
    made.close()


def test_everything_of_the_first_form_is_there_in_todays(old):
    old.upgrade()
    with old.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Stored.metadata) == []
    with old.reading() as session:
        assert session.scalars(select(ProgrammeRow.id)).all() == ["car"]
        one, other = session.scalars(select(ProposalRow).order_by(ProposalRow.number))
        assert (one.title, one.changes, one.merged, one.made.hour) == ("Тяжелее", [{"slot": "battery"}], None, 9)
        assert (other.state, other.merged) == ("merged", {"": "b2"})
        [answer] = session.scalars(select(AnswerRow))
        assert (answer.proposal, answer.content) == (other.id, "sha256:1")
        rows = events_after(session, "car")
    assert broken(rows) == []
    assert [json.dumps(one.told, ensure_ascii=False) for one in rows] == ['{"reason": ""}', '{"title": "Тяжелее"}']


def test_what_is_done_goes_on_where_it_was(old):
    old.upgrade()
    with old.writing() as session:
        append(session, Happened("car", "2026-12-01T08:00:00.000Z", "works", "engineer", "withdrew", "proposal/1", {}))
        session.flush()
        session.add(
            AnswerRow(proposal=1, party="a", person="b", answer="accept", reason="", content="", made=sa.func.now())
        )
    with old.reading() as session:
        rows = session.scalars(select(EventRow).order_by(EventRow.sequence)).all()
        assert broken(rows) == []
        assert [one.verb for one in rows] == ["begun", "proposed", "held", "withdrew", "wrote"]
        assert [*rows[2].told["rows"]] == ["programmes/car", "proposals/1", "proposals/2", "answers/1"]
        assert [*rows[4].told["rows"]] == ["answers/2"], "what no entry told of is told of when all is written"
        assert len(session.scalars(select(AnswerRow)).all()) == 2

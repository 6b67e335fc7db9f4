"""PostgreSQL: away and back, addresses that are none, and tables that only their owner may change."""

import time
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from covolt.cli.application import app as commands
from covolt.errors import InputError, Unavailable
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.database import Database
from tests.workspace.cluster import APP
from tests.workspace.conftest import PERSON, Clock
from tests.workspace.unlocked import unlocked

BACK_WITHIN_s = 10.0


@pytest.mark.whole
def test_while_it_is_away_that_is_said_and_back_it_is_asked_again(cluster, tmp_path, small_programme):
    cluster.database("away")
    workspace = unlocked(Workspace(tmp_path / "home", Clock(), cluster.address("away")))
    client = TestClient(application(workspace))
    try:
        workspace.begin(small_programme, Reader(PERSON))
        assert client.get("/api/v1/programmes/small-car").status_code == 200
        cluster.stop()
        try:
            answer = client.get("/api/v1/programmes/small-car/feed")
            assert answer.status_code == 503
            assert "PostgreSQL" in answer.json()["problems"][0]["hint"]["en"]
            assert str(cluster.folder) not in answer.text, "where it lies is told to nobody"
        finally:
            cluster.start()
        since_s = time.monotonic()
        while client.get("/api/v1/programmes/small-car/feed").status_code != 200:
            assert time.monotonic() - since_s < BACK_WITHIN_s
        cluster.kill()  # connections that it had stand in the pool, and lead nowhere
        assert client.get("/api/v1/programmes/small-car/feed").status_code == 200
    finally:
        workspace.close()


@pytest.mark.whole
def test_what_is_said_beside_the_server_is_said_to_its_database(cluster, tmp_path, small_programme):
    """By a setting, by an option, and never to a new database that would lie beside it."""
    cluster.database("beside")
    home, address = tmp_path / "home", cluster.address("beside")
    workspace = unlocked(Workspace(home, Clock(), address))
    workspace.begin(small_programme, Reader(PERSON))
    workspace.close()

    def run(*words, code=0):
        found = CliRunner().invoke(commands, list(words))
        assert found.exit_code == code, (words, found.output, found.exception)
        return found.output + str(found.exception or "")

    at = ("--home", str(home))
    refused = CliRunner().invoke(commands, ["people", "add", "A battery engineer", *at])
    assert "elsewhere" in str(refused.exception)
    run("people", "add", "A battery engineer", *at, "--database", address)
    (home / "workspace.toml").write_text(f'address = "https://covolt.example.org"\ndatabase = "{address}"\n')
    assert "A battery engineer" in run("people", "list", *at)
    word = run("people", "invite", "small-car", "integrator", *at)
    assert word.startswith("covolt_invitation_")
    run("export", "party", "small-car", "integrator", str(tmp_path / "own.zip"), *at)
    with ZipFile(tmp_path / "own.zip") as archive:
        assert "invited" in archive.read("log.json").decode()
    refused = CliRunner().invoke(commands, ["backup", str(home), str(tmp_path / "kept.zip")])
    assert "PostgreSQL" in str(refused.exception)
    assert not (home / "workspace.db").exists()
    assert not (tmp_path / "kept.zip").exists()


def test_an_address_that_is_none_is_refused_without_its_password():
    with pytest.raises(InputError, match="no address"):
        Database("postgresql//engineer:secret@somewhere/covolt")
    with pytest.raises(InputError, match="mysql") as refused:
        Database("mysql://engineer:secret@somewhere/covolt")
    assert "secret" not in str(refused.value)


@pytest.mark.whole
def test_only_the_owner_upgrades_and_then_whoever_serves_need_not(cluster):
    cluster.database("owned")
    serving = Database(cluster.address("owned", APP))
    owner = Database(cluster.address("owned"))
    try:
        with pytest.raises(Unavailable, match="owner"):
            serving.upgrade()
        owner.upgrade()
        serving.upgrade()
    finally:
        serving.close()
        owner.close()

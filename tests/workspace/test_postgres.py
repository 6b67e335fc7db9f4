"""PostgreSQL: away and back, addresses that are none, and tables that only their owner may change."""

import time

import pytest
from fastapi.testclient import TestClient

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

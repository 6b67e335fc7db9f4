"""A workspace with the shipped car as a programme of few requirements, so that its verdicts are there at once."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from covolt.programme.restarting import restart
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from tests.house.source import ROOT
from tests.workspace.cluster import Cluster, missing
from tests.workspace.unlocked import PERSON, unlocked

KEPT = ("I-MASS", "B-MASS", "A-GRADE")


class Clock:
    """Moves on by a second whenever it is read."""

    def __init__(self):
        self.now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def own_records(tmp_path, monkeypatch):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def small(folder: Path) -> Path:
    """The shipped car with three requirements, under the name of the folder."""
    restart(ROOT / "examples" / "city-car", folder, folder.name)
    for path in folder.rglob("*.toml"):
        place = path.relative_to(folder)
        gone = {"requirements", "designs", "interests"} & set(place.parts[:-1])
        if (gone and path.stem not in KEPT) or place.parts[0] == "baselines" or path.name == "checked.toml":
            path.unlink()
    for path in (folder / "gates").glob("*.toml"):
        path.write_text(
            re.sub(r"margin\('[^']*'\)", "constraints.met", path.read_text(encoding="utf-8")), encoding="utf-8"
        )
    return folder


@pytest.fixture(scope="session")
def small_programme(tmp_path_factory):
    return small(tmp_path_factory.mktemp("small") / "small-car")


@pytest.fixture(scope="session")
def cluster():
    if why := missing():
        pytest.skip(why)
    made = Cluster()
    yield made
    made.end()


ON_BOTH = {
    "test_database",
    "test_git",
    "test_held",
    "test_jobs",
    "test_people",
    "test_signing",
    "test_upgrade",
    "test_watching",
}
"""Files of tests of what the database itself decides; others go on PostgreSQL where there is time (`make test-all`)."""


def pytest_collection_modifyitems(items):
    for item in items:
        spared = item.path.parent.name == "workspace" and item.path.stem not in ON_BOTH
        if spared and getattr(item, "callspec", None) and "postgresql" in item.callspec.params.values():
            item.add_marker(pytest.mark.slow)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.whole)])
def database_address(request, tmp_path):
    """Address of an empty database, of each kind that a workspace may have."""
    if request.param == "sqlite":
        (tmp_path / "home").mkdir()
        return f"sqlite:///{tmp_path / 'home' / 'workspace.db'}"
    found = request.getfixturevalue("cluster")
    found.database("workspace")
    return found.address("workspace")


@pytest.fixture
def workspace(tmp_path, small_programme: Path, database_address):
    made = unlocked(Workspace(tmp_path / "home", Clock(), database_address))
    made.begin(small_programme, Reader(PERSON))
    yield made
    made.close()


def of(party: str) -> Reader:
    """The one person, acting for a party."""
    return Reader(PERSON, party)

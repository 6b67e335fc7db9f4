"""A workspace with the shipped car as a programme of few requirements, so that its verdicts are there at once."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from covolt.programme.restarting import restart
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from tests.house.source import ROOT

KEPT = ("I-MASS", "B-MASS", "A-GRADE")
PERSON = "engineer"


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


@pytest.fixture(scope="session")
def small_programme(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "small-car"
    restart(ROOT / "examples" / "city-car", folder, "small-car")
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


@pytest.fixture
def workspace(tmp_path, small_programme: Path):
    made = Workspace(tmp_path / "home", Clock(), PERSON)
    made.begin(small_programme, Reader(PERSON))
    yield made
    made.close()


def of(party: str) -> Reader:
    """The one person, acting for a party."""
    return Reader(PERSON, party)

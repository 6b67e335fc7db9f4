"""The shipped joint programmes, their subjects, and a copy that a test may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.records import KeptRecords, RecordStore
from covolt.study.verdicts.verification import Verification, verify
from tests.signed import copy_unsigned, shipped_anchor

CITY_CAR = Path(__file__).parents[2] / "examples" / "city-car"


@pytest.fixture(scope="session")
def programme() -> Programme:
    """As it ships: signed, by keys that covolt knows."""
    with shipped_anchor():
        return read_programme(CITY_CAR)


@pytest.fixture(scope="session")
def subject(programme: Programme) -> Subject:
    return subject_of(locked_sheets(programme), programme.charter.vehicle, "city-car")


@pytest.fixture(scope="session")
def records() -> RecordStore:
    """Records of this run of the tests, which its workers share."""
    return KeptRecords.own()


@pytest.fixture(scope="session")
def verification(programme: Programme, records: RecordStore) -> Verification:
    return verify(programme, records)


@pytest.fixture
def city_car(tmp_path: Path) -> Path:
    return copy_unsigned(CITY_CAR, tmp_path / "city-car")


@pytest.fixture
def verified_car(city_car: Path, verification: Verification) -> Path:
    """A copy that a test may change, and whose records are kept."""
    assert verification.verdicts
    return city_car


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for the verdicts of the whole city car drives it whole, whichever file it stands in."""
    for item in items:
        if "verification" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.whole)

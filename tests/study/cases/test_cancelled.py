"""A case that is cancelled between two drives keeps what was whole, and the next time goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from covolt.programme.documents import Programme
from covolt.study.cases.verify import verify
from covolt.study.procedures.driving import Cancelled
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify as verify_programme
from tests.signed import copy_unsigned

CITY_CAR = Path(__file__).parents[3] / "examples" / "city-car"
NAME = "I-ACCELERATION"


def test_a_cancelled_verification_keeps_whole_records_and_goes_on_from_them(
    programme: Programme, tmp_path: Path
) -> None:
    counted: list[int] = []

    def count(done: int, total: int) -> None:
        assert total > 10
        counted.append(done)

    with pytest.raises(Cancelled):
        verify_programme(
            programme, KeptRecords(tmp_path), only=[NAME], progress=count, cancelled=lambda: len(counted) >= 3
        )
    kept = list(tmp_path.rglob("record-*"))
    assert 3 <= len(kept) < 10
    assert {path.suffix for path in kept} == {".bin"}
    found = verify_programme(programme, KeptRecords(tmp_path), only=[NAME])
    assert found.recalled == len(kept)
    assert found.computed > 10
    assert found.verdicts == verify_programme(programme, KeptRecords(None), only=[NAME]).verdicts


def test_the_case_hands_the_wish_on_and_writes_nothing(tmp_path: Path) -> None:
    folder = copy_unsigned(CITY_CAR, tmp_path / "city-car")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(Cancelled):
        verify(folder, only=[NAME], anew=True, cancelled=lambda: True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before

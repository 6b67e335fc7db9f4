"""A case that is cancelled between two drives keeps what was whole, and the next time goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from covolt.errors import Cancelled, ending_of
from covolt.programme.documents import Programme
from covolt.programme.pledging import bring_in
from covolt.programme.reading import read_programme
from covolt.programme.signing import new_key, read_key
from covolt.study.cases.approve import approve
from covolt.study.cases.charge import ChargeOptions, charge
from covolt.study.cases.drive import DriveOptions
from covolt.study.cases.drive_several import drive_several
from covolt.study.cases.options import Findings
from covolt.study.cases.publish import begin_programme, lock
from covolt.study.cases.report import make_report, read_for
from covolt.study.cases.sign import SignOptions, sign, states_of
from covolt.study.cases.verify import verify
from covolt.study.verdicts import moved
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify as verify_programme
from tests.signed import copy_unsigned

CITY_CAR = Path(__file__).parents[3] / "examples" / "city-car"
NAME = "I-ACCELERATION"


@pytest.mark.whole
def test_a_cancelled_verification_keeps_whole_records_and_goes_on_from_them(
    programme: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moved, "MOST_TOGETHER", 4)
    counted: list[int] = []

    def count(done: int, total: int) -> None:
        assert total > 10
        counted.append(done)

    with pytest.raises(Cancelled):
        verify_programme(
            programme,
            KeptRecords(tmp_path),
            threads=1,
            only=[NAME],
            progress=count,
            cancelled=lambda: len(counted) >= 5,
        )
    kept = list(tmp_path.rglob("record-*"))
    assert len(kept) == 5, "the whole record, and those of the first lot"
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


def test_every_long_case_can_be_cancelled_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    folder, _ = begin_programme(tmp_path / "my-car", "city-car")
    key = tmp_path / "chief.pem"
    new_key(key)
    gate = folder / "gates" / "concept.toml"
    wanted = '\n[[signoffs]]\nparty = "integrator"\nrole = "chief-engineer"\n'
    gate.write_text(gate.read_text(encoding="utf-8") + wanted, encoding="utf-8")
    bring_in(read_programme(folder), read_key(key), "integrator", ("chief-engineer", "recovery"), None)
    asked = SignOptions("concept", folder, "integrator", "chief-engineer", key)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    read = read_for(folder, "", Findings())
    assert read is not None
    for ask in (
        lambda: make_report(read, tmp_path / "report.html", anew=True, cancelled=lambda: True),
        lambda: make_report(read, folder / "build" / "report.html", anew=True, cancelled=lambda: True),
        lambda: lock(folder, upgrade=True, cancelled=lambda: True),
        lambda: sign(asked, lambda lines: True, Findings(), cancelled=lambda: True),
        lambda: approve(folder, cancelled=lambda: True),
        lambda: states_of(read, anew=True, cancelled=lambda: True),
        lambda: charge(ChargeOptions("leaf-40", post="50 kW"), cancelled=lambda: True),
        lambda: next(drive_several([DriveOptions("leaf-40")], cancelled=lambda: True)),
    ):
        with pytest.raises(Cancelled) as left:
            ask()
        assert (ending_of(left.value).exit_code, ending_of(left.value).http_status) == (130, 499)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_sessions_and_drives_are_counted_and_those_before_the_wish_are_done() -> None:
    counted: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        charge(
            ChargeOptions("leaf-40", post="50 kW"),
            progress=lambda done, total: counted.append((done, total)),
            cancelled=lambda: len(counted) >= 2,
        )
    assert [done for done, _ in counted] == [1, 2]
    driven = drive_several([DriveOptions("leaf-40", cycle="udds")] * 2, cancelled=lambda: len(counted) > 2)
    assert next(driven).trace.outcome.completed
    counted.append((3, 3))
    with pytest.raises(Cancelled):
        next(driven)

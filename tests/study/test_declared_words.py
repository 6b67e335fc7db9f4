"""What a part declares in vain is said by offer, lock, check and the report; what contradicts is refused by all of them."""

from pathlib import Path

import pytest

from covolt.cli import exit_codes
from covolt.programme.reading import read_programme
from covolt.study.report.content import slot_rows
from covolt.study.verdicts.verification import Verification
from tests.signed import copy_unsigned
from tests.study.conftest import CITY_CAR
from tests.study.test_commands import run

PRESSURE = 'pressure = { value = "2.4 bar", basis = "measured", source = "gauge" }\n'


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return copy_unsigned(CITY_CAR, tmp_path / "car")


def declare(part: Path, line: str) -> None:
    """A new version of a part with one more number."""
    text = part.read_text(encoding="utf-8").replace('version = "1.0.0"', 'version = "1.9.0"')
    part.write_text(text.replace("[declared]\n", f"[declared]\n{line}"), encoding="utf-8")


def test_a_number_that_is_not_used_is_said_at_every_door(capsys, copied: Path) -> None:
    part = copied / "integrator" / "parts" / "tyre-16" / "part.toml"
    declare(part, PRESSURE)
    said = "declared, not used by the model"
    for arguments in (("offer", part), ("lock", copied, "--upgrade"), ("check", copied)):
        code, out, _ = run(capsys, *arguments)
        assert code == exit_codes.COMPLETED
        assert said in " ".join(out.split()), arguments[0]
        assert "declared.pressure" in out
    (row,) = [one for one in slot_rows(read_programme(copied), Verification((), {}, 0, 0), ()) if one.id == "tyre"]
    assert [one.name for one in row.not_used] == ["pressure"]
    why = row.not_used[0].why
    assert why.said("en") != why.said("ru")
    assert row.level == 0


def test_numbers_that_contradict_are_refused_at_every_door(capsys, copied: Path) -> None:
    part = copied / "battery-works" / "parts" / "pack-33" / "part.toml"
    declare(part, 'cells_in_series = { value = 60.0, basis = "measured", source = "count" }\n')
    for arguments in (("offer", part), ("check", copied)):
        code, _, err = run(capsys, *arguments)
        assert code == exit_codes.INPUT_WRONG
        assert "6 V a cell" in " ".join(err.split()), arguments[0]
    assert not (copied / "offers" / "battery-works" / "pack-33@1.9.0.toml").exists()


def test_a_report_that_is_not_there_is_refused_by_offer_and_said_by_check(capsys, copied: Path) -> None:
    part = copied / "battery-works" / "parts" / "pack-33" / "part.toml"
    declare(part, 'resistance = { value = "0.12 Ohm", basis = "measured", evidence = "reports/pulse.csv" }\n')
    code, _, err = run(capsys, "offer", part)
    assert code == exit_codes.INPUT_WRONG
    assert "reports/pulse.csv is not there" in " ".join(err.split())
    assert "--attach reports/pulse.csv" in " ".join(err.split())
    _, out, _ = run(capsys, "check", copied)
    assert "reports/pulse.csv is not there" in " ".join(out.split())
    (part.parent / "reports").mkdir()
    (part.parent / "reports" / "pulse.csv").write_text("s,V\n")
    assert run(capsys, "offer", part)[0] == exit_codes.COMPLETED


def test_a_guess_without_uncertainty_is_named_by_check(capsys, copied: Path) -> None:
    part = copied / "battery-works" / "parts" / "pack-33" / "part.toml"
    declare(part, 'resistance = { value = "120 mOhm", basis = "estimate" }\n')
    for arguments in (("offer", part), ("lock", copied, "--upgrade")):
        assert run(capsys, *arguments)[0] == exit_codes.COMPLETED
    _, out, _ = run(capsys, "check", copied)
    assert "taken with u = 30 mOhm" in " ".join(out.split())

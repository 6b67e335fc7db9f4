"""A programme that covolt 0.1.0 wrote (`covolt new --like leaf-40`, `covolt lock --freeze first`, at 43ca27d) still works."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from covolt.cli import exit_codes, main
from covolt.programme.reading import read_programme

WRITTEN = Path(__file__).parents[1] / "data" / "programme-0.1.0"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str]:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out + captured.err


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WRITTEN, tmp_path / "programme"))


def test_it_is_read_checked_and_locked_as_it_was(programme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = read_programme(programme)
    assert (len(read.slots), len(read.requirements), len(read.offers)) == (9, 6, 9)
    code, told = run(capsys, "check", programme)
    assert code == exit_codes.COMPLETED and "every file is in order" in " ".join(told.split())
    lock = (programme / "programme.lock").read_bytes()
    code, told = run(capsys, "lock", programme)
    assert code == exit_codes.COMPLETED and "nothing moves" in told
    assert (programme / "programme.lock").read_bytes() == lock


@pytest.mark.slow
def test_it_is_verified_gated_compared_and_reported(programme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys, "verify", programme)
    assert code in {exit_codes.COMPLETED, exit_codes.REQUIREMENTS_NOT_MET} and "6 requirements" in told
    assert "Concept" in run(capsys, "gate", programme)[1]
    code, _ = run(capsys, "diff", "first", programme)
    assert code == exit_codes.COMPLETED
    page = programme / "report.html"
    code, _ = run(capsys, "report", programme, "-o", page)
    assert code == exit_codes.COMPLETED and page.stat().st_size > 100_000

"""`covolt study` from a terminal: run, shown, written as one table, and what a wrong use is told."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from covolt.cli import main
from covolt.cli.exit_codes import COMPLETED
from tests.study.conftest import CITY_CAR


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "few"
    command = ["study", "run", str(CITY_CAR), "--designs", "5", "--only", "I-MASS", "--only", "PARTS-PRICE"]
    assert said(*command, "--workers", "0", "-o", str(folder)) == COMPLETED
    return folder


def said(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_a_study_is_shown(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("study", "show", str(study)) == COMPLETED
    shown = capsys.readouterr().out
    assert "6 of 6" in shown and "I-MASS" in shown and "concern/PARTS-PRICE" in shown
    assert said("study", "show", str(study), "--language", "ru") == COMPLETED
    assert "Исследование" in capsys.readouterr().out


def test_a_study_is_told_to_scripts(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("study", "show", str(study), "--json") == COMPLETED
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "study-summary/1" and found["written"] == found["designs"] == 6
    (mass,) = found["requirements"]
    assert mass["today_margin"] == pytest.approx(10.0) and mass["met_count"] + mass["not_met_count"] == 6
    assert said("study", "show", str(study), "--design", "0", "--json") == COMPLETED
    one = json.loads(capsys.readouterr().out)
    assert one["values"]["PACK-SIZE [kWh]"] == 30.5 and one["verdicts"] == {"I-MASS": "met"}


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_study_is_written_as_one_table(study: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"all{ending}"
    assert said("study", "export", str(study), str(file)) == COMPLETED
    read = pyarrow.parquet.read_table(file) if ending == ".parquet" else pyarrow.csv.read_csv(file)
    assert read.num_rows == 6 and read.column("I-MASS value [kg]")[0].as_py() == pytest.approx(1150.0)
    assert said("study", "export", str(study), str(file)) == COMPLETED, "its own table is written anew"


@pytest.mark.parametrize(
    ("ending", "there"), [(".parquet", b"a drawing"), (".csv", b"mass,price\n1,2\n"), (".csv", b"")]
)
def test_a_study_is_written_over_nothing_else(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str, there: bytes
) -> None:
    file = tmp_path / f"all{ending}"
    file.write_bytes(there)
    assert said("study", "export", str(study), str(file)) != COMPLETED
    assert "no table of this study" in " ".join(capsys.readouterr().err.split()) and file.read_bytes() == there


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("show", "nowhere"), "no study here"),
        (("show", "{study}", "--design", "9"), "no design 9 in this study"),
        (("export", "{study}", "all.xlsx"), "ends in .xlsx"),
        (("resume", "nowhere"), "no study here"),
        (("resume", "{study}", "--workers", "-1"), "-1 processes"),
        (("run", str(CITY_CAR), "--designs", "3", "--method", "grid", "-o", "{study}/x"), "no method 'grid'"),
    ],
)
def test_wrong_use_is_told(
    study: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], told: str
) -> None:
    assert said("study", *(one.format(study=study) for one in command)) != COMPLETED
    assert told in " ".join(capsys.readouterr().err.split())

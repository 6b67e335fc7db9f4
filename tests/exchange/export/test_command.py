"""`covolt export fmu` from the terminal: it writes what FMPy takes, and says what to name instead where a name is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from covolt.cli.application import main
from covolt.errors import InputError
from covolt.study.cases.export import ExportOptions, export_fmu
from tests.exchange.export.test_export import demand_compiler
from tests.house.source import ROOT

CITY_CAR = ROOT / "examples/city-car"
pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")


def test_writes_the_pack_of_a_programme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demand_compiler()
    from fmpy import read_model_description, simulate_fmu
    from fmpy.validation import validate_fmu

    path = tmp_path / "pack.fmu"
    with pytest.raises(SystemExit) as left:
        main(
            [
                "export",
                "fmu",
                str(CITY_CAR),
                "--part",
                "battery",
                "--fmi",
                "2",
                "--open",
                "mass",
                "--json",
                "-o",
                str(path),
            ]
        )
    assert left.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["of"], told["fmi"], told["shown"]) == ("battery-works/pack-33@1.0.0", "2.0", ["mass"])
    assert validate_fmu(str(path)) == []
    found = simulate_fmu(str(path), stop_time=10.0, start_values={"power": -1e4}, output=["voltage", "state_of_charge"])
    assert 250.0 < found["voltage"][-1] < 450.0
    assert found["state_of_charge"][-1] < found["state_of_charge"][0]
    described = read_model_description(str(path))
    assert (described.author, described.version) == ("battery-works", "1.0.0")
    assert "mass" in {one.name for one in described.modelVariables}


def test_writes_the_vehicle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demand_compiler()
    from fmpy import simulate_fmu

    path = tmp_path / "car.fmu"
    with pytest.raises(SystemExit) as left:
        main(["export", "fmu", str(CITY_CAR), "--vehicle", "-o", str(path)])
    assert left.value.code == 0
    assert "city-car as an FMU" in capsys.readouterr().out
    found = simulate_fmu(
        str(path), stop_time=20.0, start_values={"target_speed": 10.0}, output=["speed", "state_of_charge"]
    )
    assert found["speed"][-1] == pytest.approx(10.0)
    with pytest.raises(SystemExit) as left:
        main(["export", "fmu", str(CITY_CAR), "--vehicle", "--part", "battery", "-o", str(path)])
    assert left.value.code == 2
    assert "give one of them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ExportOptions("batery"), r"--part: no slot and no offer 'batery'[\s\S]*did you mean 'battery'"),
        (ExportOptions("body"), r"body: a part of this kind cannot be given away yet"),
        (ExportOptions("battery", shown=("masse",)), r"no number 'masse' to show[\s\S]*did you mean 'mass'"),
        (ExportOptions("battery", platforms=("x86_64-window",)), r"did you mean x86_64-windows"),
    ],
)
def test_says_what_to_name_instead(options: ExportOptions, words: str, tmp_path: Path) -> None:
    from covolt.study.cases.options import Findings

    with pytest.raises(InputError, match=words):
        export_fmu(CITY_CAR, options, tmp_path / "x.fmu", findings=Findings({"part": "--part", "shown": "--open"}))
    assert not list(tmp_path.iterdir())

"""`covolt study sensitivity` and `covolt study sureness` on the city car: closed forms of its mass, files, JSON, wrong use."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import pytest

from covolt.cli import main
from covolt.cli import study as study_commands
from covolt.cli.exit_codes import COMPLETED
from covolt.programme.reading import read_programme
from covolt.study.cases.sensitivity import sensitivity
from covolt.study.cases.sureness import sureness
from covolt.study.designs.space import DesignSpace
from tests.study.conftest import CITY_CAR
from tests.study.designs.conftest import put

ONLY = ("--only", "I-MASS")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "few"
    command = ["study", "run", str(CITY_CAR), "--designs", "3", *ONLY, "--workers", "0", "-o", str(folder)]
    assert said(*command) == COMPLETED
    return folder


def said(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert said(*arguments, "--json") == COMPLETED
    return json.loads(capsys.readouterr().out)


def test_a_tornado_lists_the_widest_first_against_the_bound(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "study", "sensitivity", str(CITY_CAR), *ONLY, "--only", "PARTS-PRICE")
    assert found["schema"] == "sensitivity/1" and found["designs"] == 11
    mass, price = found["results"]
    assert (mass["today"], mass["bound"], mass["side"], mass["margin"]) == (1150.0, 1160.0, "at_most", 10.0)
    assert [one["variable"] for one in mass["bars"]][:2] == ["PACK-SIZE", "MOTOR-POWER"]
    pack, power = mass["bars"][:2]
    assert pack["width"] == pytest.approx(20.0 * 7.0) and pack["party"] == "battery-works" and pack["unit"] == "kWh"
    assert [one["margin"] for one in pack["ends"]] == pytest.approx([10.0 + 5.5 * 7.0, 10.0 - 14.5 * 7.0])
    assert [one["verdict"] for one in pack["ends"]] == ["met", "not met"]
    assert power["width"] == pytest.approx(50.0 * 0.35)
    assert price["is_interest"] and price["bound"] is None and price["bars"][0]["ends"][0]["margin"] is None


def test_a_choice_is_looked_at_as_a_whole(city_car: Path) -> None:
    here = read_programme(city_car)
    offers = sorted(one for one in here.offers if one.startswith("battery-works/"))
    put(city_car, f"offers = {offers}".replace("'", '"'))
    found = sensitivity(read_programme(city_car), only=("I-MASS",))
    [bar] = found.results[0].bars
    assert [one.at for one in bar.ends] == offers and bar.width is not None and bar.width > 0.0
    flat = sensitivity(read_programme(city_car), only=("I-MASS",), method="gradient")
    assert flat.fixed == ("X",) and flat.results[0].slopes == ()


def test_slopes_of_a_sum_are_its_rates(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "study", "sensitivity", str(CITY_CAR), *ONLY, "--method", "gradient")
    slopes = {one["variable"]: one for one in found["results"][0]["slopes"]}
    rates = {"PACK-SIZE": 7.0, "GEAR-RATIO": 0.0, "MOTOR-POWER": 0.35, "MOTOR-TORQUE": 0.12, "DRAG": -150.0}
    assert {name: one["slope"] for name, one in slopes.items()} == pytest.approx(rates, abs=1e-4)
    assert all(one["kind"] == "smooth" and abs(one["error"]) < 1e-3 for one in slopes.values())
    assert said("study", "sensitivity", str(CITY_CAR), *ONLY, "--method", "gradient", "--language", "ru") == COMPLETED
    assert "кг/кВт·ч" in capsys.readouterr().out


def test_indices_of_a_sum_are_its_shares(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("SALib")
    command = ("study", "sensitivity", str(CITY_CAR), *ONLY, "--method", "sobol", "--designs", "250")
    found = told(capsys, *command)
    [mass] = found["results"]
    assert found["designs"] == 1 + 32 * 7 and mass["blocks"] == 32
    # The variance of n values evenly apart by s is (n^2 - 1) s^2 / 12, of all values between two bounds (b - a)^2 / 12.
    steps = {"PACK-SIZE": (41**2 - 1) * 3.5**2, "MOTOR-POWER": (51**2 - 1) * 0.35**2}
    freely = {"GEAR-RATIO": 0.0, "MOTOR-TORQUE": 12.0**2, "DRAG": 12.0**2}
    parts = {name: one / 12.0 for name, one in (steps | freely).items()}
    whole = sum(parts.values())
    assert mass["deviation"] == pytest.approx(sqrt(whole), rel=0.1)
    for one in mass["indices"]:
        share = parts[one["variable"]] / whole
        assert abs(one["first"] - share) <= one["first_half_width"] + 1e-9
        assert abs(one["total"] - share) <= one["total_half_width"] + 1e-9


def test_how_surely_is_the_probability_of_verify(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "study", "sureness", str(CITY_CAR), *ONLY, "--sure", "90 %", "--draws", "200")
    [mass] = found["results"]
    assert found["schema"] == "sureness/1" and found["design"] == 0
    u = mass["uncertainty"]
    assert mass["probability"] == pytest.approx(NormalDist().cdf(10.0 / u))
    assert mass["robust_margin"] == pytest.approx(10.0 - NormalDist().inv_cdf(0.9) * u)
    assert sum(mass["shares"].values()) + mass["model_share"] == pytest.approx(1.0)
    drawn = mass["sampled"]
    assert drawn["draws"] == 200 and drawn["lost"] == 0 and drawn["agrees"]
    assert drawn["lowest"] < drawn["probability"] < drawn["highest"]


def test_draws_say_how_far_they_have_come_where_no_terminal_shows_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_commands, "EVERY_s", 0.0)
    assert said("study", "sureness", str(CITY_CAR), *ONLY, "--draws", "128") == COMPLETED
    found = capsys.readouterr()
    assert "moving numbers: 64 of 128, about " in found.err and "first order: where values" not in found.out
    assert said("study", "sureness", str(CITY_CAR), *ONLY) == COMPLETED
    assert "To first order: where values bend, as at an optimum" in " ".join(capsys.readouterr().out.split())


def test_of_a_design_of_a_study_its_own_numbers_count(study: Path) -> None:
    from covolt.study.designs.study_table import StudyTable

    table = StudyTable.read(study)
    here = read_programme(CITY_CAR).seen_by(None)
    [today] = sureness(here, only=("I-MASS",)).results
    [found] = sureness(here, study=study, design=2, only=("I-MASS",)).results
    assert found.margin == pytest.approx(table.margins[2, 0]) and found.margin != today.margin
    assert (table.values_in(DesignSpace.of(here)) == table.values).all()
    # Of a study the requirements are those that it judged.
    assert [one.name for one in sensitivity(study).results] == ["I-MASS"]


def test_what_rests_on_numbers_without_uncertainty_alone_is_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("study", "sureness", str(CITY_CAR.parent / "city-bus"), "--only", "A-R13")
    [found] = told(capsys, *command)["results"]
    assert found["verdict"] == "met" and found["margin"] > 0.0
    assert found["robust_margin"] is None and found["shares"] == {} and found["model_share"] == 0.0
    said_so = "no uncertainty is stated of deceleration_maximum of bus-works/ebs-12@1.0.0, an estimate"
    assert said_so in found["unstated"]["en"]
    assert said(*command) == COMPLETED
    shown = " ".join(capsys.readouterr().out.split())
    assert said_so in shown and "%" not in shown.partition("A-R13")[2]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize(
    ("command", "rows", "columns"),
    [
        (("sensitivity",), 10, {"at", "margin", "width"}),
        (("sensitivity", "--method", "gradient"), 5, {"slope", "error", "kind"}),
        (("sureness",), 1, {"probability", "robust_margin", "share of battery-works"}),
    ],
)
def test_results_are_written_as_tables(
    tmp_path: Path, ending: str, command: tuple[str, ...], rows: int, columns: set[str]
) -> None:
    file = tmp_path / f"table{ending}"
    assert said("study", command[0], str(CITY_CAR), *ONLY, *command[1:], "-o", str(file)) == COMPLETED
    read = pyarrow.parquet.read_table(file) if ending == ".parquet" else pyarrow.csv.read_csv(file)
    assert read.num_rows == rows and columns <= set(read.column_names)


@pytest.mark.parametrize(
    ("command", "problems"),
    [
        (("sensitivity", "{car}", "--method", "tornedo"), ["no method 'tornedo'"]),
        (
            ("sensitivity", "{car}", "--method", "sobol", "--designs", "9", "--seed", "-1", "-o", "x.xlsx"),
            ["a seed of -1", "ends in .xlsx", "9 designs are too few", "give 224 or more"],
        ),
        (
            ("sensitivity", "{car}", "--pairs", "--only", "I-MAS", "--designs", "30"),
            ["pairs are found", "no requirement or interest 'I-MAS'", "tornado judges the designs that it needs"],
        ),
        (("sensitivity", "nowhere"), ["nowhere"]),
        (
            ("sureness", "{car}", "--design", "3", "--sure", "40 %", "--draws", "-1"),
            ["no study says what design 3 is", "a sureness of 40 %", "-1 draws"],
        ),
        (("sureness", "{car}", "--design", "9", "--study", "{study}"), ["no design 9 in this study"]),
        (
            ("sureness", "{car}", "--study", "nowhere", "--only", "PARTS-PRICE"),
            ["no study here", "no requirement 'PARTS-PRICE'"],
        ),
    ],
)
def test_wrong_use_is_told_all_at_once(
    study: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], problems: list[str]
) -> None:
    assert said("study", *(one.format(study=study, car=CITY_CAR) for one in command)) != COMPLETED
    shown = " ".join(capsys.readouterr().err.split())
    assert all(one in shown for one in problems), shown

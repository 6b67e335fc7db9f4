"""Figures of a car: what is read, and every problem of a file at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from covolt.contract.document import loads
from covolt.errors import InputError
from covolt.library.cars import car_names, figures, shipped_text
from covolt.library.figures import CarFigures, read_car

GOOD = """
schema = "car/1"
test_mass = "3875 lb"
battery_energy = "40 kWh"
motor_power = "110 kW"
gear_ratio = 8.19
[coast_down]
constant = "25.89 lbf"
linear = "-0.2 lbf/mph"
quadratic = "0.01945 lbf/mph^2"
"""


def test_customary_units_become_si() -> None:
    car = loads(GOOD, CarFigures, "car.toml")
    assert car.test_mass == pytest.approx(1757.67, abs=0.01)
    assert car.battery_energy == pytest.approx(144e6)
    assert car.coast_down is not None
    assert car.coast_down.constant == pytest.approx(115.164, abs=1e-3)
    assert car.coast_down.linear == pytest.approx(-0.2 * 9.9504, rel=1e-4)
    assert car.coast_down.quadratic == pytest.approx(0.4329, abs=1e-4)


def test_every_problem_of_a_file_at_once_with_where_and_hint() -> None:
    bad = (
        GOOD.replace('"3875 lb"', '"3875 m"')
        .replace('"40 kWh"', "40")
        .replace('"110 kW"', '"-110 kW"')
        .replace("8.19", '"high"')
        .replace('constant = "25.89 lbf"\n', "")
        + 'colour = "red"\n'
    )
    with pytest.raises(InputError) as raised:
        loads(bad, CarFigures, "car.toml")
    problems = raised.value.problems
    text = " ".join(f"{problem.where} {problem.what}" for problem in problems)
    for name in ("test_mass", "battery_energy", "motor_power", "gear_ratio", "coast_down.constant", "colour"):
        assert name in text, name
    assert len(problems) >= 6
    assert all(problem.where.startswith("car.toml") and problem.hint for problem in problems)


def test_a_battery_that_holds_less_than_can_be_used_is_refused() -> None:
    with pytest.raises(InputError, match="holds less"):
        loads('battery_gross_energy = "39 kWh"\n' + GOOD, CarFigures, "car.toml")


@pytest.mark.parametrize("value", ['"nan lbf"', '"inf lbf"'])
def test_a_figure_that_is_not_a_number_is_refused(value: str) -> None:
    with pytest.raises(InputError):
        loads(GOOD.replace('"25.89 lbf"', value), CarFigures, "car.toml")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('[drag_and_tyres]\ndrag_area = "0.6 m2"\nrolling_coefficient = 0.009\n', "not both"),
        ("", "either a coast-down or"),
    ],
)
def test_one_road_load_is_given(extra: str, words: str) -> None:
    text = GOOD + extra if extra else GOOD.partition("[coast_down]")[0]
    with pytest.raises(InputError, match=words):
        loads(text, CarFigures, "car.toml")


def test_a_second_motor_needs_a_second_axle() -> None:
    with pytest.raises(InputError, match="all-wheel"):
        loads(GOOD.replace("[coast", 'second_motor_power = "60 kW"\n[coast'), CarFigures, "car.toml")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"schema = ", b'schema = "car/2"\n'])
def test_files_that_are_no_cars_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "car.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_car(path)
    assert raised.value.problems[0].where.startswith(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent"):
        read_car(tmp_path / "absent.toml")


def test_a_car_without_an_id_takes_the_name_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "my-car.toml").write_text(GOOD, encoding="utf-8")
    assert read_car(tmp_path / "my-car.toml").id == "my-car"
    assert read_car(str(tmp_path / "my-car.toml")).id == "my-car"


@pytest.mark.parametrize("name", car_names())
def test_every_shipped_car_reads_and_names_its_source(name: str) -> None:
    car = figures(name)
    assert car.id == name
    assert car.title
    assert car.source
    assert shipped_text(name).startswith("schema")


def test_a_wrong_name_is_answered_with_a_near_one() -> None:
    with pytest.raises(InputError) as raised:
        figures("leaf-4")
    assert "leaf-40" in raised.value.problems[0].hint


@pytest.mark.parametrize(
    ("constant", "linear", "quadratic", "top", "refused"),
    [
        ("80 N", "-9 N/(m/s)", "0.2 N/(m/s)^2", "", True),  # lowest at 22.5 m/s: 80 - 101.25 N
        ("80 N", "-9 N/(m/s)", "0.2 N/(m/s)^2", "30 km/h", False),  # up to there it still resists
        ("80 N", "-7 N/(m/s)", "0.2 N/(m/s)^2", "", False),  # lowest 80 - 61.25 N
        ("-5 N", "1 N/(m/s)", "0.4 N/(m/s)^2", "", True),
        ("0 N", "-1 N/(m/s)", "0.4 N/(m/s)^2", "", True),
        ("100 N", "-2 N/(m/s)", "0.4 N/(m/s)^2", "", False),
    ],
)
def test_a_road_load_that_pushes_the_car_is_refused(
    constant: str, linear: str, quadratic: str, top: str, refused: bool
) -> None:
    """Each number passes by itself; a negative linear term alone is normal."""
    text = GOOD.partition("[coast_down]")[0] + (f'top_speed = "{top}"\n' if top else "")
    text += f'[coast_down]\nconstant = "{constant}"\nlinear = "{linear}"\nquadratic = "{quadratic}"\n'
    if not refused:
        assert loads(text, CarFigures, "car.toml").coast_down is not None
        return
    with pytest.raises(InputError, match="road load is below zero") as raised:
        loads(text, CarFigures, "car.toml")
    (problem,) = raised.value.problems
    assert re.fullmatch(r"car.toml:\d+ \(coast_down\)", problem.where) and problem.hint


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        ('[[10, "50 kW"], [80, "30 kW"]]', "outside 0 to 1"),
        ('[[0.8, "30 kW"], [0.1, "50 kW"]]', "do not rise"),
        ('[[0.1, "50 kW"], [0.1, "40 kW"]]', "do not rise"),
        ('[[0.5, "50 kW"]]', "fewer than two points"),
        ("[]", "fewer than two points"),
        ('[[0.1, "-50 kW"], [0.8, "30 kW"]]', "is not more than 0"),
    ],
)
def test_a_charging_curve_that_is_none_is_refused_at_the_door(curve: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as raised:
        loads(f"dc_curve = {curve}\n" + GOOD, CarFigures, "car.toml")
    assert all("dc_curve" in problem.where and problem.hint for problem in raised.value.problems)


def test_what_contradicts_itself_in_several_places_is_told_at_once() -> None:
    text = GOOD.replace("-0.2 lbf/mph", "-2 lbf/mph")
    extra = 'battery_gross_energy = "39 kWh"\nsecond_motor_power = "50 kW"\ndc_curve = [[0.1, "5 kW"]]\n'
    with pytest.raises(InputError) as raised:
        loads(extra + text, CarFigures, "car.toml")
    assert len(raised.value.problems) == 4


def test_a_reference_that_is_no_text_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match="reference"):
        loads(GOOD + "reference = [[1]]\n", CarFigures, "car.toml")


def test_a_ratio_of_too_many_digits_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match="gear_ratio"):
        loads(GOOD.replace("8.19", "9" * 400), CarFigures, "car.toml")


ROLLING = GOOD[: GOOD.index("[coast_down]")] + '[drag_and_tyres]\ndrag_area = "0.65 m2"\nrolling_coefficient = {}\n'


@pytest.mark.parametrize("written", ["0.0095", '"9.5 kg/t"', '"9.5 N/kN"', '"0.95 %"'])
def test_rolling_resistance_is_read_as_labels_and_data_sheets_state_it(written: str) -> None:
    car = loads(ROLLING.format(written), CarFigures, "car.toml")
    assert car.drag_and_tyres is not None
    assert car.drag_and_tyres.rolling_coefficient == pytest.approx(0.0095)


def test_a_drag_coefficient_is_told_where_it_belongs() -> None:
    text = ROLLING.format("0.0095").replace("drag_area =", "drag_coefficient =")
    with pytest.raises(InputError) as refused:
        loads(text, CarFigures, "car.toml")
    hints = {one.what: one.hint for one in refused.value.problems}
    assert "drag_area = Cd x A" in hints["unknown field 'drag_coefficient'"]

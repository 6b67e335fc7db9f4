"""Bounds that exclude one another."""

import shutil
from pathlib import Path

import pytest

from covolt.programme.reading import read_programme
from covolt.study.report.told_apart import contradiction_rows
from covolt.study.verdicts.contradiction import contradiction_notices, contradictions

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def bus(tmp_path):
    return Path(shutil.copytree(EXAMPLES / "city-bus", tmp_path / "bus", ignore=shutil.ignore_patterns("build")))


def edited(bus, name, old, new):
    [path] = bus.glob(f"*/requirements/{name}.toml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return read_programme(bus)


def test_the_battery_of_the_bus_cannot_weigh_both():
    programme = read_programme(EXAMPLES / "city-bus")
    [found] = contradictions(programme)
    assert (found.at_least.id, found.at_most.id, found.unit) == ("B-MASS", "W-BATTERY", "kg")
    assert found.gap == pytest.approx(150.0)
    [notice] = contradiction_notices(programme)
    assert "battery.mass ≥ 2250 kg" in notice.what and "≤ 2100 kg, 150 kg apart" in notice.what
    assert notice.where.startswith("battery-works/requirements/B-MASS.toml:")
    assert notice.hint == "battery-works or bus-works must move its bound"


def test_bounds_that_meet_or_overlap_are_none(bus):
    assert contradictions(edited(bus, "W-BATTERY", "2100 kg", "2250 kg")) == []
    assert contradictions(edited(bus, "W-BATTERY", "2250 kg", "2.3 t")) == []


def test_bounds_in_different_units_are_compared(bus):
    [found] = contradictions(edited(bus, "W-BATTERY", "2100 kg", "2.1 t"))
    assert (found.gap, found.unit) == (pytest.approx(150.0), "kg")


def test_bounds_under_different_conditions_are_none(bus):
    [path] = bus.glob("*/requirements/W-BATTERY.toml")
    path.write_text(path.read_text(encoding="utf-8") + "\n[conditions]\nstate_of_health = 0.8\n", encoding="utf-8")
    assert contradictions(read_programme(bus)) == []


def test_who_may_not_see_a_requirement_is_not_told_of_it():
    programme = read_programme(EXAMPLES / "city-bus")
    [row] = contradiction_rows(programme, set())
    assert (row.at_least.owner, row.at_most.owner) == ("battery-works", "bus-works")
    assert contradiction_rows(programme, {"B-MASS"}) == ()


def test_the_city_car_asks_for_nothing_impossible():
    assert contradictions(read_programme(EXAMPLES / "city-car")) == []

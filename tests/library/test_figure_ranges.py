"""Figures of cars that nobody can have are refused, alone and beside each other; every number of a car file counts."""

import tomllib
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

import equinox as eqx
import jax
import numpy as np
import pytest

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared, Model
from covolt.contract.document import validate
from covolt.errors import InputError
from covolt.library.build import car
from covolt.library.figure_ranges import RANGES
from covolt.library.figures import CarFigures
from covolt.library.plausible import implausible

NAMES = sorted(one.name for one in files("covolt.library").joinpath("cars").iterdir() if one.name.endswith(".toml"))
MORE: dict[str, Any] = {
    "battery_gross_energy": "84 kWh",
    "battery_voltage": "350 V",
    "battery_mass": "480 kg",
    "motor_torque": "350 Nm",
    "dc_power": "180 kW",
    "charging_above": "-10 degC",
    "freezing_charge_ratio": 0.5,
    "auxiliary_power": "300 W",
}


def shipped(name: str) -> dict[str, Any]:
    return tomllib.loads(files("covolt.library").joinpath("cars", name).read_text(encoding="utf-8"))


def table() -> dict[str, Any]:
    return MORE | shipped("model-3-lr-awd.toml")


def read(given: dict[str, Any]) -> CarFigures:
    return validate(given, CarFigures, "car.toml")


def with_number(given: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(given)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


def moved(value: Any, factor: float) -> Any:
    if not isinstance(value, str):
        return factor * value
    number, _, unit = value.partition(" ")
    return f"{factor * float(number)!r} {unit}"


def numbers(given: dict[str, Any], place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Places of every quantity of a car, without what is only compared with."""
    found: list[tuple[str, ...]] = []
    for name, value in given.items():
        if isinstance(value, dict) and name != "measured":
            found += numbers(value, (*place, name))
        elif not isinstance(value, dict | bool) and str(value)[:1] in "-0123456789":
            found.append((*place, name))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_ships_is_plausible(name: str) -> None:
    read(shipped(name))


@pytest.mark.parametrize("place", RANGES, ids=".".join)
@pytest.mark.parametrize("end", [0, 1])
def test_a_number_beyond_its_range_is_refused_with_the_range(place: tuple[str, ...], end: int) -> None:
    given = table()
    if place[0] == "drag_and_tyres":
        del given["coast_down"]
        given["drag_and_tyres"] = {"drag_area": "0.6 m2", "rolling_coefficient": 0.009}
    limit = RANGES[place][end]
    unit = units.unit_of(limit)
    beyond = units.parse(limit, unit.si) + (-1e-3 if end == 0 else 1e-3) * abs(units.parse(limit, unit.si))
    stated = beyond if unit.si == "1" else f"{beyond!r} {unit.si}"
    with pytest.raises(InputError) as raised:
        read(with_number(given, place, stated))
    text = str(raised.value)
    assert f"is not between {RANGES[place][0]} and {RANGES[place][1]}" in text and place[-1] in text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"wheel_radius": "33 m", "second_motor_power": "1 W"},
            ("wheel_radius 33 m", "second_motor_power 1 W"),
        ),
        ({"battery_mass": "2200 kg"}, ("heavier than the vehicle",)),
        ({"battery_mass": "150 kg"}, ("Wh/kg",)),
        ({"motor_power": "100 MW"}, ("motor_power",)),
        ({"motor_power": "2.5 MW", "second_motor_power": None}, ("W/kg",)),
        ({"second_motor_power": "3 kW"}, ("drives nothing",)),
        ({"motor_torque": "3 kNm"}, ("times the weight",)),
        ({"motor_torque": "12 kNm", "gear_ratio": None}, ("motor_torque",)),
        ({"gear_ratio": 50.0}, ("rpm",)),
        ({"battery_voltage": "48 V"}, (" A",)),
        ({"dc_power": "4 MW", "dc_curve": None}, ("min",)),
        (
            {"coast_down": {"constant": "34.98 N", "linear": "200 N/(m/s)", "quadratic": "0.3 N/(m/s)^2"}},
            ("road load",),
        ),
    ],
)
def test_numbers_that_do_not_belong_together_are_refused(changed: dict[str, Any], told: tuple[str, ...]) -> None:
    given = {name: value for name, value in (table() | changed).items() if value is not None}
    with pytest.raises(InputError) as raised:
        read(given)
    for words in told:
        assert any(one in str(raised.value) for one in words.split("|")), str(raised.value)


@cache
def leaves(key: str) -> tuple[np.ndarray, ...]:
    vehicle = car(read(tomllib.loads(key)))
    return tuple(np.asarray(leaf) for leaf in jax.tree.leaves(eqx.filter(vehicle, eqx.is_array)))


@pytest.mark.parametrize("place", numbers(table()), ids=".".join)
def test_every_number_of_a_car_file_moves_the_vehicle(place: tuple[str, ...]) -> None:
    import tomlkit

    given = table()
    if place == ("dc_power",):
        del given["dc_curve"]
    inner: Any = given
    for name in place:
        inner = inner[name]
    before, after = (leaves(tomlkit.dumps(with_number(given, place, moved(inner, by)))) for by in (1.0, 0.97))
    assert not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_what_could_be_read_is_judged_beside_what_could_not() -> None:
    given = shipped("model-3-lr-awd.toml") | {
        "battery_energy": "50 Wh",
        "motor_power": "110 W",
        "dc_curve": [[10, "50 kW"], [80, "30 kW"]],
        "drag_and_tyres": {"drag_area": "0.28", "rolling_coefficient": "8"},
    }
    del given["coast_down"]
    with pytest.raises(InputError) as raised:
        read(given)
    told = [one.what for one in raised.value.problems]
    for words in (
        "'0.28'",
        "10 to 80 lie outside",
        "battery_energy 0.05 kWh",
        "motor_power 110 W",
        "rolling_coefficient 8",
    ):
        assert sum(words in one for one in told) == 1, told
    assert len(told) == 5


@pytest.mark.parametrize(
    ("fills", "declared", "told"),
    [
        ("battery", {"mass": "0 kg"}, "mass 0 kg: every such part has more than 0 of it"),
        ("battery", {"energy_usable": "0 kWh"}, "energy_usable 0 kWh"),
        ("battery", {"mass": "1 kg", "energy_usable": "36 kWh"}, "36.0 kWh in 1 kg: more than 500 Wh/kg"),
        ("body", {"mass": "0 kg"}, "mass 0 kg"),
        ("tyre", {"mass": "0 kg"}, None),
        ("gearbox", {"ratio": 0.0}, "ratio 0"),
        ("tyre", {"rolling_radius": "0 m"}, "rolling_radius 0 m"),
        ("battery", {"mass": "240 kg", "energy_usable": "36 kWh"}, None),
        ("auxiliary", {"power_driving": "0 W"}, None),
    ],
)
def test_a_part_of_nothing_is_refused(fills, declared, told):
    numbers = {name: Declared(value=value, basis="estimate") for name, value in declared.items()}
    sheet = Datasheet(id="x", party="y", fills=fills, version="1.0.0", declared=numbers, model=Model(kind="z"))
    said = [one.what for one in implausible(sheet)]
    assert said == [] if told is None else any(one.startswith(told) for one in said), said


@pytest.mark.parametrize(("fills", "refused"), [("battery", True), ("tyre", False)])
def test_a_u_that_leaves_nothing_is_refused_where_every_part_has_some(fills, refused):
    def told(u):
        numbers = {"mass": Declared(value="260 kg", u=u, basis="estimate")}
        sheet = Datasheet(id="x", party="y", fills=fills, version="1.0.0", declared=numbers, model=Model(kind="z"))
        return [one.what for one in implausible(sheet) if "with less by its u" in str(one.what)]

    assert bool(told("300 kg")) == bool(told("260 kg")) == refused
    assert not told("259 kg")

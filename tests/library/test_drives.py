"""Drives by name: what a person writes first, and what is wrong with it."""

import json
import warnings

import pytest
from typer.testing import CliRunner

import covolt
from covolt.cli.application import app
from covolt.errors import InputError


def test_defaults_are_those_of_the_command():
    said = json.loads(CliRunner().invoke(app, ["drive", "leaf-40", "--cycle", "udds", "--json"]).stdout)
    trace = covolt.simulate("leaf-40", "udds")
    assert trace.result.range_m / 1e3 == pytest.approx(said["result"]["range_km"], rel=1e-5)
    assert trace.result.plug_energy_J == pytest.approx(said["result"]["plug_energy_J"], rel=1e-9)
    assert trace.result.name == said["car"]["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"tset_mass": 3000.0},
        {"test_mass": -1602.0},
        {"layout": "FWD"},
        {"battery_energy": 52.0},
        {"battery_energy": "40"},
    ],
)
def test_a_figure_that_no_car_has_is_refused_whichever_way_it_is_given(change):
    leaf = covolt.car_figures("leaf-40")
    for way in (lambda: leaf.replace(**change), lambda: leaf.model_copy(update=change)):
        with pytest.raises(InputError, match=next(iter(change))):
            way()


def test_a_replaced_figure_leaves_the_others():
    leaf = covolt.car_figures("leaf-40")
    other = leaf.replace(battery_energy="36 kWh", motor_power=100e3)
    assert (other.battery_energy, other.motor_power) == (129.6e6, 100e3)
    assert other.replace(battery_energy=leaf.battery_energy, motor_power=leaf.motor_power) == leaf


def test_a_mission_and_conditions_beside_it_are_one_too_many():
    with pytest.raises(InputError, match="carries its own conditions"):
        covolt.simulate("leaf-40", covolt.follow_cycle("udds"), covolt.Conditions())


def test_the_front_door_lists_what_it_opens():
    assert set(dir(covolt)) == {*covolt.__all__, "__version__"}
    for name in covolt.__all__:
        assert getattr(covolt, name) is not None
    assert covolt.__version__.count(".") == 2
    with pytest.raises(AttributeError):
        covolt.nothing  # noqa: B018  looking is what is tried


@pytest.mark.parametrize(
    ("old", "new"), [("car", "load_car"), ("standard", "standard_cycle"), ("follow", "follow_cycle")]
)
def test_old_names_open_still_and_say_the_new_one(old, new):
    with pytest.warns(DeprecationWarning, match=f"covolt.{old} is now {new}"):
        assert callable(getattr(covolt, old))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert callable(getattr(covolt, new))

"""Drives by name: what a person writes first, and what is wrong with it."""

import json
import warnings

import numpy as np
import pytest
from typer.testing import CliRunner

import covolt
from covolt.cli.application import app
from covolt.errors import InputError


def test_five_lines_from_import_to_a_plot_of_range_over_battery_and_temperature():
    """As a notebook has them; matplotlib is the reader's own, the data is drawn as it comes."""
    lines = """
import covolt
data = covolt.sweep("leaf-40", battery_energy=["36 kWh", "44 kWh"], ambient=["-10 degC", "23 degC"], cycle="udds")
range_km = data.range_m / 1e3
picture = {float(warm): column.values.tolist() for warm, column in range_km.groupby("ambient", squeeze=False)}
"""
    found: dict = {}
    exec(lines, found)
    data = found["data"]
    assert data.range_m.dims == ("battery_energy", "ambient")
    assert data.battery_energy.attrs["units"] == "J"
    assert np.allclose(data.ambient, [263.15, 296.15])
    assert (np.diff(data.range_m, axis=0) > 0.0).all(), "more energy, more range"
    assert (np.diff(data.range_m, axis=1) > 0.0).all(), "warmer, more range"
    assert bool(data.completed.all())


def test_defaults_are_those_of_the_command():
    said = json.loads(CliRunner().invoke(app, ["drive", "leaf-40", "--cycle", "udds", "--json"]).stdout)
    trace = covolt.simulate("leaf-40", "udds")
    assert trace.result.range_m / 1e3 == pytest.approx(said["result"]["range_km"], rel=1e-5)
    assert trace.result.plug_energy_J == pytest.approx(said["result"]["plug_energy_J"], rel=1e-9)
    assert trace.result.name == said["car"]["id"]


def test_a_sweep_is_what_the_drives_are_one_by_one():
    data = covolt.sweep("leaf-40", test_mass=[1600.0, 1800.0], cycle=["udds", "hwfet"], payload="75 kg")
    conditions = covolt.Conditions(comforts_on=True, payload_kg=75.0)
    for mass_kg in (1600.0, 1800.0):
        for cycle in ("udds", "hwfet"):
            car = covolt.car_figures("leaf-40").replace(test_mass=mass_kg)
            alone = covolt.simulate(car, cycle, conditions).result
            swept = data.sel(test_mass=mass_kg, cycle=cycle)
            assert float(swept.range_m) == pytest.approx(alone.range_m, rel=1e-9)
            assert float(swept.plug_energy_J) == pytest.approx(alone.plug_energy_J, rel=1e-9)


def test_everything_wrong_with_a_sweep_is_told_at_once():
    with pytest.raises(InputError) as refused:
        covolt.sweep("leaf-40", batery_energy=["36 kWh"], layout="FWD", ambient=["-20", "cold"], cycle=["uds"])
    said = str(refused.value)
    for one in ("did you mean 'battery_energy'?", "'FWD'", "a bare number has no unit: '-20'", "'cold'"):
        assert one in said
    with pytest.raises(InputError, match="there is no cycle named"):
        covolt.sweep("leaf-40", cycle="wltc-3c")


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

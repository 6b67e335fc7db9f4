"""Sweeps: every combination as it is driven alone, wrong names and values told at once, corners that fail told where they lie."""

import warnings

import numpy as np
import pytest

import covolt
from covolt.errors import InputError
from covolt.library.spread import Spread

FIVE_LINES = """
import covolt
energies, weather = ["36 kWh", "40 kWh", "44 kWh"], ["-10 degC", "23 degC"]
data = covolt.sweep("leaf-40", battery_energy=energies, ambient=weather, cycle="udds")
picture = covolt.plot(data.range_m)
picture.save("range.html")
"""


def test_five_lines_from_import_to_a_plot_of_range_over_battery_and_temperature(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    assert len(FIVE_LINES.strip().splitlines()) == 5
    exec(FIVE_LINES, found)
    data = found["data"]
    assert data.range_m.dims == ("battery_energy", "ambient")
    assert data.battery_energy.attrs["units"] == "J"
    assert np.allclose(data.ambient, [263.15, 296.15])
    assert (np.diff(data.range_m, axis=0) > 0.0).all(), "more energy, more range"
    assert (np.diff(data.range_m, axis=1) > 0.0).all(), "warmer, more range"
    assert bool(data.completed.all())
    drawn = (tmp_path / "range.html").read_text(encoding="utf-8")
    for value in data.range_m.values.ravel() / 1e3:
        assert f">{value:.4g}</text>" in drawn
    for text in ("range, full to empty, km", "battery energy, kWh", "ambient, °C", ">44</text>", ">−10</text>"):
        assert text in drawn


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


def test_names_that_nobody_knows_are_refused_with_the_nearest():
    with pytest.raises(InputError) as refused:
        covolt.sweep("leaf-40", ambeint="0 degC", cycel="udds", test_mass=[], title="x")
    said = str(refused.value)
    assert "did you mean 'ambient'?" in said
    assert "did you mean 'cycle'?" in said
    assert "sweep: test_mass: no value" in said
    assert "nothing of a drive is called 'title'" in said


def test_a_corner_that_fails_is_no_number_and_says_why():
    data = covolt.sweep(
        "leaf-40",
        battery_energy=["36 kWh", "60 kWh"],
        battery_gross_energy=["50 kWh", "65 kWh"],
        motor_power=["20 kW", "110 kW"],
        cycle="us06",
    )
    assert data.range_m.dims == ("battery_energy", "battery_gross_energy", "motor_power")
    smaller = data.sel(battery_energy=60 * 3.6e6, battery_gross_energy=50 * 3.6e6)
    assert {str(one) for one in smaller.reason.values} == {"the battery holds less than can be used of it"}
    weak = data.sel(battery_energy=36 * 3.6e6, motor_power=20e3)
    assert all("gives no more torque" in str(one) for one in weak.reason.values)
    failed = data.reason.values != ""
    assert failed.sum() == 5
    for name in ("range_m", "plug_consumption_J_per_m", "state_of_charge"):
        assert np.array_equal(np.isnan(data[name]), failed)
    assert np.array_equal(data.completed, ~failed)


def test_a_value_with_which_nothing_can_be_made_is_refused():
    with pytest.raises(InputError, match="heavier than a vehicle"):
        covolt.sweep("leaf-40", battery_energy=["36 kWh", "900 kWh"], cycle="udds")


def test_numbers_of_an_array_and_cycles_of_ones_own_make_axes():
    commute = covolt.Cycle("commute", "", [0.0, 30.0, 60.0, 90.0], [0.0, 15.0, 15.0, 0.0])
    data = covolt.sweep(
        "leaf-40", test_mass=np.array([1600.0, 1800.0]), cycle=[commute, "udds"], start_state_of_charge=["80 %", 0.5]
    )
    assert data.range_m.dims == ("test_mass", "cycle", "start_state_of_charge")
    assert data.cycle.values.tolist() == ["commute", "udds"]
    assert data.test_mass.values.tolist() == [1600.0, 1800.0]
    used = data.start_state_of_charge - data.state_of_charge
    assert (used > 0.0).all()
    assert float(used.sel(cycle="udds").mean()) > float(used.sel(cycle="commute").mean())


def test_progress_counts_every_drive():
    told: list[tuple[int, int]] = []
    covolt.sweep(
        "leaf-40",
        test_mass=[1600.0, 1800.0],
        cycle=["udds", "hwfet"],
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(2, 4), (4, 4)]


def test_a_battery_that_grows_without_its_mass_is_told():
    size = {"battery_energy": ["36 kWh", "40 kWh"], "cycle": "udds"}
    alone = covolt.sweep("leaf-40", **size)
    assert "test_mass stayed" in alone.attrs["alone"]
    assert "alone" not in covolt.sweep("leaf-40", test_mass=["1600 kg", "1650 kg"], **size).attrs
    with pytest.raises(InputError, match=r"(?s)Dataset is not one number.*data\.range_m"):
        covolt.plot(alone)


def test_no_mission_is_refused():
    with pytest.raises(InputError, match="None is neither a cycle"):
        covolt.simulate("leaf-40", None)


def test_a_range_without_end_has_no_uncertainty_and_warns_nobody():
    spread = Spread(("one",), (1.0,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = spread.uncertainty(np.array([[np.inf, 1.0], [np.inf, 1.1], [np.inf, 0.9]]))
    assert not np.isfinite(found[0])
    assert found[1] == pytest.approx(0.2)

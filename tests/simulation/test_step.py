"""The one step: what it does at rest, on slopes, while coasting and parked, and what it tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.sample import LABORATORY, compact, mission, with_leaf

from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission, coast_down
from covolt.simulation.run import setting_of, simulate
from covolt.simulation.step import Request, step
from covolt.simulation.trace import unit_of


def standing(slope: float, **conditions: float) -> Mission:
    profile = {"target_m_per_s": np.zeros(60), "slope_fraction": np.full(60, slope)}
    return Mission("standing", profile, 1.0, 0.0, Conditions(**conditions))


def steady_on(slope: float, conditions: Conditions = LABORATORY) -> Mission:
    profile = {"target_m_per_s": np.full(100, 20.0), "slope_fraction": np.full(100, slope)}
    return Mission("steady", profile, 1.0, 20.0, conditions)


def single_step(conditions: Conditions, request: Request) -> dict[str, Any]:
    """Signals of one step from standstill, not compiled."""
    setting = setting_of(mission(conditions))
    placed = compact().at(setting.ambient, setting.payload_kg, setting.comfort, setting.dynamometer)
    return step(placed, placed.start(setting.soak), request, 1.0)[1]


@pytest.mark.parametrize("slope", [0.0, 0.12, -0.12])
def test_a_car_that_shall_stand_stands(slope: float) -> None:
    trace = simulate(compact(), standing(slope))
    assert trace.outcome.completed, trace.outcome.reason
    assert np.all(trace["speed_m_per_s"] == 0.0)
    assert np.all(trace["wheel_power_W"] == 0.0)
    assert np.all(trace["battery_power_W"] < 0.0)


def test_a_car_that_cannot_climb_does_not_roll_back() -> None:
    trace = simulate(compact(), mission(slope=0.6))
    assert trace["speed_m_per_s"].min() == 0.0
    assert trace["speed_m_per_s"].max() < 1.0


def test_a_brake_never_pushes() -> None:
    weak = with_leaf(compact(), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 70.0)
    trace = simulate(weak, mission(slope=[0.0, 0.0, 0.0, 0.0, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]))
    worst = int(np.argmin(trace["friction_brake_power_W"]))
    assert trace["friction_brake_power_W"][worst] >= -1e-6, f"at {trace.time_s[worst]:g} s"


def test_speed_is_met_exactly_where_nothing_binds() -> None:
    trace = simulate(compact(), mission())
    assert np.allclose(trace["speed_m_per_s"], trace["target_speed_m_per_s"], atol=1e-9)
    assert np.all(trace["limit"] == 0.0)


def test_braking_to_rest_recuperates_until_it_fades() -> None:
    trace = simulate(compact(), mission(Conditions(state_of_charge=0.5, on_dynamometer=True)))
    before = np.concatenate([[0.0], trace["speed_m_per_s"][:-1]])
    middle = 0.5 * (before + trace["speed_m_per_s"])
    braking = (trace["speed_m_per_s"] < before) & (middle > 2.5) & (middle < 12.0)
    assert braking.sum() >= 3
    assert trace["wheel_power_W"][braking].min() < -2e4
    assert np.allclose(trace["friction_brake_power_W"][braking], 0.0, atol=1e-6)
    last = np.nonzero(middle > 0.0)[0][-1]
    assert middle[last] < 2.0
    assert trace["friction_brake_power_W"][last] > 0.0


def test_coasting_leaves_the_wheels_alone() -> None:
    trace = simulate(compact(), coast_down(20.0, 60.0, LABORATORY))
    assert np.allclose(trace["wheel_force_N"], 0.0)
    assert np.allclose(trace["friction_brake_power_W"], 0.0)
    assert np.all(np.diff(trace["speed_m_per_s"]) < 0.0)


def test_a_parked_car_takes_its_key_off_load_only() -> None:
    signals = single_step(Conditions(comforts_on=True), Request(0.0, parked_fraction=1.0))
    load_W = float(compact().auxiliary.key_off_load_W / compact().auxiliary.converter_efficiency)
    assert float(signals["auxiliary_power_W"]) == pytest.approx(load_W)
    assert float(signals["climate_power_W"]) == 0.0
    assert -float(signals["battery_power_W"]) == pytest.approx(load_W, rel=1e-6)


def test_a_climb_costs_its_height() -> None:
    flat, climb = (steady_on(slope) for slope in (0.0, 0.05))
    more_W = simulate(compact(), climb)["wheel_power_W"] - simulate(compact(), flat)["wheel_power_W"]
    weight_N = float(compact().body.mass_kg) * 9.80665
    assert np.allclose(more_W, weight_N * 20.0 * 0.05 / np.hypot(1.0, 0.05), rtol=1e-9)


def test_cold_tyres_roll_harder_and_warm_up() -> None:
    trace = simulate(compact(), steady_on(0.0, Conditions(ambient_temperature_K=ZERO_CELSIUS_K - 20.0)))
    assert np.all(np.diff(trace["tyre_temperature_K"]) > 0.0)
    assert np.all(np.diff(trace["rolling_power_W"][1:]) < 0.0)


def test_heat_that_is_given_replaces_the_climate_model() -> None:
    cold = Conditions(ZERO_CELSIUS_K - 5.0, comforts_on=True)
    modelled = single_step(cold, Request(0.0))
    given = single_step(cold, Request(0.0, heater_power_W=1500.0, air_conditioning_power_W=0.0))
    assert float(modelled["climate_power_W"]) > 3000.0
    assert float(given["climate_power_W"]) == pytest.approx(1500.0, rel=1e-6)


def test_every_signal_says_its_unit() -> None:
    bare = {name for name in simulate(compact(), mission()).names if unit_of(name) == "1"}
    assert bare == {"state_of_charge", "limit", "front_gear", "outside_map_flag"}

"""The one step: what it does at rest, on slopes, while coasting and parked, and what it tells."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from tests.sample import LABORATORY, compact, mission, with_leaf

from covolt.library.build import car
from covolt.library.cars import figures as shipped
from covolt.simulation.cycles import standard
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission, coast_down, follow, full_throttle
from covolt.simulation.run import setting_of, simulate
from covolt.simulation.step import Request, _drawn, _reachable_m_per_s, _Resisting, step
from covolt.simulation.trace import unit_of
from covolt.vehicle.part import GRAVITY_m_per_s2


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


def test_a_wind_faster_than_the_car_pushes_it() -> None:
    """It once braked: f2 (v + w)^2 has no sign, so that 30 m/s from behind at 10 m/s cost what 10 m/s from ahead cost."""
    weather = [Conditions(ZERO_CELSIUS_K + 20.0, wind_m_per_s=wind) for wind in (10.0, 0.0, -5.0, -10.0, -15.0, -30.0)]
    creep = {"target_m_per_s": np.full(60, 3.0), "slope_fraction": np.zeros(60)}
    needed_J = [
        float(simulate(compact(), Mission("creep", creep, 1.0, 3.0, here))["wheel_power_W"].sum()) for here in weather
    ]
    assert all(more > less + 100.0 for more, less in itertools.pairwise(needed_J))


@pytest.mark.parametrize("wind", [-40.0, -10.0, 12.0])
def test_full_throttle_through_the_speed_of_the_wind_meets_the_force_of_the_air(wind: float) -> None:
    start = full_throttle(12.0, Conditions(ZERO_CELSIUS_K + 20.0, wind_m_per_s=wind))
    profile = dict(start.profile) | {"slope_fraction": np.zeros(start.count)}
    trace = simulate(compact(), Mission("start", profile, start.dt_s, 0.0, start.conditions))
    v, body = trace["mean_speed_m_per_s"], compact().body
    density_ratio = 1.2041 / float(body.reference_density_kg_per_m3)
    f2, f1 = float(body.quadratic_N_s2_per_m2) * density_ratio, float(body.linear_N_s_per_m)
    rest_N = float(body.constant_N) * (1.0 - float(body.tyre_fraction)) + f1 * v
    air_N = f2 * (v + wind) * np.abs(v + wind)
    moving = v > 0.5
    assert np.allclose(trace["air_power_W"][moving], (air_N * v)[moving], rtol=1e-3, atol=1.0)
    assert np.allclose(trace["driveline_power_W"][moving], (rest_N * v)[moving], rtol=1e-6)


@pytest.mark.parametrize("name", ["kona-electric", "leaf-40"])
def test_no_line_of_the_road_load_is_less_than_nothing(name: str) -> None:
    """The Kona's linear term is negative: as a line of its own it once gave 129.8 Wh back as "driveline and bearings"."""
    given = car(shipped(name))
    trace = simulate(given, follow(standard("hwfet"), LABORATORY))
    account = trace.ledger
    lines = [account.energy_J(line) for line in ("rolling", "bearings and rest of road load", "air drag")]
    assert min(lines) > 0.0
    f0, f1, f2 = (
        float(getattr(given.body, f"{n}")) for n in ("constant_N", "linear_N_s_per_m", "quadratic_N_s2_per_m2")
    )
    v = trace["mean_speed_m_per_s"]
    assert sum(lines) == pytest.approx(float(np.sum((f0 + f1 * v + f2 * v * v) * v)), rel=1e-4)
    assert lines[1] == pytest.approx(float(np.sum((0.15 * f0 + max(f1, 0.0) * v) * v)), rel=1e-2)


def placed_in(conditions: Conditions) -> tuple[Any, Any]:
    setting = setting_of(mission(conditions))
    placed = compact().at(setting.ambient, setting.payload_kg, setting.comfort, setting.dynamometer)
    return placed, placed.start(setting.soak)


def test_comfort_takes_what_auxiliaries_leave_of_the_battery() -> None:
    placed, state = placed_in(Conditions(comforts_on=True, ambient_temperature_K=253.15))
    still = Request(0.0)
    whole = _drawn(placed, state, still, 1e6)
    loads_W, comfort_W = float(whole.auxiliary_W), float(whole.climate_W + whole.conditioning_W)
    assert loads_W > 100.0
    assert comfort_W > 1000.0
    part = _drawn(placed, state, still, loads_W + 0.4 * comfort_W)
    assert float(part.auxiliary_W) == pytest.approx(loads_W)
    for name in ("climate_W", "conditioning_W", "heat_to_cabin_W", "heating_W", "cooling_W"):
        assert float(getattr(part, name)) == pytest.approx(0.4 * float(getattr(whole, name)), rel=1e-5), name
    least = _drawn(placed, state, still, 0.5 * loads_W)
    assert (float(least.auxiliary_W), float(least.total_W)) == pytest.approx((0.5 * loads_W, 0.5 * loads_W))
    parked = _drawn(placed, state, still._replace(parked_fraction=1.0), 1e6)
    assert float(parked.total_W) == pytest.approx(float(placed.auxiliary.key_off_W))


@pytest.mark.parametrize("v0", [0.5, 25.0])
def test_limits_are_read_within_what_peak_power_grip_and_brakes_reach(v0: float) -> None:
    """Half a step at the force of peak power, at most that of grip, less the resistance; or braked at the limit of grip."""
    placed, state = placed_in(LABORATORY)
    state = state._replace(speed_m_per_s=v0)
    resistance = _Resisting(placed, state, Request(v0), v0)
    mass_kg, resisting_N = float(placed.resistance.equivalent_mass_kg), float(resistance.force_N(v0))
    grip_N = GRAVITY_m_per_s2 * float(placed.vehicle.tyre.grip_coefficient * placed.resistance.mass_kg)
    pull_N = min(grip_N, float(placed.vehicle.axles[0].drive_unit.machine.peak_power_W) / max(v0, 1.0)) - resisting_N
    assert pull_N > 0.0
    slowest, fastest = max(v0 - 0.1 * (grip_N + resisting_N) / mass_kg, 0.0), v0 + 0.1 * pull_N / mass_kg
    for asked, reached in ((0.0, slowest), (v0, v0), (90.0, fastest)):
        assert float(_reachable_m_per_s(placed, state, resistance, asked, 0.2)) == pytest.approx(reached)


@pytest.mark.parametrize(("v0", "wind", "grip"), [(20.0, 5.0, 1.0), (20.0, -30.0, 1.0), (0.02, 0.0, 0.4)])
def test_resistance_is_the_sum_of_its_terms(v0: float, wind: float, grip: float) -> None:
    """m g sin(atan s) + c0 warmed + c1 v + c2 (v + w) |v + w|, grown in over the first 0.05 m/s; its derivative by speed."""
    placed, state = placed_in(Conditions(ambient_temperature_K=268.15, wind_m_per_s=wind))
    state = state._replace(speed_m_per_s=v0)
    found, r = _Resisting(placed, state, Request(v0, slope_fraction=0.3), v0), placed.resistance
    cold = float(placed.vehicle.tyre.resistance_factor(state.tyre)) - 1.0
    assert cold > 0.05
    rolling_N = float(r.rolling_N) * (1.0 + float(r.tyre_warmth_fraction) * cold) * grip
    assert float(found.rolling_N) == pytest.approx(rolling_N)
    climbing_N = float(r.mass_kg) * GRAVITY_m_per_s2 * np.sin(np.arctan(0.3))
    assert float(found.slope_N) == pytest.approx(climbing_N)
    through, quadratic = v0 + wind, float(r.quadratic_N_s2_per_m2) * grip
    air_N = quadratic * through * abs(through)
    whole_N = climbing_N + rolling_N + float(r.constant_N) * grip + float(r.linear_N_s_per_m) * v0 + air_N
    assert float(found.force_N(v0)) == pytest.approx(whole_N)
    slope = float(r.linear_N_s_per_m) + 2.0 * abs(through) * quadratic
    assert float(found.slope_N_s_per_m(v0)) == pytest.approx(slope)
    linear = float(r.linear_N_s_per_m)
    assert float(found.of_fit_N(v0)) == pytest.approx(
        max(quadratic * v0**2 + min(linear, 0.0) * v0, 0.0) - quadratic * v0**2
    )

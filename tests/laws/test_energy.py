"""Laws that hold for every vehicle, weather and road: joules are kept, more resistance never costs less, limits hold."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.sample import CORNERS_s, compact, compiled_step, mission, with_leaf

from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission
from covolt.simulation.run import setting_of, simulate
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.part import GRAVITY_m_per_s2

FACTORS: dict[str, tuple[Any, float, float]] = {
    "mass": (lambda v: v.body.mass_kg, 0.5, 2.0),
    "rolling": (lambda v: v.body.constant_N, 0.2, 3.0),
    "linear": (lambda v: v.body.linear_N_s_per_m, -1.0, 2.0),
    "air": (lambda v: v.body.quadratic_N_s2_per_m2, 0.5, 2.0),
    "tyres": (lambda v: v.body.tyre_fraction, 0.0, 1.1),
    "radius": (lambda v: v.tyre.radius_m, 0.7, 1.5),
    "grip": (lambda v: v.tyre.grip_coefficient, 0.1, 1.1),
    "constant loss": (lambda v: v.axles[0].drive_unit.constant_W, 0.0, 3.0),
    "torque loss": (lambda v: v.axles[0].drive_unit.torque_squared_W_per_Nm2, 0.2, 10.0),
    "peak power": (lambda v: v.axles[0].drive_unit.machine.peak_power_W, 0.1, 2.0),
    "peak torque": (lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 0.2, 2.0),
    "ratio": (lambda v: v.axles[0].gearbox.ratio, 0.6, 1.6),
    "mesh": (lambda v: v.axles[0].gearbox.mesh_efficiency, 0.8, 1.0),
    "units": (lambda v: v.axles[0].unit_count, 1.0, 2.0),
    "cell count": (lambda v: v.battery.parallel_count, 0.05, 2.0),
    "resistance": (lambda v: v.battery.resistance_ratio, 0.3, 5.0),
    "recuperation": (lambda v: v.brake.recuperation_fraction, 0.0, 1.0),
    "loads": (lambda v: v.auxiliary.moving_load_W, 0.0, 5.0),
}
HIGHEST_KINETIC_J = 1e6
"""Of a car of 2 t at 110 km/h: each step's sum is rounded at that scale."""
EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True)
Factors = dict[str, float]
ANY_CAR = st.fixed_dictionaries({name: st.floats(low, high) for name, (_, low, high) in FACTORS.items()})


def scaled(factors: Factors) -> Vehicle:
    """The compact car with some of its parameters multiplied: one structure, so that nothing is compiled twice."""
    places = [FACTORS[name][0] for name in factors]
    values = tuple(place(compact()) * factor for place, factor in zip(places, factors.values(), strict=True))
    return with_leaf(compact(), lambda v: tuple(place(v) for place in places), values)


@st.composite
def conditions(draw: st.DrawFn) -> Conditions:
    return Conditions(
        ambient_temperature_K=ZERO_CELSIUS_K + draw(st.floats(-40.0, 45.0)),
        pressure_Pa=draw(st.floats(60e3, 105e3)),
        wind_m_per_s=draw(st.floats(-12.0, 15.0)),
        sun_W_per_m2=draw(st.floats(0.0, 1000.0)),
        payload_kg=draw(st.floats(0.0, 800.0)),
        on_dynamometer=draw(st.booleans()),
        comforts_on=draw(st.booleans()),
        lights_on=draw(st.booleans()),
        preconditioning=draw(st.booleans()),
        state_of_charge=draw(st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 0.01, 1.0]))),
        battery_temperature_K=draw(st.one_of(st.none(), st.floats(240.0, 325.0))),
    )


@st.composite
def missions(draw: st.DrawFn, *, steepest: float = 0.15) -> Mission:
    slope = draw(st.lists(st.floats(-steepest, steepest), min_size=len(CORNERS_s), max_size=len(CORNERS_s)))
    errand = mission(draw(conditions()), slope=slope)
    speed = errand.profile["target_m_per_s"] * draw(st.floats(0.2, 2.0))
    return Mission(
        errand.name, dict(errand.profile) | {"target_m_per_s": speed}, draw(st.sampled_from([0.5, 1.0, 2.0])),
        0.0, errand.conditions,
    )  # fmt: skip


@EXAMPLES
@given(factors=ANY_CAR, drive=missions(steepest=0.4))
def test_every_joule_is_accounted_for(factors: Factors, drive: Mission) -> None:
    trace = simulate(scaled(factors), drive)
    assert np.all(np.isfinite(trace.values))
    # What a step's root leaves of its own rounding, against the kinetic energy of the vehicle, not the little that moved.
    floor_J = 1e-15 * HIGHEST_KINETIC_J
    assert all(abs(residual) < 1e-12 * trace.ledger.moved_J + floor_J for _, residual in trace.ledger.residuals)
    kinds = {
        kind: sum(e.energy_J for e in trace.ledger.entries if e.kind == kind) for kind in ("source", "sink", "store")
    }
    assert abs(kinds["source"] - kinds["sink"] - kinds["store"]) < 1e-11 * trace.ledger.moved_J + floor_J


@EXAMPLES
@given(factors=ANY_CAR, drive=missions(steepest=0.4))
def test_each_step_turns_force_into_kinetic_energy(factors: Factors, drive: Mission) -> None:
    vehicle = scaled(factors)
    trace = simulate(vehicle, drive)
    body = vehicle.body
    # The compact car's coast-down is the EPA's: on rollers its test weight is the whole inertia.
    turning_kg = 0.0 if drive.conditions.on_dynamometer else body.rotating_mass_kg
    m = float(body.mass_kg + turning_kg) + drive.conditions.payload_kg
    before = np.concatenate([[0.0], trace["speed_m_per_s"][:-1]])
    gained_W = 0.5 * m * (trace["speed_m_per_s"] ** 2 - before**2) / drive.dt_s
    spent_W = sum(trace[f"{name}_power_W"] for name in ("friction_brake", "rolling", "driveline", "air", "slope"))
    moved_W = np.abs(trace["wheel_power_W"]) + np.abs(spent_W) + np.abs(gained_W) + 1.0
    # The root of the step's quadratic is good to about 1e-12 of the speed, which counts against the inertia.
    assert np.all(np.abs(trace["wheel_power_W"] - spent_W - gained_W) < 1e-8 * moved_W)
    middle = 0.5 * (before + trace["speed_m_per_s"])
    mean = trace["mean_speed_m_per_s"]
    # A vehicle that hill and air alone stop within a step stands for the rest of it.
    stopped = trace["speed_m_per_s"] == 0.0
    assert np.allclose(mean[~stopped], middle[~stopped], atol=1e-9)
    assert np.all(mean[stopped] <= middle[stopped] + 1e-9)


@EXAMPLES
@given(factors=ANY_CAR, drive=missions(steepest=0.4))
def test_nothing_makes_energy_but_battery_and_slope(factors: Factors, drive: Mission) -> None:
    trace = simulate(scaled(factors), drive)
    # Relaxing cells give back for a while what polarised them, never more than they took.
    assert np.all(np.cumsum(trace["battery_loss_power_W"]) >= -1e-6)
    for name in (
        "drive_unit_loss",
        "gearbox_loss",
        "friction_brake",
        "auxiliary",
        "climate",
        "rolling",
    ):
        power_W = trace[f"{name}_power_W"]
        worst = int(np.argmin(power_W))
        assert power_W[worst] >= -1e-6, (
            f"{name} gives {-power_W[worst]:.3g} W at {trace.time_s[worst]:g} s, "
            f"mean speed {trace['mean_speed_m_per_s'][worst]:.3g} m/s"
        )


@EXAMPLES
@given(factors=ANY_CAR, drive=missions())
def test_the_battery_stays_in_its_window(factors: Factors, drive: Mission) -> None:
    vehicle = scaled(factors)
    charge = simulate(vehicle, drive)["state_of_charge"]
    assert charge.min() >= -1e-6, f"{-100 * charge.min():.3f} % of charge below the window"
    assert charge.max() <= 1.0 + 1e-6, f"{100 * (charge.max() - 1.0):.3f} % of charge above the window"


def test_an_empty_car_that_recuperates_less_than_its_drive_loses_is_not_drained() -> None:
    """Downhill, with hardly any recuperation: the drive lives on what it takes back, never on an empty battery."""
    drive = mission(Conditions(state_of_charge=0.0), slope=[-0.08] * len(CORNERS_s))
    trace = simulate(scaled({"recuperation": 0.008, "cell count": 0.25}), drive)
    assert trace["state_of_charge"].min() >= -1e-9
    assert trace["drive_unit_loss_power_W"].max() > 100.0


def test_an_empty_car_that_stands_stays_in_the_window() -> None:
    drive = mission(Conditions(state_of_charge=0.0, comforts_on=True))
    still = Mission(
        "standing", dict(drive.profile) | {"target_m_per_s": np.zeros(drive.count)}, 4.0, 0.0, drive.conditions
    )
    trace = simulate(compact(), still)
    assert trace["state_of_charge"].min() >= -1e-9


MILD_CAR = st.fixed_dictionaries(
    {
        name: st.floats(max(FACTORS[name][1], 0.8), min(FACTORS[name][2], 1.2))
        for name in ("mass", "rolling", "air", "constant loss", "torque loss", "mesh", "resistance", "loads")
    }
)
"""Cars that drive the errand as asked, whatever is made heavier."""
MILD_WEATHER = st.builds(
    lambda celsius, comforts_on: Conditions(ZERO_CELSIUS_K + celsius, comforts_on=comforts_on),
    st.floats(-20.0, 40.0),
    st.booleans(),
)


@EXAMPLES
@given(
    factors=MILD_CAR,
    weather=MILD_WEATHER,
    what=st.sampled_from(["mass", "rolling", "air", "constant loss", "torque loss", "resistance", "loads"]),
    factor=st.floats(1.001, 1.3),
)
def test_more_of_what_resists_never_costs_less(factors: Factors, weather: Conditions, what: str, factor: float) -> None:
    drive = mission(weather)
    less = simulate(scaled(factors), drive)
    more = simulate(scaled(factors | {what: factors[what] * factor}), drive)
    assert less.outcome.completed
    assert more.outcome.completed
    drawn_J = [float(-trace["battery_open_circuit_power_W"].sum()) for trace in (less, more)]
    assert drawn_J[1] > drawn_J[0]


@EXAMPLES
@given(
    factors=MILD_CAR,
    weather=MILD_WEATHER,
    payload_kg=st.floats(1.0, 500.0),
    wind=st.floats(0.0, 8.0),
    rise=st.floats(0.0, 0.04),
)
def test_load_head_wind_and_climbs_never_save(
    factors: Factors, weather: Conditions, payload_kg: float, wind: float, rise: float
) -> None:
    vehicle, base = scaled(factors), mission(weather)
    harder = [
        mission(Conditions(weather.ambient_temperature_K, payload_kg=payload_kg, comforts_on=weather.comforts_on)),
        mission(Conditions(weather.ambient_temperature_K, wind_m_per_s=wind, comforts_on=weather.comforts_on)),
        mission(weather, slope=rise),
    ]
    drawn_J = [simulate(vehicle, drive).result.battery_energy_J for drive in (base, *harder)]
    assert all(energy >= drawn_J[0] for energy in drawn_J[1:])


@settings(max_examples=8, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(factors=ANY_CAR, drive=missions())
def test_no_step_exceeds_what_battery_machine_brakes_and_grip_allow(factors: Factors, drive: Mission) -> None:
    vehicle = scaled(factors)
    setting = setting_of(drive)
    placed = vehicle.at(setting.ambient, setting.payload_kg, setting.comfort, setting.dynamometer)
    state, once = placed.start(setting.soak), compiled_step()
    state = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), state)
    read = jax.jit(lambda battery, state, dt_s: battery.limits(state, dt_s))
    axle, brake = vehicle.axles[0], vehicle.brake
    weight_N = float(placed.resistance.mass_kg) * GRAVITY_m_per_s2
    for k in range(0, drive.count):
        limits = read(vehicle.battery, state.battery, drive.dt_s)
        after, signals = once(
            placed, state, drive.profile["target_m_per_s"][k], drive.profile["slope_fraction"][k], drive.dt_s
        )
        s = {name: float(value) for name, value in signals.items()}
        mu, transfer = float(vehicle.tyre.grip_coefficient), float(axle.transfer_ratio)
        still_N = mu * weight_N * float(axle.load_fraction)
        held_N = still_N / (1.0 - mu * transfer if s["wheel_force_N"] > 0.0 else 1.0 + mu * transfer)
        # Where brakes slide, the speed at which the limit was read is not quite the speed that was driven.
        assert s["battery_power_W"] <= float(limits.charge_power_W) * (1 + 1e-2) + 1e-3
        assert -s["battery_power_W"] <= float(limits.discharge_power_W) * (1 + 1e-9) + spare_W(vehicle, s)
        assert abs(s["wheel_force_N"]) <= held_N * (1 + 1e-9)
        deceleration = -s["wheel_force_N"] / float(placed.resistance.mass_kg)
        assert deceleration <= float(brake.recuperation_deceleration_m_per_s2) + 1e-9
        state = after


def spare_W(vehicle: Vehicle, signals: dict[str, float]) -> float:
    """What a vehicle that is switched on takes even where the battery can give nothing: 12 V loads and idling machines."""
    idle_W = (
        signals["drive_unit_loss_power_W"] + signals["gearbox_loss_power_W"] if signals["wheel_force_N"] <= 0 else 0.0
    )
    return signals["auxiliary_power_W"] + idle_W + 1e-3

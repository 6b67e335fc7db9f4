"""Drives whose answer is known in closed form."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from tests.sample import LABORATORY, compact, with_leaf

from covolt.simulation.cycles import standard
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, coast_down, follow, full_throttle, steady
from covolt.simulation.run import simulate
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.cell import resistance_cell
from covolt.vehicle.lookup import constant

POUND_N, MILE_PER_HOUR = 4.4482216152605, 0.44704
ROLLERS = Conditions(ambient_temperature_K=ZERO_CELSIUS_K + 20.0, on_dynamometer=True)


def freed(vehicle: Vehicle) -> Vehicle:
    """Without road load, oil drag and grip limit, and with a voltage that always lets the machine give its power."""
    return with_leaf(
        vehicle,
        lambda v: (
            v.body.constant_N,
            v.body.linear_N_s_per_m,
            v.body.quadratic_N_s2_per_m2,
            v.axles[0].gearbox.lubrication.drag_Nm,
            v.axles[0].gearbox.lubrication.drag_per_speed_Nm_s,
            v.tyre.grip_coefficient,
            v.axles[0].drive_unit.machine.nominal_voltage_V,
            v.axles[0].drive_unit.machine.maximum_speed_rad_per_s,
            v.battery.parallel_count,
        ),
        (0.0, 0.0, 0.0, 0.0, 0.0, 50.0, 1.0, 1e5, 10.0 * vehicle.battery.parallel_count),
    )


def test_rolling_out_follows_the_arc_tangent() -> None:
    car = with_leaf(compact(), lambda v: v.body.linear_N_s_per_m, 0.0)
    m, A, C = (float(x) for x in (car.body.mass_kg, car.body.constant_N, car.body.quadratic_N_s2_per_m2))
    trace = simulate(car, coast_down(33.0, 255.0, ROLLERS))
    turning = np.arctan(33.0 * np.sqrt(C / A)) - np.sqrt(A * C) * trace.time_s / m
    exact = np.where(turning > 0.0, np.sqrt(A / C) * np.tan(np.maximum(turning, 0.0)), 0.0)
    rolling = trace["speed_m_per_s"] > 0.1
    assert rolling.sum() > 300
    assert np.allclose(trace["speed_m_per_s"][rolling], exact[rolling], atol=2e-4)
    longer = simulate(car, coast_down(12.0, 255.0, ROLLERS))
    stop_s = m / np.sqrt(A * C) * np.arctan(12.0 * np.sqrt(C / A))
    assert longer.time_s[np.argmax(longer["speed_m_per_s"] < 0.1)] == pytest.approx(stop_s, abs=3.0)
    assert np.allclose(trace["wheel_power_W"], 0.0, atol=1e-9)


@pytest.mark.parametrize("speed", [8.0, 25.0, 38.0])
def test_steady_speed_takes_force_times_speed_and_the_losses_of_each_part(speed: float) -> None:
    car = compact()
    trace = simulate(car, steady(speed, 200, LABORATORY))
    body, unit, box = car.body, car.axles[0].drive_unit, car.axles[0].gearbox
    force_N = float(body.constant_N + body.linear_N_s_per_m * speed + body.quadratic_N_s2_per_m2 * speed**2)
    assert np.allclose(trace["wheel_power_W"], force_N * speed, rtol=1e-9)
    k = 150
    oil_K, winding_K = trace["front_oil_temperature_K"][k - 1], trace["front_winding_temperature_K"][k - 1]
    w = speed * float(box.ratio) / float(car.tyre.radius_m)
    grease = box.lubrication
    thick = np.exp(float(grease.viscosity_coefficient_per_K) * (float(grease.reference_temperature_K) - oil_K))
    drag_Nm = (float(grease.drag_Nm) + float(grease.drag_per_speed_Nm_s) * w) * max(thick - 1.0, 0.0)
    torque = force_N * speed / w / float(box.mesh_efficiency) + drag_Nm
    copper = float(unit.torque_squared_W_per_Nm2) * (1.0 + 0.00393 * (winding_K - ZERO_CELSIUS_K - 65.0))
    loss_W = float(unit.constant_W) + float(unit.torque_W_per_Nm) * torque + copper * torque**2
    loss_W += float(unit.speed_W_s) * w + float(unit.speed_squared_W_s2) * w**2 + float(unit.speed_cubed_W_s3) * w**3
    assert trace["front_torque_Nm"][k] == pytest.approx(torque, rel=1e-9)
    assert trace["drive_unit_power_W"][k] == pytest.approx(torque * w + loss_W, rel=1e-9)
    aux_W = float(car.auxiliary.moving_load_W / car.auxiliary.converter_efficiency)
    assert -trace["battery_power_W"][k] == pytest.approx(torque * w + loss_W + aux_W, rel=1e-6)


def test_full_throttle_at_constant_torque_is_uniform_acceleration() -> None:
    car = with_leaf(freed(compact()), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 1e9)
    trace = simulate(car, full_throttle(5.0, ROLLERS))
    axle = car.axles[0]
    force_N = float(
        axle.drive_unit.machine.peak_torque_Nm * axle.gearbox.ratio * axle.gearbox.mesh_efficiency / car.tyre.radius_m
    )
    assert np.allclose(trace["speed_m_per_s"], force_N / float(car.body.mass_kg) * trace.time_s, rtol=1e-9)
    assert trace.distance_m[-1] == pytest.approx(0.5 * force_N / float(car.body.mass_kg) * 25.0, rel=1e-9)


def test_full_throttle_at_constant_power_raises_kinetic_energy_evenly() -> None:
    car = with_leaf(freed(compact()), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 1e6)
    trace = simulate(car, full_throttle(20.0, ROLLERS, start_speed_m_per_s=10.0))
    axle = car.axles[0]
    power_W = float(axle.drive_unit.machine.peak_power_W * axle.gearbox.mesh_efficiency)
    exact = np.sqrt(10.0**2 + 2.0 * power_W / float(car.body.mass_kg) * trace.time_s)
    assert np.allclose(trace["speed_m_per_s"], exact, rtol=3e-3)


def test_a_battery_of_one_resistance_at_constant_power() -> None:
    count, cell_V, cell_Ohm, capacity_C = 90.0, 3.7, 2e-3, 180e3
    pack = jax.tree.map(
        lambda leaf: jnp.asarray(leaf, dtype=float),
        CellBattery(
            **{
                name: getattr(compact().battery, name)
                for name in compact().battery.__dataclass_fields__
                if name not in {"cell", "series_count", "parallel_count", "joint_resistance_Ohm", "resistance_ratio"}
            },
            cell=resistance_cell(capacity_C, constant(cell_V), constant(cell_Ohm), activation_K=0.0),
            series_count=count,
            parallel_count=1.0,
            joint_resistance_Ohm=0.0,
            resistance_ratio=1.0,
        ),
    )
    power_W, dt_s = -30e3, 1.0

    def once(state, _):
        after, signals = pack.step(state, power_W, 0.0, 0.0, 296.15, dt_s)
        return after, (signals.current_A, signals.loss_power_W, signals.power_W)

    last, (current, loss_W, terminal_W) = lax.scan(once, pack.start(0.9, 296.15), length=600)
    U, R = count * cell_V, count * cell_Ohm
    exact_A = (-U + np.sqrt(U * U + 4.0 * R * power_W)) / (2.0 * R)
    assert np.allclose(current, exact_A, rtol=1e-12)
    assert np.allclose(loss_W, exact_A**2 * R, rtol=1e-9)
    assert np.allclose(terminal_W, power_W, rtol=1e-12)
    assert float(pack.state_of_charge(last)) == pytest.approx(0.9 + exact_A * 600.0 / float(pack.capacity_C), rel=1e-12)


@pytest.mark.parametrize(("cycle", "published"), [("udds", (133.9, -62.5)), ("hwfet", (128.8, -13.1))])
def test_wheel_energy_equals_an_independent_sum(cycle: str, published: tuple[float, float]) -> None:
    """The EPA's coast-down of the compact car (A, B, C in lbf and mph; 3875 lb) summed without any of covolt's vehicle."""
    at = standard(cycle)
    v, dt = np.asarray(at.speed_m_per_s), np.diff(at.time_s)
    mean, mass_kg = 0.5 * (v[1:] + v[:-1]), 3875.0 * 0.45359237
    mph = mean / MILE_PER_HOUR
    road_N = POUND_N * (25.89 + 0.3449 * mph + 0.01945 * mph**2)
    power_W = np.where(mean > 0.0, mass_kg * np.diff(v) / dt + road_N, 0.0) * mean
    distance_km = float((mean * dt).sum()) / 1e3
    by_hand = [float(f(power_W, 0.0).dot(dt)) / 3600.0 / distance_km for f in (np.maximum, np.minimum)]
    trace = simulate(compact(), follow(at, LABORATORY), throw=True)
    wheel_W = trace["wheel_power_W"] - trace["friction_brake_power_W"]
    simulated = [
        float(f(wheel_W, 0.0).sum()) / 3600.0 / trace.result.distance_m * 1e3 for f in (np.maximum, np.minimum)
    ]
    assert simulated == pytest.approx(by_hand, rel=1e-3)
    assert by_hand == pytest.approx(published, rel=5e-3)

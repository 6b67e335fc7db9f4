"""What machines and brakes give of a requested force, and what bounds it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import pytest
from tests.sample import compact, figures, with_leaf

from covolt.library.build import car
from covolt.simulation.traction import axle_limits, axle_power, deliver
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.assembly import Comfort, Soak, Vehicle
from covolt.vehicle.part import GRAVITY_m_per_s2

SOAK = Soak(0.7, 296.0, 296.0, 320.0)
PLENTY_W = 1e6


def delivered(
    vehicle: Vehicle, request_N: float, speed: float, *, discharge_W: float = PLENTY_W, charge_W: float = PLENTY_W
) -> tuple[Any, Any, Any]:
    placed = vehicle.at(Ambient(296.0), 0.0, Comfort())
    state = placed.start(SOAK)
    limits = axle_limits(placed, state, jnp.asarray(speed), discharge_W, charge_W, 1.0)
    return placed, limits, deliver(placed, state, limits, jnp.asarray(request_N), jnp.asarray(speed))


def test_what_can_be_given_is_given() -> None:
    _, _, given = delivered(compact(), 1000.0, 15.0)
    assert float(given.drive_N) == 1000.0
    assert float(given.friction_N) == 0.0
    assert int(given.limit_index) == 0


@pytest.mark.parametrize(
    ("change", "discharge_W", "limit"),
    [((), PLENTY_W, 1), ((), 10e3, 2), ((0.1,), PLENTY_W, 3)],
    ids=["drive unit", "battery", "grip"],
)
def test_what_binds_is_named(change: tuple[float, ...], discharge_W: float, limit: int) -> None:
    vehicle = with_leaf(compact(), lambda v: v.tyre.grip_coefficient, change[0]) if change else compact()
    _, _, given = delivered(vehicle, 2e4, 15.0, discharge_W=discharge_W)
    assert float(given.drive_N) < 2e4
    assert int(given.limit_index) == limit


def test_brakes_hold_to_the_grip_of_all_wheels_and_no_further() -> None:
    placed, _, given = delivered(compact(), -1e5, 20.0)
    grip_N = float(compact().tyre.grip_coefficient) * float(placed.resistance.mass_kg) * GRAVITY_m_per_s2
    assert float(given.friction_N - given.drive_N) == pytest.approx(grip_N)
    assert int(given.limit_index) == 4


def test_a_full_battery_leaves_braking_to_the_brakes() -> None:
    _, _, given = delivered(compact(), -4000.0, 20.0, charge_W=0.0)
    free, friction = float(given.drive_N), float(given.friction_N)
    assert free > -600.0
    assert friction - free == pytest.approx(4000.0)


@pytest.mark.parametrize("force_N", [-3000.0, -200.0, 0.0, 200.0, 3000.0])
def test_axle_power_is_conserved(force_N: float) -> None:
    vehicle = compact()
    placed, limits, _ = delivered(vehicle, 0.0, 15.0)
    state = placed.start(SOAK)
    power = axle_power(vehicle.axles[0], state.axles[0], limits[0], jnp.asarray(force_N), jnp.asarray(15.0))
    assert float(power.electric_W) == pytest.approx(
        force_N * 15.0 + float(power.unit_loss_W + power.gearbox_loss_W), abs=1e-6
    )
    assert float(power.gearbox_loss_W) >= 0.0
    eta = float(vehicle.axles[0].gearbox.mesh_efficiency)
    mesh_W = abs(force_N) * 15.0 * ((1.0 / eta - 1.0) if force_N > 0 else (1.0 - eta))
    drag_W = float(limits[0].engaged.drag_Nm * power.rotor_speed_rad_per_s)
    assert float(power.gearbox_loss_W) == pytest.approx(mesh_W + drag_W)


def dragging() -> Vehicle:
    """The compact car with two machines on its axle, whose gears drag apart from the coast-down."""
    twice = with_leaf(compact(), lambda v: v.axles[0].unit_count, 2.0)
    return with_leaf(twice, lambda v: v.axles[0].gearbox.lubrication.included_fraction, 0.0)


@pytest.mark.parametrize("vehicle", [compact(), dragging()], ids=["one machine", "two and drag"])
@pytest.mark.parametrize(("power_W", "back_W"), [(5e3, 3e3), (30e3, 20e3)])
def test_the_force_at_a_battery_limit_draws_that_power(vehicle: Vehicle, power_W: float, back_W: float) -> None:
    placed, limits, _ = delivered(vehicle, 0.0, 15.0, discharge_W=power_W, charge_W=back_W)
    state = placed.start(SOAK)
    for force, wanted_W in ((limits[0].drive_N, power_W), (-limits[0].brake_N, -back_W)):
        drawn = axle_power(vehicle.axles[0], state.axles[0], limits[0], force, jnp.asarray(15.0))
        assert float(drawn.electric_W) == pytest.approx(wanted_W, rel=1e-6)


@pytest.mark.parametrize("speed", [8.0, 30.0])
def test_limits_of_an_axle_by_hand(speed: float) -> None:
    """F = (n T - T_drag) i eta / r driving, (n T + T_drag) i / (eta r) braking; grip mu m g s / (1 -+ mu h/L)."""
    vehicle = dragging()
    placed, (limit,), _ = delivered(vehicle, 0.0, speed)
    axle, radius_m = vehicle.axles[0], float(vehicle.tyre.radius_m)
    gear, eta = float(axle.gearbox.ratio), float(axle.gearbox.mesh_efficiency)  # type: ignore[attr-defined]
    w, machine = speed / radius_m * gear, axle.drive_unit.machine
    power_W = float(machine.peak_power_W) * min(float(placed.start(SOAK).voltage_V / machine.nominal_voltage_V), 1.0)
    torque_Nm, drag_Nm = min(float(machine.peak_torque_Nm), power_W / w), float(limit.engaged.drag_Nm)
    assert drag_Nm > 0.1
    assert float(limit.rotor_per_speed_per_m) == pytest.approx(gear / radius_m)
    assert float(limit.unit_N) == pytest.approx((2.0 * torque_Nm - drag_Nm) * gear * eta / radius_m, rel=1e-6)
    mu, moved = float(vehicle.tyre.grip_coefficient), float(axle.transfer_ratio)
    still_N = mu * float(placed.resistance.mass_kg) * GRAVITY_m_per_s2 * float(axle.load_fraction)
    assert float(limit.grip_N) == pytest.approx(still_N / (1.0 - mu * moved))
    braking_N = (2.0 * torque_Nm + drag_Nm) * gear / eta / radius_m
    assert float(limit.brake_N) == pytest.approx(min(braking_N, still_N / (1.0 + mu * moved)), rel=1e-6)
    assert float(limit.drive_N) == pytest.approx(min(float(limit.unit_N), float(limit.grip_N)), rel=1e-6)


def test_axles_share_the_battery_by_their_peak_power() -> None:
    vehicle = car(figures(layout="all", second_motor_power="60 kW"))
    placed, limits, _ = delivered(vehicle, 0.0, 15.0, discharge_W=30e3, charge_W=12e3)
    state = placed.start(SOAK)
    peaks_W = [float(axle.drive_unit.machine.peak_power_W) for axle in vehicle.axles]
    for axle, own, limit, peak_W in zip(vehicle.axles, state.axles, limits, peaks_W, strict=True):
        for force, whole_W in ((limit.battery_N, 30e3), (-limit.brake_N, -12e3)):
            drawn = axle_power(axle, own, limit, force, jnp.asarray(15.0))
            assert float(drawn.electric_W) == pytest.approx(whole_W * peak_W / sum(peaks_W), rel=1e-6)


def test_two_axles_share_and_hold_their_own_limits() -> None:
    vehicle = car(figures(layout="all", second_motor_power="60 kW"))
    for request_N in (-6000.0, 500.0, 5000.0, 4e4):
        _, limits, given = delivered(vehicle, request_N, 18.0)
        assert float(sum(given.axle_N)) == pytest.approx(float(given.drive_N), abs=1e-6)
        for force, limit in zip(given.axle_N, limits, strict=True):
            assert -float(limit.brake_N) - 1e-6 <= float(force) <= float(limit.drive_N) + 1e-6


def test_two_motors_on_one_axle_pull_twice() -> None:
    twice = with_leaf(compact(), lambda v: v.axles[0].unit_count, 2.0)
    one, two = (float(delivered(vehicle, 0.0, 25.0)[1][0].unit_N) for vehicle in (compact(), twice))
    assert two == pytest.approx(2.0 * one)

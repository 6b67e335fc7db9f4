"""The drive unit: losses that invert, limits in closed form, heat, scaling, and a map beside its polynomial."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.drive_unit import (
    WINDING_REFERENCE_K,
    DriveUnitState,
    Machine,
    MapDriveUnit,
    PolynomialDriveUnit,
)
from covolt.vehicle.lookup import map_2d
from covolt.vehicle.part import ZERO_CELSIUS_K

MACHINE = Machine(
    peak_torque_Nm=310.0,
    peak_power_W=150e3,
    maximum_speed_rad_per_s=1680.0,
    nominal_voltage_V=350.0,
    derating_start_K=ZERO_CELSIUS_K + 140.0,
    derating_end_K=ZERO_CELSIUS_K + 160.0,
    heat_capacity_J_per_K=45e3,
    thermal_resistance_K_per_W=0.01,
    winding_heat_fraction=0.7,
    mass_kg=90.0,
)
UNIT = PolynomialDriveUnit(
    machine=MACHINE,
    constant_W=200.0,
    torque_W_per_Nm=8.0,
    torque_squared_W_per_Nm2=0.05,
    speed_W_s=0.6,
    speed_squared_W_s2=2e-4,
    speed_cubed_W_s3=1e-7,
)
WARM = DriveUnitState(jnp.asarray(WINDING_REFERENCE_K))


def mapped(speed_step: float = 14.0, torque_step: float = 5.0) -> MapDriveUnit:
    """The polynomial unit as a map of its own losses."""
    speeds = np.arange(0.0, 1680.0 + speed_step, speed_step)
    torques = np.arange(-310.0, 310.0 + torque_step, torque_step)
    losses = UNIT.loss_W(WARM, jnp.asarray(torques)[None, :], jnp.asarray(speeds)[:, None])
    return MapDriveUnit(MACHINE, map_2d(speeds, torques, losses))


def electric_W(unit: Any, torque: Any, speed: Any) -> Any:
    return torque * speed + unit.loss_W(WARM, torque, speed)


def random_points(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.uniform(1.0, 300.0, count), random.uniform(5.0, 1600.0, count)


def test_losses_are_those_of_the_polynomial_and_never_negative() -> None:
    hot = DriveUnitState(jnp.asarray(WINDING_REFERENCE_K + 100.0))
    by_hand = 200.0 + 8.0 * 100.0 + 0.05 * 1.393 * 1e4 + 0.6 * 500.0 + 2e-4 * 500.0**2 + 1e-7 * 500.0**3
    assert float(UNIT.loss_W(hot, -100.0, 500.0)) == pytest.approx(by_hand)
    torque, speed = random_points()
    assert np.all(np.asarray(UNIT.loss_W(WARM, torque, speed)) > 0.0)
    assert np.allclose(UNIT.loss_W(WARM, torque, speed), UNIT.loss_W(WARM, -torque, speed))


def test_driving_torque_inverts_the_losses() -> None:
    torque, speed = random_points()
    found = UNIT.drive_torque_Nm(WARM, electric_W(UNIT, torque, speed), speed)
    assert np.allclose(found, torque, rtol=1e-9)


def test_braking_torque_inverts_the_losses_where_power_still_rises_with_torque() -> None:
    torque, speed = random_points()
    best = (speed - 8.0) / (2.0 * 0.05)
    back_W = -electric_W(UNIT, -torque, speed)
    useful = (torque < 0.99 * best) & (back_W > 0.0)
    assert useful.sum() > 100
    found = np.asarray(UNIT.brake_torque_Nm(WARM, jnp.asarray(back_W), speed))
    assert np.allclose(found[useful], torque[useful], rtol=1e-7)


def test_power_that_no_braking_torque_returns_does_not_bind() -> None:
    assert float(UNIT.brake_torque_Nm(WARM, 50e3, 20.0)) == 310.0
    assert float(UNIT.brake_torque_Nm(WARM, 0.0, 5.0)) == 310.0


def test_no_power_gives_no_torque() -> None:
    assert float(UNIT.drive_torque_Nm(WARM, 0.0, 100.0)) == 0.0
    assert float(UNIT.drive_torque_Nm(WARM, 100.0, 1000.0)) == 0.0


def test_envelope_is_torque_then_power_then_nothing() -> None:
    assert float(UNIT.envelope(WARM, 0.0, 350.0).drive_Nm) == 310.0
    assert float(UNIT.envelope(WARM, 1000.0, 350.0).drive_Nm) == pytest.approx(150.0)
    assert float(UNIT.envelope(WARM, 1000.0, 280.0).drive_Nm) == pytest.approx(120.0)
    assert float(UNIT.envelope(WARM, 1000.0, 900.0).drive_Nm) == pytest.approx(150.0)
    assert float(UNIT.envelope(WARM, 1700.0, 350.0).drive_Nm) == 0.0
    assert float(UNIT.envelope(WARM, 1700.0, 350.0).brake_Nm) > 0.0


@pytest.mark.parametrize(("celsius", "ratio"), [(20.0, 1.0), (140.0, 1.0), (150.0, 0.5), (160.0, 0.0), (200.0, 0.0)])
def test_heat_derates(celsius: float, ratio: float) -> None:
    hot = DriveUnitState(jnp.asarray(ZERO_CELSIUS_K + celsius))
    assert float(UNIT.envelope(hot, 100.0, 350.0).drive_Nm) == pytest.approx(310.0 * ratio)


@pytest.mark.parametrize("speed", [50.0, 400.0, 1200.0])
def test_continuous_torque_is_where_the_winding_settles_at_the_derating_start(speed: float) -> None:
    coolant_K = ZERO_CELSIUS_K + 60.0
    torque = float(UNIT.continuous_torque_Nm(coolant_K, speed))
    assert torque > 0.0
    state = UNIT.start(coolant_K)
    for _ in range(400):
        state = UNIT.step(state, UNIT.loss_W(state, torque, speed), coolant_K, 20.0)
    assert float(state.winding_temperature_K) == pytest.approx(float(MACHINE.derating_start_K), abs=1e-3)


@pytest.mark.parametrize("dt_s", [0.1, 10.0, 1e5])
def test_a_unit_without_loss_cools_to_the_coolant_and_no_further(dt_s: float) -> None:
    after = float(UNIT.step(DriveUnitState(jnp.asarray(400.0)), 0.0, 320.0, dt_s).winding_temperature_K)
    assert 320.0 <= after < 400.0


def test_all_heat_of_the_losses_reaches_winding_or_coolant_once() -> None:
    """What is lost is what the winding stores and what the coolant gets, in every step of a transient."""
    state, coolant_K, capacity = UNIT.start(300.0), 320.0, float(MACHINE.heat_capacity_J_per_K)
    for loss_W in (8e3, 8e3, 500.0, 0.0, 20e3):
        after = UNIT.step(state, loss_W, coolant_K, 7.0)
        stored_W = capacity * float(after.winding_temperature_K - state.winding_temperature_K) / 7.0
        given_W = float(MACHINE.coolant_heat_W(after, loss_W, coolant_K))
        assert stored_W + given_W == pytest.approx(loss_W, abs=1e-6)
        state = after


@pytest.mark.parametrize("length_ratio", [0.4, 1.7])
def test_a_longer_stack_does_k_times_everything(length_ratio: float) -> None:
    k, longer = length_ratio, UNIT.scaled(length_ratio)
    torque, speed = random_points(50)
    assert np.allclose(longer.loss_W(WARM, k * torque, speed), k * np.asarray(UNIT.loss_W(WARM, torque, speed)))
    envelopes = (float(unit.envelope(WARM, 700.0, 350.0).drive_Nm) for unit in (longer, UNIT))
    assert next(envelopes) == pytest.approx(k * next(envelopes))
    assert float(longer.machine.mass_kg) == pytest.approx(90.0 * k)
    held = (float(unit.continuous_torque_Nm(320.0, 300.0)) for unit in (longer, UNIT))
    assert next(held) == pytest.approx(k * next(held))


def test_a_map_of_the_losses_reads_like_them() -> None:
    unit = mapped()
    torque, speed = random_points()
    assert np.allclose(unit.loss_W(WARM, torque, speed), UNIT.loss_W(WARM, torque, speed), atol=5.0)
    assert np.allclose(unit.idle_loss_W(jnp.asarray(speed)), 200.0 + np.asarray(UNIT.idle_loss_W(speed)), atol=5.0)
    assert bool(unit.covers(100.0, 500.0))
    assert not bool(unit.covers(100.0, 1800.0))
    assert not bool(unit.covers(-400.0, 500.0))


def test_a_map_finds_the_driving_torque_of_a_power() -> None:
    unit = mapped()
    torque, speed = random_points()
    given_W = electric_W(unit, torque, speed)
    found = np.asarray(unit.drive_torque_Nm(WARM, given_W, jnp.asarray(speed)))
    excess_W = np.asarray(electric_W(unit, found, speed)) - np.asarray(given_W)
    worst = int(np.argmax(np.abs(excess_W)))
    assert np.all(np.abs(excess_W) < 1e-3 * np.asarray(given_W) + 1.0), (
        f"{found[worst]:.1f} Nm at {speed[worst]:.0f} rad/s for {given_W[worst]:.0f} W, which {torque[worst]:.1f} Nm take"
    )


def test_a_map_finds_the_braking_torque_of_a_power() -> None:
    unit = mapped()
    torque, speed = random_points()
    back_W = -np.asarray(electric_W(unit, -torque, speed))
    useful = (torque < 0.9 * (speed - 8.0) / (2.0 * 0.05)) & (back_W > 0.0)
    found = np.asarray(unit.brake_torque_Nm(WARM, jnp.asarray(back_W), jnp.asarray(speed)))
    excess_W = (-np.asarray(electric_W(unit, -found, speed)) - back_W)[useful]
    worst = int(np.argmax(np.abs(excess_W)))
    assert np.all(np.abs(excess_W) < 1e-3 * back_W[useful] + 1.0), (
        f"{found[useful][worst]:.1f} Nm at {speed[useful][worst]:.0f} rad/s, where {torque[useful][worst]:.1f} Nm are right"
    )

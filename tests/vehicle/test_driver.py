"""Drivers: the ideal one, and one who corrects what is seen."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.driver import IdealDriver, PIDriver, Target

DRIVER = PIDriver(
    proportional_gain_per_s=0.6,
    integral_gain_per_s2=0.05,
    preview_time_s=2.0,
    preview_weight_fraction=0.8,
    acceleration_limit_m_per_s2=3.0,
    integral_limit_m=20.0,
)


def seen(speed: float, target: float, preview: float | None = None) -> Target:
    return Target(jnp.asarray(speed), jnp.asarray(target), jnp.asarray(target if preview is None else preview))


def test_the_ideal_driver_wants_the_target() -> None:
    driver = IdealDriver()
    state, wanted = driver.speed_m_per_s(driver.start(), seen(10.0, 12.0), 1.0)
    assert float(wanted) == 12.0
    assert float(state.speed_error_integral_m) == 0.0


def test_wanted_speed_is_that_of_the_equation() -> None:
    state, wanted = DRIVER.speed_m_per_s(DRIVER.start(), seen(10.0, 11.0, 12.0), 0.5)
    assert float(state.speed_error_integral_m) == 0.5
    assert float(wanted) == pytest.approx(10.0 + 0.5 * (0.6 * 1.0 + 0.05 * 0.5 + 0.8 * 1.0 / 2.0))


def test_acceleration_and_memory_are_held() -> None:
    state = DRIVER.start()
    for _ in range(100):
        state, wanted = DRIVER.speed_m_per_s(state, seen(0.0, 30.0), 1.0)
    assert float(wanted) == 3.0
    assert float(state.speed_error_integral_m) == 20.0


def test_the_memory_fades_at_the_red_light_and_speed_stays_positive() -> None:
    state, _ = DRIVER.speed_m_per_s(DRIVER.start(), seen(0.0, 10.0), 1.0)
    state, wanted = DRIVER.speed_m_per_s(state, seen(0.5, 0.0), 1.0)
    assert float(state.speed_error_integral_m) == 0.0
    assert 0.0 <= float(wanted) < 0.5


def test_a_ramp_is_followed_within_tolerance() -> None:
    target = np.concatenate([np.linspace(0.0, 25.0, 26), np.full(20, 25.0), np.linspace(25.0, 5.0, 15)])
    state, speed, worst = DRIVER.start(), 0.0, 0.0
    for k in range(len(target) - 2):
        state, wanted = DRIVER.speed_m_per_s(state, seen(speed, target[k], target[k + 2]), 1.0)
        speed = float(wanted)
        worst = max(worst, abs(speed - target[k]))
    assert worst < 1.5

"""Tyres: colder rolls harder, work warms them, and the balance is that of the equation."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.ambient import Ambient
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.vehicle.tyre import Tyre, TyreState

TYRE = Tyre(
    rolling_coefficient=0.009,
    temperature_coefficient_per_K=0.008,
    reference_temperature_K=ZERO_CELSIUS_K + 40.0,
    heat_capacity_J_per_K=70e3,
    heat_fraction=0.9,
    conductance_W_per_K=25.0,
    conductance_per_speed_J_per_K_m=3.0,
    grip_coefficient=0.9,
    radius_m=0.32,
)


def test_factor_is_one_at_the_reference_and_grows_in_the_cold() -> None:
    assert float(TYRE.resistance_factor(TYRE.start(ZERO_CELSIUS_K + 40.0))) == 1.0
    assert float(TYRE.resistance_factor(TYRE.start(ZERO_CELSIUS_K - 20.0))) == pytest.approx(np.exp(0.48))


def test_steady_driving_settles_where_heat_leaves_as_it_comes() -> None:
    state, ambient = TYRE.start(jnp.asarray(263.15)), Ambient(263.15)
    for _ in range(200):
        state = TYRE.step(state, 4000.0, 30.0, ambient, 60.0)
    assert float(state.temperature_K) - 263.15 == pytest.approx(0.9 * 4000.0 / (25.0 + 90.0), rel=1e-6)


def test_a_car_that_stands_cools_to_the_ambient_and_never_below() -> None:
    for dt_s in (1.0, 1e3, 1e9):
        after = float(TYRE.step(TyreState(jnp.asarray(330.0)), 0.0, 0.0, Ambient(250.0), dt_s).temperature_K)
        assert 250.0 - 1e-9 <= after < 330.0
    assert after == pytest.approx(250.0, abs=1e-3)


def test_speed_cools() -> None:
    hot = TyreState(jnp.asarray(330.0))
    slow, fast = (float(TYRE.step(hot, 0.0, v, Ambient(290.0), 60.0).temperature_K) for v in (5.0, 30.0))
    assert fast < slow

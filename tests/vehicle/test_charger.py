"""Charger, post, inlet and charging curves."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.errors import InputError
from covolt.vehicle.charger import (
    GenericChargingCurve,
    Inlet,
    NoCharger,
    OnBoardCharger,
    Station,
    charging_curve,
    direct_charging_limit_W,
    generic_charging_curve,
)


@pytest.mark.parametrize("mains_W", [500.0, 1400.0, 2300.0, 3700.0, 7400.0])
def test_mains_power_is_the_inverse_of_direct_power(mains_W: float) -> None:
    charger = OnBoardCharger()
    direct_W = charger.direct_power_W(jnp.asarray(mains_W))
    assert float(charger.mains_power_W(direct_W)) == pytest.approx(mains_W)


def test_part_load_is_less_efficient() -> None:
    charger = OnBoardCharger()
    efficiency = [float(charger.direct_power_W(jnp.asarray(p))) / p for p in (1000.0, 2300.0, 7400.0)]
    assert efficiency[0] < efficiency[1] < efficiency[2]
    assert 0.92 < efficiency[2] < 0.95


def test_charger_has_a_ceiling_and_a_floor() -> None:
    charger = OnBoardCharger()
    assert charger.direct_power_W(jnp.asarray(22e3)) == charger.direct_power_W(jnp.asarray(7400.0))
    assert float(charger.direct_power_W(jnp.asarray(20.0))) == 0.0
    assert float(charger.mains_power_W(jnp.asarray(0.0))) == 0.0
    assert float(charger.mains_power_W(jnp.asarray(50e3))) == 7400.0


def test_no_charger_carries_nothing() -> None:
    assert float(NoCharger().direct_power_W(jnp.asarray(7e3))) == 0.0
    assert float(NoCharger().mains_power_W(jnp.asarray(7e3))) == 0.0


def test_post_limits_power_current_and_voltage() -> None:
    post = Station(power_max_W=150e3, current_max_A=200.0, voltage_min_V=200.0, voltage_max_V=500.0)
    powers_W = [float(post.power_limit_W(jnp.asarray(u))) for u in (150.0, 400.0, 490.0, 800.0)]
    assert powers_W == pytest.approx([0.0, 80e3, 98e3, 0.0])


def test_the_weakest_of_curve_post_and_inlet_rules() -> None:
    curve = charging_curve([0.0, 0.5, 1.0], [100e3, 100e3, 10e3])
    post = Station()
    assert float(direct_charging_limit_W(curve, post, Inlet(500.0), 0.2, 400.0)) == pytest.approx(100e3)
    assert float(direct_charging_limit_W(curve, post, Inlet(125.0), 0.2, 400.0)) == pytest.approx(50e3)
    assert float(direct_charging_limit_W(curve, Station(power_max_W=22e3), Inlet(), 0.2, 400.0)) == pytest.approx(22e3)
    assert float(direct_charging_limit_W(curve, post, Inlet(), 0.75, 400.0)) == pytest.approx(55e3)


def test_generic_curve_is_full_to_the_knee_and_never_rises() -> None:
    curve = GenericChargingCurve(100e3)
    z = np.linspace(0.0, 1.0, 101)
    power_W = np.asarray(curve.power_limit_W(jnp.asarray(z)))
    assert power_W[:35] == pytest.approx(100e3)
    assert np.all(np.diff(power_W) <= 1e-6)
    assert power_W[80] == pytest.approx(50e3)
    assert power_W[-1] == pytest.approx(13e3)


def test_a_slow_charge_falls_where_the_cells_ask_for_it() -> None:
    """A bus at 150 kW and 285 kWh, 0.53 C, once fell from 34 % on; slow curves of cars are flat to 60 to 80 %."""
    slow, quick = (generic_charging_curve(power_W, 285.0 * 3.6e6) for power_W in (150e3, 400e3))
    assert float(slow.power_limit_W(0.75)) == 150e3
    assert float(slow.power_limit_W(0.9)) < 150e3
    assert float(quick.power_limit_W(0.8)) == pytest.approx(200e3)
    assert float(slow.power_limit_W(1.0)) == pytest.approx(0.13 * 1.1 * 285e3)


def test_all_that_is_wrong_with_a_table_is_said_at_once() -> None:
    with pytest.raises(InputError) as raised:
        charging_curve([0.0, 0.5, 0.4, 1.2], [50e3, -1.0, float("nan")])
    assert len(raised.value.problems) == 5
    assert all(problem.where and problem.hint for problem in raised.value.problems)


def test_a_single_point_is_no_curve() -> None:
    with pytest.raises(InputError, match="fewer than two"):
        charging_curve([0.5], [50e3])


def test_cells_that_take_more_hold_the_maximum_longer_and_fall_from_higher() -> None:
    """r = 1.25: at half charge 1.25 (1 - 0.5 x 0.16 / 0.46) is above the maximum, at 80 % 1.25 x 0.5 of it is left."""
    curve = GenericChargingCurve(100e3, taken_ratio=1.25)
    powers = [float(curve.power_limit_W(shown)) for shown in (0.2, 0.5, 0.8, 1.0)]
    assert powers == pytest.approx([100e3, 100e3, 62.5e3, 16.25e3])

"""The order of every integrator: halving the step divides the error by two or by four."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from tests.sample import compact, with_leaf

from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, coast_down, full_throttle
from covolt.simulation.run import simulate
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.drive_unit import DriveUnitState
from covolt.vehicle.part import relax
from covolt.vehicle.tyre import TyreState

LENGTH_s = 1200.0
START_K, AMBIENT_K, POWER_W = 330.0, 270.0, 800.0


def repeated(once: Callable[[Any, Any], Any], state: Any, steps: int) -> float:
    return float(lax.fori_loop(0, steps, lambda _, now: once(now, LENGTH_s / steps), state))


def tyre(T: Any, dt_s: Any) -> Any:
    return compact().tyre.step(TyreState(T), POWER_W, 20.0, Ambient(AMBIENT_K), dt_s).temperature_K


def winding(T: Any, dt_s: Any) -> Any:
    unit = with_leaf(compact().axles[0].drive_unit, lambda u: u.machine.heat_capacity_J_per_K, 5e4)
    return unit.step(DriveUnitState(T), POWER_W, AMBIENT_K, dt_s).winding_temperature_K


def oil(T: Any, dt_s: Any) -> Any:
    return compact().axles[0].gearbox.lubrication.warmed_K(T, POWER_W, AMBIENT_K, dt_s)


def battery(T: Any, dt_s: Any) -> Any:
    pack = with_leaf(compact().battery, lambda b: b.ambient_conductance_W_per_K, 400.0)
    state = pack.start(0.5, 0.0)._replace(temperature_K=T)
    after, _ = pack.step(state, 0.0, POWER_W, 0.0, AMBIENT_K, dt_s)
    return after.temperature_K


def cabin(T: Any, dt_s: Any) -> Any:
    part = compact().cabin
    return part.step(part.start(T), POWER_W, part.at(AMBIENT_K), 20.0, 300.0, 0.0, dt_s).temperature_K


def coolant(T: Any, dt_s: Any) -> Any:
    loop = with_leaf(compact().coolant, lambda c: (c.thermostat_open_K, c.thermostat_full_K), (400.0, 420.0))
    return loop.step(loop.start(T), POWER_W, AMBIENT_K, 20.0, dt_s).temperature_K


def polarisation(v: Any, dt_s: Any) -> Any:
    return relax(v, -5.0, 1.0 / 263.0, dt_s)


@pytest.mark.parametrize(
    ("once", "order"),
    [(tyre, 1), (winding, 1), (oil, 1), (battery, 1), (cabin, 2), (coolant, 2), (polarisation, 2)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_halving_the_step_divides_the_error(once: Callable[[Any, Any], Any], order: int) -> None:
    counts = (12, 24, 48)
    values = [repeated(once, jnp.asarray(START_K), count) for count in counts]
    exact = repeated(once, jnp.asarray(START_K), 2000)
    # the reference has an error of its own, which is known from the order
    first = values[-1] - exact
    exact -= first / ((2000 / counts[-1]) ** order - 1.0)
    errors = np.abs(np.array(values) - exact)
    assert errors[0] > 1e-6
    ratios = errors[:-1] / errors[1:]
    assert np.all((ratios > 0.8 * 2**order) & (ratios < 1.35 * 2**order)), ratios


def test_rolling_out_is_of_second_order() -> None:
    steps_s = (8.0, 4.0, 2.0)
    weather = Conditions(ambient_temperature_K=ZERO_CELSIUS_K + 20.0, on_dynamometer=True)
    car = with_leaf(compact(), lambda v: v.body.linear_N_s_per_m, 0.0)
    m, A, C = (float(x) for x in (car.body.mass_kg, car.body.constant_N, car.body.quadratic_N_s2_per_m2))
    speeds = [simulate(car, coast_down(35.0, 64.0, weather, dt_s=dt))["speed_m_per_s"][-1] for dt in steps_s]
    exact = np.sqrt(A / C) * np.tan(np.arctan(35.0 * np.sqrt(C / A)) - np.sqrt(A * C) * 64.0 / m)
    errors = np.abs(np.array(speeds) - exact)
    assert np.all(np.abs(errors[:-1] / errors[1:] - 4.0) < 0.2), errors


def test_full_throttle_at_constant_power_converges() -> None:
    steps_s = (0.4, 0.2, 0.1, 0.05)
    rolling = [
        simulate(compact(), full_throttle(8.0, start_speed_m_per_s=15.0, dt_s=dt))["speed_m_per_s"][-1]
        for dt in steps_s
    ]
    shifts = np.abs(np.diff(rolling))
    # First order over two halvings; from rest the instant at which torque gives way to power makes single ratios uneven.
    assert shifts[0] / shifts[-1] > 3.5, rolling
    from_rest = [simulate(compact(), full_throttle(12.0, dt_s=dt))["speed_m_per_s"][-1] for dt in steps_s]
    assert np.all(np.abs(np.diff(from_rest)) < 0.02)

"""Two driven axles share a force as well as a search over every way of sharing it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sample import figures, with_leaf

from covolt.library.build import car
from covolt.simulation.traction import axle_limits, axle_power, deliver
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.assembly import Comfort, Soak, Vehicle

WORST_EXCESS_W, WORST_EXCESS_RATIO = 60.0, 0.005


def all_wheel(**changes: float) -> Vehicle:
    return car(figures(layout="all", motor_power="180 kW", second_motor_power="90 kW", **changes))


def unlike() -> Vehicle:
    """An efficient rear axle and a lossy front one, so that sharing in proportion is not the best."""
    return with_leaf(
        all_wheel(),
        lambda v: (
            v.axles[1].drive_unit.torque_W_per_Nm,
            v.axles[1].drive_unit.torque_squared_W_per_Nm2,
            v.axles[1].gearbox.mesh_efficiency,
        ),
        (9.0, 0.2, 0.95),
    )


@pytest.mark.parametrize("vehicle", [all_wheel(), unlike()], ids=["alike", "unlike"])
def test_sharing_costs_no_more_than_the_best_of_a_grid(vehicle: Vehicle) -> None:
    placed = vehicle.at(Ambient(293.15), 0.0, Comfort())
    state = placed.start(Soak(0.7, 293.15, 293.15, 330.0))

    @jax.jit
    def compared(force_N, speed):
        limits = axle_limits(placed, state, speed, 1e6, 1e6, 1.0)
        given = deliver(placed, state, limits, force_N, speed)
        cost = sum(
            axle_power(axle, own, limit, part, speed).electric_W
            for axle, own, limit, part in zip(vehicle.axles, state.axles, limits, given.axle_N, strict=True)
        )
        low = jnp.maximum(-limits[0].brake_N, given.drive_N - limits[1].drive_N)
        high = jnp.minimum(limits[0].drive_N, given.drive_N + limits[1].brake_N)
        first = low + (high - low) * jnp.linspace(0.0, 1.0, 2001)
        grid = sum(
            axle_power(axle, own, limit, part, speed).electric_W
            for axle, own, limit, part in zip(
                vehicle.axles, state.axles, limits, (first, given.drive_N - first), strict=True
            )
        )
        inside = jnp.all(
            jnp.array(
                [(p >= -x.brake_N - 1e-6) & (p <= x.drive_N + 1e-6) for p, x in zip(given.axle_N, limits, strict=True)]
            )
        )
        return cost, jnp.min(grid), sum(given.axle_N) - given.drive_N, inside, given.drive_N * speed

    random = np.random.default_rng(2)
    excess_W, moved_W = [], []
    for force_N, speed in zip(random.uniform(-5e3, 9e3, 200), random.uniform(1.0, 40.0, 200), strict=True):
        cost, best, left_N, inside, power_W = (float(x) for x in compared(force_N, speed))
        assert abs(left_N) < 1e-6
        assert inside
        excess_W.append(cost - best)
        moved_W.append(abs(power_W))
    allowed_W = WORST_EXCESS_W + WORST_EXCESS_RATIO * np.array(moved_W)
    worst = int(np.argmax(np.array(excess_W) - allowed_W))
    assert np.all(np.array(excess_W) <= allowed_W), (excess_W[worst], moved_W[worst])

"""The car, the road and the small tools that many tests share: few structures, so that little is compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.simulation.cycle import Cycle
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission
from covolt.simulation.step import Request, step
from covolt.vehicle.assembly import PlacedVehicle, Vehicle, VehicleState

COMPACT: dict[str, Any] = {
    "test_mass": "3875 lb",
    "coast_down": {
        "constant": "25.89 lbf",
        "linear": "0.3449 lbf/mph",
        "quadratic": "0.01945 lbf/mph^2",
        "reference": "epa",
    },
    "battery_energy": "40 kWh",
    "motor_power": "110 kW",
    "inverter_kind": "silicon",
    "layout": "front",
    "gear_ratio": 8.19,
    "wheel_radius": "0.311 m",
}
"""A compact car by the EPA's 2022 test-car list (Nissan Leaf, 40 kWh)."""
LABORATORY = Conditions(ambient_temperature_K=ZERO_CELSIUS_K + 23.9, on_dynamometer=True)
CORNERS_s = (0.0, 5.0, 15.0, 30.0, 45.0, 55.0, 60.0, 85.0, 105.0, 115.0, 120.0)
CORNERS_m_per_s = (0.0, 0.0, 13.0, 13.0, 9.0, 14.0, 14.0, 27.0, 26.0, 0.0, 0.0)


def figures(**changes: Any) -> CarFigures:
    """The compact car's figures, some of them changed; None leaves one out."""
    given = {key: value for key, value in (COMPACT | changes).items() if value is not None}
    return CarFigures.model_validate(given)


@cache
def compact() -> Vehicle:
    """The compact car."""
    return car(figures())


def with_leaf(vehicle: Any, where: Callable[[Any], Any], value: Any) -> Any:
    """The same part with one leaf, or a tuple of them, replaced; scalars stay scalars."""
    leaves = where(vehicle)
    if isinstance(leaves, tuple):
        return eqx.tree_at(where, vehicle, tuple(jnp.asarray(v, dtype=float) for v in value))
    return eqx.tree_at(where, vehicle, jnp.asarray(value, dtype=float))


def errand(dt_s: float = 1.0, slope: Any = None) -> Cycle:
    """Two minutes of town and rural road, from standstill to standstill; with `slope`, a rise over run at each corner."""
    time_s = dt_s * np.arange(round(CORNERS_s[-1] / dt_s) + 1)
    grade = None if slope is None else np.interp(time_s, CORNERS_s, slope)
    return Cycle("errand", "errand", time_s, np.interp(time_s, CORNERS_s, CORNERS_m_per_s), grade)


def mission(conditions: Conditions | None = None, *, dt_s: float = 1.0, slope: Any = 0.0) -> Mission:
    """The errand as a mission that always has a slope, so that one compiled drive serves flat and hilly roads."""
    cycle = errand(dt_s)
    corners = np.broadcast_to(np.asarray(slope, dtype=float), len(CORNERS_s))
    middle = cycle.time_s[1:] - 0.5 * dt_s
    profile = {
        "target_m_per_s": cycle.speed_m_per_s[1:],
        "slope_fraction": np.interp(middle, CORNERS_s, corners),
    }
    return Mission("errand", profile, dt_s, 0.0, conditions or LABORATORY)


@cache
def compiled_step() -> Callable[..., tuple[VehicleState, dict[str, jax.Array]]]:
    """One step of a placed vehicle with slope, compiled once per structure."""

    def one(car: PlacedVehicle, state: VehicleState, target: Any, slope: Any, dt_s: Any) -> Any:
        return step(car, state, Request(target_m_per_s=target, slope_fraction=slope), dt_s)

    return jax.jit(one)

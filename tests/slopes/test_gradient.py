"""The gradient of a trip's energy by ten design parameters: Taylor slope 2, and equal to central differences."""

from __future__ import annotations

from functools import cache

import jax
import numpy as np
import pytest
from tests.sample import compact, mission

from covolt.errors import InputError
from covolt.simulation.gradient import Slope, energy_slope, parameter_names
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions
from covolt.simulation.run import simulate
from covolt.vehicle.assembly import Vehicle

TEN = (
    "body.mass_kg",
    "body.constant_N",
    "body.quadratic_N_s2_per_m2",
    "tyre.radius_m",
    "axles[0].gearbox.ratio",
    "axles[0].gearbox.mesh_efficiency",
    "axles[0].drive_unit.torque_squared_W_per_Nm2",
    "axles[0].drive_unit.speed_W_s",
    "battery.resistance_ratio",
    "auxiliary.moving_load_W",
)
TRIP = mission(
    Conditions(ambient_temperature_K=ZERO_CELSIUS_K + 5.0, state_of_charge=0.7),
    slope=[0.0, 0.0, 0.01, 0.02] + [0.0] * 7,
)


@cache
def base() -> np.ndarray:
    names = parameter_names(compact())
    leaves = [float(leaf) for leaf in jax.tree.leaves(compact()) if np.ndim(leaf) == 0]
    return np.array([leaves[names.index(name)] for name in TEN])


def changed(values: np.ndarray) -> Vehicle:
    paths = parameter_names(compact())
    leaves, tree = jax.tree.flatten(compact())
    for name, value in zip(TEN, values, strict=True):
        leaves[paths.index(name)] = np.asarray(value)
    return jax.tree.unflatten(tree, leaves)


def energy_J(values: np.ndarray) -> float:
    return simulate(changed(values), TRIP).ledger.energy_J("battery")


@pytest.fixture(scope="module")
def slope() -> Slope:
    return energy_slope(compact(), TRIP, TEN)


def test_the_gradient_belongs_to_the_energy_that_a_drive_reports(slope: Slope) -> None:
    assert slope.energy_J == pytest.approx(energy_J(base()), rel=1e-11)
    assert tuple(slope.by_parameter) == TEN


@pytest.mark.parametrize("name", TEN)
def test_the_gradient_equals_central_differences(slope: Slope, name: str) -> None:
    index, step = TEN.index(name), np.zeros(len(TEN))
    step[index] = 1e-4 * base()[index]
    differences = [
        (energy_J(base() + k * step) - energy_J(base() - k * step)) / (2.0 * k * step[index]) for k in (1.0, 2.0)
    ]
    fourth_order = (4.0 * differences[0] - differences[1]) / 3.0
    assert slope.by_parameter[name] == pytest.approx(fourth_order, rel=1e-6)


def test_the_remainder_of_the_tangent_falls_with_the_square_of_the_step(slope: Slope) -> None:
    random = np.random.default_rng(5)
    direction = base() * random.uniform(-1.0, 1.0, len(TEN))
    along_J = float(np.dot(direction, [slope.by_parameter[name] for name in TEN]))
    steps = np.array([4e-3, 2e-3, 1e-3, 5e-4])
    remainders = [abs(energy_J(base() + h * direction) - slope.energy_J - h * along_J) for h in steps]
    orders = np.diff(np.log(remainders)) / np.diff(np.log(steps))
    assert np.all(np.abs(orders - 2.0) < 0.1), orders


def test_a_parameter_that_is_not_there_is_named_with_its_neighbour() -> None:
    with pytest.raises(InputError) as raised:
        energy_slope(compact(), TRIP, ["body.mass", "nonsense", "tyre.radius_m"])
    assert [problem.what for problem in raised.value.problems] == [
        "no parameter 'body.mass'",
        "no parameter 'nonsense'",
    ]
    assert "body.mass_kg" in raised.value.problems[0].hint

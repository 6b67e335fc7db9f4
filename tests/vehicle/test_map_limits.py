"""Torque at a power limit, on loss maps of every shape, is that of bisection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vehicle.test_drive_unit import MACHINE, WARM

from covolt.vehicle.drive_unit import MapDriveUnit
from covolt.vehicle.lookup import map_2d

PEAK_Nm = 310.0
POINTS = 400
Losses = Callable[[Any, Any], Any]
SHAPES: dict[str, Losses] = {
    "constant efficiency": lambda w, T: 0.07 * np.abs(T) * w,
    "by torque alone": lambda w, T: 9.0 * np.abs(T) + 0.0 * w,
    "constant and by power": lambda w, T: 300.0 + 0.05 * np.abs(T) * w,
    "constant and by torque": lambda w, T: 250.0 + 9.0 * np.abs(T) + 0.0 * w,
    "curved": lambda w, T: 250.0 + 5.0 * np.abs(T) + 0.0282 * T * T + 0.27 * w,
    "steps": lambda w, T: 200.0 + 900.0 * np.floor(np.abs(T) / 70.0) + 0.4 * w,
    "braking loses more": lambda w, T: 150.0 + np.where(T < 0.0, 0.12, 0.05) * np.abs(T) * w,
    "none": lambda w, T: 0.0 * w * T,
}


@st.composite
def grids(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Speeds and torques; torques begin and end at, within or beyond the peak, and zero is one of them or not."""
    speeds = draw(st.sampled_from([2, 5]))
    torques = draw(st.sampled_from([2, 3, 8, 31]))
    low, high = (side * PEAK_Nm * draw(st.sampled_from([0.8, 1.0, 1.05])) for side in (-1.0, 1.0))
    axes = [np.linspace(0.0, 1, speeds), np.linspace(0.0, 1.0, torques)]
    bent = [axis ** draw(st.sampled_from([1.0, 1.6])) for axis in axes]
    return 1700.0 * bent[0], low + (high - low) * bent[1]


def read_W(speeds: np.ndarray, torques: np.ndarray, losses_W: np.ndarray) -> Losses:
    """A map read bilinearly, held at its edges, by NumPy."""

    def part(grid: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        i = np.clip(np.searchsorted(grid, x, side="right") - 1, 0, len(grid) - 2)
        return i, np.clip((x - grid[i]) / (grid[i + 1] - grid[i]), 0.0, 1.0)

    def read(w: np.ndarray, T: np.ndarray) -> np.ndarray:
        (i, u), (j, v) = part(speeds, w), part(torques, T)
        near, far = (losses_W[i, k] + u * (losses_W[i + 1, k] - losses_W[i, k]) for k in (j, j + 1))
        return near + v * (far - near)

    return read


def by_bisection_Nm(losses: Losses, power_W: np.ndarray, speed: np.ndarray, side: float) -> np.ndarray:
    """The largest torque of one side (positive) whose power, side * (T w + P_loss), stays within side * power."""

    def excess_W(torque: np.ndarray) -> np.ndarray:
        T = side * torque
        return side * (T * speed + losses(speed, T) - power_W)

    near, far = np.zeros_like(speed), np.full_like(speed, PEAK_Nm)
    possible, binds = excess_W(near) < 0.0, excess_W(far) > 0.0
    for _ in range(60):
        middle = 0.5 * (near + far)
        below = excess_W(middle) < 0.0
        near, far = np.where(below, middle, near), np.where(below, far, middle)
    return np.where(binds, np.where(possible, near, 0.0), PEAK_Nm)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(grid=grids(), seed=st.integers(0, 1000))
def test_a_limit_gives_the_torque_of_bisection(shape: str, grid: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    speeds, torques = grid
    losses_W = SHAPES[shape](speeds[:, None], torques[None, :])
    unit = MapDriveUnit(MACHINE, map_2d(speeds, torques, losses_W))
    random = np.random.default_rng(seed)
    # Slower, losses may rise more steeply than power with torque: then there are several torques of one power.
    speed, power_W = random.uniform(60.0, 1600.0, POINTS), random.uniform(0.0, 110e3, POINTS)
    for side, found in (
        (1.0, unit.drive_torque_Nm(WARM, jnp.asarray(power_W), jnp.asarray(speed))),
        (-1.0, unit.brake_torque_Nm(WARM, jnp.asarray(power_W), jnp.asarray(speed))),
    ):
        right = by_bisection_Nm(read_W(speeds, torques, losses_W), side * power_W, speed, side)
        worst = int(np.argmax(np.abs(np.asarray(found) - right)))
        assert np.allclose(found, right, atol=1e-6), (
            f"{float(found[worst]):.3f} Nm at {speed[worst]:.1f} rad/s and {side * power_W[worst]:.0f} W, "
            f"bisection {right[worst]:.3f}"
        )

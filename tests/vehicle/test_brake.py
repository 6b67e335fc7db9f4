"""Brakes: the blend of recuperation and friction."""

from __future__ import annotations

import pytest

from covolt.vehicle.brake import Brake, axle_grip_N
from covolt.vehicle.part import GRAVITY_m_per_s2

BRAKE = Brake(
    recuperation_fraction=0.8,
    recuperation_deceleration_m_per_s2=2.5,
    fade_start_m_per_s=2.0,
    fade_end_m_per_s=0.5,
)


@pytest.mark.parametrize(
    ("request_N", "speed", "allowed_N"),
    [
        (3000.0, 20.0, 2400.0),  # the share
        (20000.0, 20.0, 5000.0),  # the deceleration
        (3000.0, 2.0, 2400.0),  # where fading starts
        (3000.0, 1.25, 1200.0),  # half faded
        (3000.0, 0.5, 0.0),  # faded out
        (3000.0, 0.0, 0.0),
        (-3000.0, 20.0, 0.0),  # driving
    ],
)
def test_recuperation_is_the_least_of_its_limits(request_N: float, speed: float, allowed_N: float) -> None:
    assert float(BRAKE.recuperation_N(request_N, 2000.0, speed)) == pytest.approx(allowed_N)


def test_grip_is_friction_times_the_weight_on_the_axle() -> None:
    assert axle_grip_N(0.9, 2000.0, 0.6) == pytest.approx(0.9 * 0.6 * 2000.0 * GRAVITY_m_per_s2)

"""A city car soaked in hard frost: its battery, not its drive, limits it, and the outcome says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from covolt.library.subject import Subject
from covolt.simulation.cycles import standard
from covolt.simulation.limit import LIMITS
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, follow, full_throttle
from covolt.simulation.run import simulate

BATTERY = LIMITS.index("battery")


@pytest.fixture(scope="module")
def soaked() -> Callable[[float, float], Conditions]:
    def conditions(celsius: float, state_of_charge: float) -> Conditions:
        return Conditions(
            ambient_temperature_K=ZERO_CELSIUS_K + celsius, comforts_on=False, state_of_charge=state_of_charge
        )

    return conditions


def test_at_minus_30_degC_and_low_charge_the_battery_limits_a_launch(
    subject: Subject, soaked: Callable[[float, float], Conditions]
) -> None:
    warm, frozen = (simulate(subject.vehicle, full_throttle(20.0, soaked(celsius, 0.2))) for celsius in (25.0, -30.0))
    assert not np.any(warm["limit"] == BATTERY)
    assert np.mean(frozen["limit"] == BATTERY) > 0.9
    assert np.min(frozen["battery_power_W"]) > 0.7 * np.min(warm["battery_power_W"])
    assert frozen["speed_m_per_s"][-1] < 0.8 * warm["speed_m_per_s"][-1]


def test_cold_us06_is_missed_for_want_of_battery_power_and_says_so(
    subject: Subject, soaked: Callable[[float, float], Conditions]
) -> None:
    us06 = standard("us06")
    assert simulate(subject.vehicle, follow(us06, soaked(25.0, 0.5))).outcome.completed
    frozen = simulate(subject.vehicle, follow(us06, soaked(-30.0, 0.5)))
    assert not frozen.outcome.completed
    assert frozen.outcome.limit == "battery"
    assert "the battery gives no more power at -2" in frozen.outcome.reason
    assert frozen.ledger.closes


def test_at_minus_40_degC_it_drives_and_takes_nothing_back_until_it_is_warm(
    subject: Subject, soaked: Callable[[float, float], Conditions]
) -> None:
    drive = simulate(subject.vehicle, follow(standard("udds"), soaked(-40.0, 0.9)))
    before_K = np.concatenate([[ZERO_CELSIUS_K - 40.0], drive["battery_temperature_K"][:-1]])
    frozen = before_K < ZERO_CELSIUS_K - 30.0
    assert frozen.any() and not frozen.all()
    assert np.max(drive["battery_power_W"][frozen]) <= 1e-6
    assert np.max(drive["battery_power_W"][~frozen]) > 1000.0
    assert drive.result.distance_m > 10e3

"""Missions and conditions: what is built, and every problem at once where something is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from tests.sample import LABORATORY, errand

from covolt.errors import InputError
from covolt.simulation.mission import Conditions, Mission, coast_down, follow, full_throttle, steady


def test_all_problems_of_the_conditions_at_once() -> None:
    with pytest.raises(InputError) as raised:
        Conditions(
            ambient_temperature_K=-20.0,
            pressure_Pa=1.0,
            wind_m_per_s=float("nan"),
            sun_W_per_m2=-5.0,
            payload_kg=1e6,
            state_of_charge=80.0,
            battery_temperature_K=25.0,
            cabin_temperature_K=float("inf"),
            vehicle_temperature_K=0.0,
        )
    problems = raised.value.problems
    assert [problem.where for problem in problems] == [
        f"conditions.{name}"
        for name in (
            "ambient_temperature_K", "pressure_Pa", "wind_m_per_s", "sun_W_per_m2", "payload_kg", "state_of_charge",
            "battery_temperature_K", "cabin_temperature_K", "vehicle_temperature_K",
        )
    ]  # fmt: skip
    assert all(problem.hint and "outside" in problem.what for problem in problems)
    assert "-20 K lies outside 213.15 to 333.15 K" in problems[0].what


@pytest.mark.parametrize("celsius", [-40.0, -30.0, 0.0, 45.0])
def test_every_weather_of_the_demand_is_allowed(celsius: float) -> None:
    assert Conditions(ambient_temperature_K=273.15 + celsius).battery_temperature_K is None


def test_all_problems_of_a_mission_at_once() -> None:
    gap = np.array([0.0, np.nan, np.inf])
    with pytest.raises(InputError) as raised:
        Mission("broken", {"slope_fraction": gap, "preview_m_per_s": np.zeros(5)}, dt_s=-1.0)
    whats = [problem.what for problem in raised.value.problems]
    assert len(whats) == 4
    assert whats[0] == "slope_fraction[1] is not a finite number, one of 2 such"
    assert whats[1] == "no target speed"
    assert "unequal length" in whats[2]
    assert whats[3] == "step of -1 s"
    assert all(problem.hint for problem in raised.value.problems)


@pytest.mark.parametrize("dt_s", [float("nan"), float("inf"), 0.0])
def test_a_step_that_is_no_length_is_refused(dt_s: float) -> None:
    with pytest.raises(InputError):
        Mission("broken", {"target_m_per_s": np.zeros(3)}, dt_s=dt_s)


def test_an_empty_mission_is_refused() -> None:
    with pytest.raises(InputError):
        Mission("empty", {"target_m_per_s": np.zeros(0)})


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(InputError):
        Mission("broken", {"target_m_per_s": np.zeros(3), "slope": np.zeros(3)})


def test_following_asks_for_the_end_of_each_step() -> None:
    cycle = errand()
    drive = follow(cycle, LABORATORY)
    assert drive.count == 120
    assert np.array_equal(drive.profile["target_m_per_s"], cycle.speed_m_per_s[1:])
    assert drive.start_speed_m_per_s == cycle.speed_m_per_s[0]
    assert set(drive.profile) == {"target_m_per_s"}


def test_following_takes_the_mean_slope_of_each_step_and_looks_ahead() -> None:
    drive = follow(errand(slope=np.linspace(0.0, 0.05, 11)), preview_s=3.0)
    grade = errand(slope=np.linspace(0.0, 0.05, 11)).grade_fraction
    assert grade is not None
    assert np.allclose(drive.profile["slope_fraction"], 0.5 * (grade[1:] + grade[:-1]))
    target, preview = drive.profile["target_m_per_s"], drive.profile["preview_m_per_s"]
    assert np.array_equal(preview[:-3], target[3:])
    assert np.all(preview[-3:] == target[-1])


def test_a_finer_step_keeps_distance_and_duration() -> None:
    fine = follow(errand(), dt_s=0.25)
    assert fine.count == 480
    assert fine.duration_s == 120.0
    assert fine.end_time_s[-1] == 120.0


def test_prepared_missions() -> None:
    held = steady(20.0, 30, slope_fraction=0.02)
    assert held.start_speed_m_per_s == 20.0
    assert np.all(held.profile["slope_fraction"] == 0.02)
    assert not full_throttle(10.0).follows_trace
    assert full_throttle(10.0).count == 200
    assert np.all(coast_down(30.0, 20.0).profile["coasting_fraction"] == 1.0)
    assert held.under(LABORATORY).conditions is LABORATORY

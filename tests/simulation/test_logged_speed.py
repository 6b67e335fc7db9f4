"""Logs of speed: steps, noise and held values go, and what is no log stays to the last bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from tests.sample import compact

from covolt.cli import main
from covolt.simulation import cycles
from covolt.simulation.cycle import Cycle, FloatArray
from covolt.simulation.cycles import names, standard
from covolt.simulation.logged_speed import unlogged
from covolt.simulation.mission import follow
from covolt.simulation.run import simulate

MILE_PER_HOUR = 0.44704


def true_drive() -> tuple[FloatArray, FloatArray]:
    """Ten minutes of Artemis road as a foot would drive them, ten rows a second."""
    cycle = standard("artemis-road")
    time_s = np.round(np.arange(0.0, 600.0, 0.1), 1)
    speed = gaussian_filter1d(np.interp(time_s, cycle.time_s, cycle.speed_m_per_s), 8)
    return time_s, np.where(speed < 0.02, 0.0, speed)


TIME_s, TRUE = true_drive()


def consumption_J_per_m(speed: FloatArray) -> float:
    return simulate(compact(), follow(Cycle("log", "log", TIME_s, speed))).result.battery_consumption_J_per_m


def noisy(size_km_per_h: float) -> FloatArray:
    noise = np.random.default_rng(7).normal(0.0, size_km_per_h / 3.6, TRUE.size)
    return np.maximum(TRUE + noise * (TRUE > 0.0), 0.0)


LOGS = {
    "1 km/h": (np.round(TRUE * 3.6) / 3.6, "in steps of 1 km/h every 0.1 s"),
    "0.7 km/h": (np.round(TRUE * 3.6 / 0.7) * 0.7 / 3.6, "in steps of 0.7 km/h"),
    "1 mph": (np.round(TRUE / MILE_PER_HOUR) * MILE_PER_HOUR, "in steps of 1.61 km/h"),
    "1 mph, written in km/h": (np.round(np.round(TRUE / MILE_PER_HOUR) * 1.609344, 2) / 3.6, "in steps of 1.61 km/h"),
    "1 km/h, cut off": (np.floor(TRUE * 3.6 + 1e-9) / 3.6, "in steps of 1 km/h"),
    "1 km/h and noise": (np.round(noisy(0.1) * 3.6) / 3.6, "in steps of 1 km/h"),
    "noise": (noisy(0.3), "noisy from row to row by 0.3 km/h"),
    "noise above 1 km/h": (np.round(noisy(0.4) * 3.6) / 3.6, "noisy from row to row by 0.49 km/h"),
    "once a second": (np.repeat(TRUE[::10], 10), "renewed only once in 10 rows"),
}


@pytest.mark.parametrize(("logged", "told"), LOGS.values(), ids=LOGS.keys())
def test_a_log_takes_the_energy_of_the_drive_that_was_logged(logged: FloatArray, told: str) -> None:
    smooth, said = unlogged(TIME_s, logged)
    truth = consumption_J_per_m(TRUE)
    assert told in said
    assert consumption_J_per_m(logged) > 1.05 * truth
    assert consumption_J_per_m(smooth) == pytest.approx(truth, rel=0.012)
    assert float(np.trapezoid(smooth)) == pytest.approx(float(np.trapezoid(logged)), rel=2e-3)
    assert np.all(smooth[logged == 0.0] == 0.0) or "renewed" in told
    if "steps" in told:
        half = 0.5 * (MILE_PER_HOUR if "1.61" in told else (0.7 if "0.7" in told else 1.0) / 3.6)
        assert float(np.max(np.abs(smooth - logged))) <= 1.02 * half


@pytest.mark.parametrize("step_s", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("name", names())
def test_standard_cycles_stay_to_the_last_bit(name: str, step_s: float) -> None:
    cycle = standard(name).resampled(step_s)
    speed, told = unlogged(cycle.time_s, cycle.speed_m_per_s)
    assert told == ""
    assert np.array_equal(speed, cycle.speed_m_per_s)


@pytest.mark.parametrize("digits", [2, 3, 12])
def test_a_smooth_fast_log_stays_to_the_last_bit(digits: int) -> None:
    logged = np.round(TRUE * 3.6, digits) / 3.6
    speed, told = unlogged(TIME_s, logged)
    assert told == "" and np.array_equal(speed, logged)


def trapezes(step_s: float) -> FloatArray:
    """Forty times up by 1 m/s2, ten seconds at 10 m/s, down and a stand, in whole numbers as people write them."""
    one = np.concatenate([np.arange(0, 10), np.full(10, 10), np.arange(10, 0, -1), np.zeros(10)])
    return np.interp(np.arange(0.0, 1500.0, step_s), np.arange(1600.0), np.tile(one, 40))


@pytest.mark.parametrize("step_s", [1.0, 0.5, 0.1])
def test_a_cycle_that_people_wrote_in_whole_numbers_is_no_log(step_s: float) -> None:
    speed = trapezes(step_s)
    time_s = step_s * np.arange(speed.size)
    assert unlogged(time_s, speed)[1] == ""


def test_steps_of_constant_speed_stay_steps() -> None:
    """A schedule that changes its speed every minute is no slow sensor."""
    speed = np.repeat(np.tile([10.0, 10.5, 11.0, 10.5], 10), 60)
    assert unlogged(np.arange(speed.size, dtype=float), speed)[1] == ""


def test_noise_that_a_slow_log_cannot_tell_from_driving_is_said_and_left() -> None:
    cycle = standard("artemis-road")
    noise = np.random.default_rng(3).normal(0.0, 0.35, cycle.time_s.size)
    logged = np.maximum(cycle.speed_m_per_s + noise * (cycle.speed_m_per_s > 0.0), 0.0)
    speed, told = unlogged(cycle.time_s, logged)
    assert np.array_equal(speed, logged)
    assert "noisy" in told and "smooth the recording" in told


def test_uneven_rows_are_smoothed_too() -> None:
    jitter = np.random.default_rng(5).uniform(-0.03, 0.03, TIME_s.size)
    time_s = TIME_s + jitter - jitter[0]
    at = np.interp(time_s, TIME_s, TRUE)
    logged = np.round(at * 3.6) / 3.6
    smooth, told = unlogged(time_s, logged)
    assert "in steps of 1 km/h" in told
    assert float(np.sqrt(np.mean((smooth - at) ** 2))) < 0.2 / 3.6


@pytest.mark.whole
def test_python_and_the_command_agree_and_say_what_was_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same file once gave two answers, neither of them right."""
    from covolt.library.build import car
    from covolt.library.cars import figures

    path = tmp_path / "trip.csv"
    rows = "".join(f"{t:.1f},{v:.0f}\n" for t, v in zip(TIME_s, TRUE * 3.6, strict=True))
    path.write_text("time_s,speed_kmh\n" + rows)
    with pytest.raises(SystemExit):
        main(["drive", "leaf-40", "--cycle", str(path), "--no-comforts", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert "in steps of 1 km/h" in told["remarks"][0]
    with pytest.warns(UserWarning, match="in steps of 1 km/h"):
        cycle = cycles.read_csv(path)
    assert cycle.remarks == tuple(one for one in told["remarks"] if not one.startswith(("Generic", "±")))
    from covolt.simulation.mission import Conditions

    trace = simulate(car(figures("leaf-40")), follow(cycle, Conditions(comforts_on=False, state_of_charge=0.9)))
    used_J = next(one["energy_J"] for one in told["ledger"] if one["name"] == "battery")
    assert trace.ledger.energy_J("battery") == pytest.approx(used_J, rel=1e-9)

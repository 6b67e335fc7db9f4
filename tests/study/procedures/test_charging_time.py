"""Charging: time, power and energy against each other and against what post and battery allow."""

import pytest

from covolt.study.procedures.charging_time import PROCEDURES
from covolt.study.procedures.protocol import Given
from tests.study.procedures.sample import did

DIRECT, ALTERNATING = PROCEDURES


@pytest.mark.parametrize("key", [50, 150])
def test_mean_power_times_time_is_the_energy_at_the_plug(subject, key):
    m = did(DIRECT, subject).measures
    assert m[f"mean_power_{key}"] * m[f"time_{key}"] == pytest.approx(m[f"plug_energy_{key}"])
    assert m[f"mean_power_{key}"] <= 1e3 * key
    assert 0.8 < m[f"efficiency_{key}"] <= 1.0


def test_a_socket_gives_its_power_until_the_battery_is_full(subject):
    """The lesser of socket and on-board charger is far below what the cells take: E / P but for the last per cent."""
    record = did(ALTERNATING, subject)
    m, limit = record.measures, next(line.value_si for line in record.lines if line.symbol == "P_max")
    for key, socket_W in ((7, 7.4e3), (11, 11e3), (22, 22e3)):
        least = m[f"plug_energy_{key}"] / min(socket_W, limit)
        assert least * 0.999 <= m[f"time_{key}"] <= 1.01 * least


def test_what_is_stored_in_half_an_hour_is_no_more_than_the_post_gives(subject):
    m = did(DIRECT, subject).measures
    stored = [m[f"energy_{minutes}_min"] for minutes in (10, 20, 30)]
    assert stored == sorted(stored)
    assert stored[0] <= 600.0 * 150e3
    assert stored[-1] <= m["plug_energy_150"] or m["time_150"] > 1800.0


def test_preparing_the_battery_shortens_a_cold_charge(subject):
    cold = Given(ambient_temperature_K=253.15)
    ready = Given(ambient_temperature_K=253.15, start="preconditioned")
    assert did(DIRECT, subject, ready).measures["time_50"] < did(DIRECT, subject, cold).measures["time_50"]

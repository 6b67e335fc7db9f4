"""SORT: consumption between what the road takes and what the wheels ask for, and what follows from it."""

import numpy as np
import pytest

from covolt.simulation.cycles import standard
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, follow
from covolt.simulation.run import simulate
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.segments import window_energy_J
from covolt.study.procedures.sort import PROCEDURES
from covolt.vehicle.ambient import Ambient
from tests.study.procedures.sample import did
from tests.study.procedures.test_vecto_mission import bus


@pytest.mark.parametrize("number", [1, 2, 3])
def test_traction_lies_between_the_road_and_the_wheels(number):
    """Losses of the road over the cycle by hand are the least, the positive work at the wheels over 60 % the most."""
    record = did(PROCEDURES[number - 1], bus())
    cycle = standard(f"sort-{number}").resampled(0.5)
    v = cycle.speed_m_per_s
    mean, a, dt = 0.5 * (v[1:] + v[:-1]), np.diff(v) / 0.5, 0.5
    vehicle = bus().vehicle
    road = vehicle.body.at(Ambient(ZERO_CELSIUS_K + 20.0), 0.5 * 5250.0, vehicle.tyre)
    steady = float(road.rolling_N) + float(road.constant_N) + float(road.quadratic_N_s2_per_m2) * mean**2
    force = np.where(mean > 0.0, steady, 0.0) + float(road.equivalent_mass_kg) * a
    losses = float(np.sum(np.where(mean > 0.0, steady, 0.0) * mean)) * dt / cycle.distance_m
    asked = float(np.sum(np.maximum(force, 0.0) * mean)) * dt / cycle.distance_m
    assert losses < record.measures["consumption_traction"] < asked / 0.6
    assert record.measures["consumption_traction"] < record.measures["consumption"]


def test_the_range_is_the_usable_energy_over_the_consumption():
    record = did(PROCEDURES[1], bus())
    usable = next(line.value_si for line in record.lines if line.symbol == "UBE")
    assert record.measures["range"] * record.measures["consumption"] == pytest.approx(usable)


def test_the_range_is_that_of_a_bus_driven_until_it_is_empty():
    cycle = standard("sort-2")
    half_kg = 0.5 * (bus().maximum_load_kg or 0.0)
    conditions = Conditions(ZERO_CELSIUS_K + 20.0, payload_kg=half_kg, comforts_on=False, state_of_charge=1.0)
    trace = simulate(bus().vehicle, follow(cycle.repeated(330), conditions, dt_s=1.0))
    driven = trace["state_of_charge"] > 0.005
    record = did(PROCEDURES[1], bus())
    assert record.measures["range"] == pytest.approx(float(np.sum(trace["mean_speed_m_per_s"][driven])), rel=0.02)
    usable = next(line.value_si for line in record.lines if line.symbol == "UBE")
    assert usable == pytest.approx(float(-np.sum(trace["battery_power_W"][driven])), rel=0.02)
    assert usable < bus().declared["battery"]["energy_usable"]


def test_the_energy_of_a_window_is_the_sum_of_its_parts():
    whole = window_energy_J(bus())
    parts = [window_energy_J(bus(), low, low + 0.1) for low in np.arange(0.0, 0.99, 0.1)]
    assert whole == pytest.approx(sum(parts), rel=1e-4)


def test_what_stands_beside_the_traction_falls_with_the_mean_speed():
    """Auxiliaries draw their power over time: per kilometre P / v, so their share is that of the mean speeds."""
    beside = [did(one, bus()).measures for one in PROCEDURES]
    power = [
        (found["consumption"] - found["consumption_traction"]) * standard(f"sort-{n}").mean_speed_m_per_s
        for n, found in enumerate(beside, 1)
    ]
    assert power == pytest.approx([power[0]] * 3, rel=0.05)


def test_a_fuller_bus_takes_more():
    more = did(PROCEDURES[0], bus(), Given(payload_kg=5250.0)).measures
    assert more["consumption"] > did(PROCEDURES[0], bus()).measures["consumption"]

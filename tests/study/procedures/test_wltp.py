from dataclasses import replace

import equinox as eqx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.study.procedures.driving import carry_out
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.segments import BREAK_OFF_s, break_off, capped, constant_speed, cycle_segments
from covolt.study.procedures.segments import test_mass_kg as mass_of_rule_kg
from covolt.study.procedures.wltp import PROCEDURES as WLTPS
from covolt.study.procedures.wltp import (
    consecutive,
    pairs,
    shortened,
    weighted_consumption,
)
from tests.study.procedures.sample import city_car, recorded

PHASES = ("low", "medium", "high", "extra-high")


@given(st.lists(st.floats(1.0, 1e3), min_size=1, max_size=8), st.floats(1.0, 10.0))
def test_weights_sum_to_one(energies, more):
    usable = sum(energies) * more
    weights, _ = weighted_consumption(usable, [(energy, 1.0) for energy in energies])
    assert sum(weights) == pytest.approx(1.0)


@given(st.floats(10.0, 1e3), st.integers(1, 8), st.floats(1.0, 10.0))
def test_where_consumption_is_constant_the_weights_do_not_matter(per_m, count, more):
    parts = [(per_m * (1 + index), 1.0 + index) for index in range(count)]
    usable = sum(energy for energy, _ in parts) * more
    assert weighted_consumption(usable, parts)[1] == pytest.approx(per_m)


def test_shortened_and_consecutive_tests_agree_within_one_percent(subject):
    """On a vehicle that stays as cold as it began; one that warms reads 1 % further in the shortened test."""

    def heat_capacities(vehicle):
        axle = vehicle.axles[0]
        return (
            vehicle.battery.heat_capacity_J_per_K,
            vehicle.tyre.heat_capacity_J_per_K,
            axle.gearbox.lubrication.heat_capacity_J_per_K,
            axle.drive_unit.machine.heat_capacity_J_per_K,
        )

    frozen = tuple(1e9 * capacity for capacity in heat_capacities(subject.vehicle))
    vehicle = eqx.tree_at(heat_capacities, subject.vehicle, frozen)
    subject = replace(subject, vehicle=vehicle)
    long = carry_out(consecutive(subject, Given(), 14))
    short = carry_out(shortened(subject, Given(), 250e3))
    ranges = [test.usable_J / weighted_consumption(test.usable_J, pairs(test, PHASES))[1] for test in (long, short)]
    assert ranges[0] == pytest.approx(ranges[1], rel=0.01)
    last = short.driven[-1]
    assert (last.name, last.complete) == ("css-e", False)
    assert last.energy_J / short.usable_J <= 0.10


def test_the_protocol_holds_the_sums_it_states(subject):
    record = recorded(WLTPS[0], subject)
    shown = {line.symbol: line.value_si for line in record.lines}
    segments = [line.value_si for line in record.lines if line.symbol.startswith("dE_")]
    assert sum(segments) == pytest.approx(shown["UBE"])
    assert record.measures["range"] * record.measures["consumption"] == pytest.approx(shown["E_AC"])
    assert record.measures["range_city"] > record.measures["range"] > record.measures["range_extra_high"]


def test_the_numbers_of_the_lines_count_up(subject):
    numbers = [tuple(map(int, line.number.split("."))) for line in recorded(WLTPS[0], subject).lines]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers)


def test_length_of_the_cycle():
    assert sum(float(np.sum(one.speed_m_per_s)) for one in cycle_segments("wltc-3b")) == pytest.approx(23266.0, abs=1.0)


def test_a_test_breaks_off_after_four_seconds_outside_the_band():
    asked = np.full(20, 10.0)
    driven = asked.copy()
    driven[5 : 5 + BREAK_OFF_s - 1] = 5.0
    assert break_off(asked, driven) == 20
    driven[5 : 5 + BREAK_OFF_s] = 5.0
    assert break_off(asked, driven) == 5


def test_seconds_are_added_by_phase():
    """WLTC class 3b at 120, 110 and 80 km/h: seconds that the sums of its table give by hand; each phase keeps its way."""
    for highest, added in ((120.0, {"extra-high": 5}), (110.0, {"extra-high": 15}), (80.0, {"high": 16})):
        made = {one.name: capped(one, highest / 3.6) for one in cycle_segments("wltc-3b")}
        for segment in cycle_segments("wltc-3b"):
            more = len(made[segment.name].speed_m_per_s) - len(segment.speed_m_per_s)
            if segment.name in added:
                assert more == added[segment.name]
            lost = float(np.sum(made[segment.name].speed_m_per_s) - np.sum(segment.speed_m_per_s))
            assert abs(lost) <= 0.5 * highest / 3.6 + 1e-9


def test_a_capped_cycle_keeps_its_distance():
    for segment in cycle_segments("wltc-3b"):
        made = capped(segment, 80.0 / 3.6)
        assert float(np.max(made.speed_m_per_s)) <= 80.0 / 3.6
        assert float(np.sum(made.speed_m_per_s)) == pytest.approx(float(np.sum(segment.speed_m_per_s)), rel=0.01)


def test_a_constant_speed_segment_covers_what_it_is_asked():
    assert float(np.sum(constant_speed("css", 100.0 / 3.6, 30e3).speed_m_per_s)) == pytest.approx(30e3, abs=30.0)


def test_no_segment_is_faster_than_the_limiter(subject):
    """Both constant-speed segments are driven at 100 km/h, or at the top speed of a slower vehicle."""
    slow = replace(subject, top_speed_m_per_s=80.0 / 3.6)
    record = recorded(WLTPS[0], slow)
    assert next(line.shown for line in record.lines if line.symbol == "v_CSS") == pytest.approx(80.0)
    test = carry_out(shortened(slow, Given(), 300e3))
    assert float(np.max(test.trace["speed_m_per_s"])) <= 80.0 / 3.6 * 1.001
    assert test.driven[-1].energy_J / test.usable_J <= 0.10
    fast = recorded(WLTPS[0], subject)
    assert next(line.shown for line in fast.lines if line.symbol == "v_CSS") == pytest.approx(100.0)


def test_the_test_mass_of_the_protocol_is_the_one_that_is_driven():
    """A stated load is in it; the line said the test mass of the rule alone."""
    masses = [
        next(one.value_si for one in recorded(WLTPS[0], city_car(), given).lines if one.symbol == "TM")
        for given in (Given(), Given(payload_kg=300.0))
    ]
    assert masses[0] == pytest.approx(mass_of_rule_kg(city_car()))
    assert masses[1] == pytest.approx(city_car().carried_mass_kg + 300.0)

"""Downscaling of the WLTC against its own definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.simulation.cycles import standard
from covolt.study.procedures.downscaling import (
    SECTIONS,
    downscaled,
    downscaled_segments,
    factor,
    rated_power_W,
    required_power_W,
)
from covolt.study.procedures.segments import cycle_segments
from covolt.study.procedures.wltp import PROCEDURES as WLTPS
from tests.study.procedures.sample import changed, city_car, recorded

CYCLES = sorted(SECTIONS)
LAST_DIGIT_m_per_s = 0.05 / 3.6
"""Half of the 0.1 km/h to which lowered speeds are rounded."""


def at(name):
    return standard(name).resampled(1.0).speed_m_per_s


@pytest.mark.parametrize("name", CYCLES)
def test_the_hardest_second_of_the_section_is_the_one_named(name):
    """The prescribed speed is that of the cycle, within its own last digit, somewhere in the rising part."""
    section = SECTIONS[name]
    rising = at(name)[section.begin_s : section.tip_s + 1]
    assert float(np.min(np.abs(rising - section.speed_m_per_s))) < 0.5 / 3.6
    assert float(rising[-1]) == pytest.approx(float(np.max(rising)), abs=3.0)


@pytest.mark.parametrize("name", CYCLES)
def test_a_factor_of_zero_leaves_the_cycle(name):
    phases = cycle_segments(name)
    assert np.array_equal(downscaled(at(name), SECTIONS[name], 0.0), at(name))
    for before, after in zip(phases, downscaled_segments(phases, SECTIONS[name], 0.0), strict=True):
        assert after is before


@pytest.mark.parametrize("name", CYCLES)
@given(by=st.floats(0.011, 1.0))
def test_downscaled_speeds_are_lower_and_meet_the_cycle_at_both_ends(name, by):
    section, speed = SECTIONS[name], at(name)
    lowered = downscaled(speed, section, by)
    inside = slice(section.begin_s, section.end_s + 1)
    assert np.allclose(lowered[: section.begin_s + 1], speed[: section.begin_s + 1], atol=1e-9)
    assert np.array_equal(lowered[section.end_s + 1 :], speed[section.end_s + 1 :])
    assert lowered[section.end_s] == pytest.approx(speed[section.end_s], abs=1e-9)
    assert np.all(lowered >= 0.0)
    higher = speed[inside] > max(speed[section.begin_s], speed[section.end_s])
    assert np.all(lowered[inside][higher] < speed[inside][higher] + LAST_DIGIT_m_per_s)
    assert float(np.max(np.abs(np.diff(lowered)))) <= float(np.max(np.abs(np.diff(speed)))) + 2.0 * LAST_DIGIT_m_per_s
    assert np.allclose(lowered[inside] * 36.0, np.round(lowered[inside] * 36.0), atol=1e-9)


@pytest.mark.parametrize("name", CYCLES)
def test_the_closed_form_is_the_recursion_of_the_rule(name):
    section, speed, by = SECTIONS[name], at(name), 0.3
    step = speed.copy()
    for i in range(section.begin_s, section.tip_s):
        step[i + 1] = step[i] + (speed[i + 1] - speed[i]) * (1.0 - by)
    end = speed[section.end_s]
    back = (step[section.tip_s] - end) / (speed[section.tip_s] - end)
    for i in range(section.tip_s + 1, section.end_s + 1):
        step[i] = step[i - 1] + (speed[i] - speed[i - 1]) * back
    assert downscaled(speed, section, by) == pytest.approx(step, abs=1.001 * LAST_DIGIT_m_per_s)


def test_the_factor_begins_at_its_ratio_and_ends_at_one():
    section = SECTIONS["wltc-3b"]
    assert factor(0.866, section) == 0.0
    assert factor(0.9, section) == pytest.approx(0.019)
    assert factor(1.0, section) == pytest.approx(0.078)
    assert factor(10.0, section) == 1.0
    assert [factor(ratio, section) for ratio in (0.867, 0.88)] == [0.0, 0.0]


def test_required_power_is_that_of_the_road_load():
    car = city_car()
    constant = required_power_W(car, 0.0, 20.0, 0.0)
    faster = required_power_W(car, 0.0, 20.0, 0.5)
    assert faster - constant == pytest.approx(1.03 * car.carried_mass_kg * 0.5 * 20.0)
    assert rated_power_W(car) == pytest.approx(80e3)


def shown(record):
    return {line.symbol: line.value_si for line in record.lines}


def test_a_strong_car_drives_the_cycle_itself():
    lines = shown(recorded(WLTPS[0], city_car()))
    assert lines["f_dsc"] == 0.0
    assert lines["d_WLTC"] == pytest.approx(23266.3, abs=0.5)


def test_a_weak_car_is_downscaled_and_completes_the_test():
    weak = changed(
        city_car(), lambda v: (v.axles[0].drive_unit.machine.peak_power_W,), (20e3,), top_speed_m_per_s=100 / 3.6
    )
    record = recorded(WLTPS[0], weak)
    lines = shown(record)
    assert lines["r_max"] == pytest.approx(lines["P_req,max"] / 20e3)
    assert lines["f_dsc"] == pytest.approx(0.588 * lines["r_max"] - 0.510, abs=5e-4)
    assert lines["d_WLTC"] < 23000.0
    assert record.measures["range"] > 1.1 * recorded(WLTPS[0], city_car()).measures["range"]
    assert "range" not in record.missing

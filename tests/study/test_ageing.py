import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.study.ageing import LAWS, DAY_s, Stress, advance, capacity_lost

YEAR_s = 365.25 * DAY_s


def stress(celsius=20.0, *, share=1.0, cycles=0.4):
    return Stress(share * YEAR_s, 273.15 + celsius, 0.7, 3.9, 0.4, 0.3 / 3600.0, cycles / DAY_s)


@given(st.floats(1e-4, 1e-2), st.floats(0.3, 1.0), st.lists(st.floats(0.1, 100.0), min_size=1, max_size=6))
def test_virtual_time_is_the_power_law_where_nothing_changes(factor, exponent, steps):
    lost = 0.0
    for step in steps:
        lost = advance(lost, factor, exponent, step)
    assert lost == pytest.approx(factor * sum(steps) ** exponent, rel=1e-9)


def test_schmalstieg_at_constant_stress_is_the_published_formula():
    years, V, DOD, T = 10, 3.9, 0.4, 293.15
    alpha = (7.543 * V - 23.75) * 1e6 * math.exp(-6976.0 / T)
    beta = 7.348e-3 * (V - 3.667) ** 2 + 7.600e-4 + 4.081e-3 * DOD
    charge_Ah = 2.0 * 2.15 * 0.4 * 365.25 * years
    expected = alpha * (365.25 * years) ** 0.75 + beta * math.sqrt(charge_Ah)
    assert capacity_lost(LAWS[0], [stress()], years)[-1] == pytest.approx(expected, rel=1e-9)


def test_ten_years_of_the_reference_duty_lie_in_the_band_of_public_code():
    """50 to 90 % daily, 20 degC: public implementations give 0.63 for Schmalstieg and 0.89 for another fit of Naumann's data."""
    kept = {law.name: 1.0 - capacity_lost(law, [stress()], 10)[-1] for law in LAWS}
    assert kept["Schmalstieg 2014"] == pytest.approx(0.63, abs=0.12)
    assert kept["Naumann 2018, 2020"] == pytest.approx(0.89, abs=0.08)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_warmth_and_use_age_and_age_never_heals(law):
    mild, warm, busy = (capacity_lost(law, [one], 8) for one in (stress(), stress(35.0), stress(cycles=1.0)))
    assert all(later > earlier for earlier, later in pairwise(mild))
    assert warm[-1] > mild[-1]
    assert busy[-1] > mild[-1]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_below_freezing_counts_as_freezing(law):
    assert capacity_lost(law, [stress(-30.0)], 3) == capacity_lost(law, [stress(0.0)], 3)

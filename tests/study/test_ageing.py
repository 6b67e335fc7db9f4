import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.study.lifetime.ageing import (
    LAWS,
    DAY_s,
    Growth,
    Stress,
    advance,
    capacity_lost,
    graphite_potential_V,
    laws_of,
)

YEAR_s = 365.25 * DAY_s
BY_NAME = {law.name: law for law in LAWS}


def stress(celsius=20.0, *, share=1.0, cycles=0.4):
    return Stress(share * YEAR_s, 273.15 + celsius, 0.7, 3.9, 0.4, 0.3 / 3600.0, cycles / DAY_s)


@given(st.floats(1e-4, 1e-2), st.floats(0.3, 1.0), st.lists(st.floats(0.1, 100.0), min_size=1, max_size=6))
def test_virtual_time_is_the_power_law_where_nothing_changes(factor, exponent, steps):
    lost = 0.0
    for step in steps:
        lost = advance(lost, Growth(factor, exponent), step)
    assert lost == pytest.approx(factor * sum(steps) ** exponent, rel=1e-9)


@given(
    st.floats(1e-4, 1e-2),
    st.floats(0.3, 1.0),
    st.floats(0.02, 0.5),
    st.lists(st.floats(0.1, 100.0), min_size=1, max_size=6),
)
def test_virtual_time_holds_below_a_ceiling_too(factor, exponent, ceiling, steps):
    lost = 0.0
    for step in steps:
        lost = advance(lost, Growth(factor, exponent, ceiling), step)
    assert lost == pytest.approx(ceiling * math.tanh(factor * sum(steps) ** exponent / ceiling), rel=1e-7)
    assert advance(ceiling, Growth(factor, exponent, 0.5 * ceiling), 100.0) == ceiling


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


def test_graphite_half_full_as_published():
    assert graphite_potential_V(0.5) == pytest.approx(0.123303677, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "celsius", "charge", "calendar", "cycle"),
    [
        ("Smith 2017", 35.0, 0.5, 0.0314180520, 0.0350865140),
        ("Smith 2017", 15.0, 0.5, 0.0063560364, 0.0097835678),
        ("Keil 2016, Preger 2020", 25.0, 0.7, 0.0809390034, 0.0220973873),
        ("Bui 2021", 10.0, 0.7, 0.0788686328, 0.0939714699),
        ("Bui 2021", 25.0, 0.7, 0.0938148431, 0.1053567040),
        ("Gasper 2022", 10.0, 0.7, 0.0350275261, 0.0043776032),
        ("Gasper 2022", 25.0, 0.7, 0.0706518312, 0.0043776032),
    ],
)
def test_a_thousand_days_and_five_hundred_cycles_by_hand(name, celsius, charge, calendar, cycle):
    """The published equations by a desk calculator of twenty digits, 80 % deep and at half a C."""
    law = BY_NAME[name]
    held = Stress(1000.0 * DAY_s, 273.15 + celsius, charge, 3.8, 0.8, 0.5 / 3600.0, 0.0)
    used = replace(held, cycle_rate_per_s=0.5 / DAY_s)
    assert capacity_lost(law, [held], 1) == [pytest.approx(calendar, rel=2e-7)]
    assert capacity_lost(law, [used], 1) == [pytest.approx(calendar + cycle, rel=2e-7)]


def test_the_branch_that_is_left_out_of_smith_is_small_in_the_hardest_use_here():
    """Active material lost, 1 - 2 / (1 + exp((n / n0)^10)), at 0 degC, 65 % charged, half deep, two thousand cycles."""
    knee = 1e4 - 153.0 * 55.0 * 0.5 * 0.65 / 0.6
    assert 1.0 - 2.0 / (1.0 + math.exp((2000.0 / knee) ** 10)) < 3e-5


def test_laws_are_those_of_the_chemistry_and_all_where_it_is_not_known():
    assert [law.name for law in laws_of("NMC")] == ["Schmalstieg 2014", "Smith 2017", "Bui 2021"]
    assert [law.name for law in laws_of("NCA")] == ["Keil 2016, Preger 2020"]
    assert {law.chemistry for law in laws_of("LFP")} == {"LFP"}
    assert laws_of("LTO") == ()
    assert laws_of(None) == LAWS


def test_a_law_says_where_it_was_fitted():
    smith = BY_NAME["Smith 2017"]
    deep = replace(stress(), depth_fraction=0.9)
    assert smith.covers(deep)
    assert not smith.covers(stress())
    assert not smith.covers(replace(deep, temperature_K=323.15))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_warmth_and_use_age_and_age_never_heals(law):
    mild, warm, busy = (capacity_lost(law, [one], 8) for one in (stress(), stress(35.0), stress(cycles=1.0)))
    assert all(later > earlier for earlier, later in pairwise(mild))
    assert warm[-1] > mild[-1]
    assert busy[-1] > mild[-1]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_below_freezing_counts_as_freezing(law):
    assert capacity_lost(law, [stress(-30.0)], 3) == capacity_lost(law, [stress(0.0)], 3)

"""The equations of 40 CFR 600.114-12 against closed forms, and the label against its parts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.simulation.run import simulate
from covolt.study.procedures.five_cycle import PROCEDURES, Bags, city, highway
from covolt.study.procedures.sae_j1634 import PROCEDURES as MULTI_CYCLES
from covolt.study.procedures.segments import terminal_power_W
from covolt.study.verdicts.checking import line_checked, own_checks
from tests.study.procedures.sample import changed, city_car, did, recorded

(PROCEDURE,) = PROCEDURES
positive = st.floats(100.0, 2000.0)


def flat(x: float, **others: object) -> Bags:
    others = {
        name: x for name in ("us06_city_J_per_m", "us06_highway_J_per_m", "hfet_J_per_m", "sc03_J_per_m")
    } | others
    bags = {name: (x, x, x) for name in ("warm_J_per_m", "cold_J_per_m")}
    return Bags(**(bags | others))  # type: ignore[arg-type]


@given(positive)
def test_a_car_that_takes_the_same_everywhere(x):
    """No start, no cooling: the weights of the city sum to 1, those of the highway to 1.007."""
    assert city(flat(x)) == pytest.approx(x / 0.905)
    assert highway(flat(x)) == pytest.approx(1.007 * x / 0.905)


def test_air_conditioning_counts_for_what_it_adds():
    base, hot = flat(500.0), flat(500.0, sc03_J_per_m=700.0)
    assert city(hot) - city(base) == pytest.approx(0.133 * 1.083 * 200.0 / 0.905)
    assert highway(hot) - highway(base) == pytest.approx(0.133 * 0.377 * 200.0 / 0.905)


def test_cold_starts_are_spread_over_the_trips():
    cold = flat(500.0, cold_J_per_m=(900.0, 500.0, 500.0))
    start = 0.33 * 0.24 * 3.6 * 400.0
    assert city(cold) - city(flat(500.0)) == pytest.approx(start / 4.1 / 0.905)
    assert highway(cold) - highway(flat(500.0)) == pytest.approx(start / 60.0 / 0.905)


def test_the_label_is_the_factor_times_the_unadjusted_range():
    record = did(PROCEDURE, city_car())
    plain = recorded(MULTI_CYCLES[0], city_car()).measures
    unadjusted = 0.55 * plain["range_city_unadjusted"] + 0.45 * plain["range_highway_unadjusted"]
    factor = record.measures["adjustment_factor"]
    assert record.measures["range_five_cycle"] == pytest.approx(factor * unadjusted)
    assert 0.6 < factor < 0.85
    unchecked = [line.symbol for line in record.lines if not line_checked(PROCEDURE.id, line, own_checks())]
    assert {"SC03", "EC_5,city", "EC_5,hwy"} <= set(unchecked)
    assert "EC_2/EC_5" not in unchecked


def test_both_factors_hold_the_five_cycles_against_the_multi_cycle_test():
    """EC_2 = UBE / R of the multi-cycle test, as the factor's definition wants; the factor is their ratio, each 0.55 and 0.45."""
    record = did(PROCEDURE, city_car())
    plain = recorded(MULTI_CYCLES[0], city_car()).measures
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    two = [plain["usable_energy"] / plain[f"range_{cycle}_unadjusted"] for cycle in ("city", "highway")]
    assert [lines["EC_2,city"], lines["EC_2,hwy"]] == pytest.approx(two)
    five = [lines["EC_5,city"], lines["EC_5,hwy"]]
    expected = (0.55 * two[0] + 0.45 * two[1]) / (0.55 * five[0] + 0.45 * five[1])
    assert record.measures["adjustment_factor"] == pytest.approx(expected)


def test_sc03_itself_is_driven_after_a_soak_with_cooling_on():
    """Soaked at 95 degF in the sun: a UDDS to warm up, ten minutes off, then SC03, of which alone the energy counts."""
    driven = {}

    def watched(vehicle, mission):
        trace = simulate(vehicle, mission)
        driven.setdefault(mission.name, trace)
        return trace

    record = recorded(PROCEDURE, city_car(), drive=watched)
    trace = driven["sc03"]
    mission = trace.result.mission
    assert mission.phases == (
        ("transient", 0, 505),
        ("stabilised", 505, 1369),
        ("soak", 1369, 1969),
        ("sc03", 1969, 2569),
    )
    assert mission.conditions.ambient_temperature_K == pytest.approx(308.15)
    assert mission.conditions.sun_W_per_m2 == 850.0
    assert trace["climate_power_W"][1969:].min() > 0.0
    assert trace["climate_power_W"][1369:1969].max() == 0.0
    energy_J = terminal_power_W(trace)[1969:].sum()
    shown = next(line.value_si for line in record.lines if line.symbol == "SC03")
    assert shown == pytest.approx(energy_J / (3.5795 * 1609.344), rel=1e-3)


def test_hot_and_cold_cost_more_than_mild():
    lines = {line.title.said("en"): line.value_si for line in did(PROCEDURE, city_car()).lines}
    warm, cold = lines["FTP at 75 degF, stabilised"], lines["FTP at 20 degF, heating on, stabilised"]
    assert cold > 1.3 * warm
    assert next(value for title, value in lines.items() if "SC03" in title) > 1.1 * warm


def test_a_car_too_weak_for_us06_says_so():
    weak = changed(city_car(), lambda v: (v.axles[0].drive_unit.machine.peak_power_W,), (9e3,))
    record = did(PROCEDURE, weak)
    assert set(record.missing) == {one.id for one in PROCEDURE.measures}
    assert all(record.missing.values())


def test_a_car_limited_below_us06_says_so():
    record = did(PROCEDURE, replace(city_car(), top_speed_m_per_s=110.0 / 3.6))
    assert not record.measures
    assert "129 km/h" in record.missing["range_five_cycle"].said("en")

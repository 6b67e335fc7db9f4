"""GTR 22: the duty by hand, and losses that grow as the laws' exponents allow."""

from dataclasses import replace

import pytest

from covolt.errors import InputError
from covolt.study.procedures.durability import MINIMUM_5, MINIMUM_8, PROCEDURES
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from tests.study.procedures.sample import did
from tests.study.procedures.test_sort import bus

(PROCEDURE,) = PROCEDURES


def test_full_cycles_a_day_are_what_a_day_takes_over_what_the_battery_holds(subject):
    record = did(PROCEDURE, subject)
    lines = {line.symbol or line.title.said("en"): line.value_si for line in record.lines}
    daily = 20e6 / 365.25 * lines["EC"] / lines["UBE"]
    assert lines["n"] == pytest.approx(daily)


def kept(record):
    """Energy kept by law and years."""
    return {line.title.said("en"): line.value_si for line in record.lines if line.symbol == "SOCE"}


def of(subject, chemistry):
    return replace(subject, chemistry=chemistry)


def test_losses_grow_as_the_exponents_of_each_law_allow(subject):
    """x = k t^p, calendar and use each with its own p: between (8/5)^p of the smaller and of the greater."""
    lines = kept(did(PROCEDURE, of(subject, None)))
    exponents = {
        "Schmalstieg": (0.5, 0.75),
        "Smith": (0.357, 0.778),
        "Keil": (0.512, 0.699),
        "Naumann": (0.5, 0.5),
        "Wang": (0.5, 0.55),
        "Bui": (0.442, 0.652),
        "Gasper": (0.4, 1.13),
    }
    names = {title.rsplit(",", 1)[0] for title in lines}
    assert len(names) == len(exponents)
    for name in names:
        low, high = exponents[name.split()[0]]
        ratio = (1.0 - lines[f"{name}, 8 years"]) / (1.0 - lines[f"{name}, 5 years"])
        assert (8 / 5) ** low * 0.99 <= ratio <= (8 / 5) ** high * 1.01


@pytest.mark.parametrize("chemistry", ["NMC", "NCA", "LFP"])
def test_the_band_lies_over_laws_of_the_battery_s_own_chemistry(subject, chemistry):
    every, record = kept(did(PROCEDURE, of(subject, None))), did(PROCEDURE, of(subject, chemistry))
    own = {title: value for title, value in every.items() if f", {chemistry}, " in title}
    assert own
    assert kept(record) == own
    assert record.measures["soce_8_years"] == min(value for title, value in own.items() if "8 years" in title)
    said = " ".join(one.said("en") for one in record.remarks)
    assert "states no chemistry" not in said
    assert ("there is no band" in said) == (chemistry == "NCA")


def test_the_record_says_law_chemistry_source_and_validity_in_both_languages(subject):
    first, *laws, frost, climate = did(PROCEDURE, of(subject, None)).remarks
    assert first.said("en").startswith("The battery states no chemistry: the band lies over laws of NMC, NCA, LFP.")
    assert len(laws) == 7
    assert "In 1 month the pack is below 0 °C" in frost.said("en")
    assert laws[1].said("en").startswith("Smith 2017: NMC, Kokam 75 Ah; American Control Conference 2017")
    assert "fitted at 0…45 °C and a depth of 80…100 %; here 0…23 °C" in laws[1].said("en")
    assert laws[1].said("en").endswith("outside it.")
    assert climate.said("en").startswith("Climate: Minsk, 1991-2020")
    assert all(one.said("ru") and one.said("ru") != one.said("en") for one in (first, *laws, climate))


def test_a_chemistry_without_a_law_has_no_result(subject):
    record = did(PROCEDURE, of(subject, "LTO"))
    assert not record.measures
    assert (
        record.missing["soce_8_years"].said("en")
        == "no law of ageing is at hand for these cells: LTO, but NMC, NCA, LFP"
    )


def test_a_battery_lives_longer_in_the_cold_and_shorter_in_the_heat(subject):
    """Of a car that hardly moves; one that is driven heats its cabin in the cold, and pays for it in cycles."""

    def lived(place, **duty):
        return did(PROCEDURE, subject, Given(climate=place, **duty))

    years = {
        place: lived(place, yearly_distance_m=1e6).laws["soce_8_years"]["Schmalstieg 2014, NMC"]
        for place in ("yakutsk", "minsk", "phoenix")
    }
    assert years["phoenix"] < years["minsk"] < years["yakutsk"]
    cycles = [line_of(lived(place), "n") for place in ("yakutsk", "minsk", "phoenix")]
    assert cycles[0] > 1.1 * cycles[1] > 1.2 * cycles[2]
    assert did(PROCEDURE, subject, Given(climate="minsk")).measures == did(PROCEDURE, subject).measures


def line_of(record, symbol):
    """The line with a symbol."""
    return next(line.value_si for line in record.lines if line.symbol == symbol)


def test_the_duty_is_driven_from_a_charge_that_takes_braking_back():
    """One round of SORT 2 from a full battery took a fifth more of the cells than any later round of the day."""
    record = did(PROCEDURE, bus(), Given(yearly_distance_m=60e6))
    lines = {line.title.said("en"): line.value_si for line in record.lines}
    assert lines["charge at the start"] == 0.9
    months = [value for title, value in lines.items() if title.startswith("from the cells in month")]
    assert len(months) == 12
    # Rounds of a warm bus in the mildest month, as E-SORT drives them, at the same load.
    load_kg = lines["test mass"] - bus().carried_mass_kg
    mild = did(procedures()["sort-2"], bus(), Given(payload_kg=load_kg)).measures["consumption"]
    assert min(months) == pytest.approx(mild, rel=0.1)
    assert lines["from the cells, over the year"] == pytest.approx(sum(months) / 12.0)
    assert line_of(record, "n") == pytest.approx(60e6 / 365.25 * line_of(record, "EC") / line_of(record, "UBE"))


def test_the_worst_law_counts_and_the_bounds_are_those_of_the_regulation(subject):
    m = did(PROCEDURE, subject).measures
    assert m["soce_5_years"] <= m["soce_5_years_middle"] <= m["soce_5_years_best"] <= 1.0
    assert m["soce_8_years"] < m["soce_5_years"]
    assert (MINIMUM_5, MINIMUM_8) == (0.80, 0.70)


def test_a_heavier_load_wears_more(subject):
    laden = did(PROCEDURE, subject, Given(payload_kg=400.0)).measures
    assert laden["soce_8_years"] < did(PROCEDURE, subject).measures["soce_8_years"]


def test_a_bus_is_not_judged_by_the_distance_of_a_car():
    """20,000 km a year of UN GTR 22 left 90 % after 8 years where a city bus drives three times as far."""
    with pytest.raises(InputError, match="needs yearly_distance of category M3") as refused:
        PROCEDURE.do(bus(), Given())
    assert "60000 km" in refused.value.problems[0].hint
    far, near = (did(PROCEDURE, bus(), Given(yearly_distance_m=1e6 * km)) for km in (60.0, 20.0))
    cycles = [next(line.value_si for line in one.lines if line.symbol == "n") for one in (far, near)]
    assert cycles[0] == pytest.approx(3.0 * cycles[1])
    assert all(far.laws["soce_8_years"][law] < kept for law, kept in near.laws["soce_8_years"].items())


def test_charging_twice_a_day_halves_the_depth(subject):
    """Schmalstieg's loss by use grows with the depth, and the throughput stays."""
    duty = Given(yearly_distance_m=60e6)
    once, twice = (did(PROCEDURE, of(subject, "NMC"), replace(duty, daily_charge_count=one)) for one in (1.0, 2.0))
    assert twice.laws["soce_8_years"]["Schmalstieg 2014, NMC"] > once.laws["soce_8_years"]["Schmalstieg 2014, NMC"]
    assert twice.laws["soce_8_years"]["Bui 2021, NMC"] == once.laws["soce_8_years"]["Bui 2021, NMC"]


def test_each_law_stands_beside_the_measure(subject):
    record = did(PROCEDURE, of(subject, "NMC"))
    laws = record.laws["soce_8_years"]
    assert min(laws.values()) == record.measures["soce_8_years"]
    assert max(laws.values()) == record.measures["soce_8_years_best"]
    assert laws.keys() == record.laws["soce_5_years"].keys()
    assert not did(PROCEDURE, of(subject, "NCA")).laws


def test_deep_frost_is_told_as_it_is(subject):
    """Yakutsk was said to lie between 0 and 24 degC, and aged less than Minsk without a word."""
    frost, mild = (did(PROCEDURE, of(subject, "NMC"), Given(climate=one)) for one in ("yakutsk", "minsk"))
    said = " ".join(one.said("en") for one in frost.remarks)
    assert "here -35…24 °C" in said
    assert (
        "In 7 months the pack is below 0 °C: every law is applied at 0 °C, and plating of lithium is not modelled"
        in said
    )
    assert "plating is not modelled" in frost.shortfalls["soce_8_years"].said("en")
    assert not mild.shortfalls

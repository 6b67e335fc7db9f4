"""The decision rule, against JCGM 106 by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.library import generic
from covolt.programme.requirement import Requirement
from covolt.programme.text import Title
from covolt.study.procedures.protocol import Measure, Record
from covolt.study.verdicts.correlated import Correlation, correlations
from covolt.study.verdicts.unchecked import with_texts
from covolt.study.verdicts.verdict import (
    UNCHECKED,
    Contribution,
    combined,
    judge,
    margin_text,
    value_text,
)
from covolt.study.verdicts.verification import verdict_of
from covolt.words import Words

RANGE = Measure("range", Words("Range", "Запас хода"), "km")


def requirement(**bound):
    return Requirement(
        id="R", party="integrator", title=Title(en="Range"), kind="need", procedure="wltp", measure="range", **bound
    )


def moves(effect, number="energy_usable", origin="input", **by_law):
    return Contribution(origin, "maker", "battery", number, Words(number), effect, 1.0, "1", by_law)


@pytest.mark.parametrize(
    ("value_km", "u_km", "verdict"),
    [(260.0, 4.0, "met"), (256.58, 4.0, "met"), (256.57, 4.0, "within uncertainty"), (250.0, 0.0, "met"),
     (243.43, 4.0, "within uncertainty"), (243.42, 4.0, "not met"), (249.9, 0.0, "not met")],
)  # fmt: skip
def test_met_where_at_least_95_of_100_conform(value_km, u_km, verdict):
    """One normal error: from 1.645 u on."""
    found = judge(requirement(at_least="250 km"), RANGE, value_km * 1e3, [moves(u_km * 1e3)])
    assert found.verdict == verdict
    assert found.margin == pytest.approx(value_km - 250.0, abs=1e-9)
    assert found.uncertainty == pytest.approx(u_km)
    assert found.expanded == pytest.approx(2.0 * u_km)
    assert (found.value, found.bound, found.unit) == (pytest.approx(value_km), pytest.approx(250.0), "km")


def test_laws_that_disagree_weigh_alike_and_each_has_its_own_error():
    """P = [Phi(10 / 4) + Phi(-2 / 5)] / 2."""
    laws = {"one": 260e3, "other": 248e3}
    found = judge(requirement(at_least="250 km"), RANGE, 248e3, [moves(4.5e3, one=4e3, other=5e3)], laws)
    expected = 0.5 * (0.5 * math.erfc(-2.5 / math.sqrt(2.0)) + 0.5 * math.erfc(0.4 / math.sqrt(2.0)))
    assert found.probability == pytest.approx(expected)
    assert found.verdict == "within uncertainty"
    assert found.laws == {"one": pytest.approx(10.0), "other": pytest.approx(-2.0)}
    # Value, margin and error are those of the law with the least margin.
    assert (found.value, found.margin, found.uncertainty) == tuple(map(pytest.approx, (248.0, -2.0, 5.0)))
    assert margin_text(found) == "\N{MINUS SIGN}2…+10 ± 10"
    both = judge(requirement(at_least="240 km"), RANGE, 248e3, [moves(4e3)], laws)
    assert both.verdict == "met"


def test_generic_numbers_are_bound_to_each_other(monkeypatch):
    """u^2 = 3^2 + 4^2 + 2 r 3 4, and an input of 2 beside."""
    pair = frozenset(("base_loss_W", "mesh_efficiency"))
    monkeypatch.setitem(generic.CORRELATIONS, pair, -0.5)
    models = [moves(3.0, "base_loss_W", "model"), moves(4.0, "mesh_efficiency", "model")]
    assert combined(models) == pytest.approx(math.sqrt(9.0 + 16.0 - 12.0))
    assert combined([*models, moves(-2.0)]) == pytest.approx(math.sqrt(13.0 + 4.0))
    assert combined([models[0], models[1].scaled(-1.0)]) == pytest.approx(math.sqrt(9.0 + 16.0 + 12.0))


def test_at_most_turns_the_margin():
    found = judge(requirement(at_most="250 km"), RANGE, 240e3, [moves(1e3)])
    assert (found.verdict, found.margin) == ("met", pytest.approx(10.0))


def test_a_margin_of_temperatures_has_no_offset():
    measure = Measure("warm", Words("Cabin", "Салон"), "degC")
    found = judge(requirement(at_least="18 degC"), measure, 273.15 + 20.0, [moves(0.5)])
    assert (found.value, found.bound, found.margin) == tuple(map(pytest.approx, (20.0, 18.0, 2.0)))


@given(st.floats(0.0, 500.0), st.floats(0.0, 50.0))
def test_more_is_never_worse(value_km, more_km):
    order = {"not met": 0, "within uncertainty": 1, "met": 2}
    first, second = (
        judge(requirement(at_least="250 km"), RANGE, 1e3 * value, [moves(3e3)])
        for value in (value_km, value_km + more_km)
    )
    assert order[second.verdict] >= order[first.verdict]


@pytest.mark.parametrize("middle_km", [251.0, 260.0, 400.0])
@pytest.mark.parametrize("bound", [{"at_least": "250 km"}, {"at_most": "255 km"}])
def test_the_value_of_a_mixture_is_that_of_its_least_margin(middle_km, bound):
    """Whatever value a procedure states beside its laws, worst or middle."""
    laws = {"low": 245e3, "high": 260e3}
    found = judge(requirement(**bound), RANGE, middle_km * 1e3, [], laws)
    value_km = 245.0 if "at_least" in bound else 260.0
    assert (found.value, found.margin) == (pytest.approx(value_km), pytest.approx(-5.0))
    assert found.margin == min(found.laws.values())


SHORT = Words("the cabin was not kept warm", "салон не был тёплым")


def of_record(value_km=400.0, *, laws=(), shortfall=True, **bound):
    record = Record(
        "wltp",
        {"range": value_km * 1e3},
        laws={"range": dict(laws)} if laws else {},
        shortfalls={"range": SHORT} if shortfall else {},
    )
    return verdict_of(requirement(**(bound or {"at_least": "250 km"})), RANGE, record, [], {})


@pytest.mark.parametrize("bound", [{"at_least": "250 km"}, {"at_most": "500 km"}])
def test_a_number_reached_without_what_was_asked_for_does_not_meet_it(bound):
    """A duty, comfort or power that was never reached: not met, and the line says which, however good the number."""
    assert of_record(shortfall=False, **bound).verdict == "met"
    found = of_record(**bound)
    assert (found.verdict, found.why, found.probability, found.passes) == ("not met", SHORT, None, False)
    assert found.value == pytest.approx(400.0)


def test_laws_that_are_all_met_do_not_outweigh_a_shortfall():
    laws = {"one": 390e3, "other": 410e3}
    assert of_record(laws=laws, shortfall=False).verdict == "met"
    found = of_record(laws=laws)
    assert (found.verdict, found.probability, found.why) == ("not met", None, SHORT)
    assert min(found.laws.values()) == pytest.approx(140.0)


def test_a_text_that_nobody_checked_makes_no_shortfall_a_met():
    assert with_texts(of_record(shortfall=False), ("UN R154",)).verdict == UNCHECKED
    found = with_texts(of_record(), ("UN R154",))
    assert (found.verdict, found.why, found.unchecked) == ("not met", SHORT, ("UN R154",))


def test_a_shortfall_of_another_measure_says_nothing():
    record = Record("wltp", {"range": 400e3}, shortfalls={"consumption": SHORT})
    assert verdict_of(requirement(at_least="250 km"), RANGE, record, [], {}).verdict == "met"


def test_a_value_is_printed_with_its_error():
    found = judge(requirement(at_least="250 km"), RANGE, 262e3, [moves(4e3)])
    assert value_text(found) == "262.0 ± 8.0"


def test_correlations_of_the_generic_numbers_in_verdicts_are_told_once(monkeypatch):
    monkeypatch.setitem(generic.CORRELATIONS, frozenset(("base_loss_W", "mesh_efficiency")), -0.5)
    models = [moves(3.0, "base_loss_W", "model"), moves(4.0, "mesh_efficiency", "model"), moves(1.0)]
    one = judge(requirement(at_least="250 km"), RANGE, 262e3, models)
    assert correlations([one, one]) == (Correlation("base_loss_W", "mesh_efficiency", -0.5),)
    assert correlations([judge(requirement(at_least="250 km"), RANGE, 262e3, models[1:])]) == ()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.programme.requirement import Requirement
from covolt.programme.text import Title
from covolt.study.protocol import Measure
from covolt.study.verdict import judge
from covolt.words import Words

RANGE = Measure("range", Words("Range", "Запас хода"), "km")


def requirement(**bound):
    return Requirement(
        id="R", party="integrator", title=Title(en="Range"), kind="need", procedure="wltp", measure="range", **bound
    )


@pytest.mark.parametrize(
    ("value_km", "u_km", "verdict"),
    [(260.0, 4.0, "met"), (258.0, 4.0, "met"), (257.9, 4.0, "within uncertainty"), (250.0, 0.0, "met"),
     (242.1, 4.0, "within uncertainty"), (241.9, 4.0, "not met"), (249.9, 0.0, "not met")],
)  # fmt: skip
def test_a_verdict_weighs_the_margin_against_two_standard_uncertainties(value_km, u_km, verdict):
    found = judge(requirement(at_least="250 km"), RANGE, value_km * 1e3, u_km * 1e3, "")
    assert found.verdict == verdict
    assert found.margin == pytest.approx(value_km - 250.0, abs=1e-9)
    assert found.uncertainty == pytest.approx(u_km)
    assert (found.value, found.bound, found.unit) == (pytest.approx(value_km), pytest.approx(250.0), "km")


def test_at_most_turns_the_margin():
    found = judge(requirement(at_most="250 km"), RANGE, 240e3, 1e3, "")
    assert (found.verdict, found.margin) == ("met", pytest.approx(10.0))


def test_a_margin_of_temperatures_has_no_offset():
    measure = Measure("warm", Words("Cabin", "Салон"), "degC")
    found = judge(requirement(at_least="18 degC"), measure, 273.15 + 20.0, 0.5, "")
    assert (found.value, found.bound, found.margin) == tuple(map(pytest.approx, (20.0, 18.0, 2.0)))


@given(st.floats(0.0, 500.0), st.floats(0.0, 50.0))
def test_more_is_never_worse(value_km, more_km):
    order = {"not met": 0, "within uncertainty": 1, "met": 2}
    first, second = (
        judge(requirement(at_least="250 km"), RANGE, 1e3 * value, 3e3, "") for value in (value_km, value_km + more_km)
    )
    assert order[second.verdict] >= order[first.verdict]

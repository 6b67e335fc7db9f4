"""Curves of datasheets whose single numbers pass and whose whole does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.library.test_join import estimate, parts

from covolt.contract.datasheet import Axis, Datasheet, Model, Table
from covolt.contract.road_load import road_load_problem
from covolt.errors import AssemblyError
from covolt.library.join import join
from covolt.library.models import model_problems


@given(st.floats(-50.0, 400.0), st.floats(-20.0, 20.0), st.floats(0.0, 1.0), st.floats(5.0, 80.0))
def test_a_road_load_is_refused_exactly_where_it_is_below_zero(
    constant_N: float, linear_N_s_per_m: float, quadratic_N_s2_per_m2: float, highest_m_per_s: float
) -> None:
    speeds = [highest_m_per_s * k / 2000.0 for k in range(2001)]
    lowest_N = min(constant_N + linear_N_s_per_m * v + quadratic_N_s2_per_m2 * v * v for v in speeds)
    found = road_load_problem(constant_N, linear_N_s_per_m, quadratic_N_s2_per_m2, "here", highest_m_per_s)
    if lowest_N < 0.0:
        assert found is not None
    elif lowest_N > 0.01:
        assert found is None


def body(linear: str) -> Datasheet:
    sheet = parts()["body"]
    stated = {"coast_down_constant": "120 N", "coast_down_linear": linear, "coast_down_quadratic": "0.4 N s2/m2"}
    declared = {**sheet.declared, **{name: estimate(value) for name, value in stated.items()}}
    return sheet.model_copy(update={"declared": declared, "model": Model(kind="coast-down")})


def test_a_body_whose_coast_down_pushes_it_is_refused() -> None:
    assert model_problems("body", body("-13 N s/m")) == []
    (problem,) = model_problems("body", body("-15 N s/m"))
    assert "road load is below zero: -20.6 N at 67.5 km/h" in problem.what and problem.hint
    with pytest.raises(AssemblyError, match="road load is below zero"):
        join({**parts(), "body": body("-15 N s/m")})


@pytest.mark.parametrize(
    ("charges", "unit", "powers_kW", "words"),
    [
        ((0.1, 0.8), "1", (50.0, 30.0), ""),
        ((10.0, 80.0), "%", (50.0, 0.0), ""),
        ((10.0, 80.0), "1", (50.0, 30.0), "outside 0 to 1"),
        ((-0.1, 0.8), "1", (50.0, 30.0), "outside 0 to 1"),
        ((0.1, 0.8), "1", (50.0, -30.0), "below zero"),
        ((0.1, 0.8), "1", (0.0, 0.0), "no charging power"),
    ],
)
def test_a_charging_curve_of_a_battery(
    charges: tuple[float, ...], unit: str, powers_kW: tuple[float, ...], words: str
) -> None:
    axis = Axis(name="state_of_charge", unit=unit, values=charges)
    table = Table(unit="kW", axes=(axis,), values=powers_kW, basis="supplier")
    sheet = parts()["battery"]
    model = sheet.model.model_copy(update={"tables": {"charging_power": table}})
    found = model_problems("battery", sheet.model_copy(update={"model": model}))
    assert [words in problem.what for problem in found] == ([True] if words else [])

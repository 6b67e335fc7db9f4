"""Slopes by fits: exact where a function bends smoothly, both sides at a kink, one at a bound, none without a number."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from covolt.simulation.gradient import energy_slope
from covolt.study.sensitivity.slopes import Axis, Slope, slope_rows, slopes_of
from tests.sample import compact
from tests.slopes.test_gradient import TEN, TRIP, base, energy_J

Rows = NDArray[np.float64]


def only(axis: Axis, of: object) -> Slope:
    [[found]] = slopes_of([axis], lambda rows: of(rows[:, :1]))  # pyright: ignore[reportCallIssue, reportUnknownLambdaType]
    return found


@pytest.mark.parametrize(
    ("of", "slope", "within"),
    [
        (lambda x: 3.0 * x - 2.0, 3.0, 1e-6),
        (lambda x: x**3, 12.0, 1e-6),
        (np.exp, np.exp(2.0), 1e-5),
        (lambda x: 1.0 / x, -0.25, 1e-5),
    ],
)
def test_smooth_slopes_are_exact_within_their_error(of: object, slope: float, within: float) -> None:
    found = only(Axis(2.0, 1.0, 3.0), of)
    assert found.kind == "smooth"
    assert abs(found.whole.value - slope) <= min(found.whole.uncertainty, within * abs(slope))


def test_a_kink_has_a_slope_to_each_side_and_none_of_both() -> None:
    found = only(Axis(2.0, 1.0, 3.0), lambda x: np.where(x > 2.0, 5.0 * (x - 2.0) ** 2 + 4.0 * (x - 2.0), x - 2.0))
    assert found.kind == "kink" and np.isnan(found.whole.value)
    assert found.below.value == pytest.approx(1.0, abs=1e-6) and found.above.value == pytest.approx(4.0, abs=1e-6)


def test_a_bend_is_no_kink_and_noise_stands_in_the_error() -> None:
    assert only(Axis(2.0, 1.0, 3.0), lambda x: np.sqrt((x - 2.0) ** 2 + 1.0)).kind == "smooth"
    counted = only(Axis(2.0, 1.0, 3.0), lambda x: np.round(100.0 * np.exp(x), 0))
    assert (
        abs(counted.whole.value - 100.0 * np.exp(2.0)) <= counted.whole.uncertainty
        if counted.kind == "smooth"
        else False
    )
    assert counted.whole.uncertainty > 1.0


def test_a_kink_beside_the_point_stands_in_the_error() -> None:
    found = only(Axis(2.0, 1.0, 3.0), lambda x: np.maximum(x - 2.03, 0.0))
    assert found.whole.uncertainty > 0.1 and found.above.uncertainty > 0.4


def test_at_a_bound_and_beside_what_is_no_number_one_side_is_there() -> None:
    at_bound = only(Axis(3.0, 1.0, 3.0), lambda x: x**2)
    assert at_bound.kind == "one side" and at_bound.whole.value == pytest.approx(6.0, abs=1e-5)
    assert np.isnan(at_bound.above.value)
    lost = only(Axis(2.0, 1.0, 3.0), lambda x: np.where(x < 2.0, np.nan, x))
    assert lost.kind == "one side" and lost.whole.value == lost.above.value == pytest.approx(1.0)
    assert only(Axis(2.0, 1.0, 3.0), lambda x: x * np.nan).kind == "none"


def test_steps_stay_within_bounds_and_all_are_judged_together() -> None:
    axes = [Axis(2.0, 1.0, 3.0), Axis(0.0, 0.0, 1.0), Axis(9.0, 1.0, 5.0)]
    rows = slope_rows(axes)
    assert len(rows) == 1 + 8 + 4 + 8 and (rows[0] == [2.0, 0.0, 9.0]).all()
    assert rows[:, 1].min() == 0.0
    calls: list[int] = []

    def evaluate(given: Rows) -> Rows:
        calls.append(len(given))
        return given @ np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    found = slopes_of(axes, evaluate)
    assert calls == [len(rows)]
    assert [[round(each.whole.value, 6) for each in one] for one in found] == [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]


def test_slopes_of_an_energy_are_its_exact_gradient() -> None:
    names = ("body.mass_kg", "axles[0].gearbox.ratio")
    today = base()[[TEN.index(name) for name in names]]
    exact = energy_slope(compact(), TRIP, names)

    def energies(rows: Rows) -> Rows:
        values = np.repeat(base()[None, :], len(rows), axis=0)
        values[:, [TEN.index(name) for name in names]] = rows
        return np.array([[energy_J(row)] for row in values])

    axes = [Axis(one, 0.8 * one, 1.2 * one) for one in today.tolist()]
    [slopes] = slopes_of(axes, energies)
    for name, one in zip(names, slopes, strict=True):
        assert one.kind == "smooth"
        assert abs(one.whole.value - exact.by_parameter[name]) <= one.whole.uncertainty
        assert one.whole.value == pytest.approx(exact.by_parameter[name], rel=2e-3)

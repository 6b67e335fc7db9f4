"""Sizing: published constrained optima by exact gradients and by differences, with few designs, and steps that are kept."""

from __future__ import annotations

import numpy as np
import pytest

from covolt.study.search import Found, Moving, Objective, SearchProblem, sized

# Rosen-Suzuki, Hock and Schittkowski 43: least -44 at (0, 1, 2, -1).
BEST = (0.0, 1.0, 2.0, -1.0)


def rosen_suzuki(values: np.ndarray) -> Found:
    a, b, c, d = values.T
    squares = a**2 + b**2 + c**2 + d**2
    objective = a**2 + b**2 + 2 * c**2 + d**2 - 5 * a - 5 * b - 21 * c + 7 * d
    margins = (
        8 - squares - a + b - c + d,
        10 - squares - b**2 - d**2 + a + d,
        5 - 2 * a**2 - b**2 - c**2 - 2 * a + b + d,
    )
    return Found(objective[:, None], np.stack(margins, axis=1))


def its_slopes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = values
    margins = [
        [-2 * a - 1, -2 * b + 1, -2 * c - 1, -2 * d + 1],
        [-2 * a + 1, -4 * b, -2 * c, -4 * d + 1],
        [-4 * a - 2, -2 * b + 1, -2 * c, 1.0],
    ]
    return np.array([[2 * a - 5, 2 * b - 5, 4 * c - 21, 2 * d + 7]]), np.array(margins)


def asked(**more: object) -> SearchProblem:
    moving = tuple(Moving(name, -3.0, 3.0) for name in "abcd")
    known = {"evaluate": rosen_suzuki, "demands": ("g", "h", "k"), "scales": (8.0, 10.0, 5.0)}
    return SearchProblem(moving, (Objective("f", "min"),), **(known | more))  # type: ignore[arg-type]


def test_a_published_optimum_is_found_by_exact_gradients_and_by_differences() -> None:
    exact, differed = (sized(asked(slopes=slopes), np.array([0.5, 0.5, 0.5, 0.5])) for slopes in (its_slopes, None))
    for one in (exact, differed):
        assert one.kept and one.found.objectives[0, 0] == pytest.approx(-44.0, rel=1e-5)
        assert one.values == pytest.approx(BEST, abs=5e-3)
        assert len(one.looked_at) == len(one.of_all.objectives) <= one.evaluations
    # Neighbours for a difference are none of the designs that it could end at.
    assert len(exact.looked_at) == exact.evaluations
    assert differed.evaluations - len(differed.looked_at) > 3 * differed.gradients
    assert exact.of_differences == () and differed.of_differences == ("f", "g", "h", "k")
    assert exact.evaluations < 40 and exact.evaluations + 3 * differed.gradients < differed.evaluations < 200


def test_where_one_measure_has_no_exact_gradient_it_alone_is_by_differences() -> None:
    def some(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        objective, margins = its_slopes(values)
        margins[1] = np.nan
        return objective, margins

    found = sized(asked(slopes=some), np.zeros(4))
    assert found.of_differences == ("h",) and found.found.objectives[0, 0] == pytest.approx(-44.0, rel=1e-5)


def test_the_greatest_is_found_as_the_least_of_its_negative() -> None:
    def turned(values: np.ndarray) -> Found:
        found = rosen_suzuki(values)
        return Found(-found.objectives, found.margins)

    problem = SearchProblem(
        tuple(Moving(name, -3.0, 3.0) for name in "abcd"), (Objective("f", "max"),), turned, ("g", "h", "k")
    )
    assert sized(problem, np.zeros(4)).found.objectives[0, 0] == pytest.approx(44.0, rel=1e-5)


def test_steps_end_on_steps_and_choices_stay() -> None:
    moving = (Moving("free", 0.0, 10.0), Moving("steps", 0.0, 5.0, step=0.5), Moving("choice", 0.0, 2.0, choices=3))

    def evaluate(values: np.ndarray) -> Found:
        free, steps, choice = values.T
        return Found((free + steps - choice)[:, None], (free * steps - 2.1 * 3.3)[:, None])

    found = sized(SearchProblem(moving, (Objective("sum", "min"),), evaluate, ("area",)), np.array([9.0, 4.0, 1.0]))
    # Of x + y under x y >= 6.93 the best step is y = 2.5: 5.272 against 5.31 at y = 3.
    assert found.values == pytest.approx((6.93 / 2.5, 2.5, 1.0), rel=1e-4)
    assert found.values[1] == 2.5 and found.kept


def test_beside_the_optimum_between_the_steps_the_neighbours_on_steps_are_judged() -> None:
    moving = tuple(Moving(name, 0.0, 20.0, step=1.0) for name in "ab")
    asked_for: list[np.ndarray] = []

    def evaluate(values: np.ndarray) -> Found:
        asked_for.extend(values)
        a, b = values.T
        # A strip that leans: the four corners about the optimum between the steps, (10.5, 6.4), all lie outside of it.
        across = np.abs(a + 3.0 * b - 30.0)
        return Found((3.0 * a + b)[:, None], np.stack([0.3 - across, 2.0 * a - 21.0], axis=1))

    problem = SearchProblem(moving, (Objective("sum", "min"),), evaluate, ("strip", "least"))
    found = sized(problem, np.array([18.0, 18.0]))
    assert found.kept and found.values.tolist() == [12.0, 6.0]
    assert found.found.objectives[0, 0] == 42.0
    # No design twice, but for rounding.
    assert len(np.unique(np.round(asked_for, 6), axis=0)) == len(asked_for)


def test_designs_that_differ_by_rounding_are_one() -> None:
    asked_for: list[np.ndarray] = []

    def evaluate(values: np.ndarray) -> Found:
        asked_for.extend(values)
        (x,) = values.T
        return Found(np.abs(x - 0.3)[:, None], np.floor(1e3 * x)[:, None] - 299.0)

    problem = SearchProblem((Moving("x", 0.0, 1.0),), (Objective("x", "min"),), evaluate, ("counted",))
    assert sized(problem, np.array([0.9])).kept
    rows = np.sort(np.array(asked_for)[:, 0])
    assert np.diff(rows).min() > 0.9e-6


def test_what_no_design_meets_is_said() -> None:
    moving = (Moving("x", 0.0, 1.0),)
    problem = SearchProblem(moving, (Objective("x", "min"),), lambda x: Found(x, x - 2.0), ("beyond",))
    assert not sized(problem, np.array([0.5])).kept

"""Pareto search: on published problems the front of pymoo called directly, and steps and choices beside what moves freely."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2  # pyright: ignore[reportMissingTypeStubs]
from pymoo.algorithms.moo.nsga3 import NSGA3  # pyright: ignore[reportMissingTypeStubs]
from pymoo.algorithms.moo.sms import SMSEMOA  # pyright: ignore[reportMissingTypeStubs]
from pymoo.optimize import minimize  # pyright: ignore[reportMissingTypeStubs]
from pymoo.problems import get_problem  # pyright: ignore[reportMissingTypeStubs]
from pymoo.util.ref_dirs import get_reference_directions  # pyright: ignore[reportMissingTypeStubs]

from covolt.errors import Cancelled, InputError
from covolt.study.conflicts.relaxation import undominated
from covolt.study.search import Found, Moving, Objective, SearchProblem, pareto

MANY = ("dtlz1", "dtlz2", "c2dtlz2")
PUBLISHED = ("zdt1", "zdt2", "zdt3", "zdt4", "zdt6", "bnh", "truss2d", "mw1", "mw3", *MANY)


def as_ours(theirs: Any, *, turned: bool = False) -> SearchProblem:
    """A problem of pymoo as ours; turned, its objectives shall be greatest and are their negatives."""

    def evaluate(values: np.ndarray) -> Found:
        found = theirs.evaluate(values, return_as_dictionary=True)
        margins = -found["G"] if theirs.n_ieq_constr else np.empty((len(values), 0))
        return Found(-found["F"] if turned else found["F"], margins)

    ends = zip(theirs.xl, theirs.xu, strict=True)
    return SearchProblem(
        tuple(Moving(f"x{at}", float(low), float(high)) for at, (low, high) in enumerate(ends)),
        tuple(Objective(f"f{at}", "max" if turned else "min") for at in range(theirs.n_obj)),
        evaluate,
        tuple(f"g{at}" for at in range(theirs.n_ieq_constr)),
    )


def directly(theirs: Any, population: int, generations: int, seed: int) -> Any:
    if theirs.n_obj == 2:
        algorithm: Any = NSGA2(pop_size=population)
    elif theirs.n_obj == 3:
        algorithm = SMSEMOA(pop_size=population)
    else:
        algorithm = NSGA3(get_reference_directions("das-dennis", 4, n_partitions=4), pop_size=population)
    return minimize(theirs, algorithm, ("n_gen", generations), seed=seed)


@pytest.mark.parametrize(("name", "more"), [(one, {}) for one in PUBLISHED] + [(one, {"n_obj": 4}) for one in MANY])
def test_the_front_is_that_of_pymoo_to_the_bit(name: str, more: dict[str, int]) -> None:
    theirs = get_problem(name, **more)
    direct = directly(theirs, 40, 25, 7)
    front = pareto(as_ours(theirs), population=40, generations=25, seed=7)
    if direct.X is None:  # no design of so few keeps every demand
        assert not len(front.values) and not front.of_all.kept.any()
        return
    assert np.array_equal(front.values, direct.X) and np.array_equal(front.found.objectives, direct.F)
    assert front.evaluations == 40 * 25
    assert not np.array_equal(front.values, pareto(as_ours(theirs), population=40, generations=25, seed=8).values)


def test_what_shall_be_greatest_is_searched_as_its_negative() -> None:
    theirs = get_problem("bnh")
    direct = directly(theirs, 20, 10, 3)
    front = pareto(as_ours(theirs, turned=True), population=20, generations=10, seed=3)
    assert np.array_equal(front.values, direct.X) and np.array_equal(front.found.objectives, -direct.F)


def stepped(values: np.ndarray) -> Found:
    """Best where the number is 0.25 and the steps 3; the second of the choices is better by 1 in both."""
    number, steps, choice = values.T
    gain = np.array([0.0, 1.0, 0.5])[choice.astype(int)]
    away = (number - 0.25) ** 2 + (steps - 3.0) ** 2
    objectives = np.stack([away - gain, away + number - gain], axis=1)
    return Found(objectives, (0.4 - number)[:, None])


MIXED = (Moving("number", 0.0, 1.0), Moving("steps", 1.0, 5.0, step=0.5), Moving("choice", 0.0, 2.0, choices=3))
TWO_LEAST = (Objective("a", "min"), Objective("b", "min"))


@pytest.mark.parametrize("third", [(), (Objective("c", "max"),), (Objective("c", "max"), Objective("d", "max"))])
def test_steps_and_choices_are_searched_beside_numbers(third: tuple[Objective, ...]) -> None:
    def evaluate(values: np.ndarray) -> Found:
        found = stepped(values)
        more = np.repeat(-found.objectives[:, :1], len(third), axis=1)
        return Found(np.concatenate([found.objectives, more], axis=1), found.margins)

    problem = SearchProblem(MIXED, (*TWO_LEAST, *third), evaluate, ("number",))
    front = pareto(problem, population=24, generations=30, seed=1)
    again = pareto(problem, population=24, generations=30, seed=1)
    assert np.array_equal(front.looked_at, again.looked_at)
    steps = front.looked_at[:, 1]
    assert set(np.unique(steps)) <= set(np.arange(1.0, 5.1, 0.5)) and set(np.unique(front.looked_at[:, 2])) == {0, 1, 2}
    assert (front.values[:, 1:] == [3.0, 1.0]).all() and (front.values[:, 0] <= 0.4).all()
    assert front.found.objectives[:, 0].min() == pytest.approx(-1.0, abs=1e-3)


def test_a_space_of_fewer_designs_than_a_generation_is_looked_at_whole() -> None:
    moving = (Moving("steps", 0.0, 1.0, step=1.0), Moving("choice", 0.0, 1.0, choices=2))
    front = pareto(
        SearchProblem(moving, TWO_LEAST, lambda values: Found(values, values[:, :0])), population=20, generations=9
    )
    assert len(np.unique(front.looked_at, axis=0)) == front.evaluations == 4
    assert front.values.tolist() == [[0.0, 0.0]]


def test_what_was_not_found_is_never_on_the_front() -> None:
    def evaluate(values: np.ndarray) -> Found:
        objectives = np.stack([values[:, 0], 1.0 - values[:, 0]], axis=1)
        objectives[values[:, 0] < 0.5] = np.nan
        return Found(objectives, np.where(values[:, 0] < 0.75, np.nan, values[:, 0])[:, None])

    problem = SearchProblem((Moving("x", 0.0, 1.0),), TWO_LEAST, evaluate, ("open below 0.75",))
    front = pareto(problem, population=20, generations=10)
    assert len(front.values) and (front.values >= 0.75).all()
    every = problem.best(front.of_all)
    assert (front.looked_at[every] >= 0.75).all() and len(every) >= len(front.values)


def test_the_undominated_are_those_than_which_none_is_better() -> None:
    costs = np.random.default_rng(5).integers(0, 12, (200, 3)).astype(float)
    found = undominated(costs)
    for at, one in enumerate(costs):
        better = ((costs <= one).all(axis=1) & (costs < one).any(axis=1)).any()
        first = not (costs[:at] == one).all(axis=1).any()
        assert (at in found) == (not better and first)


def test_what_cannot_be_searched_is_refused_at_once() -> None:
    wrong = SearchProblem((Moving("x", 1.0, 0.0),), (TWO_LEAST[0], TWO_LEAST[0]), lambda values: Found(values, values))
    with pytest.raises(InputError) as refused:
        pareto(wrong, population=4, generations=1)
    assert [str(one.where) for one in refused.value.problems] == ["x", "objective"]
    with pytest.raises(InputError) as refused:
        pareto(SearchProblem((), (), wrong.evaluate), population=4, generations=1)
    assert "the design space is empty" in str(refused.value) and "there is no objective" in str(refused.value)


def test_a_search_can_be_cancelled() -> None:
    problem = SearchProblem(MIXED, TWO_LEAST, stepped, ("number",))
    with pytest.raises(Cancelled):
        pareto(problem, population=4, generations=5, cancelled=lambda: True)

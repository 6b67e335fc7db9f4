"""Conflicts held against further designs, on spaces whose truth is known in closed form."""

import numpy as np
import pytest

from covolt.study.conflicts import Aim, Asked, Axis, Designs, alone, confirmed, jointly, search, unconfirmed
from tests.study.conflicts.spaces import planted

TOLERANCE = 1e-5
"""Of its bound, by which a relaxation that search finds may exceed the least one."""


def named(evaluate):
    """By some requirements alone, each called by its column."""
    return lambda values, names: evaluate(values)[:, [int(name[1:]) for name in names]]


def found_as_planted(seed):
    random = np.random.default_rng(seed)
    space, truth = planted(random)
    found = confirmed(space.sampled(60, random), space.axes, named(space.evaluate), most_designs=300, most_sets=50)
    assert list(found.conflicts.sets) == truth
    assert set(found.tried) == set(truth)
    for conflict in truth:
        for one in alone(found.designs, conflict):
            [(name, move)] = one.moves
            others = [other for other in conflict if other != name]
            least, bound = space.least_move(name, others), space.bounds[space.names.index(name)]
            assert least - 1e-9 <= move <= least + TOLERANCE * bound
            assert 0.99 * move < least
        assert_least_sum(space, found.designs, conflict)
    assert_least_sum(space, found.designs, space.names)


def assert_least_sum(space, designs, names):
    least = space.least_sum(names)
    assert least - 1e-9 <= jointly(designs, names)[0].moved_ratio <= least + TOLERANCE * len(names)


@pytest.mark.parametrize("seed", range(8))
def test_planted_conflicts_and_their_least_relaxations_are_found(seed):
    found_as_planted(seed)


@pytest.mark.slow
def test_two_hundred_planted_spaces():
    for seed in range(8, 208):
        found_as_planted(seed)


def plain(values, axes, evaluate, bounds=(1.0, 1.0)):
    asked = tuple(Asked(f"R{at}", bound, True) for at, bound in enumerate(bounds))
    values = np.array(values, dtype=float).reshape(-1, len(axes))
    return Designs(values, asked, evaluate(values))


def narrow(values):
    """Two requirements that only a thousandth of the axis meets together."""
    return np.column_stack([values[:, 0] - 0.6180, 0.6190 - values[:, 0]])


def test_what_a_sample_missed_is_found_and_no_conflict():
    axes = [Axis(0.0, 1.0)]
    sample = plain([0.0, 0.25, 0.5, 0.75, 1.0], axes, narrow)
    assert unconfirmed(sample).conflicts.sets == (("R0", "R1"),)
    found = confirmed(sample, axes, named(narrow), most_designs=200)
    assert found.conflicts.sets == ()
    assert found.disproved == (("R0", "R1"),)
    assert found.designs.meet(["R0", "R1"])[5:].any()


def test_a_valley_that_gradients_do_not_enter_is_found_by_evolution():
    def evaluate(values):
        trap = np.where(values[:, 0] < 0.85, 0.5 - values[:, 0], 5.0 * (values[:, 0] - 0.95))
        return np.column_stack([trap - 0.2 - 0.1 * values[:, 1], np.full(len(values), 0.5)])

    axes = [Axis(0.0, 1.0), Axis(0.0, 1.0)]
    sample = plain([[0.4, 0.5], [0.5, 0.2], [0.6, 0.1]], axes, lambda values: evaluate(values) - [0.3, 0.0])
    found = confirmed(sample, axes, named(lambda values: evaluate(values) - [0.04, 0.0]), most_designs=400)
    assert found.disproved == (("R0",),)


def test_a_space_of_steps_and_choices_is_evaluated_whole_where_it_may_be():
    calls = []

    def evaluate(values):
        calls.extend(map(tuple, values))
        return np.column_stack([values[:, 0] - 28.0, 2.5 - values[:, 0] / 10.0 + values[:, 1] / 100.0])

    axes = [Axis(25.0, 40.0, 30), Axis(0.0, 3.0, 3)]
    start = plain([[25.0, 0.0], [40.0, 3.0]], axes, evaluate, (28.0, 2.5))
    calls.clear()
    found = confirmed(start, axes, named(evaluate), most_designs=31 * 4)
    assert found.conflicts.sets == (("R0", "R1"),)
    assert found.tried[("R0", "R1")].sure == "whole"
    assert len(set(calls)) == found.sought == 31 * 4 - 2
    assert len(calls) == len(set(calls)) == len(found.designs.values) - len(start.values)
    [first, second] = alone(found.designs, ("R0", "R1"))
    assert first.moves == (("R0", 3.0),)
    assert second.moves == (("R1", pytest.approx(0.27)),)


def test_stepped_variables_stay_on_their_steps_and_no_more_is_evaluated_than_allowed():
    def evaluate(values):
        return np.column_stack([values[:, 0] + values[:, 1] - 9.0, 8.0 - values[:, 0] - values[:, 1]])

    axes = [Axis(0.0, 10.0, 40), Axis(0.0, 5.0)]
    start = plain([[0.0, 0.0], [10.0, 5.0]], axes, evaluate, (9.0, 8.0))
    for most in (1, 7, 50):
        found = search(start, axes, evaluate, Aim(("R0", "R1")), most=most)
        assert len(found.values) <= most
        assert not (found.values[:, 0] % 0.25).any()
        assert (found.values >= 0.0).all() and (found.values <= [10.0, 5.0]).all()
        again = search(start, axes, evaluate, Aim(("R0", "R1")), most=most)
        assert (again.values == found.values).all()


def test_what_is_open_disproves_a_conflict_and_is_no_relaxation():
    def evaluate(values):
        x = values[:, 0]
        return np.column_stack([np.where(x > 0.5, np.nan, x - 0.6), np.where(x > 0.4, x - 0.9, -np.inf)])

    axes = [Axis(0.0, 1.0)]
    start = plain([0.0, 0.45], axes, evaluate, (0.6, 0.9))
    assert unconfirmed(start).conflicts.sets == (("R0",), ("R1",))
    found = confirmed(start, axes, named(evaluate), most_designs=100)
    assert found.conflicts.sets == ()
    assert found.disproved
    assert not found.designs.meet(["R0", "R1"]).any()
    assert found.designs.may_meet(["R0", "R1"]).any()
    assert jointly(found.designs, ["R0", "R1"])[0].moves[0][1] >= 0.1

"""Conflicts along straight lines, against every design of small spaces and against linear programmes of wide ones."""

from itertools import product

import numpy as np
import pytest

from covolt.study.conflicts import Asked, Axis, Designs, alone, confirmed, jointly
from covolt.study.conflicts.declared import straight_of
from covolt.study.conflicts.search import Aim
from tests.study.conflicts.spaces import by_every_subset, planted


def mixed(random):
    """Steps, a catalogue of offers and requirements on sums of both; all designs are known."""
    axes = [Axis(2.0, 5.0, 3), Axis(0.0, 3.0, 3), Axis(-1.0, 1.0, 2), Axis(4.0, 4.0)]
    offers, slopes = random.normal(size=(4, 4)), random.normal(size=(2, 4))
    bounds = random.uniform(0.2, 1.5, 4)

    def evaluate(values):
        return values[:, [0, 2]] @ slopes + offers[values[:, 1].astype(int)] - bounds

    every = np.array(list(product((2.0, 3.0, 4.0, 5.0), range(4), (-1.0, 0.0, 1.0), (4.0,))))
    asked = tuple(Asked(f"R{at}", float(one), True) for at, one in enumerate(bounds))
    return axes, [False, True, False, False], evaluate, every, asked


def named(evaluate):
    return lambda values, names: evaluate(values)[:, [int(name[1:]) for name in names]]


@pytest.mark.parametrize("seed", range(25))
def test_of_steps_and_offers_the_conflicts_are_those_of_every_design(seed):
    axes, catalogues, evaluate, every, asked = mixed(np.random.default_rng(seed))
    empty = Designs(every[:0], asked, np.empty((0, 4)))
    start, straight = straight_of(empty, axes, catalogues, evaluate)
    assert straight.names == start.names
    found = confirmed(start, axes, named(evaluate), most_designs=0, straight=straight)
    truth = Designs(every, asked, evaluate(every))
    assert list(found.conflicts.sets) == by_every_subset(truth.margins >= 0.0, list(truth.names))
    assert all(one.sure == "proven" for one in found.tried.values())
    for conflict in found.conflicts.sets:
        own, own_truth = (
            [each.moves[0] for each in alone(one, conflict)] if len(conflict) > 1 else []
            for one in (found.designs, truth)
        )
        assert own == own_truth
        assert jointly(found.designs, conflict)[0].moved_ratio == jointly(truth, conflict)[0].moved_ratio


@pytest.mark.parametrize("seed", range(6))
def test_planted_conflicts_are_proven_without_search(seed):
    random = np.random.default_rng(seed)
    space, truth = planted(random)
    start, straight = straight_of(space.sampled(0, random), space.axes, [False] * len(space.axes), space.evaluate)
    found = confirmed(start, space.axes, named(space.evaluate), most_designs=0, most_sets=50, straight=straight)
    assert list(found.conflicts.sets) == truth
    assert {one.sure for one in found.tried.values()} == {"proven"}
    for conflict in truth:
        least = space.least_sum(conflict)
        assert least - 1e-9 <= jointly(found.designs, conflict)[0].moved_ratio <= least + 1e-5


def test_what_bends_has_no_line_and_what_meets_exactly_is_no_conflict():
    axes = [Axis(0.0, 2.0)]

    def evaluate(values):
        x = values[:, 0]
        return np.column_stack([x - 1.0, 1.0 - x, 1.0 - x * x])

    asked = tuple(Asked(f"R{at}", 1.0, True) for at in range(3))
    empty = Designs(np.empty((0, 1)), asked, np.empty((0, 3)))
    start, straight = straight_of(empty, axes, [False], evaluate)
    assert straight.names == ("R0", "R1")
    [only] = straight.least(Aim(("R0", "R1")))
    assert only == pytest.approx(1.0)
    found = confirmed(start.of(["R0", "R1"]), axes, named(evaluate), most_designs=0, straight=straight)
    assert not any(one.sure == "proven" for one in found.tried.values())

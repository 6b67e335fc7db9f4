"""Conflicts along straight lines, against every design of small spaces and against linear programmes of wide ones."""

from itertools import product

import numpy as np
import pytest

from covolt.study.conflicts import Asked, Axis, Designs, alone, confirmed, jointly
from covolt.study.conflicts.declared import PROVEN, straight_of
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
    only = straight.least(Aim(("R0", "R1")))
    assert only.values == pytest.approx([1.0])
    assert only.proven <= PROVEN
    found = confirmed(start.of(["R0", "R1"]), axes, named(evaluate), most_designs=0, straight=straight)
    assert not any(one.sure == "proven" for one in found.tried.values())


def pack(step_kWh=0.0):
    """A pack from 25 to 45 kWh, 235 kg at 30.5 kWh and 7 kg for each further one."""
    return Axis(25.0, 45.0, round(20.0 / step_kWh) if step_kWh else 0)


def along(axes, evaluate, bounds):
    """The conflicts that lines tell of requirements on these axes, none of which is known before."""
    asked = tuple(Asked(f"R{at}", bound, True) for at, bound in enumerate(bounds))
    empty = Designs(np.empty((0, len(axes))), asked, np.empty((0, len(asked))))
    start, straight = straight_of(empty, axes, [False] * len(axes), evaluate)
    assert straight.names == start.names
    return confirmed(start, axes, named(evaluate), most_designs=0, straight=straight)


@pytest.mark.parametrize("step_kWh", [0.1 / 3.6e6, 1.0 / 3.6e6, 0.01, 0.0])
def test_no_step_is_too_small_for_a_design_between_two_bounds(step_kWh):
    def evaluate(values):
        return np.column_stack([values[:, 0] - 31.0, 245.0 - (235.0 + 7.0 * (values[:, 0] - 30.5))])

    assert along([pack(step_kWh)], evaluate, (31.0, 245.0)).conflicts.sets == ()


@pytest.mark.parametrize("width_kg", [1e-7, 1e-4, 1e-3])
def test_a_window_that_the_solver_does_not_resolve_is_no_proof(width_kg):
    """Five stepped numbers add up to a mass; of 10^18 designs very many lie in the window."""
    axes = [Axis(25.0, 32.0, 7000), Axis(350.0, 400.0, 5000), Axis(70.0, 120.0, 5000), Axis(0.26, 0.34, 8000)]
    today, per = np.array([30.5, 380.0, 80.0, 0.3]), np.array([3.4142135, 0.17320508, 0.223606, -151.32])

    def evaluate(values):
        mass = 1150.0 + (values - today) @ per
        return np.column_stack([mass - 1150.0005, 1150.0005 + width_kg - mass])

    found = along(axes, evaluate, (1150.0005, 1150.0005 + width_kg))
    assert not any(one.sure == "proven" for one in found.tried.values())
    if width_kg > 1e-5:
        assert found.conflicts.sets == ()


@pytest.mark.parametrize("step_kWh", [0.5, 0.0])
def test_a_bound_that_a_step_meets_exactly_is_met(step_kWh):
    def evaluate(values):
        return np.column_stack([values[:, 0] - 40.0, 249.0 - (235.0 + 7.0 * (values[:, 0] - 30.5))])

    found = along([pack(step_kWh)], evaluate, (40.0, 249.0))
    conflict = ("R0", "R1")
    assert found.tried[conflict].sure == "proven"
    moves = {one.moves[0][0]: one.moves[0][1] for one in alone(found.designs, conflict)}
    assert moves == {"R0": pytest.approx(7.5, rel=1e-8), "R1": pytest.approx(52.5, rel=1e-8)}
    assert jointly(found.designs, conflict)[0].moved_ratio == pytest.approx(7.5 / 40.0, rel=1e-8)
    assert all(found.tried[conflict].is_least([one]) for one in moves.items())


def test_of_a_corner_that_cannot_be_joined_nothing_is_proven_and_the_next_is_sought():
    """The usable energy of a pack must not exceed the nominal one, which falls with the voltage: 30 kWh at 400 V."""

    def evaluate(values):
        size, volt = values.T
        margins = np.column_stack([size - 31.0, volt - 400.0])
        return np.where((size > 33.0 - 0.075 * (volt - 360.0) + 1e-9)[:, None], -np.inf, margins)

    found = along([Axis(25.0, 31.0), Axis(360.0, 400.0)], evaluate, (31.0, 400.0))
    conflict = ("R0", "R1")
    tried = found.tried[conflict]
    assert tried.sure == "searched" and tried.sought > 0
    moves = {one.moves[0][0]: one.moves[0][1] for one in alone(found.designs, conflict)}
    assert 1.0 <= moves["R0"] < 1.01
    assert 13.3 <= moves["R1"] < 13.6
    assert not any(tried.is_least([one]) for one in moves.items())

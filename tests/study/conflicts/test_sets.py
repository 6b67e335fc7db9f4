"""Minimal conflicting sets and corrections of a table, against every subset."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from covolt.study.conflicts import conflicts_of, correction_sets, one_conflict
from tests.study.conflicts.spaces import by_every_subset

TABLES = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7))


def named(met):
    return [f"R{at}" for at in range(met.shape[1])]


@given(TABLES)
def test_conflicts_and_corrections_are_those_of_every_subset(met):
    names = named(met)
    found = conflicts_of(met, names)
    assert list(found.sets) == by_every_subset(met, names)
    assert (found.left, found.whole_to) == (0, None)
    missed = {frozenset(np.array(names)[~row]) for row in met}
    assert {frozenset(one) for one in correction_sets(met, names)} == {
        one for one in missed if not any(other < one for other in missed)
    }


@given(TABLES)
def test_one_conflict_is_among_them_and_none_where_a_design_meets_all(met):
    found = one_conflict(met, named(met))
    assert found in conflicts_of(met, named(met)).sets or (found == () and met.all(axis=1).any())


@given(TABLES, st.randoms(use_true_random=False))
def test_order_of_designs_and_requirements_is_irrelevant(met, random):
    names = named(met)
    rows, columns = list(range(met.shape[0])), list(range(met.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled, other_names = met[rows][:, columns], [names[at] for at in columns]
    assert conflicts_of(shuffled, other_names) == conflicts_of(met, names)
    assert correction_sets(shuffled, other_names) == correction_sets(met, names)


def test_no_design_at_all_meets_not_even_nothing():
    assert conflicts_of(np.zeros((0, 3), dtype=bool), ["A", "B", "C"]).sets == ((),)


def test_more_requirements_than_bits_of_a_word():
    names = [f"R{at:03d}" for at in range(130)]
    met = np.ones((3, 130), dtype=bool)
    met[0, [0, 64]] = met[1, [64, 129]] = met[2, [1]] = False
    assert conflicts_of(met, names).sets == (("R001", "R064"), ("R000", "R001", "R129"))
    assert correction_sets(met, names) == (("R001",), ("R000", "R064"), ("R064", "R129"))


def test_the_smallest_come_first_and_those_left_are_counted():
    met = ~np.eye(6, dtype=bool)[:, :5]  # the last design meets all but nothing is missed by it
    assert conflicts_of(met, named(met)).sets == ()
    pairs = np.array([[at in pair for at in range(6)] for pair in combinations(range(6), 2)])
    found = conflicts_of(pairs, named(pairs), most=3)
    assert [len(one) for one in found.sets] == [3, 3, 3]
    assert found.left == 17
    assert found.whole_to is None


def test_what_was_not_looked_at_is_said():
    random = np.random.default_rng(5)
    met = random.random((300, 16)) < 0.5
    found = conflicts_of(met, named(met), most_steps=2000)
    assert found.whole_to is not None
    assert set(found.sets) == {
        one for one in conflicts_of(met, named(met), most=10**6).sets if len(one) <= found.whole_to
    } or (len(found.sets) == 1 and len(found.sets[0]) > found.whole_to)


@pytest.mark.parametrize("size", [2, 6])
def test_thirty_requirements_and_twenty_thousand_designs(size):
    random = np.random.default_rng(size)
    values, slopes = random.uniform(-1.0, 1.0, (20_000, size)), random.normal(size=(size, 30))
    met = values @ slopes >= 0.8
    names = named(met)
    found = conflicts_of(met, names, most=10**6)
    assert found.whole_to is None
    assert len(found.sets) > 100
    for one in found.sets[:: len(found.sets) // 50]:
        columns = met[:, [names.index(name) for name in one]]
        assert not columns.all(axis=1).any()
        assert all(np.delete(columns, at, axis=1).all(axis=1).any() for at in range(len(one)))

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.study.verdicts.attribution import shapley

PARTIES = ("agency", "battery-works", "drive-works", "institute")


def game(seed):
    draw = random.Random(seed)
    return {
        frozenset(chosen): draw.uniform(-1e6, 1e6)
        for size in range(len(PARTIES) + 1)
        for chosen in combinations(PARTIES, size)
    }


@given(st.integers(0, 10_000))
def test_the_parts_sum_to_the_whole(seed):
    worth = game(seed)
    whole = worth[frozenset(PARTIES)] - worth[frozenset()]
    assert sum(shapley(PARTIES, worth.__getitem__).values()) == pytest.approx(whole, rel=1e-9, abs=1e-6)


@given(st.integers(0, 10_000), st.permutations(PARTIES))
def test_the_order_of_parties_does_not_matter(seed, order):
    worth = game(seed)
    assert shapley(order, worth.__getitem__) == shapley(PARTIES, worth.__getitem__)


def test_who_moves_nothing_gets_nothing_and_equals_get_the_same():
    def worth(chosen):
        return 10.0 * (len(chosen & {"agency", "institute"}) == 2) + 3.0 * ("drive-works" in chosen)

    found = shapley(PARTIES, worth)
    assert found == pytest.approx({"agency": 5.0, "institute": 5.0, "drive-works": 3.0, "battery-works": 0.0})

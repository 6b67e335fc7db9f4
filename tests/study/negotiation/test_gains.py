"""Gains of parties: from worst to aspiration, by weight, whichever way is better and in whichever unit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covolt.study.negotiation import Stake, gains_of_parties
from covolt.study.negotiation.gains import shares_of

RANGE = Stake("operator", "O-RANGE", worst=200.0, aspiration=300.0, weight=3.0)
PRICE = Stake("operator", "O-PRICE", worst=30e6, aspiration=20e6)
MASS = Stake("bus-works", "W-MASS", worst=2250.0, aspiration=2050.0)
VALUES = np.array([[250.0, 25e6, 2150.0], [320.0, 30e6, 2050.0], [199.0, 20e6, 2300.0], [250.0, np.nan, 2150.0]])


def test_gains_are_means_by_weight():
    found = gains_of_parties(VALUES, [RANGE, PRICE, MASS])
    assert found.parties == ("bus-works", "operator")
    assert found.gains[:2] == pytest.approx(np.array([[0.5, 0.5], [1.0, 0.9]]))


def test_one_interest_below_its_worst_is_not_made_up_for():
    found = gains_of_parties(VALUES, [RANGE, PRICE, MASS])
    assert found.acceptable.tolist() == [[True, True], [True, True], [False, False], [True, False]]
    assert found.gains[2, 1] > 0.0


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 100.0), st.floats(-1000.0, 1000.0))
def test_scale_and_zero_of_a_unit_decide_nothing(factor, offset):
    moved = Stake("operator", "O-RANGE", 200.0 * factor + offset, 300.0 * factor + offset, 3.0)
    found = gains_of_parties(VALUES[:2, :1] * factor + offset, [moved])
    assert found.gains == pytest.approx(gains_of_parties(VALUES[:2, :1], [RANGE]).gains, abs=1e-9)


def test_the_worst_itself_is_accepted_whatever_rounding_says():
    stake = Stake("operator", "O-SHARE", worst=0.1 + 0.2, aspiration=1.0)
    assert gains_of_parties(np.array([[0.3]]), [stake]).acceptable.all()


@pytest.mark.parametrize("size", [1e308, 1e-300, 5e-324])
def test_weights_are_shares_however_large_or_small_they_are(size):
    even = [replace(one, weight=1.0, party="a") for one in (RANGE, PRICE, MASS)]
    wide = [replace(one, weight=size) for one in even]
    assert np.array_equal(gains_of_parties(VALUES, wide).gains, gains_of_parties(VALUES, even).gains)
    assert np.array_equal(shares_of(np.array([1.0, 3.0, 2.5])), np.array([1.0, 3.0, 2.5]) / 6.5)


@pytest.mark.parametrize(
    "stake",
    [
        Stake("a", "A", 1.0, 1.0),
        Stake("a", "A", 1.0, 2.0, 0.0),
        Stake("a", "A", 1.0, 2.0, np.inf),
        Stake("a", "A", -1e308, 1e308),
    ],
)
def test_an_interest_without_direction_or_weight_is_refused(stake):
    with pytest.raises(ValueError, match="A gives no direction or no weight"):
        gains_of_parties(np.ones((1, 1)), [stake])

"""Axioms of bargaining as far as they hold on finite sets of outcomes (Thomson, Handbook of Game Theory 2, chapter 35)."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from covolt.study.negotiation import RULES, pareto_rows, settle

SIXTEENTHS = st.integers(-4, 40).map(lambda whole: whole / 16.0)
"""Gains whose sums and comparisons are exact, and which tie often."""
rules = pytest.mark.parametrize("rule", RULES)
quick = settings(max_examples=60, deadline=None)


@st.composite
def spaces(draw, least=1, least_parties=1):
    outcomes, parties = draw(st.integers(least, 24)), draw(st.integers(least_parties, 4))
    return draw(arrays(float, (outcomes, parties), elements=SIXTEENTHS))


def dominated(gains, row):
    return bool(((gains >= gains[row]).all(axis=1) & (gains > gains[row]).any(axis=1)).any())


def tied_gains(found, gains):
    return {tuple(gains[row]) for row in found.tied}


@quick
@given(spaces())
def test_pareto_rows_are_those_that_nothing_dominates(gains):
    assert list(pareto_rows(gains)) == [row for row in range(len(gains)) if not dominated(gains, row)]


@rules
@quick
@given(gains=spaces())
def test_a_settlement_is_acceptable_and_efficient(rule, gains):
    found = settle(gains, rule)
    if found is None:
        assert not (gains >= 0.0).all(axis=1).any()
        return
    assert found.row in found.tied
    for row in found.tied:
        assert (gains[row] >= 0.0).all()
        assert not dominated(gains, row)


@rules
@quick
@given(gains=spaces(), data=st.data())
def test_the_order_of_rows_decides_nothing(rule, gains, data):
    found = settle(gains, rule)
    assume(found is not None)
    turned = np.array(data.draw(st.permutations(range(len(gains)))))
    other = settle(gains[turned], rule)
    assert tied_gains(other, gains[turned]) == tied_gains(found, gains)
    assert other.gain_ratios == found.gain_ratios
    assert len(other.tied) == len(found.tied)


@rules
@quick
@given(gains=spaces(), data=st.data())
def test_parties_that_change_places_change_gains(rule, gains, data):
    found = settle(gains, rule)
    assume(found is not None)
    turned = data.draw(st.permutations(range(gains.shape[1])))
    assert settle(gains[:, turned], rule).tied == found.tied


@rules
@quick
@given(gains=spaces(least_parties=2))
def test_where_parties_are_alike_their_gains_are_or_both_ways_round_tie(rule, gains):
    both = np.vstack([gains, gains[:, [1, 0, *range(2, gains.shape[1])]]])
    found = settle(both, rule)
    assume(found is not None)
    assert tied_gains(found, both) == {(two, one, *rest) for one, two, *rest in tied_gains(found, both)}


@pytest.mark.parametrize("rule", ["kalai-smorodinsky", "nash"])
@quick
@given(gains=spaces(), data=st.data())
def test_the_scale_of_a_gain_decides_nothing(rule, gains, data):
    found = settle(gains, rule)
    assume(found is not None)
    factors = data.draw(arrays(float, gains.shape[1], elements=st.floats(1e-3, 1e3)))
    assert settle(gains * factors, rule).tied == found.tied


def test_an_egalitarian_settlement_hangs_on_the_scale_of_gains():
    gains = np.array([[0.5, 0.5], [1.0, 0.25]])
    assert settle(gains, "egalitarian").row == 0
    assert settle(gains * [1.0, 4.0], "egalitarian").row == 1


@pytest.mark.parametrize("rule", ["nash", "egalitarian"])
@quick
@given(gains=spaces(least=2), data=st.data())
def test_outcomes_that_nobody_chose_do_not_matter(rule, gains, data):
    """Independence of irrelevant alternatives; of Nash where an outcome gives everybody something."""
    found = settle(gains, rule)
    assume(found is not None)
    assume(rule != "nash" or not found.without)
    rest = [row for row in range(len(gains)) if row not in found.tied]
    kept = sorted([*found.tied, *data.draw(st.lists(st.sampled_from(rest), unique=True) if rest else st.just([]))])
    assert {kept[row] for row in settle(gains[kept], rule).tied} == set(found.tied)


def test_for_kalai_and_smorodinsky_they_matter():
    """The best that a party could have is what its gain is held against, though nobody chooses it."""
    gains = np.array([[0.6, 0.6], [1.0, 0.25], [4.0, 0.0]])
    assert settle(gains[:2]).row == 0
    assert settle(gains).row == 1


@quick
@given(gains=spaces(), more=spaces())
def test_more_outcomes_make_nobodys_least_share_smaller(gains, more):
    """Individual monotonicity as far as it holds on finite sets: outcomes are added and nobody's best is another, then the
    ascending shares are lexicographically no smaller, so neither is the least.
    """
    found = settle(gains)
    assume(found is not None)
    width = gains.shape[1]
    added = np.resize(more, (len(more), width))
    added = added[(added <= found.best_ratios).all(axis=1)]
    again = settle(np.vstack([gains, added]))
    assert again.best_ratios == found.best_ratios
    assert sorted(again.reached_ratios) >= sorted(found.reached_ratios)


@quick
@given(gains=spaces(least_parties=2), data=st.data())
def test_what_weights_a_party_more_never_gives_it_less_by_nash(gains, data):
    found = settle(gains, "nash")
    assume(found is not None and not found.without and len(found.tied) == 1)
    weights = np.ones(gains.shape[1])
    weights[0] = data.draw(st.floats(1.0, 8.0))
    assert settle(gains, "nash", weights).gain_ratios[0] >= found.gain_ratios[0]


@rules
@quick
@given(gains=spaces())
def test_equal_weights_are_none(rule, gains):
    weighted = settle(gains, rule, np.full(gains.shape[1], 4.0))
    plain = settle(gains, rule)
    assert (weighted is None) == (plain is None)
    assert plain is None or weighted.tied == plain.tied

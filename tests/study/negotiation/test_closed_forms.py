"""Settlements with closed forms, on tables that hold the very point; and tables that are bent, torn, tied or empty."""

import numpy as np
import pytest

from covolt.study.negotiation import RULES, pareto_rows, settle

rules = pytest.mark.parametrize("rule", RULES)


def line(count, *, first=1.0, second=1.0):
    """What two parties share, all of it given: from nothing for the one to nothing for the other."""
    part = np.arange(count + 1) / count
    return np.column_stack([first * part, second * (1.0 - part)])


@rules
def test_two_on_a_line_share_it_evenly(rule):
    assert settle(line(1000), rule).gain_ratios == (0.5, 0.5)


@pytest.mark.parametrize("rule", ["kalai-smorodinsky", "nash"])
def test_on_an_oblique_line_each_has_half_of_its_best(rule):
    assert settle(line(1000, first=3.0, second=0.5), rule).gain_ratios == pytest.approx((1.5, 0.25), abs=1e-12)


def test_egalitarian_parties_gain_the_same_on_an_oblique_line():
    """Where t = u_1 = u_2 on u_1 / 3 + u_2 = 1: t = 3/4, at a quarter of the way."""
    assert settle(line(1000, first=3.0), "egalitarian").gain_ratios == pytest.approx((0.75, 0.75), abs=1e-12)


def test_nash_shares_by_weight():
    """The greatest w_1 ln u_1 + w_2 ln (1 - u_1) is at u_1 = w_1 / (w_1 + w_2)."""
    assert settle(line(1000), "nash", np.array([3.0, 1.0])).gain_ratios == (0.75, 0.25)


@rules
def test_on_a_disc_both_have_the_same(rule):
    angle = np.linspace(0.0, np.pi / 2.0, 2001)
    whole = np.vstack([radius * np.column_stack([np.cos(angle), np.sin(angle)]) for radius in (0.5, 0.9, 1.0)])
    assert settle(whole, rule).gain_ratios == pytest.approx((np.sqrt(0.5), np.sqrt(0.5)), abs=1e-12)


def test_on_a_stretched_disc_kalai_and_smorodinsky_keep_the_shares():
    angle = np.linspace(0.0, np.pi / 2.0, 2001)
    found = settle(np.column_stack([5.0 * np.cos(angle), np.sin(angle)]))
    assert found.reached_ratios == pytest.approx((np.sqrt(0.5), np.sqrt(0.5)), abs=1e-12)


def test_with_a_corner_cut_off_the_rules_part():
    """u_1 <= 1, u_2 <= 1, 2 u_1 + u_2 <= 2: Nash (1/2, 1), Kalai and Smorodinsky and egalitarian (2/3, 2/3)."""
    grid = np.linspace(0.0, 1.0, 301)
    table = np.array([(one, min(1.0, 2.0 - 2.0 * one)) for one in grid])
    assert settle(table, "nash").gain_ratios == pytest.approx((0.5, 1.0), abs=1e-12)
    for rule in ("kalai-smorodinsky", "egalitarian"):
        assert settle(table, rule).gain_ratios == pytest.approx((2.0 / 3.0, 2.0 / 3.0), abs=1e-12)


def test_three_of_whom_one_harms_nobody():
    """Two share a line, a third has what it likes: the least share alone leaves outcomes that are worse for the third."""
    shares = np.vstack([np.column_stack([line(100), np.full(101, third)]) for third in (0.6, 0.8, 1.0)])
    found = settle(shares)
    assert found.gain_ratios == (0.5, 0.5, 1.0)
    assert found.extended
    assert not settle(shares[202:]).extended


def test_in_a_simplex_of_three_each_has_a_third():
    whole = [(one, two, 30 - one - two) for one in range(31) for two in range(31 - one)]
    table = np.array(whole) / 30.0
    for rule in RULES:
        assert settle(table, rule).gain_ratios == pytest.approx((1 / 3, 1 / 3, 1 / 3), abs=1e-12)


@rules
def test_where_no_mixture_exists_an_outcome_of_the_table_is_chosen(rule):
    """A bent-in set: half of each corner would be better for both than the middle, and no vehicle is it."""
    table = np.array([[1.0, 0.0], [0.3, 0.3], [0.0, 1.0]])
    assert settle(table, rule).row == 1


@rules
def test_of_a_torn_set_an_outcome_of_one_piece_is_chosen(rule):
    table = np.vstack([line(100)[:30], line(100)[90:]])
    found = settle(table, rule)
    assert found.gain_ratios == pytest.approx((0.29, 0.71))


@rules
def test_ties_are_all_told_and_the_least_of_the_order_is_taken(rule):
    table = np.array([[0.2, 0.8], [0.8, 0.2], [0.2, 0.8], [0.1, 0.1]])
    found = settle(table, rule)
    assert found.tied == (0, 1, 2)
    assert found.row == 1
    order = np.array([[1.0, 5.0], [1.0, 7.0], [1.0, 3.0], [0.0, 0.0]])
    assert settle(table, rule, order=order).row == 2


@rules
def test_one_outcome_is_chosen(rule):
    assert settle(np.array([[0.25, 0.0]]), rule).tied == (0,)


@rules
@pytest.mark.parametrize("table", [np.empty((0, 2)), np.empty((3, 0)), np.array([[-0.1, 5.0], [5.0, -1e-9]])])
def test_of_nothing_acceptable_nothing_is_chosen(rule, table):
    assert settle(table, rule) is None


def test_nothing_has_no_pareto_rows():
    assert pareto_rows(np.empty((0, 3))).size == 0


@rules
def test_one_party_has_its_best(rule):
    assert settle(np.array([[0.25], [1.5], [-2.0]]), rule).gain_ratios == (1.5,)


def test_where_nobody_can_gain_together_nash_serves_as_many_as_it_can():
    table = np.array([[0.0, 0.0, 9.0], [0.2, 0.2, 0.0], [0.1, 0.5, 0.0]])
    found = settle(table, "nash")
    assert found.gain_ratios == (0.1, 0.5, 0.0)
    assert found.without == (2,)


@rules
def test_a_party_that_can_gain_nothing_holds_nobody_up(rule):
    found = settle(np.column_stack([line(10), np.zeros(11)]), rule)
    assert found.gain_ratios == (0.5, 0.5, 0.0)
    assert found.without == (2,)
    assert found.reached_ratios == (0.5, 0.5, 0.0)


@pytest.mark.parametrize(
    ("gains", "weights"),
    [(np.array([[np.nan]]), None), (np.ones((1, 2)), np.array([1.0, 0.0])), (np.ones((1, 2)), np.ones(3))],
)
def test_what_is_no_number_and_no_weight_is_refused(gains, weights):
    with pytest.raises(ValueError, match="finite"):
        settle(gains, "nash", weights)

"""What of a settlement counts as another than today: verdicts like with like, and values by the digits in which they are told."""

import pytest

from covolt.study.negotiation.card import Card, JudgedRow, LawRow, Sure
from covolt.study.negotiation.turned import is_met, is_same, outward, words_of
from covolt.study.negotiation.wording import laws_said, newly, probability_said, state_said, sureness_said, turned
from covolt.words import Words


def sure(verdict, probability, *, expanded=2.0):
    return Sure(verdict, 100.0, expanded, probability, Words("100 ± 2"))


def row(before, after, sure_before=None, sure_after=None):
    return JudgedRow(
        "C-PRICE", Words("Price"), "concern", "constraint", "kRUB", "at_most", 105.0, before, after, 99.0, 100.0, 6.0, 5.0, 0.0,
        sure_before=sure_before, sure_after=sure_after,
    )  # fmt: skip


def law(name, by, verdict, *, shown, found=None, why=""):
    return LawRow(name, Words(name), "agency", "UN R85", by, verdict, shown, sure=found, why=Words(why))


def card(*laws):
    return Card(
        "bus",
        "",
        "nash",
        "agreed",
        "sha256:0",
        "sha256:1",
        "sha256:2",
        2,
        1,
        (1,),
        "kept",
        (),
        (),
        (),
        (),
        laws,
        (),
        (),
        (),
    )


def test_verdicts_are_held_like_with_like():
    quiet = row("met", "met", sure("met", 0.987), sure("within uncertainty", 0.557))
    assert words_of(quiet) == ("met", "within uncertainty")
    assert turned([quiet]) == (quiet,)
    still = row("met", "not met", sure("within uncertainty", 0.798), sure("within uncertainty", 0.122))
    assert turned([still]) == ()
    assert turned([row("met", "not met")])
    assert words_of(row("met", "not met", None, sure("met", 0.99))) == ("met", "not met"), (
        "one side alone is not verified"
    )


def test_only_what_is_met_by_the_verdict_that_is_shown_is_newly_met():
    doubtful = row("not met", "met", sure("not met", 0.0), sure("within uncertainty", 0.92))
    clear = row("not met", "met", sure("not met", 0.0), sure("met", 0.999))
    assert newly([doubtful, clear], met=True) == (clear,)
    assert newly([row("met", "met", sure("met", 0.99), sure("within uncertainty", 0.6))], met=False)
    assert not is_met("met, text not checked", "law")
    assert is_met("met, text not checked", "need")


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (6.4976956146701, 6.4976956146701 + 7e-15, True),
        (75.0, 75.0000001, True),
        (2300.0, 2180.0, False),
        (None, 2.0, False),
        (None, None, True),
        (0.0, 0.0, True),
    ],
)
def test_rounding_and_what_is_told_in_the_same_digits_is_no_change(before, after, same):
    assert is_same((before, after)) is same


@pytest.mark.parametrize(
    ("value", "at_least", "bound"),
    [
        (79293.7, False, 79294.0),
        (79293.7, True, 79293.0),
        (2180.0, True, 2180.0),
        (0.123456, False, 0.12346),
        (0.0, True, 0.0),
    ],
)
def test_a_bound_is_written_so_that_its_value_keeps_it(value, at_least, bound):
    assert outward(value, at_least=at_least) == pytest.approx(bound, rel=1e-12)


def test_nobody_reads_that_all_accept_it_without_the_laws_that_are_not_shown():
    met = law("A-GRADE", "verified", "met", shown=True, found=sure("met", 0.999))
    doubtful = law("A-R85", "verified", "within uncertainty", shown=False, found=sure("within uncertainty", 0.894))
    paper = law("A-R100", "nothing", "not verified", shown=False, why="no document is cited")
    assert state_said(card(met)).said("en") == "every party accepts it"
    said = state_said(card(met, doubtful, paper)).said("en")
    assert said == "every party accepts it; of 3 laws 2 are not shown to be met"
    told = laws_said((met, doubtful, paper)).said("en")
    assert "1 of 3" in told
    assert "A-R85 (within uncertainty, P 89.4 %)" in told
    assert "A-R100 (not verified, no document is cited)" in told
    computed = law("A-R13", "computed", "met", shown=False)
    assert "computed values alone" in state_said(card(computed)).said("en")
    assert "A-R100" in laws_said((computed, paper)).said("en")


def test_a_law_without_any_uncertainty_behind_it_is_not_told_as_sure():
    exact = law("A-R13", "verified", "not met", shown=False, found=sure("not met", 0.0, expanded=1e-14))
    assert "P" not in laws_said((exact,)).said("en").replace("A-R13", "")


def test_a_bound_that_nothing_uncertain_moves_is_kept_with_a_told_probability():
    exact = sure("met", 1.0, expanded=0.0)
    assert not str(sureness_said(exact)), "beside a verdict it would say nothing"
    assert probability_said(exact).said("en") == "P > 99.9 %"
    assert not str(probability_said(sure("not verified", None)))

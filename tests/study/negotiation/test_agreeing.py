"""Studies that say two things of one design, and tables with numbers that no study writes, are refused whatever their order."""

import shutil

import pytest

from covolt.errors import Conflict, InputError
from covolt.study.cases.negotiate import negotiate
from tests.study.negotiation.conftest import edited, studies

pytestmark = pytest.mark.whole
NAN, INFINITE = float("nan"), float("inf")


@pytest.fixture
def other(home):
    """A second study of what everybody may read, which somebody may have edited."""
    return shutil.copytree(home / "shared", home / "other")


def negotiated(home, *first):
    return negotiate(home / "car", [*first, *studies(home)])


@pytest.mark.parametrize(
    ("what", "column", "value", "said"),
    [
        ("value", "concern__PARTS", 1100.0, "concern/PARTS value"),
        ("value", "concern__PARTS", NAN, "concern/PARTS value"),
        ("value", "I-PARTS", 1.0, "I-PARTS value"),
        ("margin", "I-PARTS", 1000.0, "I-PARTS margin"),
        ("verdict", "I-MASS", "open", "I-MASS verdict"),
    ],
)
def test_studies_that_say_two_things_of_a_design_are_refused_in_any_order(home, other, what, column, value, said):
    assert negotiated(home, other).card.design is not None, "what is the same is no contradiction"
    edited(other, 21, what, **{column: value})
    with pytest.raises(Conflict, match=f"design 21, {said}: it says .*, and .*other ") as found:
        negotiated(home, other)
    [problem] = found.value.problems
    assert str(problem.where) == str(home / "shared")
    with pytest.raises(Conflict, match=f"design 21, {said}: it says "):
        negotiate(home / "car", [*studies(home), other])


@pytest.mark.parametrize(
    ("what", "column", "value", "said"),
    [
        ("value", "concern__PARTS", INFINITE, r"design 21, concern/PARTS value \[kRUB\]: inf, which no study writes"),
        ("margin", "I-PARTS", -INFINITE, r"design 21, I-PARTS margin \[.*\]: -inf, which no study writes"),
        ("value", "I-PARTS", NAN, r"design 21, I-PARTS value \[.*\]: nan, which no study writes"),
    ],
)
def test_a_number_that_no_study_writes_is_refused(home, what, column, value, said):
    edited(home / "shared", 21, what, **{column: value})
    with pytest.raises(InputError, match=said):
        negotiated(home)


def test_what_moves_is_a_number(home):
    edited(home / "shared", 21, "", DRAG=NAN)
    with pytest.raises(InputError, match=r"design 21, DRAG .*: nan, which no study writes"):
        negotiated(home)

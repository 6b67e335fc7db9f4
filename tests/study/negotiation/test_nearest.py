"""How far an interest would have to give way where none is left: the least, by what may be read, and never of a law."""

import numpy as np

from covolt.study.negotiation.admission import Demanded
from covolt.study.negotiation.gains import Stake
from covolt.study.negotiation.nearest import nearest_of
from covolt.study.negotiation.protocol import Case, NoneLeft, next_settlement

PRICE = np.array([1500.0, 1450.0, 1400.0, 1300.0])
RANGE = np.array([300.0, 260.0, 240.0, 200.0])


def case(worst_price=1420.0, law=250.0, accepted=None):
    """Dearer cars go further; the law asks for a range, and who buys says what it pays at most, as a requirement too."""
    stakes = (Stake("buyer", "PRICE", worst_price, 1200.0, unit="kRUB"), Stake("seller", "MARGIN", 1290.0, 1500.0))
    demanded = [Demanded("A-RANGE", "agency", "km", firm=True, scale=law)]
    margins = [RANGE - law]
    if accepted is not None:
        demanded.append(Demanded("I-PRICE", "buyer", "kRUB", firm=False, scale=1350.0, accepted=accepted))
        margins.append(1350.0 - PRICE)
    return Case(stakes, np.column_stack([PRICE, PRICE]), tuple(demanded), np.column_stack(margins), PRICE[:, None])


ALL = {"buyer/PRICE", "seller/MARGIN", "A-RANGE", "I-PRICE"}


def test_the_least_that_lets_one_be_acceptable_is_told():
    asked = case()
    assert isinstance(next_settlement(asked), NoneLeft)
    [found] = nearest_of(asked, (), ALL)
    assert (found.stake.interest, found.stake.worst, found.worst, found.row) == ("PRICE", 1420.0, 1450.0, 1)
    assert not isinstance(next_settlement(case(worst_price=found.worst)), NoneLeft)
    assert isinstance(next_settlement(case(worst_price=found.worst - 0.01 * 30.0)), NoneLeft)


def test_a_requirement_that_asks_the_same_moves_with_its_interest():
    [found] = nearest_of(case(accepted=70.0), (), ALL)
    assert found.worst == 1450.0


def test_where_a_law_alone_leaves_none_nobody_is_told_to_give_way():
    assert nearest_of(case(law=400.0), (), ALL) == []


def test_what_may_not_be_read_tells_nothing():
    """With the law hidden, the cheapest is acceptable: the buyer already accepts it."""
    assert nearest_of(case(), (), ALL - {"A-RANGE"}) == []
    assert nearest_of(case(), (), ALL - {"buyer/PRICE"}) == []

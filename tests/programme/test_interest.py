"""Interests: numbers so far from 0, and weights so large, that nothing follows from them are refused by field and line."""

import pytest

from covolt.contract.document import loads
from covolt.errors import InputError, UnitError
from covolt.programme.requirement import Interest
from covolt.programme.text import quantity_si

WRITTEN = """schema = "interest/1"
id = "RANGE"
party = "operator"
title = "Range"
procedure = "wltp"
measure = "range"
worst_acceptable = "95 km"
aspiration = "190 km"
weight = 2.0
"""


@pytest.mark.parametrize(
    ("was", "now", "said", "where"),
    [
        ('"190 km"', '"1e308 km"', "1e308 km is too far from 0", "range.toml:8 (aspiration)"),
        ('"95 km"', '"-1e307 t"', "-1e307 t is too far from 0", "range.toml:7 (worst_acceptable)"),
        ('"190 km"', "1e308", r"1e+308 is too far from 0", "range.toml:8 (aspiration)"),
        ("2.0", "1e308", "a weight of 1e+308", "range.toml:9 (weight)"),
        ("2.0", "1e-300", "a weight of 1e-300", "range.toml:9 (weight)"),
        ("2.0", "inf", "a weight of inf", "range.toml:9 (weight)"),
    ],
)
def test_what_cannot_be_weighed_is_refused_with_its_line(was, now, said, where):
    assert loads(WRITTEN, Interest, "range.toml").weight == 2.0
    with pytest.raises(InputError) as found:
        loads(WRITTEN.replace(was, now), Interest, "range.toml")
    assert (said, where) in [(str(one.what), str(one.where)) for one in found.value.problems]


def test_no_bound_of_any_kind_lies_beyond_what_can_be_computed():
    assert quantity_si("1e27 km")[0] == pytest.approx(1e30)
    for written in ("1e28 km", "-1e28 km", 1e31):
        with pytest.raises(UnitError, match="is too far from 0"):
            quantity_si(written)

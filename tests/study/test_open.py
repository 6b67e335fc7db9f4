"""Measures of which a fact is missing: an interval, and a verdict only where both of its ends give the same."""

from __future__ import annotations

import math

import pytest

from covolt.programme.requirement import Requirement
from covolt.programme.text import Title
from covolt.study.procedures.openness import Open
from covolt.study.procedures.protocol import Measure, Record, Recorder
from covolt.study.result import kept, plain, recalled
from covolt.study.verdicts.variation import Variation, World, contribution
from covolt.study.verdicts.verdict import Contribution, Verdict, judge_open
from covolt.study.verdicts.verification import verdict_of
from covolt.words import Text, Words

RANGE = Measure("range", Words("Range"), "km")
WHY = Words("nobody knows the cells")


def requirement(**bound: str) -> Requirement:
    return Requirement.model_validate(
        {
            "schema": "requirement/1",
            "id": "R",
            "party": "integrator",
            "title": Title(en="Range"),
            "kind": "need",
            "procedure": "wltp",
            "measure": "range",
            **bound,
        }
    )


def opened(low_km: float | None, high_km: float | None) -> Record:
    note = Recorder("wltp", (RANGE,))
    low_m, high_m = (None if one is None else one * 1e3 for one in (low_km, high_km))
    note.open(RANGE, low_m, high_m, WHY)
    return note.record()


def verdict(low_km: float | None, high_km: float | None, **bound: str) -> Verdict:
    return verdict_of(requirement(**bound), RANGE, opened(low_km, high_km), [], {})


@pytest.mark.parametrize(
    ("low_km", "high_km", "at_least", "at_most"),
    [
        (260.0, 300.0, "met", "not met"),
        (250.0, 300.0, "met", "not verified"),
        (200.0, 300.0, "not verified", "not verified"),
        (200.0, 240.0, "not met", "met"),
        (200.0, 250.0, "not verified", "met"),
        (260.0, None, "met", "not met"),
        (200.0, None, "not verified", "not verified"),
        (None, 240.0, "not met", "met"),
        (None, 260.0, "not verified", "not verified"),
        (None, None, "not verified", "not verified"),
    ],
)
def test_a_verdict_stands_where_both_ends_give_it(
    low_km: float | None, high_km: float | None, at_least: str, at_most: str
) -> None:
    for expected, bound in ((at_least, {"at_least": "250 km"}), (at_most, {"at_most": "250 km"})):
        found = verdict(low_km, high_km, **bound)
        assert found.verdict == expected
        assert "nobody knows the cells" in str(found.why)
        assert (found.value is None) == (expected == "not verified")


def test_the_interval_is_told_and_the_margin_is_that_of_the_worst_end() -> None:
    assert str(verdict(200.0, 300.0, at_least="250 km").why) == "open from 200 to 300 km: nobody knows the cells"
    assert str(verdict(200.0, None, at_least="250 km").why) == "open, at least 200 km: nobody knows the cells"
    assert str(verdict(None, 300.0, at_least="250 km").why) == "open, at most 300 km: nobody knows the cells"
    assert str(verdict(None, None, at_least="250 km").why) == "open: nobody knows the cells"
    assert verdict(260.0, 300.0, at_least="250 km").margin == pytest.approx(10.0)
    assert verdict(200.0, 240.0, at_most="250 km").margin == pytest.approx(10.0)
    assert [str(row[3]) for row in opened(200.0, None).as_tables()[0].rows] == [
        "open, at least 200 km: nobody knows the cells"
    ]


def test_an_end_within_its_own_error_of_the_bound_leaves_the_verdict_open() -> None:
    moved = [Contribution("input", "maker", "battery", "energy", Words("energy"), 8e3, 1.0, "1")]
    ends = Open(255e3, 300e3, WHY)
    assert judge_open(requirement(at_least="250 km"), RANGE, ends, moved, "").verdict == "not verified"
    assert judge_open(requirement(at_least="240 km"), RANGE, ends, moved, "").verdict == "met"


def test_each_end_has_its_own_error_and_what_is_open_on_one_side_alone_is_lost() -> None:
    sides = Variation("input", "maker", "battery", "energy", Words("energy"), 1.0, "1", World({}), World({}))
    found = contribution(sides, "range", opened(220.0, 320.0), opened(200.0, 290.0))
    assert found is not None
    assert found.by_law == {"at least": 10e3, "at most": 15e3}
    assert contribution(sides, "range", opened(220.0, 320.0), Record("wltp", {"range": 250e3})) is None


def test_it_is_kept_and_told() -> None:
    record = opened(200.0, None)
    assert recalled(Record, kept(record)) == record
    assert plain(record)["open"]["range"]["high"] is None
    assert record.open["range"].worst(at_least=True) == 200e3
    assert math.isnan(record.open["range"].worst(at_least=False))
    assert isinstance(record.open["range"].said("km"), Text)

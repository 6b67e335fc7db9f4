"""What falls from a number to open, and back: told with its verdicts, divided among nobody, and missing from gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from covolt.contract.datasheet import Datasheet
from covolt.programme.documents import Programme
from covolt.programme.requirement import Interest
from covolt.study.cases.compare import Comparison
from covolt.study.verdicts.attribution import differences_of
from covolt.study.verdicts.baseline import EarlierState
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.levels_moved import LevelsMoved, levels_moved
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.turned import by_requirement, turned, verdict_said
from tests.study.money.test_verdicts_and_division import DAY, offered, requirement, with_offers
from tests.study.origin.joined import city_car

Change = Callable[[Datasheet], Datasheet]
ASKED = (
    requirement("PRICE", "supply", "price", "1 MRUB"),
    requirement("COVERED", "supply", "covered", "100 %", "at_least"),
)


def ended(change: Change) -> Change:
    """An offer whose price ends before the day asked."""

    def to(sheet: Datasheet) -> Datasheet:
        stated = change(sheet)
        assert stated.supply is not None
        return stated.model_copy(update={"supply": stated.supply.model_copy(update={"valid_until": "2026-02-01"})})

    return to


def limited(change: Change, capacity: int | None = 9000) -> Change:
    def to(sheet: Datasheet) -> Datasheet:
        stated = change(sheet)
        assert stated.supply is not None
        update = {"supply": stated.supply.model_copy(update={"capacity_per_year": capacity})}
        return stated.model_copy(update=update)

    return to


@pytest.fixture
def states() -> tuple[Programme, Programme]:
    """The city car with a price and a capacity of every part, and the same with a battery whose price has ended."""
    base = city_car()
    assert base.lock is not None
    owner = {slot: base.offers[pin.offer].datasheet.party for slot, pin in base.lock.slots.items()}
    priced = limited(offered(50_000.0))
    wish = Interest.model_validate(
        {
            "schema": "interest/1",
            "id": "CHEAP",
            "party": "battery-works",
            "title": "Price",
            "procedure": "supply",
            "measure": "price",
            "worst_acceptable": "2 MRUB",
            "aspiration": "1 MRUB",
            "weight": 1.0,
            "conditions": {"market": "RU", "date": DAY, "yearly_volume": 3000},
            "visibility": "programme",
        }
    )
    old, new = (
        replace(
            with_offers(base, {slot: battery if slot == "battery" else priced for slot in owner}, owner),
            requirements={one.id: one for one in ASKED},
            interests={"CHEAP": wish},
        )
        for battery in (priced, ended(priced))
    )
    return old, new


def compared(old: Programme, new: Programme) -> Comparison:
    store = MemoryRecords()
    found, apart = differences_of(old, new, Bench(Setting.of(new), store))
    before, after = by_requirement(old, store), by_requirement(new, store)
    return Comparison(EarlierState(old, "folder", "it"), [], found, apart, before, after, LevelsMoved())


@pytest.mark.parametrize("falls", [True, False])
def test_from_a_number_to_open_and_back_the_verdicts_are_told_and_nothing_is_divided(
    states: tuple[Programme, Programme], falls: bool
) -> None:
    done = compared(*(states if falls else states[::-1]))
    assert not done.differences
    assert done.turned == ["COVERED", "PRICE"]
    number, open_ = (done.before, done.after) if falls else (done.after, done.before)
    # Nine parts, each half of the way from 55,000 to 50,000: ln(3) / ln(9).
    assert number["PRICE"].value == pytest.approx(9 * 52.5)
    assert str(verdict_said(number["PRICE"])).startswith("met, ")
    assert str(verdict_said(open_["PRICE"])).startswith("not verified, open")
    assert "its price does not hold on 2026-11-28" in str(verdict_said(open_["PRICE"]))
    rows = {one.requirement: one for one in done.document().differences}
    price = rows["PRICE"]
    assert (price.before, price.after, price.total, price.contributions) == (None, None, None, {})
    assert price.verdict_before is not None
    assert price.verdict_after is not None
    sides = (price.verdict_before, price.verdict_after) if falls else (price.verdict_after, price.verdict_before)
    assert (sides[0].verdict, sides[1].verdict, sides[1].value) == ("met", "not verified", None)
    assert "its price does not hold" in sides[1].why


def test_open_that_becomes_the_number_of_its_worst_end_is_a_row(states: tuple[Programme, Programme]) -> None:
    old, _ = states
    assert old.lock is not None
    owner = {slot: old.offers[pin.offer].datasheet.party for slot, pin in old.lock.slots.items()}
    free, none = (limited(offered(50_000.0), one) for one in (None, 0))
    unknown, nothing = (
        replace(with_offers(old, {"battery": one}, owner), requirements={"COVERED": ASKED[1]}) for one in (free, none)
    )
    done = compared(unknown, nothing)
    assert done.before["COVERED"].value is None
    assert (done.after["COVERED"].verdict, done.after["COVERED"].value) == ("not met", 0.0)
    assert done.turned == ["COVERED"]
    (row,) = done.document().differences
    assert row.verdict_before is not None
    assert row.verdict_before.why.startswith("open from 0 to")
    assert (row.total, row.contributions) == (None, {})


def test_the_same_state_has_no_row(states: tuple[Programme, Programme]) -> None:
    for one in states:
        done = compared(one, one)
        assert not done.turned
        assert not turned(done.before, done.after)


def test_gains_say_without_which_open_interests_they_are(states: tuple[Programme, Programme]) -> None:
    old, new = states
    bench = Bench(Setting.of(new), MemoryRecords())
    found = levels_moved(old, new, bench, MemoryRecords())
    assert not found.gains
    assert found.open_by_party["battery-works"] == ("CHEAP",)
    above = new.parties["battery-works"].belongs_to or ()
    assert all(found.open_by_party[one] == ("CHEAP",) for one in above)
    assert new.parties["battery-works"].level in found.open_by_level
    told = found.rolled_said({one.id: one.title.words for one in new.parties.values()})
    assert "0, without 1 that is open (CHEAP)" in told.said("en")
    assert "без 1 открытого (CHEAP)" in told.said("ru")
    same = levels_moved(old, old, bench, MemoryRecords())
    assert not same.open_by_party
    assert "without" not in same.rolled_said({}).said("en")

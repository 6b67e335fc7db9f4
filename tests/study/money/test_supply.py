"""Price by volume, capacity and lead time of 200 generated supply chains, against a reading of the rule by hand."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from covolt.contract.datasheet import Datasheet
from covolt.contract.terms import Supply
from covolt.study.procedures.protocol import Record
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.money_known import money_problems
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.study.money.joined import DAY, RATES, asked, chain, covered_by_hand, price_by_hand, sheets_with, table
from tests.study.origin.joined import city_car, programme_with

TABLES = {"assumed-rates": table(RATES)}
PER_BYN = 27.5


@pytest.fixture(scope="module")
def plain() -> dict[str, Datasheet]:
    return locked_sheets(city_car())


def supplied_by(plain: dict[str, Datasheet], stated: dict[str, dict[str, Any]]) -> dict[str, Datasheet]:
    return {
        slot: sheet.model_copy(
            update={
                "party": stated[slot]["party"],
                "id": stated[slot]["id"],
                "supply": Supply.model_validate(stated[slot]["supply"]),
            }
        )
        for slot, sheet in plain.items()
    }


def ask(sheets: dict[str, Datasheet], volume: int, day: str = DAY) -> Record:
    return asked("supply", sheets, TABLES, day=day, yearly_vehicle_count=volume)


@pytest.mark.parametrize("seed", range(200))
def test_a_generated_supply_chain_is_as_counted_by_hand(plain: dict[str, Datasheet], seed: int) -> None:
    draw = Random(seed)
    stated = chain(draw, sorted(plain))
    sheets = supplied_by(plain, stated)
    ends = [
        (one["supply"]["price"][0]["yearly_volume"], one["supply"]["price"][-1]["yearly_volume"])
        for one in stated.values()
    ]
    within = sorted({max(low for low, _ in ends), min(high for _, high in ends), draw.randint(100, 50_000)})
    points = [one["yearly_volume"] for other in stated.values() for one in other["supply"]["price"]]
    for volume in [*within, draw.choice(points)]:
        record = ask(sheets, volume)
        prices = {slot: price_by_hand(one, volume, PER_BYN) for slot, one in stated.items()}
        if None in prices.values():
            assert "price" not in record.measures
            known = math.fsum(one for one in prices.values() if one is not None)
            assert record.open["price"].low == pytest.approx(known, rel=1e-12)
            assert record.open["price"].high is None
            assert f"for {volume} vehicles a year" in str(record.open["price"].why).replace(
                "\N{NARROW NO-BREAK SPACE}", ""
            )
        else:
            whole = math.fsum(one for one in prices.values() if one is not None)
            assert record.measures["price"] == pytest.approx(whole, rel=1e-12)
            assert record.measures["price_byn"] == pytest.approx(whole / PER_BYN, rel=1e-12)
        by_hand = covered_by_hand(stated, volume)
        assert record.measures["covered"] == pytest.approx(float(by_hand), rel=1e-15)
        first = [one for one in record.lines if str(one.title).startswith("first bottleneck")]
        assert len(first) == 1
        assert first[0].value_si == pytest.approx(float(by_hand * volume))
        tightest = [
            f"{one['party']}/{one['id']}@"
            for one in stated.values()
            if covered_by_hand({k: v for k, v in stated.items() if v is one or v == one}, volume) == by_hand
        ]
        assert any(name in str(first[0].title) for name in tightest)
        longest = max(int(one["supply"]["lead_time"].split()[0]) for one in stated.values())
        assert record.measures["lead_time"] == pytest.approx(longest * 86400.0)


@pytest.mark.parametrize("seed", range(40))
def test_a_price_falls_where_the_curve_falls(plain: dict[str, Datasheet], seed: int) -> None:
    draw = Random(1000 + seed)
    volumes = (200, 900, 4_000, 30_000)
    stated = chain(draw, sorted(plain))
    for one in stated.values():
        price = float(draw.randint(2_000, 500_000))
        one["supply"]["price"] = [
            {"yearly_volume": n, "price": round(price * 0.8**k, 2)} for k, n in enumerate(volumes)
        ]
        one["supply"]["capacity_per_year"] = 30_000
    sheets = supplied_by(plain, stated)
    found = [
        ask(sheets, n).measures["price"] for n in sorted({*volumes, *(draw.randint(200, 30_000) for _ in range(20))})
    ]
    assert all(high >= low for high, low in pairwise(found))
    assert "price" in ask(sheets, 199).open
    assert "price" in ask(sheets, 30_001).open


def priced(price: float, u: float, **further: Any) -> dict[str, Any]:
    return {
        "supply": {
            "currency": "RUB",
            "valid_from": "2026-01-01",
            "price": [{"yearly_volume": 1000, "price": price, "u": u}],
        }
        | further
    }


def test_the_price_of_one_offer_in_two_slots_varies_as_one() -> None:
    sheets = sheets_with({"battery": priced(300_000, 4_000), "tyre": priced(20_000, 300)})
    twice = {**sheets, "brake": sheets["tyre"]}
    assert ask(sheets, 1000).unsure["price"] == {"battery": 4000.0, "tyre": 300.0}
    assert ask(twice, 1000).unsure["price"] == {"battery": 4000.0, "brake": 600.0}


def test_an_offer_of_another_day_and_a_currency_without_rate_leave_the_price_open() -> None:
    sheets = sheets_with(
        {
            "battery": priced(300_000, 0, valid_until="2026-10-31", capacity_per_year=5000, lead_time="30 d"),
            "charger": priced(100, 0, currency="KZT"),
        }
    )
    record = ask(sheets, 1000)
    said = str(record.open["price"].why)
    assert "does not hold on 2026-11-28" in said
    assert "no rate of KZT/RUB on 2026-11-28" in said
    assert "the offer does not hold on 2026-11-28" in str(record.open["covered"].why)
    assert record.open["covered"].high is None


def test_a_verdict_on_a_price_has_its_uncertainty() -> None:
    volume = 1000
    terms = {slot: priced(100_000, 3_000) for slot in locked_sheets(city_car())}
    asked = {"id": "A", "title": "Price", "procedure": "supply", "conditions": {"date": DAY, "yearly_volume": volume}}
    programme = programme_with(
        terms,
        {},
        [
            asked | {"measure": "price", "at_most": "900 kRUB"},
            asked | {"id": "B", "measure": "price", "at_most": "920 kRUB"},
        ],
    )
    found = {one.requirement: one for one in verify(programme, MemoryRecords()).verdicts}
    assert found["A"].value == pytest.approx(900.0)
    assert found["A"].uncertainty == pytest.approx(3.0 * math.sqrt(9))
    assert found["A"].verdict == "within uncertainty"
    assert found["A"].probability == pytest.approx(0.5)
    assert {one.party for one in found["A"].contributions} == {
        "battery-works",
        "drive-works",
        "institute",
        "integrator",
    }
    assert found["B"].verdict == "met"
    assert found["B"].probability == pytest.approx(0.5 * math.erfc(-20.0 / 9.0 / math.sqrt(2.0)))


def test_a_price_for_a_volume_above_a_capacity_and_a_day_without_rate_are_told_at_once() -> None:
    base = programme_with(
        {
            "battery": priced(300_000, 0, capacity_per_year=1500, currency="BYN"),
            "tyre": priced(1, 0, capacity_per_year=1200),
        },
        {"assumed-rates": TABLES["assumed-rates"]},
        [
            {
                "id": "A",
                "procedure": "supply",
                "measure": "price",
                "at_most": "1 MRUB",
                "conditions": {"date": "2028-03-01", "yearly_volume": 2000},
            },
            {
                "id": "B",
                "procedure": "supply",
                "measure": "covered",
                "at_least": "100 %",
                "conditions": {"date": DAY, "yearly_volume": 2000},
            },
        ],
    )
    told = [str(one) for one in money_problems(base)]
    assert len(told) == 3
    assert "2000 vehicles a year, and integrator/tyre-16@1.0.0 delivers 1200 parts" in told[0]
    assert "ask for at most 1500 vehicles a year" in told[1]
    assert "no rate of BYN/RUB on 2028-03-01" in told[2]

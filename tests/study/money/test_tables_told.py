"""What a verdict by dated tables says beside it: whom they concern, how sure and how old they are; a fee asks for no price."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covolt.library.shipped_tables import shipped_tables
from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.reading import read_programme
from covolt.programme.requirement import Requirement
from covolt.programme.state_money import StateMoney
from covolt.programme.table import DatedTable
from covolt.study.result import plain
from covolt.study.verdicts.money_known import money_problems
from covolt.study.verdicts.own_tables import kind_of
from covolt.study.verdicts.verification import verify
from tests.house.source import ROOT

CAR = ROOT / "examples" / "city-car"
PERSONAL = "of cars brought in for personal use alone"


@pytest.fixture(scope="module")
def car() -> Programme:
    return read_programme(Path(CAR))


def asked(car: Programme, name: str, *, tables: dict[str, Any] | None = None, **conditions: Any) -> Programme:
    own = car.requirements[name].model_dump(by_alias=True, exclude_none=True)
    stated = Requirement.model_validate(own | {"conditions": own["conditions"] | conditions})
    return replace(car, requirements={name: stated}, tables={**car.tables, **(tables or {})})


def why(car: Programme, name: str, language: str = "en", **further: Any) -> str:
    (one,) = verify(asked(car, name, **further)).verdicts
    return one.why.said(language)


def test_whom_a_fee_concerns_and_how_sure_its_row_is_stand_at_the_verdict(car: Programme) -> None:
    said = why(car, "I-FEE")
    assert PERSONAL in said and "ru-recycling-fee: confidence medium" in said
    assert "last checked" not in said and "assumption" not in said
    assert "личного пользования" in why(car, "I-FEE", "ru")


def test_a_table_checked_long_before_the_day_of_sale_is_told_with_its_day(car: Programme) -> None:
    assert "ru-recycling-fee was last checked on 2026-11-28, long before 2030-07-01" in why(
        car, "I-FEE", date="2030-07-01"
    )
    assert "last checked" not in why(car, "I-FEE", date="2027-11-28")
    assert "last checked" in why(car, "I-FEE", date="2027-11-29")
    assert "последний раз проверена 28.11.2026" in why(car, "I-FEE", "ru", date="2030-07-01")
    fee = shipped_tables()["ru-recycling-fee"]
    fresh = {fee.id: fee.model_copy(update={"checked_on": "2030-06-30"})}
    assert "last checked" not in why(car, "I-FEE", date="2030-07-01", tables=fresh)


def test_assumed_rates_and_tables_are_told_where_a_sum_stands_on_them(car: Programme) -> None:
    said = "stands on an assumed table: assumed-rate"
    assert said in why(car, "I-PRICE")
    assert said not in why(car, "I-FEE"), "the fee is in roubles"
    fee = shipped_tables()["ru-recycling-fee"]
    assumed = {fee.id: fee.model_copy(update={"assumed": True})}
    assert "stands on an assumed table: ru-recycling-fee" in why(car, "I-FEE", tables=assumed)
    assert "опирается на принятую, никем не опубликованную таблицу: ru-recycling-fee" in why(
        car, "I-FEE", "ru", tables=assumed
    )


def test_a_table_without_a_day_of_check_is_as_old_as_its_row(car: Programme) -> None:
    fee = shipped_tables()["ru-recycling-fee"]
    unchecked = {fee.id: fee.model_copy(update={"checked_on": None})}
    said = "ru-recycling-fee: its row begins on 2026-01-01, and no day is stated on which it was checked"
    assert said in why(car, "I-FEE", tables=unchecked)
    assert said not in why(car, "I-FEE", date="2027-01-01", tables=unchecked)


def test_a_published_rate_that_is_old_is_told_with_its_day(car: Programme) -> None:
    rates = car.tables["assumed-rate"]
    published = {rates.id: rates.model_copy(update={"assumed": False})}
    said = "assumed-rate: the rate of BYN/RUB is of 2026-01-01, long before"
    assert f"{said} 2027-07-01" in why(car, "I-PRICE", tables=published)
    assert said not in why(car, "I-PRICE", date="2026-12-31", tables=published)


def test_a_threshold_of_less_than_high_confidence_says_so(car: Programme) -> None:
    for confidence in ("high", "medium"):
        scheme = shipped_tables()["ru-pp-719"]
        assert isinstance(scheme, OriginScheme)
        sure = [one.model_copy(update={"confidence": confidence}) for one in scheme.threshold]
        own = {scheme.id: scheme.model_copy(update={"threshold": tuple(sure)})}
        said = why(car, "I-POINTS-719", tables=own)
        assert ("ru-pp-719: confidence medium" in said) == (confidence == "medium"), said


def test_a_fee_asks_for_no_rate_and_no_capacity_of_the_parts(car: Programme) -> None:
    changes: tuple[dict[str, Any], ...] = ({"date": "2025-12-15"}, {"yearly_volume": 900_000})
    for conditions in changes:
        fee = asked(car, "I-FEE", **conditions)
        assert money_problems(fee) == []
        priced = fee.requirements["I-FEE"].model_dump(by_alias=True, exclude_none=True)
        priced |= {"measure": "net", "at_most": "5 MRUB"}
        moved = replace(fee, requirements={"I-FEE": Requirement.model_validate(priced)})
        assert money_problems(moved) != [], "the duty is a share of the price"
    (early,) = verify(asked(car, "I-FEE", date="2025-12-15")).verdicts
    assert (early.verdict, early.value) == ("met, text not checked", 3.4)


def tables_of(car: Programme, name: str, **further: Any) -> dict[str, str]:
    """The tables that a verdict says to stand on, as its JSON has them."""
    (one,) = verify(asked(car, name, **further)).verdicts
    found = plain(one)["tables"]
    assert set(found) <= {word for word in one.why.said("en").replace(",", " ").replace(";", " ").split()}
    return found


def test_points_by_an_assumed_table_are_told_and_those_by_the_act_are_not(car: Programme) -> None:
    assert tables_of(car, "I-POINTS") == {"assumed-points": "assumed"}
    assert tables_of(car, "I-POINTS-719") == {}
    own = {"assumed-points": car.tables["assumed-points"].model_copy(update={"assumed": False})}
    assert tables_of(car, "I-POINTS", tables=own) == {"assumed-points": "of the programme"}


def test_a_table_in_place_of_a_shipped_one_is_told_where_it_decides_and_nowhere_else(car: Programme) -> None:
    fee = shipped_tables()["ru-recycling-fee"]
    assert isinstance(fee, StateMoney)
    assert tables_of(car, "I-FEE", tables={fee.id: fee}) == {}, "it says what the shipped one says"
    renamed = {fee.id: fee.model_copy(update={"source": "somebody"})}
    assert tables_of(car, "I-FEE", tables=renamed) == {}, "it decides nothing otherwise"
    steps = tuple(one.model_copy(update={"fee_new": 1}) for one in fee.fee)
    lower = {fee.id: fee.model_copy(update={"fee": steps})}
    assert tables_of(car, "I-FEE", tables=lower) == {fee.id: "in place of a shipped one"}
    assert tables_of(car, "I-PARTS", tables=lower) == {"assumed-rate": "assumed"}, "no fee is in the price of parts"


def test_rates_are_told_of_a_cost_of_ownership(car: Programme) -> None:
    assert tables_of(car, "I-COST-BY") == {"assumed-rate": "assumed"}
    twice = {"also-assumed": car.tables["assumed-rate"].model_copy(update={"id": "also-assumed"})}
    both = {"also-assumed": "assumed", "assumed-rate": "assumed"}
    assert tables_of(car, "I-COST-BY", tables=twice) == both, "either would do, and both are assumed"


def test_no_bare_met_by_a_network_that_nobody_published(car: Programme) -> None:
    shipped = shipped_tables()["charging-networks"]
    row = {"market": "BY", "applied_by": "somebody", "status": "in service", "connector": "GB/T DC", "source": "nobody"}
    row |= {"protocols": ("GB/T 27930",), "voltage_class": "400 V", "power": "150 kW", "valid_from": "2026-01-01"}

    def network(confidence: str) -> DatedTable:
        stated = {"schema": "charging-network/1", "id": "hoped", "title": "Hoped", "source": "nobody"}
        return type(shipped).model_validate(stated | {"row": [row | {"confidence": confidence}]})

    (before,) = verify(asked(car, "I-NETWORK")).verdicts
    (after,) = verify(asked(car, "I-NETWORK", tables={"hoped": network("high")})).verdicts
    assert (before.verdict, before.tables) == ("not verified", {})
    assert (after.verdict, after.tables) == ("met", {"hoped": "of the programme"})
    assert str(after.why) == "GB/T DC at BY, somebody: yes; stands on a table of the programme: hoped"
    assert kind_of(network("low")) == "assumed"

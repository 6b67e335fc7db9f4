"""Money of the state: the fee at every step of its table, its probability against samples, gaps, duty, tax and subsidy."""

from __future__ import annotations

import csv
import io
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.terms import Origin, Supply
from covolt.library.shipped_tables import shipped_tables
from covolt.programme.state_money import StateMoney
from covolt.study.procedures.protocol import Record
from covolt.study.verdicts.joined import locked_sheets
from tests.study.money.joined import asked, table
from tests.study.origin.joined import city_car

# The rows of the source, over and up to in kW, fee of each age in each period; written by hand beside the shipped file.
TABLE = """over,to,2025 new,2025 older,2026 new,2026 older
0,58.85,3400,5200,3400,5200
58.85,73.55,826000,1368000,991200,1641600
73.56,95.61,1098000,1594000,1317600,1912800
95.62,117.68,1300000,1856000,1560000,2227200
117.69,139.75,1540000,2162000,1848000,2594400
139.76,161.81,1828000,2520000,2193600,3024000
161.82,183.88,2166000,2936000,2599200,3523200
183.89,205.94,2566000,3420000,3079200,4104000
205.95,,,,,
"""
ROWS = list(csv.DictReader(io.StringIO(TABLE)))
DAYS = {"2025": ("2025-12-01", "2025-12-31"), "2026": ("2026-01-01", "2027-06-30")}
AGES = {"new": "recycling_fee", "older": "recycling_fee_older"}
STEPS = sorted({Fraction(row[key]) for row in ROWS for key in ("over", "to") if row[key]})
POWERS = sorted({one + shift for one in STEPS for shift in (Fraction(-1), Fraction(0), Fraction(1)) if one + shift > 0})
SHIPPED = shipped_tables()


def by_hand(power_kW: Fraction, period: str, age: str) -> int | None:
    """The fee by another reading of the rows: None in a gap and beyond the last full row."""
    for row in ROWS:
        if Fraction(row["over"]) < power_kW and row["to"] and power_kW <= Fraction(row["to"]):
            return int(row[f"{period} {age}"])
    return None


@pytest.fixture(scope="module")
def plain() -> dict[str, Datasheet]:
    return locked_sheets(city_car())


def with_power(
    plain: dict[str, Datasheet], power: str | None, u: str | None, basis: str = "supplier"
) -> dict[str, Datasheet]:
    unit = plain["drive_unit"]
    declared = {name: one for name, one in unit.declared.items() if name != "power_continuous"}
    if power is not None:
        stated: dict[str, Any] = {"value": power, "basis": basis, "source": "test report"} | ({"u": u} if u else {})
        declared["power_continuous"] = Declared.model_validate(stated)
    return {**plain, "drive_unit": unit.model_copy(update={"declared": declared})}


def ask(
    sheets: dict[str, Datasheet], day: str, market: str = "RU", tables: dict[str, Any] | None = None, **further: Any
) -> Record:
    return asked("state-money", sheets, {**SHIPPED, **(tables or {})}, market=market, day=day, **further)


def kW(power: Fraction) -> str:
    return f"{float(power)!r} kW"


@pytest.mark.parametrize("power", POWERS, ids=lambda one: f"{float(one):g}")
def test_a_tested_power_pays_as_in_the_table(plain: dict[str, Datasheet], power: Fraction) -> None:
    for period, days in DAYS.items():
        for day in days:
            # What is measured is exact, whatever u it states.
            record = ask(with_power(plain, kW(power), "2 kW", "measured"), day)
            for age, measure in AGES.items():
                expected = by_hand(power, period, age)
                if expected is None:
                    assert measure in record.open
                    assert measure not in record.measures
                    assert (record.open[measure].low, record.open[measure].high) == (None, None)
                else:
                    assert record.measures[measure] == expected
                    assert measure not in record.open


@pytest.mark.parametrize("power", POWERS, ids=lambda one: f"{float(one):g}")
@pytest.mark.parametrize("u", [0.7, 3.0, 12.0])
def test_a_declared_power_is_on_each_side_with_its_probability(
    plain: dict[str, Datasheet], power: Fraction, u: float
) -> None:
    draw = np.random.default_rng(round(float(power) * 100) + round(u * 10))
    drawn = draw.normal(float(power), u, 1_000_000)
    shares = [
        int(np.count_nonzero((drawn > float(row["over"])) & (drawn <= float(row["to"])))) / 1e6 for row in ROWS[:-1]
    ]
    for period, days in DAYS.items():
        record = ask(with_power(plain, kW(power), f"{u} kW"), days[0])
        for age, measure in AGES.items():
            opened = record.open.get(measure)
            if opened is None:
                assert record.measures[measure] == by_hand(power, period, age)
                continue
            sides = opened.sides or ()
            stated: dict[float | None, float] = {}
            for one in sides:
                assert one.low == one.high
                stated[one.low] = stated.get(one.low, 0.0) + one.probability
            if not sides:
                stated[None] = 1.0
            counted: dict[float | None, float] = {None: 1.0 - sum(shares)}
            for row, share in zip(ROWS, shares, strict=False):
                fee = float(row[f"{period} {age}"])
                counted[fee] = counted.get(fee, 0.0) + share
            for fee in counted.keys() | stated.keys():
                assert stated.get(fee, 0.0) == pytest.approx(counted.get(fee, 0.0), abs=0.005), fee


def test_before_the_test_and_without_a_declared_value_the_rule_for_untested_models_holds(
    plain: dict[str, Datasheet],
) -> None:
    # 0.45 of 80 kW is 36 kW; the rule began on an unknown day of February 2026.
    bare = with_power(plain, None, None)
    peak = bare["drive_unit"].declared["power_peak"].model_copy(update={"u": None})
    unit = bare["drive_unit"].model_copy(update={"declared": {**bare["drive_unit"].declared, "power_peak": peak}})
    bare = {**bare, "drive_unit": unit}
    assert ask(bare, "2026-02-28").measures["recycling_fee"] == 3400
    lines = {str(one.title): one for one in ask(bare, "2026-02-28").lines}
    assert lines["30-minute power of an untested model, by its peak power"].value_si == pytest.approx(
        0.45 * peak.value_si, rel=1e-12
    )
    assert "begins between 2026-02-01 and 2026-02-28" in str(ask(bare, "2026-02-10").open["recycling_fee"].why)
    assert "no rule for untested models is known on 2026-01-31" in str(
        ask(bare, "2026-01-31").open["recycling_fee"].why
    )
    # Nor is there a fee by what covolt takes for a drive unit that states neither: its generic power counts nowhere.
    silent = {name: one for name, one in bare["drive_unit"].declared.items() if not name.startswith("power_")}
    sheets = {**bare, "drive_unit": bare["drive_unit"].model_copy(update={"declared": silent})}
    for age in AGES.values():
        opened = ask(sheets, "2026-03-01").open[age]
        assert (opened.low, opened.high) == (None, None)


def test_no_fee_is_guessed_for_another_category_market_or_day(plain: dict[str, Datasheet]) -> None:
    for further in ({"category": "M3"}, {"market": "BY"}, {"day": "2025-11-30"}):
        given = {"market": "RU", "day": "2026-03-01"} | {k: v for k, v in further.items() if k != "category"}
        record = asked("state-money", plain, SHIPPED, category=further.get("category", "M1"), **given)
        assert "no recycling fee is known" in str(record.open["recycling_fee"].why)


def priced(plain: dict[str, Datasheet], price: float) -> dict[str, Datasheet]:
    supply = Supply.model_validate(
        {"currency": "RUB", "valid_from": "2026-01-01", "price": [{"yearly_volume": 1000, "price": price}]}
    )
    return {slot: sheet.model_copy(update={"supply": supply}) for slot, sheet in plain.items()}


def stated(**applies: bool) -> dict[str, Any]:
    """The tables that ship, with what a programme states of their conditions."""
    found: dict[str, Any] = {}
    for name in ("ru-subsidies", "eaeu-duty", "by-electric-cars"):
        shipped = SHIPPED[name]
        assert isinstance(shipped, StateMoney)
        rows = tuple(
            one.model_copy(update={"applies": applies[one.id.replace("-", "_")]})
            if one.id.replace("-", "_") in applies
            else one
            for one in shipped.row
        )
        found[name] = shipped.model_copy(update={"row": rows})
    return found


def test_the_subsidy_is_a_share_with_a_cap_until_its_last_day(plain: dict[str, Datasheet]) -> None:
    cheap, dear = priced(plain, 100_000), priced(plain, 400_000)
    count = len(plain)
    made = stated(pp_364=True)
    price = 1.25 * 100_000 * count
    found = ask(cheap, "2026-12-31", tables=made, yearly_vehicle_count=1000)
    # Whether it counts by the price with tax is open, and the tax of Russia is not in the tables.
    assert found.open["subsidy"].low == pytest.approx(0.35 * price)
    assert found.open["subsidy"].high == 925_000
    assert ask(dear, "2026-12-31", tables=made, yearly_vehicle_count=1000).measures["subsidy"] == 925_000
    unstated = ask(dear, "2026-12-31", yearly_vehicle_count=1000).open["subsidy"]
    assert (unstated.low, unstated.high) == (0.0, 925_000)
    assert "Russian production" in str(unstated.why)
    over = ask(dear, "2027-01-01", tables=made, yearly_vehicle_count=1000).open["subsidy"]
    assert over.high is None
    assert "no row is known" in str(over.why)
    assert "subsidy" in ask(dear, "2026-12-31", tables=stated(pp_364=False), yearly_vehicle_count=1000).measures


def test_duty_and_tax_of_belarus_by_what_is_stated(plain: dict[str, Datasheet]) -> None:
    sheets, count = priced(plain, 100_000), len(plain)
    rates = table(
        {
            "schema": "rates/1",
            "id": "rates",
            "title": "Rates",
            "source": "assumption of the test",
            "assumed": True,
            "rate": [{"currency": "BYN", "per": "RUB", "value": 25, "valid_from": "2026-01-01"}],
        }
    )
    volume = {"yearly_vehicle_count": 1000}
    imported = ask(sheets, "2026-03-01", "BY", {**stated(import_duty=True, quota=False), "rates": rates}, **volume)
    assert imported.measures["duty"] == pytest.approx(0.15 * 1.25 * 100_000 * count)
    assert imported.measures["duty_byn"] == pytest.approx(0.15 * 1.25 * 100_000 * count / 25)
    assert imported.measures["value_added_tax"] == 0.0
    within = ask(sheets, "2026-03-01", "BY", {**stated(import_duty=True, quota=True), "rates": rates}, **volume)
    assert within.measures["duty"] == 0.0
    nobody = ask(sheets, "2026-03-01", "BY", {"rates": rates}, **volume).open["duty"]
    assert (nobody.low, nobody.high) == (0.0, pytest.approx(0.15 * 1.25 * 100_000 * count))
    home = ask(sheets, "2026-03-01", "BY", {**stated(import_duty=False), "rates": rates}, **volume)
    assert home.measures["duty"] == 0.0
    # After its last day nothing is known of the tax.
    assert "value_added_tax" in ask(sheets, "2029-01-01", "BY", **volume).open


def test_the_net_sum_keeps_the_sides_of_the_fee(plain: dict[str, Datasheet]) -> None:
    tables = stated(pp_364=True, import_duty=False, difference_of_duty=False)
    tax = SHIPPED["by-electric-cars"]
    assert isinstance(tax, StateMoney)
    vat = next(one for one in tax.row if one.kind == "tax").model_copy(
        update={"share": 0.2, "id": "vat", "confidence": "high"}
    )
    ours = tables["ru-subsidies"].model_copy(update={"row": (*tables["ru-subsidies"].row, vat)})
    sheets = with_power(priced(plain, 400_000), "58 kW", "1 kW")
    found = ask(sheets, "2026-06-01", tables={**tables, "ru-subsidies": ours}, yearly_vehicle_count=1000)
    price = 1.25 * 400_000 * len(plain)
    assert found.measures["value_added_tax"] == pytest.approx(0.2 * price)
    sides = [one for one in found.open["net"].sides if one.probability > 1e-3]
    below = 0.5 * math.erfc(-0.85 / math.sqrt(2.0))
    assert [one.probability for one in sides] == pytest.approx([below, 1.0 - below], abs=1e-9)
    assert [one.low for one in sides] == pytest.approx([3_400 + 0.2 * price - 925_000, 991_200 + 0.2 * price - 925_000])
    assert [one.high for one in sides] == [one.low for one in sides]


def unsure(plain: dict[str, Datasheet], price: float, u: float) -> dict[str, Datasheet]:
    points = [{"yearly_volume": 1000, "price": price, "u": u}]
    supply = Supply.model_validate({"currency": "RUB", "valid_from": "2026-01-01", "price": points})
    return {slot: sheet.model_copy(update={"supply": supply}) for slot, sheet in plain.items()}


def test_the_u_of_prices_reaches_duty_tax_subsidy_and_their_sum(plain: dict[str, Datasheet]) -> None:
    tables = stated(pp_364=True, import_duty=True, difference_of_duty=False, quota=False)
    tax = SHIPPED["by-electric-cars"]
    assert isinstance(tax, StateMoney)
    vat = next(one for one in tax.row if one.kind == "tax").model_copy(
        update={"share": 0.2, "id": "vat", "confidence": "high"}
    )
    tables["ru-subsidies"] = tables["ru-subsidies"].model_copy(update={"row": (*tables["ru-subsidies"].row, vat)})
    each = 1.25 * 3000.0

    def sum_of(record: Record, measure: str) -> float:
        return math.hypot(*record.unsure.get(measure, {}).values())

    for price, capped in ((100_000, False), (400_000, True)):
        found = ask(unsure(plain, price, 3000.0), "2026-06-01", tables=tables, yearly_vehicle_count=1000)
        duty = 0.15 * each * math.sqrt(len(plain))
        tax_u = 0.2 * 1.15 * each * math.sqrt(len(plain))
        # The most that the subsidy may be counts the price with tax; a cap does not move.
        most = 0.0 if capped else 0.35 * (each * math.sqrt(len(plain)) + tax_u)
        assert sum_of(found, "duty") == pytest.approx(duty)
        assert sum_of(found, "value_added_tax") == pytest.approx(tax_u)
        assert sum_of(found, "subsidy") == pytest.approx(most)
        assert found.unsure["net"]
    assert not ask(priced(plain, 100_000), "2026-06-01", tables=tables, yearly_vehicle_count=1000).unsure


POINTS = {
    "schema": "origin-scheme/1",
    "id": "made",
    "title": "Made",
    "source": "made for the test",
    "markets": ["RU"],
    "measure": "points",
    "countries": ["RU"],
    "operation": [
        {"id": "glass", "points": 300},
        {"id": "seats", "points": 200, "status": "press"},
        {"id": "cells", "points": 700, "scope": "cells"},
    ],
    "threshold": [
        {"use": "support", "title": "Support", "value": 300, "valid_from": "2026-01-01"},
        {"use": "more", "title": "More", "value": 500, "valid_from": "2026-01-01"},
        {"use": "most", "title": "Most", "value": 501, "valid_from": "2026-01-01"},
        {"use": "with-seats", "title": "With seats", "value": 1, "operations": ["seats"], "valid_from": "2026-01-01"},
        {"use": "cells", "title": "Cells", "value": 700, "scope": "cells", "valid_from": "2026-01-01"},
        {"use": "buses", "title": "Buses", "value": 1, "categories": ["M3"], "valid_from": "2026-01-01"},
        {"use": "later", "title": "Later", "value": 1, "valid_from": "2027-01-01"},
    ],
}


@pytest.mark.parametrize(
    ("use", "done", "given"),
    [
        ("support", ("glass",), True),
        ("support", (), False),
        ("more", ("glass",), False),
        ("more", ("glass", "seats"), None),  # told by the press alone: perhaps
        ("most", ("glass", "seats"), False),
        ("with-seats", ("glass",), False),
        ("with-seats", ("glass", "seats"), True),
        ("cells", ("glass", "seats"), False),  # the points of the car are not those of cells
        ("cells", ("cells",), True),
        ("buses", ("glass",), False),
        ("later", ("glass",), None),
    ],
)
def test_a_subsidy_is_given_where_the_points_of_origin_reach_its_threshold(
    plain: dict[str, Datasheet], use: str, done: tuple[str, ...], given: bool | None
) -> None:
    shipped = SHIPPED["ru-subsidies"]
    assert isinstance(shipped, StateMoney)
    (row, *_), name = shipped.row, "ru-subsidies"
    row = row.model_copy(update={"scheme": f"made/{use}", "applies": None, "share": 0.1, "at_most": 50_000})
    tables = {name: shipped.model_copy(update={"row": (row,)}), "made": table(POINTS)}
    sheets = priced(plain, 100_000)
    origin = Origin.model_validate({"operations": [{"id": one, "country": "RU"} for one in done]})
    sheets["body"] = sheets["body"].model_copy(update={"origin": origin})
    found = ask(sheets, "2026-06-01", tables=tables, yearly_vehicle_count=1000)
    if given is None:
        assert (found.open["subsidy"].low, found.open["subsidy"].high) == (0.0, 50_000.0)
    else:
        assert found.measures["subsidy"] == (50_000.0 if given else 0.0)

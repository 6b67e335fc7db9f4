"""Verdicts across a step of a fee, and the division of price, fee and subsidy among parties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

import pytest

from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.terms import Supply
from covolt.errors import InputError
from covolt.library.shipped_tables import shipped_tables
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.programme.state_money import StateMoney
from covolt.study.verdicts.attribution import differences_of
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.study.money.joined import DAY, files
from tests.study.origin.joined import city_car

PARTIES = ("works-a", "works-b", "works-c", "works-d", "works-e", "works-f")
OTHERS = ("auxiliary", "brake", "cabin", "gearbox")
OWN = dict(zip(PARTIES, ("battery", "drive_unit", "charger", "body", "tyre", "second"), strict=True))


def requirement(name: str, procedure: str, measure: str, bound: str) -> Requirement:
    return Requirement.model_validate(
        {
            "schema": "requirement/1",
            "id": name,
            "party": "integrator",
            "title": "Money",
            "kind": "need",
            "procedure": procedure,
            "measure": measure,
            "at_most": bound,
            "conditions": {"market": "RU", "date": DAY, "yearly_volume": 3000},
        }
    )


ASKED = (
    requirement("PRICE", "supply", "price", "1 MRUB"),
    requirement("FEE", "state-money", "recycling_fee", "1 MRUB"),
    requirement("SUBSIDY", "state-money", "subsidy", "1 MRUB"),
)


def with_offers(
    base: Programme, stated: Mapping[str, Callable[[Datasheet], Datasheet]], parties: Mapping[str, str]
) -> Programme:
    """The programme with the sheet of some slots changed, each offer named by the party that answers for it."""
    assert base.lock is not None
    pins, offers = dict(base.lock.slots), dict(base.offers)
    for slot, party in parties.items():
        offer = offers[pins[slot].offer]
        sheet = stated.get(slot, lambda one: one)(offer.datasheet).model_copy(update={"party": party})
        name = sheet.reference
        digest = f"sha256:{abs(hash(sheet.model_dump_json())):064x}"
        offers[name] = offer.model_copy(update={"datasheet": sheet})
        pins[slot] = pins[slot].model_copy(update={"offer": name, "digest": digest})
    lock = base.lock.model_copy(update={"slots": pins})
    return replace(base, lock=lock, offers=offers, requirements={one.id: one for one in ASKED})


def offered(price: float, power_kW: float | None = None) -> Callable[[Datasheet], Datasheet]:
    def change(sheet: Datasheet) -> Datasheet:
        points = [{"yearly_volume": 1000, "price": 1.1 * price}, {"yearly_volume": 9000, "price": price}]
        supply = Supply.model_validate({"currency": "RUB", "valid_from": "2026-01-01", "price": points})
        update: dict[str, Any] = {"supply": supply}
        if power_kW is not None:
            one = Declared.model_validate({"value": f"{power_kW} kW", "basis": "measured", "source": "test report"})
            update["declared"] = {**sheet.declared, "power_continuous": one}
        return sheet.model_copy(update=update)

    return change


def by_orders(parties: tuple[str, ...], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """What each adds when he comes, as the mean over all orders of coming."""
    found = dict.fromkeys(parties, 0.0)
    known: dict[frozenset[str], float] = {}
    orders = list(permutations(parties))
    for order in orders:
        there: frozenset[str] = frozenset()
        for one in order:
            for chosen in (there, there | {one}):
                if chosen not in known:
                    known[chosen] = worth(chosen)
            found[one] += (known[there | {one}] - known[there]) / len(orders)
            there |= {one}
    return found


def stated() -> dict[str, StateMoney]:
    """Tables in which a programme states of every condition whether it holds, the tax, and a lower cap of the subsidy."""
    subsidies, duty = shipped_tables()["ru-subsidies"], shipped_tables()["eaeu-duty"]
    assert isinstance(subsidies, StateMoney)
    assert isinstance(duty, StateMoney)
    rows = [one.model_copy(update={"applies": one.kind == "subsidy", "at_most": 500_000}) for one in subsidies.row]
    tax = rows[0].model_copy(update={"id": "tax", "kind": "tax", "share": 0, "at_most": None, "applies": True})
    none = tuple(one.model_copy(update={"applies": False}) for one in duty.row)
    return {
        "ru-subsidies": subsidies.model_copy(update={"row": (*rows, tax)}),
        "eaeu-duty": duty.model_copy(update={"row": none}),
    }


@pytest.mark.parametrize("seed", range(4))
def test_price_fee_and_subsidy_are_divided_as_the_mean_over_all_orders(seed: int) -> None:
    draw = Random(seed)
    base = city_car()
    base = replace(base, tables={**base.tables, **stated()})
    slots = dict(zip(("battery", "drive_unit", "charger", "body", "tyre", "brake"), PARTIES, strict=True))
    rest = dict.fromkeys(("auxiliary", "cabin", "gearbox"), "institute")
    owner = slots | rest
    before = {slot: (float(draw.randint(10_000, 200_000)), 72.0 if slot == "drive_unit" else None) for slot in owner}
    after = dict(before)
    for slot in ("battery", "drive_unit", "charger", "body"):
        after[slot] = (float(draw.randint(10_000, 200_000)), 57.0 if slot == "drive_unit" else None)
    # Two alike, in what they ask before and after; and the last party changed nothing.
    before["body"], after["body"] = before["charger"], after["charger"]
    old = with_offers(base, {slot: offered(*one) for slot, one in before.items()}, owner)
    new = with_offers(base, {slot: offered(*one) for slot, one in after.items()}, owner)
    bench = Bench(Setting.of(old), MemoryRecords())
    differences, apart = differences_of(old, new, bench)
    assert not apart

    def worth(measure: str) -> Callable[[frozenset[str]], float]:
        def of(chosen: frozenset[str]) -> float:
            mixed = {slot: after[slot] if party in chosen else before[slot] for slot, party in owner.items()}
            # ln(3) / ln(9) of the way between the points: half of it.
            price = math.fsum(1.1 * p - 0.1 * p * math.log(3) / math.log(9) for p, _ in mixed.values())
            power = mixed["drive_unit"][1] or 0.0
            fee = 3_400.0 if power <= 58.85 else 991_200.0
            subsidy = min(0.35 * 1.25 * price, 500_000.0)
            return -{"PRICE": price, "FEE": fee, "SUBSIDY": subsidy}[measure] / 1e3

        return of

    for one in differences:
        expected = by_orders(PARTIES, worth(one.requirement))
        assert sum(one.contributions.values()) == pytest.approx(one.after - one.before, rel=1e-9, abs=1e-9)
        for party in PARTIES:
            assert one.contributions.get(party, 0.0) == pytest.approx(expected[party], rel=1e-9, abs=1e-9)
    by_name = {one.requirement: one.contributions for one in differences}
    assert by_name["PRICE"]["works-c"] == pytest.approx(by_name["PRICE"]["works-d"], abs=1e-9)
    assert by_name["FEE"] == pytest.approx({"works-a": 0.0, "works-b": 987.8, "works-c": 0.0, "works-d": 0.0}, abs=1e-9)
    assert "works-e" not in by_name["PRICE"]


def judged(power: str, u: str, bounds: Mapping[str, str]) -> dict[str, Any]:
    base = city_car()
    assert base.lock is not None
    name = base.lock.slots["drive_unit"].offer
    offer = base.offers[name]
    declared = {**offer.datasheet.declared, "power_continuous": Declared(value=power, u=u, basis="supplier")}
    offers = {
        **base.offers,
        name: offer.model_copy(update={"datasheet": offer.datasheet.model_copy(update={"declared": declared})}),
    }
    asked = {key: requirement(key, "state-money", "recycling_fee", bound) for key, bound in bounds.items()}
    found = verify(replace(base, offers=offers, requirements=asked), MemoryRecords())
    return {one.requirement: one for one in found.verdicts}


def test_a_verdict_across_a_step_holds_by_the_probability_of_its_sides() -> None:
    bounds = {"LOW": "100 kRUB", "HIGH": "1 MRUB", "MORE": "1 kRUB"}
    near = judged("58 kW", "1 kW", bounds)
    below = 0.5 * math.erfc(-0.85 / math.sqrt(2.0))
    assert near["LOW"].verdict == "within uncertainty"
    assert near["LOW"].probability == pytest.approx(below)
    assert near["HIGH"].verdict == "met, text not checked"
    assert near["MORE"].verdict == "not met"
    said = str(near["LOW"].why).replace("\N{NARROW NO-BREAK SPACE}", "").replace("\N{THIN SPACE}", "")
    assert "80.2 % over 0 to 58.85 kW" in said
    assert "19.8 % over 58.85 to 73.55 kW" in said
    # 98 % on one side of the step is enough, and on both sides of it is not known.
    far = judged("56.8 kW", "1 kW", bounds)
    assert far["LOW"].verdict == "met, text not checked"
    assert far["LOW"].probability == pytest.approx(0.5 * math.erfc(-2.05 / math.sqrt(2.0)))


def test_a_power_that_may_lie_where_the_fee_is_not_known_is_not_verified() -> None:
    found = judged("73.555 kW", "0.01 kW", {"A": "2 MRUB", "B": "500 kRUB"})
    assert found["A"].verdict == "not verified"
    assert "a gap of the table" in str(found["A"].why)
    assert found["B"].verdict == "not verified"


BAD = """schema = "state-money/1"
id = "bad"
title = "Bad"
source = "made for the test"
markets = ["RU"]
categories = ["M1"]
currency = "RUB"

[[fee]]
power_over = "0 kW"
power_to = "60 kW"
valid_from = "2026-01-01"
coefficient_new = 1
fee_new = {fee}
coefficient_older = 1
fee_older = 5200

[[fee]]
power_over = "59 kW"
power_to = "{to}"
valid_from = "2026-06-01"
coefficient_new = 1
fee_new = 3400
coefficient_older = 1
fee_older = 5200

[[row]]
id = "duty"
title = "Duty"
kind = "duty"
share = 0.1
valid_from = "2026-01-01"

[[row]]
id = "duty"
title = "Duty"
kind = "duty"
share = 0.15
valid_from = "2026-06-01"
valid_until = "2026-05-01"
"""


def test_overlapping_steps_and_rows_are_told_at_once_with_their_lines() -> None:
    with pytest.raises(InputError) as raised:
        files({"tables/bad.toml": BAD.format(fee=3400, to="50 kW")})
    told = "\n".join(str(one) for one in raised.value.problems)
    assert "tables/bad.toml" in told
    assert "tables/bad.toml:20 (fee.1.power_to)" in told
    assert "the step over 59 kW ends at 50 kW" in told
    assert "ends on 2026-05-01, before it begins" in told
    assert "two rows of 'duty' hold on 2026-06-01" in told
    with pytest.raises(InputError, match="the steps over 0 kW and over 59 kW hold for one power on one day"):
        files({"tables/bad.toml": BAD.format(fee=3400, to="70 kW")})
    with pytest.raises(InputError) as raised:
        files({"tables/bad.toml": BAD.format(fee=-3400, to="70 kW")})
    told = "\n".join(str(one) for one in raised.value.problems)
    assert "-3400" in told
    assert "tables/bad.toml" in told

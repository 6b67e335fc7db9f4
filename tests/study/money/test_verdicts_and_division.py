"""Verdicts across a step of a fee, and the division of price, fee and subsidy among parties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any, Literal

import pytest

from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.terms import Origin, Supply
from covolt.errors import InputError
from covolt.library.shipped_tables import shipped_tables
from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.reading import read_programme
from covolt.programme.requirement import Requirement
from covolt.programme.state_money import StateMoney
from covolt.study.cases.sureness import sureness
from covolt.study.sensitivity.sureness import robust_margin
from covolt.study.verdicts.attribution import differences_of
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.decisive import next_step
from covolt.study.verdicts.listed import numbers_of
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verdict import margin_text, value_text
from covolt.study.verdicts.verification import verify
from tests.all_wheel import all_wheel
from tests.study.money.joined import DAY, files
from tests.study.origin.joined import city_car

PARTIES = ("works-a", "works-b", "works-c", "works-d", "works-e", "works-f")


def requirement(
    name: str, procedure: str, measure: str, bound: str, side: str = "at_most", scheme: str | None = None
) -> Requirement:
    conditions: dict[str, Any] = {"market": "RU", "date": DAY, "yearly_volume": 3000}
    return Requirement.model_validate(
        {
            "schema": "requirement/1",
            "id": name,
            "party": "integrator",
            "title": "Money",
            "kind": "need",
            "procedure": procedure,
            "measure": measure,
            side: bound,
            "conditions": conditions if scheme is None else conditions | {"scheme": scheme},
        }
    )


ASKED = (
    requirement("POINTS", "origin", "points", "100 points", "at_least", "made"),
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


def offered(
    price: float, power_kW: float | None = None, operations: tuple[str, ...] = ()
) -> Callable[[Datasheet], Datasheet]:
    def change(sheet: Datasheet) -> Datasheet:
        points = [{"yearly_volume": 1000, "price": 1.1 * price}, {"yearly_volume": 9000, "price": price}]
        supply = Supply.model_validate({"currency": "RUB", "valid_from": "2026-01-01", "price": points})
        origin = Origin.model_validate({"operations": [{"id": one, "country": "RU"} for one in operations]})
        update: dict[str, Any] = {"supply": supply, "origin": origin}
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


SCHEME = OriginScheme.model_validate(
    {
        "schema": "origin-scheme/1",
        "id": "made",
        "title": "Made",
        "source": "made for the test",
        "markets": ["RU"],
        "measure": "points",
        "countries": ["RU"],
        "operation": [
            {"id": "glass", "points": 100},
            {"id": "seats", "points": 100, "group": "inside"},
            {"id": "tyres", "points": 50, "group": "inside"},
            {"id": "mounting", "points": 30, "each_part": True, "at_most": 75},
        ],
        "group": [{"id": "inside", "at_most": 120}],
    }
)
OPERATIONS = ("glass", "seats", "tyres", "mounting")


def points_by_hand(chosen: list[tuple[str, ...]]) -> int:
    """Points of what the parts state that they do, by another reading of the scheme."""
    done = [one for operations in chosen for one in operations]
    inside = 100 * ("seats" in done) + 50 * ("tyres" in done)
    return 100 * ("glass" in done) + min(inside, 120) + min(30 * done.count("mounting"), 75)


def fee_by_hand(power_kW: float) -> int:
    """The fee of a new car of 2026 over the powers that the test draws."""
    steps = ((58.85, 3_400), (73.55, 991_200), (95.61, 1_317_600), (117.68, 1_560_000))
    return next(fee for end, fee in steps if power_kW <= end)


@pytest.fixture(scope="module")
def two_axles(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The city car that drives both axles, so that two parties move its power, with tables that leave nothing open."""
    base = read_programme(all_wheel(tmp_path_factory.mktemp("both") / "car"))
    return replace(base, tables={**base.tables, **stated(), "made": SCHEME})


@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.whole) for one in range(1, 4))])
def test_points_price_fee_and_subsidy_of_six_parties_are_divided_as_the_mean_over_all_orders(
    two_axles: Programme, seed: int
) -> None:
    draw = Random(seed)
    changing: tuple[str, ...] = ("battery", "drive_unit", "charger", "body", "tyre", "second_drive_unit")
    slots: dict[str, str] = dict(zip(changing, PARTIES, strict=True))
    unchanged = ("auxiliary", "brake", "cabin", "gearbox", "second_gearbox")
    owner: dict[str, str] = {**slots, **dict.fromkeys(unchanged, "institute")}

    def terms(slot: str) -> tuple[float, float | None, tuple[str, ...]]:
        power = float(draw.randint(30, 48)) if slot in {"drive_unit", "second_drive_unit"} else None
        return float(draw.randint(10_000, 200_000)), power, tuple(draw.sample(OPERATIONS, draw.randint(0, 3)))

    before = {slot: terms(slot) for slot in owner}
    after = before | {slot: terms(slot) for slot in changing}
    # Two alike, in what they ask and do before and after.
    before["body"], after["body"] = before["charger"], after["charger"]
    old = with_offers(two_axles, {slot: offered(*one) for slot, one in before.items()}, owner)
    new = with_offers(two_axles, {slot: offered(*one) for slot, one in after.items()}, owner)
    differences, apart = differences_of(old, new, Bench(Setting.of(old), MemoryRecords()))
    assert not apart
    assert {one.requirement for one in differences} == {"POINTS", "PRICE", "FEE", "SUBSIDY"}

    def worth(measure: str) -> Callable[[frozenset[str]], float]:
        def of(chosen: frozenset[str]) -> float:
            mixed = {slot: after[slot] if party in chosen else before[slot] for slot, party in owner.items()}
            # ln(3) / ln(9) of the way between the points: half of it.
            price = math.fsum(1.1 * p - 0.1 * p * math.log(3) / math.log(9) for p, _, _ in mixed.values())
            fee = fee_by_hand(sum(power or 0.0 for _, power, _ in mixed.values()))
            sums = {"PRICE": price, "FEE": fee, "SUBSIDY": min(0.35 * 1.25 * price, 500_000.0)}
            return points_by_hand([one[2] for one in mixed.values()]) if measure == "POINTS" else -sums[measure] / 1e3

        return of

    for one in differences:
        expected = by_orders(PARTIES, worth(one.requirement))
        assert sum(one.contributions.values()) == pytest.approx(one.after - one.before, rel=1e-9, abs=1e-9)
        # Who changed nothing is no player, or gets nothing.
        assert one.contributions.get("institute", 0.0) == 0.0
        for party in PARTIES:
            assert one.contributions.get(party, 0.0) == pytest.approx(expected[party], rel=1e-9, abs=1e-9)
        assert one.contributions["works-c"] == pytest.approx(one.contributions["works-d"], abs=1e-9)
    fee = {one.requirement: one for one in differences}["FEE"]
    for party in ("works-a", "works-c", "works-d", "works-e"):
        assert fee.contributions.get(party, 0.0) == pytest.approx(0.0, abs=1e-9)


def stepped(
    power: str, u: str, bounds: Mapping[str, str], basis: Literal["supplier", "measured"] = "supplier"
) -> Programme:
    """The city car with a declared or tested 30-minute power, and bounds on the fee alone."""
    base = city_car()
    assert base.lock is not None
    name = base.lock.slots["drive_unit"].offer
    offer = base.offers[name]
    declared = {
        **offer.datasheet.declared,
        "power_continuous": Declared(value=power, u=u, basis=basis, source="report"),
    }
    offers = {
        **base.offers,
        name: offer.model_copy(update={"datasheet": offer.datasheet.model_copy(update={"declared": declared})}),
    }
    asked = {key: requirement(key, "state-money", "recycling_fee", bound) for key, bound in bounds.items()}
    return replace(base, offers=offers, requirements=asked)


def judged(power: str, u: str, bounds: Mapping[str, str]) -> dict[str, Any]:
    found = verify(stepped(power, u, bounds), MemoryRecords())
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


@pytest.mark.parametrize("power", ["57 kW", "58.85 kW", "58.86 kW", "60 kW"])
def test_a_tested_power_counts_exactly_whatever_its_u(power: str) -> None:
    """UN R85 gives one power by which the fee is due: its u is no slope over the step beside it."""
    below = float(power.removesuffix(" kW")) <= 58.85
    bounds = {"LOW": "5 kRUB", "HIGH": "1 MRUB"}
    for one in verify(stepped(power, "2 kW", bounds, "measured"), MemoryRecords()).verdicts:
        assert one.value == pytest.approx(3.4 if below else 991.2)
        assert one.uncertainty == 0.0 and not one.contributions
        met = below or one.requirement == "HIGH"
        assert (one.verdict, one.probability) == (("met, text not checked", 1.0) if met else ("not met", 0.0))


def test_what_is_met_by_one_side_of_a_step_is_told_with_both() -> None:
    programme = stepped("57 kW", "1 kW", {"LOW": "5 kRUB", "OVER": "100 RUB"})
    found = verify(programme, MemoryRecords())
    one = next(each for each in found.verdicts if each.requirement == "LOW")
    assert (one.verdict, one.probability) == ("met, text not checked", pytest.approx(0.9678, abs=1e-4))
    assert value_text(one, grouped=False) == "3.4…991.2"
    assert value_text(one, "ru", grouped=False) == "3,4…991,2"
    assert margin_text(one, grouped=False) == "\N{MINUS SIGN}986.2…+1.6"
    assert numbers_of(one, programme.requirements["LOW"]) == ("3.4…991.2", "≤ 5", "\N{MINUS SIGN}986.2…+1.6")


def test_a_subsidy_of_which_no_row_is_known_is_open_and_never_nothing() -> None:
    base = city_car()
    asked = requirement("S", "state-money", "subsidy", "0 RUB", "at_least")
    later = asked.model_copy(update={"conditions": asked.conditions.model_copy(update={"date": "2027-07-01"})})
    both = {"NOW": asked.model_copy(update={"id": "NOW"}), "LATER": later.model_copy(update={"id": "LATER"})}
    found = verify(replace(base, requirements=both), MemoryRecords())
    now, then = (next(one for one in found.verdicts if one.requirement == name) for name in ("NOW", "LATER"))
    assert (then.verdict, then.value) == ("not verified", None)
    assert "no row is known of subsidy" in str(then.why) and "at least" not in str(then.why)
    assert value_text(now, grouped=False) == "0…925"
    net = verify(replace(base, requirements=both), MemoryRecords()).records["LATER"].open["net"]
    assert net.low is None


def test_value_and_margin_across_a_step_are_those_had_with_95_percent() -> None:
    """A requirement that is met has no negative margin, whatever the other side of the step would be."""
    bounds = {"LOW": "5 kRUB", "AT": "3.4 kRUB", "OVER": "100 RUB"}
    found = judged("57 kW", "1 kW", bounds)
    for name, word, margin in (("LOW", "met", 1.6), ("AT", "met", 0.0), ("OVER", "not met", -3.3)):
        one = found[name]
        assert one.verdict.partition(",")[0] == word
        assert (one.value, one.margin) == (pytest.approx(3.4), pytest.approx(margin, abs=1e-12))
        assert sorted(one.values.values()) == pytest.approx([3.4, 991.2])
        assert robust_margin(one, 0.95) == one.margin
    unsure = judged("58 kW", "1 kW", bounds)["LOW"]
    assert (unsure.verdict, unsure.value) == ("within uncertainty", pytest.approx(991.2))
    assert next_step(unsure).move == pytest.approx(986.2)


@pytest.mark.parametrize(("sure", "margin"), [(0.9, 1.6), (0.95, 1.6), (0.99, -986.2)])
def test_a_margin_across_a_step_is_sure_with_the_probability_of_its_sides(sure: float, margin: float) -> None:
    programme = stepped("57 kW", "1 kW", {"LOW": "5 kRUB"})
    (one,) = sureness(programme, sureness_fraction=sure, store=MemoryRecords()).results
    assert (one.verdict, one.margin, one.robust_margin) == ("met", pytest.approx(1.6), pytest.approx(margin))

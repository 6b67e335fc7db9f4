"""Who brings how much: against the mean over all orders, worked out by brute force from the second program."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from covolt.programme.origin_points import points_of
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.origin_share import share_of
from covolt.study.procedures.origin import prices_of
from covolt.study.procedures.protocol import Given
from covolt.study.verdicts.attribution import differences_of
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.origin_parts import brought_by
from covolt.study.verdicts.records import MemoryRecords
from tests.study.origin import oracle
from tests.study.origin.generated import SLOTS, VOLUMES, made
from tests.study.origin.joined import programme_with, with_terms
from tests.study.origin.test_generated import subject_with

DAY = "2027-06-01"


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(one, marks=pytest.mark.whole) for one in range(12, 60))])
def test_points_are_divided_as_the_mean_over_all_orders_divides_them(seed: int) -> None:
    random, one = Random(seed), made(seed)
    scheme = one.schemes[0]
    subject = subject_with(one)
    owner = {slot: f"party-{random.randrange(1 + seed % 6)}" for slot in SLOTS}
    sheets = {slot: sheet.model_copy(update={"party": owner[slot]}) for slot, sheet in subject.sheets.items()}
    read = OriginScheme.model_validate(scheme)
    given = Given(market="RU", day=DAY, yearly_vehicle_count=one.volume)
    share = share_of(read, sheets, prices_of(replace(subject, sheets=sheets), given))
    found = {each.who: each for each in brought_by(read, sheets, share, DAY, parties=True)}

    def sure(parties: list[str]) -> Fraction:
        parts = {slot: one.parts[slot] for slot in SLOTS if owner[slot] in parties}
        return oracle.points(scheme, parts, DAY)[0]

    expected = oracle.mean_over_orders(sorted(found), sure)
    assert {name: each.points for name, each in found.items()} == {
        name: pytest.approx(float(value), abs=1e-9) for name, value in expected.items()
    }
    tally = points_of(read, [each for each in _done(sheets)], DAY)
    assert sum(each.points or 0.0 for each in found.values()) == pytest.approx(float(tally.low), abs=1e-9)
    assert sum(each.points_granted or 0.0 for each in found.values()) == pytest.approx(float(tally.granted), abs=1e-9)
    by_offer = brought_by(read, sheets, share, DAY, parties=False)
    assert sum(each.points or 0.0 for each in by_offer) == pytest.approx(float(tally.low), abs=1e-9)
    idle = {slot for slot in SLOTS if not one.parts[slot].get("origin", {}).get("operations")}
    assert all(each.points == 0.0 for each in by_offer if each.who.partition(":")[0] in idle)
    if by_offer[0].share is not None:
        assert sum(each.share or 0.0 for each in by_offer) == pytest.approx(float(share.low), abs=1e-9)


def _done(sheets: Any) -> Any:
    from covolt.programme.origin_points import done_in

    return done_in(sheets)


def test_two_who_do_the_same_get_the_same_and_who_does_nothing_gets_nothing() -> None:
    scheme = OriginScheme.model_validate(
        {
            "schema": "origin-scheme/1",
            "id": "s",
            "title": "S",
            "source": "made",
            "markets": ["RU"],
            "measure": "points",
            "countries": ["RU"],
            "operation": [
                {"id": "glass", "points": 100},
                {"id": "seats", "points": 100, "group": "g"},
                {"id": "tyres", "points": 50, "group": "g"},
            ],
            "group": [{"id": "g", "at_most": 120}],
        }
    )
    same = {"origin": {"operations": [{"id": "glass", "country": "RU"}]}}
    base = subject_with(made(0)).sheets
    plain = {slot: sheet.model_copy(update={"origin": None, "supply": None}) for slot, sheet in base.items()}
    sheets = {
        **plain,
        "body": with_terms(plain["body"], same),
        "cabin": with_terms(plain["cabin"], same),
        "tyre": with_terms(plain["tyre"], {"origin": {"operations": [{"id": "tyres", "country": "RU"}]}}),
        "brake": with_terms(plain["brake"], {"origin": {"operations": [{"id": "seats", "country": "RU"}]}}),
        "battery": with_terms(plain["battery"], {"origin": {"operations": [{"id": "glass", "country": "CN"}]}}),
    }
    share = share_of(scheme, sheets, dict.fromkeys(sheets, Fraction(1)))
    found = {one.who.partition(":")[0]: one.points for one in brought_by(scheme, sheets, share, DAY, parties=False)}
    assert {slot: value for slot, value in found.items() if value} == {
        "body": pytest.approx(50.0),
        "cabin": pytest.approx(50.0),
        "tyre": pytest.approx(35.0),
        "brake": pytest.approx(85.0),
    }


@pytest.mark.parametrize("seed", [3, 17])
def test_a_change_of_several_parties_is_divided_as_by_brute_force(seed: int) -> None:
    """`covolt diff`: what each party's change of origin moved in a margin of points and of value."""
    before, after = made(seed), made(seed + 1)
    schemes = [{**one, "id": f"s-{one['measure']}", "markets": ["RU"]} for one in before.schemes[:1]]
    schemes.append({**_of_value(), "id": "s-value"})
    tables = {one["id"]: OriginScheme.model_validate(one) for one in schemes}
    volume = VOLUMES[0]
    asked = [
        {
            "id": name,
            "measure": measure,
            "at_least": bound,
            "conditions": {"market": "RU", "date": DAY, "scheme": scheme, "yearly_volume": volume},
        }
        for name, measure, bound, scheme in (
            ("P", "points", "500 points", f"{schemes[0]['id']}/sale"),
            ("V", "share", "50 %", "s-value/sale"),
            ("N", "share_margin", "0 %", f"{schemes[0]['id']}/sale"),
        )
    ]
    sides = [
        {slot: _whole(one, random) for slot, one in side.parts.items()}
        for side, random in ((before, Random(1)), (after, Random(2)))
    ]
    base, head = (programme_with(side, tables, asked) for side in sides)
    owner = {slot: base.offers[pin.offer].datasheet.party for slot, pin in base.lock.slots.items()} if base.lock else {}
    base, head = (_relocked(one) for one in (base, head))
    found, apart = differences_of(base, head, Bench(Setting.of(head), MemoryRecords()))
    assert {name: str(why) for name, why in apart.items()} == {"N": "open: s-points demands no share of value"}
    by_name = {one.requirement: one for one in found}
    players = sorted(set(owner.values()))

    def mixed(parties: list[str]) -> dict[str, Any]:
        return {slot: sides[owner[slot] in parties][slot] for slot in SLOTS}

    points = oracle.mean_over_orders(players, lambda some: oracle.points(schemes[0], mixed(some), DAY)[0])
    value = oracle.mean_over_orders(players, lambda some: oracle.share(schemes[1], mixed(some), DAY, volume, [])[0])
    for name, expected, factor in (("P", points, 1.0), ("V", value, 100.0)):
        one = by_name[name]
        assert sum(one.contributions.values()) == pytest.approx(one.total, abs=1e-9)
        for party, moved in expected.items():
            assert one.contributions.get(party, 0.0) == pytest.approx(factor * float(moved), abs=1e-9)
    assert Counter(bool(one.total) for one in found)[True]


def _of_value() -> dict[str, Any]:
    return {
        "schema": "origin-scheme/1",
        "title": "Value",
        "source": "made",
        "markets": ["RU"],
        "measure": "value-share",
        "countries": ["RU", "BY"],
        "threshold": [{"use": "sale", "title": "Sale", "value": 0.5, "valid_from": "2025-01-01"}],
    }


def _whole(part: dict[str, Any], random: Random) -> dict[str, Any]:
    """The terms with a price in roubles and a value by country, so that a share can be had."""
    origin = dict(part.get("origin", {}))
    home = random.randrange(1, 1000)
    origin["value"] = [{"country": "RU", "share": home / 1000}, {"country": "CN", "share": (1000 - home) / 1000}]
    price = [{"yearly_volume": VOLUMES[0], "price": random.randrange(1000, 90000)}]
    return {"origin": origin, "supply": {"currency": "RUB", "price": price, "valid_from": "2024-01-01"}}


def _relocked(programme: Any) -> Any:
    """The programme with a lock that pins what its offers say now."""
    slots = {
        slot: pin.model_copy(update={"digest": programme.offers[pin.offer].content_digest()})
        for slot, pin in programme.lock.slots.items()
    }
    return replace(programme, lock=programme.lock.model_copy(update={"slots": slots}))

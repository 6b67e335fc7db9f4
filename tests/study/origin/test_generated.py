"""200 generated programmes against a second program that shares no code, on the day before, on and after every change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import pytest

from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.rates import Rates
from covolt.programme.requirement import Requirement
from covolt.study.procedures.protocol import Given, Record
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.verification import verdict_of
from tests.study.origin import oracle
from tests.study.origin.generated import Made, days, made, shuffled
from tests.study.origin.joined import city_car, with_terms

PROGRAMMES = 200
MEASURES = {"points": ("points", "points_margin"), "value-share": ("share", "share_margin")}


@cache
def plain() -> Subject:
    programme = city_car()
    return subject_of(locked_sheets(programme), programme.charter.vehicle, "vehicle")


def subject_with(one: Made, reads: Mapping[str, Any] | None = None) -> Subject:
    """The city car with the terms of a generated programme."""
    stated = reads or {"parts": one.parts, "schemes": one.schemes, "rates": one.rates}
    sheets = {slot: with_terms(sheet, stated["parts"].get(slot, {})) for slot, sheet in plain().sheets.items()}
    tables: dict[str, Any] = {each["id"]: OriginScheme.model_validate(each) for each in stated["schemes"]}
    tables["rates"] = Rates.model_validate(
        {"schema": "rates/1", "id": "rates", "title": "Rates", "source": "generated", "rate": stated["rates"]}
    )
    return replace(plain(), sheets=sheets, terms=Terms("RUB", tables))


def record(subject: Subject, scheme: Mapping[str, Any], day: str, volume: int | None) -> Record:
    given = Given(market=scheme["markets"][0], day=day, yearly_vehicle_count=volume, scheme=f"{scheme['id']}/sale")
    return procedures()["origin"].do(subject, given)


def ends(found: Record, measure: str) -> tuple[float | None, float | None]:
    """A measure as ends: the same twice where it is known."""
    if measure in found.measures:
        return found.measures[measure], found.measures[measure]
    assert measure not in found.missing
    return found.open[measure].low, found.open[measure].high


def plainly(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def verdict(found: Record, measure: str, unit: str, bound: Fraction) -> str:
    written = f"{float(bound)!r} {unit}" if unit else float(bound)
    asked = Requirement.model_validate(
        {
            "schema": "requirement/1",
            "id": "R",
            "party": "integrator",
            "title": "Origin",
            "kind": "need",
            "procedure": "origin",
            "measure": measure,
            "at_least": written,
        }
    )
    declared = procedures()["origin"].measure(measure)
    assert declared is not None
    return verdict_of(asked, declared, found, [], {}).verdict


@pytest.mark.parametrize("block", [0, *(pytest.param(one, marks=pytest.mark.whole) for one in range(1, 10))])
def test_points_and_shares_equal_a_second_program_by_day_and_market(block: int) -> None:
    seen = Counter[str]()
    for seed in range(block, PROGRAMMES, 10):
        one = made(seed)
        subject = subject_with(one)
        for scheme in one.schemes:
            of_points = scheme["measure"] == "points"
            measure, margin = MEASURES[scheme["measure"]]
            for day in days(scheme):
                found = record(subject, scheme, day, one.volume)
                share = oracle.share(scheme, one.parts, day, one.volume, one.rates)
                low, high = oracle.points(scheme, one.parts, day)[:2] if of_points else share
                assert ends(found, "share") == tuple(map(plainly, share)), (seed, day)
                assert ends(found, measure) == (plainly(low), plainly(high)), (seed, day)
                law = oracle.threshold(scheme, "sale", day)
                if law is None:
                    assert ends(found, margin) == (None, None), (seed, day)
                    seen["no threshold"] += 1
                    continue
                value = oracle.number(law["value"])
                expected = (plainly(low - value), None if high is None else plainly(high - value))
                assert ends(found, margin) == expected, (seed, day)
                said = oracle.judged(low, high, value)
                assert verdict(found, measure, "points" if of_points else "", value) == said, (seed, day)
                home = {
                    doing["id"]
                    for part in one.parts.values()
                    for doing in part.get("origin", {}).get("operations", [])
                    if doing["country"] in scheme["countries"]
                }
                lacking = [name for name in law.get("operations", []) if name not in home]
                margin_said = verdict(found, margin, "points" if of_points else "", Fraction(0))
                assert margin_said == ("not met" if lacking else said), (seed, day)
                seen[f"{measure} {said}"] += 1
    for kind in ("points", "share"):
        for said in ("met", "not met", "not verified"):
            assert seen[f"{kind} {said}"], f"no programme of this block is {said} by {kind}"
    assert seen["no threshold"]


@pytest.mark.parametrize("seed", range(0, PROGRAMMES, 5))
def test_the_order_of_files_and_rows_tells_nothing(seed: int) -> None:
    one = made(seed)
    stated = {"parts": one.parts, "schemes": one.schemes, "rates": one.rates}
    subject, other = subject_with(one), subject_with(one, shuffled(stated, Random(seed)))
    for scheme in one.schemes:
        for day in days(scheme)[::3]:
            first, second = (record(each, scheme, day, one.volume) for each in (subject, other))
            assert (first.measures, first.open, first.shortfalls) == (second.measures, second.open, second.shortfalls)

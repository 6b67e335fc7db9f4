"""Programmes with prices, capacities and tables, as tests of money make them."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from covolt.contract.datasheet import Datasheet
from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.reading import read_programme
from covolt.programme.table import TABLES, DatedTable
from covolt.study.procedures.protocol import Given, Record
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import locked_sheets
from tests.study.origin.joined import city_car, files_without_terms, with_terms

__all__ = ["LIFE_CYCLE", "RATES", "asked", "chain", "covered_by_hand", "files", "price_by_hand", "sheets_with", "table"]

RATES = {
    "schema": "rates/1",
    "id": "assumed-rates",
    "title": "Assumed rates",
    "source": "assumption of the test",
    "assumed": True,
    "rate": [{"currency": "BYN", "per": "RUB", "value": 27.5, "valid_from": "2026-01-01", "valid_until": "2027-12-31"}],
}
LIFE_CYCLE = {
    "schema": "life-cycle/1",
    "id": "contract",
    "title": "Contract of 15 years",
    "source": "assumption of the test",
    "categories": ["M3"],
    "currency": "RUB",
    "upkeep_per_km": 22,
    "discount": 0.1,
}
"""A contract of a bus, without how long its battery lasts."""
DAY = "2026-11-28"


def table(stated: Mapping[str, Any]) -> DatedTable:
    """A table as a file states it."""
    return TABLES[stated["schema"]].model_validate(copy.deepcopy(dict(stated)))


def sheets_with(terms: Mapping[str, Mapping[str, Any]]) -> dict[str, Datasheet]:
    """The datasheets of the city car with terms by slot."""
    sheets = locked_sheets(city_car())
    return {slot: with_terms(sheet, terms.get(slot, {})) for slot, sheet in sheets.items()}


def asked(
    procedure: str,
    sheets: Mapping[str, Datasheet],
    tables: Mapping[str, DatedTable] | None = None,
    *,
    category: str = "M1",
    **given: Any,
) -> Record:
    """The record of a procedure that reads terms alone, without any drive."""
    declared = {slot: {name: one.value_si for name, one in sheet.declared.items()} for slot, sheet in sheets.items()}
    subject = Subject(
        vehicle=None,  # pyright: ignore[reportArgumentType]
        category=category,
        declared=declared,
        sheets=sheets,
        terms=Terms("RUB", dict(tables or {})),
    )
    return procedures()[procedure].do(subject, Given(**given))


def files(further: Mapping[str, str]) -> Any:
    """The city car's files without its terms, with others put in their place, read."""
    return read_programme(files_without_terms(further))


def chain(draw: Random, slots: list[str]) -> dict[str, dict[str, Any]]:
    """A supply chain: by slot a supplier, his part, currency, curve, capacity and lead time; some fill two slots."""
    found: dict[str, dict[str, Any]] = {}
    for slot in slots:
        if found and draw.random() < 0.3:
            found[slot] = found[draw.choice(sorted(found))]
            continue
        volumes = sorted(draw.sample(range(100, 50_000), draw.randint(1, 5)))
        price = float(draw.randint(2_000, 500_000))
        points: list[dict[str, Any]] = []
        for volume in volumes:
            points.append(
                {"yearly_volume": volume, "price": round(price, 2), "u": round(draw.uniform(0, 0.05) * price, 2)}
            )
            price *= draw.uniform(0.6, 1.0)
        found[slot] = {
            "party": f"works-{slot.replace('_', '-')}",
            "id": f"part-{slot.replace('_', '-')}",
            "supply": {
                "currency": draw.choice(["RUB", "BYN"]),
                "valid_from": "2026-01-01",
                "price": points,
                "capacity_per_year": volumes[-1] + draw.randint(0, 30_000),
                "lead_time": f"{draw.randint(5, 300)} d",
            },
        }
    return found


def price_by_hand(stated: Mapping[str, Any], volume: int, per_BYN: float) -> float | None:
    """Price in roubles by an own reading of the rule: linear over the logarithm, none beyond the ends."""
    points = [(math.log10(one["yearly_volume"]), one["price"]) for one in stated["supply"]["price"]]
    at = math.log10(volume)
    if not points[0][0] <= at <= points[-1][0]:
        return None
    factor = per_BYN if stated["supply"]["currency"] == "BYN" else 1.0
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= at <= x1:
            return factor * (y0 * (x1 - at) + y1 * (at - x0)) / (x1 - x0)
    return factor * points[0][1]


def covered_by_hand(stated: Mapping[str, Mapping[str, Any]], volume: int) -> Fraction:
    """Vehicles that can be made, one after another until a part is used up, over the volume: for capacities, by counting."""
    best: Fraction | None = None
    for one in stated.values():
        uses = sum(1 for other in stated.values() if (other["party"], other["id"]) == (one["party"], one["id"]))
        share = Fraction(one["supply"]["capacity_per_year"], uses * volume)
        best = share if best is None or share < best else best
    assert best is not None
    return best

"""Programmes with terms, as tests of origin make them: the city car, with what its offers state of origin and price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from covolt.contract.datasheet import Datasheet
from covolt.contract.terms import Origin, Supply
from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.reading import read_programme
from covolt.programme.requirement import Requirement

CITY_CAR = Path(__file__).resolve().parents[3] / "examples" / "city-car"


def files_without_terms(further: Mapping[str, str]) -> dict[str, bytes]:
    """The city car's files without its tables and what is asked of a market, with further ones."""
    files = {one.relative_to(CITY_CAR).as_posix(): one.read_bytes() for one in CITY_CAR.rglob("*") if one.is_file()}
    asked = {
        name
        for name, one in files.items()
        if b"market = " in one and not name.endswith(("I-PRICE.toml", "I-COST.toml"))
    }
    left = {name: one for name, one in files.items() if not name.startswith("tables/") and name not in asked}
    return {**left, **{name: text.encode() for name, text in further.items()}}


def city_car(further: Mapping[str, str] | None = None) -> Programme:
    """The city car as its vehicle alone, read from bytes, with further files: its offers state no terms."""
    read = read_programme(files_without_terms(further or {}))
    bare = {"supply": None, "origin": None}
    offers = {
        name: one.model_copy(update={"datasheet": one.datasheet.model_copy(update=bare)})
        for name, one in read.offers.items()
    }
    return replace(read, offers=offers)


def with_terms(sheet: Datasheet, terms: Mapping[str, Any]) -> Datasheet:
    """A datasheet with `origin` and `supply` as a file states them."""
    update: dict[str, Any] = {}
    if "origin" in terms:
        update["origin"] = Origin.model_validate(terms["origin"])
    if "supply" in terms:
        update["supply"] = Supply.model_validate(terms["supply"])
    return sheet.model_copy(update=update)


def programme_with(
    terms: Mapping[str, Mapping[str, Any]], schemes: Mapping[str, OriginScheme], requirements: list[dict[str, Any]]
) -> Programme:
    """The city car with terms by slot, schemes of its own, and the given requirements alone."""
    base = city_car()
    assert base.lock is not None
    offers = dict(base.offers)
    for slot, stated in terms.items():
        name = base.lock.slots[slot].offer
        offers[name] = offers[name].model_copy(update={"datasheet": with_terms(offers[name].datasheet, stated)})
    asked = {
        one["id"]: Requirement.model_validate(
            {"schema": "requirement/1", "party": "integrator", "title": "Origin", "kind": "need", "procedure": "origin"}
            | one
        )
        for one in requirements
    }
    return replace(base, offers=offers, tables={**base.tables, **schemes}, requirements=asked)

"""Climates: monthly means of the air where a vehicle lives, by place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, Field, StrictFloat

from covolt import units
from covolt.contract.document import DOCUMENT, loads
from covolt.errors import NotFound, Problem
from covolt.programme.text import Titled
from covolt.words import text

__all__ = ["USUAL", "Place", "place_of_market", "places", "the_place"]

USUAL = "minsk"
"""Where a vehicle lives if nobody says it."""


class Monthly(BaseModel):
    """Twelve means, January first."""

    model_config = DOCUMENT

    unit: Literal["degC"]
    values: tuple[StrictFloat, ...] = Field(min_length=12, max_length=12)


class Place(BaseModel):
    """The air of a place over the year; `confirmed` where a source at hand shows all of its numbers."""

    model_config = DOCUMENT

    id: str
    title: Titled
    country: str
    period: str
    monthly: Monthly
    source: Titled
    confirmed: bool

    @property
    def monthly_K(self) -> tuple[float, ...]:
        """Means of the twelve months."""
        return tuple(units.unit(self.monthly.unit).to_si(value) for value in self.monthly.values)


class Climates(BaseModel):
    """Every place of the library with its monthly means."""

    model_config = DOCUMENT

    document: Literal["climates/1"] = Field(default="climates/1", alias="schema")
    place: tuple[Place, ...]


@cache
def places() -> Mapping[str, Place]:
    """The places that ship, by id."""
    text = (files("covolt") / "library" / "climates.toml").read_text(encoding="utf-8")
    return MappingProxyType({one.id: one for one in loads(text, Climates, "climates.toml").place})


def the_place(name: str | None) -> Place:
    """Place by id, the usual one where none is named; raises with all there are and what was probably meant."""
    known = places()
    name = name or USUAL
    if name not in known:
        close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
        meant = text("did you mean '{close}'? ", close=close[0]) if close else ""
        raise NotFound(
            Problem(
                text("no climate of '{name}'", name=name),
                "climate",
                text("{meant}known: {known}", meant=meant, known=", ".join(known)),
            )
        )
    return known[name]


def place_of_market(market: str | None) -> Place:
    """The first place of a country that ships, the usual one where it has none."""
    return next((one for one in places().values() if one.country == market), the_place(None))

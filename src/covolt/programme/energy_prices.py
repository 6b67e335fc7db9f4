"""Prices of energy by country, place and date, and what a life-cycle contract assumes, each with its source."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from covolt.contract.document import DOCUMENT, Told, refusals
from covolt.contract.terms import Country, Currency, Day
from covolt.programme.origin_scheme import exact
from covolt.programme.text import Identifier, Titled
from covolt.words import text

__all__ = ["EnergyPrice", "EnergyPrices", "LifeCycle"]

Place = Literal["household", "public", "depot", "pump"]


class EnergyPrice(BaseModel):
    """What energy costs in a country at a place from a day on, until the next row of the same name or its own end.

    `price` is left out where it is known that nobody found it: what needs it stays open.
    """

    model_config = DOCUMENT

    country: Country
    carrier: Literal["electricity", "petrol-95", "petrol-92", "diesel", "gas"]
    place: Place
    where: StrictStr = ""
    price: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    currency: Currency
    per: Literal["kWh", "L", "m3"] = "kWh"
    valid_from: Day
    valid_until: Day | None = None
    source: StrictStr = ""
    confidence: Literal["high", "medium", "low", "none"] = "medium"
    note: Titled | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a later row takes the place of."""
        return self.country, self.carrier, self.place, self.where


class EnergyPrices(BaseModel):
    """Prices of energy; `assumed` says that nobody published them, `public_share` how much is charged in public, as assumed."""

    model_config = DOCUMENT

    document: Literal["energy-prices/1"] = Field(default="energy-prices/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    assumed: StrictBool = False
    public_share: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1)
    price: tuple[EnergyPrice, ...] = Field(min_length=1)
    checked_on: Day | None = None

    @model_validator(mode="after")
    def _one_on_a_day(self) -> EnergyPrices:
        told: list[Told] = []
        for (key, day), count in Counter((one.key, one.valid_from) for one in self.price).items():
            if count > 1:
                what = text("{count} prices of {what} from {day} on", count=count, what=" ".join(key).strip(), day=day)
                told.append((what, text("keep one of them"), ("price",)))
        for number, one in enumerate(self.price):
            if one.valid_until is not None and one.valid_until < one.valid_from:
                what = text("the row ends on {valid_until}, before it begins", valid_until=one.valid_until)
                told.append((what, text("let it end after it begins"), ("price", number, "valid_until")))
        if told:
            raise refusals(told)
        return self

    def on(self, country: str, carrier: str, place: Place, day: str) -> list[EnergyPrice]:
        """Of each place the row that began last and still holds, where its price is known."""
        last: dict[tuple[str, ...], EnergyPrice] = {}
        for one in sorted(self.price, key=lambda one: one.valid_from):
            if (one.country, one.carrier, one.place) == (country, carrier, place) and one.valid_from <= day:
                last[one.key] = one
        return [one for one in last.values() if one.price is not None and day <= (one.valid_until or day)]


class LifeCycle(BaseModel):
    """What a life-cycle contract assumes: years, upkeep, discount, and when the battery is replaced.

    After a distance or some years, or as soon as it keeps no more than a share of its energy, by the laws of ageing of its cells.
    """

    model_config = DOCUMENT

    document: Literal["life-cycle/1"] = Field(default="life-cycle/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    assumed: StrictBool = True
    categories: tuple[Literal["M1", "M2", "M3", "N1", "N2", "N3"], ...] = Field(min_length=1)
    currency: Currency
    years: StrictInt = Field(default=15, ge=1, le=50)
    discount: StrictFloat | StrictInt = Field(default=0.08, ge=0, le=1)
    upkeep_per_km: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    battery_life_years: StrictFloat | StrictInt | None = Field(default=None, gt=0, le=1e12)
    battery_life_km: StrictFloat | StrictInt | None = Field(default=None, gt=0, le=1e12)
    battery_end_fraction: StrictFloat | None = Field(default=None, gt=0, lt=1)

    def life_years(self, yearly_m: float) -> float | None:
        """Years after which the battery is replaced, whichever comes first; None where neither is stated."""
        ends: list[float] = [] if self.battery_life_years is None else [float(self.battery_life_years)]
        if self.battery_life_km is not None:
            ends.append(float(self.battery_life_km) * 1e3 / yearly_m)
        return min(ends, default=None)

    @property
    def upkeep(self) -> Fraction | None:
        """Upkeep per km, exact as it is written."""
        return None if self.upkeep_per_km is None else exact(self.upkeep_per_km)

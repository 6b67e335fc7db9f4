"""Terms of an offer: what the part costs at which volume, how many of it can be had, and where it is made."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictInt, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from covolt.contract.document import DOCUMENT, Told, refusal, refusals, require_unit, told_by
from covolt.words import text

__all__ = ["Country", "Currency", "Day", "Operation", "Origin", "PricePoint", "Supply", "ValueShare", "a_day"]

SHARES_TOLERANCE = 1e-9


def _a_country(written: str) -> str:
    if len(written) != 2 or not written.isascii() or not written.isupper() or not written.isalpha():
        raise refusal(
            text("{text!r:.20} is no country", text=written), text("write two capital letters of ISO 3166, such as BY")
        )
    return written


def _a_currency(written: str) -> str:
    if len(written) != 3 or not written.isascii() or not written.isupper() or not written.isalpha():
        raise refusal(
            text("{text!r:.20} is no currency", text=written),
            text("write three capital letters of ISO 4217, such as BYN"),
        )
    return written


Country = Annotated[str, AfterValidator(_a_country)]
"""A country by ISO 3166-1, two letters."""
Currency = Annotated[str, AfterValidator(_a_currency)]
"""A currency by ISO 4217, three letters."""


def a_day(written: str) -> str:
    """A day of the calendar; raises where it is none."""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise refusal(text("{text!r:.40} is no day", text=written), text("write it such as 2026-03-31")) from error


Day = Annotated[str, AfterValidator(a_day)]
"""A day of the calendar, as ISO 8601 writes it."""


class PricePoint(BaseModel):
    """What one part costs where so many vehicles a year are made, in the currency of the offer, without tax."""

    model_config = DOCUMENT

    yearly_volume: StrictInt = Field(ge=1)
    price: StrictFloat | StrictInt = Field(gt=0, le=1e12)
    u: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)


class Supply(BaseModel):
    """Price by yearly volume, how long the offer holds, how many parts a year can be had, and how long they take.

    Between two points of the curve the price is interpolated over the logarithm of the volume; beyond its ends there is none.
    """

    model_config = DOCUMENT

    currency: Currency
    price: tuple[PricePoint, ...] = Field(min_length=1)
    valid_from: Day
    valid_until: Day | None = None
    capacity_per_year: StrictInt | None = Field(default=None, ge=0, le=1e12)
    lead_time: StrictStr | None = None
    source: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Supply:
        told: list[Told] = []
        volumes = [one.yearly_volume for one in self.price]
        if not all(low < high for low, high in pairwise(volumes)):
            hint = text("write one point for each volume, from the smallest on")
            told.append((text("the volumes of the price curve do not rise"), hint, ("price",)))
        if self.valid_until is not None and self.valid_until < self.valid_from:
            hint = text("let it end after it begins")
            told.append(
                (
                    text("the offer ends on {valid_until}, before it begins", valid_until=self.valid_until),
                    hint,
                    ("valid_until",),
                )
            )
        capacity = self.capacity_per_year
        if capacity is not None and volumes[-1] > capacity:
            what = text(
                "a price is stated for {volumes} vehicles a year, and the capacity is {capacity} parts",
                volumes=volumes[-1],
                capacity=capacity,
            )
            told.append((what, text("end the curve at the capacity, or state the capacity that is meant"), ("price",)))
        if self.lead_time is not None:
            try:
                if require_unit(self.lead_time, "s") <= 0.0:
                    told.append(
                        (
                            text("{lead_time} is not positive", lead_time=self.lead_time),
                            text('write it such as "90 d"'),
                            ("lead_time",),
                        )
                    )
            except PydanticCustomError as error:
                told += [(what, hint, ("lead_time",)) for what, hint, _ in told_by(error)]
        if told:
            raise refusals(told)
        return self


class ValueShare(BaseModel):
    """Which share of the part's price was made in a country."""

    model_config = DOCUMENT

    country: Country
    share: StrictFloat | StrictInt = Field(ge=0, le=1)


class Operation(BaseModel):
    """An operation of making the part, as a scheme of origin lists it, and where it is done.

    `extent` is how much of what the scheme counts was done so, from 0 to 1, where it asks for a share: of metal, of paint.
    """

    model_config = DOCUMENT

    id: str = Field(min_length=1, max_length=80)
    country: Country
    extent: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1)
    evidence: str = ""


_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455", "abekmhopctyxijs"
)
"""Small Cyrillic letters that are drawn like Latin ones."""


def _plain(name: str) -> str:
    """A name without what a reader does not see: case, more blanks than one, and letters of another alphabet drawn alike."""
    return " ".join(name.casefold().translate(_ALIKE).split())


class Origin(BaseModel):
    """Where the part is made: its value by country, the operations and where they are done, and what shows it."""

    model_config = DOCUMENT

    value: tuple[ValueShare, ...] = ()
    operations: tuple[Operation, ...] = ()
    evidence: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> Origin:
        told: list[Told] = []
        if self.value and abs(sum(one.share for one in self.value) - 1.0) > SHARES_TOLERANCE:
            what = text("the shares of value add up to {sum:g}", sum=sum(one.share for one in self.value))
            told.append((what, text("let them add up to 1; what is not known is no share of any country"), ("value",)))
        for name, key, seen in (
            ("country", "value", Counter(one.country for one in self.value)),
            ("operation", "operations", Counter(f"{_plain(one.id)} in {one.country}" for one in self.operations)),
        ):
            twice = sorted(one for one, count in seen.items() if count > 1)
            if twice:
                told.append(
                    (
                        text("{name} stated twice: {twice}", name=name, twice=", ".join(twice)),
                        text("merge the rows"),
                        (key,),
                    )
                )
        if told:
            raise refusals(told)
        return self

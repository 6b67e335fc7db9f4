"""Exchange rates of a programme, each from a day on, with their source or the word that they are an assumption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, Field, StrictFloat, StrictInt, model_validator

from covolt.contract.document import DOCUMENT, Told, refusals
from covolt.contract.terms import Currency, Day
from covolt.programme.text import Identifier, Titled
from covolt.words import text

__all__ = ["Rate", "Rates", "converted"]


class Rate(BaseModel):
    """One unit of `currency` is `value` units of `per`, from a day on until the next row of the pair, or until its own end."""

    model_config = DOCUMENT

    currency: Currency
    per: Currency
    value: StrictFloat | StrictInt = Field(ge=1e-9, le=1e9)
    valid_from: Day
    valid_until: Day | None = None


class Rates(BaseModel):
    """Exchange rates; `assumed` says that nobody published them: what follows from them is an assumption too."""

    model_config = DOCUMENT

    document: Literal["rates/1"] = Field(default="rates/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    assumed: bool = False
    rate: tuple[Rate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_on_a_day(self) -> Rates:
        told: list[Told] = []
        begun = Counter((frozenset((one.currency, one.per)), one.valid_from) for one in self.rate)
        for (pair, day), count in begun.items():
            if count > 1:
                told.append(
                    (
                        text(
                            "{number} rates of {pair} from {day} on", number=count, pair="/".join(sorted(pair)), day=day
                        ),
                        text("keep one of them"),
                        ("rate",),
                    )
                )
        for number, one in enumerate(self.rate):
            if one.currency == one.per:
                told.append(
                    (
                        text("{currency} against itself", currency=one.currency),
                        text("name two currencies"),
                        ("rate", number, "per"),
                    )
                )
            if one.valid_until is not None and one.valid_until < one.valid_from:
                what = text("the rate ends on {valid_until}, before it begins", valid_until=one.valid_until)
                told.append((what, text("let it end after it begins"), ("rate", number, "valid_until")))
        if told:
            raise refusals(told)
        return self


def converted(amount: Fraction, currency: str, into: str, day: str, tables: Iterable[Rates]) -> Fraction | None:
    """An amount in another currency at the rate of a day, exact in the numbers as they are written; None without a rate.

    Of several tables the row that began last counts; a rate is read in both directions, and never by way of a third currency.
    """
    if currency == into:
        return amount
    pair = {currency, into}
    begun = [one for table in tables for one in table.rate if {one.currency, one.per} == pair and one.valid_from <= day]
    last = max(begun, key=lambda one: one.valid_from, default=None)
    if last is None or (last.valid_until is not None and day > last.valid_until):
        return None
    value = Fraction(repr(last.value))
    return amount * value if last.currency == currency else amount / value

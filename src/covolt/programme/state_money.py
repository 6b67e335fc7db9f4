"""Money of the state as dated tables: the recycling fee by 30-minute power, duty, tax and subsidy of a market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from covolt import units
from covolt.contract.document import DOCUMENT, Told, refusals, require_unit
from covolt.contract.terms import Country, Currency, Day
from covolt.programme.origin_scheme import LAST_DAY, exact, holds
from covolt.programme.text import Identifier, Titled
from covolt.words import text

__all__ = ["FeeStep", "MoneyRow", "StateMoney", "Untested", "exact_W", "meet"]

Confidence = Literal["high", "medium", "low", "none"]
MoneyKind = Literal["duty", "duty-exemption", "tax", "subsidy"]


@lru_cache(maxsize=4096)
def exact_W(written: str | float) -> Fraction:
    """A power as it is written, in W, without the rounding of a binary number."""
    unit = units.unit_of(str(written))
    number = str(written).strip()
    while number and not number[-1].isdigit() and number[-1] != ".":
        number = number[:-1]
    return Fraction(number) * exact(unit.factor)


def _a_power(written: str) -> str:
    require_unit(written, "W")
    return written


Power = Annotated[StrictStr, AfterValidator(_a_power)]


class FeeStep(BaseModel):
    """The fee of vehicles whose 30-minute power is over one and up to another, by age: to three years, and three to five.

    With `complete = false` the act has finer steps within it that are not at hand: the fee is open there.
    """

    model_config = DOCUMENT

    power_over: Power
    power_to: Power | None = None
    valid_from: Day
    valid_until: Day | None = None
    coefficient_new: StrictFloat | StrictInt = Field(ge=0, le=1e12)
    fee_new: StrictFloat | StrictInt = Field(ge=0, le=1e12)
    coefficient_older: StrictFloat | StrictInt = Field(ge=0, le=1e12)
    fee_older: StrictFloat | StrictInt = Field(ge=0, le=1e12)
    complete: StrictBool = True
    source: StrictStr = ""
    confidence: Confidence = "medium"
    note: Titled | None = None

    @property
    def over_W(self) -> Fraction:
        """Power over which it holds."""
        return exact_W(self.power_over)

    @property
    def to_W(self) -> Fraction | None:
        """Power up to which it holds, that power included; None where there is no end."""
        return None if self.power_to is None else exact_W(self.power_to)

    def fee(self, *, older: bool) -> Fraction | None:
        """The fee of an age, None where it is open."""
        return exact(self.fee_older if older else self.fee_new) if self.complete else None


class MoneyRow(BaseModel):
    """A share of the price that the state takes or gives, at most so much, on days and under a condition.

    `share` is left out where it is not known. A condition that covolt cannot see leaves the row open, unless `applies` states it
    or `scheme` names the threshold of origin that is the condition.
    """

    model_config = DOCUMENT

    id: Identifier
    title: Titled
    kind: MoneyKind
    share: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=2)
    at_most: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    valid_from: Day | None = None
    valid_until: Day | None = None
    condition: Titled | None = None
    scheme: StrictStr | None = None
    applies: StrictBool | None = None
    source: StrictStr = ""
    confidence: Confidence = "medium"
    note: Titled | None = None

    @property
    def confirmed(self) -> bool:
        """Whether its share is at hand and more than a rumour."""
        return self.share is not None and self.confidence in {"high", "medium"}


class Untested(BaseModel):
    """The rule for models that nobody has tested: so much of the peak power counts as 30-minute power.

    Of a month without a day `certain_from` is its last day: between both it is open.
    """

    model_config = DOCUMENT

    share_of_peak: StrictFloat = Field(gt=0, le=1)
    valid_from: Day
    certain_from: Day | None = None
    source: StrictStr = ""
    confidence: Confidence = "medium"


class StateMoney(BaseModel):
    """What the states of some markets take and give for a vehicle of some categories, each row with its days and its source.

    `fee_condition` says for whom alone its fees are; `checked_on` when the table was last held against its sources.
    """

    model_config = DOCUMENT

    document: Literal["state-money/1"] = Field(default="state-money/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    assumed: StrictBool = False
    markets: tuple[Country, ...] = Field(min_length=1)
    categories: tuple[Literal["M1", "M2", "M3", "N1", "N2", "N3"], ...] = Field(min_length=1)
    currency: Currency
    fee: tuple[FeeStep, ...] = ()
    row: tuple[MoneyRow, ...] = ()
    untested: Untested | None = None
    fee_condition: Titled | None = None
    checked_on: Day | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> StateMoney:
        told = [*self._periods(), *self._steps(), *self._rows()]
        if told:
            raise refusals(told)
        return self

    def steps_on(self, day: str) -> list[FeeStep]:
        """Steps of the fee that hold on a day, by power."""
        return sorted((one for one in self.fee if holds(one, day)), key=lambda one: one.over_W)

    def rows_on(self, kind: MoneyKind, day: str) -> list[MoneyRow]:
        """Rows of a kind that hold on a day, by name."""
        return sorted((one for one in self.row if one.kind == kind and holds(one, day)), key=lambda one: one.id)

    def _periods(self) -> Iterator[Told]:
        for key, rows in (("fee", self.fee), ("row", self.row)):
            for number, one in enumerate(rows):
                if one.valid_until is not None and one.valid_until < (one.valid_from or ""):
                    what = text("the row ends on {valid_until}, before it begins", valid_until=one.valid_until)
                    yield what, text("let it end after it begins"), (key, number, "valid_until")

    def _steps(self) -> Iterator[Told]:
        """Steps of no width, and two steps that hold for one power on one day."""
        for number, one in enumerate(self.fee):
            if one.to_W is not None and one.to_W <= one.over_W:
                what = text("the step over {over} ends at {to}", over=one.power_over, to=one.power_to or "")
                yield what, text("let it end above where it begins"), ("fee", number, "power_to")
        for number, one in enumerate(self.fee):
            for other in self.fee[:number]:
                if meet(one, other):
                    what = text(
                        "the steps over {first} and over {second} hold for one power on one day",
                        first=other.power_over,
                        second=one.power_over,
                    )
                    hint = text("let one end where or before the other begins")
                    yield what, hint, ("fee", number, "power_over")

    def _rows(self) -> Iterator[Told]:
        by_name: dict[str, list[tuple[int, MoneyRow]]] = defaultdict(list)
        for number, one in enumerate(self.row):
            by_name[one.id].append((number, one))
            if one.scheme is not None and "/" not in one.scheme:
                hint = text("write it such as {example}", example='"ru-pp-719/taxi-register"')
                yield text("the scheme {scheme} names no use", scheme=one.scheme), hint, ("row", number, "scheme")
        for name, rows in by_name.items():
            ordered = sorted(rows, key=lambda pair: pair[1].valid_from or "")
            for (_, first), (number, second) in pairwise(ordered):
                if (second.valid_from or "") <= (first.valid_until or LAST_DAY):
                    what = text("two rows of '{name}' hold on every day", name=name)
                    if day := second.valid_from or first.valid_from:
                        what = text("two rows of '{name}' hold on {valid_from}", name=name, valid_from=day)
                    yield what, text("let one end before the next begins"), ("row", number, "valid_from")


def meet(one: FeeStep, other: FeeStep) -> bool:
    """Whether both hold for one power on one day."""
    days = max(one.valid_from, other.valid_from) <= min(one.valid_until or LAST_DAY, other.valid_until or LAST_DAY)
    ends = [end for end in (one.to_W, other.to_W) if end is not None]
    return days and (not ends or max(one.over_W, other.over_W) < min(ends))

"""Charging networks of markets as dated tables: which stations there are, announced or asked for, by connector and protocol."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr, model_validator

from covolt.contract.charging import (
    ChargingPower,
    ChargingProtocol,
    ChargingVoltage,
    Plug,
    VoltageClass,
    interface_told,
)
from covolt.contract.document import DOCUMENT, Told, refusals
from covolt.contract.terms import Country, Day
from covolt.programme.amendments import When, days_of
from covolt.programme.origin_scheme import LAST_DAY
from covolt.programme.text import Identifier, Titled
from covolt.words import text

__all__ = ["ChargingNetwork", "Holding", "StationRow"]

StationStatus = Literal["in service", "announced", "subsidised", "tender", "standard", "not served"]
"""`in service`: they stand; `announced`, `subsidised`, `tender`: somebody said, pays for or asks for them, and whether they stand
is not said; `standard`: a standard for them is in force; `not served`: the stations of that row have no such connector."""
Holding = Literal["yes", "open", "no"]


class StationRow(BaseModel):
    """Stations of a market, as one source tells of them; what it leaves out is not known."""

    model_config = DOCUMENT

    market: Country
    area: StrictStr = ""
    applied_by: StrictStr = Field(min_length=1, max_length=120)
    status: StationStatus
    connector: Plug | None = None
    protocols: tuple[ChargingProtocol, ...] = ()
    standard: StrictStr = ""
    voltage_class: VoltageClass | None = None
    voltage_minimum: ChargingVoltage | None = None
    voltage_maximum: ChargingVoltage | None = None
    power: ChargingPower | None = None
    stations: StrictInt | None = Field(default=None, ge=1)
    valid_from: When | None = None
    valid_until: When | None = None
    note: Titled | None = None
    source: str = Field(min_length=1)
    confidence: Literal["high", "medium", "low", "none"]

    @model_validator(mode="after")
    def _is_consistent(self) -> StationRow:
        told = list(interface_told(self))
        if self.valid_from and self.valid_until and days_of(self.valid_until)[1] < days_of(self.valid_from)[0]:
            what = text("the row ends on {valid_until}, before it begins", valid_until=self.valid_until)
            told.append((what, text("let it end after it begins"), ("valid_until",)))
        if told:
            raise refusals(told)
        return self

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Of what one row at a time tells."""
        return self.market, self.area, self.applied_by, self.status, self.connector or ""

    @property
    def sure_days(self) -> tuple[str, str]:
        """First and last day on which it surely holds; of a month or a year what each of its days would leave."""
        return _day(self.valid_from, 1, ""), _day(self.valid_until, 0, LAST_DAY)

    def holds(self, day: str) -> Holding:
        """Whether it holds on a day; open on a day of the month or year in which it began or ended."""
        first, last = self.sure_days
        if first <= day <= last:
            return "yes"
        possible = _day(self.valid_from, 0, "") <= day <= _day(self.valid_until, 1, LAST_DAY)
        return "open" if possible else "no"

    def concerns(self, market: str, area: str | None) -> bool:
        """Whether it tells of the stations of a market, or of an area; that there are none is told of its own area alone."""
        if self.market != market:
            return False
        return self.area in {"", area} or (area is None and self.status != "not served")


def _day(when: str | None, end: int, otherwise: str) -> str:
    return otherwise if when is None else days_of(when)[end]


class ChargingNetwork(BaseModel):
    """Charging networks; `complete` names the markets of which all are listed, `assumed` says that nobody published them."""

    model_config = DOCUMENT

    document: Literal["charging-network/1"] = Field(default="charging-network/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    assumed: StrictBool = False
    complete: tuple[Country, ...] = ()
    row: tuple[StationRow, ...] = Field(min_length=1)
    checked_on: Day | None = None

    @model_validator(mode="after")
    def _one_on_a_day(self) -> ChargingNetwork:
        told = list(_overlaps(self.row))
        if told:
            raise refusals(told)
        return self


def _overlaps(rows: tuple[StationRow, ...]) -> Iterator[Told]:
    """Each row that surely holds on a day on which an earlier one of the same stations does."""
    for (_, one), (number, other) in combinations(enumerate(rows), 2):
        if one.key != other.key:
            continue
        first, last = (one.sure_days, other.sure_days)
        day = max(first[0], last[0])
        if day <= min(first[1], last[1]):
            name = " ".join(part for part in one.key if part)
            what = text("two rows of '{name}' hold on every day", name=name)
            if day:
                what = text("two rows of '{name}' hold on {valid_from}", name=name, valid_from=day)
            yield what, text("let one end before the next begins"), ("row", number, "valid_from")

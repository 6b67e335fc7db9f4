"""Series of amendments of an act: what became of each of them, when, by whose word, and how sure that is."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictInt, model_validator

from covolt.contract.document import DOCUMENT, Told, refusal, refusals
from covolt.contract.terms import Day, a_day
from covolt.programme.text import Identifier, Titled
from covolt.words import Phrase, day_said, text

__all__ = [
    "CONFIDENCE",
    "Confidence",
    "DatedAct",
    "Event",
    "EventKind",
    "Series",
    "SeriesTable",
    "Validity",
    "When",
    "date_said",
    "days_of",
    "series_problems",
]

EventKind = Literal[
    "proposed",
    "voted",
    "adopted",
    "adopted or in force",
    "seen",
    "in force",
    "applied",
    "asked",
    "new types",
    "all types",
    "old approvals not accepted",
    "exemption ends",
]
"""What can become of a series. `seen`: a document of that day names it, and what happened then is not said; `asked`: an act asks
for it, and whether of new types or of all is not said; `applied`: those of `applied_by` apply it."""
Confidence = Literal["high", "medium", "low"]
"""How sure a row is: high by two sources or the act itself, medium by one, low by a draft or where sources differ."""
CONFIDENCE: Mapping[str, Phrase] = {
    "high": text("high", context="confidence"),
    "medium": text("medium", context="confidence"),
    "low": text("low", context="confidence"),
    "none": text("none", context="confidence"),
}
"""The same in words, and that of rows which no source confirms; the surest first."""
ORDER: tuple[EventKind, ...] = ("proposed", "voted", "adopted", "in force", "new types", "all types")
"""None of these comes before the one that stands before it."""
_SHAPE = re.compile(r"\d{4}(-\d{2}){0,2}")


def _a_when(written: str) -> str:
    if _SHAPE.fullmatch(written) is None:
        hint = text("write a day, a month or a year, such as 2026-03-31, 2026-03 or 2026")
        raise refusal(text("{written!r:.40} is no date", written=written), hint)
    a_day(written + "-01-01"[len(written) - 4 :])
    return written


When = Annotated[str, AfterValidator(_a_when)]
"""A day, a month or a year of the calendar, as ISO 8601 writes it; a month is some day of it, and a year too."""


def days_of(when: str) -> tuple[str, str]:
    """The first and the last day that a date may mean."""
    if len(when) == 4:
        return f"{when}-01-01", f"{when}-12-31"
    if len(when) == 7:
        return f"{when}-01", f"{when}-{monthrange(int(when[:4]), int(when[5:]))[1]:02d}"
    return when, when


def date_said(when: str) -> Phrase:
    """A day, a month or a year as each language writes it: `2026-11-28`, `28.11.2026`; `2026-11`, `11.2026`."""
    year, _, month = when.partition("-")
    if not month:
        return text("{year}", year=year)
    return day_said(when) if "-" in month else text("{year}-{month}", year=year, month=month)


class Event(BaseModel):
    """What became of a series, for everybody or for those of `applied_by`: countries or markets.

    `stepwise` where the date is that of a first step, and the later ones are not known; `checked_on` is the day on which the row
    was held against its source.
    """

    model_config = DOCUMENT

    event: EventKind
    date: When | None = None
    applied_by: tuple[str, ...] = ()
    body: str = ""
    stepwise: bool = False
    note: Titled | None = None
    source: str = Field(min_length=1)
    confidence: Confidence
    checked_on: Day

    @model_validator(mode="after")
    def _applied_by_somebody(self) -> Event:
        if self.event == "applied" and not self.applied_by:
            raise refusal(text("nobody applies it"), text('name who does, such as applied_by = ["BY"]'), "applied_by")
        return self

    def shares(self, other: Event) -> bool:
        """Whether somebody is meant by both."""
        return not self.applied_by or not other.applied_by or bool(set(self.applied_by) & set(other.applied_by))


class Validity(BaseModel):
    """How long a document of an act holds at most."""

    model_config = DOCUMENT

    document: Titled
    years_at_most: StrictInt = Field(ge=1, le=50)
    source: str = Field(min_length=1)
    confidence: Confidence
    checked_on: Day


class Series(BaseModel):
    """One series of amendments, or a supplement to it, with what became of it."""

    model_config = DOCUMENT

    id: str = Field(min_length=1, max_length=80)
    event: tuple[Event, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Series:
        told = [*_twice(self), *_reversed(self)]
        if told:
            raise refusals(told)
        return self


def _twice(series: Series) -> Iterator[Told]:
    for (_, one), (at, other) in combinations(enumerate(series.event), 2):
        same = set(one.applied_by) == set(other.applied_by) or set(one.applied_by) & set(other.applied_by)
        if one.event == other.event and same:
            what = text(
                "series {series}: {event} stands twice, {date} and {date_2}",
                series=series.id,
                event=one.event,
                date=str(_date(one)),
                date_2=str(_date(other)),
            )
            yield what, text("keep one of them, or say for whom each holds"), ("event", at, "event")


def _reversed(series: Series) -> Iterator[Told]:
    for (at, one), (beside, other) in combinations(enumerate(series.event), 2):
        if one.event == other.event or not {one.event, other.event} <= set(ORDER) or not one.shares(other):
            continue
        early, late, place = (
            (one, other, beside) if ORDER.index(one.event) < ORDER.index(other.event) else (other, one, at)
        )
        if early.date is None or late.date is None or days_of(late.date)[1] >= days_of(early.date)[0]:
            continue
        what = text(
            "series {series}: {event} {date} comes before {event_2} {date_2}",
            series=series.id,
            event=late.event,
            date=str(late.date),
            event_2=early.event,
            date_2=str(early.date),
        )
        yield what, text("correct one of the two dates"), ("event", place, "date")


def series_problems(series: Sequence[Series]) -> Iterator[Told]:
    """What is wrong with the series of one act beside one another: each stands once, and in the order of time."""
    for (_, one), (at, other) in combinations(enumerate(series), 2):
        if one.id == other.id:
            yield text("series {id} stands twice", id=one.id), text("merge its rows"), ("series", at, "id")
        for kind in ORDER[ORDER.index("in force") :]:
            for early in (each for each in one.event if each.event == kind and each.date):
                for late in (each for each in other.event if each.event == kind and each.date and each.shares(early)):
                    if days_of(str(late.date))[1] < days_of(str(early.date))[0]:
                        what = text(
                            "series {other}: {kind} {date} comes before series {id}: {date_2}",
                            other=other.id,
                            kind=kind,
                            date=str(late.date),
                            id=one.id,
                            date_2=str(early.date),
                        )
                        yield what, text("let the series stand in the order of time"), ("series", at, "id")


def _date(event: Event) -> str:
    return event.date or "without a date"


class DatedAct(BaseModel):
    """An act of which dates are known, and for which vehicles it holds is not; where it holds, and its series."""

    model_config = DOCUMENT

    id: str = Field(min_length=1, max_length=80)
    title: Titled
    markets: tuple[str, ...] = Field(min_length=1)
    series: tuple[Series, ...] = Field(min_length=1)
    validity: tuple[Validity, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> DatedAct:
        told = list(series_problems(self.series))
        if told:
            raise refusals(told)
        return self


class SeriesTable(BaseModel):
    """Series that a programme states: they take the place of what covolt knows of the same acts.

    `assumed` says that nobody published them.
    """

    model_config = DOCUMENT

    document: Literal["series/1"] = Field(default="series/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    assumed: StrictBool = False
    act: tuple[DatedAct, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> SeriesTable:
        names = [one.id for one in self.act]
        twice = [at for at, name in enumerate(names) if name in names[:at]]
        if twice:
            raise refusals([(f"act {names[at]} stands twice", "merge its rows", ("act", at, "id")) for at in twice])
        return self

"""Law by date: which series of an act is in force on a day, what new and all types must fulfil, and what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.amendments import Confidence, DatedAct, Event, EventKind, Series, SeriesTable, days_of
from covolt.programme.checked import CheckedText, same_act
from covolt.programme.table import DatedTable
from covolt.study.gate.law_words import event_said, series_said
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.acts import Act, KnownVehicle, Matrix
from covolt.study.verdicts.checking import readings_of_act
from covolt.study.verdicts.own_tables import kind_of, stands_on
from covolt.study.verdicts.verdict import Reading
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "BINDING",
    "ActOnDay",
    "LawChange",
    "Reached",
    "SeriesOnDay",
    "SeriesState",
    "law_changes",
    "law_on",
    "without_dates",
]

Reached = Literal["yes", "open", "no", "not known"]
"""Whether a day lies on or after a date: open within a month or a year, not known without one."""
Holds = Literal["yes", "no", "not known"]
SeriesState = Literal[
    "in force", "asked for", "open", "adopted", "voted", "proposed", "seen", "not yet", "no date known", "elsewhere"
]
"""What a series is on a day; `elsewhere`: what is known of it is said of other markets."""
BINDING = frozenset[EventKind]({"new types", "all types", "old approvals not accepted", "exemption ends", "asked"})
"""From these on, what was enough for an act is so no longer."""
_FURTHEST: tuple[Reached, ...] = ("yes", "open", "no", "not known")
_FORCE: tuple[EventKind, ...] = ("in force", "asked")
_BESIDE = frozenset[EventKind]({"applied", "old approvals not accepted", "exemption ends"})
"""What is told beside the state of a series."""
_BEFORE: Mapping[EventKind, SeriesState] = {
    "adopted": "adopted",
    "voted": "voted",
    "proposed": "proposed",
    "seen": "seen",
}
"""Steps before the force of a series, the last one first."""
_STEPS = tuple(_BEFORE)
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")


@plain_dataclass(frozen=True)
class _Row:
    """An act with its series, and whether it holds for the vehicle."""

    id: str
    title: Phrase
    markets: tuple[str, ...]
    series: tuple[Series, ...]
    holds: Holds
    why: Phrase


@dataclass(frozen=True, config=RESULT)
class EventOnDay:
    """One event of a series, as of a day; `here` where it is said for the markets that were asked for, or for everybody."""

    event: EventKind
    date: str
    earliest: str
    latest: str
    reached: Reached
    here: bool
    applied_by: tuple[str, ...]
    stepwise: bool
    reads: Said
    source: str
    confidence: str
    checked_on: str


@dataclass(frozen=True, config=RESULT)
class SeriesOnDay:
    """One series as of a day: its state, and whether new types and all types must fulfil it."""

    series: str
    state: SeriesState
    reads: Said
    new_types: Reached
    all_types: Reached
    events: tuple[EventOnDay, ...]
    confidence: str = ""
    """How sure that is which is said of it: the least of what it stands on; empty where nothing dated does."""
    source: str = ""
    """Where that was taken from."""


@dataclass(frozen=True, config=RESULT)
class ActOnDay:
    """One act as of a day: whether it holds for the vehicle, the series in force, and those that new and all types must fulfil.

    `possible` are series of which a date leaves open whether they do.
    """

    act: str
    title: Said
    markets: tuple[str, ...]
    holds: Holds
    why: Said
    in_force: tuple[str, ...]
    possible: tuple[str, ...]
    new_types: str
    new_types_possible: tuple[str, ...]
    all_types: str
    all_types_possible: tuple[str, ...]
    series: tuple[SeriesOnDay, ...]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class LawChange:
    """One event after a day and until another, or that may lie there; one without a date may come on any day.

    `turns_red` where the act holds for the vehicle and asks for more from then on than it did; `checked` are the readings of
    the act's text from before it.
    """

    act: str
    title: Said
    series: str
    event: EventKind
    date: str
    earliest: str
    latest: str
    certain: bool
    applied_by: tuple[str, ...]
    holds: Holds
    why: Said
    turns_red: bool
    reads: Said
    source: str
    confidence: str
    checked_on: str
    checked: tuple[Reading, ...]


def law_on(
    day: str, asked: Sequence[str], table: Matrix, known: KnownVehicle, own: Iterable[DatedTable] = ()
) -> tuple[ActOnDay, ...]:
    """Every act of the markets that has series, as of a day; `own` are tables that the programme brings."""
    markets, countries = table.places(asked)
    here = _of(markets | countries)
    return tuple(_act_on(row, day, here) for row in _rows(table, markets, known, own) if row.series)


def without_dates(
    asked: Sequence[str], table: Matrix, known: KnownVehicle, own: Iterable[DatedTable] = ()
) -> tuple[str, ...]:
    """Acts of the markets that hold for the vehicle, or perhaps do, and of which no date is known here."""
    rows = _rows(table, table.places(asked)[0], known, own)
    return tuple(row.id for row in rows if not row.series and row.holds != "no")


def law_changes(
    day: str,
    until: str,
    asked: Sequence[str],
    table: Matrix,
    known: KnownVehicle,
    own: Iterable[DatedTable] = (),
    checks: Sequence[CheckedText] = (),
) -> tuple[LawChange, ...]:
    """What changes in the markets after `day` and until `until`, in the order of time; what has no date stands at the end."""
    markets, countries = table.places(asked)
    here = _of(markets | countries)
    found = [
        _change(row, series, event, day, until, checks)
        for row in _rows(table, markets, known, own)
        for series in row.series
        for event in series.event
        if here(event) and _between(event, day, until)
    ]
    return tuple(sorted(found, key=lambda one: (one.earliest or "9", one.latest, one.act, one.series)))


def _of(places: frozenset[str]) -> Callable[[Event], bool]:
    """Whether an event is said for everybody, or for one of these markets and countries."""
    return lambda event: not event.applied_by or bool(places & set(event.applied_by))


def _rows(
    table: Matrix, markets: frozenset[str], known: KnownVehicle, own: Iterable[DatedTable] = ()
) -> Iterator[_Row]:
    """Acts of these markets; series that the programme states take the place of covolt's."""
    named = {one.id: (one, each) for each in own if isinstance(each, SeriesTable) for one in each.act}
    rows: list[Act | DatedAct] = [*table.act, *table.dated]
    rows += [one for name, (one, _) in named.items() if not any(same_act(name, each.id) for each in rows)]
    for act in rows:
        stated, brought = next((one for name, one in named.items() if same_act(name, act.id)), (act, None))
        if markets & set(act.markets):
            holds, why = _holds(act, known)
            if brought is not None:
                kind = "in place of a shipped one" if stated is not act and not brought.assumed else kind_of(brought)
                why = joined([one for one in (why, stands_on(brought.id, kind)) if one])
            yield _Row(act.id, act.title.words, act.markets, stated.series, holds, why)


def _holds(act: Act | DatedAct, known: KnownVehicle) -> tuple[Holds, Phrase]:
    if isinstance(act, DatedAct):
        return "not known", text("for which vehicles it holds is not known here")
    why = act.leaves_out(known)
    return ("yes", Words()) if why is None else ("no", why)


def reached(event: Event, day: str) -> Reached:
    """Whether an event has come on a day; a first step leaves it open whether the rest has."""
    if event.date is None:
        return "not known"
    first, last = days_of(event.date)
    if day < first:
        return "no"
    return "open" if day < last or event.stepwise else "yes"


def _act_on(row: _Row, day: str, here: Callable[[Event], bool]) -> ActOnDay:
    series = tuple(_series_on(one, day, here) for one in row.series)

    def last(which: Callable[[SeriesOnDay], Reached]) -> tuple[str, tuple[str, ...]]:
        """The last series that must be fulfilled, and the later ones that perhaps must."""
        sure = max((at for at, one in enumerate(series) if which(one) == "yes"), default=-1)
        perhaps = tuple(one.series for at, one in enumerate(series) if at > sure and which(one) == "open")
        return series[sure].series if sure >= 0 else "", perhaps

    new, new_perhaps = last(lambda one: one.new_types)
    every, every_perhaps = last(lambda one: one.all_types)
    return ActOnDay(
        row.id,
        row.title,
        row.markets,
        row.holds,
        row.why,
        tuple(one.series for one in series if one.state == "in force"),
        tuple(one.series for one in series if one.state == "open"),
        new,
        new_perhaps,
        every,
        every_perhaps,
        series,
    )


def _series_on(series: Series, day: str, here: Callable[[Event], bool]) -> SeriesOnDay:
    own = [one for one in series.event if here(one)]
    state, event = _state(own, day) if own else ("elsewhere", None)
    beside = [one for one in own if one.event in _BESIDE]
    stands = [*(() if event is None else (event,)), *beside, *_types(own)]
    return SeriesOnDay(
        series.id,
        state,
        series_said(state, event, _force(own), beside),
        _most(own, day, ("new types", "all types")),
        _most(own, day, ("all types",)),
        tuple(
            EventOnDay(
                one.event,
                one.date or "",
                *(days_of(one.date) if one.date else ("", "")),
                reached(one, day),
                here(one),
                one.applied_by,
                one.stepwise,
                event_said(one),
                one.source,
                one.confidence,
                one.checked_on,
            )
            for one in series.event
        ),
        _least_sure(stands),
        "; ".join(dict.fromkeys(one.source for one in stands or series.event)),
    )


def _types(events: Sequence[Event]) -> list[Event]:
    return [one for one in events if one.event in {"new types", "all types"}]


def _least_sure(events: Sequence[Event]) -> str:
    """The least confidence of several events; what has no date is said to be unknown, and needs none."""
    return max((one.confidence for one in events if one.date), key=CONFIDENCES.index, default="")


def _force(events: Sequence[Event]) -> Event | None:
    return next((one for one in events if one.event == "in force" and one.date), None)


def _most(events: Sequence[Event], day: str, kinds: tuple[EventKind, ...]) -> Reached:
    """How far the furthest of several kinds has come: yes before open before no; what nobody states is not known."""
    found = {reached(one, day) for one in events if one.event in kinds}
    return _FURTHEST[min((_FURTHEST.index(one) for one in found), default=-1)]


def _state(events: Sequence[Event], day: str) -> tuple[SeriesState, Event | None]:
    """What a series is on a day, and the event that says so."""

    def come(kinds: tuple[EventKind, ...], how: Reached) -> Event | None:
        return next((one for kind in kinds for one in events if one.event == kind and reached(one, day) == how), None)

    if event := come(_FORCE, "yes"):
        return ("in force" if event.event == "in force" else "asked for"), event
    unclear = come(("adopted or in force",), "yes") or come((*_FORCE, "adopted or in force"), "open")
    if unclear is not None:
        return "open", unclear
    if event := come(_STEPS, "yes"):
        return _BEFORE[event.event], event
    if event := come(_STEPS, "open"):
        return "open", event
    if event := come((*_FORCE, "adopted or in force", *reversed(_STEPS)), "no"):
        return "not yet", event
    return "no date known", None


def _between(event: Event, day: str, until: str) -> bool:
    if event.date is None:
        return True
    first, last = days_of(event.date)
    return (last > day or event.stepwise) and first <= until


def _change(row: _Row, series: Series, event: Event, day: str, until: str, checks: Sequence[CheckedText]) -> LawChange:
    first, last = days_of(event.date) if event.date else ("", "")
    return LawChange(
        act=row.id,
        title=row.title,
        series=series.id,
        event=event.event,
        date=event.date or "",
        earliest=first,
        latest=last,
        certain=bool(event.date) and not event.stepwise and day < first and last <= until,
        applied_by=event.applied_by,
        holds=row.holds,
        why=row.why,
        turns_red=row.holds == "yes" and event.event in BINDING,
        reads=event_said(event),
        source=event.source,
        confidence=event.confidence,
        checked_on=event.checked_on,
        checked=tuple(one for one in readings_of_act(row.id, checks) if last and one.on < first),
    )

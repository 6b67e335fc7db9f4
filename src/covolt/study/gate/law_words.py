"""How events and series of acts are said to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from covolt.programme.amendments import Event, EventKind, date_said
from covolt.words import Phrase, Words, joined, text

if TYPE_CHECKING:
    from covolt.study.gate.law import SeriesState

__all__ = ["dated_said", "event_said", "series_said"]

EVENTS: Mapping[EventKind, Phrase] = {
    "proposed": text("proposed", context="series"),
    "voted": text("voted", context="series"),
    "adopted": text("adopted", context="series"),
    "adopted or in force": text("adopted or in force (the source does not say which)", context="series"),
    "seen": text("a document names it", context="series"),
    "in force": text("in force", context="series"),
    "applied": text("applied", context="series"),
    "asked": text("asked for", context="series"),
    "new types": text("new types must fulfil it", context="series"),
    "all types": text("all types must fulfil it", context="series"),
    "old approvals not accepted": text("old approvals need not be accepted", context="series"),
    "exemption ends": text("an exemption no longer holds", context="series"),
}

ONCE = frozenset[EventKind]({"proposed", "voted", "adopted", "adopted or in force", "seen"})
"""What happens on a day; everything else holds from a day on."""


def event_said(event: Event) -> Phrase:
    """An event in words: what, when, for whom, and what its source adds."""
    steps = text("step by step, the later steps are not known") if event.stepwise else Words()
    note = event.note.words if event.note else Words()
    return joined((joined((_dated_by(event), steps), ", "), note))


def _dated_by(event: Event) -> Phrase:
    names = ", ".join((event.body, *event.applied_by) if event.body else event.applied_by)
    by = text("({names})", names=names) if names else Words()
    return joined((dated_said(event.event, event.date), by), " ")


def dated_said(kind: EventKind, date: str | None) -> Phrase:
    """An event with its date: a day, some day of a month or of a year, or that none is known."""
    what = EVENTS[kind]
    if date is None:
        return text("{what}, no date known", what=what)
    said, exact = date_said(date), len(date) == len("2026-11-28")
    if kind in ONCE:
        return (
            text("{what} {date}", what=what, date=said)
            if exact
            else text("{what} some day of {date}", what=what, date=said)
        )
    if exact:
        return text("{what} from {date}", what=what, date=said)
    return text("{what} from some day of {date}", what=what, date=said)


def series_said(state: SeriesState, event: Event | None, force: Event | None, beside: Sequence[Event] = ()) -> Phrase:
    """What a series is on a day, in words; `force` is the event that puts it in force, where its date is known."""
    return joined((_state_said(state, event, force), *(_dated_by(one) for one in beside)))


def _state_said(state: SeriesState, event: Event | None, force: Event | None) -> Phrase:
    if event is None:
        return text("said of other markets alone") if state == "elsewhere" else text("no date known")
    what = dated_said(event.event, event.date)
    if state == "open":
        return text("open: {what}", what=what)
    if state == "not yet":
        return text("not yet; {what}", what=what)
    if state in {"in force", "asked for"}:
        # What is least sure says why.
        return joined((what, event.note.words)) if event.confidence == "low" and event.note else what
    if force is not None and force.date is not None:
        return text("{what}; not in force before {date}", what=what, date=date_said(force.date))
    return text("{what}; in force: no date known", what=what)

"""Verdicts of two states beside each other, and which requirements another verdict, or another openness, is said of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic.dataclasses import dataclass

from covolt.errors import InputError
from covolt.programme.documents import Programme
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.bench import Progress
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.verdict import STANDINGS, Verdict, value_text
from covolt.study.verdicts.verification import verify
from covolt.words import Phrase, in_each, joined

__all__ = ["TurnedVerdict", "by_requirement", "earlier_verdicts", "turned", "verdict_said"]


@dataclass(frozen=True, config=RESULT)
class TurnedVerdict:
    """A requirement whose verdict is another word than in the earlier state, or of which something else is open."""

    requirement: str
    title: Said
    before: Said
    after: Said


def by_requirement(
    state: Programme,
    store: RecordStore,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Verdict]:
    """Every verdict of a state, as its reader may see it."""
    return {one.requirement: one for one in verify(state, store, progress=progress, cancelled=cancelled).verdicts}


def earlier_verdicts(
    state: Programme,
    store: RecordStore,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Verdict]:
    """The same of an earlier state; none where it asks for what this covolt refuses."""
    try:
        return by_requirement(state, store, progress=progress, cancelled=cancelled)
    except InputError:
        return {}


def turned(before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> list[str]:
    """Requirements that are read in both states and whose verdict is another word, or of which something else is open."""
    both = {name: (before[name], after[name]) for name in sorted(before.keys() & after.keys())}
    return [
        name
        for name, (old, new) in both.items()
        if "hidden" not in {old.verdict, new.verdict} and _told(old) != _told(new)
    ]


def _told(one: Verdict) -> tuple[str, str]:
    return one.verdict, str(one.why) if one.value is None else ""


def verdict_said(one: Verdict) -> Phrase:
    """The word of a verdict with its value, or with what is open and which fact is missing."""
    if one.value is None:
        return joined((STANDINGS[one.verdict], one.why), ", ")
    value = in_each(lambda language: value_text(one, language))
    unit = printed_unit(one.unit)
    shown = joined((value, unit), "\N{NO-BREAK SPACE}") if str(unit) else value
    return joined((STANDINGS[one.verdict], shown), ", ")

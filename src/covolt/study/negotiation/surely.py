"""Sureness: what requirements and interests come to in a design with their uncertainties, verified as the locked vehicle is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from covolt.programme.documents import Programme
from covolt.programme.requirement import Interest, Requirement
from covolt.study.designs.space import DesignSpace
from covolt.study.negotiation.card import Sure
from covolt.study.negotiation.turned import outward
from covolt.study.procedures.registry import find_measure
from covolt.study.sensitivity.sureness import robust_margin
from covolt.study.verdicts.bench import Progress
from covolt.study.verdicts.interests import wish_of
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.unstated_number import unstated_said
from covolt.study.verdicts.verdict import CONFORMS, Verdict, value_text
from covolt.study.verdicts.verification import verify
from covolt.words import in_each

__all__ = ["as_locked", "at_needed", "surely"]


def as_locked(programme: Programme, space: DesignSpace, values: NDArray[np.float64]) -> Programme:
    """The programme as if a design were what is locked.

    Args:
        programme: whole, with a lock.
        values: (variables,), in the units of the space.
    """
    if programme.lock is None:
        raise RuntimeError("a design space is of a programme with a lock")
    sheets, offers, pins = space.sheets(values), dict(programme.offers), dict(programme.lock.slots)
    for name, slot in space.slots.items():
        if sheets[slot] == space.locked[slot]:
            continue
        # A name of its own: two slots may hold one offer, and move apart.
        reference = f"{sheets[slot].reference} in {name}"
        offers[reference] = programme.offers[sheets[slot].reference].model_copy(update={"datasheet": sheets[slot]})
        pins[name] = pins[name].model_copy(update={"offer": reference})
    return replace(programme, offers=offers, lock=programme.lock.model_copy(update={"slots": pins}))


def surely(
    programme: Programme,
    requirements: Collection[str],
    interests: Sequence[Interest],
    store: RecordStore | None = None,
    *,
    needed: Mapping[str, float] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Sure]:
    """Value, U and verdict of requirements by their ids and of interests as `PARTY/ID`, held against the locked vehicle.

    Of an interest the bound is the worst that its party accepts. `needed` are other bounds of requirements, in the units of their
    measures: against these they stand under `at_needed` of their ids.
    """
    whole = programme.whole
    wishes = {f"{one.party}/{one.id}": wish_of(one) for one in interests}
    asked = {name: whole.requirements[name] for name in requirements} | {
        name: one.model_copy(update={"id": name}) for name, one in wishes.items()
    }
    for name, bound in (needed or {}).items():
        asked[at_needed(name)] = _bounded(whole.requirements[name], bound).model_copy(update={"id": at_needed(name)})
    if not asked:
        return {}
    alone = replace(whole, requirements=asked, interests={}, hidden=frozenset(), behind=None)
    found = verify(alone, store, only=asked, progress=progress, cancelled=cancelled)
    return {one.requirement: _sure(one, asked[one.requirement]) for one in found.verdicts}


def at_needed(requirement: str) -> str:
    """Under which name a requirement stands that is held against the bound that a settlement needs."""
    return f"{requirement} as needed"


def _bounded(one: Requirement, bound: float) -> Requirement:
    """The same with another bound, in the unit of its measure."""
    unit = find_measure(one.procedure, one.measure, "")[1].unit
    key = "at_least" if one.at_least is not None else "at_most"
    return one.model_copy(update={key: bound if unit == "1" else f"{bound!r} {unit}"})


def _sure(one: Verdict, asked: Requirement) -> Sure:
    said = in_each(lambda language: value_text(one, language))
    margin = robust_margin(one, CONFORMS)
    kept = None
    if margin is not None and one.bound is not None:
        kept = outward(one.bound + asked.sign * margin, at_least=asked.sign > 0.0)
    numbers = (one.value, one.expanded, one.probability)
    return Sure(one.verdict, *numbers, said, kept, one.why, dict(one.tables), unstated_said(one.unstated))

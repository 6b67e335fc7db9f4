"""Interests: what is wrong with them, and who gains and loses by a change, held against what its parties want today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pydantic.dataclasses import dataclass

from covolt import units
from covolt.errors import InputError, Problem
from covolt.programme.documents import Programme
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.text import LARGEST, quantity_si
from covolt.study.procedures.registry import find_measure
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.attribution import differences_of
from covolt.study.verdicts.bench import Bench, Progress
from covolt.study.verdicts.levels_known import what_levels_lack
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import given_under, verify
from covolt.words import Phrase, joined, text

__all__ = ["Gain", "gains_of", "interest_problems", "wish_of"]

NEAR = 1e-12
"""Share of a number that is no way from worst to aspiration: steps over it would be rounding alone."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Gain:
    """What a change does for one interest: its measure before and after with U, and how far each is from the worst that is
    acceptable (0) to what is hoped for (1). `gain` is that times the weight, and `by` who brought it, summing to it.
    """

    interest: str
    title: Said
    party: str
    procedure: str
    measure: str
    unit: str
    weight: Number
    worst_acceptable: Number
    aspiration: Number
    before: Number
    after: Number
    before_expanded: Number | None
    after_expanded: Number | None
    reached_before: Number
    reached_after: Number
    gain: Number
    by: Mapping[str, Number]


def interest_problems(programme: Programme) -> list[Problem]:
    """Interests whose procedure, measure, dimension or conditions do not exist, or that ask what no party can answer."""
    return [problem for one in programme.interests.values() for problem in _faults(programme, one)]


def _faults(programme: Programme, one: Interest) -> list[Problem]:
    try:
        procedure, measure = find_measure(one.procedure, one.measure, programme.where("interest", one.id, "measure"))
    except InputError as error:
        return list(error.problems)
    found: list[Problem] = []
    sides = (("worst_acceptable", one.worst_acceptable), ("aspiration", one.aspiration))
    for key, written in sides:
        if quantity_si(written)[1] != measure.si_unit:
            what = text("{measure} is in {unit}, not {written}", measure=measure.id, unit=measure.unit, written=written)
            hint = text("write it in a unit such as {unit}", unit=measure.unit)
            found.append(Problem(what, programme.where("interest", one.id, key), hint))
    worst, hoped = (quantity_si(written)[0] for _, written in sides)
    if abs(hoped - worst) <= max(NEAR * max(abs(worst), abs(hoped)), 1.0 / LARGEST):
        what = text("worst_acceptable and aspiration are the same, so that nothing is gained between them")
        hint = text("write what would be better, or state a requirement")
        found.append(Problem(what, programme.where("interest", one.id, "aspiration"), hint))
    given = given_under(wish_of(one), {})
    for problem in procedure.problems(given, programme.charter.vehicle.category):
        found.append(Problem(problem.what, programme.where("interest", one.id, problem.where), problem.hint))
    return found + what_levels_lack(programme, one, given)


def wish_of(one: Interest) -> Requirement:
    """An interest as a wish for its worst acceptable value, which is verified and compared as every requirement is."""
    worst, best = one.worst_acceptable, one.aspiration
    rises = quantity_si(best)[0] >= quantity_si(worst)[0]
    return Requirement(
        id=one.id,
        party=one.party,
        title=one.title,
        kind="wish",
        procedure=one.procedure,
        measure=one.measure,
        at_least=worst if rises else None,
        at_most=None if rises else worst,
        conditions=one.conditions,
    )


def gains_of(
    base: Programme,
    head: Programme,
    bench: Bench,
    store: RecordStore,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[Gain], dict[str, Phrase]]:
    """Who gains and loses by what differs between two states, by the interests of today that the reader may see; and why others
    cannot be compared.
    """
    faults = {one.id: _faults(head, one) for one in head.interests.values()}
    apart: dict[str, Phrase] = {
        name: joined([one.what for one in found], "; ") for name, found in faults.items() if found
    }
    wishes = {name: wish_of(one) for name, one in head.interests.items() if name not in apart}
    if not wishes:
        return [], apart
    was, now = (
        replace(one.whole, requirements=wishes, interests={}, hidden=frozenset(), behind=None) for one in (base, head)
    )
    try:
        moved, others = differences_of(was, now, bench)
        names = [one.requirement for one in moved]
        before, after = (
            {
                one.requirement: one
                for one in verify(each, store, only=names, progress=progress, cancelled=cancelled).verdicts
            }
            for each in (was, now)
        )
    except InputError as error:
        # An earlier state may hold what this covolt refuses.
        why = joined([one.what for one in error.problems], "; ")
        return [], apart | dict.fromkeys(wishes, why)
    apart |= others
    found: list[Gain] = []
    for one in moved:
        stated = head.interests[one.requirement]
        factor = units.unit(one.unit)
        worst, best = (factor.from_si(quantity_si(each)[0]) for each in (stated.worst_acceptable, stated.aspiration))
        share = stated.weight / abs(best - worst)
        side = 1.0 if best > worst else -1.0
        sides: list[Verdict] = [before[one.requirement], after[one.requirement]]
        found.append(
            Gain(
                interest=stated.id,
                title=stated.title.words,
                party=stated.party,
                procedure=stated.procedure,
                measure=stated.measure,
                unit=one.unit,
                weight=stated.weight,
                worst_acceptable=worst,
                aspiration=best,
                before=worst + side * one.before,
                after=worst + side * one.after,
                before_expanded=sides[0].expanded,
                after_expanded=sides[1].expanded,
                reached_before=one.before / abs(best - worst),
                reached_after=one.after / abs(best - worst),
                gain=share * one.total,
                by={party: share * each for party, each in one.contributions.items() if each},
            )
        )
    return found, apart

"""Sureness: how probably a vehicle meets each requirement, with which margin for sure, and whose numbers leave it open."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import final

from covolt import units
from covolt.programme.documents import Programme
from covolt.study.designs.evaluation import Asked
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.result import Number
from covolt.study.verdicts.bench import Bench, Progress, Setting, Task
from covolt.study.verdicts.records import KeptRecords, RecordStore
from covolt.study.verdicts.unstated import UnstatedNumbers, is_sure
from covolt.study.verdicts.unstated_number import unstated_said
from covolt.study.verdicts.variation import Sheets, Variation, World, moving, variations
from covolt.study.verdicts.verdict import Verdict, combined
from covolt.study.verdicts.verification import verdict_of
from covolt.words import Phrase, Words

__all__ = ["Judged", "judged", "robust_margin", "shares_of"]

NOTHING: Phrase = Words()
MODEL = ""
"""In place of a party: the generic numbers of covolt's models."""


@final
@dataclass(frozen=True)
class Judged:
    """A requirement held against a vehicle with all that is uncertain of it, to first order, and how far that is from straight.

    `bend` is by how much the mean of the value lies off the value itself, sum of y'' u^2 / 2 over the numbers, in the unit of
    the measure; NaN where the value with some number moved is not there, or is open.
    """

    asked: Asked
    verdict: Verdict
    record: Record
    bend: Number
    unstated: Phrase = NOTHING
    """Declared numbers without a stated uncertainty, on which it rests alone."""


def judged(
    programme: Programme,
    sheets: Sheets,
    asked: Sequence[Asked],
    *,
    store: RecordStore | None = None,
    threads: int = 2,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Judged, ...]:
    """Requirements held against the vehicle that datasheets make, each uncertain number moved up and down by its u.

    Of today's vehicle the numbers are those of `covolt verify`, from the same records. Parts with models of their own are what
    they declare.

    Raises:
        InputError: no vehicle can be joined of the datasheets.
        Cancelled: where `cancelled` says so.
    """
    varied = variations(sheets)
    bench = Bench(Setting.of(programme.whole), store or KeptRecords.own())
    procedures = {(one.procedure.id, one.given): one.procedure for one in asked}
    own = World(sheets)
    tasks = [
        Task(procedure, given, *world)
        for (_, given), procedure in procedures.items()
        for world in ((own, True), *((side, False) for one in moving(procedure, varied) for side in (one.up, one.down)))
    ]
    bench.do_all(tasks, threads, progress, cancelled)
    unstated = UnstatedNumbers(bench, sheets)
    return tuple(
        _judged(bench, one, sheets, _sides(bench, one.procedure, one.given, varied), unstated) for one in asked
    )


Side = tuple[Variation, Record, Record]


def _sides(bench: Bench, procedure: Procedure, given: Given, varied: Sequence[Variation]) -> list[Side]:
    return [
        (one, bench.measures(procedure, given, one.up), bench.measures(procedure, given, one.down))
        for one in moving(procedure, varied)
    ]


def _judged(bench: Bench, one: Asked, sheets: Sheets, sides: Sequence[Side], unstated: UnstatedNumbers) -> Judged:
    record = bench.record(one.procedure, one.given, sheets)
    verdict = verdict_of(one.requirement, one.measure, record, sides, sheets)
    bend_si = sum(_bend_si(each, record, one.measure.id) for each in sides)
    alone = unstated_said(unstated.behind(verdict, one.procedure, one.given))
    return Judged(one, verdict, record, bend_si / units.unit(one.measure.unit).factor, alone)


def _bend_si(side: Side, record: Record, measure: str) -> float:
    """Half of y'' u^2 by the values with a number moved up and down, by its u or by less; 0 where it moves to one side alone."""
    variation, above, below = side
    up, down = variation.step_fractions
    if up <= 0.0 or down <= 0.0:
        return 0.0
    value, high, low = (one.measures.get(measure, math.nan) for one in (record, above, below))
    return (down * (high - value) + up * (low - value)) / (up * down * (up + down))


def shares_of(verdict: Verdict) -> dict[str, float]:
    """Share of the variance of a value by party, that of covolt's generic numbers under no name; they sum to one.

    Parties are independent of each other and of the models, so that shares add up; what binds generic numbers to each other stays
    within theirs. Empty where nothing is uncertain, or by rounding alone.
    """
    if is_sure(verdict):
        return {}
    law = worst_law_of(verdict)
    whole = combined(verdict.contributions, law) ** 2
    if whole <= 0.0:
        return {}
    found: dict[str, float] = {}
    for one in verdict.contributions:
        if one.origin == "input":
            party = one.party or one.slot
            found[party] = found.get(party, 0.0) + one.of(law) ** 2 / whole
    model = combined([one for one in verdict.contributions if one.origin == "model"], law) ** 2 / whole
    return dict(sorted(found.items())) | ({MODEL: model} if model else {})


def worst_law_of(verdict: Verdict) -> str:
    """The law with the least margin, of whose value a verdict tells; no name where laws do not disagree."""
    return min(verdict.laws, key=lambda law: verdict.laws[law], default="")


def robust_margin(verdict: Verdict, sureness_fraction: float) -> float | None:
    """The margin that is surely there: m with P(margin >= m) = `sureness_fraction`, over all laws where they disagree.

        m = margin - z u,  Phi(z) = `sureness_fraction`, of one law

    None where nobody can say how far the value moves. Where nothing is uncertain it is the margin, the least by any law.
    """
    if verdict.margin is None or verdict.uncertainty is None or verdict.probability is None:
        return None
    spreads = {law: combined(verdict.contributions, law) for law in verdict.margins}
    z = NormalDist().inv_cdf(sureness_fraction)
    # Between what the law of the least and of the greatest gives alone lies what all give together.
    alone = [margin - z * spreads[law] for law, margin in verdict.margins.items()]
    low, high = min(alone), max(alone)
    if min(spreads.values()) <= 0.0:
        return low
    for _ in range(100):
        middle = 0.5 * (low + high)
        if _sure_of(verdict.margins, spreads, middle) >= sureness_fraction:
            low = middle
        else:
            high = middle
    return low


def _sure_of(margins: Mapping[str, float], spreads: Mapping[str, float], bound: float) -> float:
    return sum(NormalDist(margin, spreads[law]).cdf(2.0 * margin - bound) for law, margin in margins.items()) / len(
        margins
    )

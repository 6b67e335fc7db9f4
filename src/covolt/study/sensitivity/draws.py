"""Draws: the vehicle with every uncertain number drawn at once, many times, and how often each requirement is met then."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.errors import CovoltError
from covolt.library.generic import correlation
from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.progress import Progress
from covolt.simulation.many import ManyRunner
from covolt.simulation.precision import in_64_bits
from covolt.study.designs.evaluation import Asked
from covolt.study.procedures.driving import Batched, side_by_side
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import subjects_of
from covolt.study.verdicts.moved import MOST_TOGETHER
from covolt.study.verdicts.variation import Sheets, Variation, moved_together, moving, variations
from covolt.study.verdicts.verification import nominal_verdict
from covolt.words import Phrase, Words

__all__ = ["Drawn", "draw", "wilson"]

NO_WORDS: Phrase = Words()
Numbers = NDArray[np.float64]
SIDES_OF_95 = 1.959963984540054


@final
@dataclass(frozen=True)
class Drawn:
    """What was drawn of one requirement: its margins (draws, laws), in the unit of the measure; of one column where laws agree.

    Minus infinity, and counted in `missed`, where the vehicle surely misses it whatever the number, such as a speed that it never
    reaches, or a cabin that stays too cold; NaN, and counted in `lost`, where nothing could be found of a draw.
    """

    margins: Numbers
    lost: int
    missed: int = 0
    why: Phrase = NO_WORDS
    """Of the first of the draws that surely miss it without a number."""

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.margins)

    @property
    def probability(self) -> float:
        """The share of draws that conform, in the mean over laws; one of which nothing is known does not."""
        return float((self.margins >= 0.0).mean())

    @property
    def uncertainty(self) -> float:
        """The standard deviation of the margin by the law of the least, over draws with a number."""
        least = self.margins.min(axis=1)
        there = least[np.isfinite(least)]
        return float(there.std(ddof=1)) if len(there) > 1 else math.nan

    @property
    def mean(self) -> tuple[float, float]:
        """The mean of the margin by the law of the least, and its standard uncertainty; NaN where a draw has no number."""
        least = self.margins.min(axis=1)
        if len(least) < 2 or not np.isfinite(least).all():
            return math.nan, math.nan
        return float(least.mean()), float(least.std(ddof=1)) / math.sqrt(len(least))

    def surely(self, sureness_fraction: float) -> float:
        """The margin that so large a share of the draws has at least; minus infinity where too many have no number."""
        ordered = np.sort(np.where(np.isnan(self.margins), -np.inf, self.margins), axis=None)
        return float(ordered[int((1.0 - sureness_fraction) * len(ordered))])


def wilson(probability: float, draws: int, factor: float = SIDES_OF_95) -> tuple[float, float]:
    """Between which ends a probability lies of which a share was seen in so many draws (E. B. Wilson, 1927)."""
    middle = (probability + factor * factor / (2.0 * draws)) / (1.0 + factor * factor / draws)
    half = factor * math.sqrt(probability * (1.0 - probability) / draws + factor * factor / (4.0 * draws * draws))
    half /= 1.0 + factor * factor / draws
    # At no draw, and at all, the interval ends there, whatever rounding leaves.
    if probability in {0.0, 1.0}:
        return (0.0, middle + half) if probability == 0.0 else (middle - half, 1.0)
    return max(0.0, middle - half), min(1.0, middle + half)


@in_64_bits
def draw(
    programme: Programme,
    sheets: Sheets,
    asked: Sequence[Asked],
    *,
    draws: int,
    seed: int = 0,
    threads: int = 2,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Drawn | None, ...]:
    """Draw every uncertain number of a vehicle at once from its normal distribution, and hold each draw against requirements.

    Numbers of the datasheets are independent; generic ones are bound as `covolt.library.generic.correlation` says. Physics ends
    them where it does. Uncertain prices and what parties measure at their levels are drawn beside, as a record states them. None
    stands for a requirement whose measure is open or rests on sides of a step.
    """
    varied = variations(sheets)
    random = np.random.default_rng(seed)
    steps = random.standard_normal((draws, len(varied))) @ _bound(varied).T
    money = np.random.default_rng((seed, 1))
    courses: dict[tuple[str, Given], list[Asked]] = {}
    for one in asked:
        courses.setdefault((one.procedure.id, one.given), []).append(one)
    margins: dict[str, list[Numbers | None]] = {one.name: [] for one in asked}
    reasons: dict[str, Phrase] = {}
    answer = Batched(ManyRunner(threads))
    done, total = 0, draws * len(courses)
    for begin in range(0, draws, MOST_TOGETHER):
        vehicles = _Vehicles(sheets, Setting.of(programme.whole), varied, steps[begin : begin + MOST_TOGETHER])
        for (_, given), these in courses.items():
            records = vehicles.records(these[0].procedure, given, answer, cancelled)
            for one in these:
                for record in records:
                    found = _margins(one, record, money)
                    margins[one.name].append(found)
                    if record is not None and found is not None and np.isneginf(found).any():
                        reasons.setdefault(one.name, _reason(one, record))
            done += len(records)
            progress(done, total)
    return tuple(_drawn(margins[one.name], reasons.get(one.name, NO_WORDS)) for one in asked)


def _bound(varied: Sequence[Variation]) -> Numbers:
    """The root L of the correlations R = L L^T: inputs are independent, generic numbers bound to each other."""
    bound = np.eye(len(varied))
    models = [at for at, one in enumerate(varied) if one.origin == "model"]
    for at in models:
        for other in models:
            bound[at, other] = correlation(varied[at].number, varied[other].number)
    values, vectors = np.linalg.eigh(bound)
    # Correlations that were estimated in pairs may leave a tiny negative rest.
    return vectors * np.sqrt(np.maximum(values, 0.0))


@final
class _Vehicles:
    """Some draws of a vehicle, joined once for all procedures that move the same numbers."""

    def __init__(self, sheets: Sheets, setting: Setting, varied: Sequence[Variation], steps: Numbers) -> None:
        self._sheets, self._setting, self._varied, self._steps = sheets, setting, varied, steps
        self._joined: dict[tuple[tuple[bool, ...], bool], list[Subject | None]] = {}

    def records(
        self, procedure: Procedure, given: Given, answer: Batched, cancelled: Callable[[], bool] | None
    ) -> list[Record | None]:
        """The record of each draw; None of a vehicle that cannot be joined, or driven. Of levels one for all."""
        subjects = self._subjects(procedure)
        askings = [procedure.asking(one, given, protocol=False) for one in subjects if one is not None]
        found = iter(side_by_side(askings, answer=answer, cancelled=cancelled))
        records = [None if one is None else _whole(next(found)) for one in subjects]
        return records * len(self._steps) if procedure.reads_levels else records

    def _subjects(self, procedure: Procedure) -> list[Subject | None]:
        move = {id(one) for one in moving(procedure, self._varied)}
        moves = tuple(id(one) in move for one in self._varied)
        key = (moves, procedure.reads_levels)
        if key not in self._joined:
            steps = np.where(np.array(moves, dtype=bool), self._steps, 0.0)
            rows = steps[:1] if procedure.reads_levels else steps
            worlds = [moved_together(self._sheets, row.tolist()) for row in rows]
            found = subjects_of(worlds, self._setting.frame, "vehicle", moved=True, terms=self._setting.terms)
            self._joined[key] = [None if isinstance(one, CovoltError) else one for one in found]
        return self._joined[key]


def _whole(found: Record | CovoltError) -> Record | None:
    return None if isinstance(found, CovoltError) else found


def _margins(one: Asked, record: Record | None, money: np.random.Generator) -> Numbers | None:
    """Margins by law of one draw; None where the measure is open."""
    if record is None:
        return np.array([np.nan])
    measure = one.measure
    if measure.id in record.open:
        return None
    priced = sum(u * money.standard_normal() for _, u in sorted(record.unsure.get(measure.id, {}).items()))
    verdict = nominal_verdict(one.requirement, measure, record)
    if measure.id in record.shortfalls or (verdict.margin is None and verdict.verdict == "not met"):
        return np.array([-np.inf])
    if verdict.margin is None:
        return np.array([np.nan])
    off = one.requirement.sign * priced / units.unit(measure.unit).factor
    return np.array([margin + off for _, margin in sorted(verdict.margins.items())])


def _reason(one: Asked, record: Record) -> Phrase:
    """Why a vehicle misses a requirement whatever its number."""
    return record.shortfalls.get(one.measure.id) or record.missing.get(one.measure.id) or NO_WORDS


def _drawn(found: Sequence[Numbers | None], why: Phrase) -> Drawn | None:
    there = [one for one in found if one is not None]
    if len(there) < len(found):
        return None
    laws = max(len(one) for one in there)
    margins = np.stack([one if len(one) == laws else np.full(laws, one[0]) for one in there])
    return Drawn(margins, int(np.isnan(margins).any(axis=1).sum()), int(np.isneginf(margins).any(axis=1).sum()), why)

"""Judged anew: whether the rows that a settlement is signed by are what the programme gives, and what its verification says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.study.designs.chunks import chunks_of
from covolt.study.designs.evaluation import Asked, Evaluation, Rows
from covolt.study.designs.plan import SEARCHES
from covolt.study.designs.sampling import sample
from covolt.study.designs.space import DesignSpace
from covolt.study.negotiation.card import Sure
from covolt.study.negotiation.outcome import Outcome
from covolt.study.negotiation.protocol import Settled
from covolt.study.negotiation.question import Study
from covolt.words import Phrase, joined, text

__all__ = ["brings_models", "row_problems", "verified_problems"]

RELATIVE = 1e-9
"""Share of a number, or of the bound that it is held against, that is what rounding left of equality."""
DIGITS = 10
"""Significant digits of the two numbers that differ."""
ABSENT = text("nothing")


def row_problems(programme: Programme, space: DesignSpace, study: Study, rows: Sequence[int]) -> list[Problem]:
    """What some rows of a study say otherwise than the programme gives today for the same designs.

    Args:
        programme: as the reader of the study sees it.
        space: that the study is of.
        study: as it was read.
        rows: of its table.
    """
    plan, table, at = study.plan, study.table, list(rows)
    strange = [*_strange(space, study, at)]
    if strange:
        return strange
    evaluation = Evaluation(programme, space, only=plan.only or None)
    found = evaluation.evaluate(table.values_in(space)[at])
    return [
        one
        for place, row in enumerate(at)
        for one in (
            *_requirements(study, evaluation, found, place, row),
            *_interests(study, evaluation, found, place, row),
        )
    ]


def _strange(space: DesignSpace, study: Study, rows: Sequence[int]) -> Iterator[Problem]:
    """Rows whose design is none that the plan of their study has."""
    plan, table = study.plan, study.table
    values = table.values_in(space)
    if plan.method in SEARCHES:
        due = space.nearest(values)
    else:
        due = sample(space, plan.sampling, count=plan.designs, seed=plan.seed, levels=plan.levels)
    for row in rows:
        design = int(table.design[row])
        if int((table.design == design).sum()) > 1:
            yield _problem(study, design, text("it is there twice"))
            continue
        wanted = due[row] if plan.method in SEARCHES else due[design] if 0 <= design < len(due) else None
        if wanted is None or not np.allclose(values[row], wanted, rtol=RELATIVE, atol=0.0):
            yield _problem(study, design, text("what moves has other values than the study's plan gives"))


def _requirements(study: Study, evaluation: Evaluation, found: Rows, place: int, row: int) -> Iterator[Problem]:
    table, design = study.table, int(study.table.design[row])
    for column, one in enumerate(evaluation.requirements):
        if one.name not in table.requirements:
            yield _problem(study, design, text("it says nothing of {name}", name=one.name))
            continue
        own = table.requirements.index(one.name)
        scale = _scale(one)
        value, margin = found.found[place, column], found.margins[place, column]
        then, now = str(table.verdicts[row, own]), str(found.verdicts[place, column])
        if not _same(table.found[row, own], value, scale):
            yield _differs(study, design, one.name, one.unit, table.found[row, own], value)
        elif not _same(table.margins[row, own], margin, scale):
            yield _differs(study, design, one.name, one.unit, table.margins[row, own], margin)
        elif then != now and not abs(margin) <= RELATIVE * scale:
            what = text("{name}: the study says {then}, judged anew it is {now}", name=one.name, then=then, now=now)
            yield _problem(study, design, what)


def _interests(study: Study, evaluation: Evaluation, found: Rows, place: int, row: int) -> Iterator[Problem]:
    table, design = study.table, int(study.table.design[row])
    for column, one in enumerate(evaluation.interests):
        if one.name not in table.interests:
            yield _problem(study, design, text("it says nothing of {name}", name=one.name))
            continue
        then, now = table.interest_values[row, table.interests.index(one.name)], found.interests[place, column]
        if not _same(then, now, _scale(one)):
            yield _differs(study, design, one.name, one.unit, then, now)


def _scale(one: Asked) -> float:
    """Magnitude of the bound of what is asked, in the unit in which values are told."""
    return abs(units.unit(one.unit).from_si(one.requirement.bound_si[0]))


def _same(before: float, after: float, scale: float) -> bool:
    """Whether two numbers are one but for rounding; that there is none is the same on both sides alone."""
    if not (np.isfinite(before) and np.isfinite(after)):
        return bool(before == after or (np.isnan(before) and np.isnan(after)))
    return bool(abs(before - after) <= RELATIVE * max(abs(before), abs(after), scale))


def _differs(study: Study, design: int, name: str, unit: str, before: float, after: float) -> Problem:
    what = text(
        "{name}: the study says {then}, judged anew it is {now}",
        name=name,
        then=_told(before, unit),
        now=_told(after, unit),
    )
    return _problem(study, design, _by(what, before, after, unit))


def _by(what: Phrase, before: float, after: float, unit: str) -> Phrase:
    """The same with how far two numbers lie apart, where both are there."""
    if not (np.isfinite(before) and np.isfinite(after)):
        return what
    return joined((what, text("{by} apart", by=_told(abs(after - before), unit, 3))), ", ")


def _told(value: float, unit: str, digits: int = DIGITS) -> Phrase | str:
    """A number in some significant digits, and never fewer than stand before its point."""
    if not np.isfinite(value):
        return ABSENT
    before = math.floor(math.log10(abs(value))) + 1 if value else 1
    said = f"{value:.{max(digits, min(before, DIGITS))}g}"
    return said if unit == "1" else f"{said} {unit}"


def _problem(study: Study, design: int, what: Phrase) -> Problem:
    """Of a row, with the file in which it stands."""
    whole = text("design {design}: {what}", design=design, what=what)
    at = next((one.file for one in chunks_of(study.plan.count, study.plan.chunk) if one.begin <= design < one.end), "")
    return Problem(whole, str(study.folder / at) if at else str(study.folder), _hint())


def _hint() -> Phrase:
    return text("the rows are not what the programme gives: run the study anew in another folder: covolt study run")


def verified_problems(outcome: Outcome) -> list[Problem]:
    """Where the study's number of today's vehicle or of the settled one is another than its verification has.

    Of a part that brings a model of its own both may be right: it is asked itself when it is verified, and stands in a study by
    what it declares (`brings_models`).
    """
    if not isinstance(outcome.found, Settled):
        return []
    question = outcome.question
    rows: tuple[tuple[int | None, Mapping[str, Sure]], ...] = (
        (question.today, outcome.before),
        (outcome.found.row, outcome.after),
    )
    stated = _numbers(outcome)
    problems: list[Problem] = []
    for row, sure in rows:
        if row is None:
            continue
        for name, (unit, scale, values) in stated.items():
            found = sure.get(name)
            if found is None or found.value is None or _same(float(values[row]), found.value, scale):
                continue
            then, now = float(values[row]), found.value
            what = text(
                "{name}: the study says {then}, and its verification {now}",
                name=name,
                then=_told(then, unit),
                now=_told(now, unit),
            )
            problems.append(_problem(question.study, question.design(row), _by(what, then, now, unit)))
    return problems


def brings_models(space: DesignSpace) -> bool:
    """Whether a part that is locked or can be chosen brings a model of its own."""
    return any(one.model.file is not None for one in (*space.locked.values(), *space.offers.values()))


def _numbers(outcome: Outcome) -> dict[str, tuple[str, float, NDArray[np.float64]]]:
    """By requirement, and interest as `PARTY/ID`, its unit, the magnitude of its bound and its values by row."""
    question, case = outcome.question, outcome.question.case
    numbers: dict[str, tuple[str, float, NDArray[np.float64]]] = {}
    for at, (one, asked) in enumerate(zip(question.requirements, case.demanded, strict=True)):
        bound = abs(units.unit(asked.unit).from_si(one.bound_si[0]))
        numbers[one.id] = (asked.unit, bound, question.found[:, at])
    for at, stake in enumerate(case.stakes):
        numbers[f"{stake.party}/{stake.interest}"] = (stake.unit, abs(stake.worst), case.values[:, at])
    return numbers

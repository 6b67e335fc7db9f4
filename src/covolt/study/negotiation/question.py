"""The question of a negotiation: what studies of a programme say of every interest and requirement, as its mediator sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import final

import numpy as np

from covolt import units
from covolt.errors import Conflict, InputError, NotFound, Problem
from covolt.programme.documents import Programme
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.text import quantity_si
from covolt.study.designs.plan import PLAN, StudyPlan
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.study_table import StudyTable
from covolt.study.negotiation.admission import Demanded
from covolt.study.negotiation.agreeing import Column, columns_of, demand_agreement, demand_same_values
from covolt.study.negotiation.gains import Stake, Table
from covolt.study.negotiation.protocol import Case
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import find_measure
from covolt.study.verdicts.interests import wish_of
from covolt.study.verdicts.verification import given_of, given_under
from covolt.words import text

__all__ = ["Question", "Study", "question_of"]

TODAY = 0
"""The design of a study that is today's vehicle."""
Asked = tuple[str, str, Given]
"""Procedure, measure and conditions: what is the same question of a vehicle, whoever asks it."""


@final
@dataclass(frozen=True)
class Study:
    """A study as it was read: its folder, its plan, its table, and the digest by which it is named."""

    folder: Path
    plan: StudyPlan
    table: StudyTable
    digest: str


@final
@dataclass(frozen=True, eq=False)
class Question:
    """Everything that the mediator weighs. No party sees it: what each may see are cards and proposals.

    `interests` stand as the stakes of the case do, `requirements` as what it demands. `unanswered` are interests that no study
    has a column for, `unknown` requirements of which no design is known, `missing` negotiable ones that no study has. `study` is
    the first of `studies`, whose table the others share.
    """

    programme: Programme
    space: DesignSpace
    study: Study
    studies: tuple[Study, ...]
    case: Case
    interests: tuple[Interest, ...]
    requirements: tuple[Requirement, ...]
    found: Table
    verdicts: tuple[tuple[str, ...], ...]
    unanswered: tuple[Interest, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def today(self) -> int | None:
        """Row of today's vehicle; None where the study has not come to it."""
        rows = np.flatnonzero(self.study.table.design == TODAY)
        return int(rows[0]) if rows.size else None

    @cached_property
    def values(self) -> Table:
        """The designs (designs, variables) in the units of the space, of a choice the places of its offers there."""
        return self.study.table.values_in(self.space)

    def under(self, case: Case) -> Question:
        """The same with what owners now accept of their requirements."""
        return replace(self, case=case)

    def design(self, row: int) -> int:
        """Number of a design in its study."""
        return int(self.study.table.design[row])


@final
@dataclass(frozen=True)
class _Columns:
    """Columns of all studies: values of what was asked of every design."""

    interests: Mapping[str, Table]
    requirements: Mapping[str, tuple[Table, Table, tuple[str, ...]]]


def question_of(programme: Programme, space: DesignSpace, studies: Sequence[Study]) -> Question:
    """What studies of one programme, all of the same designs, say of its interests and requirements.

    An interest is answered by its own column, or by that of a requirement that asks for the same measure by the same procedure
    under the same conditions.

    Args:
        programme: whole.
        space: the design space that the first study is of.
        studies: the first is shared, others may be those of single parties, who alone run what is their own.

    Raises:
        Conflict: the studies are of different designs, or say two things of one.
        InputError: they do not answer what must be kept, or there is nothing to negotiate.
    """
    _demand_same_designs(studies)
    columns = _columns(studies)
    _demand_one_answer(programme, studies)
    asked = {name: _asked_of(programme, one) for name, one in programme.requirements.items() if one.measure}
    answers = {asked[name]: found for name, (found, _, _) in columns.requirements.items() if name in asked}
    interests = sorted(programme.interests.values(), key=lambda one: (one.party, one.id))
    values = {one.id: _answer(columns, answers, one) for one in interests}
    answered = tuple(one for one in interests if values[one.id] is not None)
    known, unknown, missing = _requirements(programme, columns)
    if not answered:
        hint = text("let parties state what they want: PARTY/interests/NAME.toml; then run the study anew")
        raise InputError(Problem(text("no study answers an interest: there is nothing to negotiate"), "--study", hint))
    demanded = [_demanded(programme, one, columns, asked, answered) for one in known]
    first = studies[0].table
    own = [found for one in answered if (found := values[one.id]) is not None]
    case = Case(
        stakes=tuple(_stake(one) for one in answered),
        values=np.column_stack(own),
        demanded=tuple(demanded),
        margins=_stacked([_margins(columns, one.id) for one in known], first.designs),
        order=_order(space, first.values_in(space)),
    )
    return Question(
        programme=programme,
        space=space,
        study=studies[0],
        studies=tuple(studies),
        case=case,
        interests=answered,
        requirements=tuple(known),
        found=_stacked([columns.requirements[one.id][0] for one in known], first.designs),
        verdicts=tuple(columns.requirements[one.id][2] for one in known),
        unanswered=tuple(one for one in interests if values[one.id] is None),
        unknown=tuple(unknown),
        missing=tuple(missing),
    )


def _stacked(columns: Sequence[Table], rows: int) -> Table:
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def _demand_same_designs(studies: Sequence[Study]) -> None:
    first = studies[0].table
    problems = [
        Problem(
            text("it has other designs than {folder}", folder=str(studies[0].folder)),
            str(one.folder / PLAN),
            text("run it of the same programme with the same --designs, --method and --seed"),
        )
        for one in studies[1:]
        if one.table.variables != first.variables
        or not np.array_equal(one.table.design, first.design)
        or one.table.choices != first.choices
        or not np.array_equal(one.table.values, first.values)
    ]
    if problems:
        raise Conflict(problems)


def _columns(studies: Sequence[Study]) -> _Columns:
    """What all studies say; raises where two of them say two things."""
    found = demand_agreement(studies)
    interests = {name: one.values for name, one in found.items() if one.margins is None}
    requirements = {
        name: (one.values, one.margins, one.words) for name, one in found.items() if one.margins is not None
    }
    return _Columns(interests, requirements)


def _demand_one_answer(programme: Programme, studies: Sequence[Study]) -> None:
    """Refuse studies in which one question about a vehicle, asked from one side, has two answers."""
    wishes = {f"{one.party}/{one.id}": one for one in programme.interests.values()}
    asked: list[tuple[object, Column]] = []
    for column in (one for study in studies for one in columns_of(study)):
        wish, stated = wishes.get(column.name), programme.requirements.get(column.name)
        if wish is not None:
            asked.append(((_wanted(wish), wish_of(wish).sign), column))
        elif stated is not None and stated.measure:
            asked.append(((_asked_of(programme, stated), stated.sign), column))
    demand_same_values(asked)


def _asked_of(programme: Programme, one: Requirement) -> Asked:
    return one.procedure, one.measure, given_of(one, programme)


def _wanted(one: Interest) -> Asked:
    return one.procedure, one.measure, given_under(wish_of(one), {})


def _answer(columns: _Columns, answers: Mapping[Asked, Table], one: Interest) -> Table | None:
    """Values of an interest, in the unit of its measure; None where no column has them."""
    own = columns.interests.get(f"{one.party}/{one.id}")
    return own if own is not None else answers.get(_wanted(one))


def _unit(procedure: str, measure: str) -> str:
    return find_measure(procedure, measure, "")[1].unit


def _stake(one: Interest) -> Stake:
    name = _unit(one.procedure, one.measure)
    worst, aspiration = (
        units.unit(name).from_si(quantity_si(each)[0]) for each in (one.worst_acceptable, one.aspiration)
    )
    return Stake(one.party, one.id, worst, aspiration, one.weight, name)


def _margins(columns: _Columns, name: str) -> Table:
    """Margins of a requirement; what is met without a number has none to spare, and what is not met is missed by any.

    The verdict counts: a margin that says otherwise is that of another side of a step.
    """
    _, margins, words = columns.requirements[name]
    said = np.array(words)
    filled = np.where(~(margins >= 0.0) & (said == "met"), 0.0, margins)
    return np.where(~(margins < 0.0) & (said == "not met"), -np.inf, filled)


def _requirements(programme: Programme, columns: _Columns) -> tuple[list[Requirement], list[str], list[str]]:
    """Requirements that a study knows anything of, those of which none does, and negotiable ones that none has.

    Raises:
        NotFound: a law or a fixed requirement is in no study.
    """
    known: list[Requirement] = []
    unknown: list[str] = []
    missing: list[str] = []
    problems: list[Problem] = []
    for name, one in sorted(programme.requirements.items()):
        if one.verify.method == "document":
            continue
        if name in columns.requirements:
            margins = _margins(columns, name)
            if np.isnan(margins).all():
                unknown.append(name)
            else:
                known.append(one)
        elif one.firmness == "negotiable":
            missing.append(name)
        else:
            what = text("{name} must be kept, and no study asks for it", name=name)
            hint = text(
                "run the study without --only; what {party} keeps as its own, as --party {party}", party=one.party
            )
            problems.append(Problem(what, programme.where("requirement", name), hint))
    if problems:
        raise NotFound(problems)
    return known, unknown, missing


def _demanded(
    programme: Programme,
    one: Requirement,
    columns: _Columns,
    asked: Mapping[str, Asked],
    interests: Sequence[Interest],
) -> Demanded:
    """A requirement at the table, and how far it may move by what its owner states that it accepts of the same measure."""
    name = _unit(one.procedure, one.measure)
    unit = units.unit(name)
    bound = unit.from_si(one.bound_si[0])
    margins = columns.requirements[one.id][1]
    finite = margins[np.isfinite(margins)]
    scale = abs(bound) or float(np.max(np.abs(finite), initial=0.0)) or 1.0
    stated = [
        max(0.0, one.sign * (bound - stake.worst))
        for each in interests
        if each.party == one.party and _wanted(each) == asked[one.id] and wish_of(each).sign == one.sign
        for stake in (_stake(each),)
    ]
    firm = one.kind == "law" or one.firmness == "fixed"
    return Demanded(one.id, one.party, name, firm, scale, one.kind, None if firm or not stated else min(stated))


def _order(space: DesignSpace, values: Table) -> Table:
    """What decides between designs that are equal by the rule: the least way from today's vehicle, then the least values.

    The way is the sum over variables of |value - locked| / (highest - lowest), of a choice 1 where it is another.
    """
    locked = space.at_locked
    ways = np.zeros(len(values))
    for at, one in enumerate(space.variables):
        moved = np.abs(values[:, at] - locked[at])
        ways += (moved > 0.0) if one.choices else moved / ((one.highest - one.lowest) or 1.0)
    return np.column_stack([np.round(ways, 12), values])

"""The use case `study optimise`: the best vehicles of a programme's design space, searched, and written as a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from pydantic.dataclasses import dataclass

from covolt.errors import InputError, NotFound, Problem
from covolt.study.cases.options import Findings, Progress, silent
from covolt.study.cases.study import StudyDone, find_inside
from covolt.study.cases.study_shown import LimitOfDesign, left_by
from covolt.study.result import RESULT, Number
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.study.designs.plan import SearchMethod, SearchPlan, StudyPlan
    from covolt.study.designs.space import DesignSpace
    from covolt.study.designs.study_table import StudyTable
    from covolt.study.search.objectives import Aim

__all__ = ["FrontDesign", "FrontDocument", "ObjectiveOfSearch", "front", "optimise", "resumed"]

ContractsWay = Literal["keep", "may-move"]
POPULATION, GENERATIONS = 40, 25
MOST_POPULATION, MOST_GENERATIONS = 10_000, 100_000
CONTRACTS: tuple[ContractsWay, ...] = ("keep", "may-move")
MOST_SETS = 12
"""Smallest sets of demands that are listed where no design meets all."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class ObjectiveOfSearch:
    """One objective of a search: today's value, and the best of all designs that meet what is demanded, in its unit."""

    objective: str
    unit: str
    direction: Literal["max", "min"]
    today: Number | None
    best: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class FrontDesign:
    """One design than which no other is better in one objective and worse in none."""

    design: int
    objectives: Mapping[str, Number]
    """By objective with its unit."""
    values: Mapping[str, Number | str]
    """By variable with its unit."""
    leaves: tuple[LimitOfDesign, ...]
    """Limits of contracts that it leaves."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class FrontDocument:
    """What a search has found so far: the best designs, or what excludes every design."""

    programme: str
    method: Literal["pareto", "gradient"]
    seed: int
    written: int
    evaluations: int | None
    of_differences: tuple[str, ...]
    objectives: tuple[ObjectiveOfSearch, ...]
    meet: tuple[str, ...]
    meeting: int
    contracts: ContractsWay
    leaving: int | None
    front: tuple[FrontDesign, ...]
    excluding: tuple[tuple[str, ...], ...]
    left: int
    today: Mapping[str, Number | str]
    """Values of today's vehicle, by variable with its unit."""
    schema: Literal["study-front/1"] = "study-front/1"


def optimise(  # noqa: PLR0913  what whoever asks may choose
    programme: Path | Programme,
    output: Path,
    *,
    objectives: Sequence[str],
    meet: Sequence[str] = (),
    method: str = "pareto",
    population: int | None = None,
    generations: int | None = None,
    seed: int = 0,
    contracts: str = "keep",
    party: str = "",
    progress: Progress = silent,
    findings: Findings | None = None,
    day: str | None = None,
) -> FrontDocument:
    """Search the space that the owners of a programme declare, and write every design that is looked at into a new folder.

    Args:
        objectives: requirements, interests as `PARTY/ID`, or measures as `PROCEDURE.MEASURE:max` or `:min`.
        meet: requirements that a design must meet to be chosen; `all` of them.
        method: `pareto` for one objective or several; `gradient` for one, from today's vehicle on.
        population: designs of a generation.
        contracts: `keep` to choose no design that leaves a limit of a contract, or `may-move`.
        party: who reads: what others keep as their own is not in it, and its own is.

    Raises:
        InputError: every problem of the programme, the space and the options.
        Conflict: the folder holds a study already.
    """
    from covolt.study.designs.plan import SEARCHES, SearchPlan, plan_of, write_plan
    from covolt.study.designs.space import DesignSpace
    from covolt.study.search.genetic import demand_installed
    from covolt.study.search.objectives import aims_of, meet_of

    findings = findings or Findings()
    read = findings.take(lambda: _read(programme, day))
    if method not in SEARCHES:
        hint = named(method, SEARCHES)
        findings.add(Problem(text("no method '{method}'", method=method), findings.called("method"), hint), NotFound)
    if contracts not in CONTRACTS:
        what = text("'{contracts}' is not possible here", contracts=contracts)
        findings.add(Problem(what, findings.called("contracts"), named(contracts, CONTRACTS)), NotFound)
    _find_wrong(findings, objectives, method, population, generations, seed)
    space = aims = demanded = None
    if read is not None:
        seen = read = findings.seen(read, party)
        find_inside(read, output, findings)
        space = findings.take(lambda: DesignSpace.of(seen))
        aims = findings.take(lambda: aims_of(seen, objectives, findings.called("objective")))
        demanded = findings.take(lambda: meet_of(seen, meet, findings.called("meet")))
    if method == "pareto":
        findings.take(demand_installed)
    findings.demand_none()
    if read is None or space is None or aims is None or demanded is None:
        raise RuntimeError("something could not be read, and no problem says why")
    chosen = cast("SearchMethod", method)
    genetic = chosen == "pareto"
    size, times = population or POPULATION, generations or GENERATIONS
    searched = SearchPlan(
        objectives=tuple(one.written for one in aims),
        meet=tuple(demanded),
        keeps_contracts=contracts == "keep",
        population=size if genetic else None,
        generations=times if genetic else None,
    )
    only = {*(one.asked for one in aims), *demanded}
    most = size * times if genetic else 1
    plan = plan_of(read, space, output, method=chosen, seed=seed, designs=most, only=only)
    plan = plan.model_copy(update={"search": searched})
    write_plan(output, plan)
    _searched(output, plan, searched, read, space, aims, progress)
    return front(output)


def resumed(
    folder: Path, plan: StudyPlan, programme: Path | Programme, *, progress: Progress = silent, day: str | None = None
) -> StudyDone:
    """Go on with a search that was stopped, to the designs that it would have come to.

    Raises:
        Conflict: programme or covolt are not as they were when it was begun.
    """
    from covolt.study.designs.evaluation import asked_of
    from covolt.study.designs.kept import set_apart
    from covolt.study.designs.plan import begun, demand_current, end_plan, read_plan
    from covolt.study.designs.space import DesignSpace
    from covolt.study.designs.study_table import StudyTable
    from covolt.study.search.objectives import aims_of

    plan = begun(plan)
    if plan.search is None:
        raise RuntimeError("this study is no search")
    read = _read(programme, day).seen_by(plan.reader or None)
    space = DesignSpace.of(read)
    demand_current(folder, plan, read, space, judging=True)
    aims = aims_of(read, plan.search.objectives, "")
    apart = set_apart(folder, plan)
    end_plan(folder, plan)  # until it has ended anew
    judged = _searched(folder, plan, plan.search, read, space, aims, progress)
    left_out = asked_of(read, plan.only)[2]
    return StudyDone(folder, read_plan(folder), judged, StudyTable.read(folder).designs, left_out, apart)


def _read(programme: Path | Programme, day: str | None) -> Programme:
    from covolt.study.gate.check import read_whole

    return read_whole(programme, day=day) if isinstance(programme, Path) else programme


def _find_wrong(
    findings: Findings,
    objectives: Sequence[str],
    method: str,
    population: int | None,
    generations: int | None,
    seed: int,
) -> None:
    """What is wrong with the options that no programme decides."""
    if seed < 0:
        what = text("a seed of {seed}", seed=seed)
        findings.add(Problem(what, findings.called("seed"), text("write a whole number from 0 on")))
    sizes = (("population", population, 4, MOST_POPULATION), ("generations", generations, 1, MOST_GENERATIONS))
    for name, number, least, most in sizes:
        if number is None:
            continue
        where = findings.called(name)
        if method == "gradient":
            hint = text("remove it, or take --method pareto")
            findings.add(Problem(text("gradients have no generations"), where, hint))
        elif not least <= number <= most:
            hint = text("give {least} to {most}", least=least, most=most)
            findings.add(Problem(text("{number} is not possible here", number=number), where, hint))
    if method == "gradient" and len(objectives) > 1:
        hint = text("name one and demand the others with --meet, or take --method pareto")
        what = text("{count} objectives, and gradients follow one", count=len(objectives))
        findings.add(Problem(what, findings.called("objective"), hint))


def _searched(
    folder: Path,
    plan: StudyPlan,
    asked: SearchPlan,
    programme: Programme,
    space: DesignSpace,
    aims: Sequence[Aim],
    progress: Progress,
) -> int:
    """Search, write what is looked at, and end the plan; how many designs were judged now."""
    from covolt.study.designs.evaluation import Evaluation
    from covolt.study.designs.plan import end_plan
    from covolt.study.search import pareto, sized
    from covolt.study.search.judged import Judged

    total = plan.count if plan.method == "pareto" else 0
    evaluation = Evaluation(programme, space, only=plan.only)
    kept = (plan.contracts or ()) if asked.keeps_contracts else ()

    def told(count: int) -> None:
        progress(count, max(total, count))

    judged = Judged(programme, evaluation, aims, asked.meet, folder, plan, kept, told)
    problem = judged.problem()
    of_differences: tuple[str, ...] = ()
    if plan.method == "pareto":
        pareto(problem, population=asked.population or 0, generations=asked.generations or 0, seed=plan.seed)
    else:
        straight = {one.name for one in kept}  # of which differences are exact
        names = sized(problem, space.at_locked).of_differences
        of_differences = tuple(one for one in names if one not in straight)
    ended = asked.model_copy(update={"evaluations": judged.known, "of_differences": of_differences})
    end_plan(folder, plan.model_copy(update={"designs": max(judged.written - 1, 1), "search": ended}))
    return judged.judged_now


def front(folder: Path) -> FrontDocument:
    """The best designs of a search so far.

    Raises:
        NotFound: there is no study, or no design of it is written yet.
        InputError: its designs are a sample, which has no objectives.
    """
    from covolt.study.conflicts.posed import margins_of
    from covolt.study.conflicts.sets import conflicts_of
    from covolt.study.designs.contracts import contract_margins
    from covolt.study.designs.plan import PLAN, read_plan
    from covolt.study.designs.study_table import StudyTable
    from covolt.study.search.objectives import objective_of
    from covolt.study.search.problem import Found, SearchProblem

    plan = read_plan(folder)
    if plan.search is None:
        what = text("the designs of this study are a sample, which has no objectives")
        raise InputError(Problem(what, str(folder / PLAN), text("covolt study show {folder}", folder=str(folder))))
    table = StudyTable.read(folder)
    aims = tuple(objective_of(one) for one in plan.search.objectives)
    columns, units = zip(*(_column(table, one.name) for one in aims), strict=True)
    at = [table.requirements.index(one) for one in plan.search.meet]
    margins = margins_of(table.verdicts, table.margins)[:, at]
    limits = plan.contracts or ()
    agreed = contract_margins(limits, table.variables, table.values)
    demands = plan.search.meet
    if plan.search.keeps_contracts:
        demands = (*demands, *(one.name for one in limits))
        margins = np.concatenate([margins, agreed], axis=1)
    found = Found(np.stack(columns, axis=1), margins)
    problem = SearchProblem((), aims, lambda values: found, demands)
    best = problem.best(found)
    best.sort(key=lambda row: tuple(problem.least(found)[row]))
    sets = conflicts_of(~(margins < 0.0), demands, most=MOST_SETS) if not found.kept.any() else None
    today = found.objectives[0] if table.design[0] == 0 else np.full(len(aims), np.nan)
    return FrontDocument(
        programme=plan.programme,
        method=cast("SearchMethod", plan.method),
        seed=plan.seed,
        written=table.designs,
        evaluations=plan.search.evaluations,
        of_differences=plan.search.of_differences,
        objectives=tuple(
            ObjectiveOfSearch(
                objective=one.name,
                unit=unit,
                direction=one.direction,
                today=float(today[place]) if np.isfinite(today[place]) else None,
                best=one.sign * float(problem.least(found)[best, place].min()) if best else None,
            )
            for place, (one, unit) in enumerate(zip(aims, units, strict=True))
        ),
        meet=plan.search.meet,
        meeting=int(found.kept.sum()),
        contracts="keep" if plan.search.keeps_contracts else "may-move",
        leaving=None if plan.contracts is None else int((agreed < 0.0).any(axis=1).sum()),
        front=tuple(
            FrontDesign(
                design=int(table.design[row]),
                objectives={
                    f"{one.name} [{unit}]": float(value)
                    for one, unit, value in zip(aims, units, found.objectives[row], strict=True)
                },
                values=table.of_design(row),
                leaves=left_by(table, limits, row),
            )
            for row in best
        ),
        excluding=sets.sets if sets is not None else (),
        left=sets.left if sets is not None else 0,
        today=table.of_design(0) if table.design[0] == 0 else {},
    )


def _column(table: StudyTable, name: str) -> tuple[np.ndarray, str]:
    """The values of an objective over the designs, and their unit."""
    if name in table.requirements:
        at = table.requirements.index(name)
        return table.found[:, at], table.units[at]
    at = table.interests.index(name)
    return table.interest_values[:, at], table.interest_units[at]

"""The genetic algorithms of pymoo as a search uses them: NSGA-II for one or two objectives, then SMS-EMOA, then NSGA-III."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from covolt.errors import InputError, Problem
from covolt.study.search.problem import Numbers, SearchProblem
from covolt.words import text

__all__ = ["algorithm_of", "demand_installed", "shape_of", "told", "values_of"]

WORST = 1e30
"""In place of what was not found, for an algorithm that needs numbers."""


def _pymoo(module: str) -> Any:
    """A module of pymoo, which has no types.

    Raises:
        InputError: pymoo is not installed.
    """
    try:
        return import_module(f"pymoo.{module}")
    except ImportError as error:
        hint = text("install it: pip install 'covolt[search]'")
        raise InputError(Problem(text("a Pareto search needs the package pymoo"), "pareto", hint)) from error


def demand_installed() -> None:
    """Refuse where pymoo is not installed.

    Raises:
        InputError: it is not.
    """
    _pymoo("core.problem")


def shape_of(problem: SearchProblem) -> Any:
    """Variables, objectives and demands as pymoo has them; with steps or choices its variables are mixed, named by place."""
    counts = {"n_obj": len(problem.objectives), "n_ieq_constr": len(problem.demands)}
    kind = _pymoo("core.problem").Problem
    if all(one.count is None for one in problem.moving):
        ends = np.array([(one.lowest, one.highest) for one in problem.moving])
        return kind(n_var=len(problem.moving), xl=ends[:, 0], xu=ends[:, 1], **counts)
    variable = _pymoo("core.variable")
    made: dict[str, Any] = {}
    for at, one in enumerate(problem.moving):
        if one.count is None:
            made[str(at)] = variable.Real(bounds=(one.lowest, one.highest))
        elif one.choices:
            made[str(at)] = variable.Choice(options=list(range(one.count)))
        else:
            made[str(at)] = variable.Integer(bounds=(0, one.count - 1))
    return kind(vars=made, **counts)


def algorithm_of(problem: SearchProblem, population: int) -> Any:
    """NSGA-II (Deb et al. 2002), with three objectives SMS-EMOA (Beume et al. 2007), with more NSGA-III (Deb and Jain 2014).

    Each is as pymoo sets it by itself. SMS-EMOA keeps what adds most to the hypervolume, which costs too much with many
    objectives. NSGA-III has the reference directions of Das and Dennis (1998), as many as the population has room for.
    """
    objectives = len(problem.objectives)
    tournament = _pymoo("operators.selection.tournament").TournamentSelection
    options: dict[str, Any] = {"pop_size": population}
    if objectives <= 2:
        nsga2 = _pymoo("algorithms.moo.nsga2")
        kind, selection = nsga2.NSGA2, tournament(func_comp=nsga2.binary_tournament)
    elif objectives == 3:
        sms = _pymoo("algorithms.moo.sms")
        kind, selection = sms.SMSEMOA, tournament(func_comp=sms.cv_and_dom_tournament)
    else:
        directions = _pymoo("util.ref_dirs").get_reference_directions
        partitions = _pymoo("util.reference_direction").get_partition_closest_to_points(population, objectives)
        options["ref_dirs"] = directions("das-dennis", objectives, n_partitions=max(partitions, 1))
        kind, selection = _pymoo("algorithms.moo.nsga3").NSGA3, tournament(func_comp=_by_violation)
    if all(one.count is None for one in problem.moving):
        return kind(selection=selection, **options)
    mixed = _pymoo("core.mixed")
    apart = mixed.MixedVariableDuplicateElimination
    mating = mixed.MixedVariableMating(selection=selection, eliminate_duplicates=apart())
    sampling = mixed.MixedVariableSampling()
    return kind(sampling=sampling, mating=mating, eliminate_duplicates=apart(), **options)


def _by_violation(population: Any, pairs: Any, random_state: Any = None, **_: Any) -> Any:
    """Of each pair the one that violates less; of equal ones, and of those that violate nothing, either by the seed.

    pymoo's own for NSGA-III takes of two that violate equally one by chance that no seed decides; else it is the same.
    """
    violations = population.get("CV")[:, 0]
    chosen: list[int] = []
    for a, b in pairs:
        if violations[a] != violations[b]:
            chosen.append(a if violations[a] < violations[b] else b)
        elif a == b and violations[a] > 0.0:
            chosen.append(a)  # a choice by the seed would move it on, which pymoo's own does not
        else:
            chosen.append(random_state.choice([a, b]))
    return np.array(chosen)[:, None].astype(int)


def values_of(problem: SearchProblem, infills: Any) -> Numbers:
    """The designs (designs, variables) that an algorithm asks for."""
    rows = infills.get("X")
    if all(one.count is None for one in problem.moving):
        return np.asarray(rows, dtype=np.float64)
    columns = [np.array([row[str(at)] for row in rows], dtype=np.float64) for at in range(len(problem.moving))]
    placed = zip(columns, problem.moving, strict=True)
    return np.stack([column if one.count is None else one.value(column) for column, one in placed], axis=1)


def told(shape: Any, algorithm: Any, infills: Any, least: Numbers, margins: Numbers) -> None:
    """Tell an algorithm what was found of the designs that it asked for: `least` (designs, objectives) shall be least.

    A design of which an objective was not found is worse than any other, and keeps no demand.
    """
    lost = np.asarray(~np.isfinite(least).all(axis=1))
    found: dict[str, Any] = {"F": np.where(lost[:, None], WORST, least)}
    if margins.shape[1]:
        missed = -np.clip(np.nan_to_num(margins, nan=-WORST), -WORST, WORST)
        found["G"] = np.where(lost[:, None], WORST, missed)
    _pymoo("core.evaluator").Evaluator().eval(_pymoo("problems.static").StaticProblem(shape, **found), infills)
    algorithm.tell(infills=infills)

"""Pareto search: designs than which none is better in one objective and worse in none, generation after generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.errors import Cancelled
from covolt.study.search.genetic import algorithm_of, shape_of, told, values_of
from covolt.study.search.problem import Found, Numbers, SearchProblem

__all__ = ["Front", "pareto"]


@final
@dataclass(frozen=True)
class Front:
    """Where a search ended: the front of its last generation, and every design that it looked at, in their order.

    `values` (designs, variables) are the designs of the front; where no design keeps every demand, it is empty.
    """

    values: Numbers
    found: Found
    looked_at: Numbers
    of_all: Found

    @property
    def evaluations(self) -> int:
        """How many designs were looked at."""
        return len(self.looked_at)


def pareto(
    problem: SearchProblem,
    *,
    population: int,
    generations: int,
    seed: int = 0,
    watch: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Front:
    """Search by a genetic algorithm of pymoo; each generation is one call of `problem.evaluate` with all its designs.

    Where every variable is continuous, the front is that of pymoo called directly with the same seed, to the bit. The same
    problem and seed give the same designs in any case.

    Args:
        watch: told after each generation how many are done.
        cancelled: asked before each generation.

    Raises:
        InputError: the problem is not sound, or pymoo is not installed.
        Cancelled: where `cancelled` says so.
    """
    problem.demand_sound()
    shape, algorithm = shape_of(problem), algorithm_of(problem, population)
    algorithm.setup(shape, termination=("n_gen", generations), seed=seed)
    looked_at: list[Numbers] = []
    of_all: list[Found] = []
    while algorithm.has_next():
        if cancelled():
            raise Cancelled
        infills = algorithm.ask()
        if infills is None or not len(infills):
            break  # there is no further design
        values = values_of(problem, infills)
        found = problem.evaluate(values)
        told(shape, algorithm, infills, problem.least(found), found.margins)
        looked_at.append(values)
        of_all.append(found)
        watch(len(of_all))
    every = np.concatenate(looked_at)
    whole = Found(np.concatenate([one.objectives for one in of_all]), np.concatenate([one.margins for one in of_all]))
    last = values_of(problem, algorithm.opt)
    rows = [row for row in _rows(every, last) if whole.kept[row]]
    return Front(every[rows], Found(whole.objectives[rows], whole.margins[rows]), every, whole)


def _rows(every: Numbers, some: Numbers) -> list[int]:
    """Where designs stand among those that were looked at."""
    place = {row.tobytes(): at for at, row in enumerate(every)}
    return [place[row.tobytes()] for row in some]

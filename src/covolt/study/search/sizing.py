"""Sizing: the best design by one objective under demands, along gradients, which need few designs however many variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, final

import numpy as np

from covolt.study.search.problem import Found, Moving, Numbers, SearchProblem

__all__ = ["Sized", "sized"]

DIFFERENCE = 1e-3
"""Of a variable's range, over which a difference is taken: long beside how far a measure may count whole seconds or metres, short
beside a bend."""
LEAST_CHANGE, MOST_STEPS = 1e-5, 30
"""Of the objective, below which a step no longer counts; and how many are made from one start."""
MOST_CORRECTIONS = 6
TINY = 1e-12
"""By how much at least a design misses a demand that it does not keep for sure."""
MOST_SIDES, MOST_TRIED = 8, 4
"""Stepped variables whose steps at both sides are tried, of more the nearest step of each; and how many of these at most."""
UNKNOWN = 1e6
"""In place of what was not found, for a method that needs numbers."""
INSIDE = 3e-6
"""Of its scale, by which every demand is kept: what rounding, and the end of an iteration, could leave of it."""
GRID = 1e-6
"""Of a variable's range, to which places are rounded: designs that differ by less are one."""
MOST_ROUNDS = 30
"""Moves by a step, or by two at once, from where the gradients ended."""
BETTER = 1e-9
"""Of what is compared, below which another design is no better."""


@final
@dataclass(frozen=True)
class Sized:
    """Where sizing ended: one design (variables,), what was found of it, and how many designs were evaluated.

    `looked_at` are those that it could have ended at: neighbours for a difference are none of them. `of_differences` are
    objectives and demands whose gradients were differences; the others' were exact. `kept` says whether every demand is.
    """

    values: Numbers
    found: Found
    evaluations: int
    gradients: int
    of_differences: tuple[str, ...]
    looked_at: Numbers
    of_all: Found

    @property
    def kept(self) -> bool:
        """Whether it keeps every demand."""
        return bool(self.found.kept[0])


def sized(problem: SearchProblem, start: Numbers) -> Sized:
    """Least or greatest objective under margins >= 0, from a design on, by sequential quadratic programming (SLSQP, Kraft 1988).

    Choices stay as they are at the start. Steps move freely first; then the rest is sized anew with the nearest combinations of
    the steps at either side, and from the best of these one step is moved at a time, or two, as long as that is better and the
    rest is sized anew. Derivatives are `problem.slopes` where these are numbers, else one-sided
    differences, for which the design and its neighbours are one call of `problem.evaluate`. It finds the best design near the
    start, which need not be the best of the space.

    Raises:
        InputError: the problem is not sound.
    """
    problem.demand_sound()
    run = _Run(problem)
    place = run.place(np.asarray(start, dtype=np.float64))
    free = [at for at, one in enumerate(problem.moving) if not one.choices and one.highest > one.lowest]
    stepped = [at for at in free if problem.moving[at].step]
    _descend(run, place, free)
    if stepped:
        place = run.place(run.best())
        freely = [at for at in free if at not in stepped]
        for beside in _sides(run, place, stepped):
            _descend(run, beside, freely)
        _step_on(run, stepped, freely)
    values = run.best(stepped)
    found, every = run.found([values]), np.array(run.order)
    evaluations = len(every) + len(run.aside)
    return Sized(values, found, evaluations, run.gradients, run.of_differences, every, run.found(run.order))


@final
class _Run:
    """The designs looked at so far; places (variables,) go from 0 to 1 through each variable."""

    def __init__(self, problem: SearchProblem) -> None:
        self.problem = problem
        self.lowest = np.array([one.lowest for one in problem.moving])
        self.ranges = np.array([(one.highest - one.lowest) or 1.0 for one in problem.moving])
        self.scales = np.array(problem.scales or (1.0,) * len(problem.demands))
        self.known: dict[bytes, tuple[Numbers, Numbers]] = {}
        self.order: list[Numbers] = []
        self.aside: dict[bytes, Numbers] = {}
        self.gradients = 0
        self.differed: set[int] = set()

    @property
    def of_differences(self) -> tuple[str, ...]:
        names = [*(one.name for one in self.problem.objectives), *self.problem.demands]
        return tuple(name for at, name in enumerate(names) if at in self.differed)

    def place(self, values: Numbers) -> Numbers:
        return np.clip((values - self.lowest) / self.ranges, 0.0, 1.0)

    def values(self, place: Numbers) -> Numbers:
        place = np.round(place / GRID) * GRID
        values = np.where(place >= 1.0, self.lowest + self.ranges, self.lowest + place * self.ranges)
        return np.array([_on_step(one, value) for one, value in zip(self.problem.moving, values, strict=True)])

    def at(self, places: Numbers) -> Found:
        """What is found at places; those that are not known yet are one call."""
        rows = [self.values(one) for one in places]
        new = {row.tobytes(): row for row in rows if row.tobytes() not in self.known}
        if new:
            found = self.problem.evaluate(np.stack(list(new.values())))
            self.known |= zip(new, zip(found.objectives, found.margins, strict=True), strict=True)
            self.order += new.values()
        return self.found(rows)

    def beside(self, places: Numbers) -> Numbers:
        """`numbers` at places that are for a difference alone, and that nothing can end at."""
        rows = [self.values(one) for one in places]
        new = {
            row.tobytes(): row for row in rows if row.tobytes() not in self.known and row.tobytes() not in self.aside
        }
        if new:
            found = (self.problem.beside or self.problem.evaluate)(np.stack(list(new.values())))
            self.aside |= zip(new, self.numbers(found), strict=True)
        known = [self.known.get(row.tobytes()) for row in rows]
        return np.stack(
            [
                self.aside[row.tobytes()] if one is None else self.numbers(Found(one[0][None], one[1][None]))[0]
                for row, one in zip(rows, known, strict=True)
            ]
        )

    def numbers(self, found: Found) -> Numbers:
        """What shall be least, then the margins as shares of their scales: (designs, 1 + demands)."""
        shares = found.margins / self.scales
        numbers = np.concatenate([self.problem.least(found)[:, :1], shares], axis=1)
        signs = np.array([1.0] + [-1.0] * shares.shape[1])
        return np.where(np.isnan(numbers), signs * UNKNOWN, np.clip(numbers, -UNKNOWN, UNKNOWN))

    def found(self, rows: Sequence[Numbers]) -> Found:
        """What was found of designs that are known."""
        pairs = [self.known[row.tobytes()] for row in rows]
        return Found(np.stack([one for one, _ in pairs]), np.stack([one for _, one in pairs]))

    def best(self, stepped: Sequence[int] = ()) -> Numbers:
        """Of all designs looked at, those on these steps: the best that keeps every demand, else what misses them least."""
        moving = [(at, self.problem.moving[at]) for at in stepped]
        rows = [row for row in self.order if all(_is_on_step(one, row[at]) for at, one in moving)] or self.order
        return rows[int(np.lexsort(self.ranks(rows))[0])]

    def ranks(self, rows: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
        """Of known designs the objective, which shall be least among those that miss the demands by as much, and that."""
        found = self.found(rows)
        numbers = self.numbers(found)
        missed = np.where(found.kept, 0.0, np.clip(-numbers[:, 1:], TINY, None).max(axis=1, initial=TINY))
        return numbers[:, 0], missed

    def slopes(self, place: Numbers, free: list[int]) -> Numbers:
        """Derivatives of `numbers` by places: (1 + demands, free)."""
        self.gradients += 1
        exact = self._exact(place)[:, free]
        (open_rows,) = np.nonzero(np.isnan(exact).any(axis=1))
        if not len(open_rows):
            return exact
        self.differed.update(int(one) for one in open_rows)
        sides = np.where(place[free] + DIFFERENCE > 1.0, -DIFFERENCE, DIFFERENCE)
        beside = np.repeat(place[None], len(free), axis=0)
        beside[np.arange(len(free)), free] += sides
        numbers = self.numbers(self.at(place[None]))
        exact[open_rows] = ((self.beside(beside) - numbers) / sides[:, None]).T[open_rows]
        return exact

    def _exact(self, place: Numbers) -> Numbers:
        if self.problem.slopes is None:
            return np.full((1 + len(self.scales), len(place)), np.nan)
        objective, margins = self.problem.slopes(self.values(place))
        least = objective[:1] * self.problem.objectives[0].sign
        return np.concatenate([least, margins / self.scales[:, None]]) * self.ranges


def _is_on_step(one: Moving, value: float) -> bool:
    places = (value - one.lowest) / one.step
    return abs(places - round(places)) < 1e-9


def _on_step(one: Moving, value: float) -> float:
    """A value that lies on a step but for the grid, exactly as every other search has it; others as they are."""
    if not one.step:
        return value
    places, near = (value - one.lowest) / one.step, GRID * (one.highest - one.lowest) / one.step
    return one.lowest + round(places) * one.step if abs(places - round(places)) <= near else value


def _descend(run: _Run, place: Numbers, free: list[int]) -> None:
    """Follow gradients from a place along free variables, by SLSQP; the designs looked at are kept in the run."""
    from scipy.optimize import minimize

    start = run.numbers(run.at(place[None]))[0]
    if not free:
        return
    scale = abs(float(start[0])) or 1.0
    last: list[tuple[bytes, Numbers]] = []

    def there(moved: Numbers) -> Numbers:
        whole = place.copy()
        whole[free] = np.clip(moved, 0.0, 1.0)
        return whole

    def numbers(moved: Numbers) -> Numbers:
        return run.numbers(run.at(there(moved)[None]))[0]

    def slopes(moved: Numbers) -> Numbers:
        key = moved.tobytes()
        if not last or last[0][0] != key:
            last[:] = [(key, run.slopes(there(moved), free))]
        return last[0][1]

    demands: list[dict[str, Any]] = []
    if run.problem.demands:
        kept = {"fun": lambda moved: numbers(moved)[1:] - INSIDE, "jac": lambda moved: slopes(moved)[1:]}
        demands.append({"type": "ineq", **kept})
    ended = minimize(
        lambda moved: float(numbers(moved)[0]) / scale,
        place[free],
        jac=lambda moved: slopes(moved)[0] / scale,
        bounds=[(0.0, 1.0)] * len(free),
        constraints=demands,
        method="SLSQP",
        options={"ftol": LEAST_CHANGE, "maxiter": MOST_STEPS},
    )
    # What ends just outside of a demand, which an iteration may, is moved inside by the shortest way along the last gradients.
    moved = np.clip(ended.x, 0.0, 1.0)
    for _ in range(MOST_CORRECTIONS):
        margins = numbers(moved)[1:]
        if not (margins < 0.0).any():
            return
        near = margins < INSIDE
        moved = np.clip(moved + np.linalg.pinv(last[0][1][1:][near]) @ (2.0 * INSIDE - margins[near]), 0.0, 1.0)


def _step_on(run: _Run, stepped: list[int], freely: list[int]) -> None:
    """From the best design on steps go on to the best neighbour, and size the rest anew, until no neighbour is better.

    Neighbours differ by a step of one variable; where none of them is better, by one of each of two.
    """
    for _ in range(MOST_ROUNDS):
        here = run.best(stepped)
        for count in (1, 2):
            beside = _neighbours(run, here, stepped, count)
            if len(beside):
                run.at(beside)
            if _is_better(run, run.best(stepped), here):
                _descend(run, run.place(run.best(stepped)), freely)
                break
        else:
            return


def _neighbours(run: _Run, values: Numbers, stepped: list[int], count: int) -> Numbers:
    """Places of the designs that differ from one by a step of so many variables."""
    found: list[Numbers] = []
    for which in combinations(stepped, count):
        for signs in product((-1.0, 1.0), repeat=count):
            moved = values.copy()
            for at, sign in zip(which, signs, strict=True):
                moved[at] += sign * run.problem.moving[at].step
            place = (moved - run.lowest) / run.ranges
            last = [((run.problem.moving[at].count or 1) - 1) * run.problem.moving[at].step for at in which]
            ends = [end / run.ranges[at] for end, at in zip(last, which, strict=True)]
            if all(-1e-9 <= place[at] <= end + 1e-9 for end, at in zip(ends, which, strict=True)):
                found.append(np.clip(place, 0.0, 1.0))
    return np.array(found)


def _is_better(run: _Run, values: Numbers, than: Numbers) -> bool:
    (objective, other), (missed, more) = (one.tolist() for one in run.ranks([values, than]))
    if abs(missed - more) > BETTER * max(abs(missed), abs(more)):
        return missed < more
    return objective < other - BETTER * abs(other)


def _sides(run: _Run, place: Numbers, stepped: list[int]) -> list[Numbers]:
    """Places whose stepped variables lie on the steps at either side, the nearest first, at most so many."""
    sides: list[list[float]] = []
    for at in stepped:
        one = run.problem.moving[at]
        where, last = place[at] * run.ranges[at] / one.step, (one.count or 1) - 1
        near = (
            {min(int(round_to(where)), last) for round_to in (np.floor, np.ceil)} if len(stepped) <= MOST_SIDES else ()
        )
        sides.append([each * one.step / run.ranges[at] for each in sorted(near or {min(round(where), last)})])
    found: list[Numbers] = []
    for each in product(*sides):
        beside = place.copy()
        beside[stepped] = each
        found.append(beside)
    found.sort(key=lambda one: float(np.abs(one - place).sum()))
    return found[:MOST_TRIED]

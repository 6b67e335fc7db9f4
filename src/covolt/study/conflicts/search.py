"""Search beyond a sample: the design of a space that misses requirements least, by patterns, gradients and evolution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, final

import numpy as np
from scipy.optimize import differential_evolution, minimize

from covolt.study.conflicts.table import Asked, Designs, Numbers

__all__ = ["Aim", "Axis", "Evaluate", "every_design", "search"]

Evaluate = Callable[[Numbers], Numbers]
"""Margins (designs, requirements) of the designs of these values (designs, variables), NaN where they are open."""
STARTS = 2
"""Best designs of a sample from which gradients are followed."""
PATTERN_SHARE, GRADIENT_SHARE = 0.3, 0.7
"""Of the designs that may be evaluated, by when patterns and gradients have ended."""
STRIDES = (0.5, 0.25, 0.125, 0.0625, 0.03125)
"""Of a variable's range, by which a pattern moves it; at least one of its steps."""
DIFFERENCE = 1e-4
"""Of a variable's range, over which a difference is taken."""
INSIDE = 1e-7
"""Of its bound, by which gradients keep a bound that must hold: what rounding could leave of it."""
UNKNOWN = 1e6
"""In place of what is open or without end, for methods that need numbers; more than any share by which a bound is missed."""


@final
@dataclass(frozen=True)
class Axis:
    """A variable from its lowest to its highest value: in so many equal steps, as the places of a catalogue, or freely with 0."""

    lowest: float
    highest: float
    steps: int = 0

    @property
    def count(self) -> float:
        """How many values it has."""
        return 1 + self.steps if self.steps or self.lowest == self.highest else np.inf

    @property
    def end(self) -> float:
        """The highest place: places are steps where it has steps, else they run from 0 to 1."""
        return float(self.steps or 1)

    def value(self, place: Numbers) -> Numbers:
        """Values at these places."""
        return self.lowest + (self.highest - self.lowest) / self.end * (np.rint(place) if self.steps else place)

    def place(self, value: Numbers) -> Numbers:
        """Places of these values."""
        place = (value - self.lowest) * (self.end / ((self.highest - self.lowest) or 1.0))
        return np.clip(np.rint(place) if self.steps else place, 0.0, self.end)


@final
@dataclass(frozen=True)
class Aim:
    """To miss the worst of some requirements as little as can be, or with `total` all of them together.

    Where there are others to be met, or `total` is asked for, nothing may be open.
    """

    least: tuple[str, ...]
    met: tuple[str, ...] = ()
    total: bool = False

    def of(self, designs: Designs) -> Numbers:
        """What is to be least: (designs,). No design that misses what must be met is better than one that meets it."""
        if self.total:
            each = [designs.missed([one], surely_met=True) for one in self.least]
            miss = np.clip(each, 0.0, UNKNOWN).sum(axis=0)
        else:
            miss = np.minimum(designs.missed(self.least, surely_met=bool(self.met)), UNKNOWN)
        if not self.met:
            return miss
        must = designs.missed(self.met, surely_met=True)
        return np.where(must > 0.0, UNKNOWN * (1.0 + np.minimum(must, UNKNOWN)), miss)


def search(
    start: Designs, axes: Sequence[Axis], evaluate: Evaluate, aim: Aim, *, most: int, target: float = -np.inf
) -> Designs:
    """The designs that a search evaluates, at most so many: the best of these and of those it starts from is its result.

    The best design moves along one variable after another (pattern search), then least misses are followed along differences
    (SLSQP), then the best designs evolve (differential evolution, Storn and Price, J. Global Optim. 11, 1997, 341). It ends early
    at a design whose miss is no more than `target`. The same start gives the same designs. No search proves that there is none:
    it finds a design, or does not.
    """
    run = _Run(start, axes, evaluate, aim, most, target)
    try:
        run.begin()
        run.spend(PATTERN_SHARE)
        _walk(run)
        for place in run.best(STARTS):
            run.spend(GRADIENT_SHARE)
            _descend(run, place)
        run.spend(1.0)
        _evolve(run)
    except _Ended:
        pass
    return run.found


def every_design(axes: Sequence[Axis], most: int) -> Numbers | None:
    """Values of all designs of a space, (designs, variables); None where it has more than so many."""
    if prod(axis.count for axis in axes) > most:
        return None
    places = np.array(list(product(*(range(axis.steps + 1) for axis in axes))), dtype=np.float64)
    return np.stack([axis.value(places[:, at]) for at, axis in enumerate(axes)], axis=1)


@final
class _Ended(Exception):
    """A design is good enough, or no more may be evaluated."""


@final
class _Run:
    """The designs evaluated so far. Places (designs, variables) are what methods move; every design is evaluated once."""

    def __init__(
        self, start: Designs, axes: Sequence[Axis], evaluate: Evaluate, aim: Aim, most: int, target: float
    ) -> None:
        self.axes, self.evaluate, self.aim, self.most, self.target = axes, evaluate, aim, most, target
        self.start = start
        self.known: dict[bytes, Numbers] = {}
        self.found = Designs(start.values[:0], start.asked, start.margins[:0])
        self.limit = most
        self.ends = np.array([axis.end for axis in axes])

    @property
    def asked(self) -> tuple[Asked, ...]:
        return self.start.asked

    def begin(self) -> None:
        """What is known already is not evaluated again; it may be good enough."""
        if len(self.start.values):
            self.known |= zip((row.tobytes() for row in self.start.values), self.start.margins, strict=True)
            if self.aim.of(self.start).min() <= self.target:
                raise _Ended

    def spend(self, fraction: float) -> None:
        """Up to which fraction of the designs may be evaluated now."""
        self.limit = int(fraction * self.most)

    @property
    def left(self) -> int:
        return self.limit - len(self.found.values)

    def at(self, places: Numbers) -> Designs:
        """The designs at these places; ends the search where one is good enough or no more may be evaluated."""
        values = np.stack([axis.value(places[:, at]) for at, axis in enumerate(self.axes)], axis=1)
        keys = [row.tobytes() for row in values]
        new = {key: row for row, key in enumerate(keys) if key not in self.known}
        rows = list(new.values())[: max(self.most - len(self.found.values), 0)]
        if rows:
            margins = np.asarray(self.evaluate(values[rows]), dtype=np.float64)
            self.known |= zip((keys[row] for row in rows), margins, strict=True)
            self.found = self.found.and_also(values[rows], margins)
            if self.aim.of(Designs(values[rows], self.asked, margins)).min() <= self.target:
                raise _Ended
        if len(rows) < len(new):
            raise _Ended
        return Designs(values, self.asked, np.stack([self.known[key] for key in keys]))

    def best(self, count: int) -> Numbers:
        """Places of the best designs so far, the best first."""
        every = self.start.and_also(self.found.values, self.found.margins)
        order = np.lexsort((*every.values.T[::-1], self.aim.of(every)))[:count]
        return np.stack([axis.place(every.values[order, at]) for at, axis in enumerate(self.axes)], axis=1)


def _walk(run: _Run) -> None:
    """From the best design by ever smaller strides along one variable after another, as long as that is better."""
    [place] = run.best(1)
    least = float(run.aim.of(run.at(place[None]))[0])
    for stride in STRIDES:
        moved = True
        while moved:
            moved = False
            for at, axis in enumerate(run.axes):
                for side in (1.0, -1.0):
                    beside = place.copy()
                    beside[at] = np.clip(
                        place[at] + side * max(stride * axis.end, float(axis.steps > 0)), 0.0, axis.end
                    )
                    if run.left <= 0:
                        return
                    miss = float(run.aim.of(run.at(beside[None]))[0])
                    if miss < least:
                        place, least, moved = beside, miss, True
                        break


def _descend(run: _Run, place: Numbers) -> None:
    """Along differences from one design, its stepped variables kept: min sum t, margin / nominal + eased t >= 0.

    `eased` (requirements, t): one t for all that are to be missed least, or where their total is to be least t >= 0 for each;
    none for those to be met.
    """
    free = [at for at, axis in enumerate(run.axes) if not axis.steps and axis.highest > axis.lowest]
    least, met = run.start.columns(run.aim.least), run.start.columns(run.aim.met)
    scales = np.array([run.asked[one].nominal for one in (*least, *met)])
    slack = np.eye(len(least)) if run.aim.total else np.ones((len(least), 1))
    eased = np.concatenate([slack, np.zeros((len(met), slack.shape[1]))])
    inside = INSIDE * (1.0 - eased.max(axis=1))
    if not free or run.left <= len(free):
        return

    def shares(places: Numbers) -> Numbers:
        margins = run.at(places).margins[:, (*least, *met)] / scales
        return np.clip(np.nan_to_num(margins, nan=-UNKNOWN), -UNKNOWN, UNKNOWN)

    def there(moved: Numbers) -> Numbers:
        whole = place.copy()
        whole[free] = np.clip(moved[: len(free)], 0.0, 1.0)
        return whole

    def kept(moved: Numbers) -> Numbers:
        if run.left <= len(free):
            raise _Spent
        return shares(there(moved)[None])[0] + eased @ moved[len(free) :] - inside

    def slopes(moved: Numbers) -> Numbers:
        whole = there(moved)
        sides = np.where(whole[free] + DIFFERENCE > 1.0, -DIFFERENCE, DIFFERENCE)
        beside = np.repeat(whole[None], len(free) + 1, axis=0)
        beside[np.arange(len(free)), free] += sides
        found = shares(beside)
        return np.column_stack([((found[:-1] - found[-1]) / sides[:, None]).T, eased])

    upward = np.array([0.0] * len(free) + [1.0] * eased.shape[1])
    try:
        missed = -shares(place[None])[0, : len(least)]
        begun = np.maximum(missed, 0.0) if run.aim.total else missed.max(keepdims=True)
        minimize(
            lambda moved: moved[len(free) :].sum(),
            np.append(place[free], begun),
            jac=lambda moved: upward,
            bounds=[(0.0, 1.0)] * len(free) + [(0.0 if run.aim.total else None, None)] * eased.shape[1],
            constraints={"type": "ineq", "fun": kept, "jac": slopes},
            method="SLSQP",
            options={"ftol": 1e-9, "maxiter": 50},
        )
    except _Spent:
        return


@final
class _Spent(Exception):
    """Gradients have had their share of the designs."""


def _evolve(run: _Run) -> None:
    """Differential evolution from the best designs and others of the sample, until no more may be evaluated."""
    size = max(10, 4 * len(run.axes))
    if run.left <= 0:
        return
    first = run.best(size // 2)
    drawn = np.random.default_rng(0).random((size - len(first), len(run.axes))) * run.ends
    settings: dict[str, Any] = {"init": np.concatenate([first, drawn]), "updating": "deferred", "seed": 1}
    differential_evolution(
        lambda places: run.aim.of(run.at(places.T)),
        [(0.0, end) for end in run.ends],
        integrality=np.array([bool(axis.steps) for axis in run.axes]),
        maxiter=run.most,
        tol=0.0,
        atol=0,
        polish=False,
        vectorized=True,
        **settings,
    )

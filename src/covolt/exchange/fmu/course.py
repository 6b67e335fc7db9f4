"""The steps of a run: those from one communication point to the next, and between them to where its inputs turn, jump or tick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.component import Description, Value
from covolt.exchange.fmu.signals import Inputs
from covolt.words import text

__all__ = ["Course", "course"]

_NEAR = 1e-9
"""Of a time: what lies nearer is the same moment."""


@final
@dataclass(frozen=True)
class Course:
    """Steps, what is given to each, and which of them end at communication points."""

    begins_s: np.ndarray
    """Shape (n,), float64."""
    steps_s: np.ndarray
    """Shape (n,), float64."""
    given: np.ndarray
    """Shape (n, k), float64, inputs that hold; or (n, 3 k), of a component that follows them."""
    shown: np.ndarray
    """Shape (n,), bool: whether a step ends at a communication point."""
    follows: bool
    """Whether what is given says where inputs go."""

    def others(self, inputs: Inputs) -> Iterator[dict[str, Value]]:
        """Before each step, values by name that have changed since the step before, and clocks that tick."""
        at = inputs.rows(self.begins_s)
        yield {}
        for before, now in pairwise(at):
            yield {name: values[now] for name, values in inputs.others.items()} if now != before else {}


def course(description: Description, inputs: Inputs, times_s: np.ndarray, where: str) -> Course:
    """The steps between communication points, shape (n + 1,), float64.

    What follows its inputs is stepped to every tick of a clock that is an input, and to every change of what holds from row to
    row; a model exchange to every row. What holds them is given them as they are at each communication point.

    Raises:
        InputError: a clock ticks between communication points of what takes no other step.
    """
    able = description.capabilities
    follows = able.follows
    clocks = {one.name for one in description.of("input") if one.kind == "clock"}
    extra_s = np.zeros(0)
    if follows:
        extra_s = inputs.times_s if "model exchange" in description.form else inputs.changes_s(clocks)
    knots_s = _knots(times_s, extra_s)
    if len(knots_s) > len(times_s) and not able.variable_step:
        missed_s = np.setdiff1d(knots_s, times_s)
        what = text("an input changes at {time:g} s, between two steps, and it takes no other step", time=missed_s[0])
        raise InputError(Problem(what, where, text("let its inputs change at its steps alone")))
    given, shown = inputs.at(knots_s), np.isin(knots_s[1:], times_s)
    begins_s, steps_s = knots_s[:-1], np.diff(knots_s)
    if not (follows and inputs.names):
        return Course(begins_s, steps_s, given[:-1], shown, follows=False)
    moving = np.hstack([given[:-1], inputs.before(knots_s[1:]), given[1:]])
    return Course(begins_s, steps_s, moving, shown, follows=True)


def _knots(times_s: np.ndarray, extra_s: np.ndarray) -> np.ndarray:
    """Communication points and what lies between them, ascending."""
    inside_s = np.unique(extra_s[(extra_s > times_s[0]) & (extra_s < times_s[-1])])
    at = np.searchsorted(times_s, inside_s).clip(1, len(times_s) - 1)
    apart_s = np.minimum(np.abs(times_s[at] - inside_s), np.abs(inside_s - times_s[at - 1]))
    inside_s = inside_s[apart_s > _NEAR * np.maximum(1.0, np.abs(inside_s))]
    return np.sort(np.concatenate([times_s, inside_s]))

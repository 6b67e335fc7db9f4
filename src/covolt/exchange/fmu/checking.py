"""An FMU tried: are its outputs finite and in range, does halving the step change the answer, does it give the same again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.base_units import is_known
from covolt.exchange.component import Component, Value, Variable
from covolt.exchange.fmu.documents import ModelDescription
from covolt.exchange.fmu.experiment import MOST_STEPS, Plan, Ran, run
from covolt.exchange.fmu.over_time import NOTHING, Inputs
from covolt.words import text

__all__ = ["Halving", "Tried", "not_finite", "try_out"]

NOTABLE_ratio = 1e-3
"""Of an output's span: from here on halving the step is told to change the answer."""
ROUNDING_ratio = 1e-9
"""Of its nominal size, or of the largest input or output of its unit: a smaller difference is rounding."""


@final
@dataclass(frozen=True)
class Halving:
    """How much halving the communication step moves one output, at the times that both runs have."""

    name: str
    difference: np.float64
    """The largest, in the output's unit."""
    share_ratio: float
    """Of its span, or of its size where it does not move; zero where the difference is rounding beside what has its unit."""
    time_s: float


@final
@dataclass(frozen=True)
class Tried:
    """What was found."""

    plan: Plan
    ran: Ran
    halvings: tuple[Halving, ...]
    """By output, the largest share first; empty where it takes no other step."""
    same: bool
    """Whether, started again, it gave the same to the bit."""
    wrong: tuple[Problem, ...]
    """Values that do not count."""
    told: tuple[Problem, ...]
    """What should be known."""

    @property
    def changes(self) -> tuple[Halving, ...]:
        """The outputs that halving moves notably, the largest share first."""
        return tuple(one for one in self.halvings if one.share_ratio > NOTABLE_ratio)


def try_out(
    component: Component,
    model: ModelDescription,
    plan: Plan,
    *,
    inputs: Inputs = NOTHING,
    parameters: Mapping[str, Value] | None = None,
    where: str = "",
) -> Tried:
    """Run it, again, and with half the step.

    Raises:
        ComponentFailed: it gave no answer in the first run.
    """
    first = run(component, model, plan, inputs=inputs, parameters=parameters)
    told: list[Problem] = []
    again = run(component, model, plan, inputs=inputs, parameters=parameters)
    same = bool(np.array_equal(first.values, again.values, equal_nan=True))
    if not same and first.values.shape != again.values.shape:
        what = text("started again it does not end at the same time")
        told.append(
            Problem(what, where, text("ask who made it: something of the first run is left in it, or it draws lots"))
        )
    elif not same:
        at = int(np.flatnonzero((first.values != again.values).any(axis=0))[0])
        moved = float(np.nanmax(np.abs(first.values[:, at] - again.values[:, at])))
        what = text(
            "started again it does not give the same: '{name}' differs by {moved:.3g}",
            name=first.names[at],
            moved=moved,
        )
        told.append(
            Problem(what, where, text("ask who made it: something of the first run is left in it, or it draws lots"))
        )
    halvings: tuple[Halving, ...] = ()
    half = Plan(plan.start_s, plan.stop_s, plan.step_s / 2.0)
    if half.count <= MOST_STEPS:
        halvings = _halved(first, component, model, half, inputs, parameters, told, where)
    return Tried(plan, first, halvings, same, tuple(_wrong(first, component, where)), tuple(told))


def _halved(
    first: Ran,
    component: Component,
    model: ModelDescription,
    half: Plan,
    inputs: Inputs,
    parameters: Mapping[str, Value] | None,
    told: list[Problem],
    where: str,
) -> tuple[Halving, ...]:
    try:
        second = run(component, model, half, inputs=inputs, parameters=parameters)
    except ComponentFailed as error:
        what = text("it does not run with half the step: {why}", why=error.problems[0].what)
        told.append(Problem(what, error.problems[0].where or where, text("step it as its maker says alone")))
        return ()
    place = np.searchsorted(second.times_s, first.times_s - 1e-9 * np.maximum(1.0, np.abs(first.times_s)))
    place = np.minimum(place, len(second.times_s) - 1)
    apart = np.abs(second.values[place] - first.values)
    found: list[Halving] = []
    floors = _floors(first, component, inputs)
    for column, name in enumerate(first.names):
        values, moved = first.values[:, column], apart[:, column]
        good = np.isfinite(values) & np.isfinite(moved)
        if not good.any():
            continue
        span = float(np.ptp(values[good])) or float(np.abs(values[good]).max()) or 1.0
        row = int(np.where(good, moved, -1.0).argmax())
        share_ratio = float(moved[row]) / span if moved[row] > floors[column] else 0.0
        found.append(Halving(name, np.float64(moved[row]), share_ratio, float(first.times_s[row])))
    return tuple(sorted(found, key=lambda one: -one.share_ratio))


def _floors(ran: Ran, component: Component, inputs: Inputs) -> list[float]:
    """Of each output the difference up to which it is rounding, in its unit."""
    variables = {one.name: one for one in component.description.variables}

    def of(name: str) -> Variable | None:
        return variables.get(name) or variables.get(name.partition("[")[0])

    largest: dict[tuple[int, ...], float] = {}
    for names, values in ((ran.names, ran.values), (inputs.names, inputs.values)):
        for column, name in enumerate(names):
            unit = ran.units.get(name) or getattr(of(name), "unit", None)
            sizes = np.abs(values[:, column])
            if unit is not None and unit.name and is_known(unit):
                size_si = float(np.max(sizes[np.isfinite(sizes)], initial=0.0)) * unit.factor
                largest[unit.exponents] = max(largest.get(unit.exponents, 0.0), size_si)
    floors: list[float] = []
    for name in ran.names:
        unit, variable = ran.units.get(name), of(name)
        nominal = abs(variable.nominal) if variable is not None and variable.nominal is not None else 0.0
        known = unit is not None and unit.name and is_known(unit)
        related = largest[unit.exponents] / unit.factor if unit is not None and known else 0.0
        floors.append(ROUNDING_ratio * max(nominal, related))
    return floors


def not_finite(ran: Ran, where: str) -> list[Problem]:
    """Outputs that are no finite number at some time: each where it first happens."""
    found: list[Problem] = []
    for column, name in enumerate(ran.names):
        values = ran.values[:, column]
        strange = np.flatnonzero(~np.isfinite(values))
        if strange.size:
            what = text(
                "it is {value} at {time:g} s", value=str(values[strange[0]]), time=float(ran.times_s[strange[0]])
            )
            found.append(Problem(what, f"{where}, {name}", text("look at its inputs and parameters at this time")))
    return found


def _wrong(ran: Ran, component: Component, where: str) -> list[Problem]:
    """Outputs that are not finite, or leave the range that they declare: each where it first happens."""
    found = not_finite(ran, where)
    bounds = {one.name: (one.minimum, one.maximum) for one in component.description.of("output")}
    for column, name in enumerate(ran.names):
        values = ran.values[:, column]
        if not np.isfinite(values).all():
            continue
        low, high = bounds.get(name) or bounds.get(name.partition("[")[0]) or (None, None)
        outside = np.flatnonzero(
            (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))
        )
        if outside.size:
            value, time_s = float(values[outside[0]]), float(ran.times_s[outside[0]])
            what = text(
                "it is {value:g} at {time:g} s, outside of the range that it declares", value=value, time=time_s
            )
            found.append(Problem(what, f"{where}, {name}", text("ask who made it, or stay within what it is made for")))
    return found

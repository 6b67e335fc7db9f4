"""A run of one component over its experiment: inputs over time in, outputs at every communication point out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.component import Component, Unit, Value, Variable
from covolt.exchange.fmu.calls import ENDS
from covolt.exchange.fmu.documents import Experiment, ModelDescription
from covolt.exchange.fmu.signals import NOTHING, Inputs, elements
from covolt.words import text

__all__ = ["MOST_STEPS", "Plan", "Ran", "outputs_of", "plan", "run"]

MOST_STEPS = 2_000_000
_USUAL_STEPS = 500
_FIRST_STEPS, _WINDOW_STEPS = 8, 2000
_WINDOW_s = 0.25
_BY_NAME = ("Int64", "UInt64", "String", "Binary", "Clock")


@final
@dataclass(frozen=True)
class Plan:
    """When a run begins and ends, and its communication steps."""

    start_s: float
    stop_s: float
    step_s: float

    @property
    def times_s(self) -> np.ndarray:
        """Communication points, shape (n + 1,), float64; the last step may be shorter."""
        count = self.count
        times_s = self.start_s + self.step_s * np.arange(count + 1)
        times_s[-1] = self.stop_s
        return times_s

    @property
    def count(self) -> int:
        """Of steps."""
        return max(1, int(np.ceil((self.stop_s - self.start_s) / self.step_s * (1.0 - 1e-12) - 1e-9)))


@final
@dataclass(frozen=True)
class Ran:
    """What came of a run."""

    times_s: np.ndarray
    """Shape (n + 1,), float64."""
    names: tuple[str, ...]
    values: np.ndarray
    """Shape (n + 1, m), float64, in the units of the variables."""
    units: Mapping[str, Unit | None]
    others: Mapping[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    """Of outputs that are no reals, a value each time."""
    ended: bool = False
    """Whether the model itself asked for its end, before that of the experiment."""


def plan(
    experiment: Experiment, internal_s: float | None, where: str, *, step_s: float | None, stop_s: float | None
) -> Plan:
    """What is asked for, else the default experiment; one without an end takes 1 s, one without a step a 500th of the whole.

    Raises:
        InputError: it ends before it begins, or has more steps than `MOST_STEPS`.
    """
    begin_s = experiment.start_s
    end_s = stop_s if stop_s is not None else experiment.stop_s if experiment.stop_s is not None else begin_s + 1.0
    if not end_s > begin_s:
        what = text("it would end at {stop:g} s, before it begins at {start:g} s", stop=end_s, start=begin_s)
        raise InputError(Problem(what, where, text("give a later --stop")))
    step_s = step_s or experiment.step_s or _usual_s(end_s - begin_s, internal_s)
    made = Plan(begin_s, end_s, min(step_s, end_s - begin_s))
    if made.count > MOST_STEPS:
        what = text("{count} steps, more than {most}", count=made.count, most=MOST_STEPS)
        raise InputError(Problem(what, where, text("give a larger --step or an earlier --stop")))
    return made


def _usual_s(span_s: float, internal_s: float | None) -> float:
    """A 500th of the whole, and a multiple of the steps that the model takes inside."""
    usual_s = span_s / _USUAL_STEPS
    return max(1, round(usual_s / internal_s)) * internal_s if internal_s else usual_s


def outputs_of(model: ModelDescription, variables: Sequence[Variable]) -> tuple[list[str], list[str]]:
    """Names of outputs that are wired, elements of arrays each; and of those that are asked for by their name."""
    types = {one.name: one.type for one in model.variables}
    outputs = [one for one in variables if one.causality == "output"]
    wired = [name for one in outputs if types.get(one.name) not in _BY_NAME for name in elements(one)]
    return wired, [one.name for one in outputs if types.get(one.name) in _BY_NAME]


def by_name_alone(model: ModelDescription) -> set[str]:
    """Variables that a real cannot hold."""
    return {one.name for one in model.variables if one.type in _BY_NAME}


def run(
    component: Component,
    model: ModelDescription,
    planned: Plan,
    *,
    inputs: Inputs = NOTHING,
    parameters: Mapping[str, Value] | None = None,
    resized: bool = False,
) -> Ran:
    """Start a component and step it to the end; `resized` where parameters change the size of arrays.

    Raises:
        InputError: a parameter or an input cannot be set as it is given.
        ComponentFailed: it gave no answer that counts.
    """
    times_s = planned.times_s
    given = inputs.at(times_s)
    settings = dict(parameters or {})
    at = inputs.rows(times_s)
    begun = {name: values[at[0]] for name, values in inputs.others.items()}
    if resized:
        # Which elements there are is known only once it has started.
        component.wire((), ())
        component.start(settings, np.zeros(0), planned.start_s, planned.stop_s)
    wired, named = outputs_of(model, component.description.variables)
    component.wire(inputs.names, wired)
    units = {part: one.unit for one in component.description.variables for part in (one.name, *_parts(one))}

    def start() -> np.ndarray:
        return component.start({**settings, **begun}, given[0], planned.start_s, planned.stop_s)

    if not named and not inputs.others:
        first = start()
        try:
            return Ran(times_s, tuple(wired), np.vstack([first[None, :], *_windows(component, times_s, given)]), units)
        except ComponentFailed as error:
            if not _ends(error):
                raise
    # A model that asks for its end is asked once more, one step after the other, for what it gave until then.
    rows = [start()]
    others: dict[str, list[Value]] = {name: [value] for name, value in component.get_values(named).items()}
    for row, step_s in enumerate(np.diff(times_s).tolist()):
        changed = {name: values[at[row]] for name, values in inputs.others.items() if row and at[row] != at[row - 1]}
        outputs = _stepped(component, changed, float(times_s[row]), step_s, given[row])
        if outputs is None:
            break
        rows.append(outputs)
        for name, value in component.get_values(named).items():
            others[name].append(value)
    return Ran(times_s[: len(rows)], tuple(wired), np.array(rows), units, others, ended=len(rows) < len(times_s))


def _stepped(
    component: Component, changed: Mapping[str, Value], time_s: float, step_s: float, inputs: np.ndarray
) -> np.ndarray | None:
    """Outputs, shape (m,), after one step; None where the model has asked for its end."""
    try:
        if changed:
            component.set_values(changed)
        return component.step(time_s, step_s, inputs)
    except ComponentFailed as error:
        if _ends(error):
            return None
        raise


def _ends(error: ComponentFailed) -> bool:
    """Whether a model itself asked for its end."""
    return any(one.what.startswith(str(ENDS)) for one in error.problems)


def _windows(component: Component, times_s: np.ndarray, inputs: np.ndarray) -> Iterator[np.ndarray]:
    """Outputs, shape (n, m) in all, by windows that are asked for so that each takes a small part of a deadline."""
    steps_s, begin, count = np.diff(times_s), 0, _FIRST_STEPS
    while begin < len(steps_s):
        part = slice(begin, begin + count)
        asked_s = time.monotonic()
        yield component.window(float(times_s[begin]), steps_s[part], inputs[:-1][part])
        took_s = time.monotonic() - asked_s
        begin += count
        count = max(1, min(_WINDOW_STEPS, 4 * count, int(count * _WINDOW_s / max(took_s, 1e-6))))


def _parts(variable: Variable) -> list[str]:
    return elements(variable) if variable.shape and variable.causality == "output" else []

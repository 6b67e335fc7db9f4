"""A run of one component over its experiment: inputs over time in, outputs at every communication point out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.component import Component, Unit, Value, Variable
from covolt.exchange.fmu.calls import ENDS
from covolt.exchange.fmu.course import Course, course
from covolt.exchange.fmu.documents import Experiment, ModelDescription
from covolt.exchange.fmu.signals import NOTHING, Inputs, elements
from covolt.words import joined, text

__all__ = ["MOST_STEPS", "Plan", "Ran", "RanInPart", "outputs_of", "plan", "run"]

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
    told: tuple[Problem, ...] = ()
    """What was chosen otherwise than one may have meant."""

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


@final
class RanInPart(ComponentFailed):
    """It failed on the way; `ran` holds what it answered until then."""

    def __init__(self, problems: Iterable[Problem], ran: Ran) -> None:
        super().__init__(problems)
        self.ran = ran


def plan(
    experiment: Experiment,
    internal_s: float | None,
    where: str,
    *,
    step_s: float | None,
    stop_s: float | None,
    inputs: Inputs = NOTHING,
    whole_steps: bool = False,
) -> Plan:
    """What is asked for; else the end of the input, of which there is more than one row; else the default experiment.

    One without an end takes 1 s, one without a step a 500th of the whole; with `whole_steps` none is shorter than the others.

    Raises:
        InputError: it ends before it begins, or has more steps than `MOST_STEPS`.
    """
    begin_s = experiment.start_s
    own_s = experiment.stop_s if experiment.stop_s is not None else begin_s + 1.0
    given_s = float(inputs.times_s[-1]) if len(inputs.times_s) > 1 else begin_s
    end_s = stop_s if stop_s is not None else given_s if given_s > begin_s else own_s
    if not end_s > begin_s:
        what = text("it would end at {stop:g} s, before it begins at {start:g} s", stop=end_s, start=begin_s)
        if end_s == begin_s:
            what = text("it would end at {stop:g} s, where it begins", stop=end_s)
        raise InputError(Problem(what, where, text("give a later --stop")))
    told = _told(where, end_s, own_s, given_s, stop_s, begin_s)
    if stop_s is None and experiment.stop_s is None and not given_s > begin_s:
        what = text("it says no end: it ends at {stop:g} s", stop=end_s)
        told.append(Problem(what, where, text("give --stop for another end")))
    if step_s is not None and step_s > (end_s - begin_s) * (1.0 + 1e-9):
        what = text(
            "--step is {step:g} s, and the whole run {span:g} s: it is one step", step=step_s, span=end_s - begin_s
        )
        told.append(Problem(what, where, text("give a smaller --step, or a later --stop")))
    if not (step_s or experiment.step_s):
        step_s = _usual_s(end_s - begin_s, internal_s)
        what = text("it says no step: {step:g} s is taken", step=step_s)
        told.append(Problem(what, where, text("give --step for another")))
    step_s = step_s or experiment.step_s or end_s - begin_s
    made = Plan(begin_s, end_s, min(step_s, end_s - begin_s), tuple(told))
    if whole_steps:
        made = _in_whole_steps(made, where)
    if made.count > MOST_STEPS:
        what = text("{count} steps, more than {most}", count=made.count, most=MOST_STEPS)
        raise InputError(Problem(what, where, text("give a larger --step or an earlier --stop")))
    return made


def _in_whole_steps(made: Plan, where: str) -> Plan:
    """Ends at the last step that is as long as the others, where its model takes no shorter one."""
    reached_s = made.start_s + made.count * made.step_s
    if reached_s - made.stop_s <= 1e-9 * made.step_s or made.count < 2:
        return made
    stop_s = reached_s - made.step_s
    what = text(
        "it ends at {stop:g} s, not at {asked:g} s: its step is {step:g} s, and it takes no shorter one",
        stop=stop_s,
        asked=made.stop_s,
        step=made.step_s,
    )
    told = Problem(what, where, text("give a --stop that is a multiple of its step"))
    return replace(made, stop_s=stop_s, told=(*made.told, told))


def _told(
    where: str, end_s: float, own_s: float, given_s: float, stop_s: float | None, begin_s: float
) -> list[Problem]:
    """What is told where the run ends elsewhere than the input, or than the FMU says."""
    if not given_s > begin_s:
        return []
    if stop_s is None and end_s != own_s:
        what = text(
            "it ends at {stop:g} s, where its input ends; by itself it would at {own:g} s", stop=end_s, own=own_s
        )
        return [Problem(what, where, text("give --stop for another end"))]
    if stop_s is not None and stop_s < given_s:
        what = text("it ends at {stop:g} s, before its input does at {input:g} s", stop=end_s, input=given_s)
        return [Problem(what, where, text("leave --stop out for the whole input"))]
    if stop_s is not None and stop_s > given_s:
        what = text("its input ends at {input:g} s; from there on its last row holds", input=given_s)
        return [Problem(what, where, text("leave --stop out to end there"))]
    return []


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
    settings = dict(parameters or {})
    begun = {name: values[inputs.rows(times_s[:1])[0]] for name, values in inputs.others.items()}
    if resized:
        # Which elements there are is known only once it has started.
        component.wire((), ())
        component.start(settings, np.zeros(0), planned.start_s, planned.stop_s)
    wired, named = outputs_of(model, component.description.variables)
    component.wire(inputs.names, wired)
    units = {part: one.unit for one in component.description.variables for part in (one.name, *_parts(one))}
    whole = course(component.description, inputs, times_s, model.name)

    def start() -> np.ndarray:
        first = inputs.at(times_s[:1])[0]
        return component.start({**settings, **begun}, first, planned.start_s, planned.stop_s)

    def ran(rows: Sequence[np.ndarray], others: Mapping[str, list[Value]] | None = None, *, ended: bool = False) -> Ran:
        return Ran(times_s[: len(rows)], tuple(wired), np.array(rows), units, others or {}, ended=ended)

    if named or inputs.others:
        return _stepwise(component, whole, 0, inputs, named, [start()], ran)
    known = [start()]
    sizes: list[int] = []
    try:
        for made in _windows(component, whole):
            begin = sum(sizes)
            sizes.append(len(made))
            known += list(made[whole.shown[begin : begin + len(made)]])
        return ran(known)
    except ComponentFailed:
        # Of a window that failed nothing is known: it is asked once more, up to there at once, then one step after the other.
        start()
        _again(component, whole, sizes)
        found = _stepwise(component, whole, sum(sizes), inputs, named, known, ran)
        if not found.ended:
            raise  # asked again it answers: what it says depends on more than it is asked
        return found


def _stepwise(
    component: Component,
    whole: Course,
    first: int,
    inputs: Inputs,
    named: Sequence[str],
    known: Sequence[np.ndarray],
    ran: Callable[..., Ran],
) -> Ran:
    """From the rows that are known on, one step after the other, to the end or to where the model asks for its own.

    Raises:
        RanInPart: it failed on the way.
    """
    rows = list(known)
    others: dict[str, list[Value]] = {name: [value] for name, value in component.get_values(named).items()}
    for at, changed in enumerate(whole.others(inputs)):
        if at < first:
            continue
        try:
            outputs = _stepped(component, changed, whole, at)
        except ComponentFailed as error:
            raise RanInPart(_until(error, float(whole.begins_s[at])), ran(rows, others)) from error
        if outputs is None:
            return ran(rows, others, ended=True)
        if whole.shown[at]:
            rows.append(outputs)
            for name, value in component.get_values(named).items():
                others[name].append(value)
    return ran(rows, others)


def _again(component: Component, whole: Course, sizes: Sequence[int]) -> None:
    """The windows that were answered, once more, to be where they ended."""
    begin = 0
    for size in sizes:
        part = slice(begin, begin + size)
        component.window(float(whole.begins_s[begin]), whole.steps_s[part], whole.given[part])
        begin += size


def _until(error: ComponentFailed, time_s: float) -> list[Problem]:
    """What failed, with until when it had answered."""
    first, *more = error.problems
    what = joined([first.what, text("it had answered until {time:g} s", time=time_s)], "; ")
    hint = first.hint or text('ask who made it why; --stop "{time:g} s" ends before', time=time_s)
    return [Problem(what, first.where, hint), *more]


def _stepped(component: Component, changed: Mapping[str, Value], whole: Course, at: int) -> np.ndarray | None:
    """Outputs, shape (m,), after one step; None where the model has asked for its end."""
    time_s, given = float(whole.begins_s[at]), whole.given[at : at + 1]
    try:
        if changed and whole.follows:
            # What samples its inputs as a clock ticks, samples those of now.
            now = np.tile(given[:, : given.shape[1] // 3], 3)
            component.window(time_s, np.zeros(1), now)
        if changed:
            component.set_values(changed)
        if whole.follows:
            return component.window(time_s, whole.steps_s[at : at + 1], given)[0]
        return component.step(time_s, float(whole.steps_s[at]), given[0])
    except ComponentFailed as error:
        if _ends(error):
            return None
        raise


def _ends(error: ComponentFailed) -> bool:
    """Whether a model itself asked for its end."""
    return any(one.what.startswith(str(ENDS)) for one in error.problems)


def _windows(component: Component, whole: Course) -> Iterator[np.ndarray]:
    """Outputs, shape (n, m) in all, by windows that are asked for so that each takes a small part of a deadline."""
    begin, count = 0, _FIRST_STEPS
    while begin < len(whole.steps_s):
        part = slice(begin, begin + count)
        asked_s = time.monotonic()
        yield component.window(float(whole.begins_s[begin]), whole.steps_s[part], whole.given[part])
        took_s = time.monotonic() - asked_s
        begin += count
        count = max(1, min(_WINDOW_STEPS, 4 * count, int(count * _WINDOW_s / max(took_s, 1e-6))))


def _parts(variable: Variable) -> list[str]:
    return elements(variable) if variable.shape and variable.causality == "output" else []

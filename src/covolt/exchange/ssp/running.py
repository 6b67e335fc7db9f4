"""An SSP run: every FMU in a worker of its own, joined by the master, from the beginning of the experiment to its end."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.errors import CovoltError, InputError, Problem
from covolt.exchange.component import Component, Value
from covolt.exchange.fmu.apart import Apart, opened_apart
from covolt.exchange.master import Method, Run, join, run
from covolt.exchange.sandbox import Deadlines
from covolt.exchange.ssp.document import Findings
from covolt.exchange.ssp.flat import Flat, FlatComponent
from covolt.exchange.ssp.joining import Given, Shown, shown_of, system_of
from covolt.exchange.ssp.reading import FMU
from covolt.words import text

__all__ = ["Experiment", "SspRun", "experiment_of", "run_flat"]

_STRUCTURAL = "structural parameter"
STEPS_COUNT = 1000
"""Exchanges over an experiment of which nobody says how long a step is."""
_FORMS = {"CoSimulation": "co-simulation", "ModelExchange": "model exchange"}


@final
@dataclass(frozen=True)
class Experiment:
    """From when to when, and how long from exchange to exchange."""

    start_s: float
    stop_s: float
    step_s: float


@final
@dataclass(frozen=True)
class SspRun:
    """A run and what the root system shows of it."""

    run: Run
    shown: tuple[Shown, ...]
    notices: tuple[Problem, ...]
    protections: tuple[str, ...]
    """Protections of the sandbox that were not active."""


def experiment_of(flat: Flat, start_s: float | None, stop_s: float | None, step_s: float | None) -> Experiment:
    """What was asked for, else the default experiment and the step that a tool has noted there.

    Else a step that is no longer than that of any component, and of which there are a thousand at least.

    Raises:
        InputError: nobody says when it ends, or the times are none.
    """
    read = flat.structure
    begin_s = start_s if start_s is not None else read.start_s or 0.0
    end_s = stop_s if stop_s is not None else read.stop_s
    if end_s is None:
        what = text("nobody says when the run ends: there is no default experiment with a stopTime")
        raise InputError(Problem(what, "--stop", text("say it: --stop '10 s'")))
    if not end_s > begin_s:
        what = text("a run goes from {start} s to {stop} s, which is no span of time", start=begin_s, stop=end_s)
        raise InputError(Problem(what, "--stop", text("let it stop after it starts")))
    if step_s is None:
        told = [one.description.default_step_s for one in flat.components if one.description]
        own_s = [(end_s - begin_s) / STEPS_COUNT, *(one for one in told if one is not None and one > 0.0)]
        step_s = read.step_s or min(own_s)
    return Experiment(begin_s, end_s, step_s)


def run_flat(
    flat: Flat,
    experiment: Experiment,
    method: Method,
    *,
    given: Sequence[Given] = (),
    deadline_s: float | None = None,
    unprotected: bool = False,
    supplied: Mapping[str, Component] | None = None,
) -> SspRun:
    """Run a flat system; components that are `supplied` by name, such as hosted ones, run where they are and stay open.

    Raises:
        InputError: a component cannot be run here, or the parts do not join.
        Unavailable: foreign code is not run here, since a protection is missing and `unprotected` does not allow that.
        ComponentFailed: a component gave no answer in time, or none that counts.
    """
    with _components(flat, deadline_s, supplied or {}, unprotected=unprotected) as (components, missing):

        def begun(name: str, variables: Sequence[str]) -> Mapping[str, Value]:
            component = components[name]
            component.wire([], [])
            parameters = next(one.parameters for one in flat.components if one.name == name)
            component.start(parameters, np.zeros(0), experiment.start_s, experiment.stop_s)
            return component.get_values(variables)

        for one in flat.components:
            if one.description and any(variable.name in one.parameters for variable in one.description.of(_STRUCTURAL)):
                # Begun once, it says the sizes that its arrays then have.
                begun(one.name, [])
        system = system_of(flat, begun, given)
        done = run(join(system, components), experiment.stop_s, method, experiment.start_s)
    shown, notices = shown_of(flat, done)
    told = (*flat.notices, *notices, *(Problem(one) for one in done.notes))
    return SspRun(done, shown, told, missing)


@contextmanager
def _components(
    flat: Flat, deadline_s: float | None, supplied: Mapping[str, Component], *, unprotected: bool
) -> Generator[tuple[dict[str, Component], tuple[str, ...]]]:
    """A worker for each component, and the protections that any of them goes without; they end with the context."""
    with ExitStack() as stack:
        components: dict[str, Component] = {}
        missing: set[str] = set()
        findings = Findings()
        for one in flat.components:
            if one.name in supplied:
                components[one.name] = supplied[one.name]
                continue
            try:
                apart = stack.enter_context(_opened(one, deadline_s, unprotected=unprotected))
            except CovoltError as error:
                findings.take(error)
                continue
            components[one.name] = apart.component
            missing.update(apart.missing)
        findings.demand_none()
        yield components, tuple(sorted(missing))


def _opened(one: FlatComponent, deadline_s: float | None, *, unprotected: bool) -> AbstractContextManager[Apart]:
    element = one.element
    if not element.source:
        what = text("'{component}' has no implementation", component=one.name)
        raise InputError(Problem(what, element.place, text("give it a source: an FMU, or a structure")))
    if element.media != FMU or element.path is None:
        what = text(
            "a component of type {type} from {source} is not run here", type=element.media, source=element.source
        )
        raise InputError(Problem(what, element.place, text("put an FMU into the package")))
    deadlines = Deadlines() if deadline_s is None else Deadlines(step_s=deadline_s, start_s=max(deadline_s, 60.0))
    form = _FORMS.get(element.implementation, "")
    return opened_apart(element.path, form, deadlines=deadlines, unprotected=unprotected, called=one.name)

"""How a system begins: all parts started with inputs that are consistent with their outputs, found by a fixed point.

Parts are started with what they are joined to, and those whose inputs changed are started again, until none changes:

    u <- u + r,   r = T(y(u)) - u

A chain of n parts settles after n passes. A circle that does not is accelerated, and its passes are bounded (`FixedPoint`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from covolt.errors import AssemblyError, ComponentFailed, Problem
from covolt.exchange.component import Component
from covolt.exchange.master.crossing import Crossing
from covolt.exchange.master.fixed_point import FixedPoint
from covolt.exchange.master.guard import Guard, at_time, failed_by
from covolt.exchange.master.joining import Joined
from covolt.words import text

__all__ = ["begin", "nominal_inputs"]

PASSES: Final = 100
"""Of the fixed point, beyond those that the longest chain of parts needs."""
SETTLED: Final = 1e-10
"""Relative change of an input that no part is started again for."""


def begin(joined: Joined, crossing: Crossing, guard: Guard, start_s: float, stop_s: float | None) -> int:
    """Start all parts; the outputs at `start_s` are in the crossing. The number of passes.

    Raises:
        AssemblyError: inputs do not settle; names the circle and between what its values move.
        ComponentFailed: a part does not start, or gives a value that does not count.
    """
    crossing.begin(start_s)
    crossing.inputs[:] = joined.own_values
    nominal = nominal_inputs(joined)
    before = crossing.inputs.copy()
    changed = list(range(len(joined.names)))
    tries = FixedPoint(nominal)
    chain = len(joined.components) + 1
    for number in range(1, chain + PASSES + 1):
        for part in changed:
            before[joined.input_slices[part]] = crossing.input_views[part]
            _start(joined, crossing, guard, part, start_s, stop_s)
        guard.check_finite(crossing.outputs, start_s)
        crossing.show("held", start_s, 0.0)
        crossing.hand_over()
        changed = _changed(joined, crossing.inputs, before, nominal)
        if not changed:
            guard.check(crossing.outputs, None, start_s, 1.0)
            guard.check_inputs(crossing.inputs, start_s)
            return number
        if number > chain:
            crossing.inputs[:] = tries.next(before, crossing.inputs)
    raise AssemblyError(_unsettled(joined, crossing, before, start_s))


def _start(joined: Joined, crossing: Crossing, guard: Guard, part: int, start_s: float, stop_s: float | None) -> None:
    name = joined.names[part]
    component: Component = joined.components[name]
    try:
        answer = component.start(
            joined.system.parts[part].parameters, crossing.input_views[part].copy(), start_s, stop_s
        )
    except ComponentFailed as error:
        raise failed_by(name, start_s, error) from error
    crossing.output_views[part][:] = guard.taken(part, answer, start_s)


def nominal_inputs(joined: Joined) -> np.ndarray:
    """(k,) what each input is measured by: the nominal value of the output that it takes, converted."""
    nominals = np.append(joined.nominals, np.ones(len(joined.inputs)))
    scales = np.abs(nominals[joined.sources] * joined.factors)
    return np.where(scales > 0.0, scales, 1.0)


def _changed(joined: Joined, inputs: np.ndarray, before: np.ndarray, nominal: np.ndarray) -> list[int]:
    """Parts that are to be started again, since their inputs are no longer those with which they were."""
    same = np.abs(inputs - before) <= SETTLED * np.maximum(nominal, np.abs(inputs))
    return [part for part, where in enumerate(joined.input_slices) if not same[where].all()]


def _unsettled(joined: Joined, crossing: Crossing, before: np.ndarray, time_s: float) -> list[Problem]:
    """The circles whose values still move; where feedthrough tells of none, the inputs that do."""
    moving = [
        place
        for place in range(len(joined.inputs))
        if abs(crossing.inputs[place] - before[place]) > SETTLED * max(1.0, abs(before[place]))
    ]
    ports = {joined.inputs[place]: place for place in moving}
    groups = [group for group in joined.loops if any(port in ports for port in group)] or [tuple(ports)]
    found: list[Problem] = []
    for group in groups:
        place = next(ports[port] for port in group if port in ports)
        what = text(
            "the beginning does not settle: {port} goes from {before} to {value} at every pass",
            port=str(joined.inputs[place]),
            before=float(before[place]),
            value=float(crossing.inputs[place]),
        )
        hint = text("give it a value nearer to the solution, or let one part of the circle hold a state: {circle}",
                    circle=" → ".join(str(port) for port in group))  # fmt: skip
        found.append(Problem(what, at_time(joined.system.name, time_s), hint))
    return found

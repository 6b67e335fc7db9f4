"""How a system begins: all parts started with inputs that are consistent with their outputs, found by a fixed point.

Parts are started with what they are joined to, and those whose inputs changed are started again, until none changes:

    u <- u + r,   r = T(y(u)) - u

A chain of n parts settles after n passes. A circle that does not is accelerated: the least rest that the last passes together
promise is taken, u <- u + r - (dU + dR) g with g = argmin |r - dR g| (Anderson 1965), and no pass changes an input by more than a
bound times its rest.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from covolt.errors import AssemblyError, ComponentFailed, Problem
from covolt.exchange.component import Component
from covolt.exchange.master.crossing import Crossing
from covolt.exchange.master.guard import Guard, at_time
from covolt.exchange.master.joining import Joined
from covolt.words import text

__all__ = ["begin", "failed_by"]

PASSES: Final = 100
"""Of the fixed point, beyond those that the longest chain of parts needs."""
SETTLED: Final = 1e-10
"""Relative change of an input that no part is started again for."""
REMEMBERED: Final = 12
"""Passes of which the acceleration knows."""
LARGEST_GAIN: Final = 1e4
"""How much farther than its rest an input is moved at most in one pass."""


def begin(joined: Joined, crossing: Crossing, guard: Guard, start_s: float, stop_s: float | None) -> int:
    """Start all parts; the outputs at `start_s` are in the crossing. The number of passes.

    Raises:
        AssemblyError: inputs do not settle; names the circle and between what its values move.
        ComponentFailed: a part does not start, or gives a value that does not count.
    """
    crossing.begin(start_s)
    crossing.inputs[:] = joined.own_values
    nominal = _scales(joined)
    before = crossing.inputs.copy()
    changed = list(range(len(joined.names)))
    passed: list[tuple[np.ndarray, np.ndarray]] = []
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
            passed = [*passed[-REMEMBERED:], (before / nominal, (crossing.inputs - before) / nominal)]
            crossing.inputs[:] = nominal * _accelerated(passed)
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


def failed_by(name: str, time_s: float, error: ComponentFailed) -> ComponentFailed:
    """The same failure, which also says which part of the system it was."""
    return ComponentFailed(
        Problem(one.what, one.where if name in one.where else at_time(name, time_s), one.hint) for one in error.problems
    )


def _scales(joined: Joined) -> np.ndarray:
    """What each input is measured by: the nominal value of the output that it takes, converted."""
    nominals = np.append(joined.nominals, np.ones(len(joined.inputs)))
    return np.abs(nominals[joined.sources] * joined.factors)


def _changed(joined: Joined, inputs: np.ndarray, before: np.ndarray, nominal: np.ndarray) -> list[int]:
    """Parts that are to be started again, since their inputs are no longer those with which they were."""
    same = np.abs(inputs - before) <= SETTLED * np.maximum(nominal, np.abs(inputs))
    return [part for part, where in enumerate(joined.input_slices) if not same[where].all()]


def _accelerated(passed: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """The next inputs (k,) from those of the last passes and their rests, all in units of what inputs are measured by."""
    inputs, rest = passed[-1]
    if len(passed) == 1:
        return inputs + rest
    changes = np.diff(np.array([one for one, _ in passed]), axis=0).T
    rest_changes = np.diff(np.array([one for _, one in passed]), axis=0).T
    shares = np.linalg.lstsq(rest_changes, rest, rcond=1e-12)[0]
    move = rest - (changes + rest_changes) @ shares
    most = LARGEST_GAIN * np.abs(rest).max()
    return inputs + move * min(1.0, most / max(float(np.abs(move).max()), 1e-300))


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

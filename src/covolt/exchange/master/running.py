"""Steps a joined system from one time to another, wherever its parts run, and tells of every value that does not count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, final

import numpy as np

from covolt.errors import AssemblyError, ComponentFailed, CovoltError, Problem
from covolt.exchange.master.asking import Asking
from covolt.exchange.master.beginning import begin, nominal_inputs
from covolt.exchange.master.control import Controller
from covolt.exchange.master.crossing import Crossing, jumps_of
from covolt.exchange.master.fixed_point import FixedPoint
from covolt.exchange.master.guard import Guard, at_time
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.method import (
    Coupling,
    Method,
    check_method,
    largest_step_s,
    unit_step_s,
    whole_count,
)
from covolt.exchange.master.native import NativeSteps, native_steps
from covolt.exchange.master.record import Recorder, Run
from covolt.words import Phrase, text

__all__ = ["WORTH_STEPS", "attempt", "run"]

WORTH_STEPS: Final = 200
"""Fewer are not worth a loop in machine code."""


def run(joined: Joined, stop_s: float, method: Method, start_s: float = 0.0) -> Run:
    """Begin a joined system and step it from `start_s` to `stop_s`.

    Raises:
        InputError: a part cannot be stepped in this way.
        AssemblyError: the beginning, or a strongly coupled step, does not settle.
        ComponentFailed: a part gave no answer or one that does not count; names part, port, time and value.
    """
    done, failure = _attempted(joined, stop_s, method, start_s)
    if failure is not None:
        raise failure
    return done


def attempt(joined: Joined, stop_s: float, method: Method, start_s: float = 0.0) -> Run:
    """As `run`, and where a part fails on the way the run up to there, which says why it ended (`failure`).

    Raises:
        InputError: a part cannot be stepped in this way.
        AssemblyError: the beginning does not settle.
        ComponentFailed: a part does not start.
    """
    return _attempted(joined, stop_s, method, start_s)[0]


def _attempted(joined: Joined, stop_s: float, method: Method, start_s: float) -> tuple[Run, CovoltError | None]:
    check_method(joined, method, start_s, stop_s)
    stepping = _Stepping(joined, method)
    passes = begin(joined, stepping.crossing, stepping.guard, start_s, stop_s)
    recorder = Recorder(joined, method.keep_every)
    recorder.begin(start_s, stepping.crossing.outputs)
    failure: CovoltError | None = None
    try:
        walk = _fixed_steps if method.control is None else _controlled_steps
        walk(stepping, stepping.of(method.coupling), recorder, start_s, stop_s)
    except (ComponentFailed, AssemblyError) as error:
        failure = error
    finally:
        stepping.asking.close()
    times, values = recorder.rows()
    done = Run(
        system=joined.system.name,
        method=method,
        ports=joined.outputs,
        time_s=times,
        values=values,
        step_count=recorder.step_count,
        passes=passes,
        smallest_step_s=recorder.smallest_step_s if recorder.step_count else 0.0,
        largest_step_s=recorder.largest_step_s,
        bonds=recorder.energies(),
        waiting=stepping.asking.waiting(),
        repeated=stepping.repeated,
        loops=joined.loops,
        notes=(*joined.notes, *_said_of_loops(joined, method)),
        failure=() if failure is None else failure.problems,
    )
    return done, failure


def _fixed_steps(
    stepping: _Stepping,
    step: Callable[[float, float], None],
    recorder: Recorder,
    start_s: float,
    stop_s: float,
) -> None:
    """Steps of one length; the last is shorter where the span is no multiple. Times are multiples, never sums."""
    step_s = stepping.method.step_s
    whole = whole_count(stop_s - start_s, step_s)
    count = whole if whole is not None else int((stop_s - start_s) / step_s) + 1
    crossing, inputs, outputs = stepping.crossing, stepping.crossing.inputs, stepping.crossing.outputs
    number = 0
    while number < count:
        time_s = start_s + number * step_s
        last = number == count - 1
        end_s = stop_s if last else start_s + (number + 1) * step_s
        this_s = step_s if whole is not None or not last else stop_s - time_s
        step(time_s, this_s)
        recorder.add(end_s, this_s, inputs, outputs)
        crossing.advance(this_s)
        number += 1
        # The first step has nothing to foresee from, and the last may be shorter: both are asked one by one.
        if number == 1 and count > WORTH_STEPS and (native := stepping.native()) is not None:
            native.run(recorder, number, count - 1, start_s)
            number = count - 1


def _controlled_steps(
    stepping: _Stepping,
    step: Callable[[float, float], None],
    recorder: Recorder,
    start_s: float,
    stop_s: float,
) -> None:
    """Steps as long as bonds allow, ending at jumps from outside and at the end."""
    method, crossing, bonds = stepping.method, stepping.crossing, stepping.joined.bonds
    if method.control is None:
        return
    control = replace(method.control, largest_step_s=largest_step_s(stepping.joined, method.control))
    controller = Controller(control, bonds)
    jumps = {one for one in jumps_of(stepping.joined) if start_s < one < stop_s}
    time_s = start_s
    for bound_s in (*sorted(jumps), stop_s):
        while time_s < bound_s:
            this_s, end_s = _next_step(controller.step_s, time_s, bound_s, stepping.unit_step_s)
            foreseen = crossing.foresee(method.prediction, this_s)
            step(time_s, this_s)
            recorder.add(end_s, this_s, crossing.inputs, crossing.outputs)
            crossing.advance(this_s)
            controller.advance(this_s, crossing.outputs, foreseen)
            time_s = end_s
        crossing.forget()
        controller.begin()


def _next_step(proposed_s: float, time_s: float, bound_s: float, unit_s: float | None) -> tuple[float, float]:
    """A step and where it ends: what is proposed, cut so that no sliver is left before a bound; whole units where parts need."""
    left_s = bound_s - time_s
    if unit_s is not None:
        left = max(1, round(left_s / unit_s))
        count = min(max(1, int(proposed_s / unit_s + 0.5)), left)
        return count * unit_s, bound_s if count == left else time_s + count * unit_s
    if proposed_s >= left_s * (1.0 - 1e-9):
        return left_s, bound_s
    this_s = min(proposed_s, 0.5 * left_s) if 2.0 * proposed_s > left_s else proposed_s
    return this_s, time_s + this_s


def _said_of_loops(joined: Joined, method: Method) -> list[Phrase]:
    """Circles within one instant, which exchanges at the ends of steps solve a step late."""
    if method.coupling == "strong":
        return []
    return [
        text(
            "these follow from one another within one instant, and are solved one step late, which runs away where a round makes "
            "them larger; couple strongly, or let one of them hold a state: {circle}",
            circle=" → ".join(str(port) for port in group),
        )
        for group in joined.loops
    ]


@final
class _Stepping:
    """One step of all parts, with what it takes kept from step to step."""

    def __init__(self, joined: Joined, method: Method) -> None:
        self.method: Final = method
        self.joined: Final = joined
        self.crossing: Final = Crossing(joined)
        self.guard: Final = Guard(joined)
        self.asking: Final = Asking(joined, self.crossing, self.guard, method.most_resumes)
        self.unit_step_s: Final = unit_step_s(joined)
        self.repeated = 0
        self._nominal: Final = nominal_inputs(joined)

    def native(self) -> NativeSteps | None:
        """All parts in machine code, where all offer their functions."""
        return native_steps(self.joined, self.method, self.crossing, self.guard, self.asking)

    def of(self, coupling: Coupling) -> Callable[[float, float], None]:
        """The step of a coupling: from a time, over a length."""
        return {"Jacobi": self.jacobi, "Gauss-Seidel": self.gauss_seidel, "strong": self.strong}[coupling]

    def jacobi(self, time_s: float, step_s: float) -> None:
        """All parts with what was known at the beginning of the step."""
        crossing = self.crossing
        crossing.show(self.method.prediction, time_s, step_s)
        crossing.hand_over()
        self.guard.check_inputs(crossing.inputs, time_s)
        crossing.before[:] = crossing.outputs
        self.asking.all(time_s, step_s)
        self.guard.check(crossing.outputs, crossing.before, time_s + step_s, step_s)

    def gauss_seidel(self, time_s: float, step_s: float) -> None:
        """One part after another, each with what those before it have at the end of the step."""
        crossing = self.crossing
        crossing.show(self.method.prediction, time_s, step_s)
        crossing.before[:] = crossing.outputs
        for part in self.joined.order:
            crossing.hand_over_to(part)
            self.guard.check_inputs(crossing.inputs, time_s)
            self.asking.one(part, time_s, step_s)
            crossing.show_part(part, self.method.prediction)
        self.guard.check(crossing.outputs, crossing.before, time_s + step_s, step_s)

    def strong(self, time_s: float, step_s: float) -> None:
        """All parts again and again over one step, each time from its beginning, until what they take is what they give.

        What they take is the mean of what is given at both ends of the step, so that bonds lose nothing (trapezoidal rule).
        """
        crossing, components = self.crossing, tuple(self.joined.components.values())
        states = [component.save() for component in components]
        crossing.show("linear", time_s, step_s)
        crossing.hand_over()
        crossing.before[:] = crossing.outputs
        tries = FixedPoint(self._nominal)
        rest = np.zeros_like(crossing.inputs)
        for number in range(self.method.most_repeats):
            if number:
                for component, state in zip(components, states, strict=True):
                    component.restore(state)
                self.repeated += 1
            taken = crossing.inputs.copy()
            self.asking.all(time_s, step_s)
            self.guard.check_finite(crossing.outputs, time_s + step_s)
            crossing.show_mean()
            crossing.hand_over()
            rest = np.abs(crossing.inputs - taken)
            if np.all(rest <= self.method.settled_ratio * np.maximum(self._nominal, np.abs(taken))):
                break
            crossing.inputs[:] = tries.next(taken, crossing.inputs)
        else:
            raise AssemblyError(_unsettled_step(self.joined, rest, time_s, step_s))
        for component, state in zip(components, states, strict=True):
            component.forget(state)
        self.guard.check_inputs(crossing.inputs, time_s)
        self.guard.check(crossing.outputs, crossing.before, time_s + step_s, step_s)


def _unsettled_step(joined: Joined, by: np.ndarray, time_s: float, step_s: float) -> Problem:
    """A step whose values still move by so much, (k,)."""
    place = int(np.argmax(by / nominal_inputs(joined)))
    port = str(joined.inputs[place])
    what = text(
        "a step of {step} s does not settle: {port} still moves by {by}", step=step_s, port=port, by=float(by[place])
    )
    return Problem(what, at_time(port, time_s), text("take smaller steps, or let one part of the circle hold a state"))

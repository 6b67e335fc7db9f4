"""Steps a joined system from one time to another, wherever its parts run, and tells of every value that does not count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Final, final

import numpy as np

from covolt.errors import ComponentFailed
from covolt.exchange.master.beginning import begin, failed_by
from covolt.exchange.master.control import Controller
from covolt.exchange.master.crossing import Crossing, jumps_of
from covolt.exchange.master.guard import Guard
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.method import Method, check_method, largest_step_s, unit_step_s, whole_count
from covolt.exchange.master.record import Recorder, Run, Waiting
from covolt.words import Phrase, text

__all__ = ["run"]


def run(joined: Joined, stop_s: float, method: Method, start_s: float = 0.0) -> Run:
    """Begin a joined system and step it from `start_s` to `stop_s`.

    Raises:
        InputError: a part cannot be stepped in this way.
        AssemblyError: the beginning does not settle.
        ComponentFailed: a part gave no answer or one that does not count; names part, port, time and value.
    """
    check_method(joined, method, start_s, stop_s)
    stepping = _Stepping(joined, method)
    passes = begin(joined, stepping.crossing, stepping.guard, start_s, stop_s)
    recorder = Recorder(joined, method.keep_every)
    recorder.begin(start_s, stepping.crossing.outputs)
    step = stepping.jacobi if method.coupling == "Jacobi" else stepping.gauss_seidel
    (_fixed_steps if method.control is None else _controlled_steps)(stepping, step, recorder, start_s, stop_s)
    times, values = recorder.rows()
    return Run(
        system=joined.system.name,
        method=method,
        ports=joined.outputs,
        time_s=times,
        values=values,
        step_count=recorder.step_count,
        passes=passes,
        smallest_step_s=recorder.smallest_step_s,
        largest_step_s=recorder.largest_step_s,
        bonds=recorder.energies(),
        waiting=stepping.waiting(),
        loops=joined.loops,
        notes=(*joined.notes, *_said_of_loops(joined)),
    )


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
    for number in range(count):
        time_s = start_s + number * step_s
        last = number == count - 1
        end_s = stop_s if last else start_s + (number + 1) * step_s
        this_s = step_s if whole is not None or not last else stop_s - time_s
        step(time_s, this_s)
        recorder.add(end_s, this_s, inputs, outputs)
        crossing.advance(this_s)


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


def _said_of_loops(joined: Joined) -> list[Phrase]:
    """Circles within one instant, which exchanges at the ends of steps solve a step late."""
    return [
        text(
            "these follow from one another within one instant, and are solved one step late: {circle}",
            circle=" → ".join(str(port) for port in group),
        )
        for group in joined.loops
    ]


@final
class _Stepping:
    """One step of all parts, with what it takes kept from step to step."""

    def __init__(self, joined: Joined, method: Method) -> None:
        self.method: Final = method
        self.crossing: Final = Crossing(joined)
        self.guard: Final = Guard(joined)
        self.joined: Final = joined
        self._steps: Final = tuple(component.step for component in joined.components.values())
        self._components: Final = tuple(joined.components.values())
        self._calls: Final = list(range(len(joined.names)))
        self._counts = [0] * len(joined.names)
        self._waited_s = [0.0] * len(joined.names)
        self._longest_s = [0.0] * len(joined.names)
        self._fixed_steps_s: Final = tuple(
            one.description.capabilities.fixed_step_s for one in joined.components.values()
        )
        self._fixed: Final = tuple(one is not None for one in self._fixed_steps_s)
        self.unit_step_s: Final = unit_step_s(joined)

    def jacobi(self, time_s: float, step_s: float) -> None:
        """All parts with what was known at the beginning of the step."""
        crossing = self.crossing
        crossing.show(self.method.prediction, time_s, step_s)
        crossing.hand_over()
        self.guard.check_inputs(crossing.inputs, time_s)
        crossing.before[:] = crossing.outputs
        for part in self._calls:
            self._ask(part, time_s, step_s)
        self.guard.check(crossing.outputs, crossing.before, time_s + step_s, step_s)

    def gauss_seidel(self, time_s: float, step_s: float) -> None:
        """One part after another, each with what those before it have at the end of the step."""
        crossing = self.crossing
        crossing.show(self.method.prediction, time_s, step_s)
        crossing.before[:] = crossing.outputs
        for part in self.joined.order:
            crossing.hand_over_to(part)
            self._ask(part, time_s, step_s)
            crossing.show_part(part, self.method.prediction)
        self.guard.check_inputs(crossing.inputs, time_s)
        self.guard.check(crossing.outputs, crossing.before, time_s + step_s, step_s)

    def waiting(self) -> dict[str, Waiting]:
        """Of every part."""
        rows = zip(self._counts, self._waited_s, self._longest_s, strict=True)
        return {name: Waiting(*row) for name, row in zip(self.joined.names, rows, strict=True)}

    def _ask(self, part: int, time_s: float, step_s: float) -> None:
        began_s = perf_counter()
        inputs = self.crossing.input_views[part]
        try:
            if self._fixed[part]:
                answer = self._several(part, time_s, step_s, inputs)
            else:
                answer = self._steps[part](time_s, step_s, inputs)
        except ComponentFailed as error:
            raise failed_by(self.joined.names[part], time_s, error) from error
        self.crossing.output_views[part][:] = self.guard.taken(part, answer, time_s + step_s)
        waited_s = perf_counter() - began_s
        self._counts[part] += 1
        self._waited_s[part] += waited_s
        self._longest_s[part] = max(self._longest_s[part], waited_s)

    def _several(self, part: int, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        """The one step that a part takes as often as it goes into this one, inputs held, in one call."""
        fixed_s = self._fixed_steps_s[part] or step_s
        count = round(step_s / fixed_s)
        if count <= 1:
            return self._steps[part](time_s, step_s, inputs)
        return self._components[part].window(time_s, np.full(count, fixed_s), np.tile(inputs, (count, 1)))[-1]

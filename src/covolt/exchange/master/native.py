"""Steps of one length in machine code, where all parts offer their functions; equal to the bit to steps asked one by one."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Final, final

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.master.asking import Asking
from covolt.exchange.master.crossing import Crossing
from covolt.exchange.master.guard import Guard, at_time, failed_by
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.method import Method
from covolt.exchange.master.offered import Call, Functions, OffersFunctions
from covolt.exchange.master.record import Recorder
from covolt.words import text

__all__ = ["NativeSteps", "native_steps"]

_HERE: Final = platform.machine() in ("x86_64", "AMD64")
"""Where the counter of cycles may be read, and functions find the arguments that they know in their places whatever follows."""
_LARGEST: Final = sys.float_info.max


def native_steps(
    joined: Joined, method: Method, crossing: Crossing, guard: Guard, asking: Asking
) -> NativeSteps | None:
    """The steps of a started system in machine code; None where a step is more than set, step and get, at the same time."""
    plain = (
        _HERE
        and method.coupling == "Jacobi"
        and method.control is None
        and not joined.system.courses
        and not joined.choices
        and not joined.output_bounds.rated
    )
    if not plain:
        return None
    parts: list[OffersFunctions] = []
    functions: list[Functions] = []
    for component in joined.components.values():
        offered = component.functions() if isinstance(component, OffersFunctions) else None
        if offered is None or not isinstance(component, OffersFunctions):
            return None
        parts.append(component)
        functions.append(offered)
    return NativeSteps(joined, method, crossing, guard, asking, (tuple(parts), tuple(functions)))


@final
class NativeSteps:
    """Holds the plan that the machine code reads, and every array whose address stands in it."""

    def __init__(
        self,
        joined: Joined,
        method: Method,
        crossing: Crossing,
        guard: Guard,
        asking: Asking,
        offered: tuple[Sequence[OffersFunctions], Sequence[Functions]],
    ) -> None:
        from covolt.exchange.master.native_code import PART_WIDTH, Plan, loaded_loop

        self._loop: Final = loaded_loop()
        self._joined: Final = joined
        self._method: Final = method
        self._crossing: Final = crossing
        self._guard: Final = guard
        self._asking: Final = asking
        self._parts: Final = offered[0]
        self._places: Final = Plan
        self._failure: Final = np.zeros(3, dtype=np.int64)
        self._cycles: Final = np.zeros((len(self._parts), 2), dtype=np.int64)
        self._plan: Final = np.zeros(Plan.PARTS + PART_WIDTH * len(self._parts), dtype=np.int64)
        low, high = joined.output_bounds.lowest, joined.output_bounds.highest
        inputs = joined.input_bounds
        self._vectors: Final = {
            Plan.ALL: crossing.everything,
            Plan.OUTPUTS: crossing.outputs,
            Plan.BEFORE: crossing.before,
            Plan.INPUTS: crossing.inputs,
            Plan.SOURCES: joined.sources.astype(np.int64),
            Plan.FACTORS: joined.factors,
            Plan.SHIFTS: joined.shifts,
            Plan.CONTINUOUS: joined.continuous,
            Plan.LOWEST: np.maximum(low, -_LARGEST),
            Plan.HIGHEST: np.minimum(high, _LARGEST),
            Plan.LOWEST_INPUTS: inputs.lowest,
            Plan.HIGHEST_INPUTS: inputs.highest,
            Plan.CYCLES: self._cycles,
            Plan.FAILURE: self._failure,
            Plan.TELLS: np.zeros(4),
        }
        for place, vector in self._vectors.items():
            self._plan[place] = vector.ctypes.data
        self._plan[Plan.OUTPUT_COUNT] = len(joined.outputs)
        self._plan[Plan.INPUT_COUNT] = len(joined.inputs)
        self._plan[Plan.PART_COUNT] = len(self._parts)
        self._plan[Plan.CONVERTS] = crossing.converts
        for number, one in enumerate(offered[1]):
            given, taken = joined.input_slices[number], joined.output_slices[number]
            begin = Plan.PARTS + PART_WIDTH * number
            self._plan[begin : begin + 11] = [
                *(one.handle, one.set_address, one.set_references, given.stop - given.start, given.start),
                *(one.get_address, one.get_references, taken.stop - taken.start, taken.start),
                *(one.step_address, one.tells_flag),
            ]

    def run(self, recorder: Recorder, first: int, last: int, start_s: float) -> None:
        """Steps `first` to `last` - 1, counted from the beginning, into the record.

        Raises:
            ComponentFailed: as of steps that are asked one by one.
        """
        step_s = self._method.step_s
        linear = self._method.prediction == "linear"
        number = first
        while number < last:
            inputs, outputs = recorder.room
            count = min(last - number, len(inputs))
            self._plan[self._places.INPUT_ROWS] = inputs.ctypes.data
            self._plan[self._places.OUTPUT_ROWS] = outputs.ctypes.data
            began_s = perf_counter()
            done = self._loop.run(number, count, start_s, step_s, 0.5 if linear else 0.0, self._plan.ctypes.data)
            self._count(done, perf_counter() - began_s)
            recorder.filled(start_s + np.arange(number + 1, number + done + 1) * step_s, step_s)
            number += done
            if done < count:
                self._fail(start_s + number * step_s)
        for part in self._parts:
            part.caught_up(start_s + number * step_s)

    def _count(self, done: int, waited_s: float) -> None:
        """Share the time by the cycles that each part took."""
        total = max(1, int(self._cycles[:, 0].sum()))
        for part, (cycles, longest) in enumerate(self._cycles.tolist()):
            self._asking.asked_otherwise(part, done, waited_s * cycles / total, waited_s * longest / total)
        self._cycles[:] = 0

    def _fail(self, time_s: float) -> None:
        """Tell what ended the loop, as it is told where parts are asked one by one."""
        from covolt.exchange.master.native_code import Failure

        kind, part, status = (int(one) for one in self._failure)
        step_s = self._method.step_s
        if kind == Failure.INPUTS:
            self._guard.check_inputs(self._crossing.inputs, time_s)
        if kind == Failure.OUTPUTS:
            self._guard.check(self._crossing.outputs, self._crossing.before, time_s + step_s, step_s)
        calls: dict[int, Call] = {Failure.SET: "set", Failure.STEP: "step", Failure.GET: "get"}
        name = self._joined.names[part] if part < len(self._joined.names) else self._joined.system.name
        if kind in calls:
            raise failed_by(name, time_s, self._parts[part].refused(calls[kind], status, time_s))
        what = text("'{part}' ended its step otherwise than it was asked to", part=name)
        raise ComponentFailed(
            Problem(what, at_time(name, time_s), text("ask the owner of the part, or take smaller steps"))
        )

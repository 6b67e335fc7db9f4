"""The machine code of a macro step: hands over, sets, steps, gets, checks and keeps rows, for parts that offer their functions.

It reads a plan of 64-bit whole numbers: counts, addresses of vectors, then twelve numbers of each part. What it computes is what
`Crossing` and `Guard` compute, operation by operation, so that runs are equal to the bit.
"""

from __future__ import annotations

import ctypes
from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from typing import Any, Final, final

from llvmlite import ir

from covolt.simulation.native.emit import machine_code, target_machine

__all__ = ["PART_WIDTH", "Failure", "Loop", "Plan", "loaded_loop"]


@final
class Plan(IntEnum):
    """Places in the plan; the parts' numbers begin at `PARTS`."""

    OUTPUT_COUNT = 0
    INPUT_COUNT = 1
    PART_COUNT = 2
    ALL = 3
    OUTPUTS = 4
    BEFORE = 5
    INPUTS = 6
    SOURCES = 7
    FACTORS = 8
    SHIFTS = 9
    CONTINUOUS = 10
    LOWEST = 11
    HIGHEST = 12
    LOWEST_INPUTS = 13
    HIGHEST_INPUTS = 14
    OUTPUT_ROWS = 15
    INPUT_ROWS = 16
    CYCLES = 17
    FAILURE = 18
    TELLS = 19
    CONVERTS = 20
    PARTS = 21


@final
class _Part(IntEnum):
    HANDLE = 0
    SET = 1
    SET_REFERENCES = 2
    SET_COUNT = 3
    FIRST_INPUT = 4
    GET = 5
    GET_REFERENCES = 6
    GET_COUNT = 7
    FIRST_OUTPUT = 8
    STEP = 9
    TELLS_FLAG = 10


@final
class Failure(IntEnum):
    """What ended the loop."""

    NONE = 0
    SET = 1
    STEP = 2
    GET = 3
    TOLD = 4
    OUTPUTS = 5
    INPUTS = 6


PART_WIDTH: Final = 12
_WHOLE: Final = ir.IntType(64)
_SMALL: Final = ir.IntType(32)
_REAL: Final = ir.DoubleType()
_REALS: Final = _REAL.as_pointer()
_WHOLES: Final = _WHOLE.as_pointer()
_HANDLE: Final = ir.IntType(8).as_pointer()
_EXCHANGE: Final = ir.FunctionType(_SMALL, [_HANDLE, _HANDLE, _WHOLE, _REALS, _WHOLE])
_STEP: Final = ir.FunctionType(_SMALL, [_HANDLE, _REAL, _REAL, _SMALL, _HANDLE, _HANDLE, _HANDLE, _REALS])
_LOOP: Final = ir.FunctionType(_WHOLE, [_WHOLE, _WHOLE, _REAL, _REAL, _REAL, _WHOLES])


@final
class _Writer:
    """Writes the function `run(first, steps, start_s, step_s, share, plan)`; it gives the count of steps that were done."""

    def __init__(self) -> None:
        self.module = ir.Module("master")
        self.function = ir.Function(self.module, _LOOP, "run")
        self.build: Any = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.first, self.steps, self.start_s, self.step_s, self.share, self.plan = self.function.args
        self.done: Any = self.build.alloca(_WHOLE)

    def whole(self, value: int) -> Any:
        return ir.Constant(_WHOLE, value)

    def at(self, base: Any, place: Any) -> Any:
        return self.build.gep(base, [place])

    def planned(self, place: int) -> Any:
        return self.build.load(self.at(self.plan, self.whole(place)))

    def vector(self, place: int) -> Any:
        return self.build.inttoptr(self.planned(place), _REALS)

    @contextmanager
    def each(self, count: Any, name: str) -> Generator[Any, None, None]:
        """A loop over 0, 1, … count - 1."""
        build = self.build
        # Set aside once, at the entry: a frame that grew with every step would overflow.
        with build.goto_entry_block():
            counter = build.alloca(_WHOLE)
        build.store(self.whole(0), counter)
        head, body, end = (self.function.append_basic_block(f"{name}_{part}") for part in ("head", "body", "end"))
        build.branch(head)
        build.position_at_end(head)
        build.cbranch(build.icmp_signed("<", build.load(counter), count), body, end)
        build.position_at_end(body)
        yield build.load(counter)
        build.store(build.add(build.load(counter), self.whole(1)), counter)
        build.branch(head)
        build.position_at_end(end)

    def leave_if(self, condition: Any, kind: Failure, part: Any, status: Any) -> None:
        """End the loop, with what ended it."""
        build = self.build
        out, on = self.function.append_basic_block("out"), self.function.append_basic_block("on")
        build.cbranch(condition, out, on)
        build.position_at_end(out)
        failure = build.inttoptr(self.planned(Plan.FAILURE), _WHOLES)
        for place, value in enumerate((self.whole(kind), part, build.sext(status, _WHOLE))):
            build.store(value, self.at(failure, self.whole(place)))
        build.ret(build.load(self.done))
        build.position_at_end(on)

    def write(self) -> str:
        build = self.build
        build.store(self.whole(0), self.done)
        with self.each(self.steps, "step") as number:
            time_s = build.fadd(
                self.start_s, build.fmul(build.sitofp(build.add(self.first, number), _REAL), self.step_s)
            )
            self.hand_over(number)
            with self.each(self.planned(Plan.PART_COUNT), "part") as part:
                self.ask(part, time_s)
            self.check(Plan.OUTPUTS, Plan.LOWEST, Plan.HIGHEST, Plan.OUTPUT_COUNT, Failure.OUTPUTS)
            self.keep(Plan.OUTPUTS, Plan.OUTPUT_ROWS, Plan.OUTPUT_COUNT, number)
            build.store(build.add(number, self.whole(1)), self.done)
        build.ret(build.load(self.done))
        return str(self.module)

    def hand_over(self, number: Any) -> None:
        """shown = outputs + (outputs - before) * share * continuous; inputs = shown[sources] * factors + shifts."""
        build = self.build
        everything, outputs, before = (self.vector(place) for place in (Plan.ALL, Plan.OUTPUTS, Plan.BEFORE))
        continuous = self.vector(Plan.CONTINUOUS)
        # Zero added to a negative zero would change its sign.
        held = build.fcmp_ordered("==", self.share, ir.Constant(_REAL, 0.0))
        with self.each(self.planned(Plan.OUTPUT_COUNT), "shown") as place:
            now = build.load(self.at(outputs, place))
            change = build.fsub(now, build.load(self.at(before, place)))
            change = build.fmul(change, self.share)
            change = build.fmul(change, build.load(self.at(continuous, place)))
            shown = build.select(held, now, build.fadd(change, now))
            build.store(shown, self.at(everything, place))
            build.store(now, self.at(before, place))
        sources = build.inttoptr(self.planned(Plan.SOURCES), _WHOLES)
        converts = build.icmp_signed("!=", self.planned(Plan.CONVERTS), self.whole(0))
        inputs, factors, shifts = (self.vector(place) for place in (Plan.INPUTS, Plan.FACTORS, Plan.SHIFTS))
        with self.each(self.planned(Plan.INPUT_COUNT), "taken") as place:
            value = build.load(self.at(everything, build.load(self.at(sources, place))))
            converted = build.fmul(value, build.load(self.at(factors, place)))
            converted = build.fadd(converted, build.load(self.at(shifts, place)))
            build.store(build.select(converts, converted, value), self.at(inputs, place))
        self.check(Plan.INPUTS, Plan.LOWEST_INPUTS, Plan.HIGHEST_INPUTS, Plan.INPUT_COUNT, Failure.INPUTS)
        self.keep(Plan.INPUTS, Plan.INPUT_ROWS, Plan.INPUT_COUNT, number)

    def ask(self, part: Any, time_s: Any) -> None:
        """Set, step and get one part, and count the cycles that it takes."""
        build = self.build
        record = build.add(build.mul(part, self.whole(PART_WIDTH)), self.whole(Plan.PARTS))

        def of(place: _Part) -> Any:
            return build.load(self.at(self.plan, build.add(record, self.whole(place))))

        began = build.call(self._cycles(), [])
        handle = build.inttoptr(of(_Part.HANDLE), _HANDLE)
        inputs = self.at(self.vector(Plan.INPUTS), of(_Part.FIRST_INPUT))
        self._exchange(part, handle, of, (_Part.SET, _Part.SET_REFERENCES, _Part.SET_COUNT), inputs, Failure.SET)
        tells = self.vector(Plan.TELLS)
        flags = [build.bitcast(self.at(tells, self.whole(place)), _HANDLE) for place in range(3)]
        one = ir.Constant(_SMALL, 1)
        step = build.inttoptr(of(_Part.STEP), _STEP.as_pointer())
        status = build.call(step, [handle, time_s, self.step_s, one, *flags, self.at(tells, self.whole(3))])
        self.leave_if(build.icmp_signed(">", status, one), Failure.STEP, part, status)
        told = [build.zext(build.load(flag), _SMALL) for flag in flags]
        any_told = build.or_(build.or_(told[0], told[1]), told[2])
        asked = build.mul(any_told, build.trunc(of(_Part.TELLS_FLAG), _SMALL))
        self.leave_if(build.icmp_signed("!=", asked, ir.Constant(_SMALL, 0)), Failure.TOLD, part, any_told)
        outputs = self.at(self.vector(Plan.OUTPUTS), of(_Part.FIRST_OUTPUT))
        self._exchange(part, handle, of, (_Part.GET, _Part.GET_REFERENCES, _Part.GET_COUNT), outputs, Failure.GET)
        took = build.sub(build.call(self._cycles(), []), began)
        cycles = build.inttoptr(self.planned(Plan.CYCLES), _WHOLES)
        total = self.at(cycles, build.mul(part, self.whole(2)))
        longest = self.at(cycles, build.add(build.mul(part, self.whole(2)), self.whole(1)))
        build.store(build.add(build.load(total), took), total)
        before = build.load(longest)
        build.store(build.select(build.icmp_signed(">", took, before), took, before), longest)

    def _exchange(self, part: Any, handle: Any, of: Any, places: Any, values: Any, kind: Failure) -> None:
        """Set or get the reals of a part, where there are any."""
        build = self.build
        count = of(places[2])
        call, on = self.function.append_basic_block("call"), self.function.append_basic_block("called")
        build.cbranch(build.icmp_signed(">", count, self.whole(0)), call, on)
        build.position_at_end(call)
        function = build.inttoptr(of(places[0]), _EXCHANGE.as_pointer())
        status = build.call(function, [handle, build.inttoptr(of(places[1]), _HANDLE), count, values, count])
        self.leave_if(build.icmp_signed(">", status, ir.Constant(_SMALL, 1)), kind, part, status)
        build.branch(on)
        build.position_at_end(on)

    def check(self, vector: Plan, lowest: Plan, highest: Plan, count: Plan, kind: Failure) -> None:
        """Leave where a value is not within its bounds; what is no number never is, and finite bounds refuse infinity."""
        build = self.build
        values, low, high = (self.vector(place) for place in (vector, lowest, highest))
        with self.each(self.planned(count), "checked") as place:
            value = build.load(self.at(values, place))
            within = build.and_(
                build.fcmp_ordered(">=", value, build.load(self.at(low, place))),
                build.fcmp_ordered("<=", value, build.load(self.at(high, place))),
            )
            self.leave_if(build.not_(within), kind, place, ir.Constant(_SMALL, 0))

    def keep(self, vector: Plan, rows: Plan, count: Plan, number: Any) -> None:
        """A vector as a row."""
        build = self.build
        size = self.planned(count)
        values, kept = self.vector(vector), self.at(self.vector(rows), build.mul(number, size))
        with self.each(size, "kept") as place:
            build.store(build.load(self.at(values, place)), self.at(kept, place))

    def _cycles(self) -> Any:
        """The counter of the processor's cycles."""
        name = "llvm.readcyclecounter"
        return self.module.globals.get(name) or ir.Function(self.module, ir.FunctionType(_WHOLE, []), name)


@final
class Loop:
    """The loop, compiled for this processor."""

    def __init__(self) -> None:
        machine = target_machine()
        code = machine_code(_Writer().write(), machine)
        import llvmlite.binding as llvm

        self._jit: Final = llvm.create_lljit_compiler(machine)
        self._library: Final = llvm.JITLibraryBuilder().add_object_img(code).export_symbol("run").link(self._jit, "run")
        real, whole = ctypes.c_double, ctypes.c_int64
        self._call: Final = ctypes.CFUNCTYPE(whole, whole, whole, real, real, real, ctypes.c_void_p)(
            self._library["run"]
        )

    def run(self, first: int, count: int, start_s: float, step_s: float, share_ratio: float, plan_address: int) -> int:
        """Steps `first`, `first` + 1, … as many as are asked, or until one fails; how many were done."""
        return int(self._call(first, count, start_s, step_s, share_ratio, plan_address))


@cache
def loaded_loop() -> Loop:
    """The one loop of this process."""
    return Loop()

"""Code of one block of drives, a drive in each lane: over as many rows of its own as it has, keeping named signals.

A lane whose rows have ended stays at its last row; its end is stored in the step in which it ends, and nobody reads what it does
after. So a lane neither waits for another nor learns of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from covolt.simulation.native.emit import Writer
from covolt.simulation.native.program import Operation, Program

__all__ = ["POINTERS", "kept_code"]

POINTERS = (
    "parameters",
    "settings",
    "rows",
    "widths",
    "counts",
    "tables",
    "results",
    "wanted",
    "kept",
)
"""Where things stand, numbers of 64 bits; but for the last two a value for each lane, lanes side by side.

`parameters` and `settings`; `rows`, the addresses of the first rows of the profiles, and `widths`, the bytes from row to row
(both are written to); `counts` of steps, at least one each; `tables`, addresses, table by table; `results`, one for each
carried value; `wanted`, of each signal that is kept the bytes at which it stands among all; `kept`, lane by lane signal by
signal, the steps.
"""
HEADER = (
    "define void @drive(i64 %signals, i64 %signal_stride, i64 %lane_stride, "
    + ", ".join(f"ptr noalias %{name}" for name in POINTERS)
    + ") {"
)
NEVER = (1 << 63) - 1


class KeepingWriter(Writer):
    """Writes the code of one program for a block of drives; `signals` are operations whose results can be kept in every step."""

    def __init__(self, program: Program, signals: Sequence[int], lanes: int) -> None:
        super().__init__(program, 0, "double", lanes)
        self._signals = tuple(signals)
        self._numbers = f"<{lanes} x i64>"
        self._align = lanes * self._size

    def text(self) -> str:
        """The module as text of LLVM's intermediate code."""
        p, f = self._program, self._functions
        results = [*p.after, *self._signals]
        repeated = self._ordered(results, moving=True)
        states = [k for k in range(len(p.start)) if p.moving[p.after[k]]]
        rooms = self._before(self._uses(repeated) | set(results), states)
        self._label("step")
        f.line("%i = phi i64 [0, %begin], [%i.next, %turn], [%i.next, %ending]")
        self._names = {}
        for i in repeated:
            self._names[i] = self._value(i)
        for k in states:
            f.line(f"store {f.vector} {self._operand(p.after[k])}, ptr %state{k}, align {self._align}")
        for n, i in enumerate(self._signals):
            place = f.new(f"getelementptr {f.vector}, ptr %shown, i64 {n}")
            f.line(f"store {f.vector} {self._operand(i)}, ptr {place}, align {self._align}")
        f.line("br i1 %keeps, label %keep, label %turn")
        self._keep()
        self._turn()
        self._names = {}
        self._end(states)
        body = [HEADER, "entry:", *rooms, *self._lines, "out:", "  ret void", "}"]
        declared = f"declare i64 @llvm.vector.reduce.smin.v{self._lanes}i64({self._numbers})"
        return "\n".join([*f.declarations(), declared, *body]) + "\n"

    def _before(self, used: set[int], states: list[int]) -> list[str]:
        """What is fixed, once, and the first states; the rooms on the stack in which the steps find them."""
        p, f = self._program, self._functions
        fixed = self._ordered([*p.start, *self._fixed_behind([*p.after, *self._signals])], moving=False)
        kept = [i for i in fixed if i in used]
        self._begin(fixed, kept, states)
        self._find_next_end("0")
        f.line("%keeps = icmp sgt i64 %signals, 0")
        f.line("br label %begin")
        self._label("begin")
        f.line("br label %step")
        rooms = self._rooms(kept, states)
        rooms.append(f"  %shown = alloca [{max(1, len(self._signals))} x {f.vector}], align {self._align}")
        return [*rooms, "  %end = alloca i64"]

    def _turn(self) -> None:
        """Go on to the next rows, and to the end where a lane has none."""
        f = self._functions
        self._label("turn")
        rows, widths = (f.new(f"load {self._numbers}, ptr %{name}, align 8") for name in ("rows", "widths"))
        rows = f.new(f"add {self._numbers} {rows}, {widths}")
        f.line(f"store {self._numbers} {rows}, ptr %rows, align 8")
        f.line("%i.next = add i64 %i, 1")
        end = f.new("load i64, ptr %end")
        f.line(f"%ends = icmp eq i64 %i.next, {end}")
        f.line("br i1 %ends, label %ending, label %step")

    def _label(self, name: str) -> None:
        self._lines.append(f"{name}:")

    def _keep(self) -> None:
        """Bring each wanted signal of this step to each lane's own place."""
        f = self._functions
        self._label("keep")
        f.line("%n = phi i64 [0, %step], [%n.next, %keep]")
        f.line("%target = phi i64 [%i, %step], [%target.next, %keep]")
        place = f.new("getelementptr i64, ptr %wanted, i64 %n")
        place = f.new(f"load i64, ptr {place}, align 8")
        shown = f.new(f"getelementptr i8, ptr %shown, i64 {place}")
        target = f.new("getelementptr double, ptr %kept, i64 %target")
        for lane in range(self._lanes):
            source = f.new(f"getelementptr double, ptr {shown}, i64 {lane}")
            value = f.new(f"load double, ptr {source}, align 8")
            f.line(f"store double {value}, ptr {target}, align 8")
            if lane + 1 < self._lanes:
                target = f.new(f"getelementptr double, ptr {target}, i64 %lane_stride")
        f.line("%target.next = add i64 %target, %signal_stride")
        f.line("%n.next = add i64 %n, 1")
        f.line("%kept.more = icmp slt i64 %n.next, %signals")
        f.line("br i1 %kept.more, label %keep, label %turn")

    def _find_next_end(self, step: str) -> str:
        """The least count of steps above one: when lanes end next."""
        f = self._functions
        counts = f.new(f"load {self._numbers}, ptr %counts, align 8")
        later = f.new(f"icmp sgt {self._numbers} {counts}, {self._spread(step)}")
        left = f.new(f"select {f.truths} {later}, {self._numbers} {counts}, {self._numbers} splat (i64 {NEVER})")
        first = f.new(f"call i64 @llvm.vector.reduce.smin.v{self._lanes}i64({self._numbers} {left})")
        f.line(f"store i64 {first}, ptr %end")
        return first

    def _spread(self, number: str) -> str:
        f = self._functions
        one = f.new(f"insertelement {self._numbers} poison, i64 {number}, i32 0")
        return f.new(
            f"shufflevector {self._numbers} {one}, {self._numbers} poison, <{self._lanes} x i32> zeroinitializer"
        )

    def _end(self, states: list[int]) -> None:
        """Store the results of the lanes that have ended, and let them stand at their last row."""
        p, f = self._program, self._functions
        self._label("ending")
        counts = f.new(f"load {self._numbers}, ptr %counts, align 8")
        now = f.new(f"icmp eq {self._numbers} {counts}, {self._spread('%i.next')}")
        for k in range(len(p.start)):
            load = f"load {f.vector}, ptr %state{k}, align {self._align}"
            value = f.new(load) if k in states else self._operand(p.after[k])
            place = f.new(f"getelementptr double, ptr %results, i64 {k * self._lanes}")
            before = f.new(f"load {f.vector}, ptr {place}, align 8")
            f.line(f"store {f.vector} {f.select(now, value, before)}, ptr {place}, align 8")
        rows, widths = (f.new(f"load {self._numbers}, ptr %{name}, align 8") for name in ("rows", "widths"))
        back = f.new(f"sub {self._numbers} {rows}, {widths}")
        for name, ended, others in (("rows", back, rows), ("widths", "zeroinitializer", widths)):
            numbers = f.new(f"select {f.truths} {now}, {self._numbers} {ended}, {self._numbers} {others}")
            f.line(f"store {self._numbers} {numbers}, ptr %{name}, align 8")
        first = self._find_next_end("%i.next")
        over = f.new(f"icmp eq i64 {first}, {NEVER}")
        f.line(f"br i1 {over}, label %out, label %step")

    def _leaf(self, operation: Operation) -> str:
        f, place = self._functions, int(operation.value)
        if operation.name in ("parameter", "setting"):
            pointer = f.new(f"getelementptr double, ptr %{operation.name}s, i64 {place * self._lanes}")
            return f.new(f"load {f.vector}, ptr {pointer}, align 8")
        if operation.name != "column":
            return super()._leaf(operation)
        found = "poison"
        for lane in range(self._lanes):
            row = f.new(f"getelementptr i64, ptr %rows, i64 {lane}")
            row = f.new(f"load ptr, ptr {row}, align 8")
            row = f.new(f"getelementptr double, ptr {row}, i64 {place}")
            one = f.new(f"load double, ptr {row}, align 8")
            found = f.new(f"insertelement {f.vector} {found}, double {one}, i32 {lane}")
        return found

    def _read(self, operation: Operation) -> str:
        f = self._functions
        number = int(self._program.operations[operation.arguments[0]].value)
        bases = f.new(f"getelementptr ptr, ptr %tables, i64 {number * self._lanes}")
        bases = f.new(f"load <{self._lanes} x ptr>, ptr {bases}, align 8")
        index = self._operand(operation.arguments[1])
        return f.gather(f.new(f"getelementptr double, <{self._lanes} x ptr> {bases}, <{self._lanes} x i32> {index}"))


def kept_code(program: Program, signals: Sequence[int], lanes: int) -> str:
    """The LLVM text of a block of drives."""
    return KeepingWriter(program, signals, lanes).text()

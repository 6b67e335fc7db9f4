"""Loops over the steps of one drive as machine code: one step after the other, or many at once where they do not wait.

Every number that changes with the step lies in a row of its own, so that neighbouring steps are neighbours in memory and
fill the lanes of a vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from covolt.simulation.native.emit import LoadedModule, Writer
from covolt.simulation.native.program import Operation, Program

POINTERS = ("parameters", "settings", "tables", "columns", "states", "cotangents", "entries", "results")
"""Addresses that each function takes after the count of steps and the length of a row, in this order."""


@dataclass(frozen=True)
class Store:
    """Where an operation's result goes in every step (or, from outside the loop, once): a row, and steps ahead."""

    operation: int
    pointer: str
    row: int
    ahead: int = 0


@dataclass(frozen=True)
class Loop:
    """What a function does: a program repeated over the steps.

    `ahead` says of the leaves that change with the step how many steps ahead their row is read. `first` is stored once, at
    the first step; `sums` are summed over the steps, lane by lane; `held` (before the first step, after each) is handed from
    step to step without a row, and its last values follow the sums. `guessing` (one lane only) makes jumps of choices: the
    processor guesses which and need not wait for a limit that does not bind.
    """

    name: str
    program: Program
    lanes: int
    stores: tuple[Store, ...] = ()
    first: tuple[Store, ...] = ()
    sums: tuple[int, ...] = ()
    held: tuple[tuple[int, int], ...] = ()
    backward: bool = False
    guessing: bool = False
    ahead: dict[str, int] = field(default_factory=dict)


CHOICES = ("max", "min", "select")
ROWS = {"column": "columns", "state": "states", "next": "states", "cotangent": "cotangents", "entry": "entries"}


class LoopWriter(Writer):
    """Writes the code of one loop over the steps of a drive."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop.program, 0, "double", loop.lanes)
        self._loop = loop
        self._align = loop.lanes * self._size
        self._results = [store.operation for store in loop.stores] + [*loop.sums, *(after for _, after in loop.held)]
        self._repeated = self._ordered(self._results, moving=True)

    def text(self) -> str:
        """The function as text of LLVM's intermediate code."""
        arguments = ", ".join(f"ptr %{name}" for name in POINTERS)
        header = f"define void @{self._loop.name}(i64 %steps, i64 %stride, {arguments}) {{"
        rooms = self._before()
        self._during()
        self._after()
        return "\n".join([header, "entry:", *rooms, *self._functions.lines, "  ret void", "}"]) + "\n"

    def _before(self) -> list[str]:
        """What is fixed, once; the rooms on the stack in which the loop finds it."""
        loop, p, f = self._loop, self._program, self._functions
        held = {a for i in self._repeated for a in p.operations[i].arguments if not p.moving[a]}
        held |= {i for i in self._results if not p.moving[i]}
        once = [*(store.operation for store in loop.first), *(start for start, _ in loop.held)]
        fixed = self._ordered([*once, *sorted(held)], moving=False)
        kept = [i for i in fixed if i in held]
        for i in fixed:
            self._names[i] = self._value(i)
        for i in kept:
            f.line(f"store {self._stored(i)} {self._names[i]}, ptr %kept{i}, align {self._align}")
        for store in loop.first:
            self._store(store, "0")
        for n in range(len(loop.sums)):
            f.line(f"store {f.vector} zeroinitializer, ptr %sum{n}, align {self._align}")
        for n, (start, _) in enumerate(loop.held):
            f.line(f"store {f.vector} {self._operand(start)}, ptr %held{n}, align {self._align}")
        f.line("%last = sub i64 %steps, 1")
        f.line("br label %begin")
        f.lines.append("begin:")
        f.line("br label %step")
        self._slots = {i: f"%kept{i}" for i in kept}
        self._names = {}
        rooms = [f"  %kept{i} = alloca {self._stored(i)}, align {self._align}" for i in kept]
        rooms += [f"  %sum{n} = alloca {f.vector}, align {self._align}" for n in range(len(loop.sums))]
        return rooms + [f"  %held{n} = alloca {f.vector}, align {self._align}" for n in range(len(loop.held))]

    def _during(self) -> None:
        loop, f = self._loop, self._functions
        f.lines.append("step:")
        f.line("%done = phi i64 [0, %begin], [%done.next, %again]")
        f.line("%i = sub i64 %last, %done" if loop.backward else "%i = add i64 %done, 0")
        for i in self._repeated:
            f.guessing = loop.guessing and self._program.operations[i].name in CHOICES
            self._names[i] = self._value(i)
        f.guessing = False
        for store in loop.stores:
            self._store(store, "%i")
        for n, i in enumerate(loop.sums):
            total = f.new(f"load {f.vector}, ptr %sum{n}, align {self._align}")
            total = f.arithmetic("fadd", total, self._operand(i))
            f.line(f"store {f.vector} {total}, ptr %sum{n}, align {self._align}")
        for n, (_, after) in enumerate(loop.held):
            f.line(f"store {f.vector} {self._operand(after)}, ptr %held{n}, align {self._align}")
        f.line(f"%done.next = add i64 %done, {self._lanes}")
        f.line("%more = icmp slt i64 %done.next, %steps")
        f.line("br label %again")
        f.lines.append("again:")
        f.line("br i1 %more, label %step, label %end")

    def _after(self) -> None:
        f = self._functions
        f.lines.append("end:")
        rooms = [f"%sum{n}" for n in range(len(self._loop.sums))] + [f"%held{n}" for n in range(len(self._loop.held))]
        for n, room in enumerate(rooms):
            value = f.new(f"load {f.vector}, ptr {room}, align {self._align}")
            place = f.new(f"getelementptr double, ptr %results, i64 {n * self._lanes}")
            f.line(f"store {f.vector} {value}, ptr {place}, align 8")

    def declarations(self) -> list[str]:
        """What the function calls."""
        return self._functions.declarations()

    def _place(self, pointer: str, row: int, step: str, ahead: int) -> str:
        f = self._functions
        place = f.new(f"mul i64 %stride, {row}")
        place = f.new(f"add i64 {place}, {step}")
        place = f.new(f"add i64 {place}, {ahead}")
        return f.new(f"getelementptr double, ptr %{pointer}, i64 {place}")

    def _store(self, store: Store, step: str) -> None:
        f = self._functions
        target = self._place(store.pointer, store.row, step, store.ahead)
        f.line(f"store {f.vector} {self._operand(store.operation)}, ptr {target}, align 8")

    def _leaf(self, operation: Operation) -> str:
        f, row = self._functions, int(operation.value)
        if operation.name in ROWS:
            place = self._place(ROWS[operation.name], row, "%i", self._loop.ahead.get(operation.name, 0))
            return f.new(f"load {f.vector}, ptr {place}, align 8")
        if operation.name == "parameter":
            place = f.new(f"getelementptr double, ptr %parameters, i64 {row}")
            return f.spread(f.new(f"load double, ptr {place}, align 8"))
        if operation.name == "held":
            return f.new(f"load {f.vector}, ptr %held{row}, align {self._align}")
        if operation.name == "index":
            lanes = ", ".join(f"double {float(n)}" for n in range(self._lanes))
            begin = f.spread(f.new("uitofp i64 %i to double"))
            return f.arithmetic("fadd", begin, f"<{lanes}>")
        return super()._leaf(operation)


def loaded(code: bytes, machine: Any, names: Sequence[str]) -> LoadedModule:
    """Object code of some loops made callable: count of steps and length of a row, then the addresses `POINTERS`."""
    return LoadedModule(code, machine, names, 2, len(POINTERS))


def module_text(loops: list[Loop]) -> str:
    """The module of some loops."""
    writers = [LoopWriter(loop) for loop in loops]
    bodies = [writer.text() for writer in writers]
    declared = dict.fromkeys(line for writer in writers for line in writer.declarations())
    return "\n".join([*declared, *bodies])

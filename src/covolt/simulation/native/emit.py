"""A program as machine code for this processor, through LLVM.

One function drives blocks of vehicles, one vehicle in each lane of a vector. Within a block, what is fixed over the drive is
computed first; then the steps follow each other with all of the block's numbers in the processor's nearest cache.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import llvmlite
import llvmlite.binding as llvm

from covolt.simulation.kept import keep, recall
from covolt.simulation.native.functions import FunctionWriter
from covolt.simulation.native.program import Operation, Program
from covolt.simulation.origin import has_files

SIMPLE = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
WHOLE = {"add": "add", "sub": "sub", "mul": "mul"}
TRUTHS = {"and": "and", "or": "or", "ne": "xor"}
ORDERED = {"gt": "ogt", "lt": "olt", "ge": "oge", "le": "ole", "eq": "oeq", "ne": "une"}
SIGNED = {"gt": "sgt", "lt": "slt", "ge": "sge", "le": "sle", "eq": "eq", "ne": "ne"}
CALLED = {"sqrt": "sqrt", "abs": "fabs", "floor": "floor", "ceil": "ceil"}
VECTORS = 2
"""Vectors of the processor's width in one block: two independent chains of operations hide each other's waiting."""

HEADER = (
    "define void @drive(i64 %steps, i64 %blocks, i64 %stride, ptr noalias %parameters, ptr noalias %settings, "
    "ptr noalias %profile, ptr noalias %tables, ptr noalias %results) {"
)


class Writer:
    """Writes the intermediate code of one program."""

    def __init__(self, program: Program, columns: int, real: str, lanes: int) -> None:
        self._program = program
        self._columns = columns
        self._functions = FunctionWriter(real, lanes)
        self._real, self._lanes = real, lanes
        self._size = 8 if real == "double" else 4
        self._names: dict[int, str] = {}
        self._slots: dict[int, str] = {}
        self._lines = self._functions.lines

    def text(self) -> str:
        """The module as text of LLVM's intermediate code."""
        p, f = self._program, self._functions
        vector = f.vector
        fixed = self._ordered([*p.start, *self._fixed_behind(p.after)], moving=False)
        repeated = self._ordered(list(p.after), moving=True)
        used = self._uses(repeated)
        kept = [i for i in fixed if i in used or i in p.after]
        states = [k for k in range(len(p.start)) if p.moving[p.after[k]]]
        align = self._lanes * self._size
        entry = self._rooms(kept, states)
        f.line("br label %block")
        self._lines.append("block:")
        f.line("%b = phi i64 [0, %entry], [%b.next, %done]")
        f.line(f"%first = mul i64 %b, {self._lanes}")
        self._begin(fixed, kept, states)
        f.line("%any = icmp sgt i64 %steps, 0")
        f.line("br i1 %any, label %step, label %done")
        self._lines.append("step:")
        f.line("%i = phi i64 [0, %block], [%i.next, %step]")
        self._names = {}
        for i in repeated:
            self._names[i] = self._value(i)
        for k in states:
            f.line(f"store {vector} {self._operand(p.after[k])}, ptr %state{k}, align {align}")
        f.line("%i.next = add i64 %i, 1")
        f.line("%more = icmp slt i64 %i.next, %steps")
        f.line("br i1 %more, label %step, label %done")
        self._lines.append("done:")
        self._store_results(states)
        f.line("%b.next = add i64 %b, 1")
        f.line("%again = icmp slt i64 %b.next, %blocks")
        f.line("br i1 %again, label %block, label %end")
        body = [HEADER, "entry:", *entry, *self._lines, "end:", "  ret void", "}"]
        return "\n".join([*f.declarations(), *body]) + "\n"

    def _rooms(self, kept: list[int], states: list[int]) -> list[str]:
        """The rooms on the stack in which steps find what is fixed, and the states."""
        align = self._lanes * self._size
        rooms = [f"  %kept{i} = alloca {self._stored(i)}, align {align}" for i in kept]
        return rooms + [f"  %state{k} = alloca {self._functions.vector}, align {align}" for k in states]

    def _begin(self, fixed: list[int], kept: list[int], states: list[int]) -> None:
        """Work out what is fixed, and put it and the first states into their rooms."""
        f, align = self._functions, self._lanes * self._size
        for i in fixed:
            self._names[i] = self._value(i)
        for i in kept:
            f.line(f"store {self._stored(i)} {self._names[i]}, ptr %kept{i}, align {align}")
            self._slots[i] = f"%kept{i}"
        for k in states:
            f.line(f"store {f.vector} {self._operand(self._program.start[k])}, ptr %state{k}, align {align}")

    def _store_results(self, states: list[int]) -> None:
        p, f, align = self._program, self._functions, self._lanes * self._size
        for k in range(len(p.start)):
            load = f"load {f.vector}, ptr %state{k}, align {align}"
            value = f.new(load) if k in states else self._operand(p.after[k])
            place = f.new(f"mul i64 %stride, {k}")
            place = f.new(f"add i64 {place}, %first")
            target = f.new(f"getelementptr {self._real}, ptr %results, i64 {place}")
            f.line(f"store {f.vector} {value}, ptr {target}, align {self._size}")

    def _stored(self, index: int) -> str:
        kind = self._program.operations[index].kind
        return {"real": self._functions.vector, "truth": f"<{self._lanes} x i1>"}.get(kind, f"<{self._lanes} x i32>")

    def _fixed_behind(self, results: Sequence[int]) -> list[int]:
        """What does not move and is read by what does, on the way to these results."""
        p = self._program
        reached = self._ordered(list(results), moving=True)
        wanted = {a for i in reached for a in p.operations[i].arguments if not p.moving[a]}
        return sorted(wanted | {i for i in results if not p.moving[i]})

    def _uses(self, repeated: list[int]) -> set[int]:
        return {argument for i in repeated for argument in self._program.operations[i].arguments}

    def _ordered(self, wanted: list[int], *, moving: bool) -> list[int]:
        """Operations that these need, arguments before results; constants and leaves of the other time are left out."""
        p = self._program
        found: dict[int, None] = {}
        stack = [(i, False) for i in reversed(wanted)]
        while stack:
            i, ready = stack.pop()
            if i in found or p.moving[i] != moving or p.operations[i].name in ("constant", "table"):
                continue
            if ready:
                found[i] = None
                continue
            stack.append((i, True))
            stack.extend((argument, False) for argument in reversed(p.operations[i].arguments))
        return list(found)

    def _operand(self, index: int) -> str:
        operation = self._program.operations[index]
        if operation.name == "constant":
            return self._functions.splat(operation.value, operation.kind)
        if index in self._names:
            return self._names[index]
        align = self._lanes * self._size
        return self._functions.new(f"load {self._stored(index)}, ptr {self._slots[index]}, align {align}")

    def _value(self, index: int) -> str:
        operation = self._program.operations[index]
        if not operation.arguments:
            return self._leaf(operation)
        if operation.name == "read":
            return self._read(operation)
        x = [self._operand(argument) for argument in operation.arguments]
        kind = self._program.operations[operation.arguments[-1]].kind
        if kind == "truth" and operation.name != "select":
            return self._of_truths(operation.name, x)
        if operation.name == "select" and kind != "real":
            stored = self._stored(index)
            return self._functions.new(f"select <{self._lanes} x i1> {x[0]}, {stored} {x[1]}, {stored} {x[2]}")
        if kind in ("whole", "natural"):
            return self._of_wholes(operation.name, x, "s" if kind == "whole" else "u")
        return self._of_reals(operation, x)

    def _of_truths(self, name: str, x: list[str]) -> str:
        if name == "not":
            return self._functions.new(f"xor <{self._lanes} x i1> {x[0]}, splat (i1 true)")
        if name not in TRUTHS:
            raise NotImplementedError(f"{name} of truths")
        return self._functions.new(f"{TRUTHS[name]} <{self._lanes} x i1> {x[0]}, {x[1]}")

    def _of_wholes(self, name: str, x: list[str], sign: str) -> str:
        f, whole = self._functions, f"<{self._lanes} x i32>"
        if name in WHOLE:
            return f.new(f"{WHOLE[name]} {whole} {x[0]}, {x[1]}")
        if name == "div":
            return f.new(f"{sign}div {whole} {x[0]}, {x[1]}")
        if name in ("whole", "natural"):
            return x[0]
        if name in ("max", "min"):
            larger = f.new(f"icmp {sign}{'gt' if name == 'max' else 'lt'} {whole} {x[0]}, {x[1]}")
            return f.new(f"select <{self._lanes} x i1> {larger}, {whole} {x[0]}, {whole} {x[1]}")
        if name in SIGNED:
            return f.new(f"icmp {SIGNED[name]} {whole} {x[0]}, {x[1]}")
        if name == "real":
            return f.new(f"sitofp {whole} {x[0]} to {f.vector}")
        raise NotImplementedError(f"{name} of whole numbers")

    def _of_reals(self, operation: Operation, x: list[str]) -> str:
        f, name = self._functions, operation.name
        if name in ("max", "min"):
            return self._extreme(operation, x)
        if name == "select":
            return f.select(*x)
        if name == "whole":
            return self._whole(x[0])
        if name in SIMPLE:
            return f.arithmetic(SIMPLE[name], x[0], x[1])
        if name in ORDERED:
            return f.compare(ORDERED[name], x[0], x[1])
        return f.call(CALLED[name], x[0]) if name in CALLED else f.written(name, x)

    def _whole(self, x: str) -> str:
        """The number towards zero, held within the bounds of int32; nothing for what is not a number."""
        f, whole = self._functions, f"<{self._lanes} x i32>"
        # The highest of single precision that is none too large; above it stands the bound itself.
        highest = 2147483647.0 if self._real == "double" else 2147483520.0
        low, high = f.splat(-2147483648.0), f.splat(highest)
        held = f.extreme("min", f.extreme("max", low, x, False, True), high, True, False)
        held = f.select(f.compare("ord", x, x), held, f.splat(0.0))
        found = f.new(f"fptosi {f.vector} {held} to {whole}")
        if self._real == "double":
            return found
        above = f.compare("ogt", x, high)
        return f.new(f"select {f.truths} {above}, {whole} splat (i32 2147483647), {whole} {found}")

    def _extreme(self, operation: Operation, x: list[str]) -> str:
        numbers = [self._program.operations[argument] for argument in operation.arguments]
        may_fail = [not (n.name == "constant" and n.value == n.value) for n in numbers]
        return self._functions.extreme(operation.name, x[0], x[1], may_fail[0], may_fail[1])

    def _leaf(self, operation: Operation) -> str:
        f, place = self._functions, int(operation.value)
        if operation.name == "parameter":
            offset = f.new(f"mul i64 %stride, {place}")
            offset = f.new(f"add i64 {offset}, %first")
            pointer = f.new(f"getelementptr {self._real}, ptr %parameters, i64 {offset}")
            return f.new(f"load {f.vector}, ptr {pointer}, align {self._size}")
        if operation.name == "state":
            return f.new(f"load {f.vector}, ptr %state{place}, align {self._lanes * self._size}")
        if operation.name == "index":
            return f.spread(f.new(f"uitofp i64 %i to {self._real}"))
        source, at = "%settings", str(place)
        if operation.name == "column":
            at = f.new(f"mul i64 %i, {self._columns}")
            at, source = f.new(f"add i64 {at}, {place}"), "%profile"
        pointer = f.new(f"getelementptr {self._real}, ptr {source}, i64 {at}")
        return f.spread(f.new(f"load {self._real}, ptr {pointer}, align {self._size}"))

    def _read(self, operation: Operation) -> str:
        f = self._functions
        number = int(self._program.operations[operation.arguments[0]].value)
        base = f.new(f"getelementptr ptr, ptr %tables, i64 {number}")
        base = f.new(f"load ptr, ptr {base}, align 8")
        index = self._operand(operation.arguments[1])
        places = f.new(f"getelementptr {self._real}, ptr {base}, <{self._lanes} x i32> {index}")
        return f.gather(places)


def intermediate(program: Program, columns: int, real: str, lanes: int) -> str:
    """The LLVM text of a program."""
    return Writer(program, columns, real, lanes).text()


def target_machine() -> llvm.TargetMachine:
    """This processor with all that it can do."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = processor()
    return llvm.Target.from_default_triple().create_target_machine(cpu=name, features=features, opt=3, jit=True)


def lane_count(real: str) -> int:
    """Vehicles in one block."""
    features = llvm.get_host_cpu_features()
    size_B = 64 if features.get("avx512f") else 32 if features.get("avx") else 16
    return VECTORS * size_B // (8 if real == "double" else 4)


def processor() -> tuple[str, str]:
    """Name and features of this processor."""
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def machine_code(text: str, machine: llvm.TargetMachine) -> bytes:
    """Object code of a module's text."""
    module = llvm.parse_assembly(text)
    module.verify()
    return machine.emit_object(module)


def is_object_code(content: bytes) -> bool:
    """Whether bytes begin as object code does: of ELF, Mach-O or COFF."""
    return content.startswith((b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\x64\x86", b"\x64\xaa"))


def object_code(text: str, machine: llvm.TargetMachine, tree: object) -> bytes:
    """Object code of a module's text, from the disk where it was compiled before for the same processor.

    The text is all that the code depends on; yet of parts without a file (`tree`) nothing is left behind.
    """
    about = (text, str(machine.triple), *processor(), llvmlite.__version__)
    found = recall("native", about)
    if found is None or not is_object_code(found):
        found = machine_code(text, machine)
        if has_files([tree]):
            keep("native", about, found)
    return found


class LoadedModule:
    """Object code made callable, its functions taking whole numbers and then addresses; it lives as long as this."""

    def __init__(
        self, code: bytes, machine: llvm.TargetMachine, names: Sequence[str], numbers: int, addresses: int
    ) -> None:
        self._jit = llvm.create_lljit_compiler(machine)
        builder = llvm.JITLibraryBuilder().add_object_img(code)
        for name in names:
            builder = builder.export_symbol(name)
        self._library = builder.link(self._jit, names[0])
        prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * numbers, *[ctypes.c_void_p] * addresses)
        self.functions = {name: prototype(self._library[name]) for name in names}


class Code:
    """The function of a drive."""

    def __init__(self, code: bytes, machine: llvm.TargetMachine) -> None:
        self._module = LoadedModule(code, machine, ["drive"], 3, 5)
        self._call = self._module.functions["drive"]

    def drive(self, steps: int, blocks: int, stride: int, *addresses: int) -> None:
        """Drive blocks of vehicles, `stride` numbers from one row of a matrix to the next.

        The addresses are those of parameters, settings, profile, table addresses and results; parameters and results at the
        column of the first vehicle. The caller keeps what they point at.
        """
        self._call(steps, blocks, stride, *addresses)

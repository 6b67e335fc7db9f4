"""A part behind its ports as machine code without names: one function that begins and one that steps, for any processor."""

from __future__ import annotations

import hashlib
import struct
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import llvmlite.binding as llvm
import numpy as np

from covolt.exchange.component import Variable
from covolt.exchange.own_part import AbstractPorted
from covolt.simulation.native.flatten import program, traced
from covolt.simulation.native.loop import Loop, Store, module_text
from covolt.simulation.precision import in_64_bits

__all__ = ["BEGIN", "STEP", "TABLES", "CompiledPart", "compiled_part", "object_code_of"]

BEGIN, STEP, TABLES = "part_begin", "part_step", "part_tables"
"""Symbols of the object code; the linker drops their names."""


class CompiledPart(NamedTuple):
    """The two functions of a part in LLVM's intermediate code, the variables that they take and give, the size of its state.

    Both take `simulation.native.loop.POINTERS` after a count and a stride of 1: settings are parameters and inputs as they begin,
    columns the length of the step and the inputs, states the state, entries the outputs.
    """

    text: str
    states: int
    parameters: tuple[Variable, ...]
    inputs: tuple[Variable, ...]
    outputs: tuple[Variable, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the functions and of what they are called with."""
        named = repr((self.parameters, self.inputs, self.outputs))
        return hashlib.sha256(f"{self.text}\n{named}".encode()).hexdigest()


@in_64_bits
def compiled_part(part: AbstractPorted) -> CompiledPart:
    """The part's functions, its numbers folded in.

    Raises:
        NotImplementedError: where the part uses what has no scalar form.
    """
    parameters, inputs, outputs = (
        tuple(one for one in part.variables() if one.causality == causality)
        for causality in ("parameter", "input", "output")
    )
    leaves, tree = jax.tree.flatten(part)
    arrays = [np.ascontiguousarray(leaf, np.float64) for leaf in leaves]
    tables = [array for array in arrays if array.ndim]

    def whole_part(given: Any) -> AbstractPorted:
        others = iter(given)
        return jax.tree.unflatten(tree, [next(others) if array.ndim else float(array) for array in arrays])

    def start(_: Any, given: Any, settings: Any) -> Any:
        found = whole_part(given).begin(settings[: len(parameters)], settings[len(parameters) :])
        return jax.tree.map(_real, found)

    def step(_: Any, given: Any, settings: Any, carried: Any, row: Any, index: Any) -> Any:
        del index
        found = whole_part(given).advance(carried[0], settings[: len(parameters)], row[1:], row[0])
        return jax.tree.map(_real, found)

    shapes = tuple(array.shape for array in tables)
    traces, places = traced(start, step, 0, shapes, len(parameters) + len(inputs), 1 + len(inputs))
    drive = program(traces)
    states = len(jax.tree.leaves(places[0]))
    if len(drive.after) != states + len(outputs):
        raise RuntimeError(f"{len(drive.after) - states} outputs come for {len(outputs)} names")

    def stores(results: tuple[int, ...]) -> tuple[Store, ...]:
        return tuple(
            Store(i, "states", n) if n < states else Store(i, "entries", n - states) for n, i in enumerate(results)
        )

    loops = [Loop(BEGIN, drive, 1, first=stores(drive.start)), Loop(STEP, drive, 1, stores(drive.after))]
    functions = module_text(loops).replace("define void @", "define hidden void @")
    return CompiledPart("\n".join([_tables_text(tables), functions]), states, parameters, inputs, outputs)


def _real(value: Any) -> jax.Array:
    return jnp.asarray(value, jnp.float64)


def _tables_text(tables: list[np.ndarray]) -> str:
    """The tables as data beside the code."""
    lines: list[str] = []
    for n, table in enumerate(tables):
        numbers = ", ".join(f"double 0x{struct.pack('>d', number).hex().upper()}" for number in table.ravel().tolist())
        lines.append(f"@table{n} = private unnamed_addr constant [{table.size} x double] [{numbers}], align 16")
    places = ", ".join(f"ptr @table{n}" for n in range(len(tables))) or "ptr null"
    lines.append(f"@{TABLES} = hidden constant [{max(len(tables), 1)} x ptr] [{places}], align 8")
    return "\n".join(lines)


def object_code_of(text: str, triple: str, processor: str) -> bytes:
    """Object code of a module's text for the plainest processor of a platform, to be linked into a shared library."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = llvm.parse_assembly(text)
    module.triple = triple
    module.verify()
    target = llvm.Target.from_triple(triple)
    machine = target.create_target_machine(cpu=processor, features="", opt=3, reloc="pic", codemodel="default")
    return machine.emit_object(module)

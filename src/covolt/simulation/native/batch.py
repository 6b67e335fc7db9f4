"""Batches as machine code of our own: the traced physics, compiled for lanes of vehicles.

JAX stays the source of the physics; this is a second way to run it, several times faster on a processor than XLA's. What it
cannot compile is left to XLA.
"""

from __future__ import annotations

import functools
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import llvmlite
import numpy as np

from covolt.simulation.compiled import NUMERIC_ROOMS, versions
from covolt.simulation.core import SETTING_TREE, Structure, scalar_drive
from covolt.simulation.kept import MOST_STRUCTURES, keep, recalled_as, source_digest
from covolt.simulation.native.emit import (
    Code,
    intermediate,
    is_object_code,
    lane_count,
    machine_code,
    object_code,
    processor,
    target_machine,
)
from covolt.simulation.native.flatten import Shapes, program, traced
from covolt.simulation.native.program import Program
from covolt.simulation.native.rewrite import rewritten
from covolt.simulation.origin import name_of
from covolt.simulation.packed import Key

POLICIES = ("report", "abort")
"""Policies of a missed speed under which every vehicle takes the same steps of the mission."""

VEHICLES_PER_CALL = 1024


class TracedDrive(NamedTuple):
    """The program of a drive, and the tree into which its carried values go back."""

    program: Program
    carried_tree: Any


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def traced_drive(structure: Structure, table_shapes: Shapes, columns: tuple[str, ...], policy: str) -> TracedDrive:
    """The program of a structure's drive.

    Raises:
        NotImplementedError: where a part uses what has no scalar form in `program`.
    """
    start, step = scalar_drive(structure, columns, policy)
    sizes = (sum(structure.scalar), table_shapes, SETTING_TREE.num_leaves, len(columns))
    traces, places = traced(start, lambda *given: step(*given)[0], *sizes)
    return TracedDrive(rewritten(program(traces)), jax.tree.structure(places))


class BatchCode(NamedTuple):
    """Object code of a drive, and the tree of its carried values."""

    code: bytes
    carried_tree: Any


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def _code(key: Key, real: str) -> tuple[Code, Any]:
    """The function of a structure's drive and the tree of what it carries, kept on disk as those of single drives are."""
    name, source = name_of(key), source_digest(*NUMERIC_ROOMS)
    about = None
    if name is not None and source is not None:
        about = (name, source, versions(), llvmlite.__version__, *processor(), real)
    made = recalled_as(BatchCode, "native-batch", about) if about is not None else None
    if made is None or not is_object_code(made.code):
        drive = traced_drive(*key)
        text, machine = intermediate(drive.program, len(key.columns), real, lane_count(real)), target_machine()
        code = machine_code(text, machine) if about is not None else object_code(text, machine, key.structure.treedef)
        made = BatchCode(code, drive.carried_tree)
        if about is not None:
            keep("native-batch", about, pickle.dumps(tuple(made)))
    return Code(made.code, target_machine()), made.carried_tree


class Batch(NamedTuple):
    """What is driven: vehicles as columns of a matrix, their tables, the packed setting, the profile's rows."""

    matrix: np.ndarray
    tables: list[np.ndarray]
    setting_si: np.ndarray
    rows_si: np.ndarray
    steps: int


def drive_batch(
    structure: Structure, columns: tuple[str, ...], policy: str, batch: Batch, threads: int
) -> tuple[Any, Any]:
    """Last states and tallies with one value a vehicle, in the format of the matrix (float64 or float32).

    Raises:
        NotImplementedError: where the drive cannot be compiled here.
    """
    if policy not in POLICIES:
        raise NotImplementedError(f"policy {policy}")
    dtype = batch.matrix.dtype
    real = {"float64": "double", "float32": "float"}.get(dtype.name)
    if real is None:
        raise NotImplementedError(f"format {dtype}")
    shapes = tuple(np.shape(table) for table in batch.tables)
    code, tree = _code(Key(structure, shapes, columns, policy), real)
    setting, rows = (np.ascontiguousarray(x, dtype) for x in (batch.setting_si, batch.rows_si))
    tables = [np.ascontiguousarray(table, dtype) for table in batch.tables]
    addresses = np.array([table.ctypes.data for table in tables] or [0], dtype=np.uint64)
    lanes, total = lane_count(real), batch.matrix.shape[1]
    whole = total - total % lanes
    results = np.empty((tree.num_leaves, total), dtype)

    def call(matrix: np.ndarray, into: np.ndarray, begin: int, end: int) -> None:
        offset, stride = begin * matrix.itemsize, matrix.shape[1]
        blocks = (end - begin) // lanes
        code.drive(
            batch.steps,
            blocks,
            stride,
            matrix.ctypes.data + offset,
            setting.ctypes.data,
            rows.ctypes.data,
            addresses.ctypes.data,
            into.ctypes.data + offset,
        )

    matrix = np.ascontiguousarray(batch.matrix)
    chunk = VEHICLES_PER_CALL
    with ThreadPoolExecutor(threads) as pool:
        begins = range(0, whole, chunk)
        waiting = [pool.submit(call, matrix, results, begin, min(begin + chunk, whole)) for begin in begins]
        if whole < total:
            # The last block is filled up with its last vehicle.
            rest = np.repeat(matrix[:, -1:], lanes, axis=1)
            rest[:, : total - whole] = matrix[:, whole:]
            filled = np.empty((tree.num_leaves, lanes), dtype)
            call(rest, filled, 0, lanes)
            results[:, whole:] = filled[:, : total - whole]
        for each in waiting:
            each.result()
    return jax.tree.unflatten(tree, list(results))

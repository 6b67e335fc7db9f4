"""An energy of a drive and its gradient as machine code, in four loops over the steps.

    forward     x[i+1] = f(x[i], p)                      one step after the other; every state is kept
    matrices    A[i] = df/dx at x[i]                     many steps at once, for all states are known
    backward    l[i] = A[i]^T l[i+1]                     one step after the other, a few products each
    sums        g = sum of (df/dh)^T l[i+1] over i       many steps at once; h is what the parameters alone decide
    chain       dE/dp = (dh/dp)^T g + (dx[0]/dp)^T l[0]  once

The derivative of the step is JAX's own, traced in forward mode; only its transpose is made here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from covolt.simulation.core import SETTING_TREE, Structure, scalar_drive
from covolt.simulation.kept import MOST_STRUCTURES
from covolt.simulation.native.batch import POLICIES
from covolt.simulation.native.emit import VECTORS, lane_count, object_code, target_machine
from covolt.simulation.native.flatten import Shapes, program, traced
from covolt.simulation.native.linear import LinearGraph
from covolt.simulation.native.loop import Loop, Store, loaded, module_text
from covolt.simulation.native.program import Builder, Operation, Program, states_behind
from covolt.simulation.native.rewrite import rewritten


class TracedSlope(NamedTuple):
    """A drive beside its tangent: parameters are followed by the tangents of the free ones, carried values by their own."""

    program: Program
    parameters: int
    carried: int
    energy: int


def traced_slope(
    structure: Structure, table_shapes: Shapes, columns: tuple[str, ...], policy: str, free: tuple[int, ...], flow: str
) -> TracedSlope:
    """The program of a structure's drive and of its tangent by the free parameters.

    Raises:
        NotImplementedError: where a part uses what has no scalar form.
    """
    start, step = scalar_drive(structure, columns, policy)
    count = sum(structure.scalar)

    def placed(vector: Sequence[Any], values: Sequence[Any]) -> list[Any]:
        own = list(vector)
        for place, value in zip(free, values, strict=True):
            own[place] = value
        return own

    def start_slope(both: list[Any], tables: Any, setting: Any) -> Any:
        vector, tangents = both[:count], tuple(both[count:])
        own = tuple(vector[place] for place in free)
        return jax.jvp(lambda *values: start(placed(vector, values), tables, setting), own, tangents)

    def step_slope(both: list[Any], tables: Any, setting: Any, carried: Any, row: Any, index: Any) -> Any:
        vector, tangents = both[:count], tuple(both[count:])
        own = tuple(vector[place] for place in free)

        def once(values: Any, state: Any) -> Any:
            return step(placed(vector, values), tables, setting, state, row, index)[0]

        return jax.jvp(once, (own, carried[0]), (tangents, carried[1]))

    traces, (own, _) = traced(
        start_slope, step_slope, count + len(free), table_shapes, SETTING_TREE.num_leaves, len(columns)
    )
    return TracedSlope(program(traces), count, len(jax.tree.leaves(own)), own[1].energy_J[flow])


class Loops(NamedTuple):
    """The loops of a slope, and the sizes of what they hand on."""

    loops: list[Loop]
    states: int
    energy_row: int
    entries: int
    sums: int
    lanes: int


def loops_of(drive: TracedSlope, lanes: int) -> Loops:
    """The loops that give the energy and its gradient; where steps do not wait for each other, so many at once."""
    whole = drive.program
    states = sorted({drive.energy} | states_behind(whole, [whole.after[drive.energy]]))
    row = {k: n for n, k in enumerate(states)}
    forward = _only(whole, [*(whole.start[k] for k in states), *(whole.after[k] for k in states)], row)
    size = len(states)
    stores = [Store(i, "states", n, 1) for n, i in enumerate(forward.after[size:])]
    first = [Store(i, "states", n) for n, i in enumerate(forward.after[:size])]
    loops = [Loop("forward", forward, 1, tuple(stores), tuple(first))]

    def is_tangent(operation: Operation) -> bool:
        first = {"parameter": drive.parameters, "state": drive.carried}.get(operation.name)
        return first is not None and operation.value >= first

    builder = Builder()
    graph = LinearGraph(_within(whole, row, drive.carried), is_tangent, builder)
    after = {row[k]: whole.after[k + drive.carried] for k in states}
    leaf = {
        i: row[int(operation.value) - drive.carried]
        for i, operation in enumerate(whole.operations)
        if operation.name == "state" and int(operation.value) - drive.carried in row
    }
    matrix = {(n, leaf[i]): weight for (n, i), weight in graph.matrix(after, leaf).items()}
    loops += _backward(builder, matrix, lanes)
    entries = len(loops[1].stores)

    cotangents = {i: builder.leaf("cotangent", n) for n, i in after.items()}
    fixed = graph.transposed(cotangents, lambda i: not whole.moving[i])
    summed = _rooted(builder, list(fixed.values()))
    loops.append(Loop("sums", summed, lanes, sums=summed.after, ahead={"cotangent": 1}))

    # The sums and the first cotangents take the place of columns of a single step.
    seeds = {i: builder.leaf("state", n) for n, i in enumerate(fixed)}
    for k in states:
        node, own = whole.start[k + drive.carried], builder.leaf("cotangent", row[k])
        seeds[node] = builder.add("add", (seeds[node], own)) if node in seeds else own
    loops.append(_chain(builder, graph, whole, seeds, drive.parameters))
    return Loops(loops, size, row[drive.energy], entries, len(fixed), lanes)


def _within(whole: Program, row: dict[int, int], carried: int) -> Program:
    """The program with its states numbered by their rows; tangents keep their numbers."""
    operations = tuple(
        operation._replace(value=float(row.get(int(operation.value), 0)))
        if operation.name == "state" and operation.value < carried
        else operation
        for operation in whole.operations
    )
    return whole._replace(operations=operations)


def _only(whole: Program, results: list[int], row: dict[int, int]) -> Program:
    renumbered = _within(whole, row, len(whole.start))
    return rewritten(renumbered._replace(start=(), after=tuple(results)))


def _rooted(builder: Builder, results: list[int]) -> Program:
    return rewritten(Program(tuple(builder.operations), tuple(builder.moving), (), tuple(results)))


def _backward(builder: Builder, matrix: dict[tuple[int, int], int], lanes: int) -> list[Loop]:
    """The loop of the matrices, which stores what is no constant, and the one that multiplies with them."""
    varying = [key for key, weight in matrix.items() if not builder.is_constant(weight)]
    matrices = _rooted(builder, [matrix[key] for key in varying])
    stores = tuple(Store(i, "entries", n) for n, i in enumerate(matrices.after))
    to = Builder()
    rows: dict[int, list[int]] = {}
    for key, weight in matrix.items():
        result, argument = key
        entry = (
            to.leaf("entry", varying.index(key)) if key in varying else to.constant(builder.operations[weight].value)
        )
        rows.setdefault(argument, []).append(to.add("mul", (entry, to.leaf("cotangent", result))))
    after = {argument: _total(to, terms) for argument, terms in rows.items()}
    backward = Program(tuple(to.operations), tuple(to.moving), (), tuple(after.values()))
    return [
        Loop("matrices", matrices, lanes, stores),
        Loop(
            "backward",
            backward,
            1,
            tuple(Store(i, "cotangents", argument) for argument, i in after.items()),
            backward=True,
            ahead={"cotangent": 1},
        ),
    ]


def _total(to: Builder, terms: list[int]) -> int:
    """Sum by halves: the loop waits for it in every step."""
    half = len(terms) // 2
    return to.add("add", (_total(to, terms[:half]), _total(to, terms[half:]))) if half else terms[0]


def _chain(builder: Builder, graph: LinearGraph, whole: Program, seeds: dict[int, int], parameters: int) -> Loop:
    """From what the parameters decide to the parameters themselves."""

    def is_parameter(i: int) -> bool:
        return whole.operations[i].name == "parameter"

    found = graph.transposed(seeds, is_parameter)
    chain = _rooted(builder, list(found.values()))
    places = [int(whole.operations[i].value) - parameters for i in found]
    return Loop("chain", chain, 1, tuple(Store(i, "results", n) for n, i in zip(places, chain.after, strict=True)))


class NativeSlope:
    """Energy and gradient of the drives of one structure by one choice of parameters."""

    def __init__(self, loops: Loops, tree: Any) -> None:
        machine = target_machine()
        self._shape = loops
        code = object_code(module_text(loops.loops), machine, tree)
        self._module = loaded(code, machine, [loop.name for loop in loops.loops])
        self._call = self._module.functions

    def energy_J(self, vector_si: np.ndarray, tables: Any, setting_si: np.ndarray, rows_si: np.ndarray) -> float:
        """Energy that a drive over these rows of the profile takes from the flow's store."""
        return _Sweep(self._shape, vector_si, tables, setting_si, rows_si, 0).forward(self._call)

    def __call__(
        self, vector_si: np.ndarray, tables: Any, setting_si: np.ndarray, rows_si: np.ndarray, count: int
    ) -> tuple[float, np.ndarray]:
        """That energy, and its slope by each of the `count` free parameters."""
        sweep = _Sweep(self._shape, vector_si, tables, setting_si, rows_si, count)
        return sweep.forward(self._call), sweep.backward(self._call)


class _Sweep:
    """One drive: its numbers, and the rooms between the loops."""

    def __init__(
        self, shape: Loops, vector_si: np.ndarray, tables: Any, setting_si: np.ndarray, rows_si: np.ndarray, free: int
    ) -> None:
        self._shape, self._steps = shape, rows_si.shape[0]
        steps = self._steps
        self._stride = stride = (-(-steps // shape.lanes) + 1) * shape.lanes
        self._vector, self._setting = (np.ascontiguousarray(x, np.float64) for x in (vector_si, setting_si))
        self._tables = [np.ascontiguousarray(table, np.float64) for table in tables]
        self._addresses = np.array([table.ctypes.data for table in self._tables] or [0], np.uint64)
        self._columns = np.empty((rows_si.shape[1], stride))
        self._columns[:, :steps] = rows_si.T
        self._columns[:, steps:] = rows_si[-1][:, None]
        self._states = np.empty((shape.states, stride))
        self._free = free

    def forward(self, call: Mapping[str, Callable[..., None]]) -> float:
        none = self._states.ctypes.data
        call["forward"](self._steps, self._stride, *self._given(), none, none, none, none)
        return -float(self._states[self._shape.energy_row, self._steps])

    def _given(self) -> tuple[int, ...]:
        fixed = (self._vector, self._setting, self._addresses, self._columns)
        return tuple(x.ctypes.data for x in fixed)

    def backward(self, call: Mapping[str, Callable[..., None]]) -> np.ndarray:
        shape, steps, stride = self._shape, self._steps, self._stride
        # Steps beyond the last fill the lanes; they must give numbers, and their cotangents nothing.
        self._states[:, steps + 1 :] = self._states[:, steps : steps + 1]
        cotangents = np.zeros((shape.states, stride))
        cotangents[shape.energy_row, steps] = -1.0
        entries = np.empty((shape.entries, stride))
        sums = np.empty((shape.sums, shape.lanes))
        rest = (self._states.ctypes.data, cotangents.ctypes.data, entries.ctypes.data)
        given = self._given()
        call["matrices"](steps, stride, *given, *rest, 0)
        call["backward"](steps, stride, *given, *rest, 0)
        call["sums"](steps, stride, *given, *rest, sums.ctypes.data)
        totals, first = sums.sum(axis=1), np.ascontiguousarray(cotangents[:, 0])
        slopes = np.zeros(self._free)
        call["chain"](1, 1, *given, totals.ctypes.data, first.ctypes.data, 0, slopes.ctypes.data)
        return slopes


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def native_slope(
    structure: Structure, table_shapes: Shapes, columns: tuple[str, ...], policy: str, free: tuple[int, ...], flow: str
) -> NativeSlope:
    """The slope of what a flow takes out over a structure's drives, by its parameters at these places, compiled.

    Raises:
        NotImplementedError: where it cannot be compiled here.
    """
    if policy not in POLICIES:
        raise NotImplementedError(f"policy {policy}")
    # One vector of steps: there is so much to hold in registers that a second one costs more than it hides.
    lanes = lane_count("double") // VECTORS
    loops = loops_of(traced_slope(structure, table_shapes, columns, policy, free, flow), lanes)
    return NativeSlope(loops, structure.treedef)

"""A traced drive of one vehicle as machine code, in three loops over the steps.

    chain       x[i+1] = f(x[i])          one step after the other; only the states on which later steps depend
    signals     s[i] = g(x[i], x[i+1])    many steps at once, one in each lane, for all states are known
    tally       t[i+1] = h(t[i], s[i])    one step after the other, a few additions each; only the last is kept

All three are cut from the one traced step: no equation is written twice.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import llvmlite
import numpy as np

from covolt.simulation.compiled import NUMERIC_ROOMS, versions
from covolt.simulation.core import SETTING_TREE, Setting, scalar_drive, unpack
from covolt.simulation.drive_end import DriveEnd, drive_end_of
from covolt.simulation.kept import MOST_STRUCTURES, Memory, keep, recalled_as, source_digest
from covolt.simulation.native.batch import POLICIES
from covolt.simulation.native.emit import (
    is_object_code,
    lane_count,
    machine_code,
    object_code,
    processor,
    target_machine,
)
from covolt.simulation.native.flatten import program, scalars, traced
from covolt.simulation.native.loop import Loop, Store, loaded, module_text
from covolt.simulation.native.program import Builder, Program, states_behind
from covolt.simulation.native.rewrite import rewritten
from covolt.simulation.origin import name_of
from covolt.simulation.packed import Key
from covolt.simulation.recharge import recharge_ratio

LOOPS = ("chain", "signals", "tally")
AHEAD = {"next": 1}

Cuts = Mapping[int, tuple[str, int]]
"""Operations that are read from a row (leaf and place) instead of computed."""


class TracedSignals(NamedTuple):
    """The program of a drive with its signals and its end as carried values, and where these stand among them."""

    program: Program
    names: tuple[str, ...]
    signals: range
    ended: DriveEnd


class Plan(NamedTuple):
    """The loops of a traced drive, and what is to be known of them: `ended` are the places of the end among what is held."""

    loops: list[Loop]
    states: int
    names: tuple[str, ...]
    ended: tuple[int, ...]
    energies: tuple[str, ...]


class TraceCode(NamedTuple):
    """Object code of the loops, and a plan without them."""

    code: bytes
    states: int
    lanes: int
    held: int
    names: tuple[str, ...]
    ended: tuple[int, ...]
    energies: tuple[str, ...]

    def drive_end_of(self, held: list[float]) -> DriveEnd:
        """The end of a drive from the last values of the tally."""
        numbers = [held[place] for place in self.ended]
        first, last = ENERGY_PLACE, ENERGY_PLACE + len(self.energies)
        energy_J = dict(zip(self.energies, numbers[first:last], strict=True))
        return DriveEnd._make([*numbers[:first], energy_J, *numbers[last:]])


ENERGY_PLACE = DriveEnd._fields.index("energy_J")


def traced_signals(key: Key) -> TracedSignals:
    """The program of a structure's drive with every signal.

    Raises:
        NotImplementedError: where a part uses what has no scalar form.
    """
    structure, table_shapes, columns, policy = key
    begin, advance = scalar_drive(structure, columns, policy)
    sizes = (sum(structure.scalar), table_shapes, SETTING_TREE.num_leaves)
    with jax.enable_x64(True):
        given = scalars(*sizes)
        row, index = given[0][:1] * len(columns), given[0][0]
        signals = jax.eval_shape(advance, *given, jax.eval_shape(begin, *given), row, index)[1]

    def end(vector: Any, tables: Any, setting: Any, carried: Any) -> DriveEnd:
        vehicle, placed = unpack(vector, tables, structure), jax.tree.unflatten(SETTING_TREE, list(setting))
        return _ended(vehicle, placed, carried)

    def start(vector: Any, tables: Any, setting: Any) -> Any:
        carried = begin(vector, tables, setting)
        return carried, {name: jnp.zeros(()) for name in signals}, end(vector, tables, setting, carried)

    def step(vector: Any, tables: Any, setting: Any, whole: Any, row: Any, index: Any) -> Any:
        carried, given = advance(vector, tables, setting, whole[0], row, index)
        return carried, given, end(vector, tables, setting, carried)

    traces, places = traced(start, step, *sizes, len(columns))
    found = list(places[1].values())
    return TracedSignals(program(traces), tuple(places[1]), range(found[0], found[-1] + 1), places[2])


def _ended(vehicle: Any, placed: Setting, carried: Any) -> DriveEnd:
    last, tally = carried
    ended = drive_end_of(
        vehicle, (placed.ambient, placed.payload_kg, placed.dynamometer), last, tally, recharge_ratio(vehicle)
    )
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), ended)


def plan_of(drive: TracedSignals, lanes: int) -> Plan:
    """The loops that give every signal and the end of a drive."""
    whole = drive.program
    signals = [whole.after[k] for k in drive.signals]
    chain = sorted(states_behind(whole, signals))
    row = {k: n for n, k in enumerate(chain)}
    before: dict[int, tuple[str, int]] = {
        i: ("state", row[int(operation.value)])
        for i, operation in enumerate(whole.operations)
        if operation.name == "state" and operation.value in row
    }
    after = {whole.after[k]: ("next", n) for k, n in row.items() if whole.moving[whole.after[k]]}
    shared = _shared(whole, [whole.after[k] for k in chain], signals, after)
    after |= {i: ("next", len(chain) + n) for n, i in enumerate(shared)}

    first = _cut(whole, (*(whole.start[k] for k in chain), *(whole.after[k] for k in chain), *shared), before)
    size = len(chain)
    loops = [
        Loop(
            "chain",
            first,
            1,
            tuple(Store(i, "states", n, 1) for n, i in enumerate(first.after[size:])),
            tuple(Store(i, "states", n) for n, i in enumerate(first.after[:size])),
            guessing=True,
        )
    ]
    second = _cut(whole, signals, before | after)
    loops.append(
        Loop("signals", second, lanes, tuple(Store(i, "entries", n) for n, i in enumerate(second.after)), ahead=AHEAD)
    )
    tally, ended = _tally(drive, before | after, row)
    return Plan([*loops, tally], size + len(shared), drive.names, ended, tuple(drive.ended.energy_J))


def _shared(whole: Program, states: Iterable[int], signals: Iterable[int], known: Cuts) -> list[int]:
    """What the chain computes and signals need too, where the two part: read from the chain's row, for computed twice a choice
    between nearly equal numbers could fall differently, and the signals would not belong to the states beside them.
    """
    chain = _reached(whole, states, ())
    found: dict[int, None] = {}

    def parts(i: int) -> bool:
        operation = whole.operations[i]
        return i in chain and whole.moving[i] and operation.kind == "real" and bool(operation.arguments)

    stack, seen = list(signals), set(known)
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        if parts(i):
            found[i] = None
        else:
            stack.extend(whole.operations[i].arguments)
    return sorted(found)


def _reached(whole: Program, results: Iterable[int], stop: Collection[int]) -> set[int]:
    """Operations behind these results, up to those at which to stop."""
    reached: set[int] = set()
    stack = list(results)
    while stack:
        i = stack.pop()
        if i not in reached:
            reached.add(i)
            stack.extend(() if i in stop else whole.operations[i].arguments)
    return reached


def _tally(drive: TracedSignals, known: Cuts, row: Mapping[int, int]) -> tuple[Loop, tuple[int, ...]]:
    """The loop of what is only summed, from the rows of states and signals; with the places of the end."""
    whole = drive.program
    ended: list[int] = jax.tree.leaves(drive.ended)
    read = {whole.after[k]: ("entry", n) for n, k in enumerate(drive.signals) if whole.moving[whole.after[k]]}
    cuts = read | dict(known)
    summed = states_behind(whole, [whole.after[k] for k in ended], cuts) - set(row)
    # The end repeats sums: what begins and goes on alike is held once.
    places: dict[tuple[int, int], int] = {}
    place = {k: places.setdefault((whole.start[k], whole.after[k]), len(places)) for k in (*ended, *sorted(summed))}
    for i, operation in enumerate(whole.operations):
        if operation.name == "state" and operation.value in place:
            cuts[i] = ("held", place[int(operation.value)])
    both = _cut(whole, (*(start for start, _ in places), *(after for _, after in places)), cuts)
    pairs = tuple(zip(both.after[: len(places)], both.after[len(places) :], strict=True))
    return Loop("tally", both, 1, held=pairs, ahead=AHEAD), tuple(place[k] for k in ended)


def _cut(whole: Program, results: Iterable[int], cuts: Cuts) -> Program:
    """The program of these results alone, reading what is cut."""
    wanted = tuple(results)
    to = Builder()
    new: dict[int, int] = {}
    for i in sorted(_reached(whole, wanted, cuts)):
        operation = whole.operations[i]
        if i in cuts:
            new[i] = to.leaf(*cuts[i])
        elif operation.name == "constant":
            new[i] = to.constant(operation.value, operation.kind)
        elif not operation.arguments:
            new[i] = to.leaf(operation.name, int(operation.value))
        else:
            new[i] = to.add(operation.name, [new[a] for a in operation.arguments], operation.kind)
    return rewritten(Program(tuple(to.operations), tuple(to.moving), (), tuple(new[i] for i in wanted)))


@final
class NativeTrace:
    """Traced drives of one structure over profiles of some columns."""

    def __init__(self, made: TraceCode, columns: tuple[str, ...]) -> None:
        self.names = made.names
        self._made, self._columns = made, columns
        self._module = loaded(made.code, target_machine(), LOOPS)
        self._chain, self._signals, self._tally = (self._module.functions[name] for name in LOOPS)

    def __call__(
        self, vector_si: np.ndarray, tables: list[np.ndarray], setting_si: np.ndarray, profile: Mapping[str, np.ndarray]
    ) -> tuple[DriveEnd, np.ndarray]:
        """How a drive ended, and its signals: a row a step, each column in one piece of memory."""
        made, columns = self._made, self._columns
        steps = len(profile[columns[0]])
        # The last vector of steps reaches beyond the last step: there must be room, and numbers to compute with.
        stride = (-(-steps // made.lanes) + 1) * made.lanes
        rooms = np.empty((len(columns) + made.states + len(made.names), stride))
        for row, name in zip(rooms, columns, strict=False):
            row[:steps] = profile[name]
            row[steps:] = row[steps - 1]
        addresses = np.array([table.ctypes.data for table in tables] or [0], np.uint64)
        last = np.empty(made.held)
        given = [vector_si.ctypes.data, setting_si.ctypes.data, addresses.ctypes.data]
        begin = rooms.ctypes.data
        states_at = begin + len(columns) * stride * rooms.itemsize
        signals_at = states_at + made.states * stride * rooms.itemsize
        given += [begin, states_at, 0, signals_at, last.ctypes.data]
        self._chain(steps, stride, *given)
        states = rooms[len(columns) : len(columns) + made.states]
        states[:, steps + 1 :] = states[:, steps : steps + 1]
        self._signals(steps, stride, *given)
        self._tally(steps, stride, *given)
        return made.drive_end_of(last.tolist()), rooms[len(columns) + made.states :, :steps].T


_made: Memory[Key, NativeTrace] = Memory(MOST_STRUCTURES)


def native_trace(key: Key) -> NativeTrace:
    """The machine code of a structure's traced drive; that of covolt's own parts is kept on disk with all that was found by
    tracing, so that the next process neither traces nor compiles, that of other parts without what tracing found.

    Raises:
        NotImplementedError: where the drive cannot be compiled here.
    """
    if key.policy not in POLICIES:
        raise NotImplementedError(f"policy {key.policy}")
    return _made.made(key, lambda: NativeTrace(_recalled(key) or _compiled(key), key.columns))


def _about(key: Key) -> tuple[str, ...] | None:
    """All that the machine code of covolt's own parts depends on; None where there are others, or the source has changed."""
    name, source = name_of(key), source_digest(*NUMERIC_ROOMS)
    if name is None or source is None:
        return None
    return (name, source, versions(), llvmlite.__version__, *processor())


def _recalled(key: Key) -> TraceCode | None:
    about = _about(key)
    made = recalled_as(TraceCode, "native-trace", about) if about is not None else None
    return made if made is not None and is_object_code(made.code) else None


def _compiled(key: Key) -> TraceCode:
    lanes = lane_count("double")
    plan = plan_of(traced_signals(key), lanes)
    text, machine, about = module_text(plan.loops), target_machine(), _about(key)
    code = object_code(text, machine, key.structure.treedef) if about is None else machine_code(text, machine)
    made = TraceCode(code, plan.states, lanes, len(plan.loops[-1].held), plan.names, plan.ended, plan.energies)
    if about is not None:
        keep("native-trace", about, pickle.dumps(tuple(made)))
    return made

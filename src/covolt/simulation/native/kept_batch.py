"""Batches that keep named signals, as machine code: many vehicles over one profile, each with conditions of its own.

One function serves every choice of signals: those that nobody wants are stored in one place, step after step. So the numbers of
a drive are the same to the bit whatever is asked of it, and however many vehicles are driven beside it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, final

import jax
import llvmlite
import numpy as np

from covolt.simulation.compiled import NUMERIC_ROOMS, versions
from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.kept import MOST_STRUCTURES, Memory, keep, recalled_as, source_digest
from covolt.simulation.native.batch import POLICIES
from covolt.simulation.native.emit import (
    KEEPING_ADDRESSES,
    PLACE,
    LoadedModule,
    intermediate,
    is_object_code,
    lane_count,
    machine_code,
    object_code,
    processor,
    target_machine,
)
from covolt.simulation.native.program import Program
from covolt.simulation.native.rewrite import rewritten
from covolt.simulation.native.trace import ENERGY_PLACE, TracedSignals, traced_signals
from covolt.simulation.origin import name_of
from covolt.simulation.packed import Key

EIGHT = 8
"""Bytes of a number."""
LARGEST_KEPT_B = 64 << 20
"""Of the signals that one call keeps: blocks beyond it are driven by the next."""


STEPS_TURNED = 256


class KeptCode(NamedTuple):
    """Object code of a drive that keeps signals; the carried values in which each number of its end stands."""

    code: bytes
    carried: int
    ended: tuple[int, ...]
    energies: tuple[str, ...]
    names: tuple[str, ...]


class KeptBatch(NamedTuple):
    """What is driven: vehicles as columns of a matrix and of their settings, their tables, the rows of the profile they share."""

    matrix: np.ndarray
    settings_si: np.ndarray
    tables: list[np.ndarray]
    rows_si: np.ndarray
    steps: int


class KeptDrive(NamedTuple):
    """How one vehicle of a batch ended, and the signals that were asked for, (steps, signals)."""

    ended: DriveEnd
    values: np.ndarray


class KeptProgram(NamedTuple):
    """The program of a drive without its signals among what it carries, where each number of its end stands, and the signals."""

    program: Program
    ended: tuple[int, ...]
    signals: tuple[int, ...]


def kept_program(drive: TracedSignals) -> KeptProgram:
    """The states and the tally carried, what of the end is neither behind them, and the operations of the signals."""
    whole, carried = drive.program, drive.signals.start
    held = [(whole.start[k], whole.after[k]) for k in range(carried)]
    places = {pair: k for k, pair in reversed(list(enumerate(held)))}
    ended: list[int] = []
    for leaf in jax.tree.leaves(drive.ended):
        pair = whole.start[leaf], whole.after[leaf]
        if pair not in places:
            places[pair] = len(held)
            held.append(pair)
        ended.append(places[pair])
    pairs = held + [(whole.start[k], whole.after[k]) for k in drive.signals]
    start, after = (tuple(pair[side] for pair in pairs) for side in (0, 1))
    p, size = rewritten(whole._replace(start=start, after=after)), len(held)
    return KeptProgram(p._replace(start=p.start[:size], after=p.after[:size]), tuple(ended), p.after[size:])


@final
class KeptSignals:
    """Drives of one structure over profiles of some columns, many at a time."""

    def __init__(self, made: KeptCode) -> None:
        self.names = made.names
        self._made, self._lanes = made, lane_count("double")
        module = LoadedModule(made.code, target_machine(), ["drive"], 3, KEEPING_ADDRESSES)
        self._module, self._call = module, module.functions["drive"]

    def drive(self, batch: KeptBatch, signals: Sequence[str], threads: int) -> Iterator[KeptDrive]:
        """Each vehicle's end, and its signals in the order in which they are named; some vehicles at a time are in memory."""
        lanes, total = self._lanes, batch.matrix.shape[1]
        blocks = -(-total // lanes)
        # The last block is filled up with its last vehicle.
        own = np.minimum(np.arange(blocks * lanes), total - 1)
        matrix, settings = (np.ascontiguousarray(one[:, own]) for one in (batch.matrix, batch.settings_si))
        rows = np.ascontiguousarray(batch.rows_si)
        addresses = np.array([table.ctypes.data for table in batch.tables] or [0], np.uint64)
        results = np.empty((self._made.carried, blocks * lanes))
        block_B = max(1, len(signals) * batch.steps) * lanes * EIGHT
        few = max(1, min(LARGEST_KEPT_B // block_B, -(-blocks // threads)))

        def call(begin: int, end: int) -> np.ndarray:
            kept = np.empty((end - begin, len(signals), batch.steps, lanes))
            unwanted = np.empty((len(self.names), lanes))
            places = self._places(kept, unwanted, signals)
            offset = begin * lanes * EIGHT
            given = [matrix.ctypes.data + offset, settings.ctypes.data + offset, rows.ctypes.data]
            given += [addresses.ctypes.data, results.ctypes.data + offset, places.ctypes.data]
            self._call(batch.steps, end - begin, matrix.shape[1], *given)
            return _by_vehicle(kept, min(end * lanes, total) - begin * lanes)

        begins = range(0, blocks, few)
        for begin, kept in zip(begins, _several(call, begins, few, blocks, threads), strict=True):
            for at, values in enumerate(kept):
                yield KeptDrive(self._end(results[:, begin * lanes + at]), values.T)

    def _places(self, kept_si: np.ndarray, unwanted_si: np.ndarray, signals: Sequence[str]) -> np.ndarray:
        """Of each signal the address at which it begins, and the bytes to the next block and the next step."""
        places = np.zeros((len(self.names), PLACE), np.int64)
        places[:, 0] = unwanted_si.ctypes.data + np.arange(len(self.names)) * unwanted_si.strides[0]
        for n, name in enumerate(signals):
            places[self.names.index(name)] = (
                kept_si.ctypes.data + n * kept_si.strides[1],
                kept_si.strides[0],
                kept_si.strides[2],
            )
        return places

    def _end(self, carried_si: np.ndarray) -> DriveEnd:
        made = self._made
        numbers = [float(carried_si[place]) for place in made.ended]
        first, last = ENERGY_PLACE, ENERGY_PLACE + len(made.energies)
        energy_J = dict(zip(made.energies, numbers[first:last], strict=True))
        return DriveEnd._make([*numbers[:first], energy_J, *numbers[last:]])


def _several(
    call: Callable[[int, int], np.ndarray], begins: Sequence[int], few: int, blocks: int, threads: int
) -> Iterator[np.ndarray]:
    """What calls give, in order, as many at a time as there are threads; one is called where it is asked for."""
    if threads == 1 or len(begins) == 1:
        yield from (call(begin, min(begin + few, blocks)) for begin in begins)
        return
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(begins), threads):
            several = begins[first : first + threads]
            waiting = [pool.submit(call, begin, min(begin + few, blocks)) for begin in several]
            yield from (one.result() for one in waiting)


def _by_vehicle(kept_si: np.ndarray, vehicles: int) -> np.ndarray:
    """Signals of vehicles one after the other, (vehicles, signals, steps), from those of blocks, (blocks, signals, steps, lanes).

    Some steps at a time, so that what is read for one vehicle is in the cache for the next.
    """
    _, signals, steps, lanes = kept_si.shape
    turned = np.empty((vehicles, signals, steps))
    for begin in range(0, vehicles, lanes):
        own, block = turned[begin : begin + lanes], kept_si[begin // lanes]
        for first in range(0, steps, STEPS_TURNED):
            part = block[:, first : first + STEPS_TURNED, : len(own)]
            own[:, :, first : first + STEPS_TURNED] = part.transpose(2, 0, 1)
    return turned


_made: Memory[Key, KeptSignals] = Memory(MOST_STRUCTURES)


def kept_signals(key: Key) -> KeptSignals:
    """The machine code of a structure's drives that keep signals; that of covolt's own parts is kept on disk.

    Raises:
        NotImplementedError: where the drive cannot be compiled here.
    """
    if key.policy not in POLICIES:
        raise NotImplementedError(f"policy {key.policy}")
    return _made.made(key, lambda: KeptSignals(_code(key)))


def _code(key: Key) -> KeptCode:
    name, source = name_of(key), source_digest(*NUMERIC_ROOMS)
    about = None
    if name is not None and source is not None:
        about = (name, source, versions(), llvmlite.__version__, *processor())
    made = recalled_as(KeptCode, "native-kept", about) if about is not None else None
    if made is not None and is_object_code(made.code):
        return made
    drive = traced_signals(key)
    found = kept_program(drive)
    text = intermediate(found.program, len(key.columns), "double", lane_count("double"), found.signals)
    machine = target_machine()
    code = machine_code(text, machine) if about is not None else object_code(text, machine, key.structure.treedef)
    made = KeptCode(code, len(found.program.start), found.ended, tuple(drive.ended.energy_J), drive.names)
    if about is not None:
        keep("native-kept", about, pickle.dumps(tuple(made)))
    return made

"""Blocks of drives that keep named signals, as machine code: any vehicles of one structure, each over a profile of its own.

One function serves every choice of signals. So the numbers of a drive are the same to the bit whatever is asked of it, and
whatever is driven beside it.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import NamedTuple, final

import jax
import llvmlite
import numpy as np

from covolt.simulation.compiled import NUMERIC_ROOMS, versions
from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.kept import MOST_STRUCTURES, Memory, keep, recalled_as, source_digest
from covolt.simulation.native.batch import POLICIES
from covolt.simulation.native.emit import (
    LoadedModule,
    is_object_code,
    lane_count,
    machine_code,
    object_code,
    processor,
    target_machine,
)
from covolt.simulation.native.keeping import POINTERS, kept_code
from covolt.simulation.native.program import Program
from covolt.simulation.native.rewrite import rewritten
from covolt.simulation.native.trace import ENERGY_PLACE, TracedSignals, traced_signals
from covolt.simulation.origin import name_of
from covolt.simulation.packed import Key

EIGHT = 8
"""Bytes of a number."""


class KeptCode(NamedTuple):
    """Object code of a drive that keeps signals; the carried values in which each number of its end stands."""

    code: bytes
    carried: int
    ended: tuple[int, ...]
    energies: tuple[str, ...]
    names: tuple[str, ...]


class KeptLane(NamedTuple):
    """A drive: its vehicle's numbers and tables, its setting, the rows of its profile, (steps, columns); each in one piece."""

    vector_si: np.ndarray
    tables: Sequence[np.ndarray]
    setting_si: np.ndarray
    rows_si: np.ndarray


class KeptDrive(NamedTuple):
    """How a drive ended, and the signals that were asked for, (steps, signals)."""

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
    """Drives of one structure over profiles of some columns, a block at a time."""

    def __init__(self, made: KeptCode) -> None:
        self.names = made.names
        self.lanes = lane_count("double")
        self._made = made
        self._place = {name: at for at, name in enumerate(made.names)}
        module = LoadedModule(made.code, target_machine(), ["drive"], 3, len(POINTERS))
        self._module, self._call = module, module.functions["drive"]

    def drive(self, block: Sequence[KeptLane], signals: Sequence[str]) -> list[KeptDrive]:
        """Each drive's end, and its signals in the order in which they are named; at most `lanes` drives."""
        # The block is filled up with its last drive.
        filled = [*block, *[block[-1]] * (self.lanes - len(block))]
        parameters, settings = (np.array([one[at] for one in filled]).T.copy() for at in (0, 2))
        rows = np.array([one.rows_si.ctypes.data for one in filled], np.int64)
        widths = np.array([one.rows_si.strides[0] for one in filled], np.int64)
        counts = np.array([len(one.rows_si) for one in filled], np.int64)
        tables = np.array([[table.ctypes.data for table in one.tables] for one in filled], np.uint64).T.copy()
        results = np.empty((self._made.carried, self.lanes))
        wanted = np.array([self._place[name] * self.lanes * EIGHT for name in signals], np.int64)
        kept = np.empty((self.lanes, len(signals), _spread_out(int(counts.max()))))
        given = (parameters, settings, rows, widths, counts, tables, results, wanted, kept)
        strides = kept.strides[1] // EIGHT, kept.strides[0] // EIGHT
        self._call(len(signals), *strides, *(one.ctypes.data for one in given))
        ends = results[list(self._made.ended)].T[: len(block)].tolist()
        return [KeptDrive(self._end(numbers), kept[at, :, : counts[at]].T) for at, numbers in enumerate(ends)]

    def _end(self, numbers: Sequence[float]) -> DriveEnd:
        energies = self._made.energies
        first, last = ENERGY_PLACE, ENERGY_PLACE + len(energies)
        energy_J = dict(zip(energies, numbers[first:last], strict=True))
        return DriveEnd._make([*numbers[:first], energy_J, *numbers[last:]])


def _spread_out(steps: int) -> int:
    """Room for so many steps: an odd number of cache lines, so that what is written at once lies in different sets of a cache."""
    return (-(-steps // EIGHT) | 1) * EIGHT


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
    text = kept_code(found.program, found.signals, lane_count("double"))
    machine = target_machine()
    code = machine_code(text, machine) if about is not None else object_code(text, machine, key.structure.treedef)
    made = KeptCode(code, len(found.program.start), found.ended, tuple(drive.ended.energy_J), drive.names)
    if about is not None:
        keep("native-kept", about, pickle.dumps(tuple(made)))
    return made

"""Many drives at once, each keeping the signals that are asked for: vehicles of one structure, each over its own profile.

The numbers of a drive are the same to the bit alone and among any others, on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple, final

import numpy as np

from covolt.errors import CovoltError
from covolt.simulation.account import result_of
from covolt.simulation.flat import columns_of, rows_of, setting_vector
from covolt.simulation.joint import is_joint
from covolt.simulation.kept import MOST_STRUCTURES, Memory
from covolt.simulation.mission import Mission
from covolt.simulation.native.kept_batch import KeptDrive, KeptLane, KeptSignals, kept_signals
from covolt.simulation.outcome import outcome
from covolt.simulation.packed import Key, PackedVehicle, packed_all
from covolt.simulation.precision import in_64_bits
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle

__all__ = ["ManyRunner", "Wanted"]

AT_A_MISS = ("state_of_charge", "battery_temperature_K", "mean_speed_m_per_s")
"""What the outcome of a drive that misses its speed tells of the step in which it does."""

WHOLE_TRACE = {"not a number", "map"}
"""Ends of which only a trace with every signal tells since when."""


class Wanted(NamedTuple):
    """A drive, and the names of the signals that are wanted of it."""

    vehicle: Vehicle
    mission: Mission
    signals: tuple[str, ...]


class _Due(NamedTuple):
    """A drive that is due: where it was asked for, its vehicle's numbers, and the signals that are to be kept of it."""

    at: int
    car: PackedVehicle
    mission: Mission
    signals: tuple[str, ...]


@final
class ManyRunner:
    """Drives many vehicles over missions, each with the named signals, on all cores.

    What it cannot drive, or whose outcome only a whole trace tells, it leaves to whoever asks: foreign parts, missions whose
    clock waits, what no machine code can be made of, drives in which a number is lost.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or os.cpu_count() or 1
        self.batches: list[int] = []
        """How many drives went together, each time."""

    @in_64_bits
    def run(self, wanted: Sequence[Wanted]) -> list[Trace | CovoltError | None]:
        """Of each drive its trace with the signals that were named and no other, the error that it met, or None where it is left.

        The energy that came back is not told (`recuperated_energy_J`).
        """
        found: list[Trace | CovoltError | None] = [None] * len(wanted)
        due: list[_Due] = []
        driven = [
            at for at, one in enumerate(wanted) if one.mission.miss_policy != "correct" and not is_joint(one.vehicle)
        ]
        for at, car in zip(driven, packed_all([wanted[at].vehicle for at in driven]), strict=True):
            if isinstance(car, CovoltError):
                found[at] = car
            else:
                due.append(_Due(at, car, wanted[at].mission, _signals(wanted[at])))
        self._drive(due, wanted, found)
        # Few drives miss their speed: what tells of the step is kept of them alone.
        missed = [
            one._replace(signals=tuple(dict.fromkeys((*one.signals, *AT_A_MISS))))
            for one in due
            if found[one.at] is None and not set(AT_A_MISS) <= set(one.signals)
        ]
        self._drive(missed, wanted, found)
        return found

    def _drive(self, due: Sequence[_Due], wanted: Sequence[Wanted], found: list[Trace | CovoltError | None]) -> None:
        """Drive what is due, and put each trace where it was asked for."""
        groups: dict[tuple[Any, ...], tuple[Key, list[_Due]]] = {}
        for one in due:
            car, columns, policy = one.car, columns_of(one.mission), one.mission.miss_policy
            # A structure is one object, however many vehicles have it: it is not read anew for each drive.
            short = (id(car.structure), car.table_shapes, columns, policy)
            _, members = groups.setdefault(short, (Key(car.structure, car.table_shapes, columns, policy), []))
            members.append(one)
        blocks = [block for key, members in groups.values() for block in self._blocks(key, members)]

        def drive(block: _Block) -> None:
            for one, trace in zip(block.members, _driven(block, wanted), strict=True):
                found[one.at] = trace

        if self._threads == 1 or len(blocks) < 2:
            for block in blocks:
                drive(block)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(drive, blocks))

    def _blocks(self, key: Key, members: Sequence[_Due]) -> Iterator[_Block]:
        """Drives that fill the lanes together, those that are about equally long beside each other."""
        code = _code(key)
        known = [one for one in members if set(one.signals) <= set(code.names)] if code is not None else []
        if code is None or not known:
            return
        self.batches.append(len(known))
        known.sort(key=lambda one: (one.mission.count, one.signals))
        for at in range(0, len(known), code.lanes):
            yield _Block(code, known[at : at + code.lanes])


class _Block(NamedTuple):
    """Drives that go together, and what drives them."""

    code: KeptSignals
    members: list[_Due]


def _signals(one: Wanted) -> tuple[str, ...]:
    # A drive that is meant to end where the speed is missed tells of that step; another seldom does.
    extra = AT_A_MISS if one.mission.miss_policy == "abort" else ()
    return tuple(dict.fromkeys((*one.signals, *extra)))


def _driven(block: _Block, wanted: Sequence[Wanted]) -> Iterator[Trace | CovoltError | None]:
    lanes = [
        KeptLane(one.car.vector_si, one.car.tables, setting_vector(one.mission), rows_of(one.mission))
        for one in block.members
    ]
    together = tuple(dict.fromkeys(name for one in block.members for name in one.signals))
    for due, drive in zip(block.members, block.code.drive(lanes, together), strict=True):
        values = drive.values
        if due.signals != together:
            values = values[:, [together.index(name) for name in due.signals]]
        yield _trace(wanted[due.at], due.signals, drive._replace(values=values))


_refused: Memory[Key, str] = Memory(MOST_STRUCTURES)


def _code(key: Key) -> KeptSignals | None:
    if _refused.get(key) is not None:
        return None
    try:
        return kept_signals(key)
    except (ImportError, NotImplementedError) as refusal:
        _refused.put(key, str(refusal))
        return None


def _trace(one: Wanted, names: tuple[str, ...], drive: KeptDrive) -> Trace | CovoltError | None:
    """The trace of a drive; None where its outcome needs signals that were not kept."""
    mission, ended = one.mission, drive.ended
    values = np.asarray(drive.values[: int(ended.driven_steps)])
    if not np.isfinite(values).all():
        return None
    try:
        result = result_of("vehicle", mission, ended, None, (), one.vehicle.battery)
        if not result.outcome.completed:
            if result.outcome.limit in WHOLE_TRACE or not set(AT_A_MISS) <= set(names):
                return None
            result = replace(result, outcome=outcome(mission, ended, values, names))
    except CovoltError as error:
        return error
    kept = values[:, : len(one.signals)]
    times_s = mission.dt_s * np.arange(1, len(kept) + 1)
    return Trace(result, times_s, one.signals, kept, "native")

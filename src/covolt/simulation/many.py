"""Many drives at once, each keeping the signals that are asked for: vehicles of one structure over one profile together.

The numbers of a drive are the same to the bit alone and among any others, on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, final

import numpy as np

from covolt.errors import CovoltError
from covolt.simulation.account import result_of
from covolt.simulation.flat import profile_of, setting_vector
from covolt.simulation.joint import is_joint
from covolt.simulation.kept import MOST_STRUCTURES, Memory
from covolt.simulation.mission import Mission
from covolt.simulation.native.kept_batch import KeptBatch, KeptDrive, KeptSignals, kept_signals
from covolt.simulation.outcome import outcome
from covolt.simulation.packed import Key, PackedVehicle, packed
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


class _Group(NamedTuple):
    """What drives have in common that go together."""

    key: Key
    tables: tuple[bytes, ...]
    profile: bytes
    steps: int
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
        groups: dict[_Group, list[int]] = {}
        for index, one in enumerate(wanted):
            if is_joint(one.vehicle) or one.mission.miss_policy == "correct":
                continue
            try:
                car = packed(one.vehicle)
            except CovoltError as error:
                found[index] = error
                continue
            groups.setdefault(_group(car, one), []).append(index)
        for group, members in groups.items():
            code = _code(group.key)
            if code is not None and set(group.signals) <= set(code.names):
                self.batches.append(len(members))
                drives = self._driven(code, group, [wanted[index] for index in members])
                for index, drive in zip(members, drives, strict=True):
                    found[index] = _trace(wanted[index], group.signals, drive)
        return found

    def _driven(self, code: KeptSignals, group: _Group, wanted: Sequence[Wanted]) -> Iterator[KeptDrive]:
        cars = [packed(one.vehicle) for one in wanted]
        matrix = np.stack([one.vector_si for one in cars], axis=1)
        settings = np.stack([setting_vector(one.mission) for one in wanted], axis=1)
        rows = profile_of(wanted[0].mission)[1]
        return code.drive(KeptBatch(matrix, settings, cars[0].tables, rows, group.steps), group.signals, self._threads)


def _group(car: PackedVehicle, one: Wanted) -> _Group:
    mission = one.mission
    columns, rows = profile_of(mission)
    rows = rows[: mission.count]
    key = Key(car.structure, car.table_shapes, columns, mission.miss_policy)
    # A drive that is meant to end where the speed is missed tells of that step; another seldom does.
    extra = AT_A_MISS if mission.miss_policy == "abort" else ()
    signals = tuple(dict.fromkeys((*one.signals, *extra)))
    tables = tuple(table.tobytes() for table in car.tables)
    return _Group(key, tables, rows.tobytes(), mission.count, signals)


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
        result = result_of("vehicle", mission, ended, None, ())
        if not result.outcome.completed:
            if result.outcome.limit in WHOLE_TRACE or not set(AT_A_MISS) <= set(names):
                return None
            result = replace(result, outcome=outcome(mission, ended, values, names))
    except CovoltError as error:
        return error
    kept = values[:, : len(one.signals)]
    times_s = mission.dt_s * np.arange(1, len(kept) + 1)
    return Trace(replace(result, storage=one.vehicle.battery), times_s, one.signals, kept, "native")

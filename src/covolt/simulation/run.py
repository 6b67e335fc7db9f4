"""Runners: one vehicle with every signal, or many vehicles and missions on all cores."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

import jax
import numpy as np

from covolt.errors import InputError
from covolt.progress import Progress
from covolt.simulation.account import result_of, trace_of
from covolt.simulation.compiled import KeptFunction, kept
from covolt.simulation.core import (
    SETTING_TREE,
    Setting,
    Structure,
    compiled_batch,
    drive_flat,
    pack,
    pack_setting,
    unpack,
)
from covolt.simulation.coupling import Way
from covolt.simulation.drive_end import DriveEnd, drive_end_of
from covolt.simulation.flat import columns_of, profile_of, setting_vector
from covolt.simulation.joint import can_begin_anew, is_joint, joint_trace
from covolt.simulation.joint_part import Driven
from covolt.simulation.kept import MOST_STRUCTURES, Memory
from covolt.simulation.mission import Mission
from covolt.simulation.packed import Key, packed
from covolt.simulation.precision import in_64_bits
from covolt.simulation.recharge import recharge_energy_J, recharge_ratio
from covolt.simulation.stepwise import stepwise_trace
from covolt.simulation.trace import Executor, Result, Trace
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.arrays import array_problems
from covolt.vehicle.assembly import Vehicle, demand_drivable

if TYPE_CHECKING:
    from covolt.simulation.native.trace import NativeTrace

BATCH_CHUNK = 1024
"""Vehicles driven together: large enough to fill vectors, small enough that their state stays in the cache."""


def setting_of(mission: Mission) -> Setting:
    """The mission's conditions as the numbers that the compiled drive takes."""
    return jax.tree.unflatten(SETTING_TREE, setting_vector(mission).tolist())


@final
class TracedRunner:
    """Drives one vehicle and keeps every signal of every step.

    What drives is chosen here and stands in the trace: machine code of our own ("native"), or XLA's, three times slower. The two
    agree but for rounding. What cannot be compiled is left to XLA, and `left_to_xla` says why.

    Foreign parts are asked for whole missions, or, of those that cannot begin anew, step by step; `way` chooses.
    """

    def __init__(self, *, executor: Executor = "native", way: Way | None = None) -> None:
        self._executor: Executor = executor
        self._way = way
        self._left_to_xla: dict[str, None] = {}

    @property
    def left_to_xla(self) -> tuple[str, ...]:
        """Why drives of this runner were left to XLA though machine code was due; empty where none was."""
        return tuple(self._left_to_xla)

    @in_64_bits
    def run(self, vehicle: Vehicle, mission: Mission, *, name: str = "vehicle") -> Trace:
        """Drive, and account for every joule.

        Raises:
            CovoltError: where the energy account does not close, which is a fault of a part's model.
        """
        if is_joint(vehicle):
            whole = self._way == "whole mission" or (self._way is None and can_begin_anew(vehicle))
            joined = joint_trace if whole else stepwise_trace
            return joined(self._drive, vehicle, mission, name)
        driven = self._drive(vehicle, mission, {})
        return trace_of(name, mission, driven.ended, driven.values, driven.names, driven.executor)

    def _drive(self, vehicle: Vehicle, mission: Mission, answers: Mapping[str, np.ndarray]) -> Driven:
        """Drive with what foreign parts answer to each step (`simulation.request.ANSWERS`, shape (n,))."""
        car = packed(vehicle)
        key = Key(car.structure, car.table_shapes, columns_of(mission, answers), mission.miss_policy)
        setting = setting_vector(mission)
        native = self._native(key)
        if native is not None:
            ended, values = native(car.vector_si, car.tables, setting, {**mission.profile, **answers})
            return Driven(ended, values, native.names, "native")
        arguments = (car.vector_si, car.tables, setting, profile_of(mission, answers)[1], mission.count)
        whole_drive, names = traced_drive(key.structure, key.columns, key.policy, arguments)
        ended, values = whole_drive(*arguments)
        return Driven(ended, values, names, "xla")

    def _native(self, key: Key) -> NativeTrace | None:
        if self._executor == "xla":
            return None
        reason = _refused.get(key)
        if reason is None:
            try:
                from covolt.simulation.native.trace import native_trace

                return native_trace(key)
            except (ImportError, NotImplementedError) as refusal:
                reason = str(refusal)
                _refused.put(key, reason)
        self._left_to_xla[reason] = None
        return None


_refused: Memory[Key, str] = Memory(MOST_STRUCTURES)
"""Why there is no machine code: found out once, for it takes as long as making it."""


def traced_drive(
    structure: Structure, columns: tuple[str, ...], policy: str, arguments: tuple[Any, ...]
) -> KeptFunction:
    """The drive of one vehicle with every signal, and all that its account needs; with the names of the signals."""
    names: list[str] = []

    def whole_drive(vector: Any, tables: Any, setting: Any, rows: Any, count: Any) -> tuple[DriveEnd, Any]:
        of = functools.partial(drive_flat, structure=structure, columns=columns, policy=policy)
        last, tally, values = of(vector, tables, setting, rows, count, traced=True, names=names)
        vehicle = unpack(vector, tables, structure)
        placed: Setting = jax.tree.unflatten(SETTING_TREE, list(setting))
        return drive_end_of(
            vehicle, (placed.ambient, placed.payload_kg, placed.dynamometer), last, tally, recharge_ratio(vehicle)
        ), values

    return kept("drive", (structure, columns, policy), whole_drive, arguments, lambda: tuple(names))


@final
class BatchRunner:
    """Drives many vehicles over many missions, without traces, on all cores.

    Vehicles of one structure (the same kinds of part in the same slots) are driven together. The native executor compiles
    the traced step itself; what it cannot compile, XLA drives instead, and `left_to_xla` says why.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        chunk: int = BATCH_CHUNK,
        executor: Executor = "native",
    ) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._chunk = chunk
        self._native = executor == "native"
        self._left_to_xla: dict[str, None] = {}

    @property
    def left_to_xla(self) -> tuple[str, ...]:
        """Why drives of this runner were left to XLA though it is native; empty where none was."""
        return tuple(self._left_to_xla)

    @in_64_bits
    def run(
        self, vehicles: Sequence[Vehicle], missions: Sequence[Mission], *, progress: Progress | None = None
    ) -> list[list[Result]]:
        """Drive every vehicle over every mission; the result of vehicle i on mission j stands at [i][j].

        `progress` is called with how many drives are done, of how many.
        """
        done, total = 0, len(vehicles) * len(missions)
        table: list[list[Result]] = [[] for _ in vehicles]
        groups: dict[tuple[Structure, tuple[bytes, ...]], list[int]] = {}
        packed = [pack(vehicle) for vehicle in vehicles]
        single = TracedRunner(executor="native" if self._native else "xla")
        for index, (vehicle, (_, tables, structure)) in enumerate(zip(vehicles, packed, strict=True)):
            demand_drivable(vehicle)
            if is_joint(vehicle):
                # A foreign part is asked over time, which a batch does not keep.
                table[index] = [single.run(vehicle, mission, name=str(index)).result for mission in missions]
                done += len(missions)
                continue
            groups.setdefault((structure, tuple(t.tobytes() for t in tables)), []).append(index)
        for mission in missions:
            for (structure, _), members in groups.items():
                matrix = np.stack([packed[index][0] for index in members], axis=1)
                last, tally = self.run_packed(matrix, packed[members[0]][1], structure, mission)
                for column, index in enumerate(members):
                    table[index].append(_result(str(index), vehicles[index], mission, last, tally, column))
                done += len(members)
                if progress is not None:
                    progress(done, total)
        return table

    @in_64_bits
    def run_packed(
        self, matrix: np.ndarray, tables: list[np.ndarray], structure: Structure, mission: Mission
    ) -> tuple[Any, Any]:
        """Drive vehicles given as columns of `matrix`; last states and tallies of shape (n,), float64, with one value a vehicle.

        Args:
            matrix: shape (p, n), float64, in SI: the p scalars of each of n vehicles, in the order of `parameter_names`.
            tables: curves and maps that they share, each of the shape that `pack` gave it, float64.

        Raises:
            InputError: the matrix has another shape or kind.
        """
        rows = sum(structure.scalar)
        if problems := array_problems(matrix, "matrix", (rows, "n"), "run_packed", finite=False):
            raise InputError(problems)
        if self._native:
            try:
                return self._run_native(matrix, tables, structure, mission)
            except (ImportError, NotImplementedError) as reason:
                self._left_to_xla[str(reason)] = None
        return self._run_xla(matrix, tables, structure, mission)

    def _run_native(
        self, matrix: np.ndarray, tables: list[np.ndarray], structure: Structure, mission: Mission
    ) -> tuple[Any, Any]:
        from covolt.simulation.native.batch import Batch, drive_batch

        columns, rows = profile_of(mission)
        batch = Batch(matrix, tables, pack_setting(setting_of(mission)), rows, mission.count)
        return drive_batch(structure, columns, mission.miss_policy, batch, self._threads)

    def _run_xla(
        self, matrix: np.ndarray, tables: list[np.ndarray], structure: Structure, mission: Mission
    ) -> tuple[Any, Any]:
        columns, rows = profile_of(mission)
        setting = pack_setting(setting_of(mission)).astype(matrix.dtype)
        drive = compiled_batch(structure, columns, mission.miss_policy)
        rows = rows.astype(matrix.dtype)

        @in_64_bits
        def one(begin: int) -> Any:
            part = matrix[:, begin : begin + self._chunk]
            if part.shape[1] < self._chunk and begin > 0:
                # The last part is filled up with its last vehicle: one compiled size serves all parts.
                part = np.pad(part, ((0, 0), (0, self._chunk - part.shape[1])), mode="edge")
            last, tally, _ = drive(part, tables, setting, rows, mission.count)
            return jax.device_get((last, tally))

        begins = range(0, matrix.shape[1], self._chunk)
        with ThreadPoolExecutor(self._threads) as pool:
            parts = list(pool.map(one, begins))
        count = matrix.shape[1]
        return jax.tree.map(lambda *leaves: np.concatenate([np.atleast_1d(x) for x in leaves])[:count], *parts)


def _result(name: str, vehicle: Vehicle, mission: Mission, last: Any, tally: Any, column: int) -> Result:
    """Account of one vehicle of a batch."""
    own_last, own_tally = jax.tree.map(lambda leaf: float(leaf[column]), (last, tally))
    c = mission.conditions
    ambient = Ambient(c.ambient_temperature_K, c.pressure_Pa, c.wind_m_per_s, c.sun_W_per_m2)
    ended = drive_end_of(
        vehicle, (ambient, c.payload_kg, float(c.on_dynamometer)), own_last, own_tally, recharge_energy_J(vehicle, 1.0)
    )
    return replace(result_of(name, mission, ended, None, ()), storage=vehicle.battery)


def simulate(
    vehicle: Vehicle, mission: Mission, *, name: str = "vehicle", throw: bool = False, executor: Executor = "native"
) -> Trace:
    """Drive a vehicle; with `throw`, a drive that could not be completed raises `DriveFailed`."""
    trace = TracedRunner(executor=executor).run(vehicle, mission, name=name)
    trace = replace(trace, result=replace(trace.result, storage=vehicle.battery))
    if throw:
        trace.result.demand_completed()
    return trace

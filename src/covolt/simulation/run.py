"""Runners: one vehicle with every signal, or many vehicles and missions on all cores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, final

import jax
import numpy as np

from covolt.simulation.compiled import Kept, kept
from covolt.simulation.core import (
    SIGNAL_NAMES,
    Setting,
    Structure,
    compiled_batch,
    drive,
    pack,
    pack_setting,
    padded_length,
    unpack,
)
from covolt.simulation.ledger import ledger
from covolt.simulation.mission import Mission
from covolt.simulation.outcome import outcome
from covolt.simulation.recharge import recharge_energy_J, recharge_ratio
from covolt.simulation.trace import Result, Trace
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.assembly import Comfort, Soak, Vehicle, demand_drivable

COLUMN_ORDER = (
    "target_m_per_s",
    "preview_m_per_s",
    "slope_fraction",
    "coasting_fraction",
    "parked_fraction",
    "heater_power_W",
    "air_conditioning_power_W",
)
BATCH_CHUNK = 1024
"""Vehicles driven together: large enough to fill vectors, small enough that their state stays in the cache."""


def setting_of(mission: Mission) -> Setting:
    """The mission's conditions as the numbers that the compiled drive takes."""
    c = mission.conditions

    def soaked(temperature_K: float | None) -> float:
        return c.ambient_temperature_K if temperature_K is None else temperature_K

    return Setting(
        ambient=Ambient(c.ambient_temperature_K, c.pressure_Pa, c.wind_m_per_s, c.sun_W_per_m2),
        payload_kg=c.payload_kg,
        dynamometer=float(c.on_dynamometer),
        comfort=Comfort(float(c.comforts_on), 1.0, float(c.preconditioning), float(c.lights_on)),
        soak=Soak(
            c.state_of_charge,
            soaked(c.battery_temperature_K),
            soaked(c.cabin_temperature_K),
            soaked(c.vehicle_temperature_K),
            mission.start_speed_m_per_s,
        ),
        dt_s=mission.dt_s,
    )


def profile_of(mission: Mission) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the profile's columns, and its rows padded to one of the few compiled lengths."""
    columns = tuple(name for name in COLUMN_ORDER if name in mission.profile)
    # A vehicle that falls behind and shall drive the whole distance may take up to twice the time.
    longest = 2 * mission.count if mission.miss_policy == "correct" else mission.count
    rows = np.zeros((padded_length(longest), len(columns)))
    for index, name in enumerate(columns):
        rows[: mission.count, index] = mission.profile[name]
    return columns, rows


@final
class TracedRunner:
    """Drives one vehicle and keeps every signal of every step."""

    def run(self, vehicle: Vehicle, mission: Mission, *, name: str = "vehicle") -> Trace:
        """Drive, and account for every joule.

        Raises:
            CovoltError: where the energy account does not close, which is a fault of a part's model.
        """
        demand_drivable(vehicle)
        vector, tables, structure = pack(vehicle)
        columns, rows = profile_of(mission)
        setting = pack_setting(setting_of(mission))
        arguments = (vector, tables, setting, rows, mission.count)
        whole_drive, names = traced_drive(structure, columns, mission.miss_policy, arguments)
        last, tally, values, mains_ratio = whole_drive(*arguments)
        rows_driven = np.asarray(values[: int(tally.driven_steps)])
        result = _result(name, vehicle, mission, last, tally, rows_driven, names, float(mains_ratio))
        return Trace(result, mission.dt_s * np.arange(1, len(rows_driven) + 1), names, rows_driven)


def traced_drive(structure: Structure, columns: tuple[str, ...], policy: str, arguments: tuple[Any, ...]) -> Kept:
    """The drive of one vehicle with every signal, and its recharge ratio, compiled; with the names of the signals."""

    def whole_drive(vector: Any, tables: Any, setting: Any, rows: Any, count: Any) -> Any:
        driven = drive(
            vector, tables, setting, rows, count, structure=structure, columns=columns, traced=True, policy=policy
        )
        return (*driven, recharge_ratio(unpack(vector, tables, structure)))

    return kept("drive", (structure, columns, policy), whole_drive, arguments, lambda: SIGNAL_NAMES[structure, columns])


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
        executor: Literal["native", "xla"] = "native",
    ) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._chunk = chunk
        self._native = executor == "native"
        self._left_to_xla: dict[str, None] = {}

    @property
    def left_to_xla(self) -> tuple[str, ...]:
        """Why drives of this runner were left to XLA though it is native; empty where none was."""
        return tuple(self._left_to_xla)

    def run(self, vehicles: Sequence[Vehicle], missions: Sequence[Mission]) -> list[list[Result]]:
        """Drive every vehicle over every mission; the result of vehicle i on mission j stands at [i][j]."""
        table: list[list[Result]] = [[] for _ in vehicles]
        groups: dict[tuple[Structure, tuple[bytes, ...]], list[int]] = {}
        packed = [pack(vehicle) for vehicle in vehicles]
        for index, (vehicle, (_, tables, structure)) in enumerate(zip(vehicles, packed, strict=True)):
            demand_drivable(vehicle)
            groups.setdefault((structure, tuple(t.tobytes() for t in tables)), []).append(index)
        for mission in missions:
            for (structure, _), members in groups.items():
                matrix = np.stack([packed[index][0] for index in members], axis=1)
                last, tally = self.run_packed(matrix, packed[members[0]][1], structure, mission)
                for column, index in enumerate(members):
                    pick = _column(column)
                    own_last, own_tally = jax.tree.map(pick, last), jax.tree.map(pick, tally)
                    table[index].append(_result(str(index), vehicles[index], mission, own_last, own_tally, None, ()))
        return table

    def run_packed(
        self, matrix: np.ndarray, tables: list[np.ndarray], structure: Structure, mission: Mission
    ) -> tuple[Any, Any]:
        """Drive vehicles given as columns of `matrix`; last states and tallies with one value a vehicle."""
        if self._native:
            try:
                return self._run_native(matrix, tables, structure, mission)
            except (ImportError, NotImplementedError) as reason:
                self._left_to_xla[str(reason)] = None
        return self._run_xla(matrix, tables, structure, mission)

    def _run_native(
        self, matrix: np.ndarray, tables: list[np.ndarray], structure: Structure, mission: Mission
    ) -> tuple[Any, Any]:
        from covolt.simulation.native import Batch, drive_batch

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


def _column(index: int) -> Any:
    return lambda leaf: leaf[index]


def simulate(vehicle: Vehicle, mission: Mission, *, name: str = "vehicle", throw: bool = False) -> Trace:
    """Drive a vehicle; with `throw`, a drive that could not be completed raises `DriveFailed`."""
    trace = TracedRunner().run(vehicle, mission, name=name)
    if throw:
        trace.result.demand_completed()
    return trace


def _result(
    name: str,
    vehicle: Vehicle,
    mission: Mission,
    last: Any,
    tally: Any,
    values: np.ndarray | None,
    names: tuple[str, ...],
    mains_ratio: float | None = None,
) -> Result:
    """Account of one drive from its last state and tally."""
    resistance = vehicle.body.at(
        Ambient(mission.conditions.ambient_temperature_K), mission.conditions.payload_kg, vehicle.tyre
    )
    m = float(resistance.equivalent_mass_kg)
    kinetic_J = 0.5 * m * (float(last.speed_m_per_s) ** 2 - mission.start_speed_m_per_s**2)
    account = ledger({key: float(value) for key, value in tally.energy_J.items()}, kinetic_J)
    ended = outcome(vehicle, mission, last, tally, values, names)
    if np.isfinite(account.worst_ratio):
        account.demand_closed()
    stored_J = account.energy_J("battery")
    return Result(
        name=name,
        mission=mission,
        distance_m=float(tally.distance_m),
        ledger=account,
        outcome=ended,
        state_of_charge=float(last.battery.state_of_charge),
        battery_temperature_K=float(last.battery.temperature_K),
        plug_energy_J=recharge_energy_J(vehicle, stored_J) if mains_ratio is None else stored_J * mains_ratio,
    )

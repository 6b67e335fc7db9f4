"""The trace of a drive: every signal by name with its unit, how the drive ended, and where the energy went."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from covolt.errors import DriveFailed, InputError, Problem
from covolt.files import whole, write_whole
from covolt.simulation.ledger import FLOWS, Ledger
from covolt.simulation.mission import Mission

if TYPE_CHECKING:
    import xarray

Executor = Literal["native", "xla"]
"""Machine code of covolt's own, or of XLA."""
UNIT_SUFFIXES = (
    ("_rad_per_s", "rad/s"),
    ("_m_per_s", "m/s"),
    ("_W", "W"),
    ("_A", "A"),
    ("_V", "V"),
    ("_K", "K"),
    ("_N", "N"),
    ("_Nm", "Nm"),
    ("_m", "m"),
    ("_s", "s"),
    ("_J", "J"),
)


def unit_of(name: str) -> str:
    """The unit that a signal's name ends in; "1" where it has none."""
    return next((unit for suffix, unit in UNIT_SUFFIXES if name.endswith(suffix)), "1")


@dataclass(frozen=True)
class Outcome:
    """How a drive ended.

    `completed` is true where the vehicle kept the asked speed within 2 km/h throughout and no number failed. Otherwise
    `reason` says when, where and which limit, in an engineer's words.
    """

    completed: bool
    reason: str = ""
    missed_time_s: float = 0.0
    worst_miss_m_per_s: float = 0.0
    first_miss_time_s: float | None = None
    limit: str = "none"

    def __str__(self) -> str:
        return self.reason or "completed"


@dataclass(frozen=True)
class Result:
    """What every drive yields, traced or not: distance, energies, how it ended, and its ledger."""

    name: str
    mission: Mission
    distance_m: float
    ledger: Ledger
    outcome: Outcome
    state_of_charge: float
    battery_temperature_K: float
    plug_energy_J: float

    @property
    def battery_energy_J(self) -> float:
        """Energy drawn at the terminals of the battery, net of recuperation."""
        entry = self.ledger.energy_J
        return entry("battery") + entry("mains") - entry("charger") - entry("battery loss")

    @property
    def battery_consumption_J_per_m(self) -> float:
        """Energy at the terminals per distance."""
        return self.battery_energy_J / self.distance_m if self.distance_m > 0.0 else float("nan")

    @property
    def plug_consumption_J_per_m(self) -> float:
        """Energy from the mains that recharges what was used, per distance."""
        return self.plug_energy_J / self.distance_m if self.distance_m > 0.0 else float("nan")

    def demand_completed(self) -> None:
        """Raise `DriveFailed` where the drive was not completed."""
        if not self.outcome.completed:
            raise DriveFailed(Problem(self.outcome.reason, self.mission.name, "see trace.outcome"))


@dataclass(frozen=True)
class Trace:
    """The time series of one drive. Row i of `values` is the step that ends at `time_s[i]`."""

    result: Result
    time_s: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    executor: Executor = "native"
    """What drove: two executors differ by rounding."""

    @property
    def outcome(self) -> Outcome:
        """How the drive ended."""
        return self.result.outcome

    @property
    def ledger(self) -> Ledger:
        """Where the energy went."""
        return self.result.ledger

    def __getitem__(self, name: str) -> np.ndarray:
        """One signal."""
        if name not in self.names:
            raise InputError(Problem(f"no signal '{name}'", "trace", f"choose one of: {', '.join(self.names)}"))
        return self.values[:, self.names.index(name)]

    @property
    def distance_m(self) -> np.ndarray:
        """Distance covered at the end of each step."""
        return np.cumsum(self["mean_speed_m_per_s"]) * self.result.mission.dt_s

    def energies_J(self) -> dict[str, np.ndarray]:
        """Each flow of the ledger, summed up to the end of each step."""
        dt = self.result.mission.dt_s
        return {name: np.cumsum(self[name]) * dt for name in FLOWS if name in self.names}

    def to_xarray(self) -> xarray.Dataset:
        """All signals over time, each with its unit, as a data set."""
        import xarray

        variables = {
            name: ("time_s", self.values[:, column], {"units": unit_of(name)}) for column, name in enumerate(self.names)
        }
        variables["distance_m"] = ("time_s", self.distance_m, {"units": "m"})
        coordinates = {"time_s": ("time_s", self.time_s, {"units": "s"})}
        attributes = {"vehicle": self.result.name, "mission": self.result.mission.name, "outcome": str(self.outcome)}
        attributes["executor"] = self.executor
        return xarray.Dataset(variables, coords=coordinates, attrs=attributes)

    def to_parquet(self, path: str | Path) -> None:
        """Write all signals to a Parquet file whose columns carry their unit."""
        import pyarrow
        import pyarrow.parquet

        columns = {"time_s": self.time_s, "distance_m": self.distance_m}
        columns.update({name: self.values[:, i] for i, name in enumerate(self.names)})
        fields = [pyarrow.field(name, pyarrow.float64(), metadata={"units": unit_of(name)}) for name in columns]
        schema = pyarrow.schema(fields, metadata={"vehicle": self.result.name, "mission": self.result.mission.name})
        with whole(path) as partial:
            pyarrow.parquet.write_table(pyarrow.table(columns, schema=schema), partial)

    def to_csv(self, path: str | Path) -> None:
        """Write all signals to a CSV file whose header names the units."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["time_s", "distance_m", *self.names])
        table = np.column_stack([self.time_s, self.distance_m, self.values])
        writer.writerows([[f"{value:.10g}" for value in row] for row in table])
        write_whole(path, text.getvalue())

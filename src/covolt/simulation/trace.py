"""The trace of a drive: every signal by name with its unit, how the drive ended, and where the energy went."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import inf, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from covolt.display import AbstractShown, Page, Quantity, Table
from covolt.errors import DriveFailed, InputError, NotFound, Problem
from covolt.files import whole, write_whole
from covolt.legible import shown
from covolt.simulation.coupling import Coupling
from covolt.simulation.ledger import FLOWS, Entry, Ledger
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.outcome import Outcome
from covolt.simulation.quantities import drive_table, ledger_table, quantities_of
from covolt.words import Words, restored, text

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

ABOUT = "covolt"
"""Key under which a file of a trace says what its columns cannot: vehicle, mission, outcome and ledger, as JSON."""
BESIDE = "-metadata.json"
"""What is added to the name of a CSV file for that of its description (W3C, Metadata Vocabulary for Tabular Data, 5.3)."""


class Storage(Protocol):
    """What holds energy between the ends of its window, such as a battery."""

    def energy_J(self) -> Any:
        """Energy between both ends."""
        ...


def recuperated_J(names: tuple[str, ...], values: np.ndarray, dt_s: float) -> float:
    """Energy that came back at the DC terminals of the drive units, of the signals of a drive."""
    return -float(np.sum(np.minimum(values[:, names.index("drive_unit_power_W")], 0.0))) * dt_s


def unit_of(name: str) -> str:
    """The unit that a signal's name ends in; "1" where it has none."""
    return next((unit for suffix, unit in UNIT_SUFFIXES if name.endswith(suffix)), "1")


@dataclass(frozen=True, repr=False)
class Result(AbstractShown):
    """What every drive yields, traced or not: distance, energies, how it ended, and its ledger."""

    name: str
    mission: Mission
    distance_m: float
    ledger: Ledger
    outcome: Outcome
    state_of_charge: float
    battery_temperature_K: float
    plug_energy_J: float
    storage: Storage | None = field(default=None, repr=False, compare=False)
    """The battery that was driven with, where whoever drove says so."""
    expanded_si: Mapping[str, float] = field(default_factory=dict[str, float], compare=False)
    """Expanded uncertainty U = 2 u of numbers and entries of the ledger by name, where whoever drove asked for it."""
    recuperated_energy_J: float = field(default=nan, compare=False)
    """Energy that came back at the DC terminals of the drive units, before what the vehicle used of it: sum max(-P, 0) dt.
    Not a number where no trace was kept."""
    coupling: Coupling | None = field(default=None, compare=False)
    """How foreign parts took part; None where all are covolt's own."""

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every number by its name in SI, with its unit, and ± where it is known."""
        return quantities_of(self)

    def as_tables(self) -> list[Table]:
        """What the drive yields, and where its energy went."""
        return [drive_table(self), ledger_table(self.ledger, self.expanded_si)]

    @property
    def usable_energy_J(self) -> float:
        """Energy that the battery gives from full to empty; not a number where the battery is not known."""
        return float("nan") if self.storage is None else float(self.storage.energy_J())

    @property
    def range_m(self) -> float:
        """From full to empty at the consumption of this drive, R = E s / E_used, E_used from the cells."""
        used_J = self.ledger.energy_J("battery")
        return self.usable_energy_J * self.distance_m / used_J if used_J > 0.0 else inf

    @property
    def battery_energy_J(self) -> float:
        """Energy drawn at the terminals of the battery, net of recuperation."""
        entry = self.ledger.energy_J
        return entry("battery") + entry("mains") - entry("charger") - entry("battery loss") - self.ledger.remainder_J

    @property
    def battery_consumption_J_per_m(self) -> float:
        """Energy at the terminals per distance."""
        return self.battery_energy_J / self.distance_m if self.distance_m > 0.0 else float("nan")

    @property
    def plug_consumption_J_per_m(self) -> float:
        """Energy from the mains that recharges what was used, per distance."""
        return self.plug_energy_J / self.distance_m if self.distance_m > 0.0 else float("nan")

    @property
    def recuperated_fraction(self) -> float:
        """Energy recuperated over energy that drove, sum max(-P, 0) dt / sum max(P, 0) dt at the DC terminals of the drive units.

        The sums differ by the ledger's energy of the drive units. Covolt's own measure: no regulation of consumption has one.
        """
        drove_J = self.recuperated_energy_J + self.ledger.drive_units_J
        return self.recuperated_energy_J / drove_J if drove_J > 0.0 else nan

    def demand_completed(self) -> None:
        """Raise `DriveFailed` where the drive was not completed."""
        if not self.outcome.completed:
            raise DriveFailed(
                Problem(self.outcome.told or self.outcome.reason, self.mission.name, text("see trace.outcome"))
            )


@dataclass(frozen=True, repr=False, eq=False)
class Trace(AbstractShown):
    """The time series of one drive. Row i of `values` is the step that ends at `time_s[i]`; equal is a trace to itself alone."""

    result: Result
    time_s: np.ndarray
    """Shape (n,), float64, s: the end of each step."""
    names: tuple[str, ...]
    values: np.ndarray
    """Shape (n, m), float64: a column for each of `names`, in SI as it says."""
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

    def as_tables(self) -> list[Table]:
        """Those of the result."""
        return self.result.as_tables()

    def plot(self, title: str = "") -> Page:
        """The picture of the drive: where the energy went, and its curves; a notebook shows it, `.save("x.html")` writes it."""
        from covolt.simulation.picture import page

        called = shown(title or self.result.name, breaks=True)
        return Page(called, page(self, title=called, expanded_si=self.result.expanded_si))

    def __getitem__(self, name: str) -> np.ndarray:
        """One signal: shape (n,), float64, in SI as its name says."""
        if name not in self.names:
            hint = text("choose one of: {names}", names=", ".join(self.names))
            raise NotFound(Problem(text("no signal '{name}'", name=name), "trace", hint))
        return self.values[:, self.names.index(name)]

    @property
    def recuperated_energy_J(self) -> float:
        """That of the result."""
        return self.result.recuperated_energy_J

    @property
    def distance_m(self) -> np.ndarray:
        """Distance covered at the end of each step: shape (n,), float64, m."""
        return np.cumsum(self["mean_speed_m_per_s"]) * self.result.mission.dt_s

    def energies_J(self) -> dict[str, np.ndarray]:
        """Each flow of the ledger, summed up to the end of each step: shape (n,), float64, J."""
        dt = self.result.mission.dt_s
        return {name: np.cumsum(self[name]) * dt for name in FLOWS if name in self.names}

    def to_xarray(self) -> xarray.Dataset:
        """All signals over time as a data set: each of shape (n,), float64, with its `units` in SI."""
        import xarray

        variables = {
            name: ("time_s", self.values[:, column], {"units": unit_of(name)}) for column, name in enumerate(self.names)
        }
        variables["distance_m"] = ("time_s", self.distance_m, {"units": "m"})
        coordinates = {"time_s": ("time_s", self.time_s, {"units": "s"})}
        attributes = {"vehicle": self.result.name, "mission": self.result.mission.name, "outcome": str(self.outcome)}
        attributes |= {"executor": self.executor, ABOUT: json.dumps(_about(self))}
        return xarray.Dataset(variables, coords=coordinates, attrs=attributes)

    def to_parquet(self, path: str | Path) -> None:
        """Write all signals to a Parquet file whose columns carry their unit."""
        import pyarrow
        import pyarrow.parquet

        columns = {"time_s": self.time_s, "distance_m": self.distance_m}
        columns.update({name: self.values[:, i] for i, name in enumerate(self.names)})
        fields = [pyarrow.field(name, pyarrow.float64(), metadata={"units": unit_of(name)}) for name in columns]
        said = {"vehicle": self.result.name, "mission": self.result.mission.name, ABOUT: json.dumps(_about(self))}
        schema = pyarrow.schema(fields, metadata=said)
        with whole(path) as partial:
            pyarrow.parquet.write_table(pyarrow.table(columns, schema=schema), partial)

    def to_csv(self, path: str | Path) -> None:
        """Write all signals to a CSV file whose header names the units, and `…-metadata.json` beside it, which says the rest."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["time_s", "distance_m", *self.names])
        table = np.column_stack([self.time_s, self.distance_m, self.values])
        writer.writerows([[f"{value:.10g}" for value in row] for row in table])
        write_whole(path, text.getvalue())
        write_whole(f"{path}{BESIDE}", json.dumps({ABOUT: _about(self)}, indent=1))

    def to_netcdf(self, path: str | Path) -> None:
        """Write all signals to a NetCDF file (classic format), each variable with its unit."""
        with whole(path) as partial:
            self.to_xarray().to_netcdf(partial, engine="scipy")

    @staticmethod
    def read(path: str | Path) -> Trace:
        """A trace from a file that `to_parquet`, `to_csv` or `to_netcdf` wrote, with ledger, outcome and the vehicle's name.

        Raises:
            InputError: there is no such file, or it is none of these.
        """
        path = Path(path)
        readers = {".parquet": _of_parquet, ".csv": _of_csv, ".nc": _of_netcdf}
        if path.suffix not in readers:
            raise InputError(
                Problem(text("a trace is read from .parquet, .csv or .nc"), str(path), text("name such a file"))
            )
        try:
            columns, about = readers[path.suffix](path)
            return _trace(columns, about)
        except FileNotFoundError as error:
            hint = (
                text("it is written with the trace, and says what the columns cannot")
                if error.filename != str(path)
                else ""
            )
            raise InputError(
                Problem(
                    text("there is no file {filename}", filename=error.filename),
                    str(path),
                    hint or text("check the path"),
                )
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                Problem(text("this is no trace of covolt: {error}", error=str(error)), str(path), text("write it anew"))
            ) from error


def _about(trace: Trace) -> dict[str, Any]:
    """What the columns of a file do not say of a trace."""
    result, mission = trace.result, trace.result.mission
    return {
        "vehicle": result.name,
        "executor": trace.executor,
        "outcome": {
            **asdict(result.outcome),
            "reason": result.outcome.reason,
            "told": told.stored() if (told := result.outcome.told) else None,
        },
        "ledger": {
            "entries": [list(one) for one in result.ledger.entries],
            "residuals": [list(one) for one in result.ledger.residuals],
            "moved_J": result.ledger.moved_J,
            "open": list(result.ledger.open),
        },
        "result": {
            "distance_m": result.distance_m,
            "state_of_charge": result.state_of_charge,
            "battery_temperature_K": result.battery_temperature_K,
            "plug_energy_J": result.plug_energy_J,
        },
        "expanded_si": dict(result.expanded_si),
        "usable_energy_J": None if result.storage is None else result.usable_energy_J,
        "mission": {
            "name": mission.name,
            "dt_s": mission.dt_s,
            "start_speed_m_per_s": mission.start_speed_m_per_s,
            "follows_trace": mission.follows_trace,
            "miss_policy": mission.miss_policy,
            "phases": [list(one) for one in mission.phases],
            "conditions": asdict(mission.conditions),
            "profile": {name: np.asarray(values, dtype=float).tolist() for name, values in mission.profile.items()},
        },
    }


@dataclass(frozen=True)
class _Held:
    """A battery of which nothing is known but the energy."""

    usable_energy_J: float

    def energy_J(self) -> float:
        """Energy between both ends."""
        return self.usable_energy_J


def _trace(columns: dict[str, np.ndarray], about: dict[str, Any]) -> Trace:
    said = dict(about["mission"])
    said["conditions"] = Conditions(**said["conditions"])
    said["profile"] = {name: np.asarray(values) for name, values in said["profile"].items()}
    said["phases"] = tuple((str(name), int(begin), int(end)) for name, begin, end in said["phases"])
    names = tuple(name for name in columns if name not in {"time_s", "distance_m"})
    values = np.column_stack([columns[name] for name in names])
    account = about["ledger"]
    held_J = about["usable_energy_J"]
    result = Result(
        name=about["vehicle"],
        mission=Mission(**said),
        ledger=Ledger(
            tuple(Entry(*one) for one in account["entries"]),
            tuple((str(name), float(residual_J)) for name, residual_J in account["residuals"]),
            account["moved_J"],
            tuple(account.get("open", ())),
        ),
        outcome=_outcome(about["outcome"]),
        storage=None if held_J is None else _Held(held_J),
        expanded_si=about.get("expanded_si", {}),
        recuperated_energy_J=recuperated_J(names, values, said["dt_s"]),
        **about["result"],
    )
    return Trace(result, columns["time_s"], names, values, about["executor"])


def _outcome(said: dict[str, Any]) -> Outcome:
    """As it was written; covolt 0.1.0 wrote its reason alone."""
    told, reason = said.pop("told", None), said.pop("reason", "")
    return Outcome(**said, told=restored(told) if told is not None else Words(reason) if reason else None)


def _of_parquet(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    said = (table.schema.metadata or {})[ABOUT.encode()]
    return {name: table[name].to_numpy() for name in table.column_names}, json.loads(said)


def _of_csv(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    head, _, body = path.read_text(encoding="utf-8").partition("\n")
    table = np.loadtxt(io.StringIO(body), delimiter=",", ndmin=2)
    about = json.loads(Path(f"{path}{BESIDE}").read_text(encoding="utf-8"))[ABOUT]
    return dict(zip(head.split(","), table.T, strict=True)), about


def _of_netcdf(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    import xarray

    with xarray.open_dataset(path, engine="scipy") as data:
        columns = {str(name): np.array(values) for name, values in {**data.coords, **data.data_vars}.items()}
        return columns, json.loads(data.attrs[ABOUT])

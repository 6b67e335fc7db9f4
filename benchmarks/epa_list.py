"""The EPA's test-car list as cars with measured plug energies, whatever families a folder holds."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from covolt.library.build import GENERIC, Generic, car
from covolt.library.figures import CarFigures
from covolt.simulation import cycles
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, follow
from covolt.simulation.run import BatchRunner

CREDIBLE_POWER_PER_MASS_W_per_kg = (40.0, 600.0)
"""Below it the list's power is a continuous one or a placeholder."""
TYPICAL_POWER_PER_MASS_W_per_kg = 80.0
TYPICAL_ENERGY_PER_MASS_J_per_kg = 37.0 * 3600.0
LABORATORY = Conditions(ambient_temperature_K=ZERO_CELSIUS_K + 23.9, on_dynamometer=True, state_of_charge=0.85)
"""75 degF, comforts off, rollers that impose the target coast-down: 40 CFR 1066."""
CYCLES = ("UDDS", "HWFET")
KINDS = {"PM": "permanent-magnet", "IM": "induction", "EE": "externally-excited", "EESM": "externally-excited"}
HARDLY_BUILT = (
    "Azure Transit Connect Electric",
    "Bollore Bluecar",
    "Canoo LDV",
    "Coda",
    "Kandi",
    "Lordstown Endurance",
    "Rimac Concept_One",
    "Rimac Nevera",
    "Scion iQ EV",
)
"""Families of which hardly a car was sold: outside the scope of the set, a rule on cars built and not on their errors."""


@dataclass(frozen=True)
class Tested:
    """One car of the list in one configuration, with its measured plug energies in Wh/km."""

    family: str
    model: str
    figures: CarFigures
    measured: dict[str, tuple[float, ...]]

    @property
    def in_series(self) -> bool:
        """Whether the family was built in series."""
        return self.family not in HARDLY_BUILT

    @property
    def induction_main(self) -> bool:
        """Whether every machine is an induction machine."""
        second = self.figures.second_motor_kind or self.figures.motor_kind
        return self.figures.motor_kind == "induction" and second == "induction"

    def mean(self, test: str) -> float:
        """Mean of the repeated tests."""
        return float(np.mean(self.measured[test]))


@dataclass(frozen=True)
class EpaList:
    """The cars of a list, and how many of its tests are of another kind and why."""

    cars: tuple[Tested, ...]
    left_out: dict[str, int]

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families, sorted."""
        return tuple(sorted({tested.family for tested in self.cars}))


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file; none where there is no such file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]


def epa_list(data: Path) -> EpaList:
    """All cars with a usable plug energy over UDDS or HWFET; the newest list of the folder holds the older ones."""
    inputs = sorted((data / "epa").glob("bev_test_inputs_*.csv"))
    if not inputs:
        return EpaList((), {})
    newest = max(inputs, key=_age)
    results = {row["row_id"]: row for row in rows_of(_results(newest))}
    groups: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    for row in rows_of(newest):
        found = results.get(row.get("row_id", ""), {})
        usable = found.get("usable", "no" if found.get("flag") else "yes")
        if usable != "yes":
            left_out[usable or "not said"] += 1
        elif row.get("test") not in CYCLES or _number(found.get("wall_Wh_km", "")) is None:
            left_out["no UDDS or HWFET at the plug"] += 1
        elif any(_number(row.get(name, "")) is None for name in ("etw_kg", "A_lbf", "B_lbf_per_mph", "C_lbf_per_mph2")):
            left_out["no coast-down"] += 1
        else:
            same = (
                "family",
                "model",
                "test_vehicle_id",
                "config",
                "etw_kg",
                "A_lbf",
                "B_lbf_per_mph",
                "C_lbf_per_mph2",
            )
            more = ("rated_hp", "drive", "front_kind", "rear_kind", "front_inverter", "rear_inverter")
            groups[tuple(row.get(name, "") for name in (*same, *more))].append(row | {"wall": found["wall_Wh_km"]})
    cars: list[Tested] = []
    for (family, model, *_), rows in groups.items():
        measured: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            measured[row["test"]].append(float(row["wall"]))
        cars.append(
            Tested(family, model, figures_of(rows[0]), {test: tuple(values) for test, values in measured.items()})
        )
    return EpaList(tuple(cars), dict(left_out))


def newest_inputs(data: Path) -> list[dict[str, str]]:
    """Rows of the folder's newest list, usable or not; none where it has no list."""
    inputs = sorted((data / "epa").glob("bev_test_inputs_*.csv"))
    return rows_of(max(inputs, key=_age)) if inputs else []


def _age(path: Path) -> tuple[bool, str]:
    return "usable" in _head(_results(path)), path.name


def _results(inputs: Path) -> Path:
    return inputs.with_name(inputs.name.replace("inputs", "results"))


def _head(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(encoding="utf-8-sig") as file:
        return file.readline()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def figures_of(row: dict[str, str]) -> CarFigures:
    """The car of a row; an unknown kind counts as magnets, an unknown power as usual for the mass."""
    mass_kg = float(row["etw_kg"])
    power_W = (_number(row.get("rated_hp", "")) or 0.0) * 745.7
    low, high = CREDIBLE_POWER_PER_MASS_W_per_kg
    if not low <= power_W / mass_kg <= high:
        power_W = TYPICAL_POWER_PER_MASS_W_per_kg * mass_kg
    table: dict[str, Any] = {
        "test_mass": f"{mass_kg} kg",
        "coast_down": {
            "constant": f"{row['A_lbf']} lbf",
            "linear": f"{row['B_lbf_per_mph']} lbf/mph",
            "quadratic": f"{row['C_lbf_per_mph2']} lbf/mph^2",
            "reference": "epa",
        },
        "battery_energy": f"{TYPICAL_ENERGY_PER_MASS_J_per_kg * mass_kg / 3.6e6} kWh",
        "motor_power": f"{power_W} W",
    }
    return CarFigures.model_validate(table | _drive(row))


def _drive(row: dict[str, str]) -> dict[str, str]:
    """Layout, kinds of machines and inverters: by the columns of the axles, else by the letter of the drive."""
    kinds = {axle: row.get(f"{axle}_kind", "").strip(" ?") for axle in ("front", "rear")}
    driven = [axle for axle in ("rear", "front") if kinds[axle] in KINDS]
    layout = {"F": "front", "R": "rear"}.get(row.get("drive", ""), "all")
    if driven:
        layout = "all" if len(driven) == 2 else driven[0]
    out = {"layout": layout}
    for prefix, axle in zip(("", "second_"), ("rear", "front") if layout == "all" else (layout,), strict=False):
        out[f"{prefix}motor_kind"] = KINDS.get(kinds[axle], "permanent-magnet")
        text = row.get(f"{axle}_inverter", "")
        if text.startswith("SiC"):
            out[f"{prefix}inverter_kind"] = "silicon-carbide"
        elif text.startswith("Si"):
            out[f"{prefix}inverter_kind"] = "silicon"
    return out


def plug_Wh_per_km(cars: Iterable[Tested], generic: Generic = GENERIC) -> np.ndarray:
    """Computed plug energy of each car (rows) over UDDS and HWFET (columns)."""
    vehicles = [car(tested.figures, generic) for tested in cars]
    missions = [follow(cycles.standard(name.lower()), LABORATORY) for name in CYCLES]
    table = BatchRunner().run(vehicles, missions)
    return np.array([[result.plug_consumption_J_per_m / 3.6 for result in results] for results in table])

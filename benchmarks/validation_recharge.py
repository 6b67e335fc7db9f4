"""Truth between plug and battery: chargers and certificates that measured both sides, and energies at the battery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from epa_list import LABORATORY, figures_of, newest_inputs
from scoring import Scored, absent, read_rows, scored_rows

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.library.generic import GENERIC, UNCERTAIN
from covolt.simulation import cycles
from covolt.simulation.mission import follow
from covolt.simulation.run import BatchRunner
from covolt.vehicle.charger import OnBoardCharger

GOAL = 1.5
PHASE_V, PHASE_A = 230.0, 16.0
"""A charger in Europe takes 16 A from each of its phases."""
FULL_FRACTION = 0.5
"""Of the highest power measured, above which a curve of efficiency is compared."""
CYCLES = {"UDDS": "udds", "HWFET": "hwfet", "US06": "us06", "WLTP": "wltc-3b"}
SAME_MASS = 0.02
Row = dict[str, Any]


def rows(data: Path) -> list[Row]:
    """Figures for the validation table."""
    certificates = _table(data / "certification" / "epa_certification_dc_ac.csv")
    listed = newest_inputs(data)
    chargers = [*_certified(certificates, listed), *_single(data)]
    out: list[Row] = []
    if chargers:
        out += scored_rows(
            "charger_ratio_mae", chargers, goal=GOAL, peer="battery or charger output over mains, one test each",
            fitted="efficiency at full power and constant part of the generic charger", plain_is="0.89 for all",
        )  # fmt: skip
    else:
        out.append(absent("charger_ratio_mae", "neither certificates nor measured chargers in the folder", goal=GOAL))
    out += scored_rows(
        "charger_curve_mae", _curves(data), peer="charger output over mains, upper half of the powers of each car",
        plain_is="0.89 for all",
    )  # fmt: skip
    battery, left_out = _battery_side(data, certificates, listed)
    out += scored_rows(
        "battery_side_mae", battery, peer="battery energy: certificates, dynamometer; the car's coast-down from the EPA's list",
        left_out=left_out,
    )  # fmt: skip
    return out


def _table(path: Path) -> list[dict[str, str]]:
    return read_rows(path) if path.exists() else []


def _listed(row: Mapping[str, str], listed: list[dict[str, str]]) -> CarFigures:
    """The certified car by its test vehicle in the EPA's list, else by its own coast-down, its machines not known."""
    mass_kg = float(row["etw_lb"]) * 0.45359237
    same = [one for one in listed if one.get("test_vehicle_id") == row["test_vehicle_id"]]
    found = dict(same[0]) if same else {"drive": "", "rated_hp": ""}
    energy = {"battery_energy": float(row["usable_battery_Wh"]) * 3600.0} if row.get("usable_battery_Wh") else {}
    own = {"etw_kg": str(mass_kg), **{name: row[name] for name in ("A_lbf", "B_lbf_per_mph", "C_lbf_per_mph2")}}
    return figures_of(found | own).model_copy(update=energy)


def _recharged_ratio(charger: OnBoardCharger, mains_W: float, figures: CarFigures) -> float:
    """Stored over mains energy at a mains power, after the charger, the loads of charging and the cells."""
    vehicle = car(figures)
    direct_W = float(charger.direct_power_W(mains_W)) - float(vehicle.auxiliary.at(0.0).charging_W)
    state = vehicle.battery.start(np.asarray(0.5), np.asarray(296.15))
    _, signals = vehicle.battery.step(state, direct_W, 0.0, 0.0, 296.15, 1.0)
    return float(signals.open_circuit_power_W) / mains_W


def _generic_charger(full_W: float) -> OnBoardCharger:
    fixed = GENERIC.charger_fixed_loss_ratio
    return OnBoardCharger(full_W, fixed * full_W, GENERIC.charger_efficiency / (1.0 - fixed))


def _certified(certificates: list[dict[str, str]], listed: list[dict[str, str]]) -> list[Scored]:
    out: list[Scored] = []
    for row in certificates:
        if not row.get("charging_efficiency"):
            continue
        figures = _listed(row, listed)
        charger = car(figures).charger
        full_W = float(charger.mains_power_max_W)
        case = f"{row['vehicle']} {row['label']}"
        ratio = _recharged_ratio(_generic_charger(full_W), full_W, figures)
        out.append(_scored(case, row["vehicle"], ratio, float(row["charging_efficiency"])))
    return out


GENERIC_RELATIVE = (
    next(number.standard_uncertainty for number in UNCERTAIN if number.name == "charger_efficiency")
    / GENERIC.charger_efficiency
)
"""Relative standard uncertainty of the generic charger."""


def _scored(case: str, name: str, computed: float, measured: float) -> Scored:
    u = GENERIC_RELATIVE * computed
    return Scored(case, name, computed, measured, standard_uncertainty=u, plain=0.89)


def _single(data: Path) -> list[Scored]:
    """Chargers measured at one or two powers; one that names the battery has its loads and cells in it."""
    out: list[Scored] = []
    for row in _table(data / "charging" / "charging_efficiency_measured.csv"):
        phases, current_A = float(row["phases"]), float(row["current_A"])
        mains_W, charger = phases * PHASE_V * current_A, _generic_charger(phases * PHASE_V * PHASE_A)
        ratio = float(charger.direct_power_W(mains_W)) / mains_W
        if "battery" in row["definition"]:
            ratio = _recharged_ratio(charger, mains_W, _any_car())
        case = f"{row['vehicle']} {phases:.0f} x {current_A:.0f} A"
        out.append(_scored(case, row["vehicle"], ratio, float(row["efficiency"])))
    return out


def _any_car() -> CarFigures:
    return CarFigures.model_validate({
        "test_mass": "1800 kg", "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.009},
        "battery_energy": "64 kWh", "motor_power": "150 kW",
    })  # fmt: skip


def _curves(data: Path) -> list[Scored]:
    """Charger curves: the mean over the upper half of the powers measured of each car."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in _table(data / "charging" / "onboard_charger_efficiency_dtu.csv"):
        points[row["vehicle"]].append((float(row["P_grid_W"]), float(row["efficiency_dc_over_ac"])))
    out: list[Scored] = []
    for name, curve in points.items():
        full_W = max(power_W for power_W, _ in curve)
        charger = _generic_charger(full_W)
        upper = [(power_W, ratio) for power_W, ratio in curve if power_W >= FULL_FRACTION * full_W]
        computed = float(np.mean([float(charger.direct_power_W(power_W)) / power_W for power_W, _ in upper]))
        out.append(_scored(f"{name}, curve", name, computed, float(np.mean([ratio for _, ratio in upper]))))
    return out


def _battery_side(
    data: Path, certificates: list[dict[str, str]], listed: list[dict[str, str]]
) -> tuple[list[Scored], list[str]]:
    """Energy at the battery over each cycle; a car whose coast-down is not to be had is named."""
    wanted: list[tuple[str, str, CarFigures, str, float]] = []
    for row in certificates:
        figures = _listed(row, listed)
        for cycle, column in (("UDDS", "dc_udds_Wh_km"), ("HWFET", "dc_hwfet_Wh_km")):
            if row.get(column):
                wanted.append((f"{row['vehicle']} {row['label']}", row["vehicle"], figures, cycle, float(row[column])))
    left_out: list[str] = []
    masses = {row["vehicle"]: float(row["test_mass_kg"]) for row in _table(data / "argonne_dyno" / "vehicles.csv")}
    for row in _table(data / "argonne_dyno" / "argonne_cycle_energy.csv"):
        if row["part"] != "whole" or not row["measured_at"].startswith("battery") or row["cycle"] not in CYCLES:
            continue
        found = _like(row["vehicle"], masses.get(row["vehicle"], 0.0), listed)
        if found is None:
            left_out.append(f"{row['vehicle']}, {row['cycle']}: no such car in the EPA's list of the folder")
        else:
            wanted.append((row["vehicle"], row["vehicle"], found, row["cycle"], float(row["net_Wh_km"])))
    out: list[Scored] = []
    for case, name, figures, cycle, measured in wanted:
        mission = follow(cycles.standard(CYCLES[cycle]), LABORATORY)
        result = BatchRunner().run([car(figures)], [mission])[0][0]
        out.append(Scored(f"{case}, {cycle}", name, result.battery_consumption_J_per_m / 3.6, measured))
    return out, left_out


def _like(name: str, mass_kg: float, listed: list[dict[str, str]]) -> CarFigures | None:
    """The car of the list with the family, the driven axles and nearly the mass of a measured one."""
    for row in listed:
        words = row["model"].split()
        near = abs(float(row["etw_kg"]) / mass_kg - 1.0) < SAME_MASS if mass_kg and row["etw_kg"] else False
        if row["family"] in name and near and words and all(word in name for word in words):
            return figures_of(row)
    return None


if __name__ == "__main__":
    import sys

    for row in rows(Path(sys.argv[1])):
        print(row)

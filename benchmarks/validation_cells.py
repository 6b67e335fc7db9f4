"""Cells identified from their pulse tables and slow discharges, against the voltage they showed in use.

No profile that is scored enters the identification. The case temperature is measured; the mean temperature inside a round
cell is above it by its heat times 1 / (8 pi k L) = 3.1 K/W (18650, k = 0.20 W/(m K) radially, Drake et al., J. Power Sources
252 (2014) 298; L = 65 mm).
"""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np

from covolt.vehicle.cell import EquivalentCircuitCell
from covolt.vehicle.cell_response import cell_voltage_V, core_temperature_K
from covolt.vehicle.identification import identify
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.vehicle.pulse_data import CellTrace, read_pulses, read_trace, slow_discharge

INSIDE_18650_K_per_W = 1.0 / (8.0 * np.pi * 0.20 * 0.065)
HEAT_CAPACITY_J_per_K_C = 16.0 / 3600.0
GOALS_mV = {25: 15.0, -10: 40.0, -20: 60.0}
COMMAND = "make validate DATA=<folder>"
_SLOW = re.compile(r"(^|_)c(15|20|25|50)(_|\.)")
_TEMPERATURE = re.compile(r"_(minus)?(\d+)C\.csv\.gz$")


def _celsius(path: Path) -> int | None:
    found = _TEMPERATURE.search(path.name)
    return None if found is None else (-1 if found[1] else 1) * int(found[2])


def _durations_s(trace: CellTrace) -> np.ndarray:
    steps = np.diff(trace.time_s)
    return np.append(steps, steps[-1])


def _logged_durations_s(trace: CellTrace) -> np.ndarray:
    """A raw log writes a row when its interval ends: the current of a row has flowed since the row before."""
    return np.diff(trace.time_s, prepend=trace.time_s[0])


def _row(name: str, errors: list[float], goal: float | None, note: str) -> dict[str, Any]:
    return {
        "name": name,
        "measured": round(float(np.mean(errors)), 2) if errors else None,
        "goal": goal,
        "unit": "mV",
        "better": "lower",
        "peer": note,
        "cases": len(errors),
        "command": COMMAND,
    }


def identified(folder: Path) -> EquivalentCircuitCell:
    """The cell of a folder, from its pulse table and the slow trace it holds."""
    tables = sorted(folder.glob("hppc_*table*.csv"))
    slow = sorted(path for path in folder.glob("*.csv.gz") if _SLOW.search(path.name))
    cell, _ = identify(read_pulses(tables[0]), slow_discharge(read_trace(slow[0])))
    return cell


def driven_deviation_V(cell: EquivalentCircuitCell, trace: CellTrace) -> tuple[np.ndarray, np.ndarray]:
    """Model minus measurement over a profile that starts full, and the state of charge; the case is measured."""
    durations = _durations_s(trace)
    case = trace.temperature_K
    if case is None:
        case = np.full_like(trace.time_s, 25.0 + ZERO_CELSIUS_K)
    capacity = HEAT_CAPACITY_J_per_K_C * float(cell.capacity_C)
    voltage, z = cell_voltage_V(cell, trace.current_A, case, durations, 1.0)
    inside = case
    for _ in range(12):
        # The heat depends on the temperature that it makes, in the cold so strongly that whole steps swing: half is taken.
        heat = trace.current_A * (voltage - np.asarray(cell.open_circuit_voltage_V(z)))
        inside = 0.5 * (inside + core_temperature_K(case, heat, durations, INSIDE_18650_K_per_W, capacity))
        voltage, z = cell_voltage_V(cell, trace.current_A, inside, durations, 1.0)
    return voltage - trace.voltage_V, z


def _round_cell(folder: Path) -> list[dict[str, Any]]:
    cell = identified(folder)
    every: dict[int, list[float]] = {}
    middle: dict[int, list[float]] = {}
    for path in sorted(folder.glob("*.csv.gz")):
        celsius = _celsius(path)
        if celsius is None or _SLOW.search(path.name) or path.name.startswith(("hppc", "discharge")):
            continue
        deviation, z = driven_deviation_V(cell, read_trace(path))
        every.setdefault(celsius, []).append(1e3 * float(np.sqrt(np.mean(deviation**2))))
        middle.setdefault(celsius, []).append(1e3 * float(np.sqrt(np.mean(deviation[z > 0.1] ** 2))))
    rows: list[dict[str, Any]] = []
    for celsius in sorted(set(every) | set(GOALS_mV), reverse=True):
        goal = GOALS_mV.get(celsius)
        rows.append(_row(f"cell_rmse_{celsius}C", every.get(celsius, []), goal, "measured voltage"))
        rows.append(_row(f"cell_rmse_{celsius}C_above_10", middle.get(celsius, []), None, "state of charge above 10 %"))
    return rows


def _measured_temperature_K(path: Path, trace: CellTrace) -> np.ndarray:
    beside = path.with_name(path.name.replace(".csv.gz", "_temperature.csv.gz"))
    if not beside.exists():
        return np.full_like(trace.time_s, (_celsius(path) or 25) + ZERO_CELSIUS_K)
    with gzip.open(beside, "rt", newline="") as handle:
        rows = list(csv.DictReader(handle))
    time = np.array([float(row["time_s"]) for row in rows])
    mean = [np.mean([float(v) for k, v in row.items() if k.endswith("_C") and v]) for row in rows]
    return np.interp(trace.time_s, time, np.array(mean)) + ZERO_CELSIUS_K


def _from_full(trace: CellTrace, kelvin: np.ndarray) -> list[tuple[CellTrace, np.ndarray]]:
    """The parts of a trace that follow a full charge; counting anew from each keeps the counter's drift out."""
    top = trace.voltage_V > np.max(trace.voltage_V) - 0.03
    ended = np.nonzero(top[:-1] & (trace.current_A[:-1] > 0) & (np.abs(trace.current_A[1:]) < 0.1))[0] + 1
    spans = zip(ended, np.append(ended[1:], trace.time_s.size), strict=True)
    return [
        (CellTrace(trace.time_s[a:b], trace.current_A[a:b], trace.voltage_V[a:b], None), kelvin[a:b])
        for a, b in spans
        if trace.time_s[b - 1] - trace.time_s[a] > 1200.0
    ]


def _pouch_cell(folder: Path) -> list[dict[str, Any]]:
    cell = identified(folder)
    errors: list[float] = []
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.csv.gz")):
        if _SLOW.search(path.name) or path.name.endswith("_temperature.csv.gz"):
            continue
        whole = read_trace(path)
        squares = seconds = 0.0
        for trace, kelvin in _from_full(whole, _measured_temperature_K(path, whole)):
            durations = _logged_durations_s(trace)
            voltage, _ = cell_voltage_V(cell, trace.current_A, kelvin, durations, 1.0)
            # Rows come ten a second in pulses and one a minute in rests: every second counts alike.
            squares += float(np.sum(durations * (voltage - trace.voltage_V) ** 2))
            seconds += float(np.sum(durations))
        if seconds > 0.0:
            errors.append(1e3 * float(np.sqrt(squares / seconds)))
            name = path.name.removesuffix(".csv.gz")
            rows.append(_row(f"leaf_cell_rmse_{name}", errors[-1:], None, "measured voltage"))
    return [_row("leaf_cell_rmse", errors, 15.0, "measured voltage"), *rows]


def rows(data_folder: Path) -> list[dict[str, Any]]:
    """One row per goal and further rows beside, for every cell folder found."""
    found: list[dict[str, Any]] = []
    for folder in sorted(data_folder.glob("cell_*")):
        if not list(folder.glob("hppc_*table*.csv")):
            continue
        driven = (folder / "hppc_pulse_table.csv").exists()
        found += _round_cell(folder) if driven else _pouch_cell(folder)
    return found

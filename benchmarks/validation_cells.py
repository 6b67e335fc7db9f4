"""Cells identified from their pulse tables and slow discharges, against the voltage they showed in use.

No profile that is scored enters the identification. The case temperature is measured; the mean temperature inside a round
cell is above it by its heat times 1 / (8 pi k L) = 3.1 K/W (18650, k = 0.20 W/(m K) radially, Drake et al., J. Power Sources
252 (2014) 298; L = 65 mm).
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scoring import NINETY, proportion_interval

from covolt.errors import CovoltError, InputError, Problem
from covolt.vehicle.cell import EquivalentCircuitCell
from covolt.vehicle.cell_response import cell_voltage_V, core_temperature_K
from covolt.vehicle.identification import identify
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.vehicle.pulse_data import CellTrace, read_pulses, read_trace, slow_discharge

INSIDE_18650_K_per_W = 1.0 / (8.0 * np.pi * 0.20 * 0.065)
HEAT_CAPACITY_J_per_K_C = 16.0 / 3600.0
GOALS_mV = {25: 15.0, -10: 40.0, -20: 60.0}
ROOM_K = 25.0 + ZERO_CELSIUS_K
PADDED_ROWS = 16384
SLOPE_STEP = 0.01
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


@dataclass(frozen=True)
class Identified:
    """A cell of the folder, and how well it meets what it was identified from."""

    name: str
    cell: EquivalentCircuitCell
    levels: np.ndarray
    """States of charge of its pulses, to a tenth."""
    resistance_error: np.ndarray
    """Root mean square of the relative deviation of its pulse resistances at each level."""
    rest_error_V: float
    capacity_error: float
    """Standard uncertainty of the charge that it holds over itself: pulses and slow discharge, two tests of it, disagree by the
    stretch, and a drive may find anything as far to either side."""
    resistance_Ohm: float
    """Of its pulses nearest to 25 degC, the median: all that the plainest model knows."""

    def stated_V(self, voltage_V: np.ndarray, state_of_charge: np.ndarray) -> np.ndarray:
        """Standard error that the identification itself states.

        u^2 = u_rest^2 + (u_R(z) (V - U))^2 + (u_Q (1 - z) dU/dz)^2: of the rest voltage, of the overvoltage in proportion, and of
        the charge that is counted.
        """
        rest_V = self._rest_V(state_of_charge)
        over_V = voltage_V - rest_V
        slope_V = (self._rest_V(state_of_charge + SLOPE_STEP) - self._rest_V(state_of_charge - SLOPE_STEP)) / (
            2.0 * SLOPE_STEP
        )
        of_R = np.interp(state_of_charge, self.levels, self.resistance_error) * over_V
        of_charge = self.capacity_error * (1.0 - state_of_charge) * slope_V
        return np.sqrt(self.rest_error_V**2 + of_R**2 + of_charge**2)

    def _rest_V(self, state_of_charge: np.ndarray) -> np.ndarray:
        return np.asarray(self.cell.open_circuit_voltage_V(padded(state_of_charge, 0)))[: state_of_charge.size]


@dataclass(frozen=True)
class Driven:
    """One trace beside its cell: root mean square errors in mV, and how much of its time lay inside the stated interval."""

    cell: str
    name: str
    celsius: int | None
    rmse_mV: float
    above_10_mV: float
    plain_mV: float
    inside: float
    halfwidth_mV: float


def padded(values: np.ndarray, last: float | None = None) -> np.ndarray:
    """Values with rows added at their end up to a round number, so that few lengths are compiled; the last one goes on."""
    room = -values.size % PADDED_ROWS
    return np.concatenate([values, np.full(room, values[-1] if last is None else last)])


def voltage_of(
    cell: EquivalentCircuitCell, current_A: np.ndarray, kelvin: np.ndarray, durations_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Voltage and state of charge from full; rows of no duration are added and taken away again."""
    voltage, z = cell_voltage_V(cell, padded(current_A, 0.0), padded(kelvin), padded(durations_s, 0.0), 1.0)
    return voltage[: current_A.size], z[: current_A.size]


def identified(folder: Path) -> Identified:
    """The cell of a folder, from its pulse table and the slow trace it holds."""
    tables = sorted(folder.glob("hppc_*table*.csv"))
    slow = sorted(path for path in folder.glob("*.csv.gz") if _SLOW.search(path.name))
    if not slow:
        raise InputError(Problem("no slow discharge (c15 to c50)", folder.name, "add one"))
    pulses = read_pulses(tables[0])
    cell, report = identify(pulses, slow_discharge(read_trace(slow[0])))
    nearest = min(abs(pulse.temperature_K - ROOM_K) for pulse in pulses)
    warm = [list(p.resistance_Ohm.values())[-1] for p in pulses if abs(p.temperature_K - ROOM_K) <= nearest + 1.0]
    charge = np.round([one.state_of_charge for one in report.residuals], 1)
    deviation = np.array([one.modelled_Ohm / one.measured_Ohm - 1.0 for one in report.residuals])
    levels = np.unique(charge)
    errors = np.array([np.sqrt(np.mean(deviation[charge == level] ** 2)) for level in levels])
    capacity_error = abs(report.slow_discharge_stretch_ratio - 1.0) / np.sqrt(3.0)
    return Identified(
        folder.name, cell, levels, errors, report.rest_voltage_rms_V, float(capacity_error), float(np.median(warm))
    )


def driven_voltage_V(cell: EquivalentCircuitCell, trace: CellTrace) -> tuple[np.ndarray, np.ndarray]:
    """Voltage over a profile that starts full, and the state of charge; the case is measured."""
    durations = _durations_s(trace)
    case = trace.temperature_K
    if case is None:
        case = np.full_like(trace.time_s, ROOM_K)
    capacity = HEAT_CAPACITY_J_per_K_C * float(cell.capacity_C)
    voltage, z = voltage_of(cell, trace.current_A, case, durations)
    rest_V = np.asarray(cell.open_circuit_voltage_V(padded(z)))[: z.size]
    inside = case
    for _ in range(12):
        # The heat depends on the temperature that it makes, in the cold so strongly that whole steps swing: half is taken.
        heat = trace.current_A * (voltage - rest_V)
        core = core_temperature_K(
            padded(case), padded(heat, 0.0), padded(durations, 0.0), INSIDE_18650_K_per_W, capacity
        )
        inside = 0.5 * (inside + core[: inside.size])
        voltage, z = voltage_of(cell, trace.current_A, inside, durations)
    return voltage, z


def judged(
    of: Identified, path: Path, parts: Sequence[tuple[CellTrace, np.ndarray, np.ndarray, np.ndarray]]
) -> Driven | None:
    """Errors over parts of a trace, each with its voltages, states of charge and what a row of it weighs."""
    measured = np.concatenate([trace.voltage_V for trace, *_ in parts]) if parts else np.zeros(0)
    if measured.size == 0:
        return None
    voltage, z, weight = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
    current = np.concatenate([trace.current_A for trace, *_ in parts])
    plain = np.asarray(of.cell.open_circuit_voltage_V(padded(z)))[: z.size] + of.resistance_Ohm * current
    width = NINETY * of.stated_V(voltage, z)
    above = z > 0.1
    return Driven(
        of.name,
        path.name.removesuffix(".csv.gz"),
        _celsius(path),
        _rms_mV(voltage - measured, weight),
        _rms_mV((voltage - measured)[above], weight[above]),
        _rms_mV(plain - measured, weight),
        float(np.average(np.abs(voltage - measured) <= width, weights=weight)),
        1e3 * float(np.average(width, weights=weight)),
    )


def _rms_mV(deviation_V: np.ndarray, weight: np.ndarray) -> float:
    return 1e3 * float(np.sqrt(np.average(deviation_V**2, weights=weight))) if weight.sum() > 0.0 else float("nan")


def _round_cell(folder: Path) -> list[Driven]:
    of = identified(folder)
    found: list[Driven] = []
    for path in sorted(folder.glob("*.csv.gz")):
        if _celsius(path) is None or _SLOW.search(path.name) or path.name.startswith(("hppc", "discharge")):
            continue
        trace = read_trace(path)
        one = judged(of, path, [(trace, *driven_voltage_V(of.cell, trace), np.ones_like(trace.time_s))])
        found += [] if one is None else [one]
    return found


def _row(name: str, of: Sequence[Driven], goal: float | None, note: str, what: str = "rmse_mV") -> dict[str, Any]:
    values = [float(getattr(one, what)) for one in of]
    values = [value for value in values if np.isfinite(value)]
    return {
        "name": name,
        "measured": round(float(np.mean(values)), 2) if values else None,
        "goal": goal,
        "unit": "mV",
        "better": "lower",
        "peer": note,
        "cases": len(values),
        "cars": len({one.cell for one in of}),
        "fitted": "each cell's pulses and slow discharge; no profile that is scored",
        "command": COMMAND,
        **({} if values else {"reason": "no such trace in the folder"}),
        **({"plain": float(np.mean([one.plain_mV for one in of]))} if values and what == "rmse_mV" else {}),
        "plain_is": "rest voltage and one resistance, the median of the pulses at 25 degC",
        "details": [{"case": f"{one.cell} {one.name}", **asdict(one)} for one in of],
    }


def _coverage(name: str, of: Sequence[Driven]) -> list[dict[str, Any]]:
    """Part of the time in which the measured voltage lies inside the interval that the identification states."""
    if not of:
        return []
    cells: dict[str, list[float]] = {}
    for one in of:
        cells.setdefault(one.cell, []).append(one.inside)
    by_cell = float(np.mean([np.mean(values) for values in cells.values()]))
    low, high = proportion_interval(by_cell * len(cells), len(cells))
    row = {
        "name": f"{name}_coverage_90",
        "measured": 100.0 * float(np.mean([one.inside for one in of])),
        "goal": None,
        "unit": "%",
        "better": "higher",
        "peer": "measured voltage, by time; the interval that the identification states of itself",
        "cases": len(of),
        "cars": len(cells),
        "fitted": "each cell's pulses and slow discharge",
        "by_car": 100.0 * by_cell,
        "coverage_low": 100.0 * low,
        "coverage_high": 100.0 * high,
        "halfwidth": f"{float(np.median([one.halfwidth_mV for one in of])):.2g} mV",
        "command": COMMAND,
    }
    return [row]


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


def _pouch_cell(folder: Path) -> list[Driven]:
    of = identified(folder)
    found: list[Driven] = []
    for path in sorted(folder.glob("*.csv.gz")):
        if _SLOW.search(path.name) or path.name.endswith("_temperature.csv.gz"):
            continue
        whole = read_trace(path)
        parts: list[tuple[CellTrace, np.ndarray, np.ndarray, np.ndarray]] = []
        for trace, kelvin in _from_full(whole, _measured_temperature_K(path, whole)):
            durations = _logged_durations_s(trace)
            # Rows come ten a second in pulses and one a minute in rests: every second counts alike.
            parts.append((trace, *voltage_of(of.cell, trace.current_A, kelvin, durations), durations))
        one = judged(of, path, parts)
        found += [] if one is None else [one]
    return found


def rows(data_folder: Path) -> list[dict[str, Any]]:
    """Rows of all round cells by temperature and of all pouches; folders from which no cell can be had are named."""
    driven: dict[bool, list[Driven]] = {True: [], False: []}
    left_out: list[str] = []
    for folder in sorted(data_folder.glob("cell_*")):
        if not list(folder.glob("hppc_*table*.csv")):
            left_out.append(f"{folder.name}: no pulse table")
            continue
        is_round = (folder / "hppc_pulse_table.csv").exists()
        try:
            found = _round_cell(folder) if is_round else _pouch_cell(folder)
        except CovoltError as error:
            left_out.append(f"{folder.name}: {error.problems[0].what}")
            continue
        if not found:
            left_out.append(f"{folder.name}: no trace to score")
        driven[is_round] += found
    return [*_pouch_rows(driven[False]), *_round_rows(driven[True], left_out)]


def _round_rows(of: Sequence[Driven], left_out: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for celsius in sorted({one.celsius for one in of if one.celsius is not None} | set(GOALS_mV), reverse=True):
        here = [one for one in of if one.celsius == celsius]
        found.append(_row(f"cell_rmse_{celsius}C", here, GOALS_mV.get(celsius), "measured voltage"))
        note = "state of charge above 10 %"
        found.append(_row(f"cell_rmse_{celsius}C_above_10", here, None, note, "above_10_mV") | {"details": []})
    found[0]["left_out"] = left_out
    return [*found, *_coverage("cell_voltage", of)]


def _pouch_rows(of: Sequence[Driven]) -> list[dict[str, Any]]:
    if not of:
        return []
    each = [_row(f"leaf_cell_rmse_{one.name}", [one], None, "measured voltage") | {"details": []} for one in of]
    return [_row("leaf_cell_rmse", of, 15.0, "measured voltage"), *each, *_coverage("leaf_cell_voltage", of)]

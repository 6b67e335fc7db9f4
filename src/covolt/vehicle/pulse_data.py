"""Read the measurements from which a cell is identified: a table of pulses, and slow or driven traces.

Columns are found by their heading. In these files current is positive on discharge, as testers write it; what is returned is
positive on charge.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from covolt.errors import InputError, Problem
from covolt.vehicle.part import ZERO_CELSIUS_K

LARGEST_bytes = 200_000_000
LISTED_PER_COLUMN = 20
FEWEST_ROWS = 10
LOWEST_degC, HIGHEST_degC = -80.0, 120.0
_RESISTANCE = re.compile(r"^R_(?:(dis|chg)_)?(\d+(?:p\d+)?)s_mohm$", re.IGNORECASE)


@dataclass(frozen=True)
class Pulse:
    """One pulse from rest: where, how strong (negative: discharge), and resistance by time since its start.

    Either the charge drawn since full or the state of charge is given.
    """

    temperature_K: float
    charge_drawn_C: float | None
    state_of_charge: float | None
    current_A: float
    rest_voltage_V: float
    resistance_Ohm: dict[float, float]
    length_s: float


@dataclass(frozen=True)
class SlowDischarge:
    """Charge drawn from its beginning, rising, and voltage; the mean current is negative."""

    charge_C: np.ndarray
    voltage_V: np.ndarray
    current_A: float


@dataclass(frozen=True)
class CellTrace:
    """A measured trace: current positive on charge; temperature None where the file has none."""

    time_s: np.ndarray
    current_A: np.ndarray
    voltage_V: np.ndarray
    temperature_K: np.ndarray | None


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    if path.exists() and not path.is_file():
        raise InputError(Problem("this is no ordinary file", str(path), "give a CSV file"))
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(LARGEST_bytes + 1)
        if len(raw) > LARGEST_bytes:
            hint = "thin the recording, or cut it to one discharge"
            raise InputError(Problem(f"has more than {LARGEST_bytes / 1e6:.0f} MB", str(path), hint))
        text = raw.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except (OSError, UnicodeDecodeError, EOFError, zlib.error, csv.Error) as error:
        raise InputError(Problem(f"cannot be read: {error}", str(path), "give a CSV file in UTF-8")) from error
    if len(rows) < 2:
        raise InputError(Problem("holds no rows", str(path), "give a heading and at least one row"))
    return [name.strip() for name in rows[0]], rows[1:]


def _number(text: str) -> float:
    try:
        return float(text) if text.strip() else math.nan
    except ValueError:
        return math.inf


def _missing(path: Path, names: list[str], wanted: tuple[tuple[str, ...], ...]) -> list[Problem]:
    return [
        Problem(f"has no column {' or '.join(choice)}", str(path), "name the column so, with its unit")
        for choice in wanted
        if not any(name in names for name in choice)
    ]


def read_pulses(path: Path) -> list[Pulse]:
    """Pulses of a table with ambient_C, charge or state of charge, current, rest voltage and resistances by time."""
    names, rows = _rows(path)
    current_names, place_names = ("pulse_A", "pulse_current_A"), ("discharged_Ah_before", "soc_pct")
    wanted = (("ambient_C", "case_temp_C"), place_names, current_names, ("rest_voltage_V",))
    problems = _missing(path, names, wanted)
    times = {name: match for name in names if (match := _RESISTANCE.match(name))}
    if not times:
        problems.append(Problem("has no resistance column", str(path), "add columns such as R_10s_mohm"))
    if problems:
        raise InputError(problems)
    pulses: list[Pulse] = []
    for number, row in enumerate(rows, start=2):
        cells = {name: _number(row[i]) if i < len(row) else math.nan for i, name in enumerate(names)}
        problems += [
            Problem(f"{name} is not a number", f"{path}:{number}", "write a number")
            for name in (*times, "rest_voltage_V", *current_names, *place_names)
            if math.isinf(cells.get(name, 0.0))
        ]
        current = abs(next(cells[name] for name in current_names if name in cells))
        celsius = cells.get("case_temp_C", math.nan)
        celsius = cells.get("ambient_C", math.nan) if math.isnan(celsius) else celsius
        if not (current > 0 and LOWEST_degC < celsius < HIGHEST_degC and 1.0 < cells["rest_voltage_V"] < 6.0):
            what = "lacks a plausible temperature, current or rest voltage of one cell"
            problems.append(Problem(what, f"{path}:{number}", "complete or mend the row"))
            continue
        length = cells.get("pulse_s", math.nan)
        drawn, percent = cells.get("discharged_Ah_before"), cells.get("soc_pct")
        for direction, sign in (("dis", -1.0), ("chg", 1.0)):
            found = {
                float(match[2].replace("p", ".")): cells[name] * 1e-3
                for name, match in times.items()
                if (match[1] or "dis").lower() == direction and cells[name] > 0
            }
            if not found:
                continue
            pulses.append(
                Pulse(
                    temperature_K=celsius + ZERO_CELSIUS_K,
                    charge_drawn_C=None if drawn is None else drawn * 3600.0,
                    state_of_charge=None if percent is None else percent / 100.0,
                    current_A=sign * current,
                    rest_voltage_V=cells["rest_voltage_V"],
                    resistance_Ohm=found,
                    length_s=max(found) if math.isnan(length) else length,
                )
            )
    if problems:
        raise InputError(problems)
    return pulses


def read_trace(path: Path) -> CellTrace:
    """A trace with time_s, current_A and voltage_V, and case_temp_C where it was measured."""
    names, rows = _rows(path)
    problems = _missing(path, names, (("time_s",), ("current_A",), ("voltage_V",)))
    if problems:
        raise InputError(problems)
    columns = {
        name: np.array([_number(row[names.index(name)]) if names.index(name) < len(row) else math.nan for row in rows])
        for name in ("time_s", "current_A", "voltage_V", "case_temp_C")
        if name in names
    }
    for name in ("time_s", "current_A", "voltage_V"):
        bad = np.nonzero(~np.isfinite(columns[name]))[0]
        problems += [
            Problem(f"{name} is not a number", f"{path}:{row + 2}", "mend or remove the row")
            for row in bad[:LISTED_PER_COLUMN]
        ]
    with np.errstate(invalid="ignore"):
        back = np.nonzero(np.diff(columns["time_s"]) < 0)[0]
    problems += [
        Problem("time runs backwards", f"{path}:{row + 3}", "sort the rows by time") for row in back[:LISTED_PER_COLUMN]
    ]
    if problems:
        raise InputError(problems)
    celsius = columns.get("case_temp_C")
    known = celsius is not None and bool(np.any(np.isfinite(celsius)))
    kelvin = None
    if known and celsius is not None:
        good = np.isfinite(celsius)
        kelvin = np.interp(columns["time_s"], columns["time_s"][good], celsius[good]) + ZERO_CELSIUS_K
    return CellTrace(columns["time_s"], -columns["current_A"], columns["voltage_V"], kelvin)


def slow_discharge(trace: CellTrace) -> SlowDischarge:
    """The discharge that lasts longest in a trace."""
    discharging = trace.current_A < -0.02 * np.max(np.abs(trace.current_A))
    edges = np.diff(np.concatenate([[0], discharging.astype(int), [0]]))
    starts, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    if starts.size == 0:
        raise InputError(
            Problem("holds no discharge", "slow discharge", "give a trace with current positive on discharge")
        )
    longest = int(np.argmax(trace.time_s[ends - 1] - trace.time_s[starts]))
    part = slice(int(starts[longest]), int(ends[longest]))
    time, current = trace.time_s[part], trace.current_A[part]
    charge = np.concatenate([[0.0], np.cumsum(-current[1:] * np.diff(time))])
    if time.size < FEWEST_ROWS or np.any(np.diff(charge) <= 0.0):
        what = f"its discharge has fewer than {FEWEST_ROWS} rows, or two at one time"
        raise InputError(Problem(what, "slow discharge", "record it row by row, each with its own time"))
    return SlowDischarge(charge, trace.voltage_V[part], float(current.mean()))

"""Read the measurements from which a cell is identified: a table of pulses, and slow or driven traces.

Columns are found by their heading; files, separators and decimals as those of cycles. In these files current is positive on
discharge, as testers write it; what is returned is positive on charge.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from covolt.errors import InputError, Problem
from covolt.tables import SEARCHED_ROWS, matlab_rows, sheet_rows
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.vehicle.slow_discharge import CellTrace, SlowDischarge, slow_discharge
from covolt.words import either, text

__all__ = ["CellTrace", "Pulse", "SlowDischarge", "read_pulses", "read_trace", "slow_discharge"]

LARGEST_bytes, MOST_ROWS = 200_000_000, 5_000_000
MOST_PACKED_RATIO, LEAST_UNPACKED_bytes = 20, 1_000_000
"""Logs of drives and testers shrink to a fourth; what shrinks to a thousandth is empty, and takes minutes to read."""
MOST_COLUMNS, MOST_RESISTANCES = 200, 10_000
"""Far more than a cell is ever tested for; the fit of 40,000 resistances takes five seconds."""
LISTED_PER_COLUMN = 20
LOWEST_degC, HIGHEST_degC = -80.0, 120.0
LEAST_DROP_V = 1e-4
"""Of a pulse: what a tester of cells can still see."""
PLACES, CURRENTS = ("discharged_Ah_before", "soc_pct"), ("pulse_A", "pulse_current_A")
NAMES = frozenset(
    {*PLACES, *CURRENTS, "ambient_C", "case_temp_C", "rest_voltage_V", "pulse_s", "time_s", "current_A", "voltage_V"}
)
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


def _rows(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Names of the columns, the rows, and the line of each."""
    lines, rows = _sheet(path) if path.suffix.lower() in _SHEETS else _text_rows(path)
    if len(rows) < 2:
        raise InputError(Problem(text("holds no rows"), str(path), text("give a heading and at least one row")))
    names = [name.strip() for name in rows[0]]
    if len(names) > MOST_COLUMNS:
        what = text(
            "the heading has {names} columns, more than {most_columns}", names=len(names), most_columns=MOST_COLUMNS
        )
        raise InputError(Problem(what, f"{path}:{lines[0]}", text("keep those that are read")))
    if twice := {name for name in names if name and names.count(name) > 1}:
        what = text("has two columns {twice}", twice=", ".join(sorted(twice)))
        raise InputError(Problem(what, f"{path}:{lines[0]}", text("keep one and rename the other")))
    return names, rows[1:], lines[1:]


_SHEETS = {".xlsx": sheet_rows, ".mat": matlab_rows}


def _sheet(path: Path) -> tuple[list[int], list[list[str]]]:
    """Lines and rows of a workbook or a MATLAB file, from the row on that names most columns."""

    def named(row: Sequence[str]) -> int:
        return sum(cell.strip() in NAMES or bool(_RESISTANCE.match(cell.strip())) for cell in row)

    lines, rows = _SHEETS[path.suffix.lower()](path, named, MOST_ROWS)
    begin = max(range(len(rows[:SEARCHED_ROWS])), key=lambda k: named(rows[k]), default=0)
    return lines[begin:], rows[begin:]


def _text_rows(path: Path) -> tuple[list[int], list[list[str]]]:
    """Lines and rows of a CSV file, plain or compressed by gzip."""
    if path.exists() and not path.is_file():
        raise InputError(Problem(text("this is no ordinary file"), str(path), text("give a CSV file")))
    try:
        packed = path.suffix == ".gz"
        within = max(path.stat().st_size * MOST_PACKED_RATIO, LEAST_UNPACKED_bytes) if packed else LARGEST_bytes
        most_bytes = min(within, LARGEST_bytes)
        with gzip.open(path) if packed else path.open("rb") as file:
            raw = file.read(most_bytes + 1)
        if len(raw) > most_bytes:
            hint = text("thin the recording, or cut it to one discharge")
            raise InputError(
                Problem(text("has more than {most_bytes:.3g} MB", most_bytes=most_bytes / 1e6), str(path), hint)
            )
        written = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
        mark = next((one for one in (";", "\t") if one in written.partition("\n")[0]), ",")
        reader = csv.reader(io.StringIO(written, newline=""), delimiter=mark)
        filled = ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
        found = list(islice(filled, MOST_ROWS + 2))
    except (OSError, UnicodeDecodeError, EOFError, zlib.error, csv.Error) as error:
        raise InputError(
            Problem(text("cannot be read: {why}", why=str(error)), str(path), text("give a CSV file in UTF-8"))
        ) from error
    if len(found) > MOST_ROWS + 1:
        hint = text("thin the recording, or cut it to one discharge")
        raise InputError(
            Problem(text("has more than {most_rows:,} rows", most_rows=MOST_ROWS), f"{path}:{found[-1][0]}", hint)
        )
    lines, rows = [line for line, _ in found], [row for _, row in found]
    if mark != ",":  # then the comma is that of decimals
        rows[1:] = [[cell.replace(",", ".") for cell in row] for row in rows[1:]]
    elif long := [line for line, row in found if len(row) > len(rows[0]) and any(row[len(rows[0]) :])]:
        what = text("the row has more cells than the heading has names ({rows})", rows=len(rows[0]))
        hint = text("separate columns by ; where decimals have a comma")
        raise InputError([Problem(what, f"{path}:{line}", hint) for line in long[:LISTED_PER_COLUMN]])
    return lines, rows


def _number(text: str) -> float:
    try:
        return float(text) if text.strip() else math.nan
    except ValueError:
        return math.inf


def _missing(path: Path, names: list[str], wanted: tuple[tuple[str, ...], ...]) -> list[Problem]:
    return [
        Problem(
            text("has no column {choice}", choice=either(choice)),
            str(path),
            text("name the column so, with its unit"),
        )
        for choice in wanted
        if not any(name in names for name in choice)
    ]


def read_pulses(path: Path) -> list[Pulse]:
    """Pulses of a table with ambient_C, charge or state of charge, current, rest voltage and resistances by time.

    A resistance column without a direction belongs to the sign of the row's current, negative being charge; `R_dis_…` and
    `R_chg_…` state theirs, and the current is their amplitude.
    """
    names, rows, lines = _rows(path)
    wanted = (("ambient_C", "case_temp_C"), PLACES, CURRENTS, ("rest_voltage_V",))
    problems = _missing(path, names, wanted)
    times = {name: match for name in names if (match := _RESISTANCE.match(name))}
    if not times:
        problems.append(Problem(text("has no resistance column"), str(path), text("add columns such as R_10s_mohm")))
    if len(rows) * len(times) > MOST_RESISTANCES:
        what = text(
            "holds {rows} rows of {times} resistances, more than {most_resistances} in all",
            rows=len(rows),
            times=len(times),
            most_resistances=MOST_RESISTANCES,
        )
        problems.append(Problem(what, str(path), text("give one cell's table, each pulse once")))
    if problems:
        raise InputError(problems)
    table = [{name: _number(row[i]) if i < len(row) else math.nan for i, name in enumerate(names)} for row in rows]
    pulses: list[Pulse] = []
    for line, cells in zip(lines, table, strict=True):
        where = f"{path}:{line}"
        problems += [
            Problem(text("{name} is not a number", name=name), where, text("write a number"))
            for name in (*times, "rest_voltage_V", *CURRENTS, *PLACES, "pulse_s")
            if math.isinf(cells.get(name, 0.0))
        ]
        told = _implausible(cells, times, where)
        problems += told
        if not told:
            pulses += _pulses(cells, times)
    problems += _unit_problems(path, table)
    if problems:
        raise InputError(problems)
    if not pulses:
        raise InputError(
            Problem(text("no row holds a resistance"), str(path), text("fill in R_10s_mohm or another time"))
        )
    return pulses


def _celsius(cells: dict[str, float]) -> float:
    measured = cells.get("case_temp_C", math.nan)
    return cells.get("ambient_C", math.nan) if math.isnan(measured) else measured


def _current(cells: dict[str, float]) -> float:
    return next(cells[name] for name in CURRENTS if name in cells)


def _implausible(cells: dict[str, float], times: dict[str, re.Match[str]], where: str) -> list[Problem]:
    """What of a row no pulse of one cell can have."""
    current_A, rest_V = _current(cells), cells["rest_voltage_V"]
    missing = [
        name
        for name, fits in (
            ("temperature", LOWEST_degC < _celsius(cells) < HIGHEST_degC),
            ("current", abs(current_A) > 0.0),
            ("rest voltage of one cell", 1.0 < rest_V < 6.0),
            (
                "place (charge drawn or state of charge)",
                not all(math.isnan(cells.get(name, math.nan)) for name in PLACES),
            ),
        )
        if not fits
    ]
    problems = (
        [
            Problem(
                text("lacks a plausible {missing}", missing=", ".join(missing)), where, text("complete or mend the row")
            )
        ]
        if missing
        else []
    )
    for name in times:
        resistance_Ohm = cells[name] * 1e-3
        if resistance_Ohm <= 0.0:
            problems.append(
                Problem(
                    text("{name} is not above zero", name=name), where, text("write resistances as positive numbers")
                )
            )
        elif not missing and math.isfinite(resistance_Ohm):
            moved_V = abs(current_A) * resistance_Ohm
            if not LEAST_DROP_V < moved_V < rest_V:
                what = text(
                    "{current:g} A through {cells:g} mOhm move the voltage by {moved:.2g} V",
                    current=abs(current_A),
                    cells=cells[name],
                    moved=moved_V,
                )
                problems.append(Problem(what, where, text("are {name} in mOhm and the current in A?", name=name)))
    return problems


def _unit_problems(path: Path, table: list[dict[str, float]]) -> list[Problem]:
    """Columns whose numbers are those of another unit."""
    percent = [cells["soc_pct"] for cells in table if math.isfinite(cells.get("soc_pct", math.nan))]
    if not percent:
        return []
    low, high = min(percent), max(percent)
    if low < 0.0 or high > 105.0:
        return [
            Problem(
                text("soc_pct reaches from {low:g} to {high:g}", low=low, high=high), str(path), text("give 0 to 100 %")
            )
        ]
    if len(percent) > 1 and 0.0 < high <= 1.0:
        what = text("soc_pct reaches from {low:g} to {high:g} only: are these fractions?", low=low, high=high)
        return [Problem(what, str(path), text("write percent: 90 for 90 %"))]
    return []


def _pulses(cells: dict[str, float], times: dict[str, re.Match[str]]) -> list[Pulse]:
    """The pulses of a row: one, or one in each direction."""
    current_A, length_s = _current(cells), cells.get("pulse_s", math.nan)
    drawn, percent = (None if math.isnan(cells.get(name, math.nan)) else cells[name] for name in PLACES)
    plain = 1.0 if current_A < 0.0 else -1.0
    found: dict[float, dict[float, float]] = {}
    for name, match in times.items():
        if cells[name] > 0.0:
            sign = {"dis": -1.0, "chg": 1.0}[match[1].lower()] if match[1] else plain
            found.setdefault(sign, {})[float(match[2].replace("p", "."))] = cells[name] * 1e-3
    return [
        Pulse(
            temperature_K=_celsius(cells) + ZERO_CELSIUS_K,
            charge_drawn_C=None if drawn is None else drawn * 3600.0,
            state_of_charge=None if percent is None else percent / 100.0,
            current_A=sign * abs(current_A),
            rest_voltage_V=cells["rest_voltage_V"],
            resistance_Ohm=resistances,
            length_s=max(resistances) if math.isnan(length_s) else length_s,
        )
        for sign, resistances in sorted(found.items())
    ]


def read_trace(path: Path) -> CellTrace:
    """A trace with time_s, current_A and voltage_V, and case_temp_C where it was measured."""
    names, rows, lines = _rows(path)
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
            Problem(text("{name} is not a number", name=name), f"{path}:{lines[row]}", text("mend or remove the row"))
            for row in bad[:LISTED_PER_COLUMN]
        ]
    with np.errstate(invalid="ignore"):
        back = np.nonzero(np.diff(columns["time_s"]) < 0)[0]
    problems += [
        Problem(text("time runs backwards"), f"{path}:{lines[row + 1]}", text("sort the rows by time"))
        for row in back[:LISTED_PER_COLUMN]
    ]
    if problems:
        raise InputError(problems)
    celsius = columns.get("case_temp_C")
    known = celsius is not None and bool(np.any(np.isfinite(celsius)))
    kelvin = None
    if known and celsius is not None:
        good = np.isfinite(celsius)
        kelvin = np.interp(columns["time_s"], columns["time_s"][good], celsius[good]) + ZERO_CELSIUS_K
    return CellTrace(columns["time_s"], -columns["current_A"], columns["voltage_V"], kelvin, np.array(lines))

"""Cycles in files: a CSV whose header names what each column is and in which unit.

Every problem of a file is found and raised at once, each with its line. Nothing is guessed: a speed without a unit is
refused.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from covolt.errors import CycleError, Problem
from covolt.simulation.cycle import Cycle, FloatArray

Mask = NDArray[np.bool_]

LARGEST_FILE_bytes = 200_000_000
MOST_ROWS = 5_000_000
LISTED_PER_KIND = 20
HIGHEST_SPEED_m_per_s = 400.0 / 3.6
HIGHEST_JUMP_m_per_s2 = 12.0
SMALLEST_JUMP_m_per_s = 1.0
"""Smaller changes are the resolution of a fast logger, not jumps: 1 km/h within 0.01 s is 28 m/s2."""
STEEPEST_GRADE_fraction = 0.5
LONGEST_s = 2.0 * 86400.0
"""Driven in steps of a tenth of a second this still fits into the memory of a small computer."""
GAP_OVER_MEDIAN_STEP = 2.5
GRADE_WINDOW_m = 100.0
"""Elevation is turned into grade over this length of road, since recorded elevation steps by a metre or so."""

QUANTITIES = {
    "time": ("time", "t", "время"),
    "speed": ("speed", "velocity", "v", "скорость"),
    "grade": ("grade", "slope", "gradient", "уклон"),
    "elevation": ("elevation", "altitude", "высота"),
}
UNITS: dict[str, dict[str, float]] = {
    "time": {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "с": 1.0, "ms": 1e-3, "min": 60.0},
    "speed": {
        **dict.fromkeys(("m/s", "m_per_s", "mps", "м/с"), 1.0),
        **dict.fromkeys(("km/h", "km_per_h", "kmh", "kph", "км/ч"), 1.0 / 3.6),
        **dict.fromkeys(("mph", "mi/h", "mi_per_h"), 0.44704),
    },
    "grade": {
        **dict.fromkeys(("fraction", "m/m"), 1.0),
        **dict.fromkeys(("percent", "pct", "%"), 0.01),
        "deg": 1.0,
        "°": 1.0,
    },
    "elevation": {"m": 1.0, "м": 1.0},
}
ACCEPTED = {
    "time": "time_s, time [s], t",
    "speed": "speed_m_per_s, speed_kmh, speed [km/h], v_mph",
    "grade": "grade_fraction, grade_percent, slope_deg",
    "elevation": "elevation_m",
}
THINNING_HINT = "cut the recording into trips, or thin it to one row a second"
HEADER_HINT = f"head the columns for instance {ACCEPTED['time']} and {ACCEPTED['speed']}"


@dataclass(frozen=True)
class _Column:
    quantity: str
    unit: str
    position: int
    header: str

    @property
    def known(self) -> bool:
        return self.unit in UNITS[self.quantity]

    def in_SI(self, values: FloatArray) -> FloatArray:
        if self.quantity == "grade" and self.unit in ("deg", "°"):
            return np.tan(np.radians(values))
        return values * UNITS[self.quantity][self.unit]


@dataclass
class _Findings:
    """Problems by kind; of each kind the first few are kept and the rest counted."""

    path: str
    kept: dict[str, list[Problem]] = field(default_factory=lambda: {})
    counted: dict[str, int] = field(default_factory=lambda: {})

    def add(self, kind: str, what: str, hint: str, line: int | None = None) -> None:
        self.counted[kind] = self.counted.get(kind, 0) + 1
        listed = self.kept.setdefault(kind, [])
        if len(listed) < LISTED_PER_KIND:
            listed.append(Problem(what, self.path if line is None else f"{self.path}:{line}", hint))

    def refuse(self, kind: str, what: str, hint: str, line: int | None = None) -> NoReturn:
        """Notes what makes looking further pointless, and raises all that was found."""
        self.add(kind, what, hint, line)
        raise CycleError(self.problems())

    def problems(self) -> Iterator[Problem]:
        for kind, listed in self.kept.items():
            yield from listed
            if (more := self.counted[kind] - len(listed)) > 0:
                yield Problem(f"{more} more of this kind: {kind}", self.path, listed[-1].hint)

    def raise_if_any(self) -> None:
        if self.kept:
            raise CycleError(self.problems())


def read_csv(path: str | Path) -> Cycle:
    """A cycle from a CSV file, its time counted from the first row on.

    Columns: time and speed, and at most one of grade and elevation, recognised by name and unit; others are left alone.
    Separator comma, semicolon or tab; with the latter two a decimal comma is read too. Lines that are empty or start
    with # are skipped. Elevation becomes grade as the mean slope over 100 m of road around each point.
    """
    file = Path(path)
    findings = _Findings(str(path))
    text = _text(file, findings)
    lines, rows, delimiter = _table(text, findings)
    columns = _columns(rows[0], findings, lines[0])
    kept, values = _numbers(rows, lines, columns, delimiter, findings)
    lines = [lines[row] for row in kept]
    with np.errstate(all="ignore"):
        _check(values, lines, np.diff(kept) == 1, findings)
    findings.raise_if_any()
    time_s = values["time"] - values["time"][0]
    speed = values["speed"]
    grade = values.get("grade")
    if "elevation" in values:
        grade = _grade_of_road(time_s, speed, values["elevation"])
        _check_grade(grade, lines, findings, "the elevation rises or falls by")
        findings.raise_if_any()
    return Cycle(file.stem, file.stem, time_s, speed, grade, source=str(path))


def write_csv(cycle: Cycle, path: str | Path) -> None:
    """A cycle as CSV in SI units with all digits: read again, it has the same speeds; phases are not kept."""
    columns = {"time_s": cycle.time_s, "speed_m_per_s": cycle.speed_m_per_s}
    if cycle.grade_fraction is not None:
        columns["grade_fraction"] = cycle.grade_fraction
    with Path(path).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))


def _text(file: Path, findings: _Findings) -> str:
    """The file's text, or its refusal: absent, huge, empty, or in another encoding than UTF-8."""
    if not file.is_file():
        findings.refuse("file", "there is no such file", "check the path; give the name of a CSV file")
    if (size_bytes := file.stat().st_size) > LARGEST_FILE_bytes:
        limit = f"the {LARGEST_FILE_bytes / 1e6:.0f} MB that a cycle may have"
        findings.refuse("huge", f"the file has {size_bytes / 1e6:.0f} MB, more than {limit}", THINNING_HINT)
    content = file.read_bytes()
    if content.startswith(b"PK\x03\x04"):
        findings.refuse(
            "encoding", "this is a spreadsheet, not a CSV", "save it in the spreadsheet program as CSV UTF-8"
        )
    if content.startswith(b"\x1f\x8b"):
        findings.refuse("encoding", "the file is compressed by gzip", "unpack it and give the CSV")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:1000]:
        findings.refuse("encoding", "the file is not UTF-8; it looks like UTF-16", "save it as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02x}"
        what = f"the file is not UTF-8 ({byte}); it may be Windows-1251 or another local encoding"
        findings.refuse("encoding", what, "save it as CSV UTF-8", line)
    return text


def _table(text: str, findings: _Findings) -> tuple[list[int], list[list[str]], str]:
    """Line numbers and cells of all rows that are neither empty nor a comment, the header first; and the separator."""
    header = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = next((mark for mark in (";", "\t") if mark in header), ",")
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                continue
            lines.append(reader.line_num)
            rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                findings.refuse("huge", f"the file has more than {MOST_ROWS:,} rows", THINNING_HINT, reader.line_num)
    except csv.Error as error:
        findings.refuse(
            "table", f"the row cannot be split into cells: {error}", "remove the stray quote", reader.line_num
        )
    if not rows:
        findings.refuse("empty", "the file is empty", f"give a header and two rows or more; {HEADER_HINT}")
    return lines, rows, delimiter


def _columns(header: Sequence[str], findings: _Findings, line: int) -> list[_Column]:
    """Which cell holds what, in which unit; a column without a known unit is noted and kept, to judge its values."""
    if all(_number(cell, decimal_comma=True) is not None for cell in header if cell.strip()):
        findings.refuse("header", f"the first row holds numbers ({', '.join(header)}), not a header", HEADER_HINT, line)
    named = [_Column(*_meaning(cell), position, cell.strip()) for position, cell in enumerate(header)]
    columns: dict[str, _Column] = {}
    for quantity in QUANTITIES:
        candidates = [column for column in named if column.quantity == quantity]
        clear = [column for column in candidates if column.known]
        accepted = " or ".join(ACCEPTED[quantity].rsplit(", ", 1))
        if clear:
            columns[quantity] = clear[0]
            for column in clear[1:]:
                what = f"a second column of {quantity}: {column.header!r}"
                findings.add("header", what, "keep one and rename the other", line)
        elif candidates:
            columns[quantity] = column = candidates[0]
            unit = f"has the unknown unit {column.unit!r}" if column.unit else "names no unit"
            findings.add("unit", f"column {column.header!r} {unit}", f"head it {accepted}", line)
        elif quantity in ("time", "speed"):
            what = f"there is no column of {quantity} among: {', '.join(cell.strip() for cell in header)}"
            findings.add("header", what, f"head it {accepted}", line)
    if {"grade", "elevation"} <= columns.keys():
        findings.add("header", "both grade and elevation are given", "keep one and rename the other", line)
    if not columns:
        findings.raise_if_any()
    return list(columns.values())


def _meaning(header: str) -> tuple[str, str]:
    """Quantity and unit that a header names, each empty where it names none: `Speed [km/h]` is speed in km/h."""
    plain = header.strip().casefold()
    for quantity, spellings in QUANTITIES.items():
        for name in spellings:
            match = re.fullmatch(
                rf"{name}(?:[\s_,]*[\[(]\s*(?P<in_brackets>[^\])]*?)\s*[\])]|[\s_,]+(?P<bare>.+))?", plain
            )
            if match:
                unit = match["in_brackets"] if match["in_brackets"] is not None else match["bare"]
                return quantity, unit or ""
    return "", ""


def _number(cell: str, decimal_comma: bool) -> float | None:
    if "_" in cell:  # Python reads 1_000 as a thousand, people mistype it
        return None
    try:
        return float(cell.replace(",", ".") if decimal_comma else cell)
    except ValueError:
        return None


def _value(cell: str, column: _Column, decimal_comma: bool, findings: _Findings, line: int) -> float | None:
    """The number in a cell; None, and a note, where there is none."""
    number = _number(cell, decimal_comma)
    if number is not None and math.isfinite(number):
        return number
    shown, place = repr(cell.strip()[:40]), f"in column {column.header!r}"
    if not cell.strip():
        findings.add("not a number", f"there is no value {place}", "give a number in every row", line)
    elif number is None:
        findings.add("not a number", f"{shown} {place} is not a number", "give a number in every row", line)
    else:
        hint = "fill the value in, or cut the recording there"
        findings.add("not finite", f"{shown} {place} is not a finite number", hint, line)
    return None


def _numbers(
    rows: list[list[str]], lines: list[int], columns: list[_Column], delimiter: str, findings: _Findings
) -> tuple[list[int], dict[str, FloatArray]]:
    """Which rows are whole, and their values in SI units; what is no number is noted and its row left out."""
    decimal_comma = delimiter != ","
    wide = len(rows[0])
    kept: list[int] = []
    table: list[list[float]] = []
    for position in range(1, len(rows)):
        row, line = rows[position], lines[position]
        if any(cell.strip() for cell in row[wide:]):
            hint = "drop the extra cells" if decimal_comma else "separate columns by ; where decimals have a comma"
            findings.add("cells", f"the row has {len(row)} cells, the header {wide}", hint, line)
            continue
        cells = (row[column.position] if column.position < len(row) else "" for column in columns)
        values = [
            _value(cell, column, decimal_comma, findings, line) for cell, column in zip(cells, columns, strict=True)
        ]
        whole = [value for value in values if value is not None]
        if len(whole) == len(columns):
            kept.append(position)
            table.append(whole)
    if len(rows) < 3:
        findings.add("rows", f"the file has {len(rows) - 1} rows of values", "give two rows or more")
    array = np.array(table, dtype=np.float64).reshape(-1, len(columns))
    return kept, {column.quantity: column.in_SI(array[:, k]) for k, column in enumerate(columns) if column.known}


def _check(values: dict[str, FloatArray], lines: list[int], adjacent: Mask, findings: _Findings) -> None:
    """Notes everything that no vehicle could be asked to drive; steps across a row left out are not judged."""
    if "time" in values:
        _check_time(values["time"], lines, adjacent, findings)
    if "speed" in values:
        _check_speed(values["speed"], lines, findings)
    if "time" in values and "speed" in values:
        _check_jumps(values["time"], values["speed"], lines, adjacent, findings)
    if "grade" in values:
        _check_grade(values["grade"], lines, findings, "the grade is")


def _check_time(time_s: FloatArray, lines: list[int], adjacent: Mask, findings: _Findings) -> None:
    for k in np.flatnonzero(time_s < 0.0):
        findings.add("negative time", f"the time {time_s[k]:g} s is negative", "count time from zero", lines[k])
    if time_s.size and time_s[-1] - time_s[0] > LONGEST_s:
        what = f"the cycle lasts {(time_s[-1] - time_s[0]) / 3600.0:.4g} h, more than {LONGEST_s / 3600.0:.0f} h"
        findings.add("duration", what, "is the unit of time right? Cut a long recording into trips", lines[-1])
    step_s = np.diff(time_s)
    rising = step_s[adjacent & (step_s > 0.0)]
    median_s = float(np.median(rising)) if rising.size else math.inf
    for k in np.flatnonzero(adjacent & ((step_s <= 0.0) | (step_s > GAP_OVER_MEDIAN_STEP * median_s))):
        before, after, line = time_s[k], time_s[k + 1], lines[k + 1]
        if step_s[k] == 0.0:
            findings.add("repeated time", f"the time {after:.10g} s is repeated", "keep one row for each time", line)
        elif step_s[k] < 0.0:
            what = f"time goes back from {before:.10g} s to {after:.10g} s"
            findings.add("time going backwards", what, "sort the rows by time, or cut the recording there", line)
        else:
            what = f"a gap from {before:.10g} s to {after:.10g} s, where rows come every {median_s:g} s"
            findings.add("gap", what, "fill the rows in, or cut the recording into two cycles there", line)


def _check_speed(speed: FloatArray, lines: list[int], findings: _Findings) -> None:
    for k in np.flatnonzero(speed < 0.0):
        what = f"the speed {speed[k] * 3.6:g} km/h is negative"
        findings.add("negative speed", what, "give zero or more; a cycle is driven forwards", lines[k])
    for k in np.flatnonzero(speed > HIGHEST_SPEED_m_per_s):
        what = f"the speed {speed[k] * 3.6:.0f} km/h is above {HIGHEST_SPEED_m_per_s * 3.6:.0f} km/h"
        findings.add("speed too high", what, "is the unit right? Mend the header or the values", lines[k])


def _check_jumps(time_s: FloatArray, speed: FloatArray, lines: list[int], adjacent: Mask, findings: _Findings) -> None:
    step_s = np.diff(time_s)
    change = np.diff(speed)
    jump = np.where(adjacent & (step_s > 0.0) & (np.abs(change) > SMALLEST_JUMP_m_per_s), change / step_s, 0.0)
    for k in np.flatnonzero(np.abs(jump) > HIGHEST_JUMP_m_per_s2):
        what = (
            f"the speed jumps from {speed[k] * 3.6:.1f} to {speed[k + 1] * 3.6:.1f} km/h within {step_s[k]:g} s "
            f"({abs(jump[k]):.0f} m/s2, no road vehicle does more than {HIGHEST_JUMP_m_per_s2:.0f})"
        )
        findings.add("jump in speed", what, "mend the outlier, or the unit of speed or time", lines[k + 1])


def _check_grade(grade: FloatArray, lines: list[int], findings: _Findings, what: str) -> None:
    for k in np.flatnonzero(np.abs(grade) > STEEPEST_GRADE_fraction):
        steep = f"{what} {abs(grade[k]) * 100:.0f} %, no road is steeper than {STEEPEST_GRADE_fraction * 100:.0f} %"
        findings.add("grade too steep", steep, "is the unit right? Mend the header or the values", lines[k])


def _grade_of_road(time_s: FloatArray, speed: FloatArray, elevation_m: FloatArray) -> FloatArray:
    """Rise over run from elevation: s = (z(x + w/2) - z(x - w/2)) / w along the road, grade = s / sqrt(1 - s^2)."""
    step_m = 0.5 * (speed[1:] + speed[:-1]) * np.diff(time_s)
    road_m = np.concatenate([[0.0], np.cumsum(step_m)])
    places_m, place, count = np.unique(road_m, return_inverse=True, return_counts=True)
    height_m = np.bincount(place, weights=elevation_m) / count
    ahead_m = np.minimum(road_m + 0.5 * GRADE_WINDOW_m, road_m[-1])
    behind_m = np.maximum(road_m - 0.5 * GRADE_WINDOW_m, 0.0)
    rise_m = np.interp(ahead_m, places_m, height_m) - np.interp(behind_m, places_m, height_m)
    run_m = ahead_m - behind_m
    along = np.divide(rise_m, run_m, out=np.zeros_like(rise_m), where=run_m > 1.0)
    along = np.clip(along, -0.99, 0.99)
    return along / np.sqrt(1.0 - along**2)

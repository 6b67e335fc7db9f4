"""Columns in files: a table (CSV, .xlsx, .mat) whose header names what each column is and in which unit.

Every problem of a file is found and raised at once, each with its line. Nothing is guessed: a number without a unit is
refused where its unit matters.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covolt.errors import CycleError, InputError
from covolt.simulation.column_header import ELEVATION, GRADE, SPEED, TIME, Quantity, meaning_of, passed_over
from covolt.simulation.findings import Findings
from covolt.simulation.time_stamp import STAMP, stamp_us
from covolt.tables import SEARCHED_ROWS, matlab_rows, sheet_rows

__all__ = ["ELEVATION", "GRADE", "SPEED", "TIME", "Columns", "Findings", "Quantity", "read_columns"]

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

LARGEST_FILE_bytes = 200_000_000
MOST_ROWS = 5_000_000
NO_ROW = ("#", "sep=")
"""Begins of comments, and of the line by which Excel is told the separator."""
THINNING_HINT = "cut the recording into trips, or thin it to one row a second"


@dataclass(frozen=True)
class Columns:
    """Whole rows of a file: values in SI by quantity, the line of each row, and whether the next row stands right below."""

    values: dict[str, FloatArray]
    lines: list[int]
    adjacent: Mask
    findings: Findings
    units: dict[str, tuple[str, str]]
    """Header of each column as it stands, and the unit that it names."""
    header_line: int
    passed_over: str = ""
    """Sentences on columns that name the same quantity and were not read; empty where there are none."""


@dataclass(frozen=True)
class _Column:
    quantity: Quantity
    unit: str
    position: int
    header: str

    @property
    def known(self) -> bool:
        return self.unit in self.quantity.units


def read_columns(path: str | Path, quantities: Sequence[Quantity]) -> Columns:
    """The columns of a CSV file, a workbook (.xlsx) or a MATLAB file (.mat), recognised by name and unit; others are left alone.

    Separator comma, semicolon or tab; with the latter two a decimal comma is read too. Lines that are empty or start
    with # are skipped, and so is what stands above the header. Units may stand in a row of their own below it.
    What was found wrong is kept in `findings`, so that more can be looked for before it is raised.
    """
    findings = Findings(str(path))
    lines, rows, delimiter = _any_table(Path(path), findings, quantities)
    if len(rows) > 1 and (joined := _with_units_below(rows[0], rows[1], quantities)):
        rows[:2], lines[:2] = [joined], lines[:1]
    columns = _columns(rows[0], findings, lines[0], quantities)
    kept, values, units = _numbers(rows, lines, columns, delimiter, findings)
    adjacent, beside = (
        np.diff(kept) == 1,
        passed_over(rows[0], {column.position: column.quantity for column in columns}),
    )
    return Columns(values, [lines[row] for row in kept], adjacent, findings, units, lines[0], beside)


def _heading_hint(quantities: Sequence[Quantity]) -> str:
    return "head the columns for instance " + " and ".join(one.accepted for one in quantities if one.required)


def _any_table(
    file: Path, findings: Findings, quantities: Sequence[Quantity]
) -> tuple[list[int], list[list[str]], str]:
    """Line numbers and cells of a file of any kind, and its separator; that of a workbook leaves the decimal comma free."""
    read = {".xlsx": sheet_rows, ".mat": matlab_rows}.get(file.suffix.lower())
    if read is None or not file.is_file():
        return _table(_text(file, findings), findings, quantities)
    try:
        lines, rows = read(file, lambda row: _named(row, quantities), MOST_ROWS)
    except InputError as error:
        raise CycleError(error.problems) from error
    if not rows:
        findings.refuse(
            "empty", "the sheet is empty", f"give a header and two rows or more; {_heading_hint(quantities)}"
        )
    begin = _header_at(rows, quantities)
    return lines[begin:], rows[begin:], ";"


def _named(row: Sequence[str], quantities: Sequence[Quantity]) -> int:
    """How many of the quantities a row of headers names."""
    return len({meaning[0].name for cell in row if (meaning := meaning_of(cell, quantities))})


def _header_at(rows: Sequence[Sequence[str]], quantities: Sequence[Quantity]) -> int:
    """The first of the rows that name most of the quantities: above it stands who recorded this, when and with what."""
    named = [_named(row, quantities) for row in rows[:SEARCHED_ROWS]]
    return named.index(max(named))


def _with_units_below(header: Sequence[str], below: Sequence[str], quantities: Sequence[Quantity]) -> list[str] | None:
    """The header with the units that stand in the row below it; None where that row holds something else."""
    if any(_number(cell, decimal_comma=True) is not None for cell in below):
        return None
    joined, stated = list(header), 0
    for place, (head, cell) in enumerate(zip(header, below, strict=False)):
        unit, meaning = cell.strip().strip("[]()"), meaning_of(head, quantities)
        if meaning and unit:
            if unit.casefold() not in meaning[0].units:
                return None
            stated += 1
            joined[place] = head if meaning[1] else f"{head.strip()} [{unit}]"
    return joined if stated else None


def _text(file: Path, findings: Findings) -> str:
    """The file's text, or its refusal: absent, huge, empty, or in another encoding than UTF-8."""
    if not file.is_file():
        findings.refuse("file", "there is no such file", "check the path; give the name of a CSV file")
    if (size_bytes := file.stat().st_size) > LARGEST_FILE_bytes:
        limit = f"the {LARGEST_FILE_bytes / 1e6:.0f} MB that a cycle may have"
        findings.refuse("huge", f"the file has {size_bytes / 1e6:.0f} MB, more than {limit}", THINNING_HINT)
    content = file.read_bytes()
    if content.startswith(b"PK\x03\x04"):
        findings.refuse(
            "encoding", "this is a spreadsheet, not a CSV", "let its name end in .xlsx, or save it as CSV UTF-8"
        )
    if content.startswith(b"\x1f\x8b"):
        findings.refuse("encoding", "the file is compressed by gzip", "unpack it and give the CSV")
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # as Excel writes "Unicode text"
    if not marked and b"\x00" in content[:1000]:
        findings.refuse("encoding", "the file is not UTF-8; it looks like UTF-16", "save it as CSV UTF-8")
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if marked:
            findings.refuse("encoding", "the file begins as UTF-16 and is not", "save it as CSV UTF-8")
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02x}"
        what = f"the file is not UTF-8 ({byte}); it may be Windows-1251 or another local encoding"
        findings.refuse("encoding", what, "save it as CSV UTF-8", line)
    return text


def _table(text: str, findings: Findings, quantities: Sequence[Quantity]) -> tuple[list[int], list[list[str]], str]:
    """Line numbers and cells of all rows that are neither empty nor a comment, the header first; and the separator."""
    above, delimiter = _beginning(text, quantities)
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(islice(io.StringIO(text), above, None), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) or row[0].startswith(NO_ROW):
                continue
            lines.append(line := above + reader.line_num)
            rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                findings.refuse("huge", f"the file has more than {MOST_ROWS:,} rows", THINNING_HINT, line)
    except csv.Error as error:
        what, line = f"the row cannot be split into cells: {error}", above + reader.line_num
        findings.refuse("table", what, "remove the stray quote", line)
    if not rows:
        findings.refuse(
            "empty", "the file is empty", f"give a header and two rows or more; {_heading_hint(quantities)}"
        )
    return lines, rows, delimiter


def _beginning(text: str, quantities: Sequence[Quantity]) -> tuple[int, str]:
    """How many lines stand above the header, and the separator of its cells."""
    begun = [
        (number, line)
        for number, line in enumerate(islice(io.StringIO(text), 2 * SEARCHED_ROWS))
        if line.strip() and not line.startswith(NO_ROW)
    ]
    marks = [next((mark for mark in (";", "\t") if mark in line), ",") for _, line in begun]
    rows = [
        [cell.strip('" ') for cell in line.strip().split(mark)] for (_, line), mark in zip(begun, marks, strict=True)
    ]
    if not rows:
        return 0, ","
    begin = _header_at(rows, quantities)
    return (begun[begin][0] if begin else 0), marks[begin]


def _columns(header: Sequence[str], findings: Findings, line: int, quantities: Sequence[Quantity]) -> list[_Column]:
    """Which cell holds what, in which unit; a column without a known unit is noted and kept, to judge its values."""
    if all(_number(cell, decimal_comma=True) is not None for cell in header if cell.strip()):
        findings.refuse(
            "header",
            f"the first row holds numbers ({', '.join(header)}), not a header",
            _heading_hint(quantities),
            line,
        )
    meanings = [meaning_of(cell, quantities) for cell in header]
    named = [
        _Column(*meaning, position, header[position].strip()) for position, meaning in enumerate(meanings) if meaning
    ]
    columns: dict[str, _Column] = {}
    for quantity in quantities:
        candidates = [column for column in named if column.quantity is quantity]
        clear = [column for column in candidates if column.known]
        accepted = " or ".join(quantity.accepted.rsplit(", ", 1))
        if clear:
            columns[quantity.name] = clear[0]
            for column in clear[1:]:
                what = f"a second column of {quantity.name}: {column.header!r}"
                findings.add("header", what, "keep one and rename the other", line)
        elif candidates:
            columns[quantity.name] = column = candidates[0]
            unit = f"has the unknown unit {column.unit!r}" if column.unit else "names no unit"
            findings.add("unit", f"column {column.header!r} {unit}", f"head it {accepted}", line)
        elif quantity.required:
            what = f"there is no column of {quantity.name} among: {', '.join(cell.strip() for cell in header)}"
            findings.add("header", what, f"head it {accepted}", line)
    if {"grade", "elevation"} <= columns.keys():
        findings.add("header", "both grade and elevation are given", "keep one and rename the other", line)
    if not columns:
        findings.raise_if_any()
    return list(columns.values())


def _number(cell: str, decimal_comma: bool) -> float | None:
    if "_" in cell:  # Python reads 1_000 as a thousand, people mistype it
        return None
    try:
        return float(cell.replace(",", ".") if decimal_comma else cell)
    except ValueError:
        return None


def _value(cell: str, column: _Column, decimal_comma: bool, findings: Findings, line: int) -> tuple[float, bool] | None:
    """The number in a cell, and whether it was a clock or a date; None, and a note, where there is none."""
    number = _number(cell, decimal_comma)
    if number is not None and math.isfinite(number):
        return number, False
    if number is None and column.quantity is TIME and (stamp := stamp_us(cell, column.unit)) is not None:
        return stamp, True
    shown, place = repr(cell.strip()[:40]), f"in column {column.header!r}"
    if not cell.strip():
        findings.add("not a number", f"there is no value {place}", "give a number in every row", line)
    elif number is None:
        hint = "give a number in every row"
        if column.quantity is TIME:
            hint = (
                "give a number in every row, a clock h:mm:ss, or 2025-12-31 h:mm:ss; head two parts [mm:ss] or [hh:mm]"
            )
        findings.add("not a number", f"{shown} {place} is not a number", hint, line)
    else:
        hint = "fill the value in, or cut the recording there"
        findings.add("not finite", f"{shown} {place} is not a finite number", hint, line)
    return None


def _numbers(
    rows: list[list[str]], lines: list[int], columns: list[_Column], delimiter: str, findings: Findings
) -> tuple[list[int], dict[str, FloatArray], dict[str, tuple[str, str]]]:
    """Which rows are whole, their values in SI units, and the units; what is no number is noted and its row left out."""
    decimal_comma = delimiter != ","
    wide = len(rows[0])
    kept: list[int] = []
    table: list[list[float]] = []
    stamped: bool | None = None
    for position in range(1, len(rows)):
        row, line = rows[position], lines[position]
        if any(cell.strip() for cell in row[wide:]):
            hint = "drop the extra cells" if decimal_comma else "separate columns by ; where decimals have a comma"
            findings.add("cells", f"the row has {len(row)} cells, the header {wide}", hint, line)
            continue
        cells = (row[column.position] if column.position < len(row) else "" for column in columns)
        read = [
            _value(cell, column, decimal_comma, findings, line) for cell, column in zip(cells, columns, strict=True)
        ]
        whole = [value for value in read if value is not None]
        if len(whole) < len(columns):
            continue
        as_stamp = any(one for _, one in whole)
        stamped = as_stamp if stamped is None else stamped
        if as_stamp != stamped:
            what = "a clock among numbers" if as_stamp else "a number among clocks"
            findings.add("mixed times", what, "write all times alike", line)
            continue
        kept.append(position)
        table.append([value for value, _ in whole])
    if len(rows) < 3:
        findings.add("rows", f"the file has {len(rows) - 1} rows of values", "give two rows or more")
    array = np.array(table, dtype=np.float64).reshape(-1, len(columns))
    units = {
        column.quantity.name: (column.header, STAMP if stamped and column.quantity is TIME else column.unit)
        for column in columns
        if column.known
    }
    values = {
        column.quantity.name: column.quantity.in_SI(array[:, k], units[column.quantity.name][1])
        for k, column in enumerate(columns)
        if column.known
    }
    return kept, values, units

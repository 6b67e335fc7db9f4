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
from covolt.simulation.column_header import ELEVATION, GRADE, SPEED, TIME, Quantity, as_written, meaning_of, passed_over
from covolt.simulation.findings import Findings
from covolt.simulation.measurement_file import ENDINGS as MEASURED
from covolt.simulation.measurement_file import mdf_rows
from covolt.simulation.time_stamp import STAMP, stamp_us
from covolt.tables import SEARCHED_ROWS, matlab_rows, sheet_rows
from covolt.words import Phrase, both, either, text

__all__ = ["ELEVATION", "GRADE", "SPEED", "TIME", "Columns", "Findings", "Quantity", "read_columns"]

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

LARGEST_FILE_bytes = 200_000_000
MOST_ROWS = 5_000_000
NO_ROW = ("#", "sep=")
"""Begins of comments, and of the line by which Excel is told the separator."""
THINNING_HINT = text("cut the recording into trips, or thin it to one row a second")


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


def _heading_hint(quantities: Sequence[Quantity]) -> str | Phrase:
    needed = both(one.accepted for one in quantities if one.required)
    return text("head the columns for instance {needed}", needed=needed)


def _any_table(
    file: Path, findings: Findings, quantities: Sequence[Quantity]
) -> tuple[list[int], list[list[str]], str]:
    """Line numbers and cells of a file of any kind, and its separator; that of a workbook leaves the decimal comma free."""
    ending = file.suffix.lower()
    read = {".xlsx": sheet_rows, ".mat": matlab_rows}.get(ending)
    if (read is None and ending not in MEASURED) or not file.is_file():
        return _table(_text(file, findings), findings, quantities)
    try:
        if read is None:
            lines, rows = mdf_rows(file, quantities, MOST_ROWS)
        else:
            lines, rows = read(file, lambda row: _named(row, quantities), MOST_ROWS)
    except InputError as error:
        raise CycleError(error.problems) from error
    if not rows:
        findings.refuse(
            text("empty"),
            text("the sheet is empty"),
            text("give a header and two rows or more; {heading_hint}", heading_hint=_heading_hint(quantities)),
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
        findings.refuse(
            text("file"), text("there is no such file"), text("check the path; give the name of a CSV file")
        )
    if (size_bytes := file.stat().st_size) > LARGEST_FILE_bytes:
        limit = text(
            "the {largest_file_bytes:.0f} MB that a cycle may have", largest_file_bytes=LARGEST_FILE_bytes / 1e6
        )
        findings.refuse(
            text("huge"),
            text("the file has {size_bytes:.0f} MB, more than {limit}", size_bytes=size_bytes / 1e6, limit=limit),
            THINNING_HINT,
        )
    content = file.read_bytes()
    if content.startswith(b"PK\x03\x04"):
        findings.refuse(
            text("encoding"),
            text("this is a spreadsheet, not a CSV"),
            text("let its name end in .xlsx, or save it as CSV UTF-8"),
        )
    if content.startswith(b"\x1f\x8b"):
        findings.refuse(text("encoding"), text("the file is compressed by gzip"), text("unpack it and give the CSV"))
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # as Excel writes "Unicode text"
    if not marked and b"\x00" in content[:1000]:
        findings.refuse(
            text("encoding"), text("the file is not UTF-8; it looks like UTF-16"), text("save it as CSV UTF-8")
        )
    try:
        written = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if marked:
            findings.refuse(
                text("encoding"), text("the file begins as UTF-16 and is not"), text("save it as CSV UTF-8")
            )
        line = content.count(b"\n", 0, error.start) + 1
        byte = text("byte 0x{content:02x}", content=content[error.start])
        what = text("the file is not UTF-8 ({byte}); it may be Windows-1251 or another local encoding", byte=byte)
        findings.refuse(text("encoding"), what, text("save it as CSV UTF-8"), line)
    return written


def _table(written: str, findings: Findings, quantities: Sequence[Quantity]) -> tuple[list[int], list[list[str]], str]:
    """Line numbers and cells of all rows that are neither empty nor a comment, the header first; and the separator."""
    above, delimiter = _beginning(written, quantities)
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(islice(io.StringIO(written), above, None), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) or row[0].startswith(NO_ROW):
                continue
            lines.append(line := above + reader.line_num)
            rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                findings.refuse(
                    text("huge"),
                    text("the file has more than {most_rows:,} rows", most_rows=MOST_ROWS),
                    THINNING_HINT,
                    line,
                )
    except csv.Error as error:
        what, line = text("the row cannot be split into cells: {error}", error=str(error)), above + reader.line_num
        findings.refuse(text("table"), what, text("remove the stray quote"), line)
    if not rows:
        findings.refuse(
            text("empty"),
            text("the file is empty"),
            text("give a header and two rows or more; {heading_hint}", heading_hint=_heading_hint(quantities)),
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
            text("header"),
            text("the first row holds numbers ({header}), not a header", header=", ".join(header)),
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
        accepted = either(quantity.accepted.rsplit(", ", 1))
        if clear:
            columns[quantity.name] = clear[0]
            for column in clear[1:]:
                what = text("a second column of {quantity}: {header!r}", quantity=quantity.name, header=column.header)
                findings.add(text("header"), what, text("keep one and rename the other"), line)
        elif candidates:
            columns[quantity.name] = column = candidates[0]
            written = as_written(column.header, column.unit)
            unit = text("has the unknown unit {unit!r}", unit=written) if column.unit else text("names no unit")
            findings.add(
                text("unit"),
                text("column {header!r} {unit}", header=column.header, unit=unit),
                text("head it {accepted}", accepted=accepted),
                line,
            )
        elif quantity.required:
            what = text(
                "there is no column of {quantity} among: {cell}",
                quantity=quantity.name,
                cell=", ".join(cell.strip() for cell in header),
            )
            findings.add(text("header"), what, text("head it {accepted}", accepted=accepted), line)
    if {"grade", "elevation"} <= columns.keys():
        findings.add(
            text("header"), text("both grade and elevation are given"), text("keep one and rename the other"), line
        )
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
    shown, place = repr(cell.strip()[:40]), text("in column {header!r}", header=column.header)
    if not cell.strip():
        findings.add(
            text("not a number"),
            text("there is no value {place}", place=place),
            text("give a number in every row"),
            line,
        )
    elif number is None:
        hint = text("give a number in every row")
        if column.quantity is TIME:
            hint = text(
                "give a number in every row, a clock h:mm:ss, or 2025-12-31 h:mm:ss; head two parts [mm:ss] or [hh:mm]"
            )
        findings.add(
            text("not a number"), text("{shown} {place} is not a number", shown=shown, place=place), hint, line
        )
    else:
        hint = text("fill the value in, or cut the recording there")
        findings.add(
            text("not finite"), text("{shown} {place} is not a finite number", shown=shown, place=place), hint, line
        )
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
            hint = (
                text("drop the extra cells")
                if decimal_comma
                else text("separate columns by ; where decimals have a comma")
            )
            findings.add(
                text("cells"), text("the row has {row} cells, the header {wide}", row=len(row), wide=wide), hint, line
            )
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
            what = text("a clock among numbers") if as_stamp else text("a number among clocks")
            findings.add(text("mixed times"), what, text("write all times alike"), line)
            continue
        kept.append(position)
        table.append([value for value, _ in whole])
    if len(rows) < 3:
        findings.add(
            text("rows"), text("the file has {rows} rows of values", rows=len(rows) - 1), text("give two rows or more")
        )
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

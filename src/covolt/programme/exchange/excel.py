"""Requirements as an Excel workbook: a sheet to work in, and one that explains its columns."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn, cast
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from covolt.errors import InputError, Problem
from covolt.files import whole
from covolt.programme.exchange.foreign import shifted
from covolt.programme.exchange.rows import COLUMNS, VERDICT_COLUMNS, Column, Row, Rows

__all__ = ["read_excel", "write_excel"]

SHEET, LEGEND = "Requirements", "Columns"
WIDEST, NARROWEST = 48, 9
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LARGEST_UNPACKED = 32 * 1024 * 1024
RAISED = ("superscript", "subscript")
NO_WORKBOOK = "open it in Excel and save it as a workbook (.xlsx)"
DATE = datetime(2000, 1, 1)
"""Stated as the time of making, so that the same content is the same file but for the clock of the archive."""


def write_excel(path: Path, rows: Sequence[Row], verdicts: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Write a workbook, whole or not at all; with verdicts, their columns come last and are not read back."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    book.properties.created = book.properties.modified = DATE
    book.properties.creator = "covolt"
    sheet: Any = book.active
    sheet.title = SHEET
    columns = [*COLUMNS, *(VERDICT_COLUMNS if verdicts is not None else ())]
    sheet.append([column.en for column in columns])
    for row in rows:
        said = (verdicts or {}).get(row.cells["id"], {})
        sheet.append([None] * len(columns))
        for number, column in enumerate(columns, start=1):
            own = column in COLUMNS
            _put(sheet.cell(sheet.max_row, number), row.cells.get(column.key, "") if own else said.get(column.key))
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(sheet.max_row, 2)}"
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        longest = max(len(str(cell.value or "")) for cell in sheet[letter])
        sheet.column_dimensions[letter].width = min(max(longest + 2, NARROWEST), WIDEST)
        head = sheet.cell(1, number)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="DDE7EE" if column in COLUMNS else "EEEEEE")
        head.alignment = Alignment(wrap_text=True, vertical="top")
        if column.choices:
            choice = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            choice.error = f"write one of: {', '.join(column.choices)}"
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{MOST_ROWS}")
    _explain(book.create_sheet(LEGEND), columns)
    with whole(path) as partial:
        book.save(partial)


def _put(cell: Any, value: Any) -> None:
    """A value that stays what it is: text that begins like a formula stays text."""
    if value is None or value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _explain(sheet: Any, columns: Sequence[Column]) -> None:
    from openpyxl.styles import Font

    sheet.append(["Column", "По-русски", "What is written there"])
    for column in columns:
        sheet.append([column.en, column.ru, column.meaning])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 20), ("B", 24), ("C", 64)):
        sheet.column_dimensions[letter].width = width


def read_excel(path: Path) -> Rows:
    """Rows of the first sheet, or of the one named Requirements; columns by their titles, in either language, in any order.

    Struck text inside a cell is gone, raised and lowered text stays so. Further sheets with content are named in `left_out`.
    """
    _demand_workbook(path)
    values, formulas = (_cells(path, data_only=kept) for kept in (True, False))
    filled = [
        (number, line) for number, line in enumerate(values, start=1) if any(cell.value is not None for cell in line)
    ]
    if not filled:
        raise InputError(Problem("the sheet is empty", path.name, "export one and fill it in"))
    if filled[-1][0] > MOST_ROWS:
        raise InputError(Problem(f"the sheet has more than {MOST_ROWS} rows", path.name, "split it into several"))
    keys = _keys([cell.value for cell in filled[0][1]], f"{path.name}, row {filled[0][0]}")
    rows = Rows()
    rows.left_out = _other_sheets(path)
    problems: list[Problem] = []
    for number, line in filled[1:]:
        row = Row(
            {key: _plain(cell.value) for key, cell in zip(keys, line, strict=False) if key},
            f"{path.name}, row {number}",
        )
        rows.append(row)
        for key, cell, written in zip(keys, line, formulas[number - 1], strict=False):
            if key and cell.data_type == "e":
                problems.append(Problem(f"the cell holds the error {cell.value}", row.place(key), "write its value"))
            elif key and written.data_type == "f" and cell.value is None:
                hint = "save the workbook in Excel, or write the value"
                problems.append(Problem("the cell holds a formula that was never computed", row.place(key), hint))
            elif key and isinstance(cell.value, date | time | timedelta):
                what = f"the cell holds a date or a time ({cell.value}), into which spreadsheets turn such texts by themselves"
                problems.append(Problem(what, row.place(key), "format the cell as text and write it again"))
            elif key and cell.value is not None and getattr(cell.font, "strike", None):
                hint = "delete its content, or take the stroke away"
                problems.append(Problem("the cell is struck through as a whole", row.place(key), hint))
    if problems:
        raise InputError(problems)
    return rows


def _demand_workbook(path: Path) -> None:
    """Refuse what is no workbook, unpacks to more than any list of requirements has, or declares entities."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                hint = f"keep it under {LARGEST_UNPACKED // 2**20} MiB unpacked"
                raise InputError(Problem("the workbook is too large", str(path), hint))
            for part in parts:
                _look_through(archive.read(part), part.filename, path)
    except OSError as error:
        raise InputError(Problem(error.strerror or str(error), str(path), "check the path")) from error
    except (BadZipFile, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise InputError(Problem("this is no Excel workbook", str(path), NO_WORKBOOK)) from error


def _look_through(content: bytes, part: str, path: Path) -> None:
    """Refuse a part that declares a document type, in whatever encoding, or has more cells than any list, before it is read."""
    parser = expat.ParserCreate(namespace_separator=" ")
    counts = {"row": 0, "c": 0}

    def refuse(what: str, hint: str) -> NoReturn:
        raise InputError(Problem(what, str(path), hint))

    def begins(tag: str, _: object) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            counts["c"] = 0
        elif name == "c":
            counts["c"] += 1
            counts["row"] += counts["c"] == 1
        if counts["c"] > MOST_COLUMNS:
            refuse(f"a row of {part} has more than {MOST_COLUMNS} cells", "keep to the columns of an exported list")
        if counts["row"] > MOST_ROWS + 1:
            refuse(f"{part} has more than {MOST_ROWS} rows", "split it into several")

    def declares(*_: object) -> None:
        refuse(f"it declares a document type in {part}, which no workbook does", NO_WORKBOOK)

    parser.StartElementHandler = begins
    parser.StartDoctypeDeclHandler = declares
    with suppress(expat.ExpatError):  # a picture, or what is broken, which who reads it tells
        parser.Parse(content, True)


def _cells(path: Path, *, data_only: bool) -> list[Sequence[Any]]:
    """Cells of the sheet by row, with values as last computed, or with formulas."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=data_only, rich_text=True)
        try:
            sheet: Any = _read_sheet(book)
            return list(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS))
        finally:
            book.close()
    except Exception as error:  # whatever a broken workbook makes openpyxl and its XML readers raise
        raise InputError(Problem("the workbook is broken", str(path), NO_WORKBOOK)) from error


def _read_sheet(book: Any) -> Any:
    return book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]


def _other_sheets(path: Path) -> tuple[str, ...]:
    """A sentence on each sheet with content that is not read, but for the explanation of columns."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        others = [sheet for sheet in book.worksheets if sheet.title not in {_read_sheet(book).title, LEGEND}]
        counted = [
            (
                sheet.title,
                sum(
                    any(one is not None for one in row) for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS)
                ),
            )
            for sheet in others
        ]
    finally:
        book.close()
    return tuple(
        f"left out: the sheet '{title}' with {count} rows; import it by itself" for title, count in counted if count
    )


def _keys(head: Sequence[Any], where: str) -> list[str]:
    """Key of each column, empty for one that is not read."""
    titles = {name.casefold(): column.key for column in COLUMNS for name in (column.key, column.en, column.ru)}
    ignored = {name.casefold() for column in VERDICT_COLUMNS for name in (column.key, column.en, column.ru)}
    problems: list[Problem] = []
    keys: list[str] = []
    for cell in head:
        name = _plain(cell).casefold()
        key = titles.get(name, "")
        if name and not key and name not in ignored:
            known = ", ".join(column.en for column in COLUMNS)
            problems.append(Problem(f"no column is called '{_plain(cell)}'", where, f"known: {known}"))
        if key and key in keys:
            problems.append(Problem(f"the column '{_plain(cell)}' stands twice", where, "keep one of them"))
        keys.append(key)
    problems += [
        Problem(f"the column '{column.en}' is missing", where, "export once to see all columns")
        for column in COLUMNS[:2]
        if column.key not in keys
    ]
    if problems:
        raise InputError(problems)
    return keys


def _plain(cell: Any) -> str:
    """Text of a cell; a whole number loses the point that Excel gives it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list):  # text in pieces, each with its font
        return "".join(_piece(one) for one in cast("list[Any]", cell)).strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _piece(piece: Any) -> str:
    """Text of a piece of a cell: gone where it is struck, raised or lowered where its font says so."""
    font = getattr(piece, "font", None)
    if font is None:
        return str(piece)
    if font.strike:
        return ""
    return shifted(piece.text, raised=font.vertAlign == "superscript") if font.vertAlign in RAISED else str(piece.text)

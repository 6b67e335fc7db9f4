"""Requirements as an Excel workbook: a sheet to work in, and one that explains its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from covolt.errors import InputError, Problem
from covolt.files import whole
from covolt.programme.exchange.rows import COLUMNS, VERDICT_COLUMNS, Column, Row, Rows
from covolt.programme.exchange.workbook import MOST_ROWS, Cell, read_workbook

__all__ = ["read_excel", "write_excel"]

SHEET, LEGEND = "Requirements", "Columns"
WIDEST, NARROWEST = 48, 9
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
    book = read_workbook(path, SHEET, LEGEND)
    if not book.rows:
        raise InputError(Problem("the sheet is empty", path.name, "export one and fill it in"))
    (begin, head), *below = book.rows
    keys = _keys({column: cell.text.strip() for column, cell in head.items()}, f"{path.name}, row {begin}")
    rows = Rows()
    rows.left_out = tuple(
        f"left out: the sheet '{title}' with {count} rows; import it by itself"
        for title, count in book.others.items()
        if count
    )
    problems: list[Problem] = []
    for number, line in below:
        cells = {key: line[column] if column in line else Cell("") for column, key in keys.items()}
        row = Row({key: cell.text.strip() for key, cell in cells.items()}, f"{path.name}, row {number}")
        rows.append(row)
        problems += [
            Problem(told[0], row.place(key), told[1]) for key, cell in cells.items() if (told := _refused(cell))
        ]
    if problems:
        raise InputError(problems)
    return rows


def _refused(cell: Cell) -> tuple[str, str] | None:
    """Why what a cell shows is not what somebody wrote there, and a hint."""
    if cell.kind == "error":
        return f"the cell holds the error {cell.text}", "write its value"
    if cell.kind == "formula":
        return "the cell holds a formula that was never computed", "save the workbook in Excel, or write the value"
    if cell.kind == "date":
        what = f"the cell holds a date or a time ({cell.text}), into which spreadsheets turn such texts by themselves"
        return what, "format the cell as text and write it again"
    if cell.struck:
        return "the cell is struck through as a whole", "delete its content, or take the stroke away"
    return None


def _keys(head: Mapping[int, str], where: str) -> dict[int, str]:
    """Keys of the columns that are read."""
    titles = {name.casefold(): column.key for column in COLUMNS for name in (column.key, column.en, column.ru)}
    ignored = {name.casefold() for column in VERDICT_COLUMNS for name in (column.key, column.en, column.ru)}
    problems: list[Problem] = []
    keys: dict[int, str] = {}
    for column, title in head.items():
        key = titles.get(title.casefold(), "")
        if title and not key and title.casefold() not in ignored:
            known = ", ".join(one.en for one in COLUMNS)
            problems.append(Problem(f"no column is called '{title}'", where, f"known: {known}"))
        if key and key in keys.values():
            problems.append(Problem(f"the column '{title}' stands twice", where, "keep one of them"))
        if key:
            keys[column] = key
    problems += [
        Problem(f"the column '{column.en}' is missing", where, "export once to see all columns")
        for column in COLUMNS[:2]
        if column.key not in keys.values()
    ]
    if problems:
        raise InputError(problems)
    return keys

"""Requirements as an Excel workbook: a sheet to work in, and one that explains its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from covolt.catalogues import name_of
from covolt.errors import InputError, Problem
from covolt.files import whole
from covolt.programme.requirement_files.rows import COLUMNS, VERDICT_COLUMNS, Column, Row, Rows
from covolt.programme.requirement_files.workbook import MOST_ROWS, Cell, read_workbook
from covolt.words import Phrase, languages, plural, spoken, text

__all__ = ["read_excel", "write_excel"]

SHEET, LEGEND = "Requirements", "Columns"
WIDEST, NARROWEST = 48, 9
NEARLY = 0.8
"""Likeness from which on a title is a slip of the pen: 'Atleast', 'Scenarios'."""
DATE = datetime(2000, 1, 1)
"""Stated as the time of making, so that the same content is the same file but for the clock of the archive."""


def write_excel(
    path: Path, rows: Sequence[Row], verdicts: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[str, ...]:
    """Write a workbook, whole or not at all; with verdicts, their columns come after covolt's own and are not read back.

    Of a workbook that is there, other sheets stay, and so do columns of people's own, behind the others, by the ID of their
    row. Returns a sentence on each thing of theirs that was kept or has no row any more.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book, theirs = _there(path)
    if book is None:
        book = Workbook()
        book.remove(book.worksheets[0])
        book.properties.created = book.properties.modified = DATE
        book.properties.creator = "covolt"
    sheet: Any = book.create_sheet(SHEET, 0)
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
    theirs.put_beside(sheet, len(columns), [row.cells["id"] for row in rows])
    _explain(book.create_sheet(LEGEND, 1), columns)
    book.active = 0
    with whole(path) as partial:
        book.save(partial)
    kept = [f"kept: the sheet '{one.title}', but for its pictures" for one in book.worksheets[2:]]
    return (*theirs.told([row.cells["id"] for row in rows]), *kept)


@dataclass
class _Own:
    """Columns of people's own: their titles in order, and by the ID of a row the cells as what they hold and how it shows."""

    titles: list[str] = field(default_factory=list[str])
    cells: dict[str, list[tuple[Any, str]]] = field(default_factory=dict[str, "list[tuple[Any, str]]"])

    def put_beside(self, sheet: Any, behind: int, names: Sequence[str]) -> None:
        """Write them into a sheet behind its columns, in the rows of these IDs."""
        for number, title in enumerate(self.titles):
            _put(sheet.cell(1, behind + 1 + number), title)
            for line, name in enumerate(names, start=2):
                if name in self.cells:
                    cell = sheet.cell(line, behind + 1 + number)
                    value, cell.number_format = self.cells[name][number]
                    _put(cell, value)

    def told(self, names: Sequence[str]) -> list[str]:
        """What became of them."""
        kept = [f"kept: the column '{title}' of yours; formulas became their values" for title in self.titles]
        lost = [
            f"gone with its row: {name}, {title} '{value}'"
            for name, cells in self.cells.items()
            if name not in names
            for title, (value, _) in zip(self.titles, cells, strict=True)
            if value is not None
        ]
        return [*kept, *lost]


def _there(path: Path) -> tuple[Any, _Own]:
    """The workbook in whose place an export comes, without covolt's sheets, and people's own columns; None where none is."""
    from openpyxl import load_workbook

    own = _Own()
    try:
        read_workbook(path, SHEET, LEGEND)  # within bounds
    except InputError:
        return None, own
    shown = load_workbook(path, data_only=True)
    if SHEET in shown.sheetnames:
        head, *below = shown[SHEET].iter_rows()
        titles = [str(cell.value or "").strip() for cell in head]
        known = _titles(COLUMNS) | _titles(VERDICT_COLUMNS)
        places = [k for k, title in enumerate(titles) if title and title.casefold() not in known]
        names = [k for k, title in enumerate(titles) if known.get(title.casefold()) == COLUMNS[0].key]
        own.titles = [titles[k] for k in places]
        for line in below if names else ():
            if name := str(line[names[0]].value or "").strip():
                own.cells[name] = [(line[k].value, line[k].number_format) for k in places]
    book = load_workbook(path)
    for title in {SHEET, LEGEND} & set(book.sheetnames):
        book.remove(book[title])
    return book, own


def _titles(columns: Sequence[Column]) -> dict[str, str]:
    return {name.casefold(): column.key for column in columns for name in (column.key, *column.title.plain().values())}


def _put(cell: Any, value: Any) -> None:
    """A value that stays what it is: text that begins like a formula stays text."""
    if value is None or value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _explain(sheet: Any, columns: Sequence[Column]) -> None:
    from openpyxl.styles import Font

    others = languages()[1:]
    sheet.append(["Column", *map(name_of, others), "What is written there"])
    for column in columns:
        sheet.append([column.en, *map(column.title.said, others), column.meaning])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 20), ("B", 24), ("C", 64)):
        sheet.column_dimensions[letter].width = width


def read_excel(path: Path) -> Rows:
    """Rows of the first sheet, or of the one named Requirements; columns by their titles, in any language, in any order.

    Struck text inside a cell is gone, raised and lowered text stays so. Further sheets with content are named in `left_out`.
    """
    book = read_workbook(path, SHEET, LEGEND)
    if not book.rows:
        raise InputError(Problem(text("the sheet is empty"), path.name, text("export one and fill it in")))
    (begin, head), *below = book.rows
    keys, extra = _keys({column: cell.text.strip() for column, cell in head.items()}, _row_of(path, begin))
    own = {key: head[column].text.strip() for column, key in keys.items()}
    rows = Rows()
    counts = {title: sum(column in line for _, line in below) for column, title in extra.items()}
    rows.left_out = (
        *(
            str(
                plural(
                    "not read: the column '{title}' of yours, {count} cell",
                    "not read: the column '{title}' of yours, {count} cells",
                    count=count,
                    title=title,
                )
            )
            for title, count in counts.items()
        ),
        *(
            str(
                plural(
                    "left out: the sheet '{title}' with {count} row; import it by itself",
                    "left out: the sheet '{title}' with {count} rows; import it by itself",
                    count=count,
                    title=title,
                )
            )
            for title, count in book.others.items()
            if count
        ),
    )
    problems: list[Problem] = []
    for number, line in below:
        cells = {key: line[column] if column in line else Cell("") for column, key in keys.items()}
        row = Row({key: cell.text.strip() for key, cell in cells.items()}, _row_of(path, number), titles=own)
        rows.append(row)
        problems += [
            Problem(told[0], row.place(key), told[1]) for key, cell in cells.items() if (told := _refused(cell))
        ]
    if problems:
        raise InputError(problems)
    return rows


def _row_of(path: Path, number: int) -> str:
    """Where a row stands."""
    return spoken(text("{file}, row {number}", file=path.name, number=number))


def _refused(cell: Cell) -> tuple[Phrase, Phrase] | None:
    """Why what a cell shows is not what somebody wrote there, and a hint."""
    if cell.kind == "error":
        return text("the cell holds the error {error}", error=cell.text), text("write its value")
    if cell.kind == "formula":
        what = text("the cell holds a formula that was never computed")
        return what, text("save the workbook in Excel, or write the value")
    if cell.kind == "date":
        what = text(
            "the cell holds a date or a time ({shown}), into which spreadsheets turn such texts by themselves",
            shown=cell.text,
        )
        return what, text("format the cell as text and write it again")
    if cell.struck:
        return text("the cell is struck through as a whole"), text("delete its content, or take the stroke away")
    return None


def _keys(head: Mapping[int, str], where: str) -> tuple[dict[int, str], dict[int, str]]:
    """Keys of the columns that are read, and titles of those of people's own; a title that is nearly a known one is refused."""
    titles, ignored = _titles(COLUMNS), _titles(VERDICT_COLUMNS)
    problems: list[Problem] = []
    keys: dict[int, str] = {}
    extra: dict[int, str] = {}
    for column, title in head.items():
        key = titles.get(title.casefold(), "")
        if title and not key and title.casefold() not in ignored:
            if close := get_close_matches(title.casefold(), titles, n=1, cutoff=NEARLY):
                meant = next(one for one in COLUMNS if one.key == titles[close[0]])
                hint = text("did you mean '{en}'? A column of your own needs a title of its own", en=meant.en)
                problems.append(Problem(text("no column is called '{title}'", title=title), where, hint))
            extra[column] = title
        if key and key in keys.values():
            problems.append(
                Problem(text("the column '{title}' stands twice", title=title), where, text("keep one of them"))
            )
        if key:
            keys[column] = key
    problems += [
        Problem(text("the column '{en}' is missing", en=column.en), where, text("export once to see all columns"))
        for column in COLUMNS[:2]
        if column.key not in keys.values()
    ]
    if problems:
        raise InputError(problems)
    return keys, extra

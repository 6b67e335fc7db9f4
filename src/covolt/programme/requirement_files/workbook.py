"""Workbooks (.xlsx, ECMA-376) as far as a list needs them: what each cell of one sheet shows, in one bounded pass.

A library that reads workbooks whole takes ten times as long for each cell, and reads styles, rules and drawings without bound.
"""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn, final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from covolt.errors import InputError, Problem, system_said
from covolt.files import kind_of_refusal, unpacked
from covolt.programme.requirement_files.foreign import shifted
from covolt.words import Phrase, text

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Book", "Cell", "read_workbook"]

MOST_ROWS = 4_000
"""A row is read and judged in some 0.3 ms, so that a file of so many takes less than two seconds."""
MOST_COLUMNS = 200
MOST_PARTS, MOST_ELEMENTS = 1_000, 400_000
"""Files in the archive, and elements of those that are read: so many rows with every column filled have 350,000."""
LARGEST_UNPACKED = 32 * 1024 * 1024
NO_WORKBOOK = text("open it in Excel and save it as a workbook (.xlsx)")
RAISED = ("superscript", "subscript")
_OFF = ("0", "false")


@final
class Cell(NamedTuple):
    """What a cell shows as text, and what it is: text, a number, yes or no, an error, a date, or a formula never computed."""

    text: str
    kind: str = "text"
    struck: bool = False


@dataclass
class Book:
    """Rows with content of one sheet, each with its number and its cells by column, and how many the other sheets have."""

    rows: list[tuple[int, dict[int, Cell]]] = field(default_factory=list[tuple[int, dict[int, Cell]]])
    others: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class _Tree:
    """A part, and the namespace of its first element, in braces as names of others begin."""

    root: Element

    @property
    def space(self) -> str:
        return self.root.tag[: self.root.tag.rfind("}") + 1]


class _BrokenError(ValueError):
    """A workbook that does not hang together."""


def read_workbook(path: Path, wanted: str, unread: str = "") -> Book:
    """The sheet of a name, or else the first one; the others are looked through, all but one.

    Raises where a bound is passed, a document type declared, or a part broken.
    """
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
                hint = text(
                    "keep it under {largest_unpacked} MiB unpacked, in at most {most_parts} parts",
                    largest_unpacked=LARGEST_UNPACKED // 2**20,
                    most_parts=MOST_PARTS,
                )
                raise InputError(Problem(text("the workbook is too large"), str(path), hint))
            contents = {part.filename: unpacked(archive, part) for part in parts}
    except OSError as error:
        raise kind_of_refusal(error)(Problem(system_said(error), str(path), text("check the path"))) from error
    except (BadZipFile, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise InputError(Problem(text("this is no Excel workbook"), str(path), NO_WORKBOOK)) from error
    try:
        return _Reader(path, contents).book(wanted, unread)
    except (ValueError, LookupError, OverflowError, ElementTree.ParseError) as error:
        raise InputError(Problem(text("the workbook is broken"), str(path), NO_WORKBOOK)) from error


@final
class _Reader:
    """The parts of one workbook, and how much of them was read."""

    def __init__(self, path: Path, contents: Mapping[str, bytes]) -> None:
        self.path, self.contents = path, contents
        self.elements = 0
        self.shared: list[str] = []
        self.styles: list[tuple[bool, bool]] = []
        self.from_1904 = False

    def refuse(self, what: str | Phrase, hint: str | Phrase) -> NoReturn:
        raise InputError(Problem(what, str(self.path), hint))

    def book(self, wanted: str, unread: str) -> Book:
        """Everything in the order in which one part names the other."""
        for part in self.contents:
            self.undeclared(part)
        kinds = {
            one.get("ContentType", "").lower(): one.get("PartName", "").lstrip("/")
            for one in self.parsed("[Content_Types].xml").root
        }

        def of(ending: str) -> str:
            return next((part for kind, part in kinds.items() if part and kind.endswith(ending)), "")

        sheets = self.sheets(of(".main+xml"))
        if not sheets:
            raise _BrokenError
        if part := of(".sharedstrings+xml"):
            strings = self.parsed(part)
            self.shared = [_text(one, strings.space) for one in strings.root]
        if part := of(".styles+xml"):
            self.read_styles(part)
        read = wanted if wanted in sheets else next(iter(sheets))
        found = Book()
        found.rows = self.rows(sheets.pop(read))
        sheets.pop(unread, None)
        found.others = {title: len(self.rows(part)) for title, part in sheets.items()}
        return found

    def undeclared(self, part: str) -> None:
        """Refuse a part that declares a document type, in whatever encoding, be it read or not."""
        parser = expat.ParserCreate()

        def declares(*_: object) -> None:
            self.refuse(text("it declares a document type in {part}, which no workbook does", part=part), NO_WORKBOOK)

        def begins(*_: object) -> None:
            raise _BrokenError  # a document type stands before the first element

        parser.StartDoctypeDeclHandler, parser.StartElementHandler = declares, begins
        with suppress(
            expat.ExpatError, ValueError, LookupError
        ):  # a picture, or what is broken, which who reads it tells
            parser.Parse(self.contents[part], True)

    def parsed(self, part: str) -> _Tree:
        """A part as a tree, not before its size is known to be within bounds."""
        content = self.contents[part]
        self.elements += content.count(b"<") - content.count(b"</")
        if self.elements > MOST_ELEMENTS:
            self.refuse(
                text("the workbook has more than {most_elements} elements", most_elements=MOST_ELEMENTS),
                text("keep one list of requirements in it"),
            )
        return _Tree(ElementTree.fromstring(content))

    def sheets(self, main: str) -> dict[str, str]:
        """The part of each worksheet by its title, in order."""
        folder, file = posixpath.split(main)
        places = {
            one.get("Id"): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            for one in self.parsed(posixpath.join(folder, "_rels", f"{file}.rels")).root
            if one.get("Type", "").endswith("/worksheet")
        }
        book = self.parsed(main)
        if (said := book.root.find(f"{book.space}workbookPr")) is not None:
            self.from_1904 = said.get("date1904", "0") not in _OFF
        named = {
            one.get("name", ""): next((value for key, value in one.items() if key.endswith("}id")), "")
            for one in book.root.iterfind(f"{book.space}sheets/{book.space}sheet")
        }
        return {title: places[name] for title, name in named.items() if name in places}

    def read_styles(self, part: str) -> None:
        """Which styles of cells strike, and which make a date of a number."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        styles = self.parsed(part)
        space, formats = styles.space, dict(BUILTIN_FORMATS)
        for one in styles.root.iterfind(f"{space}numFmts/{space}numFmt"):
            formats[int(one.get("numFmtId", ""))] = one.get("formatCode", "")
        fonts = [_struck(one, space) for one in styles.root.iterfind(f"{space}fonts/{space}font")]
        for one in styles.root.iterfind(f"{space}cellXfs/{space}xf"):
            font = int(one.get("fontId", "0"))
            dates = is_date_format(formats.get(int(one.get("numFmtId", "0"))))
            self.styles.append((font < len(fonts) and fonts[font], dates))

    def rows(self, part: str) -> list[tuple[int, dict[int, Cell]]]:
        """Rows of a sheet with their cells, those alone that have content."""
        sheet = self.parsed(part)
        space = sheet.space
        found: list[tuple[int, dict[int, Cell]]] = []
        columns: dict[str, int] = {}
        number = rows = 0
        for line in sheet.root.iterfind(f"{space}sheetData/{space}row"):
            number = int(line.get("r") or number + 1)
            rows += len(line) > 0
            if len(line) > MOST_COLUMNS:
                what = text("a row of {part} has more than {most_columns} cells", part=part, most_columns=MOST_COLUMNS)
                self.refuse(what, text("keep to the columns of an exported list"))
            if rows > MOST_ROWS + 1:
                self.refuse(
                    text("{part} has more than {most_rows} rows", part=part, most_rows=MOST_ROWS),
                    text("split it into several"),
                )
            column = 0
            row: dict[int, Cell] = {}
            for one in line:
                if letters := one.get("r", "").rstrip("0123456789"):
                    column = columns.get(letters) or columns.setdefault(letters, _column(letters))
                else:
                    column += 1
                if (cell := self.cell(one, space)) is not None:
                    row[column] = cell
            if row:
                found.append((number, row))
        if found and found[-1][0] > MOST_ROWS:
            self.refuse(
                text("the sheet has more than {most_rows} rows", most_rows=MOST_ROWS), text("split it into several")
            )
        return found

    def cell(self, one: Element, space: str) -> Cell | None:
        """A cell as it shows; None where it is empty."""
        kind, value, style = one.get("t", "n"), one.findtext(f"{space}v"), one.get("s")
        struck, dated = self.styles[int(style)] if style and self.styles else (False, False)
        if kind == "inlineStr":
            item = one.find(f"{space}is")
            text = "" if item is None else _text(item, space)
        elif not value:
            return Cell("", "formula") if kind != "str" and one.find(f"{space}f") is not None else None
        elif kind == "n":
            return self.date(value) if dated else Cell(_number(value), "number", struck)
        elif kind == "s":
            text = self.shared[int(value)]
        elif kind == "b":
            text = "yes" if int(value) else "no"
        else:
            return Cell(value, {"e": "error", "d": "date"}.get(kind, "text"), struck)
        return Cell(text, "text", struck) if text else None

    def date(self, written: str) -> Cell:
        """The number of a day as the date that its cell shows."""
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

        try:
            return Cell(str(from_excel(float(written), MAC_EPOCH if self.from_1904 else WINDOWS_EPOCH)), "date")
        except (OverflowError, ValueError):
            return Cell("#VALUE!", "error")


def _struck(font: Element | None, space: str) -> bool:
    stroke = None if font is None else font.find(f"{space}strike")
    return stroke is not None and stroke.get("val") not in _OFF


def _text(item: Element, space: str) -> str:
    """The text of a cell from its pieces: gone where it is struck, raised or lowered where its font says so."""
    if len(item) == 1 and item[0].tag == f"{space}t":  # as nearly all are
        return (item[0].text or "").replace("x005F_", "")
    made: list[str] = []
    for piece in (item, *item):
        if piece.tag == f"{space}rPh":  # how it is spoken
            continue
        font, text = piece.find(f"{space}rPr"), (piece.findtext(f"{space}t") or "").replace("x005F_", "")
        moved = None if font is None else font.find(f"{space}vertAlign")
        where = "" if moved is None else moved.get("val", "")
        if text and not _struck(font, space):
            made.append(shifted(text, raised=where == RAISED[0]) if where in RAISED else text)
    return "".join(made)


def _column(letters: str) -> int:
    """Number of a column: A is 1, AA 27."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or number > 26**3:
            raise _BrokenError
        number = 26 * number + ord(letter) - 64
    return number


def _number(written: str) -> str:
    """A number as people write it; a whole one loses the point that Excel gives it."""
    value = float(written)
    if written.lstrip("-").isdecimal():
        return str(int(written))
    return str(int(value)) if value.is_integer() else str(value)

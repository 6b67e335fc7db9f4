"""Tables in the files of spreadsheets and of MATLAB, as rows of texts: what a CSV of the same table would hold.

A recording of millions of rows is read in one pass, within bounds. Nothing is guessed and nothing is run: formulas count with
the value that was last computed, and a MATLAB file with what it stores.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from covolt.errors import InputError, Problem, system_said
from covolt.files import unpacked
from covolt.words import Phrase, text

__all__ = ["ENDINGS", "matlab_rows", "sheet_rows"]

ENDINGS = (".xlsx", ".mat")
Fits = Callable[[Sequence[str]], int]
"""How many of the wanted columns a row of headers names."""
Rows = tuple[list[int], list[list[str]]]
"""Numbers of the rows, and their cells."""
LARGEST_UNPACKED_bytes, MOST_PARTS, MOST_SHEETS = 1_000_000_000, 1_000, 50
SEARCHED_ROWS = 60
"""Above its table a recording has at most as many rows that say who made it, when and with what."""
NO_WORKBOOK = text("open it in the spreadsheet program and save it as a workbook (.xlsx) or as CSV UTF-8")
PLAIN = text(
    "save plain vectors: time_s = log.Time; speed_kmh = log.Data; save('log.mat', 'time_s', 'speed_kmh', '-v7')"
)
FIRST_YEAR = 1901
"""Spreadsheets count days from 1900: a date before is a clock of more than a day."""
EPOCH = datetime(1899, 12, 30)


def sheet_rows(path: Path, fits: Fits, most_rows: int) -> Rows:
    """Rows of the sheet whose header names most of the wanted columns, the first of those that name as many.

    Raises:
        InputError: this is no workbook, it has too many rows, or it passes a bound.
    """
    from openpyxl import load_workbook

    try:
        _bound(path)
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = book.worksheets[:MOST_SHEETS]
            named = [max((fits(row) for _, row in islice(_cells(one), SEARCHED_ROWS)), default=0) for one in sheets]
            best = sheets[named.index(max(named))] if sheets else None
            found = [] if best is None else list(islice(_cells(best), most_rows + 2))
        finally:
            book.close()
    except InputError:
        raise
    except OSError as error:
        raise InputError(Problem(system_said(error), str(path), text("check the path"))) from error
    except (BadZipFile, ValueError, LookupError, TypeError, SyntaxError, EOFError, RuntimeError, zlib.error) as error:
        raise InputError(Problem(text("this is no Excel workbook"), str(path), NO_WORKBOOK)) from error
    if len(found) > most_rows + 1:
        hint = text("thin the recording, or cut it into parts")
        raise InputError(
            Problem(text("the sheet has more than {most_rows:,} rows", most_rows=most_rows), str(path), hint)
        )
    return [number for number, _ in found], [row for _, row in found]


def _bound(path: Path) -> None:
    with ZipFile(path) as archive:
        parts = archive.infolist()
        _demand_few(path, parts)
        for part in parts:
            unpacked(archive, part)  # a part that states less than it holds is found before anybody unpacks it whole


def _demand_few(path: Path, parts: Sequence[ZipInfo]) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED_bytes:
        what = text(
            "the workbook has more than {largest_unpacked_bytes:.0f} MB unpacked, or {most_parts} parts",
            largest_unpacked_bytes=LARGEST_UNPACKED_bytes / 1e6,
            most_parts=MOST_PARTS,
        )
        raise InputError(Problem(what, str(path), text("keep one recording in it")))


def _cells(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with content and their numbers, each cell as text."""
    sheet.reset_dimensions()  # what a file says of its size is often wrong
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_shown(value) for value in row]
        if any(cells):
            yield number, cells


def _shown(value: object) -> str:
    """A cell as a CSV would hold it: a date as ISO 8601 has it, a clock as h:mm:ss, a number with all its digits."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.year >= FIRST_YEAR else _clock(value - EPOCH)
    if isinstance(value, timedelta):
        return _clock(value)
    if isinstance(value, time):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def _clock(span: timedelta) -> str:
    minutes, seconds_us = divmod(round(span / timedelta(microseconds=1)), 60_000_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds_us / 1e6:09.6f}"


def matlab_rows(path: Path, fits: Fits, most_rows: int) -> Rows:
    """Rows of the vectors of a MATLAB file (.mat, versions 4 to 7), headed by their names; those not wanted are left alone.

    Vectors may stand by themselves, in a struct, or be signals of Simulink's "Structure With Time".

    Raises:
        InputError: this is no such file, it is of version 7.3, or its vectors are of different lengths or too long.
    """
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    def refuse(what: str | Phrase, hint: str | Phrase) -> InputError:
        return InputError(Problem(what, str(path), hint))

    try:
        with path.open("rb") as file:
            newest = file.read(19) == b"MATLAB 7.3 MAT-file"
        if newest:
            raise refuse(
                text("this is a MATLAB file of version 7.3 (HDF5)"),
                text("save it as version 7: save('log.mat', '-v7')"),
            )
        sizes = [_size(shape) for _, shape, _ in whosmat(path)]
        if max(sizes, default=0) > 50 * most_rows:
            raise refuse(
                text("a variable has more than {value:,} values", value=50 * most_rows),
                text("keep one recording in it"),
            )
        stored: dict[str, Any] = loadmat(path, simplify_cells=True)
    except InputError:
        raise
    except OSError as error:
        raise refuse(system_said(error), text("check the path")) from error
    except (MatReadError, ValueError, TypeError, LookupError, NotImplementedError, EOFError, zlib.error) as error:
        raise refuse(text("this is no MATLAB file that can be read"), PLAIN) from error
    every = dict(_vectors({name: value for name, value in stored.items() if not name.startswith("__")}))
    vectors = {name: values for name, values in every.items() if fits([name])}
    if not vectors:
        known = ", ".join(every) or "nothing but objects such as timetables, which MATLAB alone reads"
        raise refuse(text("no vector has a name that is known here; the file holds: {known}", known=known), PLAIN)
    lengths = {name: len(values) for name, values in vectors.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise refuse(
            text("the vectors are of different lengths: {told}", told=told),
            text("save those of one recording, of one clock"),
        )
    if max(lengths.values()) > most_rows:
        raise refuse(
            text("the vectors have more than {most_rows:,} values", most_rows=most_rows),
            text("thin the recording, or cut it into parts"),
        )
    rows = [list(row) for row in zip(*vectors.values(), strict=True)]
    return list(range(len(rows) + 1)), [list(vectors), *rows]


def _size(shape: Sequence[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _vectors(stored: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Every vector of numbers or texts by its name, those of structs too."""
    for name, value in stored.items():
        if isinstance(value, dict):
            yield from _signals(value) if {"time", "signals"} <= value.keys() else _vectors(value)
        elif getattr(value, "ndim", 0) == 1 and value.size > 1 and value.dtype.kind in "iufbUO":
            yield name, [one if isinstance(one, str) else repr(float(one)) for one in value.tolist()]


def _signals(logged: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Simulink's "Structure With Time": its time, in seconds, and each signal by its label."""
    signals = logged["signals"] if isinstance(logged["signals"], list) else [logged["signals"]]
    yield from _vectors({"time_s": logged["time"]})
    for one in signals:
        yield from _vectors({str(one.get("label", "")): one.get("values")})

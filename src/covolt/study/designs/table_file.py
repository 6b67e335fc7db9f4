"""Table files: rows of a study or of what follows from it as one Parquet or CSV file, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from covolt.errors import InputError, Problem
from covolt.files import whole
from covolt.words import text

__all__ = ["FORMATS", "demand_ending", "demand_own", "write_tables"]

FORMATS = (".parquet", ".csv")


def demand_ending(file: Path) -> None:
    """Refuse a name that says neither format.

    Raises:
        InputError: it ends otherwise.
    """
    if file.suffix.lower() not in FORMATS:
        what = text("a table is written as .parquet or .csv, and this name ends in {suffix}", suffix=file.suffix or "-")
        raise InputError(Problem(what, str(file), text("write {name}", name=file.with_suffix(".parquet").name)))


def demand_own(file: Path, columns: Sequence[str]) -> None:
    """Refuse the name of a file that is there and is no table of these columns: only an earlier one of the same is written anew.

    Raises:
        InputError: something else is there.
    """
    if file.exists() and _columns(file) != list(columns):
        what = text("something else is there already, and no table of this study")
        raise InputError(Problem(what, str(file), text("name another file, or move it away")))


def _columns(file: Path) -> list[str] | None:
    """The columns of a table file; None of one that is none."""
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    try:
        if file.suffix.lower() == ".csv":
            with pyarrow.csv.open_csv(file) as read:
                return list(read.schema.names)
        return list(pyarrow.parquet.read_schema(file).names)
    except (pyarrow.ArrowException, OSError):
        return None


def write_tables(file: Path, tables: Iterable[Any]) -> int:
    """Write tables of pyarrow, one at least and all of the columns of the first, below each other; how many rows there are.

    Raises:
        InputError: the name of the file ends otherwise.
    """
    demand_ending(file)
    rest: Iterator[Any] = iter(tables)
    first = next(rest)
    rows = 0
    with whole(file) as part, _writer(file, part, first.schema) as out:
        for table in chain((first,), rest):
            out.write_table(table)
            rows += table.num_rows
    return rows


def _writer(file: Path, part: Path, schema: Any) -> Any:
    import pyarrow.csv
    import pyarrow.parquet

    if file.suffix.lower() == ".csv":
        return pyarrow.csv.CSVWriter(part, schema)
    return pyarrow.parquet.ParquetWriter(part, schema, write_page_checksum=True)

"""Chunks of a study on disk: a Parquet file each, written whole or not at all, named by its first design, and read as written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast, final

import numpy as np

from covolt.errors import Problem, system_said
from covolt.files import kind_of_refusal, whole
from covolt.study.designs.evaluation import Asked, Rows
from covolt.study.designs.space import Variable
from covolt.words import Phrase, text

__all__ = [
    "Chunk",
    "Columns",
    "Read",
    "chunks_of",
    "digest_of_rows",
    "missing",
    "number_of",
    "read_chunk",
    "stating",
    "write_chunk",
    "written",
]

_NAME = re.compile(r"designs-([0-9]{8})\.parquet")
_PLAN, _RANGE, _ROWS = b"covolt.plan", b"covolt.designs", b"covolt.rows"
"""Keys in the metadata of a file: the digest of the plan, the designs in it, and the digest of its rows."""


@dataclass(frozen=True)
class Chunk:
    """Designs from one to before another, by their numbers."""

    begin: int
    end: int

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"designs-{self.begin:08d}.parquet"


def chunks_of(count: int, size: int) -> list[Chunk]:
    """All designs of a study in chunks."""
    return [Chunk(begin, min(begin + size, count)) for begin in range(0, count, size)]


def missing(folder: Path, chunks: Sequence[Chunk]) -> list[Chunk]:
    """Chunks that are not written yet."""
    there = {one.name for one in written(folder)}
    return [one for one in chunks if one.file not in there]


def written(folder: Path) -> list[Path]:
    """Whatever is called as a chunk is, from the first design on."""
    return sorted(one for one in folder.glob("designs-*.parquet") if _NAME.fullmatch(one.name))


def number_of(path: Path) -> int:
    """The first design of a chunk by the name of its file."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        raise RuntimeError(f"{path.name} is no name of a chunk")
    return int(found[1])


@dataclass(frozen=True)
class Columns:
    """How the columns of a study are called."""

    variables: tuple[Variable, ...]
    requirements: tuple[Asked, ...]
    interests: tuple[Asked, ...]

    def of(self, begin: int, rows: Rows) -> dict[str, Any]:
        """Columns by name: number of the design, values, what was found of each requirement and interest, and the outcome."""
        table: dict[str, Any] = {"design": np.arange(begin, begin + len(rows.values), dtype=np.int64)}
        for at, one in enumerate(self.variables):
            values = rows.values[:, at]
            named = [one.choices[int(each)] for each in values] if one.choices else values
            table[f"{one.id} [{one.unit}]"] = named
        for at, one in enumerate(self.requirements):
            table[f"{one.name} value [{one.unit}]"] = rows.found[:, at]
            table[f"{one.name} margin [{one.unit}]"] = rows.margins[:, at]
            table[f"{one.name} verdict"] = rows.verdicts[:, at].astype(object)
        for at, one in enumerate(self.interests):
            table[f"{one.name} value [{one.unit}]"] = rows.interests[:, at]
        table["outcome"] = list(rows.outcomes)
        return table


def write_chunk(folder: Path, chunk: Chunk, columns: Columns, rows: Rows, plan_digest: str) -> None:
    """Write the rows of a chunk, or, where it is interrupted, nothing."""
    import pyarrow
    import pyarrow.parquet

    made = columns.of(chunk.begin, rows)
    table: Any = pyarrow.table({name: pyarrow.array(each, from_pandas=False) for name, each in made.items()})
    with whole(folder / chunk.file) as part:
        pyarrow.parquet.write_table(stating(table, chunk, plan_digest), part, write_page_checksum=True)


def stating(table: Any, chunk: Chunk, plan_digest: str) -> Any:
    """A table of pyarrow with what the file of a chunk states of itself."""
    return table.replace_schema_metadata({_PLAN: plan_digest, _RANGE: _range(chunk), _ROWS: digest_of_rows(table)})


def _range(chunk: Chunk) -> str:
    return f"{chunk.begin} to {chunk.end - 1}"


def digest_of_rows(table: Any) -> str:
    """The digest of the rows of a study: every column, by the number of the design.

    Chunks and the order of columns and rows do not count, nor which "not a number" or which zero stands there.

    Args:
        table: a table of pyarrow as a study writes it.
    """
    numbers = table.column("design").to_numpy()
    # Rows of equal number stay as they stand: a study writes none twice.
    order = None if bool(np.all(numbers[1:] > numbers[:-1])) else np.argsort(numbers, kind="stable")
    rows: Any = table if order is None else table.take(order)
    taken = sha256()
    for name in sorted(map(str, rows.column_names)):
        column: Any = rows.column(name)
        taken.update(json.dumps([name, str(column.type), rows.num_rows]).encode())
        if str(column.type) in {"double", "int64"}:
            values = column.to_numpy()
            if values.dtype.kind == "f":
                values = np.where(np.isnan(values), np.nan, values + 0.0)
            taken.update(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes())
        else:
            words: Any = column.combine_chunks().dictionary_encode()
            taken.update(json.dumps(words.dictionary.to_pylist()).encode())
            taken.update(words.indices.to_numpy(zero_copy_only=False).astype("<i4").tobytes())
    return f"sha256:{taken.hexdigest()}"


@final
@dataclass(frozen=True)
class Read:
    """The rows of a chunk as a table of pyarrow, and the digest of the plan that it states, empty in one without checksums.

    `why` says that it is not as it was written: then its rows do not count.
    """

    table: Any
    plan_digest: str
    why: Phrase | None = None


def read_chunk(path: Path) -> Read:
    """What stands in a file that is called as a chunk is.

    Raises:
        InputError: the system does not let it be read.
    """
    import pyarrow

    if not path.is_file():
        return Read(None, "", text("this is a folder") if path.is_dir() else text("this is no ordinary file"))
    try:
        content = path.read_bytes()
    except OSError as error:
        hint = text("check the path and its permissions")
        raise kind_of_refusal(error)(Problem(system_said(error), str(path), hint)) from error
    if not content:
        return Read(None, "", text("the file is empty"))
    try:
        return _read(content, number_of(path))
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, OverflowError, TypeError, AttributeError):
        # Damaged bytes are read as anything: a type that has no values, a name that is no text, a size that nothing has.
        return Read(None, "", text("it is damaged, or no chunk of a study"))


def _read(content: bytes, begin: int) -> Read:
    import pyarrow
    import pyarrow.parquet

    file: Any = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content), page_checksum_verification=True)
    table = file.read(use_threads=False)
    stated = cast("Mapping[bytes, bytes]", table.schema.metadata or {})
    plan_digest = stated.get(_PLAN, b"").decode()
    table = table.replace_schema_metadata(None)
    table.validate(full=True)
    designs = table.column("design").to_numpy()
    why = None
    if stated and stated.get(_ROWS, b"").decode() != digest_of_rows(table):
        why = text("it is damaged: its rows are not those that were written")
    elif stated and stated.get(_RANGE, b"").decode() != _range(Chunk(begin, begin + len(designs))):
        why = text("it is another chunk than its name says: designs {range}", range=stated.get(_RANGE, b"").decode())
    elif not len(designs) or not np.array_equal(designs, np.arange(begin, begin + len(designs))):
        why = text("its designs are not those that its name says")
    return Read(table, plan_digest, why or _no_number(table))


def _no_number(table: Any) -> Phrase | None:
    """Why its numbers are not such as a study writes: infinite, missing in what moves, or a value without its margin."""
    names = [str(one) for one in table.column_names]
    numbers = {name: table.column(name).to_numpy() for name in names if str(table.column(name).type) == "double"}
    for name, values in numbers.items():
        value, margin = name.replace(" margin [", " value ["), name.replace(" value [", " margin [")
        wrong = np.isinf(values)
        if name == value == margin:
            wrong |= np.isnan(values)
        elif name == value and margin in numbers:
            wrong |= np.isnan(values) != np.isnan(numbers[margin])
        (places,) = np.nonzero(wrong)
        if len(places):
            design = int(table.column("design")[int(places[0])].as_py())
            return text(
                "design {design}, {column}: {value}, which no study writes there",
                design=design,
                column=name,
                value=f"{values[places[0]]:g}",
            )
    return None

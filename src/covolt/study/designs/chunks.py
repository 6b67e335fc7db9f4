"""Chunks of a study on disk: a Parquet file each, written whole or not at all, named by its first design."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from covolt.files import whole
from covolt.study.designs.evaluation import Asked, Rows
from covolt.study.designs.space import Variable

__all__ = ["Chunk", "Columns", "chunks_of", "missing", "write_chunk", "written"]

_NAME = re.compile(r"designs-(\d{8})\.parquet")


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
    there = {one.name for one in folder.glob("designs-*.parquet")}
    return [one for one in chunks if one.file not in there]


def written(folder: Path) -> Iterator[Path]:
    """Files of chunks that are there, from the first design on."""
    yield from sorted(one for one in folder.glob("designs-*.parquet") if _NAME.fullmatch(one.name))


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


def write_chunk(folder: Path, chunk: Chunk, columns: Columns, rows: Rows) -> None:
    """Write the rows of a chunk, or, where it is interrupted, nothing."""
    import pyarrow
    import pyarrow.parquet

    made = columns.of(chunk.begin, rows)
    arrays = {name: pyarrow.array(each, from_pandas=False) for name, each in made.items()}
    with whole(folder / chunk.file) as part:
        pyarrow.parquet.write_table(pyarrow.table(arrays), part)

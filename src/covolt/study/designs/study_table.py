"""The table of a study: its designs as arrays, read from whatever chunks are there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast, final

import numpy as np
from numpy.typing import NDArray

from covolt.study.designs.kept import chunk_tables
from covolt.study.designs.space import DesignSpace, Variable

__all__ = ["StudyTable", "digest_of_rows", "parquet_of"]

_VALUE = re.compile(r"(?P<name>\S+) value \[(?P<unit>.+)\]")
_VARIABLE = re.compile(r"(?P<name>\S+) \[(?P<unit>.+)\]")


def parquet_of(folder: Path) -> Any:
    """All rows that a study has written, by the number of the design, as a table of pyarrow; raises as `chunk_tables`."""
    import pyarrow

    return pyarrow.concat_tables(list(chunk_tables(folder)))


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
class StudyTable:
    """The designs of a study that are written, a row each, with what was found of them.

    Of a choice `values` hold the place of the offer in `choices`. `found` and `margins` are in `units` of the requirement, NaN
    where there is no number; `met` is true where the verdict is "met" alone. The first row is today's vehicle. `digest` is that
    of the rows.
    """

    design: NDArray[np.int64]
    variables: tuple[str, ...]
    variable_units: tuple[str, ...]
    values: NDArray[np.float64]
    requirements: tuple[str, ...]
    units: tuple[str, ...]
    found: NDArray[np.float64]
    margins: NDArray[np.float64]
    verdicts: NDArray[np.str_]
    interests: tuple[str, ...]
    interest_units: tuple[str, ...]
    interest_values: NDArray[np.float64]
    outcomes: tuple[str, ...]
    choices: dict[str, tuple[str, ...]]
    digest: str

    @property
    def designs(self) -> int:
        """How many designs are there."""
        return len(self.design)

    @property
    def met(self) -> NDArray[np.bool_]:
        """Which requirements each design meets."""
        return self.verdicts == "met"

    def values_in(self, space: DesignSpace) -> NDArray[np.float64]:
        """The designs as a space has them, choices by their places there: the table knows those alone that stand in it."""
        by_name = dict(zip(self.variables, self.values.T, strict=True))
        return np.stack([self._in_space(one, by_name[one.id]) for one in space.variables], axis=1)

    def _in_space(self, one: Variable, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not one.choices:
            return values
        places = np.array([one.choices.index(name) for name in self.choices[one.id]], dtype=np.float64)
        return places[values.astype(np.intp)]

    def of_design(self, row: int) -> dict[str, float | str]:
        """The values of the design in a row by variable with its unit, of a choice the offer."""
        values: dict[str, float | str] = {}
        for name, unit, value in zip(self.variables, self.variable_units, self.values[row], strict=True):
            values[f"{name} [{unit}]"] = self.choices[name][int(value)] if name in self.choices else float(value)
        return values

    @classmethod
    def read(cls, folder: Path) -> StudyTable:
        """The table of the study in a folder, as far as it has come.

        Raises:
            NotFound: nothing is written yet.
            InputError: every file that is not as this study wrote it.
            Conflict: the plan was changed since.
        """
        table = parquet_of(folder)
        names = [str(one) for one in table.column_names]
        values = {found["name"]: found["unit"] for one in names if (found := _VALUE.fullmatch(one))}
        interests = {name: unit for name, unit in values.items() if "/" in name}
        asked = {name: unit for name, unit in values.items() if name not in interests}
        moving = {found["name"]: found["unit"] for one in names if (found := _VARIABLE.fullmatch(one))}
        choices: dict[str, tuple[str, ...]] = {}
        columns: list[NDArray[np.float64]] = []
        for name, unit in moving.items():
            column = table.column(f"{name} [{unit}]").to_numpy()
            if column.dtype == object:
                offers = [str(one) for one in cast("Sequence[Any]", column)]
                choices[name] = tuple(sorted(set(offers)))
                column = np.array([choices[name].index(one) for one in offers], dtype=np.float64)
            columns.append(column)

        def together(parts: Sequence[Any], kind: Any = np.float64) -> Any:
            return np.stack(parts, axis=1).astype(kind) if parts else np.empty((table.num_rows, 0), dtype=kind)

        def of(names: dict[str, str], what: str) -> Any:
            return together([table.column(f"{name} {what} [{unit}]").to_numpy() for name, unit in names.items()])

        words = [table.column(f"{name} verdict").to_numpy() for name in asked]
        return cls(
            design=table.column("design").to_numpy(),
            variables=tuple(moving),
            variable_units=tuple(moving.values()),
            values=together(columns),
            requirements=tuple(asked),
            units=tuple(asked.values()),
            found=of(asked, "value"),
            margins=of(asked, "margin"),
            verdicts=together(words, "U12"),
            interests=tuple(interests),
            interest_units=tuple(interests.values()),
            interest_values=of(interests, "value"),
            outcomes=tuple(str(one) for one in table.column("outcome").to_pylist()),
            choices=choices,
            digest=digest_of_rows(table),
        )

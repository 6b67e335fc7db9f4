"""Inputs and outputs of a run as CSV: a time column, a column for each variable or element, units in brackets, arrays in a cell.

    time,speed [rpm],forces[1],forces[2],word        time,u
    0.0,1500,1.0,2.0,begin                           0.0,1 2 3

Reals of continuous inputs are joined by straight lines, everything else holds until its next row. Of rows of one time the last
counts from then on. Bytes are written as hexadecimal digits.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import final

import numpy as np

from covolt.errors import InputError, Problem, system_said
from covolt.exchange.base_units import Conversion, by_name, joins, of_covolt
from covolt.exchange.component import Description, Unit, Value, Variable
from covolt.exchange.fmu.ranges import needs_unit, outside, refused_value, way_to_write
from covolt.files import kind_of_refusal
from covolt.suggestion import named
from covolt.words import Phrase, joined, plural, text

__all__ = ["NOTHING", "Inputs", "elements", "read_inputs", "value_of", "written", "written_header"]

MOST_BYTES = 256 * 1024 * 1024
_HEADER = re.compile(r"(?P<name>.*?)\s+\[(?P<unit>[^\[\]]*)\]\s*")
_ELEMENT = re.compile(r"(?P<name>.*)\[\d+(\s*,\s*\d+)*\]")
_TIMES = ("time", "t")
_NUMBERS = ("real", "integer", "boolean", "enumeration")
_WIDE = 2**53
_MOST_ELEMENTS = 10_000


def elements(variable: Variable) -> list[str]:
    """Names under which the numbers of a variable are wired: itself, or its elements from 1."""
    if not variable.shape:
        return [variable.name]
    return [f"{variable.name}[{','.join(str(at + 1) for at in place)}]" for place in np.ndindex(*variable.shape)]


@final
@dataclass(frozen=True)
class Inputs:
    """Inputs over time: numbers that are wired, and values of other kinds."""

    names: tuple[str, ...]
    times_s: np.ndarray
    """Shape (r,), float64, ascending; rows of one time are a jump."""
    values: np.ndarray
    """Shape (r, k), float64, in the units of the variables."""
    smooth_flag: np.ndarray
    """Shape (k,), bool: joined by straight lines."""
    others: Mapping[str, tuple[Value, ...]]
    """Values of whole variables by name, a row each."""

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Numbers at times, shape (n, k), float64: straight lines where smooth, else held; after a jump at its own time."""
        if not self.names:
            return np.zeros((len(times_s), 0))
        return self._between(self.rows(times_s), times_s)

    def before(self, times_s: np.ndarray) -> np.ndarray:
        """The same; before a jump at its own time."""
        if not self.names:
            return np.zeros((len(times_s), 0))
        rows = np.maximum(np.searchsorted(self.times_s, times_s - _room_s(times_s), side="left") - 1, 0)
        return self._between(rows, times_s)

    def _between(self, rows: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """Numbers on the way from rows to the next ones, shape (n, k), float64."""
        found = self.values[rows].astype(np.float64)
        after = np.minimum(rows + 1, len(self.times_s) - 1)
        span_s = self.times_s[after] - self.times_s[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(span_s > 0.0, (times_s - self.times_s[rows]) / span_s, 0.0).clip(0.0, 1.0)
        straight = found + share[:, None] * (self.values[after] - found)
        return np.where(self.smooth_flag, straight, found)

    def changes_s(self, clocks: Collection[str]) -> np.ndarray:
        """When what is not joined by straight lines changes, or one of these clocks ticks, shape (c,), float64, s."""
        changed = np.zeros(len(self.times_s), dtype=np.bool_)
        held = self.values[:, ~self.smooth_flag] if self.names else np.zeros((len(self.times_s), 0))
        changed[1:] |= (held[1:] != held[:-1]).any(axis=1)
        for name, values in self.others.items():
            if name in clocks:
                changed |= np.array([bool(one) for one in values])
            else:
                changed[1:] |= np.array([not np.array_equal(*pair) for pair in pairwise(values)], dtype=np.bool_)
        return self.times_s[changed]

    def rows(self, times_s: np.ndarray) -> np.ndarray:
        """Row that holds at each time, shape (n,), int64; before the first row the first."""
        return np.maximum(np.searchsorted(self.times_s, times_s + _room_s(times_s), side="right") - 1, 0)


def _room_s(times_s: np.ndarray) -> np.ndarray:
    """Around times, what lies within is the same moment."""
    return 1e-9 * np.maximum(1.0, np.abs(times_s))


NOTHING = Inputs((), np.zeros(1), np.zeros((1, 0)), np.zeros(0, dtype=np.bool_), {})


def read_inputs(
    path: Path,
    description: Description,
    enumerations: Mapping[str, Mapping[str, int]],
    by_name_alone: Collection[str] = (),
) -> Inputs:
    """Inputs from a CSV.

    Args:
        path: the file.
        description: whose inputs they are.
        enumerations: values by name, of each variable that is one.
        by_name_alone: variables that a real cannot hold, such as of 64 bits.

    Raises:
        InputError: with every problem of the file: columns that are no input, units that do not convert, cells that are no value.
    """
    rows = _rows(path)
    heads = [one.strip() for one in rows[0]] if rows else []
    problems: list[Problem] = []
    head, unit = _bare(heads[0]) if heads else ("", "")
    if head.lower() not in _TIMES:
        hint = text("begin the file with a row of names, the first of them time")
        raise InputError(Problem(text("its first column is not time"), str(path), hint))
    inputs = {one.name: one for one in description.of("input")}
    columns = [
        _Column.made(head, place + 1, inputs, by_name_alone, path, problems) for place, head in enumerate(heads[1:])
    ]
    _demand_once([one for one in columns if one is not None], path, problems)
    lines = [at for at, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    body = [rows[at - 1] for at in lines]
    problems += _too_long(lines, body, len(heads), path)
    if not body:
        problems.append(Problem(text("there is no row of values in it"), str(path), text("write at least one row")))
    scale = joins(by_name(unit), of_covolt("s")) if unit else Conversion()
    if not isinstance(scale, Conversion):
        problems.append(Problem(scale, f"{path}, column 1", text("write seconds")))
        scale = Conversion()
    times_s = scale.of(
        np.array([_number(row, 0, f"{path}, line {at}", problems) for at, row in zip(lines, body, strict=True)])
    )
    if len(times_s) > 1 and bool(np.any(np.diff(times_s) < 0.0)):
        problems.append(Problem(text("its times do not ascend"), str(path), text("sort its rows by time")))
    known = [one for one in columns if one is not None]
    values = [
        [one.read(row, f"{path}, line {at}", enumerations, problems) for at, row in zip(lines, body, strict=True)]
        for one in known
    ]
    for one, column in zip(known, values, strict=True):
        one.demand_range(column, lines, path, problems)
    if problems:
        raise InputError(problems[:100])
    return _made(times_s, known, values)


def _too_long(lines: Sequence[int], body: Sequence[Sequence[str]], width: int, path: Path) -> list[Problem]:
    """Rows with more cells than there are columns, such as of numbers with a decimal comma."""
    found: list[Problem] = []
    for at, row in zip(lines, body, strict=True):
        if any(cell.strip() for cell in row[width:]):
            what = text("it has {count} cells, and the header {width}", count=len(row), width=width)
            hint = text("write numbers with a point, or separate columns by semicolons or tabs; name every column")
            found.append(Problem(what, f"{path}, line {at}", hint))
    return found


def _demand_once(columns: Sequence[_Column], path: Path, problems: list[Problem]) -> None:
    """Refuse an input, or an element of one, that two columns give."""
    seen: set[str] = set()
    for one in columns:
        mine = {one.name, *(elements(one.variable) if one.name == one.variable.name else ())}
        if seen & mine:
            where = f"{path}, column {one.place + 1}"
            problems.append(
                Problem(text("'{name}' is given twice", name=one.name), where, text("leave one of the two out"))
            )
        seen |= mine


def _made(times_s: np.ndarray, columns: Sequence[_Column], values: list[list[Value | None]]) -> Inputs:
    names: list[str] = []
    numbers: list[np.ndarray] = []
    smooth: list[bool] = []
    others: dict[str, tuple[Value, ...]] = {}
    for one, column in zip(columns, values, strict=True):
        if one.whole:
            others[one.name] = tuple(each for each in column if each is not None)
            continue
        matrix = np.array([np.asarray(each, dtype=np.float64).reshape(-1) for each in column])
        mine = [one.name] if matrix.shape[1] == 1 and not one.variable.shape else one.parts
        names += mine
        numbers += list(matrix.T)
        smooth += [one.variable.kind == "real" and one.variable.variability == "continuous"] * len(mine)
    stacked = np.array(numbers).T if numbers else np.zeros((len(times_s), 0))
    return Inputs(tuple(names), times_s, stacked, np.array(smooth, dtype=np.bool_), others)


@final
@dataclass(frozen=True)
class _Column:
    """One column of the file."""

    name: str
    place: int
    variable: Variable
    conversion: Conversion
    parts: list[str]
    whole: bool
    """Set by its name as a whole, since a real cannot hold it."""

    @staticmethod
    def made(
        head: str,
        place: int,
        inputs: Mapping[str, Variable],
        by_name_alone: Collection[str],
        path: Path,
        problems: list[Problem],
    ) -> _Column | None:
        name, unit = _bare(head)
        where = f"{path}, column {place + 1}"
        match = _ELEMENT.fullmatch(name)
        variable = inputs.get(name) or (inputs.get(match["name"]) if match else None)
        if variable is None:
            what = text("'{name}' is no input of it", name=name)
            problems.append(Problem(what, where, named(name, inputs)))
            return None
        refused = _unit_refused(name, unit, variable)
        if refused is not None:
            problems.append(Problem(refused[0], where, refused[1]))
            return None
        conversion = joins(by_name(unit), variable.unit) if unit and variable.unit is not None else Conversion()
        if not isinstance(conversion, Conversion):
            problems.append(
                Problem(
                    text("'{name}': {why}", name=name, why=conversion), where, text("write it in a unit that converts")
                )
            )
            return None
        alone = name in inputs
        size = int(np.prod(variable.shape)) if alone else 1
        wide = variable.kind not in _NUMBERS or size > _MOST_ELEMENTS or name in by_name_alone
        return _Column(name, place, variable, conversion, elements(variable) if alone and not wide else [name], wide)

    def read(
        self, row: Sequence[str], where: str, enumerations: Mapping[str, Mapping[str, int]], problems: list[Problem]
    ) -> Value | None:
        """The cell of a row as a value."""
        cell = row[self.place].strip() if self.place < len(row) else ""
        shape = self.variable.shape if self.name == self.variable.name else ()
        value = value_of(cell, self.variable, shape, enumerations.get(self.variable.name, {}))
        if value is None:
            what = text("'{value}' is no value of '{name}'", value=cell[:40], name=self.name)
            problems.append(
                Problem(what, where, text("write a value of its kind, of an array as many as it has elements"))
            )
        elif isinstance(value, float | np.ndarray) and not self.conversion.same and self.variable.kind == "real":
            value = self.conversion.factor * value + self.conversion.offset
        if isinstance(value, float | np.ndarray) and self.variable.kind == "real" and not np.isfinite(value).all():
            what = text("'{name}' is not finite: {value}", name=self.name, value=cell[:40])
            problems.append(Problem(what, f"{where}, column {self.place + 1}", text("write a number")))
        return value

    def demand_range(
        self, values: Sequence[Value | None], lines: Sequence[int], path: Path, problems: list[Problem]
    ) -> None:
        """Refuse numbers outside of the range that the variable declares: the first row of them is told, and how many."""
        if self.variable.kind not in {"real", "integer"}:
            return
        found: list[tuple[int, float]] = []
        for line, value in zip(lines, values, strict=True):
            if value is None:
                continue
            numbers = np.asarray(value, dtype=np.float64).reshape(-1)
            beyond = numbers[outside(self.variable, numbers) & np.isfinite(numbers)]
            if beyond.size:
                found.append((line, float(beyond[0])))
        if not found:
            return
        where = f"{path}, line {found[0][0]}, column {self.place + 1}"
        told = refused_value(self.variable, found[0][1], where)
        if len(found) > 1:
            count = plural("{count} row in all", "{count} rows in all", len(found))
            told = replace(told, what=joined([told.what, count], "; "))
        problems.append(told)


def _unit_refused(name: str, unit: str, variable: Variable) -> tuple[Phrase, Phrase] | None:
    """What is wrong with the unit of a column, if it is missing, or where none belongs."""
    if not unit and variable.kind == "real" and variable.unit is not None and needs_unit(variable.unit):
        return text("'{name}' names no unit", name=name), way_to_write(variable.unit, f"{name} [{{unit}}]")
    if unit and variable.unit is None and needs_unit(by_name(unit)):
        return text("'{name}' states no unit", name=name), text("give the number alone, as the model takes it")
    return None


def _bare(head: str) -> tuple[str, str]:
    """Name and unit of a header."""
    match = _HEADER.fullmatch(head.strip())
    return (match["name"].strip(), match["unit"].strip()) if match else (head.strip(), "")


def _rows(path: Path) -> list[list[str]]:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise kind_of_refusal(error)(
            Problem(system_said(error), str(path), text("name a file that you may read"))
        ) from error
    if size > MOST_BYTES:
        what = text("{size} bytes, more than {most}", size=size, most=MOST_BYTES)
        raise InputError(Problem(what, str(path), text("thin it out")))
    try:
        decoded = content.decode("utf-8-sig")
        first = decoded.partition("\n")[0]
        sign = max(",;\t", key=first.count)
        return list(csv.reader(io.StringIO(decoded, newline=""), delimiter=sign, skipinitialspace=True))
    except (UnicodeDecodeError, csv.Error) as error:
        what = text("this is no CSV of text in UTF-8")
        raise InputError(Problem(what, str(path), text("save it as CSV in UTF-8"))) from error


def _number(row: Sequence[str], place: int, where: str, problems: list[Problem]) -> float:
    try:
        value = float(row[place])
    except (ValueError, IndexError):
        value = np.nan
    if not np.isfinite(value):
        cell = row[place] if place < len(row) else ""
        problems.append(Problem(text("'{value}' is no time", value=cell[:40]), where, text("write seconds")))
    return value


def value_of(written: str, variable: Variable, shape: tuple[int, ...], items: Mapping[str, int]) -> Value | None:
    """A value from text: of an array as many as it has elements, in a row; None where it is none."""
    if variable.kind == "string" and not shape:
        return written
    # The name of an item may have spaces in it.
    steps = written.split() if shape or variable.kind not in {"string", "enumeration"} else [written]
    values = [_scalar(one, variable, items) for one in steps]
    count = int(np.prod(shape)) if shape else 1
    if variable.kind == "binary" and not steps and not shape:
        return b""
    if len(values) != count or any(one is None for one in values):
        return None
    if not shape:
        return values[0]
    kinds = {"real": np.float64, "boolean": np.bool_, "clock": np.bool_, "string": object, "binary": object}
    made = np.empty(count, dtype=kinds.get(variable.kind, object))
    for place, one in enumerate(values):
        made[place] = one
    return made.reshape(shape)


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def _scalar(written: str, variable: Variable, items: Mapping[str, int]) -> Value | None:
    readers: Mapping[str, Callable[[str], Value | None]] = {
        "real": float,
        "boolean": lambda one: _BOOLEANS[one.lower()],
        "clock": lambda one: _BOOLEANS[one.lower()],
        "binary": bytes.fromhex,
        "string": str,
        "enumeration": lambda one: items[one] if one in items else _of_items(_integer(one), items),
        "integer": _integer,
    }
    try:
        return readers[variable.kind](written)
    except (ValueError, KeyError):
        return None


def _of_items(number: int | None, items: Mapping[str, int]) -> int | None:
    """The number of an item; of an enumeration that lists none, any."""
    return number if not items or number in items.values() else None


def _integer(written: str) -> int | None:
    if not re.fullmatch(r"[+-]?\d{1,20}", written):
        return _whole(float(written))
    return number if -(2**63) <= (number := int(written)) < 2**64 else None


def _whole(value: float) -> int | None:
    return int(value) if value == np.rint(value) and abs(value) < _WIDE else None


def written_header(names: Iterable[str], units: Mapping[str, Unit | None]) -> list[str]:
    """Names of columns with their units."""
    made: list[str] = []
    for name in names:
        unit = units.get(name)
        made.append(
            f"{name} [{unit.name}]" if unit is not None and unit.name and not set("[]") & set(unit.name) else name
        )
    return made


def written(value: Value) -> str:
    """A value as a cell: numbers without loss, an array in a row, bytes in hexadecimal."""
    if isinstance(value, np.ndarray):
        return " ".join(written(one) for one in value.reshape(-1).tolist())
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    return repr(float(value)) if isinstance(value, float) else str(value)

"""What results hang on, as it is told and written: bars of a tornado, slopes and Sobol's indices by requirement."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from covolt.study.designs.table_file import write_tables
from covolt.study.result import RESULT, Number, Said
from covolt.words import Words

__all__ = [
    "METHODS",
    "End",
    "Hanging",
    "IndexOf",
    "Method",
    "PairOf",
    "SensitivityDocument",
    "SlopeOf",
    "TornadoBar",
    "write_sensitivity",
]

Method = Literal["tornado", "gradient", "sobol"]
METHODS: tuple[Method, ...] = ("tornado", "gradient", "sobol")


@dataclass(frozen=True, config=RESULT, kw_only=True)
class End:
    """A value of a variable, or the offer that is chosen, and what was found there; null where there is no number."""

    at: Number | str
    value: Number | None
    margin: Number | None
    verdict: str


@dataclass(frozen=True, config=RESULT, kw_only=True)
class TornadoBar:
    """One variable alone from its lowest to its highest value, or over all its offers, and how far the result moves."""

    variable: str
    party: str
    unit: str
    ends: tuple[End, ...]
    width: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class SlopeOf:
    """How the result moves with one variable at today's vehicle, in units of the result per unit of the variable.

    "kink": it moves otherwise upwards than downwards, and `slope` is null; "one side": at a bound, or beside what is no number.
    """

    variable: str
    party: str
    unit: str
    kind: Literal["smooth", "kink", "one side", "none"]
    slope: Number | None
    error: Number | None
    below: Number | None
    below_error: Number | None
    above: Number | None
    above_error: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class PairOf:
    """Which share of the variance a variable explains together with another one, beyond what each does alone."""

    variable: str
    share: Number | None
    half_width: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class IndexOf:
    """Which share of the variance of the result over the space one variable explains: alone, and with all others."""

    variable: str
    party: str
    unit: str
    first: Number | None
    first_half_width: Number | None
    total: Number | None
    total_half_width: Number | None
    pairs: tuple[PairOf, ...] = ()
    """With each other variable, where that was asked for."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Hanging:
    """One requirement or interest, what it is today, and what it hangs on, by the method that was asked for.

    `bars` are by width, `slopes` and `indices` in the order of the space. `deviation` is how far it varies over the space,
    one standard deviation; `lost` counts designs of which it could not be found, and `blocks` those of Saltelli's that count.
    `doubt` says why no such shares can be: too few designs were judged.
    """

    name: str
    unit: str
    is_interest: bool
    bound: Number | None
    side: Literal["at_least", "at_most", ""]
    today: Number | None
    margin: Number | None
    verdict: str
    lost: int
    bars: tuple[TornadoBar, ...] = ()
    slopes: tuple[SlopeOf, ...] = ()
    indices: tuple[IndexOf, ...] = ()
    deviation: Number | None = None
    blocks: int | None = None
    doubt: Said = dataclasses.field(default_factory=Words)


@dataclass(frozen=True, config=RESULT, kw_only=True)
class SensitivityDocument:
    """What the requirements and interests of a programme hang on, by how many judged designs; `fixed` have no slope: choices."""

    programme: str
    method: Method
    designs: int
    seed: int
    results: tuple[Hanging, ...]
    fixed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    outcomes: Mapping[str, int] = dataclasses.field(default_factory=dict[str, int])
    """Why designs could not be judged at all, and how many."""
    schema: Literal["sensitivity/1"] = "sensitivity/1"


def write_sensitivity(file: Path, document: SensitivityDocument) -> int:
    """Write a result as one table, a row for each requirement and variable, of a tornado for each end of it; how many rows."""
    import pyarrow

    rows = [row for one in document.results for row in _ROWS[document.method](one)]
    return write_tables(file, [pyarrow.Table.from_pylist(rows, schema=_schema(document.method))])


Row = dict[str, Any]


def _head(one: Hanging, moved: TornadoBar | SlopeOf | IndexOf) -> Row:
    return {
        "requirement": one.name,
        "unit": one.unit,
        "variable": moved.variable,
        "variable unit": moved.unit,
        "party": moved.party,
    }


def _rows_of_bars(one: Hanging) -> Iterator[Row]:
    for bar in one.bars:
        for end in bar.ends:
            said = {"value": end.value, "margin": end.margin, "verdict": end.verdict, "width": bar.width}
            yield _head(one, bar) | {"at": end.at if isinstance(end.at, str) else f"{end.at:.12g}"} | said


def _rows_of_slopes(one: Hanging) -> Iterator[Row]:
    for each in one.slopes:
        names = ("kind", "slope", "error", "below", "below_error", "above", "above_error")
        yield _head(one, each) | {name.replace("_", " "): getattr(each, name) for name in names}


def _rows_of_indices(one: Hanging) -> Iterator[Row]:
    for each in one.indices:
        names = ("first", "first_half_width", "total", "total_half_width")
        found: Row = {name.replace("_", " "): getattr(each, name) for name in names}
        yield _head(one, each) | found | {"deviation": one.deviation}


_ROWS: Mapping[Method, Callable[[Hanging], Iterator[Row]]] = {
    "tornado": _rows_of_bars,
    "gradient": _rows_of_slopes,
    "sobol": _rows_of_indices,
}
_TEXTS = ("requirement", "unit", "variable", "variable unit", "party")
_COLUMNS: Mapping[Method, tuple[str, ...]] = {
    "tornado": ("at", "value", "margin", "verdict", "width"),
    "gradient": ("kind", "slope", "error", "below", "below error", "above", "above error"),
    "sobol": ("first", "first half width", "total", "total half width", "deviation"),
}


def _schema(method: Method) -> Any:
    import pyarrow

    said = (*_TEXTS, "at", "verdict", "kind")
    names = (*_TEXTS, *_COLUMNS[method])
    return pyarrow.schema([(one, pyarrow.string() if one in said else pyarrow.float64()) for one in names])

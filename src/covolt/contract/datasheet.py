"""Datasheets: what a party declares of its part; every number with unit, basis, uncertainty and source."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, Field, StrictFloat, model_validator

from covolt import units
from covolt.contract.charging import ChargingInterface, interfaces_told
from covolt.contract.document import DOCUMENT, Told, inner_path, refusal, refusals, require_unit
from covolt.contract.port import NAME, Quantity
from covolt.contract.terms import Origin, Supply
from covolt.contract.title import PlainOrTitle
from covolt.errors import UnitError
from covolt.words import text

__all__ = ["Axis", "Basis", "Chemistry", "Datasheet", "Declared", "Model", "OfferedRange", "Table", "Visibility"]

Basis = Literal["estimate", "simulated", "supplier", "measured"]
"""How a number came about, from the weakest to the strongest."""

Visibility = Literal["party", "programme", "public"]

Chemistry = Literal["NMC", "NCA", "LFP", "LMO", "LTO"]
"""What the cells of a battery are: their positive electrode, but for LTO, which is the negative one."""

IDENTIFIER = r"^[a-z0-9][a-z0-9-]*$"
PARTY = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
VERSION = r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$"


def _si_unit(value: str | float) -> str:
    """SI unit of a number as written; a bare number is a ratio."""
    try:
        return "1" if isinstance(value, float | int) else units.unit_of(value).si
    except UnitError as error:
        raise refusal(error.problems[0].what, error.problems[0].hint) from error


@lru_cache(maxsize=8192)
def _value_si(value: str | float) -> float:
    """A number as written, in the SI unit of its dimension; what has been read is not read again."""
    return require_unit(value, _si_unit(value))


class Declared(BaseModel):
    """One declared number.

    `value` carries its unit ("235 kg"); a ratio may be a plain number. `u` is the standard uncertainty in the same
    dimension; a temperature's is written in K.
    """

    model_config = DOCUMENT

    value: Quantity
    u: Quantity | None = None
    basis: Basis
    source: str = ""
    evidence: str = ""
    condition: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Declared:
        unit = _si_unit(self.value)
        require_unit(self.value, unit)
        if isinstance(self.value, float) and isinstance(self.u, str) and _si_unit(self.u) != "1":
            raise refusal(
                text("{value:g} has no unit, and its uncertainty {u} has one", value=self.value, u=self.u),
                text('write "{value:g} UNIT"', value=self.value),
            )
        if isinstance(self.u, str) and _si_unit(self.u) != unit and _si_unit(self.u) != "1":
            raise refusal(
                text("{value} and its uncertainty {u} are of two kinds", value=self.value, u=self.u),
                text("write both in units of what the number is"),
            )
        if self.u is not None and require_unit(self.u, unit, difference=True) < 0.0:
            raise refusal(text("the uncertainty {u} is negative", u=self.u), text("write it as a positive number"))
        if self.basis == "measured" and not (self.source or self.evidence):
            raise refusal(
                text("a measured number has no source"), text('add evidence = "path of the report" or source = "..."')
            )
        return self

    @property
    def si_unit(self) -> str:
        """SI unit of the number."""
        return _si_unit(self.value)

    @property
    def value_si(self) -> float:
        """The declared number in the SI unit of its dimension."""
        return _value_si(self.value)

    @property
    def uncertainty_si(self) -> float:
        """Standard uncertainty in SI, zero where none is stated."""
        return 0.0 if self.u is None else require_unit(self.u, self.si_unit, difference=True)


class Axis(BaseModel):
    """One axis of a table: strictly rising numbers in one unit."""

    model_config = DOCUMENT

    name: str = Field(pattern=NAME)
    unit: str
    values: tuple[StrictFloat, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _rises(self) -> Axis:
        to_si(self.values, self.unit)
        if not all(low < high for low, high in pairwise(self.values)):
            raise refusal(
                text("the axis '{name}' does not rise strictly", name=self.name),
                text("sort it and leave repeated values out"),
            )
        return self

    @property
    def values_si(self) -> tuple[float, ...]:
        """The points of the axis in the SI unit of its dimension."""
        return to_si(self.values, self.unit)


class Table(BaseModel):
    """A declared curve or map over one or two axes; it is valid on its axes' range and not beyond."""

    model_config = DOCUMENT

    unit: str
    axes: tuple[Axis, ...] = Field(min_length=1, max_length=2)
    values: tuple[StrictFloat, ...] | tuple[tuple[StrictFloat, ...], ...]
    basis: Basis
    source: str = ""
    evidence: str = ""

    @model_validator(mode="after")
    def _has_shape(self) -> Table:
        rows = self.rows
        to_si(tuple(value for row in rows for value in row), self.unit)
        shape = (1 if len(self.axes) == 1 else len(self.axes[0].values), len(self.axes[-1].values))
        if len(rows) != shape[0] or any(len(row) != shape[1] for row in rows):
            found = f"{len(rows)} x {sorted({len(row) for row in rows})}"
            what = text(
                "the axes ask for {shape} x {shape_2} values, the table has {found}",
                shape=shape[0],
                shape_2=shape[1],
                found=found,
            )
            raise refusal(what, text("give one row per point of the first axis"))
        return self

    @property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """Values as written, one row per point of the first axis; a curve is one row."""
        nested = tuple(row for row in self.values if isinstance(row, tuple))
        return nested or (tuple(value for value in self.values if not isinstance(value, tuple)),)

    @property
    def rows_si(self) -> tuple[tuple[float, ...], ...]:
        """Values in SI, as `rows`."""
        return tuple(to_si(row, self.unit) for row in self.rows)


def to_si(values: tuple[float, ...], unit: str) -> tuple[float, ...]:
    """Numbers of one unit in SI."""
    try:
        found = units.unit(unit)
    except UnitError as error:
        raise refusal(error.problems[0].what, error.problems[0].hint) from error
    bad = [index for index, value in enumerate(values) if not math.isfinite(value)]
    if bad:
        raise refusal(
            text("not a finite number at index {bad}", bad=", ".join(map(str, bad))),
            text("leave the point out or measure it"),
        )
    return tuple(found.to_si(value) for value in values)


class OfferedRange(BaseModel):
    """What a port of this very part can stand or gives, where it differs from the interface."""

    model_config = DOCUMENT

    minimum: Quantity | None = None
    maximum: Quantity | None = None


OWN_FILES = frozenset({"fmu", "python"})
"""Kinds of model whose `entry` begins with a file of the part."""


class Model(BaseModel):
    """How the part is computed: a model of covolt by its kind, a Python class, an FMU, or its owner's machine."""

    model_config = DOCUMENT

    kind: str = Field(pattern=IDENTIFIER)
    entry: str = ""
    ports: dict[str, str] | None = None
    """Of a part that is asked itself: by port of the interface the variable that carries it, "-NAME" where its sign is turned."""
    parameters: dict[str, Declared] = {}
    tables: dict[str, Table] = {}

    @model_validator(mode="after")
    def _stays_inside(self) -> Model:
        if self.file is not None:
            inner_path(self.file, "the folder of the part")
        return self

    @property
    def file(self) -> str | None:
        """The file of the part's own model, by its path from the folder of the part; None where it brings none along."""
        if self.kind not in OWN_FILES or not self.entry:
            return None
        return self.entry.rpartition(":")[0] or self.entry if self.kind == "python" else self.entry


class Datasheet(BaseModel):
    """What a party declares of one version of its part."""

    model_config = DOCUMENT

    document: Literal["part/1"] = Field(default="part/1", alias="schema")
    id: str = Field(pattern=IDENTIFIER)
    party: str = Field(pattern=PARTY)
    fills: str = Field(pattern=r"^[a-z][a-z0-9_]*(@\d+)?$")
    version: str = Field(pattern=VERSION)
    visibility: Visibility = "programme"
    title: PlainOrTitle = ""
    licence: str = ""
    chemistry: Chemistry | None = None
    declared: dict[str, Declared] = {}
    ports: dict[str, OfferedRange] = {}
    tables: dict[str, Table] = {}
    promises: tuple[str, ...] = ()
    supply: Supply | None = None
    origin: Origin | None = None
    charging: tuple[ChargingInterface, ...] | None = Field(default=None, min_length=1)
    model: Model

    @model_validator(mode="after")
    def _states_what_such_a_part_has(self) -> Datasheet:
        told: list[Told] = interfaces_told(self.charging, self.fills.partition("@")[0])
        if self.chemistry is not None and self.fills.partition("@")[0] != "battery":
            what = text("{fills} has no cells", fills=self.fills)
            told.append((what, text("state a chemistry of a battery alone"), ("chemistry",)))
        if told:
            raise refusals(told)
        return self

    @property
    def reference(self) -> str:
        """How the part is cited: `battery-works/pack-33@1.2.0`."""
        return f"{self.party}/{self.id}@{self.version}"

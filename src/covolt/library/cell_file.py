"""An identified cell as a file: tables over state of charge and temperature, in SI as the names of the keys say."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT, loads, read_text
from covolt.files import write_whole
from covolt.vehicle.cell import ArrheniusTable, EquivalentCircuitCell, arrhenius_table
from covolt.vehicle.lookup import Table, table

Rows = list[list[float]]


class CurveFile(BaseModel):
    """A number over state of charge."""

    model_config = DOCUMENT

    state_of_charge: list[float]
    values: list[float]

    def curve(self) -> Table:
        """The curve as a part carries it."""
        return table(self.state_of_charge, self.values)


class LawFile(BaseModel):
    """A positive number over temperature (rows) and state of charge (columns)."""

    model_config = DOCUMENT

    temperature_K: list[float]
    state_of_charge: list[float]
    values: Rows

    def law(self) -> ArrheniusTable:
        """The law as a part carries it."""
        return arrhenius_table(self.temperature_K, self.state_of_charge, self.values)


class RelaxationFile(BaseModel):
    """One relaxation pair."""

    model_config = DOCUMENT

    resistance_Ohm: LawFile
    time_constant_s: LawFile


class CellFile(BaseModel):
    """An equivalent-circuit cell as identified from measurements; values in the SI unit that their key ends in."""

    model_config = DOCUMENT

    schema_name: Literal["cell/1"] = Field(default="cell/1", alias="schema")
    source: str = ""
    capacity_C: float = Field(gt=0)
    open_circuit_voltage_V: CurveFile
    rest_V_per_K: CurveFile | None = None
    ohmic_resistance_Ohm: LawFile
    exchange_current_A: LawFile | None = None
    relaxation: list[RelaxationFile] = Field(default_factory=lambda: [])
    surface_per_V: float | None = Field(default=None, gt=0)
    electrode_ratio: float = Field(default=1.0, ge=1, le=2)


def write_cell(cell: EquivalentCircuitCell, path: Path, *, source: str) -> None:
    """Write a cell whose laws are tables, as identification makes them; whole or not at all."""
    import tomlkit

    document = CellFile(
        source=source,
        capacity_C=float(cell.capacity_C),
        open_circuit_voltage_V=_curve(cell.open_circuit_voltage_V),
        rest_V_per_K=None if cell.rest_V_per_K is None else _curve(cell.rest_V_per_K),
        ohmic_resistance_Ohm=_law(cell.ohmic_resistance_Ohm),
        exchange_current_A=None if cell.exchange_current_A is None else _law(cell.exchange_current_A),
        relaxation=[RelaxationFile(resistance_Ohm=_law(R), time_constant_s=_law(tau)) for R, tau in cell.pairs],
        surface_per_V=None if cell.surface_per_V is None else float(cell.surface_per_V),
        electrode_ratio=float(cell.electrode_ratio),
    )
    stated = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    write_whole(path, tomlkit.dumps(stated))


def read_cell(path: Path) -> EquivalentCircuitCell:
    """A cell from its file; raises all problems of the file at once."""
    document = loads(read_text(path), CellFile, str(path))
    exchange = document.exchange_current_A
    return EquivalentCircuitCell(
        capacity_C=document.capacity_C,
        open_circuit_voltage_V=document.open_circuit_voltage_V.curve(),
        ohmic_resistance_Ohm=document.ohmic_resistance_Ohm.law(),
        exchange_current_A=None if exchange is None else exchange.law(),
        rest_V_per_K=None if document.rest_V_per_K is None else document.rest_V_per_K.curve(),
        pairs=tuple((pair.resistance_Ohm.law(), pair.time_constant_s.law()) for pair in document.relaxation),
        surface_per_V=document.surface_per_V,
        electrode_ratio=document.electrode_ratio,
    )


def _curve(curve: object) -> CurveFile:
    if not isinstance(curve, Table):
        raise TypeError("only a curve given by a table has a file")
    return CurveFile(state_of_charge=_rounded(curve.x), values=_rounded(curve.values))


def _law(law: object) -> LawFile:
    if not isinstance(law, ArrheniusTable):
        raise TypeError("only a law given by a table has a file")
    grid = law.logarithms
    # The map runs along 1/T, the file along rising T.
    rows = np.exp(np.asarray(grid.values))[::-1]
    return LawFile(
        temperature_K=_rounded(1.0 / np.asarray(grid.x)[::-1]),
        state_of_charge=_rounded(grid.y),
        values=[_rounded(row) for row in rows],
    )


def _rounded(values: object) -> list[float]:
    """Nine digits: more than any measurement has, and a file that can be read."""
    return [float(f"{value:.9g}") for value in np.asarray(values, dtype=float)]

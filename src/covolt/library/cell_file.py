"""An identified cell as a file: tables over state of charge and temperature, in SI as the names of the keys say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, FiniteFloat, model_validator

from covolt.contract.document import DOCUMENT, Told, loads, read_text, refusals, validate
from covolt.files import write_whole
from covolt.words import text

# The numerics are loaded where a cell is made: whoever only reads figures of cars does not wait for them.
if TYPE_CHECKING:
    from covolt.vehicle.cell import ArrheniusTable, EquivalentCircuitCell
    from covolt.vehicle.lookup import Table

Rows = list[list[FiniteFloat]]
BEYOND = 0.1
"""How far tables may reach beyond empty and full: a counted charge may pass either end a little."""


class CurveFile(BaseModel):
    """A number over state of charge."""

    model_config = DOCUMENT

    state_of_charge: list[FiniteFloat]
    values: list[FiniteFloat]

    @model_validator(mode="after")
    def _is_a_curve(self) -> CurveFile:
        told = _charge_axis(self.state_of_charge)
        if len(self.values) != len(self.state_of_charge):
            what = text(
                "{state_of_charge} points of charge and {values} values",
                state_of_charge=len(self.state_of_charge),
                values=len(self.values),
            )
            told.append((what, text("give one value per point"), ("values",)))
        if told:
            raise refusals(told)
        return self

    def curve(self) -> Table:
        """The curve as a part carries it."""
        from covolt.vehicle.lookup import table

        return table(self.state_of_charge, self.values)


class LawFile(BaseModel):
    """A positive number over temperature (rows) and state of charge (columns)."""

    model_config = DOCUMENT

    temperature_K: list[FiniteFloat]
    state_of_charge: list[FiniteFloat]
    values: Rows

    @model_validator(mode="after")
    def _is_a_law(self) -> LawFile:
        told = _charge_axis(self.state_of_charge)
        kelvin = self.temperature_K
        if len(kelvin) < 2 or not _rises(kelvin) or kelvin[0] <= 0.0:
            hint = text("give two temperatures or more in kelvin, rising, each once")
            told.append((text("the temperatures do not rise from above absolute zero"), hint, ("temperature_K",)))
        if len(self.values) != len(kelvin) or any(len(row) != len(self.state_of_charge) for row in self.values):
            what = text(
                "the axes ask for {kelvin} rows of {state_of_charge} values",
                kelvin=len(kelvin),
                state_of_charge=len(self.state_of_charge),
            )
            told.append((what, text("give one row per temperature"), ("values",)))
        if any(value <= 0.0 for row in self.values for value in row):
            told.append((text("a value is not above zero"), text("remove or mend these points"), ("values",)))
        if told:
            raise refusals(told)
        return self

    def law(self) -> ArrheniusTable:
        """The law as a part carries it."""
        from covolt.vehicle.cell import arrhenius_table

        return arrhenius_table(self.temperature_K, self.state_of_charge, self.values)


class RelaxationFile(BaseModel):
    """One pair of resistance and time constant by which a cell relaxes, as a file states it."""

    model_config = DOCUMENT

    resistance_Ohm: LawFile
    time_constant_s: LawFile


class CellFile(BaseModel):
    """An equivalent-circuit cell as identified from measurements; values in the SI unit that their key ends in."""

    model_config = DOCUMENT

    schema_name: Literal["cell/1"] = Field(default="cell/1", alias="schema")
    source: str = ""
    capacity_C: FiniteFloat = Field(gt=0)
    minimum_voltage_V: FiniteFloat | None = Field(default=None, gt=0)
    """Below it no current is drawn; where it is absent, the open-circuit voltage of the empty cell."""
    maximum_voltage_V: FiniteFloat | None = Field(default=None, gt=0)
    """Above it no current is taken; where it is absent, the open-circuit voltage of the full cell."""
    open_circuit_voltage_V: CurveFile
    ohmic_resistance_Ohm: LawFile
    exchange_current_A: LawFile | None = None
    relaxation: list[RelaxationFile] = Field(default_factory=lambda: [], max_length=2)
    surface_per_V: FiniteFloat | None = Field(default=None, gt=0)
    surface_fraction: float = Field(default=1.0, gt=0, le=1)
    electrode_ratio: float = Field(default=1.0, ge=1, le=4)
    double_layer_C_per_V: FiniteFloat | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _is_a_cell(self) -> CellFile:
        told: list[Told] = []
        if self.double_layer_C_per_V is not None and self.exchange_current_A is None:
            hint = text("give exchange_current_A, or remove double_layer_C_per_V")
            told.append((text("a double layer without kinetics"), hint, ("double_layer_C_per_V",)))
        low, high = self.voltage_limits_V
        empty_V, full_V = self._ends_V
        if empty_V >= full_V:
            what = text(
                "the open-circuit voltage does not rise from empty ({empty:g} V) to full ({full:g} V)",
                empty=empty_V,
                full=full_V,
            )
            told.append((what, text("turn the order of its values"), ("open_circuit_voltage_V", "values")))
        if low <= 0.0:
            what, place = text("the voltage of the empty cell is not above zero"), ("open_circuit_voltage_V", "values")
            told.append((what, "mend these points, in volt", place))
        elif low >= high:
            what = text(
                "nothing lies between the lowest voltage {low:g} V and the highest {high:g} V", low=low, high=high
            )
            told.append((what, text("lower minimum_voltage_V, or raise maximum_voltage_V"), ()))
        if told:
            raise refusals(told)
        return self

    @property
    def table_ends_K(self) -> tuple[float, float]:
        """Lowest and highest temperature of its tables."""
        kelvin = self.ohmic_resistance_Ohm.temperature_K
        return kelvin[0], kelvin[-1]

    @property
    def voltage_limits_V(self) -> tuple[float, float]:
        """Lowest and highest voltage of the cell."""
        empty_V, full_V = self._ends_V
        return self.minimum_voltage_V or empty_V, self.maximum_voltage_V or full_V

    @property
    def _ends_V(self) -> tuple[float, float]:
        """Open-circuit voltage of the empty and of the full cell."""
        import numpy as np

        curve = self.open_circuit_voltage_V
        empty_V, full_V = np.interp([0.0, 1.0], curve.state_of_charge, curve.values).tolist()
        return empty_V, full_V

    def cell(self) -> EquivalentCircuitCell:
        """The cell as a battery carries it."""
        from covolt.vehicle.cell import EquivalentCircuitCell

        exchange = self.exchange_current_A
        return EquivalentCircuitCell(
            capacity_C=self.capacity_C,
            open_circuit_voltage_V=self.open_circuit_voltage_V.curve(),
            ohmic_resistance_Ohm=self.ohmic_resistance_Ohm.law(),
            exchange_current_A=None if exchange is None else exchange.law(),
            pairs=tuple((pair.resistance_Ohm.law(), pair.time_constant_s.law()) for pair in self.relaxation),
            surface_per_V=self.surface_per_V,
            surface_fraction=self.surface_fraction,
            electrode_ratio=self.electrode_ratio,
            double_layer_C_per_V=self.double_layer_C_per_V,
        )


def _rises(values: list[float]) -> bool:
    return all(low < high for low, high in pairwise(values))


def _charge_axis(values: list[float]) -> list[Told]:
    """What is wrong with an axis of state of charge."""
    if len(values) >= 2 and _rises(values) and values[0] >= -BEYOND and values[-1] <= 1.0 + BEYOND:
        return []
    what = text("the states of charge do not rise from 0 to 1")
    return [(what, text("give two or more from 0 to 1, rising, each once"), ("state_of_charge",))]


def write_cell(cell: EquivalentCircuitCell, path: Path, *, source: str) -> None:
    """Write a cell whose laws are tables, as identification makes them; whole or not at all, and only one that can be read."""
    import tomlkit

    plain = {
        "schema": "cell/1",
        "source": source,
        "capacity_C": float(cell.capacity_C),
        "open_circuit_voltage_V": _curve(cell.open_circuit_voltage_V),
        "ohmic_resistance_Ohm": _law(cell.ohmic_resistance_Ohm),
        "exchange_current_A": None if cell.exchange_current_A is None else _law(cell.exchange_current_A),
        "relaxation": [{"resistance_Ohm": _law(R), "time_constant_s": _law(tau)} for R, tau in cell.pairs],
        "surface_per_V": None if cell.surface_per_V is None else float(cell.surface_per_V),
        "surface_fraction": float(cell.surface_fraction),
        "electrode_ratio": float(cell.electrode_ratio),
        "double_layer_C_per_V": None if cell.double_layer_C_per_V is None else float(cell.double_layer_C_per_V),
    }
    document = validate(plain, CellFile, f"{path}, as identified")
    stated = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    write_whole(path, tomlkit.dumps(stated))


def read_cell(path: Path) -> CellFile:
    """A cell from its file; raises all problems of the file at once."""
    return loads(read_text(path), CellFile, str(path))


def _curve(curve: object) -> dict[str, object]:
    from covolt.vehicle.lookup import Table

    if not isinstance(curve, Table):
        raise TypeError("only a curve given by a table has a file")
    return {"state_of_charge": _rounded(curve.x), "values": _rounded(curve.values)}


def _law(law: object) -> dict[str, object]:
    import numpy as np

    from covolt.vehicle.cell import ArrheniusTable

    if not isinstance(law, ArrheniusTable):
        raise TypeError("only a law given by a table has a file")
    grid = law.logarithms
    # The map runs along 1/T, the file along rising T.
    rows = np.exp(np.asarray(grid.values))[::-1]
    return {
        "temperature_K": _rounded(1.0 / np.asarray(grid.x)[::-1]),
        "state_of_charge": _rounded(grid.y),
        "values": [_rounded(row) for row in rows],
    }


def _rounded(values: object) -> list[float]:
    """Nine digits: more than any measurement has, and a file that can be read."""
    import numpy as np

    return [float(f"{value:.9g}") for value in np.asarray(values, dtype=float)]

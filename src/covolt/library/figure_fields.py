"""Parts of what is said of a car: numbers with their units, a coast-down, drag and tyres, what a laboratory measured."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from covolt import units
from covolt.contract.document import DOCUMENT, refusal
from covolt.contract.road_load import (
    EPA_DENSITY_kg_per_m3,
    GTR_15_DENSITY_kg_per_m3,
)
from covolt.errors import UnitError
from covolt.library.cell_file import CellFile
from covolt.words import text

IN_SI: Any = {"numbers": "in SI"}
"""Context of a validation in which numbers without a unit are taken in SI: those that were read before."""


def _reader(si_unit: str) -> Any:
    def read(value: object, info: ValidationInfo) -> object:
        plain = si_unit == "1" or info.context is IN_SI
        if isinstance(value, float | int) and not isinstance(value, bool) and plain:
            if not abs(value) > sys.float_info.max:
                return float(value)
            raise refusal(text("this number is too large"), text("write a ratio as a plain number"))
        try:
            return units.parse(value, si_unit)  # pyright: ignore[reportArgumentType]  # refuses what is not text
        except UnitError as error:
            problem = error.problems[0]
            raise refusal(problem.what, problem.hint) from error

    return read


def _quantity(si_unit: str) -> Any:
    # What a file may hold: a text with its unit, a ratio also as a plain number.
    kind = ["number", "string"] if si_unit == "1" else "string"
    return (BeforeValidator(_reader(si_unit)), WithJsonSchema({"type": kind}))


Mass = Annotated[float, *_quantity("kg"), Field(gt=0)]
Power = Annotated[float, *_quantity("W"), Field(gt=0)]
Energy = Annotated[float, *_quantity("J"), Field(gt=0)]
Voltage = Annotated[float, *_quantity("V"), Field(gt=0)]
Torque = Annotated[float, *_quantity("Nm"), Field(gt=0)]
Length = Annotated[float, *_quantity("m"), Field(gt=0)]
Area = Annotated[float, *_quantity("m2"), Field(gt=0)]
Speed = Annotated[float, *_quantity("m/s"), Field(gt=0)]
Force = Annotated[float, *_quantity("N")]
ForcePerSpeed = Annotated[float, *_quantity("N/(m/s)")]
ForcePerSpeedSquared = Annotated[float, *_quantity("N/(m/s)^2"), Field(gt=0)]
Consumption = Annotated[float, *_quantity("J/m"), Field(gt=0)]
Temperature = Annotated[float, *_quantity("K"), Field(gt=0)]
Ratio = Annotated[float, *_quantity("1"), Field(gt=0)]


def _no_path(value: object) -> object:
    if isinstance(value, str):
        raise refusal(
            text("a cell file is named where no file names it"), text("describe the car in a file of its own")
        )
    return value


Cell = Annotated[CellFile, BeforeValidator(_no_path), WithJsonSchema({"type": "string"})]
"""In a car's file the path of a cell file, relative to it; in figures the cell that it describes."""


REFERENCES = {"epa": EPA_DENSITY_kg_per_m3, "gtr-15": GTR_15_DENSITY_kg_per_m3}
"""Air for which a coast-down stands, by the rule that it was made after."""


def _read_reference(value: object, info: ValidationInfo) -> object:
    return value if isinstance(value, str) and value in REFERENCES else _reader("kg/m3")(value, info)


Reference = Annotated[
    Literal["epa", "gtr-15"] | Annotated[float, Field(gt=0.5, lt=2.0)],
    BeforeValidator(_read_reference),
    WithJsonSchema({"type": "string"}),
]


class CoastDown(BaseModel):
    """Target coast-down of the rolling vehicle, F = f0 + f1 v + f2 v^2; a negative linear term is normal.

    `reference` says for which air: the EPA's, that of UN GTR 15 and R154, or a density.
    """

    model_config = DOCUMENT

    constant: Force
    linear: ForcePerSpeed
    quadratic: ForcePerSpeedSquared
    reference: Reference = "gtr-15"

    @property
    def density_kg_per_m3(self) -> float:
        """Density of the air for which it stands."""
        return REFERENCES[self.reference] if isinstance(self.reference, str) else self.reference


class DragAndTyres(BaseModel):
    """Drag area and rolling resistance coefficient, where no coast-down is known."""

    model_config = DOCUMENT

    drag_area: Area
    rolling_coefficient: Ratio


class Measured(BaseModel):
    """What a test laboratory measured of the car: for comparison only, never used by the model."""

    model_config = DOCUMENT

    udds_plug_consumption: Consumption | None = None
    hwfet_plug_consumption: Consumption | None = None
    label_range: Length | None = None
    wltp_range: Length | None = None
    source: str = ""

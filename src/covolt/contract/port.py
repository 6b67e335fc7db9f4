"""Ports: one quantity that crosses the border of a part, with its unit, direction and range."""

from __future__ import annotations

import difflib
import math
from typing import Literal

from pydantic import BaseModel, Field, StrictFloat, StrictStr, model_validator

from covolt import units
from covolt.contract.document import DOCUMENT, refusal, require_unit
from covolt.errors import UnitError
from covolt.words import text

__all__ = ["NAME", "Connector", "Direction", "Port", "Quantity", "Range", "si_unit_of_quantity"]

NAME = r"^[a-z][a-z0-9_]*$"
"""How things are named inside documents: whole words in lower case."""

Direction = Literal["in", "out"]
"""Seen from the part: `in` is given to it, `out` is what it gives."""

Quantity = StrictStr | StrictFloat
"""A number with its unit as text, "78 kWh"; a ratio may be a plain number."""

Range = tuple[float, float]
"""Lower and upper end in SI; an open end is infinite."""

_SPECIAL_QUANTITIES = {
    "state of charge": "1",
    "efficiency": "1",
    "command": "1",
    "slope": "1",
    "switch": "1",
    "count": "1",
    "heat flow": "W",
}
_QUANTITIES = {entry.quantity: entry.si for entry in units.UNITS.values()} | _SPECIAL_QUANTITIES


def si_unit_of_quantity(quantity: str) -> str | None:
    """SI unit of a physical quantity by name, None where the name is not known."""
    return _QUANTITIES.get(quantity)


def check_quantity(quantity: str, unit: str) -> None:
    """Refuse an unknown quantity, an unknown unit, and a unit of another quantity.

    Torque and energy have different quantities although both are newton metres, so they never connect.
    """
    si = si_unit_of_quantity(quantity)
    if si is None:
        close = difflib.get_close_matches(quantity, _QUANTITIES, n=1)
        raise refusal(
            text("unknown quantity '{quantity}'", quantity=quantity),
            (text("did you mean '{close}'?", close=close[0]) if close else text("see reference/units")),
        )
    try:
        found = units.unit(unit)
    except UnitError as error:
        raise refusal(error.problems[0].what, error.problems[0].hint) from error
    if found.si != si:
        raise refusal(
            text("a port of {quantity} cannot have the unit {unit}", quantity=quantity, unit=unit),
            text('write unit = "{si}"', si=si),
        )


def range_si(minimum: str | float | None, maximum: str | float | None, unit: str) -> Range:
    """Both ends in SI; refuses a range whose ends are exchanged."""
    low = -math.inf if minimum is None else require_unit(minimum, unit)
    high = math.inf if maximum is None else require_unit(maximum, unit)
    if low > high:
        raise refusal(
            text("the minimum {minimum} lies above the maximum {maximum}", minimum=str(minimum), maximum=str(maximum)),
            text("exchange minimum and maximum"),
        )
    return low, high


class Port(BaseModel):
    """One quantity that crosses the border of a part."""

    model_config = DOCUMENT

    name: str = Field(pattern=NAME)
    quantity: str
    unit: str
    direction: Direction
    minimum: Quantity | None = None
    maximum: Quantity | None = None
    optional: bool = False
    meaning: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Port:
        check_quantity(self.quantity, self.unit)
        range_si(self.minimum, self.maximum, self.unit)
        return self

    @property
    def range_si(self) -> Range:
        """Lower and upper end in SI."""
        return range_si(self.minimum, self.maximum, self.unit)


class Connector(BaseModel):
    """A pair of ports through which power passes: a potential, equal on both sides, and a flow, which sums to zero.

    The flow is positive into the part that owns the connector: a charging battery has positive current.
    """

    model_config = DOCUMENT

    name: str = Field(pattern=NAME)
    potential: Port
    flow: Port
    optional: bool = False
    meaning: str = ""

    @model_validator(mode="after")
    def _has_one_cause(self) -> Connector:
        if self.potential.direction == self.flow.direction:
            what = text(
                "potential and flow of '{name}' both go '{direction}'", name=self.name, direction=self.flow.direction
            )
            raise refusal(what, text("let the part give one of them and be given the other"))
        return self

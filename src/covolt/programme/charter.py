"""The charter: what a programme says of itself and of its vehicle, and the scenarios that its requirements share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from covolt.contract.document import DOCUMENT, Told, refusals, require_unit, told_by
from covolt.contract.terms import Currency
from covolt.programme.requirement import StatedConditions
from covolt.programme.text import Date, Identifier, Titled
from covolt.words import text

__all__ = ["Charter", "Family", "FamilyEnd", "Scenario", "VehicleFrame"]


class FamilyEnd(BaseModel):
    """One end of a WLTP interpolation family: what of its road load differs from the joined vehicle's."""

    model_config = DOCUMENT

    kerb_mass: StrictStr
    drag_area: StrictStr
    rolling_resistance: StrictFloat = Field(gt=0.0)

    @model_validator(mode="after")
    def _units(self) -> FamilyEnd:
        require_unit(self.kerb_mass, "kg")
        require_unit(self.drag_area, "m2")
        return self


class Family(BaseModel):
    """The interpolation family of the vehicle: the test vehicles of least and of most cycle energy demand."""

    model_config = DOCUMENT

    low: FamilyEnd
    high: FamilyEnd


class VehicleFrame(BaseModel):
    """What belongs to no single part: category, driven axle (of the first drive unit), load, size, people, speed limiter.

    `passengers` are those besides the driver, seated and standing; `bus_class` that of UN R107.
    """

    model_config = DOCUMENT

    category: Literal["M1", "M2", "M3", "N1", "N2", "N3", "L7"] = "M1"
    driven_axle: Literal["front", "rear"] = "front"
    maximum_load: StrictStr
    speed_limit: StrictStr | None = None
    width: StrictStr | None = None
    height: StrictStr | None = None
    length: StrictStr | None = None
    passengers: StrictInt | None = Field(default=None, ge=0, le=300)
    decks: Literal[1, 2] = 1
    bus_class: Literal["I", "II", "III", "A", "B"] | None = None
    family: Family | None = None

    @model_validator(mode="after")
    def _units(self) -> VehicleFrame:
        told: list[Told] = []
        sizes = (("width", "m"), ("height", "m"), ("length", "m"))
        for key, unit in (("maximum_load", "kg"), ("speed_limit", "m/s"), *sizes):
            stated = getattr(self, key)
            try:
                if stated is not None and require_unit(stated, unit) <= 0.0:
                    told.append(
                        (text("{text} is not positive", text=stated), text("write a number above zero"), (key,))
                    )
            except PydanticCustomError as error:
                told += [(what, hint, (key,)) for what, hint, _ in told_by(error)]
        if told:
            raise refusals(told)
        return self


class Charter(BaseModel):
    """The programme: one vehicle being created jointly.

    From the gate `signatures_from` on, what counts is signed by keys of the parties: sign-offs, locked offers, checked texts.
    On the day `start_of_series` the first vehicle is to be sold: law is held against it.
    """

    model_config = DOCUMENT

    document: Literal["programme/1"] = Field(default="programme/1", alias="schema")
    id: Identifier
    title: Titled
    summary: Titled | None = None
    currency: Currency = "RUB"
    countries: tuple[str, ...] = ()
    duty: str = ""
    signatures_from: Identifier | None = None
    start_of_series: Date | None = None
    vehicle: VehicleFrame


class Scenario(BaseModel):
    """Conditions under a name: "winter" is -20 degC, soaked."""

    model_config = DOCUMENT

    document: Literal["scenario/1"] = Field(default="scenario/1", alias="schema")
    id: Identifier
    title: Titled
    conditions: StatedConditions = Field(default_factory=StatedConditions)

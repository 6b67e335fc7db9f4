"""What driving costs and emits beside the vehicle: dated tables of grids, fuels and comparison cars."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from covolt.contract.document import DOCUMENT, loads, require_unit
from covolt.programme.text import Titled

__all__ = ["Economy", "Rival", "economy"]


def _in(unit: str) -> Any:
    return BeforeValidator(lambda value: require_unit(value, unit))


PerEnergy = Annotated[float, _in("kg/J")]
PerDistance = Annotated[float, _in("J/m")]
Money = Annotated[float, _in("RUB")]
MoneyPerDistance = Annotated[float, _in("RUB/m")]
Distance = Annotated[float, _in("m")]
Energy = Annotated[float, _in("J")]
Mass = Annotated[float, _in("kg")]


class Grid(BaseModel):
    """Carbon intensity of a country's electricity, over its life cycle."""

    model_config = DOCUMENT

    country: str
    average: PerEnergy
    date: str
    source: str


class Rival(BaseModel):
    """A comparison car: energy of its fuel, in all and in a litre or cubic metre, what that emits and costs."""

    model_config = DOCUMENT

    id: str
    title: Titled
    energy: PerDistance
    burning: PerEnergy
    upstream: PerEnergy
    price: Money
    fuel_per_kWh: Money  # the unit keeps its case
    fuel_energy: Energy
    maintenance: MoneyPerDistance
    source: str


class Electric(BaseModel):
    """Cost of an electric car by its parts."""

    model_config = DOCUMENT

    glider: Money
    glider_range: tuple[Money, Money]
    battery_per_kWh: Money
    drive_per_kW: Money
    charger_per_kW: Money
    markup_ratio: float
    electricity_per_kWh: Money
    maintenance: MoneyPerDistance
    source: str


class Use(BaseModel):
    """How long and how far a car is used, and what making it emits."""

    model_config = DOCUMENT

    yearly_distance: Distance
    years: int = Field(gt=0)
    discount_fraction: float
    residual_fraction: float
    insurance_fraction: float
    grid_loss_fraction: float
    battery_production_per_kWh: Mass
    battery_production_range_per_kWh: tuple[Mass, Mass]
    glider_production: Mass
    rival_production: Mass
    lifetime_distance: Distance
    source: str


class Economy(BaseModel):
    """Dated tables of grids, comparison cars, prices of parts and use."""

    model_config = DOCUMENT

    document: Literal["economy/1"] = Field(default="economy/1", alias="schema")
    title: Titled
    currency: Literal["RUB"]
    grid: tuple[Grid, ...]
    rival: tuple[Rival, ...]
    electric: Electric
    use: Use


@cache
def economy() -> Economy:
    """The tables that ship."""
    text = (files("covolt") / "library" / "economy.toml").read_text(encoding="utf-8")
    return loads(text, Economy, "economy.toml")

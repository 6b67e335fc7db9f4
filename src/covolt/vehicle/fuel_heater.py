"""A heater that burns fuel and warms the water of the cabin's heating circuit, and the fuels that it burns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp

from covolt.vehicle.part import ZERO_CELSIUS_K, AbstractPart, Scalar


class Fuel(NamedTuple):
    """What a fuel holds per mass, how dense it is, and the CO2 that its heat leaves."""

    heating_value_J_per_kg: float
    density_kg_per_m3: float
    co2_kg_per_J: float

    def volume_m3(self, energy_J: float) -> float:
        """V = E / (H rho)."""
        return energy_J / (self.heating_value_J_per_kg * self.density_kg_per_m3)

    def co2_kg(self, energy_J: float) -> float:
        """Local emission, m = e E; what was emitted before the tank is not in it."""
        return energy_J * self.co2_kg_per_J


FUELS: Mapping[str, Fuel] = MappingProxyType(
    {"diesel": Fuel(43.0e6, 832.0, 74.1e-9), "petrol": Fuel(44.3e6, 745.0, 69.3e-9)}
)
"""Net calorific value and CO2 of IPCC 2006: of diesel as universal-converter.org/fuels/diesel gives them (43.0 MJ/kg, 74,100
kg/TJ), of petrol from memory (volume 2, tables 1.2 and 3.2.1). Density at 15 degC in the middle of EN 590 (820 to 845 kg/m3 by
ncheurope.com/en/diesel-requirements-eu; the British mean of 2025 is 832) and of EN 228 (720 to 775, from memory).

So a litre of diesel holds 35.8 MJ and leaves 2.65 kg of CO2, one of petrol 33.0 MJ and 2.29 kg.
"""


STAGE_K = 0.5
"""Over which the thermostat turns one stage on, an estimate: where its machines suffice it stays within 1 K of the set point."""


class Burning(NamedTuple):
    """What a heater burns now, and where that goes: into the cabin, and out with the exhaust."""

    fuel_W: Scalar
    heat_W: Scalar
    exhaust_W: Scalar

    def scaled(self, fraction: Scalar) -> Burning:
        """The same for this fraction of the time."""
        return Burning(*(fraction * value for value in self))


class FuelHeat(NamedTuple):
    """What the heater can do at one ambient: heat, and the electrical power and the power of fuel that one watt of it costs."""

    capacity_W: Scalar
    electric_power_ratio: Scalar
    fuel_power_ratio: Scalar

    def burning(self, heat_W: Scalar) -> Burning:
        """What this heat takes: P_fuel = Q / eta, of which Q (1 / eta - 1) leaves with the exhaust."""
        return Burning(heat_W * self.fuel_power_ratio, heat_W, heat_W * (self.fuel_power_ratio - 1.0))


def stage(below_K: Scalar, number: int) -> jax.Array:
    """How far a stage of the heating is on in a cabin so much colder than it is set to, from 0 to 1: each over half a kelvin.

    s_n = clip((T_h - T) / b - (n - 1), 0, 1)
    """
    return jnp.clip(below_K * (1.0 / STAGE_K) - (number - 1.0), 0.0, 1.0)


@final
class FuelHeater(AbstractPart):
    """A burner with a heat exchanger to the water, its blower, dosing pump and water pump.

    Q = Q_max s_1 where T_a < T_below, else none;  P_fuel = Q / eta;  P_electric = P_0 Q / Q_max

    A thermostat in two stages: the burner over the first half kelvin below the set point, heat pump and resistance heater over
    the next. In truth it goes on and off; over minutes that is the same, its pumps and blower run for that share of the time, and
    the water, whose heat outlasts a stop, is in the cabin's effective capacity. What the exhaust carries off is P_fuel - Q. Steps
    up to 5 s keep the band, longer ones swing about it. Defaults: a bus heater of 30 kW takes 3.65 l/h and 105 W, one of 35 kW
    4.2 l/h and 120 W (estimate: Eberspaecher Hydronic L-II as remembered, its manual's page of data could not be had): eta 0.83
    and 0.84; with a water pump of 100 W 200 W (estimate). Warmer than 5 degC a bus in service heats by electricity alone
    (estimate). Valid -40 to +10 degC. Validation:
    level 0.
    """

    power_max_W: Scalar = 30e3
    efficiency: Scalar = 0.83
    electric_power_W: Scalar = 200.0
    below_K: Scalar = ZERO_CELSIUS_K + 5.0
    fuel: str = eqx.field(static=True, default="diesel")

    def at(self, ambient_temperature_K: Scalar) -> FuelHeat:
        """Capacity and cost of heat at this ambient."""
        return FuelHeat(
            jnp.where(ambient_temperature_K < self.below_K, self.power_max_W, 0.0),
            self.electric_power_W / self.power_max_W,
            1.0 / self.efficiency,
        )

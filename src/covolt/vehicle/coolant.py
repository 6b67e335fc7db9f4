"""The coolant loop of the drive units, and what keeps the battery in its temperature window."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, final

import equinox as eqx
import jax.numpy as jnp

from covolt.vehicle.heat_pump import AbstractAirConditioner, AirConditioner
from covolt.vehicle.part import ZERO_CELSIUS_K, AbstractPart, Scalar


class CoolantState(NamedTuple):
    """What the loop remembers."""

    temperature_K: Scalar


class AbstractCoolant(AbstractPart):
    """What carries the loss of the drive units to the ambient."""

    @abstractmethod
    def start(self, temperature_K: Scalar) -> CoolantState:
        """The loop soaked at this temperature."""

    @abstractmethod
    def step(
        self,
        state: CoolantState,
        heat_W: Scalar,
        ambient_temperature_K: Scalar,
        speed_m_per_s: Scalar,
        dt_s: Scalar,
    ) -> CoolantState:
        """The loop one step later, given the heat that machines put into it."""


@final
class NoCoolant(AbstractCoolant):
    """Machines cooled by air: what would be the coolant has the temperature of the ambient."""

    def start(self, temperature_K: Scalar) -> CoolantState:
        """The temperature it starts with."""
        return CoolantState(temperature_K)

    def step(
        self,
        state: CoolantState,
        heat_W: Scalar,
        ambient_temperature_K: Scalar,
        speed_m_per_s: Scalar,
        dt_s: Scalar,
    ) -> CoolantState:
        """The ambient."""
        return CoolantState(ambient_temperature_K + 0.0 * state.temperature_K)


@final
class Coolant(AbstractCoolant):
    """One lumped node: coolant, pipes and housings, with a radiator behind a thermostat.

    C dT/dt = Q - (UA_leak + s(T) (UA_0 + UA_1 v)) (T - T_a),   s = clip((T - T_open) / (T_full - T_open), 0, 1)

    s is taken at the start of the step; the balance is then solved as in `relax`, stable for every step length.
    Gearbox oil that shares the loop exchanges `oil_heat_W` = k (T - T_oil), negative where the oil is warmer;
    subtract it from the heat into the loop. The pump's power is part of the 12 V loads.

    Defaults, engineering estimates: 6 kg of water-glycol at 3.4 kJ/kg/K and 10 kg of wetted metal; a radiator that
    rejects 5 kW at 65 degC coolant, 35 degC ambient, 50 km/h. Valid for one loop, pump running. Validation: level 0.
    """

    heat_capacity_J_per_K: Scalar = 28e3
    leak_conductance_W_per_K: Scalar = 8.0
    radiator_conductance_W_per_K: Scalar = 70.0
    radiator_conductance_per_speed_J_per_m_K: Scalar = 7.0
    thermostat_open_K: Scalar = ZERO_CELSIUS_K + 30.0
    thermostat_full_K: Scalar = ZERO_CELSIUS_K + 45.0
    oil_conductance_W_per_K: Scalar = 0.0

    def start(self, temperature_K: Scalar) -> CoolantState:
        """The loop soaked at this temperature."""
        return CoolantState(temperature_K)

    def oil_heat_W(self, state: CoolantState, oil_temperature_K: Scalar) -> Scalar:
        """Heat from the loop into the gearbox oil; none where no heat exchanger joins them."""
        return self.oil_conductance_W_per_K * (state.temperature_K - oil_temperature_K)

    def conductance_W_per_K(self, temperature_K: Scalar, speed_m_per_s: Scalar) -> Scalar:
        """Conductance from the loop to the ambient, by thermostat and speed."""
        # The reciprocal leaves the loop over time, a division would not.
        per_K = 1.0 / (self.thermostat_full_K - self.thermostat_open_K)
        opening = jnp.clip((temperature_K - self.thermostat_open_K) * per_K, 0.0, 1.0)
        radiator_W_per_K = (
            self.radiator_conductance_W_per_K + self.radiator_conductance_per_speed_J_per_m_K * speed_m_per_s
        )
        return self.leak_conductance_W_per_K + opening * radiator_W_per_K

    def step(
        self,
        state: CoolantState,
        heat_W: Scalar,
        ambient_temperature_K: Scalar,
        speed_m_per_s: Scalar,
        dt_s: Scalar,
    ) -> CoolantState:
        """The loop one step later, given the heat that machines put into it."""
        conductance_W_per_K = self.conductance_W_per_K(state.temperature_K, speed_m_per_s)
        scale = dt_s * (1.0 / self.heat_capacity_J_per_K)
        x = conductance_W_per_K * scale
        net_W = heat_W - conductance_W_per_K * (state.temperature_K - ambient_temperature_K)
        half = 1.0 + 0.5 * x
        return CoolantState(state.temperature_K + scale * net_W * half / (1.0 + x * half))


class ConditioningDemand(NamedTuple):
    """Heat into and out of the battery, and the electrical power both cost."""

    heating_W: Scalar
    cooling_W: Scalar
    electric_power_W: Scalar

    def shed(self, available_fraction: Scalar) -> ConditioningDemand:
        """The same demand where the vehicle grants only this fraction of its power."""
        return ConditioningDemand(*(available_fraction * value for value in self))


class ConditioningAtAmbient(NamedTuple):
    """What a watt of heat and a watt of cold cost at one ambient."""

    heating_power_ratio: Scalar
    cooling_power_ratio: Scalar


class AbstractBatteryConditioning(AbstractPart):
    """What heats and cools the battery."""

    @abstractmethod
    def at(self, ambient_temperature_K: Scalar) -> ConditioningAtAmbient:
        """What heat and cold cost at this ambient."""

    @abstractmethod
    def demand(
        self,
        battery_temperature_K: Scalar,
        here: ConditioningAtAmbient,
        mode_on: Scalar,
        preconditioning: Scalar,
    ) -> ConditioningDemand:
        """Heat and cold the battery needs now; both switches between 0 and 1."""


@final
class NoBatteryConditioning(AbstractBatteryConditioning):
    """A battery left to the ambient and its own loss."""

    def at(self, ambient_temperature_K: Scalar) -> ConditioningAtAmbient:
        """Nothing to pay for."""
        return ConditioningAtAmbient(0.0, 0.0)

    def demand(
        self,
        battery_temperature_K: Scalar,
        here: ConditioningAtAmbient,
        mode_on: Scalar,
        preconditioning: Scalar,
    ) -> ConditioningDemand:
        """No demand."""
        zero = jnp.zeros_like(battery_temperature_K)
        return ConditioningDemand(zero, zero, zero)


@final
class BatteryConditioning(AbstractBatteryConditioning):
    """A heater below one temperature and a chiller above another, both proportional over a band.

    Q_heat = Q_h clip((T_h - T) / b, 0, 1),   Q_cool = Q_c clip((T - T_c) / b, 0, 1)
    T_h = T_drive + p (T_pre - T_drive),  p the degree of preconditioning
    P = Q_heat / eta + Q_cool / COP

    The threshold in driving is low, because a car on the road spends heat on its battery only where power or life is at
    stake; preconditioning before a fast charge or a departure aims at the cell's best charging temperature. The chiller
    hangs on the air conditioner's circuit, with its COP. Heater power: 5 kW in FASTSim 3.1's Bolt and Leaf files. The
    thresholds are engineering estimates and differ between makers more than any other value here. Validation: level 0.
    """

    heating_power_max_W: Scalar = 5000.0
    heating_efficiency: Scalar = 0.95
    heating_below_driving_K: Scalar = ZERO_CELSIUS_K - 10.0
    heating_below_preconditioning_K: Scalar = ZERO_CELSIUS_K + 25.0
    cooling_power_max_W: Scalar = 4000.0
    cooling_above_K: Scalar = ZERO_CELSIUS_K + 33.0
    band_K: Scalar = 5.0
    air_conditioner: AbstractAirConditioner = eqx.field(default_factory=AirConditioner)

    def at(self, ambient_temperature_K: Scalar) -> ConditioningAtAmbient:
        """What heat and cold cost at this ambient."""
        return ConditioningAtAmbient(
            1.0 / self.heating_efficiency, self.air_conditioner.at(ambient_temperature_K).electric_power_ratio
        )

    def demand(
        self,
        battery_temperature_K: Scalar,
        here: ConditioningAtAmbient,
        mode_on: Scalar,
        preconditioning: Scalar,
    ) -> ConditioningDemand:
        """Heat and cold the battery needs now; both switches between 0 and 1."""
        threshold_K = self.heating_below_driving_K + preconditioning * (
            self.heating_below_preconditioning_K - self.heating_below_driving_K
        )
        per_K = 1.0 / self.band_K
        heating_need = jnp.clip((threshold_K - battery_temperature_K) * per_K, 0.0, 1.0)
        cooling_need = jnp.clip((battery_temperature_K - self.cooling_above_K) * per_K, 0.0, 1.0)
        heating_W = mode_on * self.heating_power_max_W * heating_need
        cooling_W = mode_on * self.cooling_power_max_W * cooling_need
        electric_power_W = heating_W * here.heating_power_ratio + cooling_W * here.cooling_power_ratio
        return ConditioningDemand(heating_W, cooling_W, electric_power_W)

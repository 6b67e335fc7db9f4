"""Machines that move or make heat for the cabin: resistance heater, heat pump, air conditioner.

All of them depend on the ambient only, so each is asked once per drive what it can do there (`at`), and answers with a
`HeatSource`: how much heat it can move and what one watt of it costs. The step of the vehicle needs no exponential.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, final

import jax.numpy as jnp

from covolt.vehicle.part import ZERO_CELSIUS_K, AbstractPart, Scalar, positive


class HeatSource(NamedTuple):
    """What a machine can do at one ambient: the heat it can move, and the electrical power one watt of it costs."""

    capacity_W: Scalar
    electric_power_ratio: Scalar


def smooth_rise(value: Scalar, start: Scalar, end: Scalar) -> Scalar:
    """A cubic rise from 0 at `start` to 1 at `end`, with a continuous slope.

    s = clip((x - x0) / (x1 - x0), 0, 1);  y = s^2 (3 - 2 s)
    """
    s = jnp.clip((value - start) / (end - start), 0.0, 1.0)
    return s * s * (3.0 - 2.0 * s)


@final
class PTC(AbstractPart):
    """A resistance heater, in the air or in a coolant loop to the heater core.

    P = Q / eta;  Q <= eta P_max

    Defaults: the BMW i3 trips hold 5.5 to 5.7 kW in the first minutes; 5 kW in FASTSim 3.1's Leaf and Bolt and in
    Argonne's Leaf tests. The efficiency of 1 says that what the heater takes ends in the air or in the cabin's
    effective heat capacity. Validation: level 1 (as part of the cabin).
    """

    power_max_W: Scalar = 5500.0
    efficiency: Scalar = 1.0

    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """Capacity and cost of heat, the same at every ambient."""
        return HeatSource(self.power_max_W * self.efficiency, 1.0 / self.efficiency)


class AbstractHeatPump(AbstractPart):
    """What heats the cabin before the resistance heater has to."""

    @abstractmethod
    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """Capacity and cost of heat at this ambient."""


@final
class NoHeatPump(AbstractHeatPump):
    """A car whose only heater is resistive."""

    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """No capacity."""
        return HeatSource(0.0, 1.0)


@final
class HeatPump(AbstractHeatPump):
    """A vapour-compression heat pump from ambient air to cabin air.

    COP = eta_II T_cond / (T_cond - T_evap),  T_evap = T_a - dT_evap,  not above COP_max
    Q_max = Q_0 exp(k (T_a - 0 degC)) s(T_a),  s rising smoothly from 0 at cut-off to 1 at full service

    `capacity_growth_per_K` is the growth of the refrigerant's volumetric heating capacity: R1234yf, T_evap = T_a - 8
    K, T_cond = 50 degC: 0.65, 0.97, 1.39, 1.94, 2.66 MJ/m3 at -30, -20, -10, 0, 10 degC (CoolProp 8.0), k = 0.035 /K.
    Service fades from -20 degC, where its suction pressure is still 1.08 bar, to -30 degC, where it is 0.68 bar: a system
    measured at -10, -15 and -20 degC still gave its largest heat at -20 with COP 1.7 (Qin et al., Energy Procedia 61,
    2014). A cycle with a 65 % compressor gives
    an eta_II of 0.48 to 0.52; whole systems, with fans and secondary loops, lie between 0.33 and 0.6: COP 3.2 at -5
    degC (Tang et al., Energies 2020), 1.9 at -1 degC (doi 10.1177/1687814019845806), CO2 1.8 at -20 degC (SAE
    2019-01-0912). Valid -35 to +15 degC; frost on the outdoor coil is not modelled. Validation: level 0.
    """

    second_law_fraction: Scalar = 0.42
    condensing_temperature_K: Scalar = ZERO_CELSIUS_K + 50.0
    evaporator_offset_K: Scalar = 8.0
    coefficient_of_performance_max_ratio: Scalar = 5.0
    capacity_at_freezing_W: Scalar = 5000.0
    capacity_growth_per_K: Scalar = 0.035
    cut_off_temperature_K: Scalar = ZERO_CELSIUS_K - 30.0
    full_service_temperature_K: Scalar = ZERO_CELSIUS_K - 20.0

    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """Capacity and cost of heat at this ambient."""
        lift_K = self.condensing_temperature_K - (ambient_temperature_K - self.evaporator_offset_K)
        power_ratio = lift_K / (self.second_law_fraction * self.condensing_temperature_K)
        growth = jnp.exp(self.capacity_growth_per_K * (ambient_temperature_K - ZERO_CELSIUS_K))
        service = smooth_rise(ambient_temperature_K, self.cut_off_temperature_K, self.full_service_temperature_K)
        return HeatSource(
            self.capacity_at_freezing_W * growth * service,
            jnp.maximum(power_ratio, 1.0 / self.coefficient_of_performance_max_ratio),
        )


class AbstractAirConditioner(AbstractPart):
    """What cools the cabin, and the battery through its chiller."""

    @abstractmethod
    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """Capacity and cost of cooling at this ambient."""


@final
class NoAirConditioner(AbstractAirConditioner):
    """A car that cools by open windows."""

    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """No capacity."""
        return HeatSource(0.0, 1.0)


@final
class AirConditioner(AbstractAirConditioner):
    """A vapour-compression air conditioner from cabin air to ambient air.

    COP = eta_II T_evap / (T_cond - T_evap),  T_cond = T_a + dT_cond,  lift not below its minimum
    P = Q / COP;  Q <= Q_max

    Latent heat of the fresh air's moisture is not separate: it lies in the second-law fraction. Anchor: 3.88 kW at COP
    1.8 at 45 degC (doi 10.1177/1687814019845806); the defaults give 1.7 there, 2.1 at 35 degC. Validation: level 1 (as
    part of the cabin).
    """

    second_law_fraction: Scalar = 0.36
    evaporating_temperature_K: Scalar = ZERO_CELSIUS_K + 2.0
    condenser_offset_K: Scalar = 15.0
    lift_min_K: Scalar = 20.0
    capacity_W: Scalar = 5000.0

    def at(self, ambient_temperature_K: Scalar) -> HeatSource:
        """Capacity and cost of cooling at this ambient."""
        lift_K = ambient_temperature_K + self.condenser_offset_K - self.evaporating_temperature_K
        lift_K = self.lift_min_K + positive(lift_K - self.lift_min_K)
        return HeatSource(self.capacity_W, lift_K / (self.second_law_fraction * self.evaporating_temperature_K))

"""The cabin: a heat balance, what it demands for comfort, and what that costs.

    cabin = Cabin()                                         # a generic compact car
    here = cabin.at(ambient_temperature_K)                  # once per drive: all that depends on the ambient only
    demand = cabin.climate(state, here, speed, sun, 1.0)    # every step: about 30 flops, no exponential
    state = cabin.step(state, demand.heat_to_cabin_W, here, speed, sun, 1.0, dt)

A vehicle that cannot feed the demand sheds it: `demand.shed(available_fraction)`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, final

import equinox as eqx
import jax.numpy as jnp

from covolt.vehicle.fuel_heater import Burning, FuelHeat, FuelHeater, stage
from covolt.vehicle.heat_pump import (
    PTC,
    AbstractAirConditioner,
    AbstractHeatPump,
    AirConditioner,
    HeatSource,
    NoHeatPump,
)
from covolt.vehicle.part import ZERO_CELSIUS_K, AbstractPart, GRAVITY_m_per_s2, Scalar, positive

AIR_HEAT_CAPACITY_J_per_kg_K = 1005.0
AIR_kg_K_per_m3 = 353.0
"""Density of air times its temperature, at sea level."""
STANDING_m_per_s = 0.1
"""Below it doors may be open."""


class CabinState(NamedTuple):
    """What the cabin remembers."""

    temperature_K: Scalar


class ClimateDemand(NamedTuple):
    """What the climate control asks of the vehicle, and the heat (cold where negative) that the cabin gets for it.

    `burning` is what a fuel-fired heater does for it, whose heat is part of that heat; None where there is no such heater.
    """

    electric_power_W: Scalar
    heat_to_cabin_W: Scalar
    heater_power_W: Scalar
    air_conditioning_power_W: Scalar
    blower_power_W: Scalar
    burning: Burning | None = None

    def shed(self, available_fraction: Scalar) -> ClimateDemand:
        """The same demand where the vehicle grants only this fraction of its power."""
        burning = None if self.burning is None else self.burning.scaled(available_fraction)
        return ClimateDemand(*(available_fraction * value for value in self[:5]), burning=burning)


class CabinAtAmbient(NamedTuple):
    """All that climate and step need of a cabin at one ambient, worked out once per drive."""

    ambient_temperature_K: Scalar
    conductance_W_per_K: Scalar
    conductance_per_speed_J_per_m_K: Scalar
    ventilation_W_per_K: Scalar
    door_W_per_K: Scalar
    solar_aperture_m2: Scalar
    occupants_W: Scalar
    heating_target_K: Scalar
    dead_band_K: Scalar
    control_gain_W_per_K: Scalar
    heat_pump: HeatSource
    heater: HeatSource
    air_conditioner: HeatSource
    blower_power_W: Scalar
    inverse_heat_capacity_K_per_J: Scalar
    fuel_heater: FuelHeat | None = None


class AbstractCabin(AbstractPart):
    """What keeps the people warm or cool."""

    @abstractmethod
    def start(self, temperature_K: Scalar) -> CabinState:
        """The cabin soaked, or conditioned, at this temperature."""

    @abstractmethod
    def at(self, ambient_temperature_K: Scalar) -> CabinAtAmbient:
        """What the steps of a drive at this ambient need."""

    @abstractmethod
    def climate(
        self, state: CabinState, here: CabinAtAmbient, speed_m_per_s: Scalar, sun_W_per_m2: Scalar, mode_on: Scalar
    ) -> ClimateDemand:
        """Power that comfort demands now; `mode_on` between 0, off, and 1, on."""

    @abstractmethod
    def given(self, here: CabinAtAmbient, heater_power_W: Scalar, air_conditioning_power_W: Scalar) -> ClimateDemand:
        """The demand where the electrical powers are known, from a measurement or a prescription."""

    @abstractmethod
    def step(
        self,
        state: CabinState,
        heat_to_cabin_W: Scalar,
        here: CabinAtAmbient,
        speed_m_per_s: Scalar,
        sun_W_per_m2: Scalar,
        mode_on: Scalar,
        dt_s: Scalar,
    ) -> CabinState:
        """The cabin one step later."""


@final
class NoCabin(AbstractCabin):
    """A vehicle without a conditioned cabin; its air has the temperature it started with."""

    def start(self, temperature_K: Scalar) -> CabinState:
        """The temperature is kept as given."""
        return CabinState(temperature_K)

    def at(self, ambient_temperature_K: Scalar) -> CabinAtAmbient:
        """Nothing but the ambient."""
        nothing = HeatSource(0.0, 0.0)
        return CabinAtAmbient(
            ambient_temperature_K=ambient_temperature_K,
            conductance_W_per_K=0.0,
            conductance_per_speed_J_per_m_K=0.0,
            ventilation_W_per_K=0.0,
            door_W_per_K=0.0,
            solar_aperture_m2=0.0,
            occupants_W=0.0,
            heating_target_K=ambient_temperature_K,
            dead_band_K=0.0,
            control_gain_W_per_K=0.0,
            heat_pump=nothing,
            heater=nothing,
            air_conditioner=nothing,
            blower_power_W=0.0,
            inverse_heat_capacity_K_per_J=0.0,
        )

    def climate(
        self, state: CabinState, here: CabinAtAmbient, speed_m_per_s: Scalar, sun_W_per_m2: Scalar, mode_on: Scalar
    ) -> ClimateDemand:
        """No demand."""
        zero = jnp.zeros_like(state.temperature_K)
        return ClimateDemand(zero, zero, zero, zero, zero)

    def given(self, here: CabinAtAmbient, heater_power_W: Scalar, air_conditioning_power_W: Scalar) -> ClimateDemand:
        """The powers as given; they warm nothing."""
        zero = jnp.zeros_like(heater_power_W)
        power_W = heater_power_W + air_conditioning_power_W
        return ClimateDemand(power_W, zero, heater_power_W, air_conditioning_power_W, zero)

    def step(
        self,
        state: CabinState,
        heat_to_cabin_W: Scalar,
        here: CabinAtAmbient,
        speed_m_per_s: Scalar,
        sun_W_per_m2: Scalar,
        mode_on: Scalar,
        dt_s: Scalar,
    ) -> CabinState:
        """Unchanged."""
        return state


@final
class Cabin(AbstractCabin):
    """One lumped node of air, interior and heater core, held at a set point by feed-forward and a proportional term.

    C dT/dt = Q + A_sun I + n q - G (T - T_a)
    G = UA_0 + UA_1 v + on ((1 - r) m c_p + (D where it stands))
    Q = max(0, q_h) - max(0, q_c)
    q_h = G (T_h - T_a) - gains + K (T_h - T),   q_c = G (T_a - T_c) + gains + K (T - T_c) = -q_h - (G + K) (T_c - T_h)

    D = f rho c_p (k / 3) A sqrt(g H dT / T_a),  k = 0.40 + 0.0045 dT: warm and cold air that change places through open doors of
    area A and height H, f the part of standing in which they are open (Kiel and Wilson, ASHRAE Transactions 95 (1989), measured
    up to 45 K; wind and people in the doorway left out). Cars have A = 0.

    Both cannot be positive at once where T_c >= T_h. Heat comes from a fuel-fired heater first, where there is one and it is
    cold enough for it, then from the heat pump as far as its capacity goes, the rest from the resistance heater. More air than
    `ventilation_kg_per_s`, which hard frost asks for at the vents, is taken from the cabin, not from outside.

    `step` solves the balance with the rational approximation of `relax`: second order, stable for every step length.
    The proportional term acts once a step and is stable while K dt < C, which the defaults keep up to 200 s.

    Defaults are one generic compact car. C, UA_0 and K are fitted to the heater and air-conditioner energy of 29
    measured BMW i3 trips (doi 10.21227/6jr9-5235) at -1 to 31 degC; the air flow follows from their vent, head and
    ambient temperatures (130 m3/h); set points are the head temperature they hold. Solar aperture, occupant and UA_1
    are estimates, the aperture chosen after several were tried on the same trips. Uncertainty: +-25 % of the demand
    (FASTSim 3.1's Leaf lies above, at 152 W/K in all, the i3 trips at 70 W/K). Valid -35 to +45 degC.
    Validation: level 1 (trip energy).
    """

    heat_capacity_J_per_K: Scalar = 78e3
    conductance_W_per_K: Scalar = 37.0
    conductance_per_speed_J_per_m_K: Scalar = 0.5
    ventilation_kg_per_s: Scalar = 0.045
    recirculation_fraction: Scalar = 0.0
    door_area_m2: Scalar = 0.0
    door_height_m: Scalar = 1.9
    door_open_fraction: Scalar = 0.42
    solar_aperture_m2: Scalar = 1.6
    occupants: Scalar = 1.0
    heat_per_occupant_W: Scalar = 100.0
    heating_target_K: Scalar = ZERO_CELSIUS_K + 22.0
    cooling_target_K: Scalar = ZERO_CELSIUS_K + 24.0
    control_gain_W_per_K: Scalar = 370.0
    blower_power_W: Scalar = 90.0
    heater: PTC = eqx.field(default_factory=PTC)
    heat_pump: AbstractHeatPump = eqx.field(default_factory=NoHeatPump)
    air_conditioner: AbstractAirConditioner = eqx.field(default_factory=AirConditioner)
    fuel_heater: FuelHeater | None = None

    def start(self, temperature_K: Scalar) -> CabinState:
        """The cabin soaked, or conditioned, at this temperature."""
        return CabinState(temperature_K)

    def at(self, ambient_temperature_K: Scalar) -> CabinAtAmbient:
        """What the steps of a drive at this ambient need."""
        ventilation_W_per_K = self.ventilation_kg_per_s * AIR_HEAT_CAPACITY_J_per_kg_K
        return CabinAtAmbient(
            ambient_temperature_K=ambient_temperature_K,
            conductance_W_per_K=self.conductance_W_per_K,
            conductance_per_speed_J_per_m_K=self.conductance_per_speed_J_per_m_K,
            ventilation_W_per_K=(1.0 - self.recirculation_fraction) * ventilation_W_per_K,
            door_W_per_K=self._door_W_per_K(ambient_temperature_K),
            solar_aperture_m2=self.solar_aperture_m2,
            occupants_W=self.occupants * self.heat_per_occupant_W,
            heating_target_K=self.heating_target_K,
            dead_band_K=self.cooling_target_K - self.heating_target_K,
            control_gain_W_per_K=self.control_gain_W_per_K,
            heat_pump=self.heat_pump.at(ambient_temperature_K),
            heater=self.heater.at(ambient_temperature_K),
            air_conditioner=self.air_conditioner.at(ambient_temperature_K),
            blower_power_W=self.blower_power_W,
            inverse_heat_capacity_K_per_J=1.0 / self.heat_capacity_J_per_K,
            fuel_heater=None if self.fuel_heater is None else self.fuel_heater.at(ambient_temperature_K),
        )

    def _door_W_per_K(self, ambient_temperature_K: Scalar) -> Scalar:
        """Conductance of the doors while it stands, at the temperature that is held."""
        cold_K, hot_K = self.heating_target_K - ambient_temperature_K, ambient_temperature_K - self.cooling_target_K
        apart_K = jnp.maximum(jnp.maximum(cold_K, hot_K), 0.1)
        wind_m_per_s = jnp.sqrt(GRAVITY_m_per_s2 * self.door_height_m * apart_K / ambient_temperature_K)
        flow_m3_per_s = (0.40 + 0.0045 * apart_K) / 3.0 * self.door_area_m2 * wind_m_per_s
        density_kg_per_m3 = AIR_kg_K_per_m3 / ambient_temperature_K
        return self.door_open_fraction * density_kg_per_m3 * flow_m3_per_s * AIR_HEAT_CAPACITY_J_per_kg_K

    def scaled(self, size_ratio: Scalar) -> Cabin:
        """The cabin of a vehicle so many times larger, by length times width, with the same machines."""
        return Cabin(
            heat_capacity_J_per_K=self.heat_capacity_J_per_K * size_ratio,
            conductance_W_per_K=self.conductance_W_per_K * size_ratio,
            conductance_per_speed_J_per_m_K=self.conductance_per_speed_J_per_m_K * size_ratio,
            ventilation_kg_per_s=self.ventilation_kg_per_s * size_ratio,
            recirculation_fraction=self.recirculation_fraction,
            door_area_m2=self.door_area_m2 * size_ratio,
            door_height_m=self.door_height_m,
            door_open_fraction=self.door_open_fraction,
            solar_aperture_m2=self.solar_aperture_m2 * size_ratio,
            occupants=self.occupants,
            heat_per_occupant_W=self.heat_per_occupant_W,
            heating_target_K=self.heating_target_K,
            cooling_target_K=self.cooling_target_K,
            control_gain_W_per_K=self.control_gain_W_per_K * size_ratio,
            blower_power_W=self.blower_power_W * size_ratio,
            heater=self.heater,
            heat_pump=self.heat_pump,
            air_conditioner=self.air_conditioner,
            fuel_heater=self.fuel_heater,
        )

    def climate(
        self, state: CabinState, here: CabinAtAmbient, speed_m_per_s: Scalar, sun_W_per_m2: Scalar, mode_on: Scalar
    ) -> ClimateDemand:
        """Power that comfort demands now; `mode_on` between 0, off, and 1, on."""
        conductance_W_per_K, gains_W = _balance(here, speed_m_per_s, sun_W_per_m2, mode_on)
        need_W = (
            conductance_W_per_K * (here.heating_target_K - here.ambient_temperature_K)
            - gains_W
            + here.control_gain_W_per_K * (here.heating_target_K - state.temperature_K)
        )
        heating_W = positive(need_W)
        cooling_W = positive(-need_W - (conductance_W_per_K + here.control_gain_W_per_K) * here.dead_band_K)
        burning: Burning | None = None
        if here.fuel_heater is not None:
            burner, below_K = here.fuel_heater, here.heating_target_K - state.temperature_K
            burning = burner.burning(mode_on * burner.capacity_W * stage(below_K, 1))
            electric_W = (here.heat_pump.capacity_W + here.heater.capacity_W) * stage(below_K, 2)
            # Where it is too warm for the burner, electricity heats as in a cabin that has none.
            heating_W = jnp.where(burner.capacity_W > 0.0, electric_W, heating_W)
        pumped_W = mode_on * jnp.minimum(heating_W, here.heat_pump.capacity_W)
        resistive_W = mode_on * jnp.minimum(positive(heating_W - here.heat_pump.capacity_W), here.heater.capacity_W)
        cooled_W = mode_on * jnp.minimum(cooling_W, here.air_conditioner.capacity_W)
        heater_power_W = pumped_W * here.heat_pump.electric_power_ratio + resistive_W * here.heater.electric_power_ratio
        air_conditioning_power_W = cooled_W * here.air_conditioner.electric_power_ratio
        blower_power_W = mode_on * here.blower_power_W
        heat_W = pumped_W + resistive_W - cooled_W
        if here.fuel_heater is not None and burning is not None:
            heat_W = heat_W + burning.heat_W
            heater_power_W = heater_power_W + burning.heat_W * here.fuel_heater.electric_power_ratio
        return ClimateDemand(
            heater_power_W + air_conditioning_power_W + blower_power_W,
            heat_W,
            heater_power_W,
            air_conditioning_power_W,
            blower_power_W,
            burning,
        )

    def given(self, here: CabinAtAmbient, heater_power_W: Scalar, air_conditioning_power_W: Scalar) -> ClimateDemand:
        """The demand where the electrical powers of heater and air conditioner are known.

        The power goes to the resistance heater; the blower is taken to be in the 12 V loads of the measurement.
        """
        heat_W = heater_power_W / here.heater.electric_power_ratio
        cold_W = air_conditioning_power_W / here.air_conditioner.electric_power_ratio
        power_W = heater_power_W + air_conditioning_power_W
        return ClimateDemand(
            power_W, heat_W - cold_W, heater_power_W, air_conditioning_power_W, jnp.zeros_like(power_W)
        )

    def step(
        self,
        state: CabinState,
        heat_to_cabin_W: Scalar,
        here: CabinAtAmbient,
        speed_m_per_s: Scalar,
        sun_W_per_m2: Scalar,
        mode_on: Scalar,
        dt_s: Scalar,
    ) -> CabinState:
        """The cabin one step later, the heat held constant over the step.

        x = G dt / C;  T <- T + (dt / C) (Q + gains - G (T - T_a)) (1 + x/2) / (1 + x + x^2/2)
        """
        conductance_W_per_K, gains_W = _balance(here, speed_m_per_s, sun_W_per_m2, mode_on)
        scale = dt_s * here.inverse_heat_capacity_K_per_J
        x = conductance_W_per_K * scale
        net_W = heat_to_cabin_W + gains_W - conductance_W_per_K * (state.temperature_K - here.ambient_temperature_K)
        half = 1.0 + 0.5 * x
        return CabinState(state.temperature_K + scale * net_W * half / (1.0 + x * half))


def loss_W_per_K(here: CabinAtAmbient, speed_m_per_s: Scalar, mode_on: Scalar) -> Scalar:
    """Conductance from the cabin to the ambient: walls by speed, fresh air, and open doors where it stands."""
    return (
        here.conductance_W_per_K
        + here.conductance_per_speed_J_per_m_K * speed_m_per_s
        + mode_on * (here.ventilation_W_per_K + jnp.where(speed_m_per_s < STANDING_m_per_s, here.door_W_per_K, 0.0))
    )


def _balance(
    here: CabinAtAmbient, speed_m_per_s: Scalar, sun_W_per_m2: Scalar, mode_on: Scalar
) -> tuple[Scalar, Scalar]:
    """Conductance to the ambient, and the heat that comes in by itself."""
    conductance_W_per_K = loss_W_per_K(here, speed_m_per_s, mode_on)
    return conductance_W_per_K, here.solar_aperture_m2 * sun_W_per_m2 + here.occupants_W

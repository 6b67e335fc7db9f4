"""The 12 V loads by what the vehicle is doing, as the high-voltage battery sees them through the DC/DC converter."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, final

import jax.numpy as jnp

from covolt.vehicle.part import AbstractPart, Scalar


class AuxiliaryPower(NamedTuple):
    """High-voltage power of the 12 V system in each state of the vehicle, worked out once per drive."""

    key_off_W: Scalar
    charging_W: Scalar
    standstill_W: Scalar
    moving_W: Scalar


class AbstractAuxiliary(AbstractPart):
    """Whatever the vehicle consumes beside traction and climate."""

    @abstractmethod
    def at(self, lights_on: Scalar) -> AuxiliaryPower:
        """High-voltage power in each state, lights between 0, off, and 1, on."""

    @abstractmethod
    def power_W(self, here: AuxiliaryPower, speed_m_per_s: Scalar) -> Scalar:
        """High-voltage power of a vehicle that is switched on, at this speed."""


@final
class NoAuxiliary(AbstractAuxiliary):
    """A vehicle without 12 V loads."""

    def at(self, lights_on: Scalar) -> AuxiliaryPower:
        """Nothing in any state."""
        return AuxiliaryPower(0.0, 0.0, 0.0, 0.0)

    def power_W(self, here: AuxiliaryPower, speed_m_per_s: Scalar) -> Scalar:
        """Nothing."""
        return jnp.zeros_like(speed_m_per_s)


@final
class Auxiliary(AbstractAuxiliary):
    """Constant 12 V loads by state behind a converter with constant efficiency.

    P = P_12V(state, lights) / eta;  between standstill and 1 m/s the power rises linearly, for a smooth slope

    Climate blower, coolant heaters and compressors belong to the cabin and the battery conditioning, not here. At
    rest the BMW i3 trips (doi 10.21227/6jr9-5235) draw 0.40 to 0.46 kW beside heater and compressor in summer and
    0.50 to 0.55 kW in winter, blower included; the defaults give 0.27 kW + 0.09 kW for the blower, + 0.10 kW with
    lights. FASTSim 3.1's Bolt has 0.25 kW in all. Loads while charging and with the key off are engineering
    estimates. Validation: level 1.
    """

    key_off_load_W: Scalar = 2.0
    charging_load_W: Scalar = 150.0
    standstill_load_W: Scalar = 250.0
    moving_load_W: Scalar = 280.0
    lights_load_W: Scalar = 90.0
    converter_efficiency: Scalar = 0.92

    def at(self, lights_on: Scalar) -> AuxiliaryPower:
        """High-voltage power in each state, lights between 0, off, and 1, on."""
        lights_W = lights_on * self.lights_load_W
        return AuxiliaryPower(
            self.key_off_load_W / self.converter_efficiency,
            self.charging_load_W / self.converter_efficiency,
            (self.standstill_load_W + lights_W) / self.converter_efficiency,
            (self.moving_load_W + lights_W) / self.converter_efficiency,
        )

    def power_W(self, here: AuxiliaryPower, speed_m_per_s: Scalar) -> Scalar:
        """High-voltage power of a vehicle that is switched on, at this speed."""
        moving = jnp.minimum(speed_m_per_s, 1.0)
        return here.standstill_W + moving * (here.moving_W - here.standstill_W)

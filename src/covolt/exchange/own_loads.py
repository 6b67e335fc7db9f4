"""The cabin and the auxiliaries of covolt's own with the ports of their interfaces: what they draw, and how warm it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax.numpy as jnp

from covolt.exchange.component import Variable
from covolt.exchange.own_part import AbstractPorted, Scalars
from covolt.exchange.own_variables import answered, given, set_once
from covolt.vehicle.auxiliary import AbstractAuxiliary
from covolt.vehicle.cabin import AbstractCabin
from covolt.vehicle.part import Scalar

__all__ = ["PortedAuxiliary", "PortedCabin"]

SMALLEST_V, USUAL_V = 1.0, 400.0
"""A voltage below which nothing flows, and one for whoever joins none."""


def _current_A(power_W: Scalar, voltage_V: Scalar) -> Scalar:
    return jnp.where(voltage_V > SMALLEST_V, power_W / jnp.maximum(voltage_V, SMALLEST_V), 0.0)


@final
class PortedAuxiliary(AbstractPorted):
    """The loads of the low-voltage network behind `auxiliary@1`: I = P / V, P by whether the vehicle stands or moves."""

    auxiliary: AbstractAuxiliary

    def variables(self) -> tuple[Variable, ...]:
        return (
            set_once("lights_on", "1", 0.0, 0.0, 1.0, "0 is off, 1 is on"),
            given("voltage", "V", USUAL_V, "of the traction network"),
            given("speed", "m/s", 0.0, "of the vehicle"),
            answered("current", "A", "positive is drawn"),
            answered("power", "W", "drawn from the traction network"),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        return {"current": ("voltage", "speed"), "power": ("speed",)}

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        return (), self._drawn(values, inputs)

    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        return state, self._drawn(values, inputs)

    def _drawn(self, values: Scalars, inputs: Scalars) -> Scalars:
        power_W = self.auxiliary.power_W(self.auxiliary.at(values[0]), inputs[1])
        return [_current_A(power_W, inputs[0]), power_W]


@final
class PortedCabin(AbstractPorted):
    """The cabin behind `cabin@1`: what its heating and cooling draw, I = P / V, and the temperature of its air."""

    cabin: AbstractCabin

    def variables(self) -> tuple[Variable, ...]:
        return (
            set_once("temperature_start", "K", 293.15, 213.15, 353.15, "of the air inside"),
            given("voltage", "V", USUAL_V, "of the traction network"),
            given("speed", "m/s", 0.0, "of the vehicle"),
            given("ambient_temperature", "K", 293.15, ""),
            given("sun", "W/m2", 0.0, "on the cabin"),
            given("climate_on", "1", 1.0, "0 is off, 1 is on"),
            answered("current", "A", "positive is drawn; mean over the step"),
            answered("power", "W", "electric, mean over the step"),
            answered("temperature", "K", "of the air inside, at the end of the step"),
            answered("heat", "W", "brought into the air inside; negative cools"),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        drawn = ("speed", "ambient_temperature", "sun", "climate_on")
        return {"current": ("voltage", *drawn), "power": drawn, "heat": drawn, "temperature": ()}

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        zero = jnp.zeros(())
        return self.cabin.start(values[0]), [zero, zero, values[0], zero]

    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        voltage_V, speed_m_per_s, ambient_K = inputs[0], inputs[1], inputs[2]
        sun_W_per_m2, climate_on = inputs[3], inputs[4]
        here = self.cabin.at(ambient_K)
        asked = self.cabin.climate(state, here, speed_m_per_s, sun_W_per_m2, climate_on)
        heat_W, power_W = asked.heat_to_cabin_W, asked.electric_power_W
        after = self.cabin.step(state, heat_W, here, speed_m_per_s, sun_W_per_m2, climate_on, dt_s)
        return after, [_current_A(power_W, voltage_V), power_W, after.temperature_K, heat_W]

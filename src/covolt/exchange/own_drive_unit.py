"""A drive unit of covolt's own with the ports of its interface: asked for a torque at a speed, it answers current and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax.numpy as jnp

from covolt.exchange.component import Variable
from covolt.exchange.own_part import AbstractPorted, Scalars
from covolt.exchange.own_variables import answered, given, number, set_once
from covolt.vehicle.drive_unit import AbstractDriveUnit
from covolt.vehicle.part import Scalar

__all__ = ["PortedDriveUnit"]

SMALLEST_V = 1.0
"""Below it a direct-current network is off, and no current is told."""


@final
class PortedDriveUnit(AbstractPorted):
    """A drive unit behind the ports of `drive_unit@1`, a flow positive into it.

        T = clip(T_request, -T_brake, T_drive),  P = T w + P_loss(T, w),  I = P / V;  the shaft is given -T

    Limits are those of its winding, the voltage and the speed; what the battery can give is for whoever asks.
    """

    unit: AbstractDriveUnit

    def variables(self) -> tuple[Variable, ...]:
        unit = self.unit
        return (
            set_once("temperature_start", "K", 293.15, 213.15, 473.15, "of the winding"),
            given("voltage", "V", float(unit.nominal_voltage_V()), "at its terminals"),
            given("speed", "rad/s", 0.0, "of the shaft, forwards"),
            given("torque_request", "Nm", 0.0, "positive drives"),
            given("coolant_temperature", "K", 293.15, ""),
            answered("current", "A", "positive drives, negative recuperates; mean over the step"),
            answered("torque", "Nm", "at the shaft: positive brakes the unit, as in recuperation"),
            answered("power", "W", "electric, positive into the unit"),
            answered("loss", "W", "of motor and inverter"),
            answered("drive_torque_limit", "Nm", "at the end of the step, at this speed and voltage"),
            answered("brake_torque_limit", "Nm", "at the end of the step, at this speed and voltage"),
            answered("winding_temperature", "K", "at the end of the step"),
            answered("coolant_heat", "W", "into the coolant"),
            answered("covered", "1", "1 where its losses are declared for this point, else 0"),
            number("mass", "kg", float(unit.mass_kg())),
            number("torque_peak", "Nm", float(unit.peak_torque_Nm())),
            number("power_peak", "W", float(unit.peak_power_W())),
            number("speed_maximum", "rad/s", float(unit.maximum_speed_rad_per_s())),
            number("voltage_nominal", "V", float(unit.nominal_voltage_V())),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        at_once = ("voltage", "speed", "torque_request")
        limits = dict.fromkeys(("drive_torque_limit", "brake_torque_limit"), ("voltage", "speed"))
        quick = dict.fromkeys(("torque", "power", "loss", "coolant_heat", "covered", "current"), at_once)
        return {**quick, **limits, "winding_temperature": ()}

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        state, zero = self.unit.start(values[0]), jnp.zeros(())
        limits = self.unit.envelope(state, inputs[1], inputs[0])
        answers: list[Scalar] = [zero, zero, zero, zero, limits.drive_Nm, limits.brake_Nm]
        return state, [*answers, self.unit.winding_temperature_K(state), zero, 1.0]

    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        unit = self.unit
        voltage_V, speed_rad_per_s, request_Nm, coolant_K = inputs[0], inputs[1], inputs[2], inputs[3]
        now = unit.envelope(state, speed_rad_per_s, voltage_V)
        torque_Nm = jnp.clip(request_Nm, -now.brake_Nm, now.drive_Nm)
        loss_W = unit.loss_W(state, torque_Nm, speed_rad_per_s)
        power_W = torque_Nm * speed_rad_per_s + loss_W
        current_A = jnp.where(voltage_V > SMALLEST_V, power_W / jnp.maximum(voltage_V, SMALLEST_V), 0.0)
        after = unit.step(state, loss_W, coolant_K, dt_s)
        limits = unit.envelope(after, speed_rad_per_s, voltage_V)
        answers: list[Scalar] = [current_A, -torque_Nm, power_W, loss_W, limits.drive_Nm, limits.brake_Nm]
        answers += [unit.winding_temperature_K(after), unit.coolant_heat_W(after, loss_W, coolant_K)]
        return after, [*answers, unit.covers(torque_Nm, speed_rad_per_s)]

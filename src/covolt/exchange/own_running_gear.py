"""Gearbox, tyres and brakes of covolt's own with the ports of their interfaces: torques, speeds, resistance and grip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax.numpy as jnp

from covolt.exchange.component import Variable
from covolt.exchange.own_part import AbstractPorted, Scalars
from covolt.exchange.own_variables import answered, given, number, set_once
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.brake import Brake
from covolt.vehicle.gearbox import AbstractGearbox
from covolt.vehicle.part import Scalar
from covolt.vehicle.tyre import Tyre

__all__ = ["PortedBrake", "PortedGearbox", "PortedTyre"]

SOAKED_K = 293.15


@final
class PortedGearbox(AbstractPorted):
    """A gearbox with differential behind `gearbox@1`, a flow positive into it at both sides.

        w_motor = i w_wheel;   T = T_motor - T_drag;   the wheels are given i eta T where T > 0, else i T / eta
        loss = T_motor w_motor + T_wheel w_wheel, with T_wheel as it stands at the port: negative when driving

    In a step in which a gear changes, torque passes for the rest of it alone, and what comes in meanwhile is lost.
    """

    gearbox: AbstractGearbox

    def variables(self) -> tuple[Variable, ...]:
        return (
            set_once("temperature_start", "K", SOAKED_K, 213.15, 423.15, "of the oil"),
            given("wheel_side_speed", "rad/s", 0.0, "of the wheels, forwards"),
            given("motor_side_torque", "Nm", 0.0, "positive drives the gearbox"),
            given("ambient_temperature", "K", SOAKED_K, ""),
            answered("motor_side_speed", "rad/s", "of the rotor"),
            answered("wheel_side_torque", "Nm", "positive drives the gearbox, as in recuperation; mean over the step"),
            answered("oil_temperature", "K", "at the end of the step"),
            answered("loss", "W", "mean over the step"),
            answered("gear", "1", "0 is the lowest"),
            number("mass", "kg", float(self.gearbox.mass_kg)),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        both = ("wheel_side_speed", "motor_side_torque")
        return {
            "motor_side_speed": both[:1],
            "wheel_side_torque": both,
            "loss": both,
            "oil_temperature": (),
            "gear": (),
        }

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        state = self.gearbox.start(values[0])
        _, engaged = self.gearbox.engage(state, inputs[0], 1.0)
        zero = jnp.zeros(())
        return state, [engaged.ratio * inputs[0], zero, values[0], zero, state.gear]

    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        speed_rad_per_s, torque_Nm, ambient_K = inputs[0], inputs[1], inputs[2]
        shifted, now = self.gearbox.engage(state, speed_rad_per_s, dt_s)
        rotor_rad_per_s, net_Nm = now.ratio * speed_rad_per_s, torque_Nm - now.drag_Nm
        passed_Nm = jnp.where(net_Nm > 0.0, net_Nm * now.mesh_efficiency, net_Nm / now.mesh_efficiency)
        wheel_Nm = -passed_Nm * now.ratio * now.transmitting_fraction
        loss_W = torque_Nm * rotor_rad_per_s + wheel_Nm * speed_rad_per_s
        after = self.gearbox.step(shifted, loss_W, ambient_K, dt_s)
        return after, [rotor_rad_per_s, wheel_Nm, after.oil_temperature_K, loss_W, after.gear]


@final
class PortedTyre(AbstractPorted):
    """The tyres of a vehicle behind `tyre@1`: F = c(T) load, grip mu load; at standstill nothing resists."""

    tyre: Tyre

    def variables(self) -> tuple[Variable, ...]:
        return (
            set_once("temperature_start", "K", SOAKED_K, 213.15, 373.15, "of the rubber"),
            given("speed", "m/s", 0.0, "of the vehicle"),
            given("ambient_temperature", "K", SOAKED_K, ""),
            given("load", "N", 0.0, "on all of them"),
            answered("rolling_resistance", "N", "mean over the step"),
            answered("grip_limit", "N", "largest force along the road"),
            answered("temperature", "K", "at the end of the step"),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        return {"rolling_resistance": ("speed", "load"), "grip_limit": ("load",), "temperature": ()}

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        state = self.tyre.start(values[0])
        return state, [self._rolling_N(state, inputs), self.tyre.grip_coefficient * inputs[2], values[0]]

    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        rolling_N = self._rolling_N(state, inputs)
        after = self.tyre.step(state, rolling_N * inputs[0], inputs[0], Ambient(inputs[1]), dt_s)
        return after, [rolling_N, self.tyre.grip_coefficient * inputs[2], after.temperature_K]

    def _rolling_N(self, state: Any, inputs: Scalars) -> Scalar:
        moving = jnp.minimum(1.0, 20.0 * inputs[0])
        return self.tyre.rolling_coefficient * self.tyre.resistance_factor(state) * inputs[2] * moving


@final
class PortedBrake(AbstractPorted):
    """Blended brakes behind `brake@1`: recuperation as far as blending and its limit allow, friction for the rest."""

    brake: Brake

    def variables(self) -> tuple[Variable, ...]:
        return (
            set_once("vehicle_mass", "kg", 1500.0, 50.0, 60e3, "with its load"),
            given("speed", "m/s", 0.0, "of the vehicle"),
            given("force_request", "N", 0.0, "braking, positive"),
            given("recuperation_limit", "N", 0.0, "that axle, machine and battery allow"),
            answered("friction_force", "N", ""),
            answered("recuperation_force", "N", ""),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        return dict.fromkeys(("friction_force", "recuperation_force"), ("speed", "force_request", "recuperation_limit"))

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        return (), self._shared(values, inputs)

    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        return state, self._shared(values, inputs)

    def _shared(self, values: Scalars, inputs: Scalars) -> Scalars:
        allowed_N = self.brake.recuperation_N(inputs[1], values[0], inputs[0])
        recuperation_N = jnp.minimum(allowed_N, inputs[2])
        return [inputs[1] - recuperation_N, recuperation_N]

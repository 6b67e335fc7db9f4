"""The gearbox: what lies between rotor and wheels."""

from __future__ import annotations

import abc
from typing import NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp

from covolt.vehicle.part import AbstractPart, AbstractTree, Scalar


class GearboxState(NamedTuple):
    """Oil temperature, and the engaged gear counted from 0."""

    oil_temperature_K: Scalar
    gear: Scalar


class Engaged(NamedTuple):
    """The gearbox as it stands in this step: ratio, mesh efficiency, drag at the rotor, share of the step it transmits."""

    ratio: Scalar
    mesh_efficiency: Scalar
    drag_Nm: Scalar
    transmitting_fraction: Scalar


class Lubrication(AbstractTree):
    """Oil: how drag grows in the cold, and how the oil warms.

    drag      T_d = (t0 + t1 w) (exp(-k (T_oil - T_ref)) - included)
    oil       C dT/dt = P_loss - h A (T - T_ambient)

    `included_fraction` is 1 where a coast-down already holds the warm drag, so that only the excess of cold oil is counted, and
    0 where the gearbox is described by itself.
    Source: two- to four-fold drag at -20 degC oil is own knowledge of the project; to be confirmed by measurement.
    """

    drag_Nm: Scalar
    drag_per_speed_Nm_s: Scalar
    viscosity_coefficient_per_K: Scalar
    reference_temperature_K: Scalar
    included_fraction: Scalar
    heat_capacity_J_per_K: Scalar
    conductance_W_per_K: Scalar

    def torque_Nm(self, oil_K: Scalar, rotor_speed_rad_per_s: Scalar) -> Scalar:
        """Drag at the rotor; it fades out at standstill, where nothing turns."""
        w = jnp.asarray(rotor_speed_rad_per_s)
        thick = jnp.exp(self.viscosity_coefficient_per_K * (self.reference_temperature_K - oil_K))
        turning = jnp.minimum(w, 1.0)
        return (
            turning * (self.drag_Nm + self.drag_per_speed_Nm_s * w) * jnp.maximum(thick - self.included_fraction, 0.0)
        )

    def warmed_K(self, oil_K: Scalar, loss_W: Scalar, ambient_K: Scalar, dt_s: Scalar) -> Scalar:
        """Oil temperature after one step, implicit in the exchange with the air."""
        k = dt_s / self.heat_capacity_J_per_K
        exchange = k * self.conductance_W_per_K
        return (oil_K + k * loss_W + exchange * ambient_K) / (1.0 + exchange)


class AbstractGearbox(AbstractPart):
    """Whatever lies between rotor and wheels."""

    mass_kg: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def start(self, temperature_K: Scalar) -> GearboxState:
        """A gearbox soaked at a temperature, in first gear."""

    @abc.abstractmethod
    def engage(self, state: GearboxState, wheel_speed_rad_per_s: Scalar, dt_s: Scalar) -> tuple[GearboxState, Engaged]:
        """Choose the gear for this step and say what it does."""

    @abc.abstractmethod
    def step(self, state: GearboxState, loss_W: Scalar, ambient_temperature_K: Scalar, dt_s: Scalar) -> GearboxState:
        """Oil temperature after one step."""


@final
class FixedGearbox(AbstractGearbox):
    """One fixed reduction with differential.

    mesh      P_wheel = eta P_rotor when driving,  P_rotor = eta P_wheel when braking
    drag      see `Lubrication`
    Source: single-stage reducers reach 0.97 to 0.985 over two meshes at load. Validation: level 1.
    """

    ratio: Scalar
    mesh_efficiency: Scalar
    lubrication: Lubrication
    mass_kg: Scalar

    def start(self, temperature_K: Scalar) -> GearboxState:
        """A gearbox soaked at a temperature."""
        T = jnp.asarray(temperature_K)
        return GearboxState(T, jnp.zeros_like(T))

    def engage(self, state: GearboxState, wheel_speed_rad_per_s: Scalar, dt_s: Scalar) -> tuple[GearboxState, Engaged]:
        """The one gear."""
        drag = self.lubrication.torque_Nm(state.oil_temperature_K, wheel_speed_rad_per_s * self.ratio)
        return state, Engaged(self.ratio, self.mesh_efficiency, drag, 1.0)

    def step(self, state: GearboxState, loss_W: Scalar, ambient_temperature_K: Scalar, dt_s: Scalar) -> GearboxState:
        """Oil temperature after one step."""
        oil = self.lubrication.warmed_K(state.oil_temperature_K, loss_W, ambient_temperature_K, dt_s)
        return GearboxState(oil, state.gear)


@final
class ShiftingGearbox(AbstractGearbox):
    """Two or more gears, shifted by rotor speed with hysteresis.

    up one gear where the rotor would turn faster than `upshift_speed`, down one where it would turn slower than
    `downshift_speed` (in the gear engaged before); a shift interrupts torque for `shift_time_s` of the step it happens in.
    Source: common practice of two-speed electric axles. Validity: `downshift_speed` times the largest ratio step must lie
    below `upshift_speed`, or the gearbox hunts.
    """

    ratios: jax.Array
    mesh_efficiencies: jax.Array
    upshift_speed_rad_per_s: Scalar
    downshift_speed_rad_per_s: Scalar
    shift_time_s: Scalar
    lubrication: Lubrication
    mass_kg: Scalar

    def start(self, temperature_K: Scalar) -> GearboxState:
        """A gearbox soaked at a temperature, in first gear."""
        T = jnp.asarray(temperature_K)
        return GearboxState(T, jnp.zeros_like(T))

    def engage(self, state: GearboxState, wheel_speed_rad_per_s: Scalar, dt_s: Scalar) -> tuple[GearboxState, Engaged]:
        """Shift by at most one gear, then read the gear's ratio and efficiency."""
        last = self.ratios.shape[-1] - 1
        before = state.gear
        rotor = wheel_speed_rad_per_s * self._read(self.ratios, before)
        up = jnp.where(rotor > self.upshift_speed_rad_per_s, 1.0, 0.0)
        down = jnp.where(rotor < self.downshift_speed_rad_per_s, 1.0, 0.0)
        gear = jnp.clip(before + up - down, 0, last)
        shifted = jnp.where(gear != before, 1.0, 0.0)
        ratio = self._read(self.ratios, gear)
        drag = self.lubrication.torque_Nm(state.oil_temperature_K, wheel_speed_rad_per_s * ratio)
        transmitting = 1.0 - shifted * jnp.minimum(self.shift_time_s / dt_s, 1.0)
        engaged = Engaged(ratio, self._read(self.mesh_efficiencies, gear), drag, transmitting)
        return GearboxState(state.oil_temperature_K, gear), engaged

    @staticmethod
    def _read(values: jax.Array, gear: Scalar) -> jax.Array:
        return jnp.take(values, jnp.asarray(gear).astype(jnp.int32), mode="clip")

    def step(self, state: GearboxState, loss_W: Scalar, ambient_temperature_K: Scalar, dt_s: Scalar) -> GearboxState:
        """Oil temperature after one step."""
        oil = self.lubrication.warmed_K(state.oil_temperature_K, loss_W, ambient_temperature_K, dt_s)
        return GearboxState(oil, state.gear)

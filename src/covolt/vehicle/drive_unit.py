"""The drive unit: motor and inverter, both quadrants.

Losses come from a six-term polynomial with non-negative coefficients or from a declared map. The polynomial keeps every limit
in closed form, which is what makes a step fast and smooth.
"""

from __future__ import annotations

import abc
from typing import NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp

from covolt.vehicle.lookup import Map
from covolt.vehicle.part import EVERYTHING, AbstractPart, AbstractTree, PartState, Scalar, positive

COPPER_TEMPERATURE_COEFFICIENT_per_K = 0.00393
ROUNDING = 1e-9
"""Relative; a torque at the very edge of a map comes back from the wheels with the last digit moved."""
WINDING_REFERENCE_K = 338.15
"""65 degC, the winding temperature at which loss maps are declared."""


class DriveUnitState(NamedTuple):
    """Temperature of the winding (the whole machine as one node)."""

    winding_temperature_K: Scalar


class Envelope(NamedTuple):
    """Torque that the unit can give now: `drive_Nm` forwards and `brake_Nm` backwards, both as positive numbers."""

    drive_Nm: Scalar
    brake_Nm: Scalar
    derating_ratio: Scalar


@final
class Machine(AbstractTree):
    """What every drive unit has besides its losses: envelope, heat and mass.

    torque limit     T(w) = min(T_peak, P_peak min(V / V_nominal, 1) / w) d(T_w),  zero above the maximum speed
    derating         d falls linearly from 1 at `derating_start_K` to 0 at `derating_end_K`
    heat             C dT_w/dt = s P_loss - (T_w - T_coolant) / R,   into the coolant (1 - s) P_loss + (T_w - T_coolant) / R

    Source: standard form of a permanent-magnet drive with field weakening; power in field weakening is proportional to the DC
    voltage at constant phase current, up to the declared peak at V_nominal, which is the inverter's limit. Validity: steady
    envelope, no transient overload of the inverter.
    """

    peak_torque_Nm: Scalar
    peak_power_W: Scalar
    maximum_speed_rad_per_s: Scalar
    nominal_voltage_V: Scalar
    derating_start_K: Scalar
    derating_end_K: Scalar
    heat_capacity_J_per_K: Scalar
    thermal_resistance_K_per_W: Scalar
    winding_heat_fraction: Scalar
    mass_kg: Scalar

    def envelope(self, state: DriveUnitState, speed_rad_per_s: Scalar, voltage_V: Scalar) -> Envelope:
        """Torque limits, equal forwards and backwards."""
        w = jnp.maximum(speed_rad_per_s, 1e-3)
        derating = jnp.clip(
            (self.derating_end_K - state.winding_temperature_K) / (self.derating_end_K - self.derating_start_K),
            0.0,
            1.0,
        )
        voltage_ratio = jnp.minimum(voltage_V / self.nominal_voltage_V, 1.0)
        torque = jnp.minimum(self.peak_torque_Nm, self.peak_power_W * voltage_ratio / w) * derating
        over_speed = jnp.clip((self.maximum_speed_rad_per_s - w) / (0.01 * self.maximum_speed_rad_per_s), 0.0, 1.0)
        return Envelope(torque * over_speed, torque, derating)

    def step(self, state: DriveUnitState, loss_W: Scalar, coolant_K: Scalar, dt_s: Scalar) -> DriveUnitState:
        """Winding temperature, implicit in the exchange with the coolant: stable for every step length."""
        k = dt_s / self.heat_capacity_J_per_K
        exchange = k / self.thermal_resistance_K_per_W
        T = state.winding_temperature_K + k * self.winding_heat_fraction * loss_W + exchange * coolant_K
        return DriveUnitState(T / (1.0 + exchange))

    def coolant_heat_W(self, after: DriveUnitState, loss_W: Scalar, coolant_K: Scalar) -> Scalar:
        """Heat into the coolant over the step that ended with this state: what is not lost in the winding, and what leaves it."""
        direct_W = (1.0 - self.winding_heat_fraction) * loss_W
        return direct_W + (after.winding_temperature_K - coolant_K) / self.thermal_resistance_K_per_W


class AbstractDriveUnit(AbstractPart):
    """Whatever turns direct current into torque and back. Its state is its own: what others need of it, they ask for."""

    def serves(self) -> frozenset[str]:
        """What it can serve: everything, of covolt's own."""
        return EVERYTHING

    def excess_W(self, answered_W: Scalar | None) -> Scalar | None:
        """What the row of the mission says that the units of an axle take beyond the declared: nothing of covolt's own."""
        if answered_W is not None:
            raise ValueError("a drive unit of covolt's own answers for itself")
        return None

    @abc.abstractmethod
    def peak_power_W(self) -> Scalar:
        """Largest mechanical power at nominal voltage."""

    @abc.abstractmethod
    def peak_torque_Nm(self) -> Scalar:
        """Largest torque."""

    @abc.abstractmethod
    def maximum_speed_rad_per_s(self) -> Scalar:
        """Rotor speed above which the unit gives no torque."""

    @abc.abstractmethod
    def nominal_voltage_V(self) -> Scalar:
        """Voltage at its terminals from which on it gives its peak power."""

    @abc.abstractmethod
    def derating_start_K(self) -> Scalar:
        """Temperature of the winding above which torque is held back."""

    @abc.abstractmethod
    def mass_kg(self) -> Scalar:
        """Mass of motor and inverter."""

    @abc.abstractmethod
    def start(self, temperature_K: Scalar) -> PartState:
        """A unit soaked at a temperature."""

    @abc.abstractmethod
    def winding_temperature_K(self, state: PartState) -> Scalar:
        """Temperature of the winding in a state."""

    @abc.abstractmethod
    def envelope(self, state: PartState, speed_rad_per_s: Scalar, voltage_V: Scalar) -> Envelope:
        """Torque limits at this speed, voltage and temperature."""

    @abc.abstractmethod
    def step(self, state: PartState, loss_W: Scalar, coolant_temperature_K: Scalar, dt_s: Scalar) -> PartState:
        """The state after one step in which so much was lost."""

    @abc.abstractmethod
    def coolant_heat_W(self, after: PartState, loss_W: Scalar, coolant_temperature_K: Scalar) -> Scalar:
        """Heat into the coolant over the step that ended with this state."""

    @abc.abstractmethod
    def loss_W(self, state: PartState, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        """Loss of motor and inverter while switching."""

    @abc.abstractmethod
    def covers(self, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        """Whether (1) or not (0) the losses are declared at this point."""

    @abc.abstractmethod
    def idle_loss_W(self, speed_rad_per_s: Scalar) -> Scalar:
        """Loss while turned by the wheels with the inverter off."""

    @abc.abstractmethod
    def drive_torque_Nm(self, state: PartState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Largest driving torque whose electrical power does not exceed `power_W` (0 or more)."""

    @abc.abstractmethod
    def brake_torque_Nm(self, state: PartState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Largest braking torque (positive number) that returns at most `power_W` (0 or more) of electrical power."""


class AbstractMachineUnit(AbstractDriveUnit):
    """A drive unit of one machine, whose winding is its only memory; what is left open is its losses."""

    machine: eqx.AbstractVar[Machine]

    def peak_power_W(self) -> Scalar:
        """That of the machine."""
        return self.machine.peak_power_W

    def peak_torque_Nm(self) -> Scalar:
        """That of the machine."""
        return self.machine.peak_torque_Nm

    def maximum_speed_rad_per_s(self) -> Scalar:
        """That of the machine."""
        return self.machine.maximum_speed_rad_per_s

    def nominal_voltage_V(self) -> Scalar:
        """That of the machine."""
        return self.machine.nominal_voltage_V

    def derating_start_K(self) -> Scalar:
        """That of the machine."""
        return self.machine.derating_start_K

    def mass_kg(self) -> Scalar:
        """That of the machine."""
        return self.machine.mass_kg

    def start(self, temperature_K: Scalar) -> DriveUnitState:
        """A unit soaked at a temperature."""
        return DriveUnitState(jnp.asarray(temperature_K))

    def winding_temperature_K(self, state: DriveUnitState) -> Scalar:
        """Temperature of the winding in a state."""
        return state.winding_temperature_K

    def envelope(self, state: DriveUnitState, speed_rad_per_s: Scalar, voltage_V: Scalar) -> Envelope:
        """Torque limits at this speed, voltage and temperature."""
        return self.machine.envelope(state, speed_rad_per_s, voltage_V)

    def step(
        self, state: DriveUnitState, loss_W: Scalar, coolant_temperature_K: Scalar, dt_s: Scalar
    ) -> DriveUnitState:
        """Winding temperature after one step."""
        return self.machine.step(state, loss_W, coolant_temperature_K, dt_s)

    def coolant_heat_W(self, after: DriveUnitState, loss_W: Scalar, coolant_temperature_K: Scalar) -> Scalar:
        """Heat into the coolant over the step that ended with this state."""
        return self.machine.coolant_heat_W(after, loss_W, coolant_temperature_K)


@final
class PolynomialDriveUnit(AbstractMachineUnit):
    """Motor and inverter with a six-term loss polynomial.

    P_loss = C + k1 |T| + kc c(T_w) T^2 + ki w + k2 w^2 + kw w^3,   all coefficients >= 0
    c(T_w) = 1 + 0.00393 (T_w - 65 degC)   copper resistance

    C: gate drives and control; k1: inverter conduction and switching (nearly linear in current); kc: copper and quadratic
    conduction loss; ki, k2, kw: hysteresis, eddy current and bearings, windage.
    Source: form and accuracy (1.1 points of efficiency rms against a dq reference map) measured for this project, see
    docs/models/drive-unit.md. Validity: within the envelope; sign of losses never negative by construction.
    """

    machine: Machine
    constant_W: Scalar
    torque_W_per_Nm: Scalar
    torque_squared_W_per_Nm2: Scalar
    speed_W_s: Scalar
    speed_squared_W_s2: Scalar
    speed_cubed_W_s3: Scalar

    def covers(self, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        """Everywhere: a polynomial has no edge."""
        return 1.0

    def _copper(self, state: DriveUnitState) -> Scalar:
        ratio = 1.0 + COPPER_TEMPERATURE_COEFFICIENT_per_K * (state.winding_temperature_K - WINDING_REFERENCE_K)
        return self.torque_squared_W_per_Nm2 * ratio

    def idle_loss_W(self, speed_rad_per_s: Scalar) -> Scalar:
        """ki w + k2 w^2 + kw w^3, the part that turning alone costs."""
        w = speed_rad_per_s
        return w * (self.speed_W_s + w * (self.speed_squared_W_s2 + w * self.speed_cubed_W_s3))

    def loss_W(self, state: DriveUnitState, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        """The whole polynomial."""
        T = abs(torque_Nm)
        loaded = self.constant_W + T * (self.torque_W_per_Nm + T * self._copper(state))
        return loaded + self.idle_loss_W(speed_rad_per_s)

    def drive_torque_Nm(self, state: DriveUnitState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Positive root of kc T^2 + (w + k1) T = P - L0(w), in the form without cancellation."""
        kc, b = self._copper(state), speed_rad_per_s + self.torque_W_per_Nm
        rest = positive(power_W - self.constant_W - self.idle_loss_W(speed_rad_per_s))
        return 2.0 * rest / (b + jnp.sqrt(b * b + 4.0 * kc * rest) + 1e-9)

    def brake_torque_Nm(self, state: DriveUnitState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Smaller root of kc T^2 - (w - k1) T + L0(w) + P = 0; the peak torque where no torque returns that much."""
        kc, b = self._copper(state), positive(speed_rad_per_s - self.torque_W_per_Nm)
        back = power_W + self.constant_W + self.idle_loss_W(speed_rad_per_s)
        discriminant = b * b - 4.0 * kc * back
        # Below the discriminant's zero even the best torque returns less than the limit: the limit does not bind there.
        root = 2.0 * back / (b + jnp.sqrt(jnp.maximum(discriminant, 1e-12)) + 1e-9)
        return jnp.where(discriminant > 0.0, root, self.machine.peak_torque_Nm)

    def continuous_torque_Nm(self, coolant_temperature_K: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Torque that can be held for ever: s P_loss(T, w) = (T_derating_start - T_coolant) / R."""
        m = self.machine
        hot = DriveUnitState(jnp.asarray(m.derating_start_K))
        heat_W = (m.derating_start_K - coolant_temperature_K) / (m.thermal_resistance_K_per_W * m.winding_heat_fraction)
        rest = positive(heat_W - self.constant_W - self.idle_loss_W(speed_rad_per_s))
        kc, k1 = self._copper(hot), self.torque_W_per_Nm
        return 2.0 * rest / (k1 + jnp.sqrt(k1 * k1 + 4.0 * kc * rest) + 1e-9)

    def scaled(self, length_ratio: Scalar) -> PolynomialDriveUnit:
        """The same cross-section with another stack length.

        P_loss(T, w) = k P_loss,ref(T / k, w); torque, power and mass times k; end windings neglected.
        """
        k = length_ratio
        m = self.machine
        machine = eqx.tree_at(
            lambda x: (
                x.peak_torque_Nm,
                x.peak_power_W,
                x.heat_capacity_J_per_K,
                x.thermal_resistance_K_per_W,
                x.mass_kg,
            ),
            m,
            (
                m.peak_torque_Nm * k,
                m.peak_power_W * k,
                m.heat_capacity_J_per_K * k,
                m.thermal_resistance_K_per_W / k,
                m.mass_kg * k,
            ),
        )
        return PolynomialDriveUnit(
            machine=machine,
            constant_W=self.constant_W * k,
            torque_W_per_Nm=self.torque_W_per_Nm,
            torque_squared_W_per_Nm2=self.torque_squared_W_per_Nm2 / k,
            speed_W_s=self.speed_W_s * k,
            speed_squared_W_s2=self.speed_squared_W_s2 * k,
            speed_cubed_W_s3=self.speed_cubed_W_s3 * k,
        )


@final
class MapDriveUnit(AbstractMachineUnit):
    """Motor and inverter with a declared loss map over speed and torque.

    The map holds loss in W at the winding reference temperature over speed (rad/s) and torque (Nm, negative when braking).
    Torque at a power limit solves T w + P_loss(T, w) = P within the peak torque. At one speed the left side is straight between
    the columns of the map: the two columns around the limit are found by halving, the torque between them is exact.
    Source: the party's own measurement. Validity: the map's declared range; leaving it is reported by `covers`.
    """

    machine: Machine
    losses: Map

    def covers(self, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        """Whether the point lies within the declared range of the map."""
        near = 1.0 - ROUNDING
        return jnp.where(self.losses.inside(near * speed_rad_per_s, near * torque_Nm), 1.0, 0.0)

    def loss_W(self, state: DriveUnitState, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Loss read from the map; the map's own temperature is kept."""
        return self.losses(speed_rad_per_s, torque_Nm)

    def idle_loss_W(self, speed_rad_per_s: Scalar) -> Scalar:
        """Loss at zero torque."""
        return self.losses(speed_rad_per_s, jnp.zeros_like(jnp.asarray(speed_rad_per_s)))

    def _torque_at_power_Nm(self, power_W: Scalar, speed_rad_per_s: Scalar, *, driving: bool) -> jax.Array:
        """Torque between zero and the peak of one side whose electrical power T w + P_loss(T, w) is `power_W`.

        The peak torque where its power lies on the near side of `power_W`: then the limit does not bind. Where losses rise so
        steeply that more torque returns less power, as below walking pace, there may be several: one of them.
        """
        w, row, columns = speed_rad_per_s, self.losses.row(speed_rad_per_s), self.losses.y.shape[0]
        side = 1.0 if driving else -1.0

        def excess_W(torque_Nm: jax.Array, loss_W: jax.Array) -> jax.Array:
            return side * (torque_Nm * w + loss_W - power_W)

        near = jnp.zeros_like(jnp.asarray(power_W) * w)
        far = near + side * self.machine.peak_torque_Nm
        near_W, far_W = excess_W(near, row(near)), excess_W(far, row(far))
        binds, possible = far_W > 0.0, near_W < 0.0
        # The columns between which the limit lies, counted from 1: 0 and one more than there are stand for the land outside.
        inner, outer = row.column(jnp.zeros_like(near)).astype(float), row.column(far).astype(float)
        inner, outer = (inner, outer + 1.0) if driving else (inner + 1.0, outer)
        for _ in range(columns.bit_length()):
            middle = jnp.floor(0.5 * (inner + outer))
            apart = jnp.abs(outer - inner) > 1.5
            column = jnp.clip(middle - 1.0, 0.0, columns - 1.0).astype(jnp.int32)
            T = self.losses.y[column]
            value = excess_W(T, row.value(column))
            nearer, farther = apart & (value < 0.0), apart & (value >= 0.0)
            inner, near, near_W = (jnp.where(nearer, a, b) for a, b in ((middle, inner), (T, near), (value, near_W)))
            outer, far, far_W = (jnp.where(farther, a, b) for a, b in ((middle, outer), (T, far), (value, far_W)))
        span = far_W - near_W
        T = near - near_W * (far - near) / jnp.where(span > 0.0, span, 1.0)
        return jnp.where(binds, jnp.where(possible, T, 0.0), side * self.machine.peak_torque_Nm)

    def drive_torque_Nm(self, state: DriveUnitState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Largest driving torque whose electrical power does not exceed `power_W`."""
        return self._torque_at_power_Nm(power_W, speed_rad_per_s, driving=True)

    def brake_torque_Nm(self, state: DriveUnitState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        """Largest braking torque that returns at most `power_W`."""
        return -self._torque_at_power_Nm(-power_W, speed_rad_per_s, driving=False)

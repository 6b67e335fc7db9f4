"""A drive unit that is not covolt's: what is asked of it over a mission, what it answers, and what it declares of itself.

How a vehicle shares a force between axles, and what its machines could give, are questions about torques that are never driven:
they go to `declared`, covolt's model of the numbers that the unit declares. The unit itself is asked, over its `DriveUnitLink`,
only for what is driven; what its real electrical power differs by from the declared one stands in the row of the mission, before
the battery is asked for it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol, final

import equinox as eqx
import jax
import numpy as np

from covolt.vehicle.drive_unit import AbstractDriveUnit, Envelope
from covolt.vehicle.foreign import Outside, PartLink
from covolt.vehicle.part import PartState, Scalar

__all__ = ["DriveUnitAnswer", "DriveUnitAsked", "DriveUnitBegin", "DriveUnitLink", "ForeignDriveUnit"]


class DriveUnitBegin(NamedTuple):
    """How drive units begin: soaked at a temperature, one value for each of k vehicles, shape (k,), float64."""

    temperature_K: np.ndarray


class DriveUnitAsked(NamedTuple):
    """What is asked of one drive unit of each of k vehicles over n steps: shape (k, n), float64; a positive torque drives.

    Speed and torque are means over the step, the voltage that before it, as the coolant's temperature.
    """

    torque_Nm: np.ndarray
    speed_rad_per_s: np.ndarray
    voltage_V: np.ndarray
    coolant_temperature_K: np.ndarray


class DriveUnitAnswer(NamedTuple):
    """What drive units answer over each of n steps: shape (k, n), float64, electrical power positive into the unit.

    Torque (positive drives) and temperature of the winding are None where the unit states none; a unit that states no torque
    gives what it is asked for.
    """

    power_W: np.ndarray
    torque_Nm: np.ndarray | None = None
    winding_temperature_K: np.ndarray | None = None


class DriveUnitLink(PartLink, Protocol):
    """The way to a drive unit."""

    def alone(self) -> AbstractContextManager[DriveUnitLink]:
        """The way to it for one drive step by step, on which nobody else asks until the block ends."""
        ...

    def whole(self, begin: DriveUnitBegin, asked: DriveUnitAsked, steps_s: np.ndarray) -> DriveUnitAnswer:
        """Begin anew, and answer a whole mission of n steps: `steps_s` of shape (n,), float64, s.

        Raises:
            AnsweredInPart: it ended with an error at some step, as it does each time it is asked this.
            ComponentFailed: where there is no answer that counts.
        """
        ...

    def start(self, begin: DriveUnitBegin, asked: DriveUnitAsked, dt_s: float) -> None:
        """Begin anew, for single steps, at what the first step asks: n = 1."""
        ...

    def step(self, index: int, asked: DriveUnitAsked, dt_s: float) -> DriveUnitAnswer:
        """One step more, n = 1."""
        ...


@final
class ForeignDriveUnit(AbstractDriveUnit):
    """A drive unit whose model is not covolt's.

        real loss  L = P - T w  from its answers;  power in the step  T w + L;  excess  L - L_declared(T, w), a line of the ledger

    What it really loses warms the declared winding and the coolant, so that limits hold for the unit as it is. Its own state is
    its own. Source: the part. Validity and validation: what the party says of it.
    """

    declared: AbstractDriveUnit
    link_outside: Outside = eqx.field(static=True)

    @property
    def link(self) -> DriveUnitLink:
        """The way to the part."""
        return self.link_outside.thing

    def serves(self) -> frozenset[str]:
        """What its link serves; it is neither traced nor differentiated itself."""
        return self.link.serves

    def excess_W(self, answered_W: Scalar | None) -> Scalar:
        if answered_W is None:
            raise ValueError("a vehicle with a foreign drive unit is driven by simulation.joint alone")
        return answered_W

    def peak_power_W(self) -> Scalar:
        return self.declared.peak_power_W()

    def peak_torque_Nm(self) -> Scalar:
        return self.declared.peak_torque_Nm()

    def maximum_speed_rad_per_s(self) -> Scalar:
        return self.declared.maximum_speed_rad_per_s()

    def nominal_voltage_V(self) -> Scalar:
        return self.declared.nominal_voltage_V()

    def derating_start_K(self) -> Scalar:
        return self.declared.derating_start_K()

    def mass_kg(self) -> Scalar:
        return self.declared.mass_kg()

    def start(self, temperature_K: Scalar) -> PartState:
        return self.declared.start(temperature_K)

    def winding_temperature_K(self, state: PartState) -> Scalar:
        return self.declared.winding_temperature_K(state)

    def envelope(self, state: PartState, speed_rad_per_s: Scalar, voltage_V: Scalar) -> Envelope:
        return self.declared.envelope(state, speed_rad_per_s, voltage_V)

    def step(self, state: PartState, loss_W: Scalar, coolant_temperature_K: Scalar, dt_s: Scalar) -> PartState:
        return self.declared.step(state, loss_W, coolant_temperature_K, dt_s)

    def coolant_heat_W(self, after: PartState, loss_W: Scalar, coolant_temperature_K: Scalar) -> Scalar:
        return self.declared.coolant_heat_W(after, loss_W, coolant_temperature_K)

    def loss_W(self, state: PartState, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        return self.declared.loss_W(state, torque_Nm, speed_rad_per_s)

    def covers(self, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        return self.declared.covers(torque_Nm, speed_rad_per_s)

    def idle_loss_W(self, speed_rad_per_s: Scalar) -> Scalar:
        return self.declared.idle_loss_W(speed_rad_per_s)

    def drive_torque_Nm(self, state: PartState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        return self.declared.drive_torque_Nm(state, power_W, speed_rad_per_s)

    def brake_torque_Nm(self, state: PartState, power_W: Scalar, speed_rad_per_s: Scalar) -> jax.Array:
        return self.declared.brake_torque_Nm(state, power_W, speed_rad_per_s)

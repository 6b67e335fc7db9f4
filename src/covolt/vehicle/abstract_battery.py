"""What any battery is to the vehicle: the methods that are asked of it, its limits and its signals."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple

import equinox as eqx
import jax

from covolt.vehicle.part import EVERYTHING, AbstractPart, PartState, Scalar


class BatteryLimits(NamedTuple):
    """Largest power that the battery can give and take at its terminals: in this step, and for as long as one likes."""

    discharge_power_W: Scalar
    charge_power_W: Scalar
    sustained_discharge_power_W: Scalar
    sustained_charge_power_W: Scalar


class BatterySignals(NamedTuple):
    """What the battery did in one step; all of the pack, positive when charging, losses and heat positive.

    Flags are 1 where the step ended outside a limit. `unserved_power_W` is what was asked for beyond what is feasible.
    """

    power_W: Scalar
    current_A: Scalar
    voltage_V: Scalar
    open_circuit_voltage_V: Scalar
    open_circuit_power_W: Scalar
    loss_power_W: Scalar
    heat_W: Scalar
    heat_to_ambient_W: Scalar
    unserved_power_W: Scalar
    under_voltage_flag: Scalar
    over_voltage_flag: Scalar
    empty_flag: Scalar
    full_flag: Scalar
    outside_range_flag: Scalar
    remainder_power_W: Scalar | None = None
    """Of a battery that is not covolt's: what enters less what it says that it stores and loses."""


class ThermalNumbers(NamedTuple):
    """Heat capacity of a battery, and its conductance to the surroundings."""

    heat_capacity_J_per_K: Scalar
    ambient_conductance_W_per_K: Scalar


class AbstractBattery(AbstractPart):
    """Whatever stores the vehicle's energy and gives it as direct current.

    Outside, the state of charge is that of the usable window, s = (z - z_low) / (z_high - z_low), with z that of the cells:
    `start` and `state_of_charge` are the only doors between the two. Its state is its own: what others need of it, they ask for.
    """

    mass_kg: eqx.AbstractVar[Scalar]

    def serves(self) -> frozenset[str]:
        """What it can serve: everything, of covolt's own."""
        return EVERYTHING

    @abstractmethod
    def start(self, state_of_charge: Scalar, temperature_K: Scalar) -> PartState:
        """A battery at rest: 0 is empty and 1 is full."""

    def heard(self, state: PartState, row: Any) -> PartState:
        """The state with what the row of the mission says of the battery's answers to this step: nothing of covolt's own."""
        if row is not None:
            raise ValueError("a battery of covolt's own answers for itself")
        return state

    @abstractmethod
    def cell_charge_fraction(self, state_of_charge: Scalar) -> Scalar:
        """Charge of the cells over all that they hold, z = z_low + s (z_high - z_low)."""

    @abstractmethod
    def window_fraction(self) -> Scalar:
        """Share of what the cells hold that is used, z_high - z_low."""

    @abstractmethod
    def state_of_charge(self, state: PartState) -> Scalar:
        """Charge over usable charge."""

    @abstractmethod
    def temperature_K(self, state: PartState) -> Scalar:
        """Temperature of the pack."""

    @abstractmethod
    def limits(self, state: PartState, dt_s: Scalar) -> BatteryLimits:
        """What the battery can give and take during the next step, never more than it can."""

    @abstractmethod
    def step(
        self,
        state: PartState,
        power_W: Scalar,
        heating_W: Scalar,
        cooling_W: Scalar,
        ambient_temperature_K: Scalar,
        dt_s: Scalar,
    ) -> tuple[PartState, BatterySignals]:
        """Carry a power at the terminals for one step."""

    @abstractmethod
    def open_circuit_voltage_V(self, state: PartState) -> jax.Array:
        """Voltage at the terminals after a long rest."""

    @abstractmethod
    def cell_rest_voltage_V(self, state_of_charge: Scalar) -> jax.Array:
        """Voltage of one cell after a long rest at room temperature."""

    @abstractmethod
    def energy_J(self) -> jax.Array:
        """Energy between both ends of the window at no current."""

    @abstractmethod
    def thermal(self) -> ThermalNumbers:
        """What takes up its heat, and what leads it away while the battery stands."""

    @property
    @abstractmethod
    def nominal_voltage_V(self) -> jax.Array:
        """Mean open-circuit voltage over the window."""

    @property
    @abstractmethod
    def capacity_C(self) -> jax.Array:
        """Charge between both ends of the window."""

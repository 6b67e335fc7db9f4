"""The vehicle: parts in their slots, and its whole state."""

from __future__ import annotations

from typing import NamedTuple, final

import equinox as eqx
import jax.numpy as jnp

from covolt.errors import AssemblyError, InputError, Problem
from covolt.vehicle.abstract_battery import AbstractBattery
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.auxiliary import AbstractAuxiliary, AuxiliaryPower
from covolt.vehicle.body import AbstractBody, Resistance
from covolt.vehicle.brake import Brake
from covolt.vehicle.cabin import AbstractCabin, CabinAtAmbient, CabinState
from covolt.vehicle.charger import AbstractCharger, AbstractChargingCurve, Inlet
from covolt.vehicle.coolant import (
    AbstractBatteryConditioning,
    AbstractCoolant,
    ConditioningAtAmbient,
    CoolantState,
)
from covolt.vehicle.drive_unit import AbstractDriveUnit
from covolt.vehicle.driver import AbstractDriver, DriverState
from covolt.vehicle.gearbox import AbstractGearbox, GearboxState
from covolt.vehicle.part import AbstractPart, PartState, Scalar, Serving
from covolt.vehicle.tyre import Tyre, TyreState
from covolt.words import text


@final
class Axle(AbstractPart):
    """A driven axle: one or more equal drive units behind one gearbox, and its share of the vehicle's weight.

    `transfer_ratio` is the height of the centre of mass over the wheelbase, positive for an axle that accelerating loads (the
    rear), negative for one that it unloads.
    """

    name: str = eqx.field(static=True)
    gearbox: AbstractGearbox
    drive_unit: AbstractDriveUnit
    unit_count: Scalar
    load_fraction: Scalar
    transfer_ratio: Scalar


class AxleState(NamedTuple):
    """State of one driven axle."""

    gearbox: GearboxState
    drive_unit: PartState


class VehicleState(NamedTuple):
    """State of the whole vehicle; the voltage is that of the last step, which field weakening sees."""

    speed_m_per_s: Scalar
    voltage_V: Scalar
    battery: PartState
    axles: tuple[AxleState, ...]
    tyre: TyreState
    cabin: CabinState
    coolant: CoolantState
    driver: DriverState


class Comfort(NamedTuple):
    """Which comforts are on, each 0 (off) to 1 (on): cabin climate, battery conditioning, preheating it, headlights."""

    climate: Scalar = 0.0
    conditioning: Scalar = 1.0
    preconditioning: Scalar = 0.0
    lights: Scalar = 0.0


class Soak(NamedTuple):
    """Temperatures, charge and speed at the start of a drive."""

    state_of_charge: Scalar
    battery_temperature_K: Scalar
    cabin_temperature_K: Scalar
    vehicle_temperature_K: Scalar
    speed_m_per_s: Scalar = 0.0


@final
class PlacedVehicle(AbstractPart):
    """A vehicle in one weather, with one load and its comforts set: all that does not change from step to step."""

    vehicle: Vehicle
    ambient: Ambient
    comfort: Comfort
    resistance: Resistance
    cabin: CabinAtAmbient
    conditioning: ConditioningAtAmbient
    auxiliary: AuxiliaryPower

    def start(self, soak: Soak) -> VehicleState:
        """The vehicle soaked, at its first speed."""
        vehicle = self.vehicle
        battery = vehicle.battery.start(soak.state_of_charge, soak.battery_temperature_K)
        T = soak.vehicle_temperature_K
        return VehicleState(
            speed_m_per_s=jnp.asarray(soak.speed_m_per_s),
            voltage_V=jnp.asarray(vehicle.battery.open_circuit_voltage_V(battery)),
            battery=battery,
            axles=tuple(AxleState(axle.gearbox.start(T), axle.drive_unit.start(T)) for axle in vehicle.axles),
            tyre=vehicle.tyre.start(T),
            cabin=vehicle.cabin.start(soak.cabin_temperature_K),
            coolant=vehicle.coolant.start(T),
            driver=vehicle.driver.start(),
        )


@final
class Vehicle(AbstractPart):
    """An architecture, filled: one part in each slot."""

    body: AbstractBody
    tyre: Tyre
    axles: tuple[Axle, ...]
    brake: Brake
    battery: AbstractBattery
    cabin: AbstractCabin
    coolant: AbstractCoolant
    conditioning: AbstractBatteryConditioning
    auxiliary: AbstractAuxiliary
    charger: AbstractCharger
    inlet: Inlet
    charging_curve: AbstractChargingCurve
    driver: AbstractDriver

    def at(self, ambient: Ambient, payload_kg: Scalar, comfort: Comfort, dynamometer: Scalar = 0.0) -> PlacedVehicle:
        """The vehicle in this weather, with this load, on the road (0) or on a chassis dynamometer (1)."""
        return PlacedVehicle(
            vehicle=self,
            ambient=ambient,
            comfort=comfort,
            resistance=self.body.at(ambient, payload_kg, self.tyre, dynamometer),
            cabin=self.cabin.at(ambient.temperature_K),
            conditioning=self.conditioning.at(ambient.temperature_K),
            auxiliary=self.auxiliary.at(comfort.lights),
        )


def demand_served(vehicle: Vehicle, wanted: Serving, by: str) -> None:
    """Raise where a part cannot serve what somebody asks for: with every such part, and what it lacks."""
    parts = {"battery": vehicle.battery, **{f"{axle.name} drive unit": axle.drive_unit for axle in vehicle.axles}}
    problems = [
        Problem(
            text("the {slot} does not serve '{wanted}', which {by} asks for", slot=slot, wanted=wanted, by=by),
            f"vehicle ({slot})",
            text("ask the model of what it declares, or drive it over a mission"),
        )
        for slot, part in parts.items()
        if wanted not in part.serves()
    ]
    if problems:
        raise InputError(problems)


def demand_drivable(vehicle: Vehicle) -> None:
    """Raise where the slots do not make a vehicle that can drive."""
    problems: list[Problem] = []
    if not 1 <= len(vehicle.axles) <= 2:
        problems.append(
            Problem(
                text("{axles} driven axles", axles=len(vehicle.axles)),
                "vehicle.axles",
                text("give one or two driven axles"),
            )
        )
    names = [axle.name for axle in vehicle.axles]
    if len(set(names)) < len(names):
        problems.append(
            Problem(
                text("two axles share a name: {names}", names=str(names)),
                "vehicle.axles",
                text("name them front and rear"),
            )
        )
    if problems:
        raise AssemblyError(problems)

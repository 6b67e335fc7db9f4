"""A whole vehicle from the datasheets of its parts, each by a model of covolt's own; what they leave open is generic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.contract.datasheet import Datasheet
from covolt.errors import AssemblyError
from covolt.library.build import HEAVY_kg
from covolt.library.declared import declared_problems
from covolt.library.driveline import shift_problems, tables_of
from covolt.library.fitted import wheelbase_ratio
from covolt.library.generic import GENERIC, Generic, drive_losses
from covolt.library.generic_used import drive_of_car, generic_numbers_used
from covolt.library.joint import Doors, Drive, Joint, SheetNumbers
from covolt.library.models import model_kind, model_problems, slot_problems
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.assembly import Axle, Vehicle
from covolt.vehicle.charger import AbstractChargingCurve, Inlet, charging_curve, generic_charging_curve
from covolt.vehicle.coolant import BatteryConditioning, Coolant
from covolt.vehicle.driver import IdealDriver, UNLIMITED_m_per_s
from covolt.vehicle.part import settled

__all__ = ["Frame", "Joined", "generic_numbers_used", "join"]


@dataclass(frozen=True)
class Frame:
    """What belongs to no part: which axle is driven, and the speed at which the software stops accelerating.

    Where there is a second drive unit, `driven_axle` is the one of the first, and the second drives the other.
    """

    driven_axle: str = "front"
    speed_limit_m_per_s: float | None = None


@dataclass(frozen=True)
class Joined:
    """The vehicle, at its kerb mass, which is the sum of its parts."""

    vehicle: Vehicle
    kerb_mass_kg: float


@in_64_bits
def join(
    sheets: Mapping[str, Datasheet],
    frame: Frame | None = None,
    generic: Generic = GENERIC,
    *,
    moved: bool = False,
    doors: Doors | None = None,
) -> Joined:
    """The vehicle that the parts make; `sheets` holds one datasheet for each slot of the vehicle, by its name.

    Numbers `moved` by their uncertainty from ones that agree with each other are taken as they are. Parts that are not covolt's
    are asked themselves behind `doors`; without them they are what they declare.

    m_kerb = sum of the declared masses. Numbers that a datasheet leaves open come from the generic set of
    docs/models/generic-car.md.

    Raises:
        AssemblyError: with every slot that is empty, every part that is in the wrong one, every model that does not ship, and
            declared numbers that contradict each other.
    """
    frame = frame or Frame()
    problems = slot_problems(sheets)
    for slot, sheet in sheets.items():
        problems += model_problems(slot, sheet)
        problems += [] if moved else declared_problems(sheet)
    axles = [slots for slots in (FIRST_AXLE, SECOND_AXLE) if slots[0] in sheets]
    if not problems:
        problems = [one for unit, gearbox in axles for one in shift_problems(sheets[gearbox], sheets[unit])]
    if problems:
        raise AssemblyError(problems)
    part = {name: SheetNumbers(sheet) for name, sheet in sheets.items()}
    mass_kg = reduce(add, (sheet.get("mass", 0.0) for sheet in part.values()), 0.0)
    joint = Joint(part, mass_kg, _drives(part, frame, generic), generic, doors)

    def made(slot: str) -> Any:
        return model_kind(sheets[slot]).make(part[slot], joint)

    vehicle = Vehicle(
        body=made("body"),
        tyre=made("tyre"),
        axles=tuple(_axle(drive, joint) for drive in joint.drives),
        brake=made("brake"),
        battery=made("battery"),
        cabin=made("cabin"),
        coolant=Coolant(),
        conditioning=_conditioning(part["battery"]),
        auxiliary=made("auxiliary"),
        charger=made("charger"),
        inlet=_inlet(part["charger"]),
        charging_curve=_charging_curve(part["battery"], generic),
        driver=IdealDriver(frame.speed_limit_m_per_s or UNLIMITED_m_per_s),
    )
    return Joined(settled(vehicle), mass_kg)


Parts = Mapping[str, SheetNumbers]


def _drives(part: Parts, frame: Frame, generic: Generic) -> tuple[Drive, ...]:
    """The driven axles, that of the first drive unit before the other."""
    slots: dict[str, tuple[str, str]] = {frame.driven_axle: FIRST_AXLE}
    if SECOND_AXLE[0] in part:
        slots["front" if frame.driven_axle == "rear" else "rear"] = SECOND_AXLE
    losses = drive_losses([drive_of_car(part[unit].sheet) for unit, _ in slots.values()], generic)
    return tuple(
        Drive(axle, part[unit], part[gearbox], loss)
        for (axle, (unit, gearbox)), loss in zip(slots.items(), losses, strict=True)
    )


def _axle(drive: Drive, joint: Joint) -> Axle:
    """A driven axle: drive unit and gearbox, and its share of the weight."""
    part, generic = joint.part, joint.generic
    front = drive.axle == "front"
    usual_load = (0.55 if front else 0.48) if len(joint.drives) == 1 else 0.50
    front_load = part["body"].get("front_load", usual_load)
    heavy = joint.mass_kg >= HEAVY_kg
    shortness = wheelbase_ratio(part["body"].stated("wheelbase"), heavy=heavy)
    return Axle(
        name=drive.axle,
        gearbox=model_kind(drive.gearbox.sheet).make(drive.gearbox, joint),
        drive_unit=model_kind(drive.unit.sheet).make(drive.unit, joint),
        unit_count=1.0,
        load_fraction=front_load if front else 1.0 - front_load,
        transfer_ratio=generic.height_over_wheelbase_ratio * shortness * (-1.0 if front else 1.0),
    )


def _conditioning(battery: SheetNumbers) -> BatteryConditioning:
    """A chiller, and a heater only where its power is declared."""
    usual = BatteryConditioning()
    return replace(
        usual,
        heating_power_max_W=battery.get("heater_power", 0.0),
        heating_below_driving_K=battery.get("heating_below", float(usual.heating_below_driving_K)),
    )


def _inlet(charger: SheetNumbers) -> Inlet:
    """What the charger lets through; it limits the power of each step, for cut at its points a curve would have another shape."""
    usual = Inlet()
    return Inlet(
        current_max_A=charger.get("current_maximum", usual.current_max_A),
        power_max_W=charger.get("direct_power_maximum", usual.power_max_W),
    )


def _charging_curve(battery: SheetNumbers, generic: Generic) -> AbstractChargingCurve:
    table = tables_of(battery.sheet).get("charging_power")
    if table is not None:
        return charging_curve(list(table.axes[0].values_si), list(table.rows_si[0]))
    usual_W = battery.get("charge_power_peak", 1.5 * battery["energy_usable"] / 3600.0)
    return generic_charging_curve(usual_W, battery["energy_usable"], generic.charging_fall_ratio)

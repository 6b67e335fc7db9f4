"""Which parts of a vehicle can be given away, by their slot: each as a part behind its ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.errors import InputError, Problem
from covolt.exchange.own_battery import PortedBattery
from covolt.exchange.own_drive_unit import PortedDriveUnit
from covolt.exchange.own_loads import PortedAuxiliary, PortedCabin
from covolt.exchange.own_part import AbstractPorted
from covolt.exchange.own_running_gear import PortedBrake, PortedGearbox, PortedTyre
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.foreign_drive_unit import ForeignDriveUnit
from covolt.words import text

__all__ = ["SLOTS", "Given", "ported_part"]

Given = Literal["power", "current"]
"""What a battery is asked for."""


def _battery(vehicle: Vehicle, given: Given) -> AbstractPorted | None:
    return PortedBattery(vehicle.battery, given) if isinstance(vehicle.battery, CellBattery) else None


def _drive_unit(axle: int) -> Callable[[Vehicle, Given], AbstractPorted | None]:
    def made(vehicle: Vehicle, _: Given) -> AbstractPorted | None:
        unit = vehicle.axles[axle].drive_unit if axle < len(vehicle.axles) else None
        return None if unit is None or isinstance(unit, ForeignDriveUnit) else PortedDriveUnit(unit)

    return made


def _gearbox(axle: int) -> Callable[[Vehicle, Given], AbstractPorted | None]:
    return lambda vehicle, _: PortedGearbox(vehicle.axles[axle].gearbox) if axle < len(vehicle.axles) else None


_PORTED: Mapping[str, Callable[[Vehicle, Given], AbstractPorted | None]] = MappingProxyType(
    {
        "battery": _battery,
        FIRST_AXLE[0]: _drive_unit(0),
        FIRST_AXLE[1]: _gearbox(0),
        SECOND_AXLE[0]: _drive_unit(1),
        SECOND_AXLE[1]: _gearbox(1),
        "brake": lambda vehicle, _: PortedBrake(vehicle.brake),
        "tyre": lambda vehicle, _: PortedTyre(vehicle.tyre),
        "cabin": lambda vehicle, _: PortedCabin(vehicle.cabin),
        "auxiliary": lambda vehicle, _: PortedAuxiliary(vehicle.auxiliary),
    }
)
SLOTS = tuple(_PORTED)
"""Slots whose parts can be given away."""


def ported_part(vehicle: Vehicle, slot: str, given: Given = "power") -> AbstractPorted:
    """The part in a slot of a vehicle, behind its ports.

    Raises:
        InputError: parts of this slot, or of this kind, cannot be given away.
    """
    found = _PORTED[slot](vehicle, given) if slot in _PORTED else None
    if found is None:
        hint = text("name one of {slots}", slots=", ".join(SLOTS))
        raise InputError(Problem(text("a part of this kind cannot be given away yet"), slot, hint))
    return found

"""Which parts of a vehicle can be given away, by their slot: each as a part behind its ports."""

from __future__ import annotations

from typing import Literal

from covolt.errors import InputError, Problem
from covolt.exchange.own_battery import PortedBattery
from covolt.exchange.own_part import AbstractPorted
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery
from covolt.words import text

__all__ = ["SLOTS", "Given", "ported_part"]

Given = Literal["power", "current"]
"""What a battery is asked for."""
SLOTS = ("battery",)
"""Slots whose parts can be given away."""


def ported_part(vehicle: Vehicle, slot: str, given: Given = "power") -> AbstractPorted:
    """The part in a slot of a vehicle, behind its ports.

    Raises:
        InputError: parts of this slot, or of this kind, cannot be given away.
    """
    battery = vehicle.battery
    if slot == "battery" and isinstance(battery, CellBattery):
        return PortedBattery(battery, given)
    hint = text("name one of {slots}", slots=", ".join(SLOTS))
    raise InputError(Problem(text("a part of this kind cannot be given away yet"), slot, hint))

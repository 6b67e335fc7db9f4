"""Architecture: the slots that an electric vehicle has, the interface of each, and which of them may stay empty."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType

__all__ = ["FIRST_AXLE", "INTERFACES", "NEEDED", "SECOND_AXLE", "lone_half", "vehicle_slot"]

NEEDED = ("battery", "drive_unit", "gearbox", "brake", "tyre", "body", "cabin", "auxiliary", "charger")
"""Slots that every vehicle fills; each is called as its interface."""
FIRST_AXLE = ("drive_unit", "gearbox")
SECOND_AXLE = ("second_drive_unit", "second_gearbox")
"""Slots of a second driven axle: both are filled, or neither."""
INTERFACES: Mapping[str, str] = MappingProxyType(
    {**{name: name for name in NEEDED}, **dict(zip(SECOND_AXLE, FIRST_AXLE, strict=True))}
)
"""The interface of each slot."""


def vehicle_slot(name: str, interface: str) -> str:
    """The vehicle's slot that a programme's slot is: the one of its own name where that fits its interface.

    Otherwise the one that is called as the interface, so that a programme may give its slots names of its own.
    """
    return name if INTERFACES.get(name) == interface else interface


def lone_half(slots: Container[str]) -> tuple[str, str] | None:
    """Of a second driven axle of which one half alone is filled: the slot that is, and the one that is not."""
    unit, gearbox = SECOND_AXLE
    if (unit in slots) == (gearbox in slots):
        return None
    return (unit, gearbox) if unit in slots else (gearbox, unit)

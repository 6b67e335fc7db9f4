"""What a model makes a part of: the numbers of its datasheet, and those of the parts that it is joined with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from covolt.contract.datasheet import Datasheet
from covolt.library.generic import DriveLoss, Generic
from covolt.library.generic_used import stated
from covolt.vehicle.column import number
from covolt.vehicle.foreign import BatteryLink
from covolt.vehicle.foreign_drive_unit import DriveUnitLink
from covolt.vehicle.part import Scalar

__all__ = ["Doors", "Drive", "Joint", "SheetNumbers"]


@dataclass(frozen=True)
class SheetNumbers:
    """A datasheet as SI numbers."""

    sheet: Datasheet

    def stated(self, name: str) -> float | None:
        """Declared number or model parameter, None where neither is given."""
        return stated(self.sheet, name)

    def get(self, name: str, otherwise: Scalar) -> float:
        """As `stated`, or a generic value."""
        found = self.stated(name)
        return number(otherwise) if found is None else found

    def __getitem__(self, name: str) -> float:
        """Declared number that the interface requires."""
        return self.sheet.declared[name].value_si

    def all_stated(self) -> dict[str, float]:
        """Every number that is stated, by its name."""
        both = {**self.sheet.model.parameters, **self.sheet.declared}
        return {name: one.value_si for name, one in both.items()}


@dataclass(frozen=True)
class Drive:
    """A driven axle by its name and the sheets of its parts, with the generic losses of its drive unit."""

    axle: str
    unit: SheetNumbers
    gearbox: SheetNumbers
    loss: DriveLoss


class Doors(Protocol):
    """Where parts that are not covolt's are found."""

    def battery(self, sheet: Datasheet) -> BatteryLink | None:
        """The way to the battery of a datasheet; None where there is no door to it here, so that it is what it declares.

        Raises:
            CovoltError: it cannot be reached, or is none.
        """
        ...

    def drive_unit(self, sheet: Datasheet) -> DriveUnitLink | None:
        """The way to the drive unit of a datasheet; None where there is no door to it here.

        Raises:
            CovoltError: it cannot be reached, or is none.
        """
        ...

    def digest(self, sheet: Datasheet) -> str:
        """SHA-256 of what runs, in hexadecimal; empty where there is no door."""
        ...


@dataclass(frozen=True)
class Joint:
    """What a part is joined with: all sheets by slot, kerb mass, driven axles, the generic set; and the doors to foreign parts.

    Without doors a foreign part is what it declares.
    """

    part: Mapping[str, SheetNumbers]
    mass_kg: float
    drives: tuple[Drive, ...]
    generic: Generic
    doors: Doors | None = None

    def drive_of(self, sheet: SheetNumbers) -> Drive:
        """The driven axle to which a drive unit or a gearbox belongs; two axles may hold equal ones."""
        return next(one for one in self.drives if sheet is one.unit or sheet is one.gearbox)

"""The subject of a procedure: the joined vehicle with what its parties declare of it beyond physics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.contract.datasheet import Chemistry, Datasheet
from covolt.library.terms import Terms
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.body import Rollers

__all__ = ["DRIVER_kg", "Family", "Subject"]

DRIVER_kg = 75.0
"""Mass of the driver in running order: 68 kg and 7 kg of luggage (Directive 92/21/EEC, kept in ISO 1176 and TR CU 018/2011)."""

DRIVE_UNITS = (FIRST_AXLE[0], SECOND_AXLE[0])


@dataclass(frozen=True)
class Subject:
    """A vehicle under test.

    The body of `vehicle` carries `carried_mass_kg`: the kerb mass of a joined vehicle, or the test mass of a car known by a
    test list. Procedures add what they prescribe on top as payload (`payload_for`). `declared` holds the numbers of every
    slot's datasheet in SI, by slot and name; `chemistry` is that of the battery's cells. `sheets` are the datasheets themselves,
    with the terms of their offers, and `terms` what the programme states besides: for procedures that say `reads_terms` alone.
    Of the datasheets any procedure may read the rows of charging.
    """

    vehicle: Vehicle
    name: str = "vehicle"
    category: str = "M1"
    kerb_mass_kg: float | None = None
    maximum_load_kg: float | None = None
    top_speed_m_per_s: float | None = None
    width_m: float | None = None
    height_m: float | None = None
    length_m: float | None = None
    passengers: int | None = None
    decks: int = 1
    declared: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    family: Family | None = None
    chemistry: Chemistry | None = None
    sheets: Mapping[str, Datasheet] = field(default_factory=dict[str, Datasheet])
    terms: Terms = field(default_factory=Terms)

    @property
    def declared_power_W(self) -> float | None:
        """Peak power that the drive units of all axles declare together, None where none does."""
        return self._of_drive_units("power_peak")

    @property
    def declared_torque_Nm(self) -> float | None:
        """Peak torque that the drive units of all axles declare together, None where none does."""
        return self._of_drive_units("torque_peak")

    def _of_drive_units(self, number: str) -> float | None:
        sheets = [self.declared[slot] for slot in DRIVE_UNITS if slot in self.declared]
        found = [sheet[number] for sheet in sheets if number in sheet]
        return sum(found) if found else None

    @property
    def carried_mass_kg(self) -> float:
        """Mass that the body of the vehicle holds already."""
        return float(self.vehicle.body.mass_kg)

    def payload_for(self, test_mass_kg: float) -> float:
        """Load to put into the vehicle so that it has a test mass; negative where it is already heavier."""
        return test_mass_kg - self.carried_mass_kg

    def on_rollers(self, rollers: Rollers) -> Subject:
        """The subject, and its family, with the road load carried to the reference of a rule of testing."""
        vehicle = replace(self.vehicle, body=self.vehicle.body.on_rollers(rollers))
        family = self.family and Family(self.family.low.on_rollers(rollers), self.family.high.on_rollers(rollers))
        return replace(self, vehicle=vehicle, family=family)

    @property
    def running_order_kg(self) -> float:
        """Mass in running order: kerb mass and driver; of a car known by its test mass alone, that mass."""
        return self.carried_mass_kg if self.kerb_mass_kg is None else self.kerb_mass_kg + DRIVER_kg


@dataclass(frozen=True)
class Family:
    """The test vehicles between which a WLTP interpolation family lies."""

    low: Subject
    high: Subject

"""Links to foreign parts fill the slots of a subject and of its family, and what they did is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from covolt.library.build import car
from covolt.library.subject import Family
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.study.procedures.foreign_use import Uses
from covolt.study.verdicts.foreign import with_links
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import ForeignBattery
from covolt.vehicle.foreign_drive_unit import ForeignDriveUnit
from tests.sample import figures
from tests.study.procedures.sample import city_car


def foreign(vehicle: Vehicle) -> dict[str, Any]:
    """The links of a vehicle by slot."""
    units = dict(zip(("drive_unit", "second_drive_unit"), [axle.drive_unit for axle in vehicle.axles], strict=False))
    parts: dict[str, Any] = {"battery": vehicle.battery, **units}
    return {slot: one.link for slot, one in parts.items() if isinstance(one, ForeignBattery | ForeignDriveUnit)}


@pytest.mark.parametrize(
    "slots", [("drive_unit",), ("second_drive_unit",), ("battery", "drive_unit", "second_drive_unit")]
)
def test_links_fill_their_slots_in_the_family_too(slots: tuple[str, ...]) -> None:
    vehicle = car(figures(layout="all", second_motor_power="60 kW"))
    alone = replace(city_car(), vehicle=vehicle, family=None)
    links: Any = {slot: f"link to {slot}" for slot in slots}
    made = with_links(replace(alone, family=Family(alone, alone)), links)
    assert made.family is not None
    for one in (made, made.family.low, made.family.high):
        assert foreign(one.vehicle) == links
        for axle, own in zip(one.vehicle.axles, vehicle.axles, strict=True):
            assert getattr(axle.drive_unit, "declared", axle.drive_unit) is own.drive_unit
    assert foreign(vehicle) == {}


def test_the_largest_share_of_all_drives_is_kept() -> None:
    uses = Uses()
    for ratio in (0.01, 0.04, 0.02):
        unit = ForeignPart("drive_unit", "motor", "sandboxed", "a", ratio)
        uses.asked(Coupling("whole mission", (ForeignPart("battery", "pack", "sandboxed", "b"), unit), 3, 1e-14))
    battery, unit = uses.found()
    assert (battery.drives, battery.declared_less_real_ratio) == (3, None)
    assert (unit.drives, unit.declared_less_real_ratio) == (3, 0.04)

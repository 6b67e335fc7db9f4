"""The page that hands parts on names what they take and answer."""

import pytest

from covolt import load_car
from covolt.exchange.own_battery import PortedBattery
from covolt.exchange.own_drive_unit import PortedDriveUnit
from covolt.exchange.own_part import AbstractPorted
from covolt.exchange.own_vehicle import PortedVehicle
from tests.house.source import ROOT

PAGE = (ROOT / "docs/how-to/give-a-part-away.md").read_text(encoding="utf-8")
VEHICLE = load_car("leaf-40")


@pytest.mark.parametrize(
    ("part", "causalities"),
    [
        (PortedBattery(VEHICLE.battery, "power"), ("parameter", "input", "output")),
        (PortedDriveUnit(VEHICLE.axles[0].drive_unit), ("parameter", "input", "output", "calculated parameter")),
        (PortedVehicle(VEHICLE), ("parameter", "input")),
    ],
)
def test_the_page_names_every_variable(part: AbstractPorted, causalities: tuple[str, ...]) -> None:
    assert not [one.name for one in part.variables() if one.causality in causalities and f"`{one.name}`" not in PAGE]

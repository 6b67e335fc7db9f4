import pytest

from covolt.contract.architecture import INTERFACES, NEEDED, SECOND_AXLE, lone_half, vehicle_slot
from covolt.contract.standard import standard_interface


def test_every_slot_has_an_interface_that_ships():
    assert set(INTERFACES) == {*NEEDED, *SECOND_AXLE}
    assert all(standard_interface(name).name == name for name in INTERFACES.values())


@pytest.mark.parametrize(
    ("name", "interface", "slot"),
    [
        ("drive_unit", "drive_unit", "drive_unit"),
        ("second_drive_unit", "drive_unit", "second_drive_unit"),
        ("second_gearbox", "gearbox", "second_gearbox"),
        ("rear_motor", "drive_unit", "drive_unit"),
        ("second_gearbox", "drive_unit", "drive_unit"),
        ("seat", "driver", "driver"),
    ],
)
def test_a_slot_is_the_vehicles_by_its_name_where_that_fits_and_by_its_interface_otherwise(name, interface, slot):
    assert vehicle_slot(name, interface) == slot


def test_a_second_axle_is_whole_or_not_there():
    unit, gearbox = SECOND_AXLE
    assert lone_half(NEEDED) is None
    assert lone_half(INTERFACES) is None
    assert lone_half({unit}) == (unit, gearbox)
    assert lone_half({gearbox}) == (gearbox, unit)

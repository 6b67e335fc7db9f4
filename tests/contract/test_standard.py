"""The vehicle's own interfaces."""

import pytest

from covolt.contract import differences, standard_interface, standard_interfaces
from covolt.errors import InputError

SLOTS = {"battery", "drive_unit", "gearbox", "brake", "tyre", "body", "cabin", "auxiliary", "charger", "driver"}


def test_every_slot_has_its_interface():
    assert {interface.name for interface in standard_interfaces().values()} == SLOTS


@pytest.mark.parametrize("reference", sorted(standard_interfaces()))
def test_every_interface_fits_itself_and_no_other(reference):
    interface = standard_interface(reference)
    assert differences(interface, interface) == ()
    for other in standard_interfaces().values():
        if other is not interface:
            assert differences(interface, other)


@pytest.mark.parametrize("reference", sorted(standard_interfaces()))
def test_every_interface_says_what_it_means(reference):
    interface = standard_interface(reference)
    assert interface.meaning
    assert all(connector.meaning for connector in interface.connectors)
    assert all(promise.sentence for promise in interface.promises)


def test_power_connectors_meet_in_one_network():
    battery, unit = (dict(standard_interface(name).paths()) for name in ("battery", "drive_unit"))
    assert battery["dc.voltage"].direction == "out"
    assert unit["dc.voltage"].direction == "in"
    assert battery["dc.current"].direction == "in"
    assert unit["dc.current"].direction == "out"


def test_a_wrong_name_is_answered_with_the_right_one():
    with pytest.raises(InputError, match="did you mean 'battery@1'"):
        standard_interface("batery@1")

"""May this part stand where that interface was promised?"""

import pytest
from tests.contract.test_document import PACK

from covolt.contract import (
    Interface,
    Port,
    Promise,
    datasheet_differences,
    differences,
    loads,
    offered_interface,
    standard_interface,
)
from covolt.contract.datasheet import Datasheet


def port(direction="out", quantity="voltage", unit="V", low="250 V", high="450 V", **more):
    return Port(name="x", quantity=quantity, unit=unit, direction=direction, minimum=low, maximum=high, **more)


def interface(*ports, promises=()):
    return Interface(name="slot", version=2, ports=ports, promises=promises)


def one(offered, demanded):
    (difference,) = differences(interface(offered), interface(demanded))
    return difference


@pytest.mark.parametrize(
    ("direction", "low", "high", "fits"),
    [
        ("out", "250 V", "450 V", True), ("out", "300 V", "400 V", True), ("out", "180 V", "420 V", False),
        ("out", "300 V", "460 V", False), ("out", None, "400 V", False), ("out", "0.3 kV", "0.4 kV", True),
        ("in", "250 V", "450 V", True), ("in", "180 V", "500 V", True), ("in", "300 V", "450 V", False),
        ("in", "250 V", "420 V", False), ("in", None, None, True),
    ],
)  # fmt: skip
def test_what_is_given_stays_within_and_what_is_taken_covers(direction, low, high, fits):
    offered, demanded = port(direction, low=low, high=high), port(direction)
    assert (not differences(interface(offered), interface(demanded))) == fits


def test_open_ends_of_the_demand_demand_nothing():
    assert not differences(interface(port("in")), interface(port("in", low=None, high=None)))
    assert not differences(interface(port("out")), interface(port("out", low=None, high=None)))


def test_a_range_difference_says_both_sides_and_what_to_do():
    difference = one(port(low="180 V", high="420 V"), port())
    assert str(difference) == "x: promised 250 V … 450 V; offered 180 V … 420 V"
    assert difference.hint.startswith("stay within 250 V … 450 V")
    problem = difference.problem("acme/pack@1.0.0")
    assert problem.where == "acme/pack@1.0.0 (x)"


def test_torque_and_energy_do_not_connect():
    torque = port(quantity="torque", unit="Nm", low=None, high=None)
    energy = port(quantity="energy", unit="J", low=None, high=None)
    assert one(torque, energy).promised == "energy [J]"


def test_direction_matters():
    assert one(port("in"), port("out")).promised == "direction out"


def test_missing_extra_and_optional_ports():
    assert [d.offered for d in differences(interface(), interface(port()))] == ["nothing"]
    assert not differences(interface(), interface(port(optional=True)))
    assert not differences(interface(port("out")), interface())
    assert [d.promised for d in differences(interface(port("in")), interface())] == ["nothing gives this"]
    assert not differences(interface(port("in", optional=True)), interface())


def test_promises_are_kept():
    promise = Promise(name="finite", sentence="every output is finite")
    (difference,) = differences(interface(), interface(promises=(promise,)))
    assert difference.path == "promises.finite"
    assert not differences(interface(promises=(promise,)), interface(promises=(promise,)))


def test_another_slot_is_a_difference():
    other = Interface(name="other", version=1)
    assert [d.path for d in differences(other, interface())] == ["interface"]


BATTERY = standard_interface("battery@1")


def test_a_good_datasheet_has_no_differences():
    sheet = loads(PACK, Datasheet)
    assert datasheet_differences(sheet, BATTERY) == ()
    assert differences(offered_interface(sheet, BATTERY), BATTERY) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "hint"),
    [
        ('"235 kg"', '"235 m"', "declared.mass", "kg"),
        ('mass = { value = "235 kg", u = "4 kg"', 'mas = { value = "235 kg", u = "4 kg"', "declared.mas", "'mass'"),
        ('"235 kg", u = "4 kg"', '"-235 kg"', "declared.mass", "0 kg"),
        ('"dc.voltage"', '"dc.voltge"', "ports.dc.voltge", "'dc.voltage'"),
        ('"280 V"', '"480 V"', "ports.dc.voltage", "exchange"),
        ('"280 V"', '"280 A"', "ports.dc.voltage", "V"),
        ('fills = "battery"', 'fills = "body"', "fills", "battery@1"),
    ],
)
def test_faults_of_a_datasheet(old, new, path, hint):
    assert old in PACK
    text = PACK.replace(old, new, 1).replace('u = "4 kg", ', "")
    found = {one.path: one for one in datasheet_differences(loads(text, Datasheet), BATTERY)}
    assert hint in found[path].hint


def test_own_ranges_and_promises_make_the_offered_interface():
    sheet = loads(PACK.replace('"energy_closes", ', ""), Datasheet)
    offered = offered_interface(sheet, BATTERY)
    voltage = offered.port("dc.voltage")
    assert voltage is not None
    assert voltage.range_si == (280.0, 403.0)
    assert [one.path for one in differences(offered, BATTERY)] == ["promises.energy_closes"]

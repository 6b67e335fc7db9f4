"""Interfaces."""

import pytest
from pydantic import ValidationError

from covolt.contract import Interface, Parameter, Port, standard_interface

SPEED = Port(name="speed", quantity="speed", unit="m/s", direction="in")


def test_ports_are_found_by_path():
    battery = standard_interface("battery@1")
    voltage = battery.port("dc.voltage")
    assert voltage is not None
    assert voltage.unit == "V"
    assert battery.port("dc.speed") is None
    assert battery.reference == "battery@1"
    mass = battery.parameter("mass")
    assert mass is not None
    assert mass.required


def test_names_are_stated_once():
    with pytest.raises(ValidationError, match="stated more than once: port 'speed'"):
        Interface(name="body", version=1, ports=(SPEED, SPEED))


def test_versions_begin_at_one():
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Interface(name="body", version=0)


def test_a_parameter_checks_its_unit():
    with pytest.raises(ValidationError, match="cannot have the unit kWh"):
        Parameter(name="mass", quantity="mass", unit="kWh")

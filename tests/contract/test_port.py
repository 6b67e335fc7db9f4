"""Ports and connectors."""

import math

import pytest
from pydantic import ValidationError

from covolt.contract import Connector, Port


def port(**changes):
    plain = {"name": "voltage", "quantity": "voltage", "unit": "V", "direction": "out"}
    return Port(**(plain | changes))


def test_range_is_in_si_and_open_ends_are_infinite():
    assert port(minimum="0.25 kV").range_si == (250.0, math.inf)
    assert port(name="t", quantity="temperature", unit="K", maximum="40 degC").range_si == (-math.inf, 313.15)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"quantity": "torque", "unit": "J"}, "a port of torque cannot have the unit J"),
        ({"quantity": "energy", "unit": "Nm"}, "a port of energy cannot have the unit Nm"),
        ({"quantity": "voltge"}, "unknown quantity 'voltge'"),
        ({"unit": "volt"}, "unknown unit 'volt'"),
        ({"minimum": "450 V", "maximum": "250 V"}, "lies above"),
        ({"minimum": 250.0}, "a bare number has no unit"),
        ({"minimum": "250 A"}, "dimension of current"),
        ({"direction": "both"}, "'in' or 'out'"),
        ({"name": "dc voltage"}, "pattern"),
        ({"sign": "plus"}, "Extra inputs"),
    ],
)
def test_wrong_ports_are_refused(changes, what):
    with pytest.raises(ValidationError, match=what):
        port(**changes)


def test_a_connector_has_one_cause():
    current = port(name="current", quantity="current", unit="A", direction="in")
    assert Connector(name="dc", potential=port(), flow=current).flow.direction == "in"
    with pytest.raises(ValidationError, match="both go 'out'"):
        Connector(name="dc", potential=port(), flow=current.model_copy(update={"direction": "out"}))

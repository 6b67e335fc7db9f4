"""Units join by what they are made of, never by their names; torque does not join energy."""

import numpy as np
import pytest

from covolt.exchange.base_units import (
    Conversion,
    by_name,
    contradiction,
    difference,
    is_known,
    joins,
    made_of,
    of_covolt,
)
from covolt.exchange.component import Unit
from covolt.units import UNITS

TORQUE = (1, 2, -2, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("one", "other", "factor", "offset"),
    [
        (Unit("N.m", TORQUE), of_covolt("Nm"), 1.0, 0.0),
        (Unit("kN.m", TORQUE, 1e3), of_covolt("Nm"), 1e3, 0.0),
        (of_covolt("km/h"), of_covolt("m/s"), 1.0 / 3.6, 0.0),
        (of_covolt("degC"), of_covolt("K"), 1.0, 273.15),
        (of_covolt("K"), of_covolt("degC"), 1.0, -273.15),
        (of_covolt("degF"), of_covolt("degC"), 5.0 / 9.0, (459.67 * 5.0 / 9.0 - 273.15)),
        (Unit("1/min", (0, 0, -1, 0, 0, 0, 0, 1), np.pi / 30.0), of_covolt("rad/s"), np.pi / 30.0, 0.0),
        (None, of_covolt("V"), 1.0, 0.0),
        (of_covolt("degC"), difference(of_covolt("degC")), 1.0, 0.0),
        (difference(of_covolt("degC")), of_covolt("degF"), 1.8, 0.0),
        (of_covolt("degF"), difference(of_covolt("K")), 5.0 / 9.0, 0.0),
    ],
)
def test_what_joins(one, other, factor, offset):
    found = joins(one, other)
    assert isinstance(found, Conversion)
    assert found.factor == pytest.approx(factor, rel=1e-14)
    assert found.offset == pytest.approx(offset, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (Unit("N.m", TORQUE), Unit("J", TORQUE), "torque is not energy"),
        (of_covolt("Nm"), of_covolt("kWh"), "torque is not energy"),
        (of_covolt("Nm"), of_covolt("kW"), "kg m2 s-3"),
        (Unit("N.m/rad", (1, 2, -2, 0, 0, 0, 0, -1)), of_covolt("Nm"), "counts the angle"),
        (of_covolt("Hz"), of_covolt("rad/s"), "counts the angle"),
        (by_name("smoots"), of_covolt("m"), "nobody says"),
        (of_covolt("RUB"), of_covolt("BYN"), "nobody says"),
    ],
)
def test_what_does_not_join_and_why(one, other, said):
    assert said in str(joins(one, other))
    assert not isinstance(joins(other, one), Conversion)


def test_there_and_back_is_the_same():
    there, back = joins(of_covolt("degF"), of_covolt("K")), joins(of_covolt("K"), of_covolt("degF"))
    values = np.array([-40.0, 0.0, 451.0])
    assert back.of(there.of(values)) == pytest.approx(values, rel=1e-12)


def test_a_difference_of_temperatures_has_no_offset():
    found = joins(difference(of_covolt("degC")), difference(of_covolt("K")))
    assert found == Conversion()


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_of_the_list_joins_its_si_unit_as_the_list_says(name):
    unit = UNITS[name]
    found = joins(of_covolt(name), of_covolt(unit.si))
    if not is_known(of_covolt(unit.si)):
        assert unit.si in {"points", "RUB", "RUB/m", "BYN", "BYN/m"}
        return
    assert isinstance(found, Conversion)
    assert found.factor * 7.0 + found.offset == pytest.approx(unit.to_si(7.0), rel=1e-14)


@pytest.mark.parametrize(
    ("written", "vector"),
    [("N.m", "kg m2 s-2"), ("kg.m2/s", "kg m2 s-1"), ("W/(m2.K)", "kg s-3 K-1"), ("rad/s", "s-1 rad"), ("1", "1")],
)
def test_a_name_alone_is_read_where_it_is_written_in_si(written, vector):
    assert made_of(by_name(written)) == vector


def test_vectors_agree_with_pint():
    pint = pytest.importorskip("pint")
    registry = pint.UnitRegistry()
    bases = {
        "kg": "kilogram",
        "m": "meter",
        "s": "second",
        "A": "ampere",
        "K": "kelvin",
        "mol": "mole",
        "cd": "candela",
    }
    for name in ("N", "Pa", "J", "W", "V", "Ohm", "F", "H", "C", "Hz", "J/(kg K)", "W/(m2 K)", "N s2/m2"):
        written = (
            name.replace(" ", "*").replace("2", "**2").replace("Ohm", "ohm").replace("H", "Hz" if name == "Hz" else "H")
        )
        written = written.replace("Hzz", "Hz")
        dimension = dict(registry.parse_expression(written).to_base_units().unit_items())
        assert {
            base: power for base, power in zip(bases.values(), of_covolt(name).exponents, strict=False) if power
        } == {one: power for one, power in dimension.items()}, name


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (Unit("kW", (1, 2, -3, 0, 0, 0, 0, 0)), "1 'kW' is declared as 1 kg m2 s-3, and its name says 1000 kg m2 s-3"),
        (Unit("degC", (0, 0, 0, 0, 1, 0, 0, 0)), "1 'degC' is declared as 1 K, and its name says 274.15 K"),
        (Unit("%"), "1 '%' is declared as 1 1, and its name says 0.01 1"),
        (Unit("kW", (1, 2, -3, 0, 0, 0, 0, 0), 1000.0), None),
        (Unit("degC", (0, 0, 0, 0, 1, 0, 0, 0), 1.0, 273.15), None),
        (Unit("rpm", (0, 0, -1, 0, 0, 0, 0, 1), 0.1047), None),
        (Unit("rpm", (0, 0, -1, 0, 0, 0, 0, 0), 1.0 / 60.0), None),
        (Unit("nobody's", (1, 0, 0, 0, 0, 0, 0, 0), 7.0), None),
    ],
)
def test_a_declaration_that_is_not_what_the_name_says_is_told(unit, said):
    found = contradiction(unit)
    assert found is None if said is None else str(found).startswith(said)

"""The closed list of units: exact, strict, and agreed with Pint."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt import units
from covolt.errors import InputError, UnitError

PINT_SPELLING = {
    "1": "dimensionless",
    "%": "percent",
    "km/h/s": "km/h/s",
    "1/min": "rpm",
    "lbf ft": "lbf*ft",
    "Nm": "N*m",
    "kNm": "kN*m",
    "PS": "metric_horsepower",
    "hp": "horsepower",
    "Ohm": "ohm",
    "mOhm": "milliohm",
    "uOhm": "microohm",
    "kOhm": "kiloohm",
    "kph": "km/h",
    "kmh": "km/h",
    "kWh/100 km": "kWh/(100 km)",
    "kWh/100 mi": "kWh/(100 mi)",
    "L/100 km": "L/(100 km)",
    "1/degC": "1/delta_degC",
    "%/K": "percent/K",
    "in": "inch",
    "d": "day",
    "t": "tonne",
    "Wh/(t km)": "Wh/(tonne*km)",
    "kWh/(t km)": "kWh/(tonne*km)",
    "N/(m/s)2": "N/(m/s)**2",
    "N/(km/h)2": "N/(km/h)**2",
    "N/kph2": "N/kph**2",
    "lbf/mph2": "lbf/mph**2",
}
PINT_SPELLING["point"] = "points"
PINT_SI = {"1": "dimensionless", "Ohm": "ohm", "Nm": "N*m"}


def to_pint(name: str) -> str:
    for ending in "23":
        for stem in ("m", "s", "cm", "mm", "ft"):
            name = name.replace(f"{stem}{ending}", f"{stem}**{ending}")
    return name.replace(" ", "*") if "100" not in name else name


@pytest.fixture(scope="module")
def registry():
    pint = pytest.importorskip("pint")
    known = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    known.define("RUB = [rouble]")
    known.define("BYN = [belarusian_rouble]")
    known.define("points = [origin_points]")
    return known


@pytest.mark.parametrize("name", sorted(units.UNITS))
def test_every_factor_agrees_with_pint(name, registry):
    entry = units.UNITS[name]
    theirs = (
        registry.Quantity(7.25, registry.parse_units(PINT_SPELLING.get(name, to_pint(name))))
        if "100" not in name
        else (7.25 * registry.parse_expression(PINT_SPELLING[name]))
    )
    si = registry.parse_units(PINT_SI.get(entry.si, to_pint(entry.si)))
    assert math.isclose(entry.to_si(7.25), theirs.to(si).magnitude, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension", "expected"),
    [
        ("78 kWh", "J", 2.808e8),
        ("78kWh", "J", 2.808e8),
        ("150 km/h", "m/s", 150 / 3.6),
        ("150 kph", "m/s", 150 / 3.6),
        ("-20 degC", "K", 253.15),
        ("−20 °C", "K", 253.15),
        ("-20 °C", "K", 253.15),
        ("14 degF", "K", 263.15),
        ("4 kg", "kg", 4.0),
        ("0.3 Ohm", "Ohm", 0.3),
        ("0.3 Ω", "Ohm", 0.3),
        ("300 mΩ", "Ohm", 0.3),
        ("3 ohm", "Ohm", 3.0),
        ("12 %", "1", 0.12),
        ("0.28", "1", 0.28),
        ("250 Nm", "Nm", 250.0),
        ("250 N m", "Nm", 250.0),
        ("250 N·m", "Nm", 250.0),
        ("9000 rpm", "rad/s", 300 * math.pi),
        ("1e3 V", "V", 1000.0),
        (".5 bar", "Pa", 5e4),
        ("15 kWh/100 km", "J/m", 540.0),
        ("4 L/100 km", "m3/m", 4e-8),
        ("1 N/(km/h)^2", "N s2/m2", 12.96),
        ("1 lbf/mph^2", "N/(m/s)^2", 4.4482216152605 / 0.44704**2),
        ("1.2 kg/m³", "kg/m3", 1.2),
        ("2.2 m^2", "m2", 2.2),
        ("5 W/(m²·K)", "W/(m2 K)", 5.0),
        ("94 Ah", "C", 338400.0),
    ],
)
def test_customary_units_become_si(text, dimension, expected):
    assert units.parse(text, dimension) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension", "what", "hint"),
    [
        ("78", "J", "a bare number has no unit", "kWh"),
        (78.0, "J", "a bare number has no unit", "kWh"),
        (None, "J", "a bare number has no unit", "kWh"),
        ("78 kwh", "J", "unknown unit 'kwh'", "did you mean 'kWh'?"),
        ("78 kHw", "J", "unknown unit", "did you mean"),
        ("78 parsec", "m", "unknown unit 'parsec'", "docs/reference/units.md"),
        ("150 km/h", "J", "has the dimension of speed, not of energy", "kWh"),
        ("250 Nm", "J", "has the dimension of torque, not of energy", "kWh"),
        ("250 J", "Nm", "has the dimension of energy, not of torque", "Nm"),
        ("0,3 Ohm", "Ohm", "comma", "decimal point"),
        ("30 000 J", "J", "groups", "without blanks"),
        ("kWh", "J", "does not begin with a number", "kWh"),
        ("nan kWh", "J", "does not begin with a number", "kWh"),
        ("", "J", "does not begin with a number", "kWh"),
        ("1e999 kWh", "J", "not a finite number", "kWh"),
    ],
)
def test_wrong_text_is_refused_with_a_hint(text, dimension, what, hint):
    with pytest.raises(UnitError) as caught:
        units.parse(text, dimension, "pack.toml:7")
    (problem,) = caught.value.problems
    assert what in problem.what
    assert hint in problem.hint
    assert problem.where == "pack.toml:7"
    assert isinstance(caught.value, InputError)


def test_a_temperature_difference_is_not_a_temperature():
    assert units.parse_difference("5 K", "K") == 5.0
    assert units.parse_difference("0.4 kWh", "J") == pytest.approx(1.44e6)
    with pytest.raises(UnitError, match="write 9 K"):
        units.parse_difference("9 degC", "K")
    with pytest.raises(UnitError, match="write 5 K"):
        units.parse_difference("9 degF", "K")


@given(value=st.floats(-1e9, 1e9), name=st.sampled_from(sorted(units.UNITS)))
def test_writing_and_reading_return_the_value(value, name):
    entry = units.UNITS[name]
    si = entry.to_si(value)
    text = units.format_quantity(si, name, digits=17)
    assert units.parse(text, entry.si) == pytest.approx(si, rel=1e-12, abs=1e-9 * entry.factor)


def test_formatting():
    assert units.format_quantity(2.808e8, "kWh") == "78 kWh"
    assert units.format_quantity(0.28, "1") == "0.28"
    assert units.format_quantity(0.12, "%") == "12 %"
    assert units.format_quantity(253.15, "degC", 3) == "-20 degC"


def test_no_two_units_share_a_spelling():
    assert len({units._key(name) for name in units.UNITS}) == len(units.UNITS)


def test_names_that_carry_a_unit():
    assert all(map(units.has_unit_suffix, ["power_W", "speed_m_per_s", "inertia_kg_m2", "force_N_s_per_m", "x_per_K"]))
    assert not any(map(units.has_unit_suffix, ["power", "energy_kWh", "speed_kmh", "loss_ratio", "W"]))


def test_import_brings_no_numerics():
    code = "import sys; import covolt.units; print(sorted({'numpy', 'jax', 'pint', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("bare", "dimension", "told"),
    [
        ("0.030", "N s2/m2", '"0.03 N/(km/h)2" or "0.03 N s2/m2"'),
        ("1.2", "N s/m", '"1.2 N/(km/h)" or "1.2 N s/m"'),
        ("40", "J", '"40 kWh" or "40 J"'),
        ("23", "K", '"23 degC"'),
        ("1600", "kg", '"1600 kg"'),
    ],
)
def test_a_number_without_a_unit_is_shown_every_reading_of_it(bare, dimension, told):
    with pytest.raises(UnitError) as caught:
        units.parse(bare, dimension)
    assert caught.value.problems[0].hint == f"write it with its unit, such as {told}"


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("78 кВт·ч", "78 kWh"), ("78 кВтч", "78 kWh"), ("235 кг", "235 kg"), ("3 т", "3 t"), ("150 км/ч", "150 km/h"),
        ("2 м/с²", "2 m/s2"), ("400 В", "400 V"), ("5 А", "5 A"), ("310 Н·м", "310 Nm"), ("9000 об/мин", "9000 rpm"),
        ("17 кВт·ч/100 км", "17 kWh/100 km"), ("50 Вт·ч/(т·км)", "50 Wh/(t km)"), ("-20 °С", "-20 degC"),
        ("3 тыс. руб.", "3 kRUB"), ("2 МВт", "2 MW"), ("2 мВт", "2 mW"), ("60 А·ч", "60 Ah"), ("5 мин", "5 min"),
    ],
)  # fmt: skip
def test_units_in_russian_are_those_of_the_list(written, latin):
    assert units.unit_of(written) is units.unit_of(latin)
    assert units.parse(written, units.unit_of(latin).si) == units.parse(latin, units.unit_of(latin).si)


def test_a_unit_of_no_language_is_refused_whatever_its_letters():
    for written in ("3 попугая", "3 м·кг", "3 С"):
        with pytest.raises(UnitError, match="unknown unit"):
            units.unit_of(written)


def test_what_is_quoted_of_a_long_number_is_cut() -> None:
    with pytest.raises(UnitError) as caught:
        units.parse("9" * 100_000 + " kg", "kg")
    assert len(str(caught.value)) < 200
    assert "9…' is not a finite number" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "si", "value"),
    [("5 us", "s", 5e-6), ("7 ns", "s", 7e-9), ("2 GW", "W", 2e9), ("3 uW", "W", 3e-6), ("4 uV", "V", 4e-6), ("6 uA", "A", 6e-6),
     ("5 \N{CYRILLIC SMALL LETTER EM}\N{CYRILLIC SMALL LETTER KA}\N{CYRILLIC SMALL LETTER ES}", "s", 5e-6)],
)  # fmt: skip
def test_small_and_large_ones_have_their_prefixes(written, si, value):
    assert units.parse(written, si) == pytest.approx(value, rel=1e-12)

"""The closed list of units; the only place where anything is converted.

Outside (files, command line, web) a number is text with its unit: "78 kWh", "150 km/h", "-20 degC". Inside, every
number is SI and its name ends in its unit. The factors are exact by definition of the units; tests hold them to Pint.
Torque and energy are different quantities here although both are newton metres.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from covolt.catalogues import ENGLISH, languages, translated
from covolt.errors import Problem, UnitError
from covolt.quantities import quantity_said
from covolt.words import Phrase, either, text

__all__ = [
    "SUFFIXES",
    "UNITS",
    "Unit",
    "customary",
    "format_quantity",
    "has_unit_suffix",
    "in_latin",
    "parse",
    "parse_difference",
    "unit",
    "unit_of",
]


@dataclass(frozen=True)
class Unit:
    """One unit: SI value = (value + offset) × factor."""

    name: str
    si: str
    quantity: str
    factor: float
    offset: float = 0.0

    def to_si(self, value: float) -> float:
        """Value in SI of a number given in this unit."""
        return (value + self.offset) * self.factor

    def from_si(self, value: float) -> float:
        """Number in this unit of a value in SI."""
        return value / self.factor - self.offset


_MILE, _HOUR, _POUND, _FOOT, _INCH = 1609.344, 3600.0, 0.45359237, 0.3048, 0.0254
_POUND_FORCE = _POUND * 9.80665
_KMH, _MPH = 1.0 / 3.6, 0.44704
_WATT_HOUR = 3600.0

# SI unit, quantity, then every other spelling or unit with its factor; the closed list.
_QUANTITIES: tuple[tuple[str, str, dict[str, float]], ...] = (
    ("1", "ratio", {"%": 0.01, "ppm": 1e-6, "kg/t": 1e-3, "N/kN": 1e-3}),
    ("m", "length", {"mm": 1e-3, "cm": 1e-2, "km": 1e3, "mi": _MILE, "ft": _FOOT, "in": _INCH, "um": 1e-6}),
    ("m2", "area", {"cm2": 1e-4, "mm2": 1e-6, "ft2": _FOOT**2}),
    ("m3", "volume", {"L": 1e-3, "l": 1e-3, "cm3": 1e-6}),
    ("s", "time", {"ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": _HOUR, "d": 86400.0}),
    ("kg", "mass", {"g": 1e-3, "t": 1e3, "lb": _POUND}),
    ("m/s", "speed", {"km/h": _KMH, "kph": _KMH, "kmh": _KMH, "mph": _MPH, "mi/h": _MPH}),
    ("m/s2", "acceleration", {"m/s/s": 1.0, "km/h/s": _KMH, "mph/s": _MPH}),
    ("rad", "angle", {"deg": math.pi / 180.0}),
    ("rad/s", "angular speed", {"rpm": math.pi / 30.0, "1/min": math.pi / 30.0}),
    ("Hz", "frequency", {"kHz": 1e3}),
    ("N", "force", {"kN": 1e3, "lbf": _POUND_FORCE}),
    ("Nm", "torque", {"kNm": 1e3, "lbf ft": _POUND_FORCE * _FOOT}),
    ("kg m2", "moment of inertia", {"g m2": 1e-3}),
    ("Pa", "pressure", {"kPa": 1e3, "MPa": 1e6, "bar": 1e5, "hPa": 1e2, "psi": _POUND_FORCE / _INCH**2}),
    (
        "J",
        "energy",
        {
            "kJ": 1e3,
            "MJ": 1e6,
            "Wh": _WATT_HOUR,
            "kWh": 1e3 * _WATT_HOUR,
            "MWh": 1e6 * _WATT_HOUR,
            "GWh": 1e9 * _WATT_HOUR,
        },
    ),
    (
        "W",
        "power",
        {
            **{"uW": 1e-6, "mW": 1e-3, "kW": 1e3, "MW": 1e6, "GW": 1e9},
            **{"hp": 550.0 * _POUND_FORCE * _FOOT, "PS": 75.0 * 9.80665},
        },
    ),
    (
        "J/m",
        "energy per distance",
        {
            "Wh/km": 3.6,
            "kWh/km": 3.6e3,
            "kWh/100 km": 36.0,
            "MJ/km": 1e3,
            "Wh/mi": _WATT_HOUR / _MILE,
            "kWh/100 mi": 10.0 * _WATT_HOUR / _MILE,
            "kWh/mi": 1e3 * _WATT_HOUR / _MILE,
        },
    ),
    ("J/(kg m)", "energy per transported mass and distance", {"Wh/(t km)": 3.6e-3, "kWh/(t km)": 3.6}),
    ("kg/m", "mass per distance", {"g/km": 1e-6, "kg/km": 1e-3}),
    ("m3/m", "volume per distance", {"L/100 km": 1e-8, "L/km": 1e-6}),
    ("kg/J", "mass per energy", {"g/kWh": 1e-6 / _WATT_HOUR, "g/MJ": 1e-9}),
    ("points", "points of a scheme", {"point": 1.0}),
    # Money never converts from one currency to another.
    ("RUB", "roubles", {"kRUB": 1e3, "MRUB": 1e6}),
    ("RUB/m", "roubles per distance", {"RUB/km": 1e-3}),
    ("BYN", "Belarusian roubles", {"kBYN": 1e3, "MBYN": 1e6}),
    ("BYN/m", "Belarusian roubles per distance", {"BYN/km": 1e-3}),
    ("J/kg", "specific energy", {"Wh/kg": _WATT_HOUR, "kJ/kg": 1e3}),
    ("W/kg", "specific power", {"kW/kg": 1e3, "W/t": 1e-3, "kW/t": 1.0}),
    ("V", "voltage", {"uV": 1e-6, "mV": 1e-3, "kV": 1e3}),
    ("A", "current", {"uA": 1e-6, "mA": 1e-3, "kA": 1e3}),
    ("C", "charge", {"Ah": _HOUR, "mAh": 1e-3 * _HOUR, "A s": 1.0}),
    ("Ohm", "resistance", {"mOhm": 1e-3, "uOhm": 1e-6, "kOhm": 1e3}),
    ("F", "capacitance", {"kF": 1e3, "mF": 1e-3, "uF": 1e-6}),
    ("H", "inductance", {"mH": 1e-3, "uH": 1e-6}),
    ("V/K", "voltage per temperature", {"mV/K": 1e-3}),
    ("J/mol", "molar energy", {"kJ/mol": 1e3}),
    ("W/K", "thermal conductance", {"kW/K": 1e3}),
    ("K/W", "thermal resistance", {}),
    ("J/K", "heat capacity", {"kJ/K": 1e3}),
    ("J/(kg K)", "specific heat capacity", {"kJ/(kg K)": 1e3, "J/kg/K": 1.0}),
    ("W/m2", "irradiance", {"kW/m2": 1e3}),
    ("W/(m2 K)", "heat transfer coefficient", {"W/m2/K": 1.0}),
    ("1/K", "per temperature", {"1/degC": 1.0, "%/K": 0.01}),
    ("K/s", "temperature rate", {"K/min": 1.0 / 60.0}),
    ("1/s", "rate", {"1/h": 1.0 / _HOUR}),
    ("kg/m3", "density", {"g/cm3": 1e3, "kg/L": 1e3}),
    ("kg/s", "mass flow", {"kg/h": 1.0 / _HOUR, "g/s": 1e-3}),
    ("m3/s", "volume flow", {"L/min": 1e-3 / 60.0, "m3/h": 1.0 / _HOUR, "L/s": 1e-3}),
    ("N s/m", "force per speed", {"N/(m/s)": 1.0, "N/(km/h)": 3.6, "N/kph": 3.6, "lbf/mph": _POUND_FORCE / _MPH}),
    (
        "N s2/m2",
        "force per squared speed",
        {
            "N/(m/s)2": 1.0,
            "N/(km/h)2": 3.6**2,
            "N/kph2": 3.6**2,
            "lbf/mph2": _POUND_FORCE / _MPH**2,
        },
    ),
)
# value + offset, in the unit itself, before the factor
_TEMPERATURES = {"K": (1.0, 0.0), "degC": (1.0, 273.15), "degF": (5.0 / 9.0, 459.67)}

_SPELLINGS = str.maketrans(
    {
        "\N{GREEK CAPITAL LETTER OMEGA}": "Ohm",
        "\N{OHM SIGN}": "Ohm",
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{DEGREE SIGN}": "deg",
        "\N{SUPERSCRIPT TWO}": "2",
        "\N{SUPERSCRIPT THREE}": "3",
        "\N{MIDDLE DOT}": " ",
        "\N{DOT OPERATOR}": " ",
        "*": " ",
        "^": None,
    }
)
_DEGREE_IN_CYRILLIC = "\N{DEGREE SIGN}\N{CYRILLIC CAPITAL LETTER ES}"
_LETTERS = re.compile(r"[^\W\d_\u00b2\u00b3]+\.?")
_NUMBER = re.compile(r"\s*(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?P<unit>.*)", re.DOTALL)


def _key(text: str) -> str:
    """Spelling by which a unit is found: one form of symbols, no blanks."""
    text = text.replace(_DEGREE_IN_CYRILLIC, "degC")
    return "".join(text.translate(_SPELLINGS).split()).replace("ohm", "Ohm")


def _table() -> Mapping[str, Unit]:
    table: dict[str, Unit] = {}
    for si, quantity, others in _QUANTITIES:
        for name, factor in {si: 1.0, **others}.items():
            table[name] = Unit(name, si, quantity, factor)
    for name, (factor, offset) in _TEMPERATURES.items():
        table[name] = Unit(name, "K", "temperature", factor, offset)
    return MappingProxyType(table)


UNITS: Mapping[str, Unit] = _table()
"""Every unit that a file may use, by its name as written in the documentation."""

_BY_KEY = {_key(name): entry for name, entry in UNITS.items()}

SUFFIXES = frozenset(
    [
        "m",
        "m2",
        "m3",
        "s",
        "s2",
        "s3",
        "kg",
        "rad",
        "rad2",
        "N",
        "Nm",
        "Nm2",
        "Pa",
        "J",
        "W",
        "V",
        "V2",
        "A",
        "A2",
        "C",
        "Ohm",
        "F",
        "H",
        "K",
        "K2",
        "mol",
        "Hz",
        "Wb",
        "RUB",
        "BYN",
    ]
)
"""Last words of a name that carries a physical number: SI units, with their powers."""


def has_unit_suffix(name: str) -> bool:
    """Whether a name ends in an SI unit: `speed_m_per_s`, `energy_J`."""
    return any(name.endswith(f"_{suffix}") for suffix in SUFFIXES)


def unit(name: str, where: str = "") -> Unit:
    """Unit of the closed list by any of its spellings."""
    found = _BY_KEY.get(_key(in_latin(name)))
    if found is None:
        raise UnitError(Problem(text("unknown unit '{name}'", name=name.strip()), where, _suggestion(name)))
    return found


def in_latin(name: str) -> str:
    """A unit as another language writes it, step by step or whole, in the letters of the list; else as it is."""
    if name.isascii() or _key(name) in _BY_KEY:
        return name
    known = _in_other_languages()
    steps = _LETTERS.sub(lambda run: known.get(run[0].rstrip("."), run[0]), name)
    return steps if _key(steps) in _BY_KEY else known.get(_key(name).rstrip("."), name)


@cache
def _in_other_languages() -> Mapping[str, str]:
    """Units by how the catalogues of other languages write them."""
    return {
        _key(translated(language, name, "unit")).rstrip("."): name
        for language in languages()
        if language != ENGLISH
        for name in reversed(list(UNITS))
    }


def _suggestion(name: str) -> str | Phrase:
    wanted = _key(name)
    lower_case = {key.lower(): key for key in reversed(_BY_KEY)}
    close = difflib.get_close_matches(wanted.lower(), lower_case, n=1, cutoff=0.6)
    if close:
        return text("did you mean '{name}'?", name=_BY_KEY[lower_case[close[0]]].name)
    return text("use a unit of docs/reference/units.md")


def parse(text: str, dimension_unit: str, where: str = "") -> float:
    """SI value of a text such as "78 kWh" that must have the dimension of `dimension_unit`, such as "J".

    A text without a unit is accepted only for a ratio (`dimension_unit` "1").
    """
    value, found = _split(text, unit(dimension_unit), where)
    return found.to_si(value)


def parse_difference(written: str, dimension_unit: str, where: str = "") -> float:
    """SI value of a difference or uncertainty, such as "0.5 K": a scale with an offset cannot state one."""
    value, found = _split(written, unit(dimension_unit), where)
    if found.offset:
        hint = (
            text("write {value:g} K", value=value)
            if found.factor == 1.0
            else text("write {value:.6g} K", value=value * found.factor)
        )
        raise UnitError(
            Problem(text("a temperature difference cannot be given in {name}", name=found.name), where, hint)
        )
    return value * found.factor


def unit_of(written: str, where: str = "") -> Unit:
    """Unit in which a text such as "78 kWh" is written; a number alone is a ratio."""
    _, rest = _numeral(written, where, text('write it such as "78 kWh"'))
    return unit(rest or "1", where)


def _split(written: str, wanted: Unit, where: str) -> tuple[float, Unit]:
    value, rest = _numeral(
        written, where, text('write it with its unit, such as "1 {customary}"', customary=customary(wanted.si))
    )
    said = [_ASKED.get(wanted.si, customary(wanted.si)), "" if wanted.si in {"1", "m/s", "K"} else wanted.si]
    both = either(f'"{value:g} {one}"' for one in dict.fromkeys(said) if one)
    example = text("write it with its unit, such as {both}", both=both)
    if not rest and wanted.si != "1":
        raise UnitError(Problem(text("a bare number has no unit: '{text}'", text=_short(written)), where, example))
    found = unit(rest or "1", where)
    if found.si != wanted.si:
        what = text(
            "'{text}' has the dimension of {quantity}, not of {quantity_2}",
            text=_short(written),
            quantity=quantity_said(found.quantity),
            quantity_2=quantity_said(wanted.quantity),
        )
        raise UnitError(Problem(what, where, example))
    return value, found


LONGEST_QUOTED = 60
"""Signs of what was written that are quoted; the rest is cut."""


def _short(written: str) -> str:
    return written if len(str(written)) <= LONGEST_QUOTED else f"{str(written)[:LONGEST_QUOTED]}…"


def _numeral(written: str, where: str, example: str | Phrase) -> tuple[float, str]:
    """Number at the beginning of a text, and what follows it."""
    if not isinstance(written, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # files bring anything
        raise UnitError(Problem(text("a bare number has no unit: {text!r}", text=_short(written)), where, example))
    match = _NUMBER.fullmatch(written.replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise UnitError(Problem(text("'{text}' does not begin with a number", text=_short(written)), where, example))
    rest, value = match["unit"].strip(), float(match["number"])
    if rest.startswith(","):
        raise UnitError(
            Problem(
                text("'{text}' has a comma in its number", text=_short(written)), where, text("write a decimal point")
            )
        )
    if rest.startswith(("_", "'")) or (rest[:1].isdigit() and _key(rest) not in _BY_KEY):
        raise UnitError(
            Problem(
                text("'{text}' has a number in groups", text=_short(written)),
                where,
                text("write the digits without blanks"),
            )
        )
    if not math.isfinite(value):
        raise UnitError(Problem(text("'{text}' is not a finite number", text=_short(written)), where, example))
    return value, rest


_ASKED = {
    **{"N s/m": "N/(km/h)", "N s2/m2": "N/(km/h)2", "Pa": "bar", "Ohm": "mOhm", "rad": "deg", "J/kg": "Wh/kg"},
    **{"kg/m": "g/km", "kg/J": "g/kWh", "m3/s": "L/min", "m3/m": "L/100 km", "kg/s": "g/s", "J/(kg m)": "Wh/(t km)"},
}
"""Units in which people write what they have in mind, where a number stands without one: both readings are shown to them."""


def customary(si: str) -> str:
    """The unit in which engineers mostly say a quantity whose unit in SI is this; of a ratio the percent."""
    usual = {"J": "kWh", "m/s": "km/h", "K": "degC", "W": "kW", "rad/s": "rpm", "C": "Ah", "1": "%", "J/m": "Wh/km"}
    return usual.get(si, si)


def format_quantity(value_si: float, unit_name: str, digits: int = 6) -> str:
    """Text of an SI value in a chosen unit: `format_quantity(2.808e8, "kWh")` is "78 kWh"."""
    chosen = unit(unit_name)
    number = f"{chosen.from_si(value_si):.{digits}g}"
    return number if chosen.si == chosen.name == "1" else f"{number} {chosen.name}"

"""Units as they are printed, in every language; the Russian ones by GOST 8.417."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from covolt.words import Phrase, Text, Words, joined, text

__all__ = ["printed_unit", "quantity", "spelt_unit"]

_WHOLE: Mapping[str, Phrase] = MappingProxyType(
    {
        "1": Words(""),
        "1000 km": text("1000 km"),
        "mi": text("mi"),
        "years": text("years"),
        "t CO2e": text("t CO₂e"),
        "kWh/100 mi": text("kWh/100 mi"),
        "N/kph": text("N/(km/h)"),
        "N/kph2": text("N/(km/h)²"),
    }
)
"""Units whose words are not those of their symbols."""
_SYMBOLS: Mapping[str, Phrase] = MappingProxyType(
    {
        "m": text("m", context="unit"),
        "mm": text("mm", context="unit"),
        "cm": text("cm", context="unit"),
        "km": text("km", context="unit"),
        "um": text("um", context="unit"),
        "mi": text("mi", context="unit"),
        "ft": text("ft", context="unit"),
        "in": text("in", context="unit"),
        "s": text("s", context="unit"),
        "ms": text("ms", context="unit"),
        "us": text("us", context="unit"),
        "ns": text("ns", context="unit"),
        "min": text("min", context="unit"),
        "h": text("h", context="unit"),
        "d": text("d", context="unit"),
        "L": text("L", context="unit"),
        "l": text("l", context="unit"),
        "ppm": text("ppm", context="unit"),
        "kg": text("kg", context="unit"),
        "g": text("g", context="unit"),
        "t": text("t", context="unit"),
        "lb": text("lb", context="unit"),
        "mol": text("mol", context="unit"),
        "rad": text("rad", context="unit"),
        "rpm": text("rpm", context="unit"),
        "kph": text("kph", context="unit"),
        "kmh": text("kmh", context="unit"),
        "mph": text("mph", context="unit"),
        "Hz": text("Hz", context="unit"),
        "kHz": text("kHz", context="unit"),
        "N": text("N", context="unit"),
        "kN": text("kN", context="unit"),
        "lbf": text("lbf", context="unit"),
        "Nm": text("Nm", context="unit"),
        "kNm": text("kNm", context="unit"),
        "Pa": text("Pa", context="unit"),
        "hPa": text("hPa", context="unit"),
        "kPa": text("kPa", context="unit"),
        "MPa": text("MPa", context="unit"),
        "bar": text("bar", context="unit"),
        "psi": text("psi", context="unit"),
        "J": text("J", context="unit"),
        "kJ": text("kJ", context="unit"),
        "MJ": text("MJ", context="unit"),
        "Wh": text("Wh", context="unit"),
        "kWh": text("kWh", context="unit"),
        "MWh": text("MWh", context="unit"),
        "GWh": text("GWh", context="unit"),
        "W": text("W", context="unit"),
        "mW": text("mW", context="unit"),
        "kW": text("kW", context="unit"),
        "uW": text("uW", context="unit"),
        "GW": text("GW", context="unit"),
        "MW": text("MW", context="unit"),
        "hp": text("hp", context="unit"),
        "PS": text("PS", context="unit"),
        "V": text("V", context="unit"),
        "mV": text("mV", context="unit"),
        "uV": text("uV", context="unit"),
        "kV": text("kV", context="unit"),
        "A": text("A", context="unit"),
        "mA": text("mA", context="unit"),
        "uA": text("uA", context="unit"),
        "kA": text("kA", context="unit"),
        "C": text("C", context="unit"),
        "Ah": text("Ah", context="unit"),
        "mAh": text("mAh", context="unit"),
        "Ohm": text("Ω", context="unit"),
        "mOhm": text("mΩ", context="unit"),
        "uOhm": text("uOhm", context="unit"),
        "kOhm": text("kOhm", context="unit"),
        "F": text("F", context="unit"),
        "kF": text("kF", context="unit"),
        "mF": text("mF", context="unit"),
        "uF": text("uF", context="unit"),
        "H": text("H", context="unit"),
        "mH": text("mH", context="unit"),
        "uH": text("uH", context="unit"),
        "K": text("K", context="unit"),
        "points": text("points", context="unit"),
        "point": text("points", context="unit"),
        "RUB": text("RUB", context="unit"),
        "kRUB": text("kRUB", context="unit"),
        "MRUB": text("MRUB", context="unit"),
        "BYN": text("BYN", context="unit"),
        "kBYN": text("kBYN", context="unit"),
        "MBYN": text("MBYN", context="unit"),
        "degC": text("°C", context="unit"),
        "degF": text("°F", context="unit"),
        "deg": text("°", context="unit"),
    }
)
"""Symbols as they are typed, and as they are printed."""
_POWERS = str.maketrans("23", "²³")


@cache
def printed_unit(unit: str) -> Phrase:
    """A unit as people read it: `kg m2` as `kg·m²`."""
    if unit in _WHOLE:
        return _WHOLE[unit]
    row = re.sub(r"(?<=[^0-9 ]) (?=[^0-9 ])", "·", unit)
    row = re.sub(r"(?<=[A-Za-z)])([23])(?![0-9])", lambda found: found[1].translate(_POWERS), row)
    known = {name: _SYMBOLS[name] for name in _NAME.findall(row) if name in _SYMBOLS}
    row = _NAME.sub(lambda found: f"{{{found[0]}}}" if found[0] in known else found[0], row)
    return Text(row.replace(" ", "\N{NO-BREAK SPACE}"), tuple(known.items()))


_NAME = re.compile("[A-Za-z]+")


def quantity(value: float, unit: str) -> Phrase:
    """A number with its unit."""
    return joined((value, spelt_unit(unit)), "\N{NO-BREAK SPACE}")


_SPELT: Mapping[str, Phrase] = MappingProxyType({"kRUB": text("thousand RUB"), "MRUB": text("million RUB")})


def spelt_unit(unit: str) -> Phrase:
    """A unit in a sentence, and on a page for others: symbols that not everybody reads are written out."""
    return _SPELT.get(unit) or printed_unit(unit)

"""Units as they are printed, in both languages; the Russian ones by GOST 8.417."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from covolt.words import Words

__all__ = ["printed_unit"]

_WHOLE: Mapping[str, Words] = MappingProxyType(
    {
        "1": Words(""),
        "1000 km": Words("1000 km", "тыс. км"),
        "mi": Words("mi", "миль"),
        "years": Words("years", "лет"),
        "t CO2e": Words("t CO₂e", "т CO₂-экв."),
        "kWh/100 mi": Words("kWh/100 mi", "кВт·ч/100 миль"),
        "N/kph": Words("N/(km/h)", "Н/(км/ч)"),
        "N/kph2": Words("N/(km/h)²", "Н/(км/ч)²"),
    }
)
"""Units whose words are not those of their symbols."""
_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        **{"m": "м", "mm": "мм", "cm": "см", "km": "км", "um": "мкм", "mi": "миля", "ft": "фут", "in": "дюйм"},
        **{"s": "с", "ms": "мс", "min": "мин", "h": "ч", "d": "сут", "L": "л", "l": "л", "ppm": "млн⁻¹"},
        **{"kg": "кг", "g": "г", "t": "т", "lb": "фунт", "mol": "моль", "rad": "рад", "rpm": "об/мин"},
        **{"kph": "км/ч", "kmh": "км/ч", "mph": "миль/ч", "Hz": "Гц", "kHz": "кГц"},
        **{"N": "Н", "kN": "кН", "lbf": "фунт-сила", "Nm": "Н·м", "kNm": "кН·м"},
        **{"Pa": "Па", "hPa": "гПа", "kPa": "кПа", "MPa": "МПа", "bar": "бар", "psi": "фунт/дюйм²"},
        **{"J": "Дж", "kJ": "кДж", "MJ": "МДж", "Wh": "Вт·ч", "kWh": "кВт·ч", "MWh": "МВт·ч"},
        **{"W": "Вт", "mW": "мВт", "kW": "кВт", "MW": "МВт", "hp": "л. с. (англ.)", "PS": "л. с."},
        **{"V": "В", "mV": "мВ", "kV": "кВ", "A": "А", "mA": "мА", "kA": "кА", "C": "Кл", "Ah": "А·ч", "mAh": "мА·ч"},
        **{"Ohm": "Ом", "mOhm": "мОм", "uOhm": "мкОм", "kOhm": "кОм"},
        **{"F": "Ф", "kF": "кФ", "mF": "мФ", "uF": "мкФ", "H": "Гн", "mH": "мГн", "uH": "мкГн", "K": "К"},
        **{"RUB": "руб.", "kRUB": "тыс. руб.", "MRUB": "млн руб."},
    }
)
_PRINTED: Mapping[str, str] = MappingProxyType({"degC": "°C", "degF": "°F", "deg": "°", "Ohm": "Ω", "mOhm": "mΩ"})
"""Symbols that are not printed as they are typed."""
_POWERS = str.maketrans("23", "²³")


@cache
def printed_unit(unit: str) -> Words:
    """A unit in both languages: `kg m2` as `kg·m²` and `кг·м²`."""
    if unit in _WHOLE:
        return _WHOLE[unit]
    return Words(_translated(unit, _PRINTED), _translated(unit, {**_PRINTED, **_SYMBOLS}))


def _translated(unit: str, symbols: Mapping[str, str]) -> str:
    text = re.sub(r"(?<=[^0-9 ]) (?=[^0-9 ])", "·", unit)
    text = re.sub(r"(?<=[A-Za-z)])([23])(?![0-9])", lambda found: found[1].translate(_POWERS), text)
    text = re.sub(r"[A-Za-z]+", lambda found: symbols.get(found[0], found[0]), text)
    return text.replace(" ", "\N{NO-BREAK SPACE}")

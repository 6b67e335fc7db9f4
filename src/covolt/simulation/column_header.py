"""Headers of columns: how people head a quantity, in which units, and which other columns name it too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from covolt.simulation.column_names import english_unit, heads
from covolt.simulation.time_stamp import CLOCKS, STAMP, evened_s, since_first_s

__all__ = ["ELEVATION", "GRADE", "SPEED", "TIME", "Quantity", "as_written", "meaning_of", "passed_over"]

FloatArray = NDArray[np.float64]
LONGEST_HEADER = 100


@dataclass(frozen=True)
class Quantity:
    """What a column may hold: how people head it, and the factor of each unit; `accepted` shows headers to copy."""

    name: str
    spellings: tuple[str, ...]
    units: Mapping[str, float]
    accepted: str
    required: bool = False

    def in_SI(self, values: FloatArray, unit: str) -> FloatArray:
        """Values in SI; a grade given as an angle becomes rise over run, a stamp the time since the first."""
        if unit == STAMP:
            return evened_s(since_first_s(values))
        if self is TIME and self.units[unit] > 1.0:  # minutes and days are written in fewer digits than steps have
            return evened_s(values * self.units[unit])
        return np.tan(np.radians(values)) if unit in ANGLES else values * self.units[unit]


ANGLES = frozenset({"deg", "°"})
TIME = Quantity(
    "time",
    ("time", "t", "zeit", "timestamp", "time stamp", "datetime", "date time", "date/time"),
    {
        **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds", *CLOCKS), 1.0),
        **dict.fromkeys(("ms", "milliseconds"), 1e-3),
        **dict.fromkeys(("us", "µs", "microseconds"), 1e-6),
        **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
        **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
        **dict.fromkeys(("d", "day", "days"), 86400.0),
    },
    "time_s, time [s], time [hh:mm:ss]",
    required=True,
)
SPEED = Quantity(
    "speed",
    ("speed", "velocity", "v", "geschwindigkeit"),
    {
        **dict.fromkeys(("m/s", "m_per_s", "mps"), 1.0),
        **dict.fromkeys(("km/h", "km_per_h", "kmh", "kph"), 1.0 / 3.6),
        **dict.fromkeys(("mph", "mi/h", "mi_per_h"), 0.44704),
    },
    "speed_m_per_s, speed_kmh, speed [km/h], v_mph",
    required=True,
)
GRADE = Quantity(
    "grade",
    ("grade", "slope", "gradient"),
    {
        **dict.fromkeys(("fraction", "m/m"), 1.0),
        **dict.fromkeys(("percent", "pct", "%"), 0.01),
        **dict.fromkeys(ANGLES, 1.0),
    },
    "grade_fraction, grade_percent, slope_deg",
)
ELEVATION = Quantity(
    "elevation",
    ("elevation", "altitude", "höhe"),
    {"m": 1.0, "cm": 0.01},
    "elevation_m",
)


def meaning_of(header: str, quantities: Sequence[Quantity]) -> tuple[Quantity, str] | None:
    """Quantity and unit that a header names, None where it names none: `Speed [km/h]` is speed in km/h."""
    plain = header.strip().casefold()
    for quantity in quantities:
        for name in (*quantity.spellings, *(() if plain.isascii() else heads(quantity.name))):
            match = re.fullmatch(
                rf"(?:(?:vehicle|device)[\s_]+)?{name}(?:[\s_,]*[\[(]\s*(?P<in_brackets>[^\])]*?)\s*[\])]|[\s_,]+(?P<bare>.+))?",
                plain,
            )
            if match:
                unit = match["in_brackets"] if match["in_brackets"] is not None else match["bare"]
                return quantity, english_unit(unit or "", quantity.units)
    return None


def as_written(header: str, unit: str) -> str:
    """A unit that `meaning_of` found, in the letters in which the header has it: `loss_K` is in K, not in k."""
    at = header.casefold().rfind(unit)
    found = header[at : at + len(unit)] if at >= 0 else unit
    return found if found.casefold() == unit else unit


def passed_over(header: Sequence[str], read: Mapping[int, Quantity]) -> str:
    """Which column each quantity was read from, where the headers of others name it too: a speed of the GPS, of a wheel."""
    sentences: list[str] = []
    for place, quantity in read.items():
        name = "|".join(one for one in (*quantity.spellings, *heads(quantity.name)) if len(one) > 1)
        unit = "|".join(re.escape(one) for one in quantity.units if one)
        optional = "?" if "" in quantity.units else ""
        form = rf"(?:.*[\s_,.])?(?:{name})(?:(?:[\s_,.\[(].*)?[\s_,\[(]+(?:{unit})[\])]?){optional}"
        shown = [cell.strip()[:LONGEST_HEADER] for cell in header]
        others = [
            repr(one)
            for at, one in enumerate(shown)
            if at != place and re.fullmatch(form, _in_english(one.casefold(), quantity))
        ]
        if others:
            sentences.append(f"The {quantity.name} is that of column {shown[place]!r}, not of {', '.join(others)}.")
    return " ".join(sentences)


def _in_english(header: str, quantity: Quantity) -> str:
    """A header with the unit at its end as it is written in English."""
    return re.sub(r"[^\s_,\[(\])]+(?=[\])]?$)", lambda unit: english_unit(unit[0], quantity.units), header)

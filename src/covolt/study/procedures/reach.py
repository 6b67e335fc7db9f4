"""Reach: what a measure can be at all, whatever becomes of the vehicle; a bound outside of it demands nothing."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from types import MappingProxyType

from covolt.study.procedures.record import Measure

__all__ = ["OUTERMOST", "HEAVIEST_kg", "Reach", "reach_of"]

Reach = tuple[float, float]
"""The least and the most that a number can be; infinite where it has no end."""

OUTERMOST: Mapping[str, float] = MappingProxyType(
    {
        "m": 1e8,
        "m3": 1e4,
        "s": 3e9,
        "kg": 1e6,
        "m/s": 500.0,
        "m/s2": 1e3,
        "J": 1e12,
        "W": 1e8,
        "Nm": 1e7,
        "K": 1e4,
        "J/m": 1e7,
        "J/(kg m)": 1e5,
        "kg/m": 1e2,
        "m3/m": 1e-3,
        "RUB": 2e10,
        "BYN": 1e9,
        "RUB/m": 1e6,
        "BYN/m": 1e5,
    }
)
"""By SI unit what no road vehicle comes near. Estimates, each far beyond what was ever built: the heaviest lorries are below
10^6 kg, the fastest car drove 341 m/s, the dearest was sold for some 10^10 roubles."""
ABOVE_NOTHING = sys.float_info.min
"""Least of what is above 0 by its kind, such as a mass; a measure that may be 0 says so itself."""


HEAVIEST_kg: Mapping[str, float] = MappingProxyType(
    {"M1": 3.5e3, "M2": 5e3, "M3": 3e4, "N1": 3.5e3, "N2": 1.2e4, "N3": 6e4, "L7": 1e3}
)
"""Mass that no vehicle of a category comes near without its load. M2, N1 and N2 by the maximum mass that bounds them (UNECE
R.E.3); the others are estimates: cars up to 3.5 t, buses up to 30 t, lorries with trailer up to 60 t, quadricycles up to 1 t."""


def reach_of(measure: Measure, category: str = "", *, of_vehicle: bool = True) -> Reach:
    """What a measure can be: what it states itself, else what its unit and the category say of a vehicle.

    What parties count has no such end.
    """
    least, most = _reach(measure, of_vehicle=of_vehicle)
    heaviest = HEAVIEST_kg.get(category, math.inf) if measure.si_unit == "kg" and of_vehicle else math.inf
    return max(least, -heaviest), min(most, heaviest)


def _reach(measure: Measure, *, of_vehicle: bool) -> Reach:
    most = OUTERMOST.get(measure.si_unit) if of_vehicle else None
    ends = (-math.inf, math.inf) if most is None else (ABOVE_NOTHING, most)
    least_si, most_si = measure.least_si, measure.most_si
    return ends[0] if least_si is None else least_si, ends[1] if most_si is None else most_si

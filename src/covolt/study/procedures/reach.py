"""Reach: what a measure can be at all, whatever becomes of the vehicle; a bound outside of it demands nothing."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from types import MappingProxyType

from covolt.study.procedures.record import Measure

__all__ = ["OUTERMOST", "Reach", "reach_of"]

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


def reach_of(measure: Measure, *, of_vehicle: bool = True) -> Reach:
    """What a measure can be: what it states itself, else what its unit says of a vehicle; what parties count has no such end."""
    most = OUTERMOST.get(measure.si_unit) if of_vehicle else None
    ends = (-math.inf, math.inf) if most is None else (ABOVE_NOTHING, most)
    least_si, most_si = measure.least_si, measure.most_si
    return ends[0] if least_si is None else least_si, ends[1] if most_si is None else most_si

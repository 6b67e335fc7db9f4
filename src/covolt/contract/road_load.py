"""Road load as a curve: three numbers, each of which passes by itself, may still push the vehicle."""

from __future__ import annotations

from covolt.errors import Problem
from covolt.words import text

__all__ = ["EPA_DENSITY_kg_per_m3", "GTR_15_DENSITY_kg_per_m3", "HIGHEST_SPEED_m_per_s", "road_load_problem"]

EPA_DENSITY_kg_per_m3 = 1.1671
"""Dry air at 20 degC and 98.21 kPa, for which the EPA's A, B and C stand (40 CFR 1066.805(c))."""
GTR_15_DENSITY_kg_per_m3 = 1.189
"""Air for which f0, f1 and f2 of UN GTR 15 and UN R154 stand, 293 K and 100 kPa (Annex B4)."""

HIGHEST_SPEED_m_per_s = 400.0 / 3.6
"""Up to which it is looked at where no top speed is stated: no cycle is faster."""


def road_load_problem(
    constant_N: float,
    linear_N_s_per_m: float,
    quadratic_N_s2_per_m2: float,
    where: str,
    highest_m_per_s: float = HIGHEST_SPEED_m_per_s,
) -> Problem | None:
    """What is wrong with F = f0 + f1 v + f2 v^2 from standstill to the highest speed: it lies below zero somewhere.

    Lowest at v = -f1 / (2 f2), held within the speeds, or at one of their ends. A negative linear term alone is normal.
    """

    def force_N(v: float) -> float:
        return constant_N + linear_N_s_per_m * v + quadratic_N_s2_per_m2 * v**2

    speeds = [0.0, highest_m_per_s]
    if quadratic_N_s2_per_m2 > 0.0:
        speeds.append(min(max(-0.5 * linear_N_s_per_m / quadratic_N_s2_per_m2, 0.0), highest_m_per_s))
    lowest = min(speeds, key=force_N)
    if force_N(lowest) >= 0.0:
        return None
    what = text(
        "the road load is below zero: {force:.3g} N at {value:.3g} km/h", force=force_N(lowest), value=3.6 * lowest
    )
    return Problem(
        what, where, text("mend a sign or a unit; the whole curve must resist, a negative linear term alone may")
    )

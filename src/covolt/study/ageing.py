"""Ageing of lithium-ion cells: published laws of calendar and cycle loss, and how they add up over a changing year."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["LAWS", "Law", "Stress", "advance", "capacity_lost"]

DAY_s = 86400.0
COLDEST_VALID_K = 273.15
"""No published law holds below 0 degC; colder months are taken as 0 degC, and plating is left to the charge limit."""


@dataclass(frozen=True)
class Stress:
    """What a battery bears for a while: temperature, charge at rest and its voltage, depth of a day's cycle, rate, use.

    `cycle_rate_per_s` counts full discharges over all time; `rate_per_s` is the share of the energy drawn a second while driving.
    """

    duration_s: float
    temperature_K: float
    state_of_charge: float
    cell_voltage_V: float
    depth_fraction: float
    rate_per_s: float
    cycle_rate_per_s: float


def advance(lost_fraction: float, factor: float, exponent_ratio: float, amount_s: float) -> float:
    """Loss x = k t^p carried on under another stress: t_v = (x / k)^(1/p), x <- k (t_v + dt)^p.

    Time may be any measure of use, such as charge throughput.
    """
    if factor <= 0.0:
        return lost_fraction
    virtual = (lost_fraction / factor) ** (1.0 / exponent_ratio)
    return factor * (virtual + amount_s) ** exponent_ratio


@dataclass(frozen=True)
class Law:
    """A published pair of laws: loss by calendar x = k t^p (t in days) and by use x = k n^p (n in full cycles)."""

    name: str
    chemistry: str
    source: str
    calendar: Callable[[Stress], tuple[float, float]]
    cycle: Callable[[Stress], tuple[float, float]]


def capacity_lost(law: Law, year: Sequence[Stress], years: int) -> list[float]:
    """Fraction of capacity lost at the end of each year of the same kind."""
    calendar = cycle = 0.0
    found: list[float] = []
    for _ in range(years):
        for stress in year:
            days = stress.duration_s / DAY_s
            calendar = advance(calendar, *law.calendar(stress), days)
            cycle = advance(cycle, *law.cycle(stress), stress.duration_s * stress.cycle_rate_per_s)
        found.append(min(calendar + cycle, 1.0))
    return found


def _schmalstieg_calendar(stress: Stress) -> tuple[float, float]:
    """alpha = (7.543 V - 23.75) 1e6 exp(-6976 / T), t^0.75."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    return (7.543 * max(stress.cell_voltage_V, 3.149) - 23.75) * 1e6 * math.exp(-6976.0 / T), 0.75


def _schmalstieg_cycle(stress: Stress) -> tuple[float, float]:
    """beta = 7.348e-3 (V_avg - 3.667)^2 + 7.6e-4 + 4.081e-3 DOD, Q^0.5 with Q in Ah of the 2.15 Ah cell: 4.3 Ah a full cycle."""
    beta = 7.348e-3 * (stress.cell_voltage_V - 3.667) ** 2 + 7.6e-4 + 4.081e-3 * stress.depth_fraction
    return beta * math.sqrt(2.0 * 2.15), 0.5


def _naumann_calendar(stress: Stress) -> tuple[float, float]:
    """k_T k_SOC t^0.5, t in s; k_T = 1.2571e-5 exp(-17126/R (1/T - 1/298.15)), k_SOC = 2.8575 (z - 0.5)^3 + 0.60225."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    k_T = 1.2571e-5 * math.exp(-17126.0 / 8.3145 * (1.0 / T - 1.0 / 298.15))
    k_SOC = 2.8575 * (stress.state_of_charge - 0.5) ** 3 + 0.60225
    return k_T * k_SOC * math.sqrt(DAY_s), 0.5


def _naumann_cycle(stress: Stress) -> tuple[float, float]:
    """q[%] = (0.063 C + 0.0971) (4.0253 (DOC - 0.6)^3 + 1.0923) FEC^0.5."""
    c_rate = 0.0630 * 3600.0 * stress.rate_per_s + 0.0971
    depth = 4.0253 * (stress.depth_fraction - 0.6) ** 3 + 1.0923
    return 0.01 * c_rate * depth, 0.5


def _wang_cycle(stress: Stress) -> tuple[float, float]:
    """Q[%] = B exp((-31700 + 370.3 C) / (R T)) Ah^0.55, Ah of a 2 Ah cell: 2 Ah times depth a cycle; B at C/2 [from memory]."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    rate = max(3600.0 * stress.rate_per_s, 0.5)
    return 0.01 * 31630.0 * math.exp((-31700.0 + 370.3 * rate) / (8.3145 * T)) * 2.0**0.55, 0.55


LAWS = (
    Law(
        "Schmalstieg 2014",
        "NMC",
        "J. Power Sources 257, 325; Sanyo UR18650E, 20 to 40 degC",
        _schmalstieg_calendar,
        _schmalstieg_cycle,
    ),
    Law(
        "Naumann 2018, 2020",
        "LFP",
        "J. Energy Storage 17, 153 and J. Power Sources 451, 227666; Sony US26650, 20 to 40 degC",
        _naumann_calendar,
        _naumann_cycle,
    ),
    Law(
        "Wang 2011, Naumann 2018",
        "LFP",
        "J. Power Sources 196, 3942; A123 26650, 15 to 60 degC",
        _naumann_calendar,
        _wang_cycle,
    ),
)
"""Laws whose equations are public. They differ by a factor of three for the same use: what they give is a band."""

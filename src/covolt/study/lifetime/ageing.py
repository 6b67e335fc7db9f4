"""Ageing of lithium-ion cells: published laws of calendar and cycle loss, and how they add up over a changing year."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from covolt.contract.datasheet import Chemistry
from covolt.words import Phrase, Words, text

__all__ = [
    "LAWS",
    "Growth",
    "Law",
    "Stress",
    "advance",
    "capacity_lost",
    "graphite_potential_V",
    "laws_of",
    "years_until",
]

DAY_s = 86400.0
COLDEST_VALID_K = 273.15
"""No published law holds below 0 degC; colder months are taken as 0 degC, and plating is not modelled."""


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


class Growth(NamedTuple):
    """How a loss grows under one stress, x = k t^p; towards a ceiling c where it has one, x = c tanh(k t^p / c)."""

    factor: float
    exponent_ratio: float
    ceiling_fraction: float = math.inf


def advance(lost_fraction: float, growth: Growth, amount_s: float) -> float:
    """Loss carried on under another stress: t_v is the time in which that would have led to the loss so far.

    Time may be any measure of use, such as charge throughput. A loss beyond the ceiling of a milder stress stays.
    """
    factor, exponent, ceiling = growth
    if factor <= 0.0 or lost_fraction >= ceiling:
        return lost_fraction
    so_far = lost_fraction if ceiling == math.inf else ceiling * math.atanh(lost_fraction / ceiling)
    free = factor * ((so_far / factor) ** (1.0 / exponent) + amount_s) ** exponent
    return free if ceiling == math.inf else ceiling * math.tanh(free / ceiling)


@dataclass(frozen=True)
class Law:
    """A published pair of laws: how the loss grows by calendar (t in days) and by use (n in full cycles).

    Temperatures and depths are those of the cycles that it was fitted to.
    """

    name: str
    chemistry: Chemistry
    cells: str
    source: Phrase
    temperature_K: tuple[float, float]
    depth_fraction: tuple[float, float]
    calendar: Callable[[Stress], Growth]
    cycle: Callable[[Stress], Growth]

    def covers(self, stress: Stress) -> bool:
        """Whether temperature and depth lie within what it was fitted to."""
        (cold_K, warm_K), (shallow, deep) = self.temperature_K, self.depth_fraction
        return cold_K <= stress.temperature_K <= warm_K and shallow <= stress.depth_fraction <= deep


def capacity_lost(law: Law, year: Sequence[Stress], years: int) -> list[float]:
    """Fraction of capacity lost at the end of each year of the same kind."""
    calendar = cycle = 0.0
    found: list[float] = []
    for _ in range(years):
        for stress in year:
            days = stress.duration_s / DAY_s
            calendar = advance(calendar, law.calendar(stress), days)
            cycle = advance(cycle, law.cycle(stress), stress.duration_s * stress.cycle_rate_per_s)
        found.append(min(calendar + cycle, 1.0))
    return found


def years_until(law: Law, year: Sequence[Stress], lost_fraction: float, most: int) -> float:
    """Years of the same kind after which so much is lost, between two years as if it grew evenly; `most` where it is later."""
    before = 0.0
    for at, after in enumerate(capacity_lost(law, year, most)):
        if after >= lost_fraction:
            return at + (lost_fraction - before) / (after - before) if after > before else float(at)
        before = after
    return float(most)


def _schmalstieg_calendar(stress: Stress) -> Growth:
    """alpha = (7.543 V - 23.75) 1e6 exp(-6976 / T), t^0.75."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    return Growth((7.543 * max(stress.cell_voltage_V, 3.149) - 23.75) * 1e6 * math.exp(-6976.0 / T), 0.75)


def _schmalstieg_cycle(stress: Stress) -> Growth:
    """beta = 7.348e-3 (V_avg - 3.667)^2 + 7.6e-4 + 4.081e-3 DOD, Q^0.5 with Q in Ah of the 2.15 Ah cell: 4.3 Ah a full cycle."""
    beta = 7.348e-3 * (stress.cell_voltage_V - 3.667) ** 2 + 7.6e-4 + 4.081e-3 * stress.depth_fraction
    return Growth(beta * math.sqrt(2.0 * 2.15), 0.5)


def _naumann_calendar(stress: Stress) -> Growth:
    """k_T k_SOC t^0.5, t in s; k_T = 1.2571e-5 exp(-17126/R (1/T - 1/298.15)), k_SOC = 2.8575 (z - 0.5)^3 + 0.60225."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    k_T = 1.2571e-5 * math.exp(-17126.0 / 8.3145 * (1.0 / T - 1.0 / 298.15))
    k_SOC = 2.8575 * (stress.state_of_charge - 0.5) ** 3 + 0.60225
    return Growth(k_T * k_SOC * math.sqrt(DAY_s), 0.5)


def _naumann_cycle(stress: Stress) -> Growth:
    """q[%] = (0.063 C + 0.0971) (4.0253 (DOC - 0.6)^3 + 1.0923) FEC^0.5."""
    c_rate = 0.0630 * 3600.0 * stress.rate_per_s + 0.0971
    depth = 4.0253 * (stress.depth_fraction - 0.6) ** 3 + 1.0923
    return Growth(0.01 * c_rate * depth, 0.5)


def _wang_cycle(stress: Stress) -> Growth:
    """Q[%] = B exp((-31700 + 370.3 C) / (R T)) Ah^0.55, Ah of a 2 Ah cell: 2 Ah times depth a cycle; B at C/2 [from memory]."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    rate = max(3600.0 * stress.rate_per_s, 0.5)
    return Growth(0.01 * 31630.0 * math.exp((-31700.0 + 370.3 * rate) / (8.3145 * T)) * 2.0**0.55, 0.55)


def graphite_potential_V(state_of_charge: float) -> float:
    """Potential of graphite against lithium at rest, 0.1233 V half full, with x = 0.0085 + 0.7715 z.

    U = 0.6379 + 0.5416 exp(-305.5309 x) - 0.044 tanh((x - 0.1958) / 0.1088) - 0.1978 tanh((x - 1.0571) / 0.0854)
    - 0.6875 tanh((x + 0.0117) / 0.0529) - 0.0175 tanh((x - 0.5692) / 0.0875); Safari and Delacourt 2011, at 25 degC.
    """
    x = 0.0085 + 0.7715 * state_of_charge
    steps = ((0.044, 0.1958, 0.1088), (0.1978, 1.0571, 0.0854), (0.6875, -0.0117, 0.0529), (0.0175, 0.5692, 0.0875))
    return 0.6379 + 0.5416 * math.exp(-305.5309 * x) - sum(a * math.tanh((x - m) / w) for a, m, w in steps)


def _smith_calendar(stress: Stress) -> Growth:
    """q = 2.66e7 exp(-17.8 / T') exp(-5.21 U' / T') t^0.357, with T' = T / 308.15 K, U' = U / 0.123 V of the graphite."""
    relative = max(stress.temperature_K, COLDEST_VALID_K) / 308.15
    potential = graphite_potential_V(stress.state_of_charge) / 0.123
    return Growth(2.66e7 * math.exp((-17.8 - 5.21 * potential) / relative), 0.357)


def _smith_cycle(stress: Stress) -> Growth:
    """q = 3.80e3 exp(-18.4 / T') exp(1.04 exp(DOD^2)) n^0.778.

    Its second branch, active material lost as 1 - 2 / (1 + exp((n / n0)^10)) with n0 = 10^4 - 153 (55 - t) DOD z / 0.6 at t degC,
    is left out: two thousand cycles half deep at 0 degC and z = 0.65 take 2e-5 of it.
    """
    relative = max(stress.temperature_K, COLDEST_VALID_K) / 308.15
    return Growth(3.80e3 * math.exp(-18.4 / relative + 1.04 * math.exp(stress.depth_fraction**2)), 0.778)


def _keil_calendar(stress: Stress) -> Growth:
    """q = 75.4 exp((-3340 + 353 z) / T) t^0.512."""
    T = max(stress.temperature_K, COLDEST_VALID_K)
    return Growth(75.4 * math.exp((-3340.0 + 353.0 * stress.state_of_charge) / T), 0.512)


def _preger_cycle(stress: Stress) -> Growth:
    """q = 2 (1.86e-6 + 1.77e-4 DOD) n^0.699; its terms of rate and temperature are below 1e-9 and left out."""
    return Growth(2.0 * (1.86e-6 + 1.77e-4 * stress.depth_fraction), 0.699)


def _lg_m50_calendar(stress: Stress) -> Growth:
    """k (t/10^4)^0.6517, t in days, with T' = T / 308.15 K, U' = U / 0.123 V of the graphite and the charge z.

    k = -2.39157 + 2.44205 exp(T'^3 U'^(-1/3)) - 4.45998 T'^3 U'^(-1/2) + 0.44814 exp(z^(1/2) / T'^2) - 0.185338 exp(z^3)
    """
    T = max(stress.temperature_K, COLDEST_VALID_K) / 308.15
    z, U = stress.state_of_charge, graphite_potential_V(stress.state_of_charge) / 0.123
    k = -2.39156628786525 + 2.44205317834185 * math.exp(T**3 * U ** (-1.0 / 3.0)) - 4.45998246136905 * T**3 * U**-0.5
    k += 0.448140062203916 * math.exp(math.sqrt(z) / T**2) - 0.185337797906876 * math.exp(z**3)
    p = 0.651697743905278
    return Growth(k / 1e4**p, p)


def _lg_m50_cycle(stress: Stress) -> Growth:
    """0.181235 exp(-0.123779 C^3 + 1.244595 T'^3 C^(1/2)) (n/10^4)^0.441997, C of discharge in 1/h, T' = T / 308.15 K."""
    T = max(stress.temperature_K, COLDEST_VALID_K) / 308.15
    C = 3600.0 * stress.rate_per_s
    p = 0.441996792536332
    k = 0.181235015387132 * math.exp(-0.123779206033993 * C**3 + 1.24459541295018 * T**3 * math.sqrt(C))
    return Growth(k / 1e4**p, p)


def _sony_murata_calendar(stress: Stress) -> Growth:
    """q = 2 a (1/2 - 1 / (1 + exp((1.3051e-4 t)^b))), which is a tanh((1.3051e-4 t)^b / 2), t in days, U of the graphite in V.

    a = 0.98969 exp((8742.06 / T - 2.881067e6 / T^2) U^(1/2))
    b = 3.3285e-4 exp((7.345532e11 / T^4 - 3.284991e9 / T^3) U^(1/3) + (1.272276e-3 T^2 - 2.821616e-6 T^3) U^(1/4))
    """
    T, U = max(stress.temperature_K, COLDEST_VALID_K), graphite_potential_V(stress.state_of_charge)
    a = 0.98968715129359 * math.exp((-2881067.56019324 / T**2 + 8742.06309157261 / T) * math.sqrt(U))
    b = (734553185711.369 / T**4 - 3284991315.45121 / T**3) * U ** (1.0 / 3.0)
    b += (-2.8216157562078e-06 * T**3 + 0.0012722759365729 * T**2) * U**0.25
    b = 0.000332850281062177 * math.exp(b)
    return Growth(0.5 * a * 0.000130510034211874**b, b, a)


def _sony_murata_cycle(stress: Stress) -> Growth:
    """q = (k n)^1.12848, k = |-6.81261e-6 + 2.59616e-5 DOD + 2.1156e-6 exp(DOD^2 C^3)|, C the mean rate in 1/h.

    Its breaking-in of more than three full cycles a day is left out.
    """
    depth, C = stress.depth_fraction, 3600.0 * stress.rate_per_s
    k = abs(-6.81260579372875e-06 + 2.59615973160844e-05 * depth + 2.11559710307295e-06 * math.exp(depth**2 * C**3))
    p = 1.12847759334355
    return Growth(k**p, p)


LAWS = (
    Law(
        "Schmalstieg 2014",
        "NMC",
        "Sanyo UR18650E",
        Words("J. Power Sources 257, 325"),
        (293.15, 313.15),
        (0.0, 1.0),
        _schmalstieg_calendar,
        _schmalstieg_cycle,
    ),
    Law(
        "Smith 2017",
        "NMC",
        "Kokam 75 Ah",
        text("American Control Conference 2017, IEEE 7963578; coefficients of NREL BLAST-Lite"),
        (273.15, 318.15),
        (0.8, 1.0),
        _smith_calendar,
        _smith_cycle,
    ),
    Law(
        "Bui 2021",
        "NMC",
        "LG M50, NMC 811 and graphite with silicon",
        text("IEEE 9617644; fit of NREL BLAST-Lite 1.1.1"),
        (273.15, 298.15),
        (1.0, 1.0),
        _lg_m50_calendar,
        _lg_m50_cycle,
    ),
    Law(
        "Keil 2016, Preger 2020",
        "NCA",
        "Panasonic NCR18650B",
        text("doi 10.1149/2.0411609jes and 10.1149/1945-7111/abae37; fit of NREL BLAST-Lite"),
        (288.15, 308.15),
        (0.8, 1.0),
        _keil_calendar,
        _preger_cycle,
    ),
    Law(
        "Naumann 2018, 2020",
        "LFP",
        "Sony US26650",
        text("J. Energy Storage 17, 153 and J. Power Sources 451, 227666"),
        (293.15, 313.15),
        (0.2, 1.0),
        _naumann_calendar,
        _naumann_cycle,
    ),
    Law(
        "Wang 2011, Naumann 2018",
        "LFP",
        "A123 26650",
        text("J. Power Sources 196, 3942 and J. Energy Storage 17, 153"),
        (288.15, 333.15),
        (0.1, 0.9),
        _naumann_calendar,
        _wang_cycle,
    ),
    Law(
        "Gasper 2022",
        "LFP",
        "Sony-Murata 3 Ah",
        text("doi 10.1149/1945-7111/ac86a8, the cells of Naumann 2018 and 2020; NREL BLAST-Lite 1.1.1"),
        (293.15, 313.15),
        (0.8, 1.0),
        _sony_murata_calendar,
        _sony_murata_cycle,
    ),
)
"""Laws whose equations are public. Ranges as NREL BLAST-Lite states them; depths of Naumann and all of Wang's
[from memory]."""


def laws_of(chemistry: Chemistry | None) -> tuple[Law, ...]:
    """Laws of a chemistry, none where none is published for it here; all laws where the chemistry is not known."""
    return tuple(law for law in LAWS if chemistry in (None, law.chemistry))

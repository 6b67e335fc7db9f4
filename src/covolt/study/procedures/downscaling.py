"""Downscaling of the WLTC for weak vehicles, UN R154 Annex B1, 8: by how much, and the lowered speeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from covolt.library.subject import Subject
from covolt.study.procedures.segments import LABORATORY_K, Segment
from covolt.vehicle.ambient import Ambient

__all__ = [
    "SECTIONS",
    "Section",
    "downscaled",
    "downscaled_segments",
    "factor",
    "rated_power_W",
    "required_power_W",
    "wheel_force_N",
]

ROTATING_SHARE = 1.03
"""Rotating parts count as 3 % of the test mass."""
LEAST = 0.010
"""A factor up to this leaves the cycle as it is."""


@dataclass(frozen=True)
class Section:
    """What is lowered of one cycle: seconds of beginning, tip and end; the state of highest power; f = a r + b from r_0 on."""

    begin_s: int
    tip_s: int
    end_s: int
    speed_m_per_s: float
    acceleration_m_per_s2: float
    least_ratio: float
    slope_coefficient: float
    offset_coefficient: float


_CLASS_3 = Section(1533, 1724, 1763, 111.9 / 3.6, 0.50, 0.867, 0.588, -0.510)
SECTIONS = {
    "wltc-1": Section(651, 848, 907, 61.4 / 3.6, 0.22, 0.978, 0.680, -0.665),
    "wltc-2": Section(1520, 1725, 1743, 109.9 / 3.6, 0.36, 0.866, 0.606, -0.525),
    "wltc-3a": _CLASS_3,
    "wltc-3b": _CLASS_3,
}


def wheel_force_N(
    subject: Subject, payload_kg: float, speed_m_per_s: np.ndarray, acceleration_m_per_s2: np.ndarray
) -> np.ndarray:
    """Force at the wheels on rollers, F = f0 + f1 v + f2 v^2 + 1.03 TM a."""
    vehicle = subject.vehicle
    road = vehicle.body.at(Ambient(LABORATORY_K), payload_kg, vehicle.tyre, 1.0)
    v = speed_m_per_s
    constant_N = float(road.rolling_N) + float(road.constant_N)
    steady_N = constant_N + (float(road.linear_N_s_per_m) + float(road.quadratic_N_s2_per_m2) * v) * v
    return steady_N + ROTATING_SHARE * float(road.mass_kg) * acceleration_m_per_s2


def required_power_W(subject: Subject, payload_kg: float, speed_m_per_s: float, acceleration_m_per_s2: float) -> float:
    """Power at the wheels on rollers, P = (f0 + f1 v + f2 v^2 + 1.03 TM a) v."""
    force_N = wheel_force_N(subject, payload_kg, np.asarray(speed_m_per_s), np.asarray(acceleration_m_per_s2))
    return float(force_N) * speed_m_per_s


def rated_power_W(subject: Subject) -> float:
    """Peak power of all drive units."""
    return sum(float(axle.unit_count) * float(axle.drive_unit.peak_power_W()) for axle in subject.vehicle.axles)


def factor(ratio: float, section: Section) -> float:
    """Downscaling factor of a ratio r of required over rated power.

    f = 0 for r < r_0, else a r + b, to three decimals, never over 1; not applied up to 0.010.
    The bound by 1, at which the section is driven at the speed of its beginning, is this project's.
    """
    if ratio < section.least_ratio:
        return 0.0
    found = round(min(section.slope_coefficient * ratio + section.offset_coefficient, 1.0), 3)
    return found if found > LEAST else 0.0


def downscaled(speed_m_per_s: np.ndarray, section: Section, by_fraction: float) -> np.ndarray:
    """Speeds at every second from 0 on, lowered between the beginning and the end of the section.

    Up to the tip every acceleration is (1 - f) of the cycle's: v' = v_b + (1 - f) (v - v_b).
    Behind it every deceleration is (v'_t - v_e) / (v_t - v_e) of the cycle's, so that the end is met. Lowered speeds are rounded
    to 0.1 km/h (as the public programs of the Joint Research Centre do).
    """
    if by_fraction == 0.0:
        return speed_m_per_s
    lowered = speed_m_per_s.copy()
    rise = slice(section.begin_s, section.tip_s + 1)
    fall = slice(section.tip_s + 1, section.end_s + 1)
    begin, tip, end = (float(speed_m_per_s[s]) for s in (section.begin_s, section.tip_s, section.end_s))
    lowered[rise] = begin + (1.0 - by_fraction) * (speed_m_per_s[rise] - begin)
    lowered[fall] = end + (float(lowered[section.tip_s]) - end) / (tip - end) * (speed_m_per_s[fall] - end)
    changed = slice(section.begin_s, section.end_s + 1)
    lowered[changed] = np.round(lowered[changed] * 3.6, 1) / 3.6
    return lowered


def downscaled_segments(phases: Sequence[Segment], section: Section, by_fraction: float) -> tuple[Segment, ...]:
    """The phases of a cycle with the section lowered. Their speeds are those at the end of each second."""
    if by_fraction == 0.0:
        return tuple(phases)
    whole = np.concatenate([[0.0], *(one.speed_m_per_s for one in phases)])
    lowered = downscaled(whole, section, by_fraction)[1:]
    bounds = np.cumsum([len(one.speed_m_per_s) for one in phases])[:-1]
    return tuple(Segment(one.name, part) for one, part in zip(phases, np.split(lowered, bounds), strict=True))

"""Routes: a road by distance, with target speeds, stops and grade, driven by someone with an ordinary foot.

VECTO's missions and customers' own roads are given so: what is asked for depends on the place, not on the clock. A vehicle
that is slow on a hill takes longer and still drives the whole road.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.mission import Conditions, Mission

SPACING_m = 1.0


@dataclass(frozen=True)
class Leg:
    """A stretch of road with one target speed and one slope (rise over run), and a stop at its end."""

    distance_m: float
    speed_m_per_s: float
    slope_fraction: float = 0.0
    stop_s: float = 0.0


@dataclass(frozen=True)
class Foot:
    """How hard the driver accelerates and brakes between target speeds."""

    acceleration_m_per_s2: float = 1.0
    deceleration_m_per_s2: float = 0.8


def drive_route(
    name: str,
    legs: Sequence[Leg],
    conditions: Conditions | None = None,
    *,
    foot: Foot | None = None,
    dt_s: float = 1.0,
) -> Mission:
    """The mission of a route: the speed that the driver would keep if the vehicle always could, corrected for distance.

    Between target speeds v^2 changes by 2 a ds; the vehicle starts and ends at rest. Raises all problems of the legs at once.
    """
    _check(name, legs)
    foot = foot or Foot()
    time_s, distance_m = _timetable(legs, foot)
    clock_s = np.arange(0.0, time_s[-1] + dt_s, dt_s)
    place_m = np.interp(clock_s, time_s, distance_m)
    # Mean speed over each step taken as the speed at its end keeps the distance to within one step.
    speed = np.maximum(np.interp(clock_s, *_speeds(time_s, distance_m)), 0.0)
    ends_m = np.cumsum([leg.distance_m for leg in legs])
    leg_index = np.minimum(np.searchsorted(ends_m, place_m[:-1], side="right"), len(legs) - 1)
    profile = {"target_m_per_s": speed[1:]}
    slope = np.array([leg.slope_fraction for leg in legs])[leg_index]
    if np.any(slope != 0.0):
        profile["slope_fraction"] = slope
    return Mission(name, profile, dt_s, 0.0, conditions or Conditions(), miss_policy="correct")


def _check(name: str, legs: Sequence[Leg]) -> None:
    problems = [] if legs else [Problem("the route has no leg", name, "give at least one leg")]
    for index, leg in enumerate(legs):
        where = f"{name}, leg {index + 1}"
        if not leg.distance_m > 0.0:
            problems.append(Problem(f"a distance of {leg.distance_m:g} m", where, "give a distance above 0 m"))
        if not 0.0 < leg.speed_m_per_s <= 100.0:
            problems.append(Problem(f"a target speed of {leg.speed_m_per_s * 3.6:g} km/h", where, "give 0 to 360 km/h"))
        if not abs(leg.slope_fraction) <= 0.5:
            problems.append(Problem(f"a slope of {100 * leg.slope_fraction:g} %", where, "give at most 50 %"))
        if not leg.stop_s >= 0.0:
            problems.append(Problem(f"a stop of {leg.stop_s:g} s", where, "give 0 s or more"))
    if problems:
        raise InputError(problems)


def _timetable(legs: Sequence[Leg], foot: Foot) -> tuple[np.ndarray, np.ndarray]:
    """Time and distance along the road, at points about a metre apart and twice at every stop."""
    times, places = [np.zeros(1)], [np.zeros(1)]
    begin = 0
    for end in range(len(legs)):
        if legs[end].stop_s == 0.0 and end < len(legs) - 1:
            continue
        place, speed = _between_stops(legs[begin : end + 1], foot)
        mean = 0.5 * (speed[1:] + speed[:-1])
        time = np.cumsum(np.diff(place) / mean)
        times += [times[-1][-1] + time, times[-1][-1] + time[-1:] + legs[end].stop_s]
        places += [places[-1][-1] + place[1:], places[-1][-1] + place[-1:]]
        begin = end + 1
    time_s, distance_m = np.concatenate(times), np.concatenate(places)
    keep = np.concatenate([[True], np.diff(time_s) > 0.0])
    return time_s[keep], distance_m[keep]


def _between_stops(legs: Sequence[Leg], foot: Foot) -> tuple[np.ndarray, np.ndarray]:
    """Place and speed from rest to rest, nowhere above a target, never changing faster than the foot."""
    length = sum(leg.distance_m for leg in legs)
    place = np.linspace(0.0, length, max(round(length / SPACING_m), 2) + 1)
    ends = np.cumsum([leg.distance_m for leg in legs])
    index = np.minimum(np.searchsorted(ends, 0.5 * (place[1:] + place[:-1])), len(legs) - 1)
    allowed = np.array([leg.speed_m_per_s for leg in legs])[index]
    squared = np.concatenate([[0.0], np.minimum(allowed[1:], allowed[:-1]) ** 2, [0.0]])
    step = place[1] - place[0]
    for i in range(1, len(squared)):
        squared[i] = min(squared[i], squared[i - 1] + 2.0 * foot.acceleration_m_per_s2 * step)
    for i in range(len(squared) - 2, -1, -1):
        squared[i] = min(squared[i], squared[i + 1] + 2.0 * foot.deceleration_m_per_s2 * step)
    return place, np.sqrt(squared)


def _speeds(time_s: np.ndarray, distance_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mid-times and mean speeds of the timetable."""
    return 0.5 * (time_s[1:] + time_s[:-1]), np.diff(distance_m) / np.diff(time_s)

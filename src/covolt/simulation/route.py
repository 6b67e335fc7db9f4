"""Routes: a road by distance, with target speeds, stops and grade, driven by someone with an ordinary foot.

VECTO's missions and customers' own roads are given so: what is asked for depends on the place, not on the clock. A vehicle
that is slow on a hill takes longer and still drives the whole road.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.column_file import ELEVATION, GRADE, SPEED, Columns, Quantity, read_columns
from covolt.simulation.mission import Conditions, Mission
from covolt.words import text

SPACING_m = 1.0
HIGHEST_SPEED_m_per_s = 100.0
STEEPEST_fraction = 0.5
LONGEST_m, LONGEST_s = 1e7, 2.0 * 86400.0
"""A road in one file, and what is driven of it in one go; what is longer has a unit wrong."""
MOST_STOPS = 20_000
"""One every nine seconds for two days; a bus makes a tenth of that."""
MOST_PLACES = 2_000_000
"""Of one road: one longer than 2,000 km is laid out in longer steps than `SPACING_m`, up to 5 m, for it must fit into memory."""
DISTANCE = Quantity(
    "distance",
    ("distance", "position", "place", "s"),
    {"m": 1.0, "km": 1000.0},
    "distance_m, position [km], s_m",
    required=True,
)
STOP = Quantity("stop", ("stop", "wait"), {"": 1.0, "s": 1.0, "min": 60.0}, "stop_s")


@dataclass(frozen=True)
class Leg:
    """A stretch of road with one target speed and one slope (rise over run), a stop at its end, and one before it begins."""

    distance_m: float
    speed_m_per_s: float
    slope_fraction: float = 0.0
    stop_s: float = 0.0
    stop_before_s: float = 0.0


@dataclass(frozen=True)
class Foot:
    """How hard the driver accelerates and brakes between target speeds."""

    acceleration_m_per_s2: float = 1.0
    deceleration_m_per_s2: float = 0.8


def read_route(path: str | Path) -> tuple[Leg, ...]:
    """The legs of a road from a CSV file: one row a place, in order along the road.

    Columns: distance from the beginning and target speed, and where there are any, grade or elevation, and the time of a stop.
    Elevation is that of each place, and the road between two of them is even. Speed and grade hold
    from their row on to the next, which is where they change; the last row is the end. A stop counts in every row, the first
    and the last included. A speed of 0, as VECTO's own files have at stops, stands for the next one. Units and spellings as in
    files of cycles.
    """
    read = read_columns(path, (DISTANCE, SPEED, GRADE, ELEVATION, STOP))
    _judge(read)
    read.findings.raise_if_any()
    if read.passed_over:
        warnings.warn(f"{path}: {read.passed_over}", stacklevel=2)
    values, place_m = read.values, read.values["distance"]
    still = np.zeros(len(place_m))
    speed = values["speed"].copy()
    for k in range(len(speed) - 2, -1, -1):
        speed[k] = speed[k] or speed[k + 1]
    speed[-1] = 0.0
    ends = np.flatnonzero(speed[:-1] == 0.0)
    speed[ends] = values["speed"][values["speed"] > 0.0][-1]
    grade, stop_s = values.get("grade", still), values.get("stop", still)
    if "elevation" in values:
        sine = np.diff(values["elevation"]) / np.diff(place_m)
        grade = sine / np.sqrt(1.0 - sine * sine)
    legs = [
        Leg(float(place_m[k + 1] - place_m[k]), float(speed[k]), float(grade[k]), float(stop_s[k + 1]))
        for k in range(len(place_m) - 1)
    ]
    return (replace(legs[0], stop_before_s=float(stop_s[0])), *legs[1:])


def _judge_heights(read: Columns, place_m: np.ndarray) -> None:
    """Notes where the elevations make a cliff."""
    rises_m = np.diff(read.values.get("elevation", np.zeros(0)))
    for k in np.flatnonzero(np.abs(rises_m) > STEEPEST_fraction * np.abs(np.diff(place_m[: len(rises_m) + 1]))):
        what = text(
            "the road rises or falls by {rises:g} m over {place:g} m",
            rises=rises_m[k],
            place=place_m[k + 1] - place_m[k],
        )
        hint = text("are elevation and distance in the units of their headings?")
        read.findings.add(text("elevation"), what, hint, read.lines[k + 1])


def _judge(read: Columns) -> None:
    """Notes everything that makes no road."""
    values, findings = read.values, read.findings
    place_m = values.get("distance", np.zeros(0))
    for k in np.flatnonzero(read.adjacent[: max(len(place_m) - 1, 0)] & (np.diff(place_m) <= 0.0)):
        what = text(
            "the place {place:.10g} m does not lie behind {place_2:.10g} m",
            place=place_m[k + 1],
            place_2=place_m[k],
        )
        findings.add(
            text("distance"), what, text("sort the rows along the road, and keep one for each place"), read.lines[k + 1]
        )
    for k, value in enumerate(values.get("speed", ())):
        if not 0.0 <= value <= HIGHEST_SPEED_m_per_s:
            findings.add(
                text("speed"),
                text("a target speed of {value:g} km/h", value=3.6 * value),
                text("give 0 to 360 km/h"),
                read.lines[k],
            )
    for k, value in enumerate(values.get("grade", ())):
        if not abs(value) <= STEEPEST_fraction:
            findings.add(
                text("grade"),
                text("a slope of {value:g} %", value=100.0 * value),
                text("give at most 50 %"),
                read.lines[k],
            )
    _judge_heights(read, place_m)
    for k, value in enumerate(values.get("stop", ())):
        if not value >= 0.0:
            findings.add(
                text("stop"), text("a stop of {value:g} s", value=value), text("give 0 s or more"), read.lines[k]
            )
    if "speed" in values and values["speed"].size and not values["speed"][:-1].any():
        findings.add(
            text("speed"), text("no target speed is above 0"), text("give the speed that is wanted from each place on")
        )
    if place_m.size and place_m[-1] - place_m[0] > LONGEST_m:
        what = text(
            "the road is {place:.6g} km long, more than {longest:.0f} km",
            place=(place_m[-1] - place_m[0]) / 1e3,
            longest=LONGEST_m / 1e3,
        )
        findings.add(
            text("distance"), what, text("is the unit of distance right? Cut a long road into several"), read.lines[-1]
        )


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
    if time_s[-1] > LONGEST_s:
        what = text(
            "the route takes {time:.4g} h, more than {longest:.0f} h",
            time=time_s[-1] / 3600.0,
            longest=LONGEST_s / 3600.0,
        )
        raise InputError(
            Problem(what, name, text("are the units of speed and stops right? Cut a long route into several"))
        )
    clock_s = np.arange(0.0, time_s[-1] + dt_s, dt_s)
    place_m = np.interp(clock_s, time_s, distance_m)
    # Mean speed over each step taken as the speed at its end keeps the distance to within one step.
    speed = np.diff(place_m) / dt_s
    ends_m = np.cumsum([leg.distance_m for leg in legs])
    leg_index = np.minimum(np.searchsorted(ends_m, place_m[:-1], side="right"), len(legs) - 1)
    profile = {"target_m_per_s": speed}
    slope = np.array([leg.slope_fraction for leg in legs])[leg_index]
    if np.any(slope != 0.0):
        profile["slope_fraction"] = slope
    return Mission(name, profile, dt_s, 0.0, conditions or Conditions(), miss_policy="correct")


def _check(name: str, legs: Sequence[Leg]) -> None:
    problems = [] if legs else [Problem(text("the route has no leg"), name, text("give at least one leg"))]
    for index, leg in enumerate(legs):
        where = f"{name}, leg {index + 1}"
        if not leg.distance_m > 0.0:
            problems.append(
                Problem(
                    text("a distance of {distance:g} m", distance=leg.distance_m),
                    where,
                    text("give a distance above 0 m"),
                )
            )
        if not 0.0 < leg.speed_m_per_s <= HIGHEST_SPEED_m_per_s:
            problems.append(
                Problem(
                    text("a target speed of {speed:g} km/h", speed=leg.speed_m_per_s * 3.6),
                    where,
                    text("give 0 to 360 km/h"),
                )
            )
        if not abs(leg.slope_fraction) <= STEEPEST_fraction:
            problems.append(
                Problem(
                    text("a slope of {value:g} %", value=100 * leg.slope_fraction), where, text("give at most 50 %")
                )
            )
        problems += [
            Problem(text("a stop of {stop:g} s", stop=stop_s), where, text("give 0 s or more"))
            for stop_s in (leg.stop_s, leg.stop_before_s)
            if not 0.0 <= stop_s < float("inf")
        ]
    if (stops := sum(leg.stop_s > 0.0 for leg in legs)) > MOST_STOPS:
        what = text("the route has {stops} stops, more than {most_stops}", stops=stops, most_stops=MOST_STOPS)
        problems.append(Problem(what, name, text("leave out stops of 0 s; cut a long route into several")))
    if not sum(leg.distance_m for leg in legs) <= LONGEST_m:
        what = text("the route is longer than {longest:.0f} km", longest=LONGEST_m / 1e3)
        problems.append(Problem(what, name, text("is the unit of distance right? Cut a long route into several")))
    if problems:
        raise InputError(problems)


def _timetable(legs: Sequence[Leg], foot: Foot) -> tuple[np.ndarray, np.ndarray]:
    """Time and distance along the road, at points about a metre apart (of a very long one more) and twice at every stop."""
    times, places = [np.zeros(1), np.full(1, legs[0].stop_before_s)], [np.zeros(1), np.zeros(1)]
    # A stop before a leg is one more at the end of the leg before it.
    stops_s = [leg.stop_s for leg in legs]
    for k, leg in enumerate(legs[1:]):
        stops_s[k] += leg.stop_before_s
    spacing_m = max(SPACING_m, sum(leg.distance_m for leg in legs) / MOST_PLACES)
    begin = 0
    for end in range(len(legs)):
        if stops_s[end] == 0.0 and end < len(legs) - 1:
            continue
        place, speed = _between_stops(legs[begin : end + 1], foot, spacing_m)
        mean = 0.5 * (speed[1:] + speed[:-1])
        time = np.cumsum(np.diff(place) / mean)
        times += [times[-1][-1] + time, times[-1][-1] + time[-1:] + stops_s[end]]
        places += [places[-1][-1] + place[1:], places[-1][-1] + place[-1:]]
        begin = end + 1
    time_s, distance_m = np.concatenate(times), np.concatenate(places)
    keep = np.concatenate([[True], np.diff(time_s) > 0.0])
    return time_s[keep], distance_m[keep]


def _between_stops(legs: Sequence[Leg], foot: Foot, spacing_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Place and speed from rest to rest, nowhere above a target, never changing faster than the foot."""
    length = sum(leg.distance_m for leg in legs)
    place = np.linspace(0.0, length, max(round(length / spacing_m), 2) + 1)
    ends = np.cumsum([leg.distance_m for leg in legs])
    index = np.minimum(np.searchsorted(ends, 0.5 * (place[1:] + place[:-1])), len(legs) - 1)
    allowed = np.array([leg.speed_m_per_s for leg in legs])[index]
    squared = np.concatenate([[0.0], np.minimum(allowed[1:], allowed[:-1]) ** 2, [0.0]])
    step = place[1] - place[0]
    rise, fall = (float(2.0 * one * step) for one in (foot.acceleration_m_per_s2, foot.deceleration_m_per_s2))
    # Plain numbers: a million of them take a fifth of the time.
    reached: list[float] = squared.tolist()
    for i in range(1, len(reached)):
        reached[i] = min(reached[i], reached[i - 1] + rise)
    for i in range(len(reached) - 2, -1, -1):
        reached[i] = min(reached[i], reached[i + 1] + fall)
    return place, np.sqrt(np.array(reached))

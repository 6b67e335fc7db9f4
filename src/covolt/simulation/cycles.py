"""The cycles that regulations lay down, by name, and the door to cycles in files.

The speeds lie in `covolt/library/cycles`, each with source and licence in `index.toml`. FTP is joined from UDDS, NEDC
sampled from the corner points of its operations, and SORT built from the trapezes of its definition.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from covolt.errors import CycleError, NotFound, Problem
from covolt.simulation.cycle import Cycle, FloatArray, Phase
from covolt.simulation.cycle_file import read_csv, write_csv
from covolt.words import text

__all__ = [
    "Cycle",
    "CycleSummary",
    "Phase",
    "after_soak",
    "listing",
    "names",
    "read_csv",
    "sort",
    "standard",
    "write_csv",
]

SPEED_UNITS_m_per_s = {"speed_km_per_h": 1.0 / 3.6, "speed_mph": 0.44704, "speed_m_per_s": 1.0}
SOAK_s = 600.0
"""Time parked before the hot transient phase of FTP, 40 CFR 1066.801, and before SC03, 40 CFR 86.160-00 (a)."""
SORT_DECELERATION_m_per_s2 = 0.8
SORT_STEP_s = 0.1


@dataclass(frozen=True)
class CycleSummary:
    """One row of the list of cycles."""

    id: str
    title: str
    duration_s: float
    distance_m: float
    maximum_speed_m_per_s: float
    mean_speed_m_per_s: float
    source: str


def names() -> list[str]:
    """The names of the shipped cycles, in the order of the index."""
    return list(_index())


def listing() -> list[CycleSummary]:
    """All shipped cycles with their figures, computed from the speeds themselves."""
    return [_summary(standard(name)) for name in names()]


@cache
def standard(name: str) -> Cycle:
    """A shipped cycle by its name; capitals, dashes and blanks do not matter (wltc-3b, WLTC_3b, wltc3b)."""
    known = _spellings()
    key = known.get(_plain(name))
    if key is None:
        raise NotFound(_unknown(name, known))
    entry = _index()[key]
    if "trapezes" in entry:
        return sort(int(key.removeprefix("sort-")))
    if "built_from" in entry:
        whole = standard(entry["built_from"])
        built = after_soak(whole, whole.part(entry["repeated"]))
        time_s, speed_m_per_s, grade = built.time_s, built.speed_m_per_s, built.grade_fraction
    else:
        time_s, speed_m_per_s, grade = _from_library(entry)
    parked = entry.get("parked", [])
    phases = [Phase(label, float(start), float(end), label in parked) for label, start, end in entry.get("phases", [])]
    return Cycle(key, entry["title"], time_s, speed_m_per_s, grade, tuple(phases), entry["source"])


def after_soak(first: Cycle, last: Cycle) -> Cycle:
    """A cycle, ten minutes parked as the phase `soak`, then another cycle as the phase of its own name, which is the whole's."""
    again_s = first.end_s + SOAK_s
    soak_s = np.arange(first.end_s + 1.0, again_s)
    return Cycle(
        last.name,
        last.title,
        np.concatenate([first.time_s, soak_s, last.time_s + again_s]),
        np.concatenate([first.speed_m_per_s, np.zeros(soak_s.size), last.speed_m_per_s]),
        phases=(
            *first.phases,
            Phase("soak", first.end_s, again_s, parked=True),
            Phase(last.name, last.start_s + again_s, last.end_s + again_s),
        ),
        source=last.source,
    )


def sort(number: int, dt_s: float = SORT_STEP_s) -> Cycle:
    """SORT 1, 2 or 3 from its definition, with the exact distance at every step length.

    Each trapeze of length L reaches v with acceleration a, holds it for L/v - v/(2 a) - v/(2 b), brakes with b and
    stands. The speed given at t is the distance covered from t - dt to t + dt over 2 dt: the sum telescopes to the
    exact distance, and corners are rounded over one step to either side. The first step of standstill is taken from
    the last stop.

    Source: UITP, Standardised On-Road Test Cycles; the deceleration is 0.8 m/s2.
    """
    entry = _index().get(f"sort-{number}")
    if entry is None:
        raise NotFound(Problem(text("there is no SORT {number}", number=number), "sort", text("choose SORT 1, 2 or 3")))
    if not 0.0 < dt_s <= 2.0:
        raise CycleError(
            Problem(
                text("SORT cannot be sampled every {dt_s} s", dt_s=dt_s),
                f"sort-{number}",
                text("give a step of 2 s or less"),
            )
        )
    corner_s, corner_speed = _trapeze_corners(entry["trapezes"], dt_s)
    steps = round(corner_s[-1] / dt_s)
    time_s = np.round(dt_s * np.arange(steps + 1), 9)
    ahead = _distance_covered(corner_s, corner_speed, time_s + dt_s)
    behind = _distance_covered(corner_s, corner_speed, time_s - dt_s)
    # a difference of two equal distances may come out as -1e-14
    speed = np.maximum(np.round((ahead - behind) / (2.0 * dt_s), 12), 0.0)
    return Cycle(f"sort-{number}", entry["title"], time_s, speed, source=entry["source"])


def _trapeze_corners(trapezes: Sequence[Sequence[float]], lead_s: float) -> tuple[FloatArray, FloatArray]:
    """Times and speeds of the corners of a row of trapezes; the last stop gives up the standstill before the first."""
    times, speeds = [0.0, lead_s], [0.0, 0.0]
    for speed_kmh, length_m, acceleration_m_per_s2, stop_s in trapezes:
        v, a, b = speed_kmh / 3.6, acceleration_m_per_s2, SORT_DECELERATION_m_per_s2
        for duration_s, speed in (
            (v / a, v),
            (length_m / v - v / (2 * a) - v / (2 * b), v),
            (v / b, 0.0),
            (stop_s, 0.0),
        ):
            times.append(times[-1] + duration_s)
            speeds.append(speed)
    times[-1] -= lead_s
    return np.array(times), np.array(speeds)


def _distance_covered(corner_s: FloatArray, corner_speed: FloatArray, time_s: FloatArray) -> FloatArray:
    """Distance from the start to each time: d = d_k + v_k t + (v_k+1 - v_k) t^2 / (2 T_k), t counted from corner k."""
    length_s = np.diff(corner_s)
    at_corner = np.concatenate([[0.0], np.cumsum(0.5 * (corner_speed[1:] + corner_speed[:-1]) * length_s)])
    clipped = np.clip(time_s, corner_s[0], corner_s[-1])
    k = np.clip(np.searchsorted(corner_s, clipped, side="right") - 1, 0, length_s.size - 1)
    t = clipped - corner_s[k]
    return at_corner[k] + corner_speed[k] * t + np.diff(corner_speed)[k] * t**2 / (2.0 * length_s[k])


def _from_library(entry: dict[str, Any]) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Times, speeds and, where a third column gives it, grades of a library file.

    Corner points are sampled at the step that the index names.
    """
    text = (files("covolt") / "library" / "cycles" / entry["file"]).read_text(encoding="utf-8").splitlines()
    table = np.loadtxt(text[1:], delimiter=",")
    time_s, speed = table[:, 0], table[:, 1] * SPEED_UNITS_m_per_s[text[0].split(",")[1]]
    grade = 0.01 * table[:, 2] if table.shape[1] > 2 else None
    if "corners_every_s" not in entry:
        return time_s, speed, grade
    even_s = np.arange(0.0, time_s[-1] + 0.5 * entry["corners_every_s"], entry["corners_every_s"])
    return even_s, np.interp(even_s, time_s, speed), None if grade is None else np.interp(even_s, time_s, grade)


def _summary(cycle: Cycle) -> CycleSummary:
    return CycleSummary(
        cycle.name,
        cycle.title,
        cycle.duration_s,
        cycle.distance_m,
        cycle.maximum_speed_m_per_s,
        cycle.mean_speed_m_per_s,
        cycle.source,
    )


@cache
def _index() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("covolt") / "library" / "cycles" / "index.toml").read_text(encoding="utf-8"))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _spellings() -> dict[str, str]:
    """Every accepted spelling, without dashes and capitals, and the name that it means."""
    index = _index()
    return {_plain(spelling): name for name in names() for spelling in (name, *index[name].get("aliases", []))}


def _unknown(name: str, known: dict[str, str]) -> Problem:
    plain = _plain(name)
    close = [known[match] for match in difflib.get_close_matches(plain, known, n=4, cutoff=0.6)]
    if len(plain) > 2:
        close += [target for spelling, target in known.items() if spelling.startswith(plain)]
    listed = ", ".join(dict.fromkeys(close or names()))
    return Problem(
        text("there is no cycle named {name!r}", name=name),
        "cycle",
        text("choose {value}: {listed}", value=(text("one of") if not close else text("for instance")), listed=listed),
    )

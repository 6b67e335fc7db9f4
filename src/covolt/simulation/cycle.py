"""A cycle: the speed that a vehicle is asked to drive, over time, with the grade of the road where it is known."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from covolt.display import AbstractShown, Quantity, Table, printed
from covolt.errors import CycleError, NotFound, Problem
from covolt.vehicle.arrays import FloatArray, array_problems, read_only
from covolt.words import text

ARRAYS = ("time_s", "speed_m_per_s", "grade_fraction")
UNIFORM_STEP_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Phase:
    """A named stretch of a cycle; while it is parked the vehicle is switched off and stands (the soak of a test)."""

    name: str
    start_s: float
    end_s: float
    parked: bool = False

    @property
    def duration_s(self) -> float:
        """Time from the first point to the last."""
        return self.end_s - self.start_s


@dataclass(frozen=True, eq=False, repr=False)
class Cycle(AbstractShown):
    """Speed over time, straight lines between the points.

    Times rise strictly from zero or later and may be uneven; n is 2 or more. Arrays are copied and read-only.
    Two cycles are the same to drive when their digests are equal.
    """

    name: str
    title: str
    time_s: FloatArray
    """Shape (n,), float64, s."""
    speed_m_per_s: FloatArray
    """Shape (n,), float64, m/s."""
    grade_fraction: FloatArray | None = None
    """Shape (n,), float64, rise over run at each point, positive uphill."""
    phases: tuple[Phase, ...] = ()
    source: str = ""
    remarks: tuple[str, ...] = ()
    """What was done to it at the door, such as taking the steps of a logger out."""

    def __post_init__(self) -> None:
        problems = array_problems(self.time_s, "time_s", ("n",), self.name)
        count = "n" if problems else len(self.time_s)
        given = {field: getattr(self, field) for field in ARRAYS if getattr(self, field) is not None}
        for field in (one for one in given if one != "time_s"):
            problems += array_problems(given[field], field, (count,), self.name)
        if problems:
            raise CycleError(problems)
        for field, values in given.items():
            object.__setattr__(self, field, read_only(values))
        object.__setattr__(self, "phases", tuple(self.phases))
        if found := _problems(self):
            raise CycleError(found)

    def as_tables(self) -> list[Table]:
        """What it asks for, and its phases."""
        asked = (
            Quantity("distance", self.distance_m, "km"),
            Quantity("duration", self.duration_s, "s"),
            Quantity("mean speed, standstill included", self.mean_speed_m_per_s, "km/h"),
            Quantity("highest speed", self.maximum_speed_m_per_s, "km/h"),
        )
        rows = [(one.title, one.number, printed(one.unit)) for one in asked]
        rows.append(("points", str(self.time_s.size), f"every {self.dt_s:g} s" if self.dt_s else "uneven"))
        rows += [(f"phase {one.name}", f"{one.start_s:g} to {one.end_s:g}", "s") for one in self.phases]
        title = f"{self.name}: {self.title}" if self.title else self.name
        return [Table(title, ("", "value", "unit"), rows, frozenset({1}), (self.source, *self.remarks))]

    @property
    def start_s(self) -> float:
        """Time of the first point, zero in shipped cycles and in those from files."""
        return float(self.time_s[0])

    @property
    def end_s(self) -> float:
        """Time of the last point."""
        return float(self.time_s[-1])

    @property
    def duration_s(self) -> float:
        """End minus start; a cycle of n points has n - 1 steps."""
        return self.end_s - self.start_s

    @property
    def distance_m(self) -> float:
        """Integral of v dt by trapezoids, exact for straight lines."""
        return float(np.trapezoid(self.speed_m_per_s, self.time_s))

    @property
    def maximum_speed_m_per_s(self) -> float:
        """The highest speed asked for."""
        return float(self.speed_m_per_s.max())

    @property
    def mean_speed_m_per_s(self) -> float:
        """Distance over duration, standstill included."""
        return self.distance_m / self.duration_s

    @property
    def dt_s(self) -> float | None:
        """The step of an even time grid; None where the steps differ."""
        step_s = round(self.duration_s / (self.time_s.size - 1), 9)
        even = bool(np.all(np.abs(np.diff(self.time_s) - step_s) <= UNIFORM_STEP_TOLERANCE * step_s + 1e-9))
        return step_s if even else None

    @property
    def digest(self) -> str:
        """SHA-256 of all that the drive depends on: times, speeds, grades and phases, but no name or title."""
        content = hashlib.sha256()
        for values in (self.time_s, self.speed_m_per_s, self.grade_fraction):
            content.update(b"none;" if values is None else values.astype("<f8").tobytes() + b";")
        for phase in self.phases:
            content.update(f"{phase.name} {phase.start_s!r} {phase.end_s!r} {phase.parked};".encode())
        return content.hexdigest()

    def resampled(self, dt_s: float) -> Cycle:
        """The same straight lines read at an even step from the start on.

        Points of the original that fall on the new grid keep their exact speed. Where the step does not divide the
        duration, the last point lies past the end and holds the last speed. A coarser step cuts corners, so the
        distance shifts a little.
        """
        if not (math.isfinite(dt_s) and dt_s > 0.0):
            raise CycleError(
                Problem(
                    text("the time step {dt_s} s is not a positive number", dt_s=dt_s),
                    self.name,
                    text("give a step such as 1 s"),
                )
            )
        count = math.ceil(self.duration_s / dt_s - 1e-9) + 1
        # rounding to the nanosecond puts 3 x 0.1 s on 0.3 s, where the original has its point
        time_s = np.round(self.start_s + dt_s * np.arange(max(count, 2)), 9)
        grade = self.grade_fraction
        return replace(
            self,
            time_s=time_s,
            speed_m_per_s=np.interp(time_s, self.time_s, self.speed_m_per_s),
            grade_fraction=None if grade is None else np.interp(time_s, self.time_s, grade),
        )

    def repeated(self, count: int) -> Cycle:
        """The cycle driven several times without a break; phases of later rounds are named `low-2`, `low-3` …"""
        if count < 1:
            raise CycleError(
                Problem(
                    text("a cycle cannot be repeated {number} times", number=count),
                    self.name,
                    text("repeat it once or more"),
                )
            )
        first, last = float(self.speed_m_per_s[0]), float(self.speed_m_per_s[-1])
        if count > 1 and abs(first - last) > 1e-9:
            ends = text(
                "the cycle ends at {last:.1f} km/h but starts at {first:.1f} km/h", last=last * 3.6, first=first * 3.6
            )
            what = text("{ends}: it cannot follow on itself", ends=ends)
            raise CycleError(
                Problem(what, self.name, text("let the cycle end at the speed at which it starts, usually standstill"))
            )
        rounds = range(count)
        period_s = self.duration_s
        return replace(
            self,
            name=self.name if count == 1 else f"{self.name} x {count}",
            time_s=np.concatenate([self.time_s[(1 if k else 0) :] + k * period_s for k in rounds]),
            speed_m_per_s=np.concatenate([self.speed_m_per_s[(1 if k else 0) :] for k in rounds]),
            grade_fraction=None
            if self.grade_fraction is None
            else np.concatenate([self.grade_fraction[(1 if k else 0) :] for k in rounds]),
            phases=tuple(
                Phase(
                    f"{phase.name}-{k + 1}" if k else phase.name,
                    phase.start_s + k * period_s,
                    phase.end_s + k * period_s,
                    phase.parked,
                )
                for k in rounds
                for phase in self.phases
            ),
        )

    def part(self, name: str) -> Cycle:
        """One phase as a cycle of its own, its time counted from zero."""
        phase = next((phase for phase in self.phases if phase.name == name), None)
        if phase is None:
            known = ", ".join(phase.name for phase in self.phases)
            hint = (
                text("choose one of: {known}", known=known)
                if known
                else text("this cycle has no phases; drive the whole")
            )
            raise NotFound(Problem(text("the cycle has no phase named {name!r}", name=name), self.name, hint))
        inside = (self.time_s > phase.start_s) & (self.time_s < phase.end_s)
        time_s = np.concatenate([[phase.start_s], self.time_s[inside], [phase.end_s]])
        grade = self.grade_fraction
        return replace(
            self,
            name=f"{self.name}:{name}",
            title=f"{self.title}, {name}",
            time_s=time_s - phase.start_s,
            speed_m_per_s=np.interp(time_s, self.time_s, self.speed_m_per_s),
            grade_fraction=None if grade is None else np.interp(time_s, self.time_s, grade),
            phases=(replace(phase, start_s=0.0, end_s=phase.duration_s),),
        )


def _problems(cycle: Cycle) -> Sequence[Problem]:
    """What is wrong with the arrays and phases of a cycle; the file reader finds more and says in which line."""
    where = cycle.name
    time_s, speed = cycle.time_s, cycle.speed_m_per_s
    if time_s.size < 2:
        return [
            Problem(text("a cycle needs two points or more"), where, text("give one time and one speed for each point"))
        ]
    found: list[Problem] = []
    if time_s[0] < 0.0:
        found.append(Problem(text("time starts at {time:g} s", time=time_s[0]), where, text("start at zero")))
    if np.any(np.diff(time_s) <= 0.0):
        point = int(np.argmax(np.diff(time_s) <= 0.0))
        what = text("time does not rise from {time:g} s to {time_2:g} s", time=time_s[point], time_2=time_s[point + 1])
        found.append(Problem(what, where, text("sort the points by time and drop repeated ones")))
    if np.any(speed < 0.0):
        point = int(np.argmax(speed < 0.0))
        what = text("the speed at {time:g} s is negative", time=time_s[point])
        found.append(Problem(what, where, text("give speeds of zero or more; driving backwards is no part of a cycle")))
    return [*found, *_phase_problems(cycle)]


def _phase_problems(cycle: Cycle) -> Sequence[Problem]:
    where, start_s, end_s = cycle.name, cycle.start_s, cycle.end_s
    found: list[Problem] = []
    seen: set[str] = set()
    for phase in cycle.phases:
        if not (start_s <= phase.start_s < phase.end_s <= end_s):
            what = text(
                "phase {phase!r} from {start:g} to {end:g} s does not lie within the cycle",
                phase=phase.name,
                start=phase.start_s,
                end=phase.end_s,
            )
            found.append(Problem(what, where, text("keep it within {start:g} to {end:g} s", start=start_s, end=end_s)))
        if phase.name in seen:
            found.append(
                Problem(
                    text("two phases are named {phase!r}", phase=phase.name),
                    where,
                    text("give each phase its own name"),
                )
            )
        seen.add(phase.name)
    return found

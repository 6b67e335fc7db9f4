"""What the vehicle must drive: a speed over time, the road, the weather, the load, and how it stood before."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.cycles import Cycle
from covolt.vehicle.arrays import array_problems
from covolt.words import text

COLUMN_ORDER = (
    "target_m_per_s",
    "preview_m_per_s",
    "slope_fraction",
    "coasting_fraction",
    "parked_fraction",
    "heater_power_W",
    "air_conditioning_power_W",
)
"""Fields of a step's `Request` that a mission may ask for, in the order in which they are packed."""

ZERO_CELSIUS_K = 273.15
SHORTEST_STEP_s = 0.1
"""A cycle with a finer even step than a second is driven in its own steps, down to this."""
LOWEST_AMBIENT_K = ZERO_CELSIUS_K - 60.0
HIGHEST_AMBIENT_K = ZERO_CELSIUS_K + 60.0
FULL_THROTTLE_TARGET_m_per_s = 150.0
"""A speed beyond any car's reach: a driver who asks for it asks for all there is."""


@dataclass(frozen=True)
class Conditions:
    """Weather, load, comforts and the state in which the vehicle stood before.

    Temperatures that are None equal the ambient: the vehicle is soaked. `comforts_on` runs cabin climate and lights as a
    person would; certification tests run with them off, battery conditioning always runs as the vehicle has it.
    `on_dynamometer` says that rollers impose the road load of the reference weather, as in every certification test.
    """

    ambient_temperature_K: float = ZERO_CELSIUS_K + 23.0
    pressure_Pa: float = 101325.0
    wind_m_per_s: float = 0.0
    sun_W_per_m2: float = 0.0
    payload_kg: float = 0.0
    on_dynamometer: bool = False
    comforts_on: bool = False
    lights_on: bool = False
    preconditioning: bool = False
    state_of_charge: float = 0.90
    battery_temperature_K: float | None = None
    cabin_temperature_K: float | None = None
    vehicle_temperature_K: float | None = None

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        checks = (
            ("ambient_temperature_K", self.ambient_temperature_K, LOWEST_AMBIENT_K, HIGHEST_AMBIENT_K, "K"),
            ("pressure_Pa", self.pressure_Pa, 30e3, 120e3, "Pa"),
            ("wind_m_per_s", self.wind_m_per_s, -40.0, 40.0, "m/s"),
            ("sun_W_per_m2", self.sun_W_per_m2, 0.0, 1400.0, "W/m2"),
            ("payload_kg", self.payload_kg, -500.0, 60e3, "kg"),
            ("state_of_charge", self.state_of_charge, 0.0, 1.0, ""),
            ("battery_temperature_K", self.battery_temperature_K, LOWEST_AMBIENT_K, 353.15, "K"),
            ("cabin_temperature_K", self.cabin_temperature_K, LOWEST_AMBIENT_K, 353.15, "K"),
            ("vehicle_temperature_K", self.vehicle_temperature_K, LOWEST_AMBIENT_K, 353.15, "K"),
        )
        for name, value, low, high, unit in checks:
            if value is not None and not low <= value <= high:
                problems.append(
                    Problem(
                        text(
                            "{value} lies outside {low} to {most}",
                            value=f"{value:g} {unit}".strip(),
                            low=f"{low:g}",
                            most=f"{high:g} {unit}".strip(),
                        ),
                        f"conditions.{name}",
                        text("give a value within this range"),
                    )
                )
        if problems:
            raise InputError(problems)


MissPolicy = Literal["report", "correct", "abort"]
"""Where the vehicle cannot keep the asked speed: drive on by the clock and report it, let the mission's clock wait so that
the whole distance is driven, or end the drive there."""


@dataclass(frozen=True)
class Mission:
    """A drive to be made, step by step.

    `phases` names stretches of steps (begin, end) for results by phase.
    """

    name: str
    profile: Mapping[str, np.ndarray]
    """By field of the step's `Request`, asked for at or during each step: shape (n,), float64, in SI as its name says."""
    dt_s: float = 1.0
    start_speed_m_per_s: float = 0.0
    conditions: Conditions = field(default_factory=Conditions)
    phases: tuple[tuple[str, int, int], ...] = ()
    follows_trace: bool = True
    miss_policy: MissPolicy = "report"

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        for name, values in self.profile.items():
            problems += array_problems(values, name, ("n",), f"mission {self.name}")
        lengths = {name: np.size(values) for name, values in self.profile.items()}
        if "target_m_per_s" not in lengths:
            problems.append(
                Problem(text("no target speed"), f"mission {self.name}", text("give the profile target_m_per_s"))
            )
        if len(set(lengths.values())) > 1:
            problems.append(
                Problem(
                    text("profiles of unequal length: {lengths}", lengths=str(lengths)),
                    f"mission {self.name}",
                    text("give one value per step"),
                )
            )
        if not (self.dt_s > 0.0 and np.isfinite(self.dt_s)):
            problems.append(
                Problem(
                    text("step of {dt_s:g} s", dt_s=self.dt_s),
                    f"mission {self.name}",
                    text("give a finite step above 0 s"),
                )
            )
        if set(lengths.values()) == {0}:
            problems.append(
                Problem(text("the mission has no step"), f"mission {self.name}", text("give at least one step"))
            )
        for name in set(lengths) - set(COLUMN_ORDER):
            close = difflib.get_close_matches(name, COLUMN_ORDER, n=1)
            hint = (
                text("did you mean '{close}'?", close=close[0])
                if close
                else text("known: {column_order}", column_order=", ".join(COLUMN_ORDER))
            )
            problems.append(Problem(text("unknown profile '{name}'", name=name), f"mission {self.name}", hint))
        if problems:
            raise InputError(problems)

    @property
    def count(self) -> int:
        """Number of time steps of the mission."""
        return len(self.profile["target_m_per_s"])

    @property
    def duration_s(self) -> float:
        """Length of the drive."""
        return self.count * self.dt_s

    @property
    def end_time_s(self) -> np.ndarray:
        """Time at the end of each step: shape (n,), float64, s."""
        return self.dt_s * np.arange(1, self.count + 1)

    def under(self, conditions: Conditions) -> Mission:
        """The same drive in other conditions."""
        return replace(self, conditions=conditions)


def follow(
    cycle: Cycle,
    conditions: Conditions | None = None,
    *,
    dt_s: float | None = None,
    preview_s: float = 0.0,
    miss_policy: MissPolicy = "report",
) -> Mission:
    """Follow a speed cycle, with its grade where it has one; in its own even steps of a tenth to a whole second, else 1 s."""
    dt_s = max(SHORTEST_STEP_s, min(1.0, cycle.dt_s or 1.0)) if dt_s is None else dt_s
    at = cycle.resampled(dt_s)
    profile: dict[str, np.ndarray] = {"target_m_per_s": at.speed_m_per_s[1:]}
    if preview_s > 0.0:
        ahead = np.minimum(np.arange(1, len(at.time_s)) + round(preview_s / dt_s), len(at.time_s) - 1)
        profile["preview_m_per_s"] = at.speed_m_per_s[ahead]
    if at.grade_fraction is not None:
        profile["slope_fraction"] = 0.5 * (at.grade_fraction[1:] + at.grade_fraction[:-1])
    begin = at.time_s[0]
    phases = tuple(
        (phase.name, round((phase.start_s - begin) / dt_s), round((phase.end_s - begin) / dt_s))
        for phase in cycle.phases
    )
    if any(phase.parked for phase in cycle.phases):
        profile["parked_fraction"] = np.zeros(len(at.time_s) - 1)
        for phase, (_, first, last) in zip(cycle.phases, phases, strict=True):
            profile["parked_fraction"][first:last] = float(phase.parked)
    return Mission(
        cycle.name,
        profile,
        dt_s,
        float(at.speed_m_per_s[0]),
        conditions or Conditions(),
        phases,
        miss_policy=miss_policy,
    )


def steady(
    speed_m_per_s: float, duration_s: float, conditions: Conditions | None = None, *, slope_fraction: float = 0.0
) -> Mission:
    """One speed held from the first second, on a constant slope."""
    count = max(1, round(duration_s))
    profile = {"target_m_per_s": np.full(count, speed_m_per_s)}
    if slope_fraction != 0.0:
        profile["slope_fraction"] = np.full(count, slope_fraction)
    return Mission(f"steady {speed_m_per_s * 3.6:g} km/h", profile, 1.0, speed_m_per_s, conditions or Conditions())


def full_throttle(
    duration_s: float = 60.0,
    conditions: Conditions | None = None,
    *,
    start_speed_m_per_s: float = 0.0,
    slope_fraction: float = 0.0,
    dt_s: float = 0.05,
) -> Mission:
    """All that the vehicle can give, from a start speed."""
    count = round(duration_s / dt_s)
    profile = {"target_m_per_s": np.full(count, FULL_THROTTLE_TARGET_m_per_s)}
    if slope_fraction != 0.0:
        profile["slope_fraction"] = np.full(count, slope_fraction)
    return Mission("full throttle", profile, dt_s, start_speed_m_per_s, conditions or Conditions(), follows_trace=False)


def park(duration_s: float, conditions: Conditions | None = None, *, dt_s: float = 60.0) -> Mission:
    """Standing switched off: temperatures approach the ambient, the 12 V system draws its key-off load."""
    count = max(1, round(duration_s / dt_s))
    profile = {"target_m_per_s": np.zeros(count), "parked_fraction": np.ones(count)}
    return Mission("parked", profile, dt_s, 0.0, conditions or Conditions())


def coast_down(
    start_speed_m_per_s: float, duration_s: float, conditions: Conditions | None = None, *, dt_s: float = 0.5
) -> Mission:
    """Rolling out with the driveline open: no force at the wheels, neither from the drive units nor from the brakes."""
    count = round(duration_s / dt_s)
    profile = {"target_m_per_s": np.zeros(count), "coasting_fraction": np.ones(count)}
    return Mission("coast-down", profile, dt_s, start_speed_m_per_s, conditions or Conditions(), follows_trace=False)

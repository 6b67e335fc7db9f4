"""The test track: mass, weather and state of charge of a road test, runs at full throttle, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, FULL_THROTTLE_TARGET_m_per_s, Mission
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.protocol import Given, Measure, Recorder
from covolt.study.procedures.segments import FULL
from covolt.vehicle.driver import IdealDriver
from covolt.words import Phrase, Words, text

__all__ = [
    "CONDITIONS",
    "MOTION",
    "axle_said",
    "fastest_over_m_per_s",
    "is_light",
    "laden_mass_kg",
    "largest",
    "launch",
    "note_charge",
    "note_found",
    "note_limiter",
    "note_mass",
    "partly_discharged",
    "prepared",
    "road",
    "road_mass_kg",
    "time_between_s",
    "time_over_s",
]

CONDITIONS = ("ambient_temperature_K", "payload_kg", "state_of_health_fraction", "state_of_charge", "start")
ROAD_K = ZERO_CELSIUS_K + 20.0
DRIVEN_WARM_K = 20.0
"""How much warmer than the air tyres, oil and winding are after driving: the tyres of a coast-down."""
BISECTIONS = 16
MOTION = ("speed_m_per_s", "mean_speed_m_per_s")
"""What times, distances and speeds of a run are read from."""
AT_LIMITER = 1e-3
DISCHARGED = 0.40
"""Share of the battery's window that is discharged before accelerations and hills, GB/T 18385-2005, 7.4 (after ISO 8715)."""


def prepared(subject: Subject) -> Subject:
    """The subject with a test driver: foot down at once, a speed held exactly."""
    if isinstance(subject.vehicle.driver, IdealDriver):
        return subject
    return replace(subject, vehicle=replace(subject.vehicle, driver=IdealDriver()))


def is_light(subject: Subject) -> bool:
    """Whether the rules of cars and vans hold, and not those of buses and lorries."""
    return subject.category.startswith(("M1", "N1"))


def road_mass_kg(subject: Subject) -> float:
    """Test mass of ISO 8715, m = m_kerb + max(min(180 kg, L), L / 2) with the permissible load L; heavy vehicles m_kerb + L / 2.

    A car known by its test mass alone is tested at that. [from memory]
    """
    if subject.kerb_mass_kg is None:
        return subject.carried_mass_kg
    if subject.maximum_load_kg is None:
        return subject.kerb_mass_kg + 180.0
    half_kg = 0.5 * subject.maximum_load_kg
    return subject.kerb_mass_kg + (max(min(180.0, subject.maximum_load_kg), half_kg) if is_light(subject) else half_kg)


def laden_mass_kg(subject: Subject) -> float:
    """Technically permissible mass: kerb mass and all the load; the test mass where the load is not known."""
    if subject.kerb_mass_kg is None or subject.maximum_load_kg is None:
        return road_mass_kg(subject)
    return subject.kerb_mass_kg + subject.maximum_load_kg


def road(subject: Subject, given: Given, mass_kg: float | None = None) -> Conditions:
    """A dry, windless road at 20 degC, the battery full, the vehicle driven warm, comforts off; what is given overrides.

    In a given weather the comforts are on, and the vehicle is soaked, or preconditioned: battery and cabin at 20 degC, the rest as cold
    as the air.
    """
    wanted_kg = road_mass_kg(subject) if mass_kg is None else mass_kg
    warm = given.start is None and given.ambient_temperature_K is None
    ready_K = ROAD_K if given.start == "preconditioned" else None
    own = Conditions(
        ambient_temperature_K=ROAD_K,
        payload_kg=subject.payload_for(wanted_kg),
        comforts_on=given.ambient_temperature_K is not None,
        state_of_charge=FULL,
        battery_temperature_K=ready_K,
        cabin_temperature_K=ready_K,
        vehicle_temperature_K=ROAD_K + DRIVEN_WARM_K if warm else None,
    )
    return given.over(own)


def partly_discharged(given: Given, conditions: Conditions) -> Conditions:
    """The battery 40 % discharged, as accelerations and hills find it; a given state of charge stays."""
    return given.over(replace(conditions, state_of_charge=FULL - DISCHARGED))


def note_charge(note: Recorder, conditions: Conditions) -> float:
    """State of charge at the start as a line of the protocol."""
    return note.line("charge at the start", conditions.state_of_charge, "%", "SoC_0", "GB/T 18385, 7.4")


def note_limiter(note: Recorder, measure: Measure, subject: Subject, speed_m_per_s: float | None) -> None:
    """Say of a speed that the limiter holds it: no declared number moves it then, until the drive is too weak for it."""
    limiter = subject.top_speed_m_per_s
    if limiter is not None and speed_m_per_s is not None and speed_m_per_s >= (1.0 - AT_LIMITER) * limiter:
        kph = 3.6 * limiter
        note.at_stop(measure, text("at the limiter of {kph:.0f} km/h", kph=kph))


def axle_said(name: str) -> Phrase:
    """How people call an axle."""
    return {"front": text("front", context="axle"), "rear": text("rear", context="axle")}.get(name, Words(name))


def note_mass(note: Recorder, subject: Subject, given: Given, conditions: Conditions, clause: str) -> float:
    """Test mass as a line of the protocol; a stated payload is the requirement's own."""
    clause = clause if given.payload_kg is None else "as required"
    mass_kg = subject.carried_mass_kg + conditions.payload_kg
    return note.line("test mass", mass_kg, "kg", "m", clause)


def launch(
    duration_s: float,
    conditions: Conditions,
    *,
    dt_s: float = 0.05,
    hold_m_per_s: float = 0.0,
    hold_s: float = 0.0,
    top_m_per_s: float | None = None,
    slope_fraction: float | None = None,
) -> Mission:
    """All that the vehicle gives after a speed was held for a while, up to its limiter where it has one.

    `slope_fraction` None leaves the road level without asking for a slope: one compiled drive less.
    """
    held, count = round(hold_s / dt_s), round((hold_s + duration_s) / dt_s)
    target = np.full(count, FULL_THROTTLE_TARGET_m_per_s if top_m_per_s is None else top_m_per_s)
    target[:held] = hold_m_per_s
    profile = {"target_m_per_s": target}
    if slope_fraction is not None:
        profile["slope_fraction"] = np.full(count, slope_fraction)
    return Mission("full throttle", profile, dt_s, hold_m_per_s, conditions, follows_trace=False)


def _curve(trace: Trace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time, speed and distance, beginning with the start."""
    start = trace.result.mission.start_speed_m_per_s
    return (
        np.concatenate([[0.0], trace.time_s]),
        np.concatenate([[start], trace["speed_m_per_s"]]),
        np.concatenate([[0.0], trace.distance_m]),
    )


def time_between_s(
    trace: Trace, low_m_per_s: float, high_m_per_s: float, begin_s: float = 0.0, end_s: float = np.inf
) -> float | None:
    """Time from one speed to another within a stretch of a drive, read between steps; None where it is not reached.

    Counted from the last moment at the lower speed before the higher is first reached.
    """
    clock, speed, _ = _curve(trace)
    inside = (clock >= begin_s - 1e-9) & (clock <= end_s)
    clock, speed = clock[inside], speed[inside]
    if not np.any(speed >= high_m_per_s):
        return None
    end = int(np.argmax(speed >= high_m_per_s))
    below = np.flatnonzero(speed[:end] <= low_m_per_s + 1e-9)
    if len(below) == 0 or end == 0:
        return None
    first = int(below[-1])
    return _crossing_s(clock, speed, end - 1, high_m_per_s) - _crossing_s(clock, speed, first, low_m_per_s)


def _crossing_s(clock_s: np.ndarray, speed_m_per_s: np.ndarray, index: int, wanted_m_per_s: float) -> float:
    """Moment at which a speed is passed between a sample and the next."""
    before, after = speed_m_per_s[index : index + 2]
    part = (wanted_m_per_s - before) / (after - before)
    return float(clock_s[index] + part * (clock_s[index + 1] - clock_s[index]))


def time_over_s(trace: Trace, distance_m: float) -> float | None:
    """Time from standstill over a distance; None where it is not covered."""
    clock, _, covered = _curve(trace)
    return float(np.interp(distance_m, covered, clock)) if covered[-1] >= distance_m else None


def fastest_over_m_per_s(trace: Trace, base_m: float) -> float | None:
    """Highest mean speed over a base of a length, anywhere in the drive; None where the drive is shorter."""
    clock, _, covered = _curve(trace)
    starts = covered + base_m <= covered[-1]
    if not np.any(starts):
        return None
    taken_s = np.interp(covered[starts] + base_m, covered, clock) - clock[starts]
    return base_m / float(np.min(taken_s))


def largest(
    low: float, high: float, holds: Callable[[float], Asking[bool]], count: int = BISECTIONS
) -> Asking[float | None]:
    """Largest value between two for which something holds that holds below and not above; None where it never does."""
    if (yield from holds(high)):
        return high
    if not (yield from holds(low)):
        return None
    for _ in range(count):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if (yield from holds(middle)) else (low, middle)
    return low


def note_found(
    note: Recorder, measure: Measure, said: Phrase, value_si: float | None, line: tuple[str, str], why: Phrase
) -> None:
    """State a result with its line, whose symbol and clause are given; where there is none, why."""
    if value_si is None:
        note.miss(measure, why)
        return
    symbol, clause = line
    note.result(measure, note.line(said, value_si, measure.unit, symbol, clause))

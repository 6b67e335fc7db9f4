"""Maximum speed and the speed that is held for thirty minutes: UN R68 and ISO 8715."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from covolt.simulation.mission import Conditions, full_throttle, steady
from covolt.simulation.run import simulate
from covolt.study.procedures.acceleration import CONDITIONS, road
from covolt.study.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES", "largest"]

RUN_UP_s = 240.0
HELD_s = 1800.0
BISECTIONS = 12


def largest(low: float, high: float, holds: Callable[[float], bool], count: int = BISECTIONS) -> float:
    """Largest value between two for which something holds that holds below and not above; by bisection."""
    if holds(high):
        return high
    for _ in range(count):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def maximum_speed(subject: Subject, given: Given) -> Record:
    """Run-up at full throttle until the speed stays; the limiter where it binds before. Then what is held for 30 minutes."""
    note = Recorder("un-r68")
    conditions = road(subject, given)
    note.line(
        "test mass",
        "испытательная масса",
        subject.carried_mass_kg + conditions.payload_kg,
        "kg",
        "m",
        "UN R68, 5.1",
        confirmed=False,
    )
    trace = simulate(subject.vehicle, full_throttle(RUN_UP_s, conditions, dt_s=0.5))
    power_m_per_s = note.line(
        "speed that the drive reaches", "скорость по тяге", float(np.max(trace["speed_m_per_s"])), "km/h", "v_F"
    )
    limiter = subject.top_speed_m_per_s
    reached = power_m_per_s
    if limiter is not None:
        note.line("speed limiter", "ограничитель скорости", limiter, "km/h", "v_lim")
        reached = min(power_m_per_s, limiter)
    binds = 2.0 if limiter is not None and limiter <= power_m_per_s else 1.0
    note.line("what binds: 1 drive, 2 limiter", "предел: 1 привод, 2 ограничитель", binds, "1")
    note.measure("speed", note.line("maximum speed", "максимальная скорость", reached, "km/h", "v_max", "UN R68, 6"))
    note.section()
    held = largest(0.2 * reached, reached, lambda v: _is_held(subject, v, conditions))
    note.measure(
        "speed_30_min",
        note.line("held for 30 min", "30-минутная скорость", held, "km/h", "v_30", "ISO 8715, 9.1", confirmed=False),
    )
    end = simulate(subject.vehicle, steady(held, HELD_s, conditions))
    winding = next(name for name in end.names if name.endswith("_winding_temperature_K"))
    note.line("winding at the end", "обмотка в конце", float(end[winding][-1]), "degC", "T_w")
    note.line("charge at the end", "заряд в конце", float(end["state_of_charge"][-1]), "%", "SoC")
    return note.record(3)


def _is_held(subject: Subject, speed_m_per_s: float, conditions: Conditions) -> bool:
    trace = simulate(subject.vehicle, steady(speed_m_per_s, HELD_s, conditions))
    return trace.outcome.completed


PROCEDURES = (
    Procedure(
        id="un-r68",
        title=Words("Maximum speed", "Максимальная скорость"),
        regulation="UN R68; ISO 8715",
        measures=(
            Measure("speed", Words("Maximum speed", "Максимальная скорость"), "km/h"),
            Measure("speed_30_min", Words("30-minute speed", "30-минутная скорость"), "km/h"),
        ),
        recipe=maximum_speed,
        conditions=CONDITIONS,
    ),
)

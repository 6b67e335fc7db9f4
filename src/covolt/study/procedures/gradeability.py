"""Hills: speed on 4 and 12 %, the steepest start, and starting with a trailer on 12 %."""

from __future__ import annotations

import math

import numpy as np

from covolt.simulation.mission import Conditions, full_throttle
from covolt.simulation.run import simulate
from covolt.study.procedures.acceleration import CONDITIONS, road
from covolt.study.procedures.maximum_speed import largest
from covolt.study.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES"]

SLOPES = (0.04, 0.12)
STEEPEST = 1.0
START_DISTANCE_m = 10.0
START_TIME_s = 60.0
TOWING_SLOPE = 0.12
HEAVIEST_TRAILER_RATIO = 4.0
GRAVITY_m_per_s2 = 9.80665


def hills(subject: Subject, given: Given) -> Record:
    """ISO 8715: speed kept on 4 and 12 %, and the steepest slope on which 10 m are covered in a minute from standstill."""
    note = Recorder("gradeability")
    conditions = road(subject, given)
    note.line("test mass", "испытательная масса", subject.carried_mass_kg + conditions.payload_kg, "kg", "m")
    for slope in SLOPES:
        trace = simulate(subject.vehicle, full_throttle(180.0, conditions, slope_fraction=slope, dt_s=0.5))
        speed = float(trace["speed_m_per_s"][-1])
        limit = subject.top_speed_m_per_s
        reached = speed if limit is None else min(speed, limit)
        shown = f"{100 * slope:.0f}"
        note.measure(
            f"speed_{shown}",
            note.line(
                f"speed on {shown} %",
                f"скорость на подъёме {shown} %",
                reached,
                "km/h",
                f"v_{shown}",
                "ISO 8715, 9.5",
                confirmed=False,
            ),
        )
    note.section()
    steepest = largest(0.0, STEEPEST, lambda slope: _starts(subject, conditions, slope))
    note.measure(
        "start_slope",
        note.line(
            "steepest start", "наибольший подъём при трогании", steepest, "%", "p_max", "ISO 8715, 9.6", confirmed=False
        ),
    )
    note.line("as an angle", "угол", math.atan(steepest), "deg", "alpha")
    return note.record()


def _starts(subject: Subject, conditions: Conditions, slope_fraction: float) -> bool:
    trace = simulate(subject.vehicle, full_throttle(START_TIME_s, conditions, slope_fraction=slope_fraction, dt_s=0.5))
    return float(trace.distance_m[-1]) >= START_DISTANCE_m


def towing(subject: Subject, given: Given) -> Record:
    """Heaviest braked trailer with which the vehicle starts on 12 % (Regulation (EU) 1230/2012, Annex I, 2.2.4).

    The drive is simulated with the trailer's mass on board; grip is held against the towing vehicle's own axle load:
    mu s m_v cos(a) >= (m_v + m_t) (sin(a) + c_r cos(a)).
    """
    note = Recorder("towing")
    conditions = road(subject, given)
    own_kg = note.line("towing vehicle", "тягач", subject.carried_mass_kg + conditions.payload_kg, "kg", "m_v")
    most_kg = HEAVIEST_TRAILER_RATIO * own_kg

    def starts(trailer_kg: float) -> bool:
        with_trailer = Conditions(
            ambient_temperature_K=conditions.ambient_temperature_K,
            payload_kg=conditions.payload_kg + trailer_kg,
            state_of_charge=conditions.state_of_charge,
            battery_temperature_K=conditions.battery_temperature_K,
        )
        return _starts(subject, with_trailer, TOWING_SLOPE)

    by_drive_kg = largest(0.0, most_kg, starts) if starts(0.0) else 0.0
    note.line("trailer that the drive starts", "прицеп по тяге", by_drive_kg, "kg", "m_t,F")
    angle = math.atan(TOWING_SLOPE)
    grip = float(np.asarray(subject.vehicle.tyre.grip_coefficient))
    share = sum(float(axle.load_fraction) for axle in subject.vehicle.axles)
    pull = grip * min(share, 1.0) * math.cos(angle)
    rolling = float(np.asarray(subject.vehicle.tyre.rolling_coefficient))
    by_grip_kg = max(0.0, own_kg * (pull / (math.sin(angle) + rolling * math.cos(angle)) - 1.0))
    note.line("trailer that grip allows", "прицеп по сцеплению", by_grip_kg, "kg", "m_t,mu")
    note.measure(
        "trailer_mass",
        note.line(
            "braked trailer on 12 %",
            "прицеп с тормозами на 12 %",
            min(by_drive_kg, by_grip_kg),
            "kg",
            "m_t",
            "EU 1230/2012",
            confirmed=False,
        ),
    )
    return note.record()


PROCEDURES = (
    Procedure(
        id="gradeability",
        title=Words("Hills", "Преодоление подъёмов"),
        regulation="ISO 8715; GOST 22576",
        measures=(
            Measure("speed_4", Words("Speed on 4 %", "Скорость на подъёме 4 %"), "km/h"),
            Measure("speed_12", Words("Speed on 12 %", "Скорость на подъёме 12 %"), "km/h"),
            Measure("start_slope", Words("Steepest start", "Наибольший подъём при трогании"), "%"),
        ),
        recipe=hills,
        conditions=CONDITIONS,
    ),
    Procedure(
        id="towing",
        title=Words("Trailer on 12 %", "Буксировка на подъёме 12 %"),
        regulation="EU 1230/2012",
        measures=(Measure("trailer_mass", Words("Braked trailer", "Прицеп с тормозами"), "kg"),),
        recipe=towing,
        conditions=CONDITIONS,
    ),
)

"""Hills: speed on 4 and 12 %, the steepest start and the steepest hill held, and a trailer on 12 %."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions, Mission
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.maximum_speed import is_held
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.track import (
    CONDITIONS,
    MOTION,
    laden_mass_kg,
    largest,
    launch,
    note_charge,
    note_found,
    note_limiter,
    note_mass,
    partly_discharged,
    prepared,
    road,
    time_over_s,
)
from covolt.vehicle.assembly import Vehicle
from covolt.words import text

__all__ = ["PROCEDURES", "with_trailer"]

SLOPES = (0.04, 0.12)
RUN_UP_s, RUN_UP_STEP_s = 240.0, 0.125
FINAL_s = 20.0
START_DISTANCE_m, START_TIME_s, START_STEP_s = 10.0, 60.0, 0.1
CRAWL_m_per_s = 10.0 / 3.6
STEEP = 0.30
TOWING_SLOPE = 0.12
TOWING_STARTS, TOWING_WINDOW_s, TOWING_PUSH_s, TOWING_STEP_s = 5, 60.0, 40.0, 0.2
HEAVIEST_TRAILER_RATIO = 4.0
SPEEDS = {
    slope: Measure(
        f"speed_{100 * slope:.0f}",
        text("Speed on {slope:.0f} %", slope=100 * slope),
        "km/h",
    )
    for slope in SLOPES
}
START_SLOPE = Measure("start_slope", text("Steepest start"), "%", 0.0)
SLOPE = Measure("slope", text("Steepest hill at 10 km/h"), "%", 0.0)
START_30_TIME = Measure("start_30_time", text("First 10 m on 30 %"), "s")
TRAILER_MASS = Measure("trailer_mass", text("Braked trailer"), "kg", 0.0)
TOWING_SPEED = Measure("speed_12", text("Speed on 12 % with trailer"), "km/h")


def hill_speed_m_per_s(
    subject: Subject, vehicle: Vehicle, conditions: Conditions, slope: float
) -> Asking[float | None]:
    """Mean speed at the end of a long climb at full throttle; None where the vehicle does not climb."""
    mission = launch(
        RUN_UP_s, conditions, dt_s=RUN_UP_STEP_s, top_m_per_s=subject.top_speed_m_per_s, slope_fraction=slope
    )
    run = yield from ask(vehicle, mission, "speed_m_per_s")
    speed = float(np.mean(run["speed_m_per_s"][-round(FINAL_s / RUN_UP_STEP_s) :]))
    return speed if speed > 0.1 else None


def grip_slope(vehicle: Vehicle) -> float:
    """Slope at which the driven tyres slip, tan a = sum of mu s / (1 - mu h/L): a hill takes cos a of their load."""
    mu = float(vehicle.tyre.grip_coefficient)
    return sum(mu * float(axle.load_fraction) / (1.0 - mu * float(axle.transfer_ratio)) for axle in vehicle.axles)


def start_time_s(vehicle: Vehicle, conditions: Conditions, slope: float) -> Asking[float | None]:
    """Time over the first 10 m from standstill on a hill; None where they take more than a minute."""
    mission = launch(START_TIME_s, conditions, dt_s=START_STEP_s, slope_fraction=slope)
    run = yield from ask(vehicle, mission, *MOTION)
    return time_over_s(run, START_DISTANCE_m)


def starts(vehicle: Vehicle, conditions: Conditions, slope: float) -> Asking[bool]:
    """Whether the first 10 m on a hill are covered within a minute."""
    run = yield from ask(vehicle, launch(START_TIME_s, conditions, dt_s=START_STEP_s, slope_fraction=slope))
    return run.result.distance_m >= START_DISTANCE_m


def hills(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Speed on 4 and 12 % at test mass; with all the load the steepest start, the steepest hill at 10 km/h, the start on 30 %.

    The battery is 40 % discharged. A start counts where 10 m are covered within a minute. At the limit of the torque
    m g sin(a) + R = i eta T / r,   and of the grip   m g sin(a) + R = mu m g s / (1 - mu h/L).
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    conditions = partly_discharged(given, road(subject, given))
    note_mass(note, subject, given, conditions, "ISO 8715, 5")
    note_charge(note, conditions)
    for slope in SLOPES:
        shown = f"{100 * slope:.0f}"
        speed = yield from hill_speed_m_per_s(subject, vehicle, conditions, slope)
        said = text("speed on {shown} %", shown=shown)
        why = text("the vehicle does not climb {shown} %", shown=shown)
        note_found(note, SPEEDS[slope], said, speed, (f"v_{shown}", "ISO 8715, 9"), why)
        note_limiter(note, SPEEDS[slope], subject, speed)
    note.section()
    laden = partly_discharged(given, road(subject, given, laden_mass_kg(subject)))
    mass_kg = subject.carried_mass_kg + laden.payload_kg
    note.line("laden mass", mass_kg, "kg", "m_max", "ISO 8715, 9")
    said = text("slope that grip allows")
    grip = note.line(said, grip_slope(vehicle), "%", "p_mu")
    steepest = yield from largest(0.0, grip, lambda slope: starts(vehicle, laden, slope))
    said = text("steepest start")
    why = text("the vehicle does not start on the level")
    note_found(note, START_SLOPE, said, steepest, ("p_max", "ISO 8715, 9"), why)
    if steepest is not None:
        note.line("as an angle", math.atan(steepest), "deg", "alpha")
    yield from _note_steep(note, vehicle, laden, grip)


def _note_steep(note: Recorder, vehicle: Vehicle, laden: Conditions, grip_fraction: float) -> Asking[None]:
    held = yield from largest(
        0.0, grip_fraction, lambda slope: is_held(vehicle, CRAWL_m_per_s, START_TIME_s, laden, slope)
    )
    said = text("steepest hill held at 10 km/h for a minute")
    why = text("the vehicle does not hold 10 km/h on the level")
    note_found(note, SLOPE, said, held, ("p_10", ""), why)
    taken = (yield from start_time_s(vehicle, laden, STEEP)) if grip_fraction >= STEEP else None
    said = text("first 10 m on 30 %")
    why = text("the vehicle does not cover 10 m in a minute from standstill on 30 %")
    note_found(note, START_30_TIME, said, taken, ("t_30", ""), why)


def with_trailer(
    vehicle: Vehicle, own_kg: float, conditions: Conditions, trailer_kg: float
) -> tuple[Vehicle, Conditions]:
    """The vehicle with a trailer of a mass that adds no grip: s' = s m / (m + m_t) for every driven axle."""
    share = own_kg / (own_kg + trailer_kg)
    lighter = tuple(replace(axle, load_fraction=float(axle.load_fraction) * share) for axle in vehicle.axles)
    return replace(vehicle, axles=lighter), replace(conditions, payload_kg=conditions.payload_kg + trailer_kg)


def starts_five_times(vehicle: Vehicle, conditions: Conditions, slope: float) -> Asking[bool]:
    """Whether the vehicle starts five times within five minutes: each time 10 m in 40 s, up to 10 km/h, then standing."""
    push, window = round(TOWING_PUSH_s / TOWING_STEP_s), round(TOWING_WINDOW_s / TOWING_STEP_s)
    one = np.zeros(window)
    one[:push] = CRAWL_m_per_s
    target = np.tile(one, TOWING_STARTS)
    profile = {"target_m_per_s": target, "slope_fraction": np.full(len(target), slope)}
    mission = Mission("five starts", profile, TOWING_STEP_s, 0.0, conditions, follows_trace=False)
    run = yield from ask(vehicle, mission, "mean_speed_m_per_s")
    covered = np.concatenate([[0.0], run.distance_m])
    begins = window * np.arange(TOWING_STARTS)
    return bool(np.all(covered[begins + push] - covered[begins] >= START_DISTANCE_m))


def towing(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Heaviest braked trailer with which the laden vehicle starts five times in five minutes on 12 %, and the speed there.

    The trailer adds mass and rolling resistance, neither grip nor drag of the air. The speed on 12 % is that with this trailer,
    or with one as heavy as the laden vehicle where the drive could take more than that.
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    conditions = road(subject, given, laden_mass_kg(subject))
    own_kg = subject.carried_mass_kg + conditions.payload_kg
    note.line("laden towing vehicle", own_kg, "kg", "m", "EU 1230/2012, Annex I")
    note.line("hill", TOWING_SLOPE, "%", "p", "EU 1230/2012, Annex I")
    most_kg = min(HEAVIEST_TRAILER_RATIO * own_kg, 60e3 - conditions.payload_kg)
    trailer = yield from largest(
        0.0, most_kg, lambda mass: starts_five_times(*with_trailer(vehicle, own_kg, conditions, mass), TOWING_SLOPE)
    )
    if trailer is None:
        note.miss_all(text("the laden vehicle alone does not start five times on 12 %"))
        return
    said = text("heaviest braked trailer")
    note.result(TRAILER_MASS, note.line(said, trailer, "kg", "m_t", "EU 1230/2012, Annex I"))
    if trailer == most_kg:
        note.at_stop(TRAILER_MASS, text("the heaviest trailer that is tried"))
    note.section()
    behind = note.line("trailer of the climb", min(trailer, own_kg), "kg", "m_t")
    climbing = with_trailer(vehicle, own_kg, conditions, behind)
    speed = yield from hill_speed_m_per_s(subject, *climbing, TOWING_SLOPE)
    said = text("speed on 12 % with it")
    why = text("the vehicle starts with this trailer, but heat or charge ends the climb")
    note_found(note, TOWING_SPEED, said, speed, ("v_12", ""), why)
    note_limiter(note, TOWING_SPEED, subject, speed)


PROCEDURES = (
    Procedure(
        id="gradeability",
        title=text("Hills"),
        regulation="ISO 8715; GOST 22576",
        measures=(*SPEEDS.values(), START_SLOPE, SLOPE, START_30_TIME),
        validation_level=0,
        recipe=hills,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
    Procedure(
        id="towing",
        title=text("Trailer on 12 %"),
        regulation="EU 1230/2012",
        measures=(TRAILER_MASS, TOWING_SPEED),
        validation_level=0,
        recipe=towing,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
)

"""Maximum speed and the speed that is held for thirty minutes: UN R68 and ISO 8715."""

from __future__ import annotations

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions, steady
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.track import (
    CONDITIONS,
    MOTION,
    axle_said,
    fastest_over_m_per_s,
    largest,
    launch,
    note_limiter,
    note_mass,
    prepared,
    road,
)
from covolt.vehicle.assembly import Vehicle
from covolt.words import Phrase, text

__all__ = ["PROCEDURES", "active_limit", "is_held"]

RUN_UP_s, STEP_s = 240.0, 0.125
BASE_m = 1000.0
HELD_s = 1800.0
HELD_TOLERANCE = 1e-3
SPEED = Measure("speed", text("Maximum speed"), "km/h")
SPEED_30_MIN = Measure("speed_30_min", text("30-minute speed"), "km/h")
LIMITER, TORQUE, BATTERY, GRIP, ROTOR_SPEED, HEAT = 0.0, 1.0, 2.0, 3.0, 5.0, 6.0


def active_limit(vehicle: Vehicle, trace: Trace) -> float:
    """What holds the speed at the end of a run: 0 limiter, 1 drive, 2 battery, 3 grip, 5 rotor speed, 6 heat."""
    limit = float(trace["limit"][-1])
    if limit != TORQUE:
        return limit
    for axle in vehicle.axles:
        unit = axle.drive_unit
        if float(trace[f"{axle.name}_rotor_speed_rad_per_s"][-1]) > 0.99 * float(unit.maximum_speed_rad_per_s()):
            return ROTOR_SPEED
        if float(trace[f"{axle.name}_winding_temperature_K"][-1]) > float(unit.derating_start_K()):
            return HEAT
    return TORQUE


def is_held(
    vehicle: Vehicle, speed_m_per_s: float, duration_s: float, conditions: Conditions, slope: float = 0.0
) -> Asking[bool]:
    """Whether a speed is held to a thousandth over a time."""
    mission = steady(speed_m_per_s, duration_s, conditions, slope_fraction=slope)
    trace = yield from ask(vehicle, mission, "speed_m_per_s")
    return float(np.min(trace["speed_m_per_s"])) >= (1.0 - HELD_TOLERANCE) * speed_m_per_s


def maximum_speed(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Highest mean speed over 1 km after a run-up at full throttle, and the highest speed held for 30 minutes.

    v_max = L / t over the base L; both directions are one in still air. v_30: bisection on a steady speed that
    power, heat and charge of the battery sustain for 1800 s.
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    conditions = road(subject, given, _test_mass_kg(subject))
    note_mass(note, subject, given, conditions, "UN R68, 5")
    limiter = subject.top_speed_m_per_s
    if limiter is not None:
        note.line("speed limiter", limiter, "km/h", "v_lim")
    else:
        note.remark(
            text("no top speed is stated: what is found is that of drive and rotor, and makers often stop earlier")
        )
    mission = launch(RUN_UP_s, conditions, dt_s=STEP_s, top_m_per_s=limiter)
    run = yield from ask(vehicle, mission, *MOTION, "limit", *_rotors(vehicle), *_windings(vehicle))
    every = slice(None, None, 8)
    speed_title, time_title = (
        text("Run-up at full throttle"),
        text("Time"),
    )
    speed_km_per_h: dict[Phrase, np.ndarray] = {text("speed"): 3.6 * run["speed_m_per_s"][every]}
    base = note.line("measuring base", BASE_m, "m", "L", "UN R68, 5")
    speed = fastest_over_m_per_s(run, base)
    reached_s = float(run.time_s[int(np.argmax(run["speed_m_per_s"] >= 0.999 * np.max(run["speed_m_per_s"])))])
    holds = {} if speed is None else {"speed": (reached_s, min(reached_s + base / speed, RUN_UP_s))}
    note.curve(curve_of(speed_title, time_title, "s", run.time_s[every], speed_km_per_h, "km/h", holds))
    if speed is None:
        why = text(
            "the vehicle covers {distance:.0f} m in {time:.0f} s, less than the measuring base",
            distance=run.distance_m[-1],
            time=RUN_UP_s,
        )
        note.miss_all(why)
        return
    note.line("time over the base", base / speed, "s", "t", "UN R68, 6")
    said = text("maximum speed")
    note.result(SPEED, note.line(said, speed, "km/h", "v_max", "UN R68, 6"))
    note_limiter(note, SPEED, subject, speed)
    note.line(
        "active limit: 0 limiter, 1 drive, 2 battery, 3 grip, 5 rotor speed, 6 heat",
        active_limit(vehicle, run),
        "1",
    )
    for axle in vehicle.axles:
        rotor = float(run[f"{axle.name}_rotor_speed_rad_per_s"][-1])
        note.line(text("rotor speed, {axle}", axle=axle_said(axle.name)), rotor, "rpm", "n")
    note.section()
    yield from _thirty_minutes(note, subject, conditions, speed)


def _rotors(vehicle: Vehicle) -> list[str]:
    return [f"{axle.name}_rotor_speed_rad_per_s" for axle in vehicle.axles]


def _windings(vehicle: Vehicle) -> list[str]:
    return [f"{axle.name}_winding_temperature_K" for axle in vehicle.axles]


def _test_mass_kg(subject: Subject) -> float | None:
    """Mass of an electric vehicle in UN R68: unladen and half of the load; None where these are not known."""
    if subject.kerb_mass_kg is None or subject.maximum_load_kg is None:
        return None
    return subject.kerb_mass_kg + 0.5 * subject.maximum_load_kg


def _thirty_minutes(note: Recorder, subject: Subject, conditions: Conditions, top_m_per_s: float) -> Asking[None]:
    vehicle = subject.vehicle
    note.line("charge at the start", conditions.state_of_charge, "%", "SoC_0")
    held = yield from largest(0.1 * top_m_per_s, top_m_per_s, lambda v: is_held(vehicle, v, HELD_s, conditions))
    if held is None:
        note.miss(
            SPEED_30_MIN,
            text(
                "not even {top:.0f} km/h is held for 30 min: power, heat or charge fails", top=0.1 * 3.6 * top_m_per_s
            ),
        )
        return
    signals = ("mean_speed_m_per_s", "state_of_charge", *_windings(vehicle))
    run = yield from ask(vehicle, steady(held, HELD_s, conditions), *signals)
    note.line("distance in 30 min", float(run.distance_m[-1]), "km", "d", "UN R68, 6")
    note.line("charge at the end", float(run["state_of_charge"][-1]), "%", "SoC_1")
    for axle in vehicle.axles:
        winding = float(run[f"{axle.name}_winding_temperature_K"][-1])
        note.line(text("winding at the end, {axle}", axle=axle_said(axle.name)), winding, "degC", "T_w")
    said = text("speed held for 30 min")
    note.result(SPEED_30_MIN, note.line(said, held, "km/h", "v_30", "UN R68, 6"))
    note_limiter(note, SPEED_30_MIN, subject, held)


PROCEDURES = (
    Procedure(
        id="un-r68",
        title=text("Maximum speed"),
        regulation="UN R68; ISO 8715",
        measures=(SPEED, SPEED_30_MIN),
        validation_level=0,
        recipe=maximum_speed,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
)

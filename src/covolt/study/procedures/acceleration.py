"""Accelerations at full throttle: ISO 8715, GOST 22576 and customers' own, and repeated launches with derating."""

from __future__ import annotations

import math

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Ask, Asking, ask, ask_all
from covolt.study.procedures.curve import Curve, curve_of
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.track import (
    CONDITIONS,
    MOTION,
    fastest_over_m_per_s,
    is_light,
    launch,
    note_charge,
    note_found,
    note_mass,
    partly_discharged,
    prepared,
    road,
    time_between_s,
    time_over_s,
)
from covolt.words import Phrase, text

__all__ = ["PROCEDURES"]

LAUNCHES_km_per_h = (30, 50, 60, 100)
ELASTICITIES_km_per_h = ((30, 50), (50, 80), (60, 100), (80, 120))
DISTANCES_m = (400, 1000)
STEP_s, LONGEST_s = 0.05, 100.0
RUN_UP_s, RUN_UP_STEP_s = 240.0, 0.125
HELD_s = 1.0
LAUNCHES = 10
OVERSHOOT = 1.01
BRAKING_m_per_s2 = 3.0
STANDING_s = 5.0
STEPS = 2000
"""Of the repeated launches: as many as a compiled drive of the shortest length holds."""
CLAUSE = "ISO 8715; GOST 22576"
TIMES = {
    (low, high): Measure(f"time_{low}_{high}", text("{low} to {high} km/h", low=low, high=high), "s")
    for low, high in (*((0, high) for high in LAUNCHES_km_per_h), *ELASTICITIES_km_per_h)
}
TIMES_OVER = {
    distance: Measure(f"time_{distance}_m", text("Standstill to {distance} m", distance=distance), "s")
    for distance in DISTANCES_m
}
SPEED_1_km = Measure("speed_1_km", text("Maximum speed over 1 km"), "km/h")
LAST_OVER_FIRST = Measure("last_over_first", text("Last time over first"), "1", 0.0)
TIME_FIRST = Measure("time_first", text("First launch"), "s")
TIME_LAST = Measure("time_last", text("Last launch"), "s")
WINDING = Measure("winding_temperature", text("Hottest winding"), "degC")


def accelerations(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Times between speeds at full throttle, from standstill and from a held speed; 400 m, 1 km; highest speed over 1 km.

    t = t(v_2) - t(v_1) read between steps; the pedal is down at once. Both directions are one in still air. Accelerations begin
    with 40 % discharged, the highest speed with the full battery.
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    full = road(subject, given)
    conditions = partly_discharged(given, full)
    top = subject.top_speed_m_per_s
    note_mass(note, subject, given, conditions, "ISO 8715, 5")
    note_charge(note, conditions)
    run, *held, long_run = yield from ask_all(
        [
            Ask(vehicle, mission, MOTION)
            for mission in (
                launch(LONGEST_s, conditions, dt_s=STEP_s, top_m_per_s=top),
                *(
                    launch(LONGEST_s, conditions, dt_s=STEP_s, hold_m_per_s=low / 3.6, hold_s=HELD_s, top_m_per_s=top)
                    for low, _ in ELASTICITIES_km_per_h
                ),
                launch(RUN_UP_s, full, dt_s=RUN_UP_STEP_s, top_m_per_s=top),
            )
        ]
    )
    speed = np.concatenate([[0.0], run["speed_m_per_s"]])
    note.line("highest acceleration", float(np.max(np.diff(speed))) / STEP_s, "m/s2", "a_max")
    note.section()
    for high in LAUNCHES_km_per_h:
        _note_time(note, 0, high, run)
    note.section()
    for (low, high), one in zip(ELASTICITIES_km_per_h, held, strict=True):
        _note_time(note, low, high, one)
    note.section()
    for distance in DISTANCES_m:
        said = text("standstill to {distance} m", distance=distance)
        why = text("{distance:.0f} m are covered in {time:.0f} s", distance=run.distance_m[-1], time=LONGEST_s)
        taken = time_over_s(run, float(distance))
        note_found(note, TIMES_OVER[distance], said, taken, (f"t_{distance}", "GOST 22576"), why)
    said = text("highest speed over 1 km")
    why = text("only {distance:.0f} m are covered in {time:.0f} s", distance=long_run.distance_m[-1], time=RUN_UP_s)
    note_found(note, SPEED_1_km, said, fastest_over_m_per_s(long_run, 1000.0), ("v_1km", "ISO 8715, 9"), why)
    note.curve(_drawn(run))


def _note_time(note: Recorder, low: int, high: int, run: Trace) -> None:
    fastest = 3.6 * float(np.max(run["speed_m_per_s"]))
    why = text(
        "{high} km/h is not reached within {time:.0f} s: {fastest:.0f} km/h at most",
        high=high,
        time=LONGEST_s,
        fastest=fastest,
    )
    said = text("{low} to {high} km/h", low=low, high=high)
    taken = time_between_s(run, low / 3.6, high / 3.6)
    note_found(note, TIMES[low, high], said, taken, (f"t_{low}-{high}", CLAUSE), why)


def _drawn(run: Trace) -> Curve:
    every = slice(None, round(40.0 / STEP_s), 4)
    speed: dict[Phrase, np.ndarray] = {text("speed"): 3.6 * run["speed_m_per_s"][every]}
    return curve_of(text("Full throttle"), text("Time"), "s", run.time_s[every], speed, "km/h")


def launches(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Ten launches one after another, to 100 km/h (50 km/h for buses and lorries), braking at 3 m/s2 and 5 s of rest between.

    One drive: winding, coolant, battery and charge go from launch to launch. r = t_10 / t_1.
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    conditions = road(subject, given)
    note_mass(note, subject, given, conditions, "ISO 8715, 5")
    high = (100.0 if is_light(subject) else 50.0) / 3.6
    note.line("final speed", high, "km/h", "v")
    single = yield from ask(vehicle, launch(LONGEST_s, conditions, dt_s=STEP_s), *MOTION)
    first = time_between_s(single, 0.0, high)
    if first is None or (subject.top_speed_m_per_s or math.inf) < high:
        note.miss_all(text("{high:.0f} km/h is not reached within {time:.0f} s", high=3.6 * high, time=LONGEST_s))
        return
    # Time enough for a derated launch, in coarse steps so that a small change of the car does not change the schedule.
    window_s = 5.0 * math.ceil(1.6 * first / 5.0) + 5.0
    mission, starts_s = _schedule(high, window_s, conditions)
    winding = [f"{axle.name}_winding_temperature_K" for axle in vehicle.axles]
    run = yield from ask(vehicle, mission, *MOTION, *winding, "battery_temperature_K")
    note.line("time between starts", starts_s[1] - starts_s[0], "s", "T")
    note.section()
    times: list[float] = []
    for number, begin in enumerate(starts_s, 1):
        taken = time_between_s(run, 0.0, high, begin, begin + window_s)
        if taken is None:
            for measure in (LAST_OVER_FIRST, TIME_LAST):
                note.miss(
                    measure,
                    text(
                        "launch {number} no longer reaches {high:.0f} km/h within {window:.0f} s",
                        number=number,
                        high=3.6 * high,
                        window=window_s,
                    ),
                )
            break
        times.append(note.line(text("launch {number}", number=number), taken, "s", f"t_{number}"))
    note.section()
    windings = [float(np.max(run[name])) for name in winding]
    said = text("hottest winding")
    note.result(WINDING, note.line(said, max(windings), "degC", "T_w"))
    battery = float(np.max(run["battery_temperature_K"]))
    note.line("hottest battery", battery, "degC", "T_b")
    if times:
        note.result(TIME_FIRST, times[0])
    if len(times) == LAUNCHES:
        note.result(TIME_LAST, times[-1])
        ratio = times[-1] / times[0]
        note.result(LAST_OVER_FIRST, note.line("last over first", ratio, "1", "t_10/t_1"))


def _schedule(high_m_per_s: float, window_s: float, conditions: Conditions) -> tuple[Mission, list[float]]:
    """Target speed of all launches and when each begins."""
    braking_s = OVERSHOOT * high_m_per_s / BRAKING_m_per_s2
    dt_s = math.ceil(LAUNCHES * (window_s + braking_s + STANDING_s) / STEPS * 200.0) / 200.0
    pushing = np.full(round(window_s / dt_s), OVERSHOOT * high_m_per_s)
    slowing = np.arange(OVERSHOOT * high_m_per_s, 0.0, -BRAKING_m_per_s2 * dt_s)
    one = np.concatenate([pushing, slowing, np.zeros(round(STANDING_s / dt_s))])
    profile = {"target_m_per_s": np.tile(one, LAUNCHES)}
    starts = [number * len(one) * dt_s for number in range(LAUNCHES)]
    return Mission("ten launches", profile, dt_s, 0.0, conditions, follows_trace=False), starts


PROCEDURES = (
    Procedure(
        id="iso-8715",
        title=text("Accelerations"),
        regulation="ISO 8715; GOST 22576",
        measures=(*TIMES.values(), *TIMES_OVER.values(), SPEED_1_km),
        validation_level=0,
        recipe=accelerations,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
    Procedure(
        id="repeated-launches",
        title=text("Ten launches one after another"),
        regulation="customer",
        measures=(LAST_OVER_FIRST, TIME_FIRST, TIME_LAST, WINDING),
        validation_level=0,
        recipe=launches,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
)

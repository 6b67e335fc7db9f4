"""Accelerations at full throttle: ISO 8715, GOST 22576 and customers' own, and repeated launches with derating."""

from __future__ import annotations

import math

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.trace import Trace
from covolt.study.procedures.driving import drive
from covolt.study.procedures.protocol import Curve, Given, Measure, Procedure, Record, Recorder
from covolt.study.procedures.track import (
    CONDITIONS,
    fastest_over_m_per_s,
    is_light,
    launch,
    note_charge,
    note_mass,
    partly_discharged,
    prepared,
    road,
    time_between_s,
    time_over_s,
)
from covolt.vehicle.assembly import Vehicle
from covolt.words import Words

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


def accelerations(subject: Subject, given: Given) -> Record:
    """Times between speeds at full throttle, from standstill and from a held speed; 400 m, 1 km; highest speed over 1 km.

    t = t(v_2) - t(v_1) read between steps; the pedal is down at once. Both directions are one in still air. Accelerations begin
    with 40 % discharged, the highest speed with the full battery.
    """
    note = Recorder("iso-8715")
    subject = prepared(subject, given)
    vehicle = subject.vehicle
    full = road(subject, given)
    conditions = partly_discharged(given, full)
    top = subject.top_speed_m_per_s
    note_mass(note, subject, given, conditions, "ISO 8715, 5")
    note_charge(note, conditions)
    run = drive(vehicle, launch(LONGEST_s, conditions, dt_s=STEP_s, top_m_per_s=top))
    speed = np.concatenate([[0.0], run["speed_m_per_s"]])
    note.line("highest acceleration", "наибольшее ускорение", float(np.max(np.diff(speed))) / STEP_s, "m/s2", "a_max")
    note.section()
    for high in LAUNCHES_km_per_h:
        _note_time(note, 0, high, run)
    note.section()
    for low, high in ELASTICITIES_km_per_h:
        mission = launch(LONGEST_s, conditions, dt_s=STEP_s, hold_m_per_s=low / 3.6, hold_s=HELD_s, top_m_per_s=top)
        _note_time(note, low, high, drive(vehicle, mission))
    note.section()
    for distance in DISTANCES_m:
        taken = time_over_s(run, float(distance))
        if taken is None:
            note.miss(
                f"time_{distance}_m",
                Words(
                    f"{run.distance_m[-1]:.0f} m are covered in {LONGEST_s:.0f} s",
                    f"за {LONGEST_s:.0f} с пройдено {run.distance_m[-1]:.0f} м",
                ),
            )
            continue
        text = (f"standstill to {distance} m", f"с места до {distance} м")
        note.measure(f"time_{distance}_m", note.line(*text, taken, "s", f"t_{distance}", "GOST 22576"))
    _note_one_kilometre(note, vehicle, full, top)
    note.curve(_drawn(run))
    return note.record()


def _note_time(note: Recorder, low: int, high: int, run: Trace) -> None:
    name = f"time_{low}_{high}"
    taken = time_between_s(run, low / 3.6, high / 3.6)
    if taken is None:
        fastest = 3.6 * float(np.max(run["speed_m_per_s"]))
        note.miss(
            name,
            Words(
                f"{high} km/h is not reached within {LONGEST_s:.0f} s: {fastest:.0f} km/h at most",
                f"{high} км/ч не достигнуты за {LONGEST_s:.0f} с: не более {fastest:.0f} км/ч",
            ),
        )
        return
    text = (f"{low} to {high} km/h", f"{low}–{high} км/ч")
    note.measure(name, note.line(*text, taken, "s", f"t_{low}-{high}", CLAUSE))


def _note_one_kilometre(note: Recorder, vehicle: Vehicle, conditions: Conditions, top_m_per_s: float | None) -> None:
    run = drive(vehicle, launch(RUN_UP_s, conditions, dt_s=RUN_UP_STEP_s, top_m_per_s=top_m_per_s))
    fastest = fastest_over_m_per_s(run, 1000.0)
    if fastest is None:
        note.miss(
            "speed_1_km",
            Words(
                f"only {run.distance_m[-1]:.0f} m are covered in {RUN_UP_s:.0f} s",
                f"за {RUN_UP_s:.0f} с пройдено лишь {run.distance_m[-1]:.0f} м",
            ),
        )
        return
    text = ("highest speed over 1 km", "максимальная скорость на 1 км")
    note.measure("speed_1_km", note.line(*text, fastest, "km/h", "v_1km", "ISO 8715, 9"))


def _drawn(run: Trace) -> Curve:
    every = slice(None, round(40.0 / STEP_s), 4)
    speed = {"speed|скорость": 3.6 * run["speed_m_per_s"][every]}
    return Curve(Words("Full throttle", "Полный газ"), Words("Time", "Время"), "s", run.time_s[every], speed, "km/h")


def launches(subject: Subject, given: Given) -> Record:
    """Ten launches one after another, to 100 km/h (50 km/h for buses and lorries), braking at 3 m/s2 and 5 s of rest between.

    One drive: winding, coolant, battery and charge go from launch to launch. r = t_10 / t_1.
    """
    note = Recorder("repeated-launches")
    subject = prepared(subject, given)
    vehicle = subject.vehicle
    conditions = road(subject, given)
    note_mass(note, subject, given, conditions, "ISO 8715, 5")
    high = (100.0 if is_light(subject) else 50.0) / 3.6
    note.line("final speed", "конечная скорость", high, "km/h", "v")
    first = time_between_s(drive(vehicle, launch(LONGEST_s, conditions, dt_s=STEP_s)), 0.0, high)
    if first is None or (subject.top_speed_m_per_s or math.inf) < high:
        for name in ("last_over_first", "time_first", "time_last", "winding_temperature"):
            note.miss(
                name,
                Words(
                    f"{3.6 * high:.0f} km/h is not reached within {LONGEST_s:.0f} s",
                    f"{3.6 * high:.0f} км/ч не достигнуты за {LONGEST_s:.0f} с",
                ),
            )
        return note.record()
    # Time enough for a derated launch, in coarse steps so that a small change of the car does not change the schedule.
    window_s = 5.0 * math.ceil(1.6 * first / 5.0) + 5.0
    mission, starts_s = _schedule(high, window_s, conditions)
    run = drive(vehicle, mission)
    note.line("time between starts", "период разгонов", starts_s[1] - starts_s[0], "s", "T")
    note.section()
    times: list[float] = []
    for number, begin in enumerate(starts_s, 1):
        taken = time_between_s(run, 0.0, high, begin, begin + window_s)
        if taken is None:
            for name in ("last_over_first", "time_last"):
                note.miss(
                    name,
                    Words(
                        f"launch {number} no longer reaches {3.6 * high:.0f} km/h within {window_s:.0f} s",
                        f"разгон {number}: {3.6 * high:.0f} км/ч не достигнуты за {window_s:.0f} с",
                    ),
                )
            break
        times.append(note.line(f"launch {number}", f"разгон {number}", taken, "s", f"t_{number}"))
    note.section()
    windings = [float(np.max(run[f"{axle.name}_winding_temperature_K"])) for axle in vehicle.axles]
    text = ("hottest winding", "наибольшая температура обмотки")
    note.measure("winding_temperature", note.line(*text, max(windings), "degC", "T_w"))
    battery = float(np.max(run["battery_temperature_K"]))
    note.line("hottest battery", "наибольшая температура батареи", battery, "degC", "T_b")
    if times:
        note.measure("time_first", times[0])
    if len(times) == LAUNCHES:
        note.measure("time_last", times[-1])
        ratio = times[-1] / times[0]
        note.measure("last_over_first", note.line("last over first", "последний к первому", ratio, "1", "t_10/t_1"))
    return note.record()


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


def _times() -> tuple[Measure, ...]:
    pairs = (*((0, high) for high in LAUNCHES_km_per_h), *ELASTICITIES_km_per_h)
    return tuple(
        Measure(f"time_{low}_{high}", Words(f"{low} to {high} km/h", f"Разгон {low}–{high} км/ч"), "s")
        for low, high in pairs
    )


PROCEDURES = (
    Procedure(
        id="iso-8715",
        title=Words("Accelerations", "Разгонные характеристики"),
        regulation="ISO 8715; GOST 22576",
        measures=(
            *_times(),
            Measure("time_400_m", Words("Standstill to 400 m", "Разгон с места на 400 м"), "s"),
            Measure("time_1000_m", Words("Standstill to 1000 m", "Разгон с места на 1000 м"), "s"),
            Measure("speed_1_km", Words("Maximum speed over 1 km", "Максимальная скорость на 1 км"), "km/h"),
        ),
        validation_level=0,
        recipe=accelerations,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
    Procedure(
        id="repeated-launches",
        title=Words("Ten launches one after another", "Десять разгонов подряд"),
        regulation="customer",
        measures=(
            Measure("last_over_first", Words("Last time over first", "Последний разгон к первому"), "1"),
            Measure("time_first", Words("First launch", "Первый разгон"), "s"),
            Measure("time_last", Words("Last launch", "Последний разгон"), "s"),
            Measure("winding_temperature", Words("Hottest winding", "Наибольшая температура обмотки"), "degC"),
        ),
        validation_level=0,
        recipe=launches,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
    ),
)

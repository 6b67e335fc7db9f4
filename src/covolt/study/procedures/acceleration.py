"""Accelerations at full throttle: ISO 8715, GOST 22576 and customers' own, and repeated launches with derating."""

from __future__ import annotations

import numpy as np

from covolt.simulation.mission import Conditions, full_throttle, steady
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace
from covolt.study.procedures.segments import full_fraction
from covolt.study.protocol import Curve, Given, Measure, Procedure, Record, Recorder
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES", "road", "road_mass_kg", "time_between_s"]

PAIRS_km_per_h = ((0, 30), (0, 50), (0, 60), (0, 100), (30, 50), (50, 80), (60, 100), (80, 120))
LAUNCHES = 10
STEP_s = 0.05
LONGEST_s = 90.0

ROAD_K = 273.15 + 20.0


def road_mass_kg(subject: Subject) -> float:
    """Test mass of ISO 8715: kerb mass + 180 kg, or half the permissible load where that is less or the vehicle is heavy.

    From memory; a car known by its test mass alone is tested at that.
    """
    if subject.kerb_mass_kg is None or subject.maximum_load_kg is None:
        return subject.carried_mass_kg
    half_kg = 0.5 * subject.maximum_load_kg
    return subject.kerb_mass_kg + (
        half_kg if not subject.category.startswith(("M1", "N1")) else max(min(180.0, subject.maximum_load_kg), half_kg)
    )


def road(subject: Subject, given: Given) -> Conditions:
    """A level, dry, windless road at 20 degC, battery full but for room to recuperate, comforts off; what is given overrides."""
    payload = subject.payload_for(road_mass_kg(subject)) if given.payload_kg is None else given.payload_kg
    ambient_K = ROAD_K if given.ambient_temperature_K is None else given.ambient_temperature_K
    usual = 0.95 * full_fraction(subject)
    warm_K = ROAD_K if given.start == "preconditioned" else None
    return Conditions(
        ambient_temperature_K=ambient_K,
        payload_kg=payload,
        state_of_charge=usual if given.state_of_charge is None else given.state_of_charge,
        battery_temperature_K=warm_K,
    )


def time_between_s(trace: Trace, low_m_per_s: float, high_m_per_s: float) -> float | None:
    """Time from one speed to another, read between steps; None where the higher is never reached."""
    speed = np.concatenate([[trace.result.mission.start_speed_m_per_s], trace["speed_m_per_s"]])
    if float(np.max(speed)) < high_m_per_s:
        return None
    clock = np.concatenate([[0.0], trace.time_s])
    end = int(np.argmax(speed >= high_m_per_s))
    rising = np.maximum.accumulate(speed[: end + 1])
    return float(np.interp(high_m_per_s, rising, clock[: end + 1]) - np.interp(low_m_per_s, rising, clock[: end + 1]))


def accelerations(subject: Subject, given: Given) -> Record:
    """One run at full throttle from standstill; every pair of speeds is read from it."""
    note = Recorder("iso-8715")
    conditions = road(subject, given)
    note.line(
        "test mass",
        "испытательная масса",
        subject.carried_mass_kg + conditions.payload_kg,
        "kg",
        "m",
        "ISO 8715, 5.2",
        confirmed=False,
    )
    trace = simulate(subject.vehicle, full_throttle(LONGEST_s, conditions, dt_s=STEP_s))
    note.line(
        "highest acceleration",
        "наибольшее ускорение",
        float(np.max(np.diff(trace["speed_m_per_s"]))) / STEP_s,
        "m/s2",
        "a_max",
    )
    note.section()
    for low, high in PAIRS_km_per_h:
        found = time_between_s(trace, low / 3.6, high / 3.6)
        if found is None:
            top = float(np.max(trace["speed_m_per_s"])) * 3.6
            note.miss(f"time_{low}_{high}", f"{high} km/h is not reached in {LONGEST_s:.0f} s: {top:.0f} km/h at most")
            continue
        note.measure(
            f"time_{low}_{high}",
            note.line(
                f"{low} to {high} km/h", f"{low}–{high} км/ч", found, "s", f"t_{low}-{high}", "ISO 8715; GOST 22576"
            ),
        )
    distance = trace.distance_m
    if float(distance[-1]) >= 1000.0:
        speed = float(np.interp(1000.0, distance, trace["speed_m_per_s"]))
        note.measure("speed_1_km", note.line("speed after 1 km", "скорость после 1 км", speed, "km/h", "v_1km"))
    every = slice(None, round(40.0 / STEP_s), 4)
    note.curve(
        Curve(
            Words("Full throttle", "Полный газ"),
            Words("Time", "Время"),
            "s",
            trace.time_s[every],
            {"speed, km/h|скорость, км/ч": trace["speed_m_per_s"][every] * 3.6},
            "km/h",
        )
    )
    return note.record()


def launches(subject: Subject, given: Given) -> Record:
    """Ten launches from 0 to 100 km/h (60 km/h for heavy vehicles), each from where the last ended, 30 s at that speed between.

    Winding and battery warm from launch to launch; the last time over the first says what derating costs.
    """
    note = Recorder("repeated-launches")
    conditions = road(subject, given)
    high = 100.0 / 3.6 if subject.category in {"M1", "N1"} else 40.0 / 3.6
    note.line("speed of each launch", "скорость разгона", high, "km/h", "v")
    times: list[float] = []
    state = conditions
    for number in range(1, LAUNCHES + 1):
        run = simulate(subject.vehicle, full_throttle(40.0, state, dt_s=STEP_s))
        found = time_between_s(run, 0.0, high)
        if found is None:
            note.miss("last_over_first", f"launch {number} does not reach {high * 3.6:.0f} km/h: {run.outcome}")
            return note.record(3)
        times.append(note.line(f"launch {number}", f"разгон {number}", found, "s", f"t_{number}"))
        axle = next(name for name in run.names if name.endswith("_winding_temperature_K"))
        end = int(np.argmax(run["speed_m_per_s"] >= high))
        winding_K, battery_K = float(run[axle][end]), float(run["battery_temperature_K"][end])
        charge = float(run["state_of_charge"][end])
        rest = simulate(subject.vehicle, steady(high, 30.0, _warm(state, charge, battery_K, winding_K)))
        state = _warm(
            state, float(rest["state_of_charge"][-1]), float(rest["battery_temperature_K"][-1]), float(rest[axle][-1])
        )
        if number == LAUNCHES:
            note.measure(
                "winding_temperature",
                note.line("winding after the last", "обмотка после последнего", winding_K, "degC", "T_w"),
            )
    note.section()
    ratio = note.line("last over first", "последний к первому", times[-1] / times[0], "1", "t_10/t_1")
    note.measure("last_over_first", ratio)
    note.measure("time_first", times[0])
    note.measure("time_last", times[-1])
    return note.record(3)


def _warm(conditions: Conditions, charge_fraction: float, battery_K: float, vehicle_K: float) -> Conditions:
    return Conditions(
        ambient_temperature_K=conditions.ambient_temperature_K,
        payload_kg=conditions.payload_kg,
        state_of_charge=min(max(charge_fraction, 0.0), 1.0),
        battery_temperature_K=min(battery_K, 353.0),
        vehicle_temperature_K=min(vehicle_K, 353.0),
    )


CONDITIONS = ("ambient_temperature_K", "payload_kg", "state_of_charge", "start")
PROCEDURES = (
    Procedure(
        id="iso-8715",
        title=Words("Accelerations", "Разгонные характеристики"),
        regulation="ISO 8715; GOST 22576",
        measures=(
            *(
                Measure(f"time_{low}_{high}", Words(f"{low} to {high} km/h", f"Разгон {low}–{high} км/ч"), "s")
                for low, high in PAIRS_km_per_h
            ),
            Measure("speed_1_km", Words("Speed after 1 km", "Скорость после 1 км"), "km/h"),
        ),
        recipe=accelerations,
        conditions=CONDITIONS,
    ),
    Procedure(
        id="repeated-launches",
        title=Words("Ten launches one after another", "Десять разгонов подряд"),
        regulation="customer",
        measures=(
            Measure("last_over_first", Words("Last time over first", "Последний разгон к первому"), "1"),
            Measure("time_first", Words("First launch", "Первый разгон"), "s"),
            Measure("time_last", Words("Last launch", "Последний разгон"), "s"),
            Measure("winding_temperature", Words("Winding after the last", "Обмотка после последнего"), "degC"),
        ),
        recipe=launches,
        conditions=CONDITIONS,
    ),
)

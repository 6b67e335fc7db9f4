"""SORT and E-SORT of the UITP: consumption and range of buses on three standardised on-road test cycles."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.emptying import made_ready, note_comfort, note_reach, until_empty
from covolt.study.procedures.heating_fuel import HEATING_FUEL, note_fuel, note_off
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because, why_not
from covolt.study.procedures.segments import FULL, cycle_segments, window_energy_J, within
from covolt.words import Phrase, text

__all__ = ["PROCEDURES"]

ROAD_K = 273.15 + 20.0
ROUNDS = 12
STEP_s = 0.5
LOAD_SHARE = 0.5
"""E-SORT is driven half loaded."""
CONSUMPTION = Measure("consumption", text("Consumption"), "kWh/km")
TRACTION = Measure("consumption_traction", text("Consumption of traction"), "kWh/km")
RANGE = Measure("range", text("Range"), "km")
_SIGNALS = (
    "mean_speed_m_per_s",
    "battery_power_W",
    "battery_open_circuit_power_W",
    "auxiliary_power_W",
    "climate_power_W",
    "conditioning_power_W",
)


def sort(number: int, subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Twelve rounds of one SORT cycle at 20 degC; the first two warm the vehicle and do not count.

    Traction and total consumption in kWh/km at the battery's terminals; range = usable energy / total consumption. In a given weather
    the comforts are on and rounds are driven until the battery is empty, for cabin and battery take an hour or more to settle.
    """
    cycle = standard(f"sort-{number}")
    note.line("length of the cycle", cycle.distance_m, "m", "s", "UITP SORT")
    note.line("mean speed", cycle.mean_speed_m_per_s, "km/h", "v_m", "UITP SORT")
    load = LOAD_SHARE * (subject.maximum_load_kg or 0.0)
    if subject.kerb_mass_kg is None:
        load = 0.0
    conditions = given.over(Conditions(ambient_temperature_K=ROAD_K, payload_kg=load, state_of_charge=0.9))
    mass_kg = subject.carried_mass_kg + conditions.payload_kg
    note.line("test mass", mass_kg, "kg", "m", "E-SORT")
    if given.ambient_temperature_K is not None:
        full = replace(conditions, comforts_on=True, state_of_charge=FULL)
        yield from _in_weather(note, subject, made_ready(given, full))
        return
    trace = yield from ask(subject.vehicle, follow(cycle.repeated(ROUNDS), conditions, dt_s=STEP_s), *_SIGNALS)
    if not trace.outcome.completed:
        note.miss_all(why_not(trace.outcome))
        return
    counted = slice(round(2.0 * cycle.duration_s / STEP_s), None)
    dt = STEP_s
    distance = note.line(
        "distance counted",
        float(np.sum(trace["mean_speed_m_per_s"][counted])) * dt,
        "km",
        "s",
        "E-SORT",
    )
    total = _note_consumption(note, trace, counted, distance)
    # Of what the cells give, as much leaves the terminals over the whole window as over the rounds counted.
    held_J = window_energy_J(subject)
    given_J = float(-np.sum(trace["battery_open_circuit_power_W"][counted])) * dt
    usable = note.line("usable energy", held_J * total * distance / given_J, "kWh", "UBE", "E-SORT")
    note.result(RANGE, note.line("range", usable / total, "km", "R", "E-SORT"))
    note_off(note)


def _note_consumption(note: Recorder, trace: Trace, counted: slice, distance_m: float) -> float:
    """Consumption in all, and of traction alone, over what counts of a drive."""
    dt = trace.result.mission.dt_s
    drawn = -trace["battery_power_W"][counted]
    others = (
        trace["auxiliary_power_W"][counted] + trace["climate_power_W"][counted] + trace["conditioning_power_W"][counted]
    )
    said = text("total consumption")
    total = note.line(said, float(np.sum(drawn)) * dt / distance_m, "kWh/km", "EC", "E-SORT")
    said = text("traction alone")
    traction = note.line(said, float(np.sum(drawn - np.abs(others))) * dt / distance_m, "kWh/km", "EC_T", "E-SORT")
    note.result(CONSUMPTION, total)
    note.result(TRACTION, traction)
    return total


def _in_weather(note: Recorder, subject: Subject, conditions: Conditions) -> Asking[None]:
    """Rounds from full to empty in a weather, comforts on: what whole rounds take, and how far they go."""
    ambient_K = conditions.ambient_temperature_K
    note.line("ambient", ambient_K, "degC", "T_a")
    note.line("battery at the start", conditions.battery_temperature_K or ambient_K, "degC", "T_b")
    cycle = within(subject, cycle_segments(note.procedure, phases=False))
    driven, trace, found = yield from until_empty(subject, cycle, conditions, *_SIGNALS)
    if found is None:
        note.miss_all(because(text("not one round is driven"), trace.outcome))
        return
    note.section()
    counted = slice(found.whole_cycles * len(cycle[0].speed_m_per_s))
    said = text("distance of whole rounds")
    distance = note.line(said, sum(one.distance_m for one in driven if one.complete), "km", "s")
    _note_consumption(note, trace, counted, distance)
    note.section()
    note.result(RANGE, note_reach(note, found))
    note_comfort(note, subject, trace, (CONSUMPTION, RANGE))
    note_fuel(note, subject, found.fuel_J, found.distance_m, found.distance_m)


def _one(number: int, where: Phrase) -> Procedure:
    return Procedure(
        id=f"sort-{number}",
        title=text("SORT {number}, {where}", number=number, where=where),
        regulation="UITP SORT, E-SORT",
        measures=(CONSUMPTION, TRACTION, RANGE, *HEATING_FUEL),
        validation_level=0,
        recipe=partial(sort, number),
        conditions=("ambient_temperature_K", "payload_kg", "start", "state_of_health_fraction"),
        mass_only=("cabin", "charger"),
    )


PROCEDURES = (
    _one(1, text("heavy urban")),
    _one(2, text("easy urban")),
    _one(3, text("suburban")),
)

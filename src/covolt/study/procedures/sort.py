"""SORT and E-SORT of the UITP: consumption and range of buses on three standardised on-road test cycles."""

from __future__ import annotations

import numpy as np

from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.study.aged import aged
from covolt.study.driving import drive
from covolt.study.procedures.segments import FULL, window_energy_J
from covolt.study.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.reasons import why_not
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES"]

ROAD_K = 273.15 + 20.0
ROUNDS = 12
STEP_s = 0.5
LOAD_SHARE = 0.5
"""E-SORT is driven half loaded."""


def sort(number: int, subject: Subject, given: Given) -> Record:
    """Twelve rounds of one SORT cycle; the first two warm the vehicle and do not count.

    Traction and total consumption in kWh/km at the battery's terminals; range = usable energy / total consumption.
    """
    subject = aged(subject, given.state_of_health_fraction)
    note = Recorder(f"sort-{number}")
    cycle = standard(f"sort-{number}")
    note.line("length of the cycle", "длина цикла", cycle.distance_m, "m", "s", "UITP SORT")
    note.line("mean speed", "средняя скорость", cycle.mean_speed_m_per_s, "km/h", "v_m", "UITP SORT")
    load = LOAD_SHARE * (subject.maximum_load_kg or 0.0)
    if subject.kerb_mass_kg is None:
        load = 0.0
    payload = load if given.payload_kg is None else given.payload_kg
    note.line(
        "test mass", "испытательная масса", subject.carried_mass_kg + payload, "kg", "m", "E-SORT", confirmed=False
    )
    comforts = given.ambient_temperature_K is not None
    conditions = Conditions(
        ambient_temperature_K=ROAD_K if given.ambient_temperature_K is None else given.ambient_temperature_K,
        payload_kg=payload,
        comforts_on=comforts,
        state_of_charge=0.9 * FULL,
    )
    trace = drive(subject.vehicle, follow(cycle.repeated(ROUNDS), conditions, dt_s=STEP_s))
    if not trace.outcome.completed:
        for measure in _MEASURES:
            note.miss(measure.id, why_not(trace.outcome))
        return note.record()
    counted = slice(round(2.0 * cycle.duration_s / STEP_s), None)
    dt = STEP_s
    distance = note.line(
        "distance counted",
        "зачётный путь",
        float(np.sum(trace["mean_speed_m_per_s"][counted])) * dt,
        "km",
        "s",
        "E-SORT",
    )
    drawn = -trace["battery_power_W"][counted]
    others = (
        trace["auxiliary_power_W"][counted] + trace["climate_power_W"][counted] + trace["conditioning_power_W"][counted]
    )
    total = note.line(
        "total consumption", "полный расход", float(np.sum(drawn)) * dt / distance, "kWh/km", "EC", "E-SORT"
    )
    traction = note.line(
        "traction alone",
        "расход на тягу",
        float(np.sum(drawn - np.abs(others))) * dt / distance,
        "kWh/km",
        "EC_T",
        "E-SORT",
    )
    note.measure("consumption", total)
    note.measure("consumption_traction", traction)
    # Of what the cells give, as much leaves the terminals over the whole window as over the rounds counted.
    held_J = window_energy_J(subject)
    given_J = float(-np.sum(trace["battery_open_circuit_power_W"][counted])) * dt
    usable = note.line(
        "usable energy", "используемая энергия", held_J * total * distance / given_J, "kWh", "UBE", "E-SORT"
    )
    note.measure("range", note.line("range", "запас хода", usable / total, "km", "R", "E-SORT"))
    return note.record()


_MEASURES = (
    Measure("consumption", Words("Consumption", "Расход"), "kWh/km"),
    Measure("consumption_traction", Words("Consumption of traction", "Расход на тягу"), "kWh/km"),
    Measure("range", Words("Range", "Запас хода"), "km"),
)


def _one(number: int, en: str, ru: str) -> Procedure:
    return Procedure(
        id=f"sort-{number}",
        title=Words(f"SORT {number}, {en}", f"SORT {number}, {ru}"),
        regulation="UITP SORT, E-SORT",
        measures=_MEASURES,
        validation_level=0,
        recipe=lambda subject, given: sort(number, subject, given),
        conditions=("ambient_temperature_K", "payload_kg", "state_of_health_fraction"),
        mass_only=("cabin", "charger"),
    )


PROCEDURES = (
    _one(1, "heavy urban", "центр города"),
    _one(2, "easy urban", "город"),
    _one(3, "suburban", "пригород"),
)

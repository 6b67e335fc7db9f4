"""Braking: stopping distance of UN R13-H and R13, and what recuperation takes of a stop."""

from __future__ import annotations

import numpy as np

from covolt.simulation.mission import Mission
from covolt.simulation.run import simulate
from covolt.study.procedures.acceleration import road
from covolt.study.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES", "stopping_distance_m"]

GRAVITY_m_per_s2 = 9.80665
LIGHT = (100.0 / 3.6, 0.36, 6.43)
"""M1, UN R13-H Annex 3, 2.1.1: v in m/s, build-up time of the 0.1 v term in s, prescribed deceleration in m/s2."""
HEAVY = (60.0 / 3.6, 0.54, 5.0)
"""M2, M3, N: UN R13 Annex 4, 2.1.1."""
GENTLE_m_per_s2 = 2.0


def stopping_distance_m(speed_m_per_s: float, build_up_s: float, deceleration_m_per_s2: float) -> float:
    """S = t v + v^2 / (2 d).

    With the prescribed d this is 0.1 v + 0.0060 v^2 of R13-H and 0.15 v + v^2 / 130 of R13, v in km/h.
    """
    return build_up_s * speed_m_per_s + speed_m_per_s**2 / (2.0 * deceleration_m_per_s2)


def braking(subject: Subject, given: Given) -> Record:
    """Type-0 test with the drive disconnected: deceleration by brakes or grip, whichever is less, and the distance.

    Then a gentle stop with recuperation: the share of the kinetic energy that reaches the battery.
    """
    light = subject.category in {"M1", "N1"}
    note = Recorder("un-r13-h" if light else "un-r13")
    speed, build_up_s, prescribed = LIGHT if light else HEAVY
    clause = "UN R13-H Annex 3, 2.1.1" if light else "UN R13 Annex 4, 2.1.1"
    note.line("test speed", "скорость испытания", speed, "km/h", "v", clause)
    grip = note.line(
        "deceleration that grip allows",
        "замедление по сцеплению",
        float(np.asarray(subject.vehicle.tyre.grip_coefficient)) * GRAVITY_m_per_s2,
        "m/s2",
        "mu g",
    )
    declared = subject.declared.get("brake", {}).get("deceleration_maximum", grip)
    note.line("deceleration of the brakes, declared", "замедление тормозов, заявлено", declared, "m/s2", "d_b")
    mean = note.line(
        "mean fully developed deceleration", "установившееся замедление", min(grip, declared), "m/s2", "d_m", clause
    )
    note.line("prescribed deceleration", "предписанное замедление", prescribed, "m/s2", "d", clause)
    distance = note.line(
        "stopping distance", "тормозной путь", stopping_distance_m(speed, build_up_s, mean), "m", "S", clause
    )
    note.line(
        "prescribed distance",
        "предписанный тормозной путь",
        stopping_distance_m(speed, build_up_s, prescribed),
        "m",
        "S_max",
        clause,
    )
    note.measure("mean_deceleration", mean)
    note.measure("stopping_distance", distance)
    note.section()
    count = int(speed / GENTLE_m_per_s2 / 0.1) + 1
    targets = np.maximum(speed - GENTLE_m_per_s2 * 0.1 * np.arange(1, count + 1), 0.0)
    conditions = road(subject, given)
    trace = simulate(subject.vehicle, Mission("gentle stop", {"target_m_per_s": targets}, 0.1, speed, conditions))
    mass = subject.carried_mass_kg + conditions.payload_kg
    kinetic = note.line("kinetic energy", "кинетическая энергия", 0.5 * mass * speed**2, "kJ", "E_k")
    gained = note.line(
        "to the battery in a stop at 2 m/s2",
        "возврат при торможении 2 м/с²",
        float(np.sum(np.maximum(trace["battery_power_W"], 0.0))) * 0.1,
        "kJ",
        "E_rec",
    )
    note.measure("recuperated_share", note.line("share", "доля", gained / kinetic, "%", "E_rec/E_k"))
    return note.record(1)


_MEASURES = (
    Measure("mean_deceleration", Words("Mean fully developed deceleration", "Установившееся замедление"), "m/s2"),
    Measure("stopping_distance", Words("Stopping distance", "Тормозной путь"), "m"),
    Measure("recuperated_share", Words("Recuperated in a gentle stop", "Рекуперация при торможении"), "%"),
)
_CONDITIONS = ("ambient_temperature_K", "payload_kg", "state_of_charge", "start")
PROCEDURES = (
    Procedure(
        id="un-r13-h",
        title=Words("Braking of cars", "Торможение легковых автомобилей"),
        regulation="UN R13-H",
        measures=_MEASURES,
        recipe=braking,
        conditions=_CONDITIONS,
        categories=("M1", "N1"),
    ),
    Procedure(
        id="un-r13",
        title=Words("Braking of buses and lorries", "Торможение автобусов и грузовиков"),
        regulation="UN R13",
        measures=_MEASURES,
        recipe=braking,
        conditions=_CONDITIONS,
        categories=("M2", "M3", "N2", "N3"),
    ),
)

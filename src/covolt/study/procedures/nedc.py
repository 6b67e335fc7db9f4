"""UN R101: consumption over two NEDC, and the electric range until the cycle cannot be followed up to 50 km/h."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from covolt.simulation.mission import Conditions
from covolt.study.procedures.segments import (
    LABORATORY_K,
    Driven,
    cycle_segments,
    drive_string,
    full_fraction,
    recharged_J,
)
from covolt.study.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.reasons import because
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES"]

REFERENCE_LOAD_kg = 100.0
"""Reference mass = kerb mass + 100 kg, UN R101, 2.2."""
LIMIT_m_per_s = 50.0 / 3.6
MOST_CYCLES = 90


def nedc(subject: Subject, given: Given) -> Record:
    """Two cycles for the consumption, c = E_mains / D; then on to the end of the range.

    In both the curve has to be met up to 50 km/h only; above, the vehicle goes as fast as it can. The range ends where it is not.
    """
    note = Recorder("un-r101")
    reference_kg = None if subject.kerb_mass_kg is None else subject.kerb_mass_kg + REFERENCE_LOAD_kg
    load = 0.0 if reference_kg is None else subject.payload_for(reference_kg)
    payload = load if given.payload_kg is None else given.payload_kg
    note.line("reference mass", "контрольная масса", subject.carried_mass_kg + payload, "kg", "m", "UN R101, 2.2")
    conditions = Conditions(
        ambient_temperature_K=LABORATORY_K if given.ambient_temperature_K is None else given.ambient_temperature_K,
        payload_kg=payload,
        on_dynamometer=True,
        state_of_charge=full_fraction(subject),
    )
    (whole_cycle,) = cycle_segments("nedc", phases=False)
    # A limiter holds the vehicle below the curve as too little power does: time goes on, distance is lost.
    top = np.inf if subject.top_speed_m_per_s is None else subject.top_speed_m_per_s
    cycle = (replace(whole_cycle, speed_m_per_s=np.minimum(whole_cycle.speed_m_per_s, top)),)
    pair, pair_trace = drive_string(subject, cycle * 2, conditions, up_to_m_per_s=LIMIT_m_per_s)
    if len(pair) < 2 or not all(one.complete for one in pair):
        for name in ("range", "consumption"):
            note.miss(name, because("two cycles are not driven", "два цикла не пройдены", pair_trace.outcome))
        return note.record()
    distance = note.line(
        "distance of two cycles",
        "путь двух циклов",
        sum(one.distance_m for one in pair),
        "km",
        "D",
        "UN R101 Annex 7, 2.4",
    )
    mains = note.line(
        "recharged from the mains",
        "заряд от сети",
        recharged_J(subject, pair_trace),
        "Wh",
        "E",
        "UN R101 Annex 7, 2.4.4",
    )
    note.measure(
        "consumption",
        note.line("consumption", "расход", mains / distance, "Wh/km", "c", "UN R101 Annex 7, 2.4.4", confirmed=False),
    )
    note.section()
    used = float(conditions.state_of_charge - pair_trace["state_of_charge"][-1])
    held = float(conditions.state_of_charge) - float(np.asarray(subject.vehicle.battery.lowest_state_of_charge))
    count = min(int(2.0 * held / max(used, 1e-6) * 1.15) + 2, MOST_CYCLES)
    whole, trace = drive_string(subject, cycle * count, conditions, up_to_m_per_s=LIMIT_m_per_s)
    note.line(
        "complete cycles", "полных циклов", float(sum(one.complete for one in whole)), "1", "n", "UN R101 Annex 9"
    )
    reach = note.line(
        "distance to the end", "путь до конца", _distance_m(whole), "km", "D_e", "UN R101 Annex 9, 4.2", confirmed=False
    )
    note.measure("range", reach)
    note.line("charge at the end", "заряд в конце", float(trace["state_of_charge"][-1]), "%", "SoC")
    return note.record()


def _distance_m(driven: list[Driven]) -> float:
    return sum(one.distance_m for one in driven)


PROCEDURES = (
    Procedure(
        id="un-r101",
        title=Words("NEDC range and consumption", "NEDC: запас хода и расход"),
        regulation="UN R101",
        measures=(
            Measure("range", Words("Range", "Запас хода"), "km"),
            Measure("consumption", Words("Consumption", "Расход"), "Wh/km"),
        ),
        recipe=nedc,
        conditions=("ambient_temperature_K", "payload_kg"),
        mass_only=("cabin",),
        categories=("M1", "N1", "L7"),
    ),
)

"""UN R101: range and consumption of one test of consecutive NEDC, as they are weighted since Supplement 11."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import (
    FULL,
    LABORATORY_K,
    Leg,
    LONGEST_s,
    cycle_segments,
    drive_string,
    drive_to_break_off,
    recharged_J,
)
from covolt.study.procedures.wltp import weighted_consumption
from covolt.words import Phrase, text

__all__ = ["PROCEDURES", "driven_mass_kg"]

REFERENCE_LOAD_kg = 100.0
"""Reference mass = kerb mass + 100 kg, UN R101, 2.4."""
LIMIT_m_per_s = 50.0 / 3.6
LEADING_CYCLES = 2
"""Cycles that count by their own energy, Annex 7, 5.2.5."""
SHORTENED_FROM_CYCLES = 6
"""Estimated range, in cycles, from which the act asks for the shortened test."""
RANGE = Measure("range", text("Range"), "km")
CONSUMPTION = Measure("consumption", text("Consumption"), "Wh/km")
ANNEX = "UN R101 Annex 7, 5.2.5 (Suppl. 11)"
END = "UN R101 Annex 7, 5.2.3 (Suppl. 11)"
"""Where the test ends, and what the shortened one consists of: not read, so nobody has checked what is driven until then."""


def driven_mass_kg(subject: Subject) -> float:
    """Test mass of a pure electric vehicle, UN R101, 2.6: the reference mass, of N1 unladen mass + half of the load."""
    if subject.kerb_mass_kg is None:
        return subject.carried_mass_kg
    if subject.category == "N1":
        return subject.kerb_mass_kg + 0.5 * (subject.maximum_load_kg or 0.0)
    return subject.kerb_mass_kg + REFERENCE_LOAD_kg


def nedc(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Consecutive cycles until the curve is no longer met up to 50 km/h; above, the vehicle goes as fast as it can.

    UBE = sum E_j;  K_1 = E_1 / UBE, K_2 = E_2 / UBE, K_j = (1 - K_1 - K_2) / (n - 2);  EC_DC = sum K_j E_j / d_j;
    D_e = UBE / EC_DC;  C = E_AC / D_e.

    Source: UN R101, 01 series, Supplement 11 (ECE/TRANS/WP.29/2021/134, in force since 22 June 2022). From six cycles on the act asks
    for a shortened test, whose dynamic segments could not be read; its range is the same quotient, and here every cycle is driven.
    Validity: results are not rounded to whole km and Wh/km, so that they move steadily.
    """
    own = Conditions(
        ambient_temperature_K=LABORATORY_K,
        payload_kg=subject.payload_for(driven_mass_kg(subject)),
        on_dynamometer=True,
        state_of_charge=FULL,
    )
    conditions = given.over(own)
    mass_kg = subject.carried_mass_kg + conditions.payload_kg
    note.line("test mass", mass_kg, "kg", "m", "UN R101, 2.6")
    (whole_cycle,) = cycle_segments("nedc", phases=False)
    # A limiter holds the vehicle below the curve as too little power does: time goes on, distance is lost.
    top = np.inf if subject.top_speed_m_per_s is None else subject.top_speed_m_per_s
    cycle = (replace(whole_cycle, speed_m_per_s=np.minimum(whole_cycle.speed_m_per_s, top)),)
    leading = cycle * LEADING_CYCLES
    pair, pair_trace = yield from drive_string(subject, leading, conditions, up_to_m_per_s=LIMIT_m_per_s)
    driven = len(pair) == LEADING_CYCLES and all(one.complete for one in pair)
    # A vehicle with a number moved far may be none that drives in numbers.
    if not driven or not np.isfinite(pair_trace["state_of_charge"][-1]):
        note.miss_all(because(text("two cycles are not driven"), pair_trace.outcome))
        return
    used = float(conditions.state_of_charge - pair_trace["state_of_charge"][-1])
    estimated = LEADING_CYCLES * conditions.state_of_charge / max(used, 1e-6)
    note.line("estimated range, cycles", estimated, "1", "", "UN R101 Annex 7, 1.1")
    if estimated >= SHORTENED_FROM_CYCLES:
        note.remark(SHORTENED)
    count = min(int(estimated * 1.15) + 2, LONGEST_s // len(whole_cycle.speed_m_per_s))
    whole, trace, bounded = yield from drive_to_break_off(
        subject, lambda times: cycle * (times * count), conditions, up_to_m_per_s=LIMIT_m_per_s
    )
    recharged = yield from recharged_J(subject, trace)
    _weigh(note, whole, recharged, bounded)
    note.line("charge at the end", float(trace["state_of_charge"][-1]), "%", "SoC")


def _weigh(note: Recorder, driven: list[Leg], recharged_energy_J: float, bounded: Phrase | None) -> None:
    """Usable energy, weights, range and consumption of a test of consecutive cycles; the range is open where energy is a bound."""
    complete = [(one.energy_J, one.distance_m) for one in driven if one.complete]
    usable = note.line(
        "usable battery energy, at the terminals",
        sum(one.energy_J for one in driven),
        "kWh",
        "UBE",
        END,
    )
    note.line("complete cycles", float(len(complete)), "1", "n", ANNEX)
    lead = sum(distance for _, distance in complete[:LEADING_CYCLES])
    note.line("distance of two cycles", lead, "km", "D", ANNEX)
    mains = note.line("recharged from the mains", recharged_energy_J, "kWh", "E_AC", ANNEX)
    note.section()
    weights, consumption = weighted_consumption(usable, complete, LEADING_CYCLES)
    for number, weight in enumerate(weights[: LEADING_CYCLES + 1], start=1):
        note.line(text("weight of cycle {number}", number=number), weight, "1", f"K_{number}", ANNEX)
    direct = note.line("consumption at the battery's terminals", consumption, "Wh/km", "EC_DC", ANNEX)
    reach = note.line("range", usable / direct, "km", "D_e", ANNEX)
    note.at_least(RANGE, reach, bounded)
    note.result(CONSUMPTION, note.line("consumption", mains / reach, "Wh/km", "C", ANNEX))


SHORTENED = text(
    "from six cycles on the act asks for the shortened test; here every cycle is driven, and the "
    "same formula weighs them"
)
PROCEDURES = (
    Procedure(
        id="un-r101",
        title=text("NEDC range and consumption"),
        regulation="UN R101",
        measures=(RANGE, CONSUMPTION),
        recipe=nedc,
        conditions=("payload_kg",),
        mass_only=("cabin",),
        categories=("M1", "N1"),
    ),
)

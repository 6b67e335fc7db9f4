"""SAE J1634 multi-cycle test and the EPA label of an electric car."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import (
    FULL,
    Leg,
    LONGEST_s,
    Segment,
    constant_speed,
    cycle_segments,
    drive_string,
    drive_to_break_off,
    recharged_J,
)
from covolt.study.procedures.wltp import LEAST_USED, weighted_consumption
from covolt.vehicle.body import EPA_ROLLERS
from covolt.words import text

__all__ = ["LABEL_FACTOR", "PROCEDURES", "equivalent_test_weight_kg", "load_kg"]

ROOM_K = 273.15 + 23.0
CONSTANT_SPEED_m_per_s = 65.0 * 0.44704
POUND_kg = 0.45359237
LOADED_lb = 300.0
"""On top of the kerb mass: the loaded vehicle weight."""
CLASSES_lb = np.concatenate(
    [np.arange(1000.0, 4000.0, 125.0), np.arange(4000.0, 5500.0, 250.0), np.arange(5500.0, 14001.0, 500.0)]
)
"""Test weights, 40 CFR 1066.805, table 1."""
LABEL_FACTOR = 0.7
"""Default adjustment of range and of fuel economy, 40 CFR 600.210-12(d)(3)."""
CITY_SHARE = 0.55
"""40 CFR 600.311-12(j): combined range is the mean of city and highway with weights 0.55 and 0.45."""
MULTI_CYCLE = "SAE J1634, 8"
"""The section of the multi-cycle test, 40 CFR 600.116-12(a)."""
GASOLINE_J_per_US_gallon = 33_705.0 * 3600.0
LABEL_RANGE = Measure("label_range", text("Label range"), "km")
LABEL_CONSUMPTION = Measure("label_consumption", text("Label consumption"), "Wh/km")
_PARTS = {"city": text("city"), "highway": text("highway")}
RANGES = {
    name: Measure(f"range_{name}_unadjusted", text("Range, {part}, unadjusted", part=part), "km")
    for name, part in _PARTS.items()
}
CONSUMPTIONS = {
    name: Measure(f"consumption_{name}_unadjusted", text("Consumption, {part}, unadjusted", part=part), "Wh/km")
    for name, part in _PARTS.items()
}
USABLE_ENERGY = Measure("usable_energy", text("Usable battery energy"), "kWh")
MEASURES = (LABEL_RANGE, LABEL_CONSUMPTION, *RANGES.values(), *CONSUMPTIONS.values(), USABLE_ENERGY)
LAST_SHARE = 0.15
"""Share of the energy meant for the last constant-speed segment, which is to stay below 20 % of the distance."""


def equivalent_test_weight_kg(loaded_kg: float) -> float:
    """The class of test weight in which a loaded vehicle falls: the nearest, a tie to the lighter.

    Classes stand 125 lb apart from 1000 to 4000 lb, 250 lb up to 5500 lb, 500 lb above, 40 CFR 1066.805, table 1.
    """
    return float(CLASSES_lb[np.argmin(np.abs(CLASSES_lb - loaded_kg / POUND_kg))]) * POUND_kg


def load_kg(subject: Subject, given: Given) -> float:
    """Load on the rollers: what makes the kerb mass and 300 lb the test weight of their class, or what is given.

    A car known by its test mass alone is tested at that.
    """
    own_kg = 0.0
    if subject.kerb_mass_kg is not None:
        own_kg = subject.payload_for(equivalent_test_weight_kg(subject.kerb_mass_kg + LOADED_lb * POUND_kg))
    return given.over(Conditions(payload_kg=own_kg)).payload_kg


def multi_cycle(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """UDDS, HFEDS, UDDS, CSC, UDDS, HFEDS, UDDS, CSC to the end; UBE, K and EC as SAE J1634 weighs them; then the label.

    R = UBE / EC_DC,  EC_AC = EC_DC RAF,  RAF = E_AC / UBE;  label = 0.7 of the unadjusted range, 1/0.7 of the consumption.
    Pauses between the cycles, with the key on or off, are not driven: the standstill loads of 15 s to 30 min are left out.
    """
    subject = subject.on_rollers(EPA_ROLLERS)
    payload = load_kg(subject, given)
    note.line(
        "equivalent test weight",
        subject.carried_mass_kg + payload,
        "kg",
        "ETW",
        "40 CFR 1066.805",
    )
    top = subject.top_speed_m_per_s
    if top is not None and top < CONSTANT_SPEED_m_per_s:
        note.miss_all(_TOO_SLOW)
        return
    conditions = Conditions(
        ambient_temperature_K=ROOM_K,
        payload_kg=payload,
        on_dynamometer=True,
        state_of_charge=FULL,
    )
    city, highway = cycle_segments("udds", phases=False), cycle_segments("hwfet", phases=False)
    half = (*city, *highway, *city)
    probed = (*half, constant_speed("csc", CONSTANT_SPEED_m_per_s, 20e3))
    probe, trace = yield from drive_string(subject, probed, conditions)
    if len(probe) < len(half) + 1 or not all(one.complete for one in probe):
        what = text("the first half of the test is not driven")
        note.miss_all(because(what, trace.outcome))
        return
    used = max(float(conditions.state_of_charge - trace["state_of_charge"][-1]), LEAST_USED)
    taken_J = sum(one.energy_J for one in probe)
    held_J = taken_J * conditions.state_of_charge / used
    half_J = taken_J - probe[-1].energy_J
    per_m = probe[-1].consumption_J_per_m
    middle_m = max(((1.0 - LAST_SHARE) * held_J - 2.0 * half_J) / per_m, 2e3)
    begin = (*half, _steady("csc-mid", middle_m), *half)
    driven, trace, bounded = yield from drive_to_break_off(
        subject, lambda times: (*begin, _steady("csc-end", 0.6 * times * held_J / per_m)), conditions
    )
    usable = note.line(
        "usable battery energy, at the terminals",
        sum(one.energy_J for one in driven),
        "kWh",
        "UBE",
        "SAE J1634, 3.13",
    )
    recharged = yield from recharged_J(subject, trace)
    recharge = note.line("recharged from the mains", recharged, "kWh", "E_AC", MULTI_CYCLE)
    factor = note.line("recharge allocation factor", recharge / usable, "1", "RAF", MULTI_CYCLE)
    total_m = sum(one.distance_m for one in driven)
    end_m = sum(one.distance_m for one in driven if one.name == "csc-end")
    note.line(
        "share of the last segment in the distance, at most 20 %",
        end_m / total_m,
        "%",
        "",
        MULTI_CYCLE,
    )
    note.at_least(USABLE_ENERGY, usable, bounded)
    ranges: dict[str, float] = {}
    mains: dict[str, float] = {}
    for name, said in (("udds", "city"), ("hwfet", "highway")):
        note.section()
        direct = _direct_J_per_m(note, driven, name, usable)
        ranges[said] = note.line(
            text("unadjusted range, {part}", part=_PARTS[said]), usable / direct, "mi", "R", MULTI_CYCLE
        )
        mains[said] = note.line(
            text("consumption from the mains, {part}", part=_PARTS[said]),
            direct * factor,
            "Wh/km",
            "EC_AC",
            MULTI_CYCLE,
        )
        note.at_least(RANGES[said], ranges[said], bounded)
        note.result(CONSUMPTIONS[said], mains[said])
    note.section()
    combined = CITY_SHARE * ranges["city"] + (1.0 - CITY_SHARE) * ranges["highway"]
    label = note.line(
        "label range",
        LABEL_FACTOR * combined,
        "mi",
        "",
        "40 CFR 600.311-12(j)",
    )
    per_distance = (CITY_SHARE * mains["city"] + (1.0 - CITY_SHARE) * mains["highway"]) / LABEL_FACTOR
    shown = note.line("label consumption", per_distance, "kWh/100 mi", "", "40 CFR 600.311-12(c)(3)")
    note.line(
        "distance per energy of a US gallon",
        GASOLINE_J_per_US_gallon / per_distance,
        "mi",
        "MPGe",
        "40 CFR 600.311-12(a)",
    )
    note.at_least(LABEL_RANGE, label, bounded)
    note.result(LABEL_CONSUMPTION, shown)


_TOO_SLOW = text(
    "the vehicle is limited below the 65 mph of the multi-cycle test: 40 CFR 600.116-12 (a)(1) then "
    "wants the single-cycle test"
)


def _steady(name: str, distance_m: float) -> Segment:
    """A segment at constant speed, at most half as long as the longest drive."""
    return constant_speed(name, CONSTANT_SPEED_m_per_s, min(distance_m, 0.5 * LONGEST_s * CONSTANT_SPEED_m_per_s))


def _direct_J_per_m(note: Recorder, driven: Sequence[Leg], name: str, usable_J: float) -> float:
    """EC_DC of one cycle: UDDS with K_1 = E_1 / UBE and equal rest, HFEDS with equal weights."""
    parts = [(one.energy_J, one.distance_m) for one in driven if one.name == name and one.complete]
    if name == "udds":
        weights, consumption = weighted_consumption(usable_J, parts)
    else:
        weights = [1.0 / len(parts)] * len(parts)
        consumption = sum(k * energy / distance for k, (energy, distance) in zip(weights, parts, strict=True))
    for number, weight in enumerate(weights, start=1):
        note.line(
            text("weight of {name} {number}", name=name.upper(), number=number),
            weight,
            "1",
            f"K_{number}",
            MULTI_CYCLE,
        )
    said = text("consumption, {name}", name=name.upper())
    return note.line(said, consumption, "Wh/km", "EC_DC", MULTI_CYCLE)


PROCEDURES = (
    Procedure(
        id="sae-j1634",
        title=text("SAE J1634 and EPA label"),
        regulation="SAE J1634; 40 CFR 600",
        measures=MEASURES,
        recipe=multi_cycle,
        conditions=("payload_kg",),
        mass_only=("cabin",),
        categories=("M1", "N1"),
    ),
)

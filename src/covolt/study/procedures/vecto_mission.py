"""Missions of buses and trucks after VECTO: consumption at low and reference loading, and the range of the battery's window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.cycles import Cycle, standard
from covolt.simulation.mission import Conditions, Mission, follow
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.emptying import TEMPERATURES, cycles_in, made_ready, note_comfort
from covolt.study.procedures.heating_fuel import HEATING_FUEL, burnt_J, fuel_signals, miss_fuel, note_fuel, note_off
from covolt.study.procedures.protocol import OWN, Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import STRING_SIGNALS, declared_recharge_J, window_energy_J
from covolt.words import text

__all__ = ["MISSIONS", "PROCEDURES", "Loads", "loads", "of_the_act", "window"]

ROAD_K = 273.15 + 20.0
WINDOW = (0.05, 0.95)
"""Generic window of electric vehicles in declaration mode, of all that the cells hold."""
DETERIORATION = 0.05
PASSENGER_kg = 68.0
"""Of heavy urban, urban and suburban buses; VECTO takes 71 kg between cities."""
PASSENGERS_per_m2 = {1: 3.0, 2: 3.7}
"""Of the floor of urban buses by the number of decks, reference loading."""
FLOOR_CUT_m = 1.2
"""Of the length that no passenger stands on."""
WIDE_m = (2.50, 2.55)
"""Widths in between count as the larger one."""
LOW_SHARE, REFERENCE_SHARE, LONG_HAUL_SHARE = 0.10, 0.50, 0.75
"""Shares of the permissible load that this project takes for vans, and for buses of unknown length or width."""
BUS_LOW_SHARE = 0.20
"""Of the passengers by floor, in heavy urban, urban and suburban missions."""
PAYLOADS_kg = np.array(
    [
        (3500.0, 80.0, 420.0, 630.0),
        (7400.0, 240.0, 1210.0, 1840.0),
        (7500.0, 250.0, 1250.0, 1900.0),
        (16000.0, 920.0, 4600.0, 6900.0),
    ]
)
"""Gross mass, then the loads at 10, 50 and 75 % of trucks up to 16 t; linear in between (VECTO, Payloads.csv)."""
HEAVY_kg = 16e3
HEAVY_kg_by_mission = {"vecto-long-haul": (1900.0, 14000.0), "vecto-regional-delivery": (900.0, 4400.0)}
"""Loads of rigid trucks over 16 t with two axles (group 4)."""
LONG_HAUL = "vecto-long-haul"
OWN_SHARE = text(
    "the load is this project's share of the permissible load, not VECTO's: it needs the length and "
    "width of a bus, and knows no vans"
)
MISSIONS = {
    "vecto-urban-bus": text("urban bus"),
    "vecto-urban-delivery": text("urban delivery"),
    "vecto-regional-delivery": text("regional delivery"),
    LONG_HAUL: text("long haul"),
}
USUAL = {"M2": "vecto-urban-bus", "M3": "vecto-urban-bus", "N3": "vecto-regional-delivery"}
KEPT_PACE = 0.90
"""Share of the asked distance that a vehicle has to cover where it is too weak for the speeds."""
WHOLE_PACE = 0.995
"""Share of it below which a result says so."""
LEAST_SHARE = 0.25
"""Share of the mission that has to be driven before the battery is empty."""
EMPTY_MARGIN = 0.02
_LOADED = (
    ("low", text("low loading")),
    ("reference", text("reference loading")),
)
CONSUMPTION = {
    one: Measure(f"consumption_{one}", text("Consumption, {said}", said=said), "kWh/km") for one, said in _LOADED
}
RANGE = {one: Measure(f"range_{one}", text("Range, {said}", said=said), "km") for one, said in _LOADED}
PER_TONNE = Measure("consumption_per_tonne", text("Consumption per tonne-kilometre"), "Wh/(t km)")
PER_PASSENGER = Measure("consumption_per_passenger", text("Consumption per passenger-kilometre"), "Wh/km")


@dataclass(frozen=True)
class Loads:
    """Masses carried in a mission."""

    low_kg: float
    reference_kg: float


@dataclass(frozen=True)
class _MissionDrive:
    """What one drive took, up to its end or to the empty battery."""

    distance_m: float
    asked_m: float
    terminal_J: float
    stored_J: float
    fuel_J: float
    trace: Trace


def loads(subject: Subject, mission: str) -> Loads:
    """Low and reference loading, never more than is permitted.

    Rigid trucks over 16 t by their group; trucks up to 16 t by gross mass. Buses by passengers of 68 kg on the floor,
    n = (length - 1.2 m) width * density, the reference no more than the declared passengers, low 20 % of n.
    Source: declaration data of VECTO (a public copy of the Commission's program: GenericSOC, Payloads, SegmentTable, bus loadings).
    Validity: what lacks length or width, and vans, take shares of the permissible load, which is not VECTO's (`of_the_act`).
    """
    most_kg = subject.maximum_load_kg or 0.0
    low_kg, reference_kg = _of_the_act(subject, mission) or _shares(subject, mission, most_kg)
    return Loads(min(low_kg, most_kg), min(reference_kg, most_kg))


def of_the_act(subject: Subject, mission: str) -> bool:
    """Whether the loads are those that VECTO prescribes for this vehicle, and not this project's."""
    return _of_the_act(subject, mission) is not None


def _of_the_act(subject: Subject, mission: str) -> tuple[float, float] | None:
    laden_kg = (subject.kerb_mass_kg or 0.0) + (subject.maximum_load_kg or 0.0)
    if subject.category == "N3" and laden_kg > HEAVY_kg:
        return HEAVY_kg_by_mission.get(mission)
    if subject.category in {"N2", "N3"}:
        gross_kg, low, half, most = PAYLOADS_kg.T
        reference = most if mission == LONG_HAUL else half
        return float(np.interp(laden_kg, gross_kg, low)), float(np.interp(laden_kg, gross_kg, reference))
    if subject.category.startswith("M") and subject.length_m is not None and subject.width_m is not None:
        width_m = WIDE_m[1] if WIDE_m[0] <= subject.width_m <= WIDE_m[1] else subject.width_m
        floor_m2 = max(subject.length_m - FLOOR_CUT_m, 0.0) * width_m
        count = PASSENGERS_per_m2[subject.decks] * floor_m2
        declared = count if subject.passengers is None else min(count, float(subject.passengers))
        return BUS_LOW_SHARE * count * PASSENGER_kg, declared * PASSENGER_kg
    return None


def _shares(subject: Subject, mission: str, most_kg: float) -> tuple[float, float]:
    if subject.category.startswith("M"):
        return BUS_LOW_SHARE * REFERENCE_SHARE * most_kg, REFERENCE_SHARE * most_kg
    reference = LONG_HAUL_SHARE if mission == LONG_HAUL else REFERENCE_SHARE
    return LOW_SHARE * most_kg, reference * most_kg


def window(subject: Subject) -> tuple[float, float]:
    """Charge of the cells at both ends of what is used: the vehicle's own window, within the generic 5 to 95 %."""
    battery = subject.vehicle.battery
    low, high = (float(np.asarray(battery.cell_charge_fraction(end))) for end in (0.0, 1.0))
    return max(low, WINDOW[0]), min(high, WINDOW[1])


def _used(subject: Subject) -> tuple[float, float]:
    """The same as states of charge of the vehicle."""
    battery = subject.vehicle.battery
    empty, full = (float(np.asarray(battery.cell_charge_fraction(end))) for end in (0.0, 1.0))
    lowest, highest = ((end - empty) / (full - empty) for end in window(subject))
    return lowest, highest


def missions(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """One mission with low and with reference loading, from the top of the window, at 20 degC with the comforts off.

    Range = distance * (window / used charge) * (1 - deterioration); EC = energy from the mains / distance. In a given weather the
    comforts are on and the mission is driven again and again to the bottom of the window, so that the warm-up counts once.
    """
    cycle = standard(given.cycle or USUAL.get(subject.category, "vecto-urban-delivery"))
    _note_mission(note, cycle)
    if given.ambient_temperature_K is None:
        note_off(note)
    lowest, highest = window(subject)
    note.line("lowest charge of the cells in use", lowest, "%", "SOC_min", "VECTO, 5-95 %")
    note.line("highest charge of the cells in use", highest, "%", "SOC_max", "VECTO, 5-95 %")
    carried = loads(subject, cycle.name)
    reference_kg = given.over(Conditions(payload_kg=carried.reference_kg)).payload_kg
    if not of_the_act(subject, cycle.name):
        note.remark(OWN_SHARE)
    yield from _loaded(note, subject, given, cycle, "low", carried.low_kg)
    consumption = yield from _loaded(note, subject, given, cycle, "reference", reference_kg)
    _per_load(note, subject, consumption, reference_kg)


def _note_mission(note: Recorder, cycle: Cycle) -> None:
    driven = cycle.name in MISSIONS
    note.line(
        "length; speeds once driven by a vehicle of this size, not target speeds" if driven else "length of the cycle",
        cycle.distance_m,
        "km",
        "s",
        "VECTO mission" if driven else "",
    )
    note.line("mean speed asked", cycle.mean_speed_m_per_s, "km/h", "v_m")
    if cycle.grade_fraction is not None:
        slope = 0.5 * (cycle.grade_fraction[1:] + cycle.grade_fraction[:-1])
        step_m = 0.5 * (cycle.speed_m_per_s[1:] + cycle.speed_m_per_s[:-1]) * np.diff(cycle.time_s)
        climb_m = float(np.sum(np.maximum(slope, 0.0) * step_m))
        note.line("metres climbed", climb_m, "m", "h_up")


def _loaded(
    note: Recorder, subject: Subject, given: Given, cycle: Cycle, loading: str, payload_kg: float
) -> Asking[float | None]:
    """Drive with one loading; its lines and measures; consumption from the mains."""
    said = dict(_LOADED)[loading]
    measures = (CONSUMPTION[loading], RANGE[loading])
    note.section()
    own_load = given.payload_kg is not None and loading == "reference"
    clause = "VECTO, loads" if not own_load and of_the_act(subject, cycle.name) else OWN
    note.line(text("load, {loading}", loading=said), payload_kg, "kg", "m_L", clause)
    note.line(text("driven mass, {loading}", loading=said), subject.carried_mass_kg + payload_kg, "kg", "m")
    lowest, highest = _used(subject)
    weather_K = given.ambient_temperature_K
    stated = given.over(Conditions(ambient_temperature_K=ROAD_K))
    conditions = replace(stated, payload_kg=payload_kg, comforts_on=weather_K is not None, state_of_charge=highest)
    driven = yield from _drive(subject, cycle, made_ready(given, conditions), lowest)
    share = driven.distance_m / cycle.distance_m
    if driven.distance_m < KEPT_PACE * driven.asked_m or share < LEAST_SHARE:
        for measure in measures:
            note.miss(
                measure,
                because(
                    text("{share:.0f} % of the mission is driven", share=100 * share),
                    driven.trace.outcome,
                ),
            )
        if loading == "reference" and weather_K is not None:
            miss_fuel(note, subject, because(text("the mission is not driven"), driven.trace.outcome))
        return None
    note.line(text("share of the mission driven, {loading}", loading=said), share, "%")
    drawn = driven.terminal_J / driven.distance_m
    note.line(text("from the battery, {loading}", loading=said), drawn, "kWh/km", "EC_DC", "VECTO")
    mains = declared_recharge_J(subject, driven.stored_J, note) / driven.distance_m
    note.result(
        CONSUMPTION[loading],
        note.line(text("from the mains, {loading}", loading=said), mains, "kWh/km", "EC", "VECTO"),
    )
    held_J = note.line(
        text("energy of the window, {loading}", loading=said),
        window_energy_J(subject, lowest, highest),
        "kWh",
        "E_win",
        "VECTO",
    )
    whole = held_J / driven.stored_J
    new_m = note.line(text("range of the window, {loading}", loading=said), driven.distance_m * whole, "km")
    # A stated health is the deterioration itself.
    lost = DETERIORATION if given.state_of_health_fraction >= 1.0 else 0.0
    reach = note.line(
        text("range less deterioration, {loading}", loading=said),
        new_m * (1.0 - lost),
        "km",
        "R",
        "VECTO",
    )
    note.result(RANGE[loading], reach)
    if weather_K is not None:
        note_comfort(note, subject, driven.trace, measures)
    pace = driven.distance_m / driven.asked_m
    if pace < WHOLE_PACE:
        for measure in measures:
            short = text("{pace:.1f} % of the asked distance is covered", pace=100 * pace)
            note.shortfall(measure, because(short, driven.trace.outcome))
    if loading == "reference" and weather_K is not None:
        note_fuel(note, subject, driven.fuel_J, driven.distance_m, reach)
    return mains


def _drive(subject: Subject, cycle: Cycle, conditions: Conditions, lowest_fraction: float) -> Asking[_MissionDrive]:
    made = [follow(cycle, conditions)]
    if conditions.comforts_on:
        first = yield from ask(subject.vehicle, made[0])
        made = [follow(cycle.repeated(count), conditions) for count in cycles_in(conditions, first)]
    *likely, last = made
    for mission in likely:
        trace = yield from _emptying(subject, mission)
        if _is_empty(trace, lowest_fraction).any():
            break
    else:
        trace = yield from _emptying(subject, last)
    charge, empty = trace["state_of_charge"], _is_empty(trace, lowest_fraction)
    end = max(int(np.argmax(empty)), 1) if empty.any() else len(charge)
    dt_s = trace.result.mission.dt_s
    asked = trace.result.mission.profile["target_m_per_s"]
    return _MissionDrive(
        distance_m=float(np.sum(trace["mean_speed_m_per_s"][:end])) * dt_s,
        asked_m=float(np.sum(asked[:end])) * dt_s,
        terminal_J=float(-np.sum(trace["battery_power_W"][:end])) * dt_s,
        stored_J=abs(float(np.sum(trace["battery_open_circuit_power_W"][:end])) * dt_s),
        fuel_J=burnt_J(trace, 0, end),
        trace=trace,
    )


def _emptying(subject: Subject, mission: Mission) -> Asking[Trace]:
    return ask(subject.vehicle, mission, *STRING_SIGNALS, *TEMPERATURES, *fuel_signals(subject))


def _is_empty(trace: Trace, lowest_fraction: float) -> np.ndarray:
    return trace["state_of_charge"] <= lowest_fraction + EMPTY_MARGIN


def _per_load(note: Recorder, subject: Subject, mains_J_per_m: float | None, load_kg: float) -> None:
    """Consumption by what is carried: tonne-kilometres of goods, passenger-kilometres of people."""
    people = subject.category.startswith("M")
    wanted, other = PER_TONNE, PER_PASSENGER
    if people:
        wanted, other = other, wanted
    note.miss(
        other,
        text("the vehicle carries people") if people else text("the vehicle carries goods"),
    )
    if mains_J_per_m is None or load_kg <= 0.0:
        note.miss(
            wanted,
            text("the mission is not driven") if mains_J_per_m is None else text("nothing is carried"),
        )
        return
    note.section()
    if not people:
        found = note.line("per tonne-kilometre", mains_J_per_m / load_kg, "Wh/(t km)", "EC_tkm")
    else:
        count = note.line("passengers", load_kg / PASSENGER_kg, "1", "n", "VECTO, 68 kg")
        found = note.line("per passenger-kilometre", mains_J_per_m / count, "Wh/km", "EC_pkm")
    note.result(wanted, found)


PROCEDURES = (
    Procedure(
        id="vecto-mission",
        title=text("Mission after VECTO"),
        regulation="VECTO; (EU) 2017/2400",
        measures=(*CONSUMPTION.values(), *RANGE.values(), PER_TONNE, PER_PASSENGER, *HEATING_FUEL),
        validation_level=0,
        recipe=missions,
        conditions=("cycle", "ambient_temperature_K", "payload_kg", "start", "state_of_health_fraction"),
        mass_only=("cabin",),
        categories=("M2", "M3", "N1", "N2", "N3"),
    ),
)

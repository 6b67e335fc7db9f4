"""Cold and heat: range, comfort and readiness from -40 to +40 degC, soaked or made ready at the mains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import HIGHEST_AMBIENT_K, LOWEST_AMBIENT_K, ZERO_CELSIUS_K, Conditions, full_throttle
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.emptying import (
    COMFORT_K,
    Reach,
    SWING_s,
    comfort_K,
    made_ready,
    note_comfort,
    note_reach,
    until_empty,
)
from covolt.study.procedures.heating_fuel import HEATING_FUEL, heater_of, miss_fuel, note_fuel
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import (
    FULL,
    LABORATORY_K,
    cycle_segments,
    declared_recharge_J,
    test_mass_kg,
    within,
)
from covolt.study.procedures.track import MOTION, road_mass_kg, time_between_s
from covolt.words import text

__all__ = ["PROCEDURES", "note_time_to_comfort"]

COLD_K = 273.15 - 20.0
HOT_K = 273.15 + 40.0
SUN_W_per_m2 = 1000.0
PARKED_K = 20.0
"""How much hotter than the air the cabin of a car is that is parked in the sun, an estimate."""
SWEEP_K = (-40.0, -30.0, -20.0, -10.0, 0.0, 10.0, 23.0, 35.0)


RANGE = Measure("range", text("Range"), "km")
RANGE_CHANGE = Measure("range_change", text("Change of range against 23 degC"), "%", -1.0)
CONSUMPTION = Measure("consumption", text("Consumption"), "Wh/km")
TIME_TO_COMFORT = Measure("time_to_comfort", text("Time to comfort"), "min")
CABIN = {
    minutes: Measure(f"cabin_{minutes}_min", text("Cabin after {minutes} min", minutes=minutes), "degC")
    for minutes in (5, 10, 20)
}
TIME_0_50 = Measure("time_0_50", text("0 to 50 km/h, cold"), "s")
BATTERY = Measure("battery_temperature", text("Hottest battery"), "degC")
WORST_RANGE = Measure("worst_range", text("Range at the worst temperature"), "km")
WORST_OVER_BEST = Measure("worst_over_best", text("Worst over best"), "%", 0.0, 1.0)


def _conditions(subject: Subject, given: Given, own_ambient_K: float, sun_W_per_m2: float) -> Conditions:
    own = Conditions(
        ambient_temperature_K=own_ambient_K,
        payload_kg=subject.payload_for(test_mass_kg(subject)),
        comforts_on=True,
        sun_W_per_m2=sun_W_per_m2,
        state_of_charge=FULL,
    )
    soaked = given.over(own)
    if sun_W_per_m2 > 0.0:
        soaked = replace(soaked, cabin_temperature_K=soaked.ambient_temperature_K + PARKED_K)
    return made_ready(given, soaked)


def _drive(subject: Subject, given: Given, conditions: Conditions) -> Asking[tuple[Trace, Reach | None]]:
    """The cycle again and again until the battery is empty, and how far it takes it."""
    cycle = within(subject, cycle_segments(given.cycle or _usual_cycle(subject), phases=False))
    _, trace, found = yield from until_empty(subject, cycle, conditions)
    return trace, found


def _usual_cycle(subject: Subject) -> str:
    return "wltc-3b" if subject.category in {"M1", "N1"} else "sort-2"


def _chamber(
    note: Recorder, subject: Subject, given: Given, conditions: Conditions
) -> Asking[tuple[Trace, Reach | None]]:
    """Range at an ambient, against 23 degC with the comforts off, and how the cabin came along."""
    ambient_K = conditions.ambient_temperature_K
    note.line("ambient", ambient_K, "degC", "T_a")
    note.line("battery at the start", conditions.battery_temperature_K or ambient_K, "degC", "T_b")
    note.line("cabin at the start", conditions.cabin_temperature_K or ambient_K, "degC", "T_c")
    trace, found = yield from _drive(subject, given, conditions)
    if found is None:
        for measure in (RANGE, RANGE_CHANGE, CONSUMPTION):
            note.miss(measure, because(text("not one cycle is driven"), trace.outcome))
    else:
        far = note_reach(note, found)
        also = (TIME_TO_COMFORT, *CABIN.values())
        note_comfort(note, subject, trace, (RANGE, RANGE_CHANGE, CONSUMPTION), also)
        note.result(RANGE, far)
        recharged = declared_recharge_J(subject, found.cells_J, note)
        said = text("recharged from the mains at 23 degC")
        mains = note.line(said, recharged, "kWh", "E_AC")
        note.result(CONSUMPTION, note.line("consumption", mains / far, "Wh/km", "EC"))
        mild = Conditions(
            ambient_temperature_K=LABORATORY_K,
            payload_kg=conditions.payload_kg,
            state_of_charge=conditions.state_of_charge,
        )
        _, mildly = yield from _drive(subject, given, mild)
        if mildly is None:
            note.miss(RANGE_CHANGE, text("no cycle is driven at 23 degC"))
        else:
            said = text("range at 23 degC, comforts off")
            usual = note.line(said, mildly.distance_m, "km", "R_23")
            said = text("change of range")
            note.result(RANGE_CHANGE, note.line(said, far / usual - 1.0, "%", "R/R_23 - 1"))
    note.section()
    for minutes, measure in CABIN.items():
        step = min(60 * minutes, len(trace.time_s)) - 1
        warm = note.line(
            text("cabin after {minutes} min", minutes=minutes),
            float(trace["cabin_temperature_K"][step]),
            "degC",
        )
        note.result(measure, warm)
    return trace, found


def cold(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """The drive at -20 degC, or as given, and whether the cold car still accelerates; comforts on, on the road."""
    conditions = _conditions(subject, given, COLD_K, 0.0)
    trace, found = yield from _chamber(note, subject, given, conditions)
    note_time_to_comfort(note, subject, trace, found, warm=True)
    if found is None:
        miss_fuel(note, subject, because(text("not one cycle is driven"), trace.outcome))
    else:
        note_fuel(note, subject, found.fuel_J, found.distance_m, found.distance_m)
    note.section()
    start = replace(
        conditions,
        payload_kg=subject.payload_for(road_mass_kg(subject)),
        state_of_charge=0.95,
    )
    launch = yield from ask(subject.vehicle, full_throttle(90.0, start), *MOTION)
    quick = time_between_s(launch, 0.0, 50.0 / 3.6)
    if quick is None:
        note.miss(TIME_0_50, because(text("50 km/h is not reached"), launch.outcome))
    else:
        note.result(TIME_0_50, note.line("0 to 50 km/h, cold", quick, "s"))


def hot_soak(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Parked in the sun at +40 degC, then driven with the air conditioning on: time to comfort, consumption, range."""
    conditions = _conditions(subject, given, HOT_K, SUN_W_per_m2)
    ambient_K = conditions.ambient_temperature_K
    trace, found = yield from _chamber(note, subject, given, conditions)
    note_time_to_comfort(note, subject, trace, found, warm=False)
    hottest = max(ambient_K, float(np.max(trace["battery_temperature_K"])))
    if hottest == ambient_K:
        at_rest = text("as hot as the air in which it stood")
        note.at_stop(BATTERY, at_rest)
    note.result(BATTERY, note.line("hottest battery", hottest, "degC"))


def over_temperature(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Range over the ambient from -40 to +35 degC, soaked, comforts on: the curve of the report and its worst point."""
    ranges: list[float] = []
    worst: Trace | None = None
    for celsius in SWEEP_K:
        ambient_K = 273.15 + celsius
        conditions = _conditions(subject, given, ambient_K, 0.0)
        trace, found = yield from _drive(subject, given, conditions)
        if found is None:
            said = text("not one cycle is driven at {celsius:g} degC", celsius=celsius)
            note.miss_all(because(said, trace.outcome))
            return
        said = text("range at {celsius:g} degC", celsius=celsius)
        ranges.append(note.line(said, found.distance_m, "km"))
        if ranges[-1] == min(ranges):
            worst = trace
    if worst is not None:
        note_comfort(note, subject, worst, (WORST_RANGE, WORST_OVER_BEST))
    note.result(WORST_RANGE, min(ranges))
    note.result(WORST_OVER_BEST, min(ranges) / max(ranges))
    note.curve(
        curve_of(
            text("Range over temperature"),
            text("Ambient temperature"),
            "degC",
            np.array(SWEEP_K),
            {text("range"): np.array(ranges) / 1e3},
            "km",
            {"worst_range": (float(SWEEP_K[0]), float(SWEEP_K[-1]))},
        )
    )


def note_time_to_comfort(note: Recorder, subject: Subject, trace: Trace, found: Reach | None, *, warm: bool) -> None:
    """When the cabin is comfortable for good: from then on it stays so until the battery is empty.

    Read between steps; a cabin that is comfortable first and leaves that later counts from when it comes back, or never. That of
    a thermostat of stages swings with the doors: its mean of ten minutes counts, and only where it holds for as long.
    """
    target_K, end_m = comfort_K(subject, warm=warm), float("inf") if found is None else found.distance_m
    conditions = trace.result.mission.conditions
    start_K = conditions.cabin_temperature_K or conditions.ambient_temperature_K
    driven = max(int(np.searchsorted(trace.distance_m, end_m, side="right")), 1)
    swings = heater_of(subject) is not None
    cabin_K = np.concatenate([[start_K], trace["cabin_temperature_K"][:driven]])
    if swings:
        cabin_K = _mean_of_last(cabin_K, round(SWING_s / trace.result.mission.dt_s))
    lacking_K = target_K - cabin_K if warm else cabin_K - target_K
    said = text("time to comfort, held to the end of the range")
    short = np.flatnonzero(lacking_K > 0.0)
    if not len(short):
        note.at_stop(TIME_TO_COMFORT, text("comfortable from the start"))
        note.result(TIME_TO_COMFORT, note.line(said, 0.0, "min"))
        return
    last = int(short[-1])
    if last == driven:
        end, once = float(cabin_K[-1]) - ZERO_CELSIUS_K, len(short) <= driven
        back = text("the cabin falls back to {end:.0f} degC", end=end)
        note.miss(TIME_TO_COMFORT, back if once else text("the cabin stays at {end:.0f} degC", end=end))
        return
    clock = np.concatenate([[0.0], trace.time_s[:driven]])
    share = lacking_K[last] / (lacking_K[last] - lacking_K[last + 1])
    seconds = float(clock[last] + share * (clock[last + 1] - clock[last]))
    if swings and clock[-1] - seconds < SWING_s:
        note.miss(TIME_TO_COMFORT, text("the cabin swings about {target:.0f} degC", target=target_K - ZERO_CELSIUS_K))
        return
    note.result(TIME_TO_COMFORT, note.line(said, seconds, "min"))


def _mean_of_last(values: np.ndarray, count: int) -> np.ndarray:
    """Mean of so many values up to each, of all before where there are fewer."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    first = np.maximum(ends - count, 0)
    return (total[ends] - total[first]) / (ends - first)


_MEASURES = (RANGE, RANGE_CHANGE, CONSUMPTION, TIME_TO_COMFORT, *CABIN.values())
COLDEST_COMPARED_K = 273.15 - 31.0
"""Of published ranges, NAF 2026."""
_CHAMBER = "climate chamber"
_CONDITIONS = ("cycle", "ambient_temperature_K", "payload_kg", "start", "state_of_health_fraction")
PROCEDURES = (
    Procedure(
        id="cold",
        title=text("Cold chamber"),
        regulation="customer; GOST 15150",
        measures=(*_MEASURES, TIME_0_50, *HEATING_FUEL),
        compared=(RANGE.id, RANGE_CHANGE.id, CONSUMPTION.id),
        compared_down_to_K=COLDEST_COMPARED_K,
        # Warmer, no cabin asks for heat.
        ambients_K=(LOWEST_AMBIENT_K, COMFORT_K),
        recipe=cold,
        shares_drives=_CHAMBER,
        conditions=_CONDITIONS,
    ),
    Procedure(
        id="hot-soak",
        title=text("Hot soak"),
        regulation="customer",
        measures=(*_MEASURES, BATTERY),
        validation_level=0,
        ambients_K=(LABORATORY_K, HIGHEST_AMBIENT_K),
        recipe=hot_soak,
        shares_drives=_CHAMBER,
        conditions=_CONDITIONS,
    ),
    Procedure(
        id="range-over-temperature",
        title=text("Range over temperature"),
        regulation="customer",
        measures=(WORST_RANGE, WORST_OVER_BEST),
        validation_level=0,
        recipe=over_temperature,
        shares_drives=_CHAMBER,
        conditions=("cycle", "payload_kg", "start"),
    ),
)

"""Five-cycle EPA label of an electric car: FTP, HFET, US06, SC03 with air conditioning and cold FTP, 40 CFR 600.114-12."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.cycles import after_soak, standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Ask, Asking, ask_all
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.sae_j1634 import (
    CITY_SHARE,
    CONSUMPTIONS,
    LABEL_RANGE,
    RANGES,
    USABLE_ENERGY,
    load_kg,
    multi_cycle,
)
from covolt.study.procedures.sae_j1634 import MEASURES as MULTI_CYCLE_MEASURES
from covolt.study.procedures.segments import FULL, terminal_power_W
from covolt.vehicle.body import EPA_ROLLERS
from covolt.words import Phrase, Words, joined, text

__all__ = ["PROCEDURES", "Bags", "city", "highway"]

MILE_m = 1609.344
ROOM_K = 273.15 + 23.9
"""75 degF."""
COLD_K = 273.15 - 6.7
"""20 degF."""
HOT_K = 273.15 + 35.0
"""95 degF, 40 CFR 86.160-00 (a)."""
SUN_W_per_m2 = 850.0
"""40 CFR 86.160-00 (a)."""
SHARES = np.array([CITY_SHARE, 1.0 - CITY_SHARE])
"""City and highway in what is combined."""
US06_HIGHWAY_s = (130, 495)
"""The highway part of US06; the rest is its city part. The car stands from 128 to 135 s and from 493 to 500 s."""
CHARGED = 0.9
"""Share of the full charge from which each single cycle starts, so that the battery can take energy back."""
KEPT_PACE = 0.98
"""Share of the asked distance below which a cycle counts as not driven: US06 may be missed for moments at full power."""
WHOLE_PACE = 0.999
"""Share of it below which the label says so."""
OFF_DYNAMOMETER = 0.905
"""What wind, hills, tyres and the like leave of the distance per energy; laid down for all vehicles."""


@dataclass(frozen=True)
class Bags:
    """Energy per distance from the battery in the parts of the five cycles, J/m. Warm is at 75 degF, cold at 20 degF.

    The three bags of an FTP: cold transient, stabilised, hot transient.
    """

    warm_J_per_m: tuple[float, float, float]
    cold_J_per_m: tuple[float, float, float]
    us06_city_J_per_m: float
    us06_highway_J_per_m: float
    hfet_J_per_m: float
    sc03_J_per_m: float


def _start(bags: Bags) -> float:
    """Energy of a cold start, weighted over the seasons: 0.33 (0.76 S_75 + 0.24 S_20),  S = 3.6 mi (bag 1 - bag 3)."""
    warm, cold = (3.6 * MILE_m * (one[0] - one[2]) for one in (bags.warm_J_per_m, bags.cold_J_per_m))
    return 0.33 * (0.76 * warm + 0.24 * cold)


def _cooling(bags: Bags) -> float:
    """What air conditioning adds: SC03 less like driving at 75 degF, 0.133 (SC03 - (0.61 bag 3 + 0.39 bag 2))."""
    return 0.133 * (bags.sc03_J_per_m - (0.61 * bags.warm_J_per_m[2] + 0.39 * bags.warm_J_per_m[1]))


def city(bags: Bags) -> float:
    """Five-cycle city consumption, 40 CFR 600.114-12 (a), fuel replaced by energy from the battery.

    EC = (S / 4.1 mi + 0.82 (0.48 bag 2 + 0.41 bag 3 + 0.11 US06 city) + 0.18 (0.5 bag 2 + 0.5 bag 3 cold) + 1.083 A) / 0.905
    """
    running = 0.82 * (0.48 * bags.warm_J_per_m[1] + 0.41 * bags.warm_J_per_m[2] + 0.11 * bags.us06_city_J_per_m)
    running += 0.18 * (0.5 * bags.cold_J_per_m[1] + 0.5 * bags.cold_J_per_m[2])
    return (_start(bags) / (4.1 * MILE_m) + running + 1.083 * _cooling(bags)) / OFF_DYNAMOMETER


def highway(bags: Bags) -> float:
    """Five-cycle highway consumption, EC = (S / 60 mi + 1.007 (0.79 US06 highway + 0.21 HFET) + 0.377 A) / 0.905."""
    running = 1.007 * (0.79 * bags.us06_highway_J_per_m + 0.21 * bags.hfet_J_per_m)
    return (_start(bags) / (60.0 * MILE_m) + running + 0.377 * _cooling(bags)) / OFF_DYNAMOMETER


def label(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """The five cycles each alone, their two equations, and the range: the multi-cycle test's times the ratio of both labels.

    factor = EC_2 / EC_5,  each 0.55 city + 0.45 highway;  range = factor * unadjusted range.
    EC_2 are the multi-cycle test's own UDDS and HFEDS, so that in a car of equal rest the label is UBE / EC_5.
    """
    subject = subject.on_rollers(EPA_ROLLERS)
    own = Recorder("sae-j1634", MULTI_CYCLE_MEASURES)
    yield from multi_cycle(subject, given, own)
    unadjusted = own.record()
    found = unadjusted.measures
    if LABEL_RANGE.id in unadjusted.open:
        for measure in _MEASURES:
            note.open(measure, None, None, unadjusted.open[LABEL_RANGE.id].why)
        return
    if RANGES["city"].id not in found:
        note.miss_all(unadjusted.missing[LABEL_RANGE.id])
        return
    bags = yield from _bags(note, subject, given)
    if isinstance(bags, Phrase):
        note.miss_all(bags)
        return
    _note_bags(note, bags)
    note.section()
    where = "40 CFR 600.114-12"
    five = note.line("city, five cycles", city(bags), "Wh/mi", "EC_5,city", where)
    five_highway = note.line("highway, five cycles", highway(bags), "Wh/mi", "EC_5,hwy", where)
    city_m, highway_m = (found[RANGES[one].id] for one in ("city", "highway"))
    usable = found[USABLE_ENERGY.id]
    two, two_highway = usable / city_m, usable / highway_m
    clause = "SAE J1634, 8"
    note.line("city, multi-cycle test", two, "Wh/mi", "EC_2,city", clause)
    note.line("highway, multi-cycle test", two_highway, "Wh/mi", "EC_2,hwy", clause)
    adjusted, plain = float(SHARES @ (five, five_highway)), float(SHARES @ (two, two_highway))
    clause = "40 CFR 600.210-12(d)(3)"
    factor = note.line("adjustment factor", plain / adjusted, "1", "EC_2/EC_5", clause)
    ranges = float(SHARES @ (city_m, highway_m))
    note.line("unadjusted range", ranges, "mi", "R", "SAE J1634, 8")
    reach = note.line("label range, five cycles", factor * ranges, "mi", "", clause)
    mains = float(SHARES @ tuple(found[CONSUMPTIONS[one].id] for one in ("city", "highway"))) / factor
    note.line("label consumption, five cycles", mains, "kWh/100 mi", "", clause)
    note.result(RANGE, reach)
    note.result(FACTOR, factor)
    note.result(CONSUMPTION, mains)
    note.result(CITY_RATIO, five / two)
    note.result(HIGHWAY_RATIO, five_highway / two_highway)


def _bags(note: Recorder, subject: Subject, given: Given) -> Asking[Bags | Phrase]:
    """Drive the cycles; the words of the first that is not driven.

    US06 and HFET are driven twice and the second counts: both are tests of a warm vehicle, 40 CFR 86.158-00 (c). SC03 follows ten
    minutes after a UDDS in the same heat, which warms up a vehicle that stood; air conditioning is on in both, 40 CFR 86.160-00 (a).
    """
    room = Conditions(
        ambient_temperature_K=ROOM_K,
        payload_kg=load_kg(subject, given),
        on_dynamometer=True,
        state_of_charge=CHARGED * FULL,
    )
    cold = replace(room, ambient_temperature_K=COLD_K, comforts_on=True)
    hot = replace(room, ambient_temperature_K=HOT_K, comforts_on=True, sun_W_per_m2=SUN_W_per_m2)
    ftp = follow(standard("ftp"), room)
    missions = {
        "warm": ftp,
        "cold": ftp.under(cold),
        "sc03": follow(after_soak(standard("udds"), standard("sc03")), hot),
        "us06": follow(standard("us06").repeated(2), room),
        "hfet": follow(standard("hwfet").repeated(2), room),
    }
    top = np.inf if subject.top_speed_m_per_s is None else subject.top_speed_m_per_s
    for mission in missions.values():
        fastest = float(np.max(mission.profile["target_m_per_s"]))
        if fastest > top:
            return text(
                "{name} asks for {fastest:.0f} km/h, and the vehicle is limited to {top:.0f}",
                name=mission.name,
                fastest=3.6 * fastest,
                top=3.6 * top,
            )
    signals = ("mean_speed_m_per_s", "battery_power_W")
    answers = yield from ask_all([Ask(subject.vehicle, mission, signals) for mission in missions.values()])
    traces = dict(zip(missions, answers, strict=True))
    for name, mission in missions.items():
        asked_m = float(np.sum(mission.profile["target_m_per_s"]))
        pace = float(np.sum(traces[name]["mean_speed_m_per_s"])) / asked_m
        if KEPT_PACE <= pace < WHOLE_PACE:
            for measure in _MEASURES:
                said = text("{name}: {pace:.1f} % of its distance", name=mission.name, pace=100 * pace)
                note.shortfall(measure, because(said, traces[name].outcome))
        if pace < KEPT_PACE:
            return because(text("{name}, {test}, is not driven", name=mission.name, test=name), traces[name].outcome)
    us06, hfet = traces["us06"], traces["hfet"]
    begin, end = us06.result.mission.count // 2, us06.result.mission.count
    first, last = (begin + second for second in US06_HIGHWAY_s)
    return Bags(
        warm_J_per_m=_ftp_bags(traces["warm"]),
        cold_J_per_m=_ftp_bags(traces["cold"]),
        us06_city_J_per_m=_per_m(us06, (begin, first), (last, end)),
        us06_highway_J_per_m=_per_m(us06, (first, last)),
        hfet_J_per_m=_per_m(hfet, (hfet.result.mission.count // 2, hfet.result.mission.count)),
        sc03_J_per_m=_phase(traces["sc03"], "sc03"),
    )


def _ftp_bags(trace: Trace) -> tuple[float, float, float]:
    """Cold transient, stabilised and hot transient phase; the soak between them does not count."""
    return _phase(trace, "cold-transient"), _phase(trace, "cold-stabilised"), _phase(trace, "hot-transient")


def _phase(trace: Trace, name: str) -> float:
    bounds = {phase: (first, last) for phase, first, last in trace.result.mission.phases}
    return _per_m(trace, bounds[name])


def _per_m(trace: Trace, *parts: tuple[int, int]) -> float:
    """Energy from the battery's terminals per distance over stretches of seconds."""
    power_W, step_m = terminal_power_W(trace), trace["mean_speed_m_per_s"]
    energy = sum(float(np.sum(power_W[first:last])) for first, last in parts)
    return energy / sum(float(np.sum(step_m[first:last])) for first, last in parts)


_SAID = {
    "warm": text("FTP at 75 degF"),
    "cold": text("FTP at 20 degF, heating on"),
}
_BAGS = (
    text("cold transient"),
    text("stabilised"),
    text("hot transient"),
)


def _note_bags(note: Recorder, bags: Bags) -> None:
    for values, said in ((bags.warm_J_per_m, _SAID["warm"]), (bags.cold_J_per_m, _SAID["cold"])):
        note.section()
        for number, (value, bag) in enumerate(zip(values, _BAGS, strict=True), start=1):
            note.line(joined((said, bag), ", "), value, "Wh/mi", f"bag {number}", "40 CFR 1066.801")
    note.section()
    note.line("US06, city part", bags.us06_city_J_per_m, "Wh/mi", "", "40 CFR 600.114-12")
    note.line("US06, highway part", bags.us06_highway_J_per_m, "Wh/mi", "", "40 CFR 600.114-12")
    note.line(Words("HFET"), bags.hfet_J_per_m, "Wh/mi", "", "40 CFR 600.114-12")
    note.line(
        "SC03 at 95 degF in the sun, air conditioning on",
        bags.sc03_J_per_m,
        "Wh/mi",
        "SC03",
        "40 CFR 86.160-00",
    )


RANGE = Measure("range_five_cycle", text("Label range, five cycles"), "km")
FACTOR = Measure("adjustment_factor", text("Adjustment factor"), "1", 0.0)
CONSUMPTION = Measure("consumption_five_cycle", text("Label consumption, five cycles"), "Wh/km")
CITY_RATIO = Measure("city_five_over_two", text("City, five cycles over two"), "1", 0.0)
HIGHWAY_RATIO = Measure("highway_five_over_two", text("Highway, five cycles over two"), "1", 0.0)
_MEASURES = (RANGE, FACTOR, CONSUMPTION, CITY_RATIO, HIGHWAY_RATIO)
PROCEDURES = (
    Procedure(
        id="epa-five-cycle",
        title=text("EPA label from five cycles"),
        regulation="40 CFR 600.114-12, 600.210-12; SAE J1634",
        measures=_MEASURES,
        recipe=label,
        conditions=("payload_kg",),
        categories=("M1", "N1"),
    ),
)

"""WLTP interpolation family: range and consumption of an individual vehicle between the test vehicles low and high."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from covolt.library.subject import Subject
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.downscaling import wheel_force_N
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.procedures.segments import Segment, laboratory
from covolt.study.procedures.wltp import CITY, MEASURES, cycle_phases, range_and_consumption
from covolt.vehicle.body import GTR_15_ROLLERS
from covolt.words import Phrase, joined, text

__all__ = ["PROCEDURES", "cycle_energy_demand_J", "interpolated"]

CLAUSE = "Annex B8, 4.5"
PERIODS = (("", text("cycle")), ("_city", text("city")))


def cycle_energy_demand_J(subject: Subject, payload_kg: float, segments: Sequence[Segment]) -> float:
    """What the wheels ask for over a cycle, E = sum of F_i d_i where F_i > 0, second by second.

    F = f0 + f1 v + f2 v^2 + 1.03 TM a,  v = (v_i + v_i-1) / 2,  d = v * 1 s,  UN R154 Annex B7, 5 [from memory].
    The segments follow each other; the first begins at standstill.
    """
    speeds = np.concatenate([[0.0], *(one.speed_m_per_s for one in segments)])
    mean, acceleration = 0.5 * (speeds[1:] + speeds[:-1]), np.diff(speeds)
    return float(np.sum(np.maximum(wheel_force_N(subject, payload_kg, mean, acceleration) * mean, 0.0)))


def interpolated(coefficient: float, low: float, high: float) -> float:
    """Value of an individual vehicle, y = y_L + K (y_H - y_L)."""
    return low + coefficient * (high - low)


def _demand_J(subject: Subject, given: Given, *, city: bool) -> float:
    phases = [one for one in cycle_phases(subject, given) if not city or one.name in CITY]
    return cycle_energy_demand_J(subject, laboratory(subject, given).payload_kg, phases)


def family(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Test vehicles low and high are driven; the individual follows from its cycle energy demand, for the cycle and the city.

    K = (E_ind - E_L) / (E_H - E_L);  PER = PER_L + K (PER_H - PER_L);  EC = EC_L + K (EC_H - EC_L)   [from memory]
    """
    subject = subject.on_rollers(GTR_15_ROLLERS)
    if subject.family is None:
        note.miss_all(_NO_FAMILY)
        return
    low, high = subject.family.low, subject.family.high
    demands = [[_demand_J(one, given, city=city) for one in (low, subject, high)] for city in (False, True)]
    if not all(least < most and least <= own <= most for least, own, most in demands):
        note.miss_all(_OUTSIDE)
        return
    ends: list[Record] = []
    for one in (low, high):
        own = Recorder("wltp", MEASURES)
        yield from range_and_consumption(one, given, own)
        ends.append(own.record())
    for (suffix, period), (least, own, most) in zip(PERIODS, demands, strict=True):
        note.section()
        for value, name, symbol in (
            (least, text("low", context="vehicle of a family"), "E_L"),
            (own, text("individual", context="vehicle of a family"), "E_ind"),
            (most, text("high", context="vehicle of a family"), "E_H"),
        ):
            said = text("cycle energy demand, {vehicle}, {period}", vehicle=name, period=period)
            note.line(said, value, "kWh", symbol, "Annex B7, 5")
        said = text("interpolation coefficient, {period}", period=period)
        coefficient = note.line(said, (own - least) / (most - least), "1", "K_ind", CLAUSE)
        if not suffix:
            note.result(COEFFICIENT, coefficient)
        _between(note, ends, coefficient, RANGES[suffix], (text("range"), "km", "PER"), period)
        told = (text("consumption from the mains"), "Wh/km", "EC")
        _between(note, ends, coefficient, CONSUMPTIONS[suffix], told, period)


def _between(
    note: Recorder,
    ends: Sequence[Record],
    coefficient: float,
    measure: Measure,
    told: tuple[Phrase, str, str],
    period: Phrase,
) -> None:
    """One measure of both ends, and the individual's between them."""
    what, unit, symbol = told
    name = measure.id
    opened = [end.open[name] for end in ends if name in end.open]
    if opened:
        note.open(measure, None, None, opened[0].why)
        return
    if any(name not in end.measures for end in ends):
        note.miss(measure, text("an end of the family does not drive the test"))
        return
    low, high = text("low", context="vehicle of a family"), text("high", context="vehicle of a family")
    for end, vehicle, index in zip(ends, (low, high), "LH", strict=True):
        note.line(joined((what, vehicle, period), ", "), end.measures[name], unit, f"{symbol}_{index}", "Annex B8, 4.4")
    found = interpolated(coefficient, ends[0].measures[name], ends[1].measures[name])
    said = joined((what, text("individual", context="vehicle of a family"), period), ", ")
    note.result(measure, note.line(said, found, unit, f"{symbol}_ind", CLAUSE))


_NO_FAMILY = text("the programme states no interpolation family: [vehicle.family] in programme.toml")
_OUTSIDE = text("the vehicle's cycle energy demand does not lie between those of the ends of its family")
RANGES = {
    "": Measure("range", text("Range by its family"), "km"),
    "_city": Measure("range_city", text("Range in the city by its family"), "km"),
}
CONSUMPTIONS = {
    "": Measure("consumption", text("Consumption by its family"), "Wh/km"),
    "_city": Measure("consumption_city", text("Consumption in the city by its family"), "Wh/km"),
}
COEFFICIENT = Measure("coefficient", text("Place within the family"), "1")
PROCEDURES = (
    Procedure(
        id="wltp-family",
        title=text("WLTP interpolation family"),
        regulation="UN R154 Annex B8",
        measures=(RANGES[""], CONSUMPTIONS[""], RANGES["_city"], CONSUMPTIONS["_city"], COEFFICIENT),
        recipe=family,
        conditions=("cycle", "state_of_charge"),
        categories=("M1", "N1"),
    ),
)

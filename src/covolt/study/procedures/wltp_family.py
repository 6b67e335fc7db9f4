"""WLTP interpolation family: range and consumption of an individual vehicle between the test vehicles low and high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from covolt.library.subject import Subject
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.downscaling import wheel_force_N
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.segments import Segment, laboratory
from covolt.study.procedures.wltp import CITY, MEASURES, cycle_phases, range_and_consumption
from covolt.vehicle.body import GTR_15_ROLLERS
from covolt.words import Words

__all__ = ["PROCEDURES", "cycle_energy_demand_J", "interpolated"]

CLAUSE = "Annex B8, 4.5"
PERIODS = (("", "cycle", "цикл"), ("_city", "city", "город"))


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
    ends: list[Mapping[str, float]] = []
    for one in (low, high):
        own = Recorder("wltp", MEASURES)
        yield from range_and_consumption(one, given, own)
        ends.append(own.record().measures)
    for (suffix, en, ru), (least, own, most) in zip(PERIODS, demands, strict=True):
        note.section()
        for value, name, name_ru, symbol in (
            (least, "low", "нижний", "E_L"),
            (own, "individual", "данный", "E_ind"),
            (most, "high", "верхний", "E_H"),
        ):
            text = (f"cycle energy demand, {name}, {en}", f"потребность цикла, {name_ru}, {ru}")
            note.line(*text, value, "kWh", symbol, "Annex B7, 5")
        text = (f"interpolation coefficient, {en}", f"коэффициент интерполяции, {ru}")
        coefficient = note.line(*text, (own - least) / (most - least), "1", "K_ind", CLAUSE)
        if not suffix:
            note.result(COEFFICIENT, coefficient)
        _between(note, ends, coefficient, RANGES[suffix], ("range", "запас хода", "km", "PER"), (en, ru))
        said = ("consumption from the mains", "расход от сети", "Wh/km", "EC")
        _between(note, ends, coefficient, CONSUMPTIONS[suffix], said, (en, ru))


def _between(
    note: Recorder,
    ends: Sequence[Mapping[str, float]],
    coefficient: float,
    measure: Measure,
    said: tuple[str, str, str, str],
    period: tuple[str, str],
) -> None:
    """One measure of both ends, and the individual's between them."""
    en, ru, unit, symbol = said
    name = measure.id
    if any(name not in end for end in ends):
        note.miss(
            measure, Words("an end of the family does not drive the test", "конец семейства не проходит испытание")
        )
        return
    for end, end_en, end_ru, index in zip(ends, ("low", "high"), ("нижний", "верхний"), "LH", strict=True):
        text = (f"{en}, {end_en}, {period[0]}", f"{ru}, {end_ru}, {period[1]}")
        note.line(*text, end[name], unit, f"{symbol}_{index}", "Annex B8, 4.4")
    found = interpolated(coefficient, ends[0][name], ends[1][name])
    text = (f"{en}, individual, {period[0]}", f"{ru}, данный, {period[1]}")
    note.result(measure, note.line(*text, found, unit, f"{symbol}_ind", CLAUSE))


_NO_FAMILY = Words(
    "the programme states no interpolation family: [vehicle.family] in programme.toml",
    "в программе не задано семейство интерполяции: [vehicle.family] в programme.toml",
)
_OUTSIDE = Words(
    "the vehicle's cycle energy demand does not lie between those of the ends of its family",
    "потребность цикла автомобиля не лежит между потребностями концов его семейства",
)
RANGES = {
    "": Measure("range", Words("Range by its family", "Запас хода по семейству"), "km"),
    "_city": Measure("range_city", Words("Range in the city by its family", "Запас хода в городе по семейству"), "km"),
}
CONSUMPTIONS = {
    "": Measure("consumption", Words("Consumption by its family", "Расход по семейству"), "Wh/km"),
    "_city": Measure(
        "consumption_city", Words("Consumption in the city by its family", "Расход в городе по семейству"), "Wh/km"
    ),
}
COEFFICIENT = Measure("coefficient", Words("Place within the family", "Место в семействе"), "1")
PROCEDURES = (
    Procedure(
        id="wltp-family",
        title=Words("WLTP interpolation family", "WLTP: семейство интерполяции"),
        regulation="UN R154 Annex B8",
        measures=(RANGES[""], CONSUMPTIONS[""], RANGES["_city"], CONSUMPTIONS["_city"], COEFFICIENT),
        recipe=family,
        conditions=("cycle", "state_of_charge"),
        categories=("M1", "N1"),
    ),
)

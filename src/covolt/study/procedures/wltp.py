"""WLTP of a pure electric vehicle: range and consumption by UN R154 Annex B8, consecutive-cycle or shortened test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from covolt.library.subject import DRIVER_kg, Subject
from covolt.simulation.chart import thinned
from covolt.simulation.cycles import standard
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.curve import Curve, curve_of
from covolt.study.procedures.downscaling import (
    SECTIONS,
    Section,
    downscaled_segments,
    factor,
    rated_power_W,
    required_power_W,
)
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import (
    ACCELERATION_m_per_s2,
    Leg,
    LONGEST_s,
    Segment,
    constant_speed,
    cycle_segments,
    drive_string,
    drive_to_break_off,
    laboratory,
    recharged_J,
    test_mass_kg,
    within,
)
from covolt.vehicle.body import GTR_15_ROLLERS
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "CITY",
    "LEAST_USED",
    "PROCEDURES",
    "Test",
    "consecutive",
    "cycle_phases",
    "range_and_consumption",
    "shortened",
    "weighted_consumption",
]

CITY = ("low", "medium")
SLOW_m_per_s = 120.0 / 3.6
CONSTANT_SPEED_m_per_s = 100.0 / 3.6
LEAST_USED = 1e-9
"""Share of the charge that a first cycle is taken to use at least: a part of somebody else may count so coarsely that it tells none."""
LEFT_AFTER_SECOND = 0.08
"""Share of the usable energy meant for the last constant-speed segment; the rule allows 0.10."""
EMPTIED_WITHIN, LAST_WITHIN = 1.15, 0.2
"""Shares of the expected range: a drive at constant speed that probably empties the battery, and the last segment; twice as far
where they do not."""
WEAK_ACCELERATION_m_per_s2 = 0.1
"""Run-up to the constant speed of a vehicle that cannot do it at 1 m/s2: the rule leaves it to the manufacturer."""
MOST_POINTS = 2000
CHOICE = "Annex B8, 3.4.4"
STEPS = {"CCP": "Annex B8, Table A8/10, step {}", "STP": "Annex B8, Table A8/11, step {}"}
RANGE_STEP = {"CCP": 5, "STP": 4}
"""Tables of steps of the consecutive and the shortened test, and the step of the range, as UN GTR 22, Annex 3 cites them."""


@dataclass(frozen=True)
class Test:
    """A driven test: its segments, what the battery gave until break-off, and what the mains put back.

    `bounded` says why energy and range are no more than lower bounds, where the battery was not emptied.
    """

    kind: str
    driven: tuple[Leg, ...]
    usable_J: float
    recharged_J: float
    trace: Trace
    bounded: Phrase | None = None


def weighted_consumption(
    usable_J: float, parts: Sequence[tuple[float, float]], leading: int = 1
) -> tuple[list[float], float]:
    """Weights K and weighted consumption EC of repeated (energy, distance) pairs.

    The first `leading` count by their energy, K_j = E_j / UBE; the rest of the weight is shared alike by the others,
    K_j = (1 - sum of the leading) / (n - leading);  EC = sum K_j E_j / d_j. Where none follow the leading ones, the last takes the rest.
    """
    weights = [energy / usable_J for energy, _ in parts[: min(leading, len(parts) - 1)]]
    others = len(parts) - len(weights)
    weights += [(1.0 - sum(weights)) / others] * others
    return weights, sum(k * energy / distance for k, (energy, distance) in zip(weights, parts, strict=True))


@dataclass(frozen=True)
class _Scaling:
    """By how much a cycle is downscaled, and from which powers that follows."""

    section: Section
    required_W: float
    rated_W: float

    @property
    def factor(self) -> float:
        return factor(self.required_W / self.rated_W, self.section)


def _cycle_name(subject: Subject, given: Given) -> str:
    """Class 3a or 3b by the vehicle's top speed: electric vehicles are of class 3 whatever their power to mass."""
    top = subject.top_speed_m_per_s
    return given.cycle or ("wltc-3a" if top is not None and top < SLOW_m_per_s else "wltc-3b")


def _scaling(subject: Subject, given: Given) -> _Scaling | None:
    """Downscaling of the cycle; None where the cycle knows none."""
    section = SECTIONS.get(standard(_cycle_name(subject, given)).name)
    if section is None:
        return None
    payload_kg = laboratory(subject, given).payload_kg
    required_W = required_power_W(subject, payload_kg, section.speed_m_per_s, section.acceleration_m_per_s2)
    return _Scaling(section, required_W, rated_power_W(subject))


def cycle_phases(subject: Subject, given: Given) -> tuple[Segment, ...]:
    """Phases of the cycle, downscaled where the vehicle is weak, then capped where it is slower than the cycle."""
    phases = cycle_segments(_cycle_name(subject, given))
    scaling = _scaling(subject, given)
    if scaling is not None:
        phases = downscaled_segments(phases, scaling.section, scaling.factor)
    return within(subject, phases)


def _note_scaling(note: Recorder, subject: Subject, given: Given) -> None:
    """The lines that lead to the downscaling factor."""
    scaling = _scaling(subject, given)
    if scaling is None:
        return
    where = "Annex B1, 8.3"
    note.section()
    note.line("rated power", scaling.rated_W, "kW", "P_rated", where)
    mass_kg = subject.running_order_kg - (DRIVER_kg if subject.kerb_mass_kg is not None else 0.0)
    note.line(
        "power to mass; electric vehicles are of class 3 at any",
        scaling.rated_W / mass_kg,
        "kW/t",
        "PMR",
        "Annex B1, 2",
    )
    note.line("required power", scaling.required_W, "kW", "P_req,max", where)
    ratio = scaling.required_W / scaling.rated_W
    note.line("required over rated power", ratio, "1", "r_max", where)
    note.line("downscaling factor", scaling.factor, "1", "f_dsc", where)


def _length_m(segments: Iterable[Segment]) -> float:
    return float(sum(np.sum(one.speed_m_per_s) for one in segments))


def _test(kind: str, subject: Subject, given: Given, string: Callable[[int], Sequence[Segment]]) -> Asking[Test]:
    driven, trace, bounded = yield from drive_to_break_off(subject, string, laboratory(subject, given))
    recharged = yield from recharged_J(subject, trace)
    return Test(kind, tuple(driven), sum(one.energy_J for one in driven), recharged, trace, bounded)


def consecutive(subject: Subject, given: Given, cycles: int) -> Asking[Test]:
    """Consecutive-cycle procedure: the cycle again and again until the break-off."""
    phases = cycle_phases(subject, given)
    return (yield from _test("CCP", subject, given, lambda times: phases * (times * cycles)))


def constant_speed_m_per_s(subject: Subject) -> float:
    """Speed of both constant-speed segments: 100 km/h, or the vehicle's top speed where that is lower."""
    top = subject.top_speed_m_per_s
    return CONSTANT_SPEED_m_per_s if top is None else min(CONSTANT_SPEED_m_per_s, top)


def shortened(subject: Subject, given: Given, range_m: float) -> Asking[Test]:
    """Shortened procedure: DS1, CSS_M, DS2, CSS_E; a dynamic segment is one cycle and one city cycle.

    The middle segment is as long as leaves 8 % of the energy that a drive at constant speed empties the battery of, for the
    last; that runs until the break-off.
    """
    payload_kg, steady_m_per_s = laboratory(subject, given).payload_kg, constant_speed_m_per_s(subject)
    usual_W = required_power_W(subject, payload_kg, steady_m_per_s, ACCELERATION_m_per_s2)
    ramp = ACCELERATION_m_per_s2 if usual_W < rated_power_W(subject) else WEAK_ACCELERATION_m_per_s2

    def constant(name: str, distance_m: float) -> Segment:
        return constant_speed(name, steady_m_per_s, min(distance_m, 0.5 * LONGEST_s * steady_m_per_s), ramp)

    phases = cycle_phases(subject, given)
    city = tuple(one for one in phases if one.name in CITY)
    dynamic = (*phases, *city)
    conditions = laboratory(subject, given)
    emptying, _, _ = yield from drive_to_break_off(
        subject, lambda times: [constant("css", EMPTIED_WITHIN * times * range_m)], conditions
    )
    probe, _ = yield from drive_string(subject, (*dynamic, constant("css", 20e3)), conditions)
    usable_J = emptying[0].energy_J
    dynamic_J = sum(one.energy_J for one in probe[: len(dynamic)])
    per_m = probe[-1].consumption_J_per_m
    middle_m = ((1.0 - LEFT_AFTER_SECOND) * usable_J - 2.0 * dynamic_J) / per_m
    begin = (*dynamic, constant("css-m", max(middle_m, 3e3)), *dynamic)
    return (
        yield from _test(
            "STP", subject, given, lambda times: (*begin, constant("css-e", LAST_WITHIN * times * range_m))
        )
    )


def pairs(test: Test, names: Sequence[str]) -> list[tuple[float, float]]:
    """Energy and distance of every complete run of phases that follow each other."""
    found: list[tuple[float, float]] = []
    runs = list(test.driven)
    for begin in range(len(runs) - len(names) + 1):
        block = runs[begin : begin + len(names)]
        if [one.name for one in block] == list(names) and all(one.complete for one in block):
            found.append((sum(one.energy_J for one in block), sum(one.distance_m for one in block)))
    return found


def _choose(subject: Subject, given: Given) -> Asking[tuple[Test, float]]:
    """The test that the expected range asks for, and that range."""
    phases = cycle_phases(subject, given)
    cycle_m = _length_m(phases)
    driven, trace = yield from drive_string(subject, phases, laboratory(subject, given))
    if not (driven and all(one.complete for one in driven) and len(driven) == len(phases)):
        return (yield from consecutive(subject, given, 1)), 0.0
    taken_J = sum(one.energy_J for one in driven)
    holds_J = _expected_J(subject, taken_J, trace)
    expected_m = holds_J / taken_J * cycle_m
    if expected_m < 3.0 * cycle_m:
        return (yield from consecutive(subject, given, int(holds_J / taken_J * 1.3) + 2)), expected_m
    return (yield from shortened(subject, given, expected_m)), expected_m


def _expected_J(subject: Subject, taken_J: float, trace: Trace) -> float:
    """Energy that the full battery probably gives: what the first cycle took over the part of the charge that it used."""
    charge = trace["state_of_charge"]
    start = trace.result.mission.conditions.state_of_charge
    return taken_J * start / max(start - float(charge[-1]), LEAST_USED)


def range_and_consumption(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """UN R154 Annex B8: usable battery energy, weights, consumption and range for the cycle, the city and each phase."""
    subject = subject.on_rollers(GTR_15_ROLLERS)
    mass = test_mass_kg(subject) if given.payload_kg is None else subject.carried_mass_kg + given.payload_kg
    note.line("test mass", mass, "kg", "TM", "Annex B4, 3.2")
    _note_scaling(note, subject, given)
    note.section()
    phases = cycle_phases(subject, given)
    cycle_m = note.line("length of the cycle", _length_m(phases), "km", "d_WLTC", "Annex B1")
    test, expected_m = yield from _choose(subject, given)
    note.line("expected range", expected_m, "km", "PER_est", CHOICE)
    shorter = test.kind == "STP"
    note.line("three cycle lengths: shortened test above", 3.0 * cycle_m, "km", "", CHOICE)
    note.line("shortened test (1) or consecutive cycles (0)", float(shorter), "1", "", CHOICE)
    note.section()
    for number, one in enumerate(test.driven, start=1):
        note.line(
            _of(one.name, text("energy of segment {number}, at the battery's terminals", number=number)),
            one.energy_J,
            "Wh",
            f"dE_{number}",
            "Annex B8, 4.3",
        )
    usable = note.line(
        "usable battery energy, at the terminals",
        test.usable_J,
        "kWh",
        "UBE",
        STEPS[test.kind].format(1),
    )
    recharge = note.line("recharged from the mains", test.recharged_J, "kWh", "E_AC", "Annex B8, 3.4.4.3")
    if shorter:
        said = text("speed of the constant-speed segments")
        steady = constant_speed_m_per_s(subject)
        note.line(said, steady, "km/h", "v_CSS", "Annex B8, 3.4.4.2")
        note.line(
            "share of the last segment in it, at most 10 %",
            test.driven[-1].energy_J / test.usable_J,
            "%",
            "",
            "Annex B8, 3.4.4.2",
        )
    note.at_least(USABLE_ENERGY, usable, test.bounded)
    note.at_least(RECHARGED_ENERGY, recharge, test.bounded)
    present = [one.name for one in phases]
    groups: dict[str, Sequence[str]] = {"": present, "city": CITY, **{one: (one,) for one in present}}
    for name, members in groups.items():
        _weigh(note, test, name, members)
    if not pairs(test, present):
        for measure in (RANGES[""], CONSUMPTIONS[""]):
            note.miss(
                measure,
                because(text("not one whole cycle is driven"), test.trace.outcome),
            )
    for curve in _curves_over_time(test):
        note.curve(curve)


def _weigh(note: Recorder, test: Test, name: str, members: Sequence[str]) -> None:
    parts = pairs(test, members)
    key = name.replace("-", "_")
    if not parts:
        return
    note.section()
    weights, consumption = weighted_consumption(test.usable_J, parts)
    for number, weight in enumerate(weights, start=1):
        note.line(
            _of(name, text("weight of run {number}", number=number)),
            weight,
            "1",
            f"K_{number}",
            "Annex B8, 4.4.2",
        )
    said = _of(name, text("consumption at the battery's terminals"))
    direct = note.line(said, consumption, "Wh/km", "EC_DC", "Annex B8, 4.3.4")
    step = STEPS[test.kind].format(RANGE_STEP[test.kind])
    reach = note.line(_of(name, text("range")), test.usable_J / direct, "km", "PER", step)
    mains = note.line(
        _of(name, text("consumption from the mains")),
        test.recharged_J / reach,
        "Wh/km",
        "EC",
        "Annex B8, 4.3.4.2",
    )
    # A phase of another cycle stands in the protocol, and is no measure.
    if key in RANGES:
        note.at_least(RANGES[key], reach, test.bounded)
        note.result(CONSUMPTIONS[key], mains)


def _of(name: str, what: Phrase) -> Phrase:
    """What is said of a phase, of the city, or of the whole cycle."""
    named = _NAMES.get(name.replace("-", "_"), name) if name else "WLTC"
    return joined((what, named), ", ")


def _curves_over_time(test: Test) -> Iterator[Curve]:
    """Speed and state of charge, each over the whole test."""
    kept = thinned([test.trace["speed_m_per_s"], test.trace["state_of_charge"]], MOST_POINTS)
    for what, signal, scale, unit in (
        (text("speed"), "speed_m_per_s", 3.6, "km/h"),
        (text("state of charge"), "state_of_charge", 100.0, "%"),
    ):
        lines: dict[Phrase, np.ndarray] = {what: scale * test.trace[signal][kept]}
        title = joined((test.kind, what), ": ")
        yield curve_of(title, text("Time"), "s", test.trace.time_s[kept], lines, unit)


_NAMES: Mapping[str, Phrase] = {
    "": Words(),
    "city": text("city"),
    "low": text("low phase"),
    "medium": text("medium phase"),
    "high": text("high phase"),
    "extra_high": text("extra-high phase"),
}


USABLE_ENERGY = Measure("usable_energy", text("Usable battery energy"), "kWh")
RECHARGED_ENERGY = Measure("recharged_energy", text("Recharged from the mains"), "kWh")
RANGES = {
    name: Measure(f"range_{name}".strip("_"), text("Range {where}", where=said) if said else text("Range"), "km")
    for name, said in _NAMES.items()
}
CONSUMPTIONS = {
    name: Measure(
        f"consumption_{name}".strip("_"),
        text("Consumption {where}", where=said) if said else text("Consumption"),
        "Wh/km",
    )
    for name, said in _NAMES.items()
}
"""By phase, the city, and the whole cycle under no name."""
MEASURES = (
    USABLE_ENERGY,
    RECHARGED_ENERGY,
    *(one for pair in zip(RANGES.values(), CONSUMPTIONS.values(), strict=True) for one in pair),
)
PROCEDURES = (
    Procedure(
        id="wltp",
        title=text("WLTP range and consumption"),
        regulation="UN R154 Annex B8",
        measures=MEASURES,
        recipe=range_and_consumption,
        conditions=("cycle", "payload_kg", "state_of_charge", "state_of_health_fraction"),
        mass_only=("cabin",),
        categories=("M1", "N1"),
    ),
)

"""Braking: type-0 stops of UN R13-H and R13 with the drive disconnected and recuperating, and what a gentle stop gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import equinox as eqx
import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Ask, Asking, ask, ask_all
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.track import CONDITIONS, MOTION, laden_mass_kg, launch, prepared, road
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.part import GRAVITY_m_per_s2
from covolt.words import Phrase, text

__all__ = ["PROCEDURES", "Rule", "mean_fully_developed_m_per_s2", "stop", "stopping_distance_m"]

KMH_m_per_s = 1.0 / 3.6
STEP_s = 0.01
FULL_PEDAL = 1.05
"""Request over the grip at full pedal: beyond what the tyres give, so that they bind."""
GENTLE_m_per_s2 = 2.0
NO_BRAKE_m_per_s2 = 1.0
"""Deceleration below which nobody speaks of a brake; an estimate, a sixth of what UN R13-H asks for."""
FASTEST_m_per_s = 160.0 * KMH_m_per_s
"""From which a stop of UN R13-H begins at most (Annex 3, 2.1.1)."""
MARGIN_s = 2.0


@dataclass(frozen=True)
class Rule:
    """One type-0 test: prescribed speeds and decelerations, and the coefficients of the prescribed stopping distance.

    A regulation states coefficients and decelerations apart and rounds each, so that neither follows from the other.
    """

    speed_m_per_s: float
    reaction_s: float
    way_s2_per_m: float
    deceleration_m_per_s2: float
    connected_m_per_s: float
    connected_way_s2_per_m: float
    connected_deceleration_m_per_s2: float
    clause: str

    def longest_m(self, speed_m_per_s: float, *, connected: bool) -> float:
        """The prescribed stopping distance."""
        way = self.connected_way_s2_per_m if connected else self.way_s2_per_m
        return stopping_distance_m(speed_m_per_s, self.reaction_s, way)


def _cars(speed_m_per_s: float, connected_m_per_s: float) -> Rule:
    """UN R13-H: 0.1 v + 0.0060 v^2, with the drive connected 0.1 v + 0.0067 v^2, v in km/h."""
    ways = (0.0060 / KMH_m_per_s**2, 0.0067 / KMH_m_per_s**2)
    clause = "UN R13-H Annex 3, 2.1.1"
    return Rule(speed_m_per_s, 0.36, ways[0], 6.43, connected_m_per_s, ways[1], 5.76, clause)


def _heavy(speed_m_per_s: float, connected_m_per_s: float) -> Rule:
    """UN R13: 0.15 v + v^2 / 130, with the drive connected 0.15 v + v^2 / 103.5, v in km/h."""
    ways = (1.0 / (130.0 * KMH_m_per_s**2), 1.0 / (103.5 * KMH_m_per_s**2))
    clause = "UN R13 Annex 4, 2.1.1"
    return Rule(speed_m_per_s, 0.54, ways[0], 5.0, connected_m_per_s, ways[1], 4.0, clause)


def stopping_distance_m(speed_m_per_s: float, reaction_s: float, way_s2_per_m: float) -> float:
    """s = t v + k v^2; k is 1 / (2 d) for an even deceleration d after the time t."""
    return reaction_s * speed_m_per_s + way_s2_per_m * speed_m_per_s**2


M1 = _cars(100.0 * KMH_m_per_s, 160.0 * KMH_m_per_s)
N1 = _heavy(80.0 * KMH_m_per_s, 120.0 * KMH_m_per_s)
M2 = _heavy(60.0 * KMH_m_per_s, 100.0 * KMH_m_per_s)
HEAVY = _heavy(60.0 * KMH_m_per_s, 90.0 * KMH_m_per_s)
OF_CATEGORY = {"N1": N1, "M2": M2, "N2": M2}
CONNECTED_SHARE = 0.8
FAST_m_per_s = 125.0 * KMH_m_per_s
"""Maximum speed up to which UN R13-H has no test with the drive connected; nobody has found it in a text."""
CONNECTED_CLAUSE = "UN R13-H, limit of the connected test"
SLOW_CLAUSE = {"un-r13-h": "UN R13-H Annex 3, 1.2.2", "un-r13": "UN R13 Annex 4, 1.2.2"}
"""A vehicle slower than the prescribed speed is tested at its maximum speed; from memory, not checked."""


class Results(NamedTuple):
    """What one stop yields."""

    distance: Measure
    share: Measure
    deceleration: Measure


def _results(suffix: str, how: Phrase | str = "") -> Results:
    most_m = stopping_distance_m(FASTEST_m_per_s, 1.0, 1.0 / (2.0 * NO_BRAKE_m_per_s2))
    distance = Measure(f"stopping_distance{suffix}", text("Stopping distance{how}", how=how), "m", most_si=most_m)
    share = Measure(
        f"stopping_distance{suffix}_share",
        text("Stopping distance over the prescribed{how}", how=how),
        "%",
        0.0,
    )
    mean = Measure(
        f"mean_deceleration{suffix}",
        text("Mean fully developed deceleration{how}", how=how),
        "m/s2",
    )
    return Results(distance, share, mean)


DISCONNECTED = _results("")
RECUPERATING = _results("_recuperating", text(", recuperating"))
FAST = _results("_fast", text(" from 80 % of the maximum speed"))
"""Of the test with the drive connected."""
RECUPERATED_SHARE = Measure("recuperated_share", text("Recuperated in a gentle stop"), "%", 0.0, 1.0)


def stop(conditions: Conditions, speed_m_per_s: float, reaction_s: float, plateau_m_per_s2: float) -> Mission:
    """A stop whose deceleration rises evenly to a plateau in twice the reaction time, which takes as long a way.

    s = t v + v^2 / (2 d) - d t^2 / 6   where brakes and tyres follow the request.
    """
    count = round((2.0 * reaction_s + speed_m_per_s / 3.0 + MARGIN_s) / STEP_s)
    clock = STEP_s * np.arange(1, count + 1)
    rise = 2.0 * reaction_s
    lost = np.where(clock < rise, 0.5 * clock**2 / rise, clock - 0.5 * rise) if rise > 0.0 else clock
    target = np.maximum(speed_m_per_s - plateau_m_per_s2 * lost, 0.0)
    return Mission("stop", {"target_m_per_s": target}, STEP_s, speed_m_per_s, conditions, follows_trace=False)


def mean_fully_developed_m_per_s2(trace: Trace) -> float:
    """d_m = (v_b^2 - v_e^2) / (2 (s_e - s_b)) from 0.8 to 0.1 of the initial speed."""
    start = trace.result.mission.start_speed_m_per_s
    speed = np.concatenate([[start], trace["speed_m_per_s"]])
    # In uniform deceleration the square of speed falls evenly with distance: reading it so is exact between steps.
    squares, covered = speed[::-1] ** 2, np.concatenate([[0.0], trace.distance_m])[::-1]
    begin, end = 0.8 * start, 0.1 * start
    way = float(np.interp(end**2, squares, covered) - np.interp(begin**2, squares, covered))
    return (begin**2 - end**2) / (2.0 * way)


def _distance_m(trace: Trace) -> float | None:
    """Way to standstill; None where the vehicle still moves."""
    return float(trace.distance_m[-1]) if float(trace["speed_m_per_s"][-1]) == 0.0 else None


def _recuperated_J(trace: Trace) -> float:
    return float(np.sum(np.maximum(trace["battery_power_W"], 0.0))) * trace.result.mission.dt_s


def disconnected(vehicle: Vehicle) -> Vehicle:
    """The vehicle with brakes that leave nothing to recuperation."""
    return eqx.tree_at(lambda v: v.brake.recuperation_fraction, vehicle, 0.0)


def braking(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Type-0 stops with cold brakes and all the load, drive disconnected and recuperating, at last faster and connected.

    d_m from 0.8 to 0.1 of the speed; the request is the declared deceleration of the brakes or what the tyres grip. A gentle
    stop at 2 m/s2: the share of the kinetic energy that reaches the battery. A vehicle that does not reach the prescribed speed
    stops from its maximum, and no distance can then be held against the one for the prescribed speed.
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    rule = M1 if note.procedure == "un-r13-h" else OF_CATEGORY.get(subject.category[:2], HEAVY)
    conditions = road(subject, given, laden_mass_kg(subject))
    mass_kg = subject.carried_mass_kg + conditions.payload_kg
    note.line("laden mass", mass_kg, "kg", "m", rule.clause)
    grip = float(vehicle.tyre.grip_coefficient) * GRAVITY_m_per_s2
    note.line("deceleration that grip allows", grip, "m/s2", "mu g")
    declared = subject.declared.get("brake", {}).get("deceleration_maximum")
    plateau = FULL_PEDAL * grip
    if declared is not None:
        note.line("deceleration of the brakes, declared", declared, "m/s2", "d_b")
        plateau = min(plateau, declared)
    note.line("build-up of the deceleration", 2.0 * rule.reaction_s, "s", "t_r")
    halt = partial(stop, reaction_s=rule.reaction_s, plateau_m_per_s2=plateau)
    # A full battery takes nothing back; half full it shows what brakes and machines share.
    half = conditions if given.state_of_charge is not None else replace(conditions, state_of_charge=0.5)
    top = yield from _top_m_per_s(subject, vehicle, half)
    begin = min(rule.speed_m_per_s, top)
    if begin < rule.speed_m_per_s:
        said = text("maximum speed, below the prescribed one")
        note.line(said, top, "km/h", "v_max", SLOW_CLAUSE[note.procedure])
    note.section()
    connected = CONNECTED_SHARE * top
    asks = [
        Ask(disconnected(vehicle), halt(conditions, begin), MOTION),
        Ask(vehicle, halt(half, begin), MOTION),
        Ask(vehicle, stop(half, begin, 0.0, GENTLE_m_per_s2), ("battery_power_W",)),
        Ask(vehicle, halt(half, min(connected, rule.connected_m_per_s)), MOTION),
    ]
    is_fast = _is_fast(rule, top)
    first, second, gentle, *fast = yield from ask_all(asks if is_fast else asks[:3])
    words = text("drive disconnected")
    _note_stop(note, first, rule, DISCONNECTED, words)
    note.section()
    _note_stop(note, second, rule, RECUPERATING, text("recuperating"))
    note.section()
    kinetic = 0.5 * mass_kg * begin**2
    note.line("kinetic energy", kinetic, "kJ", "E_k")
    said = text("to the battery in a stop at 2 m/s2")
    gained = note.line(said, _recuperated_J(gentle), "kJ", "E_rec")
    note.result(RECUPERATED_SHARE, note.line("share", gained / kinetic, "%", "E_rec/E_k"))
    note.section()
    _note_fast(note, rule, fast, top)
    speed: dict[Phrase, np.ndarray] = {
        name: 3.6 * run["speed_m_per_s"][::10]
        for name, run in ((text("disconnected"), first), (text("recuperating"), second))
    }
    title = text("Full stop")
    note.curve(curve_of(title, text("Time"), "s", first.time_s[::10], speed, "km/h"))


def _note_stop(note: Recorder, trace: Trace, rule: Rule, results: Results, how: Phrase) -> None:
    speed = trace.result.mission.start_speed_m_per_s
    note.line(text("test speed, {how}", how=how), speed, "km/h", "v", rule.clause)
    distance = _distance_m(trace)
    if distance is None:
        for measure in results:
            note.miss(
                measure,
                text(
                    "the vehicle does not come to rest within {time:.0f} s: the brakes are too weak",
                    time=trace.time_s[-1],
                ),
            )
        return
    connected = results is FAST
    limit = rule.longest_m(speed, connected=connected)
    mean = mean_fully_developed_m_per_s2(trace)
    said = text("stopping distance")
    way = note.line(said, distance, "m", "s", rule.clause)
    if not connected and speed < rule.speed_m_per_s:
        note.miss(results.distance, _slow(speed, rule.speed_m_per_s, way, limit))
    else:
        note.result(results.distance, way)
    share = way / limit
    note.result(results.share, note.line("of the prescribed", share, "%", "s/s_max"))
    note.line("prescribed at most", limit, "m", "s_max", rule.clause)
    said = text("mean fully developed deceleration")
    note.result(results.deceleration, note.line(said, mean, "m/s2", "d_m", rule.clause))
    least = rule.connected_deceleration_m_per_s2 if connected else rule.deceleration_m_per_s2
    note.line("prescribed at least", least, "m/s2", "d", rule.clause)


def _slow(reached_m_per_s: float, prescribed_m_per_s: float, way_m: float, limit_m: float) -> Phrase:
    """Why a vehicle has no stopping distance from the prescribed speed, and what it has."""
    return text(
        "it reaches {reached:.0f} km/h and not the prescribed {prescribed:.0f}; from there it stops in "
        "{way:.1f} m of {limit:.1f}: ask for the share of the prescribed",
        reached=3.6 * reached_m_per_s,
        prescribed=3.6 * prescribed_m_per_s,
        way=way_m,
        limit=limit_m,
    )


def _top_m_per_s(subject: Subject, vehicle: Vehicle, conditions: Conditions) -> Asking[float]:
    """Speed of the limiter, else what a run-up reaches."""
    if subject.top_speed_m_per_s is not None:
        return subject.top_speed_m_per_s
    run = yield from ask(vehicle, launch(120.0, conditions, dt_s=0.125), "speed_m_per_s")
    return float(np.max(run["speed_m_per_s"]))


def _is_fast(rule: Rule, top_m_per_s: float) -> bool:
    """Whether the test with the drive connected is asked for."""
    return rule is not M1 or top_m_per_s > FAST_m_per_s


def _note_fast(note: Recorder, rule: Rule, traces: Sequence[Trace], top_m_per_s: float) -> None:
    """The test with the drive connected, at 80 % of the maximum speed but not above the prescribed."""
    note.line("maximum speed", top_m_per_s, "km/h", "v_max")
    if rule is M1:
        said = text("maximum speed above which it is asked for")
        note.line(said, FAST_m_per_s, "km/h", "", CONNECTED_CLAUSE)
    if not _is_fast(rule, top_m_per_s):
        for measure in FAST:
            note.miss(
                measure,
                text("not prescribed of a car that reaches no more than {speed:.0f} km/h", speed=3.6 * FAST_m_per_s),
            )
        return
    words = text("drive connected")
    (trace,) = traces
    _note_stop(note, trace, rule, FAST, words)


_MEASURES = (*DISCONNECTED, *RECUPERATING, *FAST, RECUPERATED_SHARE)
PROCEDURES = (
    Procedure(
        id="un-r13-h",
        title=text("Braking of cars"),
        regulation="UN R13-H",
        measures=_MEASURES,
        validation_level=0,
        recipe=braking,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
        categories=("M1", "N1"),
    ),
    Procedure(
        id="un-r13",
        title=text("Braking of buses and lorries"),
        regulation="UN R13",
        measures=_MEASURES,
        validation_level=0,
        recipe=braking,
        conditions=CONDITIONS,
        mass_only=("cabin", "charger"),
        categories=("M2", "M3", "N1", "N2", "N3"),
    ),
)

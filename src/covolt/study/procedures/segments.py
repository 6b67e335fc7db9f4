"""Strings of driven segments: cycles, phases and constant speeds one after another until the battery is empty."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import jax
import numpy as np

from covolt.errors import Problem, Unavailable
from covolt.library.subject import Subject
from covolt.simulation.charging import ChargingMission, Socket
from covolt.simulation.compiled import jitted
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.recharge import CHARGING_TEMPERATURE_K, STATION_POWER_W, recharge_energy_J
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask, ask_charging
from covolt.study.procedures.protocol import Given, Recorder
from covolt.study.procedures.reasons import why_not
from covolt.vehicle.abstract_battery import AbstractBattery
from covolt.vehicle.charger import Station
from covolt.vehicle.foreign import ForeignBattery
from covolt.words import Phrase, text

__all__ = [
    "FULL",
    "STRING_SIGNALS",
    "LONGEST_s",
    "Leg",
    "Segment",
    "break_off",
    "capped",
    "constant_speed",
    "cycle_segments",
    "declared_recharge_J",
    "drive_string",
    "drive_to_break_off",
    "laboratory",
    "recharged_J",
    "rest_voltages_V",
    "string_mission",
    "terminal_power_W",
    "test_mass_kg",
    "window_energies_J",
    "window_energy_J",
    "within",
]

TOLERANCE_m_per_s = 2.0 / 3.6
GAUSS_POINTS = 24
"""Speed trace tolerance of UN R154 Annex B6, 2.6.8.3: 2.0 km/h within 1 s."""
BREAK_OFF_s = 4
"""Seconds in a row outside the tolerance that end a test, UN R154 Annex B8, 3.4.4.1.3."""
ACCELERATION_m_per_s2 = 1.0
LABORATORY_K = 273.15 + 23.0
LONGEST_s = 1_000_000
"""Longest drive that is made to empty a battery: 12,900 km of WLTC, 9,300 km of NEDC; its signals take some 1 GB."""
FULL = 1.0
"""State of charge of the full battery."""
CHARGE_STEP_s, LEAST_FILLED = 30.0, 0.98
"""A charge of a battery that is not covolt's: its step, and the share of what was taken from which on it counts as filled."""
STRING_SIGNALS = (
    "speed_m_per_s",
    "mean_speed_m_per_s",
    "battery_power_W",
    "battery_open_circuit_power_W",
    "state_of_charge",
    "battery_temperature_K",
)
"""What is read of a string of segments, and what tells why one ends before its end: it is then not driven again to say so."""


@dataclass(frozen=True)
class Segment:
    """One stretch by name: the asked speed at the end of each second."""

    name: str
    speed_m_per_s: np.ndarray


@dataclass(frozen=True)
class Leg:
    """What one segment took, from the battery's terminals, and whether it was driven to its end."""

    name: str
    distance_m: float
    energy_J: float
    complete: bool

    @property
    def consumption_J_per_m(self) -> float:
        """Energy out of the battery over the distance of the segment."""
        return self.energy_J / self.distance_m if self.distance_m > 0.0 else float("nan")


@cache
def cycle_segments(name: str, *, phases: bool = True) -> tuple[Segment, ...]:
    """The phases of a standard cycle, or the whole as one segment."""
    cycle = standard(name).resampled(1.0)
    if not phases or not cycle.phases:
        return (Segment(name, cycle.speed_m_per_s[1:]),)
    begin = cycle.start_s
    return tuple(
        Segment(one.name, cycle.speed_m_per_s[1:][round(one.start_s - begin) : round(one.end_s - begin)])
        for one in cycle.phases
    )


def constant_speed(
    name: str, speed_m_per_s: float, distance_m: float, acceleration_m_per_s2: float = ACCELERATION_m_per_s2
) -> Segment:
    """From standstill to a speed, held, and back to standstill, at 1 m/s2 or as given."""
    ramp = np.arange(acceleration_m_per_s2, speed_m_per_s, acceleration_m_per_s2)
    held_s = max(1, round((distance_m - 2.0 * float(np.sum(ramp))) / speed_m_per_s))
    return Segment(name, np.concatenate([ramp, np.full(held_s, speed_m_per_s), ramp[::-1], [0.0]]))


def capped(segment: Segment, highest_m_per_s: float) -> Segment:
    """A phase for a vehicle that cannot go so fast: capped, and lengthened so that its distance is kept to half a second's way.

    Seconds added at the capped speed, behind the last second that is capped: t = round(sum (v - v_cap) / v_cap) over the phase.

    Source: UN GTR 15, Annex 1, 9, as two public programs of the Joint Research Centre compute it (gearshift calculation tool, 2022;
    wltp, 2021).
    """
    speed = np.minimum(segment.speed_m_per_s, highest_m_per_s)
    above = np.flatnonzero(segment.speed_m_per_s > highest_m_per_s)
    if not above.size:
        return segment
    added = round(float(np.sum(segment.speed_m_per_s - speed)) / highest_m_per_s)
    return Segment(segment.name, np.insert(speed, int(above[-1]) + 1, np.full(added, highest_m_per_s)))


def within(subject: Subject, segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Segments as the vehicle's limiter lets them be driven: each that is faster is capped, its distance kept."""
    top = subject.top_speed_m_per_s
    if top is None or all(float(np.max(one.speed_m_per_s)) <= top for one in segments):
        return tuple(segments)
    return tuple(capped(one, top) for one in segments)


def window_energy_J(subject: Subject, low_fraction: float = 0.0, high_fraction: float = FULL) -> float:
    """Energy that the cells give between two states of charge at no current, E = integral of U dq, by Gauss's rule."""
    (found,) = window_energies_J(subject, [(low_fraction, high_fraction)])
    return found


def window_energies_J(subject: Subject, windows: Sequence[tuple[float, float]]) -> list[float]:
    """That of several windows."""
    nodes, weights = _gauss()
    points = [low + 0.5 * (high - low) * (nodes + 1.0) for low, high in windows]
    charge_V, capacity_C = rest_voltages_V(subject.vehicle.battery, np.concatenate(points))
    voltage_V = np.asarray(charge_V).reshape(len(windows), -1)
    return [
        float(capacity_C) * 0.5 * (high - low) * float(weights @ own)
        for (low, high), own in zip(windows, voltage_V, strict=True)
    ]


@cache
def _gauss() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss's rule."""
    return np.polynomial.legendre.leggauss(GAUSS_POINTS)


@jitted
def rest_voltages_V(battery: AbstractBattery, state_of_charge: np.ndarray) -> tuple[jax.Array, jax.Array]:
    """Voltages of a battery at no current in the laboratory, at each charge, and its capacity in C."""
    voltage_V = jax.vmap(lambda z: battery.open_circuit_voltage_V(battery.start(z, LABORATORY_K)))(state_of_charge)
    return voltage_V, battery.capacity_C


def test_mass_kg(subject: Subject) -> float:
    """Test mass of UN R154, TM = running order + 25 kg + share of the vehicle load, 15 % of category M, 28 % of N.

    Vehicle load = permissible load - driver - 25 kg. A car known by its test mass alone is tested at that.
    """
    if subject.kerb_mass_kg is None or subject.maximum_load_kg is None:
        return subject.carried_mass_kg
    load_kg = max(subject.maximum_load_kg - 75.0 - 25.0, 0.0)
    share = 0.28 if subject.category.startswith("N") else 0.15
    return subject.running_order_kg + 25.0 + share * load_kg


def laboratory(subject: Subject, given: Given) -> Conditions:
    """A chassis dynamometer at 23 degC, comforts off, battery full, test mass of UN R154; load and charge as given."""
    payload_kg = subject.payload_for(test_mass_kg(subject))
    own = Conditions(
        ambient_temperature_K=LABORATORY_K, payload_kg=payload_kg, on_dynamometer=True, state_of_charge=FULL
    )
    return given.over(own)


def drive_string(
    subject: Subject,
    segments: Sequence[Segment],
    conditions: Conditions,
    *signals: str,
    up_to_m_per_s: float = math.inf,
) -> Asking[tuple[list[Leg], Trace]]:
    """Drive segments one after another up to the break-off or their end; what each took, and the trace.

    The trace has the signals of `STRING_SIGNALS` and those named. One that is missed above `up_to_m_per_s` does not break the test
    off.
    """
    mission = string_mission(segments, conditions)
    trace = yield from ask(subject.vehicle, mission, *STRING_SIGNALS, *signals)
    targets = mission.profile["target_m_per_s"]
    end = break_off(np.minimum(targets, up_to_m_per_s), trace["speed_m_per_s"])
    power_W, distance_m = terminal_power_W(trace), trace["mean_speed_m_per_s"]
    driven: list[Leg] = []
    begin = 0
    for segment in segments:
        stop = begin + len(segment.speed_m_per_s)
        if begin >= end:
            break
        inside = slice(begin, min(stop, end))
        taken_J, covered_m = float(np.sum(power_W[inside])), float(np.sum(distance_m[inside]))
        driven.append(Leg(segment.name, covered_m, taken_J, stop <= end))
        begin = stop
    return driven, trace


def drive_to_break_off(
    subject: Subject,
    string: Callable[[int], Sequence[Segment]],
    conditions: Conditions,
    *,
    up_to_m_per_s: float = math.inf,
) -> Asking[tuple[list[Leg], Trace, Phrase | None]]:
    """Drive a string to its break-off: as it is, and if it was too short made twice, four times … as long, up to `LONGEST_s`.

    Beside what each segment took and the trace, why energy and range are no more than lower bounds where even the longest drive
    does not come to the break-off; None where the test was broken off.
    """
    times = 1
    while True:
        segments = string(times)
        driven, trace = yield from drive_string(subject, segments, conditions, up_to_m_per_s=up_to_m_per_s)
        if len(driven) < len(segments) or not driven[-1].complete:
            return driven, trace, None
        times *= 2
        if 2 * trace.result.mission.count > LONGEST_s:
            covered_km = sum(one.distance_m for one in driven) / 1e3
            said = text(
                "the battery is not empty after {covered:.0f} km, and no longer drive is made", covered=covered_km
            )
            return driven, trace, said


def string_mission(segments: Sequence[Segment], conditions: Conditions) -> Mission:
    """Segments one after another as one mission."""
    targets = np.concatenate([segment.speed_m_per_s for segment in segments])
    name = " + ".join(dict.fromkeys(one.name for one in segments))[:80]
    return Mission(name, {"target_m_per_s": targets}, conditions=conditions)


def terminal_power_W(trace: Trace) -> np.ndarray:
    """Power drawn from the battery's terminals, negative in recuperation."""
    return -trace["battery_power_W"]


def break_off(targets_m_per_s: np.ndarray, speed_m_per_s: np.ndarray) -> int:
    """Step at which the test ends: the first of 4 s in a row below the tolerance band, else the length of the drive."""
    lowest = targets_m_per_s.copy()
    np.minimum(lowest[1:], targets_m_per_s[:-1], out=lowest[1:])
    np.minimum(lowest[:-1], targets_m_per_s[1:], out=lowest[:-1])
    steps = np.flatnonzero(speed_m_per_s < lowest - TOLERANCE_m_per_s)
    runs = np.flatnonzero(steps[BREAK_OFF_s - 1 :] - steps[: 1 - BREAK_OFF_s] == BREAK_OFF_s - 1)
    return int(steps[runs[0]]) if runs.size else len(targets_m_per_s)


def recharged_J(subject: Subject, trace: Trace) -> Asking[float]:
    """Mains energy that fills the battery again after a drive, E_AC: what left the cells through charger and cells.

    A battery that is not covolt's is asked itself, by a charge from the end of the drive to its begin, which ends where it takes
    no more; else one consumption would mix two batteries. E_AC = E_formula E_part / E_declared, both charged alike, so that
    covolt's own pack has the same energy by whatever door.

    Raises:
        Unavailable: such a battery is not filled again so far that this says what it takes.
    """
    vehicle, mission = subject.vehicle, trace.result.mission
    stored_J = float(np.sum(trace["battery_open_circuit_power_W"])) * mission.dt_s
    by_formula_J = recharge_energy_J(vehicle, abs(stored_J))
    begin, end = float(trace["state_of_charge"][-1]), float(mission.conditions.state_of_charge)
    if not isinstance(vehicle.battery, ForeignBattery) or begin >= end:
        return by_formula_J
    mains_W = float(np.asarray(vehicle.charger.mains_power_max_W))
    supply = Socket(mains_W) if mains_W > 0.0 else Station(power_max_W=STATION_POWER_W)
    asked = ChargingMission(supply, max(begin, 0.0), min(end, 1.0), CHARGING_TEMPERATURE_K, dt_s=CHARGE_STEP_s)
    (session,) = yield from ask_charging(vehicle, [asked])
    if session.displayed_fraction - begin < LEAST_FILLED * (end - begin):
        what = text("the battery is not filled again after the drive: {why}", why=why_not(session.outcome))
        raise Unavailable(Problem(what, "battery", text("let its party mend it")))
    (declared,) = yield from ask_charging(replace(vehicle, battery=vehicle.battery.declared), [asked])
    return by_formula_J * session.plug_energy_J / declared.plug_energy_J


def declared_recharge_J(subject: Subject, stored_J: float, note: Recorder) -> float:
    """Mains energy that stores so much again, by the ratio of a battery of covolt's, or of what another declares, which is said."""
    if isinstance(subject.vehicle.battery, ForeignBattery):
        note.remark(text("What the mains put back is by what the battery declares, not by its own model."))
    return recharge_energy_J(subject.vehicle, stored_J)

"""Strings of driven segments: cycles, phases and constant speeds one after another until the battery is empty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.recharge import recharge_energy_J
from covolt.simulation.trace import Trace
from covolt.study.driving import drive
from covolt.study.protocol import Given, Recorder
from covolt.study.subject import Subject
from covolt.vehicle.battery import AbstractBattery

__all__ = [
    "FULL",
    "Driven",
    "Reach",
    "Segment",
    "capped",
    "constant_speed",
    "cycle_segments",
    "drive_string",
    "laboratory",
    "note_reach",
    "reach",
    "recharged_J",
    "test_mass_kg",
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
CHARGES = 257
HARDEST_s = 60
"""Over which the power of a drive is the highest that an almost empty battery must still give."""
FULL = 1.0
"""State of charge of the full battery."""


@dataclass(frozen=True)
class Segment:
    """One stretch by name: the asked speed at the end of each second."""

    name: str
    speed_m_per_s: np.ndarray


@dataclass(frozen=True)
class Driven:
    """What one segment took, from the battery's terminals, and whether it was driven to its end."""

    name: str
    distance_m: float
    energy_J: float
    complete: bool

    @property
    def consumption_J_per_m(self) -> float:
        """Energy per distance."""
        return self.energy_J / self.distance_m if self.distance_m > 0.0 else float("nan")


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
    battery = subject.vehicle.battery
    nodes, weights = np.polynomial.legendre.leggauss(GAUSS_POINTS)
    width = high_fraction - low_fraction
    voltage_V = np.asarray(_rest_V(battery, low_fraction + 0.5 * width * (nodes + 1.0)))
    return float(battery.capacity_C) * 0.5 * width * float(weights @ voltage_V)


@jax.jit
def _rest_V(battery: AbstractBattery, state_of_charge: np.ndarray) -> jax.Array:
    return jax.vmap(lambda z: battery.open_circuit_voltage_V(battery.start(z, LABORATORY_K)))(state_of_charge)


@jax.jit
def _largest_W(battery: AbstractBattery, state_of_charge: np.ndarray, temperature_K: float) -> jax.Array:
    return jax.vmap(lambda z: jnp.asarray(battery.limits(battery.start(z, temperature_K), 1.0).discharge_power_W))(
        state_of_charge
    )


@dataclass(frozen=True)
class Reach:
    """How far one cycle again and again takes a battery from its start to empty, and what leads there."""

    distance_m: float
    whole_cycles: int
    power_W: float
    empty_fraction: float
    left_cycle_fraction: float
    cells_J: float
    """What the cells give from the start to there."""


def reach(subject: Subject, steps: int, driven: Sequence[Driven], trace: Trace) -> Reach | None:
    """Range over one cycle of so many seconds again and again, as far as its energy goes; None where not one is driven whole.

    R = d (n + W(z_e, z_n) / W(z_n, z_n-1))

    n cycles are driven whole and leave the charge z_n; W is what the cells give between two charges; z_e is the charge at which the
    battery, as warm as it is then, can no longer give the highest power of the drive over a minute. What is left counts at the
    consumption of the last cycle. So the range moves steadily with the battery, and not from one peak of the cycle to
    the next, which may lie 20 km on. The minute is an estimate: the break-off of the drive itself lies -0.6 to 1.4 % from it in both
    examples, from -40 to 40 degC.
    """
    count = sum(one.complete for one in driven)
    if not count:
        return None
    window = min(HARDEST_s, count * steps)
    sums = np.cumsum(np.concatenate([[0.0], terminal_power_W(trace)[: count * steps]]))
    highest_W = float(np.max(sums[window:] - sums[:-window])) / window
    start = trace.result.mission.conditions.state_of_charge
    ends = np.concatenate([[start], trace["state_of_charge"][steps - 1 : count * steps : steps]])
    battery, battery_K = subject.vehicle.battery, float(trace["battery_temperature_K"][count * steps - 1])
    # The limit falls steeply before empty: points lie closer there.
    charge = start * np.linspace(0.0, 1.0, CHARGES) ** 2
    enough = np.asarray(_largest_W(battery, charge, battery_K))
    # Where even a full battery gives less, it was warmer: nothing is left.
    empty = float(np.interp(highest_W, np.maximum.accumulate(enough), charge, right=ends[-1]))
    left = window_energy_J(subject, empty, ends[-1]) / window_energy_J(subject, ends[-1], ends[-2])
    length_m = driven[count - 1].distance_m
    return Reach(
        distance_m=sum(one.distance_m for one in driven[:count]) + left * length_m,
        whole_cycles=count,
        power_W=highest_W,
        empty_fraction=empty,
        left_cycle_fraction=left,
        cells_J=window_energy_J(subject, empty, start),
    )


def note_reach(note: Recorder, found: Reach) -> float:
    """The lines that lead to a range to empty, and the range."""
    note.line("whole cycles", "полных циклов", float(found.whole_cycles), "1", "n")
    note.line("highest power over a minute", "наибольшая мощность за минуту", found.power_W, "kW", "P_60")
    text = ("charge at which it can no longer be given", "заряд, при котором она уже недоступна")
    note.line(*text, found.empty_fraction, "%", "z_e")
    note.line("cycles left down to there", "осталось циклов до него", found.left_cycle_fraction, "1", "x")
    note.line("energy of the cells", "энергия ячеек", found.cells_J, "kWh", "W")
    return note.line("range", "запас хода", found.distance_m, "km", "R")


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
    """A chassis dynamometer at 23 degC, comforts off, battery full, test mass of UN R154; what is given overrides it."""
    payload = subject.payload_for(test_mass_kg(subject)) if given.payload_kg is None else given.payload_kg
    ambient_K = LABORATORY_K if given.ambient_temperature_K is None else given.ambient_temperature_K
    charge = FULL if given.state_of_charge is None else given.state_of_charge
    return Conditions(ambient_temperature_K=ambient_K, payload_kg=payload, on_dynamometer=True, state_of_charge=charge)


def drive_string(
    subject: Subject, segments: Sequence[Segment], conditions: Conditions, *, up_to_m_per_s: float = math.inf
) -> tuple[list[Driven], Trace]:
    """Drive segments one after another up to the break-off or their end; what each took, and the trace.

    A trace that is missed above `up_to_m_per_s` does not break the test off.
    """
    targets = np.concatenate([segment.speed_m_per_s for segment in segments])
    mission = Mission(
        " + ".join(dict.fromkeys(one.name for one in segments))[:80], {"target_m_per_s": targets}, conditions=conditions
    )
    trace = drive(subject.vehicle, mission)
    end = break_off(np.minimum(targets, up_to_m_per_s), trace["speed_m_per_s"])
    power_W, distance_m = terminal_power_W(trace), trace["mean_speed_m_per_s"]
    driven: list[Driven] = []
    begin = 0
    for segment in segments:
        stop = begin + len(segment.speed_m_per_s)
        if begin >= end:
            break
        inside = slice(begin, min(stop, end))
        taken_J, covered_m = float(np.sum(power_W[inside])), float(np.sum(distance_m[inside]))
        driven.append(Driven(segment.name, covered_m, taken_J, stop <= end))
        begin = stop
    return driven, trace


def terminal_power_W(trace: Trace) -> np.ndarray:
    """Power drawn from the battery's terminals, negative in recuperation."""
    return -trace["battery_power_W"]


def break_off(targets_m_per_s: np.ndarray, speed_m_per_s: np.ndarray) -> int:
    """Step at which the test ends: the first of 4 s in a row below the tolerance band, else the length of the drive."""
    padded = np.pad(targets_m_per_s, 1, mode="edge")
    lowest = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:]) - TOLERANCE_m_per_s
    below = speed_m_per_s < lowest
    runs = np.convolve(below, np.ones(BREAK_OFF_s), mode="valid") >= BREAK_OFF_s - 0.5
    return int(np.argmax(runs)) if runs.any() else len(targets_m_per_s)


def recharged_J(subject: Subject, trace: Trace) -> float:
    """Mains energy that fills the battery again after a drive, E_AC: what left the cells through charger and cells."""
    stored_J = float(np.sum(trace["battery_open_circuit_power_W"])) * trace.result.mission.dt_s
    return recharge_energy_J(subject.vehicle, abs(stored_J))

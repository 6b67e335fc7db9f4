"""Driving a battery empty: one cycle again and again, how far that goes, and how a vehicle stood before in the cold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.compiled import jitted
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.heating_fuel import burnt_to_empty_J, fuel_signals, heater_of
from covolt.study.procedures.protocol import Given, Measure, Recorder
from covolt.study.procedures.segments import (
    Leg,
    LONGEST_s,
    Segment,
    drive_string,
    string_mission,
    terminal_power_W,
    window_energies_J,
)
from covolt.vehicle.abstract_battery import AbstractBattery
from covolt.vehicle.cabin import STANDING_m_per_s, loss_W_per_K
from covolt.words import text

__all__ = ["Reach", "comfort_K", "cycles_in", "made_ready", "note_comfort", "note_reach", "reach", "until_empty"]

CHARGES = 257
SWING_s = 600.0
"""Over which the temperature of a cabin with a fuel-fired heater is read, an estimate: some stops."""
HARDEST_s = 60
"""Over which the power of a drive is the highest that an almost empty battery must still give."""
SPARE = 2.2
"""A first cycle in the cold takes up to so many times what the later ones take."""
LIKELY = 1.08
"""Mostly the later ones take what the first one takes, but for so much."""
READY_BATTERY_K = ZERO_CELSIUS_K + 15.0
READY_CABIN_K = ROOM_K = ZERO_CELSIUS_K + 20.0
TEMPERATURES = ("battery_temperature_K", "cabin_temperature_K")
COMFORT_K = ZERO_CELSIUS_K + 18.0
COOL_K = ZERO_CELSIUS_K + 27.0


def made_ready(given: Given, conditions: Conditions) -> Conditions:
    """The vehicle as warm as the air, or with cabin and battery made ready at the mains; in the heat the cabin alone."""
    if given.start != "preconditioned":
        return conditions
    hot = conditions.ambient_temperature_K > READY_CABIN_K
    return replace(
        conditions,
        battery_temperature_K=None if hot else max(READY_BATTERY_K, conditions.ambient_temperature_K),
        cabin_temperature_K=READY_CABIN_K,
    )


def comfort_K(subject: Subject, *, warm: bool) -> float:
    """From where a cabin counts as comfortable: 18 degC in the cold and 27 in the heat, or within 1 K of what it is set to."""
    cabin = subject.vehicle.cabin
    if warm:
        return min(COMFORT_K, float(np.asarray(getattr(cabin, "heating_target_K", COMFORT_K + 1.0))) - 1.0)
    return max(COOL_K, float(np.asarray(getattr(cabin, "cooling_target_K", COOL_K - 1.0))) + 1.0)


def note_comfort(
    note: Recorder, subject: Subject, trace: Trace, measures: Sequence[Measure], also: Sequence[Measure] = ()
) -> None:
    """Say of results in a weather that the cabin was never made comfortable, read when half of the charge is used.

    In the cold the heat that it lacks is stated of them, and of the results of the cabin itself (`also`).
    """
    half = trace["state_of_charge"] <= 0.5 * trace.result.mission.conditions.state_of_charge
    step = int(np.argmax(half)) if half.any() else len(half) - 1
    # A thermostat of stages lets the cabin swing with every opening of the doors: its mean counts.
    span = 1 if heater_of(subject) is None else round(SWING_s / trace.result.mission.dt_s)
    cabin_K = float(np.mean(trace["cabin_temperature_K"][max(step + 1 - span, 0) : step + 1]))
    cold = trace.result.mission.conditions.ambient_temperature_K < ROOM_K
    wanted_K = comfort_K(subject, warm=cold)
    if cabin_K >= wanted_K if cold else cabin_K <= wanted_K:
        return
    stays, wanted = cabin_K - ZERO_CELSIUS_K, wanted_K - ZERO_CELSIUS_K
    if cold:
        lacking_W = _lacking_W(subject, trace, step + 1, wanted_K - cabin_K)
        for measure in (*measures, *also):
            note.lacking_heat(measure, lacking_W)
    for measure in measures:
        note.shortfall(
            measure,
            text("the cabin stays at {stays:.0f} degC, {wanted:.0f} degC are asked for", stays=stays, wanted=wanted),
        )


def _lacking_W(subject: Subject, trace: Trace, steps: int, missing_K: float) -> float:
    """Heat that would hold the cabin so much warmer than it stays: dQ = mean(G) dT, the mean over the drive up to there."""
    here = subject.vehicle.cabin.at(trace.result.mission.conditions.ambient_temperature_K)
    speed_m_per_s = trace["mean_speed_m_per_s"][:steps]
    stands = speed_m_per_s < STANDING_m_per_s
    # G is linear in the speed, with a step where doors may open: its mean is that at the mean speed of either side.
    conductances_W = [
        np.count_nonzero(side) * float(loss_W_per_K(here, np.float64(np.mean(speed_m_per_s[side])), 1.0))
        for side in (stands, ~stands)
        if side.any()
    ]
    return sum(conductances_W) / len(stands) * missing_K


def cycles_in(conditions: Conditions, first: Trace) -> tuple[int, ...]:
    """Counts of cycles to be tried: what the battery probably holds, by what the first one took of it, and surely more.

    None has more than the longest drive; a range beyond is counted on at the consumption of the last cycle (`reach`).
    """
    used = max(conditions.state_of_charge - first.result.state_of_charge, 1e-4)
    longest = max(1, int(LONGEST_s / first.result.mission.duration_s))
    likely, most = (min(int(more * conditions.state_of_charge / used) + 2, longest) for more in (LIKELY, SPARE))
    return (likely, most) if likely < most else (most,)


def until_empty(
    subject: Subject, cycle: Sequence[Segment], conditions: Conditions, *signals: str
) -> Asking[tuple[list[Leg], Trace, Reach | None]]:
    """One cycle, a single segment, again and again until the battery is empty: what each took, the trace, and the range."""
    first = yield from ask(subject.vehicle, string_mission(cycle, conditions))
    also = (*TEMPERATURES, *fuel_signals(subject), *signals)
    *likely, most = cycles_in(conditions, first)
    for count in likely:
        driven, trace = yield from drive_string(subject, tuple(cycle) * count, conditions, *also)
        if len(driven) < count or not driven[-1].complete:
            break
    else:
        driven, trace = yield from drive_string(subject, tuple(cycle) * most, conditions, *also)
    return driven, trace, reach(subject, len(cycle[0].speed_m_per_s), driven, trace)


@jitted
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
    fuel_J: float = 0.0
    """What a fuel-fired heater burns to there."""


def reach(subject: Subject, steps: int, driven: Sequence[Leg], trace: Trace) -> Reach | None:
    """Range over one cycle of so many seconds again and again, as far as its energy goes; None where not one is driven whole.

    R = d (n + W(z_e, z_n) / W(z_n-1, z_n))

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
    before, last = float(ends[-2]), float(ends[-1])
    windows = ((empty, last), (last, before), (empty, start))
    left_J, cycle_J, cells_J = window_energies_J(subject, windows)
    left = left_J / cycle_J
    length_m = driven[count - 1].distance_m
    return Reach(
        distance_m=sum(one.distance_m for one in driven[:count]) + left * length_m,
        whole_cycles=count,
        power_W=highest_W,
        empty_fraction=empty,
        left_cycle_fraction=left,
        cells_J=cells_J,
        fuel_J=burnt_to_empty_J(trace, steps, count, left),
    )


def note_reach(note: Recorder, found: Reach) -> float:
    """The lines that lead to a range to empty, and the range."""
    note.line("whole cycles", float(found.whole_cycles), "1", "n")
    note.line("highest power over a minute", found.power_W, "kW", "P_60")
    said = text("charge at which it can no longer be given")
    note.line(said, found.empty_fraction, "%", "z_e")
    note.line("cycles left down to there", found.left_cycle_fraction, "1", "x")
    note.line("energy of the cells", found.cells_J, "kWh", "W")
    return note.line("range", found.distance_m, "km", "R")

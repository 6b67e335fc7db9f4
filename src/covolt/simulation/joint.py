"""A drive with parts that are not covolt's: driven and asked again and again, until no answer changes.

    asked(k)    = what the vehicle, driven with answers(k), asks of the part over the whole mission
    answers(k+1) = what the part, begun anew, answers to asked(k)

A value of a step depends on earlier ones and on its own, so that the answers settle from the beginning of the mission to its end
(waveform relaxation: Lelarasmee, Ruehli, Sangiovanni-Vincentelli 1982), mostly in a few passes. Settled answers are those of a
vehicle whose parts are asked step by step, for every one of them belongs to what was asked with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.simulation.account import trace_of
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.flat import longest_drive, setting_vector
from covolt.simulation.mission import Mission
from covolt.simulation.request import OF_BATTERY
from covolt.simulation.trace import Executor, Outcome, Trace
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import (
    AT_ENDS,
    UNSTATED,
    AnsweredInPart,
    BatteryAnswer,
    BatteryAsked,
    BatteryBegin,
    BatteryLink,
    BatteryRow,
    ForeignBattery,
)
from covolt.words import text

__all__ = [
    "MOST_PASSES",
    "REST_RATIO",
    "Driven",
    "answered",
    "begin_of",
    "can_begin_anew",
    "change",
    "checked",
    "columns_of_answer",
    "held",
    "is_joint",
    "joint_trace",
    "last_number_held",
    "row_of",
    "shaped",
    "unsettled",
]

MOST_PASSES = 120
"""Passes after which answers that still change are not expected to settle: an estimate; packs of cells take three to
nine, forty where the battery runs empty in the cold."""
REST_RATIO = 1e-12
"""Change of an answer, over the largest number of its port, below which it is rounding."""
SOAKED_BATTERY = (10, 11)
"""Places of charge and temperature of the battery in the vector of a mission's setting."""
TEMPERATURE_K = (100.0, 1000.0)
CHARGE_FRACTION = (-0.02, 1.02)
"""Beyond these an answer is no temperature and no state of charge of a battery, whatever a contract says."""


class Driven(NamedTuple):
    """A drive as a runner hands it over: how it ended, every signal of every step, their names, and what drove."""

    ended: DriveEnd
    values: np.ndarray
    names: tuple[str, ...]
    executor: Executor


Drive = Callable[[Vehicle, Mission, Mapping[str, np.ndarray]], Driven]
"""Drives a vehicle over a mission with what its foreign parts answer to each step."""


def is_joint(vehicle: Vehicle) -> bool:
    """Whether a part of the vehicle is not covolt's."""
    return isinstance(vehicle.battery, ForeignBattery)


def can_begin_anew(vehicle: Vehicle) -> bool:
    """Whether every foreign part of the vehicle can answer a whole mission again and again."""
    battery = vehicle.battery
    return not isinstance(battery, ForeignBattery) or "whole mission" in battery.link.serves


def joint_trace(drive: Drive, vehicle: Vehicle, mission: Mission, name: str) -> Trace:
    """Drive a vehicle whose parts are asked for the whole mission, until none of their answers changes.

    Raises:
        ComponentFailed: a part gave no answer that counts, or cannot begin anew.
        CovoltError: the energy account does not hold, which is a fault of a part's model.
    """
    battery = vehicle.battery
    if not isinstance(battery, ForeignBattery):
        raise TypeError("no part of this vehicle is foreign")
    # Of a drive that may take longer than its mission all steps are asked, those after its end for nothing.
    link, count = battery.link, longest_drive(mission)
    begin = begin_of(mission)
    checked(link, shaped(link, link.start(begin, mission.dt_s), 0), mission.dt_s)
    answer = _guessed(drive, vehicle, mission, begin, count)
    passes, rest_ratio = 0, np.inf
    driven, settled = None, False
    while passes < MOST_PASSES and not settled:
        passes += 1
        driven = drive(vehicle, mission, columns_of_answer(answer))
        asked = _asked(driven, mission, answer, count)
        raw, failed = answered(link, begin, asked, np.full(count, mission.dt_s))
        found = last_number_held(raw)
        rest_ratio = change(answer, found)
        settled = rest_ratio <= REST_RATIO
        if not settled:
            answer = found
        elif failed is not None:
            raise failed
        else:
            checked(link, raw, mission.dt_s)
    if driven is None:
        raise ValueError("no pass was made")
    trace = trace_of(name, mission, driven.ended, driven.values, driven.names, driven.executor)
    parts = (ForeignPart("battery", link.name, link.runs, link.digest),)
    coupling = Coupling("whole mission", parts, passes, float(rest_ratio))
    result = replace(trace.result, coupling=coupling)
    if not settled:
        result = replace(result, outcome=unsettled(coupling))
    return replace(trace, result=result)


def unsettled(coupling: Coupling) -> Outcome:
    """How a drive or a session ended whose answers did not settle."""
    told = text(
        "the answers of {name} do not settle: after {passes} passes they still change by {rest:.1e} of their largest; "
        "drive it step by step, or in smaller steps",
        name=", ".join(one.name for one in coupling.parts),
        passes=coupling.passes,
        rest=coupling.rest_ratio,
    )
    return Outcome(False, str(told), limit="coupling", told=told)


def begin_of(mission: Mission) -> BatteryBegin:
    """How the battery of a mission begins."""
    setting = setting_vector(mission)
    charge, temperature_K = (setting[place : place + 1] for place in SOAKED_BATTERY)
    return BatteryBegin(charge, temperature_K)


def _asked(driven: Driven, mission: Mission, answer: BatteryAnswer, count: int) -> BatteryAsked:
    """What a drive asked of its battery: shape (1, n)."""

    def signal(name: str) -> np.ndarray:
        return np.ascontiguousarray(driven.values[:count, driven.names.index(name)])[None, :]

    return BatteryAsked(
        signal("battery_asked_power_W"),
        answer.voltage_V[:, 1:],
        signal("battery_heating_power_W"),
        signal("battery_cooling_power_W"),
        np.full((1, count), mission.conditions.ambient_temperature_K),
    )


def _guessed(drive: Drive, vehicle: Vehicle, mission: Mission, begin: BatteryBegin, count: int) -> BatteryAnswer:
    """What the part answers where it is asked for what a battery of its declared numbers would be: near to where answers settle.

    What warms or cools it is left out: that is asked for from the first pass on.
    """
    battery = vehicle.battery
    if not isinstance(battery, ForeignBattery):
        raise TypeError("no part of this vehicle is foreign")
    driven = drive(replace(vehicle, battery=battery.declared), mission, {})

    def signal(name: str) -> np.ndarray:
        values = driven.values[:count, driven.names.index(name)]
        return np.nan_to_num(np.ascontiguousarray(values))[None, :]

    link, none = battery.link, np.zeros((1, count))
    asked = BatteryAsked(
        signal("battery_power_W") + signal("unserved_power_W"),
        np.maximum(signal("battery_voltage_V"), 1.0),
        none,
        none,
        np.full((1, count), mission.conditions.ambient_temperature_K),
    )
    return last_number_held(answered(link, begin, asked, np.full(count, mission.dt_s))[0])


def answered(
    link: BatteryLink, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray
) -> tuple[BatteryAnswer, AnsweredInPart | None]:
    """What a part answers to a whole mission, with the error that it ended with, if any.

    Until answers settle, a part may be asked for what no vehicle would ask of it; then how it ends decides nothing.
    """
    try:
        return shaped(link, link.whole(begin, asked, steps_s), len(steps_s)), None
    except AnsweredInPart as failed:
        return shaped(link, failed.answer, len(steps_s)), failed


def held(answer: BatteryAnswer, count: int) -> BatteryAnswer:
    """The answers at the start, held over a mission; no current, no loss."""
    ends = [np.repeat(values[:, :1], count + 1, axis=1) for values in answer[:AT_ENDS]]
    rest = np.zeros((len(answer.voltage_V), count))
    return BatteryAnswer(*ends, current_A=rest, loss_power_W=rest)


def columns_of_answer(answer: BatteryAnswer) -> dict[str, np.ndarray]:
    """The answers of one battery by the names of the fields of a step's request."""
    return {f"{OF_BATTERY}{name}": values for name, values in zip(BatteryRow._fields, row_of(answer), strict=True)}


def row_of(answer: BatteryAnswer) -> np.ndarray:
    """What one battery answers to each of n steps: shape (8, n), float64, in the order of `BatteryRow`."""
    before, after = slice(None, -1), slice(1, None)
    row = {
        "discharge_power_limit_W": answer.discharge_power_limit_W[0, before],
        "charge_power_limit_W": answer.charge_power_limit_W[0, before],
        "sustained_charge_power_limit_W": answer.sustained_charge_power_limit_W[0, before],
        "voltage_before_V": answer.voltage_V[0, before],
        "voltage_V": answer.voltage_V[0, after],
        "temperature_K": answer.temperature_K[0, after],
        "state_of_charge": answer.state_of_charge[0, after],
        "current_A": answer.current_A[0],
        "loss_power_W": np.nan_to_num(answer.loss_power_W[0], nan=0.0),
    }
    return np.stack([row[name] for name in BatteryRow._fields])


def change(old: BatteryAnswer, new: BatteryAnswer) -> float:
    """Largest change of an answer over the largest number of its port; 0 where they are equal to the bit."""
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if not np.array_equal(a, b, equal_nan=True)]
    return max((float(np.nanmax(np.abs(b - a)) / max(np.nanmax(np.abs(b)), 1e-3)) for a, b in pairs), default=0.0)


def last_number_held(answer: BatteryAnswer) -> BatteryAnswer:
    """What is no number replaced by the last number before it; a loss that is not stated stays so."""

    def held(port: str, values: np.ndarray) -> np.ndarray:
        good = np.isfinite(values[0])
        if good.all() or port in UNSTATED or not good.any():
            return values
        last = np.maximum.accumulate(np.where(good, np.arange(len(good)), int(np.argmax(good))))
        return values[:, last]

    return BatteryAnswer(**{port: held(port, values) for port, values in answer._asdict().items()})


def shaped(link: BatteryLink, answer: BatteryAnswer, count: int) -> BatteryAnswer:
    """The answer, where it has a number for every step.

    Raises:
        ComponentFailed: it has not.
    """
    lengths = dict.fromkeys(answer._fields[:AT_ENDS], count + 1) | dict.fromkeys(answer._fields[AT_ENDS:], count)
    for port, values in answer._asdict().items():
        if values.shape != (1, lengths[port]):
            what = text(
                "{name} answers {port} of shape {shape}, not {wanted}",
                name=link.name,
                port=port,
                shape=str(values.shape),
                wanted=str((1, lengths[port])),
            )
            raise ComponentFailed(Problem(what, link.name, text("answer one number for each step")))
    return answer


def checked(link: BatteryLink, answer: BatteryAnswer, dt_s: float, begun_s: float = 0.0) -> BatteryAnswer:
    """The answer, where every number of it can be one.

    Raises:
        ComponentFailed: with part, port and time of the first that cannot.
    """
    count = answer.current_A.shape[1]
    for port, values in answer._asdict().items():
        bad = ~np.isfinite(values[0])
        if port in UNSTATED:
            bad &= ~np.isnan(values[0])
        low, high = {"temperature_K": TEMPERATURE_K, "state_of_charge": CHARGE_FRACTION}.get(port, (-np.inf, np.inf))
        bad |= (values[0] < low) | (values[0] > high)
        if bad.any():
            first = int(np.argmax(bad))
            what = text(
                "{name} answers {value} for {port} at {time:g} s",
                name=link.name,
                value=str(float(values[0, first])),
                port=port,
                time=begun_s + dt_s * (first + (values.shape[1] == count)),
            )
            hint = text(
                "a battery answers finite numbers, a charge from 0 to 1, and temperatures in kelvin: mend the part"
            )
            raise ComponentFailed(Problem(what, link.name, hint))
    return answer

"""A drive with parts that are not covolt's, step by step: driven one step, asked, driven on; for parts that cannot begin anew.

The answers that come so are driven with once more as a whole mission, so that the trace, the sums and the ledger are made by the
same machine code whichever way the parts were asked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.account import trace_of
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.simulation.flat import columns_of, setting_vector
from covolt.simulation.joint import begin_of, checked, columns_of_answer, shaped
from covolt.simulation.joint_part import Drive
from covolt.simulation.mission import Mission
from covolt.simulation.native.once import native_step
from covolt.simulation.packed import Key, packed
from covolt.simulation.request import ANSWERS_OF_BATTERY, OF_BATTERY
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import AT_ENDS, BatteryAnswer, BatteryAsked, ForeignBattery
from covolt.words import text

__all__ = ["stepwise_trace"]

WANTED = ("battery_asked_power_W", "battery_heating_power_W", "battery_cooling_power_W")


def stepwise_trace(drive: Drive, vehicle: Vehicle, mission: Mission, name: str) -> Trace:
    """Drive a vehicle whose parts are asked at every step.

    Limits and voltage of a step are those that the battery answered at the end of the one before; what it answers to the step
    itself decides nothing of what is asked in it.

    Raises:
        ComponentFailed: a part gave no answer that counts.
        InputError: single steps of this vehicle, or of a mission whose clock waits for it, cannot be compiled here.
    """
    battery = vehicle.battery
    if not isinstance(battery, ForeignBattery):
        raise TypeError("no part of this vehicle is foreign")
    link, count, dt_s = battery.link, mission.count, mission.dt_s
    car = packed(vehicle)
    key = Key(car.structure, car.table_shapes, columns_of(mission, ANSWERS_OF_BATTERY), mission.miss_policy)
    try:
        made = native_step(key)
    except (ImportError, NotImplementedError) as reason:
        what = text("{mission} cannot be driven step by step: {reason}", mission=mission.name, reason=str(reason))
        raise InputError(
            Problem(what, link.name, text("let the part begin anew, so that it is asked at once"))
        ) from reason
    under_way = made.under_way(car.vector_si, car.tables, setting_vector(mission), mission.profile)
    begin = begin_of(mission)
    before = checked(link, shaped(link, link.start(begin, dt_s), 0), dt_s)
    kept = [before]
    ambient_K = np.array([[mission.conditions.ambient_temperature_K]])
    for index in range(count):
        limits = _at_end(before)
        under_way.give(index, {f"{OF_BATTERY}{port}": limits[port] for port in _LIMITS})
        under_way.give(index, {f"{OF_BATTERY}voltage_before_V": limits["voltage_V"]})
        under_way.advance(index)
        power_W, heating_W, cooling_W = (np.array([[one]]) for one in under_way.signals(index, WANTED))
        asked = BatteryAsked(power_W, before.voltage_V[:, -1:], heating_W, cooling_W, ambient_K)
        after = checked(link, shaped(link, link.step(index, asked, dt_s), 1), dt_s, begun_s=index * dt_s)
        row = columns_of_answer(after)
        under_way.give(index, {port: float(row[port][0]) for port in _OF_STEP})
        under_way.advance(index)
        kept.append(after)
        before = after
    answer = _joined(kept)
    driven = drive(vehicle, mission, columns_of_answer(answer))
    trace = trace_of(name, mission, driven.ended, driven.values, driven.names, driven.executor)
    parts = (ForeignPart("battery", link.name, link.runs, link.digest),)
    return replace(trace, result=replace(trace.result, coupling=Coupling("stepwise", parts)))


_LIMITS = ("discharge_power_limit_W", "charge_power_limit_W", "sustained_charge_power_limit_W")
_OF_STEP = tuple(
    f"{OF_BATTERY}{port}" for port in ("voltage_V", "temperature_K", "state_of_charge", "current_A", "loss_power_W")
)


def _at_end(answer: BatteryAnswer) -> dict[str, float]:
    return {port: float(values[0, -1]) for port, values in zip(answer._fields[:AT_ENDS], answer, strict=False)}


def _joined(kept: list[BatteryAnswer]) -> BatteryAnswer:
    """The answers of all steps as those of a whole mission."""
    ends = [np.concatenate([one[place][:, -1:] for one in kept], axis=1) for place in range(AT_ENDS)]
    means = range(AT_ENDS, len(BatteryAnswer._fields))
    during = [np.concatenate([one[place] for one in kept[1:]], axis=1) for place in means]
    return BatteryAnswer(*ends, *during)

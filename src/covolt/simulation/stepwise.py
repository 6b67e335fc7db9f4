"""A drive with parts that are not covolt's, step by step: driven one step, asked, driven on; for parts that cannot begin anew.

The answers that come so are driven with once more as a whole mission, so that the trace, the sums and the ledger are made by the
same machine code whichever way the parts were asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.account import trace_of
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.simulation.flat import columns_of, setting_vector
from covolt.simulation.joint import begin_of, begun, checked, columns_of_answer, shaped
from covolt.simulation.joint_drive_unit import JointDriveUnit
from covolt.simulation.joint_part import Drive, Driven
from covolt.simulation.mission import Mission
from covolt.simulation.native.once import SteppedDrive, native_step
from covolt.simulation.outcome import Outcome
from covolt.simulation.packed import Key, packed
from covolt.simulation.remainder import remainder_of_drive
from covolt.simulation.request import ANSWERS_OF_BATTERY, OF_BATTERY
from covolt.simulation.trace import Trace
from covolt.simulation.warming import judged_drive
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import AT_ENDS, BatteryAnswer, BatteryAsked, ForeignBattery
from covolt.vehicle.foreign_drive_unit import ForeignDriveUnit
from covolt.words import text

__all__ = ["stepwise_trace"]

WANTED = ("battery_asked_power_W", "battery_heating_power_W", "battery_cooling_power_W")


class _Stepped(Protocol):
    """A foreign part that is asked at every step."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Fields of a step's request that it answers."""
        ...

    def prepare(self, under_way: SteppedDrive, index: int) -> None:
        """Give what it answered before the step."""
        ...

    def ask(self, under_way: SteppedDrive, index: int) -> None:
        """Ask for the step that was advanced, and give what it answers."""
        ...

    def answers(self) -> dict[str, np.ndarray]:
        """All that it answered, by column."""
        ...

    def outcome(self, driven: Driven) -> Outcome | None:
        """Why the drive is no result."""
        ...

    def told(self, driven: Driven) -> ForeignPart:
        """How it took part."""
        ...


def stepwise_trace(drive: Drive, vehicle: Vehicle, mission: Mission, name: str) -> Trace:
    """Drive a vehicle whose parts are asked at every step: drive units for what is driven, then the battery for all of it.

    Limits and voltage of a step are those that the battery answered at the end of the one before; what it answers to the step
    itself decides nothing of what is asked in it. What a drive unit takes beyond the declared decides its torque where the limit
    of the battery binds: it is asked by what it took in the step before, and driven by what it takes now.

    Raises:
        ComponentFailed: a part gave no answer that counts.
        InputError: single steps of this vehicle, or of a mission whose clock waits for it, cannot be compiled here.
    """
    parts = _parts(vehicle, mission)
    if not parts:
        raise TypeError("no part of this vehicle is foreign")
    under_way = _under_way(vehicle, mission, parts)
    for index in range(mission.count):
        for one in parts:
            one.prepare(under_way, index)
        for one in parts:
            under_way.advance(index)
            one.ask(under_way, index)
        under_way.advance(index)
    driven = drive(vehicle, mission, {name: values for one in parts for name, values in one.answers().items()})
    trace = trace_of(name, mission, driven.ended, driven.values, driven.names, driven.executor)
    result = replace(trace.result, coupling=Coupling("stepwise", tuple(one.told(driven) for one in parts)))
    if refused := [why for one in parts if (why := one.outcome(driven)) is not None]:
        result = replace(result, outcome=refused[0])
    return replace(trace, result=result)


def _parts(vehicle: Vehicle, mission: Mission) -> list[_Stepped]:
    """The foreign parts in the order in which they are asked: the battery last, for its power is that of all others."""
    axles = [(place, axle) for place, axle in enumerate(vehicle.axles) if isinstance(axle.drive_unit, ForeignDriveUnit)]
    units: list[_Stepped] = [_SteppedUnit(JointDriveUnit(axle, place, mission, mission.count)) for place, axle in axles]
    battery = [_SteppedBattery(vehicle.battery, mission)] if isinstance(vehicle.battery, ForeignBattery) else []
    return [*units, *battery]


def _under_way(vehicle: Vehicle, mission: Mission, parts: Sequence[_Stepped]) -> SteppedDrive:
    """The vehicle at its start, as machine code of single steps."""
    car = packed(vehicle)
    answered = [column for one in parts for column in one.columns]
    key = Key(car.structure, car.table_shapes, columns_of(mission, answered), mission.miss_policy)
    try:
        made = native_step(key)
    except (ImportError, NotImplementedError) as reason:
        what = text("{mission} cannot be driven step by step: {reason}", mission=mission.name, reason=str(reason))
        hint = text("let the part begin anew, so that it is asked at once")
        raise InputError(Problem(what, mission.name, hint)) from reason
    return made.under_way(car.vector_si, car.tables, setting_vector(mission), mission.profile)


@final
class _SteppedUnit:
    """The drive units of one axle."""

    def __init__(self, unit: JointDriveUnit) -> None:
        self._unit = unit
        self.columns = tuple(unit.columns())

    def prepare(self, under_way: SteppedDrive, index: int) -> None:
        """Give what it took beyond the declared in the step before: by that the battery's limit is shared first."""
        before_W = self._unit.columns()[self.columns[0]][max(index - 1, 0)]
        under_way.give(index, dict.fromkeys(self.columns, float(before_W)))

    def ask(self, under_way: SteppedDrive, index: int) -> None:
        """Ask for torque and speed of the step."""
        wanted = self._unit.wanted
        signals = dict(zip(wanted, under_way.signals(index, wanted), strict=True))
        under_way.give(index, dict.fromkeys(self.columns, self._unit.step(index, signals)))

    def answers(self) -> dict[str, np.ndarray]:
        """By column what it took beyond what it declares."""
        return self._unit.columns()

    def outcome(self, driven: Driven) -> Outcome | None:
        """As over whole missions."""
        return self._unit.outcome(driven)

    def told(self, driven: Driven) -> ForeignPart:
        """As over whole missions."""
        return self._unit.told(driven)


@final
class _SteppedBattery:
    """The battery."""

    columns = ANSWERS_OF_BATTERY

    def __init__(self, battery: ForeignBattery, mission: Mission) -> None:
        self._battery, self._link, self._dt_s = battery, battery.link, mission.dt_s
        link = self._link
        self._ambient_K = np.array([[mission.conditions.ambient_temperature_K]])
        self._kept = [begun(link, begin_of(mission), mission.dt_s)]

    def prepare(self, under_way: SteppedDrive, index: int) -> None:
        """Give the limits and the voltage at the end of the step before."""
        limits = _at_end(self._kept[-1])
        under_way.give(index, {f"{OF_BATTERY}{port}": limits[port] for port in _LIMITS})
        under_way.give(index, {f"{OF_BATTERY}voltage_before_V": limits["voltage_V"]})

    def ask(self, under_way: SteppedDrive, index: int) -> None:
        """Ask for the power of the step."""
        link, dt_s, before = self._link, self._dt_s, self._kept[-1]
        power_W, heating_W, cooling_W = (np.array([[one]]) for one in under_way.signals(index, WANTED))
        asked = BatteryAsked(power_W, before.voltage_V[:, -1:], heating_W, cooling_W, self._ambient_K)
        after = checked(link, shaped(link, link.step(index, asked, dt_s), 1), dt_s, begun_s=index * dt_s)
        row = columns_of_answer(after)
        under_way.give(index, {port: float(row[port][0]) for port in _OF_STEP})
        self._kept.append(after)

    def answers(self) -> dict[str, np.ndarray]:
        """Its answers as a `BatteryRow` of each step."""
        return columns_of_answer(_joined(self._kept))

    def outcome(self, driven: Driven) -> Outcome | None:
        """As over whole missions."""
        temperature_K = _joined(self._kept).temperature_K[0]
        return judged_drive(self._battery, driven, temperature_K, float(self._ambient_K[0, 0]), self._dt_s)

    def told(self, driven: Driven) -> ForeignPart:
        """As over whole missions."""
        share = remainder_of_drive(self._battery, driven, self._dt_s).ratio
        link = self._link
        return ForeignPart("battery", link.name, link.runs, link.digest, None, share, link.protections)


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

"""A drive with parts that are not covolt's: driven and asked again and again, until no answer changes.

    asked(k)    = what the vehicle, driven with answers(k), asks of the part over the whole mission
    answers(k+1) = what the part, begun anew, answers to asked(k)

A value of a step depends on earlier ones and on its own, so that the answers settle from the beginning of the mission to its end
(waveform relaxation: Lelarasmee, Ruehli, Sangiovanni-Vincentelli 1982), mostly in a few passes. Settled answers are those of a
vehicle whose parts are asked step by step, for every one of them belongs to what was asked with it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import final

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.simulation.account import trace_of
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.simulation.flat import longest_drive, setting_vector
from covolt.simulation.joint_drive_unit import JointDriveUnit
from covolt.simulation.joint_part import Drive, Driven, JointPart, demand_shape, last_number_held_of, no_number
from covolt.simulation.mission import ZERO_CELSIUS_K, Mission
from covolt.simulation.outcome import Outcome
from covolt.simulation.remainder import remainder_of_drive
from covolt.simulation.request import OF_BATTERY
from covolt.simulation.trace import Trace
from covolt.simulation.warming import judged_drive
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
    Outside,
)
from covolt.vehicle.foreign_drive_unit import DriveUnitLink, ForeignDriveUnit
from covolt.words import text

__all__ = [
    "FEW_PASSES",
    "MOST_PASSES",
    "REST_RATIO",
    "alone",
    "answered",
    "begin_of",
    "begun",
    "can_begin_anew",
    "change",
    "checked",
    "columns_of_answer",
    "held",
    "is_joint",
    "is_settled",
    "joint_trace",
    "last_number_held",
    "row_of",
    "runs_here",
    "shaped",
    "unsettled",
]

MOST_PASSES, FEW_PASSES = 120, 24
"""Passes after which answers that still change are not expected to settle: an estimate; packs of cells take three to
nine, a hundred where a battery is held at a temperature for hours. After the few a part that runs here is asked step by step."""
REST_RATIO = 1e-12
"""Change of an answer, over the largest number of its port, below which it is rounding."""
SOAKED_BATTERY = (10, 11)
"""Places of charge and temperature of the battery in the vector of a mission's setting."""
FARTHEST_FRACTION, FARTHEST_K = 0.02, 5.0
"""By how much a battery may say at its start that it is charged or warm otherwise than it was begun: rounding, coarse scales."""
TEMPERATURE_K = (100.0, 1000.0)
CHARGE_FRACTION = (-0.02, 1.02)
"""Beyond these an answer is no temperature and no state of charge of a battery, whatever a contract says."""


def is_joint(vehicle: Vehicle) -> bool:
    """Whether a part of the vehicle is not covolt's."""
    return bool(_links(vehicle))


def can_begin_anew(vehicle: Vehicle) -> bool:
    """Whether every foreign part of the vehicle can answer a whole mission again and again."""
    return all("whole mission" in link.serves for link in _links(vehicle))


def _links(vehicle: Vehicle) -> list[BatteryLink | DriveUnitLink]:
    battery = [vehicle.battery.link] if isinstance(vehicle.battery, ForeignBattery) else []
    units = [axle.drive_unit for axle in vehicle.axles]
    return [*battery, *(unit.link for unit in units if isinstance(unit, ForeignDriveUnit))]


@contextmanager
def alone(vehicle: Vehicle) -> Generator[Vehicle]:
    """The vehicle with its foreign parts by ways on which nobody else asks until the block ends, as for single steps."""
    with ExitStack() as stack:
        if isinstance(vehicle.battery, ForeignBattery):
            link = stack.enter_context(vehicle.battery.link.alone())
            vehicle = replace(vehicle, battery=replace(vehicle.battery, link_outside=Outside(link)))
        axles = list(vehicle.axles)
        for place, axle in enumerate(axles):
            if isinstance(axle.drive_unit, ForeignDriveUnit):
                unit = replace(axle.drive_unit, link_outside=Outside(stack.enter_context(axle.drive_unit.link.alone())))
                axles[place] = replace(axle, drive_unit=unit)
        yield replace(vehicle, axles=tuple(axles))


def runs_here(vehicle: Vehicle) -> bool:
    """Whether every foreign part of it runs on this machine, where a step costs microseconds."""
    return all(link.runs in {"in process", "sandboxed"} for link in _links(vehicle))


def is_settled(trace: Trace) -> bool:
    """Whether the answers of its foreign parts are those to what it asked."""
    coupling = trace.result.coupling
    return coupling is None or coupling.rest_ratio <= REST_RATIO


def joint_trace(drive: Drive, vehicle: Vehicle, mission: Mission, name: str, most_passes: int = MOST_PASSES) -> Trace:
    """Drive a vehicle whose parts are asked for the whole mission, until none of their answers changes.

    Raises:
        ComponentFailed: a part gave no answer that counts, or cannot begin anew.
        CovoltError: the energy account does not hold, which is a fault of a part's model.
    """
    parts = _parts(drive, vehicle, mission)
    if not parts:
        raise TypeError("no part of this vehicle is foreign")
    for one in parts:
        one.begin()
    passes, rest_ratio = 0, np.inf
    driven, settled = None, False
    while passes < most_passes and not settled:
        passes += 1
        driven = drive(vehicle, mission, {name: values for one in parts for name, values in one.columns().items()})
        rest_ratio = max([one.ask(driven) for one in parts])
        settled = rest_ratio <= REST_RATIO
        for one in parts:
            if settled:
                one.judge()
            else:
                one.take()
    if driven is None:
        raise ValueError("no pass was made")
    trace = trace_of(name, mission, driven.ended, driven.values, driven.names, driven.executor)
    coupling = Coupling("whole mission", tuple(one.told(driven) for one in parts), passes, float(rest_ratio))
    result = replace(trace.result, coupling=coupling)
    if not settled:
        result = replace(result, outcome=unsettled(coupling))
    elif refused := [why for one in parts if (why := one.outcome(driven)) is not None]:
        result = replace(result, outcome=refused[0])
    return replace(trace, result=result)


def _parts(drive: Drive, vehicle: Vehicle, mission: Mission) -> list[JointPart]:
    """The foreign parts of a vehicle, each with the answers with which it is first driven."""
    # Of a drive that may take longer than its mission all steps are asked, those after its end for nothing.
    count = longest_drive(mission)
    axles = [(place, axle) for place, axle in enumerate(vehicle.axles) if isinstance(axle.drive_unit, ForeignDriveUnit)]
    units: list[JointPart] = [JointDriveUnit(axle, place, mission, count) for place, axle in axles]
    if not isinstance(vehicle.battery, ForeignBattery):
        return units
    declared = replace(vehicle, battery=vehicle.battery.declared)
    first = {name: values for one in units for name, values in one.columns().items()}
    return [_JointBattery(vehicle.battery, mission, count, lambda: drive(declared, mission, first)), *units]


@final
class _JointBattery:
    """The battery as a `JointPart`; `declared` drives with one of its declared numbers, near to where its answers settle."""

    def __init__(self, battery: ForeignBattery, mission: Mission, count: int, declared: Callable[[], Driven]) -> None:
        self._battery, self._link = battery, battery.link
        self._mission, self._count, self._declared = mission, count, declared
        self._steps_s = np.full(count, mission.dt_s)
        self._ambient_K = np.full((1, count), mission.conditions.ambient_temperature_K)
        self._begin = begin_of(mission)
        self._failed: AnsweredInPart | None = None

    def begin(self) -> None:
        """The answers at the start, and those to what a battery of its declared numbers is asked.

        What warms or cools it is left out: that is asked for from the first pass on.
        """
        link = self._link
        driven, none = self._declared(), np.zeros((1, self._count))

        def signal(name: str) -> np.ndarray:
            return np.nan_to_num(driven.signal(name, self._count))

        power_W = signal("battery_power_W") + signal("unserved_power_W")
        voltage_V = np.maximum(signal("battery_voltage_V"), 1.0)
        asked = BatteryAsked(power_W, voltage_V, none, none, self._ambient_K)
        first = answered(link, self._begin, asked, self._steps_s)[0]
        at_start = [values[:, :1] for values in first[:AT_ENDS]]
        none = np.empty((1, 0))
        demand_begun(link, BatteryAnswer(*at_start, current_A=none, loss_power_W=none), self._begin, self._mission.dt_s)
        self._answer = last_number_held(first)
        self._raw = self._found = self._answer

    def columns(self) -> dict[str, np.ndarray]:
        """Its answers as a `BatteryRow` of each step."""
        return columns_of_answer(self._answer)

    def ask(self, driven: Driven) -> float:
        """Ask for the power that the drive asked for."""
        asked = BatteryAsked(
            driven.signal("battery_asked_power_W", self._count),
            self._answer.voltage_V[:, 1:],
            driven.signal("battery_heating_power_W", self._count),
            driven.signal("battery_cooling_power_W", self._count),
            self._ambient_K,
        )
        self._raw, self._failed = answered(self._link, self._begin, asked, self._steps_s)
        self._found = last_number_held(self._raw)
        return change(self._answer, self._found)

    def take(self) -> None:
        """Drive on with the last answers."""
        self._answer = self._found

    def judge(self) -> None:
        """The answers count where every number of them can be one."""
        if self._failed is not None:
            raise self._failed
        checked(self._link, self._raw, self._mission.dt_s)

    def outcome(self, driven: Driven) -> Outcome | None:
        """A battery that makes energy or heat, or loses it unseen, is not the one that it declares."""
        ambient_K = self._mission.conditions.ambient_temperature_K
        return judged_drive(self._battery, driven, self._found.temperature_K[0], ambient_K, self._mission.dt_s)

    def told(self, driven: Driven) -> ForeignPart:
        """How it took part, and what it leaves unexplained."""
        share = remainder_of_drive(self._battery, driven, self._mission.dt_s).ratio
        link = self._link
        return ForeignPart("battery", link.name, link.runs, link.digest, None, share, link.protections)


def unsettled(coupling: Coupling) -> Outcome:
    """How a drive or a session ended whose answers did not settle."""
    told = text(
        "the answers of {name} do not settle: after {passes} passes they still change by {rest:.1e} of their largest; "
        "drive it step by step, or in smaller steps",
        name=", ".join(one.name for one in coupling.parts),
        passes=coupling.passes,
        rest=coupling.rest_ratio,
    )
    return Outcome(False, told, limit="coupling")


def begin_of(mission: Mission) -> BatteryBegin:
    """How the battery of a mission begins."""
    setting = setting_vector(mission)
    charge, temperature_K = (setting[place : place + 1] for place in SOAKED_BATTERY)
    return BatteryBegin(charge, temperature_K)


def answered(
    link: BatteryLink, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray
) -> tuple[BatteryAnswer, AnsweredInPart | None]:
    """What a part answers to a whole mission, with the error that it ended with, if any.

    Until answers settle, a part may be asked for what no vehicle would ask of it; then how it ends decides nothing.
    """
    try:
        return shaped(link, link.whole(begin, asked, steps_s), len(steps_s)), None
    except AnsweredInPart as failed:
        return shaped(link, BatteryAnswer(*failed.answer), len(steps_s)), failed


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
    return BatteryAnswer(
        **{
            port: values if port in UNSTATED else last_number_held_of(values)
            for port, values in answer._asdict().items()
        }
    )


def shaped(link: BatteryLink, answer: BatteryAnswer, count: int) -> BatteryAnswer:
    """The answer, where it has a number for every step.

    Raises:
        ComponentFailed: it has not.
    """
    lengths = dict.fromkeys(answer._fields[:AT_ENDS], count + 1) | dict.fromkeys(answer._fields[AT_ENDS:], count)
    for port, values in answer._asdict().items():
        demand_shape(link.name, port, values, (1, lengths[port]))
    return answer


def begun(link: BatteryLink, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
    """The answers at the start of a battery that begins where it was begun.

    Raises:
        ComponentFailed: they do not count, or are those of another charge or temperature.
    """
    return demand_begun(link, shaped(link, link.start(begin, dt_s), 0), begin, dt_s)


def demand_begun(link: BatteryLink, answer: BatteryAnswer, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
    """The answers at the start, where they are those of a battery that begins where it was begun.

    Raises:
        ComponentFailed: they do not count, or are those of another charge or temperature.
    """
    answer = checked(link, answer, dt_s)
    charge, temperature_K = float(answer.state_of_charge[0, 0]), float(answer.temperature_K[0, 0])
    asked, asked_K = float(begin.state_of_charge[0]), float(begin.temperature_K[0])
    if abs(charge - asked) <= FARTHEST_FRACTION and abs(temperature_K - asked_K) <= FARTHEST_K:
        return answer
    what = text(
        "{name} was begun at {asked:.1f} % and {asked_degC:.0f} degC, and says at its start {charge:.1f} % and {degC:.0f} degC",
        name=link.name,
        asked=100.0 * asked,
        asked_degC=asked_K - ZERO_CELSIUS_K,
        charge=100.0 * charge,
        degC=temperature_K - ZERO_CELSIUS_K,
    )
    hint = text(
        "it begins by state_of_charge_start and temperature_start; are its numbers in the units that it states?"
    )
    raise ComponentFailed(Problem(what, link.name, hint))


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
            hint = text(
                "a battery answers finite numbers, a charge from 0 to 1, and temperatures in kelvin: mend the part"
            )
            time_s = begun_s + dt_s * (first + (values.shape[1] == count))
            raise no_number(link.name, port, float(values[0, first]), time_s, hint)
    return answer

"""The drive units of one axle in a joint drive: asked for what is driven, judged by how far they are from what they declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, final

import numpy as np

from covolt.simulation.coupling import ForeignPart
from covolt.simulation.flat import setting_vector
from covolt.simulation.joint_part import Driven, demand_shape, last_number_held_of, no_number
from covolt.simulation.mission import Mission
from covolt.simulation.outcome import Outcome
from covolt.simulation.request import EXCESSES
from covolt.vehicle.assembly import Axle
from covolt.vehicle.foreign import AnsweredInPart
from covolt.vehicle.foreign_drive_unit import (
    DriveUnitAnswer,
    DriveUnitAsked,
    DriveUnitBegin,
    DriveUnitLink,
    ForeignDriveUnit,
)
from covolt.words import text

__all__ = [
    "LARGEST_SHARE",
    "LEAST_TORQUE_RATIO",
    "SLOTS",
    "JointDriveUnit",
    "asked_of_unit",
    "begin_of_unit",
    "checked_unit",
    "excess_W",
    "shaped_unit",
]

SLOTS = ("drive_unit", "second_drive_unit")
"""Slot of the drive units of an axle by its place."""
LARGEST_SHARE = 0.1
"""Sum |declared - real| over energy through the terminals of all drive units, beyond which a drive is no result.

Of that energy about a tenth is lost on a standard cycle: a unit that differs by more loses twice what it declares, or nothing.
How the force was shared, and what limits allowed, was then decided for another unit."""
LEAST_TORQUE_RATIO = 0.01
"""Torque that a unit may lack of what is asked, over its declared peak: limits are read at a speed that the step then moves, and
declared numbers are rounded to about that."""
WANTED = ("torque_Nm", "rotor_speed_rad_per_s", "voltage_before_V", "coolant_before_K", "declared_loss_power_W")
"""Signals of an axle by which a step says what is asked of its units."""
SOAKED_VEHICLE = 13
"""Place of the temperature of drive units in the vector of a mission's setting."""
TEMPERATURE_K = (100.0, 1000.0)
"""Beyond these an answer is no temperature of a winding."""
SMALLEST_W = 1.0
"""Of a port whose answers are all smaller, changes are measured against it."""


class _Asked(NamedTuple):
    """What a drive asked of one unit of an axle, and the loss that the unit declares of it: shape (1, n)."""

    asked: DriveUnitAsked
    declared_loss_W: np.ndarray


@final
class JointDriveUnit:
    """The foreign units of one axle as a `JointPart`.

    Args:
        axle: the axle.
        place: which axle of the vehicle that is.
        mission: what is driven.
        count: steps that a drive may take.
    """

    def __init__(self, axle: Axle, place: int, mission: Mission, count: int) -> None:
        unit = axle.drive_unit
        if not isinstance(unit, ForeignDriveUnit):
            raise TypeError("the drive unit of this axle is covolt's own")
        self._axle, self._place, self._link = axle, place, unit.link
        self._peak_Nm = float(unit.peak_torque_Nm())
        self._dt_s, self._count = mission.dt_s, count
        self._begin = begin_of_unit(mission)
        self._excess_W = np.zeros(count)
        self._answer: DriveUnitAnswer | None = None
        self._raw: DriveUnitAnswer | None = None
        self._found_W, self._found = self._excess_W, self._answer
        self._failed: AnsweredInPart | None = None
        self._torque_Nm = np.zeros((2, count))
        """What was asked for and what was given; both nothing of a unit that does not say what it gives."""

    def begin(self) -> None:
        """A drive unit answers nothing before it is asked."""

    def columns(self) -> dict[str, np.ndarray]:
        """What the units take beyond what they declare; at first nothing."""
        return {EXCESSES[self._place]: self._excess_W}

    def ask(self, driven: Driven) -> float:
        """Ask for what was driven.

        Raises:
            ComponentFailed: one of its ports has no number at all.
        """
        count = float(self._axle.unit_count)
        asked, declared_W = asked_of_unit(self._axle, driven, self._count)
        steps_s = np.full(self._count, self._dt_s)
        try:
            raw, self._failed = self._link.whole(self._begin, asked, steps_s), None
        except AnsweredInPart as failed:
            raw, self._failed = DriveUnitAnswer(*failed.answer), failed
        self._raw = shaped_unit(self._link, raw, self._count)
        if any(not np.isfinite(values).any() for values in _stated(self._raw).values()):
            # There is nothing to drive on with.
            self.judge()
        self._found = _last_number_held(self._raw)
        if self._found.torque_Nm is not None:
            self._torque_Nm[:] = asked.torque_Nm[0], self._found.torque_Nm[0]
        self._found_W = count * excess_W(self._found, asked, declared_W)[0]
        if self._answer is None:
            return np.inf
        largest_W = max(float(np.max(np.abs(self._found.power_W))), SMALLEST_W)
        moved = float(np.max(np.abs(self._found_W - self._excess_W))) / (count * largest_W)
        return max(moved, _change(self._answer, self._found))

    def take(self) -> None:
        """Drive on with the last answers."""
        self._answer, self._excess_W = self._found, self._found_W

    def judge(self) -> None:
        """The answers count where every number of them can be one."""
        if self._failed is not None:
            raise self._failed
        if self._raw is not None:
            checked_unit(self._link, self._raw, self._dt_s)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Signals by which a step says what is asked of the units."""
        return tuple(f"{self._axle.name}_{name}" for name in WANTED)

    def step(self, index: int, signals: Mapping[str, float]) -> float:
        """Ask for one step of a drive that is under way; what the units take beyond what they declare of it.

        Raises:
            ComponentFailed: the answer does not count.
        """
        asked, declared_W = _one_asked(self._axle, lambda name: np.array([[signals[name]]]))
        if index == 0:
            self._link.start(self._begin, asked, self._dt_s)
        answer = shaped_unit(self._link, self._link.step(index, asked, self._dt_s), 1)
        checked_unit(self._link, answer, self._dt_s, begun_s=index * self._dt_s)
        if answer.torque_Nm is not None:
            self._torque_Nm[:, index] = asked.torque_Nm[0, 0], answer.torque_Nm[0, 0]
        self._excess_W[index] = float(self._axle.unit_count) * excess_W(answer, asked, declared_W)[0, 0]
        return float(self._excess_W[index])

    def outcome(self, driven: Driven) -> Outcome | None:
        """A unit that lacks torque, or takes much more or less than it declares, is another one than was driven."""
        lacking = self._lacking_torque(driven)
        share = self._share(driven)
        if lacking is not None:
            step, given_Nm, asked_Nm = lacking
            told = text(
                "{name} gives {given:.0f} Nm where {asked:.0f} Nm are asked at {time:g} s: its torque is not that which it "
                "declares",
                name=self._link.name,
                given=given_Nm,
                asked=asked_Nm,
                time=(step + 1) * self._dt_s,
            )
        elif share > LARGEST_SHARE:
            told = text(
                "{name} differs from what it declares by {share:.1f} % of the energy through the drive units, by more than "
                "{largest:.0f} %: force was shared and limits were set for another unit; declare its losses as they are",
                name=self._link.name,
                share=100.0 * share,
                largest=100.0 * LARGEST_SHARE,
            )
        else:
            return None
        return Outcome(False, told, limit="coupling")

    def told(self, driven: Driven) -> ForeignPart:
        """How it took part, and its share of what differs."""
        link = self._link
        share, slot = self._share(driven), SLOTS[self._place]
        return ForeignPart(slot, link.name, link.runs, link.digest, share, protections=link.protections)

    def _share(self, driven: Driven) -> float:
        """Sum |declared - real| over energy through the terminals of all drive units; 0 where none flows."""
        steps = int(driven.ended.driven_steps)
        differs_W = driven.signal(f"{self._axle.name}_declared_less_real_power_W", steps)
        through_W = driven.signal("drive_unit_power_W", steps)
        through = float(np.sum(np.abs(through_W)))
        return float(np.sum(np.abs(differs_W))) / through if through > 0.0 else 0.0

    def _lacking_torque(self, driven: Driven) -> tuple[int, float, float] | None:
        """First step in which the unit gives less than it is asked for, with both torques; None where it gives it all."""
        asked_Nm, given_Nm = self._torque_Nm[:, : int(driven.ended.driven_steps)]
        lacks = np.abs(given_Nm - asked_Nm) > LEAST_TORQUE_RATIO * self._peak_Nm
        first = int(np.argmax(lacks))
        return (first, float(given_Nm[first]), float(asked_Nm[first])) if lacks.any() else None


def begin_of_unit(mission: Mission) -> DriveUnitBegin:
    """How the drive unit of a mission begins."""
    return DriveUnitBegin(setting_vector(mission)[SOAKED_VEHICLE : SOAKED_VEHICLE + 1])


def asked_of_unit(axle: Axle, driven: Driven, count: int) -> _Asked:
    """What a drive asked of one unit of an axle, and what it declares of that: shape (1, n), the last step held after its end."""
    at = np.minimum(np.arange(count), int(driven.ended.driven_steps) - 1)
    return _one_asked(axle, lambda name: np.ascontiguousarray(driven.signal(name, count)[:, at]))


def _one_asked(axle: Axle, signal: Callable[[str], np.ndarray]) -> _Asked:
    torque_Nm, speed_rad_per_s, voltage_V, coolant_K, loss_W = (signal(f"{axle.name}_{name}") for name in WANTED)
    units = float(axle.unit_count)
    return _Asked(DriveUnitAsked(torque_Nm / units, speed_rad_per_s, voltage_V, coolant_K), loss_W / units)


def excess_W(answer: DriveUnitAnswer, asked: DriveUnitAsked, declared_loss_W: np.ndarray) -> np.ndarray:
    """What a unit loses beyond the declared, (P - T w) - L, with the torque T that it gave.

    Torque that it does not give costs the vehicle its power at the terminals all the same: none is driven with for nothing.
    """
    torque_Nm = asked.torque_Nm if answer.torque_Nm is None else answer.torque_Nm
    return (answer.power_W - torque_Nm * asked.speed_rad_per_s) - declared_loss_W


def shaped_unit(link: DriveUnitLink, answer: DriveUnitAnswer, count: int) -> DriveUnitAnswer:
    """The answer, where it has a number for every step.

    Raises:
        ComponentFailed: it has not.
    """
    for port, values in _stated(answer).items():
        demand_shape(link.name, port, values, (1, count))
    return answer


def checked_unit(link: DriveUnitLink, answer: DriveUnitAnswer, dt_s: float, begun_s: float = 0.0) -> DriveUnitAnswer:
    """The answer, where every number of it can be one.

    Raises:
        ComponentFailed: with part, port and time of the first that cannot.
    """
    for port, values in _stated(answer).items():
        bad = ~np.isfinite(values[0])
        if port == "winding_temperature_K":
            bad |= (values[0] < TEMPERATURE_K[0]) | (values[0] > TEMPERATURE_K[1])
        if bad.any():
            first = int(np.argmax(bad))
            hint = text("a drive unit answers finite numbers, and temperatures in kelvin: mend the part")
            raise no_number(link.name, port, float(values[0, first]), begun_s + dt_s * (first + 1), hint)
    return answer


def _stated(answer: DriveUnitAnswer) -> dict[str, np.ndarray]:
    return {port: values for port, values in answer._asdict().items() if values is not None}


def _last_number_held(answer: DriveUnitAnswer) -> DriveUnitAnswer:
    return DriveUnitAnswer(**{port: last_number_held_of(values) for port, values in _stated(answer).items()})


def _change(old: DriveUnitAnswer, new: DriveUnitAnswer) -> float:
    """Largest change of an answer over the largest number of its port."""
    before = _stated(old)
    return max(
        float(np.max(np.abs(values - before[port]))) / max(float(np.max(np.abs(values))), 1e-3)
        for port, values in _stated(new).items()
    )

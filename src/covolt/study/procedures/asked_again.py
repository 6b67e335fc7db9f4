"""Foreign parts are asked the same before and after their first drive: what answers by chance, or by a clock, verifies nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar, final

import numpy as np

from covolt.errors import Problem, Unavailable
from covolt.exchange.gathering import by_itself
from covolt.library.pool import AbstractPooled
from covolt.simulation.joint import REST_RATIO
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import AnsweredInPart, BatteryAsked, BatteryBegin, BatteryLink, ForeignBattery, PartLink
from covolt.vehicle.foreign_drive_unit import DriveUnitAsked, DriveUnitBegin, DriveUnitLink, ForeignDriveUnit
from covolt.words import text

__all__ = ["AskedAgain"]

STEPS, STEP_s = 20, 1.0
CHARGE_FRACTION, TEMPERATURE_K = 0.5, 296.15
POWER_PER_s = 0.2 / 3600.0
"""Largest power of the question over the energy of the battery: a fifth of an hourly rate, which every pack gives and takes."""
TORQUE_RATIO, SPEED_RATIO = 0.1, 0.2
"""Largest torque and speed of the question, over the declared ones of the drive unit."""

Named = dict[str, np.ndarray]
Link = TypeVar("Link", BatteryLink, DriveUnitLink)


class _Question(NamedTuple):
    """A foreign part, and what asks it: of every worker that it has, its answers by port."""

    link: PartLink
    ask: Callable[[], list[Named]]

    @property
    def key(self) -> tuple[str, str, str]:
        """Which part that is, however aged."""
        return self.link.name, self.link.runs, self.link.digest


@final
class AskedAgain:
    """Asks every foreign part of a vehicle one short question before it is first driven, and again after that, once.

    The question is one of twenty steps, of half charge at 23 degC and small powers. Answers count as the same where no port
    changes by more than `REST_RATIO` of its largest number, as answers that settle; those of several workers of one part too. A
    record answers nothing but what was asked before, and is not asked.
    """

    def __init__(self) -> None:
        self._same: set[tuple[str, str, str]] = set()
        self._differs: dict[tuple[str, str, str], Unavailable] = {}

    @contextmanager
    def around(self, vehicle: Vehicle) -> Generator[None]:
        """Asks before and after the block, where that was not yet done.

        Raises:
            Unavailable: a part answers differently when it is asked the same, and from then on at once.
        """
        new: list[tuple[_Question, list[Named]]] = []
        for one in _questions(vehicle):
            if one.key in self._differs:
                raise Unavailable(self._differs[one.key].problems)
            if one.key not in self._same and one.link.runs != "replayed":
                new.append((one, one.ask()))
        try:
            yield
        except Unavailable:
            # Why its answers do not settle, where that is so.
            self._judge(new)
            raise
        self._judge(new)

    def _judge(self, new: list[tuple[_Question, list[Named]]]) -> None:
        for one, before in new:
            problem = _difference(one.link, before + one.ask())
            if problem is not None:
                self._differs[one.key] = Unavailable(problem)
                raise self._differs[one.key]
            self._same.add(one.key)


def _questions(vehicle: Vehicle) -> Generator[_Question]:
    if isinstance(battery := vehicle.battery, ForeignBattery):
        yield _Question(battery.link, lambda: _of_each(battery.link, lambda link: _ask_battery(link, battery)))
    for axle in vehicle.axles:
        if isinstance(unit := axle.drive_unit, ForeignDriveUnit):
            yield _Question(unit.link, lambda unit=unit: _of_each(unit.link, lambda link: _ask_unit(link, unit)))


def _of_each(link: Link, ask: Callable[[Link], Named]) -> list[Named]:
    if not isinstance(link, AbstractPooled):
        return [ask(link)]
    with by_itself(), link.all_alone() as links:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of the same kind
        return [ask(one) for one in links]


def _waves() -> np.ndarray:
    """One period between -1 and 1: shape (1, n)."""
    return np.sin(2.0 * np.pi * (np.arange(STEPS) + 0.5) / STEPS)[None, :]


def _ask_battery(link: BatteryLink, battery: ForeignBattery) -> Named:
    even, none = np.ones((1, STEPS)), np.zeros((1, STEPS))
    power_W = -POWER_PER_s * float(battery.declared.energy_J()) * _waves()
    voltage_V = float(battery.declared.nominal_voltage_V) * even
    asked = BatteryAsked(power_W, voltage_V, none, none, TEMPERATURE_K * even)
    begin = BatteryBegin(np.array([CHARGE_FRACTION]), np.array([TEMPERATURE_K]))
    try:
        return link.whole(begin, asked, np.full(STEPS, STEP_s))._asdict()
    except AnsweredInPart as failed:
        return {str(place): values for place, values in enumerate(failed.answer)}


def _ask_unit(link: DriveUnitLink, unit: ForeignDriveUnit) -> Named:
    even = np.ones((1, STEPS))
    asked = DriveUnitAsked(
        TORQUE_RATIO * float(unit.peak_torque_Nm()) * _waves(),
        SPEED_RATIO * float(unit.maximum_speed_rad_per_s()) * even,
        float(unit.nominal_voltage_V()) * even,
        TEMPERATURE_K * even,
    )
    try:
        answer = link.whole(DriveUnitBegin(np.array([TEMPERATURE_K])), asked, np.full(STEPS, STEP_s))
        return {port: values for port, values in answer._asdict().items() if values is not None}
    except AnsweredInPart as failed:
        return {str(place): values for place, values in enumerate(failed.answer) if values is not None}


def _difference(link: PartLink, answers: list[Named]) -> Problem | None:
    """That answers to one question differ; None where they do not."""
    if all(_are_alike(answers[0], one) for one in answers[1:]):
        return None
    what = text(
        "{name} answers differently when asked the same: by chance, by a clock, or by what it keeps when it begins anew",
        name=link.name,
    )
    hint = text("let its answers depend on nothing but what it is asked, and let it begin anew each time")
    return Problem(what, link.name, hint)


def _are_alike(answer: Named, other: Named) -> bool:
    """Whether both have the same ports, and no number of one is off by more than rounding of its largest."""
    return answer.keys() == other.keys() and all(
        np.allclose(
            answer[port],
            other[port],
            rtol=0.0,
            atol=REST_RATIO * float(np.nanmax(np.abs(other[port]), initial=0.0)),
            equal_nan=True,
        )
        for port in answer
    )

"""What a recipe asks for: drives and charging sessions, with the signals that it reads of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

from covolt.simulation.charging import ChargingMission, ChargingSession
from covolt.simulation.mission import Mission
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle

__all__ = ["EVERY_SIGNAL", "Answer", "Ask", "Asking", "ChargingAsk", "ask", "ask_all", "ask_charging"]

EVERY_SIGNAL = ("*",)
"""Asks for all signals of a drive, whatever its vehicle has."""
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Ask:
    """A drive that a recipe asks for, and the names of the signals that it reads over time.

    The answer is a trace with these signals and no other. The sums of a drive (distance, ledger, outcome, charge and battery
    temperature at the end) stand in its result in any case, so that a runner that keeps no signal can answer an ask that names none.
    """

    vehicle: Vehicle
    mission: Mission
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ChargingAsk:
    """A charging session that a recipe asks for."""

    vehicle: Vehicle
    mission: ChargingMission


Answer: TypeAlias = Trace | ChargingSession
Asking: TypeAlias = Generator[tuple[Ask | ChargingAsk, ...], tuple[Answer, ...], T]
"""A recipe under way: it yields what it asks for now, is sent one answer to each, and returns what it found.

What it yields at once does not depend on one another. An error of a drive is thrown into it where it asked.
"""


def ask(vehicle: Vehicle, mission: Mission, *signals: str) -> Asking[Trace]:
    """Wait for one drive, with `yield from`; the trace holds the signals that are named."""
    (answer,) = yield (Ask(vehicle, mission, signals),)
    return cast("Trace", answer)


def ask_all(asks: Sequence[Ask]) -> Asking[tuple[Trace, ...]]:
    """Wait for drives that do not depend on one another."""
    answers = yield tuple(asks)
    return cast("tuple[Trace, ...]", answers)


def ask_charging(vehicle: Vehicle, missions: Sequence[ChargingMission]) -> Asking[tuple[ChargingSession, ...]]:
    """Wait for charging sessions that do not depend on one another."""
    answers = yield tuple(ChargingAsk(vehicle, one) for one in missions)
    return cast("tuple[ChargingSession, ...]", answers)

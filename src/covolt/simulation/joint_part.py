"""A part that is asked while a vehicle drives jointly: what the vehicle is driven with, and what a drive asks of the part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.simulation.coupling import ForeignPart
from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.mission import Mission
from covolt.simulation.outcome import Outcome
from covolt.simulation.trace import Executor
from covolt.vehicle.assembly import Vehicle
from covolt.words import Phrase, text

__all__ = ["Drive", "Driven", "JointPart", "demand_shape", "last_number_held_of", "no_number"]


class Driven(NamedTuple):
    """A drive as a runner hands it over: how it ended, every signal of every step, their names, and what drove."""

    ended: DriveEnd
    values: np.ndarray
    names: tuple[str, ...]
    executor: Executor

    def signal(self, name: str, count: int) -> np.ndarray:
        """A signal over the first steps: shape (1, n)."""
        return np.ascontiguousarray(self.values[:count, self.names.index(name)])[None, :]


Drive = Callable[[Vehicle, Mission, Mapping[str, np.ndarray]], Driven]
"""Drives a vehicle over a mission with what its foreign parts answer to each step."""


class JointPart(Protocol):
    """One foreign part of a vehicle over one mission, asked again and again."""

    def begin(self) -> None:
        """Ask for its answers at the start, where it has any.

        Raises:
            ComponentFailed: they do not count.
        """
        ...

    def columns(self) -> dict[str, np.ndarray]:
        """Its answers by the names of the fields of a step's request: each of shape (n,)."""
        ...

    def ask(self, driven: Driven) -> float:
        """Ask it for what a drive asked of it; by how much its answers change, over the largest number of their port."""
        ...

    def take(self) -> None:
        """Drive on with the answers that it gave last."""
        ...

    def judge(self) -> None:
        """Its answers have settled.

        Raises:
            ComponentFailed: they do not count, or it ended with an error.
        """
        ...

    def outcome(self, driven: Driven) -> Outcome | None:
        """Why a drive with its settled answers is no result; None where it is one."""
        ...

    def told(self, driven: Driven) -> ForeignPart:
        """How it took part."""
        ...


def demand_shape(name: str, port: str, values: np.ndarray, wanted: tuple[int, int]) -> None:
    """Raise where an answer has not one number for each step.

    Raises:
        ComponentFailed: naming the part and its port.
    """
    if values.shape != wanted:
        what = text(
            "{name} answers {port} of shape {shape}, not {wanted}",
            name=name,
            port=port,
            shape=str(values.shape),
            wanted=str(wanted),
        )
        raise ComponentFailed(Problem(what, name, text("answer one number for each step")))


def no_number(name: str, port: str, value: float, time_s: float, hint: Phrase) -> ComponentFailed:
    """The error of a part whose answer cannot be one."""
    what = text("{name} answers {value} for {port} at {time:g} s", name=name, value=str(value), port=port, time=time_s)
    return ComponentFailed(Problem(what, name, hint))


def last_number_held_of(values: np.ndarray) -> np.ndarray:
    """What is no number replaced by the last number before it, at the beginning by the first after it; shape (1, n)."""
    good = np.isfinite(values[0])
    if good.all() or not good.any():
        return values
    last = np.maximum.accumulate(np.where(good, np.arange(len(good)), int(np.argmax(good))))
    return values[:, last]

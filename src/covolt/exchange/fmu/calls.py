"""One instance of an FMU behind the functions that FMI 2.0 and 3.0 share in meaning; each call is judged by its status."""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from covolt.exchange.fmu.documents import Interface, ModelDescription
from covolt.exchange.fmu.log import Log, failed
from covolt.words import Phrase, text

__all__ = ["ENDS", "AbstractInstance", "Event", "Stepped", "Type", "address"]

ENDS = text("it asks for the end of the simulation")
"""What is told where a model itself says that its run is over."""
OK, WARNING, DISCARD, ERROR, FATAL, PENDING = range(6)
_WRONG = ("error", "fatal", "warning", "discard")
_NEAR = 1e-9
"""Of a time: what lies behind the end of a step by rounding alone."""
_MOST_EVENTS = 1000
"""Iterations of one event before it is said that it does not end."""


@final
@dataclass(frozen=True)
class Type:
    """How values of one FMI type lie in memory, and the functions that take and give them."""

    scalar: Any
    dtype: Any
    getter: Callable[..., int] | None
    setter: Callable[..., int] | None


@final
@dataclass
class Event:
    """What an update of the discrete states answered."""

    again: bool = False
    terminate: bool = False
    nominals_changed: bool = False
    states_changed: bool = False
    next_s: float | None = None


@final
@dataclass(frozen=True)
class Stepped:
    """What a step answered."""

    reached_s: float
    event: bool = False
    terminate: bool = False


class AbstractInstance(ABC):
    """One instance; `failed` names the call, its time and what the FMU said."""

    def __init__(self, model: ModelDescription, interface: Interface, resources: str) -> None:
        self.model: Final = model
        self.interface: Final = interface
        self.log: Final = Log()
        self.time_s = 0.0
        self.handle: int | None = None
        self.dead_flag = False
        """After a fatal answer nothing of it may be called again."""
        self.running_flag = False
        """Between the end of its initialisation and its own end."""
        self.offered_references: Any = None
        """Kept for whoever was offered its functions."""
        self.types: Mapping[str, Type] = {}
        self._resources = resources

    def judge(self, status: int, call: str) -> int:
        """The status, where it counts.

        Raises:
            ComponentFailed: it is discard, error or fatal.
        """
        if status <= WARNING:
            return status
        if status == FATAL:
            self.dead_flag = True
        raise self.failure(call, *_told(status))

    @property
    def may_return_early(self) -> bool:
        """Whether it is told that it may end a step before its time: where it says that it does, or has events."""
        return self.interface.event_mode or self.interface.early_return

    def returned(self, call: str, reached_s: float, time_s: float, end_s: float) -> float:
        """Where a step ended that returned early.

        Raises:
            ComponentFailed: it may not, or that time is none of the step.
        """
        if not self.may_return_early:
            what = text("it returned early at {reached_s} s, which its description does not allow", reached_s=reached_s)
            hint = text("ask who made it: hasEventMode and mightReturnEarlyFromDoStep are missing")
            raise self.failure(call, what, hint)
        if not time_s <= reached_s <= end_s + _NEAR * max(1.0, abs(end_s)):
            said = f"{reached_s:g}"  # which may be no number
            what = text("it says that it came from {time_s} s to {reached_s} s", time_s=time_s, reached_s=said)
            raise self.failure(call, what, text("ask who made it"))
        return reached_s

    def listen(self, set_logging: Callable[..., int] | None) -> None:
        """Hear of what goes wrong alone, where its categories tell that apart; all of it would cost time at every step."""
        names = self.model.log_categories
        if set_logging is None or not names:
            return
        wrong = [one.encode() for one in names if any(word in one.lower() for word in _WRONG)]
        set_logging(self.handle, bool(wrong), len(wrong), (ctypes.c_char_p * max(1, len(wrong)))(*wrong))

    def failure(self, call: str, what: Phrase, hint: Phrase | str) -> Exception:
        """An error that names the FMU, the call and the time."""
        return failed(self.model.name, call, self.time_s, what, hint, self.log)

    @abstractmethod
    def instantiate(self, *, stepping: bool) -> None:
        """Make the instance, for co-simulation where `stepping`."""

    @abstractmethod
    def free(self) -> None:
        """Let it go."""

    @abstractmethod
    def reset(self) -> None:
        """Back to what it was after instantiation."""

    @abstractmethod
    def enter_initialisation(self, start_s: float, stop_s: float | None, tolerance_ratio: float | None) -> None:
        """State the experiment and begin to initialise."""

    @abstractmethod
    def exit_initialisation(self) -> None:
        """All that is not yet known is computed."""

    @abstractmethod
    def configure(self, *, begin: bool) -> None:
        """Begin or end the setting of structural parameters."""

    @abstractmethod
    def step(self, time_s: float, step_s: float) -> Stepped:
        """One communication step."""

    @abstractmethod
    def enter_event_mode(self) -> None:
        """Begin an event."""

    @abstractmethod
    def leave_event_mode(self, *, stepping: bool) -> None:
        """End an event: on to steps, or to continuous time."""

    @abstractmethod
    def update(self) -> Event:
        """One iteration of an event."""

    @abstractmethod
    def completed_step(self) -> tuple[bool, bool]:
        """Tell of a step of the integrator: whether it asks for an event, and for the end."""

    @abstractmethod
    def state(self, call: str, *arguments: Any) -> Any:
        """get, set, free, size, serialise, deserialise a kept state."""

    def settle(self) -> Event:
        """Iterate an event until nothing changes any more; whether states or nominals changed in any iteration is kept."""
        whole = Event()
        for _ in range(_MOST_EVENTS):
            one = self.update()
            whole.states_changed |= one.states_changed
            whole.nominals_changed |= one.nominals_changed
            whole.next_s = one.next_s
            whole.terminate = one.terminate
            if one.terminate or not one.again:
                return whole
        what = text("its discrete states have not settled after {count} iterations", count=_MOST_EVENTS)
        raise self.failure("update of discrete states", what, text("ask who made it: its events chatter"))


def _told(status: int) -> tuple[Phrase, Phrase]:
    if status == DISCARD:
        return (
            text("it refuses what it was asked (discard)"),
            text("try a smaller step, or inputs within its ranges"),
        )
    if status == FATAL:
        return text("it cannot go on (fatal)"), text("begin anew; ask who made it what its message means")
    if status == PENDING:
        return text("it wants to compute beside (pending), which is not supported"), text(
            "export it without asynchronous steps"
        )
    return text("it answers with an error"), text("look at its inputs and parameters at this time")


def address(values: np.ndarray) -> int:
    """Where the numbers of an array lie; the array must live as long as the address is used."""
    return int(values.ctypes.data)


def references_of(references: list[int]) -> Any:
    """Value references as C takes them."""
    return (ctypes.c_uint * max(1, len(references)))(*references)

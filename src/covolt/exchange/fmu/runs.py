"""How an initialised FMU goes on in time, with its events: by its own steps (co-simulation), or by CVode (model exchange)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, final

import numpy as np

from covolt.exchange.fmu.calls import ENDS, AbstractInstance, Event
from covolt.exchange.fmu.clocks import Clocks
from covolt.exchange.fmu.solver import Solver
from covolt.exchange.fmu.wiring import Gate, Track
from covolt.words import text

__all__ = ["AbstractRun", "Continuous", "Stepping"]

MOST_EVENTS = 100_000
"""Events within one step before it is said that they do not end."""
_KINK_ratio = 1e-6
"""Of a slope: up to here rounding explains that it changes."""
_NEAR = 1e-13
"""Of a time: what lies nearer is the same moment."""


class AbstractRun(ABC):
    """One run of an instance; `event` does what is only allowed in event mode."""

    def __init__(self, instance: AbstractInstance, clocks: Clocks) -> None:
        self.instance: Final = instance
        self.clocks: Final = clocks
        self.next_event_s: float | None = None
        self.inputs: np.ndarray = np.zeros(0)
        self.ended_s: float | None = None
        """When the model itself said that its run is over; it gives its values, and no step more."""

    @abstractmethod
    def begin(self, start_s: float) -> None:
        """After initialisation: the first event, and on."""

    @abstractmethod
    def advance(
        self, time_s: float, step_s: float, inputs: np.ndarray, gates: list[Gate], path: Track | None = None
    ) -> None:
        """From a time over a step with inputs held, shape (k,), float64; or on a path that begins with them."""

    @abstractmethod
    def event(self, change: Any = None) -> None:
        """An event at the present time, in which `change()` sets what it sets."""

    @abstractmethod
    def restart(self, time_s: float) -> None:
        """Go on from another time, or from a state that was kept."""

    @abstractmethod
    def close(self) -> None:
        """Let go what the run holds."""

    def demand_running(self) -> None:
        """Refuse a step after the end.

        Raises:
            ComponentFailed: the model has asked for the end of the simulation.
        """
        if self.ended_s is not None:
            self.instance.time_s = self.ended_s
            raise self.instance.failure("step", ENDS, text("let the run end then"))

    def _settled(self, time_s: float) -> Event:
        found = self.instance.settle()
        self.next_event_s = found.next_s
        if found.terminate:
            self.ended_s = time_s
        if self.clocks.any_flag:
            self.clocks.heard(self.instance, time_s)
        return found

    def _stop_s(self, end_s: float) -> float:
        """How far it may go before the next event that is known."""
        stop_s = min(end_s, self.clocks.next_s)
        return min(stop_s, self.next_event_s) if self.next_event_s is not None else stop_s

    def _demand_end(self, count: int) -> None:
        if count > MOST_EVENTS:
            what = text("its events do not end: {count} in one step", count=count)
            raise self.instance.failure("step", what, text("ask who made it: its events chatter"))


@final
class Stepping(AbstractRun):
    """A co-simulation: the FMU steps by itself; events of event mode are handled at once, and early returns gone on from."""

    def __init__(self, instance: AbstractInstance, clocks: Clocks) -> None:
        super().__init__(instance, clocks)
        self._events = instance.interface.event_mode
        self.plain_flag = not self._events and not instance.interface.early_return

    def begin(self, start_s: float) -> None:
        if self._events:
            self.clocks.begin(start_s, self.instance)
            self.clocks.tick(self.instance, self.clocks.due(start_s), start_s)
            if not self._settled(start_s).terminate:
                self.instance.leave_event_mode(stepping=True)

    def advance(
        self, time_s: float, step_s: float, inputs: np.ndarray, gates: list[Gate], path: Track | None = None
    ) -> None:
        instance = self.instance
        if self.plain_flag:
            for gate in gates:
                gate.give(inputs)
            stepped = instance.step(time_s, step_s)
            instance.time_s = stepped.reached_s
            if stepped.terminate:
                self.ended_s = stepped.reached_s
            return
        self._give(time_s, inputs, gates)
        self._through(time_s, step_s, gates, path)

    def _give(self, time_s: float, inputs: np.ndarray, gates: list[Gate]) -> None:
        """Continuous inputs at once; the others, where they changed, in an event."""
        changed = self.inputs.size != inputs.size or not np.array_equal(self.inputs, inputs)
        for gate in gates:
            if gate.continuous_flag or not self._events:
                gate.give(inputs)
        late = [gate for gate in gates if not gate.continuous_flag] if changed and self._events else []
        if late:
            self.instance.time_s = time_s
            self.event(lambda: [gate.give(inputs) for gate in late])
        self.inputs = inputs.copy()

    def _through(self, time_s: float, step_s: float, gates: list[Gate], path: Track | None) -> None:
        instance, end_s, at_s, count = self.instance, time_s + step_s, time_s, 0
        room_s = _NEAR * max(1.0, abs(end_s))
        self.clocks.ticked.clear()
        while end_s - at_s > room_s:
            stop_s = self.clocks.next_s
            whole = at_s == time_s and stop_s >= end_s
            stepped = instance.step(at_s, step_s if whole else min(stop_s, end_s) - at_s)
            at_s = stepped.reached_s
            instance.time_s = at_s
            if stepped.terminate:
                self.ended_s = at_s
                return
            if self._events and (stepped.event or self.clocks.due(at_s)):
                self.event(self._met(at_s, end_s - at_s <= room_s, gates, path))
                if self.ended_s is not None:
                    return
            count += 1
            self._demand_end(count)

    def _met(self, time_s: float, ends: bool, gates: list[Gate], path: Track | None) -> Any:
        """What sets the inputs as they are at the time of an event; those that only change at events, at the end of a step."""
        if path is None:
            return None
        values = path.after if ends else path.at(time_s)
        if ends:
            self.inputs = path.after.copy()
        return lambda: [gate.give(values) for gate in gates if ends or gate.continuous_flag]

    def event(self, change: Any = None) -> None:
        if not self._events:
            if change is not None:
                change()
            return
        instance = self.instance
        instance.enter_event_mode()
        if change is not None:
            change()
        self.clocks.tick(instance, self.clocks.due(instance.time_s), instance.time_s)
        if not self._settled(instance.time_s).terminate:
            instance.leave_event_mode(stepping=True)

    def restart(self, time_s: float) -> None:
        self.instance.time_s = time_s
        self.ended_s = None

    def close(self) -> None:
        """It holds nothing of its own."""


@final
class Continuous(AbstractRun):
    """A model exchange: states integrated by CVode; state, time and step events; inputs that jump are events."""

    def __init__(self, instance: Any, clocks: Clocks, tolerance_ratio: float) -> None:
        super().__init__(instance, clocks)
        self._tolerance_ratio = tolerance_ratio
        self._solver: Solver | None = None
        self._time_s = 0.0
        self._follow: Callable[[float], int] | None = None
        self._slope: np.ndarray = np.zeros(0)

    def begin(self, start_s: float) -> None:
        instance: Any = self.instance
        self._time_s = start_s
        self.clocks.begin(start_s, instance)
        self.clocks.tick(instance, self.clocks.due(start_s), start_s)
        if self._settled(start_s).terminate:
            return
        instance.leave_event_mode(stepping=False)
        model = instance.model
        counts: tuple[int, int]
        counts = instance.counts() if model.major == 3 else (len(model.states), model.event_indicator_count)
        if any(counts):
            self._solver = Solver(instance, *counts, self._tolerance_ratio)
            self._solver.begin(start_s)

    def advance(
        self, time_s: float, step_s: float, inputs: np.ndarray, gates: list[Gate], path: Track | None = None
    ) -> None:
        self.clocks.ticked.clear()
        self._time_s = time_s
        if self.inputs.size != inputs.size or not np.array_equal(self.inputs, inputs):
            self.instance.time_s = time_s
            self.event(lambda: [gate.give(inputs) for gate in gates])
            self.inputs = inputs.copy()
        self._set_out(time_s, gates, path)
        end_s, count = time_s + step_s, 0
        room_s = _NEAR * max(1.0, abs(end_s))
        while end_s - self._time_s > room_s and self.ended_s is None:
            happened = self._on(self._stop_s(end_s), room_s)
            if happened:
                # What jumps at the end of the step has jumped when what happens there happens.
                ends = path is not None and end_s - self._time_s <= room_s
                self.event((lambda: self._jump(gates, path)) if ends else None)
                count += 1
                self._demand_end(count)
        if path is not None and self.ended_s is None and not np.array_equal(self.inputs, path.after):
            jumps = not np.array_equal(path.end, path.after)
            self.event(lambda: self._jump(gates, path)) if jumps else self._jump(gates, path)

    def _set_out(self, time_s: float, gates: list[Gate], path: Track | None) -> None:
        """Let the inputs that may change at any time go with the time; where they turn, the solver begins anew."""
        slope = np.zeros(0) if path is None else path.slope
        smooth = [gate for gate in gates if gate.continuous_flag]
        moves = path is not None and bool(smooth) and bool(slope.any())
        self._follow = None
        if path is not None and moves:
            self._follow = lambda at_s: max(gate.put(path.at(at_s)) for gate in smooth)
        if self._solver is not None:
            self._solver.follow = self._follow
            room = _KINK_ratio * float(np.abs(slope).max(initial=0.0))
            if moves and not (slope.shape == self._slope.shape and np.abs(slope - self._slope).max() <= room):
                self._solver.begin(time_s)
        self._slope = slope

    def _jump(self, gates: list[Gate], path: Track | None) -> None:
        """The inputs as they are from the end of a step on."""
        if path is None or np.array_equal(self.inputs, path.after):
            return
        smooth_flag = np.array_equal(path.end, path.after)
        for gate in gates:
            if gate.continuous_flag or not smooth_flag:
                gate.give(path.after)
        self.inputs = path.after.copy()

    def _on(self, stop_s: float, room_s: float) -> bool:
        """One step of the solver; whether it ends with an event."""
        instance: Any = self.instance
        happened = False
        if stop_s <= self._time_s + room_s:
            return True
        if self._solver is not None:
            self._time_s, happened = self._solver.advance(stop_s)
        else:
            self._time_s = instance.time_s = stop_s
            instance.judge(instance.set_time(instance.handle, stop_s), "set time")
            if self._follow is not None:
                instance.judge(self._follow(stop_s), "set inputs")
        if instance.interface.completed_step:
            asked, end = instance.completed_step()
            if end:
                self.ended_s = self._time_s
                return False
            happened |= asked
        timed = self.next_event_s is not None and self._time_s >= self.next_event_s - room_s
        return happened or timed or bool(self.clocks.due(self._time_s))

    def event(self, change: Any = None) -> None:
        instance = self.instance
        instance.enter_event_mode()
        if change is not None:
            change()
        self.clocks.tick(instance, self.clocks.due(self._time_s), self._time_s)
        if self._settled(self._time_s).terminate:
            return
        instance.leave_event_mode(stepping=False)
        if self._solver is not None:
            self._solver.begin(self._time_s)

    def restart(self, time_s: float) -> None:
        instance: Any = self.instance
        self._time_s = instance.time_s = time_s
        self.ended_s = None
        self._slope = np.zeros(0)
        instance.judge(instance.set_time(instance.handle, time_s), "set time")
        if self._solver is not None:
            self._solver.begin(time_s)

    def close(self) -> None:
        if self._solver is not None:
            self._solver.close()
            self._solver = None

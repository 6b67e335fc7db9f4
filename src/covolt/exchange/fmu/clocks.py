"""Clocks of FMI 3.0: when the importer lets them tick, and which the FMU let tick itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, final

import numpy as np

from covolt.exchange.fmu.calls import AbstractInstance, references_of
from covolt.exchange.fmu.documents import ModelDescription
from covolt.words import text

__all__ = ["Clocks"]

_PERIODIC = ("constant", "fixed", "tunable", "changing")
_NEVER = math.inf
_NEAR = 1e-9
"""Of a period: ticks that lie nearer are one."""


@final
class Clocks:
    """Ticks to come of input clocks, and the last ticks of output clocks."""

    def __init__(self, model: ModelDescription) -> None:
        of_clock = [one for one in model.variables if one.clock is not None and not one.alias]
        inputs = [one for one in of_clock if one.variable.causality == "input"]
        self._periodic = {
            one.reference: one.clock for one in inputs if one.clock is not None and one.clock.interval in _PERIODIC
        }
        self._countdown = [
            one.reference for one in inputs if one.clock is not None and one.clock.interval == "countdown"
        ]
        self._outputs = [one.reference for one in of_clock if one.variable.causality in {"output", "local"}]
        self._names = {one.reference: one.name for one in of_clock}
        self._next_s: dict[int, float] = {}
        self._start_s = 0.0
        self._counts: dict[int, int] = {}
        self.ticked: set[int] = set()
        """References of clocks that ticked in the last event."""
        self.any_flag = bool(of_clock)

    def begin(self, start_s: float, instance: AbstractInstance) -> None:
        """First ticks, from the start of the run."""
        self._start_s = start_s
        self._counts = dict.fromkeys(self._periodic, 0)
        self._next_s = {reference: self._due(reference, instance) for reference in self._periodic}
        self._next_s |= dict.fromkeys(self._countdown, _NEVER)
        self.ticked = set()

    def _due(self, reference: int, instance: AbstractInstance) -> float:
        clock = self._periodic[reference]
        if clock.interval_s is None or not clock.interval_s > 0.0:
            what = text("its clock '{name}' states no interval", name=self._names[reference])
            raise instance.failure("clocks", what, text("ask who made it: a periodic clock needs intervalDecimal"))
        return self._start_s + clock.shift_s + self._counts[reference] * clock.interval_s

    @property
    def next_s(self) -> float:
        """When the next input clock is due."""
        return min(self._next_s.values(), default=_NEVER)

    def due(self, time_s: float) -> list[int]:
        """Input clocks that are due at a time."""
        room_s = _NEAR * max(1.0, abs(time_s))
        return [reference for reference, at_s in self._next_s.items() if at_s <= time_s + room_s]

    def tick(self, instance: Any, references: Iterable[int], time_s: float) -> None:
        """Let input clocks tick within an event."""
        ticking = list(references)
        if not ticking:
            return
        active = np.ones(len(ticking), dtype=np.bool_)
        setter = instance.types["Clock"].setter
        status = setter(instance.handle, references_of(ticking), len(ticking), active.ctypes.data)
        instance.judge(status, "fmi3SetClock")
        self.ticked.update(ticking)
        for reference in ticking:
            if reference in self._periodic:
                self._counts[reference] += 1
                self._next_s[reference] = self._due(reference, instance)
            else:
                self._next_s[reference] = (
                    _NEVER if reference in self._countdown else self._next_s.get(reference, _NEVER)
                )

    def heard(self, instance: Any, time_s: float) -> None:
        """Ask, within an event, which clocks the FMU let tick, and when countdown clocks are due."""
        if self._outputs:
            active = np.zeros(len(self._outputs), dtype=np.bool_)
            getter = instance.types["Clock"].getter
            status = getter(instance.handle, references_of(self._outputs), len(self._outputs), active.ctypes.data)
            instance.judge(status, "fmi3GetClock")
            self.ticked.update(one for one, ticks in zip(self._outputs, active, strict=True) if ticks)
        if self._countdown:
            for reference, seconds in zip(self._countdown, instance.intervals(self._countdown), strict=True):
                if seconds is not None:
                    self._next_s[reference] = time_s + seconds

    def kept(self) -> list[Any]:
        """What a kept state has of them."""
        return [
            self._start_s,
            sorted(self._counts.items()),
            [[one, at] for one, at in self._next_s.items() if at < _NEVER],
        ]

    def back(self, kept: list[Any]) -> None:
        """As they were when a state was kept."""
        self._start_s = float(kept[0])
        self._counts = {int(one): int(count) for one, count in kept[1]}
        later = {int(one): float(at) for one, at in kept[2]}
        self._next_s = {one: later.get(one, _NEVER) for one in (*self._periodic, *self._countdown)}
        self.ticked = set()

"""A component that its host opens anew after it failed or was closed, so that what is served outlives every crash of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import TypeVar, final

import numpy as np

from covolt.errors import ComponentFailed, CovoltError, Problem
from covolt.exchange.component import Component, Description, Value
from covolt.words import Phrase, text

__all__ = ["RenewedComponent"]

T = TypeVar("T")


@final
class RenewedComponent:
    """A `Component` over one that `opened` opens, in a worker of its own.

    Whatever fails ends the worker; the next `wire` or `start` opens a new one, in which states of the old one are not known.
    Answers are those of the component itself, to the bit.

    Args:
        opened: opens the component; it is closed as the block ends.
        name: under which it is served, where not under its own.

    Raises:
        CovoltError: it cannot be opened at first.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Component]], name: str = "") -> None:
        self._opened = opened
        self._stack = ExitStack()
        self._wired: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._component: Component | None = self._stack.enter_context(opened())
        described = self._component.description
        self._digest = described.digest
        self.description: Description = replace(described, name=name or described.name)

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self._renew()
        self._ask(lambda one: one.wire(inputs, outputs))
        self._wired = (tuple(inputs), tuple(outputs))

    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        if self._renew() and self._wired is not None:
            self.wire(*self._wired)
        return self._ask(lambda one: one.start(parameters, inputs, start_s, stop_s))

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        return self._ask(lambda one: one.step(time_s, step_s, inputs))

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        return self._ask(lambda one: one.window(start_s, steps_s, inputs))

    def set_values(self, values: Mapping[str, Value]) -> None:
        self._ask(lambda one: one.set_values(values))

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        return self._ask(lambda one: one.get_values(names))

    def save(self) -> int:
        return self._ask(lambda one: one.save())

    def restore(self, state: int) -> None:
        self._ask(lambda one: one.restore(state))

    def forget(self, state: int) -> None:
        self._ask(lambda one: one.forget(state))

    def serialise(self, state: int) -> bytes:
        return self._ask(lambda one: one.serialise(state))

    def deserialise(self, state: bytes) -> int:
        return self._ask(lambda one: one.deserialise(state))

    def close(self) -> None:
        """End the worker; who wires or starts it again gets a new one."""
        self._component = None
        self._stack.close()

    def _ask(self, do: Callable[[Component], T]) -> T:
        if self._component is None:
            raise self._failed(text("it has ended"), text("start it anew"))
        try:
            return do(self._component)
        except ComponentFailed:
            self.close()
            raise

    def _renew(self) -> bool:
        """A new worker where there is none; whether there was none."""
        if self._component is not None:
            return False
        try:
            component = self._stack.enter_context(self._opened())
        except ComponentFailed:
            raise
        except CovoltError as error:
            raise ComponentFailed(error.problems) from error
        if component.description.digest != self._digest:
            self.close()
            hint = text("start the host anew: whoever drives with it must know that it is another")
            raise self._failed(text("its file is another than the one that was offered to the hub"), hint)
        self._component = component
        return True

    def _failed(self, what: Phrase, hint: Phrase) -> ComponentFailed:
        return ComponentFailed(Problem(what, self.description.name, hint))

"""Whole missions of several vehicles, in one message where the component can: each begins anew and drives all steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from covolt.exchange.component import Component, Value

__all__ = ["AnswersMissions", "missions"]


@runtime_checkable
class AnswersMissions(Protocol):
    """A component that takes many vehicles at once."""

    def missions(
        self,
        parameters: Sequence[Mapping[str, Value]],
        start: np.ndarray,
        start_s: float,
        steps_s: np.ndarray,
        inputs: np.ndarray,
    ) -> np.ndarray:
        """As the function `missions`."""
        ...


def missions(
    component: Component,
    parameters: Sequence[Mapping[str, Value]],
    start: np.ndarray,
    start_s: float,
    steps_s: np.ndarray,
    inputs: np.ndarray,
) -> np.ndarray:
    """Outputs (v, n + 1, m) of v vehicles, the first of each at its start.

    Equal, to the bit, whether the component takes them at once or is started and asked for a window, one vehicle after the other.

    Args:
        component: wired.
        parameters: of each vehicle.
        start: inputs (v, k) with which each begins.
        start_s: time at the start.
        steps_s: steps (n,).
        inputs: held over each step, (v, n, k).
    """
    if isinstance(component, AnswersMissions):
        return component.missions(parameters, start, start_s, steps_s, inputs)
    found = list[np.ndarray]()
    for one, values, rows in zip(parameters, start, inputs, strict=True):
        begun = component.start(one, values, start_s)
        found.append(np.vstack([begun, component.window(start_s, steps_s, rows)]))
    return np.stack(found)

"""Whole missions of several vehicles, in one message where the component can: each begins anew and drives all its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from covolt.exchange.component import Component, Value

__all__ = ["AnswersMissions", "AskedMission", "missions"]


class AskedMission(NamedTuple):
    """What a component is asked of one vehicle."""

    parameters: Mapping[str, Value]
    start: np.ndarray
    """Inputs (k,) with which it begins."""
    start_s: float
    steps_s: np.ndarray
    """Shape (n,)."""
    inputs: np.ndarray
    """Held over each step, (n, k)."""


@runtime_checkable
class AnswersMissions(Protocol):
    """A component that takes many vehicles at once."""

    def missions(self, asked: Sequence[AskedMission]) -> list[np.ndarray]:
        """As the function `missions`."""
        ...


def missions(component: Component, asked: Sequence[AskedMission]) -> list[np.ndarray]:
    """Outputs (n + 1, m) of each vehicle, the first row at its start.

    Equal, to the bit, whether the component takes them at once or is started and asked for a window, one vehicle after the other.

    Args:
        component: wired.
        asked: of each vehicle; they may differ in their steps.
    """
    if isinstance(component, AnswersMissions):
        return component.missions(asked)
    found = list[np.ndarray]()
    for one in asked:
        rows = [component.start(one.parameters, one.start, one.start_s)]
        if len(one.steps_s):
            rows.extend(component.window(one.start_s, one.steps_s, one.inputs))
        found.append(np.vstack(rows))
    return found

"""Missions as messages: what begins them, their steps one vehicle after the other, as many in a message as its bytes allow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from covolt.exchange.component import Value
from covolt.exchange.hosted.messages import doubles, value_message, vector
from covolt.exchange.missions import AskedMission

__all__ = ["fill_missions", "fill_start", "in_messages", "steps_of"]

MOST_B = 32 << 20
"""Of a message there or back, an eighth of what either side takes; one vehicle alone may need more."""


def in_messages(asked: Sequence[AskedMission], width: int) -> Iterator[Sequence[AskedMission]]:
    """The missions, parted where a message would become too large; `width` is how many outputs they have."""
    begin, size_B = 0, 0
    for at, one in enumerate(asked):
        own_B = 8 * (len(one.steps_s) + 1) * (1 + max(len(one.start), width))
        if at > begin and size_B + own_B > MOST_B:
            yield asked[begin:at]
            begin, size_B = at, 0
        size_B += own_B
    if asked:
        yield asked[begin:]


def fill_start(
    message: Any, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float, stop_s: float | None
) -> None:
    """Fill in what a run begins with."""
    message.inputs, message.start_s = doubles(inputs), start_s
    if stop_s is not None and math.isfinite(stop_s):
        message.stop_s = stop_s
    for name, value in parameters.items():
        message.parameters[name].CopyFrom(value_message(value))


def fill_missions(message: Any, asked: Sequence[AskedMission]) -> None:
    """Fill in missions; steps that all of them share stand there once."""
    for one in asked:
        fill_start(message.starts.add(), one.parameters, one.start, one.start_s, None)
    steps = [doubles(one.steps_s) for one in asked]
    if len(set(steps)) > 1:
        message.rows.extend(len(one.steps_s) for one in asked)
        message.steps_s = b"".join(steps)
    else:
        message.steps_s = steps[0]
    message.inputs = b"".join(doubles(one.inputs) for one in asked)


def steps_of(message: Any) -> list[np.ndarray] | None:
    """The steps of each vehicle of a message; None where they are not as many as it says."""
    steps_s = vector(message.steps_s, len(message.steps_s) // 8)
    if steps_s is None:
        return None
    if not message.rows:
        return [steps_s] * len(message.starts)
    if len(message.rows) != len(message.starts) or sum(message.rows) != len(steps_s):
        return None
    return np.split(steps_s, np.cumsum(message.rows)[:-1])

"""What the step itself does to an answer: the same run with half and a quarter of it, what changes, and what swings wider by it.

With y_h an output at step h, y* what it would be without a step, S the standard deviation over the last quarter of the run:

    change = max |y_h - y_h/2| / span of y_h/4
    S_h = S* e^(g h),   so   ln S* = 2 ln S_h/4 - ln S_h/2

Explicit Euler makes every undamped oscillation grow so, g = w^2 t / 2: models that integrate by it at the step of the exchange
are found, also where a model of the whole does the same and would agree with them to the last digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np

from covolt.exchange.master.joining import Joined
from covolt.exchange.master.method import Method
from covolt.exchange.master.record import Run
from covolt.exchange.master.running import run
from covolt.exchange.master.system import Port
from covolt.words import Phrase, text

__all__ = ["Examination", "StepEffect", "examine"]

NOTICED: Final = 0.01
"""Change of an output, by its span, and of the width in which it swings, that is told."""
ROUNDING: Final = 1e-9
CROSSINGS: Final = 3
"""Of its mean, in the last quarter of a run, by which an output swings."""


@final
@dataclass(frozen=True)
class StepEffect:
    """What the step does to one output."""

    port: Port
    change_ratio: float
    """Largest change where the step is halved, by the span of the output."""
    swing_ratio: float
    """How wide it swings in the last quarter of the run, by how wide it would without a step."""
    half_swing_ratio: float
    """The same at half the step."""

    @property
    def grows(self) -> bool:
        """Whether it swings wider the longer the step is."""
        return self.swing_ratio > 1.0 + NOTICED and self.swing_ratio > self.half_swing_ratio > 1.0

    @property
    def dies(self) -> bool:
        """Whether it swings less the longer the step is."""
        return self.swing_ratio < 1.0 - NOTICED and self.swing_ratio < self.half_swing_ratio < 1.0


@final
@dataclass(frozen=True)
class Examination:
    """Three runs of one system, and what the step does to its outputs."""

    runs: tuple[Run, Run, Run]
    """At the step, half and a quarter of it."""
    effects: tuple[StepEffect, ...]

    @property
    def telling(self) -> tuple[Phrase, ...]:
        """What is to be said; nothing where the step does nothing that counts."""
        step_s = self.runs[0].method.step_s
        found: list[Phrase] = []
        for effect in self.effects:
            found.extend(_told(effect, step_s))
        return tuple(found)


def examine(joined: Joined, stop_s: float, method: Method, start_s: float = 0.0) -> Examination:
    """Run a system at a fixed step, half and a quarter of it, and compare.

    Raises:
        InputError: a part takes no such steps, among others.
        ComponentFailed: as of a run.
    """
    fixed = replace(method, control=None)
    runs = tuple(
        run(joined, stop_s, replace(fixed, step_s=fixed.step_s / by, keep_every=fixed.keep_every * by), start_s)
        for by in (1, 2, 4)
    )
    whole, half, quarter = runs
    effects = tuple(
        _effect(port, whole.time_s, whole.values[:, place], half.values[:, place], quarter.values[:, place])
        for place, port in enumerate(whole.ports)
    )
    return Examination((whole, half, quarter), effects)


def _effect(port: Port, time_s: np.ndarray, x: np.ndarray, y: np.ndarray, values: np.ndarray) -> StepEffect:
    """Of one output at the step, half and a quarter of it, (n,) each at the same times."""
    span = float(np.ptp(values))
    # Rounding changes by as much as it is.
    if span <= ROUNDING * max(1.0, float(np.abs(values).max())):
        return StepEffect(port, 0.0, 1.0, 1.0)
    change = float(np.abs(x - y).max()) / span
    last = time_s >= time_s[-1] - 0.25 * (time_s[-1] - time_s[0])
    widths = [float(np.std(one[last])) for one in (x, y, values)]
    if min(widths) <= ROUNDING * span or not all(_oscillates(one[last]) for one in (x, y, values)):
        return StepEffect(port, change, 1.0, 1.0)
    without = 2.0 * math.log(widths[2]) - math.log(widths[1])
    swings = [math.exp(math.log(width) - without) for width in widths]
    return StepEffect(port, change, swings[0], swings[1])


def _oscillates(values: np.ndarray) -> bool:
    """Whether values (n,) cross their mean often enough to swing: what only rises or settles does not."""
    above = values > values.mean()
    return int(np.count_nonzero(above[1:] != above[:-1])) >= CROSSINGS


def _told(effect: StepEffect, step_s: float) -> list[Phrase]:
    port = str(effect.port)
    if effect.grows:
        message = text(
            "{port} swings ever wider by the step alone: in the end {whole} times as wide at {step} s as without a step, {half} "
            "times at half of it; a part integrates at the step of the exchange, or it is too long",
            port=port,
            whole=effect.swing_ratio,
            step=step_s,
            half=effect.half_swing_ratio,
        )
        return [message]
    if effect.dies:
        message = text(
            "{port} is damped by the step alone: in the end it swings {whole} times as wide at {step} s as without a step, "
            "{half} times at half of it",
            port=port,
            whole=effect.swing_ratio,
            step=step_s,
            half=effect.half_swing_ratio,
        )
        return [message]
    if effect.change_ratio > NOTICED:
        message = text(
            "{port} changes by {percent} % of its span where the step of {step} s is halved",
            port=port,
            percent=100.0 * effect.change_ratio,
            step=step_s,
        )
        return [message]
    return []

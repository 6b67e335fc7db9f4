"""A guard on every value that a part gives: right length, finite, in the contract's range, and not changing too quickly."""

from __future__ import annotations

import math
from typing import Final, final

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.system import Port
from covolt.words import Phrase, text

__all__ = ["Guard", "at_time", "failed_by"]


def at_time(port: str, time_s: float) -> Phrase:
    """Where a value went wrong, as people read it."""
    return text("{port} at {time} s", port=port, time=time_s)


def failed_by(name: str, time_s: float, error: ComponentFailed) -> ComponentFailed:
    """The same failure, which also says which part of the system it was."""
    return ComponentFailed(Problem(one.what, _place(name, one.where, time_s), one.hint) for one in error.problems)


def _place(name: str, where: str, time_s: float) -> str | Phrase:
    """The part and the time, with what its own place says beyond."""
    if name in where:
        return where
    return text("{part}: {where}", part=name, where=where) if where else at_time(name, time_s)


@final
class Guard:
    """Checks what every part gives, and stops the run naming part, port, time and value."""

    def __init__(self, joined: Joined) -> None:
        self._joined: Final = joined
        self._counts: Final = tuple((part.stop - part.start,) for part in joined.output_slices)
        self._bounded: Final = joined.output_bounds.bounded
        self._rated: Final = joined.output_bounds.rated
        self._inputs_bounded: Final = joined.input_bounds.bounded

    def taken(self, part: int, values: np.ndarray, time_s: float) -> np.ndarray:
        """What a part answered, if it is a vector of numbers of the right length."""
        if type(values) is np.ndarray and values.shape == self._counts[part] and values.dtype == np.float64:
            return values
        name = self._joined.names[part]
        shape = getattr(values, "shape", None)
        size = text("no vector") if shape is None else text("a vector of shape {shape}", shape=str(tuple(shape)))
        what = text(
            "'{part}' gave {size} where {count} values are due", part=name, size=size, count=self._counts[part][0]
        )
        raise ComponentFailed(
            Problem(what, at_time(name, time_s), text("have its owner send every output that was agreed, and no other"))
        )

    def check(self, values: np.ndarray, before: np.ndarray | None, time_s: float, step_s: float) -> None:
        """All outputs (m,) at a time, after those a step earlier.

        Raises:
            ComponentFailed: with every value that is not finite, out of its range, or changing too quickly.
        """
        self.check_finite(values, time_s)
        if self._bounded:
            self._check_bounds(values, before, time_s, step_s)

    def check_finite(self, values: np.ndarray, time_s: float) -> None:
        """All outputs (m,), while it is not yet said that they are in their ranges."""
        # A sum is finite unless one of its terms is not; that the sum alone overflows costs one look more.
        if math.isfinite(float(values.sum())):
            return
        due = text("a finite number")
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise ComponentFailed([self._problem(self._joined.outputs[j], values[j], time_s, due) for j in wrong])

    def check_inputs(self, values: np.ndarray, time_s: float) -> None:
        """All inputs (k,) that are about to be handed over."""
        if not self._inputs_bounded:
            return
        bounds, ports = self._joined.input_bounds, self._joined.inputs
        outside = np.flatnonzero((values < bounds.lowest) | (values > bounds.highest))
        if outside.size:
            raise ComponentFailed(
                [
                    self._problem(ports[j], values[j], time_s, _range(bounds.lowest[j], bounds.highest[j]))
                    for j in outside
                ]
            )

    def _check_bounds(self, values: np.ndarray, before: np.ndarray | None, time_s: float, step_s: float) -> None:
        bounds, ports = self._joined.output_bounds, self._joined.outputs
        outside = np.flatnonzero((values < bounds.lowest) | (values > bounds.highest))
        problems = [
            self._problem(ports[j], values[j], time_s, _range(bounds.lowest[j], bounds.highest[j])) for j in outside
        ]
        if self._rated and before is not None:
            rates = np.abs(values - before) / step_s
            problems.extend(
                Problem(
                    text("{port} changes by {rate} in a second, from {before} to {value} in {step} s; the contract allows {most}",
                         port=str(ports[j]), rate=float(rates[j]), before=float(before[j]), value=float(values[j]), step=step_s,
                         most=float(bounds.largest_rates[j])),
                    at_time(str(ports[j]), time_s),
                    text("ask the owner of the part, or take smaller steps"),
                )
                for j in np.flatnonzero(rates > bounds.largest_rates)
            )  # fmt: skip
        if problems:
            raise ComponentFailed(problems)

    def _problem(self, port: Port, value: float, time_s: float, due: Phrase) -> Problem:
        shown = str(float(value)) if not math.isfinite(value) else float(value)
        what = text("{port} is {value}, and is to be {due}", port=str(port), value=shown, due=due)
        return Problem(
            what, at_time(str(port), time_s), text("ask the owner of the part, or the range of the contract")
        )


def _range(low: float, high: float) -> Phrase:
    if not math.isfinite(low):
        return text("at most {high}", high=float(high))
    if not math.isfinite(high):
        return text("at least {low}", low=float(low))
    return text("within {low} and {high}", low=float(low), high=float(high))

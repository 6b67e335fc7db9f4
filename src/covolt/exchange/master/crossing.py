"""What crosses between joined parts: outputs to inputs, converted, held or predicted over the step, without new arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, final

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.system import Course
from covolt.words import text

__all__ = ["Crossing", "Prediction", "course_value", "jumps_of"]

Prediction = Literal["held", "linear"]
"""What an input is over a step: the output at its beginning, or where a straight line through the last two stands at mid-step."""


def course_value(course: Course, time_s: float) -> float:
    """What a course gives at a time: the later of two rows of one time; before the first and after the last row those."""
    times = np.array(course.time_s)
    after = int(np.searchsorted(times, time_s, side="right"))
    if after == 0:
        return course.values[0]
    if course.held or after == times.size:
        return course.values[after - 1]
    share = (time_s - times[after - 1]) / (times[after] - times[after - 1])
    return float(course.values[after - 1] + share * (course.values[after] - course.values[after - 1]))


@final
class Crossing:
    """The two vectors of a joined system and how one becomes the other.

    `outputs` (m,) as they are, `before` (m,) a step earlier, `inputs` (k,) as they are handed over; each part has its view.
    """

    def __init__(self, joined: Joined) -> None:
        count, wanted = len(joined.outputs), len(joined.inputs)
        self._joined: Final = joined
        self.everything: Final = np.empty(count + wanted)
        self.everything[count:] = joined.own_values
        self.outputs: Final = np.empty(count)
        self.before: Final = np.empty(count)
        self._shown: Final = self.everything[:count]
        self._own: Final = self.everything[count:]
        self.inputs: Final = joined.own_values.copy()
        self.input_views: Final = tuple(self.inputs[part] for part in joined.input_slices)
        self.output_views: Final = tuple(self.outputs[part] for part in joined.output_slices)
        self.foreseen: Final = np.empty(wanted)
        self._ahead: Final = np.empty(count + wanted)
        self.converts: Final = bool((joined.factors != 1.0).any() or (joined.shifts != 0.0).any())
        self._source_views: Final = tuple(joined.sources[part] for part in joined.input_slices)
        self._factor_views: Final = tuple(joined.factors[part] for part in joined.input_slices)
        self._shift_views: Final = tuple(joined.shifts[part] for part in joined.input_slices)
        self._courses: Final = _courses(joined)
        self._last_step_s = 0.0

    def begin(self, time_s: float) -> None:
        """Forget what was before; courses as at the beginning."""
        self._last_step_s = 0.0
        self._follow(time_s)

    def show(self, prediction: Prediction, time_s: float, step_s: float) -> None:
        """Let inputs see outputs over a step that begins now: held, or at mid-step of the line through the last two."""
        if prediction == "linear":
            self._follow(time_s + 0.5 * step_s)
            if self._last_step_s > 0.0:
                self._extrapolate(0.5 * step_s / self._last_step_s, self._shown)
                return
        elif self._courses:
            self._follow(time_s)
        self._shown[:] = self.outputs

    def foresee(self, prediction: Prediction, step_s: float) -> np.ndarray:
        """Inputs (k,) as they are foreseen for the end of a step that begins now; the array is used again at the next call."""
        count = len(self._joined.outputs)
        if prediction == "linear" and self._last_step_s > 0.0:
            self._extrapolate(step_s / self._last_step_s, self._ahead[:count])
        else:
            self._ahead[:count] = self.outputs
        self._ahead[count:] = self._own
        np.take(self._ahead, self._joined.sources, out=self.foreseen, mode="clip")
        np.multiply(self.foreseen, self._joined.factors, out=self.foreseen)
        np.add(self.foreseen, self._joined.shifts, out=self.foreseen)
        return self.foreseen

    def show_part(self, part: int, prediction: Prediction) -> None:
        """Let inputs of parts to come see what this one has at the end of the step, or over it in the mean."""
        where = self._joined.output_slices[part]
        if prediction == "linear":
            moved = self.outputs[where] - self.before[where]
            self._shown[where] = self.before[where] + np.where(self._joined.continuous[where] > 0.0, 0.5, 1.0) * moved
        else:
            self._shown[where] = self.outputs[where]

    def show_mean(self) -> None:
        """Let inputs see the mean of both ends of the step; what has no mean, as it was at its beginning."""
        np.subtract(self.outputs, self.before, out=self._shown)
        np.multiply(self._shown, 0.5 * self._joined.continuous, out=self._shown)
        np.add(self._shown, self.before, out=self._shown)

    def hand_over(self) -> None:
        """All inputs from what is shown."""
        joined = self._joined
        np.take(self.everything, joined.sources, out=self.inputs, mode="clip")
        if self.converts:
            np.multiply(self.inputs, joined.factors, out=self.inputs)
            np.add(self.inputs, joined.shifts, out=self.inputs)
        if joined.choices:
            self._choose(range(len(joined.inputs)))

    def hand_over_to(self, part: int) -> None:
        """The inputs of one part from what is shown."""
        view = self.input_views[part]
        np.take(self.everything, self._source_views[part], out=view, mode="clip")
        if self.converts:
            view *= self._factor_views[part]
            view += self._shift_views[part]
        if self._joined.choices:
            where = self._joined.input_slices[part]
            self._choose(range(where.start, where.stop))

    def forget(self) -> None:
        """Something jumped: what was before says nothing of what follows."""
        self._last_step_s = 0.0

    def advance(self, step_s: float) -> None:
        """A step was taken: what was before is known for the next prediction."""
        self._last_step_s = step_s

    def _extrapolate(self, share_ratio: float, outputs: np.ndarray) -> None:
        np.subtract(self.outputs, self.before, out=outputs)
        outputs *= share_ratio
        outputs *= self._joined.continuous
        outputs += self.outputs

    def _follow(self, time_s: float) -> None:
        for place, course in self._courses:
            self._own[place] = course_value(course, time_s)

    def _choose(self, places: range) -> None:
        for place in places:
            choices = self._joined.choices.get(place)
            if choices is None:
                continue
            value = float(self.everything[self._joined.sources[place]])
            if value not in choices:
                port = self._joined.outputs[int(self._joined.sources[place])]
                what = text("nobody says what the value {value} of {port} becomes", value=value, port=str(port))
                raise ComponentFailed(
                    Problem(what, str(self._joined.inputs[place]), text("state it in the choices of the connection"))
                )
            self.inputs[place] = choices[value]


def jumps_of(joined: Joined) -> frozenset[float]:
    """Times at which something from outside jumps."""
    found: set[float] = set()
    for course in joined.system.courses:
        if course.held:
            found.update(course.time_s)
        found.update(one for one, after in zip(course.time_s, course.time_s[1:], strict=False) if one == after)
    return frozenset(found)


def _courses(joined: Joined) -> Sequence[tuple[int, Course]]:
    place = {port: number for number, port in enumerate(joined.inputs)}
    return tuple((place[course.target], course) for course in joined.system.courses)

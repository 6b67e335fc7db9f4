"""Asks parts for their steps, all at the same time where one after another would take longer, and counts the waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final, Protocol, final, runtime_checkable

import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.master.crossing import Crossing
from covolt.exchange.master.guard import Guard, failed_by
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.record import Waiting

__all__ = ["Asking", "Resumes"]

_TRIED: Final = 8
"""Steps in which parts are asked one after another, before it is known how long each takes."""
_WORTH_S: Final = 3e-4
"""What is to be won a step by asking at the same time; threads cost about a third of it."""


@runtime_checkable
class Resumes(Protocol):
    """A component that can be brought to where it was before the call that failed, such as one on its owner's machine."""

    def resume(self) -> None:
        """Wait for it and bring it there."""
        ...


@final
class Asking:
    """Asks parts of a joined system for a step; answers are checked for their form and lie in the crossing's outputs."""

    def __init__(self, joined: Joined, crossing: Crossing, guard: Guard, most_resumes: int = 0) -> None:
        self._joined: Final = joined
        self._crossing: Final = crossing
        self._guard: Final = guard
        self._components: Final = tuple(joined.components.values())
        self._steps: Final = tuple(component.step for component in self._components)
        self._fixed_s: Final = tuple(one.description.capabilities.fixed_step_s for one in self._components)
        self._all: Final = tuple(range(len(self._components)))
        self._counts = [0] * len(self._all)
        self._waited_s = [0.0] * len(self._all)
        self._longest_s = [0.0] * len(self._all)
        self._resumed = [0] * len(self._all)
        self._most_resumes: Final = most_resumes
        self._rounds = 0
        self._threads: ThreadPoolExecutor | None = None

    def one(self, part: int, time_s: float, step_s: float) -> None:
        """Ask one part, with the inputs that lie ready for it.

        Raises:
            ComponentFailed: it gave no answer, or one of another form than was agreed.
        """
        began_s = perf_counter()
        try:
            values = self._answer(part, time_s, step_s)
        except ComponentFailed as error:
            values = self._answer_after(part, time_s, step_s, error)
        self._crossing.output_views[part][:] = self._guard.taken(part, values, time_s + step_s)
        waited_s = perf_counter() - began_s
        self._counts[part] += 1
        self._waited_s[part] += waited_s
        self._longest_s[part] = max(self._longest_s[part], waited_s)

    def all(self, time_s: float, step_s: float) -> None:
        """Ask all parts; none sees what another answers.

        Raises:
            ComponentFailed: with all that failed.
        """
        if self._rounds <= _TRIED:
            self._rounds += 1
            if self._rounds == _TRIED and self._is_worth_threads():
                self._threads = ThreadPoolExecutor(len(self._all) - 1, thread_name_prefix="part")
        if self._threads is None:
            for part in self._all:
                self.one(part, time_s, step_s)
            return
        waiting = [self._threads.submit(self.one, part, time_s, step_s) for part in self._all[1:]]
        problems: list[Problem] = []
        try:
            self.one(0, time_s, step_s)
        except ComponentFailed as error:
            problems.extend(error.problems)
        for future in waiting:
            error = future.exception()
            if isinstance(error, ComponentFailed):
                problems.extend(error.problems)
            elif error is not None:
                raise error
        if problems:
            raise ComponentFailed(problems)

    def asked_otherwise(self, part: int, count: int, waited_s: float, longest_s: float) -> None:
        """Count what was asked of a part without this."""
        self._counts[part] += count
        self._waited_s[part] += waited_s
        self._longest_s[part] = max(self._longest_s[part], longest_s)

    def close(self) -> None:
        """Let threads go."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None

    def waiting(self) -> dict[str, Waiting]:
        """How long was waited for every part."""
        rows = zip(self._counts, self._waited_s, self._longest_s, self._resumed, strict=True)
        return {name: Waiting(*row) for name, row in zip(self._joined.names, rows, strict=True)}

    def _is_worth_threads(self) -> bool:
        """Whether all parts together take longer than the slowest alone; the slowest call of each, its first, does not count."""
        mean_s = [
            (waited_s - longest_s) / max(1, count - 1)
            for count, waited_s, longest_s in zip(self._counts, self._waited_s, self._longest_s, strict=True)
        ]
        return len(mean_s) > 1 and sum(mean_s) - max(mean_s) > _WORTH_S

    def _answer(self, part: int, time_s: float, step_s: float) -> np.ndarray:
        inputs = self._crossing.input_views[part]
        if self._fixed_s[part] is None:
            return self._steps[part](time_s, step_s, inputs)
        return self._several(part, time_s, step_s, inputs)

    def _answer_after(self, part: int, time_s: float, step_s: float, error: ComponentFailed) -> np.ndarray:
        """After a failure: where the part can be brought to where it was, the same again, as often as is allowed."""
        name, component = self._joined.names[part], self._components[part]
        for _ in range(self._most_resumes):
            if not isinstance(component, Resumes):
                break
            try:
                component.resume()
                self._resumed[part] += 1
                return self._answer(part, time_s, step_s)
            except ComponentFailed as again:
                error = again
        raise failed_by(name, time_s, error) from error

    def _several(self, part: int, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        """The one step that a part takes as often as it goes into this one, inputs held, in one call."""
        fixed_s = self._fixed_s[part] or step_s
        count = round(step_s / fixed_s)
        if count <= 1:
            return self._steps[part](time_s, step_s, inputs)
        return self._components[part].window(time_s, np.full(count, fixed_s), np.tile(inputs, (count, 1)))[-1]

"""The course of a study: designs still to be judged, and those set apart since each ended what was to judge it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from covolt.study.designs.chunks import Chunk
from covolt.study.designs.engine import Opened
from covolt.study.designs.evaluation import Rows

__all__ = ["Course", "Done", "Task"]

MOST_ENDED = 2
"""Processes that a design may end alone before it is set apart: one may end by something else, such as want of memory."""
Done = tuple[Chunk, Rows]


@dataclass
class Task:
    """Designs of a chunk that are judged together: all of them, or, after their process ended, each alone."""

    chunk: Chunk
    begin: int
    end: int
    ended: int = 0
    """Processes that it has ended alone."""


@dataclass
class Course:
    """What is still to be judged, and what of each chunk is there."""

    due: deque[Task]
    _parts: dict[int, dict[int, Rows]] = field(default_factory=dict[int, dict[int, Rows]])

    @classmethod
    def of(cls, chunks: Sequence[Chunk]) -> Course:
        """All of these chunks."""
        return cls(deque(Task(one, one.begin, one.end) for one in chunks))

    def take(self, task: Task, rows: Rows) -> Done | None:
        """Keep the rows of a task; its whole chunk where nothing of it is missing any more."""
        parts = self._parts.setdefault(task.chunk.begin, {})
        parts[task.begin] = rows
        if sum(len(one.values) for one in parts.values()) < task.chunk.end - task.chunk.begin:
            return None
        del self._parts[task.chunk.begin]
        return task.chunk, Rows.together([one for _, one in sorted(parts.items())])

    def ended(
        self, task: Task, opened: Opened, values: NDArray[np.float64], why: str, *, processes: int = 1
    ) -> Done | None:
        """Where processes have ended in place of an answer, judge again, each alone; one that ends two more is set apart."""
        if task.end - task.begin > 1:
            alone = (Task(task.chunk, at, at + 1) for at in reversed(range(task.begin, task.end)))
            self.due.extendleft(alone)
            return None
        task.ended += processes
        if task.ended < MOST_ENDED:
            self.due.appendleft(task)
            return None
        return self.take(task, opened.lost(values[task.begin : task.end], why))

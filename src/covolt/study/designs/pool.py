"""A pool of processes that judge chunks; a design that ends its process is set apart, and what was beside it is judged again."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Problem, Unavailable
from covolt.study.designs.chunks import Chunk
from covolt.study.designs.course import Course, Done, Task
from covolt.study.designs.engine import Opened
from covolt.study.designs.evaluation import Rows
from covolt.study.processes import ENDED, PASSED, READY, Worker, answered, give_back, taken
from covolt.words import text

__all__ = ["Pool"]

MOST_STILLBORN = 3
"""Processes that may end, one after the other, before they could judge anything: it is no design that ends them."""


@dataclass
class _Busy:
    """A process, and what it judges now."""

    worker: Worker
    task: Task


@final
@dataclass(frozen=True)
class Pool:
    """Judges in `workers` processes of this machine; one that ends is replaced."""

    workers: int = 2

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows, as they are done.

        Raises:
            Unavailable: processes end before they judge anything.
            RuntimeError: a process failed by a fault of covolt's.
        """
        course, work = Course.of(chunks), pickle.dumps(opened)
        stillborn = 0
        busy: dict[Connection, _Busy] = {}
        try:
            while course.due or busy:
                while course.due and len(busy) < self.workers:
                    (worker,) = taken(1)
                    worker.open(work)
                    one = busy[worker.pipe] = _Busy(worker, course.due.popleft())
                    _tell(one, values)
                heard = wait(list(busy))
                for one in [one for pipe, one in busy.items() if pipe in heard]:
                    answer = one.worker.heard()
                    if answer == PASSED:
                        continue
                    if answer == READY:
                        stillborn = 0
                        continue
                    rows = None if answer == ENDED else answered(answer)
                    stillborn += rows is None and not one.worker.ready
                    done = _taken(one, rows, course, opened, values, stillborn)
                    if rows is None or not _next(one, course, values):
                        del busy[one.worker.pipe]
                    if done is not None:
                        yield done
        finally:
            for one in busy.values():
                one.worker.end()


def _taken(
    one: _Busy, rows: Rows | None, course: Course, opened: Opened, values: NDArray[np.float64], stillborn: int
) -> Done | None:
    """What comes of an answer, or of the end of a process in its place: a chunk, where it is whole by it."""
    if rows is not None:
        return course.take(one.task, rows)
    how = one.worker.how_ended()
    if one.worker.ready:
        return course.ended(one.task, opened, values, str(text("the process that judged it ended: {how}", how=how)))
    if stillborn >= MOST_STILLBORN:
        what = text("{count} processes ended before they were ready: {how}", count=MOST_STILLBORN, how=how)
        raise Unavailable(Problem(what, "--workers", text("judge in this process alone: --workers 0")))
    course.due.appendleft(one.task)
    return None


def _next(one: _Busy, course: Course, values: NDArray[np.float64]) -> bool:
    """Give a process its next task; False, and it is kept for others, where there is none."""
    if not course.due:
        give_back(one.worker)
        return False
    one.task = course.due.popleft()
    _tell(one, values)
    return True


def _tell(one: _Busy, values: NDArray[np.float64]) -> None:
    one.worker.tell(values[one.task.begin : one.task.end])

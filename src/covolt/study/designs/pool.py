"""A pool of processes that judge chunks; a design that ends its process is set apart, and what was beside it is judged again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast, final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import CovoltError, Problem, Unavailable
from covolt.study.designs.chunks import Chunk
from covolt.study.designs.engine import Opened
from covolt.study.designs.evaluation import Rows
from covolt.words import text

__all__ = ["Pool"]

MOST_ENDED = 2
"""Processes that a design may end alone before it is set apart: one may end by something else, such as want of memory."""
MOST_STILLBORN = 3
"""Processes that may end, one after the other, before they could judge anything: it is no design that ends them."""
_READY = "ready"


@dataclass
class _Task:
    """Designs of a chunk that are judged together: all of them, or, after their process ended, each alone."""

    chunk: Chunk
    begin: int
    end: int
    ended: int = 0

    @property
    def single(self) -> bool:
        return self.end - self.begin == 1


@dataclass
class _Worker:
    """A process, what it judges now, and whether it was ready for it."""

    process: BaseProcess
    pipe: Connection
    task: _Task
    ready: bool = False


@dataclass
class _Course:
    """What is still to be judged, and what of each chunk is there."""

    due: deque[_Task]
    stillborn: int = 0
    parts: dict[int, dict[int, Rows]] = field(default_factory=dict[int, dict[int, Rows]])

    def take(self, task: _Task, rows: Rows) -> tuple[Chunk, Rows] | None:
        """Keep the rows of a task; its whole chunk where nothing of it is missing any more."""
        parts = self.parts.setdefault(task.chunk.begin, {})
        parts[task.begin] = rows
        if sum(len(one.values) for one in parts.values()) < task.chunk.end - task.chunk.begin:
            return None
        del self.parts[task.chunk.begin]
        return task.chunk, Rows.together([one for _, one in sorted(parts.items())])

    def split(self, task: _Task) -> None:
        """Judge each of these designs alone, before anything else."""
        self.due.extendleft(_Task(task.chunk, at, at + 1) for at in reversed(range(task.begin, task.end)))


@final
@dataclass(frozen=True)
class Pool:
    """Judges in `workers` processes of this machine, begun anew and not forked; one that ends is replaced.

    Where this process ends, however it does, they end too.
    """

    workers: int = 2

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
        """Each chunk with its rows, as they are done.

        Raises:
            Unavailable: processes end before they judge anything.
            RuntimeError: a process failed by a fault of covolt's.
        """
        course = _Course(deque(_Task(one, one.begin, one.end) for one in chunks))
        busy: dict[Connection, _Worker] = {}
        try:
            while course.due or busy:
                while course.due and len(busy) < self.workers:
                    worker = _begun(opened, course.due.popleft(), values)
                    busy[worker.pipe] = worker
                heard = wait(list(busy))
                for worker in [one for pipe, one in busy.items() if pipe in heard]:
                    answer = _answer(worker)
                    if isinstance(answer, str):
                        worker.ready, course.stillborn = True, 0
                        continue
                    done = _taken(worker, answer, course, opened, values)
                    if not isinstance(answer, Rows) or not _next(worker, course, values):
                        del busy[worker.pipe]
                    if done is not None:
                        yield done
        finally:
            for worker in busy.values():
                worker.process.kill()
            for worker in busy.values():
                worker.process.join()


def _taken(
    worker: _Worker, answer: Rows | None, course: _Course, opened: Opened, values: NDArray[np.float64]
) -> tuple[Chunk, Rows] | None:
    """What comes of an answer: a chunk, where it is whole by it.

    Where the process has ended in place of an answer its designs are tried again, each alone; one that ends two more is given up.
    """
    task = worker.task
    if answer is not None:
        return course.take(task, answer)
    worker.process.join()
    if not worker.ready:
        course.stillborn += 1
        if course.stillborn >= MOST_STILLBORN:
            what = text(
                "{count} processes ended before they were ready: {how}", count=MOST_STILLBORN, how=_ended(worker)
            )
            raise Unavailable(Problem(what, "--workers", text("judge in this process alone: --workers 0")))
        course.due.appendleft(task)
        return None
    if not task.single:
        course.split(task)
        return None
    task.ended += 1
    if task.ended < MOST_ENDED:
        course.due.appendleft(task)
        return None
    why = text("the process that judged it ended: {how}", how=_ended(worker))
    return course.take(task, opened.lost(values[task.begin : task.end], str(why)))


def _ended(worker: _Worker) -> str:
    code = worker.process.exitcode or 0
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _answer(worker: _Worker) -> Any:
    """What a process says: that it is ready, or rows; None where it has ended."""
    try:
        answer = worker.pipe.recv()
    except (EOFError, OSError):
        return None
    if isinstance(answer, Rows) or answer == _READY:
        return answer
    if isinstance(answer, tuple):
        kind, problems = cast("tuple[type[CovoltError], tuple[Problem, ...]]", answer)
        raise kind(problems)
    raise RuntimeError(str(answer))


def _next(worker: _Worker, course: _Course, values: NDArray[np.float64]) -> bool:
    """Give a process its next task; False, and it ends, where there is none."""
    if not course.due:
        worker.pipe.close()
        worker.process.join()
        return False
    worker.task = course.due.popleft()
    _tell(worker, values)
    return True


def _tell(worker: _Worker, values: NDArray[np.float64]) -> None:
    with suppress(OSError):  # one that has ended: its silence is read as that
        worker.pipe.send(values[worker.task.begin : worker.task.end])


def _begun(opened: Opened, task: _Task, values: NDArray[np.float64]) -> _Worker:
    own, other = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(other, opened), daemon=True)
    process.start()
    other.close()
    worker = _Worker(process, own, task)
    _tell(worker, values)
    return worker


def _work(pipe: Connection, opened: Opened) -> None:
    """Judge what comes until nothing comes any more; an interruption of the terminal is for the first process to heed."""
    from covolt.simulation.precision import prepare_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    prepare_process()
    try:
        judge = opened()
    except CovoltError as error:
        pipe.send((type(error), error.problems))
        return
    pipe.send(_READY)
    while True:
        try:
            values = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Any = judge(values)
        except CovoltError as error:
            answer = (type(error), error.problems)  # an error does not travel
        except Exception:  # a bug of ours: the first process raises it
            answer = traceback.format_exc()
        pipe.send(answer)


def _end_with_parent() -> None:
    """End at once where the process that began this one has ended, whatever it was killed by."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

"""A pool of processes that judge chunks; a design that ends its process is set apart, and what was beside it is judged again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Problem, Unavailable
from covolt.study.designs.chunks import Chunk
from covolt.study.designs.course import Course, Done, Task
from covolt.study.designs.engine import Judging, Opened, rows_of
from covolt.study.designs.evaluation import Rows
from covolt.words import text

__all__ = ["Pool"]

MOST_STILLBORN = 3
"""Processes that may end, one after the other, before they could judge anything: it is no design that ends them."""
_READY = "ready"


@dataclass
class _Worker:
    """A process, what it judges now, and whether it was ready for it."""

    process: BaseProcess
    pipe: Connection
    task: Task
    ready: bool = False


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
        course = Course.of(chunks)
        stillborn = 0
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
                        worker.ready, stillborn = True, 0
                        continue
                    stillborn += answer is None and not worker.ready
                    done = _taken(worker, answer, course, opened, values, stillborn)
                    if answer is None or not _next(worker, course, values):
                        del busy[worker.pipe]
                    if done is not None:
                        yield done
        finally:
            for worker in busy.values():
                worker.process.kill()
            for worker in busy.values():
                worker.process.join()


def _taken(
    worker: _Worker, answer: Rows | None, course: Course, opened: Opened, values: NDArray[np.float64], stillborn: int
) -> Done | None:
    """What comes of an answer, or of the end of a process in its place: a chunk, where it is whole by it."""
    task = worker.task
    if answer is not None:
        return course.take(task, answer)
    worker.process.join()
    if worker.ready:
        why = text("the process that judged it ended: {how}", how=_ended(worker))
        return course.ended(task, opened, values, str(why))
    if stillborn >= MOST_STILLBORN:
        what = text("{count} processes ended before they were ready: {how}", count=MOST_STILLBORN, how=_ended(worker))
        raise Unavailable(Problem(what, "--workers", text("judge in this process alone: --workers 0")))
    course.due.appendleft(task)
    return None


def _ended(worker: _Worker) -> str:
    code = worker.process.exitcode or 0
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _answer(worker: _Worker) -> Rows | str | None:
    """What a process says: that it is ready, or rows; None where it has ended."""
    try:
        answer = worker.pipe.recv()
    except (EOFError, OSError):
        return None
    return _READY if answer == _READY else rows_of(answer)


def _next(worker: _Worker, course: Course, values: NDArray[np.float64]) -> bool:
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


def _begun(opened: Opened, task: Task, values: NDArray[np.float64]) -> _Worker:
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
    judging = Judging(opened)
    if judging.refused is None:
        pipe.send(_READY)
    while True:
        try:
            values = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(judging(values))


def _end_with_parent() -> None:
    """End at once where the process that began this one has ended, whatever it was killed by."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

"""The worker: a thread that takes one job after the other, has it done by a process of its own, and writes what comes of it."""

from __future__ import annotations

import logging
import os
import secrets
from threading import Event, Thread
from typing import final

from covolt.errors import CovoltError
from covolt.workspace.job_doing import LEASE_s, carried_out
from covolt.workspace.job_files import PROGRAMME, Question, answer_of, problems_of, stored_problem
from covolt.workspace.jobs import Jobs, Taken

__all__ = ["Worker"]

SEEKS_s = 2.0
"""How often it looks for jobs that other servers were asked for, or whose worker is gone."""
RENEWS_s = LEASE_s / 4
_log = logging.getLogger(__name__)


@final
class Worker:
    """Does the jobs of a workspace, one at a time, from its beginning until it is stopped."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._stopped = Event()
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._thread = Thread(target=self._work, name="covolt-jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; a job that is under way waits for whoever takes it up when its lease is over."""
        self._stopped.set()
        self._jobs.asked_for.set()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._jobs.asked_for.clear()
            try:
                taken = self._jobs.take(self.name)
                if taken is not None:
                    self._do(taken)
                    continue
            except Exception:  # a database that is away comes back; the next round looks again
                _log.exception("a job could not be taken or written")
            self._jobs.asked_for.wait(SEEKS_s)

    def _do(self, taken: Taken) -> None:
        folder = self._jobs.folder(taken)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._jobs.write_programme(taken, folder / PROGRAMME)
            Question(taken.kind, taken.party, taken.day, taken.asked).write(folder)
        except CovoltError as error:
            self._jobs.fail(taken, self.name, [stored_problem(one) for one in error.problems])
            return
        mine = carried_out(
            folder,
            self._stopped,
            lambda: self._jobs.wanted(taken, self.name),
            lambda done, total: self._jobs.renew(taken, self.name, done, total),
            RENEWS_s,
        )
        if not mine:
            if self._jobs.is_over(taken):  # else somebody goes on in this folder
                self._jobs.clear(taken)
            return
        if (answer := answer_of(folder)) is not None:
            self._jobs.finish(taken, self.name, answer)
        elif (problems := problems_of(folder)) is not None:
            self._jobs.fail(taken, self.name, problems)
        else:
            self._jobs.crashed(taken, self.name)
            return
        self._jobs.clear(taken)

"""Runners of parties: each leases jobs of its party alone, is given what that party sees, and brings back what it found."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, final

from covolt.errors import Conflict, CovoltError, Forbidden, Problem
from covolt.study.verdicts.records import source_digest
from covolt.words import text
from covolt.workspace.access import Reader, seen
from covolt.workspace.events import now_text
from covolt.workspace.job_answers import read_answer
from covolt.workspace.job_doing import LEASE_s
from covolt.workspace.job_files import Question, stored_problem
from covolt.workspace.job_inputs import digest_of, packed, seen_files
from covolt.workspace.jobs import Jobs, Taken
from covolt.workspace.programmes import Programmes
from covolt.workspace.repositories import SHARED, Repositories
from covolt.workspace.runners_shown import LeasedJob, LeaseShown, RunnerShown

__all__ = ["Runners"]


@final
class Runners:
    """What the runners of parties ask of a workspace.

    Every rule of jobs is theirs as it is the worker's: one at a time, until the lease is over, and once to an end. What they
    compute is of the party, and shown as that.
    """

    def __init__(self, programmes: Programmes, jobs: Jobs, repositories: Repositories) -> None:
        self._programmes, self._jobs, self._repositories = programmes, jobs, repositories
        self._heard: dict[tuple[str, str], datetime] = {}

    def demand(self, name: str, reader: Reader) -> None:
        """Raise where a runner of the reader could not compute on a programme.

        Raises:
            Forbidden: the reader speaks for no party, or for some slots of one; or Git does not give the party the programme.
        """
        seen(self._programmes.read(name, self._programmes.heads(name)), reader)
        if not reader.party:
            raise Forbidden(Problem(text("a runner is some party's"), "party", text("say for which")))
        if reader.slots is not None:
            what = text("you act for some slots of {party} alone", party=reader.party)
            raise Forbidden(Problem(what, "party", text("who acts for the whole of it runs its runner")))
        self._repositories.found(name, SHARED, reader)

    def lease(self, name: str, reader: Reader, source: str) -> LeaseShown:
        """The job of the reader's party that waits longest for its runner, for this one alone.

        Args:
            source: digest of the covolt that is to compute.

        Raises:
            Conflict: it is not that of the workspace.
        """
        self.demand(name, reader)
        if source != source_digest():
            hint = text("install the version that the workspace has, unchanged")
            raise Conflict(Problem(text("the workspace computes with another covolt than this runner"), "source", hint))
        self._heard[name, reader.party] = self._programmes.clock()
        worker = secrets.token_hex(16)
        taken = self._jobs.take(worker, (name, reader.party))
        if taken is None:
            return LeaseShown()
        try:
            inputs = digest_of(question_of(taken), self._files(taken, reader))
        except CovoltError as error:
            self._jobs.fail(taken, worker, [stored_problem(one) for one in error.problems])
            return LeaseShown()
        return LeaseShown(
            LeasedJob(taken.number, worker, LEASE_s, inputs, taken.key, taken.kind, taken.party, taken.day, taken.asked)
        )

    def inputs(self, name: str, number: int, reader: Reader, lease: str) -> BinaryIO:
        """The programme on which a leased job is asked, as the party sees it."""
        self.demand(name, reader)
        return packed(self._files(self._jobs.leased(name, number, reader, lease), reader))

    def renew(self, name: str, number: int, reader: Reader, lease: str, done: int, total: int) -> None:
        """Keep a leased job for longer.

        Raises:
            Conflict: it is this runner's no longer.
        """
        if not self._jobs.renew(self._jobs.leased(name, number, reader, lease), lease, done, total):
            self._jobs.leased(name, number, reader, lease)  # says why

    def finish(
        self, name: str, number: int, reader: Reader, lease: str, inputs: str, answer: Mapping[str, Any]
    ) -> None:
        """Take what came of a leased job.

        Raises:
            Conflict: it is this runner's no longer, or was computed on something else.
            InputError: it is not what such a job answers.
        """
        taken = self._jobs.leased(name, number, reader, lease)
        if inputs != digest_of(question_of(taken), self._files(taken, reader)):
            what = text("this was computed on another question or another programme")
            raise Conflict(Problem(what, "inputs", text("fetch the inputs of the job anew")))
        content = read_answer(taken.kind, seen(self._programmes.read(name, taken.base), reader), answer)
        if not self._jobs.finish(taken, lease, content):
            self._jobs.leased(name, number, reader, lease)

    def fail(self, name: str, number: int, reader: Reader, lease: str, problems: Sequence[Problem]) -> None:
        """Take why nothing came of a leased job; where nothing is said, its process ended by itself.

        Raises:
            Conflict: it is this runner's no longer.
        """
        taken = self._jobs.leased(name, number, reader, lease)
        if problems:
            self._jobs.fail(taken, lease, [stored_problem(one) for one in problems])
        else:
            self._jobs.crashed(taken, lease)

    def shown(self, name: str, reader: Reader) -> RunnerShown:
        """Whether a runner of the reader's party asks for jobs."""
        seen(self._programmes.read(name, self._programmes.heads(name)), reader)
        if reader.slots is not None:  # jobs are of who acts for the whole party
            return RunnerShown("", 0)
        heard = self._heard.get((name, reader.party))
        return RunnerShown("" if heard is None else now_text(heard), self._jobs.waiting_for_runner(name, reader.party))

    def _files(self, taken: Taken, reader: Reader) -> Mapping[str, bytes]:
        own = seen(self._programmes.read(taken.programme, taken.base), reader)
        return seen_files(own, self._programmes.folders(taken.programme).files(taken.base))


def question_of(taken: Taken) -> Question:
    """What a job asks, as its process reads it."""
    return Question(taken.kind, taken.party, taken.day, taken.asked)

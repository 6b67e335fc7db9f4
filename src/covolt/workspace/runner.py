"""The runner of a party: on the party's own machine it leases jobs of a workspace, computes them, and brings back the result."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic
from typing import Any, Literal, final
from urllib.parse import quote

from covolt.errors import Conflict, CovoltError, InputError, NotFound, Problem, Unavailable, system_said
from covolt.locks import WINDOWS, held
from covolt.study.verdicts.records import source_digest
from covolt.words import Phrase, Spoken, Words, languages, restored, said, text
from covolt.workspace.alone import own_data
from covolt.workspace.client import RemoteWorkspace, address_and_token
from covolt.workspace.job_doing import HEARS_s, carried_out
from covolt.workspace.job_files import PROGRAMME, Question, answer_of, problems_of
from covolt.workspace.job_inputs import digest_of, unpacked
from covolt.workspace.runners_shown import LeasedJob, LeaseShown

__all__ = ["Runner", "remote_of", "working_in"]

SEEKS_s = 2.0
RENEWS_s = 2.0
"""How often it says that it is there, and hears that a job was cancelled."""
PATIENCE_s = 600.0
"""How long it tries to bring back what it has computed while the workspace does not answer."""
KEEPS_s = 7 * 86_400.0
"""How long what an interrupted job left is kept for whoever takes it up again."""
LOCK = "lock"
KEY = re.compile(r"[0-9a-f]{64}")
Ending = Literal["done", "failed", "lost"]
Tell = Callable[[Phrase], None]


@final
@dataclass(frozen=True)
class Runner:
    """Does jobs of one party of one programme, one at a time.

    Args:
        home: folder of this runner; a job that was interrupted goes on there from what was whole.
        tell: what it is told to people.
        stopped: set when it is to end.
    """

    workspace: RemoteWorkspace
    programme: str
    party: str
    home: Path
    tell: Tell
    stopped: Event

    def run(self, *, once: bool = False) -> None:
        """Do jobs until it is stopped, or with `once` those that wait now.

        Raises:
            CovoltError: the workspace refuses; one that does not answer is asked again, but for `once`.
        """
        while not self.stopped.is_set():
            try:
                leased = self._lease()
            except Unavailable as error:
                if once:
                    raise
                self.tell(_why(error))
                leased = None
            if leased is not None:
                self._do(leased)
            elif once:
                return
            else:
                self.stopped.wait(SEEKS_s)

    def _lease(self) -> LeasedJob | None:
        asked = {"source": source_digest()}
        return self.workspace.ask(LeaseShown, "POST", self._way("runner/leases"), self.party, json=asked).job

    def _do(self, job: LeasedJob) -> None:
        """Compute a job and bring back what came of it; what the workspace then refuses of it is told."""
        self.tell(text("job {number}: computing", number=job.number))
        folder = self._folder(job)
        try:
            ending = self._computed(job, folder)
        except Unavailable as error:
            self.tell(_why(error))
            return  # its lease ends, and whoever takes it up here goes on in this folder
        except (Conflict, NotFound) as error:
            self.tell(text("job {number} is not this runner's any more: {why}", number=job.number, why=_why(error)))
            ending = "lost"
        except CovoltError as error:
            self._send(job, {"problems": [_told(one) for one in error.problems]})
            ending = "failed"
        if not self.stopped.is_set():
            shutil.rmtree(folder, ignore_errors=True)
        if ending == "done":
            self.tell(text("job {number}: done", number=job.number))
        elif ending == "failed":
            self.tell(text("job {number}: nothing came of it", number=job.number))

    def _folder(self, job: LeasedJob) -> Path:
        if not KEY.fullmatch(job.key):
            raise InputError(Problem(text("the workspace names this job in another form"), "key", ""))
        return self.home / job.key

    def _computed(self, job: LeasedJob, folder: Path) -> Ending:
        question = Question(job.kind, job.party, job.day, job.asked)
        self._fetch(job, folder, question)
        question.write(folder)
        heard = [monotonic()]

        def renew(done: int, total: int) -> bool:
            try:
                self._post(job, "renewals", {"done": done, "total": total})
            except Unavailable:  # it may answer again before the lease is over
                return monotonic() - heard[0] < HEARS_s
            heard[0] = monotonic()
            return True

        if not carried_out(folder, self.stopped, lambda: True, renew, RENEWS_s):
            if not self.stopped.is_set():
                raise Unavailable(Problem(text("the workspace has not answered for too long"), "", ""))
            return "lost"
        if (answer := answer_of(folder)) is not None:
            self._send(job, {"inputs": job.inputs, "answer": json.loads(answer)})
            return "done"
        problems = problems_of(folder) or []
        self._send(job, {"problems": [_told(_again(one)) for one in problems]})
        return "failed"

    def _fetch(self, job: LeasedJob, folder: Path, question: Question) -> None:
        """Bring the programme as it stood for this job into its folder, and hold it against the digest of the lease."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.rmtree(folder / PROGRAMME, ignore_errors=True)
        way = self._way(f"jobs/{job.number}/inputs")
        with TemporaryDirectory(prefix="covolt-runner-") as made:
            archive = Path(made) / "inputs.zip"
            answer = self.workspace.answered("POST", way, self.party, json={"lease": job.lease})
            archive.write_bytes(answer.content)
            files = unpacked(archive, folder / PROGRAMME)
        if digest_of(question, files) != job.inputs:
            what = text("what the workspace gave is not what it says it is")
            raise InputError(Problem(what, f"job/{job.number}", text("ask for the job anew")))

    def _send(self, job: LeasedJob, found: Mapping[str, Any]) -> None:
        """Bring back what came of a job, again while the workspace does not answer."""
        until = monotonic() + PATIENCE_s
        while True:
            try:
                return self._post(job, "result", found)
            except Unavailable:
                if monotonic() >= until or self.stopped.wait(SEEKS_s):
                    raise

    def _post(self, job: LeasedJob, what: str, told: Mapping[str, Any]) -> None:
        way = self._way(f"jobs/{job.number}/{what}")
        self.workspace.answered("POST", way, self.party, json={"lease": job.lease, **told})

    def _way(self, path: str) -> str:
        return f"programmes/{quote(self.programme, safe='')}/{path}"


def _why(error: CovoltError) -> Phrase:
    what = error.problems[0].what
    return what.phrase if isinstance(what, Spoken) else Words(what, what)


def _told(problem: Problem) -> dict[str, Any]:
    what, hint = ({one: said(each, one) for one in languages()} for each in (problem.what, problem.hint))
    return {"what": what, "where": str(problem.where), "hint": hint}


def _again(stored: Mapping[str, Any]) -> Problem:
    """A problem that the process of a job left."""
    return Problem(restored(stored["what"]), stored["where"], restored(stored["hint"]))


def remote_of(address: str, token_file: Path | None) -> tuple[RemoteWorkspace, str]:
    """A workspace and the id of a programme in it, from `ADDRESS/PROGRAMME` or an id alone.

    Args:
        token_file: holds the token and nothing else; where none is named it is found as `connect` finds it.
    """
    where, _, name = address.rstrip("/").rpartition("/")
    try:
        token = "" if token_file is None else token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        what = system_said(error) if isinstance(error, OSError) else text("this is no text")
        raise InputError(Problem(what, str(token_file), text("name the file of a token"))) from error
    return RemoteWorkspace(*address_and_token(where, token)), name


def read_by_others(path: Path) -> bool:
    """Whether other users of this machine may read a file, as its mode has it; on Windows that tells nothing."""
    return not WINDOWS and bool(path.stat().st_mode & 0o077)


@contextmanager
def working_in(folder: Path | None, now: datetime) -> Generator[Path]:
    """A folder of one runner alone, which only its user reads; what other jobs left there long ago goes.

    Raises:
        Conflict: another runner works in it.
    """
    home = folder or own_data() / "runner"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / LOCK).open("w", encoding="utf-8") as lock:
        if not held(lock.fileno()):
            what = text("another runner works in this folder")
            raise Conflict(Problem(what, str(home), text("name another with --folder")))
        for one in home.iterdir():
            if KEY.fullmatch(one.name) and now.timestamp() - one.stat().st_mtime > KEEPS_s:
                shutil.rmtree(one, ignore_errors=True)
        yield home

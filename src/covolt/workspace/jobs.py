"""Jobs: what takes longer than an answer may, done once for all of a party who ask, by one worker at a time, and never lost."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, Forbidden, NotFound, Problem
from covolt.files import write_whole
from covolt.study.verdicts.records import source_digest
from covolt.words import Phrase, restored, text
from covolt.workspace.access import Reader, seen
from covolt.workspace.changes import NumberChange
from covolt.workspace.events import now_text
from covolt.workspace.job_doing import LEASE_s
from covolt.workspace.job_files import stored_problem
from covolt.workspace.job_table import JobRow
from covolt.workspace.jobs_shown import JobShown, JobsShown, answered
from covolt.workspace.programmes import Programmes
from covolt.workspace.settlements_shown import SettlementOption
from covolt.workspace.states import Heads
from covolt.workspace.telling import change_rows

__all__ = ["OPEN", "RESULTS", "Jobs", "Taken"]

MOST_CRASHES = 2
MOST_OPEN = 20
"""Jobs of one party of one programme that wait or run."""
LOOKS_s = 0.25
OPEN = ("waiting", "running")
RESULTS = "results"


@final
@dataclass(frozen=True)
class Taken:
    """A job as its worker has it: which, for which attempt, and what is asked."""

    id: int
    programme: str
    kind: str
    base: Heads
    day: str
    party: str
    asked: Mapping[str, Any]
    key: str
    attempt: int
    number: int = 0


@final
class Jobs:
    """What is asked of the workers of a workspace.

    Args:
        programmes: whose home holds a folder for each job that is under way, and a file for each result.
    """

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes
        self._closed = Event()
        self.asked_for = Event()
        """Set when a job is new, so that a worker need not wait to look."""

    def ask(self, name: str, reader: Reader, kind: str, asked: Mapping[str, Any], *, runner: bool = False) -> int:
        """Ask for a job on a programme as it stands; its number. The same question is the same job, once more where it failed.

        With `runner` a runner of the party does it, on its own machine; else the workspace.

        Raises:
            Forbidden: the reader speaks for no party.
            Conflict: too many jobs of the party are under way.
        """
        heads = self._programmes.heads(name)
        read = self._programmes.read(name, heads)
        seen(read, reader)
        if not reader.party:
            raise Forbidden(Problem(text("who asks for this speaks for a party"), "party", text("say for which")))
        if reader.slots is not None:
            what = text("this is for who acts for the whole of '{party}'", party=reader.party)
            raise Forbidden(Problem(what, "party", text("what comes of it concerns all of the party's slots")))
        key = _key(
            [name, heads.digest, read.day, source_digest(), reader.party, kind, asked, *(["runner"] if runner else [])]
        )
        with self._programmes.database.writing() as session:
            row = session.scalars(select(JobRow).where(JobRow.key == key)).first()
            if (
                row is not None
                and row.status in {*OPEN, "done"}
                and (row.status != "done" or self._file(row).is_file())
            ):
                return row.number
            _demand_few(session, name, reader.party)
            if row is None:
                number = (session.scalar(select(func.max(JobRow.number)).where(JobRow.programme == name)) or 0) + 1
                row = JobRow(
                    programme=name, number=number, kind=kind, state=heads.digest, base=heads.plain(), day=read.day,
                    asked=dict(asked), party=reader.party, person=reader.person, key=key, attempts=0,
                    made=self._programmes.clock(), runner=reader.party if runner else "",
                )  # fmt: skip
                session.add(row)
            row.status, row.leased_by, row.leased_until, row.crashes = "waiting", "", None, 0
            row.done, row.total, row.result, row.problems, row.started, row.ended = 0, 0, "", [], None, None
            number = row.number
        self.asked_for.set()
        return number

    def shown(self, name: str, number: int, reader: Reader, wait_s: float = 0.0) -> JobShown:
        """A job as the party that asked for it may see it; waits so long for its end.

        Raises:
            NotFound: that party asked for none of this number.
        """
        until = monotonic() + wait_s
        while True:
            with self._programmes.database.reading() as session:
                row = _own(session, name, number, reader)
                found = self._shown(row)
            if found.status not in OPEN or monotonic() >= until or self._closed.wait(LOOKS_s):
                own = seen(self._programmes.read(name, Heads.of(row.base)), reader)
                tried = (NumberChange.of(one) for one in row.asked["changes"])
                return replace(found, changes=change_rows(tried, own))

    def listed(self, name: str, reader: Reader) -> JobsShown:
        """The jobs of the reader's party, newest first, without their results."""
        self._programmes.demand(name)
        wanted = select(JobRow).where(JobRow.programme == name, JobRow.party == reader.party)
        with self._programmes.database.reading() as session:
            rows = session.scalars(wanted.order_by(JobRow.number.desc()).limit(100)).all() if _whole(reader) else []
            return JobsShown(tuple(self._shown(one, whole=False) for one in rows))

    def changes(self, name: str, number: int, option: int, reader: Reader) -> list[NumberChange]:
        """What a settlement that the reader's party asked for changes of the vehicle that is locked.

        Raises:
            Conflict: it is not computed, or for an earlier state of the programme.
            NotFound: there is no such option.
        """
        with self._programmes.database.reading() as session:
            row = _own(session, name, number, reader)
        where = f"job/{number}"
        if row.status != "done":
            raise Conflict(Problem(text("this is not computed"), where, text("wait for it, or ask anew")))
        if row.state != self._programmes.heads(name).digest:
            what = text("the programme has moved since this was computed")
            raise Conflict(Problem(what, where, text("ask for settlements anew")))
        options: list[list[dict[str, str]]] = self._read(row).get("options", [])
        if not 0 <= option < len(options):
            raise NotFound(Problem(text("no settlement {option}", option=option + 1), where, ""))
        return [NumberChange.of(one) for one in options[option]]

    def settlement(self, name: str, number: int, option: int, party: str) -> SettlementOption | None:
        """A settlement from which a proposal was made, as a party may see it; None where its file is gone."""
        wanted = select(JobRow).where(JobRow.programme == name, JobRow.number == number)
        with self._programmes.database.reading() as session:
            row = session.scalars(wanted).first()
        if row is None or not row.result or not self._file(row).is_file():
            return None
        document = self._read(row)["documents"].get(party)
        found = answered(row.kind, document).get("settlements")
        if found is None or option >= len(found.options):
            return None
        return replace(found.options[option], runner=row.runner)

    def took_s(self, name: str, reader: Reader, kind: str) -> tuple[float, Mapping[str, Any]] | None:
        """How long the last such job of the reader's party took that was done, and what it asked; None where none was."""
        mine = (JobRow.programme == name, JobRow.party == reader.party)
        done = (*mine, JobRow.kind == kind, JobRow.status == "done")
        with self._programmes.database.reading() as session:
            row = session.scalars(select(JobRow).where(*done).order_by(JobRow.id.desc()).limit(1)).first()
        if row is None or row.started is None or row.ended is None:
            return None
        return (row.ended - row.started).total_seconds(), row.asked

    def waiting_for_runner(self, name: str, party: str) -> int:
        """How many jobs wait for a runner of a party."""
        mine = (JobRow.programme == name, JobRow.runner == party, JobRow.status == "waiting")
        with self._programmes.database.reading() as session:
            found = select(func.count()).select_from(JobRow).where(*mine)
            return (session.scalar(found) or 0) if party else 0

    def cancel(self, name: str, number: int, reader: Reader) -> None:
        """Give a job up; what is done stays done."""
        with self._programmes.database.writing() as session:
            row = _own(session, name, number, reader)
            if row.status in OPEN:
                row.status, row.ended = "cancelled", self._programmes.clock()

    def take(self, worker: str, runner: tuple[str, str] | None = None) -> Taken | None:
        """The job that waits longest, for this worker alone until its lease is over; None where none waits.

        Args:
            runner: programme and party whose runner asks: the workspace's own worker gets none of its jobs.
        """
        with self._programmes.database.reading() as session:
            if session.scalars(select(JobRow.id).where(self._free(runner)).limit(1)).first() is None:
                return None
        with self._programmes.database.writing() as session:  # one worker after the other looks again
            row = session.scalars(select(JobRow).where(self._free(runner)).order_by(JobRow.id).limit(1)).first()
            if row is None:
                return None
            row.status, row.leased_by, row.leased_until = "running", worker, self._lease()
            row.started = self._programmes.clock()
            row.attempts += 1
            return _taken(row)

    def leased(self, name: str, number: int, reader: Reader, worker: str) -> Taken:
        """A job that a runner of the reader's party has leased, and still has.

        Raises:
            NotFound: that party asked for none of this number.
            Conflict: it is this runner's no longer, with why.
        """
        with self._programmes.database.reading() as session:
            row = _own(session, name, number, reader)
            if row.runner and row.status == "running" and row.leased_by == worker:
                return _taken(row)
            why = _why_lost(row)
        raise Conflict(Problem(why, f"job/{number}", text("what was computed of it counts for nothing")))

    def renew(self, taken: Taken, worker: str, done: int, total: int) -> bool:
        """Keep a job for longer, and tell how far it is; False where it is no longer this worker's."""
        with self._programmes.database.writing() as session:
            row = self._still(session, taken, worker)
            if row is None:
                return False
            row.leased_until, row.done, row.total = self._lease(), done, total
            return True

    def wanted(self, taken: Taken, worker: str) -> bool:
        """Whether a job is still this worker's."""
        with self._programmes.database.reading() as session:
            return self._still(session, taken, worker) is not None

    def is_over(self, taken: Taken) -> bool:
        """Whether nobody works on a job any more, nor will."""
        with self._programmes.database.reading() as session:
            row = session.get(JobRow, taken.id)
            return row is None or row.status not in OPEN

    def finish(self, taken: Taken, worker: str, answer: bytes) -> bool:
        """Write what came of a job; False, and nothing written, where it is no longer this worker's."""
        digest = hashlib.sha256(answer).hexdigest()
        place = self._results / f"{digest}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, answer.decode())
        return self._end(taken, worker, status="done", result=digest)

    def fail(self, taken: Taken, worker: str, problems: Sequence[Mapping[str, Any]]) -> bool:
        """Write why nothing came of a job."""
        return self._end(taken, worker, status="failed", problems=list(problems))

    def crashed(self, taken: Taken, worker: str) -> None:
        """Its process ended by itself: it waits again, or is given up where that happens again and again."""
        with self._programmes.database.writing() as session:
            row = self._still(session, taken, worker)
            if row is None:
                return
            row.crashes += 1
            row.status, row.leased_by, row.leased_until = "waiting", "", None
            if row.crashes >= MOST_CRASHES:
                what = text("its process ended {count} times by itself", count=row.crashes)
                row.status, row.ended = "failed", self._programmes.clock()
                row.problems = [stored_problem(Problem(what, "", text("ask for less")))]

    def folder(self, taken: Taken) -> Path:
        """Where a job is worked on; who takes it up again finds there what was whole."""
        return self._programmes.home / "jobs" / taken.key

    def clear(self, taken: Taken) -> None:
        """Take away what was worked with."""
        shutil.rmtree(self.folder(taken), ignore_errors=True)

    def write_programme(self, taken: Taken, folder: Path) -> None:
        """Write the state on which a job was asked for into a folder."""
        self._programmes.folders(taken.programme).write_folder(taken.base, folder)

    def close(self) -> None:
        """Let go of everybody who waits."""
        self._closed.set()
        self.asked_for.set()

    @property
    def _results(self) -> Path:
        return self._programmes.home / RESULTS

    def _file(self, row: JobRow) -> Path:
        return self._results / f"{row.result}.json"

    def _lease(self) -> datetime:
        return self._programmes.clock() + timedelta(seconds=LEASE_s)

    def _free(self, runner: tuple[str, str] | None) -> ColumnElement[bool]:
        """Jobs that nobody is at; a lease that no clock of today gives was given before one was set back."""
        now = self._programmes.clock()
        over = or_(JobRow.leased_until < now, JobRow.leased_until > now + timedelta(seconds=2 * LEASE_s))
        name, party = runner or ("", "")
        whose = and_(JobRow.runner == party, JobRow.programme == name) if runner else JobRow.runner == ""
        return and_(whose, or_(JobRow.status == "waiting", and_(JobRow.status == "running", over)))

    def _still(self, session: Session, taken: Taken, worker: str) -> JobRow | None:
        row = session.get(JobRow, taken.id)
        mine = row is not None and (row.status, row.leased_by, row.attempts) == ("running", worker, taken.attempt)
        return row if mine else None

    def _end(self, taken: Taken, worker: str, *, status: str, result: str = "", problems: Sequence[Any] = ()) -> bool:
        with self._programmes.database.writing() as session:
            row = self._still(session, taken, worker)
            if row is None:
                return False
            row.status, row.result, row.problems = status, result, list(problems)
            row.leased_by, row.leased_until, row.ended = "", None, self._programmes.clock()
            if status == "done":  # how far it was is told now and then only
                row.done = row.total
            return True

    def _read(self, row: JobRow) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file(row).read_text(encoding="utf-8"))
        return found

    def _shown(self, row: JobRow, *, whole: bool = True) -> JobShown:
        documents = self._read(row)["documents"] if whole and row.status == "done" else {}
        status: Any = row.status
        return JobShown(
            row.number,
            row.kind,
            status,
            row.state,
            row.person,
            now_text(row.made),
            "" if row.ended is None else now_text(row.ended),
            row.done,
            row.total,
            row.asked,
            tuple(restored(one["what"]) for one in row.problems),
            runner=row.runner,
            **answered(row.kind, documents.get(row.party)),
        )


def _own(session: Session, name: str, number: int, reader: Reader) -> JobRow:
    """A job that the reader's party asked for; another's is as if it were not there, as is any for who acts for slots alone."""
    row = session.scalars(select(JobRow).where(JobRow.programme == name, JobRow.number == number)).first()
    if row is None or not _whole(reader) or row.party != reader.party:
        raise NotFound(Problem(text("no job {number}", number=number), "job", ""))
    return row


def _whole(reader: Reader) -> bool:
    """Whether a reader acts for the whole of a party: what comes of a job is what that sees."""
    return bool(reader.party) and reader.slots is None


def _taken(row: JobRow) -> Taken:
    base = Heads.of(row.base)
    return Taken(
        row.id, row.programme, row.kind, base, row.day, row.party, row.asked, row.key, row.attempts, row.number
    )


def _why_lost(row: JobRow) -> Phrase:
    """Why a job is not a runner's that once had it."""
    if row.status == "cancelled":
        return text("this job was cancelled")
    if row.status in {"done", "failed"}:
        return text("this job has its end already")
    if row.status == "running":
        return text("the lease of this job was over, and another runner has taken it up")
    return text("the lease of this job was over, and it went back")


def _demand_few(session: Session, name: str, party: str) -> None:
    mine = (JobRow.programme == name, JobRow.party == party, JobRow.status.in_(OPEN))
    if (session.scalar(select(func.count()).select_from(JobRow).where(*mine)) or 0) >= MOST_OPEN:
        what = text("{most} jobs of yours are under way", most=MOST_OPEN)
        raise Conflict(Problem(what, "jobs", text("wait for one, or cancel one")))


def _key(content: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

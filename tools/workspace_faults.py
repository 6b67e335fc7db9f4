"""Faults of a workspace that is used: its server, a worker and PostgreSQL killed, full disks, slow clients, a clock set back.

Engineers use it without a pause (tools/workspace_load.py). Then comes the fault, at a moment by chance. Afterwards the workspace
must be back within 10 s; every write that was answered must be there, its audit must find nothing, every job must come to its
end, and none may be done twice at once. How long it takes to be back hangs on what else the machine does: a round names its load.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.workspace.cluster import Cluster, missing  # noqa: E402
from tests.workspace.conftest import small  # noqa: E402
from tools.workspace_load import NAME, PARTIES, Told, lost, processes_of, used  # noqa: E402

from covolt.workspace.access import Reader  # noqa: E402
from covolt.workspace.alone import Opened, opened_at  # noqa: E402
from covolt.workspace.database import Database  # noqa: E402
from covolt.workspace.job_table import JobRow  # noqa: E402
from covolt.workspace.jobs import MOST_CRASHES  # noqa: E402

BACK_WITHIN_s, PATIENCE_s = 10.0, 60.0
FAULTS = ("server", "postmaster", "disk", "filled", "slow", "worker", "clock")
OF_POSTGRES = ("postmaster", "filled")
DISK_MB = 400
"""Of PostgreSQL's own disk, which is filled."""
JOBS_SHARE = 0.3
JOB_PATIENCE_s = 120.0
ROOM_bytes = 2048
"""To which no file of a server on a full disk may grow, at most."""
SLOW = 40
SHOWN = "COVOLT_FAULTS_SHOWN"
"""Set where each round is to be printed when it is over."""
SERVE = """
import os, sys
from datetime import UTC, datetime, timedelta
import covolt.cli.serve as door
class Clock(datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.now(zone) + timedelta(seconds=float(os.environ.get("CLOCK_s", "0")))
door.datetime = Clock
from covolt.cli import main
main()
"""
"""The command itself, with a clock that goes otherwise."""


class Served:
    """A workspace in a folder, its server, and who uses it."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self.database, self.log = home, database, home.parent / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.opened = Opened("", 0, "")

    def start(self, clock_s: float = 0.0) -> float:
        """Begin the server; how long it took until it answered, in seconds."""
        begun_s = time.monotonic()
        words = ["serve", "--home", str(self.home), "--port", "0", "--no-browser"]
        words += ["--database", self.database] if self.database else []

        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, *words],
                env=os.environ | {"CLOCK_s": str(clock_s)}, stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        while time.monotonic() - begun_s < PATIENCE_s:
            found = opened_at(self.home)
            if found is not None and found.process == self.process.pid:
                self.opened = found
                with suppress(httpx2.HTTPError), self.client() as client:
                    if client.get("/health/ready").status_code == 200:
                        return time.monotonic() - begun_s
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)
        raise RuntimeError("it does not answer")

    def client(self) -> httpx2.Client:
        head = {"Authorization": f"Bearer {self.opened.token}"}
        return httpx2.Client(base_url=self.opened.address, headers=head, timeout=PATIENCE_s)

    def way(self) -> tuple[str, str]:
        return self.opened.address, self.opened.token

    def bound(self, most_bytes: int) -> None:
        """Let no file that it writes grow beyond this, as on a disk that is full."""
        resource.prlimit(self.opened.process, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def strike(fault: str, served: Served, cluster: Cluster | None, chance: random.Random, told: Told) -> float:
    """One fault under load; in how many seconds the workspace was back."""
    if fault == "clock":
        served.kill()
        served.start(clock_s=-chance.uniform(1.0, 1e6))
    _answering(served, time.monotonic())
    if fault in {"worker", "server"} and (fault == "worker" or chance.random() < JOBS_SHARE):
        _ask(served, chance, told)
    for one in told.jobs:
        told.jobs[one] += 1
    with used(served, chance, told):
        time.sleep(chance.uniform(0.2, 2.0))
        back_s = _struck(fault, served, cluster, chance)
    if fault in {"server", "clock"}:
        served.kill()
        back_s = served.start()
    return back_s


def _struck(fault: str, served: Served, cluster: Cluster | None, chance: random.Random) -> float:
    """A fault while the workspace is used; since when it is back, where that is not for a new start to say."""
    begun_s = time.monotonic()
    if fault == "postmaster" and cluster is not None:
        cluster.kill()
    elif fault == "filled" and cluster is not None:
        cluster.fill()
        time.sleep(chance.uniform(0.2, 2.0))
        if chance.random() < 0.5:
            with suppress(Exception):  # it ends where its own log cannot go on
                cluster.sql("SELECT pg_switch_wal()", "faults")
                time.sleep(chance.uniform(0.2, 1.0))
        begun_s = time.monotonic()
        cluster.clear()
    elif fault == "disk":
        served.bound(chance.randrange(ROOM_bytes))
        time.sleep(chance.uniform(0.2, 2.0))
        served.bound(resource.RLIM_INFINITY)
        begun_s = time.monotonic()
    elif fault == "slow":
        with _dripping(served):
            return _answering(served, begun_s)
    elif fault == "worker":
        _end_worker(served, chance)
        begun_s = time.monotonic()
    elif fault == "server":
        served.kill()
        return 0.0
    return _answering(served, begun_s)


def _ask(served: Served, chance: random.Random, told: Told) -> None:
    """Ask for a job; it is a new one, since nobody asked for so many designs on this state."""
    party = chance.choice(PARTIES)
    with served.client() as client:
        given = {"kind": "conflicts", "changes": [], "designs": chance.randint(1, 4096)}
        answer = client.post(f"/api/v1/programmes/{NAME}/jobs", json=given, headers={"Covolt-Party": party})
        if answer.status_code == 201:
            told.jobs.setdefault((party, answer.json()["number"]), 0)


def _end_worker(served: Served, chance: random.Random) -> None:
    """End the process of a job while it computes."""
    until_s = time.monotonic() + JOB_PATIENCE_s
    while time.monotonic() < until_s:
        if found := processes_of(served.home):
            time.sleep(chance.uniform(0.0, 3.0))
            for one in found:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            return
        time.sleep(0.05)


def unfinished(served: Served, told: Told) -> list[str]:
    """Jobs that do not come to their end, or were done once more although nothing had struck them."""
    wrong = list[str]()
    database = Database(served.database or f"sqlite:///{served.home / 'workspace.db'}")
    try:
        for (party, number), struck in told.jobs.items():
            row = _ended(database, party, number)
            if row is None or row.status not in {"done", "failed"}:
                wrong.append(f"job {number} of {party} is {'gone' if row is None else row.status}")
            elif row.status == "failed" and row.crashes < MOST_CRASHES:
                wrong.append(f"job {number} failed: {row.problems}")
            elif row.status == "done" and not (served.home / "results" / f"{row.result}.json").is_file():
                wrong.append(f"what came of job {number} is gone")
            elif row.attempts > 1 + struck:
                wrong.append(f"job {number} was begun {row.attempts} times, and {struck} faults struck it")
    finally:
        database.close()
    return wrong


def _ended(database: Database, party: str, number: int) -> JobRow | None:
    until_s = time.monotonic() + JOB_PATIENCE_s
    while True:
        with database.reading() as session:
            row = session.query(JobRow).filter_by(party=party, number=number).first()
        if row is None or row.status not in {"waiting", "running"} or time.monotonic() > until_s:
            return row
        time.sleep(0.5)


def beside(served: Served) -> list[str]:
    """Processes of jobs that outlived who began them, or that do the same job twice."""
    until_s = time.monotonic() + BACK_WITHIN_s
    while True:
        found = list(processes_of(served.home).values())
        jobs = [job for job, _ in found]
        wrong = [
            f"the process of job {job[:8]} outlived its worker" for job, by in found if by != served.opened.process
        ]
        wrong += [f"job {job[:8]} is done twice at once" for job in set(jobs) if jobs.count(job) > 1]
        if not wrong or time.monotonic() > until_s:
            return wrong
        time.sleep(0.1)


def _answering(served: Served, begun_s: float) -> float:
    """Since when it answers what needs the database again."""
    with served.client() as client:
        while time.monotonic() - begun_s < PATIENCE_s:
            with suppress(httpx2.HTTPError):
                if client.get(f"/api/v1/programmes/{NAME}/proposals").status_code == 200:
                    break
            time.sleep(0.05)
    return time.monotonic() - begun_s


@contextmanager
def _dripping(served: Served) -> Generator[None]:
    """Clients that begin a request, and send a sign of it now and then."""
    port = int(served.opened.address.rpartition(":")[2])
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    try:
        for one in lines:
            one.sendall(f"POST /api/v1/programmes/{NAME}/proposals HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n".encode())
            one.sendall(b"Content-Length: 1000\r\nContent-Type: application/json\r\n\r\n{")
        yield
    finally:
        for one in lines:
            one.close()


@contextmanager
def world(*, embedded: bool) -> Generator[tuple[Served, Cluster | None]]:
    """A workspace that is served, with its database in a file or in a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="covolt-faults-") as made:
        folder = Path(made)
        os.environ |= {"COVOLT_CACHE_DIR": str(folder / "cache"), "XDG_CONFIG_HOME": str(folder / "config")}
        cluster = None if embedded else Cluster(DISK_MB)
        try:
            if cluster is not None:
                cluster.database("faults")
            served = Served(folder / "home", cluster.address("faults") if cluster else "")
            _begin(small(folder / NAME), served)
            try:
                served.start()
                yield served, cluster
            finally:
                served.kill()
        finally:
            if cluster is not None:
                cluster.end()


def _begin(folder: Path, served: Served) -> None:
    from datetime import UTC, datetime

    from covolt.workspace.asking import Workspace

    made = Workspace(served.home, lambda: datetime.now(UTC), served.database)
    made.begin(folder, Reader("engineer"))
    made.close()


def rounds(count: int, seed: int, kinds: Sequence[str] = FAULTS, *, embedded: bool = False) -> list[dict[str, Any]]:
    """What was wrong after each of so many faults, and how long it took until the workspace was back."""
    found, chance, told = list[dict[str, Any]](), random.Random(seed), Told()
    where, before = "SQLite" if embedded else "PostgreSQL", 0
    with world(embedded=embedded) as (served, cluster):
        kinds = [one for one in kinds if _possible(one, cluster)]
        for at in range(count):
            kind = kinds[at % len(kinds)]
            back_s = strike(kind, served, cluster, chance, told)
            wrong = [*lost(served.home, served.database, told), *beside(served)]
            writes, before = told.writes - before, told.writes
            wrong += [f"back after {back_s:.1f} s"] if back_s > BACK_WITHIN_s else []
            wrong += unfinished(served, told) if at == count - 1 else []
            case = {"case": f"{at} {kind}, {where}", "back_s": back_s, "wrong": wrong, "writes": writes}
            found.append(
                {**case, "kind": kind, "refused": told.refused, "jobs": len(told.jobs), "load": os.getloadavg()[0]}
            )
            if SHOWN in os.environ:
                sys.stdout.write(f"{found[-1]}\n")
                sys.stdout.flush()
            told.wrong.clear()
            told.refused = 0
    return found


def _possible(kind: str, cluster: Cluster | None) -> bool:
    """Whether this fault can come here: PostgreSQL's own disk can be filled only by who may mount one."""
    return kind not in OF_POSTGRES or (cluster is not None and (kind != "filled" or cluster.small))


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """The row of these faults."""
    kinds = [True] if missing() else [False, True]
    found = [one for embedded in kinds for one in rounds(count // len(kinds), seed, embedded=embedded)]
    slowest_s = max((one["back_s"] for one in found), default=0.0)
    struck = {one: sum(each["kind"] == one for each in found) for one in FAULTS}
    jobs = sum({one["case"].rpartition(", ")[2]: one["jobs"] for one in found}.values())
    return [
        {
            "name": "workspace",
            "measured": float(sum(bool(one["wrong"]) for one in found)),
            "goal": 0.0,
            "unit": "faults that lost something, or were not over in 10 s",
            "better": "lower",
            "peer": f"{sum(one['writes'] for one in found)} writes answered, {jobs} jobs; back within {slowest_s:.1f} s; "
            + ", ".join(f"{one} {number}" for one, number in struck.items() if number)
            + "".join(f"; {one} could not be tried here" for one, number in struck.items() if not number)
            + (f"; no PostgreSQL: {missing()}" if missing() else ""),
            "cases": len(found),
            "details": [one for one in found if one["wrong"]],
        }
    ]

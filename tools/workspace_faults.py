"""Faults of a workspace that is used: its server and PostgreSQL killed, a full disk, slow clients, a clock set back.

Engineers propose, answer, withdraw and merge without a pause, and note what they were told. Then comes the fault, at a moment by
chance. Afterwards the workspace must be back within 10 s; every write that was answered must be there, the log must be whole,
and Git must hold what the database says is merged.
"""

from __future__ import annotations

import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.workspace.cluster import Cluster, missing  # noqa: E402
from tests.workspace.conftest import small  # noqa: E402

from covolt.workspace.access import Reader  # noqa: E402
from covolt.workspace.alone import Opened, opened_at  # noqa: E402
from covolt.workspace.database import Database  # noqa: E402
from covolt.workspace.events import broken  # noqa: E402
from covolt.workspace.states import ProgrammeFolders  # noqa: E402
from covolt.workspace.tables import AnswerRow, EventRow, ProposalRow  # noqa: E402

NAME = "small-car"
BACK_WITHIN_s, PATIENCE_s = 10.0, 60.0
PARTIES = ("battery-works", "integrator", "drive-works")
FAULTS = ("server", "postmaster", "disk", "slow", "clock")
ROOM_bytes = 2048
"""To which no file of a server on a full disk may grow, at most."""
SLOW = 40
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


@dataclass
class Told:
    """What engineers were told: proposals that were made, answered, withdrawn and merged, by their numbers."""

    made: set[int] = field(default_factory=set[int])
    answered: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    withdrawn: set[int] = field(default_factory=set[int])
    merged: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    wrong: list[str] = field(default_factory=list[str])
    refused: int = 0
    """How often they were told that it is not to be had now."""


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
                    if client.get("/health").status_code == 200:
                        return time.monotonic() - begun_s
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)
        raise RuntimeError("it does not answer")

    def client(self) -> httpx2.Client:
        head = {"Authorization": f"Bearer {self.opened.token}"}
        return httpx2.Client(base_url=self.opened.address, headers=head, timeout=PATIENCE_s)

    def bound(self, most_bytes: int) -> None:
        """Let no file that it writes grow beyond this, as on a disk that is full."""
        resource.prlimit(self.opened.process, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @contextmanager
    def used(self, chance: random.Random, told: Told) -> Generator[None]:
        """Engineers at work meanwhile."""
        ended = threading.Event()
        crowd = [
            threading.Thread(target=_work, args=(self, PARTIES[at % 3], random.Random(chance.random()), told, ended))
            for at in range(4)
        ]
        for one in crowd:
            one.start()
        try:
            yield
        finally:
            ended.set()
            for one in crowd:
                one.join(PATIENCE_s)


def _work(served: Served, party: str, chance: random.Random, told: Told, ended: threading.Event) -> None:
    with served.client() as client:
        client.headers["Covolt-Party"] = party
        while not ended.is_set():
            try:
                _act(client, party, chance, told)
            except httpx2.HTTPError:
                return  # whoever was cut off was told nothing


def _act(client: httpx2.Client, party: str, chance: random.Random, told: Told) -> None:
    path, act = f"/api/v1/programmes/{NAME}/proposals", chance.random()

    def asked(place: str, given: Any = None) -> Any:
        answer = client.request("GET" if given is None else "POST", f"{path}{place}", json=given)
        told.refused += answer.status_code == 503
        if answer.status_code == 500:
            told.wrong.append(f"{place}: a fault of the server")
        return answer.json() if answer.status_code < 300 else None

    if act < 0.4 or not told.made:
        slot, least = ("battery", 236.0) if party == "battery-works" else ("body", 551.0)
        change = {"slot": slot, "number": "mass", "value": f"{least + chance.uniform(0, 10):.3f} kg"}
        if (made := asked("", {"changes": [change], "title": "Heavier"})) is not None:
            told.made.add(made["number"])
        return
    number = chance.choice(sorted(told.made))
    if act < 0.5:
        if asked(f"/{number}/withdraw", {}) is not None:
            told.withdrawn.add(number)
    elif (shown := asked(f"/{number}")) is not None and act < 0.8:
        if asked(f"/{number}/answers", {"answer": "accept", "content": shown["content"]}) is not None:
            told.answered.add((number, party))
    elif shown is not None and (merged := asked(f"/{number}/merge", {})) is not None:
        told.merged[number] = merged["commits"]


def lost(home: Path, address: str, told: Told) -> list[str]:
    """What was answered and is not there, or is there and does not agree."""
    wrong, database = list(told.wrong), Database(address or f"sqlite:///{home / 'workspace.db'}")
    folders = ProgrammeFolders(home / "programmes" / NAME)
    try:
        with database.reading() as session:
            rows = {one.number: one for one in session.query(ProposalRow).all()}
            answers = {(one.proposal, one.party) for one in session.query(AnswerRow).all()}
            events = session.query(EventRow).order_by(EventRow.sequence).all()
    finally:
        database.close()
    if found := broken(events):
        wrong.append(f"entries of the log are broken: {found}")
    log = [one.hash for one in folders.shared.log(10_000)]
    wrong += [f"proposal {one} is gone" for one in told.made - rows.keys()]
    wrong += [
        f"an answer to {one} is gone"
        for one, party in told.answered
        if one in rows and (rows[one].id, party) not in answers
    ]
    wrong += [f"proposal {one} is not withdrawn" for one in told.withdrawn if rows[one].state != "withdrawn"]
    wrong += [f"proposal {one} is not merged" for one in told.merged if rows[one].state != "merged"]
    for one in rows.values():
        if one.state == "merged" and (one.merged or {}).get("") not in log:
            wrong.append(f"the commit of proposal {one.number} is not in Git")
        if one.state == "merged" and told.merged.get(one.number, one.merged) != one.merged:
            wrong.append(f"proposal {one.number} was told to be merged otherwise")
    for party, commit in folders.heads().parties:
        if commit not in [one.hash for one in folders.own(party).log(10_000)]:
            wrong.append(f"the commit of {party} is not in Git")
    return wrong


def strike(fault: str, served: Served, cluster: Cluster | None, chance: random.Random, told: Told) -> float:
    """One fault under load; in how many seconds the workspace was back."""
    back_s = 0.0
    if fault == "clock":
        served.kill()
        served.start(clock_s=-chance.uniform(1.0, 1e6))
    _answering(served, time.monotonic())
    with served.used(chance, told):
        time.sleep(chance.uniform(0.2, 2.0))
        if fault == "postmaster" and cluster is not None:
            begun_s = time.monotonic()
            cluster.kill()
            back_s = _answering(served, begun_s)
        elif fault == "disk":
            served.bound(chance.randrange(ROOM_bytes))
            time.sleep(chance.uniform(0.2, 2.0))
            served.bound(resource.RLIM_INFINITY)
            back_s = _answering(served, time.monotonic())
        elif fault == "slow":
            with _dripping(served):
                back_s = _answering(served, time.monotonic())
        elif fault == "server":
            served.kill()
    if fault in {"server", "clock"}:
        served.kill()
        back_s = served.start()
    return back_s


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
        cluster = None if embedded else Cluster()
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
    before = 0
    kinds = [one for one in kinds if one != "postmaster" or not embedded]
    with world(embedded=embedded) as (served, cluster):
        for at in range(count):
            kind = kinds[at % len(kinds)]
            back_s = strike(kind, served, cluster, chance, told)
            wrong = lost(served.home, served.database, told)
            writes, before = _writes(told) - before, _writes(told)
            wrong += [f"back after {back_s:.1f} s"] if back_s > BACK_WITHIN_s else []
            where = "SQLite" if embedded else "PostgreSQL"
            found.append(
                {
                    "case": f"{at} {kind}, {where}",
                    "back_s": back_s,
                    "wrong": wrong,
                    "writes": writes,
                    "refused": told.refused,
                }
            )
            told.wrong.clear()
            told.refused = 0
    return found


def _writes(told: Told) -> int:
    return len(told.made) + len(told.answered) + len(told.withdrawn) + len(told.merged)


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """The row of these faults."""
    kinds = [True] if missing() else [False, True]
    found = [one for embedded in kinds for one in rounds(count // len(kinds), seed, embedded=embedded)]
    slowest_s = max((one["back_s"] for one in found), default=0.0)
    return [
        {
            "name": "workspace",
            "measured": float(sum(bool(one["wrong"]) for one in found)),
            "goal": 0.0,
            "unit": "faults that lost something, or were not over in 10 s",
            "better": "lower",
            "peer": f"{sum(one['writes'] for one in found)} writes answered; back within {slowest_s:.1f} s"
            + (f"; no PostgreSQL: {missing()}" if missing() else ""),
            "cases": len(found),
            "details": [one for one in found if one["wrong"]],
        }
    ]

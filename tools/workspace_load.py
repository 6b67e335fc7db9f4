"""Engineers who use a workspace without a pause, what they were told, and whether all of that is there afterwards.

They propose, answer, withdraw and merge, and push to their party's repository from clones of their own.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from covolt.workspace.auditing import audit  # noqa: E402
from covolt.workspace.database import Database  # noqa: E402
from covolt.workspace.job_table import JobRow  # noqa: E402
from covolt.workspace.repository import environment  # noqa: E402
from covolt.workspace.states import ProgrammeFolders, files_of  # noqa: E402
from covolt.workspace.tables import AnswerRow, ProposalRow  # noqa: E402

NAME = "small-car"
PARTIES = ("battery-works", "integrator", "drive-works")
ENGINEERS = 5
GIT_PATIENCE_s = 60.0
PATIENCE_s = 60.0


class Asked(Protocol):
    """A workspace as engineers reach it."""

    home: Path

    def client(self) -> httpx2.Client:
        """Who asks it."""
        ...

    def way(self) -> tuple[str, str]:
        """Its address and the token."""
        ...


@dataclass
class Told:
    """What engineers were told: proposals that were made, answered, withdrawn and merged, by their numbers, and more."""

    made: set[int] = field(default_factory=set[int])
    answered: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    withdrawn: set[int] = field(default_factory=set[int])
    merged: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    wrong: list[str] = field(default_factory=list[str])
    refused: int = 0
    """How often they were told that it is not to be had now."""
    pushed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Party and commit."""
    jobs: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    """By party and number: how many faults struck while it was under way."""

    @property
    def writes(self) -> int:
        """How much they were told to be written."""
        return sum(map(len, (self.made, self.answered, self.withdrawn, self.merged, self.pushed, self.jobs)))


@contextmanager
def used(asked: Asked, chance: random.Random, told: Told) -> Generator[None]:
    """Engineers at work meanwhile."""
    ended = threading.Event()
    crowd = [
        threading.Thread(target=_work, args=(asked, at, random.Random(chance.random()), told, ended))
        for at in range(ENGINEERS)
    ]
    for one in crowd:
        one.start()
    try:
        yield
    finally:
        ended.set()
        for one in crowd:
            one.join(PATIENCE_s)


def _work(asked: Asked, at: int, chance: random.Random, told: Told, ended: threading.Event) -> None:
    party = PARTIES[at % 3]
    with asked.client() as client:
        client.headers["Covolt-Party"] = party
        while not ended.is_set():
            try:
                if at < 2:
                    _push(asked, at, party, chance, told)
                else:
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


def _push(asked: Asked, at: int, party: str, chance: random.Random, told: Told) -> None:
    """Take what the party's repository holds, put a note to it, and push."""
    address, token = asked.way()
    folder = asked.home.parent / "clones" / str(at)

    def git(*words: str) -> tuple[bool, str]:
        bearing = [f"Authorization: Bearer {token}", f"Covolt-Party: {party}"]
        own = ["-c", "user.name=An engineer", "-c", "user.email=engineer@example.org", "-c", "gc.auto=0"]
        own += [word for one in bearing for word in ("-c", f"http.extraHeader={one}")]
        done = subprocess.run(
            ["git", *own, *words],
            cwd=folder,
            env=environment(),
            capture_output=True,
            timeout=GIT_PATIENCE_s,
            check=False,
        )
        return done.returncode == 0, done.stderr.decode(errors="replace")

    if not (folder / ".git" / "HEAD").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        git("init", "--quiet", "--initial-branch=main")
    place = f"{address}/git/{NAME}/{party}.git"
    if not git("fetch", "--quiet", place, "main")[0] or not git("reset", "--quiet", "--hard", "FETCH_HEAD")[0]:
        raise httpx2.NetworkError("it cannot be fetched now")
    (folder / f"note-{at}-{chance.randrange(20)}.txt").write_text(str(chance.random()), encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "-m", "A note")
    commit = (folder / ".git/refs/heads/main").read_text(encoding="ascii").strip()
    done, said = git("push", "--quiet", place, "HEAD:main")
    if done:
        told.pushed.add((party, commit))
    elif "error: 500" in said:
        told.wrong.append(f"a push: {said}")
    elif "error: 503" in said or "make room" in said or "try again in some" in said:
        told.refused += 1


def lost(home: Path, address: str, told: Told) -> list[str]:
    """What was answered and is not there, or is there and does not agree."""
    wrong, database = list(told.wrong), Database(address or f"sqlite:///{home / 'workspace.db'}")
    folders = ProgrammeFolders(home / "programmes" / NAME)
    until_s = (
        time.monotonic() + PATIENCE_s
    )  # of whoever was interrupted, and puts it back as soon as the database answers
    while list(folders.folder.glob("moving-*")) and time.monotonic() < until_s:
        time.sleep(0.05)
    wrong += [f"audit: {one.where}: {one.what}" for one in audit(home, address=address).problems]
    try:
        with database.writing() as session:  # nobody is half-way meanwhile
            rows = {one.number: one for one in session.query(ProposalRow).all()}
            answers = {(one.proposal, one.party) for one in session.query(AnswerRow).all()}
            jobs = {(one.party, one.number) for one in session.query(JobRow).all()}
            heads = folders.heads()
            anew = files_of(folders.read_folder(heads)) != folders.files(heads)
    finally:
        database.close()
    wrong += ["what is kept for reading is not what Git holds"] if anew else []
    wrong += [f"proposal {one} is gone" for one in told.made - rows.keys()]
    wrong += [
        f"an answer to {one} is gone"
        for one, party in told.answered
        if one in rows and (rows[one].id, party) not in answers
    ]
    wrong += [f"job {one} is gone" for one in told.jobs.keys() - jobs]
    wrong += [f"proposal {one} is not withdrawn" for one in told.withdrawn if rows[one].state != "withdrawn"]
    wrong += [f"proposal {one} is not merged" for one in told.merged if rows[one].state != "merged"]
    return wrong + _lost_of_git(folders, told, rows)


def _lost_of_git(folders: ProgrammeFolders, told: Told, rows: Mapping[int, ProposalRow]) -> list[str]:
    log = {one.hash for one in folders.shared.log(100_000)}
    wrong = list[str]()
    for one in rows.values():
        if one.state == "merged" and (one.merged or {}).get("") not in log:
            wrong.append(f"the commit of proposal {one.number} is not in Git")
        if one.state == "merged" and told.merged.get(one.number, one.merged) != one.merged:
            wrong.append(f"proposal {one.number} was told to be merged otherwise")
    marks = [
        line for one in folders.shared.log(100_000) for line in one.message.splitlines() if line.startswith("Proposal:")
    ]
    wrong += [f"{one}: carried out twice" for one in set(marks) if marks.count(one) > 1]
    for party, commit in folders.heads().parties:
        commits = {one.hash for one in folders.own(party).log(100_000)}
        pushed = {one for whose, one in told.pushed if whose == party}
        wrong += [f"the commit {one[:12]} of {party} is not in Git" for one in {commit, *pushed} - commits]
    return wrong


def processes_of(home: Path) -> dict[int, tuple[str, int]]:
    """Processes of jobs of a workspace, by their ids: the folder of the job, and the process that began it."""
    found = dict[int, tuple[str, int]]()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "cmdline").read_bytes().decode().split("\0")
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, UnicodeDecodeError):
                continue
            if "covolt.workspace.job_process" in words and str(home) in words[words.index("-m") + 2]:
                found[int(place.name)] = (Path(words[words.index("-m") + 2]).name, parent)
    return found

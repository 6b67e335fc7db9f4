"""Studies that are killed while they run: the command, all its processes at once, or one of those that judge."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from small import PATIENCE_s, difference, environment, state

ROOT = Path(__file__).resolve().parent.parent
COVOLT = (sys.executable, "-m", "covolt")
ASKED = ("--only", "I-MASS", "--only", "PARTS-PRICE")
"""What needs no drive, so that what is tried is the writing and the processes, and not the physics."""
DESIGNS = 767
ENDS = ("command", "all", "worker")
AT_BEGIN = 0.3
"""Share of kills that come before any design is judged."""
BEGIN_s, PAUSE_s, ORPHANS_s = 8.0, 0.005, 10.0


@dataclass
class Tried:
    """What was killed, and what was not as it should be."""

    done: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Twin:
    """An uninterrupted study: its files by digest, and its table as it is written out."""

    place: Path
    designs: int
    files: dict[str, str]
    tables: dict[str, bytes]

    @classmethod
    def run(cls, place: Path, designs: int) -> Twin:
        """Run it, and write it out."""
        folder = place / "twin"
        folder.mkdir()
        subprocess.run(_command("run", folder, designs), env=_own(place), check=True, capture_output=True)
        return cls(place, designs, state(folder / "study"), _exported(folder, place))


def _own(place: Path) -> dict[str, str]:
    return {**os.environ, **environment(place)}


def _command(verb: str, folder: Path, designs: int) -> list[str]:
    study = str(folder / "study")
    if verb == "resume":
        return [*COVOLT, "study", "resume", study]
    car = str(ROOT / "examples" / "city-car")
    return [*COVOLT, "study", "run", car, "--designs", str(designs), *ASKED, "--output", study]


def _exported(folder: Path, place: Path) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for name in ("all.parquet", "all.csv"):
        subprocess.run(
            [*COVOLT, "study", "export", str(folder / "study"), str(folder / name)],
            env=_own(place),
            check=True,
            capture_output=True,
        )
        made[name] = (folder / name).read_bytes()
    return made


def workers_of(pid: int) -> list[int]:
    """Processes that judge for a command."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return [int(one) for one in children if _judges(int(one))]
    return []


def _judges(pid: int) -> bool:
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _moment(process: subprocess.Popen[bytes], study: Path, chance: random.Random) -> bool:
    """Wait for a moment to kill at; False where the command ended before."""
    begin_s, before = time.monotonic(), len(list(study.glob("designs-*.parquet")))
    early = chance.random() < AT_BEGIN
    wait_s, more = chance.uniform(0.0, BEGIN_s if early else 0.2), chance.randrange(1, 3)
    while process.poll() is None and time.monotonic() - begin_s < PATIENCE_s:
        if early and time.monotonic() - begin_s >= wait_s:
            return True
        if not early and len(list(study.glob("designs-*.parquet"))) >= before + more:
            with suppress(subprocess.TimeoutExpired):
                process.wait(wait_s)
            return process.poll() is None
        time.sleep(PAUSE_s)
    return False


def _kill(process: subprocess.Popen[bytes], end: str, chance: random.Random) -> Iterator[str]:
    """Kill something of a command; yields what is wrong."""
    workers = workers_of(process.pid)
    if end == "worker":
        os.kill(chance.choice(workers), signal.SIGKILL)
        return
    if end == "all":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    end_s = time.monotonic() + ORPHANS_s
    while (left := [one for one in workers if _judges(one)]) and time.monotonic() < end_s:
        time.sleep(PAUSE_s)
    if left:
        yield f"{len(left)} processes judge on"


def _until_whole(twin: Twin, folder: Path, count: int, chance: random.Random, tried: Tried) -> None:
    """One study, killed until it is whole, or until there were `count` kills in all."""
    study, verb, stillborn = folder / "study", "run", False
    while True:
        process = subprocess.Popen(
            _command(verb, folder, twin.designs),
            env=_own(twin.place),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        while len(tried.done) < count and _moment(process, study, chance):
            end = chance.choice(ENDS) if workers_of(process.pid) else "all"
            with suppress(ProcessLookupError, IndexError):
                tried.wrong += [f"{folder.name}: {one}" for one in _kill(process, end, chance)]
                tried.done.append(
                    f"{folder.name} {verb}, {end}, at {len(list(study.glob('designs-*.parquet')))} chunks"
                )
            stillborn = stillborn or end == "worker"
            tried.wrong += [f"{folder.name}: {one}" for one in _torn(study, twin)]
        _, told = process.communicate()
        if process.returncode == 0:
            return
        # Killed from outside three times before it could begin, a worker counts as one that never can, which is said.
        if process.returncode != -signal.SIGKILL and not (stillborn and b"before they were ready" in told):
            tried.wrong.append(f"{folder.name}: {verb} ends with {process.returncode}: {told.decode()}")
            return
        verb = "resume" if (study / "study.toml").exists() else "run"


def _torn(study: Path, twin: Twin) -> Iterator[str]:
    """Chunks that are there and not as they should be."""
    found = state(study) if study.exists() else {}
    for name in found:
        if not name.startswith(".") and found[name] != twin.files.get(name):
            yield f"{name} is not that of the uninterrupted study"


def killed(count: int, seed: int, designs: int = DESIGNS) -> Tried:
    """Studies one after the other, until there were so many kills."""
    chance, tried = random.Random(seed), Tried()
    with tempfile.TemporaryDirectory(prefix="covolt-studies-") as made:
        place = Path(made)
        twin = Twin.run(place, designs)
        number = 0
        while len(tried.done) < count and not tried.wrong:
            folder = place / f"study-{number}"
            folder.mkdir()
            _until_whole(twin, folder, count, chance, tried)
            if (found := state(folder / "study")) != twin.files:
                tried.wrong.append(f"{folder.name}: {difference(found, twin.files)}")
            elif _exported(folder, place) != twin.tables:
                tried.wrong.append(f"{folder.name}: another table")
            number += 1
    return tried


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """Kills after which a study was not, in the end, the uninterrupted one to the byte."""
    tried = killed(count, seed)
    details: Sequence[str] = tried.wrong or tried.done
    return [
        {
            "name": "studies",
            "measured": float(len(tried.wrong)),
            "goal": 0.0,
            "unit": "kills after which the study is not the uninterrupted one to the byte",
            "better": "lower",
            "peer": f"SIGKILL to the command, to all its processes, or to one that judges, seed {seed}",
            "cases": len(tried.done),
            "details": list(details),
        }
    ]

"""Kills: covolt ended by SIGKILL while it writes, at each call that changes the disk and at random moments.

A small programme is copied, a command is begun on the copy and killed from outside: by strace, as it enters its n-th rename,
link, unlink or fsync, or after a random time. Then the programme must be as it was or as it was to become; the same command
again must end as if nothing had happened, and leave what an uninterrupted twin leaves, to the bit and to the file.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small import OFFICER, PATIENCE_s, difference, documents, environment, programme, run, settings, state

from covolt.contract.document import dumps
from covolt.errors import CovoltError
from covolt.files import digest_of
from covolt.journal import reading
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme
from covolt.programme.requirement import Evidence
from covolt.programme.requirement_files import rows_of, write_excel

CALLS = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "fsync")
AT_RANDOM = 0.25
"""Part of the rounds that end at a random moment instead of at a call."""
DONE = ("published", "wrote", "signed concept as", "requirements: ", "moved: ")
"""What a command says once its work stands; `sign` shows before what it is about to sign."""
COVOLT = (sys.executable, "-c", "from covolt.cli import main; main()")


@dataclass(frozen=True)
class Command:
    """What is interrupted: a command, the folder that it begins from, and what an uninterrupted twin leaves and says."""

    name: str
    arguments: tuple[str, ...]
    start: Path
    before: Mapping[str, str]
    after: Mapping[str, str]
    said: str
    seconds: float
    moments: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Round:
    """One kill, and what was wrong after it."""

    command: str
    moment: str
    killed: bool
    wrong: tuple[str, ...]


def demand_strace() -> str:
    """The tracer that kills at a call."""
    found = shutil.which("strace")
    if found is None:
        sys.exit("strace is not here: install it (Debian: apt-get install strace); it ends the process at its calls")
    return found


def half_done(found: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str], said: str) -> list[str]:
    """What of a programme is neither as it was nor as it was to become, or was told and is not there."""
    found, before, after = documents(found), documents(before), documents(after)
    wrong: list[str] = []
    if found not in (before, after):
        wrong.append("half changed: " + difference(found, after))
    if found != after and any(word in said for word in DONE):
        wrong.append("told, and lost: " + difference(found, after))
    return wrong


def _newer(car: Path, version: str) -> Path:
    part = next(path for path in car.glob("*/parts/*/part.toml") if 'fills = "battery"' in path.read_text()).parent
    file = part / "part.toml"
    file.write_text(re.sub(r'version = "[^"]+"', f'version = "{version}"', file.read_text()), encoding="utf-8")
    return part


def _offer(folder: Path) -> list[str]:
    part = _newer(folder / "car", "1.1.0")
    for name in ("mass.pdf", "energy.pdf"):
        (part / name).write_bytes(name.encode() * 5000)
    inner = part.relative_to(folder).as_posix()
    return ["offer", inner, "--attach", f"{inner}/mass.pdf", "--attach", f"{inner}/energy.pdf"]


def _lock(folder: Path) -> list[str]:
    publish_part(_newer(folder / "car", "1.2.0"))
    return ["lock", "car", "--upgrade"]


def _import(folder: Path) -> list[str]:
    read = read_programme(folder / "car")
    rows = [one.model_copy(update={"at_most": "1300 kg"}) for one in read.requirements.values() if one.at_most]
    more = [rows[0].model_copy(update={"id": f"NEW-{number}"}) for number in range(2)]
    write_excel(folder / "rows.xlsx", rows_of([*rows, *more]))
    return ["requirements", "import", "rows.xlsx", "car"]


def _sign(folder: Path) -> list[str]:
    [made] = run([["key", "new", "agency.pem", "car", *OFFICER]], folder)
    if made.code:
        raise RuntimeError(made.told)
    return ["sign", "concept", "car", *OFFICER, "--key", "agency.pem"]


def _report(_: Path) -> list[str]:
    return ["report", "car"]


def _verify(_: Path) -> list[str]:
    return ["verify", "car", "--json"]


def _upgrade(folder: Path) -> list[str]:
    """Documents stand where an older covolt took them, one of them with a file that it cites."""
    car = folder / "car"
    (car / "agency" / "requirements").mkdir(parents=True, exist_ok=True)
    report = b"The report of a trial.\n"
    (car / "report.txt").write_bytes(report)
    mass = read_programme(car).requirements["MASS"]
    cited = mass.model_copy(
        update={"id": "CITED", "evidence": (Evidence(path="report.txt", digest=digest_of(report)),)}
    )
    (car / "cited.toml").write_text(dumps(cited), encoding="utf-8")
    for number in range(3):
        (car / "integrator" / "requirements" / f"MASS-{number}.toml").rename(car / f"mass-{number}.toml")
    (car / "gates" / "trial.toml").rename(car / "integrator" / "trial.toml")
    return ["upgrade", "car", "--write"]


PREPARED = {
    "offer": _offer,
    "lock": _lock,
    "import": _import,
    "sign": _sign,
    "report": _report,
    "verify": _verify,
    "upgrade": _upgrade,
}


def prepared(name: str, base: Path, place: Path, strace: str) -> Command:
    """A command with its uninterrupted twin; raises where two twins differ, for then nothing could be compared."""
    start, twin, other = (place / name / one for one in ("start", "twin", "other"))
    shutil.copytree(base, start)
    arguments = tuple(PREPARED[name](start))
    for one in (twin, other):
        shutil.copytree(start, one)
    log = place / name / "calls"
    begun_s = time.monotonic()
    done = _under(strace, twin, arguments, "-o", str(log), "-e", f"trace={','.join(CALLS)}")
    seconds = time.monotonic() - begun_s
    [same] = run([arguments], other)
    after = state(twin)
    if done.returncode or same.code or state(other) != after:
        raise RuntimeError(f"{name} has no twin: {done.stderr}{same.told}{difference(state(other), after)}")
    [again] = run([arguments], twin)
    if again.code or state(twin) != after:
        raise RuntimeError(f"{name} again is not as if nothing had happened: {again.told}")
    return Command(name, arguments, start, state(start), after, done.stdout, seconds, _moments(log))


def _under(strace: str, folder: Path, arguments: Sequence[str], *how: str) -> subprocess.CompletedProcess[str]:
    """A command under the tracer."""
    return subprocess.run(
        [strace, "-f", "--seccomp-bpf", "-qq", *how, *COVOLT, *arguments], cwd=folder,
        env={**os.environ, **environment(folder)}, capture_output=True, text=True, timeout=PATIENCE_s, check=False,
    )  # fmt: skip


def _moments(log: Path) -> tuple[tuple[str, int], ...]:
    """Each call by its name and number, as the thread that made most of them counts."""
    by_thread: Counter[tuple[str, str]] = Counter()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := re.match(r"(\d+)\s+(\w+)\(", line):
            by_thread[match[1], match[2]] += 1
    most = {name: max(count for (_, one), count in by_thread.items() if one == name) for _, name in by_thread}
    return tuple((name, number) for name in sorted(most) for number in range(1, most[name] + 1))


def killed(command: Command, moment: tuple[str, int] | float, place: Path, strace: str, *, settled: bool) -> Round:
    """Kill a command at a call or after some seconds, and look at what it left and at what the same command does then."""
    folder = place / "round"
    shutil.copytree(command.start, folder)
    try:
        if isinstance(moment, float):
            said, code, told = *_after(folder, command, moment), f"after {moment:.2f} s"
        else:
            inject = f"inject={moment[0]}:signal=SIGKILL:when={moment[1]}"
            ended = _under(strace, folder, command.arguments, "-o", os.devnull, "-e", inject)
            said, code, told = ended.stdout, ended.returncode, f"{moment[0]} {moment[1]}"
        return Round(command.name, told, code == -signal.SIGKILL, tuple(_wrong(folder, command, said, settled=settled)))
    finally:
        shutil.rmtree(folder)


def _after(folder: Path, command: Command, seconds: float) -> tuple[str, int]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*COVOLT, *command.arguments],
            cwd=folder,
            env={**os.environ, **environment(folder)},
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        code = process.wait()
        out.seek(0)
        return out.read(), code


def _wrong(folder: Path, command: Command, said: str, *, settled: bool) -> list[str]:
    """What is not as it should be after a kill; `settled`, the next to read the programme is another command."""
    wrong: list[str] = []
    if settled:
        try:
            with settings(folder / "own"), reading((folder / "car").resolve()):
                wrong += half_done(state(folder), command.before, command.after, said)
        except CovoltError as error:
            wrong.append(f"not read: {error}")
    [again] = run([command.arguments], folder)
    if again.code:
        wrong.append(f"the same command again ends with {again.code}: {again.told}")
    if command.name == "verify" and again.said != command.said:
        wrong.append("the same command again says something else")
    if (found := state(folder)) != command.after:
        wrong.append("another end than the twin's: " + difference(found, command.after))
    return wrong


def kills(count: int, seed: int, names: Sequence[str] = tuple(PREPARED)) -> list[Round]:
    """Rounds of all commands in turn; the calls of each come in a random order, every one before any comes again."""
    strace, chance = demand_strace(), random.Random(seed)
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="covolt-kills-") as made:
        place = Path(made)
        base = place / "base"
        programme(base)
        commands = [prepared(name, base, place, strace) for name in names]
        waiting: dict[str, list[tuple[str, int]]] = {one.name: [] for one in commands}
        for number in range(count):
            command = commands[number % len(commands)]
            if not waiting[command.name]:
                waiting[command.name] = chance.sample(command.moments, len(command.moments))
            if chance.random() < AT_RANDOM:
                moment: tuple[str, int] | float = chance.uniform(0.2, 1.0) * command.seconds
            else:
                moment = waiting[command.name].pop()
            rounds.append(killed(command, moment, place, strace, settled=chance.random() < 0.5))
    return rounds


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """Kills after which something was not as it should be, and how many of them were real."""
    every = kills(count, seed)
    wrong = [one for one in every if one.wrong]
    about = {"unit": "rounds", "cases": len(every), "peer": f"SIGKILL at calls and at random moments, seed {seed}"}
    details = [{"case": f"{one.command}, {one.moment}", "wrong": list(one.wrong)} for one in wrong]
    done = [f"{one.command}, {one.moment}" for one in every if one.killed]
    real = {"measured": float(len(done)), "goal": 0.75 * len(every), "better": "higher", "details": done}
    return [
        {"name": "kills", "measured": float(len(wrong)), "goal": 0.0, "better": "lower", "details": details, **about},
        {"name": "kills, real", **real, **about},
    ]

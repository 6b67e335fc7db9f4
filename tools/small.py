"""A small joint programme, and commands on it in processes of their own: what kills and races are tried with."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from covolt.contract.document import dumps
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.own_files import own_secret
from covolt.programme.gate import SignOffWanted
from covolt.programme.reading import read_programme
from covolt.simulation.kept import SECRET

ROLES = ("type-approval-officer", "second")
OFFICER = ("--party", "agency", "--role", ROLES[0])
PATIENCE_s = 300.0
PRELOADED = (
    "covolt.cli",
    "covolt.study.gate.check",
    "covolt.study.verdicts.verification",
    "covolt.programme.requirement_files",
)


@dataclass(frozen=True)
class Ended:
    """How a command ended, what it said, and when it was writing."""

    code: int
    said: str
    told: str
    begin_s: float
    end_s: float


def programme(folder: Path) -> Path:
    """A programme whose requirements need no long drive, and whose first gate asks for signatures."""
    with settings(folder / "own"):
        car = begin(folder / "car", figures("city-car"))
        own_secret(SECRET)
    (folder / "own" / "journal.key").unlink()
    (folder / "cache").mkdir()
    read = read_programme(car)
    for one in read.requirements.values():
        if one.verify.method != "declaration":
            read.file_of("requirement", one.id).unlink()
    mass = read.requirements["MASS"]
    for number in range(6):
        made = mass.model_copy(update={"id": f"MASS-{number}"})
        (car / "integrator" / "requirements" / f"{made.id}.toml").write_text(dumps(made), encoding="utf-8")
    wanted = tuple(SignOffWanted(party="agency", role=role) for role in ROLES)
    gate = read.gates["concept"].model_copy(update={"signoffs": wanted})
    read.file_of("gate", "concept").write_text(dumps(gate), encoding="utf-8")
    return car


def state(folder: Path) -> dict[str, str]:
    """Every file with the digest of its content; a secret is another each time."""
    return {
        path.relative_to(folder).as_posix(): "" if path.suffix == ".key" else _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def documents(found: Mapping[str, str]) -> dict[str, str]:
    """The programme without what covolt keeps for itself."""
    return {name: one for name, one in found.items() if name.startswith("car/") and not name.startswith("car/.covolt/")}


def difference(found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Files that are too many, gone or other, by name."""
    names = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    kinds = ("left" if name not in wanted else "gone" if name not in found else "other" for name in names)
    return ", ".join(f"{name} ({kind})" for name, kind in zip(names, kinds, strict=True))


def environment(folder: Path) -> dict[str, str]:
    """A cache and settings of the folder's own."""
    own = {"COVOLT_CACHE_DIR": str(folder / "cache"), "COVOLT_CONFIG_DIR": str(folder / "own")}
    return {**own, "PYTHONDONTWRITEBYTECODE": "1", "TERM": "dumb", "COLUMNS": "200"}


@contextmanager
def settings(folder: Path) -> Generator[None]:
    """This process with a folder of settings that is nobody's."""
    before = os.environ.get("COVOLT_CONFIG_DIR")
    os.environ["COVOLT_CONFIG_DIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["COVOLT_CONFIG_DIR"]
        if before is not None:
            os.environ["COVOLT_CONFIG_DIR"] = before


def run(commands: Sequence[Sequence[str]], folder: Path) -> list[Ended]:
    """Commands in a folder, one alone or several at once, which wait for each other as they are about to write."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    barrier = context.Barrier(len(commands))
    ends = [context.Pipe(duplex=False) for _ in commands]
    processes = [
        context.Process(target=_command, args=(list(arguments), str(folder), barrier, answer))
        for arguments, (_, answer) in zip(commands, ends, strict=True)
    ]
    for one in processes:
        one.start()
    ended = [heard.recv() if heard.poll(PATIENCE_s) else Ended(-1, "", "no answer", 0.0, 0.0) for heard, _ in ends]
    for one in processes:
        one.join()
    return ended


def _command(arguments: list[str], folder: str, barrier: Any, answer: Connection) -> None:
    """A command as it runs in its process; its first turn at writing waits for the others."""
    from covolt import journal
    from covolt.cli import main

    os.chdir(folder)
    os.environ.update(environment(Path(folder)))
    times_s: list[float] = []
    turn = journal._turn

    @contextmanager
    def held(root: Path) -> Generator[Any]:
        if not times_s:
            barrier.wait(PATIENCE_s)
        times_s.append(time.monotonic())
        with turn(root) as home:
            yield home
        times_s.append(time.monotonic())

    # One alone is covolt as it is: what is changed in place keeps nothing for others.
    if barrier.parties > 1:
        journal._turn = held
    said, told = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(told):
        try:
            main(arguments)
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0
    begin_s, end_s = (times_s[0], times_s[-1]) if times_s else (0.0, 0.0)
    answer.send(Ended(code, said.getvalue(), told.getvalue(), begin_s, end_s))

"""Processes of this machine that work for this one: begun anew, given once what they need, kept warm, and ended with it.

    worker = taken(1)[0]
    worker.open(pickle.dumps(work))      # `work()` makes there what does tasks
    worker.tell(task); worker.heard()    # READY first, then the answer
    give_back(worker)

Who is begun does not run the script that began it, and does not look for covolt in the folder where it stands. Where this process
ends, however it does, they end too.
"""

from __future__ import annotations

import atexit
import importlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Literal, Protocol, final

from covolt import locks
from covolt.errors import CovoltError, InputError, Problem
from covolt.words import text

__all__ = [
    "CORES_AT_ONCE",
    "ENDED",
    "PASSED",
    "READY",
    "VARIABLE",
    "Doing",
    "Fault",
    "Refused",
    "Work",
    "Worker",
    "answered",
    "begin",
    "begun",
    "cores",
    "end_all",
    "give_back",
    "stated_workers",
    "stopped",
    "taken",
    "usual_workers",
]

VARIABLE = "COVOLT_WORKERS"
MOST_USUAL = 3
"""Processes that are begun where nobody says how many: each takes up to 800 MB after several programmes."""
CORES_AT_ONCE = 3
"""Cores from which processes are begun at once; on two, what they must load and compile themselves takes as long as they save."""
MOST_WORKERS = 256
READY: Final = "ready"
"""What a process says once it can do tasks."""
ENDED: Final = "ended"
"""What is heard of a process that has ended."""
PASSED: Final = "passed"
"""What is heard of a process that answers something to which nobody listens any more."""
_SURROUNDINGS = ("COVOLT_", "JAX_", "XLA_", "PYTHON")
"""How the names begin of what a process reads from its environment: one that was begun in another is of no use."""
_BEGIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from covolt.study.processes import begun; begun(int(sys.argv[1]))"
)

Kind = Literal["import", "open", "do", "stop"]


class Work(Protocol):
    """Makes what does tasks; it travels, and is called once in each process."""

    def __call__(self) -> Callable[[Any], Any]:
        """What does tasks."""
        ...


@final
@dataclass(frozen=True)
class Refused:
    """What was refused in another process: an error of covolt's does not travel by itself."""

    kind: type[CovoltError]
    problems: tuple[Problem, ...]


@final
@dataclass(frozen=True)
class Fault:
    """A bug of ours in another process, and where it stands."""

    told: str


def answered(answer: Any) -> Any:
    """What another process answered.

    Raises:
        CovoltError: what was refused there.
        RuntimeError: a bug of ours.
    """
    if isinstance(answer, Refused):
        raise answer.kind(answer.problems)
    if isinstance(answer, Fault):
        raise RuntimeError(answer.told)  # noqa: TRY004  it is no value of a wrong type
    return answer


@final
class Doing:
    """Does tasks in a process for another one: whatever comes of it is an answer that travels."""

    def __init__(self, work: Work) -> None:
        self._do: Callable[[Any], Any] | None = None
        self.refused: Refused | None = None
        """Why nothing can be done here."""
        try:
            self._do = work()
        except CovoltError as error:
            self.refused = Refused(type(error), error.problems)

    def __call__(self, task: Any) -> Any:
        """What comes of a task."""
        if self._do is None:
            return self.refused
        try:
            return self._do(task)
        except CovoltError as error:
            return Refused(type(error), error.problems)
        except Exception:  # a bug of ours: who asked raises it
            return Fault(traceback.format_exc())


@final
class Worker:
    """One such process, as whoever began it sees it."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        """Begin it; meanwhile it imports these modules."""
        self.surroundings = _surroundings()
        self.pipe, other = multiprocessing.Pipe()
        self._process = _launched(other)
        other.close()
        self._number = self._since = 0
        self._work: bytes | None = None
        self.ready = False
        """Whether it has said that it can do tasks."""
        self._send("import", tuple(modules))

    def open(self, work: bytes) -> None:
        """Give it its work, pickled, where it has not got that already."""
        if work != self._work:
            self._work, self._since, self.ready = work, self._number + 1, False
            self._send("open", None)
            with suppress(OSError):
                self.pipe.send_bytes(work)

    def tell(self, task: Any) -> None:
        """Give it a task."""
        self._send("do", task)

    def stop(self) -> None:
        """Say that its task is wanted no more (`stopped`)."""
        self._send("stop", None)

    def heard(self) -> Any:
        """What it says next: READY, what comes of a task, PASSED or ENDED; waited for."""
        try:
            number, answer = self.pipe.recv()
        except (EOFError, OSError):
            return ENDED
        if number < self._since:
            return PASSED
        self.ready = self.ready or answer == READY
        return answer

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return _code(self._process) is None

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        self.how_ended()

    def how_ended(self) -> str:
        """Wait for its end: by which signal, or with which code."""
        self.pipe.close()
        if isinstance(self._process, BaseProcess):
            self._process.join()
        else:
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
        code = _code(self._process) or 0
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _send(self, kind: Kind, content: Any) -> None:
        self._number += 1
        with suppress(OSError):  # one that has ended: that is heard
            self.pipe.send((self._number, kind, content))


Process = subprocess.Popen[bytes] | BaseProcess


def _launched(pipe: Connection) -> Process:
    if locks.WINDOWS:
        process = multiprocessing.get_context("spawn").Process(target=_serve_spawned, args=(pipe,), daemon=True)
        process.start()
        return process
    # Not by multiprocessing: that would run the script of whoever uses covolt once more in each process.
    command = [sys.executable, "-P", "-c", _BEGIN, str(pipe.fileno()), json.dumps(sys.path)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,  # what it watches to see this process end
        stdout=subprocess.DEVNULL,  # that of this process may be a document
        pass_fds=[pipe.fileno()],
        process_group=0,  # an interruption of the terminal is for this process to heed
    )


def _code(process: Process) -> int | None:
    return process.exitcode if isinstance(process, BaseProcess) else process.poll()


def _surroundings() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_SURROUNDINGS)}


# In the process that was begun.

_tells: list[Connection] = []
"""Whence this process is told what to do; a name that means another thing later would be code changed in place."""


def stopped() -> bool:
    """Whether whoever gave this process its task wants it no more, or has another one; never so in a process of one's own."""
    return any(one.poll() for one in _tells)


def begun(handle: int) -> None:
    """What such a process does, over the pipe of this handle."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    _serve(Connection(handle))
    os._exit(0)  # nothing here needs to be taken apart


def _serve_spawned(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        wait([] if parent is None else [parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    _serve(pipe)


def _serve(pipe: Connection) -> None:
    """Do what comes until nothing comes any more."""
    from covolt.simulation.precision import prepare_process

    _tells.append(pipe)
    prepare_process()
    doing: Doing | None = None
    while True:
        try:
            number, kind, content = pipe.recv()
            if kind == "import":
                for name in content:
                    importlib.import_module(name)
            elif kind == "open":
                doing = None  # what it held is not kept beside the new
                doing = Doing(pipe.recv())
                pipe.send((number, doing.refused or READY))
            elif kind == "do" and doing is not None:
                pipe.send((number, doing(content)))
        except (EOFError, OSError):
            return


# Those that are kept.

_turn = threading.Lock()
_idle: list[Worker] = []


def usual_workers() -> int:
    """How many processes work beside this one where nobody says it: one for each further core."""
    # Windows begins processes by running the script of whoever uses covolt again: there nobody is surprised by it.
    return 0 if locks.WINDOWS else min(cores() - 1, MOST_USUAL)


def stated_workers() -> int | None:
    """How many COVOLT_WORKERS says; None where it says nothing.

    Raises:
        InputError: it is no whole number from 0 to 256.
    """
    stated = os.environ.get(VARIABLE, "")
    if not stated:
        return None
    if not stated.isdecimal() or int(stated) > MOST_WORKERS:
        hint = text("give 0 to {most}", most=MOST_WORKERS)
        raise InputError(Problem(text("'{count}' is no number of processes", count=stated), VARIABLE, hint))
    return int(stated)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def taken(count: int, modules: Sequence[str] = (), *, begin: bool = True) -> list[Worker]:
    """So many processes, those that are kept first; each is nobody else's until it is given back or ended.

    Args:
        modules: what those that are begun import at once.
        begin: whether others are begun where too few are kept.
    """
    with _turn:
        useless = [one for one in _idle if not one.alive or one.surroundings != _surroundings()]
        _idle[:] = [one for one in _idle if one not in useless]
        found, _idle[:] = _idle[:count], _idle[count:]
    for one in useless:
        one.end()
    return [*found, *(Worker(modules) for _ in range(count - len(found) if begin else 0))]


def begin(modules: Sequence[str] = ()) -> None:
    """Begin as many as are usual, where none is kept and there are cores for them: they import while this process reads."""
    if stated_workers() is None and cores() >= CORES_AT_ONCE and not _idle:
        for one in taken(usual_workers(), modules):
            give_back(one)


def give_back(worker: Worker) -> None:
    """Keep a process for whoever asks next, as many as are usual; what more there are end."""
    with _turn:
        kept = worker.alive and len(_idle) < max(1, stated_workers() or usual_workers())
        if kept:
            _idle.append(worker)
    if not kept:
        worker.end()


def end_all() -> None:
    """End those that are kept."""
    with _turn:
        ended, _idle[:] = _idle[:], []
    for one in ended:
        one.end()


atexit.register(end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # they are the parent's

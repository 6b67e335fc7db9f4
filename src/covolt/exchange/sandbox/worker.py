"""A worker process from outside: started, asked with a deadline, ended with all its children, and what it ended of."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast, final

from covolt.errors import Problem, Unavailable
from covolt.exchange.confinement.order import Bounds, Order
from covolt.exchange.sandbox.frames import Answer, Call, Outside
from covolt.exchange.sandbox.surroundings import search_path, seen
from covolt.words import Phrase, text

__all__ = ["Worker"]

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1])['path']; "
    "from covolt.exchange.confinement.launcher import main; main()"
)
_ENVIRONMENT: Mapping[str, str] = {
    "HOME": "/scratch", "TMPDIR": "/scratch", "PATH": "/usr/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
}  # fmt: skip
"""One thread each: what a model computes then depends on no number of cores."""
_LONGEST_REPORT = 1 << 16
_ENDING_S = 10.0
_FIRST_USER = 1_879_048_192
"""Users from here on are nobody on any system that is known; each worker is one of its own."""
_NOBODY = 65534
_counter = itertools.count()


@final
class Worker:
    """One worker process."""

    def __init__(self, folder: Path | None, bounds: Bounds, *, apart: bool = True, start_s: float = 60.0) -> None:
        """Start it and wait for what it says of its protections.

        Raises:
            Unavailable: it did not start, with what the system says.
        """
        if sys.platform != "linux":
            raise Unavailable(
                Problem(
                    text("foreign code can be run apart on Linux only"),
                    hint=text(
                        "run covolt on Linux, in a container or a virtual machine, or have the part hosted by its owner"
                    ),
                )
            )
        self.bounds = bounds
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed when the worker ends
        near, far = socket.socketpair()
        life, self._life = os.pipe()
        report, tell = os.pipe()
        canary = tempfile.NamedTemporaryFile(prefix="covolt-outside-")  # noqa: SIM115
        order = _order(folder, bounds, canary.name, apart=apart)
        order = replace(order, socket=far.fileno(), life=life, report=tell)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _BOOT, order.line()],
                stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said, pass_fds=(far.fileno(), life, tell),
                env={}, cwd="/", start_new_session=True,
            )  # fmt: skip
        finally:
            far.close()
            os.close(life)
            os.close(tell)
        self.code: int | None = None
        self._last = ""
        self._near = near
        self._end = Outside(near)
        try:
            self.facts = self._told(report, start_s)
        finally:
            os.close(report)
            canary.close()

    def _told(self, report: int, start_s: float) -> Mapping[str, Any]:
        """The first line of the worker: no foreign code has run yet, so that it can be believed."""
        line, end_s = b"", time.monotonic() + start_s
        while not line.endswith(b"\n") and len(line) < _LONGEST_REPORT:
            left_s = end_s - time.monotonic()
            if left_s <= 0.0 or not select.select([report], [], [], left_s)[0]:
                break
            piece = os.read(report, _LONGEST_REPORT)
            if not piece:
                break
            line += piece
        said = cast("dict[str, Any]", json.loads(line)) if line.endswith(b"\n") else {}
        if not said or "failed" in said:
            self.end()
            raise Unavailable(
                Problem(
                    text(
                        "the worker for foreign code did not start: {reason}",
                        reason=str(said.get("failed", self.words())),
                    ),
                    hint=text("see with `covolt sandbox check` what this machine offers"),
                )
            )
        return said

    def ask(self, call: Call, payload: bytes, deadline_s: float, most_bytes: int) -> tuple[Answer, memoryview]:
        """As `Outside.ask`."""
        return self._end.ask(call, payload, deadline_s, most_bytes)

    @property
    def ended(self) -> bool:
        """Whether it is no more."""
        return self._process.poll() is not None

    def end(self) -> None:
        """End it and every process that it started; returns when none is left. Twice is no error."""
        if self.code is not None:
            return
        self._near.close()
        os.close(self._life)  # the launcher sees it, and kills the first process of the namespace
        try:
            self.code = self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.code = self._process.wait()
        self._last = self.words()
        self._said.close()

    def let_go(self, patience_s: float) -> None:
        """Wait a little for one that has closed the conversation by itself, so that what it ended of is known; then end it."""
        if self.code is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
        self.end()

    def words(self, most: int = 2000) -> str:
        """The last of what it wrote to its standard streams."""
        if self._said.closed:
            return self._last
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - most))
        return self._said.read(most).decode("utf-8", "replace").strip()

    def ended_of(self) -> Phrase:
        """What it ended of, once it has ended."""
        code = self.code or 0
        if code <= 128:
            return text("the worker ended by itself, code {code}", code=code)
        known = {
            "SIGXCPU": text("its processor time, {bound} s, is used up", bound=self.bounds.processor_time_s),
            "SIGXFSZ": text("a file of it grew past {bound} bytes", bound=self.bounds.file_bytes),
            "SIGSYS": text("it called the kernel in a way that is refused"),
            "SIGSEGV": text("it crashed: memory that is not there (SIGSEGV)"),
            "SIGBUS": text("it crashed: memory that is not there (SIGBUS)"),
            "SIGABRT": text("it gave up (SIGABRT)"),
            "SIGFPE": text("it crashed: a division by zero (SIGFPE)"),
            "SIGILL": text("it crashed: an instruction that this processor has not (SIGILL)"),
            "SIGKILL": text("it was killed (SIGKILL)"),
        }
        try:
            name = signal.Signals(code - 128).name
        except ValueError:
            name = str(code - 128)
        return known.get(name) or text("a signal ended it: {signal}", signal=name)


def _order(folder: Path | None, bounds: Bounds, canary: str, *, apart: bool) -> Order:
    user = _user()
    return Order(
        socket=-1, life=-1, report=-1,
        folder=str(folder.resolve()) if folder else "",
        folder_copied=bool(folder and user) and not _readable(cast(Path, folder)),
        seen=seen(), path=search_path(),
        serves="covolt.exchange.sandbox.server:serve",
        canary=canary, user=user, apart=apart, bounds=bounds, environment=_ENVIRONMENT,
    )  # fmt: skip


def _user() -> int:
    """A user id that nobody else has, where covolt runs as root and may give one; else 0."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return 0
    asked = _FIRST_USER + os.getpid() % 4_194_304 * 64 + next(_counter) % 64
    for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines():
        first, _, count = (int(one) for one in line.split())
        if first <= asked < first + count:
            return asked
    return _NOBODY


def _readable(folder: Path) -> bool:
    """Whether another user can read a folder and everything in it, once it is shown to them."""
    for place, folders, files in os.walk(folder):
        if Path(place).stat().st_mode & 0o005 != 0o005:
            return False
        if any(not Path(place, one).lstat().st_mode & 0o004 for one in files):
            return False
        if any(Path(place, one).is_symlink() for one in folders):
            continue
    return True

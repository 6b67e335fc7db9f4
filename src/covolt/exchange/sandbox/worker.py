"""A worker process from outside: started, asked with a deadline, ended with all its children, and what it ended of."""

from __future__ import annotations

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
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast, final

from covolt.errors import Problem, Unavailable
from covolt.exchange.confinement.order import Bounds, Order
from covolt.exchange.sandbox.control_groups import ControlGroups
from covolt.exchange.sandbox.frames import Answer, Call, Outside
from covolt.exchange.sandbox.ways import Way, started
from covolt.words import Phrase, text

__all__ = ["Worker"]

_LONGEST_REPORT = 1 << 16
_ENDING_S = 10.0


@final
class Worker:
    """One worker process."""

    def __init__(
        self,
        folder: Path | None,
        bounds: Bounds,
        *,
        way: Way = "namespaces",
        start_s: float = 60.0,
        shows: tuple[str, ...] = (),
    ) -> None:
        """Start it in a way and wait for what it says of its protections.

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
        self.way: Way = way
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed when the worker ends
        near, far = socket.socketpair()
        life, self._life = os.pipe()
        report, tell = os.pipe()
        canary = tempfile.NamedTemporaryFile(prefix="covolt-outside-")  # noqa: SIM115
        self._groups = ControlGroups(bounds)
        self._started = started(way, folder, bounds, shows)
        order = replace(
            self._started.order,
            socket=far.fileno(),
            life=life,
            report=tell,
            canary=canary.name,
            groups=() if self._started.before else self._groups.files,
        )
        try:
            self._process = self._launched(order)
        except OSError as error:
            self._started.clear()
            self._groups.remove()
            raise Unavailable(
                Problem(text("the worker for foreign code did not start: {reason}", reason=str(error)))
            ) from error
        finally:
            far.close()
            os.close(life)
            os.close(tell)
        self.code: int | None = None
        self._last, self._starved = "", False
        self.groups: tuple[str, ...] = ()
        self._near = near
        self._end = Outside(near)
        try:
            self.facts = self._told(report, start_s)
            self.groups = self._groups.held()
        finally:
            os.close(report)
            canary.close()

    def _launched(self, order: Order) -> subprocess.Popen[bytes]:
        """The process, which reads its order and its part from descriptors: of its command line everything can be read within."""
        with ExitStack() as stack:
            if self._started.copied is not None:
                part = os.open(self._started.copied, os.O_RDONLY)
                stack.callback(os.close, part)
                order = replace(order, folder=part)
            ordered = stack.enter_context(tempfile.TemporaryFile())
            ordered.write(order.line().encode())
            ordered.seek(0)
            given = (order.socket, order.life, order.report, order.folder, ordered.fileno())
            return subprocess.Popen(
                self._started.command(ordered.fileno(), self._groups.files),
                stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said, pass_fds=[one for one in given if one >= 0],
                env={}, cwd="/", start_new_session=True,
            )  # fmt: skip

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
    def folder(self) -> str:
        """Where the worker sees the component's folder."""
        return self._started.folder

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
            for one in descendants(self._process.pid):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.Signals["SIGKILL"])
            self._process.kill()
            self.code = self._process.wait()
        self._started.clear()
        self._last = self.words()
        self._starved = self._groups.memory_ran_out()
        self._groups.remove()
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
        if self._starved:
            return text("its memory, {bound} bytes, is used up", bound=self.bounds.memory_bytes)
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


def descendants(process: int) -> list[int]:
    """Processes below one, the last ones first."""
    parents: dict[int, list[int]] = {}
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            with suppress(OSError):
                parent = int((one / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(one.name))
    found, last = [process], 0
    while last < len(found):
        found += parents.get(found[last], [])
        last += 1
    return found[:0:-1]

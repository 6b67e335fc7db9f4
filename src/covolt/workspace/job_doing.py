"""Doing a job: in a process of its own, which is kept as long as the job is whose worker this is, and ends with that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic

from covolt.workspace.job_files import progress_of

__all__ = ["HEARS_s", "LEASE_s", "carried_out"]

LEASE_s = 20.0
"""How long a worker that is not heard of any more keeps a job."""
HEARS_s = LEASE_s * 0.9
"""How long a process goes on that hears nothing of its worker: less than others wait before they take its job up."""
LOOKS_s = 0.2


def carried_out(
    folder: Path, stopped: Event, wanted: Callable[[], bool], renew: Callable[[int, int], bool], renews_s: float
) -> bool:
    """Have the question in a folder answered there; False where that was given up before the process had ended.

    Args:
        stopped: that its worker is to end.
        wanted: whether the job is still this worker's; asked often.
        renew: keeps the job for longer and tells how far it is, every `renews_s`; False where it is this worker's no longer.
    """
    command = [sys.executable, "-m", "covolt.workspace.job_process", str(folder), str(HEARS_s)]
    # Without a buffer: a word that a process did not live to hear would be told once more as the pipe is closed, and fail.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0) as process:
        try:
            renewed = monotonic()
            while process.poll() is None:
                if stopped.wait(LOOKS_s) or not wanted():
                    return False
                if monotonic() - renewed >= renews_s:
                    if not renew(*progress_of(folder)):
                        return False
                    renewed = monotonic()
                    _tell(process)
            return True
        finally:
            process.kill()


def _tell(process: subprocess.Popen[bytes]) -> None:
    """Let a process hear that its worker is there."""
    if process.stdin is not None:
        with suppress(OSError):  # it has just ended
            process.stdin.write(b"\n")

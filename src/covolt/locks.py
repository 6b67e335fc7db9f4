"""Locks of the system on open files, and what Windows makes one wait for: both rules, chosen by the system that runs."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import time
from collections.abc import Callable
from typing import Any

if sys.platform != "win32":
    import fcntl

__all__ = ["WINDOWS", "held", "patiently", "waited"]

PATIENCE_s, PAUSE_s = 30.0, 0.02
WINDOWS = sys.platform == "win32"
OPENED_ELSEWHERE_s = 2.0
"""On Windows, how long a file that another program has open is waited for: scanners and indexers leave within a second."""
LOCKED_AT = 2**30
"""Place of the byte that is locked on Windows: far behind what is read and written, which a lock there would hold off."""


def held(handle: int, *, shared: bool = False) -> bool:
    """Hold an open file against all other processes until it is closed, unless one of them holds it."""
    if WINDOWS:
        return _held_byte(handle)
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Some disks have no locks: writers then go on as if they were alone.
            return True
    return True


def _held_byte(handle: int) -> bool:
    """The same by the lock of a byte, which is never shared; what is written begins where it would have."""
    msvcrt: Any = importlib.import_module("msvcrt")
    place = os.lseek(handle, 0, os.SEEK_CUR)
    try:
        os.lseek(handle, LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except OSError as error:
        return error.errno not in {errno.EACCES, errno.EDEADLK}
    finally:
        os.lseek(handle, place, os.SEEK_SET)
    return True


def patiently(act: Callable[[], None]) -> None:
    """What Windows refuses while another program has the file open, until it has not or for long enough."""
    end_s = time.monotonic() + OPENED_ELSEWHERE_s
    while WINDOWS:
        try:
            return act()
        except PermissionError:
            if time.monotonic() > end_s:
                raise
            time.sleep(PAUSE_s)
    return act()


def waited(handle: int, *, shared: bool = False) -> bool:
    """Hold an open file as soon as nobody else does; False where somebody holds it for too long."""
    end_s = time.monotonic() + PATIENCE_s
    while not held(handle, shared=shared):
        if time.monotonic() > end_s:
            return False
        time.sleep(PAUSE_s)
    return True

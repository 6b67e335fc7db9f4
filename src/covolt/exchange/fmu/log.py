"""What an FMU says through its logger: kept, bounded, and put into the message when a call of it fails."""

from __future__ import annotations

import ctypes
import itertools
from collections import deque
from dataclasses import dataclass
from typing import Any, final

from covolt.errors import ComponentFailed, Problem
from covolt.words import Phrase, joined, text

__all__ = ["Line", "Log", "failed", "logger_of_2", "logger_of_3"]

MOST_LINES = 200
LONGEST_LINE = 2000
_TOLD_LINES = 3
STATUSES = ("OK", "warning", "discard", "error", "fatal", "pending")
_logs: dict[int, Log] = {}
_numbers = itertools.count(1)


@final
@dataclass(frozen=True)
class Line:
    """One message of an FMU."""

    status: int
    category: str
    message: str

    def __str__(self) -> str:
        return f"[{STATUSES[min(max(self.status, 0), 5)]}] {self.message}"


@final
class Log:
    """The last messages of one instance."""

    def __init__(self) -> None:
        self.number = next(_numbers)
        """What the FMU is handed as its environment, so that its messages find here."""
        self.lines: deque[Line] = deque(maxlen=MOST_LINES)
        self.told_count = 0

    def open(self) -> None:
        """From now on messages find here."""
        _logs[self.number] = self

    def add(self, status: int, category: bytes | None, message: bytes | None) -> None:
        """One more message; what is beyond the bounds is cut."""
        self.told_count += 1
        said = (message or b"")[: 4 * LONGEST_LINE].decode("utf-8", "replace")[:LONGEST_LINE]
        self.lines.append(Line(status, (category or b"")[:100].decode("utf-8", "replace"), said))

    def last(self) -> str:
        """What it said last of what went wrong, else last of all."""
        wrong = [one for one in self.lines if one.status > 0] or list(self.lines)
        return "; ".join(str(one)[:300] for one in wrong[-_TOLD_LINES:])

    def close(self) -> None:
        """No more messages are taken."""
        _logs.pop(self.number, None)


def failed(
    name: str, call: str, time_s: float, what: Phrase, hint: Phrase | str, log: Log | None = None
) -> ComponentFailed:
    """A call that gave no answer that counts, with what the FMU itself said of it."""
    said = log.last() if log is not None else ""
    told = joined([what, text("it says: {words}", words=said)]) if said else what
    where = text("{name}, {call} at {time:g} s", name=name, call=call, time=time_s)
    return ComponentFailed(Problem(told, where, hint))


def _log_of(environment: int | None) -> Log | None:
    """The log of an environment; where an FMU hands none back, the newest."""
    found = _logs.get(environment or 0)
    return found or next(reversed(_logs.values()), None)


def _told_2(environment: int | None, _name: Any, status: int, category: bytes | None, message: bytes | None) -> None:
    log = _log_of(environment)
    if log is not None:
        log.add(status, category, message)


def _told_3(environment: int | None, status: int, category: bytes | None, message: bytes | None) -> None:
    log = _log_of(environment)
    if log is not None:
        log.add(status, category, message)


LOGGER_2 = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)
LOGGER_3 = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)
logger_of_2 = LOGGER_2(_told_2)
"""fmi2CallbackLogger without its further arguments, which a library of FMPy puts into the text where it is there."""
logger_of_3 = LOGGER_3(_told_3)
"""fmi3LogMessageCallback."""

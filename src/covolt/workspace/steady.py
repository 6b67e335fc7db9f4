"""A clock that never goes back while it runs: what has expired stays expired, whoever sets the machine's clock back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import final

__all__ = ["SteadyClock"]


@final
class SteadyClock:
    """The time of a clock, and at least as much later as has really passed since the latest time that it has shown.

    Args:
        clock: what time it is.
        since: a time that has surely passed, such as that of the last entry of a log; in UTC.
        passed_s: seconds that nobody sets, `time.monotonic`.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        since: datetime | None = None,
        passed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._passed_s = clock, passed_s
        self._turn = Lock()
        self._latest = since or datetime.min.replace(tzinfo=UTC)
        self._mark_s = passed_s()

    def __call__(self) -> datetime:
        """What time it is at least."""
        with self._turn:
            mark_s = self._passed_s()
            passed = timedelta(seconds=max(0.0, mark_s - self._mark_s))
            self._latest, self._mark_s = max(self._clock(), self._latest + passed), mark_s
            return self._latest

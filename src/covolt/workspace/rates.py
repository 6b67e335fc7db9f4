"""How often one person, or one address that proves nothing, may ask: a bucket for each that fills by itself; in memory alone."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import final

__all__ = ["Rates"]

MOST_KNOWN = 10_000


@final
class Rates:
    """Buckets by who asks.

    Args:
        burst_count: requests that are let through at once.
        per_s: requests a second that are let through on and on.
        passed_s: seconds that nobody sets.
    """

    def __init__(self, burst_count: float, per_s: float, passed_s: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._per_s, self._passed_s = burst_count, per_s, passed_s
        self._turn = Lock()
        self._known = OrderedDict[str, tuple[float, float]]()

    def wait_s(self, who: str) -> int:
        """Seconds after which to ask again; 0 where one may now, and then that is counted."""
        with self._turn:
            now_s = self._passed_s()
            left, at_s = self._known.pop(who, (self._burst, now_s))
            left = min(self._burst, left + (now_s - at_s) * self._per_s)
            enough = left >= 1.0
            self._known[who] = (left - 1.0 if enough else left, now_s)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            return 0 if enough else max(1, math.ceil((1.0 - left) / self._per_s))

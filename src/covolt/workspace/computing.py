"""Computations: verdicts on a vehicle, nominal values at once, every ± beside; each done once for all who ask."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from threading import Event, Lock
from typing import final

from covolt.errors import Cancelled, CovoltError
from covolt.programme.documents import Programme
from covolt.study.procedures.protocol import Record
from covolt.study.verdicts.records import KeptRecords, MemoryRecords, RecordStore
from covolt.study.verdicts.verification import Verification, verify
from covolt.workspace.changes import NumberChange

__all__ = ["WARMING", "Computation", "Computing", "key_of"]

WARMING = "covolt"
"""Who tries a vehicle for nobody, so that the first one that a person tries finds everything loaded and compiled."""
MOST_KNOWN = 256
"""Computations that are remembered; the one that was not asked for the longest goes first."""


def key_of(state: str, changes: Sequence[NumberChange] = ()) -> str:
    """Names what is computed in this process: a state of a programme, and what is changed in it."""
    content = [state, [one.plain() for one in sorted(changes, key=lambda one: one.address)]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@final
class _Passing:
    """Records of vehicles that are tried: found where others are kept, and kept in memory alone."""

    def __init__(self, kept: RecordStore) -> None:
        self._kept, self._own = kept, MemoryRecords()
        self.computed = self.recalled = 0

    def get(self, key: str) -> Record | None:
        return self._own.get(key) or self._kept.get(key)

    def put(self, key: str, record: Record) -> None:
        self._own.put(key, record)


@final
class Computation:
    """Verdicts on one vehicle: nominal ones when it is made, the whole begun once somebody waits for it."""

    def __init__(
        self, key: str, programme: Programme, nominal: Verification, begin: Callable[[], Future[Verification]]
    ) -> None:
        self.key = key
        self.programme = programme
        self.nominal = nominal
        self._begin = begin
        self._turn = Lock()
        self._whole: Future[Verification] | None = None

    def found(self, wait_s: float = 0.0) -> tuple[Verification, bool]:
        """The verdicts, and whether they have every ±; waits so long for these.

        Raises:
            CovoltError: why they cannot be had; `Cancelled` where who asked for them has asked for others meanwhile.
        """
        with self._turn:
            if self._whole is None and wait_s > 0.0:
                self._whole = self._begin()
        try:
            return (self.nominal, False) if self._whole is None else (self._whole.result(wait_s), True)
        except TooLate:
            return self.nominal, False


@final
class Computing:
    """Does computations: nominal verdicts in the thread that asks, everything else one after the other in its own."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._kept = KeptRecords.own()
        self._passing = _Passing(self._kept)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="covolt-verdicts")
        self._turn = Lock()
        self._known = OrderedDict[str, Computation]()
        self._nominal_turn = Lock()
        self._wishes: dict[str, Event] = {}

    def verdicts(self, key: str, programme: Programme, *, lasting: bool = True, tried_by: str = "") -> Computation:
        """The computation of a key, begun where it is not known; `tried_by` names who tries a vehicle that nobody has proposed.

        What somebody tried before is given up where it is not done: nobody looks at it any more; so is what warms up, once
        anything is asked. Records of what is not `lasting` stay in memory.
        """
        with self._turn:
            if (found := self._known.get(key)) is not None and not _given_up(found):
                self._known.move_to_end(key)
                return found
            given_up = Event()
            if tried_by != WARMING and (warming := self._wishes.pop(WARMING, None)) is not None:
                warming.set()
            if tried_by:
                if (before := self._wishes.get(tried_by)) is not None:
                    before.set()
                self._wishes[tried_by] = given_up
        store = self._kept if lasting else self._passing
        whole = programme.whole
        with self._nominal_turn:  # one after the other is sooner for each than all beside one another
            with self._turn:
                if (found := self._known.get(key)) is not None and not _given_up(found):
                    return found  # somebody else asked for it, too, and was first
            nominal = verify(whole, store, threads=self._threads, surely=False)

            def begin() -> Future[Verification]:
                return self._pool.submit(verify, whole, store, threads=self._threads, cancelled=given_up.is_set)

            made = Computation(key, whole, nominal, begin)
            with self._turn:
                self._known[key] = made
                while len(self._known) > MOST_KNOWN:
                    self._known.popitem(last=False)
        return made

    def known(self, key: str) -> Computation | None:
        """A computation that was begun; None where nobody has, or it is long ago."""
        with self._turn:
            return self._known.get(key)

    def wished(self, by: str) -> Event | None:
        """What gives up what somebody tries; None where that is nothing."""
        return self._wishes.get(by)

    def close(self) -> None:
        """Give up what is not done."""
        for wish in self._wishes.values():
            wish.set()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _given_up(one: Computation) -> bool:
    try:
        one.found()
    except Cancelled:
        return True
    except CovoltError:
        return False
    return False

"""Computations: verdicts on a vehicle, nominal values at once, every ± beside; each done once for all who ask."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from threading import Event, Lock
from time import monotonic
from typing import final

from covolt.errors import Cancelled
from covolt.programme.documents import Programme
from covolt.study.procedures.protocol import Record
from covolt.study.verdicts.records import KeptRecords, MemoryRecords, RecordStore
from covolt.study.verdicts.verification import Verification, verify
from covolt.workspace.changes import NumberChange

__all__ = ["WARMING", "Computation", "Computing", "key_of"]

WARMING = "covolt"
"""Who tries a vehicle for nobody, so that the first one that a person tries finds everything loaded and compiled."""
LOOKS_s = 0.25
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
        self,
        key: str,
        programme: Programme,
        nominal: Verification,
        begin: Callable[[], Future[Verification]],
        let_go: Event,
        unwanted: Event,
    ) -> None:
        self.key = key
        self.programme = programme
        self.nominal = nominal
        self._begin = begin
        self._let_go = let_go
        self._unwanted = unwanted
        self._turn = Lock()
        self._whole: Future[Verification] | None = None

    def found(self, wait_s: float = 0.0) -> tuple[Verification, bool]:
        """The verdicts, and whether they have every ±; waits so long for these.

        Raises:
            CovoltError: why they cannot be had; `Cancelled` where who asked for them has asked for others meanwhile.
        """
        if wait_s > 0.0:
            self.begin()
        until_s = monotonic() + wait_s
        while self._whole is not None:
            left_s = until_s - monotonic()
            try:
                return self._whole.result(min(max(left_s, 0.0), LOOKS_s)), True
            except TooLate:
                if left_s <= LOOKS_s or self._let_go.is_set():
                    break
        return self.nominal, False

    @property
    def given_up(self) -> bool:
        """Whether no ± comes of it any more, as who asked has asked for others: whoever asks again has it done again."""
        whole = self._whole
        if whole is None or not whole.done():
            return self._unwanted.is_set()
        return whole.cancelled() or isinstance(whole.exception(), Cancelled)

    def begin(self) -> None:
        """Have every ± computed, also where nobody waits for it yet."""
        with self._turn:
            if self._whole is None:
                self._whole = self._begin()


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
        self._let_go = Event()

    def verdicts(self, key: str, programme: Programme, *, lasting: bool = True, tried_by: str = "") -> Computation:
        """The computation of a key, begun where it is not known; `tried_by` names who tries a vehicle that nobody has proposed.

        What somebody tried before is given up where it is not done: nobody looks at it any more; so is what warms up, once
        anything is asked. Records of what is not `lasting` stay in memory.
        """
        with self._turn:
            if (found := self._known.get(key)) is not None and not found.given_up:
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
                if (found := self._known.get(key)) is not None and not found.given_up:
                    return found  # somebody else asked for it, too, and was first
            nominal = verify(whole, store, threads=self._threads, surely=False)

            def unwanted() -> bool:
                return given_up.is_set() or self._let_go.is_set()

            def begin() -> Future[Verification]:
                return self._pool.submit(verify, whole, store, threads=self._threads, cancelled=unwanted)

            made = Computation(key, whole, nominal, begin, self._let_go, given_up)
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

    def let_go(self) -> None:
        """Give up what is not done, and answer everybody who waits with what is there."""
        self._let_go.set()

    def close(self) -> None:
        """Stop."""
        self.let_go()
        self._pool.shutdown(wait=False, cancel_futures=True)

"""Vehicles with a number moved: what of them is measured, in this process and in others beside it.

Another process is given what vehicles are made of once: the datasheets, and of each vehicle those in which it differs. Then it is
told of lots by number, and answers with measures; what it does not answer is done here. Records are the same to the bit.
"""

from __future__ import annotations

import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

from covolt.contract.datasheet import Datasheet
from covolt.errors import Conflict, CovoltError, Problem
from covolt.library.generic import GENERIC, Generic
from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.charter import VehicleFrame
from covolt.simulation.many import ManyRunner
from covolt.simulation.precision import in_64_bits
from covolt.study.procedures.driving import Answering, Batched, OnceEach, side_by_side
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.procedures.registry import procedures
from covolt.study.processes import (
    CORES_AT_ONCE,
    PASSED,
    READY,
    Worker,
    cores,
    give_back,
    stated_workers,
    stopped,
    taken,
    usual_workers,
)
from covolt.study.verdicts.joined import subjects_of
from covolt.study.verdicts.records import is_altered, is_elsewhere, machine, source_digest
from covolt.study.verdicts.variation import World
from covolt.words import text

__all__ = ["Beside", "Lot", "Measured", "Moved", "lots_of", "may_travel", "measured"]

MOST_TOGETHER = 32
"""Vehicles whose recipes go side by side: enough to fill the lanes, few enough that their signals stay in memory."""
MOST_SHARING = 16
"""The same where drives are kept for the other recipes of a vehicle."""
ENOUGH, ENOUGH_WARM = 400, 60
"""Vehicles from which it pays to begin processes, and to ask those that are there; estimates: one begins in two seconds."""
LOOKED_EACH_s = 0.02


class Moved(NamedTuple):
    """A procedure to be done with a vehicle of which a number is moved."""

    procedure: Procedure
    given: Given
    world: World


Lot = tuple[Moved, ...]
"""What is measured together."""


def lots_of(tasks: Iterable[Moved]) -> list[Lot]:
    """Of each procedure under the same conditions some vehicles together, first of those that share drives the same vehicles."""
    sharing: dict[str, dict[int, list[Moved]]] = {}
    alone: dict[tuple[str, Given], list[Moved]] = {}
    for one in tasks:
        if shared := one.procedure.shares_drives:
            sharing.setdefault(shared, {}).setdefault(id(one.world), []).append(one)
        else:
            alone.setdefault((one.procedure.id, one.given), []).append(one)
    together = [
        tuple(one for several in list(worlds.values())[at : at + MOST_SHARING] for one in several)
        for worlds in sharing.values()
        for at in range(0, len(worlds), MOST_SHARING)
    ]
    return together + [
        tuple(several[at : at + MOST_TOGETHER])
        for several in alone.values()
        for at in range(0, len(several), MOST_TOGETHER)
    ]


@final
class Measured:
    """Measures vehicles with a number moved; `subject` makes one, and raises what keeps it from being joined."""

    def __init__(self, subject: Callable[[World], Subject]) -> None:
        self._subject = subject

    @in_64_bits
    def __call__(self, lot: Lot, cancelled: Callable[[], bool] | None) -> list[Record]:
        """A record of each, with its measures alone; of one that cannot be joined an empty one.

        Raises:
            CovoltError: what a recipe met and does not know better.
            Cancelled: where `cancelled` says so.
        """
        subjects = [self._joined(one.world) for one in lot]
        askings = [
            one.procedure.asking(subject, one.given, protocol=False, unsure=False)
            for one, subject in zip(lot, subjects, strict=True)
            if subject is not None
        ]
        answer: Answering = Batched(ManyRunner(1))
        if any(one.procedure.shares_drives for one in lot):
            answer = OnceEach(answer)
        answers = iter(side_by_side(askings, answer=answer, cancelled=cancelled))
        return [
            Record(one.procedure.id, {}) if subject is None else measured(next(answers))
            for one, subject in zip(lot, subjects, strict=True)
        ]

    def _joined(self, world: World) -> Subject | None:
        try:
            return self._subject(world)
        except CovoltError:
            return None


def measured(found: Record | CovoltError) -> Record:
    """The measures of a record, and what is said of them.

    Raises:
        CovoltError: what stands in its place.
    """
    if isinstance(found, CovoltError):
        raise found
    return Record(found.procedure, found.measures, laws=found.laws, open=found.open, shortfalls=found.shortfalls)


class _Difference(NamedTuple):
    """In which datasheets a vehicle differs, or all where its slots are others, and its generic numbers where those differ."""

    sheets: Mapping[str, Datasheet]
    generic: Generic | None
    whole: bool

    @classmethod
    def of(cls, world: World, base: Mapping[str, Datasheet]) -> _Difference:
        """By what a vehicle differs from one made of these."""
        whole = list(world.sheets) != list(base)
        sheets = {slot: one for slot, one in world.sheets.items() if whole or one is not base[slot]}
        return cls(sheets, None if world.generic is GENERIC else world.generic, whole)

    def world(self, base: Mapping[str, Datasheet]) -> World:
        """The vehicle again; whatever it does not change is one object in all of them."""
        return World(self.sheets if self.whole else {**base, **self.sheets}, self.generic or GENERIC)


_Numbers = tuple[tuple[str, Given, int], ...]
"""A lot as it is told to another process: procedures by their names, vehicles by their numbers."""


@final
@dataclass(frozen=True)
class _Work:
    """Makes in another process what measures lots there."""

    source: str
    machine: str
    frame: VehicleFrame
    terms: Terms
    sheets: Mapping[str, Datasheet]
    differences: tuple[_Difference, ...]

    def __call__(self) -> Callable[[_Numbers], list[Record]]:
        """What measures them.

        Raises:
            Conflict: this process runs another covolt than who asks.
        """
        if (self.source, self.machine) != (source_digest(), machine()):
            raise Conflict(Problem(text("this process runs another state of covolt"), "", text("begin it anew")))
        worlds = [one.world(self.sheets) for one in self.differences]
        joined = subjects_of(worlds, self.frame, "vehicle", moved=True, terms=self.terms)
        known = {id(world): one for world, one in zip(worlds, joined, strict=True)}

        def subject(world: World) -> Subject:
            found = known[id(world)]
            if isinstance(found, CovoltError):
                raise found
            return found

        measure = Measured(subject)

        def do(told: _Numbers) -> list[Record]:
            lot = tuple(Moved(procedures()[procedure], given, worlds[at]) for procedure, given, at in told)
            return measure(lot, stopped)

        return do


@final
class Beside:
    """Other processes that take lots from those that are due, beside whoever takes them here.

        with Beside(due, frame, terms, source, done) as beside: ...
        beside.left     # lots that came to nothing there

    Args:
        due: lots that are still to be done; whoever takes one takes it away.
        done: told of each lot that another process has done.
        workers: how many; None for what COVOLT_WORKERS says, else one for each further core where it pays.
    """

    def __init__(
        self,
        due: deque[Lot],
        setting: tuple[VehicleFrame, Terms],
        source: str,
        done: Callable[[Lot, Sequence[Record]], None],
        workers: int | None = None,
    ) -> None:
        self._due, self._done = due, done
        self.left: list[Lot] = []
        self._ended = threading.Event()
        self._workers: list[Worker] = []
        self._threads: list[threading.Thread] = []
        self._failed: list[BaseException] = []
        self._setting, self._source = setting, source
        stated = stated_workers() if workers is None else workers
        whole = sum(len(one) for one in due)
        if due and not is_altered(source) and (stated is not None or whole >= ENOUGH_WARM):
            count = usual_workers() if stated is None else stated
            self._workers = taken(count, (__name__,), begin=stated is not None or _pays(whole))

    @property
    def count(self) -> int:
        """How many other processes there are."""
        return len(self._workers)

    def __enter__(self) -> Beside:
        """Let them begin."""
        if self._workers:
            numbers, work = self._pickled()
            for one in self._workers:
                one.open(work)
                thread = threading.Thread(target=self._kept_busy, args=(one, numbers), daemon=True)
                self._threads.append(thread)
                thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for what they do; where something was raised here, let them stop it."""
        if kind is not None:
            self._ended.set()
            for one in self._workers:
                one.stop()
        for thread in self._threads:
            thread.join()
        if kind is None and self._failed:
            raise self._failed[0]

    def _pickled(self) -> tuple[dict[int, int], bytes]:
        """Numbers of the vehicles by their identity, and all that another process is given of them."""
        worlds = {id(one.world): one.world for lot in self._due for one in lot}
        base = next(iter(worlds.values())).sheets
        differences = tuple(_Difference.of(one, base) for one in worlds.values())
        work = _Work(self._source, machine(), *self._setting, base, differences)
        return {which: at for at, which in enumerate(worlds)}, pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL)

    def _kept_busy(self, worker: Worker, numbers: Mapping[int, int]) -> None:
        """Give one process lots until none is due."""
        try:
            while not self._ended.is_set() and self._wakes(worker):
                try:
                    lot = self._due.popleft()
                except IndexError:
                    break
                worker.tell(tuple((one.procedure.id, one.given, numbers[id(one.world)]) for one in lot))
                answer = _heard(worker)
                if not isinstance(answer, list):
                    self.left.append(lot)
                    break
                self._done(lot, answer)
        except BaseException as error:  # whoever waits for all raises it
            self._failed.append(error)
        finally:
            give_back(worker)

    def _wakes(self, worker: Worker) -> bool:
        """Wait until a process is ready, as long as something is due; False where it comes to nothing."""
        while not worker.ready:
            if not self._due or self._ended.is_set():
                return False
            if worker.pipe.poll(LOOKED_EACH_s) and worker.heard() not in {READY, PASSED}:
                return False
        return True


_many: list[int] = []
"""How many vehicles this process has measured, each time that there were many."""


def _pays(whole: int) -> bool:
    """Whether processes are begun for so many vehicles: on few cores only by who lives on, such as a server or a notebook."""
    if whole < ENOUGH:
        return False
    _many.append(whole)
    return cores() >= CORES_AT_ONCE or len(_many) > 1


def _heard(worker: Worker) -> Any:
    while (answer := worker.heard()) in (PASSED, READY):
        pass
    return answer


def may_travel(lot: Lot) -> bool:
    """Whether another process measures a lot as this one does: no code has a say in it that is not covolt's own."""
    return all(
        procedures().get(one.procedure.id) is one.procedure and not is_elsewhere(one.procedure, one.world.sheets)
        for one in lot
    )

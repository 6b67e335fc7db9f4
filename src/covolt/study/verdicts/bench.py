"""The bench: records of procedures, each made once, several at a time."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

from covolt.errors import ComponentFailed, CovoltError, Problem, Unavailable
from covolt.exchange.gathering import Gathering
from covolt.library.joint import Doors
from covolt.library.subject import Subject
from covolt.library.terms import Terms, terms_of
from covolt.programme.charter import VehicleFrame
from covolt.programme.documents import Programme
from covolt.simulation.many import ManyRunner
from covolt.simulation.precision import in_64_bits
from covolt.study.procedures.asked_again import AskedAgain
from covolt.study.procedures.driving import Batched, OnceEach, Single, carry_out, side_by_side
from covolt.study.procedures.foreign_use import Uses
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.processes import cores
from covolt.study.verdicts.foreign import NO_LINKS, Links, foreign_key, open_doors, opened_slots, with_links
from covolt.study.verdicts.joined import NO_TERMS, subject_of, subjects_of
from covolt.study.verdicts.moved import Beside, Lot, Measured, Moved, lots_of, may_travel, measured
from covolt.study.verdicts.records import RecordStore, record_key, source_digest
from covolt.study.verdicts.variation import Sheets, World
from covolt.words import Phrase, joined

__all__ = ["Bench", "Progress", "Setting", "Task"]

Progress = Callable[[int, int], None]


class Task(NamedTuple):
    """A procedure to be done with a vehicle; `whole` where its protocol is wanted too, else the measures alone."""

    procedure: Procedure
    given: Given
    world: World
    whole: bool = True


class Setting(NamedTuple):
    """What belongs to no single part: the vehicle's frame, and what the programme states besides."""

    frame: VehicleFrame
    terms: Terms = NO_TERMS

    @staticmethod
    def of(programme: Programme) -> Setting:
        """That of a programme."""
        return Setting(programme.charter.vehicle, terms_of(programme))


class Bench:
    """Makes records, each once; `cancelled` is asked before every drive.

    `links` leads to parts that are not covolt's, by the slot of the vehicle, and `doors` to those that offers bring along: whole
    records are made with them. A number that
    is moved by its uncertainty moves covolt's model of what such a part declares, y + [y_declared(x + u) - y_declared(x)].
    """

    def __init__(
        self,
        setting: Setting,
        store: RecordStore,
        *,
        cancelled: Callable[[], bool] | None = None,
        links: Links = NO_LINKS,
        doors: Doors | None = None,
    ) -> None:
        self.setting = setting
        self.links = links
        self._doors = doors
        self._cancelled = cancelled
        self._store = store
        self._source = source_digest()
        self._keys: dict[tuple[str, Given, int, int, bool, int, str], str] = {}
        self._held: dict[int, Any] = {}
        """What is told apart by its identity: to hash all that it holds would take longer than the rest of a key."""
        self._failed: dict[str, Record] = {}
        self._asked_again = AskedAgain()
        self._subjects: dict[tuple[int, int, int, bool], Subject | CovoltError] = {}
        self._whatever_terms = OnceEach(Single())
        """Drives of procedures that read terms: under other terms they are the same."""

    def _key(self, task: Task, setting: Setting) -> str:
        procedure, given, world, whole = task
        frame, terms = setting
        stated = terms.levels_digest if procedure.reads_levels else terms.digest
        short = (procedure.id, given, id(world.sheets), id(world.generic), whole, id(frame), stated)
        found = self._keys.get(short)
        if found is None:
            self._hold(world, frame)
            key = record_key(procedure, given, world.sheets, frame, world.generic, self._source, stated)
            opened = self._opened(world) if whole else {}
            if whole and (self.links or opened):
                key = foreign_key(key, self.links, opened)
            found = key if whole else hashlib.sha256(f"measures of {key}".encode()).hexdigest()
            self._keys[short] = found
        return found

    def _hold(self, world: World, frame: VehicleFrame) -> None:
        """Keep these as long as their identities stand for them."""
        self._held.update((id(one), one) for one in (world.sheets, world.generic, frame))

    def _subject(self, world: World, setting: Setting, *, whole: bool) -> Subject:
        frame, terms = setting
        opened = whole and bool(self._opened(world))
        foreign = whole and bool(self.links)
        short = (id(world.sheets), id(world.generic), id(frame), foreign or opened)
        if short not in self._subjects:
            self._hold(world, frame)
            doors = self._doors if opened else None
            made = subject_of(world.sheets, frame, "vehicle", world.generic, moved=True, terms=terms, doors=doors)
            self._subjects[short] = with_links(made, self.links) if foreign else made
        found = self._subjects[short]
        if isinstance(found, CovoltError):
            raise found
        return found

    def _join_moved(self, tasks: Sequence[Task]) -> None:
        """Join the vehicles with a number moved, all at once."""
        frame, terms = self.setting
        worlds: dict[tuple[int, int, int, bool], World] = {}
        for world in (one.world for one in tasks if not one.whole):
            short = (id(world.sheets), id(world.generic), id(frame), False)
            if short not in self._subjects:
                self._hold(world, frame)
                worlds[short] = world
        found = subjects_of(list(worlds.values()), frame, "vehicle", moved=True, terms=terms)
        self._subjects.update(zip(worlds, found, strict=True))

    def _opened(self, world: World) -> dict[str, str]:
        return opened_slots(world.sheets, self.links, self._doors)

    def record(self, procedure: Procedure, given: Given, sheets: Sheets, setting: Setting | None = None) -> Record:
        """The record of a procedure on the vehicle that the datasheets make."""
        return self._done(Task(procedure, given, World(sheets)), setting or self.setting)

    def measures(self, procedure: Procedure, given: Given, world: World) -> Record:
        """Of a vehicle with a number moved the measures alone; none where no vehicle can be joined of it."""
        return self._done(Task(procedure, given, world, whole=False), self.setting)

    def _done(self, task: Task, setting: Setting, cancelled: Callable[[], bool] | None = None) -> Record:
        key = self._key(task, setting)
        found = self._failed.get(key) or self._store.get(key)
        if found is None:
            uses = Uses()
            try:
                found = self._do(task, setting, cancelled, uses)
            except (Unavailable, ComponentFailed) as error:
                found = self._failed[key] = self._without(task, error, uses)
                return found
            self._store.put(key, found)
        return found

    def _without(self, task: Task, error: Unavailable | ComponentFailed, uses: Uses) -> Record:
        """The record of a procedure for which a foreign part gave no answer, or cannot: why, and what it did; never kept.

        A party that does not answer from its own machine ends all of it instead: whoever waits shall not wait for each procedure.
        """
        apart = all(link.runs == "sandboxed" for link in self.links.values())
        if not (task.whole and (self.links or self._opened(task.world))) or (
            isinstance(error, ComponentFailed) and not apart
        ):
            raise error
        why = joined([_told(error, one) for one in error.problems], "; ")
        return Record(task.procedure.id, {}, unanswered=why, foreign=uses.found())

    @in_64_bits
    def _do(self, task: Task, setting: Setting, cancelled: Callable[[], bool] | None, uses: Uses) -> Record:
        procedure, given, world, whole = task
        try:
            subject = self._subject(world, setting, whole=whole)
        except CovoltError:
            if whole:
                raise
            return Record(procedure.id, {})
        if subject.terms is not setting.terms:
            # It is remembered by what makes its vehicle.
            subject = replace(subject, terms=setting.terms)
        cancelled = cancelled or self._cancelled
        if whole and procedure.reads_terms and not (self.links or self._opened(world)):
            return carry_out(procedure.asking(subject, given), answer=self._whatever_terms, cancelled=cancelled)
        if whole:
            return procedure.do(subject, given, cancelled=cancelled, asked_again=self._asked_again, uses=uses)
        (found,) = side_by_side(
            [procedure.asking(subject, given, protocol=False, unsure=False)],
            answer=Batched(ManyRunner(1)),
            cancelled=cancelled,
        )
        return measured(found)

    def do_all(
        self,
        tasks: Sequence[Task],
        threads: int,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        workers: int | None = None,
    ) -> None:
        """Make the records that are not there yet, several at once; whole ones are kept where it is cancelled.

        Args:
            workers: processes that measure vehicles with a number moved beside this one; as is usual where it is None.
        """
        keyed = {self._key(task, self.setting): task for task in tasks}
        open_tasks = [task for key, task in keyed.items() if self._store.get(key) is None]
        if not open_tasks:
            return
        for one in open_tasks:
            if one.whole:
                open_doors(one.world.sheets, self.links, self._doors)
        told, wish = _counted(progress, len(open_tasks)), cancelled or self._cancelled
        due, own = _parted(lots_of(Moved(one.procedure, one.given, one.world) for one in open_tasks if not one.whole))
        self._join_moved(open_tasks)

        def keep(lot: Lot, found: Sequence[Record]) -> None:
            for one, record in zip(lot, found, strict=True):
                self._store.put(self._key(Task(*one, whole=False), self.setting), record)
            told(len(lot))

        def measure(lot: Lot) -> None:
            keep(lot, Measured(lambda world: self._subject(world, self.setting, whole=False))(lot, wish))

        def make(task: Task) -> None:
            self._done(task, self.setting, wish)
            told(1)

        whole = [one for one in open_tasks if one.whole]
        with Beside(due, self.setting, self._source, keep, workers) as beside:
            # What is asked of parties on their own machines goes in few messages: all that asks them is under way at once.
            far = whole if self._asks_far else []
            Gathering(threads).each(make, far)
            here = max(1, min(threads, cores() - beside.count))
            with ThreadPoolExecutor(here) as pool:
                try:
                    list(pool.map(make, [one for one in whole if not far]))
                    list(pool.map(measure, own))
                    list(pool.map(lambda _: _each(due, measure), range(here)))
                except BaseException:
                    due.clear()  # so that nobody goes on
                    raise
        for lot in beside.left:
            measure(lot)

    @property
    def _asks_far(self) -> bool:
        return any("many missions" in link.serves for link in self.links.values())


def _counted(progress: Progress | None, whole: int) -> Callable[[int], None]:
    """Counts records that are done, and tells of each."""
    done = count(1)

    def told(how_many: int) -> None:
        for at in (next(done) for _ in range(how_many)):
            if progress is not None:
                progress(at, whole)

    return told


def _parted(lots: Sequence[Lot]) -> tuple[deque[Lot], list[Lot]]:
    """Lots that any process may measure, and those that are for this one alone."""
    travel = {id(one): may_travel(one) for one in lots}
    return deque(one for one in lots if travel[id(one)]), [one for one in lots if not travel[id(one)]]


def _each(due: deque[Lot], measure: Callable[[Lot], None]) -> None:
    """Take what is due, one after the other, until nothing is."""
    while True:
        try:
            lot = due.popleft()
        except IndexError:
            return
        measure(lot)


def _told(error: CovoltError, one: Problem) -> Phrase:
    """A problem in one sentence: one of a worker names component, call and time in its place, one of a drive in its words."""
    says_it = not isinstance(error, ComponentFailed) or str(one.where) in str(one.what)
    return joined(["" if says_it else one.where, one.what], ": ")

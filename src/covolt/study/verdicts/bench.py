"""The bench: records of procedures, each made once, several at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from covolt.errors import CovoltError
from covolt.library.generic import Generic
from covolt.library.subject import Subject
from covolt.programme.charter import VehicleFrame
from covolt.simulation.precision import in_64_bits
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.verdicts.joined import subject_of
from covolt.study.verdicts.records import RecordStore, record_key, source_digest
from covolt.study.verdicts.variation import Sheets, World

__all__ = ["Bench", "Progress", "Task"]

Progress = Callable[[int, int], None]


class Task(NamedTuple):
    """A procedure to be done with a vehicle; `whole` where its protocol is wanted too, else the measures alone."""

    procedure: Procedure
    given: Given
    world: World
    whole: bool = True


class Bench:
    """Makes records, each once; `cancelled` is asked before every drive."""

    def __init__(self, frame: VehicleFrame, store: RecordStore, *, cancelled: Callable[[], bool] | None = None) -> None:
        self._frame = frame
        self._cancelled = cancelled
        self._store = store
        self._source = source_digest()
        self._keys: dict[tuple[str, Given, int, Generic, bool, VehicleFrame], str] = {}
        self._sheets: dict[int, Sheets] = {}
        self._subjects: dict[tuple[int, Generic, VehicleFrame], Subject] = {}

    def _key(self, task: Task, frame: VehicleFrame) -> str:
        procedure, given, world, whole = task
        short = (procedure.id, given, id(world.sheets), world.generic, whole, frame)
        if short not in self._keys:
            # Held, so that its identity stays its own.
            self._sheets[id(world.sheets)] = world.sheets
            key = record_key(procedure, given, world.sheets, frame, world.generic, self._source)
            self._keys[short] = key if whole else hashlib.sha256(f"measures of {key}".encode()).hexdigest()
        return self._keys[short]

    def _subject(self, world: World, frame: VehicleFrame) -> Subject:
        short = (id(world.sheets), world.generic, frame)
        if short not in self._subjects:
            self._subjects[short] = subject_of(world.sheets, frame, "vehicle", world.generic, moved=True)
        return self._subjects[short]

    def record(self, procedure: Procedure, given: Given, sheets: Sheets, frame: VehicleFrame | None = None) -> Record:
        """The record of a procedure on the vehicle that the datasheets make."""
        return self._done(Task(procedure, given, World(sheets)), frame or self._frame)

    def measures(self, procedure: Procedure, given: Given, world: World) -> Record:
        """Of a vehicle with a number moved the measures alone; none where no vehicle can be joined of it."""
        return self._done(Task(procedure, given, world, whole=False), self._frame)

    def _done(self, task: Task, frame: VehicleFrame, cancelled: Callable[[], bool] | None = None) -> Record:
        key = self._key(task, frame)
        found = self._store.get(key)
        if found is None:
            found = self._do(task, frame, cancelled)
            self._store.put(key, found)
        return found

    @in_64_bits
    def _do(self, task: Task, frame: VehicleFrame, cancelled: Callable[[], bool] | None) -> Record:
        procedure, given, world, whole = task
        try:
            subject = self._subject(world, frame)
        except CovoltError:
            if whole:
                raise
            return Record(procedure.id, {})
        found = procedure.do(subject, given, cancelled=cancelled or self._cancelled)
        return found if whole else Record(procedure.id, found.measures, laws=found.laws)

    def do_all(
        self,
        tasks: Sequence[Task],
        threads: int,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Make the records that are not there yet, several at once; whole ones are kept where it is cancelled."""
        keyed = {self._key(task, self._frame): task for task in tasks}
        open_tasks = [task for key, task in keyed.items() if self._store.get(key) is None]
        if not open_tasks:
            return
        with ThreadPoolExecutor(threads) as pool:
            made = pool.map(lambda task: self._done(task, self._frame, cancelled), open_tasks)
            for done, _ in enumerate(made, start=1):
                if progress is not None:
                    progress(done, len(open_tasks))

"""The bench: records of procedures, each made once, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from covolt.errors import CovoltError
from covolt.library.generic import Generic
from covolt.programme.charter import VehicleFrame
from covolt.study.joined import subject_of
from covolt.study.protocol import Given, Procedure, Record
from covolt.study.records import RecordStore, record_key
from covolt.study.subject import Subject
from covolt.study.variation import Sheets, World

__all__ = ["Bench", "Progress", "Task"]

Progress = Callable[[int, int], None]
Task = tuple[Procedure, Given, World]


class Bench:
    """Makes records, each once."""

    def __init__(self, frame: VehicleFrame, store: RecordStore) -> None:
        self._frame = frame
        self._store = store
        self._keys: dict[tuple[str, Given, int, Generic, VehicleFrame], str] = {}
        self._sheets: dict[int, Sheets] = {}
        self._subjects: dict[tuple[int, Generic, VehicleFrame], Subject | CovoltError] = {}

    def _key(self, procedure: Procedure, given: Given, world: World, frame: VehicleFrame) -> str:
        short = (procedure.id, given, id(world.sheets), world.generic, frame)
        if short not in self._keys:
            # Held, so that its identity stays its own.
            self._sheets[id(world.sheets)] = world.sheets
            self._keys[short] = record_key(procedure, given, world.sheets, frame, world.generic)
        return self._keys[short]

    def _subject(self, world: World, frame: VehicleFrame) -> Subject:
        short = (id(world.sheets), world.generic, frame)
        if short not in self._subjects:
            try:
                self._subjects[short] = subject_of(world.sheets, frame, "vehicle", world.generic)
            except CovoltError as error:
                self._subjects[short] = error
        found = self._subjects[short]
        if isinstance(found, CovoltError):
            raise found
        return found

    def record(self, procedure: Procedure, given: Given, sheets: Sheets, frame: VehicleFrame | None = None) -> Record:
        """The record of a procedure on the vehicle that the datasheets make."""
        return self._record(procedure, given, World(sheets), frame or self._frame)

    def varied(self, procedure: Procedure, given: Given, world: World) -> Record:
        """The same with a number moved; without measures where no vehicle can be joined of it."""
        try:
            return self._record(procedure, given, world, self._frame)
        except CovoltError:
            return Record(procedure.id, {})

    def _record(self, procedure: Procedure, given: Given, world: World, frame: VehicleFrame) -> Record:
        key = self._key(procedure, given, world, frame)
        found = self._store.get(key)
        if found is None:
            found = procedure.do(self._subject(world, frame), given)
            self._store.put(key, found)
        return found

    def do_all(self, tasks: Sequence[Task], threads: int, progress: Progress | None) -> None:
        """Make the records that are not there yet, several at once."""
        keyed = {self._key(*task, self._frame): task for task in tasks}
        open_tasks = {key: task for key, task in keyed.items() if self._store.get(key) is None}
        if not open_tasks:
            return
        with ThreadPoolExecutor(threads) as pool:
            for done, _ in enumerate(pool.map(lambda task: self.varied(*task), open_tasks.values()), start=1):
                if progress is not None:
                    progress(done, len(open_tasks))

"""The programmes of a workspace: begun from a folder or the shipped example, read at their state, and computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, InputError, NotFound, Problem, refuse
from covolt.programme.anchor import anchor_file, trust_of
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.reading import read_programme
from covolt.programme.restarting import restart
from covolt.study.cases.example import copy_example
from covolt.study.gate.check import read_whole
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.called import title_problems
from covolt.workspace.changes import NumberChange, changes_of
from covolt.workspace.changing import changed
from covolt.workspace.checkpoints import due, keep
from covolt.workspace.computing import WARMING, Computation, Computing, key_of
from covolt.workspace.database import Database
from covolt.workspace.events import Happened, append, now_text
from covolt.workspace.lately import Lately
from covolt.workspace.moving import Moves
from covolt.workspace.repository import Author
from covolt.workspace.states import Heads, ProgrammeFolders, files_of
from covolt.workspace.tables import MembershipRow, PersonRow, ProgrammeRow
from covolt.workspace.verbs import Verb

__all__ = ["Programmes"]

MOST_READ = 64
WARM_s = 600.0
MOVED_SHARE = 1e-3
TAKEN = "Taken into the workspace"
"""What the first commit of a programme says."""
Clock = Callable[[], datetime]


@final
class Programmes:
    """Programmes under a folder, with the database that says what people do in them.

    Args:
        home: folder of the workspace, which nobody else writes.
        clock: what time it is, in UTC.
    """

    def __init__(self, home: Path, database: Database, clock: Clock, computing: Computing) -> None:
        self.home = home
        self.database = database
        self.clock = clock
        self.computing = computing
        self._read = Lately[Programme](MOST_READ)
        self._trusted = Lately[str](MOST_READ)
        self._turn = Lock()
        self._folders: dict[str, ProgrammeFolders] = {}
        self._moves: dict[str, Moves] = {}
        self._known: set[str] = set()

    def names(self) -> list[str]:
        """Ids of the programmes."""
        with self.database.reading() as session:
            return list(session.scalars(select(ProgrammeRow.id).order_by(ProgrammeRow.id)))

    def begin(self, folder: Path, reader: Reader, reason: str = "") -> str:
        """Take the programme in a folder into the workspace, all of its files; its id.

        Raises:
            InputError: every problem of the programme: only what is in order is taken.
            Conflict: there is one of this id.
        """
        read = read_whole(folder)
        name = read.charter.id
        if name in self.names():
            what = text("there is a programme '{name}' already", name=name)
            raise Conflict(Problem(what, str(folder), text("restart it under another id: covolt new --restart")))
        refuse({InputError: title_problems(None, read, self.people())})
        now = self.clock()
        folders = self.folders(name)
        # Begun before, and its entry was not written: then these files take the place of those.
        heads = folders.write(folders.heads(), files_of(read.root), self.author(reader), TAKEN, now)
        with self.database.writing() as session:
            session.add(ProgrammeRow(id=name, begun=now))
            session.flush()
            self.tell(session, name, reader, "begun", "programme", {"reason": reason, "commits": heads.plain()})
        return name

    def people(self) -> frozenset[str]:
        """Names and ids of whoever the workspace knows."""
        with self.database.reading() as session:
            return frozenset(each for one in session.execute(select(PersonRow.id, PersonRow.name)) for each in one)

    def members(self, name: str, party: str) -> frozenset[str]:
        """How those are called who act for a party of a programme."""
        act = select(MembershipRow.person).where(
            MembershipRow.programme == name, MembershipRow.party == party, MembershipRow.ended.is_(None)
        )
        with self.database.reading() as session:
            return frozenset(session.scalars(select(PersonRow.name).where(PersonRow.id.in_(act))))

    def begin_example(self, example: str, name: str, reader: Reader) -> str:
        """Take a shipped programme, under an id of its own: nothing that was signed in the shipped one counts in it."""
        with TemporaryDirectory(prefix="covolt-example-") as made:
            copied, begun = Path(made) / "shipped", Path(made) / name
            restart(copy_example(copied, example), begun, name)
            return self.begin(begun, reader)

    def missing(self) -> list[Problem]:
        """Repositories of which the database speaks and that do not lie in the folder."""
        hint = text("bring back the folder that was kept with this database")
        found = list[Problem]()
        for name in self.names():
            folders = self.folders(name)
            lost = [folders.shared] if not folders.shared.head() else []
            if not lost:
                lost = [one for one in (folders.own(party) for party, _ in folders.heads().parties) if not one.head()]
            for one in lost:
                found.append(Problem(text("a repository of {name} is missing", name=name), str(one.folder), hint))
        return found

    def folders(self, name: str) -> ProgrammeFolders:
        """Where a programme's repositories lie."""
        with self._turn:  # one for all who ask: it makes the folder of a state once
            if name not in self._folders:
                self._folders[name] = ProgrammeFolders(self.home / "programmes" / name)
            return self._folders[name]

    def moves(self, name: str) -> Moves:
        """How a programme's repositories move."""
        folders = self.folders(name)
        with self._turn:
            return self._moves.setdefault(name, Moves(name, self.database, folders))

    def demand(self, name: str) -> None:
        """Raise where there is no such programme."""
        if name in self._known:  # it stays once it is begun
            return
        known = self.names()
        self._known.update(known)
        if name not in known:
            raise NotFound(
                Problem(text("no programme '{name}' in this workspace", name=name), "programme", named(name, known))
            )

    def heads(self, name: str) -> Heads:
        """Where a programme stands."""
        self.demand(name)
        return self.folders(name).heads()

    def read(self, name: str, heads: Heads) -> Programme:
        """All of a programme at a state; who may see what of it is asked elsewhere."""
        day = self.clock().date().isoformat()
        return self._read.of(
            (name, heads.digest, day, self.trusted(name)),
            lambda: read_programme(self.folders(name).read_folder(heads), day=day),
        )

    def trusted(self, name: str) -> str:
        """What stands for whose keys are trusted here in a programme: whoever runs the workspace says so in a file of his own."""
        file = anchor_file()
        try:
            at = 0 if file is None else file.stat().st_mtime_ns
        except OSError:
            at = 0
        return self._trusted.of((name, at), lambda: repr(trust_of(name)))

    def computed(
        self, name: str, heads: Heads, changes: Sequence[NumberChange] = (), *, tried_by: str = ""
    ) -> Computation:
        """Verdicts on a state of a programme, or on its vehicle with numbers changed."""
        programme = self.read(name, heads)
        # What is tried is given up when its person tries something else; what is proposed is not.
        key = key_of(f"{heads.digest} {programme.day} {self.trusted(name)} {tried_by}", changes)
        if (known := self.computing.known(key)) is not None and not tried_by:
            return known
        vehicle = changed(programme, changes) if changes else programme
        return self.computing.verdicts(key, vehicle, lasting=not changes, tried_by=tried_by)

    def known(self, name: str, heads: Heads) -> Computation | None:
        """Verdicts on a state that were asked for before; None where they would have to be computed first."""
        day = self.clock().date().isoformat()
        return self.computing.known(key_of(f"{heads.digest} {day} {self.trusted(name)} ", ()))

    def put_back(self) -> None:
        """Take out of the repositories what was written by who was interrupted before it counted."""
        for name in self.names():
            self.moves(name).settle()
        with self.database.writing():
            for name in self.names():
                folders = self.folders(name)
                folders.put_back(folders.heads())

    def close(self) -> None:
        """Put nothing back any more: the next start does."""
        for one in self._moves.values():
            one.close()

    def warm_up(self, name: str) -> None:
        """Compute a programme as it stands, and then a vehicle of its with one mass moved, for nobody.

        What a person tries first then finds everything loaded and compiled.
        """
        heads = self.heads(name)
        self.computed(name, heads).found(WARM_s)
        programme = self.read(name, heads)
        for slot in programme.slots:
            sheet = locked_sheet(programme, slot)
            mass = None if sheet is None else sheet.declared.get("mass")
            if mass is not None:
                moved = changes_of(programme, [(slot, "mass", f"{mass.value_si * (1.0 + MOVED_SHARE)} kg")])
                self.computed(name, heads, moved, tried_by=WARMING).begin()
                return

    def author(self, reader: Reader) -> Author:
        """Who writes, as commits have it."""
        return Author(reader.person, reader.party)

    def tell(
        self, session: Session, name: str, reader: Reader, verb: Verb, subject: str, told: Mapping[str, object]
    ) -> None:
        """Write an entry into the log, in a session that writes."""
        at = now_text(self.clock().astimezone(UTC))
        row = append(session, Happened(name, at, reader.party, reader.person, verb, subject, told))
        if due(row.sequence, verb):
            keep(session, self.home, at)

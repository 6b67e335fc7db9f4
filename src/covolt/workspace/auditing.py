"""The audit of a workspace: whether its log, rows, checkpoints and repositories are what was written, byte for byte."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from covolt.errors import CovoltError, NotFound, Problem, Unavailable
from covolt.programme.curve import verifies
from covolt.programme.reading import read_leniently
from covolt.words import Phrase, text
from covolt.workspace.audited_places import beside_programmes, settings_problems, stray_parties
from covolt.workspace.audited_rows import RESTORE, UNREADABLE, HeldRows, beside_problems, guarded, rows_of
from covolt.workspace.checkpoint_rows import CheckpointRow, CountersignatureRow
from covolt.workspace.checkpoints import LASTING, is_countersigned, is_of, rows_digest, statement
from covolt.workspace.database import DATABASE_FILE, Database
from covolt.workspace.events import broken, now_text
from covolt.workspace.moving import interrupted
from covolt.workspace.repository import MAIN, Repository
from covolt.workspace.states import Heads, ProgrammeFolders, files_of
from covolt.workspace.tables import AnswerRow, EventRow, ProgrammeRow, ProposalRow

__all__ = ["Audit", "audit", "demand_home", "opened"]

ENDS = {"merged": "merged", "withdrew": "withdrawn"}
"""How a proposal stands after an entry that ends it."""
ANSWERS = {"accepted": "accept", "refused": "refuse"}
MOST_TOLD = 100


@final
@dataclass(frozen=True)
class Audit:
    """What an audit found: problems by their places, how much it looked at, and who has counter-signed."""

    problems: tuple[Problem, ...]
    entries: int
    checkpoints: int
    repositories: int
    countersigned: tuple[str, ...]
    rows: int = 0
    """Rows of what people did, each held to the log."""
    older: int = 0
    """Of them those that were written before the log held any: held to what they were when it began to."""
    unheld: int = 0
    """Rows beside them that no entry holds, since no covolt that holds rows has opened this workspace."""
    kept: int = 0
    """The checkpoint that a party has kept, where it is here; 0 where it is not, or none was named."""


def demand_home(home: Path, address: str = "") -> Path:
    """The database file of a workspace; where its database is elsewhere, its folder of programmes.

    Raises:
        NotFound: no workspace lies there, or its database is elsewhere and not named.
    """
    found = home / "programmes" if address else home / DATABASE_FILE
    if not found.exists():
        hint = text(
            "name the folder of a workspace; where its database is PostgreSQL, that one, too: --database ADDRESS"
        )
        raise NotFound(Problem(text("no workspace here"), str(home), hint))
    return found


def opened(home: Path, address: str = "") -> Database:
    """The database of a workspace: in its folder, or at the address that is named.

    Raises:
        NotFound: no workspace lies there.
    """
    found = demand_home(home, address)
    return Database(address or f"sqlite:///{found}")


def audit(home: Path, receipt: dict[str, Any] | None = None, address: str = "") -> Audit:
    """Look at everything that a workspace holds; nothing is written.

    Who writes meanwhile seems to be a fault, as Git and the database are read one after the other: where anything is found, all
    is looked at again while nobody writes.

    Args:
        home: its folder.
        receipt: a checkpoint that a party has kept: it must still be there, as it was.
        address: of its database, where that is PostgreSQL.
    """
    found = _audited(home, receipt, address)
    if not found.problems:
        return found
    database = opened(home, address)
    try:
        with database.writing():
            return _audited(home, receipt, address)
    except (Unavailable, SQLAlchemyError):  # it is damaged, or nobody can write there
        return found
    finally:
        database.close()


def _audited(home: Path, receipt: dict[str, Any] | None, address: str) -> Audit:
    found = [] if address else [*_database_problems(demand_home(home))]
    database = opened(home, address)
    try:
        with database.reading() as session:
            looked = _Looked(home, session)
            found += looked.problems(receipt)
            signed = tuple(dict.fromkeys(one.party for one in looked.countersignatures))
            sums = (len(looked.events), len(looked.checkpoints), looked.repositories, signed)
            rows = looked.rows
            return Audit(tuple(found[:MOST_TOLD]), *sums, rows.held, rows.older, rows.unheld, looked.kept)
    except (SQLAlchemyError, ValueError, KeyError, TypeError, LookupError, ValidationError) as error:
        place = "database" if address else DATABASE_FILE
        found.append(Problem(text("a row cannot be read: {why}", why=str(error)[:200]), place, RESTORE))
    except Unavailable:
        if not found:
            raise
    finally:
        database.close()
    return Audit(tuple(found[:MOST_TOLD]), 0, 0, 0, ())


def _database_problems(path: Path) -> list[Problem]:
    """What SQLite itself finds wrong with its file."""
    try:
        with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            said += [str(row) for row in connection.execute("PRAGMA foreign_key_check")]
    except sqlite3.Error as error:
        said = [str(error)]
    return [
        Problem(text("the database is damaged: {why}", why=one[:200]), DATABASE_FILE, RESTORE)
        for one in said
        if one != "ok"
    ]


@final
class _Looked:
    """Everything in a workspace, read once."""

    def __init__(self, home: Path, session: Session) -> None:
        self._home = home
        self._session = session
        self._unread: list[Problem] = []
        entries: list[tuple[EventRow, Any]] = [(one, one.told) for one in rows_of(session, EventRow, self._unread)]
        self.events = [one for one, told in entries if isinstance(told, dict)]
        what = text("the entry is not what was written, or one before it is gone")
        self._unread += [
            Problem(what, f"log/{one.sequence}", RESTORE) for one, told in entries if not isinstance(told, dict)
        ]
        self.checkpoints = rows_of(session, CheckpointRow, self._unread)
        self.countersignatures = rows_of(session, CountersignatureRow, self._unread)
        self.names = sorted(session.scalars(select(ProgrammeRow.id)))
        self.begun = {one.id: now_text(one.begun) for one in rows_of(session, ProgrammeRow, self._unread)}
        self.repositories = self.kept = 0
        self.rows = HeldRows()
        self._commits: dict[tuple[str, str], frozenset[str]] = {}
        self._keys: dict[str, dict[str, set[str]]] = {}

    def problems(self, receipt: dict[str, Any] | None) -> list[Problem]:
        """All of them, each once."""
        told: dict[tuple[str, str], Problem] = {}
        for one in (*self._unread, *self._sections(receipt)):
            told.setdefault((one.what, one.where), one)
        return list(told.values())

    def _sections(self, receipt: dict[str, Any] | None) -> Iterator[Problem]:
        yield from guarded(self._log(), "log")
        for name in self.names:
            yield from guarded(self._programme(name), name)
        yield from guarded(beside_programmes(self._home, self.names), "programmes")
        yield from guarded(self._rows(), "log")
        yield from guarded(self.rows.problems(self._session, self.events), "log")
        keys = [one.key for one in self.checkpoints]
        yield from guarded(beside_problems(self._home, self._session, keys), DATABASE_FILE)
        yield from guarded(self._checkpoints(receipt), "checkpoints")

    def _log(self) -> Iterator[Problem]:
        for one in broken(self.events):
            yield Problem(text("the entry is not what was written, or one before it is gone"), f"log/{one}", RESTORE)

    def _programme(self, name: str) -> Iterator[Problem]:
        folders = ProgrammeFolders(self._home / "programmes" / name)
        parties = sorted(one.stem for one in (folders.folder / "parties").glob("*.git") if one.is_dir())
        yield from stray_parties(folders.folder, name)
        repositories = {"": folders.shared, **{one: folders.own(one) for one in parties}}
        sound = True
        for party, repository in repositories.items():
            self.repositories += 1
            found = list(_repository_problems(repository, _place(name, party)))
            sound = sound and not found
            yield from settings_problems(repository, _place(name, party))
            yield from found
            self._commits[name, party] = frozenset() if found else _commits(repository)
        if not sound:
            return
        yield from self._heads(name, folders)
        for event in self.events:
            if event.programme == name and "commits" in event.told:
                yield from self._there(name, event.told["commits"], f"log/{event.sequence}")
        yield from self._states(name, folders)
        try:
            keys = read_leniently(folders.files(folders.heads())).keys.values()
            self._keys[name] = {}
            for one in keys:
                self._keys[name].setdefault(one.party, set()).add(one.public)
        except CovoltError as error:
            yield from (Problem(one.what, f"{name}: {one.where}", one.hint) for one in error.problems)

    def _heads(self, name: str, folders: ProgrammeFolders) -> Iterator[Problem]:
        """That the state is the one of the last entry that names one."""
        heads = folders.heads()
        yield from self._there(name, heads.plain(), _place(name, ""))
        told = [one for one in self.events if one.programme == name and "commits" in one.told]
        if not told:
            yield Problem(text("no entry of the log says where it stands"), _place(name, ""), RESTORE)
        elif (last := Heads.of(told[-1].told["commits"])) != heads:
            if interrupted(folders, last):
                what = text("a write was interrupted here, and nothing of it counts")
                hint = text("start the workspace, which puts it back; then audit it again")
                yield Problem(what, _place(name, ""), hint)
                return
            what = text(
                "it stands elsewhere than entry {number} of the log says, the last on it", number=told[-1].sequence
            )
            yield Problem(what, _place(name, ""), RESTORE)

    def _there(self, name: str, commits: dict[str, str], where: str) -> Iterator[Problem]:
        """That commits are in the histories of their repositories."""
        for party, commit in commits.items():
            if commit not in self._commits.get((name, party), frozenset()):
                what = text(
                    "commit {commit} is not in the history of {place}", commit=commit[:12], place=_place(name, party)
                )
                yield Problem(what, where, RESTORE)

    def _states(self, name: str, folders: ProgrammeFolders) -> Iterator[Problem]:
        """That folders kept for reading hold what the repositories hold."""
        told = [one.told["commits"] for one in self.events if one.programme == name and "commits" in one.told]
        known = {heads.digest: heads for heads in map(Heads.of, told)}
        for mark in sorted((folders.folder / "states").glob("*.whole")):
            heads, folder = known.get(mark.stem), mark.with_suffix("")
            if heads is not None and folder.is_dir() and files_of(folder) != folders.files(heads):
                what = text("what is kept for reading is not what the repositories hold")
                yield Problem(what, f"{name}/states/{mark.stem[:12]}", text("delete this folder: it is made anew"))

    def _rows(self) -> Iterator[Problem]:
        """That proposals and answers are those of the log."""
        unread = list[Problem]()
        proposals, answers = rows_of(self._session, ProposalRow, unread), rows_of(self._session, AnswerRow, unread)
        yield from unread
        ended, made, answered = dict[str, EventRow](), dict[str, EventRow](), dict[str, list[EventRow]]()
        for one in self.events:
            key = f"{one.programme} {one.subject}"
            if one.verb == "proposed":
                made[key] = one
            if one.verb in ENDS:
                ended[key] = one
            if one.verb in ANSWERS:
                answered.setdefault(key, []).append(one)
        said = text("the row is not what the log says of it")
        for row in proposals:
            key = f"{row.programme} proposal/{row.number}"
            entry = made.pop(key, None)
            own = [one for one in answers if one.proposal == row.id]
            log = answered.pop(key, [])
            if (
                entry is None
                or (entry.party, entry.person) != (row.party, row.person)
                or (entry.told.get("title"), entry.told.get("changes")) != (row.title, row.changes)
                or (row.state, row.merged) != _end(ended.get(key))
            ):
                yield Problem(said, f"{row.programme}/proposals/{row.number}", RESTORE)
            if [_answer(one) for one in own] != [
                (one.party, one.person, ANSWERS[one.verb], one.told.get("reason", "")) for one in log
            ]:
                yield Problem(said, f"{row.programme}/proposals/{row.number}/answers", RESTORE)
        for key in [*made, *answered]:
            yield Problem(text("the log has it, and the row is gone"), key.replace(" ", "/"), RESTORE)

    def _checkpoints(self, receipt: dict[str, Any] | None) -> Iterator[Problem]:
        hashes = {one.sequence: one.hash for one in self.events}
        before = ""
        for row in self.checkpoints:
            for what in self._checkpoint(row, hashes, before):
                yield Problem(what, f"checkpoints/{row.sequence}", RESTORE)
            before = row.signature
            for name, commits in row.content["heads"].items():
                yield from self._there(name, commits, f"checkpoints/{row.sequence}")
        contents = {row.sequence: row.content for row in self.checkpoints}
        for one in self.countersignatures:
            keys = {key for known in self._keys.values() for key in known.get(one.party, ())}
            content = contents.get(one.sequence)
            if content is None or one.key not in keys or not is_countersigned(one.key, one.signature, content):
                what = text("this is no signature of {party} over it", party=one.party)
                yield Problem(what, f"checkpoints/{one.sequence}/countersignatures", RESTORE)
        self.kept = next((number for number, one in contents.items() if receipt and is_of(receipt, one)), 0)
        if receipt is not None and not self.kept:
            what = text("the checkpoint that was kept is not among those here")
            yield Problem(what, f"checkpoints/{receipt.get('sequence', '?')}", RESTORE)

    def _checkpoint(self, row: CheckpointRow, hashes: dict[int, str], before: str) -> Iterator[Phrase]:
        content = row.content
        if not _signed(row.key, row.signature, content) or row.key != self.checkpoints[0].key:
            yield text("the signature of the workspace does not fit it")
        if content["before"] != before:
            yield text("the checkpoint before it is another, or gone")
        if content["sequence"] != row.sequence or hashes.get(row.sequence) != content["hash"]:
            yield text("the log had another entry then")
        if not content["programmes"].items() <= self.begun.items():
            yield text("rows of {table} were others then", table="programmes")
        for name in LASTING:
            most, digest = content["rows"][name]
            with suppress(*UNREADABLE):
                if rows_digest(self._session, name, most) == digest:
                    continue
            yield text("rows of {table} were others then", table=name)


def _end(entry: EventRow | None) -> tuple[str, dict[str, Any] | None]:
    """How a proposal stands after the entry that ended it, and at which commits."""
    return ("open", None) if entry is None else (ENDS[entry.verb], entry.told.get("commits"))


def _answer(row: AnswerRow) -> tuple[str, str, str, str]:
    return row.party, row.person, row.answer, row.reason


def _signed(key: str, signature: str, content: dict[str, Any]) -> bool:
    try:
        return verifies(bytes.fromhex(key), bytes.fromhex(signature), statement(content))
    except ValueError:
        return False


def _place(name: str, party: str) -> str:
    return f"{name}/{party}.git" if party else f"{name}/programme.git"


def _repository_problems(repository: Repository, place: str) -> Iterator[Problem]:
    """What Git finds wrong with its objects, and refs that nobody here writes."""
    try:
        refs = repository.asked("for-each-ref", "--format=%(refname)").decode().split()
        repository.asked("fsck", "--full", "--strict", "--no-dangling", "--no-progress")
        head = repository.asked("symbolic-ref", "HEAD").decode().strip()
    except (subprocess.CalledProcessError, CovoltError) as error:
        said = getattr(error, "stderr", b"").decode(errors="replace").strip() or str(error)
        yield Problem(text("Git finds it damaged: {why}", why=said[:300]), place, RESTORE)
        return
    if head != MAIN or not set(refs) <= {MAIN}:
        what = text("it has other refs than main: {refs}", refs=", ".join([head, *refs]))
        yield Problem(what, place, RESTORE)


def _commits(repository: Repository) -> frozenset[str]:
    head = repository.head()
    return frozenset(repository.asked("rev-list", head).decode().split()) if head else frozenset()

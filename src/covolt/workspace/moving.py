"""Moves of the repositories of a programme: they count with their entry in the log, or are put back to where that says."""

from __future__ import annotations

import json
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError
from threading import Event, Thread
from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.errors import CovoltError
from covolt.files import write_whole
from covolt.workspace.access import Reader
from covolt.workspace.administering import for_all
from covolt.workspace.database import Database
from covolt.workspace.states import Heads, ProgrammeFolders
from covolt.workspace.tables import EventRow

__all__ = ["Moves", "interrupted"]

MARK = "moving-"
AGAIN_s, TRIES = 0.5, 240


@final
class Moves:
    """The moves of one programme, one after the other.

    Git and the database cannot be written in one step. So a mark in the programme's folder says where the repositories stood
    before Git is written, and it goes when the entry stands. Where a mark is left, whoever writes next looks into the log: what
    it does not tell was interrupted, its writer was told nothing, and it is put back.
    """

    def __init__(self, name: str, database: Database, folders: ProgrammeFolders) -> None:
        self._name = name
        self._database = database
        self._folders = folders
        self._closed = Event()

    @contextmanager
    def moving(self, who: Reader | None = None) -> Generator[Session]:
        """A session that writes, in which the repositories may move, and whose entry in the log says whereto."""
        try:
            with self._database.writing(who) as session:
                self._settle(session)
                mark = self._mark()
                yield session
        except BaseException:
            self._settle_soon()
            raise
        mark.unlink(missing_ok=True)

    def settle(self) -> None:
        """Put back what was moved by who was interrupted before its entry stood; nothing to do where nobody was.

        Raises:
            Unavailable: the database does not answer, or Git cannot write.
        """
        if self._marks():
            with self._database.writing() as session:
                self._settle(session)

    def close(self) -> None:
        """Try no longer."""
        self._closed.set()

    def _mark(self) -> Path:
        place = self._folders.folder / f"{MARK}{secrets.token_hex(8)}"
        write_whole(place, json.dumps(self._folders.heads().plain()))
        return place

    def _marks(self) -> list[Path]:
        return _marks(self._folders)

    def _settle(self, session: Session) -> None:
        """The same for who has the turn to write: no mark is of somebody who still writes."""
        if not (marks := self._marks()):
            return
        told = self._told(session)
        if told is not None and any(_stood(one) == told for one in marks):
            self._folders.put_back(told)
        for one in marks:
            one.unlink(missing_ok=True)

    def _told(self, session: Session) -> Heads | None:
        """Where the log says that it stands."""
        with for_all(session):
            wanted = select(EventRow.told).where(EventRow.programme == self._name).order_by(EventRow.sequence.desc())
            commits = (one["commits"] for one in session.scalars(wanted) if "commits" in one)
            return next(map(Heads.of, commits), None)

    def _settle_soon(self) -> None:
        """Now, or as soon as the database answers and the disk takes something, so that nobody reads for long what goes."""
        if not self._settled():
            Thread(target=self._settle_later, name="covolt-moves", daemon=True).start()

    def _settle_later(self) -> None:
        for _ in range(TRIES):
            if self._closed.wait(AGAIN_s) or self._settled():
                return

    def _settled(self) -> bool:
        try:
            self.settle()
        except (CovoltError, OSError, CalledProcessError):
            return False
        return True


def interrupted(folders: ProgrammeFolders, told: Heads) -> bool:
    """Whether somebody who moved the repositories away from where the log says was interrupted, or is still at it."""
    return any(_stood(one) == told for one in _marks(folders))


def _marks(folders: ProgrammeFolders) -> list[Path]:
    return [one for one in folders.folder.glob(f"{MARK}*") if one.is_file() and not one.is_symlink()]


def _stood(mark: Path) -> Heads | None:
    """Where it stood when a mark was made; None where that was not written whole, and so nothing was moved after it."""
    try:
        return Heads.of(json.loads(mark.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None

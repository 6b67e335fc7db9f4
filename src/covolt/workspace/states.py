"""The state of a programme: what the repositories of its parties and its own hold together, as one folder of files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import final

from covolt.journal import HOME
from covolt.workspace.lately import Lately
from covolt.workspace.repository import MAIN, Author, Repository, overtaken

__all__ = ["PUSHED", "Heads", "ProgrammeFolders", "files_of"]

PARTIES = "parties"
IGNORED, PINNED = ".gitignore", ".parties"
PUSHED = "Pushed by "
"""How the message of a commit begins that takes over what a party has pushed."""
"""Files of the programme's repository alone: folders of parties are not in it, and which commits of theirs belong to it."""
OWN = frozenset({IGNORED, PINNED})
MOST_STATES = 32
"""States that are kept as folders; the one that was asked for the longest goes first."""


@final
@dataclass(frozen=True)
class Heads:
    """Where each repository stands: the programme's commit, and those of the parties by their ids."""

    programme: str
    parties: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """Hash of all of them."""
        return hashlib.sha256(repr((self.programme, self.parties)).encode()).hexdigest()

    def plain(self) -> dict[str, str]:
        """As data: commits by the id of a party, and by none that of the programme."""
        return {"": self.programme, **dict(self.parties)}

    @classmethod
    def of(cls, plain: Mapping[str, str]) -> Heads:
        """From such data."""
        return cls(plain[""], tuple(sorted((name, commit) for name, commit in plain.items() if name)))


def files_of(folder: Path) -> dict[str, bytes]:
    """Content of every file in a folder by its path with `/`; what only this user's covolt keeps there, and links, are left."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not {HOME, ".git"} & set(path.relative_to(folder).parts)
    }


@final
class ProgrammeFolders:
    """The repositories of one programme: one that all parties share, and one of each party that only that one reads.

    A party's repository holds what stands in the folder of its name: parts, requirements, interests, and what it lets move.
    What crosses its border is an offer, which stands in the programme's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._states = folder / "states"
        self._turn = Lock()
        self._last = Heads("", ())
        self._shared = Lately[str](MOST_STATES)

    @property
    def shared(self) -> Repository:
        """The programme's own."""
        return Repository(self.folder / "programme.git")

    def own(self, party: str) -> Repository:
        """That of a party."""
        return Repository(self.folder / "parties" / f"{party}.git")

    def heads(self) -> Heads:
        """Where they stand now: the programme's commit says which commits of its parties belong to it.

        What stands in a party's repository beyond that was written by who was interrupted before it counted.
        """
        programme = self.shared.head()
        last = self._last
        if last.programme != programme:  # a commit stays what it is: Git is asked for each once
            last = self._last = self.heads_at(programme)
        return last

    def heads_at(self, programme: str) -> Heads:
        """Where they stood at a commit of the programme's repository."""
        pinned = self.shared.file(programme, PINNED).decode().splitlines()
        return Heads(programme, tuple((name, commit) for name, commit in (line.split() for line in pinned)))

    def shared_digest(self, heads: Heads) -> str:
        """Hash of what all parties share at a state; what one of them wrote of its own alone does not change it."""

        def made() -> str:
            found = self.shared.files(heads.programme)
            return hashlib.sha256(
                repr(sorted((path, one) for path, one in found.items() if path not in OWN)).encode()
            ).hexdigest()

        return self._shared.of(heads.programme, made)

    def files(self, heads: Heads) -> dict[str, bytes]:
        """What all of them hold together."""
        found = {path: content for path, content in self.shared.files(heads.programme).items() if path not in OWN}
        for party, commit in heads.parties:
            found |= {f"{party}/{path}": content for path, content in self.own(party).files(commit).items()}
        return found

    def write(self, before: Heads, files: Mapping[str, bytes], author: Author, message: str, when: datetime) -> Heads:
        """Commit what differs: first to the parties' repositories, last to the programme's, whose lock says what counts.

        Raises:
            Conflict: the programme has moved since `before`; what was written to a party's repository then counts for nothing.
        """
        if self.shared.head() != before.programme:
            raise overtaken(MAIN)
        self.put_back(before)
        apart, shared = _apart(files)
        then = dict(before.parties)
        was = {name: self.own(name).files(commit) for name, commit in before.parties}
        for party in sorted(apart.keys() | was.keys()):
            content = apart.get(party, {})
            if content != was.get(party, {}):
                repository = self.own(party)
                repository.begin()
                then[party] = repository.commit(content, repository.head(), author, message, when)
        programme = before.programme
        whole = shared | {
            IGNORED: "".join(f"/{name}/\n" for name in sorted(apart)).encode(),
            PINNED: "".join(f"{name} {commit}\n" for name, commit in sorted(then.items())).encode(),
        }
        self.shared.begin()
        if whole != self.shared.files(programme):
            programme = self.shared.commit(whole, programme, author, message, when)
        return Heads(programme, tuple(sorted(then.items())))

    def adopt(
        self, before: Heads, party: str, received: Repository, commit: str, author: Author, when: datetime
    ) -> Heads:
        """Take what was received: of the programme where no party is named, else of a party, and then it is pinned.

        Raises:
            Conflict: the programme has moved since `before`; what was taken of a party then counts for nothing.
        """
        if not party:
            self.shared.take(received, before.programme, commit)
            return Heads(commit, before.parties)
        if self.shared.head() != before.programme:
            raise overtaken(MAIN)
        self.put_back(before)
        own = self.own(party)
        own.take(received, own.head(), commit)
        then = {**dict(before.parties), party: commit}
        whole = self.shared.files(before.programme) | {
            IGNORED: "".join(f"/{name}/\n" for name in sorted(then)).encode(),
            PINNED: "".join(f"{name} {one}\n" for name, one in sorted(then.items())).encode(),
        }
        message = f"{PUSHED}{party}"
        return Heads(self.shared.commit(whole, before.programme, author, message, when), tuple(sorted(then.items())))

    def put_back(self, heads: Heads) -> None:
        """Let all repositories stand there; who calls this has the turn to write."""
        self.shared.put_back(heads.programme)
        pinned = dict(heads.parties)
        for place in sorted((self.folder / PARTIES).glob("*.git")):
            self.own(place.stem).put_back(pinned.get(place.stem, ""))

    def read_folder(self, heads: Heads) -> Path:
        """A folder with a state, to read in; who changes something there changes it for all."""
        place, whole = self._states / heads.digest, self._states / f"{heads.digest}.whole"
        with self._turn:
            if not whole.is_file():
                shutil.rmtree(place, ignore_errors=True)  # what was interrupted
                _write(place, self.files(heads))
                whole.touch()
                self._sweep(whole)
            whole.touch()
        return place

    @contextmanager
    def draft(self, heads: Heads) -> Generator[Path]:
        """A folder with a state, to write in; it goes afterwards."""
        with TemporaryDirectory(prefix="covolt-draft-") as made:
            folder = Path(made) / "programme"
            _write(folder, self.files(heads))
            yield folder

    def write_folder(self, heads: Heads, folder: Path) -> None:
        """Write a state into a folder of whoever asks, in the place of what was there."""
        shutil.rmtree(folder, ignore_errors=True)
        _write(folder, self.files(heads))

    def _sweep(self, newest: Path) -> None:
        known = sorted(
            (one for one in self._states.glob("*.whole") if one != newest), key=lambda one: one.stat().st_mtime
        )
        for one in known[: max(0, len(known) + 1 - MOST_STATES)]:
            one.unlink()
            shutil.rmtree(one.with_suffix(""), ignore_errors=True)


def _apart(files: Mapping[str, bytes]) -> tuple[dict[str, dict[str, bytes]], dict[str, bytes]]:
    """What is each party's, by the path in its own repository, and what is shared."""
    parties = {Path(path).stem for path in files if path.startswith(f"{PARTIES}/")}
    apart, shared = dict[str, dict[str, bytes]](), dict[str, bytes]()
    for path, content in files.items():
        top, slash, rest = path.partition("/")
        if slash and top in parties:
            apart.setdefault(top, {})[rest] = content
        else:
            shared[path] = content
    return apart, shared


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

"""The folder of a programme: every file read into what it says, and what is wrong with each."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import LARGEST_FILE
from covolt.contract.offer import AttachedFile, Offer
from covolt.contract.schemas import read_with_lines
from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.files import kind_of_refusal
from covolt.journal import reading
from covolt.programme.agreement import Contract
from covolt.programme.charter import Charter, Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.documents import Lines
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.lock import Lock
from covolt.programme.party import Party
from covolt.programme.placing import place_problem
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.slot import Slot
from covolt.programme.walk import LOCK_FILE, digest_of_file, document_files, link_on_the_way

__all__ = [
    "CHARTER_FILE",
    "LOCK_FILE",
    "FolderContent",
    "attachment",
    "digest_of_file",
    "find_root",
    "read_folder",
]

CHARTER_FILE = "programme.toml"

LOOKED_AT_bytes = 65536


_BY_NAME: tuple[tuple[str, type[BaseModel]], ...] = (
    ("party", Party),
    ("slot", Slot),
    ("contract", Contract),
    ("scenario", Scenario),
    ("gate", Gate),
    ("requirement", Requirement),
    ("interest", Interest),
    ("part", Datasheet),
    ("offer", Offer),
    ("signoff", SignOff),
    ("signoff", KeyedSignOff),
    ("checked", CheckedTexts),
    ("key", PartyKey),
    ("revocation", Revocation),
    ("signature", Signature),
)


def find_root(path: Path) -> Path:
    """Folder of the programme that a path names or lies in."""
    hint = "name the folder of a programme, or make one: covolt new"
    try:
        start = path.resolve(strict=True)
        root = next((folder for folder in (start, *start.parents) if (folder / CHARTER_FILE).is_file()), None)
    except FileNotFoundError as error:
        raise NotFound(Problem("no such folder", str(path), hint)) from error
    except OSError as error:
        raise kind_of_refusal(error)(Problem(error.strerror or str(error), str(path), hint)) from error
    if root is None:
        what = f"no programme here: neither this folder nor one above it holds {CHARTER_FILE}"
        raise NotFound(Problem(what, str(path), hint))
    return root


@dataclass
class FolderContent:
    """Everything found in the folder of a programme, and what is wrong with it."""

    root: Path
    found: dict[str, dict[str, BaseModel]] = field(default_factory=lambda: {kind: {} for kind, _ in _BY_NAME})
    charter: Charter | None = None
    lock: Lock | None = None
    origin: dict[tuple[str, str], tuple[str, Lines]] = field(default_factory=dict[tuple[str, str], tuple[str, Lines]])
    folded: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    placed: list[tuple[BaseModel, str, Lines]] = field(default_factory=list[tuple[BaseModel, str, Lines]])
    misplaced: dict[tuple[str, str], Problem] = field(default_factory=dict[tuple[str, str], Problem])
    problems: list[Problem] = field(default_factory=list[Problem])
    unread: set[str] = field(default_factory=set[str])
    digests: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, file: Path) -> None:
        """Read one file."""
        source = file.relative_to(self.root).as_posix()
        try:
            if file.is_symlink():
                raise InputError(Problem("this is a link to a file", source, "put the file itself here"))
            # First, so that what is written in between counts as not read.
            with suppress(OSError):
                if file.is_file() and file.stat().st_size <= LARGEST_FILE:
                    self.digests[source] = digest_of_file(file)
            document, lines = read_with_lines(file, PROGRAMME_SCHEMAS, source)
            if isinstance(document, Offer):
                _verify(document, file, source, self.root)
        except CovoltError as error:
            self.problems.extend(error.problems)
            self.unread |= _names_in(file)
            return
        if isinstance(document, Charter | Lock):
            self._take_alone(document, source, lines)
            return
        kind, name = _name(document)
        if (taken := self.claimed(kind, name, source, document)) is not None:
            self.problems.append(taken)
            return
        self.placed.append((document, source, lines))
        self.found[kind][name] = document
        self.folded[kind, name.casefold()] = name
        self.origin[kind, name] = (source, lines)

    def claimed(self, kind: str, name: str, source: str, second: BaseModel) -> Problem | None:
        """That another document has this name."""
        own = self.folded.get((kind, name.casefold()))
        if own is None:
            return None
        before, (first, _) = self.found[kind][own], self.origin[kind, own]
        if isinstance(second, Slot) and isinstance(before, Slot) and second.owner != before.owner:
            what = f"two parties claim the slot '{name}': {before.owner} in {first} and {second.owner} here"
            return Problem(what, source, "agree on one owner and remove the other file")
        capitals = f"{kind} '{name}' and '{own}' of {first} differ in capitals alone"
        what = f"{kind} '{name}' is already given by {first}" if own == name else capitals
        return Problem(what, source, "give this one another name or version")

    def _take_alone(self, document: Charter | Lock, source: str, lines: Lines) -> None:
        expected = CHARTER_FILE if isinstance(document, Charter) else LOCK_FILE
        if source != expected:
            what = f"a programme has one {expected}, in its own folder"
            hint = "move this one out of the programme, or into a folder named data"
            self.problems.append(Problem(what, source, hint))
        elif isinstance(document, Charter):
            self.charter, self.origin["programme", ""] = document, (source, lines)
        else:
            self.lock, self.origin["lock", ""] = document, (source, lines)


def read_folder(root: Path) -> FolderContent:
    """Every document of the folder, each in its place or told to stand out of it."""
    found = FolderContent(root)
    with reading(root):
        for file in document_files(root, found.problems):
            found.take(file)
    parties = found.found["party"].keys()
    for document, source, lines in found.placed:
        misplaced = place_problem(document, source, lines, parties)
        if misplaced is not None:
            found.misplaced[_name(document)] = misplaced
    return found


def _names_in(file: Path) -> set[str]:
    """Names that a file which cannot be read as a document would probably give, in whatever encoding."""
    try:
        raw = b"" if file.is_symlink() or not file.is_file() else file.read_bytes()[:LOOKED_AT_bytes]
    except OSError:
        raw = b""
    text = raw.replace(b"\0", b"").decode("utf-8", errors="ignore")
    return {file.stem, *re.findall(r"""(?m)^\W*id\s*=\s*["']([^"']+)""", text)}


def attachment(path: Path, offer: Offer, stated: AttachedFile) -> Path:
    """Where a file that belongs to an offer lies: in a folder beside the offer, named after it."""
    return path.parent / "evidence" / f"{offer.datasheet.id}@{offer.datasheet.version}" / stated.path


def _verify(offer: Offer, path: Path, source: str, root: Path) -> None:
    """Raise where the offer or a file of it is not what was published."""
    problems: list[Problem] = []
    try:
        offer.verify()
    except CovoltError as error:
        problems += [Problem(one.what, f"{source} ({one.where})", one.hint) for one in error.problems]
    for stated in offer.files:
        file = attachment(path, offer, stated)
        if link_on_the_way(file, root) is not None:
            problems.append(Problem(f"a link leads to its file {stated.path}", source, "put the file itself there"))
        elif not file.is_file():
            problems.append(Problem(f"its file {stated.path} is not there", source, f"bring it back as {file}"))
        elif digest_of_file(file) != stated.digest:
            what = f"its file {stated.path} was changed after it was published"
            problems.append(Problem(what, source, "restore the file, or publish the change as a new version"))
    if problems:
        raise InputError(problems)


def _name(document: BaseModel) -> tuple[str, str]:
    kind = next(kind for kind, cls in _BY_NAME if isinstance(document, cls))
    return kind, str(getattr(document, "reference", None) or getattr(document, "id"))  # noqa: B009  each has one of both

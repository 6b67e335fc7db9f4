"""The folder of a programme: every file read into what it says, and what is wrong with each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import AttachedFile, Offer
from covolt.contract.schemas import document_of
from covolt.errors import CovoltError, InputError, NotFound, Problem, system_said
from covolt.files import kind_of_refusal
from covolt.programme.agreement import Contract
from covolt.programme.charter import Charter, Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.design_space import DesignVariable
from covolt.programme.documents import Lines
from covolt.programme.files import ProgrammeFiles
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.lock import Lock
from covolt.programme.negative import Negative
from covolt.programme.party import Party
from covolt.programme.placing import place_problem
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.slot import Slot
from covolt.programme.table import TABLES
from covolt.programme.walk import LOCK_FILE
from covolt.words import text

__all__ = [
    "CHARTER_FILE",
    "LOCK_FILE",
    "FolderContent",
    "attachment",
    "find_root",
    "read_folder",
]

CHARTER_FILE = "programme.toml"
MOST_KEPT, LARGEST_KEPT = 20_000, 16_384
"""Documents that are remembered by their text, and the signs of the longest."""

Place = TypeVar("Place", bound=PurePath)

_PART = re.compile(rb"""^\s*["']?schema["']?\s*[=:]\s*["']part/""", re.MULTILINE)
_BY_NAME: tuple[tuple[str, type[BaseModel]], ...] = (
    ("party", Party),
    ("slot", Slot),
    ("contract", Contract),
    ("scenario", Scenario),
    ("gate", Gate),
    ("requirement", Requirement),
    ("interest", Interest),
    ("design", DesignVariable),
    ("negative", Negative),
    ("part", Datasheet),
    ("offer", Offer),
    ("signoff", SignOff),
    ("signoff", KeyedSignOff),
    ("checked", CheckedTexts),
    ("key", PartyKey),
    ("revocation", Revocation),
    ("signature", Signature),
    *(("table", kind) for kind in TABLES.values()),
)


def find_root(path: Path) -> Path:
    """Folder of the programme that a path names or lies in."""
    hint = text("name the folder of a programme, or make one: covolt new")
    try:
        start = path.resolve(strict=True)
        root = next((folder for folder in (start, *start.parents) if (folder / CHARTER_FILE).is_file()), None)
    except FileNotFoundError as error:
        raise NotFound(Problem(text("no such folder"), str(path), hint)) from error
    except OSError as error:
        raise kind_of_refusal(error)(Problem(system_said(error), str(path), hint)) from error
    if root is None:
        what = text(
            "no programme here: neither this folder nor one above it holds {charter_file}", charter_file=CHARTER_FILE
        )
        raise NotFound(Problem(what, str(path), hint))
    return root


@dataclass
class FolderContent:
    """Everything found in the files of a programme, and what is wrong with it."""

    files: ProgrammeFiles
    found: dict[str, dict[str, BaseModel]] = field(default_factory=lambda: {kind: {} for kind, _ in _BY_NAME})
    charter: Charter | None = None
    lock: Lock | None = None
    origin: dict[tuple[str, str], tuple[str, Lines]] = field(default_factory=dict[tuple[str, str], tuple[str, Lines]])
    folded: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    placed: list[tuple[BaseModel, str, Lines]] = field(default_factory=list[tuple[BaseModel, str, Lines]])
    misplaced: dict[tuple[str, str], Problem] = field(default_factory=dict[tuple[str, str], Problem])
    problems: list[Problem] = field(default_factory=list[Problem])
    drafts: list[tuple[str, Problem]] = field(default_factory=list[tuple[str, Problem]])
    """What is wrong with parts that cannot be read, by their files: only as offers do parts count."""
    unread: set[str] = field(default_factory=set[str])
    unread_sources: list[str] = field(default_factory=list[str])
    digests: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, source: str) -> None:
        """Read the file of a place."""
        try:
            if self.files.link(source) is not None:
                raise InputError(Problem(text("this is a link to a file"), source, text("put the file itself here")))
            # First, so that what is written in between counts as not read.
            if digest := self.files.document_digest(source):
                self.digests[source] = digest
            document, lines = _document(self.files.text(source), source)
            if isinstance(document, Offer):
                _verify(document, source, self.files)
        except CovoltError as error:
            beginning = self.files.beginning(source)
            if _PART.search(beginning):
                self.drafts += [(source, one) for one in error.problems]
            else:
                self.problems.extend(error.problems)
            self.unread |= _names_in(source, beginning)
            self.unread_sources.append(source)
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
            what = text(
                "two parties claim the slot '{name}': {owner} in {first} and {owner_2} here",
                name=name,
                owner=before.owner,
                first=first,
                owner_2=second.owner,
            )
            return Problem(what, source, text("agree on one owner and remove the other file"))
        capitals = text(
            "{kind} '{name}' and '{own}' of {first} differ in capitals alone",
            kind=kind,
            name=name,
            own=own,
            first=first,
        )
        what = (
            text("{kind} '{name}' is already given by {first}", kind=kind, name=name, first=first)
            if own == name
            else capitals
        )
        return Problem(what, source, text("give this one another name or version"))

    def _take_alone(self, document: Charter | Lock, source: str, lines: Lines) -> None:
        expected = CHARTER_FILE if isinstance(document, Charter) else LOCK_FILE
        if source != expected:
            what = text("a programme has one {expected}, in its own folder", expected=expected)
            hint = text("move this one out of the programme, or into a folder named data")
            self.problems.append(Problem(what, source, hint))
        elif isinstance(document, Charter):
            self.charter, self.origin["programme", ""] = document, (source, lines)
        else:
            self.lock, self.origin["lock", ""] = document, (source, lines)


def read_folder(files: ProgrammeFiles) -> FolderContent:
    """Every document of a programme, each in its place or told to stand out of it."""
    found = FolderContent(files)
    with files.reading():
        for place in files.documents(found.problems):
            found.take(place)
    parties = found.found["party"].keys()
    # Outside its party's folder it may be anything else that somebody broke.
    found.problems += [one for source, one in found.drafts if source.partition("/")[0] not in parties]
    found.drafts = [(source, one) for source, one in found.drafts if source.partition("/")[0] in parties]
    for document, source, lines in found.placed:
        misplaced = place_problem(document, source, lines, parties)
        if misplaced is not None:
            found.misplaced[_name(document)] = misplaced
    return found


def _document(written: str, source: str) -> tuple[BaseModel, Lines]:
    """A document by its text: what was read once in this process is not read again, whatever file it stands in."""
    if len(written) > LARGEST_KEPT:
        return document_of(written, source, PROGRAMME_SCHEMAS)
    try:
        return _kept(written)
    except InputError:
        return document_of(written, source, PROGRAMME_SCHEMAS)  # with the name of the file in its problems


@lru_cache(maxsize=MOST_KEPT)
def _kept(written: str) -> tuple[BaseModel, Lines]:
    return document_of(written, "", PROGRAMME_SCHEMAS)


def _names_in(source: str, raw: bytes) -> set[str]:
    """Names that a file which cannot be read as a document would probably give, in whatever encoding."""
    text = raw.replace(b"\0", b"").decode("utf-8", errors="ignore")
    return {PurePosixPath(source).stem, *re.findall(r"""(?m)^\W*id\s*=\s*["']([^"']+)""", text)}


def attachment(path: Place, offer: Offer, stated: AttachedFile) -> Place:
    """Where a file that belongs to an offer lies: in a folder beside the offer, named after it."""
    return path.parent / "evidence" / f"{offer.datasheet.id}@{offer.datasheet.version}" / stated.path


def _verify(offer: Offer, source: str, files: ProgrammeFiles) -> None:
    """Raise where the offer or a file of it is not what was published."""
    problems: list[Problem] = []
    try:
        offer.verify()
    except CovoltError as error:
        problems += [Problem(one.what, f"{source} ({one.where})", one.hint) for one in error.problems]
    for stated in offer.files:
        file = attachment(PurePosixPath(source), offer, stated).as_posix()
        if files.link(file) is not None:
            problems.append(
                Problem(
                    text("a link leads to its file {path}", path=stated.path), source, text("put the file itself there")
                )
            )
        elif not files.is_file(file):
            problems.append(
                Problem(
                    text("its file {path} is not there", path=stated.path),
                    source,
                    text("bring it back as {file}", file=file),
                )
            )
        elif files.digest(file) != stated.digest:
            what = text("its file {path} was changed after it was published", path=stated.path)
            problems.append(Problem(what, source, text("restore the file, or publish the change as a new version")))
    if problems:
        raise InputError(problems)


def _name(document: BaseModel) -> tuple[str, str]:
    kind = next(kind for kind, cls in _BY_NAME if isinstance(document, cls))
    return kind, str(getattr(document, "reference", None) or getattr(document, "id"))  # noqa: B009  each has one of both

"""The folder of a programme: every file read, every problem of every file and between files found at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from covolt.contract.architecture import vehicle_slot
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import LARGEST_FILE
from covolt.contract.offer import AttachedFile, Offer
from covolt.contract.schemas import read_with_lines
from covolt.errors import CovoltError, InputError, Problem
from covolt.journal import reading
from covolt.programme.agreement import Contract
from covolt.programme.anchor import keep_in_mind, remember, trust_of
from covolt.programme.charter import Charter, Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.lock import Lock
from covolt.programme.party import Party
from covolt.programme.placing import place_problem
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.slot import Slot
from covolt.programme.standing import Standings, Trust, standings_of
from covolt.programme.text import today
from covolt.programme.walk import LOCK_FILE, digest_of_file, document_files, link_on_the_way

__all__ = [
    "CHARTER_FILE",
    "LOCK_FILE",
    "Further",
    "Programme",
    "attachment",
    "digest_of_file",
    "find_root",
    "party_problems",
    "read_leniently",
    "read_programme",
]

CHARTER_FILE = "programme.toml"

Lines = Mapping[tuple[str | int, ...], int]
Kind = TypeVar("Kind", bound=BaseModel)
Further = Callable[["Programme"], list[Problem]]
LOOKED_AT_bytes = 65536


@dataclass(frozen=True)
class Programme:
    """All documents of a programme by kind and name, and where each stands."""

    root: Path
    charter: Charter
    parties: Mapping[str, Party]
    slots: Mapping[str, Slot]
    contracts: Mapping[str, Contract]
    scenarios: Mapping[str, Scenario]
    gates: Mapping[str, Gate]
    requirements: Mapping[str, Requirement]
    interests: Mapping[str, Interest]
    parts: Mapping[str, Datasheet]
    offers: Mapping[str, Offer]
    signoffs: Mapping[str, SignOff | KeyedSignOff]
    checked: Mapping[str, CheckedTexts]
    keys: Mapping[str, PartyKey]
    revocations: Mapping[str, Revocation]
    signatures: Mapping[str, Signature]
    lock: Lock | None
    trust: Trust = field(default_factory=Trust)
    """What this user knows of the parties' keys; it comes from outside the programme."""
    origin: Mapping[tuple[str, str], tuple[str, Lines]] = field(
        repr=False, default_factory=dict[tuple[str, str], tuple[str, Lines]]
    )
    unread: frozenset[str] = frozenset()
    """Names that files which could not be read would give: nobody is told that these are missing."""
    digests: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])
    """Digest of each file as it was read: who writes looks whether it still is so."""

    def where(self, kind: str, name: str, *keys: str | int) -> str:
        """Place of a key of a document, as `slots/battery.toml:4`."""
        source, lines = self.origin.get((kind, name), (kind, {}))
        path: tuple[str | int, ...] = keys
        line = next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), None)
        return f"{source}:{line}" if line else source

    @cached_property
    def standings(self) -> Standings:
        """Which keys and statements count here, today."""
        return self.standings_under(self.trust)

    @cached_property
    def consistent(self) -> Standings:
        """Which would count if every first key were trusted: what the documents say by themselves."""
        return self.standings_under(Trust())

    def standings_under(self, trust: Trust) -> Standings:
        """Which keys and statements count under a trust."""
        own = {name: one.left for name, one in self.parties.items() if one.left}
        left = own | {name: min(day, own.get(name, day)) for name, day in trust.left.items()}
        keys, revocations = self.keys.values(), self.revocations.values()
        return standings_of(self.charter.id, keys, revocations, trust, today(), left)

    def vehicle_slot(self, slot: Slot) -> str:
        """The vehicle's slot that a slot of the programme is, whose contract is there."""
        return vehicle_slot(slot.id, self.contracts[slot.contract].demanded.name)

    def file_of(self, kind: str, name: str) -> Path:
        """File in which a document stands."""
        return self.root / self.origin[kind, name][0]


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
        raise InputError(Problem("no such folder", str(path), hint)) from error
    except OSError as error:
        raise InputError(Problem(error.strerror or str(error), str(path), hint)) from error
    if root is None:
        what = f"no programme here: neither this folder nor one above it holds {CHARTER_FILE}"
        raise InputError(Problem(what, str(path), hint))
    return root


@dataclass
class _Reading:
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


def _read(root: Path) -> _Reading:
    found = _Reading(root)
    with reading(root):
        for file in document_files(root, found.problems):
            found.take(file)
    parties = found.found["party"].keys()
    for document, source, lines in found.placed:
        misplaced = place_problem(document, source, lines, parties)
        if misplaced is not None:
            found.misplaced[_name(document)] = misplaced
    return found


def read_programme(
    path: Path, *, locked: bool = True, placed: bool = True, further: Further | None = None
) -> Programme:
    """The programme in a folder; raises the problems of all files, and between them, together.

    With `locked` false the pins of the lock are not held against the offers: who locks anew is about to mend them; with `placed`
    false documents may stand anywhere, as in what an earlier covolt wrote and nobody can change any more. `further`
    finds what else is wrong with it, to be told with the rest.
    """
    from covolt.programme.coherence import incoherences

    root = find_root(path)
    read = _read(root)
    programme, problems = _gathered(root, read), [*read.problems, *(read.misplaced.values() if placed else ())]
    problems += incoherences(programme, locked=locked)
    if further is not None:
        problems += further(programme)
    _remember(programme, whole=not problems)
    if problems:
        raise InputError(sorted(problems, key=_by_place))
    return programme


def read_leniently(path: Path) -> Programme:
    """What speaks in its own place, whatever else is wrong: for who adds a key or a signature that is missing."""
    root = find_root(path)
    read = _read(root)
    for kind, name in read.misplaced:
        del read.found[kind][name]
    return _gathered(root, read)


def _gathered(root: Path, read: _Reading) -> Programme:
    found = read.found
    if read.charter is None:
        raise InputError(read.problems or [Problem("the programme has no charter", CHARTER_FILE, "write one")])
    return Programme(
        root=root,
        charter=read.charter,
        parties=_of(found["party"], Party),
        slots=_of(found["slot"], Slot),
        contracts=_of(found["contract"], Contract),
        scenarios=_of(found["scenario"], Scenario),
        gates=_of(found["gate"], Gate),
        requirements=_of(found["requirement"], Requirement),
        interests=_of(found["interest"], Interest),
        parts=_of(found["part"], Datasheet),
        offers=_of(found["offer"], Offer),
        signoffs=_of(found["signoff"], SignOff, KeyedSignOff),
        checked=_of(found["checked"], CheckedTexts),
        keys=_of(found["key"], PartyKey),
        revocations=_of(found["revocation"], Revocation),
        signatures=_of(found["signature"], Signature),
        lock=read.lock,
        trust=trust_of(read.charter.id, root),
        origin=read.origin,
        unread=frozenset(read.unread),
        digests=read.digests,
    )


def _remember(programme: Programme, *, whole: bool) -> None:
    """Keep in mind what takes trust away, so that no edit takes it back; of what is not `whole` revocations alone."""
    gate = programme.gates.get(programme.charter.signatures_from or "") if whole else None
    revoked = programme.standings.taken_out
    remember(programme.charter.id, revoked, gate.id if gate else None, gate.order if gate else None)
    if not programme.trust.renamed:
        left = {name: one.left for name, one in programme.parties.items() if one.left}
        keep_in_mind(programme.charter.id, programme.root, left)


def _by_place(problem: Problem) -> tuple[str, int, str]:
    """Order in which problems are told: by file, then by line."""
    file, _, rest = problem.where.partition(":")
    line = re.match(r"\d+", rest)
    return file, int(line[0]) if line else 0, rest


def party_problems(root: Path, party: str, where: str) -> list[Problem]:
    """That a party is not in the programme, or no longer, whatever else is wrong with it."""
    read = _read(root)
    known = _of(read.found["party"], Party)
    if party in known and (left := known[party].left) and left < today():
        return [Problem(f"{party} left on {left}", where, "let a party offer that is still here")]
    if party in known or party in read.unread:
        return []
    return [Problem(f"no party '{party}' in this programme", where, f"known: {', '.join(sorted(known)) or 'none'}")]


def _of(documents: Mapping[str, BaseModel], *kinds: type[Kind]) -> dict[str, Kind]:
    return {name: document for name, document in sorted(documents.items()) if isinstance(document, kinds)}


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

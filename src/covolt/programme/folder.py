"""The folder of a programme: every file read, every problem of every file and between files found at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.contract.schemas import read_with_lines
from covolt.errors import CovoltError, InputError, Problem
from covolt.programme.agreement import Contract
from covolt.programme.charter import Charter, Scenario
from covolt.programme.gate import Gate, SignOff
from covolt.programme.lock import Lock
from covolt.programme.party import Party
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.slot import Slot

__all__ = ["CHARTER_FILE", "LOCK_FILE", "Programme", "find_root", "read_programme"]

CHARTER_FILE = "programme.toml"
LOCK_FILE = "programme.lock"
PRIVATE_FOLDERS = frozenset({"build", "evidence", "data", "node_modules"})
"""Folders whose files are not documents of the programme: what is made from it, and what is attached to it."""

Lines = Mapping[tuple[str | int, ...], int]
Kind = TypeVar("Kind", bound=BaseModel)


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
    signoffs: Mapping[str, SignOff]
    lock: Lock | None
    origin: Mapping[tuple[str, str], tuple[str, Lines]] = field(
        repr=False, default_factory=dict[tuple[str, str], tuple[str, Lines]]
    )

    def where(self, kind: str, name: str, *keys: str | int) -> str:
        """Place of a key of a document, as `slots/battery.toml:4`."""
        source, lines = self.origin.get((kind, name), (kind, {}))
        path: tuple[str | int, ...] = keys
        line = next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), None)
        return f"{source}:{line}" if line else source

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
)


def find_root(path: Path) -> Path:
    """Folder of the programme that a path names or lies in."""
    start = path.resolve()
    if not start.exists():
        raise InputError(
            Problem("no such folder", str(path), "name the folder of a programme, or make one: covolt new")
        )
    for folder in (start, *start.parents):
        if (folder / CHARTER_FILE).is_file():
            return folder
    what = f"no programme here: neither this folder nor one above it holds {CHARTER_FILE}"
    raise InputError(Problem(what, str(path), "name the folder of a programme, or make one: covolt new"))


def read_programme(path: Path, *, locked: bool = True) -> Programme:
    """The programme in a folder; raises the problems of all files, and between them, together.

    With `locked` false the pins of the lock are not held against the offers: who locks anew is about to mend them.
    """
    from covolt.programme.coherence import incoherences

    root = find_root(path)
    problems: list[Problem] = []
    found: dict[str, dict[str, BaseModel]] = {kind: {} for kind, _ in _BY_NAME}
    alone: dict[str, BaseModel] = {}
    origin: dict[tuple[str, str], tuple[str, Lines]] = {}
    for file in sorted(_documents(root)):
        source = file.relative_to(root).as_posix()
        try:
            document, lines = read_with_lines(file, PROGRAMME_SCHEMAS, source)
            if isinstance(document, Offer):
                _verify(document, source)
        except CovoltError as error:
            problems.extend(error.problems)
            continue
        if isinstance(document, Charter | Lock):
            kind = "programme" if isinstance(document, Charter) else "lock"
            alone[kind] = document
            origin[kind, ""] = (source, lines)
            continue
        kind, name = _name(document)
        first = origin.get((kind, name))
        if first is not None:
            problems.append(_twice(kind, name, source, first[0], document, found[kind][name]))
            continue
        found[kind][name] = document
        origin[kind, name] = (source, lines)
    charter, lock = alone.get("programme"), alone.get("lock")
    if not isinstance(charter, Charter):
        raise InputError(problems or [Problem("the programme has no charter", CHARTER_FILE, "write one")])
    programme = Programme(
        root=root,
        charter=charter,
        parties=_of(found["party"], Party),
        slots=_of(found["slot"], Slot),
        contracts=_of(found["contract"], Contract),
        scenarios=_of(found["scenario"], Scenario),
        gates=_of(found["gate"], Gate),
        requirements=_of(found["requirement"], Requirement),
        interests=_of(found["interest"], Interest),
        parts=_of(found["part"], Datasheet),
        offers=_of(found["offer"], Offer),
        signoffs=_of(found["signoff"], SignOff),
        lock=lock if isinstance(lock, Lock) else None,
        origin=origin,
    )
    problems += incoherences(programme, locked=locked)
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.where))
    return programme


def _of(documents: Mapping[str, BaseModel], kind: type[Kind]) -> dict[str, Kind]:
    return {name: document for name, document in sorted(documents.items()) if isinstance(document, kind)}


def _documents(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in PRIVATE_FOLDERS)
        yield from (Path(folder) / name for name in names if name.endswith(".toml") or name == LOCK_FILE)


def _verify(offer: Offer, source: str) -> None:
    try:
        offer.verify()
    except CovoltError as error:
        raise InputError([Problem(one.what, f"{source} ({one.where})", one.hint) for one in error.problems]) from error


def _name(document: BaseModel) -> tuple[str, str]:
    kind = next(kind for kind, cls in _BY_NAME if isinstance(document, cls))
    if isinstance(document, Datasheet | Offer | Contract):
        return kind, document.reference
    if isinstance(document, SignOff):
        return kind, f"{document.gate}/{document.party}/{document.role}"
    return kind, str(getattr(document, "id"))  # noqa: B009  # every other kind has a name


def _twice(kind: str, name: str, source: str, first: str, second: BaseModel, before: BaseModel) -> Problem:
    if isinstance(second, Slot) and isinstance(before, Slot) and second.owner != before.owner:
        what = f"two parties claim the slot '{name}': {before.owner} in {first} and {second.owner} here"
        return Problem(what, source, "agree on one owner and remove the other file")
    return Problem(f"{kind} '{name}' is already given by {first}", source, "give this one another name or version")


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()

"""Reading a programme: all its documents, or every problem of its files and between them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from covolt.clock import today
from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.errors import InputError, Problem
from covolt.programme.agreement import Contract
from covolt.programme.anchor import remember, trust_of
from covolt.programme.charter import Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.coherence import incoherences
from covolt.programme.design_space import DesignVariable
from covolt.programme.documents import Programme
from covolt.programme.files import InFolder, InMemory, ProgrammeFiles
from covolt.programme.folder import CHARTER_FILE, FolderContent, find_root, read_folder
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.negative import Negative
from covolt.programme.party import Party
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.slot import Slot
from covolt.programme.standing import Trust
from covolt.programme.table import TABLES
from covolt.suggestion import named
from covolt.words import text

__all__ = ["Further", "Source", "party_problems", "read_earlier", "read_held", "read_leniently", "read_programme"]

Kind = TypeVar("Kind", bound=BaseModel)
Further = Callable[[Programme], list[Problem]]
Source = Path | Mapping[str, bytes]
"""Where a programme is read: a folder in which it lies, or the content of each file by its path in the programme."""


def read_programme(
    source: Source, *, locked: bool = True, further: Further | None = None, day: str | None = None
) -> Programme:
    """The programme in a folder, or in bytes by their paths; raises the problems of all files, and between them, together.

    Args:
        source: a folder in which it lies, or in one above; or the content of each file by its path in the programme, with `/`.
            Of bytes there is no history: no baselines, no earlier states, no day of a commit. Nothing can be written there.
        locked: where false, the pins of the lock are not held against the offers: who locks anew is about to mend them.
        further: finds what else is wrong with it, to be told with the rest. A part that cannot be read and is offered under no
            name yet is wrong by itself alone: it stands in `drafts`.
        day: the day on which it is read, as 2026-11-28; that of this machine, by UTC, where none is handed in.
    """
    read = read_folder(_files(source))
    programme, problems = _gathered(read, day), [*read.problems, *read.misplaced.values()]
    problems += incoherences(programme, locked=locked)
    if further is not None:
        problems += further(programme)
    _remember(programme, whole=not problems)
    if problems:
        raise InputError(sorted(problems, key=_by_place))
    return programme


def read_earlier(path: Path, *, further: Further, day: str | None = None) -> tuple[Programme, list[Problem]]:
    """An earlier state as it was left, by its own word alone, and which documents of it stand out of their places.

    Nobody can mend it any more, so neither these nor keys and signatures are held against it. Nothing of it is kept in mind.
    """
    read = read_folder(_files(path))
    programme = replace(_gathered(read, day), trust=Trust())
    problems = [*read.problems, *incoherences(programme, signed=False), *further(programme)]
    if problems:
        raise InputError(sorted(problems, key=_by_place))
    return programme, sorted(read.misplaced.values(), key=_by_place)


def read_leniently(source: Source, *, day: str | None = None) -> Programme:
    """What speaks in its own place, whatever else is wrong: for who adds a key or a signature that is missing."""
    read = read_folder(_files(source))
    for kind, name in read.misplaced:
        del read.found[kind][name]
    return _gathered(read, day)


def read_held(contents: Mapping[str, bytes], day: str) -> Programme:
    """The documents that a baseline holds, each in its place; raises what is wrong with any of them, as they are alone."""
    read = read_folder(InMemory(contents))
    if problems := [*read.problems, *read.misplaced.values()]:
        raise InputError(sorted(problems, key=_by_place))
    return replace(_gathered(read, day), trust=Trust())


def _files(source: Source) -> ProgrammeFiles:
    return InMemory(source) if isinstance(source, Mapping) else InFolder(find_root(source))


def _gathered(read: FolderContent, day: str | None) -> Programme:
    found = read.found
    if read.charter is None:
        raise InputError(
            read.problems or [Problem(text("the programme has no charter"), CHARTER_FILE, text("write one"))]
        )
    return Programme(
        files=read.files,
        charter=read.charter,
        parties=_of(found["party"], Party),
        slots=_of(found["slot"], Slot),
        contracts=_of(found["contract"], Contract),
        scenarios=_of(found["scenario"], Scenario),
        gates=_of(found["gate"], Gate),
        requirements=_of(found["requirement"], Requirement),
        interests=_of(found["interest"], Interest),
        designs=_of(found["design"], DesignVariable),
        parts=_of(found["part"], Datasheet),
        offers=_of(found["offer"], Offer),
        signoffs=_of(found["signoff"], SignOff, KeyedSignOff),
        checked=_of(found["checked"], CheckedTexts),
        keys=_of(found["key"], PartyKey),
        revocations=_of(found["revocation"], Revocation),
        signatures=_of(found["signature"], Signature),
        negatives=_of(found["negative"], Negative),
        tables=_of(found["table"], *TABLES.values()),
        lock=read.lock,
        day=day or today(),
        trust=trust_of(read.charter.id, read.files.folder),
        origin=read.origin,
        unread=frozenset(read.unread),
        unread_sources=tuple(read.unread_sources),
        drafts=tuple(sorted((one for _, one in read.drafts), key=_by_place)),
        digests=read.digests,
    )


def _remember(programme: Programme, *, whole: bool) -> None:
    """Keep in mind what is signed by a key that counts here, so that no edit takes it back, and where such a programme lies.

    Where one lies is not learnt from a folder that is not `whole`: copied keys make no programme.

    Of what is read from bytes nothing is: a server reads for many.

    What stands in a file that nobody signs is remembered of nobody: whoever can write here could have written it.
    """
    if programme.files.folder is None:
        return
    standings, trust = programme.standings, programme.trust
    known = any(
        standings.keys[name].key.party == party for party, name in (trust.first or {}).items() if name in standings.keys
    )
    remember(
        programme.charter.id, programme.root if whole and known and not trust.renamed else None, standings.taken_out
    )


def _by_place(problem: Problem) -> tuple[str, int, str]:
    """Order in which problems are told: by file, then by line."""
    file, _, rest = problem.where.partition(":")
    line = re.match(r"\d+", rest)
    return file, int(line[0]) if line else 0, rest


def party_problems(root: Path, party: str, where: str, day: str | None) -> list[Problem]:
    """That a party is not in the programme, or no longer, whatever else is wrong with it."""
    read = read_folder(InFolder(root))
    known = _of(read.found["party"], Party)
    if party in known and (left := known[party].left) and left < (day or today()):
        return [
            Problem(
                text("{party} left on {left}", party=party, left=left),
                where,
                text("let a party offer that is still here"),
            )
        ]
    if party in known or party in read.unread:
        return []
    return [Problem(text("no party '{party}' in this programme", party=party), where, named(party, sorted(known)))]


def _of(documents: Mapping[str, BaseModel], *kinds: type[Kind]) -> dict[str, Kind]:
    return {name: document for name, document in sorted(documents.items()) if isinstance(document, kinds)}

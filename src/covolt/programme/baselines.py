"""Baselines: locks and what was agreed, kept under a name, with which later states are compared."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from covolt.contract.schemas import read_document
from covolt.errors import Conflict, InputError, NotFound, Problem
from covolt.programme.documents import Programme
from covolt.programme.lock import Lock
from covolt.programme.locking import write_lock
from covolt.programme.reading import read_held
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.text import IDENTIFIER, identifier_of
from covolt.programme.walk import link_on_the_way
from covolt.words import Phrase, text

__all__ = ["FOLDER", "as_kept", "baseline_problems", "baselines", "freeze", "kept_baseline", "kept_on", "read_lock"]

FOLDER = "baselines"
HELD = ("programme", "party", "slot", "contract", "scenario", "gate", "requirement", "interest", "negative")
"""Kinds of documents that a baseline holds; offers never change, and keys, signatures and sign-offs bear their own days."""


def _file(root: Path, name: str) -> Path:
    """File in which a baseline of that name stands, or would."""
    return root / FOLDER / f"{name}.lock"


def kept_baseline(root: Path, name: str) -> Path | None:
    """File of the baseline that is kept under a name; None where there is none."""
    path = _file(root, name)
    return path if name and Path(name).name == name and os.path.lexists(path) else None


def baselines(folder: Path | None) -> list[Path]:
    """Files of all baselines of a programme; one that lies in no folder has none."""
    return [] if folder is None else sorted((folder / FOLDER).glob("*.lock"))


def read_lock(path: Path, root: Path | None = None) -> Lock:
    """The lock in a file; to one within a programme no link may lead."""
    if root is not None and path.is_relative_to(root) and (link := link_on_the_way(path, root)) is not None:
        raise InputError(Problem(text("this is a link"), str(link), text("put the lock itself here")))
    lock = read_document(path, PROGRAMME_SCHEMAS)
    if not isinstance(lock, Lock):
        raise InputError(
            Problem(text("this file is no lock"), str(path), text("name a programme.lock, a folder, or a commit"))
        )
    return lock


def baseline_problems(programme: Programme) -> list[Problem]:
    """What makes a kept lock none with which a later state can be compared."""
    return [one for path in baselines(programme.files.folder) for one in kept_on(path, programme)[1]]


def kept_on(path: Path, programme: Programme) -> tuple[str, list[Problem]]:
    """Day on which a baseline was kept, and what is wrong with it."""
    place = path.relative_to(programme.root).as_posix()
    try:
        frozen = read_lock(path, programme.root).frozen
    except InputError as error:
        # Its own place is told by its readers as the whole path.
        told = [replace(one, where=one.where.replace(str(path), place)) for one in error.problems]
        return "", told
    # Who keeps one in another zone may be a day ahead.
    last = (date.fromisoformat(programme.day) + timedelta(days=1)).isoformat()
    if frozen > last:
        what, hint = (
            text("this baseline was kept on {frozen}, which is still to come", frozen=frozen),
            text("remove it, or mend its day"),
        )
        return frozen, [Problem(what, f"{place} (frozen)", hint)]
    return frozen, []


def _latin(name: str) -> Phrase:
    if latin := identifier_of(name):
        return text("use Latin letters, digits, - and _, such as {latin}", latin=latin)
    return text("use Latin letters, digits, - and _")


def _held(programme: Programme) -> dict[str, str]:
    """What every party may read of the documents that a baseline holds, as it is written: nobody's own is copied."""
    seen = programme.seen_by(None)
    shown = {"requirement": seen.requirements.keys() - seen.hidden, "interest": seen.interests.keys()}
    places = {
        place
        for (kind, name), (place, _) in programme.origin.items()
        if kind in HELD and name in shown.get(kind, frozenset({name}))
    }
    return {place: programme.files.text(place).strip() for place in sorted(places)}


def as_kept(head: Programme, lock: Lock) -> Programme:
    """The programme with the lock of a baseline, and with what that holds in the place of today's documents.

    What parties keep to themselves today is not held, and stands there as it is today.
    """
    was = replace(head.whole, lock=lock)
    if not lock.documents:
        return was
    then = read_held({place: text.encode() for place, text in lock.documents.items()}, head.day)
    seen = was.seen_by(None)
    own = {name: one for name, one in was.requirements.items() if name in seen.hidden}
    interests = {name: one for name, one in was.interests.items() if name not in seen.interests}
    return replace(
        was,
        charter=then.charter,
        parties=then.parties,
        slots=then.slots,
        contracts=then.contracts,
        scenarios=then.scenarios,
        gates=then.gates,
        requirements={**own, **then.requirements},
        interests={**interests, **then.interests},
        negatives=then.negatives,
        origin={**was.origin, **then.origin},
    )


def freeze(programme: Programme, name: str) -> Path:
    """Keep the lock of a programme as a baseline. A name is given once."""
    if programme.lock is None:
        raise NotFound(Problem(text("there is no lock to keep"), "--freeze", text("pin the offers first: covolt lock")))
    if not re.fullmatch(IDENTIFIER, name):
        raise InputError(Problem(text("'{name}' is no name of a baseline", name=name), "--freeze", _latin(name)))
    path = _file(programme.root, name)
    taken = Problem(
        text("the baseline '{name}' is already kept", name=name),
        str(path),
        text("a baseline never changes: choose another name"),
    )
    if path.exists():
        raise Conflict(taken)
    lock = programme.lock.model_copy(update={"frozen": programme.day, "documents": _held(programme)})
    try:
        return write_lock(programme.root, lock, path.relative_to(programme.root).as_posix(), before="")
    except InputError as error:
        if path.exists():
            raise Conflict(taken) from error
        raise

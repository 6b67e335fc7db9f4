"""Baselines: locks kept under a name, with which later states are compared."""

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
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.text import IDENTIFIER, identifier_of
from covolt.programme.walk import link_on_the_way

__all__ = ["baseline_problems", "baselines", "freeze", "kept_baseline", "last_baseline", "read_lock"]

FOLDER = "baselines"


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
        raise InputError(Problem("this is a link", str(link), "put the lock itself here"))
    lock = read_document(path, PROGRAMME_SCHEMAS)
    if not isinstance(lock, Lock):
        raise InputError(Problem("this file is no lock", str(path), "name a programme.lock, a folder, or a commit"))
    return lock


def last_baseline(programme: Programme) -> Path | None:
    """The baseline that was kept last; of one day the last by name. None where there is none; raises where one is no baseline."""
    found = [(path, _read(path, programme)) for path in baselines(programme.files.folder)]
    if problems := [one for _, (_, problems) in found for one in problems]:
        raise InputError(problems)
    return max(((frozen, path.name, path) for path, (frozen, _) in found), default=("", "", None))[2]


def baseline_problems(programme: Programme) -> list[Problem]:
    """What makes a kept lock none with which a later state can be compared."""
    return [one for path in baselines(programme.files.folder) for one in _read(path, programme)[1]]


def _read(path: Path, programme: Programme) -> tuple[str, list[Problem]]:
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
        what, hint = f"this baseline was kept on {frozen}, which is still to come", "remove it, or mend its day"
        return frozen, [Problem(what, f"{place} (frozen)", hint)]
    return frozen, []


def _latin(name: str) -> str:
    said = "use Latin letters, digits, - and _"
    return f"{said}, such as {latin}" if (latin := identifier_of(name)) else said


def freeze(programme: Programme, name: str) -> Path:
    """Keep the lock of a programme as a baseline. A name is given once."""
    if programme.lock is None:
        raise NotFound(Problem("there is no lock to keep", "--freeze", "pin the offers first: covolt lock"))
    if not re.fullmatch(IDENTIFIER, name):
        raise InputError(Problem(f"'{name}' is no name of a baseline", "--freeze", _latin(name)))
    path = _file(programme.root, name)
    taken = f"the baseline '{name}' is already kept", str(path), "a baseline never changes: choose another name"
    if path.exists():
        raise Conflict(Problem(*taken))
    lock = programme.lock.model_copy(update={"frozen": programme.day})
    try:
        return write_lock(programme.root, lock, path.relative_to(programme.root).as_posix(), before="")
    except InputError as error:
        if path.exists():
            raise Conflict(Problem(*taken)) from error
        raise

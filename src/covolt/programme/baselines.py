"""Baselines: locks kept under a name, with which later states are compared."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from covolt.contract.schemas import read_document
from covolt.errors import InputError, Problem
from covolt.programme.documents import Programme
from covolt.programme.lock import Lock
from covolt.programme.locking import write_lock
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.text import IDENTIFIER

__all__ = ["baseline_file", "freeze", "last_baseline", "read_lock"]

FOLDER = "baselines"


def baseline_file(root: Path, name: str) -> Path:
    """File in which a baseline of that name stands, or would."""
    return root / FOLDER / f"{name}.lock"


def read_lock(path: Path) -> Lock:
    """The lock in a file."""
    lock = read_document(path, PROGRAMME_SCHEMAS)
    if not isinstance(lock, Lock):
        raise InputError(Problem("this file is no lock", str(path), "name a programme.lock, a folder, or a commit"))
    return lock


def last_baseline(root: Path) -> Path | None:
    """The baseline that was kept last; of one day the last by name. None where there is none."""
    found = [(read_lock(path).frozen, path.name, path) for path in (root / FOLDER).glob("*.lock")]
    return max(found)[2] if found else None


def freeze(programme: Programme, name: str) -> Path:
    """Keep the lock of a programme as a baseline. A name is given once."""
    if programme.lock is None:
        raise InputError(Problem("there is no lock to keep", "--freeze", "pin the offers first: covolt lock"))
    if not re.fullmatch(IDENTIFIER, name):
        raise InputError(Problem(f"'{name}' is no name of a baseline", "--freeze", "use letters, digits, - and _"))
    path = baseline_file(programme.root, name)
    taken = f"the baseline '{name}' is already kept", str(path), "a baseline never changes: choose another name"
    if path.exists():
        raise InputError(Problem(*taken))
    lock = programme.lock.model_copy(update={"frozen": date.today().isoformat()})
    try:
        return write_lock(programme.root, lock, path.relative_to(programme.root).as_posix(), before="")
    except InputError as error:
        if path.exists():
            raise InputError(Problem(*taken)) from error
        raise

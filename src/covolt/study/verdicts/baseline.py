"""Baselines: an earlier state of a programme, from another lock or from a commit."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from covolt.contract.architecture import SECOND_AXLE
from covolt.errors import InputError, Problem
from covolt.programme.baselines import baseline_file, read_lock
from covolt.programme.coherence import pin_problems
from covolt.programme.documents import Programme
from covolt.programme.folder import CHARTER_FILE
from covolt.programme.reading import read_programme
from covolt.study.verdicts.commit import HINT, written_out
from covolt.study.verdicts.verification import requirement_problems

__all__ = ["baseline"]


@contextmanager
def baseline(head: Programme, base: str) -> Generator[Programme]:
    """The programme as it was: in another folder, with a lock of a file or a baseline, or in that commit, tag or branch.

    A folder without a charter is none: a branch may be called as a folder of the programme is.
    """
    path, kept = Path(base), baseline_file(head.root, base)
    if (path / CHARTER_FILE).is_file():
        yield _read(path, base)
    elif path.is_file() or kept.is_file():
        yield _with_lock(head, path if path.is_file() else kept)
    else:
        with TemporaryDirectory(prefix="covolt-base-") as folder:
            yield _at_commit(head, base, Path(folder))


def _read(path: Path, base: str) -> Programme:
    try:
        return read_programme(path, placed=False, further=requirement_problems)
    except InputError as error:
        raise InputError([Problem(one.what, f"{base}, {one.where}", one.hint) for one in error.problems]) from error


def _with_lock(head: Programme, path: Path) -> Programme:
    lock, slots = read_lock(path), head.slots
    if lock.slots.keys().isdisjoint(SECOND_AXLE):
        # The second axle is younger than this lock.
        slots = {name: slot for name, slot in slots.items() if name not in SECOND_AXLE}
    was = replace(head, lock=lock, slots=slots)
    problems = pin_problems(was)
    if problems:
        raise InputError([Problem(one.what, str(path), one.hint) for one in problems])
    return was


def _at_commit(head: Programme, commit: str, folder: Path) -> Programme:
    written_out(head.root, commit, folder)
    if not (folder / CHARTER_FILE).is_file():
        raise InputError(Problem(f"there was no programme here at '{commit}'", "BASE", HINT))
    return _read(folder, commit)

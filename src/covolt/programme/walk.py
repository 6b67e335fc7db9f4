"""Which files in the folder of a programme are its documents, and whether they still are what was read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from covolt.errors import Problem, system_said
from covolt.journal import HOME
from covolt.words import text

__all__ = ["LOCK_FILE", "digest_of_file", "document_files", "is_document", "link_on_the_way", "moved"]

LOCK_FILE = "programme.lock"
PRIVATE_FOLDERS = frozenset({"build", "evidence", "data", "node_modules"})
"""Folders whose files are not documents of the programme: what is made from it, and what is attached to it."""
UNWALKED = frozenset({"data", "node_modules", HOME})
"""Those in which covolt has nothing to look for."""


def document_files(root: Path, problems: list[Problem]) -> list[Path]:
    """Every file of the programme; what cannot be looked into is a problem, for a requirement may lie there."""

    def closed(error: OSError) -> None:
        where = Path(error.filename).relative_to(root).as_posix()
        problems.append(Problem(system_said(error), where, text("check the permissions of this folder")))

    files: list[Path] = []
    for folder, inner, names in os.walk(root, onerror=closed):
        at = Path(folder)
        private = not PRIVATE_FOLDERS.isdisjoint(at.relative_to(root).parts)
        inner[:] = sorted(name for name in inner if not name.startswith(".") or name == HOME)
        for name in inner:
            if (at / name).is_symlink():
                where = (at / name).relative_to(root).as_posix()
                problems.append(Problem(text("this is a link to a folder"), where, text("put the folder itself here")))
        inner[:] = [name for name in inner if name not in UNWALKED]
        if private:
            continue
        files += [at / name for name in names if _is_document(name)]
    return sorted(files)


def _is_document(name: str) -> bool:
    """An editor's own mark beside an open file begins with .#"""
    return (name.lower().endswith(".toml") or name == LOCK_FILE) and not name.startswith(".#")


def is_document(place: str) -> bool:
    """The same of a place in a programme that lies in no folder."""
    *folders, name = place.split("/")
    hidden = any(one.startswith(".") for one in folders)
    return _is_document(name) and not hidden and {*folders}.isdisjoint(PRIVATE_FOLDERS | UNWALKED)


def link_on_the_way(path: Path, root: Path) -> Path | None:
    """The first link between the folder of a programme and a file in it, that file among them; None where there is none."""
    steps = path.relative_to(root).parts
    ways = (root.joinpath(*steps[:count]) for count in range(1, len(steps) + 1))
    return next((one for one in ways if one.is_symlink()), None)


def moved(root: Path, digests: Mapping[str, str], besides: str) -> list[Problem]:
    """Documents that are no longer what had these digests, gone and new ones too; those below one folder do not matter."""
    now = {
        file.relative_to(root).as_posix(): digest_of_file(file) for file in document_files(root, []) if file.is_file()
    }
    names = sorted(name for name in {*now, *digests} if now.get(name) != digests.get(name))
    what, hint = text("this has changed since it was read"), text("look at it, then run this again")
    return [Problem(what, name, hint) for name in names if not name.startswith(f"{besides}/")]


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()

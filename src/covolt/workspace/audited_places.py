"""The audit of places: settings and programs in repositories that are not the workspace's, and what lies where nothing should."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

from covolt.errors import CovoltError, Problem
from covolt.words import text
from covolt.workspace.repository import INCOMING, Repository

__all__ = ["beside_programmes", "settings_problems", "stray_parties"]

WRITTEN = re.compile(
    r"core\.repositoryformatversion=0|core\.bare=true|core\.(?:filemode|symlinks|ignorecase|precomposeunicode)=(?:true|false)"
)
"""Settings as Git writes them into a new repository; the workspace writes none."""
OF_GIT = frozenset(
    {"HEAD", "config", "description", "hooks", "info", "objects", "refs", "packed-refs", "branches", "FETCH_HEAD"}
)
LEFT = (INCOMING, "fast_import_crash_")
"""How what was interrupted is called."""
LOOK = text("find out who put it there, then take it out")


def settings_problems(repository: Repository, place: str) -> Iterator[Problem]:
    """What in a repository, beside its objects and refs, could make Git run or read something else than what was written."""
    folder = repository.folder
    try:
        words = ("config", "--file", str(folder / "config"), "--no-includes", "--null", "--list")
        settings = repository.asked(*words).decode(errors="replace").split("\0")
    except (subprocess.CalledProcessError, CovoltError):
        yield Problem(text("its settings cannot be read"), f"{place}/config", LOOK)
        settings = []
    for one in filter(None, (each.replace("\n", "=", 1) for each in settings)):
        if not WRITTEN.fullmatch(one):
            what = text("the workspace wrote no such setting: {setting}", setting=one.partition("=")[0])
            yield Problem(what, f"{place}/config", LOOK)
    stray = [one for one in folder.iterdir() if one.name not in OF_GIT and not one.name.startswith(LEFT)]
    stray += [one for one in folder.glob("hooks/*") if one.suffix != ".sample"]
    stray += [one for one in folder.glob("info/*") if one.name != "exclude"]
    stray += folder.glob("objects/info/*alternates")
    for one in sorted(stray):
        if not one.name.endswith(".lock"):  # of a Git that writes, or was ended
            yield _stray(f"{place}/{one.relative_to(folder).as_posix()}")


def beside_programmes(home: Path, names: Collection[str]) -> Iterator[Problem]:
    """What lies among the programmes and is none that was begun."""
    for one in sorted((home / "programmes").glob("*")):
        if one.name not in names:
            yield _stray(f"programmes/{one.name}")


def stray_parties(folder: Path, name: str) -> Iterator[Problem]:
    """What lies among the repositories of parties and is none."""
    for one in sorted((folder / "parties").glob("*")):
        if one.suffix != ".git" or one.is_symlink() or not one.is_dir():
            yield _stray(f"programmes/{name}/parties/{one.name}")


def _stray(place: str) -> Problem:
    return Problem(text("the workspace put nothing here"), place, LOOK)

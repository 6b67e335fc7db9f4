"""Whether the workspace can do its work: the database answers, Git runs, and the disk takes what is written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import text as statement

from covolt.workspace.programmes import Programmes

__all__ = ["ready"]

PATIENCE_s = 5.0


def ready(programmes: Programmes) -> Mapping[str, bool]:
    """What works, by its name; why something does not is said in no answer."""
    asked: Mapping[str, Callable[[], None]] = {
        "database": lambda: _database(programmes),
        "git": _git,
        "disk": lambda: _disk(programmes.home),
    }
    return {name: _works(ask) for name, ask in asked.items()}


def _works(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Exception:  # whatever keeps it from working
        return False
    return True


def _database(programmes: Programmes) -> None:
    with programmes.database.reading() as session:
        session.execute(statement("SELECT 1"))


def _git() -> None:
    found = shutil.which("git")
    if found is None:
        raise FileNotFoundError("git")
    subprocess.run([found, "--version"], check=True, capture_output=True, timeout=PATIENCE_s)


def _disk(home: Path) -> None:
    with TemporaryFile(dir=home) as file:
        file.write(b"\0" * 4096)
        file.flush()

"""Baselines: an earlier state of a programme, from another lock or from a commit."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from covolt.errors import InputError, Problem
from covolt.programme.baselines import baseline_file, read_lock
from covolt.programme.coherence import incoherences
from covolt.programme.folder import Programme, read_programme

__all__ = ["baseline"]

PATIENCE_s = 60.0


@contextmanager
def baseline(head: Programme, base: str) -> Generator[Programme]:
    """The programme as it was: in a folder, with a lock of a file or a baseline, or in the commit, tag or branch of that name."""
    path, kept = Path(base), baseline_file(head.root, base)
    if path.is_dir():
        yield read_programme(path)
    elif path.is_file() or kept.is_file():
        yield _with_lock(head, path if path.is_file() else kept)
    else:
        with TemporaryDirectory(prefix="covolt-base-") as folder:
            yield _at_commit(head, base, Path(folder))


def _with_lock(head: Programme, path: Path) -> Programme:
    was = replace(head, lock=read_lock(path))
    problems = incoherences(was)
    if problems:
        raise InputError([Problem(one.what, str(path), one.hint) for one in problems])
    return was


def _at_commit(head: Programme, commit: str, folder: Path) -> Programme:
    hint = "name a baseline, a lock file, a folder, or a commit, tag or branch"
    if commit.startswith("-"):
        raise InputError(Problem(f"'{commit}' is no commit", "BASE", hint))
    try:
        packed = subprocess.run(
            ["git", "archive", "--format=tar", commit, "--", "."],
            cwd=head.root,
            capture_output=True,
            check=True,
            timeout=PATIENCE_s,
        ).stdout
    except FileNotFoundError as error:
        raise InputError(Problem("git is not installed", "BASE", "install git, or name a programme.lock")) from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace").strip().removeprefix("fatal: ") or "git did not answer"
        raise InputError(Problem(f"no state '{commit}' of this programme: {said}", "BASE", hint)) from error
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return read_programme(folder)

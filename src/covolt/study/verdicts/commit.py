"""What a commit holds, byte for byte as committed: no setting, attribute, hook or replacement of a repository has a say."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

from covolt.errors import InputError, Problem

__all__ = ["HINT", "is_tracked", "written_out"]

PATIENCE_s = 60.0
MOST_FILES, LARGEST_STATE_bytes = 50_000, 1 << 30
HINT = "name a baseline, a lock file, a folder, or a commit, tag or branch"
PLAIN = frozenset({"100644", "100755"})
CALM = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "-c", "core.attributesFile=")


class _Blob(NamedTuple):
    """A file of a commit: its path, the name of its content, and its size."""

    path: str
    name: str
    size_bytes: int


def written_out(folder: Path, commit: str, to: Path) -> None:
    """Write the files that a folder held at a commit into an empty folder.

    They are read as objects, not as an archive, which would obey the attributes of the other side. Raises where one is a link
    or a repository of its own, leads out of the folder, or where all of them are more than any programme has.
    """
    if commit.startswith("-"):
        raise InputError(Problem(f"'{commit}' is no commit", "BASE", HINT))
    try:
        state = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}").decode().strip()
        listed = _git(folder, "ls-tree", "-r", "-z", "-l", state)
        blobs = _blobs(listed, commit)
        _write(folder, blobs, to, commit)
    except FileNotFoundError as error:
        raise InputError(Problem("git is not installed", "BASE", "install git, or name a programme.lock")) from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace").strip().removeprefix("fatal: ") or "git did not answer"
        raise InputError(Problem(f"no state '{commit}' of this programme: {said}", "BASE", HINT)) from error


def is_tracked(folder: Path, path: str) -> bool:
    """Whether a repository holds something under a path of a folder; not where there is none, or no git."""
    try:
        return bool(_git(folder, "ls-files", "-z", "--", path))
    except (OSError, subprocess.SubprocessError):
        return False


def _git(folder: Path, *words: str) -> bytes:
    command = [*GIT, *words]
    environment = os.environ | CALM
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=True, timeout=PATIENCE_s
    ).stdout


def _blobs(listed: bytes, commit: str) -> list[_Blob]:
    """The files of a listing, all that is wrong with them told at once."""
    blobs: list[_Blob] = []
    problems: list[Problem] = []
    for row in listed.split(b"\0")[:-1]:
        about, _, raw = row.partition(b"\t")
        mode, _, name, size = about.decode("ascii").split()
        path = os.fsdecode(raw)
        steps = path.split("/")
        hint = "name a state in which it is gone"
        if mode not in PLAIN:
            what = "a link" if mode == "120000" else "a repository of its own"
            problems.append(Problem(f"the state '{commit}' holds {what}", path, hint))
        elif not {"", ".", "..", ".git"}.isdisjoint(steps) or "\\" in path:
            problems.append(Problem(f"the state '{commit}' holds a file that leads out of it", path, hint))
        else:
            blobs.append(_Blob(path, name, int(size)))
    size_bytes = sum(one.size_bytes for one in blobs)
    if len(blobs) > MOST_FILES or size_bytes > LARGEST_STATE_bytes:
        what = f"the state '{commit}' has {len(blobs)} files and {size_bytes / 2**20:.0f} MiB"
        hint = f"compare with one of at most {MOST_FILES} files and {LARGEST_STATE_bytes >> 20} MiB"
        problems.append(Problem(what, "BASE", hint))
    if problems:
        raise InputError(problems)
    return blobs


def _write(folder: Path, blobs: list[_Blob], to: Path, commit: str) -> None:
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{one.name}\n" for one in blobs).encode())
        asked.seek(0)
        command = [*GIT, "cat-file", "--batch"]
        with subprocess.Popen(
            command, cwd=folder, env=os.environ | CALM, stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                for one in blobs:
                    _write_one(process.stdout, one, to)
            except (OSError, ValueError) as error:
                process.kill()
                what = f"the state '{commit}' cannot be written out: {error}"
                raise InputError(Problem(what, "BASE", "look at it: git fsck")) from error


def _write_one(stream: IO[bytes] | None, blob: _Blob, to: Path) -> None:
    if stream is None:
        raise ValueError("git gives nothing")
    place = to / blob.path
    head = stream.readline().split()
    if head != [blob.name.encode(), b"blob", str(blob.size_bytes).encode()]:
        raise ValueError(f"{blob.path} is not there whole")
    content = stream.read(blob.size_bytes)
    if len(content) != blob.size_bytes or stream.read(1) != b"\n":
        raise ValueError(f"{blob.path} is cut")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as file:
        file.write(content)

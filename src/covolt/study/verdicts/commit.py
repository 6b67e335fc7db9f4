"""What a commit holds, byte for byte as committed: no setting, attribute, hook or replacement of a repository has a say.

The repository is the one whose `.git` lies nearest above the programme. Files that only look like a repository, as anybody can
commit them, are none; and nothing is fetched, since the other side's settings say what command does that.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from covolt.errors import InputError, NotFound, Problem, Unavailable
from covolt.journal import HOME
from covolt.words import text

__all__ = ["HINT", "Repository", "commit_named", "committed_on", "is_tracked", "newest_committed", "written_out"]

PATIENCE_s = 60.0
MOST_FILES, LARGEST_STATE_bytes = 50_000, 1 << 30
HINT = text("name a baseline, a lock file, a folder, or a commit, tag or branch")
PLAIN = frozenset({"100644", "100755"})
CALM = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    # Git before 2.44 fetches all the same what a promisor is to give.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
ELSEWHERE = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX"})
"""What names another repository than the one that is looked for."""
SETTINGS = (
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=",
    "core.attributesFile=",
    "core.warnAmbiguousRefs=true",
)
GIT = ("git", *(word for one in SETTINGS for word in ("-c", one)))
TWO_MEANINGS = b" is ambiguous"


class _Blob(NamedTuple):
    """A file of a commit: its path, the name of its content, and its size."""

    path: str
    name: str
    size_bytes: int


class Repository(NamedTuple):
    """Folder that holds a `.git`, and the way from there to the folder that is asked about, with /."""

    top: Path
    way: str

    def asks(self) -> dict[str, Any]:
        """How Git is run, so that it looks for a repository here and nowhere above."""
        environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE} | CALM
        return {"cwd": self.top, "env": environment | {"GIT_CEILING_DIRECTORIES": str(self.top.parent)}}

    def git(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Output of a command of Git; raises where it fails."""
        return subprocess.run([*GIT, *words], **self.asks(), capture_output=True, check=True, timeout=PATIENCE_s)


def _repository(folder: Path) -> Repository | None:
    at = folder.resolve()
    top = next((one for one in (at, *at.parents) if os.path.lexists(one / ".git")), None)
    return None if top is None else Repository(top, "" if at == top else at.relative_to(top).as_posix())


def commit_named(folder: Path, name: str) -> str | None:
    """Full name of the commit that a repository knows by a name; None where there is none. Raises where it knows two."""
    try:
        return _commit(_repository(folder), name)
    except (OSError, subprocess.SubprocessError):
        return None


def _commit(repository: Repository | None, name: str) -> str | None:
    if repository is None or name.startswith("-"):
        return None
    found = repository.git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    if TWO_MEANINGS in found.stderr:
        what = text("Git knows more than one thing by the name '{name}'", name=name)
        raise InputError(
            Problem(what, "BASE", text("say which: refs/tags/{name}, refs/heads/{name}, or a full hash", name=name))
        )
    return found.stdout.decode().strip()


def written_out(folder: Path, commit: str, to: Path) -> None:
    """Write the files that a folder held at a commit into an empty folder, but for what is of one user's covolt alone.

    They are read as objects, not as an archive, which would obey the attributes of the other side. Raises where one is a link
    or a repository of its own, leads out of the folder, or where all of them are more than any programme has.
    """
    try:
        repository = _repository(folder)
        state = _commit(repository, commit)
        if repository is None or state is None:
            why = "" if repository else text(": {folder} lies in no Git repository", folder=str(folder))
            raise NotFound(Problem(text("'{commit}' is no commit{why}", commit=commit, why=why), "BASE", HINT))
        listed = repository.git("ls-tree", "-r", "-z", "-l", "--full-tree", f"{state}:{repository.way}").stdout
        blobs = _blobs(listed, commit)
        _write(repository, blobs, to, commit)
    except FileNotFoundError as error:
        raise Unavailable(
            Problem(text("git is not installed"), "BASE", text("install git, or name a programme.lock"))
        ) from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace").strip().removeprefix("fatal: ") or "git did not answer"
        raise NotFound(
            Problem(text("no state '{commit}' of this programme: {said}", commit=commit, said=said), "BASE", HINT)
        ) from error


def is_tracked(folder: Path, path: str) -> bool:
    """Whether a repository holds something under a path of a folder; not where there is none, or no git."""
    try:
        repository = _repository(folder)
        return repository is not None and bool(
            repository.git("ls-files", "-z", "--", f":(literal){PurePosixPath(repository.way, path)}").stdout
        )
    except (OSError, subprocess.SubprocessError):
        return False


def committed_on(folder: Path | None, path: str) -> str:
    """Day of the commit that last wrote a file as it now lies there; empty where it is not committed so, or there is no git."""
    try:
        repository = None if folder is None else _repository(folder)
        if repository is None:
            return ""
        name = f":(literal){PurePosixPath(repository.way, path)}"
        if repository.git("status", "--porcelain", "-z", "--", name).stdout:
            return ""
        return repository.git("log", "-1", "--format=%cs", "--", name).stdout.decode("ascii").strip()
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""


def newest_committed(folder: Path | None, under: str) -> dict[str, int]:
    """Files under a path of a folder that lie there as they are committed, with how many commits of such files came after.

    Empty where there is no repository, or no git.
    """
    try:
        repository = None if folder is None else _repository(folder)
        if repository is None:
            return {}
        name = f":(literal){PurePosixPath(repository.way, under)}"
        log = repository.git("log", "--format=%x01", "--name-only", "-z", "--", name).stdout
        status = repository.git("status", "--porcelain", "-z", "--", name).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    way = f"{repository.way}/" if repository.way else ""
    changed = {os.fsdecode(row[3:]).removeprefix(way) for row in status.split(b"\0")}
    found: dict[str, int] = {}
    for age, commit in enumerate(log.split(b"\x01")):
        for path in commit.split(b"\0"):
            if place := os.fsdecode(path).strip("\n").removeprefix(way):
                found.setdefault(place, age)
    return {place: age for place, age in found.items() if place not in changed}


def _blobs(listed: bytes, commit: str) -> list[_Blob]:
    """The files of a listing, all that is wrong with them told at once."""
    blobs: list[_Blob] = []
    problems: list[Problem] = []
    for row in listed.split(b"\0")[:-1]:
        about, _, raw = row.partition(b"\t")
        mode, _, name, size = about.decode("ascii").split()
        path = os.fsdecode(raw)
        steps = path.split("/")
        if steps[0] == HOME:
            continue
        hint = text("name a state in which it is gone")
        if mode not in PLAIN:
            what = text("a link") if mode == "120000" else text("a repository of its own")
            problems.append(Problem(text("the state '{commit}' holds {what}", commit=commit, what=what), path, hint))
        elif not {"", ".", "..", ".git"}.isdisjoint(steps) or "\\" in path:
            problems.append(
                Problem(text("the state '{commit}' holds a file that leads out of it", commit=commit), path, hint)
            )
        elif not size.isdecimal():
            problems.append(
                Problem(
                    text("the repository lacks this file of '{commit}'", commit=commit),
                    path,
                    text("look at it: git fsck"),
                )
            )
        else:
            blobs.append(_Blob(path, name, int(size)))
    size_bytes = sum(one.size_bytes for one in blobs)
    if len(blobs) > MOST_FILES or size_bytes > LARGEST_STATE_bytes:
        what = text(
            "the state '{commit}' has {blobs} files and {size_bytes:.0f} MiB",
            commit=commit,
            blobs=len(blobs),
            size_bytes=size_bytes / 2**20,
        )
        hint = text(
            "compare with one of at most {most_files} files and {largest_state_bytes} MiB",
            most_files=MOST_FILES,
            largest_state_bytes=LARGEST_STATE_bytes >> 20,
        )
        problems.append(Problem(what, "BASE", hint))
    if problems:
        raise InputError(problems)
    return blobs


def _write(repository: Repository, blobs: list[_Blob], to: Path, commit: str) -> None:
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{one.name}\n" for one in blobs).encode())
        asked.seek(0)
        command = [*GIT, "cat-file", "--batch"]
        with subprocess.Popen(
            command, **repository.asks(), stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                for one in blobs:
                    _write_one(process.stdout, one, to)
            except (OSError, ValueError) as error:
                process.kill()
                what = text("the state '{commit}' cannot be written out: {error}", commit=commit, error=str(error))
                raise InputError(Problem(what, "BASE", text("look at it: git fsck"))) from error


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

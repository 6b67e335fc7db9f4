"""A repository of Git that only this workspace writes: files in, files out, byte for byte; no setting of it has a say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, final

from covolt.errors import Conflict, InputError, Problem, Unavailable
from covolt.words import text

__all__ = [
    "INCOMING",
    "MAIN",
    "NOTHING",
    "OWN_MAILS",
    "Author",
    "Commit",
    "MOST_INPUT_bytes",
    "Repository",
    "environment",
    "overtaken",
]

MAIN = "refs/heads/main"
LOCKS = (f"{MAIN}.lock", "packed-refs.lock", "HEAD.lock")
OWN_MAILS = "covolt.invalid"
"""Domain of the mails by which the workspace names who wrote; nobody receives mail there (RFC 2606)."""
NOTHING = "0" * 40
"""What Git writes in place of a commit that is not there."""
PATIENCE_s = 60.0
INCOMING, LEFT_s = "incoming-", 3600.0
MOST_INPUT_bytes = 100 * 1024**2
LARGE = "8m"
"""From this size on Git reads a file piece by piece, so that none of a stranger fills the memory."""
_GIT = (
    "git",
    "-c",
    "core.hooksPath=",
    "-c",
    "safe.bareRepository=all",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    f"core.bigFileThreshold={LARGE}",
)
_KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
_FULL = re.compile(rb"No space left|File too large|Disk quota|nable to write|write error|write failure")
_NAME = re.compile(r"[^\w .,'()@+-]+", re.ASCII)


@final
@dataclass(frozen=True)
class Author:
    """Who writes: a person's name, and the party for which that person acts."""

    name: str
    party: str

    def line(self, when: datetime) -> str:
        """As Git has it, in the seconds of UTC."""
        called, party = _NAME.sub(" ", self.name).strip() or "covolt", re.sub(r"[^a-z0-9-]+", "-", self.party)
        who = f"{called} ({party}) <{party}@{OWN_MAILS}>" if party else f"{called} <workspace@{OWN_MAILS}>"
        return f"{who} {int(when.timestamp())} +0000"


@final
@dataclass(frozen=True)
class Commit:
    """One commit: its hash, who wrote it, and what it says, both as its writer gives them; when, only the log tells."""

    hash: str
    author: str
    message: str


@final
class Repository:
    """A bare repository in a folder. What it holds at a commit are files by their paths; links and modules are none.

    Args:
        folder: where it lies.
        objects: where what is new to it is written, apart from it, until it is taken; its own where none is named.
    """

    def __init__(self, folder: Path, objects: Path | None = None) -> None:
        self.folder = folder
        self._objects = objects

    def begin(self) -> None:
        """Make it, empty, where there is none."""
        if not (self.folder / "HEAD").is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", "--initial-branch=main", str(self.folder), anywhere=True)

    def head(self, branch: str = MAIN) -> str:
        """Commit at which a branch stands; empty where nothing was committed to it yet."""
        loose = _read(self.folder / branch)
        if loose:
            return loose.strip()
        for line in _read(self.folder / "packed-refs").splitlines():
            commit, _, name = line.partition(" ")
            if name == branch:
                return commit
        return ""

    def files(self, commit: str, *under: str) -> dict[str, bytes]:
        """Content of every file of a commit, or of those under some folders alone, by its path."""
        if not commit:
            return {}
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *under)
        rows = [line.partition(b"\t") for line in listed.split(b"\0") if line]
        plain = [(head.split()[2], path) for head, _, path in rows if head.startswith(b"100")]
        told = self._git("cat-file", "--batch", given=b"".join(name + b"\n" for name, _ in plain))
        found, at = dict[str, bytes](), 0
        for _, path in plain:
            end = told.index(b"\n", at)
            size = int(told[at:end].split()[2])
            found[path.decode("utf-8", "surrogateescape")] = told[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def file(self, commit: str, path: str) -> bytes:
        """Content of one file of a commit; nothing where it is not in it."""
        listed = self._git("ls-tree", "-z", "--full-tree", commit, "--", path) if commit else b""
        return self._git("cat-file", "blob", listed.split()[2].decode()) if listed else b""

    def commit(
        self,
        files: Mapping[str, bytes],
        before: str,
        author: Author,
        message: str,
        when: datetime,
        branch: str = MAIN,
    ) -> str:
        """Write files as the whole content of a commit after `before`, empty for the first; the new commit's hash.

        Raises:
            Conflict: the branch no longer stands at `before`: somebody else was quicker, and nothing is written.
        """
        said = message.encode()
        lines = [
            b"commit %b\n" % branch.encode(),
            b"mark :1\n",
            b"committer %b\n" % author.line(when).encode(),
            b"data %d\n%b\n" % (len(said), said),
            b"from %b\n" % before.encode() if before else b"",
            b"deleteall\n",
        ]
        for path, content in sorted(files.items()):
            lines.append(b"M 100644 inline %b\ndata %d\n%b\n" % (_quoted(path), len(content), content))
        lines.append(b"get-mark :1\ndone\n")
        try:
            if self.head(branch) != before:
                raise overtaken(branch)
            told = self._git("fast-import", "--quiet", "--done", "--date-format=raw", given=b"".join(lines))
        except subprocess.CalledProcessError:
            if self.head(branch) != before:  # somebody was quicker between the look and the writing
                raise overtaken(branch) from None
            raise
        return told.decode().strip()

    def log(self, most: int = 100, branch: str = MAIN, *, only: Sequence[str] = ()) -> list[Commit]:
        """The newest commits, newest first; where some are named `only` those that are here."""
        named = ("--no-walk=unsorted", "--ignore-missing", *only) if only else (self.head(branch),)
        if not named[-1]:
            return []
        told = self._git("log", "-z", f"--max-count={most}", "--format=%H%n%an%n%B", *named).decode(errors="replace")
        rows = [one.split("\n", 2) for one in told.split("\0") if one]
        return [Commit(name, author, said.strip()) for name, author, said in rows]

    @contextmanager
    def received(self, pack: BinaryIO | None) -> Generator[Repository]:
        """The repository with the objects of a pack beside it, which are gone afterwards unless they were taken.

        Raises:
            InputError: the pack is none, is too large, or an object of it is not as Git has them.
        """
        with TemporaryDirectory(prefix=INCOMING, dir=self.folder) as made:
            self._sweep(Path(made))
            found = Repository(self.folder, Path(made))
            if pack is not None:
                found._read_pack(pack)
            yield found

    def _sweep(self, newest: Path) -> None:
        """Take out what was left by who was killed while it received, long ago."""
        for one in self.folder.glob(f"{INCOMING}*"):
            with suppress(FileNotFoundError):
                if newest.stat().st_mtime - one.stat().st_mtime > LEFT_s:
                    shutil.rmtree(one, ignore_errors=True)

    def _read_pack(self, pack: BinaryIO) -> None:
        words = ("index-pack", "--stdin", "--fix-thin", "--strict", f"--max-input-size={MOST_INPUT_bytes}")
        try:
            self._git(*words, stdin=pack)
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines() or [""]
            what = text("Git refuses what was sent: {why}", why=said[0].removeprefix("fatal: ")[:200])
            raise InputError(Problem(what, "", text("look at it with git fsck"))) from error

    def take(self, received: Repository, before: str, commit: str) -> None:
        """Keep what was received, and let main stand at a commit of it in the place of `before`.

        Raises:
            Conflict: main no longer stands at `before`.
        """
        if received._objects is not None:
            own = self.folder / "objects" / "pack"
            own.mkdir(exist_ok=True)
            # Git finds a pack by its index, which so comes last.
            for ending in (".pack", ".rev", ".idx"):
                for path in (received._objects / "pack").glob(f"*{ending}"):
                    path.replace(own / path.name)
        try:
            self._git("update-ref", MAIN, commit, before or NOTHING)
        except subprocess.CalledProcessError:
            raise overtaken(MAIN) from None

    def put_back(self, commit: str) -> None:
        """Let main stand where what counts does, or nowhere where nothing does: what was written beyond was interrupted.

        Who calls this has the turn to write: a lock that is there is of a Git that was ended, and would shut out every other.
        """
        for one in LOCKS:
            (self.folder / one).unlink(missing_ok=True)
        head = self.head()
        if head == commit:
            return
        words = ("update-ref", MAIN, commit, head) if commit else ("update-ref", "-d", MAIN, head)
        self._git(*words)

    def asked(self, *words: str, given: bytes = b"") -> bytes:
        """What a command of Git that only reads prints here."""
        return self._git(*words, given=given)

    def packed(self, commit: str, file: BinaryIO) -> None:
        """Write a commit with all before it as one pack behind what stands in a file of the system."""
        subprocess.run(
            self.command("pack-objects", "--revs", "--stdout", "--quiet"),
            input=f"{commit}\n".encode(),
            stdout=file,
            env=self._around(),
            check=True,
        )

    def asked_little(self, most_bytes: int, *words: str) -> bytes | None:
        """The same, of what may print without end; None where that is more than `most_bytes`."""
        with subprocess.Popen(self.command(*words), env=self._around(), stdout=subprocess.PIPE) as process:
            try:
                found = process.stdout.read(most_bytes + 1) if process.stdout else b""
            finally:
                process.kill()
        return None if len(found) > most_bytes else found

    def command(self, *words: str) -> list[str]:
        """A command of Git here, as a process is begun with it."""
        return [*_GIT, f"--git-dir={self.folder}", *words]

    def _git(self, *words: str, given: bytes = b"", anywhere: bool = False, stdin: BinaryIO | None = None) -> bytes:
        try:
            done = subprocess.run(
                [*_GIT, *words] if anywhere else self.command(*words),
                stdin=stdin,
                input=given if stdin is None else None,
                env=self._around(),
                capture_output=True,
                check=True,
                timeout=PATIENCE_s,
            )
        except FileNotFoundError as error:
            raise Unavailable(Problem(text("git is not installed"), "git", text("install git"))) from error
        except subprocess.CalledProcessError as error:
            if error.returncode < 0 or _FULL.search(
                error.stderr
            ):  # ended by the system, or by a disk that takes no more
                what, hint = text("git could not write"), text("make room, then try again")
                raise Unavailable(Problem(what, "git", hint)) from error
            raise
        except subprocess.TimeoutExpired as error:
            raise Unavailable(Problem(text("git did not answer"), str(self.folder), text("try again"))) from error
        return done.stdout

    def _around(self) -> dict[str, str]:
        if self._objects is None:
            return environment()
        own = self.folder / "objects"
        return environment() | {
            "GIT_OBJECT_DIRECTORY": str(self._objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(own),
        }


def environment() -> dict[str, str]:
    """What is around a process of Git: where programs are found, and no setting or secret of whoever began this."""
    own = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return own | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_DEFAULT_REF_FORMAT": "files",  # where branches stand is read from them
        "LC_ALL": "C",
    }


def _read(file: Path) -> str:
    """What a file of Git's own says; nothing where it is not there. Who asks where a branch stands need not wait for Git."""
    try:
        return file.read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _quoted(path: str) -> bytes:
    """A path as fast-import reads any."""
    told = path.encode("utf-8", "surrogateescape").replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + told + b'"'


def overtaken(branch: str) -> Conflict:
    """Somebody else was quicker."""
    what = text("{branch} has moved meanwhile", branch=branch.removeprefix("refs/heads/"))
    return Conflict(Problem(what, "", text("look at what changed, and try again")))

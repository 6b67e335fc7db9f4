"""Files are written whole or not at all, whatever interrupts the writing, and never through a link of a programme.

What is written goes into a hidden neighbour first, is forced onto the disk, and takes its place in one step. Such a neighbour is
held by a lock of the system for as long as its writer lives: what nobody holds was left by an interruption and is swept away.

Windows has other rules: an open file is neither replaced nor removed, locks are of bytes and hold everybody off, a folder has no
handle. There a part is closed before it moves, what another program has open is waited for, readers take a lock one after the
other, and links are looked for before, not while, a folder is entered.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import final
from zipfile import ZipFile, ZipInfo

from covolt import locks
from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem, Unavailable, system_said
from covolt.locks import held, patiently, waited
from covolt.places import unportable
from covolt.words import text

__all__ = [
    "Folder",
    "cannot_write",
    "demand_portable",
    "digest_at",
    "digest_of",
    "fill",
    "held",
    "kind_of_refusal",
    "opened",
    "part_name",
    "put_aside",
    "put_at",
    "sweep",
    "unpacked",
    "waited",
    "whole",
    "write_new",
    "write_whole",
]

PART = re.compile(r"\.(?P<name>.+)\.\d+(-\d+)?\.part", re.DOTALL)
"""How the hidden neighbours are called: after their file and their writer."""
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_HINTS = {
    errno.ENOSPC: text("make room on this disk and run it again: nothing was changed"),
    errno.EDQUOT: text("make room within your quota and run it again: nothing was changed"),
    errno.EFBIG: text("allow larger files (ulimit -f) or take another disk, and run it again: nothing was changed"),
    errno.EROFS: text("this disk can only be read: work in a copy elsewhere"),
    errno.EACCES: text("you may not write here: ask the owner of the folder"),
    errno.EPERM: text("you may not write here: ask the owner of the folder"),
}
_KINDS = dict[int, type[InputError]](
    [
        *((one, Unavailable) for one in (*_FULL, errno.EIO, errno.EMFILE, errno.ENFILE)),
        *((one, Forbidden) for one in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ELOOP)),
        *((one, Conflict) for one in (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY)),
        (errno.ENOENT, NotFound),
    ]
)
"""What kind of error it is where the system does not let something be read or written."""
_ELSEWHERE = text("name a file in a folder in which you may write")


def cannot_write(error: OSError, path: str | Path, *, chosen: bool = True) -> InputError:
    """What a person is told where the system does not let something be written; the place may be one that the person chose."""
    number = error.errno or 0
    hint = _HINTS.get(number, "" if chosen else text("look at what stands in its place"))
    if chosen and number not in _FULL:
        hint = text("{hint}, or {elsewhere}", hint=hint, elsewhere=_ELSEWHERE) if hint else _ELSEWHERE
    return kind_of_refusal(error)(Problem(text("cannot be written: {why}", why=system_said(error)), str(path), hint))


def kind_of_refusal(error: OSError) -> type[InputError]:
    """What kind of error it is that the system refuses."""
    return _KINDS.get(error.errno or 0, InputError)


@final
class Folder:
    """An open folder: what is done to a name in it is done there, whatever becomes of the way that led to it."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path = path
        self.handle = handle
        self._parts: dict[str, int] = {}

    def at(self, name: str) -> str:
        """A name as the functions of the system take it beside the handle."""
        return name if self.handle is not None else str(self.path / name)

    def open(self, name: str, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
        """Open a file without following a link."""
        if locks.WINDOWS and (self.path / name).is_symlink():
            raise OSError(errno.ELOOP, "this is a link", self.at(name))
        return os.open(self.at(name), flags | _NO_LINK, mode, dir_fd=self.handle)

    def unlink(self, name: str) -> None:
        """Take a name away, where it is there."""
        with suppress(FileNotFoundError):
            patiently(lambda: os.unlink(self.at(name), dir_fd=self.handle))

    def content(self, name: str) -> bytes | None:
        """Bytes of a plain file; None where there is none. A link is not followed."""
        try:
            with os.fdopen(self.open(name), "rb") as file:
                return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
        except FileNotFoundError:
            return None

    def force(self) -> None:
        """Force the names in the folder onto the disk, where a folder can be."""
        if self.handle is not None:
            try:
                os.fsync(self.handle)
            except OSError as error:
                if error.errno not in {errno.EINVAL, errno.EBADF, errno.ENOTSUP}:
                    raise

    def put(self, part: str, name: str, *, new: bool) -> bool:
        """Let a finished part take its place; False where it is `new` and there is something already."""
        if locks.WINDOWS:
            self._release(part)
        at = self.handle
        if not new:
            patiently(lambda: os.replace(self.at(part), self.at(name), src_dir_fd=at, dst_dir_fd=at))
            return True
        try:
            os.link(self.at(part), self.at(name), src_dir_fd=at, dst_dir_fd=at)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            return self._claim(part, name)
        self.unlink(part)
        return True

    def _claim(self, part: str, name: str) -> bool:
        """The same on a disk without hard links: an empty file claims the name first."""
        try:
            os.close(self.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return self.put(part, name, new=False)

    @contextmanager
    def part(self, name: str, mode: int = 0o666) -> Generator[tuple[str, int]]:
        """A hidden neighbour of this writer's own, and its open handle; it goes where it has not taken its place."""
        part = part_name(name)
        handle = self._parts[part] = self._own(part, mode)
        try:
            yield part, handle
        finally:
            if locks.WINDOWS:
                self._release(part)
            try:
                self.unlink(part)
            finally:
                self._release(part)

    def _release(self, part: str) -> None:
        """Close a part of this writer's own, where it is open."""
        if (handle := self._parts.pop(part, None)) is not None:
            os.close(handle)

    def draft(self, part: str, content: bytes) -> None:
        """Content in a hidden neighbour that stays, for who keeps others away until it is moved."""
        handle = self._own(part, 0o666)
        try:
            fill(handle, content)
        finally:
            os.close(handle)

    def _own(self, part: str, mode: int) -> int:
        end_s = time.monotonic() + locks.PATIENCE_s
        while True:
            try:
                handle = self.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
            except FileExistsError:
                # Whoever sweeps came between the making and the holding, and takes it away in a moment.
                if time.monotonic() > end_s:
                    raise
                _sweep(self, part)
                time.sleep(locks.PAUSE_s)
                continue
            if held(handle) and (os.fstat(handle).st_nlink or self.handle is None):
                return handle
            os.close(handle)


def part_name(name: str) -> str:
    """The hidden neighbour of a file that is this writer's own."""
    return f".{name}.{os.getpid()}-{threading.get_ident()}.part"


@contextmanager
def opened(path: Path, within: Path | None = None) -> Generator[Folder]:
    """A folder, made where it is missing; within a programme no link is followed on the way from its root."""
    if within is None:
        path.mkdir(parents=True, exist_ok=True)
    steps = () if within is None else path.relative_to(within).parts
    if ".." in steps:
        raise Forbidden(Problem(text("this leads out of the programme"), str(path), text("name a place in it")))
    at = within or path
    if locks.WINDOWS:
        for step in steps:
            at /= step
            if at.is_symlink() or getattr(at, "is_junction", bool)():
                raise _a_link(at)
        path.mkdir(parents=True, exist_ok=True)
        yield Folder(path, None)
        return
    handle = os.open(at, _FOLDER)
    try:
        for step in steps:
            at /= step
            handle = _entered(handle, step, at)
        yield Folder(path, handle)
    finally:
        os.close(handle)


def demand_portable(path: Path, within: Path | None) -> None:
    """Refuse a place in a programme that some system could not hold, and on Windows any that it cannot."""
    if (within is not None or locks.WINDOWS) and (why := unportable(path, within)):
        raise InputError(Problem(why[0], str(path), why[1]))


def _a_link(at: Path) -> Forbidden:
    hint = text("put the folder itself here: nothing is written through a link")
    return Forbidden(Problem(text("this is a link to a folder"), str(at), hint))


def _entered(outer: int, step: str, at: Path) -> int:
    """Handle of an inner folder, made where it is missing; that of the outer one is closed where this succeeds."""
    try:
        os.mkdir(step, dir_fd=outer)
        Folder(at.parent, outer).force()
    except FileExistsError:
        if stat.S_ISLNK(os.stat(step, dir_fd=outer, follow_symlinks=False).st_mode):
            raise _a_link(at) from None
    inner = os.open(step, _FOLDER | _NO_LINK, dir_fd=outer)
    os.close(outer)
    return inner


@contextmanager
def whole(path: str | Path, *, within: Path | None = None) -> Generator[Path]:
    """A hidden neighbour to write to, which takes the place of `path` at the end; it goes where the writing fails.

    Its name is this writer's own, since two processes may write one file at the same time.
    """
    path = Path(path)
    demand_portable(path, within)
    try:
        with opened(path.parent, within) as folder:
            sweep(folder, path.name)
            with folder.part(path.name) as (part, _):
                yield path.with_name(part)
                _force(folder, part)
                folder.put(part, path.name, new=False)
            folder.force()
    except OSError as error:
        raise cannot_write(error, path, chosen=within is None) from error


def _force(folder: Folder, part: str) -> None:
    """Force a part onto the disk, whoever wrote it."""
    handle = folder.open(part, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(
    path: str | Path, content: str | bytes, *, within: Path | None = None, mode: int = 0o666, forced: bool = True
) -> None:
    """Write a text in UTF-8, or bytes, in the place of whatever was there; not `forced`, a loss of power may lose it."""
    _write(Path(path), content, within, mode, new=False, forced=forced)


def write_new(path: str | Path, content: str | bytes, *, within: Path | None = None, mode: int = 0o666) -> bool:
    """The same where nothing is yet; of several writers one wins, the others are given False."""
    return _write(Path(path), content, within, mode, new=True)


def _write(path: Path, content: str | bytes, within: Path | None, mode: int, *, new: bool, forced: bool = True) -> bool:
    demand_portable(path, within)
    try:
        with opened(path.parent, within) as folder:
            sweep(folder, path.name)
            with folder.part(path.name, mode) as (part, handle):
                fill(handle, content, forced=forced)
                won = folder.put(part, path.name, new=new)
            if forced:
                folder.force()
    except OSError as error:
        raise cannot_write(error, path, chosen=within is None) from error
    return won


def put_aside(path: Path) -> Path:
    """Give a file or a folder a free name beside its own; returns where it is then."""
    free = next(one for at in range(1, 10**6) if not os.path.lexists(one := path.with_name(f"{path.name}.apart-{at}")))
    put_at(path, free)
    return free


def put_at(path: Path, free: Path) -> None:
    """Give a file or a folder another name, which is free."""
    try:
        patiently(lambda: os.rename(path, free))  # noqa: PTH104  one name of the system in one way
    except OSError as error:
        raise cannot_write(error, path, chosen=False) from error


def fill(handle: int, content: str | bytes, *, forced: bool = True) -> None:
    """Write everything into an open file and force it onto the disk."""
    rest = memoryview(content.encode() if isinstance(content, str) else content)
    while rest:
        rest = rest[os.write(handle, rest) :]
    if forced:
        os.fsync(handle)


def sweep(folder: Folder, name: str | None = None) -> None:
    """Take away what interrupted writers of a file, or of any, have left in a folder; what somebody still writes stays."""
    with suppress(OSError):
        for found in os.listdir(folder.path if folder.handle is None else folder.handle):  # noqa: PTH208
            match = PART.fullmatch(found)
            if match and name in {None, match["name"]}:
                _sweep(folder, found)


def _sweep(folder: Folder, part: str) -> None:
    with suppress(OSError):
        handle = folder.open(part)
        try:
            left = stat.S_ISREG(os.fstat(handle).st_mode) and held(handle)
            if left and not locks.WINDOWS:
                folder.unlink(part)
        finally:
            os.close(handle)
        if left and locks.WINDOWS:
            folder.unlink(part)


def digest_of(content: bytes) -> str:
    """SHA-256 of bytes, as documents write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def digest_at(folder: Folder, name: str) -> str:
    """Digest of a file; empty where there is none. What is no plain file has none that anybody could expect."""
    try:
        content = folder.content(name)
        if content is not None:
            return digest_of(content)
        os.stat(folder.at(name), dir_fd=folder.handle, follow_symlinks=False)
    except FileNotFoundError:
        return ""
    except OSError:
        return "none"
    return "none"


def unpacked(archive: ZipFile, part: ZipInfo) -> bytes:
    """Content of a part of an archive, never more than the size that it states.

    Raises:
        BadZipFile: it is not of that size.
    """
    with archive.open(part) as file:
        return file.read(part.file_size + 1)

"""Archives of strangers (.fmu, .ssp), read without trust: every name, size and kind is judged before a byte is unpacked.

Refused: names that lead out, links and devices, names twice, encrypted parts, methods other than stored and deflated, parts that
overlap, more parts or bytes than a bound, and parts that unpack to another size than they state. What is unpacked goes into a
folder that nobody else has written to.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import unicodedata
import zlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from covolt.errors import InputError, NotFound, Problem, system_said
from covolt.files import kind_of_refusal
from covolt.words import Phrase, text

__all__ = ["Archive", "Bounds", "opened_archive"]

_PIECE = 1 << 20
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30
_SHOWN = 120
_LOOKED_AT = 512
"""Bytes at the beginning of what is no archive, by which it is told what it is."""


@final
@dataclass(frozen=True)
class Bounds:
    """What an archive may hold at most; the usual ones are ten times what FMUs of large models have."""

    parts: int = 20_000
    total_bytes: int = 2 * 1024**3
    part_bytes: int = 1024**3
    directory_bytes: int = 8 * 1024**2
    path_signs: int = 400


@final
class Archive:
    """An archive whose table of contents was judged; `opened_archive` makes it."""

    def __init__(self, path: Path, archive: ZipFile, digest: str, parts: dict[str, ZipInfo]) -> None:
        self.path = path
        self.digest = digest
        """SHA-256 of the whole file, in hexadecimal."""
        self._archive = archive
        self._parts = parts

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all files in it, with forward slashes."""
        return tuple(self._parts)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def size_bytes(self, name: str) -> int:
        """Unpacked size of a part, as it states it."""
        return self._parts[name].file_size

    def within(self, folder: str) -> tuple[str, ...]:
        """Names of the files below a folder."""
        return tuple(name for name in self._parts if name.startswith(f"{folder}/"))

    def read(self, name: str, most_bytes: int) -> bytes:
        """Content of a part.

        Raises:
            NotFound: there is none of this name.
            InputError: it is larger than `most_bytes`, or damaged.
        """
        info = self._parts.get(name)
        if info is None:
            hint = text("it is not whole: ask who made it to export it anew")
            raise NotFound(Problem(text("there is no {name} in it", name=name), str(self.path), hint))
        if info.file_size > most_bytes:
            what = text("{size} bytes, more than {most}", size=info.file_size, most=most_bytes)
            raise InputError(Problem(what, _place(self.path, name), text("ask who made it for a smaller one")))
        return b"".join(self._pieces(name, info))

    def unpack(self, folder: Path, names: Iterable[str] | None = None) -> None:
        """Write files into a new, empty folder, in their own sub-folders; all, or those named."""
        for name in self._parts if names is None else names:
            target = folder.joinpath(*name.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for piece in self._pieces(name, self._parts[name]):
                    file.write(piece)

    def _pieces(self, name: str, info: ZipInfo) -> Generator[bytes]:
        """Content piece by piece, never more than is stated."""
        left = info.file_size
        try:
            with self._archive.open(info) as file:
                while left >= 0 and (piece := file.read(min(_PIECE, left + 1))):
                    left -= len(piece)
                    if left >= 0:
                        yield piece
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, struct.error) as error:
            raise _damaged(_place(self.path, name)) from error
        if left:
            raise _damaged(_place(self.path, name))


@contextmanager
def opened_archive(path: Path, bounds: Bounds | None = None) -> Generator[Archive]:
    """An archive, judged.

    Raises:
        InputError: it is none, or holds what is refused; all problems at once.
    """
    bounds = bounds or Bounds()
    try:
        file = path.open("rb")
    except OSError as error:
        hint = text("name a file that is there and that you may read")
        raise kind_of_refusal(error)(Problem(system_said(error), str(path), hint)) from error
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise InputError(Problem(text("this is no ordinary file"), str(path), text("give the name of a file")))
        _judge_directory(file, path, bounds)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            archive = ZipFile(file)
        except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error, EOFError) as error:
            raise _damaged(str(path)) from error
        with archive:
            yield Archive(path, archive, digest, _judged(archive.infolist(), path, bounds))


def _judge_directory(file: BinaryIO, path: Path, bounds: Bounds) -> None:
    """Refuse a table of contents that would fill the memory before it could be judged."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))
    end = file.read(65_557)
    file.seek(0)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        file.seek(0)
        begin = file.read(_LOOKED_AT)
        file.seek(0)
        what, hint = _no_archive(begin)
        raise InputError(Problem(what, str(path), hint))
    parts, directory = struct.unpack_from("<HI", end, at + 10)
    large = parts == 0xFFFF or directory == 0xFFFFFFFF or end[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    if large:
        record = end.rfind(b"PK\x06\x06")
        if record < 0 or len(end) < record + 48:
            raise _damaged(str(path))
        parts, directory = struct.unpack_from("<QQ", end, record + 32)
    if parts > bounds.parts or directory > bounds.directory_bytes:
        what = text("{count} parts in it, more than {most}", count=parts, most=bounds.parts)
        raise InputError(Problem(what, str(path), text("ask who made it for one without what nobody needs")))


def _no_archive(begin: bytes) -> tuple[Phrase, Phrase]:
    """What a file without the end of an archive is, by its first bytes, and what to do."""
    if not begin:
        return text("the file is empty"), text("copy it again, or ask who made it")
    if begin.startswith(b"PK\x03\x04"):
        return text("it is cut short: the end of the archive (ZIP) is missing"), text("copy it again, all of it")
    hint = text("give an .fmu or .ssp file as its tool exported it")
    try:
        said = begin.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = "" if error.start < len(begin) - 4 else begin[: error.start].decode("utf-8-sig")
    if said and all(one.isprintable() or one.isspace() for one in said):
        return text("this is text, no archive (ZIP)"), hint
    return text("this is no archive (ZIP)"), hint


def _judged(entries: list[ZipInfo], path: Path, bounds: Bounds) -> dict[str, ZipInfo]:
    """Parts by name; every problem of all of them is raised at once."""
    problems: list[Problem] = []
    parts: dict[str, ZipInfo] = {}
    folders: set[str] = set()
    seen: set[str] = set()
    for info in entries:
        name = info.orig_filename.replace("\\", "/")
        refused = _refusal(info, name, bounds)
        key = unicodedata.normalize("NFC", name.rstrip("/"))
        if refused is None and key in seen and not (name.endswith("/") and key in folders):
            refused = text("this name is there twice")
        if refused is not None:
            problems.append(Problem(refused, _place(path, name), text("ask who made it to export it anew")))
            continue
        seen.add(key)
        folders.update(key[:at] for at, sign in enumerate(key) if sign == "/")
        if name.endswith("/"):
            folders.add(key)
        else:
            parts[name] = info
    for name in parts:
        if unicodedata.normalize("NFC", name) in folders:
            what = text("this name is a file and a folder")
            problems.append(Problem(what, _place(path, name), text("ask who made it to export it anew")))
    problems += _of_all(entries, path, bounds)
    if problems:
        raise InputError(problems[:50])
    return parts


def _refusal(info: ZipInfo, name: str, bounds: Bounds) -> Phrase | None:
    """Why a part is not unpacked, if it is not."""
    steps = name.rstrip("/").split("/")
    reasons: tuple[tuple[bool, Phrase], ...] = (
        (
            name.startswith("/") or ":" in name or any(one in {"", ".", ".."} for one in steps),
            text("this name leads out of the archive, or nowhere"),
        ),
        (
            any(ord(sign) < 32 or ord(sign) == 127 or 0xD800 <= ord(sign) < 0xE000 for sign in name),
            text("there are control characters in this name"),
        ),
        (
            len(name) > bounds.path_signs or any(len(one.encode("utf-8", "replace")) > 250 for one in steps),
            text("this name is longer than a file system takes"),
        ),
        (
            stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR},
            text("this is a link or a device, not a file"),
        ),
        (bool(info.flag_bits & _ENCRYPTED), text("it is encrypted")),
        (
            info.compress_type not in {ZIP_STORED, ZIP_DEFLATED},
            text("it is packed by a method other than stored and deflated"),
        ),
        (
            info.file_size > bounds.part_bytes,
            text("{size} bytes, more than {most}", size=info.file_size, most=bounds.part_bytes),
        ),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _of_all(entries: list[ZipInfo], path: Path, bounds: Bounds) -> list[Problem]:
    """What is wrong with all parts together: their sum, and parts that lie over each other, as bombs have them."""
    total = sum(info.file_size for info in entries)
    found: list[Problem] = []
    if total > bounds.total_bytes:
        what = text("{size} bytes unpacked, more than {most}", size=total, most=bounds.total_bytes)
        found.append(Problem(what, str(path), text("ask who made it for one without what nobody needs")))
    ordered = sorted(entries, key=lambda info: info.header_offset)
    for before, after in pairwise(ordered):
        if before.header_offset + _LOCAL_HEADER + before.compress_size > after.header_offset:
            what = text("parts lie over each other")
            found.append(Problem(what, _place(path, after.orig_filename), text("ask who made it to export it anew")))
            break
    return found


def _place(path: Path, name: str) -> str:
    return f"{path}, {name[:_SHOWN]}"


def _damaged(where: str) -> InputError:
    return InputError(Problem(text("the archive is damaged"), where, text("copy it again, or ask who made it")))

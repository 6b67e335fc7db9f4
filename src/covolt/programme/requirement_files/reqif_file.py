"""Files of ReqIF: the text of one in whatever encoding, by itself (.reqif) or with others in a container (.reqifz).

A container is read in memory and nothing of it is unpacked: what its names say leads nowhere.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from covolt.contract.document import LARGEST_FILE, read_content
from covolt.errors import InputError, Problem
from covolt.files import unpacked, write_whole
from covolt.words import text

__all__ = ["CONTAINER", "read_files", "write_file"]

CONTAINER = ".reqifz"
MOST_FILES, MOST_PARTS = 20, 10_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNMARKED = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_READ = ("utf-8", "ascii", "iso8859", "cp125", "koi8")
"""Encodings of text that hold the signs of a declaration as they stand."""
AGAIN = text("export it again as ReqIF 1.2")


def read_files(path: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """Each ReqIF file by its place, with its text; and the names of what else a container holds.

    Raises:
        InputError: every file that cannot be read, or a bound that is passed.
    """
    if not _is_container(path):
        return [(str(path), _decoded(read_content(path), str(path)))], []
    try:
        with ZipFile(path) as container:
            parts = [one for one in container.infolist() if not one.is_dir()]
            files = [one for one in parts if PurePosixPath(one.filename).suffix.lower() == ".reqif"]
            _bound(path, parts, files)
            texts = [
                (f"{path}, {one.filename}", _decoded(unpacked(container, one), f"{path}, {one.filename}"))
                for one in files
            ]
    except (BadZipFile, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise InputError(
            Problem(text("the container is broken or locked"), str(path), text("{again} (.reqifz)", again=AGAIN))
        ) from error
    return texts, [one.filename for one in parts if one not in files]


def _is_container(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return path.is_file() and file.read(4) == b"PK\x03\x04"
    except OSError:
        return False  # which the reading tells


def _bound(path: Path, parts: list[ZipInfo], files: list[ZipInfo]) -> None:
    """Refuse what no tool writes. Attachments are never unpacked, so that their size does not matter."""
    if not files:
        raise InputError(
            Problem(text("there is no ReqIF file in the container"), str(path), text("{again} (.reqifz)", again=AGAIN))
        )
    if len(parts) > MOST_PARTS or len(files) > MOST_FILES or sum(one.file_size for one in files) > LARGEST_FILE:
        what = text(
            "the container has more than {most_files} ReqIF files, {largest_file} MiB of them, or {most_parts} parts",
            most_files=MOST_FILES,
            largest_file=LARGEST_FILE // 2**20,
            most_parts=MOST_PARTS,
        )
        raise InputError(Problem(what, str(path), text("export fewer requirements at a time")))


def _decoded(raw: bytes, where: str) -> str:
    """Text of an XML file: by its byte order mark, else as it declares, else UTF-8."""
    declared = _DECLARED.match(raw)
    called = declared[1].decode() if declared else "utf-8"
    marked = next((name for mark, name in (*_MARKS, *_UNMARKED) if raw.startswith(mark)), "")
    try:
        known = codecs.lookup(called).name
        if not marked and not known.startswith(_READ):
            known = "utf-8"  # it declares what it cannot be, since the declaration itself was read
        written = raw.decode(marked or known)
    except (LookupError, UnicodeDecodeError) as error:
        hint = text("{again} in UTF-8", again=AGAIN)
        raise InputError(
            Problem(text("the text is not in its encoding ({marked})", marked=marked or called), where, hint)
        ) from error
    if not written.strip():
        raise InputError(Problem(text("the file is empty"), where, AGAIN))
    return written


def write_file(path: Path, content: bytes) -> None:
    """Write a file, or a container with that file alone, whole or not at all; the same content is the same file."""
    if path.suffix.lower() == CONTAINER:
        made = io.BytesIO()
        with ZipFile(made, "w", ZIP_DEFLATED) as container:
            container.writestr(ZipInfo(f"{path.stem}.reqif"), content, ZIP_DEFLATED)
        content = made.getvalue()
    write_whole(path, content)

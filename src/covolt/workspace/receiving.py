"""What a push asks for and how it is answered, in the words of Git's smart protocol: its wishes, its pack, and a report."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, final

from covolt.errors import InputError, Problem
from covolt.words import text
from covolt.workspace.fetching import line
from covolt.workspace.repository import MAIN, NOTHING

__all__ = ["Asked", "Wish", "offered", "read_asked", "report"]

ABLE = b"report-status side-band-64k ofs-delta object-format=sha1"
MOST_WISHES = 1000
PIECE_bytes = 60_000
EMPTY_PACK_bytes = 32
_WISH = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]{1,500})(?:\0([^\n]*))?\n?")


@final
@dataclass(frozen=True)
class Wish:
    """That a ref stand at another commit; empty where it is to begin, or to be gone."""

    before: str
    after: str
    ref: str


@final
@dataclass(frozen=True)
class Asked:
    """What a push asks for, what its Git understands, and its pack where it brings objects."""

    wishes: tuple[Wish, ...]
    able: frozenset[str]
    pack: BinaryIO | None


def offered(stands: str) -> bytes:
    """Where main stands, and what is understood here: the beginning of every push."""
    first = f"{stands} {MAIN}" if stands else f"{NOTHING} capabilities^{{}}"
    return line(b"# service=git-receive-pack\n") + b"0000" + line(first.encode() + b"\0" + ABLE + b"\n") + b"0000"


def read_asked(file: BinaryIO) -> Asked:
    """What stands in the body of a push, a file of the system; what is left to read of it afterwards is the pack.

    Raises:
        InputError: it is not what Git sends.
    """
    wishes: list[Wish] = []
    able = frozenset[str]()
    while said := _read_line(file):
        found = _WISH.fullmatch(said)
        if found is None or len(wishes) >= MOST_WISHES:
            what = text("a push is not written so")
            raise InputError(Problem(what, "", text("push from a whole clone: git fetch --unshallow")))
        before, after, ref, capable = found.groups(b"")
        then, now = ("" if one == NOTHING else one for one in (before.decode(), after.decode()))
        wishes.append(Wish(then, now, ref.decode(errors="replace")))
        able |= frozenset(capable.decode(errors="replace").split())
    at = file.tell()
    size = file.seek(0, os.SEEK_END) - at
    file.seek(at)
    os.lseek(file.fileno(), at, os.SEEK_SET)  # where a process that inherits it begins to read
    return Asked(tuple(wishes), able, file if size > EMPTY_PACK_bytes else None)


def _read_line(file: BinaryIO) -> bytes:
    """One line; empty at a flush, or where nothing is left."""
    head = file.read(4)
    if not head or head == b"0000":
        return b""
    if not re.fullmatch(rb"[0-9a-f]{4}", head) or int(head, 16) <= 4:
        raise InputError(Problem(text("a push is not written so"), "", text("push with Git")))
    return file.read(int(head, 16) - 4)


def report(asked: Asked, refused: str, said: str) -> bytes:
    """The answer to a push: each wish granted, or all refused for a reason in a word; `said` goes to the terminal.

    Git writes `remote:` before each line of what is said.
    """
    if not asked.wishes:
        return b""
    rows: Sequence[str] = [f"ng {one.ref} {refused}" if refused else f"ok {one.ref}" for one in asked.wishes]
    told = b"".join(line(f"{row}\n".encode()) for row in ("unpack ok", *rows)) + b"0000"
    told = told if "report-status" in asked.able else b""
    if "side-band-64k" not in asked.able:
        return told
    whole = said.encode()
    pieces = [whole[at : at + PIECE_bytes] for at in range(0, len(whole), PIECE_bytes)]
    reported = [told[at : at + PIECE_bytes] for at in range(0, len(told), PIECE_bytes)]
    return b"".join([*(line(b"\2" + one) for one in pieces), *(line(b"\1" + one) for one in reported), b"0000"])

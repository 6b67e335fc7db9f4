"""The files of a programme by their places in it, wherever they are: in a folder, or as bytes in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path, PurePosixPath
from typing import Protocol, final

from covolt.contract.document import LARGEST_FILE, read_text, text_of
from covolt.errors import InputError, NotFound, Problem, system_said
from covolt.files import digest_of, kind_of_refusal
from covolt.journal import reading
from covolt.programme.walk import digest_of_file, document_files, is_document, link_on_the_way
from covolt.words import text

__all__ = ["InFolder", "InMemory", "ProgrammeFiles"]

LOOKED_AT_bytes = 65536


class ProgrammeFiles(Protocol):
    """What is asked of the files of a programme; a place is a path in it, with `/`."""

    @property
    def folder(self) -> Path | None:
        """The folder in which they lie, with what else is known of it, such as its history; None where there is none."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Opened while documents are read: nobody is half way through writing."""
        ...

    def documents(self, problems: list[Problem]) -> list[str]:
        """Places of all documents, in order; what cannot be looked into is a problem."""
        ...

    def link(self, place: str) -> str | None:
        """The first link on the way to a place; None where there is none."""
        ...

    def is_file(self, place: str) -> bool:
        """Whether a file lies there that can be read."""
        ...

    def text(self, place: str) -> str:
        """Text of a document; raises where it is none."""
        ...

    def beginning(self, place: str) -> bytes:
        """First bytes of a file, whatever it is; empty where it cannot be read."""
        ...

    def content(self, place: str) -> bytes:
        """All bytes of a file, whatever it is; raises where it cannot be read, or a link leads to it."""
        ...

    def digest(self, place: str) -> str:
        """SHA-256 of a file, as documents write it."""
        ...

    def document_digest(self, place: str) -> str:
        """The same of a document; empty where it cannot be read, or is larger than any document."""
        ...


@final
class InFolder:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder: Path = folder

    def reading(self) -> AbstractContextManager[None]:
        """What was interrupted is finished first, and nobody writes."""
        return reading(self.folder)

    def documents(self, problems: list[Problem]) -> list[str]:
        """Places of all documents; a folder that is a link, or cannot be entered, is a problem."""
        return [one.relative_to(self.folder).as_posix() for one in document_files(self.folder, problems)]

    def link(self, place: str) -> str | None:
        """The first symbolic link between the folder and a file in it."""
        found = link_on_the_way(self.folder / place, self.folder)
        return None if found is None else found.relative_to(self.folder).as_posix()

    def is_file(self, place: str) -> bool:
        """Whether an ordinary file lies there and may be read."""
        path = self.folder / place
        return path.is_file() and os.access(path, os.R_OK)

    def text(self, place: str) -> str:
        """Text of a file in UTF-8."""
        return read_text(self.folder / place, place)

    def beginning(self, place: str) -> bytes:
        """First bytes of an ordinary file."""
        path = self.folder / place
        try:
            return b"" if path.is_symlink() or not path.is_file() else path.read_bytes()[:LOOKED_AT_bytes]
        except OSError:
            return b""

    def content(self, place: str) -> bytes:
        """Bytes of an ordinary file to which no link leads."""
        if (link := self.link(place)) is not None:
            raise InputError(Problem(text("this is a link"), link, text("put the file itself there")))
        try:
            return (self.folder / place).read_bytes()
        except OSError as error:
            what = text("cannot be read: {why}", why=system_said(error))
            raise kind_of_refusal(error)(Problem(what, place, text("check its permissions"))) from error

    def digest(self, place: str) -> str:
        """SHA-256 of a file."""
        return digest_of_file(self.folder / place)

    def document_digest(self, place: str) -> str:
        """SHA-256 of a document."""
        path = self.folder / place
        try:
            return digest_of_file(path) if path.is_file() and path.stat().st_size <= LARGEST_FILE else ""
        except OSError:
            return ""


@final
class InMemory:
    """Files as bytes by their places, such as an archive holds them: nothing can be written there, and there is no history.

    Raises:
        InputError: a place leads out of the programme, or there is no charter.
    """

    folder: None = None

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        hint = text("name it by a path in the programme, with / between folders")
        odd = [one for one in contents if not _is_place(one)]
        if odd:
            raise InputError([Problem(text("this is no place in a programme"), one, hint) for one in odd])
        if "programme.toml" not in contents:
            what = text("no programme here: none of these files is programme.toml")
            raise NotFound(Problem(what, "programme.toml", text("give the files by their paths in the programme")))
        self._contents = dict(contents)

    def reading(self) -> AbstractContextManager[None]:
        """Nobody else writes here."""
        return nullcontext()

    def documents(self, problems: list[Problem]) -> list[str]:
        """Places of all documents; nothing is closed here."""
        del problems
        return sorted(filter(is_document, self._contents), key=lambda one: PurePosixPath(one).parts)

    def link(self, place: str) -> str | None:
        """There are no links."""
        del place

    def is_file(self, place: str) -> bool:
        """Whether there are bytes of this place."""
        return place in self._contents

    def text(self, place: str) -> str:
        """Text of a file in UTF-8."""
        return text_of(self._contents[place], place)

    def beginning(self, place: str) -> bytes:
        """First bytes of a file."""
        return self._contents[place][:LOOKED_AT_bytes]

    def content(self, place: str) -> bytes:
        """Bytes of a file."""
        return self._contents[place]

    def digest(self, place: str) -> str:
        """SHA-256 of a file."""
        return digest_of(self._contents[place])

    def document_digest(self, place: str) -> str:
        """SHA-256 of a document."""
        content = self._contents[place]
        return digest_of(content) if len(content) <= LARGEST_FILE else ""


def _is_place(place: str) -> bool:
    steps = place.split("/")
    return not re.search(r"[\\\0]|^[A-Za-z]:", place) and not {"", ".", ".."} & {*steps}

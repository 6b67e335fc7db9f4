"""Who reaches which repository: the programme's is read by its parties, a party's by who acts for the whole of it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any, final

from covolt.errors import Forbidden, NotFound, Problem
from covolt.words import Phrase, text
from covolt.workspace.access import Reader, seen
from covolt.workspace.beside import BesideShown, beside_shown
from covolt.workspace.programmes import Programmes
from covolt.workspace.repository import Repository

__all__ = ["SHARED", "Repositories", "kept_offer"]

MOST_TOLD = 20
SHARED = "programme"
"""Name of the repository that the parties of a programme share, beside those that are called as a party."""


@final
class Repositories:
    """The repositories of a workspace, as they are asked for from outside."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes
        self._kept: dict[str, Sequence[tuple[frozenset[str], Phrase]]] = {}

    def found(self, name: str, which: str, reader: Reader) -> Repository:
        """A repository of a programme that a reader may reach.

        Raises:
            NotFound: there is none of this name, it is another party's, or the reader acts for some slots of the party alone: all
                are told alike.
            Forbidden: it holds offers that their party shows nobody else, and Git gives all of it or nothing.
        """
        missing = NotFound(Problem(text("no repository '{name}' here", name=f"{name}/{which}.git"), "", ""))
        if name not in self._programmes.names():
            raise missing
        programme = self._programmes.read(name, self._programmes.heads(name))
        folders = self._programmes.folders(name)
        if which == SHARED:
            seen(programme, reader)
            hint = text("read the programme in the workspace: what Git gives, it gives whole")
            told = [
                Problem(what, f"{name}/{which}.git", hint)
                for readers, what in self._kept_within(folders.shared)
                if reader.slots is not None or reader.party not in readers
            ]
            if told:
                raise Forbidden(told[:MOST_TOLD])
            return folders.shared
        if not reader.party or which != reader.party or which not in programme.parties or reader.slots is not None:
            raise missing
        own = folders.own(which)
        own.begin()  # empty, so that a party can push its first files
        return own

    def beside(self, name: str, reader: Reader) -> BesideShown:
        """What a reader sees of the folders of others, as files."""
        return beside_shown(seen(self._programmes.read(name, self._programmes.heads(name)), reader))

    def _kept_within(self, shared: Repository) -> Sequence[tuple[frozenset[str], Phrase]]:
        """What parties keep to themselves, or between them, in whatever commit: who reads it, and what it is."""
        head = shared.head()
        if head not in self._kept:
            rows = shared.asked(
                "log", "--format=", "--raw", "--no-abbrev", "-z", "-m", head, "--", "offers", "contracts"
            )
            blobs = {row.split()[3] for row in rows.split(b"\0") if row.startswith(b":")}
            told = [shared.asked("cat-file", "blob", one.decode()) for one in sorted(blobs - {b"0" * 40})]
            offers = {party for one in told if (party := kept_offer(one))}
            between = {parties for one in told if (parties := _kept_contract(one))}
            self._kept = {
                head: [
                    *(
                        (frozenset({one}), text("offers of {parties} are shown to nobody else", parties=one))
                        for one in sorted(offers)
                    ),
                    *(
                        (one, text("a contract of {parties} is shown to nobody else", parties=", ".join(sorted(one))))
                        for one in sorted(between, key=sorted)
                    ),
                ]
            }
        return self._kept[head]


def _kept_contract(content: bytes) -> frozenset[str]:
    """The parties of a contract that they show nobody else; none where this is no such contract."""
    try:
        found: Any = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return frozenset()
    between = found.get("between")
    kept = found.get("visibility") == "party" and isinstance(between, list)
    return frozenset(str(one) for one in between) if kept else frozenset()


def kept_offer(content: bytes) -> str:
    """The party of an offer that it shows nobody else; empty where this is none."""
    try:
        sheet: Any = tomllib.loads(content.decode()).get("datasheet")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    return str(sheet.get("party", "")) if isinstance(sheet, dict) and sheet.get("visibility") == "party" else ""

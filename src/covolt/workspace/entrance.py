"""The entrance of a workspace: who asks, by which proof, and for which party of which programme that person may act."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import final

from covolt.errors import Forbidden, NotFound, Problem
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.peopleshown import IssuerRow

__all__ = ["SCOPES", "USUAL", "AbstractEntrance", "Asker", "Entered", "Shut", "no_programme"]

SCOPES = ("read", "propose", "answer", "merge", "sign", "push", "run", "administer")
"""What a token may be bound to; who logs in by a browser may do all that the person may."""
USUAL = ("read", "propose", "answer", "merge", "sign", "push")
"""What a person needs at work: neither to compute for a party, nor to invite, export or make tokens."""


@final
@dataclass(frozen=True)
class Asker:
    """A person who has proved who it is; a token bounds what it may do (`scopes`), where (`programme`) and for whom."""

    person: str
    scopes: frozenset[str] | None = None
    administers: bool = False
    programme: str = ""
    party: str = ""

    def may(self, scope: str) -> bool:
        """Whether the proof reaches so far."""
        return self.scopes is None or scope in self.scopes


@final
@dataclass(frozen=True)
class Entered:
    """A browser that is let in: the word of its cookie, and how long that counts."""

    word: str
    lasts: timedelta
    person: str


class AbstractEntrance(ABC):
    """Who comes in, and how."""

    together: bool
    """Whether several people log in."""
    secure: bool = False
    """Whether browsers reach it over TLS."""
    issuers: tuple[IssuerRow, ...] = ()
    """Who knows people, so that they log in there."""

    @abstractmethod
    def by_token(self, word: str) -> Asker | None:
        """Whose token it is; None where it is nobody's, or no longer."""

    @abstractmethod
    def by_cookie(self, word: str) -> Asker | None:
        """Whose browser it is; None where it is nobody's, or no longer."""

    @abstractmethod
    def enter(self, word: str, host: str = "") -> Entered:
        """Let a browser in that bears a word, by the name by which it asks.

        Raises:
            Forbidden: the word lets nobody in.
        """

    @abstractmethod
    def leave(self, word: str) -> None:
        """End what a cookie lets in."""

    @abstractmethod
    def programmes(self, asker: Asker) -> Sequence[str]:
        """Programmes that are there for a person; all others are as if they were not."""

    @abstractmethod
    def reader(self, asker: Asker, programme: str, party: str, *, administering: bool = False) -> Reader:
        """Who reads and acts.

        Raises:
            NotFound: no such programme, or none of this person's.
            Forbidden: the person does not act for this party.
        """


@final
class Shut(AbstractEntrance):
    """Lets in nobody: what a workspace has until it is said who comes in."""

    together = False

    def by_token(self, word: str) -> Asker | None:
        """Nobody's."""

    def by_cookie(self, word: str) -> Asker | None:
        """Nobody's."""

    def enter(self, word: str, host: str = "") -> Entered:
        raise not_let_in()

    def leave(self, word: str) -> None:
        """Nobody was let in."""

    def programmes(self, asker: Asker) -> Sequence[str]:
        return ()

    def reader(self, asker: Asker, programme: str, party: str, *, administering: bool = False) -> Reader:
        raise not_let_in()


def no_programme(name: str, known: Sequence[str]) -> NotFound:
    """That there is no such programme, whether it is not there or is not for who asks; `known` are those that are."""
    return NotFound(
        Problem(text("no programme '{name}' in this workspace", name=name), "programme", named(name, known))
    )


def not_let_in() -> Forbidden:
    """That a word lets nobody in, whatever is wrong with it."""
    hint = text("open the address that covolt serve prints, or run it again for a new one")
    return Forbidden(Problem(text("this word lets nobody in, or no longer"), "word", hint))

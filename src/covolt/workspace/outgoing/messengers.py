"""The ways to reach a subscriber, by kind: those of the modules of `ways`, and those that other packages offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Literal, final

from covolt.errors import Problem
from covolt.library.from_packages import take_from_packages
from covolt.words import Phrase, text
from covolt.workspace.outgoing import ways as room
from covolt.workspace.outgoing.message import Message
from covolt.workspace.outgoing.reach import Reach
from covolt.workspace.outgoing.settings import OutgoingSettings

__all__ = ["AbstractMessenger", "Answer", "Sending", "messengers"]

ENTRY_POINTS = "covolt.messengers"
"""Group of entry points under which another package offers its own: each an `AbstractMessenger`, or several."""


@final
@dataclass(frozen=True)
class Answer:
    """What came of an attempt, and in words that bear nothing of what the other side answered.

    `taken`: it arrived. `later`: it is tried again, after `after_s` seconds where the other side says so. `refused`: this one is
    never taken. `gone`: nothing is taken there any more, and the subscription ends.
    """

    outcome: Literal["taken", "later", "refused", "gone"]
    said: Phrase
    after_s: float | None = None


@final
@dataclass(frozen=True)
class Sending:
    """What it takes to send: whereto, the subscription's secret, the operator's settings, and the way to addresses of others."""

    target: str
    secret: str
    settings: OutgoingSettings
    reach: Reach


class AbstractMessenger(ABC):
    """One way to reach a subscriber."""

    kind: str
    """What it is called, for ever."""
    title: Phrase
    target_title: Phrase
    """What whoever subscribes says of himself: an address, the number of a chat."""
    secret_title: Phrase | None = None
    """What whoever subscribes hands over and never sees again, such as the token of a bot; None where there is nothing."""
    why_not: Phrase = text("whoever runs the workspace has not settled what it takes")
    """Why it is not offered where it is not."""

    def offered(self, settings: OutgoingSettings) -> bool:
        """Whether the operator has settled what it takes."""
        return True

    def new_secret(self) -> str:
        """A secret that the workspace makes for a subscription; none by default."""
        return ""

    @abstractmethod
    def problems(self, target: str, secret: str, settings: OutgoingSettings) -> list[Problem]:
        """What keeps somebody from being reached so."""

    @abstractmethod
    def send(self, message: Message, to: Sending) -> Answer:
        """Send a message; sent twice, it bears the same key. It is done within half a minute."""


@cache
def messengers() -> Mapping[str, AbstractMessenger]:
    """Every way by its kind.

    Raises:
        InputError: another package offers something else, or a kind that is taken.
    """
    found: dict[str, AbstractMessenger] = {}
    for module in sorted(one.name for one in iter_modules(room.__path__)):
        for messenger in getattr(import_module(f"{room.__name__}.{module}"), "MESSENGERS", ()):
            found[messenger.kind] = messenger
    take_from_packages(ENTRY_POINTS, partial(_take, found))
    return MappingProxyType(found)


def _take(found: dict[str, AbstractMessenger], one: object, where: str) -> Iterator[Problem]:
    """Add what a package offers; what keeps it out."""
    if not isinstance(one, AbstractMessenger):
        said = text("a {name} is no messenger", name=type(one).__name__)
        yield Problem(said, where, text("offer an AbstractMessenger, or a tuple of them"))
    elif one.kind in found:
        said = text("messages of kind '{kind}' are sent already", kind=one.kind)
        yield Problem(said, where, text("uninstall one of the packages"))
    else:
        found[one.kind] = one

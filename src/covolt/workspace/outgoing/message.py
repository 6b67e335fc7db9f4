"""What is told to somebody outside: what happened by its title, and where it can be looked at; no value and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final
from urllib.parse import quote, urlencode

from covolt.catalogues import Language, languages
from covolt.legible import HIDDEN
from covolt.words import Phrase, text

__all__ = ["Entry", "Message", "one_line"]

LONGEST_LINE = 300
MOST_PRINTED = 30
"""Entries that a message for people names; the others are counted."""


@final
@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    sequence: int
    at: str
    party: str
    verb: str
    subject: str
    said: Phrase
    """What happened, after the name of the party."""
    who: Phrase


@final
@dataclass(frozen=True)
class Message:
    """What is sent to one subscriber at once: by the same key whenever it is sent again.

    Args:
        key: names it for ever.
        at: when it is sent.
        address: where the pages are.
        programme: id of the programme that it is about.
        party: for whom the subscriber acts.
        title: of the programme.
        language: of the subscriber.
        entries: what happened; nothing where somebody tries whether messages arrive.
    """

    key: str
    at: datetime
    address: str
    programme: str
    party: str
    title: Phrase
    language: Language
    entries: tuple[Entry, ...]

    def link(self, subject: str = "") -> str:
        """Where something can be looked at."""
        kind, _, number = subject.partition("/")
        page = ("proposals", number) if kind == "proposal" and number.isdecimal() else ("feed",)
        path = "/".join(quote(one, safe="") for one in (self.language, self.programme, *page))
        query = "?" + urlencode({"party": self.party}) if self.party else ""
        return f"{self.address}/{path}{query}"

    @property
    def subject(self) -> str:
        """What it is about, in one line."""
        title = self.title.said(self.language)
        if len(self.entries) == 1:
            return one_line(f"{title}: {self.told(self.entries[0])}")
        if not self.entries:
            return one_line(text("{title}: a test message", title=title).said(self.language))
        said = text("{title}: {count} events", title=title, count=len(self.entries))
        return one_line(said.said(self.language))

    def told(self, one: Entry) -> str:
        """What happened, in one line."""
        return one_line(f"{one.who.said(self.language)} {one.said.said(self.language)}".strip())

    def lines(self, most_signs: int = 1_000_000) -> str:
        """All of it for people, plain: what happened and where, no longer than so many signs."""
        if not self.entries:
            said = text("This is a test message: what happens in the programme will arrive here.").said(self.language)
            return f"{self.subject}\n\n{said}\n{self.link()}"
        head = one_line(self.title.said(self.language))
        parts = [f"{self.told(one)}\n{self.link(one.subject)}" for one in self.entries[:MOST_PRINTED]]
        while True:
            left = len(self.entries) - len(parts)
            more = [text("and {count} more", count=left).said(self.language), self.link()] if left else []
            whole = "\n\n".join((head, *parts, *(["\n".join(more)] if more else [])))
            if len(whole) <= most_signs or not parts:
                return whole[:most_signs]
            parts.pop()

    def plain(self) -> Mapping[str, Any]:
        """All of it for programs."""
        return {
            "type": f"covolt.{self.entries[0].verb}" if self.entries else "covolt.test",
            "timestamp": self.at.isoformat(),
            "data": {
                "programme": self.programme,
                "title": _plain(self.title),
                "link": self.link(self.entries[0].subject if len(self.entries) == 1 else ""),
                "events": [
                    {
                        "sequence": one.sequence,
                        "at": one.at,
                        "party": one.party,
                        "verb": one.verb,
                        "subject": one.subject,
                        "title": _plain(one.said),
                        "link": self.link(one.subject),
                    }
                    for one in self.entries
                ],
            },
        }


def _plain(phrase: Phrase) -> dict[str, str]:
    return {language: one_line(phrase.said(language)) for language in languages()}


def one_line(said: str) -> str:
    """A text as one line without signs that nobody sees, so that it can stand in a heading."""
    shown = HIDDEN.sub("", " ".join(said.split()))
    return shown if len(shown) <= LONGEST_LINE else f"{shown[: LONGEST_LINE - 1]}…"

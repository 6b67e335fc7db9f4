"""The feed: what happened in a programme, in sentences, with what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from covolt.catalogues import Language
from covolt.library.number_titles import number_title
from covolt.programme.documents import Programme
from covolt.words import Phrase, Words, text
from covolt.workspace.access import Reader, seen
from covolt.workspace.events import events_after
from covolt.workspace.programmes import Programmes
from covolt.workspace.shown import EventShown, FeedShown
from covolt.workspace.tables import EventRow
from covolt.workspace.telling import shows_slot, written_text

__all__ = ["atom", "feed", "newer"]

ATOM = "http://www.w3.org/2005/Atom"
_SAID: Mapping[str, Callable[[str, str], Phrase]] = {
    "begun": lambda _, __: text("took the programme into the workspace"),
    "proposed": lambda number, title: text("made proposal {number}, “{title}”", number=number, title=title),
    "accepted": lambda number, title: text("agreed to proposal {number}, “{title}”", number=number, title=title),
    "refused": lambda number, title: text("refused proposal {number}, “{title}”", number=number, title=title),
    "withdrew": lambda number, title: text("withdrew proposal {number}, “{title}”", number=number, title=title),
    "invited": lambda number, _: text("made invitation {number}", number=number),
    "uninvited": lambda number, _: text("took invitation {number} back", number=number),
    "joined": lambda _, __: text("acts for the party from now on"),
    "left": lambda number, _: text("ended membership {number}", number=number),
    "merged": lambda number, title: text("merged proposal {number}, “{title}”", number=number, title=title),
}
"""What is said of an entry, whole in each language: a proposal's number and title go into it."""


def feed(programmes: Programmes, name: str, reader: Reader, most: int = 100) -> FeedShown:
    """What happened, newest first."""
    return FeedShown(tuple(_events(programmes, name, reader, 0, most, newest=True)))


def newer(programmes: Programmes, name: str, reader: Reader, after: int) -> list[EventShown]:
    """What happened after an entry, in its order."""
    return _events(programmes, name, reader, after, 200, newest=False)


def _events(
    programmes: Programmes, name: str, reader: Reader, after: int, most: int, *, newest: bool
) -> list[EventShown]:
    programmes.demand(name)
    own = seen(programmes.read(name, programmes.heads(name)), reader)
    with programmes.database.reading() as session:
        rows: Sequence[EventRow] = events_after(session, name, after, most, newest=newest)
        return [_event(one, own) for one in rows]


def _event(row: EventRow, programme: Programme) -> EventShown:
    told: Mapping[str, Any] = row.told
    number = row.subject.partition("/")[2]
    said = _SAID[row.verb](number, str(told.get("title", ""))) if row.verb in _SAID else Words(row.verb)
    reasons = [text("reason: {reason}", reason=str(told["reason"]))] if told.get("reason") else []
    changes = [
        text(
            "{slot}, {number}: {before} to {after}",
            slot=programme.slots[one["slot"]].title.words if one["slot"] in programme.slots else one["slot"],
            number=number_title(one["number"]),
            before=written_text(one["before"]),
            after=written_text(one["after"]),
        )
        for one in told.get("changes", ())
        if shows_slot(programme, one["slot"])
    ]
    effects = [_effect(one) for one in told.get("effects", ()) if one["requirement"] not in programme.hidden]
    return EventShown(
        row.sequence, row.at, row.party, row.person, row.verb, row.subject,
        said, (*reasons, *changes, *effects), row.hash,
    )  # fmt: skip


def _effect(one: Mapping[str, Any]) -> Phrase:
    """A requirement's value before and after: "Range at -20 degC: 148 to 141 km, margin +21 ± 9 km"."""
    return text(
        "{title}: {before} to {after} {unit}, margin {margin}, {standing}",
        title=_words(one["title"]),
        before=_words(one["value_before"]),
        after=_words(one["value_after"]),
        unit=_words(one["unit"]),
        margin=_words(one["margin_after"]),
        standing=_words(one["after"]),
    )


def _words(plain: Mapping[str, str]) -> Words:
    return Words(plain.get("en", ""), plain.get("ru", ""))


def atom(shown: FeedShown, title: Phrase, address: str, language: Language, now: datetime) -> bytes:
    """The feed as Atom (RFC 4287), in one language."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed")

    def add(parent: ElementTree.Element, name: str, said: str = "", **given: str) -> None:
        ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", given).text = said or None

    add(root, "title", title.said(language))
    add(root, "id", address)
    add(root, "updated", shown.events[0].at if shown.events else now.isoformat())
    for one in shown.events:
        entry = ElementTree.SubElement(root, f"{{{ATOM}}}entry")
        add(entry, "id", f"{address}#{one.sequence}")
        add(entry, "title", one.said.said(language))
        add(entry, "updated", one.at)
        author = ElementTree.SubElement(entry, f"{{{ATOM}}}author")
        add(author, "name", one.party or one.person)
        add(entry, "content", "\n".join(each.said(language) for each in one.effects), type="text")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)

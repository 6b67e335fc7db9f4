"""The feed: what happened in a programme, in sentences, with what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt import legible
from covolt.catalogues import Language
from covolt.library.number_titles import number_title
from covolt.programme.documents import Programme
from covolt.study.verdicts.unstated_number import UNKNOWN
from covolt.words import Phrase, Words, joined, restored, text
from covolt.workspace.access import Reader, seen
from covolt.workspace.addressed import comment_of, readable_comments, sees
from covolt.workspace.changes import NumberChange
from covolt.workspace.comment_rows import CommentRow
from covolt.workspace.countersigning import checkpoint_file, newest_checkpoint
from covolt.workspace.events import broken, events_after
from covolt.workspace.gates_moved import moved_said
from covolt.workspace.log_shown import ChainShown, CheckpointHanded, KindRow, LogShown
from covolt.workspace.programmes import Programmes
from covolt.workspace.shown import EventShown, FeedShown, GateMoved
from covolt.workspace.tables import EventRow
from covolt.workspace.telling import change_said, shows_slot
from covolt.workspace.verbs import GATES, KINDS
from covolt.workspace.who_acted import WhoActed, who_acted

__all__ = ["atom", "chain", "event_shown", "feed", "log", "newer"]

MOST_LOGGED = 2000
NONE: Mapping[str, str] = {}
NOBODY = WhoActed()

MOST_SAID = 240
"""Signs of a comment that an entry tells."""
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
    "countersigned": lambda number, _: text("counter-signed checkpoint {number}", number=number),
    "pushed": lambda repository, _: text("pushed to the repository {repository}", repository=repository),
}
"""What is said of an entry, whole in each language: a proposal's number and title go into it."""
_ADMINISTERED: Mapping[str, Callable[[str, Phrase], Phrase]] = {
    "invited": lambda number, party: text(
        "made invitation {number} to act for {party}, as who administers the workspace", number=number, party=party
    ),
    "uninvited": lambda number, party: text(
        "took invitation {number} to act for {party} back, as who administers the workspace", number=number, party=party
    ),
    "left": lambda number, party: text(
        "ended membership {number} of {party}, as who administers the workspace", number=number, party=party
    ),
}
"""What is said where who administers the workspace did it, for no party."""


def feed(programmes: Programmes, name: str, reader: Reader, most: int = 100) -> FeedShown:
    """What happened, newest first."""
    return FeedShown(tuple(_events(programmes, name, reader, 0, most, newest=True, whole=False)))


def log(programmes: Programmes, name: str, reader: Reader) -> LogShown:
    """The log of a programme, newest first."""
    kinds = tuple(KindRow(one, title) for one, title in KINDS.items() if one != GATES)
    events = tuple(_events(programmes, name, reader, 0, MOST_LOGGED, newest=True))
    with programmes.database.reading() as session:
        newest = newest_checkpoint(session, name)
    handed = newest and CheckpointHanded(newest.sequence, checkpoint_file(newest.sequence))
    return LogShown(events, kinds, handed)


def chain(programmes: Programmes, name: str, reader: Reader) -> ChainShown:
    """Whether every entry is what was written."""
    seen(programmes.read(name, programmes.heads(name)), reader)
    with programmes.database.reading() as session:
        rows = session.scalars(select(EventRow).order_by(EventRow.sequence)).all()
        faults = set(broken(rows))
        own = [one for one in rows if one.programme == name]
        last = own[-1].hash if own else ""
        return ChainShown(not faults, len(own), tuple(one.sequence for one in own if one.sequence in faults), last)


def newer(programmes: Programmes, name: str, reader: Reader, after: int) -> list[EventShown]:
    """What happened after an entry, in its order."""
    return _events(programmes, name, reader, after, 200, newest=False, whole=False)


def _events(
    programmes: Programmes, name: str, reader: Reader, after: int, most: int, *, newest: bool, whole: bool = True
) -> list[EventShown]:
    """Entries as a reader may see them; unless the `whole` log is read, none of a comment that the reader may not read."""
    programmes.demand(name)
    own = seen(programmes.read(name, programmes.heads(name)), reader)
    with programmes.database.reading(reader) as session:
        rows: Sequence[EventRow] = events_after(session, name, after, most, newest=newest)
        comments = _comments(session, own, reader, rows)
        readable = readable_comments(session, own, reader, rows)
    people = who_acted(programmes.database, rows)
    return [event_shown(one, own, comments, people) for one in rows if whole or comment_of(one) in readable]


def _comments(session: Session, own: Programme, reader: Reader, rows: Sequence[EventRow]) -> Mapping[str, str]:
    """Texts of the comments that entries tell of, of those that the reader may read today."""
    ids = [str(one.told["comment"]) for one in rows if one.told.get("comment")]
    if not ids or not reader.party:
        return {}
    found = session.scalars(select(CommentRow).where(CommentRow.id.in_(ids), CommentRow.hidden.is_(None))).all()
    return {one.id: one.text for one in found if sees(own, one.address, session)}


def event_shown(
    row: EventRow, programme: Programme, comments: Mapping[str, str] = NONE, people: WhoActed = NOBODY
) -> EventShown:
    """An entry of the log, as the reader of a programme may see it, with the `comments` and `people` that the reader may know."""
    told: Mapping[str, Any] = row.told
    number = row.subject.partition("/")[2]
    said = _SAID[row.verb](number, str(told.get("title", ""))) if row.verb in _SAID else Words(row.verb)
    subject = row.subject
    if row.verb == "commented":
        known = str(told.get("comment", "")) in comments
        subject = row.subject if known else "comment"
        said = _commented(subject, programme)
    member = people.members.get(subject, "")
    if member:
        said = _of_member(row.verb, member)
    if row.verb in _ADMINISTERED and not row.party:
        party = str(told["party"])
        known = programme.parties.get(party)
        title = Words(party) if known is None else known.title.words
        said = _ADMINISTERED[row.verb](number, title)
        if member:
            said = text(
                "ended the membership of {name} in {party}, as who administers the workspace", name=member, party=title
            )
    if row.verb == "signed":
        said = text("signed the gate “{gate}”", gate=restored(told["gate"]))
    reasons = [text("reason: {reason}", reason=str(told["reason"]))] if told.get("reason") else []
    changes = [
        change_said(one, programme)
        for one in map(NumberChange.of, told.get("changes", ()))
        if one.kind in {"bound", "offer"} or shows_slot(programme, one.slot)
    ]
    gates = tuple(GateMoved(one["gate"], one["turned"], tuple(moved_said(one))) for one in told.get("gates", ()))
    effects = [_effect(one) for one in told.get("effects", ()) if one["requirement"] not in programme.hidden]
    talk = [Words(_beginning(comments[one])) for one in (str(told.get("comment", "")),) if one in comments]
    return EventShown(
        row.sequence, row.at, row.party, row.person, row.verb, subject,
        said, (*reasons, *changes, *effects, *talk), row.hash, people.said(row.person), gates,
    )  # fmt: skip


def _of_member(verb: str, name: str) -> Phrase:
    """That somebody acts for a party from now on, or no longer."""
    if verb == "joined":
        return text("{name} acts for the party from now on", name=name)
    return text("ended the membership of {name}", name=name)


def _commented(subject: str, programme: Programme) -> Phrase:
    """That somebody wrote, and about what where the reader may read it."""
    kind, _, name = subject.partition("/")
    if kind == "comment":
        return text("wrote a comment")
    title: Phrase | None = None
    if kind == "requirement" and name in programme.requirements:
        title = programme.requirements[name].title.words
    elif kind == "gate" and name in programme.gates:
        title = programme.gates[name].title.words
    elif kind == "slot" and name in programme.slots:
        title = programme.slots[name].title.words
    elif kind == "proposal":
        title = text("proposal {number}", number=name)
    elif kind in programme.slots:
        title = joined((programme.slots[kind].title.words, number_title(name)), ": ")
    return text("commented on {subject}", subject=title or subject)


def _beginning(said: str) -> str:
    """The first line of a comment, not too long for a feed."""
    first = said.strip().partition("\n")[0]
    return first if len(first) <= MOST_SAID else first[: MOST_SAID - 2] + " …"


def _effect(one: Mapping[str, Any]) -> Phrase:
    """A requirement's value before and after: "Range at -20 degC: 148 to 141 km, margin +21 ± 9 km, met"."""
    before, after, margin = (
        Words(*(each.removesuffix(UNKNOWN) for each in (one[name].get("en", ""), one[name].get("ru", ""))))
        for name in ("value_before", "value_after", "margin_after")
    )
    unit = _words(one["unit"])
    margin = joined((margin, unit), " ")
    if one.get("unstated") or one["margin_after"].get("en", "").endswith(UNKNOWN):  # as entries had it at first
        margin = text("{margin} (no ± stated)", margin=margin)
    return text(
        "{title}: {before} to {after}, margin {margin}, {standing}",
        title=_words(one["title"]),
        before=before,
        after=joined((after, unit), " "),
        margin=margin,
        standing=_words(one["after"]),
    )


def _told(one: EventShown) -> list[Phrase]:
    """What came of an entry, and which gates moved by it."""
    return [*one.effects, *(each for gate in one.gates for each in gate.said)]


def _words(plain: Mapping[str, str]) -> Words:
    return Words(plain.get("en", ""), plain.get("ru", ""))


def atom(shown: FeedShown, title: Phrase, address: str, language: Language, now: datetime) -> bytes:
    """The feed as Atom (RFC 4287), in one language."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed")

    def add(parent: ElementTree.Element, name: str, said: str = "", **given: str) -> None:
        ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", given).text = legible.shown(said) or None

    add(root, "title", title.said(language))
    add(root, "id", address)
    add(root, "updated", shown.events[0].at if shown.events else now.isoformat())
    for one in shown.events:
        entry = ElementTree.SubElement(root, f"{{{ATOM}}}entry")
        add(entry, "id", f"{address}#{one.sequence}")
        add(entry, "title", one.said.said(language))
        add(entry, "updated", one.at)
        author = ElementTree.SubElement(entry, f"{{{ATOM}}}author")
        add(author, "name", one.party or one.person_said.said(language))
        add(entry, "content", "\n".join(each.said(language) for each in _told(one)), type="text")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)

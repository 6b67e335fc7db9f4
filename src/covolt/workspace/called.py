"""How people and parties may be called: visibly, and nobody as another party, the workspace, or somebody else is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from covolt.contract.document import loads
from covolt.errors import Conflict, CovoltError, InputError, Problem
from covolt.legible import alike, hidden, mixed_words
from covolt.programme.documents import Programme
from covolt.programme.party import Party
from covolt.words import LANGUAGES, text
from covolt.workspace.repository import Repository

__all__ = ["FORM_OF_PEOPLE", "OWN_NAMES", "demand_name", "names_of_parties", "title_problems"]

MOST_NAME = 100
OWN_NAMES = ("workspace", "covolt", *(text("the workspace").said(one) for one in LANGUAGES))
"""What the workspace itself goes by."""
FORM_OF_PEOPLE = re.compile(r"(?<![0-9a-z])[0-9a-f]{16}(?![0-9a-z])", re.IGNORECASE)
"""How the workspace numbers people."""
_ADDRESS = re.compile(r"@|[^\W_]{2,}\.[^\W\d_]{2,}")
"""The form of an address or of the name of a host; initials before a surname have one letter before a dot."""


def demand_name(name: str, taken: Collection[str]) -> None:
    """Raise where somebody cannot be called so; `taken` are names of parties and people.

    All that is taken is refused alike, for who asks need not see whose name it is.

    Raises:
        InputError: what of it nobody could read, or that it is written as the number of a person.
        Conflict: it is taken, or could be taken for such a name.
    """
    hint = text("write how others call the person")
    if not 0 < len(name) <= MOST_NAME or not name.isprintable() or not alike(name):
        raise InputError(Problem(text("a name has 1 to {most} signs", most=MOST_NAME), "name", hint))
    if hidden(name):
        raise InputError(Problem(text("this text holds signs that nobody sees"), "name", text("take them out")))
    if mixed_words(name):
        what = text("a word of this name mixes letters of several scripts")
        raise InputError(Problem(what, "name", text("write each word in letters of one")))
    if FORM_OF_PEOPLE.search(name):
        raise InputError(Problem(text("the workspace numbers people so"), "name", hint))
    if alike(name) in {alike(one) for one in (*OWN_NAMES, *taken)}:
        what = text("a party or somebody in this workspace is called '{name}' already, or so alike", name=name)
        raise Conflict(Problem(what, "name", text("add what tells you apart, such as your party")))


def names_of_parties(shared: Repository) -> Iterator[str]:
    """Ids and titles of the parties of a programme, from the repository that they share."""
    for path, content in shared.files(shared.head(), "parties/").items():
        try:
            party = loads(content.decode("utf-8", "replace"), Party, path)
        except CovoltError:
            continue  # that it cannot be read is told elsewhere
        yield from filter(None, (party.id, party.title.en, party.title.ru))


def title_problems(before: Programme | None, after: Programme, people: Collection[str]) -> list[Problem]:
    """Titles of parties that are new, and by which one could be taken for a person, the workspace, or another party.

    A title that stood before is left: nothing that stands becomes unusable by who comes later.

    Args:
        before: the programme as it stands; None where it is new here.
        people: names and ids of whoever the workspace knows.
    """
    found: list[Problem] = []
    hint = text("write what the organisation is called, and nobody else")
    known = {} if before is None else before.parties
    apart = {alike(one) for one in (*OWN_NAMES, *people)}
    for name, party in after.parties.items():
        stood = {known[name].title.en, known[name].title.ru} if name in known else set[str]()
        taken = apart | {alike(one) for one in after.parties if one != name}
        for said in sorted({party.title.en, party.title.ru} - stood - {""}):
            where, plain = after.where("party", name, "title"), unicodedata.normalize("NFKC", said)
            if _ADDRESS.search(plain):
                what = text("a title of a party is no address and no name of a host: '{title}'", title=said)
                found.append(Problem(what, where, hint))
            elif FORM_OF_PEOPLE.search(plain):
                found.append(Problem(text("the workspace numbers people so"), where, hint))
            elif alike(said) in taken:
                what = text("somebody else in this workspace is called '{name}' already, or so alike", name=said)
                found.append(Problem(what, where, hint))
    return found

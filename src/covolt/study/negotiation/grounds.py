"""Grounds: the documents on which a settlement rests, each by its digest, and which of them are others since."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.contract.document import canonical_json
from covolt.errors import Problem
from covolt.files import digest_of
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.words import Phrase, text

__all__ = ["changed_grounds", "grounds_of"]

TABLES = "tables"
"""All tables and parties, by one digest."""


def grounds_of(seen: Programme) -> dict[str, str]:
    """Digests of the documents on which a settlement rests, as its reader may read them, by `kind/name`.

    They are requirements, scenarios, what owners let move, offers that are locked or can be chosen, tables and parties, and the
    reader's own interests: what others hope for decides what is proposed, and not whether it still holds.

    Args:
        seen: the programme as the reader may see it.
    """
    asked = {f"requirement/{name}": one for name, one in seen.requirements.items() if name not in seen.hidden}
    wanted = {f"interest/{name}": one for name, one in seen.interests.items() if one.party == seen.reader}
    moving = {f"design/{name}": one for name, one in seen.designs.items()}
    given = {f"scenario/{name}": one for name, one in seen.scenarios.items()}
    chosen = {one for each in seen.designs.values() for one in each.offers}
    locked = set[str]() if seen.lock is None else {pin.offer for pin in seen.lock.slots.values()}
    offered = {f"offer/{name}": seen.offers[name] for name in sorted(chosen | locked) if name in seen.offers}
    documents = {**asked, **wanted, **moving, **given, **offered}
    digests = {name: digest_of(canonical_json(one)) for name, one in sorted(documents.items())}
    return digests | {TABLES: f"sha256:{terms_of(seen).levels_digest}"}


def changed_grounds(stated: Mapping[str, str], seen: Programme) -> list[Problem]:
    """Documents that are others than a settlement rests on, that are gone, or that have come since.

    Args:
        stated: what it rests on, as `grounds_of` gave it to the same reader.
        seen: the programme now, as that reader may see it.
    """
    now = grounds_of(seen)
    problems: list[Problem] = []
    for name in sorted(stated.keys() | now.keys()):
        if stated.get(name) == now.get(name):
            continue
        kind, _, document = name.partition("/")
        where = seen.where(kind, document) if document else name
        problems.append(Problem(_what(name, name in stated, name in now), where, ""))
    return problems


def _what(name: str, was: bool, there: bool) -> Phrase:
    if name == TABLES:
        return text("tables or parties are others than when this was proposed")
    document = name.partition("/")[2]
    if not there:
        return text("{name} is gone since this was proposed", name=document)
    if not was:
        return text("{name} has come since this was proposed", name=document)
    return text("{name} is another than when this was proposed", name=document)

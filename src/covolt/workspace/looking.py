"""What of a programme is looked at from many sides and changed from none: a slot, the architecture."""

from __future__ import annotations

from dataclasses import replace
from typing import final

from sqlalchemy import select

from covolt.workspace.access import Reader, seen
from covolt.workspace.architecture import architecture
from covolt.workspace.parts import demand_slot, part_view
from covolt.workspace.parts_shown import ArchitectureShown, PartShown, PartView
from covolt.workspace.programmes import Programmes
from covolt.workspace.tables import EventRow

__all__ = ["Looking"]

NUMBERS_CHANGE = ("begun", "merged")
"""Verbs of entries with which numbers come and change."""


@final
class Looking:
    """The programmes of a workspace as they are looked at."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def part(self, name: str, who: Reader, slot: str, beside: str | None = None) -> PartShown:
        """All about one slot as a reader sees it, and as another party would: empty for who speaks for none, None for nobody.

        Raises:
            NotFound: there is no such slot or party.
        """
        heads = self._programmes.heads(name)
        read = self._programmes.read(name, heads)
        own = seen(read, who)
        demand_slot(own, slot)
        with self._programmes.database.reading() as session:
            wanted = select(EventRow).where(EventRow.programme == name, EventRow.verb.in_(NUMBERS_CHANGE))
            events = session.scalars(wanted.order_by(EventRow.sequence.desc())).all()
        mine = part_view(own, slot, events)
        other = None
        if beside is not None:
            other = _of_both(mine, part_view(seen(read, Reader("", beside)), slot, events))
        place = own.slots[slot]
        return PartShown(slot, place.title.words, place.owner, heads.programme, mine, other)

    def architecture(self, name: str, who: Reader) -> ArchitectureShown:
        """The slots of the vehicle and what couples them."""
        return architecture(seen(self._programmes.read(name, self._programmes.heads(name)), who))


def _of_both(mine: PartView, other: PartView) -> PartView:
    """What another reader sees, of what this one may see: looking as somebody else shows nobody more."""
    known = {one.offer for one in mine.offers}
    kept = [at for at, one in enumerate(other.offers) if one.offer in known]
    values = [tuple(one.values[at] for at in kept) for one in other.lines]
    lines = tuple(replace(one, values=left) for one, left in zip(other.lines, values, strict=True) if any(left))
    seen_by_both = replace(
        other,
        contract=mine.contract if other.contract is not None else None,
        numbers=tuple(replace(one, number=replace(one.number, mine=False)) for one in other.numbers),
        offers=tuple(
            other.offers[at] if mine.contract is not None else replace(other.offers[at], reasons=()) for at in kept
        ),
        lines=lines,
    )
    if not mine.hidden:
        return seen_by_both
    return replace(seen_by_both, hidden=True, licence="", chemistry="", model="", numbers=())

"""How many vehicles a year the capacities of offers allow, and which part is the first to run short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from covolt.contract.datasheet import Datasheet
from covolt.contract.terms import Supply
from covolt.words import Phrase, text

__all__ = ["Supplied", "holds_on", "supplied"]


@dataclass(frozen=True)
class Supplied:
    """One part of one supplier: the slots that it fills, how many a year can be had, None where that is not known, and why."""

    slots: tuple[str, ...]
    offer: str
    capacity: int | None
    why: Phrase | None = None

    @property
    def vehicles(self) -> Fraction | None:
        """Vehicles a year that it is enough for; a part that fills two slots is needed twice."""
        return None if self.capacity is None else Fraction(self.capacity, len(self.slots))


def holds_on(supply: Supply, day: str) -> bool:
    """Whether an offer holds on a day."""
    return supply.valid_from <= day and (supply.valid_until is None or day <= supply.valid_until)


def supplied(sheets: Mapping[str, Datasheet], day: str) -> list[Supplied]:
    """Every part by who supplies it, the first to run short first, those of unknown capacity last.

    Versions of one part count as that part; where they state different capacities the least counts.
    """
    parts: dict[tuple[str, str], list[str]] = {}
    for slot, sheet in sorted(sheets.items()):
        parts.setdefault((sheet.party, sheet.id), []).append(slot)
    found = [_one(slots, [sheets[slot] for slot in slots], day) for slots in parts.values()]
    return sorted(found, key=lambda one: (one.vehicles is None, one.vehicles or Fraction(0), one.slots))


def _one(slots: list[str], sheets: list[Datasheet], day: str) -> Supplied:
    offer = " ".join(dict.fromkeys(sheet.reference for sheet in sheets))
    stated = [sheet.supply for sheet in sheets if sheet.supply is not None]
    capacities = [one.capacity_per_year for one in stated if one.capacity_per_year is not None]
    if len(capacities) < len(sheets):
        return Supplied(tuple(slots), offer, None, text("no capacity is stated"))
    if not all(holds_on(one, day) for one in stated):
        return Supplied(tuple(slots), offer, None, text("the offer does not hold on {day}", day=day))
    return Supplied(tuple(slots), offer, min(capacities))

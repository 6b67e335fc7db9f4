"""A declared number that states no uncertainty, as people read whose it is and how its owner states one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic.dataclasses import dataclass

from covolt import units
from covolt.contract.datasheet import Basis, Declared
from covolt.study.result import RESULT
from covolt.words import Phrase, Words, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.verdicts.verdict import Verdict

__all__ = ["BASES", "UNKNOWN", "Unstated", "unstated_count", "unstated_hint", "unstated_said"]

UNKNOWN = " ± ?"
"""Behind a number of which nothing states how sure it is."""
MOST_TOLD = 3
"""Offers that a sentence names; all stand in the JSON."""
BASES: Mapping[str, Phrase] = {
    "estimate": text("an estimate", context="basis"),
    "simulated": text("simulated", context="basis"),
    "supplier": text("by its supplier", context="basis"),
    "measured": text("measured", context="basis"),
}


@dataclass(frozen=True, config=RESULT)
class Unstated:
    """A number of a datasheet that states no uncertainty; `spelling` is what its party writes beside it to state one."""

    party: str
    slot: str
    offer: str
    number: str
    basis: Basis
    spelling: str

    @classmethod
    def of(cls, party: str, slot: str, offer: str, number: str, one: Declared) -> Unstated:
        """That of a slot; a temperature's uncertainty is written in K."""
        unit = units.unit_of(one.value) if isinstance(one.value, str) else units.unit("1")
        name = unit.si if unit.offset else unit.name
        return cls(party, slot, offer, number, one.basis, "u = …" if name == "1" else f'u = "… {name}"')


def unstated_count(verdicts: Iterable[Verdict]) -> Phrase:
    """How many verdicts rest on such numbers alone; empty where none does."""
    count = sum(bool(one.unstated) for one in verdicts)
    if not count:
        return Words()
    return plural(
        "± ?: {count} verdict rests on numbers alone that state no uncertainty: nothing says how sure it is",
        "± ?: {count} verdicts rest on numbers alone that state no uncertainty: nothing says how sure they are",
        count,
    )


def unstated_said(numbers: Sequence[Unstated]) -> Phrase:
    """Whose numbers they are, and how they came about; empty where there are none."""
    alike: dict[tuple[str, Basis], list[str]] = {}
    for one in numbers:
        alike.setdefault((one.number, one.basis), []).append(one.offer)
    return joined(
        text(
            "no uncertainty is stated of {name} of {offer}, {basis}", name=name, offer=_few(offers), basis=BASES[basis]
        )
        for (name, basis), offers in alike.items()
    )


def unstated_hint(numbers: Sequence[Unstated]) -> Phrase:
    """What the owners of these numbers write to state it; empty where there are none."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in numbers:
        alike.setdefault((one.number, one.spelling), []).append(one.party)
    return joined(
        text(
            "{party} can state it in the next version of its offer, by {spelling} beside {name}",
            party=", ".join(dict.fromkeys(parties)),
            spelling=spelling,
            name=name,
        )
        for (name, spelling), parties in alike.items()
    )


def _few(offers: Sequence[str]) -> Phrase:
    """The first of several, and how many more there are."""
    told, more = ", ".join(offers[:MOST_TOLD]), len(offers) - MOST_TOLD
    return Words(told, told) if more <= 0 else joined((told, text("and {number} more", number=more)), " ")

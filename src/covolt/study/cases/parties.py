"""The use case `parties`: who takes part at which level, who belongs to whom, and what the measures below each sum to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.levels import Measured, Summed, sums_of_all
from covolt.programme.party import LEVELS, Party
from covolt.programme.reading import Source, read_programme
from covolt.study.result import RESULT, Number, Said
from covolt.words import Phrase, Words, plural, text

__all__ = ["LevelRow", "MeasureRow", "Parties", "PartyLevel", "Standing", "parties", "parties_of"]


Standing = Literal["declared", "counted", "computed"]
"""How a number is known: a party states what nobody counted, or counted, or covolt sums what others state."""


@dataclass(frozen=True, config=RESULT)
class MeasureRow:
    """A measure of one year: what a party states of itself, or the sum over the parties below that have none under them."""

    name: str
    value: Number
    unit: str
    year: int
    standing: Standing
    source: Said
    expanded: Number | None = None
    """U = 2 u, where a party states u."""


@dataclass(frozen=True, config=RESULT)
class PartyLevel:
    """A party at its level, with what those below it sum to."""

    id: str
    title: Said
    level: str
    belongs_to: tuple[str, ...]
    measures: tuple[MeasureRow, ...]


@dataclass(frozen=True, config=RESULT)
class LevelRow:
    """A level, with what those below all of its parties sum to, each once."""

    level: str
    parties: tuple[str, ...]
    measures: tuple[MeasureRow, ...]


@dataclass(frozen=True, config=RESULT)
class Parties:
    """The parties of a programme, and their levels from the highest."""

    programme: str
    parties: tuple[PartyLevel, ...]
    levels: tuple[LevelRow, ...]
    schema: Literal["parties/1"] = "parties/1"


def parties(programme: Source, *, day: str | None = None) -> Parties:
    """Who takes part at which level, and what each measure sums to for everybody above, exact in the numbers as written."""
    return parties_of(read_programme(programme, day=day))


def parties_of(read: Programme) -> Parties:
    """The same of a programme that was read."""
    known = read.parties
    by_party, by_level = sums_of_all(known)
    above = {one for party in known.values() for one in party.belongs_to or ()}
    rows = tuple(
        PartyLevel(
            one.id,
            one.title.words,
            one.level or "",
            one.belongs_to or (),
            _rows(by_party[one.id]) if one.id in above else _own(one, by_party[one.id]),
        )
        for one in known.values()
    )
    levels = tuple(
        LevelRow(
            level,
            tuple(one.id for one in known.values() if one.level == level),
            _rows(by_level.get(level, {})),
        )
        for level in LEVELS
        if any(one.level == level for one in known.values())
    )
    return Parties(read.charter.id, rows, levels)


def _rows(found: Mapping[Measured, Summed]) -> tuple[MeasureRow, ...]:
    """Sums over those below, which covolt computes."""
    return tuple(_row(key, one, "computed", _of(one)) for key, one in sorted(found.items()))


def _own(party: Party, found: Mapping[Measured, Summed]) -> tuple[MeasureRow, ...]:
    """What a party states of itself, each with its source."""
    rows: list[MeasureRow] = []
    for key, one in sorted(found.items()):
        said = [each for each in party.measures or () if (each.name, each.unit, each.year) == key]
        sources = "; ".join(dict.fromkeys(each.source for each in said))
        rows.append(_row(key, one, "declared" if one.declared_count else "counted", Words(sources)))
    return tuple(rows)


def _row(key: Measured, one: Summed, standing: Standing, source: Phrase) -> MeasureRow:
    name, unit, year = key
    return MeasureRow(
        name, float(one.value), unit, year, standing, source, None if one.uncertainty is None else 2.0 * one.uncertainty
    )


def _of(one: Summed) -> Phrase:
    if one.declared_count == one.count:
        return plural("sum of {count}, declared", "sum of {count}, all declared", one.count)
    return text("sum of {count}, {declared} of them declared", count=one.count, declared=one.declared_count)

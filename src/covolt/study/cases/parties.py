"""The use case `parties`: who takes part at which level, who belongs to whom, and what the measures below each sum to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.levels import below, below_level, sums, uncertainties
from covolt.programme.party import LEVELS, Party
from covolt.programme.reading import Source, read_programme
from covolt.study.result import RESULT, Number, Said

__all__ = ["LevelRow", "MeasureRow", "Parties", "PartyLevel", "parties"]


@dataclass(frozen=True, config=RESULT)
class MeasureRow:
    """A measure of one year, summed over the parties below that have none under them."""

    name: str
    value: Number
    unit: str
    year: int
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
    read = read_programme(programme, day=day)
    known = read.parties
    rows = tuple(
        PartyLevel(one.id, one.title.words, one.level or "", one.belongs_to or (), _rows(known, below(known, one.id)))
        for one in known.values()
    )
    levels = tuple(
        LevelRow(
            level,
            tuple(one.id for one in known.values() if one.level == level),
            _rows(known, below_level(known, level)),
        )
        for level in LEVELS
        if any(one.level == level for one in known.values())
    )
    return Parties(read.charter.id, rows, levels)


def _rows(parties: Mapping[str, Party], names: frozenset[str]) -> tuple[MeasureRow, ...]:
    u = uncertainties(parties, names)
    return tuple(
        MeasureRow(*key[:1], float(value), *key[1:], 2.0 * u[key] if key in u else None)
        for key, value in sorted(sums(parties, names).items())
    )

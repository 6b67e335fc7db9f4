"""Levels between two states: what each sum was and is, by whom it moved, and who gains and loses by the change at each level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from fractions import Fraction

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.level_changes import rows_between
from covolt.programme.levels import rolled, rolled_levels
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.bench import Bench, Progress
from covolt.study.verdicts.interests import Gain, gains_of
from covolt.study.verdicts.records import RecordStore

__all__ = ["LevelsMoved", "SumRow", "levels_moved", "sum_rows"]


@dataclass(frozen=True, config=RESULT)
class SumRow:
    """What a measure of a year sums to for a party with all below it, or for a level, whose `party` is empty: before and after,
    null where nobody states it, with U = 2 u where a leaf states u, and by whom it moved.
    """

    party: str
    level: str
    name: str
    unit: str
    year: int
    before: Number | None
    after: Number | None
    before_expanded: Number | None
    after_expanded: Number | None
    by: Mapping[str, Number]

    @property
    def scale(self) -> float:
        """Size of the largest of its numbers."""
        return max(abs(self.before or 0.0), abs(self.after or 0.0), *map(abs, self.by.values()))

    @property
    def moved(self) -> bool:
        """Whether it is another number, or one is new or gone."""
        return self.before != self.after


@dataclass(frozen=True, config=RESULT)
class LevelsMoved:
    """Sums of every level and party, gains by interest, and what they roll up to: for a party with all below it, and for a level.

    Only interests that the reader may see count. `not_comparable` says why others are not.
    """

    sums: tuple[SumRow, ...] = ()
    gains: tuple[Gain, ...] = ()
    by_party: Mapping[str, Number] = field(default_factory=dict[str, float])
    by_level: Mapping[str, Number] = field(default_factory=dict[str, float])
    not_comparable: Mapping[str, Said] = field(default_factory=dict[str, Said])


def sum_rows(base: Programme | None, head: Programme) -> tuple[SumRow, ...]:
    """The sums of a programme, beside those of an earlier state where there is one."""

    def side(value: Fraction | None) -> float | None:
        return None if value is None or base is None else float(value)

    def expanded(u: float | None) -> float | None:
        return None if u is None else 2.0 * u

    return tuple(
        SumRow(
            row.party,
            row.level,
            *row.measured,
            side(row.moved.before),
            None if row.moved.after is None else float(row.moved.after),
            None if base is None else expanded(row.moved.uncertainty[0]),
            expanded(row.moved.uncertainty[1]),
            {party: float(one) for party, one in row.moved.by.items()},
        )
        for row in rows_between((base or head).parties, head.parties)
    )


def levels_moved(
    base: Programme,
    head: Programme,
    bench: Bench,
    store: RecordStore,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> LevelsMoved:
    """What differs between two states at each level, as the reader of both may see it."""
    gains, apart = gains_of(base, head, bench, store, progress=progress, cancelled=cancelled)
    own: dict[str, float] = {}
    for one in gains:
        own[one.party] = own.get(one.party, 0.0) + one.gain
    parties = head.parties
    above = rolled(parties, own) if own else {}
    return LevelsMoved(
        sum_rows(base, head), tuple(gains), above, {**rolled_levels(parties, own)} if own else {}, dict(apart)
    )

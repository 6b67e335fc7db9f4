"""Levels between two states: what each sum was and is, by whom it moved, and who gains and loses by the change at each level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from fractions import Fraction

from pydantic.dataclasses import dataclass

from covolt.digits import signed_text
from covolt.programme.documents import Programme
from covolt.programme.level_changes import rows_between
from covolt.programme.levels import LEVEL_WORDS, above, below_level, rolled, rolled_levels
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.bench import Bench, Progress
from covolt.study.verdicts.interests import Gain, gains_of
from covolt.study.verdicts.records import RecordStore
from covolt.words import Phrase, in_each, joined, plural, text

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

    Only interests that the reader may see count. `not_comparable` says why others are not, and `open_by_party` and
    `open_by_level` which of them a rolled-up gain is therefore without.
    """

    sums: tuple[SumRow, ...] = ()
    gains: tuple[Gain, ...] = ()
    by_party: Mapping[str, Number] = field(default_factory=dict[str, float])
    by_level: Mapping[str, Number] = field(default_factory=dict[str, float])
    not_comparable: Mapping[str, Said] = field(default_factory=dict[str, Said])
    open_by_party: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    open_by_level: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def rolled_said(self, titles: Mapping[str, Phrase]) -> Phrase:
        """Gains of each level and party with all below it, and without which open interests each of them is."""
        called = {"level": LEVEL_WORDS, "party": titles}
        told: list[Phrase] = []
        for kind, gains, without in (
            ("level", self.by_level, self.open_by_level),
            ("party", self.by_party, self.open_by_party),
        ):
            for who in [*gains, *(one for one in without if one not in gains)]:
                gain, names = gains.get(who, 0.0), without.get(who, ())
                if who not in called[kind] or (signed_text(gain, 1.0) == "0" and not names):
                    continue
                said = joined((called[kind][who], in_each(lambda one, gain=gain: signed_text(gain, 1.0, one))), " ")
                missing = plural(
                    "without {count} that is open ({names})",
                    "without {count} that are open ({names})",
                    len(names),
                    names=", ".join(names),
                )
                told.append(joined((said, missing), ", ") if names else said)
        return joined(told, "; ") if told else text("nobody gains or loses")


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
    owner = {name: head.interests[name].party for name in sorted(apart)}
    missing = {one: tuple(name for name, party in owner.items() if one in above(parties, party)) for one in parties}
    below_each = {one.level for one in parties.values() if one.level is not None}
    by_level = {
        level: tuple(name for name, party in owner.items() if party in below_level(parties, level))
        for level in sorted(below_each)
    }
    return LevelsMoved(
        sum_rows(base, head),
        tuple(gains),
        rolled(parties, own) if own else {},
        {**rolled_levels(parties, own)} if own else {},
        dict(apart),
        {one: names for one, names in missing.items() if names},
        {level: names for level, names in by_level.items() if names},
    )

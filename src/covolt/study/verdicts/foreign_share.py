"""What a foreign part leaves open of its energy, as a term of the ± of every verdict that rests on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from covolt import units
from covolt.study.procedures.foreign_use import ForeignUse
from covolt.study.procedures.protocol import Measure, Record
from covolt.study.verdicts.variation import Sheets, Variation
from covolt.study.verdicts.verdict import Contribution
from covolt.words import Phrase, joined, text

__all__ = ["foreign_contributions", "without_share"]

LEAST_SHARE = 1e-6
"""Below it a share is rounding, as of covolt's own pack by another door."""


def share_of(use: ForeignUse) -> float:
    """The largest share of its energy that a part left open in the drives of a record: unexplained, or off what it declares."""
    return max(use.remainder_ratio or 0.0, use.declared_less_real_ratio or 0.0)


def foreign_contributions(
    record: Record, measure: Measure, sheets: Sheets, varied: Collection[Variation], moving: Collection[Contribution]
) -> list[Contribution]:
    """What each foreign part that leaves more than rounding open adds to the uncertainty of a measure.

        u(y) = r |y|

    with r the largest share of its energy that it leaves open in a drive of the record. Ranges, consumptions and charging times
    go with the energy, so that they are off by r at most; speeds, times to a speed and sums of money by less, and for them it
    is a bound. As a standard uncertainty, not a bound: a part that is off by r in one drive may be off by more in another.
    A temperature rests on no energy (`without_share`), nor does a measure that no uncertain number of the part moves.

    Args:
        record: with what was asked of foreign parts.
        measure: of it.
        sheets: the datasheets, by slot.
        varied: every uncertain number of the vehicle.
        moving: those that move the measure.
    """
    if units.unit(measure.unit).offset:
        return []
    ends = record.open[measure.id].ends if measure.id in record.open else record.laws.get(measure.id, {})
    value_si = next(iter(ends.values()), record.measures.get(measure.id, 0.0))
    return [
        Contribution(
            "input",
            sheets[use.slot].party,
            use.slot,
            "open_share",
            TITLE,
            share_of(use) * value_si,
            share_of(use),
            "1",
            {law: share_of(use) * one for law, one in ends.items()},
        )
        for use in _open(record)
        if _rests(use.slot, varied, moving)
    ]


TITLE: Phrase = text("share of its energy that its own model leaves open")


def without_share(record: Record, measure: Measure) -> Phrase | None:
    """That the ± of a temperature holds no share of what foreign parts leave open, where they leave something."""
    names = sorted({use.name for use in _open(record)})
    if not names or not units.unit(measure.unit).offset:
        return None
    return text("± holds nothing of what {names} leaves open of its energy", names=joined(names))


def _open(record: Record) -> Iterator[ForeignUse]:
    return (use for use in record.foreign if share_of(use) > LEAST_SHARE)


def _rests(slot: str, varied: Collection[Variation], moving: Collection[Contribution]) -> bool:
    """Whether a number of the part moves the measure; of a part without any uncertain number every measure rests on it."""
    known = any(one.slot == slot for one in varied)
    return not known or any(one.slot == slot for one in moving)

"""Sums of money of which something is open: from what is sure to what may be, by the sides of a step."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from covolt.words import Phrase

__all__ = ["NONE", "Amount", "Sum"]

NONE = Fraction(0)


class Amount(NamedTuple):
    """An amount from what is sure to what may be, None where there is no end, and how probable it is."""

    low: Fraction | None
    high: Fraction | None
    probability: float


@dataclass(frozen=True)
class Sum:
    """A sum of money from what is sure to what may be, None where there is no end, by the sides of a step; and what is open."""

    sides: tuple[Amount, ...]
    why: tuple[Phrase, ...] = ()
    unknown: bool = False
    """Whether nothing at all is known of it: alone it has no end then, though in a total it is never less than 0."""

    @staticmethod
    def of(low: Fraction | None, high: Fraction | None, *why: Phrase) -> Sum:
        """One without steps."""
        return Sum((Amount(low, high, 1.0),), why)

    def less(self, other: Sum) -> Sum:
        """The same without another sum, which has no steps."""
        ((low, high, _),) = other.sides
        sides = tuple(
            Amount(_plus(a, _times(high, Fraction(-1))), _plus(b, _times(low, Fraction(-1))), p)
            for a, b, p in self.sides
        )
        return Sum(sides, (*self.why, *other.why))

    def plus(self, other: Sum) -> Sum:
        """The sum with another one, which has no steps."""
        ((low, high, _),) = other.sides
        return Sum(tuple(Amount(_plus(a, low), _plus(b, high), p) for a, b, p in self.sides), (*self.why, *other.why))


def _plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other


def _times(one: Fraction | None, factor: Fraction) -> Fraction | None:
    return None if one is None else one * factor

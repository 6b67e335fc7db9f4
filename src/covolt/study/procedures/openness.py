"""Open measures: between which ends a result lies for which a fact is missing, and which fact that is."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

import pydantic.dataclasses

from covolt import units
from covolt.display import printed
from covolt.study.result import RESULT, Number, Said
from covolt.words import Phrase, joined, text

__all__ = ["HIGH", "LOW", "Open", "Side"]

LOW, HIGH = "at least", "at most"


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT)
class Side:
    """What a result is on one side of a step, between two ends in SI, and how probable that side is."""

    low: Number | None
    high: Number | None
    probability: Number

    def worst(self, *, at_least: bool) -> float | None:
        """The end that counts against a bound that asks for at least or at most so much."""
        return self.low if at_least else self.high


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT)
class Open:
    """The ends in SI between which a result lies, None where there is none on that side, and what is not known.

    Where an uncertain number decides on which side of a step the result lies, `sides` has each with its probability.
    """

    low: Number | None
    high: Number | None
    why: Said
    sides: tuple[Side, ...] = ()

    @property
    def ends(self) -> Mapping[str, float]:
        """The result at each end that there is, as if each were a law."""
        ends = {LOW: self.low, HIGH: self.high}
        return {name: value for name, value in ends.items() if value is not None}

    def worst(self, *, at_least: bool) -> float:
        """The end that counts against a bound that asks for at least or at most so much; not a number without such an end."""
        end = self.low if at_least else self.high
        return nan if end is None else end

    def assured(self, probability: float, *, at_least: bool) -> float:
        """The end that counts against such a bound, on sides that are together so probable; not a number where no end is.

        A bound there, and none that asks for more, is met with that probability. Without sides it is the worst end.
        """
        if not self.sides:
            return self.worst(at_least=at_least)
        ends = [(one.worst(at_least=at_least), one.probability) for one in self.sides]
        sign = 1.0 if at_least else -1.0
        known = [(sign * end, share) for end, share in ends if end is not None]
        # Summed in the order of the sides, as the probability to conform is: at a bound both are the same number.
        met = [end for end, _ in known if sum(share for other, share in known if other >= end) >= probability]
        return sign * max(met) if met else nan

    def said(self, unit: str, named: Phrase | None = None) -> Phrase:
        """The ends in a unit, called as is `named`, and why it is open."""
        called = printed(unit) if named is None else named
        low, high = (None if one is None else units.unit(unit).from_si(one) for one in (self.low, self.high))
        if low is None or high is None:
            if low is not None:
                return text("open, at least {low}: {why}", low=joined((low, called), " "), why=self.why)
            if high is not None:
                return text("open, at most {high}: {why}", high=joined((high, called), " "), why=self.why)
            return text("open: {why}", why=self.why)
        return text("open from {low} to {high}: {why}", low=low, high=joined((high, called), " "), why=self.why)

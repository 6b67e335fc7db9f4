"""Turned: what of a settlement is another than today: verdicts like with like, values by the digits in which they are told."""

from __future__ import annotations

import math
from typing import Protocol

from covolt.study.verdicts.verdict import ROUNDING, UNCHECKED

__all__ = ["DIGITS", "is_met", "is_same", "outward", "words_of"]

DIGITS = 5
"""Significant digits in which a number without its uncertainty is told, and a bound is written anew."""
NEAR = 1e-6
"""Of a step in its last digit, what rounding leaves of a whole number of steps."""


class _Sure(Protocol):
    @property
    def verdict(self) -> str: ...


class _Sided(Protocol):
    """What has a verdict before and after, by what is computed, and where that was asked for with its uncertainty."""

    @property
    def verdict_before(self) -> str: ...
    @property
    def verdict_after(self) -> str: ...
    @property
    def sure_before(self) -> _Sure | None: ...
    @property
    def sure_after(self) -> _Sure | None: ...


def words_of(one: _Sided) -> tuple[str, str]:
    """Verdicts before and after: with their uncertainties where both are known, else both by what is computed alone."""
    if one.sure_before is None or one.sure_after is None:
        return one.verdict_before, one.verdict_after
    return one.sure_before.verdict, one.sure_after.verdict


def is_met(word: str, kind: str) -> bool:
    """Whether a verdict says that a requirement is met; of a law only a text that somebody has checked does."""
    return word == "met" or (word == UNCHECKED and kind != "law")


def is_same(values: tuple[float | None, float | None]) -> bool:
    """Whether two values are one: they differ by what rounding leaves, or are told in the same five digits."""
    before, after = values
    if before is None or after is None:
        return before is after
    if abs(before - after) <= ROUNDING * max(abs(before), abs(after)):
        return True
    return f"{before:.{DIGITS}g}" == f"{after:.{DIGITS}g}"


def outward(value: float, *, at_least: bool) -> float:
    """A bound in five digits that the value keeps: of one to be reached no more than it, of another no less."""
    if not value or not math.isfinite(value):
        return value
    power = math.floor(math.log10(abs(value))) + 1 - DIGITS
    # A power of ten below one is no binary number: of whole steps of such a size the quotient is exact to the last digit.
    places = value * 10.0**-power if power < 0 else value / 10.0**power
    # What is a whole number of steps but for rounding stays.
    whole = (
        round(places) if abs(places - round(places)) < NEAR else math.floor(places) if at_least else math.ceil(places)
    )
    return whole / 10.0**-power if power < 0 else whole * 10.0**power

"""Which generic numbers behind verdicts are correlated, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from pydantic.dataclasses import dataclass

from covolt.library.generic import correlation
from covolt.study.result import RESULT
from covolt.study.verdicts.verdict import Verdict

__all__ = ["Correlation", "correlations"]


@dataclass(frozen=True, config=RESULT)
class Correlation:
    """Correlation r of two numbers of the generic set."""

    first: str
    second: str
    correlation_coefficient: float


def correlations(verdicts: Sequence[Verdict]) -> tuple[Correlation, ...]:
    """Correlation r of every two generic numbers that stand in verdicts; the others are independent."""
    names = {part.number for one in verdicts for part in one.contributions if part.origin == "model"}
    pairs = [(first, second, correlation(first, second)) for first, second in combinations(sorted(names), 2)]
    return tuple(Correlation(*pair) for pair in pairs if pair[2])

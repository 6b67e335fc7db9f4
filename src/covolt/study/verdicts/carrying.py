"""Whose numbers carry the ± of a verdict: how far it falls where they are known better, and how well they must be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from covolt.study.verdicts.decisive import halved, known_to
from covolt.study.verdicts.verdict import Contribution, Standing, Verdict, combined, conforming, standing_at

__all__ = ["Carried", "carried"]

HALVINGS = 12


@final
@dataclass(frozen=True)
class Carried:
    """Numbers of a verdict that become known better together, each at the same value.

    `share_fraction` of the variance falls away were they known exactly. Halved they leave `uncertainty` of the value, in the
    unit of the verdict, with which it conforms by `probability`, and is `verdict`. `needed_fraction` is the greatest fraction of
    today's uncertainties at which it is decided; None where not even exact numbers decide it.
    """

    numbers: tuple[Contribution, ...]
    share_fraction: float
    uncertainty: float
    probability: float
    verdict: Standing
    needed_fraction: float | None


def carried(verdict: Verdict, chosen: Sequence[int]) -> Carried:
    """What the numbers at these places among its contributions carry of a verdict that has a probability."""
    parts, law = verdict.contributions, min(verdict.margins, key=lambda one: verdict.margins[one])
    whole, rest = combined(parts, law), combined(known_to(parts, chosen, 0.0), law)
    half = halved(parts, chosen)
    probability = conforming(verdict.margins, half)
    return Carried(
        tuple(parts[index] for index in chosen),
        1.0 - rest**2 / whole**2 if whole > 0.0 else 0.0,
        combined(half, law),
        probability,
        standing_at(probability),
        _needed(verdict, chosen),
    )


def _needed(verdict: Verdict, chosen: Sequence[int]) -> float | None:
    """By halving an interval at whose lower end the verdict is decided."""

    def decides(fraction: float) -> bool:
        known = known_to(verdict.contributions, chosen, fraction)
        return standing_at(conforming(verdict.margins, known)) != "within uncertainty"

    low, high = 0.0, 1.0
    if not decides(low):
        return None
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if decides(middle) else (low, middle)
    return low

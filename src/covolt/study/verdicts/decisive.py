"""What to measure next: which numbers, known twice as well, would decide a verdict that is within uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from pydantic.dataclasses import dataclass

from covolt.library.generic import UNCERTAIN, correlation
from covolt.study.result import RESULT, Number
from covolt.study.verdicts.verdict import CONFORMS, Contribution, Standing, Verdict, combined, conforming, standing_at
from covolt.words import Phrase, text

__all__ = ["Choice", "NextStep", "halved", "known_to", "next_step", "next_steps", "to_state"]

MOST_MODELS = 10
"""Generic numbers among which the shortest list is sought: those that weigh most."""
HALVINGS = 60
_MODEL_OF = {"loss": "loss-map", "coast_down_constant": "coast-down"}
"""The model of a datasheet that reads a table or number which takes a generic number's place."""


@dataclass(frozen=True, config=RESULT)
class Choice:
    """Numbers whose uncertainties, halved at the same values, decide a verdict, and which one it then is."""

    numbers: tuple[Contribution, ...]
    probability: Number
    verdict: Standing


@dataclass(frozen=True, config=RESULT)
class NextStep:
    """What would decide one verdict.

    `alone` are single numbers, the most decisive first; where there is none, `together` is the shortest list; where not even all
    numbers do, `move` is how far the margin must move for the requirement to be met at today's uncertainty, in its unit.
    """

    requirement: str
    unit: str
    alone: tuple[Choice, ...] = ()
    together: Choice | None = None
    move: Number | None = None


def next_steps(verdicts: Sequence[Verdict]) -> list[NextStep]:
    """The next step of every verdict that is within uncertainty."""
    return [next_step(one) for one in verdicts if one.verdict == "within uncertainty" and one.probability is not None]


def next_step(verdict: Verdict) -> NextStep:
    """What would decide a verdict: same value, halved uncertainty, probability to conform at least 95 or at most 5 %."""
    found = [one for one in (_choice(verdict, (index,)) for index in range(len(verdict.contributions))) if one]
    if found:
        alone = tuple(sorted(found, key=lambda one: abs(one.probability - 0.5), reverse=True))
        return NextStep(verdict.requirement, verdict.unit, alone=alone)
    together = _shortest(verdict)
    move = None if together else _move(verdict)
    return NextStep(verdict.requirement, verdict.unit, together=together, move=move)


def to_state(part: Contribution) -> Phrase | None:
    """What a party can state in place of a generic number; None where no datasheet can."""
    known = next((one for one in UNCERTAIN if part.origin == "model" and one.name == part.number), None)
    if known is None or not known.replaced_by:
        return None
    (slot, name), *_ = known.replaced_by
    slot = part.slot or slot
    model = _MODEL_OF.get(name)
    if model is not None:
        return text("state a model {model} in {slot}", model=model, slot=slot)
    return text("state {slot} {name}", slot=slot, name=name)


def halved(contributions: Sequence[Contribution], chosen: Sequence[int]) -> list[Contribution]:
    """Contributions with the uncertainties of the chosen ones halved."""
    return known_to(contributions, chosen, 0.5)


def known_to(contributions: Sequence[Contribution], chosen: Sequence[int], fraction: float) -> list[Contribution]:
    """Contributions with the uncertainties of the chosen ones at a fraction of today's."""
    return [
        replace(one.scaled(fraction), uncertainty=fraction * one.uncertainty) if index in chosen else one
        for index, one in enumerate(contributions)
    ]


def _choice(verdict: Verdict, chosen: Sequence[int]) -> Choice | None:
    """The choice of these numbers, None where it decides nothing."""
    probability = conforming(verdict.margins, halved(verdict.contributions, chosen))
    standing = standing_at(probability)
    numbers = tuple(verdict.contributions[index] for index in chosen)
    return None if standing == "within uncertainty" else Choice(numbers, probability, standing)


def _shortest(verdict: Verdict) -> Choice | None:
    """The shortest list that decides.

    Of independent inputs those with the largest effects take away most; of generic numbers, which are correlated, every subset
    is tried.
    """
    all_of_them = verdict.contributions
    by_weight = sorted(range(len(all_of_them)), key=lambda index: -abs(all_of_them[index].effect))
    inputs = [index for index in by_weight if all_of_them[index].origin == "input"]
    models = [index for index in by_weight if all_of_them[index].origin == "model"][:MOST_MODELS]
    best = [_most_relieving(all_of_them, models, size) for size in range(len(models) + 1)]
    for size in range(2, len(inputs) + len(models) + 1):
        lists = [(*inputs[: size - len(some)], *some) for some in best if len(some) <= size <= len(some) + len(inputs)]
        shortest = min(lists, key=lambda some: combined(halved(all_of_them, some)))
        found = _choice(verdict, sorted(shortest, key=by_weight.index))
        if found is not None:
            return found
    return None


def _most_relieving(contributions: Sequence[Contribution], models: Sequence[int], size: int) -> tuple[int, ...]:
    """Of the subsets of so many generic numbers the one that, halved, leaves the least of their uncertainty.

    u^2 = sum of h_i c_i r_ij c_j h_j, h = 1/2 of what is halved
    """
    if size == 0:
        return ()
    place = {index: k for k, index in enumerate(i for i, one in enumerate(contributions) if one.origin == "model")}
    numbers = [contributions[index] for index in place]
    bound = np.array([[correlation(one.number, other.number) for other in numbers] for one in numbers])
    subsets = list(combinations(models, size))
    effects = np.tile([one.effect for one in numbers], (len(subsets), 1))
    for row, some in enumerate(subsets):
        effects[row, [place[index] for index in some]] *= 0.5
    return subsets[int(np.argmin(np.sum((effects @ bound) * effects, axis=1)))]


def _move(verdict: Verdict) -> float:
    """Least movement of the margin at which the probability to conform reaches 95 %, by halving an interval."""
    if not verdict.contributions:  # of sides of a step the margin is had with 95 %
        return max(0.0, -(verdict.margin or 0.0))
    margins = verdict.margins
    u = max(combined(verdict.contributions, law) for law in margins)
    low, high = 0.0, 2.0 * u - min(margins.values())
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        moved = {law: margin + middle for law, margin in margins.items()}
        low, high = (low, middle) if conforming(moved, verdict.contributions) >= CONFORMS else (middle, high)
    return high

"""What a search is asked: what moves, which measures shall be greatest or least, and what is demanded, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, final

import numpy as np
import numpy.typing as npt

from covolt.errors import InputError, Problem
from covolt.study.conflicts.relaxation import undominated
from covolt.words import text

__all__ = ["Direction", "Found", "Moving", "Numbers", "Objective", "SearchProblem", "Slopes"]

Numbers = npt.NDArray[np.float64]
Direction = Literal["max", "min"]


@final
@dataclass(frozen=True)
class Moving:
    """A number from its lowest to its highest value, in whole steps from the lowest where `step` is above 0.

    Of `choices` offers, in no order, the value is the place of one: `lowest` is 0 and `highest` the last place.
    """

    name: str
    lowest: float
    highest: float
    step: float = 0.0
    choices: int = 0

    @property
    def count(self) -> int | None:
        """How many values it has; None where every one between the bounds counts."""
        if self.choices:
            return self.choices
        return int((self.highest - self.lowest) / self.step + 1e-9) + 1 if self.step else None

    def value(self, place: Numbers) -> Numbers:
        """Values at these places: whole steps or choices from 0 on."""
        return self.lowest + place * (self.step or 1.0)


@final
@dataclass(frozen=True)
class Objective:
    """A measure that shall be greatest or least."""

    name: str
    direction: Direction

    @property
    def sign(self) -> float:
        """What makes of it a number that shall be least."""
        return -1.0 if self.direction == "max" else 1.0


class Found(NamedTuple):
    """What was found of designs: objectives (designs, objectives) and margins (designs, demands).

    A demand is kept where its margin is >= 0. NaN is what could not be found; a design of which an objective was not found, or
    that leaves a demand open, is none that a search may choose.
    """

    objectives: Numbers
    margins: Numbers

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """Which designs a search may choose: (designs,)."""
        return np.asarray(np.isfinite(self.objectives).all(axis=1) & (self.margins >= 0.0).all(axis=1))


Slopes = Callable[[Numbers], tuple[Numbers, Numbers]]
"""Of one design (variables,) the exact derivatives (objectives, variables) and (demands, variables); NaN where there is none."""


@final
@dataclass(frozen=True)
class SearchProblem:
    """What is searched. `evaluate` takes any designs (designs, variables) and finds their objectives and margins, a row each.

    `demands` are the names of the margins, and `scales` what a margin of each is measured by; 1 where it is empty.
    """

    moving: tuple[Moving, ...]
    objectives: tuple[Objective, ...]
    evaluate: Callable[[Numbers], Found]
    demands: tuple[str, ...] = ()
    scales: tuple[float, ...] = ()
    slopes: Slopes | None = None
    beside: Callable[[Numbers], Found] | None = None
    """As `evaluate`, of designs that are for a difference alone; `evaluate` where there is none."""

    def demand_sound(self) -> None:
        """Refuse what cannot be searched.

        Raises:
            InputError: nothing moves, a bound is the wrong way round, no objective or one twice; all at once.
        """
        problems: list[Problem] = []
        if not self.moving:
            hint = text("let an owner declare what moves")
            problems.append(Problem(text("the design space is empty: nothing moves"), "designs", hint))
        problems += [
            Problem(
                text(
                    "its lowest value {lowest} is above its highest {highest}", lowest=one.lowest, highest=one.highest
                ),
                one.name,
                text("exchange them"),
            )
            for one in self.moving
            if not one.lowest <= one.highest
        ]
        if not self.objectives:
            hint = text("name what shall be greatest or least")
            problems.append(Problem(text("there is no objective"), "objective", hint))
        names = [one.name for one in self.objectives]
        problems += [
            Problem(text("the objective {name} is named twice", name=name), "objective", text("name it once"))
            for name in sorted({one for one in names if names.count(one) > 1})
        ]
        if problems:
            raise InputError(problems)

    def least(self, found: Found) -> Numbers:
        """Objectives as numbers of which all shall be least: (designs, objectives)."""
        return found.objectives * np.array([one.sign for one in self.objectives])

    def best(self, found: Found) -> list[int]:
        """Designs that may be chosen and than which none that may be is better in one objective and worse in none."""
        (rows,) = np.nonzero(found.kept)
        return [int(rows[at]) for at in sorted(undominated(self.least(found)[rows]))]

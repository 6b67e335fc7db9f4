"""Objectives of a programme: requirements and interests, whose bounds say what is better, and measures with their direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, final

from covolt.errors import InputError, Problem
from covolt.programme.documents import Programme
from covolt.study.designs.evaluation import MEASURE
from covolt.study.procedures.registry import find_measure
from covolt.study.search.problem import Direction, Objective
from covolt.study.verdicts.interests import wish_of
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Aim", "aims_of", "meet_of", "objective_of"]

ALL = "all"
DIRECTIONS: tuple[Direction, ...] = ("max", "min")


@final
@dataclass(frozen=True)
class Aim:
    """An objective, and by which name a study is asked for it."""

    objective: Objective
    asked: str
    is_interest: bool

    @property
    def written(self) -> str:
        """As it is named once its direction is known."""
        return f"{self.asked}:{self.objective.direction}"


def aims_of(programme: Programme, written: Sequence[str], where: str) -> list[Aim]:
    """Objectives as they are named: `I-RANGE`, `concern/PARTS-PRICE` or `iso-8715.time_0_100:min`.

    Of a requirement or an interest the better side follows from its bound, else from what its party hopes for; of a measure it
    must be said. `:max` or `:min` may follow any.

    Raises:
        InputError: with every one that is not known, cannot be searched by, or has no direction.
    """
    found: list[Aim] = []
    problems: list[Problem] = []
    for one in written:
        try:
            found.append(_aim(programme, one, where))
        except InputError as error:
            problems += error.problems
    if not written:
        hint = text(
            "name a requirement, an interest or a measure: --objective I-RANGE --objective iso-8715.time_0_100:min"
        )
        problems.append(Problem(text("there is no objective"), where, hint))
    if problems:
        raise InputError(problems)
    return found


def _aim(programme: Programme, written: str, where: str) -> Aim:
    name, _, said = written.partition(":")
    if said and said not in DIRECTIONS:
        what = text("'{said}' is no direction of {name}", said=said, name=name)
        raise InputError(Problem(what, where, text("write {name}:max or {name}:min", name=name)))
    direction = "max" if said == "max" else "min" if said == "min" else None
    if "." in name:
        recipe, _, number = name.partition(".")
        find_measure(recipe, number, where)
        if direction is None:
            what = text("the objective {name} has no direction", name=name)
            raise InputError(Problem(what, where, text("write {name}:max or {name}:min", name=name)))
        return Aim(Objective(f"{MEASURE}/{name}", direction), name, is_interest=True)
    for one in programme.interests.values():
        full = f"{one.party}/{one.id}"
        if name in {full, one.id} and name not in programme.requirements:
            return Aim(Objective(full, direction or _better(more=wish_of(one).sign > 0.0)), full, is_interest=True)
    if name in programme.requirements:
        if (why := _unsought(programme, name)) is not None:
            raise InputError(Problem(why, where, text("name another objective")))
        more = programme.requirements[name].sign > 0.0
        return Aim(Objective(name, direction or _better(more=more)), name, is_interest=False)
    known = [*programme.requirements, *(f"{one.party}/{one.id}" for one in programme.interests.values())]
    what = text("no requirement, interest or measure '{name}'", name=name)
    raise InputError(Problem(what, where, named(name, known, "covolt verify")))


def objective_of(written: str) -> Objective:
    """An objective as a plan names it, with its direction; its name is the one that it has in the columns of a study."""
    name, _, said = written.partition(":")
    return Objective(f"{MEASURE}/{name}" if "." in name else name, cast("Direction", said))


def _better(*, more: bool) -> Direction:
    return "max" if more else "min"


def _unsought(programme: Programme, name: str) -> Phrase | None:
    """Why no search can go by a requirement."""
    if name in programme.hidden:
        return text("{name} is {party}'s own", name=name, party=programme.requirements[name].party)
    if programme.requirements[name].verify.method == "document":
        return text("{name} is shown by a document, whatever the design", name=name)
    return None


def meet_of(programme: Programme, written: Sequence[str], where: str) -> list[str]:
    """Requirements that every design must meet; `all` is every one that can be computed.

    Raises:
        InputError: with every one that is not known or cannot be searched by.
    """
    if ALL in written:
        return [name for name in programme.requirements if _unsought(programme, name) is None]
    problems: list[Problem] = []
    for one in written:
        if one not in programme.requirements:
            what = text("no requirement '{name}'", name=one)
            problems.append(Problem(what, where, named(one, [*programme.requirements, ALL], "covolt verify")))
        elif (why := _unsought(programme, one)) is not None:
            problems.append(Problem(why, where, text("leave it out")))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(written))

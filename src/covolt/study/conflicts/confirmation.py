"""Conflicts held against further designs: each is sought to be disproved, and the designs that do so join the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from covolt.study.conflicts.declared import EQUAL, Straight
from covolt.study.conflicts.search import Aim, Axis, every_design, search
from covolt.study.conflicts.sets import Conflicts, Set, conflicts_of
from covolt.study.conflicts.table import Designs, Numbers

__all__ = ["Confirmation", "Confirmed", "Sure", "confirmed", "unconfirmed"]

Sure = Literal["sample", "searched", "whole", "proven"]
"""A conflict of the designs of a study alone, of those of a search too, of all that the space has, or proven by its lines."""
EvaluateNamed = Callable[[Numbers, Sequence[str]], Numbers]
"""Margins (designs, requirements) of designs of these values, by the requirements of these names alone."""
MOST_SETS = 12
"""Conflicts that are listed, and sought to be disproved, where nobody says how many."""
MOST_ROUNDS = 200
"""Searches; what was not sought by then stays unconfirmed."""


@final
@dataclass(frozen=True)
class Confirmation:
    """What was tried against a conflict: further designs sought for it alone, and how sure it is thereby."""

    sought: int
    sure: Sure = "searched"


@final
@dataclass(frozen=True)
class Confirmed:
    """The table with the best designs of every search, the conflicts of it, what was tried against each, and what was disproved.

    `sought` counts the designs of all searches.
    """

    designs: Designs
    conflicts: Conflicts
    tried: Mapping[Set, Confirmation]
    disproved: tuple[Set, ...] = ()
    sought: int = 0


def unconfirmed(designs: Designs, *, most_sets: int = MOST_SETS) -> Confirmed:
    """The conflicts of a table alone, against which nothing was tried."""
    return Confirmed(designs, conflicts_of(designs.not_missed, designs.names, most=most_sets), {})


def confirmed(
    designs: Designs,
    axes: Sequence[Axis],
    evaluate: EvaluateNamed,
    *,
    most_designs: int,
    most_sets: int = MOST_SETS,
    straight: Straight | None = None,
) -> Confirmed:
    """The conflicts that stand after search: for each first a design that meets it is sought, then its least relaxations.

    A space that has no more designs than `most_designs` is judged whole. Else, before that, the least sum of moves is sought by
    which one design meets everything, where what may not move excludes nothing.

    Every search judges at most `most_designs` further designs by the requirements of the conflict; the best is judged by all and
    joins the table. One that meets the conflict disproves it; then the conflicts are found anew, until every listed one was
    sought. None is proven thereby: no design was found. A conflict of requirements that all follow the lines of `straight` is
    held against these instead of a search, and proven where no design meets it.
    """
    every = every_design(axes, most_designs)
    if every is not None:
        return _whole(designs, every, evaluate, most_sets)
    tried: dict[Set, Confirmation] = {}
    disproved: list[Set] = []
    sought = 0
    if _everything_could_be_met(designs):
        claimed = conflicts_of(designs.not_missed, designs.names, most=most_sets).sets
        everything = [_shared(designs, designs.names)]
        designs, sought = _sought(designs, axes, evaluate, designs.names, everything, most_designs)
        disproved = [one for one in claimed if designs.may_meet(one).any()]
    for _ in range(MOST_ROUNDS):
        found = conflicts_of(designs.not_missed, designs.names, most=most_sets)
        conflict = next((one for one in found.sets if one not in tried), None)
        if conflict is None:
            break
        sure: Sure = "searched"
        if straight is not None and set(conflict) <= set(straight.names):
            designs, further = _along(designs, straight, evaluate, _aims(designs, conflict))
            sure = "proven" if designs.missed(conflict).min() > EQUAL else "searched"
        else:
            designs, further = _sought(designs, axes, evaluate, conflict, _aims(designs, conflict), most_designs)
        sought += further
        if designs.may_meet(conflict).any():
            disproved.append(conflict)
        else:
            tried[conflict] = Confirmation(further, sure)
    found = conflicts_of(designs.not_missed, designs.names, most=most_sets)
    stand = {one: tried[one] for one in found.sets if one in tried}
    return Confirmed(designs, found, stand, tuple(disproved), sought)


def _whole(designs: Designs, every: Numbers, evaluate: EvaluateNamed, most_sets: int) -> Confirmed:
    """The conflicts of all designs that there are."""
    claimed = conflicts_of(designs.not_missed, designs.names, most=most_sets).sets
    known = {row.tobytes() for row in designs.values}
    further = every[[row.tobytes() not in known for row in every]]
    if len(further):
        designs = designs.and_also(further, evaluate(further, designs.names))
    found = conflicts_of(designs.not_missed, designs.names, most=most_sets)
    disproved = tuple(one for one in claimed if designs.may_meet(one).any())
    stand = dict.fromkeys(found.sets, Confirmation(len(further), "whole"))
    return Confirmed(designs, found, stand, disproved, len(further))


def _everything_could_be_met(designs: Designs) -> bool:
    """Whether no design meets everything, and one meets all that may not move."""
    firm = [one.name for one in designs.asked if not one.may_move]
    return not designs.may_meet(designs.names).any() and bool(designs.meet(firm).any())


def _sought(
    designs: Designs,
    axes: Sequence[Axis],
    evaluate: EvaluateNamed,
    names: Set,
    aims: Sequence[Aim],
    most_designs: int,
) -> tuple[Designs, int]:
    """The table with the best design of each search for some requirements, and how many designs these searches judged."""
    part = designs.of(names)
    before = len(part.values)
    for aim in aims:
        further = search(part, axes, lambda values: evaluate(values, names), aim, most=most_designs, target=0.0)
        part = part.and_also(further.values, further.margins)
        best = part.values[np.lexsort((*part.values.T[::-1], aim.of(part)))[:1]]
        if not (designs.values == best).all(axis=1).any():
            designs = designs.and_also(best, evaluate(best, designs.names))
        if designs.may_meet(names).any():
            break
    return designs, len(part.values) - before


def _along(designs: Designs, straight: Straight, evaluate: EvaluateNamed, aims: Sequence[Aim]) -> tuple[Designs, int]:
    """The table with the design of each aim, found along straight lines, and how many of them are new."""
    before = len(designs.values)
    for aim in aims:
        found = straight.least(aim)
        if found is not None and not (designs.values == found).all(axis=1).any():
            designs = designs.and_also(found[None], evaluate(found[None], designs.names))
    return designs, len(designs.values) - before


def _aims(designs: Designs, conflict: Set) -> list[Aim]:
    """To meet it whole; to move one bound as little as can be, all others of it met; to move several by the least sum."""
    may_move = {one.name for one in designs.asked if one.may_move}
    alone = [Aim((one,), tuple(other for other in conflict if other != one)) for one in conflict if one in may_move]
    if len(conflict) == 1:
        return [Aim(conflict)]
    return [Aim(conflict), *alone, *([_shared(designs, conflict)] if len(alone) > 1 else [])]


def _shared(designs: Designs, names: Sequence[str]) -> Aim:
    """To move the bounds that may move by the least sum of shares, the others met."""
    may_move = {one.name for one in designs.asked if one.may_move}
    return Aim(
        tuple(one for one in names if one in may_move), tuple(one for one in names if one not in may_move), total=True
    )

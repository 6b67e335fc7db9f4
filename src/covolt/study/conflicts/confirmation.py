"""Conflicts held against further designs: each is sought to be disproved, and the designs that do so join the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from covolt.study.conflicts.search import Aim, Axis, Evaluate, search, whole_size
from covolt.study.conflicts.sets import Conflicts, Set, conflicts_of
from covolt.study.conflicts.table import Designs

__all__ = ["Confirmation", "Confirmed", "confirmed", "unconfirmed"]

MOST_SETS = 12
"""Conflicts that are listed, and sought to be disproved, where nobody says how many."""
MOST_ROUNDS = 200
"""Searches; what was not sought by then stays unconfirmed."""


@final
@dataclass(frozen=True)
class Confirmation:
    """What was tried against a conflict: further designs sought for it alone, and whether they are all that the space has."""

    sought: int
    whole: bool = False


@final
@dataclass(frozen=True)
class Confirmed:
    """The table with all further designs, the conflicts of it, what was tried against each, and the sets that were disproved."""

    designs: Designs
    conflicts: Conflicts
    tried: Mapping[Set, Confirmation]
    disproved: tuple[Set, ...] = ()


def unconfirmed(designs: Designs, *, most_sets: int = MOST_SETS) -> Confirmed:
    """The conflicts of a table alone, against which nothing was tried."""
    return Confirmed(designs, conflicts_of(designs.met, designs.names, most=most_sets), {})


def confirmed(
    designs: Designs,
    axes: Sequence[Axis],
    evaluate: Evaluate,
    *,
    most_designs: int,
    most_sets: int = MOST_SETS,
) -> Confirmed:
    """The conflicts that stand after search: for each first a design that meets it is sought, then its least relaxations.

    Every search evaluates at most `most_designs` further designs. One that meets a conflict disproves it; then the conflicts are
    found anew, until every listed one was sought. None is proven thereby: no design was found.
    """
    tried: dict[Set, Confirmation] = {}
    disproved: list[Set] = []
    whole = whole_size(axes) <= most_designs
    for _ in range(MOST_ROUNDS):
        found = conflicts_of(designs.met, designs.names, most=most_sets)
        conflict = next((one for one in found.sets if one not in tried), None)
        if conflict is None:
            break
        before = len(designs.values)
        for aim in _aims(designs, conflict):
            further = search(designs, axes, evaluate, aim, most=most_designs, target=0.0)
            designs = designs.and_also(further.values, further.margins)
            if designs.meet(conflict).any():
                disproved.append(conflict)
                break
        else:
            tried[conflict] = Confirmation(len(designs.values) - before, whole)
    found = conflicts_of(designs.met, designs.names, most=most_sets)
    return Confirmed(designs, found, {one: tried[one] for one in found.sets if one in tried}, tuple(disproved))


def _aims(designs: Designs, conflict: Set) -> list[Aim]:
    """To meet the whole conflict; then to move one bound as little as can be, all others of it met."""
    may_move = {one.name for one in designs.asked if one.may_move}
    alone = [Aim((one,), tuple(other for other in conflict if other != one)) for one in conflict if one in may_move]
    return [Aim(conflict), *alone] if len(conflict) > 1 else [Aim(conflict)]

"""Conflicts held against further designs: each is sought to be disproved, and the designs that do so join the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from covolt.study.conflicts.declared import INSIDE, PROVEN, Straight
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
CLOSE = 300
"""Designs by which at least a conflict along lines is sought that these do not decide; to judge them nothing is driven."""


@final
@dataclass(frozen=True)
class Confirmation:
    """What was tried against a conflict: further designs sought for it alone, and how sure it is thereby.

    `moved_ratio` says for the bound of a requirement, or with no name for all together, by which share it moves at least: no
    design of the space resolves it by less, to `PROVEN`. What is not in it may be resolved by less than was found.
    """

    sought: int
    sure: Sure = "searched"
    moved_ratio: Mapping[str, float] = field(default_factory=dict[str, float])

    def is_least(self, moves: Sequence[tuple[str, float]]) -> bool:
        """Whether no design of the space moves this bound alone, or several together, by less."""
        if not self.moved_ratio:
            return self.sure == "whole"
        return (moves[0][0] if len(moves) == 1 else "") in self.moved_ratio


@final
@dataclass(frozen=True)
class Confirmed:
    """The table with the best designs of every search, the conflicts of it, what was tried against each, and what was disproved.

    `sought` counts the designs of all searches. `further` are designs for conflicts of the requirements `along` alone, by which
    alone they were judged.
    """

    designs: Designs
    conflicts: Conflicts
    tried: Mapping[Set, Confirmation]
    disproved: tuple[Set, ...] = ()
    sought: int = 0
    further: Designs | None = None
    along: tuple[str, ...] = ()

    def table(self, conflict: Sequence[str]) -> Designs:
        """The designs by which a conflict is told."""
        if self.further is None or not set(conflict) <= set(self.along):
            return self.designs
        return self.designs.and_also(self.further.values, self.further.margins)


def unconfirmed(designs: Designs, *, most_sets: int = MOST_SETS, along: Confirmed | None = None) -> Confirmed:
    """The conflicts of a table alone, against which nothing was tried but what is known of some requirements `along` lines.

    These decide of conflicts of such requirements alone; their designs are judged by no other, so they are no rows of the table.
    """
    found = conflicts_of(designs.not_missed, designs.names, most=most_sets)
    if along is None:
        return Confirmed(designs, found, {})
    names = along.designs.names
    claimed = [one for one in found.sets if set(one) <= set(names)]
    stand = sorted(
        (*along.conflicts.sets, *(one for one in found.sets if one not in claimed)), key=lambda one: (len(one), one)
    )
    known = {row.tobytes() for row in designs.values}
    new = np.array([row.tobytes() not in known for row in along.designs.values], dtype=np.bool_)
    margins = np.full((int(new.sum()), len(designs.names)), np.nan)
    margins[:, designs.columns(names)] = along.designs.margins[new]
    return Confirmed(
        designs,
        Conflicts(tuple(stand[:most_sets]), found.left + max(len(stand) - most_sets, 0), found.whole_to),
        along.tried,
        tuple(one for one in claimed if one not in along.conflicts.sets),
        along.sought,
        Designs(along.designs.values[new], designs.asked, margins),
        names,
    )


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
    held against these instead of a search, and proven where every design misses it by more than the solver could err. Where the
    lines leave that open, or their design cannot be joined, it is sought among at least `CLOSE` designs as any other.
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
        if straight is not None and set(conflict) <= set(straight.names):
            designs, tried_now = _along(designs, axes, straight, evaluate, conflict, max(most_designs, CLOSE))
        else:
            designs, further = _sought(designs, axes, evaluate, conflict, _aims(designs, conflict), most_designs)
            tried_now = Confirmation(further)
        sought += tried_now.sought
        if designs.may_meet(conflict).any():
            disproved.append(conflict)
        else:
            tried[conflict] = tried_now
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
    every: Numbers | None = None,
) -> tuple[Designs, int]:
    """The table with the best design of each search for some requirements, and how many designs these searches judged.

    Where `every` design of the space is named, these are judged instead.
    """
    part = designs.of(names)
    before = len(part.values)
    if every is not None:
        part = part.and_also(every, evaluate(every, names))
    for aim in aims:
        if every is None:
            further = search(part, axes, lambda values: evaluate(values, names), aim, most=most_designs, target=0.0)
            part = part.and_also(further.values, further.margins)
        best = part.values[np.lexsort((*part.values.T[::-1], aim.of(part)))[:1]]
        if not (designs.values == best).all(axis=1).any():
            designs = designs.and_also(best, evaluate(best, designs.names))
        if designs.may_meet(names).any():
            break
    return designs, len(part.values) - before


def _along(
    designs: Designs,
    axes: Sequence[Axis],
    straight: Straight,
    evaluate: EvaluateNamed,
    conflict: Set,
    most_designs: int,
) -> tuple[Designs, Confirmation]:
    """The table with the designs of each aim, found along straight lines or else sought, and what that says of a conflict."""
    before = len(designs.values)
    room = PROVEN * float(straight.reach[[straight.names.index(one) for one in conflict]].max())
    aims = _aims(designs, conflict)
    least: list[float] = []
    for aim in aims:
        designs, proven = _nearest(designs, straight, evaluate, aim)
        least.append(proven)
    further = len(designs.values) - before
    if designs.may_meet(conflict).any():
        return designs, Confirmation(further)
    sure: Sure = "proven" if least[0] > room else "searched"
    left = [aim for aim, proven in zip(aims, least, strict=True) if aim.of(designs).min() > proven + room]
    if sure == "searched" or left:
        every = every_design(axes, most_designs)
        more = [aims[0], *left] if sure == "searched" and aims[0] not in left else left
        designs, count = _sought(designs, axes, evaluate, conflict, more, most_designs, every)
        further += count
        sure = sure if every is None or sure == "proven" else "whole"
        least = least if every is None else [float(aim.of(designs).min()) for aim in aims]
    moved = {
        "" if aim.total else aim.least[0]: proven
        for aim, proven in zip(aims, least, strict=True)
        if (len(conflict) == 1 or aim is not aims[0]) and aim.of(designs).min() <= proven + room
    }
    return designs, Confirmation(further, sure, moved)


def _nearest(designs: Designs, straight: Straight, evaluate: EvaluateNamed, aim: Aim) -> tuple[Designs, float]:
    """The table with the design of an aim that meets what it must when it is judged, and what no design falls below.

    Where it misses that by rounding alone, another is taken that keeps it by more.
    """
    proven = -np.inf
    for inside in INSIDE:
        found = straight.least(aim, inside)
        if found is None:
            # By the lines none meets what must be met, within the tolerance of the solver.
            break
        proven = max(proven, found.proven) if inside == 0.0 else proven
        same = (designs.values == found.values).all(axis=1)
        if not same.any():
            designs = designs.and_also(found.values[None], evaluate(found.values[None], designs.names))
            same = np.append(same, True)
        if designs.meet(aim.met)[same].any():
            break
    return designs, proven


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

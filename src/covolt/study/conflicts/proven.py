"""What declared numbers and prices prove: bounds on parts and on their sums that nothing which may move meets together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.conflicts.agreed import Agreed
from covolt.study.conflicts.confirmation import Confirmed, confirmed
from covolt.study.conflicts.declared import Straight, straight_of
from covolt.study.conflicts.posed import Posed, asked_of, axes_of, margins_of
from covolt.study.conflicts.search import Axis
from covolt.study.conflicts.table import Asked, Designs, Numbers
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.space import DesignSpace

__all__ = ["DeclaredNumbers", "declared_numbers"]

STATED = frozenset({"declaration.*", "supply.price", "supply.price_byn", "ownership.price"})
"""Measures that no drive decides, as `PROCEDURE.MEASURE`: sums of what offers declare, prices among them."""


@final
@dataclass(frozen=True)
class DeclaredNumbers:
    """The requirements on declared numbers and prices, as conflicts are asked of them; the first design is today's vehicle.

    `look_beyond` judges the designs that lines find where no contract is kept.
    """

    posed: Posed
    straight: Straight
    axes: tuple[Axis, ...]
    evaluation: Evaluation
    look_beyond: Callable[[], None]

    def confirmed(self, most: int, study: Designs | None = None) -> Confirmed:
        """Their conflicts, at most so many, the smallest; the designs of a study are known already."""
        known = self.posed.designs
        if study is not None:
            known = known.and_also(study.values, study.of(known.names).margins)

        def judge(values: Numbers, names: Sequence[str]) -> Numbers:
            return self.posed.judged(self.evaluation, values, names)

        found = confirmed(known, self.axes, judge, most_designs=0, most_sets=most, straight=self.straight)
        if found.conflicts.sets:
            self.look_beyond()
        return found


def declared_numbers(
    programme: Programme, space: DesignSpace, asked: Sequence[Asked] | None = None, agreed: Agreed | None = None
) -> DeclaredNumbers | None:
    """What a programme asks of declared numbers and prices, over what its reader sees moving; None where it asks nothing of them.

    Designs that leave a contract meet nothing.

    Args:
        asked: the requirements that count, with what their misses are shares of; all where none are named.
        agreed: the limits of contracts, which remember what designs beyond them meet.
    """
    known = None if asked is None else {one.name: one for one in asked}
    only = [one.id for one in programme.requirements.values() if _is_stated(one) and (known is None or one.id in known)]
    evaluation = Evaluation(programme, space, only=only)
    if not evaluation.requirements:
        return None

    def judged(values: Numbers) -> Numbers:
        rows = evaluation.evaluate(values)
        return margins_of(rows.verdicts, rows.margins)

    today = space.at_locked[None]
    margins = judged(today)
    each = tuple(
        asked_of(one.requirement, one.unit, margins[:, at]) if known is None else known[one.name]
        for at, one in enumerate(evaluation.requirements)
    )
    agreed = agreed or Agreed.over(programme, space)
    catalogues = [bool(one.choices) for one in space.variables]
    axes = tuple(agreed.axes(axes_of(space)))
    designs, straight = straight_of(Designs(today, each, margins), axes, catalogues, judged)
    units = {one.name: one.unit for one in evaluation.requirements if one.name in straight.names}
    if not units:
        return None
    designs = designs.of(straight.names)
    lost = int((~np.isfinite(designs.margins)).any(axis=1).sum())
    designs = Designs(designs.values, designs.asked, agreed.kept(designs.values, designs.names, designs.margins))

    def look_beyond() -> None:
        if not agreed.limits:
            return
        whole = axes_of(space)
        found, freely = straight_of(Designs(today, each, margins), whole, catalogues, judged)
        names = [one.name for one in each]

        def judge(values: Numbers, only: Sequence[str]) -> Numbers:
            return judged(values)[:, [names.index(one) for one in only]]

        there = confirmed(found.of(freely.names), whole, judge, most_designs=0, straight=freely).designs
        agreed.kept(there.values, there.names, there.margins)

    return DeclaredNumbers(Posed(designs, units, {}, 0, lost, (), agreed), straight, axes, evaluation, look_beyond)


def _is_stated(one: Requirement) -> bool:
    """Whether what offers state decides it alone, along straight lines."""
    return not STATED.isdisjoint((f"{one.procedure}.{one.measure}", f"{one.procedure}.*"))

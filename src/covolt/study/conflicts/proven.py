"""What declared numbers alone prove: bounds on parts and on their sums that nothing which may move meets together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.programme.documents import Programme
from covolt.study.conflicts.confirmation import Confirmed, confirmed
from covolt.study.conflicts.declared import Straight, straight_of
from covolt.study.conflicts.posed import Posed, asked_of, axes_of, margins_of
from covolt.study.conflicts.search import Axis
from covolt.study.conflicts.table import Asked, Designs, Numbers
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.space import DesignSpace

__all__ = ["DeclaredNumbers", "declared_numbers"]

PROCEDURE = "declaration"


@final
@dataclass(frozen=True)
class DeclaredNumbers:
    """The requirements on declared numbers, as conflicts are asked of them; the first design is today's vehicle."""

    posed: Posed
    straight: Straight
    axes: tuple[Axis, ...]
    evaluation: Evaluation

    def confirmed(self, most: int, study: Designs | None = None) -> Confirmed:
        """Their conflicts, at most so many, the smallest; the designs of a study are known already."""
        known = self.posed.designs
        if study is not None:
            known = known.and_also(study.values, study.of(known.names).margins)

        def judge(values: Numbers, names: Sequence[str]) -> Numbers:
            return self.posed.judged(self.evaluation, values, names)

        return confirmed(known, self.axes, judge, most_designs=0, most_sets=most, straight=self.straight)


def declared_numbers(
    programme: Programme, space: DesignSpace, asked: Sequence[Asked] | None = None
) -> DeclaredNumbers | None:
    """What a programme asks of declared numbers, over what its reader sees moving; None where it asks nothing of them.

    Args:
        asked: the requirements that count, with what their misses are shares of; all where none are named.
    """
    known = None if asked is None else {one.name: one for one in asked}
    only = [
        one.id
        for one in programme.requirements.values()
        if one.procedure == PROCEDURE and (known is None or one.id in known)
    ]
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
    axes = tuple(axes_of(space))
    designs = Designs(today, each, margins)
    designs, straight = straight_of(designs, axes, [bool(one.choices) for one in space.variables], judged)
    known = [at for at, one in enumerate(designs.names) if one in straight.names]
    designs = designs.of([designs.names[at] for at in known])
    units = {one.name: one.unit for one in evaluation.requirements if one.name in straight.names}
    if not units:
        return None
    lost = int((~np.isfinite(designs.margins)).any(axis=1).sum())
    return DeclaredNumbers(Posed(designs, units, {}, 0, lost, ()), straight, axes, evaluation)

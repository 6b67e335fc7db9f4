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
from covolt.study.conflicts.table import Designs, Numbers
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

    def confirmed(self, most: int) -> Confirmed:
        """Their conflicts, at most so many, the smallest."""

        def judge(values: Numbers, names: Sequence[str]) -> Numbers:
            return self.posed.judged(self.evaluation, values, names)

        return confirmed(self.posed.designs, self.axes, judge, most_designs=0, most_sets=most, straight=self.straight)


def declared_numbers(programme: Programme, space: DesignSpace) -> DeclaredNumbers | None:
    """What a programme asks of declared numbers, over what its reader sees moving; None where it asks nothing of them."""
    only = [one.id for one in programme.requirements.values() if one.procedure == PROCEDURE]
    evaluation = Evaluation(programme, space, only=only)
    if not evaluation.requirements:
        return None

    def judged(values: Numbers) -> Numbers:
        rows = evaluation.evaluate(values)
        return margins_of(rows.verdicts, rows.margins)

    today = space.at_locked[None]
    margins = judged(today)
    asked = tuple(asked_of(one.requirement, one.unit, margins[:, at]) for at, one in enumerate(evaluation.requirements))
    axes = tuple(axes_of(space))
    designs = Designs(today, asked, margins)
    designs, straight = straight_of(designs, axes, [bool(one.choices) for one in space.variables], judged)
    known = [at for at, one in enumerate(designs.names) if one in straight.names]
    designs = designs.of([designs.names[at] for at in known])
    units = {one.name: one.unit for one in evaluation.requirements if one.name in straight.names}
    if not units:
        return None
    lost = int((~np.isfinite(designs.margins)).any(axis=1).sum())
    return DeclaredNumbers(Posed(designs, units, {}, 0, lost, ()), straight, axes, evaluation)

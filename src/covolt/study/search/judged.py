"""A search over the designs of a programme: judged side by side, each once, and written as the chunks of a study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import final

import numpy as np

from covolt.programme.documents import Programme
from covolt.study.conflicts.posed import Said, bound_in, margins_of
from covolt.study.conflicts.table import nominal_of
from covolt.study.designs.chunks import Chunk, Columns, write_chunk, written
from covolt.study.designs.contracts import ContractLimit, contract_margins
from covolt.study.designs.evaluation import Evaluation, Rows
from covolt.study.designs.plan import StudyPlan, digest_of_plan
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.study_table import StudyTable
from covolt.study.search.objectives import Aim
from covolt.study.search.problem import Found, Moving, Numbers, SearchProblem

__all__ = ["Judged", "moving_of"]


def moving_of(space: DesignSpace) -> tuple[Moving, ...]:
    """The variables of a space as a search moves them."""
    return tuple(
        Moving(one.id, one.lowest, one.highest, one.step, (one.count or 0) if one.choices else 0)
        for one in space.variables
    )


@final
class Judged:
    """Judges designs by what a programme asks of them, and writes those of its space into the folder of a study.

    What the folder holds already is not judged again: a search that is begun anew with the same seed asks for the same designs,
    and so goes on where it was stopped. Design 0 is today's vehicle.
    """

    def __init__(
        self,
        programme: Programme,
        evaluation: Evaluation,
        aims: Sequence[Aim],
        meet: Sequence[str],
        folder: Path,
        plan: StudyPlan,
        contracts: Sequence[ContractLimit] = (),
        judged: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.evaluation, self.folder, self.aims, self.meet = evaluation, folder, tuple(aims), tuple(meet)
        self.contracts = tuple(contracts)
        self.space = evaluation.space
        self.columns = Columns(self.space.variables, evaluation.requirements, evaluation.interests)
        self.judged_now = 0
        self._next = 0
        self._plan_digest = digest_of_plan(plan)
        self._told = judged
        self._known: dict[bytes, tuple[Numbers, Numbers]] = {}
        self._aside = 0
        self._units = {one.name: one.unit for one in evaluation.requirements}
        self._programme = programme

    @property
    def known(self) -> int:
        """How many designs were judged, those between the steps and those for a difference too."""
        return len(self._known) + self._aside

    @property
    def written(self) -> int:
        """How many designs stand in the folder."""
        return self._next

    def begin(self) -> Found:
        """Take in what the folder holds, and judge today's vehicle where it is not there; what is found of it."""
        if written(self.folder):
            table = StudyTable.read(self.folder)
            rows = (table.found, table.interest_values, table.verdicts, table.margins)
            designs = table.values_in(self.space)
            self._take(designs, self._found(designs, *rows))
            self._next = int(table.design[-1]) + 1
        return self.evaluate(self.space.at_locked[None])

    def problem(self) -> SearchProblem:
        """What is searched; a margin is measured by the bound of its requirement, or by the limit of its contract."""
        today = self.begin()
        bounds = (
            nominal_of(bound_in(self._programme.requirements[name], self._units[name]), today.margins[:, at])
            for at, name in enumerate(self.meet)
        )
        return SearchProblem(
            moving_of(self.space),
            tuple(one.objective for one in self.aims),
            self.evaluate,
            (*self.meet, *(one.name for one in self.contracts)),
            (*bounds, *(one.scale for one in self.contracts)),
            beside=self.beside,
        )

    def evaluate(self, values: Numbers) -> Found:
        """What is found of designs; those that nothing is known of are one call, and are written together."""
        new = {row.tobytes(): row for row in values if row.tobytes() not in self._known}
        if new:
            fresh = np.stack(list(new.values()))
            rows = self.evaluation.evaluate(fresh)
            found = self._found(fresh, rows.found, rows.interests, rows.verdicts, rows.margins)
            self._write(rows)
            self._take(fresh, found)
            self.judged_now += len(fresh)
            self._told(self.known)
        pairs = [self._known[row.tobytes()] for row in values]
        return Found(np.stack([one for one, _ in pairs]), np.stack([one for _, one in pairs]))

    def beside(self, values: Numbers) -> Found:
        """What is found of designs that are for a difference alone: they are designs of no table."""
        rows = self.evaluation.evaluate(values)
        self._aside += len(values)
        self.judged_now += len(values)
        self._told(self.known)
        return self._found(values, rows.found, rows.interests, rows.verdicts, rows.margins)

    def _take(self, values: Numbers, found: Found) -> None:
        keys = (row.tobytes() for row in values)
        self._known |= zip(keys, zip(found.objectives, found.margins, strict=True), strict=True)

    def _found(self, designs: Numbers, values: Numbers, interests: Numbers, said: Said, margins: Numbers) -> Found:
        """Objectives and margins, those of contracts last, out of the columns of a study."""
        names = [one.name for one in self.evaluation.requirements]
        wishes = [one.name for one in self.evaluation.interests]
        objectives = [
            interests[:, wishes.index(one.objective.name)]
            if one.is_interest
            else values[:, names.index(one.objective.name)]
            for one in self.aims
        ]
        sure = margins_of(said, margins)[:, [names.index(one) for one in self.meet]]
        agreed = contract_margins(self.contracts, self.space.names, designs)
        return Found(np.stack(objectives, axis=1), np.concatenate([sure, agreed], axis=1))

    def _write(self, rows: Rows) -> None:
        """Write the designs that are of the space: a method may look between the steps, where no vehicle can be built."""
        within = (self.space.nearest(rows.values) == rows.values).all(axis=1)
        if not self._next:
            within[0] = True  # today's vehicle, which may lie beyond the bounds
        kept = np.flatnonzero(within)
        if not len(kept):
            return
        part = Rows(
            rows.values[kept],
            rows.found[kept],
            rows.margins[kept],
            rows.verdicts[kept],
            rows.interests[kept],
            tuple(rows.outcomes[at] for at in kept),
        )
        write_chunk(self.folder, Chunk(self._next, self._next + len(kept)), self.columns, part, self._plan_digest)
        self._next += len(kept)

"""Running a study: chunks that are not written yet are judged and written, until none is missing."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Problem, Unavailable
from covolt.programme.documents import Programme
from covolt.progress import Progress
from covolt.study.designs.chunks import Chunk, Columns, chunks_of, missing, write_chunk
from covolt.study.designs.engine import Engine, Inline, Judge
from covolt.study.designs.evaluation import Evaluation, Rows, asked_of
from covolt.study.designs.plan import StudyPlan, demand_judge, digest_of_plan, own_source
from covolt.study.designs.sampling import sample
from covolt.study.designs.space import DesignSpace
from covolt.words import text

__all__ = ["Opening", "go_on"]


@final
@dataclass(frozen=True)
class Opening:
    """Makes what judges the designs of a study, in whatever process it is called.

    `covolt` and `source` are version and digest of the code that asks: rows of one study are of one covolt.
    """

    programme: Programme
    only: tuple[str, ...]
    covolt: str
    source: str

    @classmethod
    def here(cls, programme: Programme, only: tuple[str, ...]) -> Opening:
        """Of what this covolt asks."""
        return cls(programme, only, version("covolt"), own_source())

    def evaluation(self) -> Evaluation:
        """The evaluation of the programme."""
        return Evaluation(self.programme, DesignSpace.of(self.programme), only=self.only or None)

    def __call__(self) -> Judge:
        """What judges its designs.

        Raises:
            Conflict: this process runs another covolt.
        """
        demand_judge(self.covolt, self.source, f"{platform.node()}, {os.getpid()}")
        return self.evaluation().evaluate

    def lost(self, values: NDArray[np.float64], why: str) -> Rows:
        """Rows of designs that could not be judged."""
        requirements, interests, _ = asked_of(self.programme, self.only or None)
        return Rows.lost(values, len(requirements), len(interests), [why] * len(values))


def go_on(
    folder: Path,
    plan: StudyPlan,
    programme: Programme,
    *,
    engine: Engine | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Judge every design of a study that is not there yet; returns how many were. Stopped at any time, it can go on.

    Args:
        programme: as the reader of the plan sees it, and as the plan says it is.
        cancelled: asked after every chunk.

    Raises:
        Unavailable: the disk is full: chunks that are there are whole.
    """
    opening = Opening(programme, plan.only, plan.covolt, plan.source)
    evaluation = opening.evaluation()
    space = evaluation.space
    columns = Columns(space.variables, evaluation.requirements, evaluation.interests)
    values = sample(space, plan.sampling, count=plan.designs, seed=plan.seed, levels=plan.levels)
    due = missing(folder, chunks_of(plan.count, plan.chunk))
    stated = digest_of_plan(plan)
    made, before = 0, plan.count - sum(one.end - one.begin for one in due)
    progress(before, plan.count)
    for chunk, rows in (engine or Inline()).run(opening, values, due):
        _write(folder, chunk, columns, rows, stated)
        made += chunk.end - chunk.begin
        progress(before + made, plan.count)
        if cancelled():
            break
    return made


def _write(folder: Path, chunk: Chunk, columns: Columns, rows: Rows, plan_digest: str) -> None:
    try:
        write_chunk(folder, chunk, columns, rows, plan_digest)
    except Unavailable as error:
        hint = text(
            "make room there, then go on with what is missing: covolt study resume {folder}", folder=str(folder)
        )
        raise Unavailable([Problem(one.what, one.where, hint) for one in error.problems]) from error

"""The use cases of studies: many designs of a programme judged, and gone on with where they were stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from covolt.errors import InputError, NotFound, Problem
from covolt.study.cases.options import Findings, Progress, silent
from covolt.suggestion import named
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.study.designs.engine import Engine
    from covolt.study.designs.kept import SetApart
    from covolt.study.designs.plan import StudyPlan
    from covolt.study.designs.sampling import Method

__all__ = ["StudyDone", "engine_of", "find_inside", "find_unknown", "resume", "run"]

MOST_WORKERS = 256
"""Processes of one machine; an estimate: none has more processors of which each could serve one."""


@dataclass(frozen=True)
class StudyDone:
    """A study that was run or gone on with: its folder and plan, how many designs were judged now, and what was left out.

    Files that stood in place of chunks and were none are `set_apart`, and their designs are judged anew.
    """

    folder: Path
    plan: StudyPlan
    judged: int
    written: int
    left_out: dict[str, Phrase]
    set_apart: tuple[SetApart, ...] = ()
    notices: tuple[Problem, ...] = ()
    """What is no mistake of the space and must be told."""

    @property
    def whole(self) -> bool:
        """Whether no design is missing."""
        return self.written == self.plan.count


def run(  # noqa: PLR0913  what whoever asks may choose
    programme: Path | Programme,
    output: Path,
    *,
    designs: int | None = None,
    method: str = "sobol",
    seed: int = 0,
    levels: int | None = None,
    only: Sequence[str] = (),
    party: str = "",
    chunk: int | None = None,
    workers: int = 0,
    engine: str = "",
    progress: Progress = silent,
    findings: Findings | None = None,
    day: str | None = None,
) -> StudyDone:
    """Judge designs of the space that the owners of a programme declare, and write them into a new folder.

    Args:
        designs: how many beside today's vehicle; of a full factorial it follows from the space.
        only: names of requirements and interests, all where none is named.
        party: who reads: what others keep as their own is not in it, and its own is.
        chunk: how many designs are judged and written together.
        workers: how many processes of this machine judge; 0 for this one alone.
        engine: a cluster that judges in their place, as `dask://HOST:PORT`.

    Raises:
        InputError: every problem of the programme, the space and the options.
        Conflict: the folder holds a study already.
    """
    from covolt.study.designs.plan import CHUNK, plan_of, write_plan
    from covolt.study.designs.sampling import METHODS, sample, sample_problems
    from covolt.study.designs.space import DesignSpace
    from covolt.study.gate.design_notices import design_notices

    findings = findings or Findings()
    read = findings.take(lambda: _read(programme, day))
    if method not in METHODS:
        hint = named(method, METHODS)
        findings.add(Problem(text("no method '{method}'", method=method), findings.called("method"), hint), NotFound)
    if seed < 0:
        what = text("a seed of {seed}", seed=seed)
        findings.add(Problem(what, findings.called("seed"), text("write a whole number from 0 on")))
    space = None
    if read is not None:
        read = findings.seen(read, party)
        find_unknown(read, only, findings)
        _find_nothing(read, only, findings)
        find_inside(read, output, findings)
        seen = read
        space = findings.take(lambda: DesignSpace.of(seen))
    chosen = cast("Method", method)
    for one in sample_problems(space, chosen, designs, levels) if space is not None and method in METHODS else ():
        findings.add(Problem(one.what, findings.called(one.where), one.hint))
    judging = findings.take(lambda: engine_of(workers, findings, engine))
    findings.demand_none()
    if read is None or space is None:
        raise RuntimeError("there is no programme, and no problem says why")
    count = len(sample(space, chosen, count=designs, seed=seed, levels=levels)) - 1
    plan = plan_of(
        read,
        space,
        output,
        method=chosen,
        seed=seed,
        designs=count,
        levels=levels,
        only=only,
        chunk=chunk or CHUNK,
    )
    write_plan(output, plan)
    return replace(_gone_on(output, plan, read, judging, progress), notices=tuple(design_notices(read)))


def resume(
    folder: Path,
    *,
    programme: Path | Programme | None = None,
    workers: int = 0,
    engine: str = "",
    progress: Progress = silent,
    findings: Findings | None = None,
    day: str | None = None,
) -> StudyDone:
    """Judge the designs of a study that are missing, or not as they were written.

    `programme` where its folder is no longer where it was, or it lies in none; `workers` and `engine` as in `run`.

    Raises:
        NotFound: there is no study.
        Conflict: programme, plan or covolt are not as they were when it was begun.
    """
    from covolt.study.designs.kept import set_apart
    from covolt.study.designs.plan import demand_current, read_plan
    from covolt.study.designs.space import DesignSpace

    judging = engine_of(workers, findings or Findings(), engine)
    plan = read_plan(folder)
    if plan.search is not None:
        from covolt.study.cases.optimise import resumed

        return resumed(folder, plan, programme or folder / plan.folder, progress=progress, day=day)
    read = _read(programme or folder / plan.folder, day).seen_by(plan.reader or None)
    demand_current(folder, plan, read, DesignSpace.of(read), judging=True)
    return _gone_on(folder, plan, read, judging, progress, set_apart(folder, plan))


def _gone_on(
    folder: Path,
    plan: StudyPlan,
    read: Programme,
    engine: Engine | None,
    progress: Progress,
    apart: tuple[SetApart, ...] = (),
) -> StudyDone:
    from covolt.study.designs.chunks import chunks_of, missing
    from covolt.study.designs.evaluation import asked_of
    from covolt.study.designs.running import go_on

    judged = go_on(folder, plan, read, engine=engine, progress=progress)
    left = sum(one.end - one.begin for one in missing(folder, chunks_of(plan.count, plan.chunk)))
    return StudyDone(folder, plan, judged, plan.count - left, asked_of(read, plan.only or None)[2], apart)


def engine_of(workers: int, findings: Findings, engine: str = "") -> Engine:
    """A cluster where one is named, else so many processes of this machine, or this one alone."""
    from covolt.study.designs.cluster import Dask
    from covolt.study.designs.engine import Inline
    from covolt.study.designs.pool import Pool

    if not 0 <= workers <= MOST_WORKERS:
        hint = text("give 0 to {most}", most=MOST_WORKERS)
        raise InputError(Problem(text("{count} processes", count=workers), findings.called("workers"), hint))
    if engine and workers:
        hint = text("give one of them: a cluster has the workers that were begun for it")
        raise InputError(Problem(text("both are given"), findings.called("workers", "engine"), hint))
    if engine:
        return Dask.at(engine, findings.called("engine"))
    return Pool(workers) if workers else Inline()


def _read(programme: Path | Programme, day: str | None) -> Programme:
    from covolt.study.gate.check import read_whole

    return read_whole(programme, day=day) if isinstance(programme, Path) else programme


def find_unknown(read: Programme, only: Sequence[str], findings: Findings, *, bounded: bool = False) -> None:
    """Names that neither a requirement nor an interest has; where a bound is needed, that no requirement has."""
    wishes = () if bounded else read.interests.values()
    interests = {name for one in wishes for name in (one.id, f"{one.party}/{one.id}")}
    known = [*read.requirements, *sorted(interests)]
    for one in only:
        if one not in known:
            what = (
                text("no requirement '{one}'", one=one)
                if bounded
                else text("no requirement or interest '{one}'", one=one)
            )
            findings.add(Problem(what, findings.called("only"), named(one, known, "covolt verify")), NotFound)


def _find_nothing(read: Programme, only: Sequence[str], findings: Findings) -> None:
    """Nothing that any design could be judged by, and why; names that are unknown are told by themselves."""
    from covolt.study.designs.evaluation import asked_of

    requirements, interests, left_out = asked_of(read, only or None)
    if requirements or interests or len(left_out) < len(set(only)):
        return
    hint = text("name a requirement that is computed, or an interest")
    where = findings.called("only")
    if not only:
        what = text("there is nothing to judge designs by")
        findings.add(Problem(what, read.charter.id, text("let a party state a requirement that is computed")))
    for name, why in left_out.items() if only else ():
        findings.add(Problem(joined((name, why), ": "), where, hint))


def find_inside(read: Programme, output: Path, findings: Findings) -> None:
    """A folder inside the programme whose files would be read as documents of it."""
    from covolt.programme.walk import is_document
    from covolt.study.designs.plan import PLAN

    at = (output / PLAN).resolve()
    if at.is_relative_to(read.root) and is_document(at.relative_to(read.root).as_posix()):
        what = text("this folder lies in the programme, whose files are its documents")
        hint = text("name a folder beside it, or one in its folder build")
        findings.add(Problem(what, f"{findings.called('output')} {output}", hint), InputError)

"""What of a study is kept as its plan says: files in place of chunks that are not are refused, or set apart and judged anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

from covolt.errors import Conflict, InputError, NotFound, Problem
from covolt.files import put_aside
from covolt.study.designs.chunks import Chunk, Read, chunks_of, number_of, read_chunk, written
from covolt.study.designs.plan import PLAN, StudyPlan, digest_of_plan, read_plan
from covolt.words import Phrase, text

__all__ = ["SetApart", "chunk_tables", "set_apart"]


@dataclass(frozen=True)
class SetApart:
    """A file that is no chunk of its study: what it is called now, and why."""

    file: Path
    why: Phrase


@dataclass(frozen=True)
class _Looked:
    """A file in place of a chunk: its rows, or why it is none, which may be that it was written by another plan."""

    path: Path
    table: Any
    why: Phrase | None
    by_another_plan: bool


@final
class _Order:
    """Which designs a file may hold, after those before it."""

    def __init__(self, plan: StudyPlan) -> None:
        self._plan = plan
        self._sizes = {one.begin: one.end - one.begin for one in chunks_of(plan.count, plan.chunk)}
        self._schema: Any = None
        self.due: int | None = 0
        """With which design the next file of a search begins; None where the file before is none."""

    @property
    def _known(self) -> bool:
        """Whether the plan says how many designs there are at most."""
        search = self._plan.search
        return search is None or self._plan.method == "pareto" or search.evaluations is not None

    def why_not(self, begin: int, table: Any) -> Phrase | None:
        """Why the rows of a file are no chunk of the study."""
        chunk = Chunk(begin, begin + table.num_rows)
        due, self.due = self.due, chunk.end
        if self._known and chunk.end > self._plan.count:
            return text("it holds designs beyond the {count} of this study", count=self._plan.count)
        if self._plan.search is None and self._sizes.get(begin) != table.num_rows:
            return text("its designs, {begin} to {end}, are no chunk of this study", begin=begin, end=chunk.end - 1)
        if self._plan.search is not None and due is not None and due != begin:
            return text(
                "design {due} should follow on those before it, and it begins with {begin}", due=due, begin=begin
            )
        self._schema = self._schema or table.schema
        return None if table.schema == self._schema else text("its columns are not those of the first chunk")


def _looked_at(folder: Path, plan: StudyPlan) -> Iterator[_Looked]:
    digest, order = digest_of_plan(plan) if plan.checksums else "", _Order(plan)
    for path in written(folder):
        read = read_chunk(path)
        why, other = read.why, False
        if why is None:
            why, other = _of_plan(read, digest)
        if why is None:
            why = order.why_not(number_of(path), read.table)
        if why is not None:
            order.due = None
        yield _Looked(path, read.table, why, other)


def _of_plan(read: Read, digest: str) -> tuple[Phrase | None, bool]:
    """Why a file was not written by the plan of its study, and whether by another one."""
    if read.plan_digest == digest:
        return None, False
    if not read.plan_digest:
        return text("it bears no checksums, as the chunks of this study do"), False
    return text("it is of another study"), True


def chunk_tables(folder: Path) -> Iterator[Any]:
    """Every chunk that a study has written as a table of pyarrow, by the number of the design.

    Raises:
        NotFound: there are none.
        InputError: every file that is not as this study wrote it.
        Conflict: none is of this plan, which was changed.
    """
    plan = read_plan(folder)
    wrong: list[_Looked] = []
    designs = 0
    for one in _looked_at(folder, plan):
        if one.why is not None:
            wrong.append(one)
            continue
        designs += one.table.num_rows
        if not wrong:
            yield one.table
    again = text("set it apart and judge its designs anew: covolt study resume {folder}", folder=str(folder))
    problems = [Problem(one.why or "", str(one.path), again) for one in wrong]
    _demand_plan(folder, wrong, designs)
    if problems:
        raise InputError(problems)
    if not designs:
        hint = text("run it, or go on with it: covolt study resume {folder}", folder=str(folder))
        raise NotFound(Problem(text("no design of this study is written yet"), str(folder), hint))
    ended = plan.search is not None and plan.search.evaluations is not None
    if ended and designs != plan.count and (designs, plan.count) != (1, 2):
        what = text("{written} designs are here of {count}", written=designs, count=plan.count)
        hint = text("judge what is missing: covolt study resume {folder}", folder=str(folder))
        raise InputError(Problem(what, str(folder), hint))


def _demand_plan(folder: Path, wrong: Sequence[_Looked], designs: int) -> None:
    """Refuse a plan by which no file was written, where some were by another.

    Raises:
        Conflict: it was changed.
    """
    if not designs and any(one.by_another_plan for one in wrong):
        what = text("this plan was changed since designs were written: none is of it")
        hint = text("put the file back as it was, or begin another study: covolt study run")
        raise Conflict(Problem(what, str(folder / PLAN), hint))


def set_apart(folder: Path, plan: StudyPlan) -> tuple[SetApart, ...]:
    """Rename what stands in place of a chunk and is none, so that its designs are judged anew.

    Of a search also all that follows on it: a search that goes on judges the same designs again, in the same order.

    Raises:
        Conflict: no file is of the plan, which was changed.
        InputError: the system does not let it be read or renamed.
    """
    looked = [replace(one, table=None) for one in _looked_at(folder, plan)]  # not all rows at once
    wrong = [one for one in looked if one.why is not None]
    _demand_plan(folder, wrong, len(looked) - len(wrong))
    if wrong and plan.search is not None:
        follows = text("it follows on what was set apart")
        wrong = [replace(one, why=one.why or follows) for one in looked[looked.index(wrong[0]) :]]
    return tuple(SetApart(put_aside(one.path), one.why) for one in wrong if one.why is not None)

"""The use case `conflicts`: requirements that cannot be met together: bounds that exclude each other, then sets by a study."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.study.cases.options import Findings, Progress, silent
from covolt.study.conflicts.confirmation import MOST_SETS, Confirmation, Confirmed, confirmed, unconfirmed
from covolt.study.conflicts.posed import Posed, axes_of, may_move, posed
from covolt.study.conflicts.proven import declared_numbers
from covolt.study.conflicts.sets import Conflicts
from covolt.study.conflicts.table import Numbers
from covolt.study.conflicts.told import ConflictFound, Demand, Eased, Teller, demand_of, veiled
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.plan import StudyPlan, demand_current, read_plan
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.study_table import StudyTable
from covolt.study.gate.check import read_whole
from covolt.study.result import RESULT, Number
from covolt.study.verdicts.contradiction import contradictions
from covolt.words import text

__all__ = ["BoundsApart", "ConflictsDocument", "DesignsLookedAt", "conflicts"]


MOST_SEARCHED = 100_000
"""Designs that one search judges at most; an estimate: hours of a processor where every requirement is driven."""


@dataclass(frozen=True, config=RESULT)
class BoundsApart:
    """Bounds on one measure under the same conditions that no vehicle can meet together; no gap where one of them is hidden."""

    at_least: Demand
    at_most: Demand
    gap: Number | None
    unit: str


@dataclass(frozen=True, config=RESULT)
class DesignsLookedAt:
    """How many designs were looked at, how many of them a study holds, and how many meet all that is asked of them.

    `may_meet` counts those that miss nothing for sure, of which something may be open; of `lost` ones nothing is known. Of
    the study so many are `leaving` a contract: they count for none, and nothing is sought among them.
    """

    study: str
    count: int
    of_study: int
    lost: int
    meet: int
    may_meet: int
    leaving: int = 0


@dataclass(frozen=True, config=RESULT)
class ConflictsDocument:
    """Requirements of a programme that cannot be met together, the least that resolves it, and what that costs others.

    `left` counts conflicts that were found and are not listed; `whole_to` is up to how many requirements a conflict may have for
    every such one to be found, none where all were. `disproved` counts those of the study that a further design met.
    `everything` are the smallest moves after which one design meets all that is asked. `unjudged` are requirements that no design
    was held against: those of documents, and what the study does not ask for.
    """

    programme: str
    excluded: tuple[BoundsApart, ...]
    designs: DesignsLookedAt | None = None
    conflicts: tuple[ConflictFound, ...] = ()
    left: int = 0
    whole_to: int | None = None
    disproved: int = 0
    everything: tuple[Eased, ...] = ()
    open_requirements: tuple[Demand, ...] = ()
    unjudged: tuple[Demand, ...] = ()
    schema: Literal["conflicts/1"] = "conflicts/1"


def conflicts(
    programme: Path | Programme,
    *,
    study: Path | None = None,
    search: int = 0,
    most: int = MOST_SETS,
    party: str = "",
    progress: Progress = silent,
    findings: Findings | None = None,
    day: str | None = None,
) -> ConflictsDocument:
    """Conflicts of a programme, as a `party` may see them, or as whoever speaks for none does.

    Args:
        study: folder of a study of it; without one only bounds that exclude each other are told.
        search: further designs that each search may judge: one to disprove a conflict, one for each bound of it that may move.
        most: conflicts that are listed, the smallest.

    Raises:
        InputError: every problem of the programme and the options.
        NotFound: there is no study, or nothing of it is written yet.
        Conflict: the programme is not as it was when the study was begun.
    """
    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day) if isinstance(programme, Path) else programme)
    _find_wrong(findings, study, search, most)
    seen = None if read is None else findings.seen(read, party)
    asked = None if seen is None or study is None else findings.take(lambda: _studied(seen.whole, study, search))
    space = (
        None if seen is None or asked is not None or not seen.designs else findings.take(lambda: DesignSpace.of(seen))
    )
    findings.demand_none()
    if seen is None:
        raise RuntimeError("there is no programme, and no problem says why")
    apart = tuple(_apart(seen))
    if asked is None:
        return ConflictsDocument(
            seen.charter.id, apart, conflicts=() if space is None else _declared(seen, space, most)
        )
    # What is told of requirements that the reader may see must not hang on those that it may not: as if these were not there.
    pose = asked.posed(seen.hidden)
    found = _found(asked, pose, search, most, progress)
    teller = Teller(seen, pose, asked.space, found)
    every = asked.posed()
    hidden = not seen.hidden.isdisjoint(every.designs.names)
    behind = _found(asked, every, search, most, progress) if hidden else None
    told = (*teller.conflicts(), *(() if behind is None else veiled(seen, every, behind)))
    left = found.conflicts.left if behind is None else behind.conflicts.left
    return ConflictsDocument(
        seen.charter.id,
        apart,
        _looked_at(str(study), pose, found),
        told[:most],
        left + max(len(told) - most, 0),
        (found if behind is None else behind).conflicts.whole_to,
        len(found.disproved),
        teller.everything() if found.conflicts.sets else (),
        tuple(demand_of(seen, name) for name in every.unknown),
        tuple(_unjudged(seen, every)),
    )


def _declared(seen: Programme, space: DesignSpace, most: int) -> tuple[ConflictFound, ...]:
    """Conflicts that declared numbers and prices prove, over what the reader sees moving, beside bounds told apart."""
    declared = declared_numbers(seen, space)
    if declared is None:
        return ()
    found = Teller(seen, declared.posed, space, declared.confirmed(most)).conflicts()
    apart = [{one.at_least.id, one.at_most.id} for one in contradictions(seen)]
    return tuple(one for one in found if {each.requirement for each in one.demands} not in apart)


@dataclasses.dataclass(frozen=True)
class _Studied:
    """A study as it is asked for conflicts, and the programme as whoever ran it sees it.

    `is_whole` where it has judged every design that the space has.
    """

    plan: StudyPlan
    programme: Programme
    space: DesignSpace
    table: StudyTable
    is_whole: bool

    def posed(self, hidden: frozenset[str] = frozenset()) -> Posed:
        """What it says of all requirements but these."""
        return posed(self.programme, self.space, self.table, hidden)


def _find_wrong(findings: Findings, study: Path | None, search: int, most: int) -> None:
    """What is wrong with the options."""
    for name, number, least in (("search", search, 0), ("most", most, 1)):
        if number < least:
            hint = text("write a whole number from {least} on", least=least)
            findings.add(Problem(text("{number} is too few", number=number), findings.called(name), hint))
    if search > MOST_SEARCHED:
        hint = text("give {most} at most, or a study with more designs", most=MOST_SEARCHED)
        findings.add(Problem(text("{count} designs", count=search), findings.called("search"), hint))
    if search and study is None:
        hint = text("name the folder of a study: covolt study run")
        findings.add(Problem(text("there are no designs to begin a search from"), findings.called("search"), hint))


def _studied(whole: Programme, study: Path, search: int) -> _Studied:
    """What a study says; only designs that are judged now must be judged by the covolt that judged it."""
    plan = read_plan(study)
    reader = whole.seen_by(plan.reader or None)
    space = DesignSpace.of(reader)
    demand_current(study, plan, reader, space, judging=search > 0)
    table = StudyTable.read(study)
    every = plan.method == "full" and plan.levels is None and all(one.count is not None for one in space.variables)
    return _Studied(plan, reader, space, table, every and table.designs == plan.count)


def _unjudged(seen: Programme, pose: Posed) -> Iterator[Demand]:
    """Requirements that no design was held against; hidden ones by their party alone."""
    for name, one in sorted(seen.requirements.items()):
        if name not in pose.units and name not in pose.unknown:
            hidden = name in seen.hidden
            yield Demand(
                "" if hidden else name, one.title.words, one.party, one.kind, None if hidden else may_move(one)
            )


def _found(asked: _Studied, pose: Posed, search: int, most: int, progress: Progress) -> Confirmed:
    """Conflicts of a study, held against the lines that declared numbers follow, and with a search against further designs.

    Progress is told of the search that is under way.
    """
    if not pose.designs.names:
        return Confirmed(pose.designs, Conflicts(()), {})
    declared = declared_numbers(asked.programme, asked.space, pose.designs.asked, pose.agreed)
    if not search:
        along = None if declared is None else declared.confirmed(most, pose.designs)
        found = unconfirmed(pose.designs, most_sets=most, along=along)
        if not asked.is_whole:
            return found
        whole = {one: Confirmation(0, "whole") for one in found.conflicts.sets}
        return dataclasses.replace(found, tried={**whole, **found.tried})
    evaluations: dict[tuple[str, ...], Evaluation] = {}
    everything = pose.designs.names
    judged = 0

    def judge(values: Numbers, names: Sequence[str]) -> Numbers:
        nonlocal judged
        judged += len(values)
        only = (*names, *pose.interests) if tuple(names) == everything else tuple(names)
        if only not in evaluations:
            evaluations[only] = Evaluation(asked.programme, asked.space, only=only)
        margins = pose.judged(evaluations[only], values, names)
        progress(judged, judged - judged % -search)
        return margins

    straight, axes = None if declared is None else declared.straight, pose.agreed.axes(axes_of(asked.space))
    found = confirmed(pose.designs, axes, judge, most_designs=search, most_sets=most, straight=straight)
    if declared is not None and found.conflicts.sets:
        declared.look_beyond()
    return found


def _looked_at(study: str, pose: Posed, found: Confirmed) -> DesignsLookedAt:
    every = found.designs
    counts = (int(every.meet(every.names).sum()), int(every.may_meet(every.names).sum()))
    return DesignsLookedAt(
        study, len(pose.designs.values) + found.sought, len(pose.designs.values), pose.lost, *counts, pose.leaving
    )


def _apart(seen: Programme) -> Iterator[BoundsApart]:
    """Bounds that exclude each other, whoever may see them: of what is hidden only whose it is."""
    for one in contradictions(seen.whole):
        both = (one.at_least.id, one.at_most.id)
        told = seen.hidden.isdisjoint(both)
        least, greatest = (demand_of(seen, name) for name in both)
        yield BoundsApart(least, greatest, one.gap if told else None, one.unit if told else "")

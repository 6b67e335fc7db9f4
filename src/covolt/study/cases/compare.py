"""The use case `diff`: the programme beside an earlier state, whose change moved which margin, and verdicts of both sides."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.errors import InputError
from covolt.study.cases.options import Findings, Progress, Wish, silent
from covolt.study.result import RESULT, Notice, Number, notices
from covolt.study.verdicts.attribution import Change
from covolt.study.verdicts.levels_moved import LevelsMoved
from covolt.study.verdicts.verdict import Standing, Verdict
from covolt.words import Phrase, joined, spoken

if TYPE_CHECKING:
    from covolt.study.verdicts.attribution import Difference
    from covolt.study.verdicts.baseline import EarlierState

__all__ = ["Comparison", "ComparisonDocument", "compare"]


@dataclass(frozen=True, config=RESULT)
class ComparedState:
    """What a programme is compared with, and what of it does not stand by today's keys and signatures.

    Of a `lock_alone` it is known which offer filled which slot; all else is taken as it is today.
    """

    kind: str
    name: str
    commit: str
    kept: str
    lock_alone: bool
    does_not_stand: tuple[Notice, ...]


@dataclass(frozen=True, config=RESULT)
class Side:
    """The verdict of one state; where it has no value, `why` says what is open or missing."""

    verdict: Standing
    value: Number | None
    expanded: Number | None
    probability: Number | None
    why: str = ""

    @classmethod
    def of(cls, one: Verdict | None) -> Side | None:
        """What is told of a verdict."""
        return None if one is None else cls(one.verdict, one.value, one.expanded, one.probability, one.why.said("en"))


@dataclass(frozen=True, config=RESULT)
class Movement:
    """How one requirement's margin moved, who moved it, and its verdicts before and after.

    From a number to what is open, and back, only the verdicts are told: then there are no margins, and nothing is divided.
    """

    requirement: str
    unit: str
    before: Number | None
    after: Number | None
    contributions: Mapping[str, Number]
    total: Number | None
    verdict_before: Side | None
    verdict_after: Side | None


@dataclass(frozen=True, config=RESULT)
class ComparisonDocument:
    """A programme beside an earlier state: what changed, and which margins moved."""

    base: ComparedState
    changes: tuple[Change, ...]
    differences: tuple[Movement, ...]
    not_comparable: Mapping[str, str]
    levels: LevelsMoved = field(default_factory=LevelsMoved)
    schema: Literal["comparison/1"] = "comparison/1"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What changed since an earlier state, which margins moved and by whom, and the verdicts of what moved, before and after."""

    base: EarlierState
    changes: list[Change]
    differences: list[Difference]
    not_comparable: Mapping[str, Phrase]
    before: Mapping[str, Verdict]
    after: Mapping[str, Verdict]
    levels: LevelsMoved

    def document(self) -> ComparisonDocument:
        """As scripts read it."""
        base = self.base
        return ComparisonDocument(
            ComparedState(base.kind, base.name, base.commit, base.kept, base.lock_alone, notices(base.beside)),
            tuple(self.changes),
            tuple(self._movements()),
            {name: why.said("en") for name, why in self.not_comparable.items()},
            self.levels,
        )

    @property
    def turned(self) -> list[str]:
        """Requirements whose margin or verdict is another, or of which something else is open, in order."""
        from covolt.study.verdicts.turned import turned

        moved = {one.requirement for one in self.differences if one.moved}
        both = self.before.keys() & self.after.keys()
        return sorted({*(moved & both), *turned(self.before, self.after)})

    def _movements(self) -> Iterator[Movement]:
        divided = {one.requirement: one for one in self.differences}
        for name in sorted(divided.keys() | set(self.turned)):
            sides = (Side.of(self.before.get(name)), Side.of(self.after.get(name)))
            one = divided.get(name)
            if one is None:
                yield Movement(name, self.after[name].unit, None, None, {}, None, *sides)
            else:
                yield Movement(name, one.unit, one.before, one.after, one.contributions, one.total, *sides)


def compare(
    programme: Path,
    base: str,
    *,
    party: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> Comparison:
    """Compare a programme with a baseline, a lock file, a folder or a commit, as a `party` may read both, or as nobody does.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive, says so.
        InputError: every problem of the programme, or of the name of the earlier state.
    """
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.attribution import changes_between, differences_of
    from covolt.study.verdicts.baseline import earlier_state
    from covolt.study.verdicts.bench import Bench, Setting
    from covolt.study.verdicts.levels_moved import levels_moved
    from covolt.study.verdicts.offered_models import OfferedModels
    from covolt.study.verdicts.records import KeptRecords
    from covolt.study.verdicts.turned import by_requirement

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    with earlier_state(read, base) as compared, OfferedModels(read.whole, compared.state.whole) as doors:
        was, head = compared.state.seen_by(read.reader, beside=read), read.seen_by(read.reader, beside=compared.state)
        store = KeptRecords.own()
        changes = changes_between(was, head)
        bench = Bench(Setting.of(head), store, cancelled=cancelled, doors=doors)
        found, apart = differences_of(was, head, bench)
        before: dict[str, Verdict] = {}
        after: dict[str, Verdict] = {}
        try:
            before, after = (
                by_requirement(state, store, progress=progress, cancelled=cancelled) for state in (was, head)
            )
        except InputError as error:
            # An earlier state may ask for what this covolt refuses; its margins are compared all the same.
            apart["verdicts"] = joined(spoken(one.what) for one in error.problems)
        levels = levels_moved(was, head, bench, store, progress=progress, cancelled=cancelled)
        return Comparison(compared, changes, found, apart, before, after, levels)

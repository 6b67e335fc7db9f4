"""The use case `diff`: the programme beside an earlier state, whose change moved which margin, and verdicts of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covolt.errors import InputError

if TYPE_CHECKING:
    from covolt.study.verdicts.attribution import Change, Difference
    from covolt.study.verdicts.baseline import EarlierState
    from covolt.study.verdicts.verdict import Verdict

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """What changed since an earlier state, which margins moved and by whom, and the verdicts of what moved, before and after."""

    base: EarlierState
    changes: list[Change]
    differences: list[Difference]
    not_comparable: Mapping[str, str]
    moved: list[str]
    before: Mapping[str, Verdict]
    after: Mapping[str, Verdict]

    def document(self) -> dict[str, Any]:
        """As scripts read it."""
        sides = {"verdict_before": self.before, "verdict_after": self.after}
        base = self.base
        return {
            "base": {
                "kind": base.kind,
                "name": base.name,
                "commit": base.commit,
                "kept": base.kept,
                "does_not_stand": [asdict(one) for one in base.beside],
            },
            "changes": [asdict(one) for one in self.changes],
            "differences": [
                asdict(one)
                | {"contributions": dict(one.contributions), "total": one.total}
                | {key: _side(side[one.requirement]) for key, side in sides.items() if one.requirement in side}
                for one in self.differences
            ],
            "not_comparable": dict(self.not_comparable),
        }


def _side(one: Verdict) -> dict[str, Any]:
    """A verdict of one state."""
    return {"verdict": one.verdict, "value": one.value, "expanded": one.expanded, "probability": one.probability}


def compare(programme: Path, base: str) -> Comparison:
    """Compare a programme with a baseline, a lock file, a folder or a commit.

    Raises:
        InputError: every problem of the programme, or of the name of the earlier state.
    """
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.attribution import changes_between, differences_of
    from covolt.study.verdicts.baseline import baseline
    from covolt.study.verdicts.bench import Bench
    from covolt.study.verdicts.records import RecordStore
    from covolt.study.verdicts.verification import verify

    head = read_whole(programme)
    with baseline(head, base) as compared:
        was = compared.state
        store = RecordStore.own()
        changes = changes_between(was, head)
        found, apart = differences_of(was, head, Bench(head.charter.vehicle, store))
        names = [one.requirement for one in found if one.moved]
        before: dict[str, Verdict] = {}
        after: dict[str, Verdict] = {}
        try:
            before, after = (
                {one.requirement: one for one in verify(state, store, only=names).verdicts} for state in (was, head)
            )
        except InputError as error:
            # An earlier state may ask for what this covolt refuses; its margins are compared all the same.
            apart["verdicts"] = "; ".join(str(one.what) for one in error.problems)
            names = []
        return Comparison(compared, changes, found, apart, names, before, after)

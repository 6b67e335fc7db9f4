"""Bounds that exclude one another, as the report shows them: both owners, both bounds, and the gap."""

from __future__ import annotations

from collections.abc import Set

from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.report.document import Conflict, ConflictSide
from covolt.study.verdicts.contradiction import contradictions

__all__ = ["contradiction_rows"]


def contradiction_rows(programme: Programme, hidden: Set[str]) -> tuple[Conflict, ...]:
    """Every contradiction between requirements that the reader may see."""

    def side(one: Requirement) -> ConflictSide:
        owner = programme.parties[one.party].title.words
        return ConflictSide(one.id, one.title.words, one.party, owner, one.bound)

    return tuple(
        Conflict(one.at_least.measure, side(one.at_least), side(one.at_most), one.gap, one.unit)
        for one in contradictions(programme)
        if not hidden & {one.at_least.id, one.at_most.id}
    )

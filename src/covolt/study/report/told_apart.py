"""Bounds that exclude one another, as the report shows them: both owners, both bounds, and the gap."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import asdict
from typing import Any

from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.verdicts.contradiction import contradictions

__all__ = ["contradiction_rows"]


def contradiction_rows(programme: Programme, hidden: Set[str]) -> list[dict[str, Any]]:
    """Every contradiction between requirements that the reader may see."""

    def side(one: Requirement) -> dict[str, Any]:
        return {
            "requirement": one.id,
            "title": asdict(one.title.words),
            "owner": one.party,
            "owner_title": asdict(programme.parties[one.party].title.words),
            "bound": one.bound,
        }

    return [
        {
            "measure": one.at_least.measure,
            "at_least": side(one.at_least),
            "at_most": side(one.at_most),
            "gap": one.gap,
            "unit": one.unit,
        }
        for one in contradictions(programme)
        if not hidden & {one.at_least.id, one.at_most.id}
    ]

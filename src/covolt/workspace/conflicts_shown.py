"""What the workspace answers of conflicts: bounds that are broken or exclude each other, whose they are, and ways out."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Number, Said
from covolt.workspace.shown import ContradictionRow

__all__ = ["BrokenRow", "ConflictsShown", "LeverRow"]


@dataclass(frozen=True, config=RESULT)
class BrokenRow:
    """A requirement that the vehicle misses, by `share` of its bound; texts are in the unit in which it is written.

    `against` are the parties whose parts decide it, or whose numbers are tried where it is `new` by these. `way` is the bound
    that this vehicle would keep, as it would be proposed; empty where the bound may not move.
    """

    requirement: str
    title: Said
    party: str
    kind: str
    against: tuple[str, ...]
    value_text: Said
    bound_text: Said
    gap_text: Said
    unit: Said
    share: Number
    new: bool
    way: str
    unstated: bool


@dataclass(frozen=True, config=RESULT)
class LeverRow:
    """What an owner lets move: a number from `lowest` to `highest`, or which offer fills a slot."""

    id: str
    title: Said
    party: str
    slot: str
    lowest: Said
    highest: Said


@dataclass(frozen=True, config=RESULT)
class ConflictsShown:
    """Conflicts of a vehicle, the widest first, with what may move and what it takes to look at `designs` of them.

    `seconds` is how long the last search for all of them took for as many designs, `settlement_seconds` the last settlement; None
    where none was done here yet.
    """

    state: str
    surely: bool
    broken: tuple[BrokenRow, ...]
    contradictions: tuple[ContradictionRow, ...]
    levers: tuple[LeverRow, ...]
    designs: int
    seconds: Number | None
    settlement_seconds: Number | None = None
    failed: tuple[Said, ...] = ()
    schema: Literal["workspace-conflicts/1"] = "workspace-conflicts/1"

"""The use case `upgrade`: what must change in a programme of covolt 0.1.0, shown or made, and what only people can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covolt.programme.upgrading import Move, Step

__all__ = ["Upgraded", "upgrade"]


@dataclass(frozen=True)
class Upgraded:
    """Moves of documents into the folders of their parties, `made` or only shown, and the steps that are left for people."""

    moves: Sequence[Move]
    made: bool
    steps: Sequence[Step]

    @property
    def sure(self) -> Sequence[Move]:
        """Moves that a tool can make: nobody need be asked."""
        return [one for one in self.moves if not one.asks]

    @property
    def asking(self) -> Sequence[Move]:
        """Documents that speak for a party in the folder of another, which that party must own to."""
        return [one for one in self.moves if one.asks]


def upgrade(programme: Path, *, write: bool = False, day: str | None = None) -> Upgraded:
    """Find what must move, make the moves where it is to `write`, all or none, and say what is left.

    Raises:
        InputError: every link and name that stands in the way.
    """
    from covolt.programme.reading import read_leniently
    from covolt.programme.upgrading import carry_out, misplaced, steps

    moves = misplaced(programme)
    if write:
        carry_out(programme, moves)
    return Upgraded(moves, write, steps(read_leniently(programme, day=day), str(programme)))

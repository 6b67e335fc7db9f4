"""The use cases of a programme as a notebook calls them: a programme or where it lies goes in, what comes out shows itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import final

from covolt.display import AbstractShown, Table
from covolt.programme.documents import Programme
from covolt.progress import Progress, showing
from covolt.study.cases.verify import Verified
from covolt.study.cases.verify import verify as verify_case
from covolt.study.gate.gates import GateState, gate_states
from covolt.study.verdicts.verification import Verification

__all__ = ["Gates", "gates", "verify"]


def verify(
    programme: Programme | Path | str,
    *,
    only: Sequence[str] = (),
    tried: Sequence[str] = (),
    party: str = "",
    anew: bool = False,
    progress: Progress | None = None,
) -> Verified:
    """Hold the locked vehicle of a programme against its requirements, or against those of `only`.

    Args:
        tried: `battery=volta/lfp@1.0.0`, offers of whatever party that fill their slots this once; the lock stays as it is.
        party: who reads; what others keep as their own is hidden, from whoever speaks for no party what any does.
        anew: drive everything anew, whatever was computed before.
        progress: called with how many records are done, of how many; else a terminal and a notebook show it by themselves.

    Raises:
        InputError: every problem of the programme, and every name that it does not know.
    """
    source = Path(programme) if isinstance(programme, str) else programme
    with showing("records", progress) as told:
        return verify_case(source, only=only, tried=tried, party=party, anew=anew, progress=told)


@final
class Gates(AbstractShown, tuple[GateState, ...]):
    """The gates of a programme in their order, each open or with what holds it shut."""

    __slots__ = ()

    def as_tables(self) -> list[Table]:
        """Each gate with why, and whose signatures stand under it."""
        rows = [
            (
                str(one.title),
                "open" if one.open else "shut",
                "; ".join(map(str, one.blocks)),
                "; ".join(str(row.who) for row in one.signatures if row.counts),
            )
            for one in self
        ]
        return [Table("Gates", ("gate", "", "what holds it", "signed"), rows)]


def gates(programme: Programme, found: Verified | Verification) -> Gates:
    """Which gates of a programme are open after a verification, and what holds the others shut."""
    return Gates(
        gate_states(programme.seen_by(programme.reader), found.found if isinstance(found, Verified) else found)
    )

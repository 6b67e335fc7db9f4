"""The use case `approval`: which acts hold for the vehicle, what shows that it keeps them, and who has checked the texts."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.reading import Source
from covolt.study.gate.approval import ApprovalRow
from covolt.study.result import RESULT

__all__ = ["Approval", "approve"]


@dataclass(frozen=True, config=RESULT)
class Approval:
    """Every act with its state, and the date of the table."""

    date: str
    acts: tuple[ApprovalRow, ...]
    schema: Literal["approval/1"] = "approval/1"


def approve(programme: Source, *, day: str | None = None) -> Approval:
    """Hold the acts of the programme's markets against its requirements, their verdicts and its signed gates."""
    from covolt.study.gate.approval import approval_rows
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states, signed_by_agencies
    from covolt.study.verdicts.acts import matrix
    from covolt.study.verdicts.verification import verify

    read = read_whole(programme, day=day)
    found = verify(read)
    rows = tuple(approval_rows(read, found.verdicts, signed=signed_by_agencies(read, gate_states(read, found))))
    return Approval(matrix().date, rows)

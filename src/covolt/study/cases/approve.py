"""The use case `approval`: which acts hold for the vehicle, what shows that it keeps them, and who has checked the texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from covolt.study.gate.approval import ApprovalRow

__all__ = ["Approval", "approve"]


@dataclass(frozen=True)
class Approval:
    """Every act with its state, the date of the table, and the readings of each act's text."""

    rows: tuple[ApprovalRow, ...]
    date: str
    readings: dict[str, list[dict[str, str]]]

    def document(self) -> dict[str, Any]:
        """As scripts read it."""
        return {"date": self.date, "acts": [one.plain() | {"checked": self.readings[one.act]} for one in self.rows]}


def approve(programme: Path) -> Approval:
    """Hold the acts of the programme's markets against its requirements, their verdicts and its signed gates."""
    from covolt.study.gate.approval import approval_rows
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states, signed_by_agencies
    from covolt.study.verdicts.acts import matrix
    from covolt.study.verdicts.checking import readings_of_act, texts_checked
    from covolt.study.verdicts.verification import verify

    read = read_whole(programme)
    found = verify(read)
    rows = tuple(approval_rows(read, found.verdicts, signed=signed_by_agencies(read, gate_states(read, found))))
    checks = texts_checked(read)
    return Approval(rows, matrix().date, {one.act: readings_of_act(one.act, checks) for one in rows})

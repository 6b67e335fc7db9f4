"""The use case `approval`: which acts hold for the vehicle, what shows that it keeps them, and who has checked the texts."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Progress, Wish, silent
from covolt.study.gate.approval import ApprovalRow
from covolt.study.result import RESULT

__all__ = ["Approval", "approve"]


@dataclass(frozen=True, config=RESULT)
class Approval:
    """Every act with its state, and the date of the table."""

    date: str
    acts: tuple[ApprovalRow, ...]
    schema: Literal["approval/1"] = "approval/1"


def approve(
    programme: Source,
    *,
    party: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> Approval:
    """Hold the acts of the programme's markets against its requirements, their verdicts and its signed gates.

    A requirement that the reading `party` is not shown shows no act to it.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive, says so.
    """
    from covolt.study.gate.approval import approval_rows
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states, signed_by_agencies
    from covolt.study.verdicts.acts import matrix
    from covolt.study.verdicts.verification import verify

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    found = verify(read, progress=progress, cancelled=cancelled)
    rows = tuple(approval_rows(read, found.verdicts, signed=signed_by_agencies(read, gate_states(read, found))))
    return Approval(matrix().date, rows)

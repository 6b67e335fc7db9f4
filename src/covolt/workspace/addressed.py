"""What an address names in a programme: a number, a slot, a requirement, a gate or a proposal, where its reader may see it."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.seen import shows_filled
from covolt.workspace.tables import ProposalRow

__all__ = ["sees", "sees_all"]

_PROPOSAL = re.compile(r"[1-9][0-9]{0,8}")


def sees(programme: Programme, address: str, session: Session) -> bool:
    """Whether there is something at an address that the reader of `programme`, which is as that one sees it, may see.

    What is hidden from that reader and what is not there are not told apart.
    """
    kind, _, name = address.partition("/")
    match kind:
        case "slot":
            return name in programme.slots
        case "requirement":
            return name in programme.requirements and name not in programme.hidden
        case "gate":
            return name in programme.gates
        case "proposal":
            return _PROPOSAL.fullmatch(name) is not None and _is_proposal(programme.charter.id, int(name), session)
        case _:
            sheet = locked_sheet(programme, kind) if kind in programme.slots else None
            if sheet is None or not shows_filled(programme, kind, sheet):
                return False
            return name in sheet.declared or name in sheet.model.parameters


def sees_all(programme: Programme, address: str, session: Session) -> bool:
    """Whether every party of a programme, and whoever speaks for none, sees what an address names."""
    return all(sees(programme.seen_by(one), address, session) for one in (None, *programme.parties))


def _is_proposal(name: str, number: int, session: Session) -> bool:
    wanted = select(ProposalRow.id).where(ProposalRow.programme == name, ProposalRow.number == number)
    return session.scalar(wanted) is not None

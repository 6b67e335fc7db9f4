"""What an address names in a programme: a number, a slot, a requirement, a gate or a proposal, where its reader may see it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.seen import shows_filled
from covolt.workspace.access import Reader
from covolt.workspace.comment_rows import CommentRow
from covolt.workspace.tables import EventRow, ProposalRow

__all__ = ["comment_of", "meant_for", "readable_comments", "sees", "sees_all"]

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


def meant_for(comment: CommentRow, reader: Reader) -> bool:
    """Whether a comment is for the reader; of those for some parties, who acts for some slots reads what is about these."""
    if comment.readers and reader.slots is not None:
        about = comment.address.removeprefix("slot/").partition("/")[0]
        return reader.party in comment.readers and about in reader.slots
    return not comment.readers or reader.party in comment.readers


def _may_read(comment: CommentRow, own: Programme, reader: Reader, session: Session) -> bool:
    """Whether a comment is for the reader, who sees the programme as `own`, and who sees what it is about."""
    return meant_for(comment, reader) and sees(own, comment.address, session)


def comment_of(row: EventRow) -> str:
    """Id of the comment that an entry is about; empty where it is about none, or was written before entries named rows."""
    if row.verb != "commented":
        return ""
    return next((one.partition("/")[2] for one in row.told.get("rows", ()) if one.startswith("comments/")), "")


def readable_comments(session: Session, own: Programme, reader: Reader, rows: Sequence[EventRow]) -> frozenset[str]:
    """Comments of entries that the reader may read, or have been taken back since for all; and none."""
    ids = [found for one in rows if (found := comment_of(one))]
    kept = session.scalars(select(CommentRow).where(CommentRow.id.in_(ids))).all() if ids else []
    return frozenset({"", *(one.id for one in kept if _may_read(one, own, reader, session))})


def _is_proposal(name: str, number: int, session: Session) -> bool:
    wanted = select(ProposalRow.id).where(ProposalRow.programme == name, ProposalRow.number == number)
    return session.scalar(wanted) is not None

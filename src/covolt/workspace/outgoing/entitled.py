"""What a subscriber may be told of what happens: only while that person acts for the party, and only what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.workspace.access import Reader
from covolt.workspace.addressed import comment_of, readable_comments
from covolt.workspace.events import events_after
from covolt.workspace.outgoing.rows import SubscriptionRow
from covolt.workspace.tables import AnswerRow, EventRow, MembershipRow, PersonRow, ProposalRow
from covolt.workspace.verbs import is_of

__all__ = ["acting", "wanted_events"]

MOST_AT_ONCE = 200


def acting(session: Session, one: SubscriptionRow) -> Reader | None:
    """Who reads for a subscription, as that person acts now; None where the person no longer acts for the party.

    The person of a workspace in which nobody logs in acts for each.
    """
    held = _memberships(session, one)
    if session.get(PersonRow, one.person) is not None and not held:
        return None
    narrowed = bool(one.party and held) and all(each.slots for each in held)
    return Reader(
        one.person, one.party, frozenset(str(slot) for each in held for slot in each.slots) if narrowed else None
    )


def _memberships(session: Session, one: SubscriptionRow) -> Sequence[MembershipRow]:
    wanted = select(MembershipRow).where(
        MembershipRow.programme == one.programme,
        MembershipRow.person == one.person,
        MembershipRow.ended.is_(None),
    )
    if one.party:
        wanted = wanted.where(MembershipRow.party == one.party)
    return session.scalars(wanted).all()


def wanted_events(session: Session, one: SubscriptionRow, own: Programme) -> tuple[list[int], int, bool]:
    """Entries after the last that was looked at of which a subscriber wants to be told, the last of now, and whether more follow.

    Args:
        session: one that reads or writes.
        one: the subscription.
        own: the programme as the subscriber sees it.
    """
    reader = acting(session, one)
    slots = {str(slot) for each in _memberships(session, one) for slot in each.slots}
    found: list[int] = []
    last = one.seen
    entries = events_after(session, one.programme, one.seen, MOST_AT_ONCE)
    readable = readable_comments(session, own, reader or Reader(one.person), entries)
    for row in entries:
        last = row.sequence
        if comment_of(row) not in readable:
            continue
        if one.verbs and not any(is_of(str(each), row.verb, row.told) for each in one.verbs):
            continue
        changes = _changes(session, row)
        if slots and changes and not slots & {str(each["slot"]) for each in changes}:
            continue
        if one.scope == "all" or one.party in _touched(session, row, changes, own):
            found.append(row.sequence)
    return found, last, len(entries) == MOST_AT_ONCE


def _proposal(session: Session, row: EventRow) -> ProposalRow | None:
    kind, _, number = row.subject.partition("/")
    if kind != "proposal" or not number.isdecimal():
        return None
    wanted = select(ProposalRow).where(ProposalRow.programme == row.programme, ProposalRow.number == int(number))
    return session.scalars(wanted).first()


def _changes(session: Session, row: EventRow) -> Sequence[Mapping[str, Any]]:
    proposal = _proposal(session, row)
    return proposal.changes if proposal is not None else row.told.get("changes", ())


def _touched(session: Session, row: EventRow, changes: Sequence[Mapping[str, Any]], own: Programme) -> frozenset[str]:
    """Parties that an entry touches: who acts, whose slots and parts change, whose requirements turn, who has answered.

    What is of no proposal touches all.
    """
    proposal = _proposal(session, row)
    if proposal is None:
        return frozenset(own.parties)
    found = {row.party, proposal.party}
    for one in changes:
        slot = own.slots.get(str(one["slot"]))
        sheet = locked_sheet(own, str(one["slot"])) if slot is not None else None
        found |= {slot.owner} if slot is not None else set()
        found |= {sheet.party} if sheet is not None else set()
    for one in row.told.get("effects", ()):
        requirement = own.requirements.get(str(one["requirement"]))
        found |= {requirement.party} if requirement is not None else set()
    found |= set(session.scalars(select(AnswerRow.party).where(AnswerRow.proposal == proposal.id)))
    return frozenset(found)

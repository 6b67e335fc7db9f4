"""Acts of the markets that stand open for the vehicle of a settlement, by what is verified of it."""

from __future__ import annotations

from dataclasses import replace

from covolt.study.gate.approval import FULFILLED, STATES, approval_rows
from covolt.study.negotiation.card import ActRow, Card, LawRow
from covolt.study.negotiation.outcome import Outcome
from covolt.study.negotiation.surely import as_locked
from covolt.study.verdicts.verdict import STANDINGS, Standing, Verdict

__all__ = ["with_acts"]


def with_acts(card: Card, outcome: Outcome) -> Card:
    """A card with the acts that are not fulfilled by the settled vehicle, as its reader may see them; those of a law that nobody
    has verified are open.
    """
    if card.design is None:
        return card
    seen = outcome.question.programme.seen_by(card.reader or None)
    # What the reader may not read names no act.
    readable = {name: one for name, one in seen.requirements.items() if name not in seen.hidden}
    vehicle = as_locked(
        replace(seen, requirements=readable, hidden=frozenset()), outcome.question.space, outcome.values
    )
    verdicts = [_verdict(one) for one in card.laws if one.requirement and one.by in {"verified", "document"}]
    rows = approval_rows(vehicle, verdicts)
    acts = (
        ActRow(one.act, one.title, STATES[one.state], one.why)
        for one in rows
        if one.state not in FULFILLED and one.state != "not applicable"
    )
    return replace(card, acts=tuple(acts))


def _verdict(one: LawRow) -> Verdict:
    """What an act asks of a law: its word."""
    words: dict[str, Standing] = {str(each): each for each in STANDINGS}
    return Verdict(requirement=one.requirement, verdict=words[one.verdict], owner=one.owner, kind="law")

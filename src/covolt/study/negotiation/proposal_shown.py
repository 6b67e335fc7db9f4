"""A proposal as its party reads it: which of its bounds move, which of its numbers change, what it gets, and how laws stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.proposal import Judged, Proposal, Relaxed
from covolt.programme.requirement import Requirement
from covolt.study.negotiation.card import Card, ChangeRow, JudgedRow, LawRow, StakeRow
from covolt.study.negotiation.judged import Computed, bound_of, hidden_law, law_row, side_of
from covolt.study.negotiation.turned import outward
from covolt.study.result import RESULT, Notice, Number
from covolt.words import Words

__all__ = ["ProposalShown", "proposal_shown"]


@dataclass(frozen=True, config=RESULT)
class ProposalShown:
    """A proposal to `party` with titles, kinds and bounds of the programme; its own rows come first.

    Where the card of its settlement lies beside it and was verified, values stand with their uncertainties, as `sure_…`. `stale`
    says why it is no longer to be answered, `answered` what the newest answer beside it says, of which day, `notices` what
    else is told of it.
    """

    programme: str
    party: str
    settlement: str
    lock: str
    study: str
    design: int
    rule: str
    agree: tuple[str, ...]
    gain: Number | None
    stale: tuple[Notice, ...]
    answered: Literal["accept", "refuse", ""]
    on: str
    notices: tuple[Notice, ...]
    verified: bool
    interests: tuple[StakeRow, ...]
    numbers: tuple[ChangeRow, ...]
    requirements: tuple[JudgedRow, ...]
    laws: tuple[LawRow, ...]
    schema: Literal["proposal-shown/1"] = "proposal-shown/1"

    @property
    def own(self) -> tuple[JudgedRow, ...]:
        """Rows of requirements of the party itself."""
        return tuple(one for one in self.requirements if one.owner == self.party)


def proposal_shown(
    proposal: Proposal,
    programme: Programme,
    card: Card | None,
    stale: tuple[Notice, ...],
    answered: Literal["accept", "refuse", ""],
    on: str,
    notices: tuple[Notice, ...],
) -> ProposalShown:
    """A proposal held against the programme.

    Args:
        programme: whole.
        card: what everybody may see of a settlement; another than that of the proposal says nothing of it.
    """
    card = card if card is not None and card.settlement == proposal.settlement else None
    relaxed = {one.requirement: one for one in proposal.relaxed}
    known = {one.requirement: one for one in (() if card is None else card.requirements)}
    told = {one.requirement: one for one in proposal.verdicts}
    rows = [
        _judged(one, programme.requirements[name], relaxed.get(name), known.get(name))
        for name, one in told.items()
        if name in programme.requirements and _is_changed(one, name in relaxed)
    ]
    wishes = {} if card is None else {(one.party, one.interest): one for one in card.interests}
    return ProposalShown(
        programme=proposal.programme,
        party=proposal.party,
        settlement=proposal.settlement,
        lock=proposal.lock,
        study=proposal.study,
        design=proposal.design,
        rule=proposal.rule,
        agree=proposal.agree,
        gain=proposal.gain,
        stale=stale,
        answered=answered,
        on=on,
        notices=notices,
        verified=any(one.sure_after is not None for one in known.values()),
        interests=tuple(_stakes(proposal, programme, wishes)),
        numbers=tuple(
            ChangeRow(proposal.party, one.slot, one.number, str(one.before), str(one.after)) for one in proposal.numbers
        ),
        requirements=tuple(sorted(rows, key=lambda one: one.owner != proposal.party)),
        laws=_laws(proposal, programme, told, card),
    )


def _is_changed(one: Judged, moves: bool) -> bool:
    """Whether anything of a requirement is another; laws of which nothing is, or of which no study asks, are laws alone."""
    if not one.unit:
        return False
    return moves or (one.verdict_before, one.value_before) != (one.verdict_after, one.value_after)


def _judged(one: Judged, stated: Requirement, relaxed: Relaxed | None, known: JudgedRow | None) -> JudgedRow:
    bound = bound_of(stated, one.unit) if relaxed is None else relaxed.bound
    needed = None if relaxed is None else outward(relaxed.needed, at_least=stated.sign > 0.0)
    row = JudgedRow(
        requirement=one.requirement,
        title=stated.title.words,
        owner=one.owner,
        kind=stated.kind,
        unit=one.unit,
        side=side_of(stated),
        bound=bound,
        verdict_before=one.verdict_before,
        verdict_after=one.verdict_after,
        value_before=one.value_before,
        value_after=one.value_after,
        margin_before=one.margin_before,
        margin_after=one.margin_after,
        moves=0.0 if relaxed is None else abs(relaxed.needed - relaxed.bound),
        needed=needed,
    )
    if known is None:
        return row
    return replace(row, sure_before=known.sure_before, sure_after=known.sure_after, sure_needed=known.sure_needed)


def _stakes(proposal: Proposal, programme: Programme, known: Mapping[tuple[str, str], StakeRow]) -> list[StakeRow]:
    rows: list[StakeRow] = []
    for one in proposal.interests:
        stated, sure = programme.interests.get(one.interest), known.get((proposal.party, one.interest))
        rows.append(
            StakeRow(
                party=proposal.party,
                interest=one.interest,
                title=Words(one.interest) if stated is None else stated.title.words,
                unit=one.unit,
                weight=one.weight,
                worst_acceptable=one.worst_acceptable,
                aspiration=one.aspiration,
                before=one.before,
                after=one.after,
                sure_before=None if sure is None else sure.sure_before,
                sure_after=None if sure is None else sure.sure_after,
            )
        )
    return rows


def _laws(
    proposal: Proposal, programme: Programme, told: Mapping[str, Judged], card: Card | None
) -> tuple[LawRow, ...]:
    """Laws as the card has them, where it does; else by the computed values of the proposal."""
    seen, known = programme.seen_by(proposal.party), {one.requirement: one for one in (card.laws if card else ())}
    return tuple(
        hidden_law(one)
        if name in seen.hidden
        else known.get(name) or law_row(programme, one, _computed(told.get(name)))
        for name, one in sorted(programme.requirements.items())
        if one.kind == "law"
    )


def _computed(one: Judged | None) -> Computed | None:
    return None if one is None or not one.unit else Computed(one.verdict_after, one.value_after, one.unit)

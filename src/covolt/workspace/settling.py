"""Settlements around a conflict: a study of what its parties let move, within contracts, and what is fair among its vehicles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log10
from pathlib import Path
from typing import Any, final

from covolt import units
from covolt.errors import CovoltError, Problem
from covolt.programme.design_space import DesignVariable
from covolt.programme.documents import Programme
from covolt.study.cases.negotiate import settled
from covolt.study.cases.options import Progress
from covolt.study.conflicts.agreed import Agreed
from covolt.study.conflicts.posed import axes_of, unit_of_bound
from covolt.study.designs.space import OFFER, DesignSpace
from covolt.study.negotiation.answers import Answers, stands_of
from covolt.study.negotiation.bargaining import DEFAULT_RULE, RULES
from covolt.study.negotiation.card import Card, JudgedRow
from covolt.study.negotiation.outcome import UNASKED, Outcome
from covolt.study.negotiation.protocol import Settled
from covolt.study.result import plain
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify
from covolt.words import Spoken, Text, Words
from covolt.workspace.access import Reader
from covolt.workspace.changes import NumberChange, changes_of
from covolt.workspace.changing import KEPT, broken_contracts, changed
from covolt.workspace.settlements_shown import GivenWay, SettlementOption, SettlementsShown
from covolt.workspace.telling import change_row, problem_text
from covolt.workspace.words_in import words_in

__all__ = ["around", "settlements"]

VALUES = 40
"""Values that a number has at most which may have every one between its ends."""
NEAR = 1e-9


@final
@dataclass(frozen=True)
class _Option:
    """A settlement, by which rules it is chosen, what gave way for it, and what it changes of the locked vehicle."""

    rules: tuple[str, ...]
    given_way: tuple[GivenWay, ...]
    outcome: Outcome
    changes: tuple[NumberChange, ...]
    against: tuple[Problem, ...]


def around(programme: Programme, tried: Programme, changes: Sequence[NumberChange]) -> Programme:
    """What every party may read of the tried programme, in which what the parties of its conflicts let move moves in contracts.

    Parties of a conflict are those whose numbers are tried, whose requirements break by that, and whose parts these name. Where
    nothing is tried, or none of them lets anything move, all that moves is left. Nothing that a party keeps as its own is in it:
    whose requirements and interests are private judges the proposal itself.
    """
    seen = tried.seen_by(None)
    parties = _concerned(programme, tried, changes) if changes else set[str]()
    designs = {name: one for name, one in seen.designs.items() if one.party in parties} or dict(seen.designs)
    requirements = {name: one for name, one in seen.requirements.items() if name not in seen.hidden}
    made = replace(tried.whole, designs=designs, requirements=requirements, interests=dict(seen.interests))
    return replace(made, designs=_within_contracts(made)) if designs else made


def _concerned(programme: Programme, tried: Programme, changes: Sequence[NumberChange]) -> set[str]:
    store = KeptRecords.own()
    before, after = (verify(one.whole, store, surely=False) for one in (programme, tried))
    hidden = set(tried.seen_by(None).hidden)
    missed = {one.requirement for one in before.verdicts if one.verdict == "not met"}
    found = {tried.slots[one.slot].owner for one in changes if one.slot in tried.slots}
    for one in after.verdicts:
        # Whom a hidden requirement concerns is not told: by what is let move then, anybody could find its bound.
        if one.verdict == "not met" and one.requirement not in missed | hidden:
            stated = tried.whole.requirements[one.requirement]
            found |= {stated.party, *(tried.slots[slot].owner for slot in stated.slots if slot in tried.slots)}
    return found


def _within_contracts(programme: Programme) -> dict[str, DesignVariable]:
    """What moves, in plain steps, within the limits of contracts on it alone; what then has one value does not move."""
    space = DesignSpace.of(programme)
    found: dict[str, DesignVariable] = {}
    axes = Agreed.over(programme, space).axes(axes_of(space))
    for document, variable, axis in zip(space.documents, space.variables, axes, strict=True):
        if variable.choices:
            found[document.id] = document
            continue
        step = variable.step or _plain_step((axis.highest - axis.lowest) / VALUES)
        lowest, highest = axis.lowest, axis.highest
        if not variable.step and step:
            lowest, highest = ceil(lowest / step - NEAR) * step, floor(highest / step + NEAR) * step
        if lowest < highest:
            ends = {"lowest": lowest, "highest": highest, "step": step}
            told = {name: _written(value, variable.unit) for name, value in ends.items()}
            found[document.id] = document.model_copy(update=told)
    return found


def _plain_step(scale: float) -> float:
    """The next of 1, 2 and 5 times a power of ten: a settled number is then one that people would write."""
    power = 10.0 ** floor(log10(scale)) if scale > 0.0 else 0.0
    return next((power * one for one in (1.0, 2.0, 5.0) if power * one >= scale), power * 10.0)


def _written(value: float, unit: str) -> str | float:
    return float(f"{value:.10g}") if unit == "1" else f"{value:.10g} {unit}"


def settlements(
    programme: Programme, tried: Programme, asked: Mapping[str, Any], study: Path, progress: Progress
) -> Mapping[str, Any]:
    """Settlements among the vehicles of a study of `tried`, as documents by party, and as changes of the locked vehicle.

    Args:
        programme: as it is locked.
        tried: as `around` gives it.
        asked: with the changes that are tried.
        study: folder of a study of that.
    """
    first = settled(tried, [study], DEFAULT_RULE)
    left = isinstance(first.found, Settled)
    excluding = () if left else first.card(None, {}, "none left").excluding
    options = list(_fair(programme, tried, asked, study, first, giving_way=not left, progress=progress))
    readers = ["", *tried.parties]
    documents = {
        party: plain(
            SettlementsShown(
                first.question.study.table.designs,
                tuple(sorted(tried.designs)),
                tuple(_shown(one, programme, party) for one in options),
                excluding,
            )
        )
        for party in readers
    }
    return {"documents": documents, "options": [[one.plain() for one in each.changes] for each in options]}


def _given_way(before: Outcome, after: Outcome) -> tuple[GivenWay, ...]:
    """Interests that accept less in one outcome than in another."""
    interests = {(one.party, one.id): one.title.words for one in before.question.interests}
    pairs = zip(before.question.case.stakes, after.question.case.stakes, strict=True)
    return tuple(
        GivenWay(was.party, was.interest, interests[was.party, was.interest], was.worst, now.worst, was.unit)
        for was, now in pairs
        if was.worst != now.worst
    )


def _fair(
    programme: Programme,
    tried: Programme,
    asked: Mapping[str, Any],
    study: Path,
    first: Outcome,
    *,
    giving_way: bool,
    progress: Progress,
) -> Iterable[_Option]:
    """What is fair by each rule, every vehicle once, verified with its uncertainties."""
    rules: dict[int, list[str]] = {}
    for rule in RULES:
        found = settled(tried, [study], rule, giving_way=giving_way).found
        if isinstance(found, Settled):
            rules.setdefault(found.row, []).append(rule)
    for names in rules.values():
        outcome = settled(tried, [study], names[0], giving_way=giving_way, surely=True, progress=progress)
        changes, against = _changes(programme, tried, asked, outcome)
        yield _Option(tuple(names), _given_way(first, outcome), outcome, changes, against)


def _changes(
    programme: Programme, tried: Programme, asked: Mapping[str, Any], outcome: Outcome
) -> tuple[tuple[NumberChange, ...], tuple[Problem, ...]]:
    """What a proposal of a settlement changes of the locked vehicle, and why it cannot be made."""
    wanted = {(one["slot"], one["number"]): str(one["after"]) for one in asked["changes"]}
    replaced = {one.slot for one in outcome.changes if one.number == OFFER}
    for one in outcome.changes:
        if one.slot not in replaced or one.number == OFFER:
            wanted[one.slot, one.number] = str(one.after)
    for row in outcome.card(None, stands_of(outcome, Answers()), "open").requirements:
        if row.moves:
            wanted["", row.requirement] = _bound(tried, row)
    try:
        found = changes_of(programme.seen_by(None), [(*place, value) for place, value in wanted.items()])
        return tuple(found), tuple(broken_contracts(changed(programme, found), found, Reader(""), hidden=[KEPT]))
    except CovoltError as error:
        return (), error.problems


def _bound(programme: Programme, row: JudgedRow) -> str:
    """The bound that the settled vehicle keeps with 95 %, or just keeps where nobody knows how surely, as its owner writes it."""
    sure = None if row.sure_needed is None else row.sure_needed.bound_kept
    needed = row.bound if row.needed is None else row.needed
    further = sure is not None and (needed - sure if row.side == "at_least" else sure - needed) > 0.0
    value = sure if further and sure is not None else needed
    own = unit_of_bound(programme.requirements[row.requirement])
    told = units.unit(own).from_si(units.unit(row.unit).to_si(value))
    return f"{told:.10g}" if own == "1" else f"{told:.10g} {own}"


def _shown(one: _Option, programme: Programme, party: str) -> SettlementOption:
    stands = stands_of(one.outcome, Answers())
    card = one.outcome.card(party or None, stands, "open")
    told = [each.what.phrase if isinstance(each.what, Spoken) else Words(each.what, each.what) for each in card.notices]
    seen = programme.seen_by(party or None)
    made = SettlementOption(
        one.rules,
        one.given_way,
        _short(card),
        tuple(change_row(each, seen) for each in one.changes),
        # Who is asked about a proposal of the workspace follows from its verdicts, and stands there.
        tuple(each for each in told if not (isinstance(each, Text) and each.message == UNASKED.message)),
        tuple(problem_text(each) for each in one.against),
    )
    return replace(made, words=words_in(plain(made)))


def _short(card: Card) -> Card:
    """A card without requirements that stay as they are, and without what others check it by."""
    moved = [
        row
        for row in card.requirements
        if row.moves or row.verdict_before != row.verdict_after or row.value_before != row.value_after
    ]
    return replace(card, requirements=tuple(moved), notices=(), rests_on={})

"""Answers: what parties have said to proposals, which of it counts, and what their refusals add to the next settlement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np

from covolt import units
from covolt.contract.document import canonical_json, loads, read_text
from covolt.errors import Problem, UnitError
from covolt.files import digest_of
from covolt.programme.documents import Programme
from covolt.programme.key_coherence import must_sign
from covolt.programme.proposal import Answer, Bound, Proposal, digest_of_answer, digest_of_lock
from covolt.programme.standing import STATES
from covolt.programme.text import quantity_si
from covolt.study.negotiation.admission import Demanded, Truths
from covolt.study.negotiation.outcome import Outcome, Stands
from covolt.study.negotiation.protocol import Case, Limit
from covolt.study.negotiation.question import Question
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "ANSWER",
    "Answered",
    "answers_in",
    "bound_problems",
    "demands_of",
    "digest_of_proposal",
    "no_word",
    "stands_of",
]

ANSWER = ".answer.toml"
"""How the file of an answer ends, which lies beside its proposal's."""
MORE = 1e-9
"""By how much a gain has to be above the one that was refused."""


@final
@dataclass(frozen=True)
class Answered:
    """An answer as it was read, and its file."""

    path: Path
    said: Answer


def answers_in(folder: Path, programme: Programme) -> tuple[list[Answered], list[Problem]]:
    """Answers below a folder that count here, by settlement and party, and why others do not."""
    found: list[Answered] = []
    idle: list[Problem] = []
    for path in sorted(folder.glob(f"*/*{ANSWER}")):
        one = Answered(path, loads(read_text(path), Answer, str(path)))
        why = no_word(programme, one.said)
        if why:
            idle.append(Problem(text("it does not count: {why}", why=why), str(path), ""))
        else:
            found.append(one)
    return sorted(found, key=lambda one: (one.said.settlement, one.said.party)), idle


def no_word(programme: Programme, said: Answer) -> Phrase:
    """Why an answer is not its party's word here and today; empty where it is."""
    if said.programme != programme.charter.id:
        return text("it speaks of the programme {programme}", programme=said.programme)
    if said.party not in programme.parties:
        return text("no party '{party}' in this programme", party=said.party)
    if programme.lock is None or said.lock != digest_of_lock(programme.lock):
        return text("the lock has moved since")
    return _unsigned(programme, said)


def _unsigned(programme: Programme, said: Answer) -> Phrase:
    """Why the signature of an answer does not count; empty where it does, or nobody asks for one."""
    asked, signed = must_sign(programme, said.party), said.signature
    if signed is None:
        return text("it is not signed") if asked else Words()
    subject = (signed.subject, signed.name, signed.digest, signed.party)
    if subject != ("answer", said.settlement, digest_of_answer(said), said.party):
        return text("it was changed after it was signed")
    standing = programme.standings.of(signed)
    if standing.counts or not asked:
        return Words()
    return joined((STATES[standing.state], standing.why), ": ") if standing.why else STATES[standing.state]


def bound_problems(programme: Programme, party: str, bounds: Iterable[Bound], where: str) -> list[Problem]:
    """Bounds of a refusal that name no interest and no negotiable requirement of the party, or are of another dimension."""
    found: list[Problem] = []
    own = {one.id: one.worst_acceptable for one in programme.interests.values() if one.party == party}
    own |= {
        one.id: one.bound
        for one in programme.requirements.values()
        if one.party == party and one.firmness == "negotiable" and one.kind != "law"
    }
    for one in bounds:
        if one.of not in own:
            what = text("'{name}' is no interest and no negotiable requirement of {party}", name=one.of, party=party)
            hint = text("name one of: {names}", names=", ".join(sorted(own)) or "–")
            found.append(Problem(what, where, hint))
            continue
        try:
            unit = quantity_si(one.worst)[1]
        except UnitError as error:
            found += [Problem(each.what, where, each.hint) for each in error.problems]
            continue
        if unit != quantity_si(own[one.of])[1]:
            what = text("{name} is in {unit}, not {written}", name=one.of, unit=own[one.of], written=one.worst)
            found.append(Problem(what, where, text("write both in units of the same dimension")))
    return found


def demands_of(question: Question, answers: Iterable[Answered]) -> tuple[Case, list[Limit]]:
    """What refusals add: the case with what owners now accept of their requirements, and designs that parties refuse.

    A refusal takes its own design out. A bound of an interest takes out all designs that are worse; one of a negotiable
    requirement says how far its owner lets it move. Without a bound, designs go that give the party no more than that one.
    """
    case, limits = question.case, list[Limit]()
    for one in answers:
        said = one.said
        if said.answer != "refuse":
            continue
        other = np.asarray(question.study.table.design != said.design)
        limits.append(Limit(f"{said.party}/ {said.design}", said.party, other))
        for bound in said.bounds:
            met = _worse_gone(question, said.party, bound)
            if met is None:
                case = replace(case, demanded=tuple(_moved(question, each, bound) for each in case.demanded))
            else:
                limits.append(Limit(f"{said.party}/{bound.of} {bound.worst}", said.party, met))
        gains = question.case.gains
        if not said.bounds and said.gain is not None and said.party in gains.parties:
            column = gains.gains[:, gains.parties.index(said.party)]
            limits.append(Limit(f"{said.party}/ > {said.gain:.4g}", said.party, np.asarray(column > said.gain + MORE)))
    return case, limits


def _worse_gone(question: Question, party: str, bound: Bound) -> Truths | None:
    """Designs whose value of an interest is no worse than a bound; None where it names none that is answered."""
    for at, stake in enumerate(question.case.stakes):
        if (stake.party, stake.interest) == (party, bound.of):
            worst = units.unit(stake.unit).from_si(quantity_si(bound.worst)[0])
            side = 1.0 if stake.aspiration > stake.worst else -1.0
            room = MORE * abs(stake.aspiration - stake.worst)
            return np.asarray(side * (question.case.values[:, at] - worst) >= -room)
    return None


def _moved(question: Question, one: Demanded, bound: Bound) -> Demanded:
    """A requirement of which its owner now says how far it may move."""
    if one.name != bound.of or one.firm:
        return one
    unit = units.unit(one.unit)
    stated = question.programme.requirements[one.name]
    furthest = stated.sign * (unit.from_si(stated.bound_si[0]) - unit.from_si(quantity_si(bound.worst)[0]))
    return replace(one, accepted=max(0.0, furthest))


def stands_of(outcome: Outcome, answers: Iterable[Answered]) -> Mapping[str, Stands]:
    """How each party stands to a settlement: by an answer to this very proposal, else by what it has stated."""
    programme = outcome.question.programme
    said = {one.said.party: one.said for one in answers if one.said.settlement == outcome.settlement}
    return {party: _stands(outcome, programme, party, said.get(party)) for party in outcome.agreeing}


def _stands(outcome: Outcome, programme: Programme, party: str, said: Answer | None) -> Stands:
    if said is not None and said.proposal == digest_of_proposal(outcome.proposal(party)):
        return Stands("accepted" if said.answer == "accept" else "refused", Words())
    if said is not None:
        return Stands("asked", text("it answered another proposal"))
    found = outcome.stated(party)
    if found.agreement == "by what it states" and must_sign(programme, party):
        return Stands("asked", text("only what it has signed is its word"))
    return found


def digest_of_proposal(proposal: Proposal) -> str:
    """The digest by which an answer names the proposal that its party has seen."""
    return digest_of(canonical_json(proposal))

"""Answers: what parties have said to proposals, which of it counts, and what their refusals add to the next settlement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import final

import numpy as np

from covolt import units
from covolt.contract.document import loads, read_unlinked
from covolt.errors import Problem, UnitError
from covolt.programme.answered import note_seen, seen_of
from covolt.programme.documents import Programme
from covolt.programme.key_coherence import must_sign
from covolt.programme.proposal import (
    Answer,
    Bound,
    digest_of_answer,
    digest_of_lock,
    digest_of_proposal,
    digest_of_settlement,
)
from covolt.programme.standing import STATES
from covolt.programme.text import quantity_si
from covolt.study.negotiation.admission import Demanded, Truths
from covolt.study.negotiation.bargaining import RULES
from covolt.study.negotiation.card import Stands
from covolt.study.negotiation.outcome import Outcome
from covolt.study.negotiation.protocol import Case, Limit
from covolt.study.negotiation.question import Question
from covolt.study.negotiation.wording import ANSWERED
from covolt.study.verdicts.interests import wish_of
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "ANSWER",
    "Answered",
    "Answers",
    "answers_beside",
    "answers_in",
    "bound_problems",
    "demands_of",
    "no_word",
    "of_this_study",
    "stands_of",
]

ANSWER = ".answer.toml"
"""How the file of an answer ends, which lies beside its proposal's."""
NAME = re.compile(rf"(?P<party>.+){re.escape(ANSWER.removesuffix('.toml'))}(-\d+)?\.toml")
"""How the files of a first answer and of later ones are called."""
Of = tuple[str, str]
"""Settlement and party."""
MORE = 1e-9
"""By how much a gain has to be above the one that was refused."""


@final
@dataclass(frozen=True)
class Answered:
    """An answer as it was read, and its file."""

    path: Path
    said: Answer

    @property
    def of(self) -> Of:
        """To which settlement it is, and whose."""
        return self.said.settlement, self.said.party

    @property
    def digest(self) -> str:
        """By which the next one names it."""
        return digest_of_answer(self.said)


@final
@dataclass(frozen=True)
class Answers:
    """The newest answer of each party to each settlement where it counts, what is told of others, and why some count no more.

    `doubted` are those of which a newer one was seen here, or two of one number lie there.
    """

    counting: tuple[Answered, ...] = ()
    idle: tuple[Problem, ...] = ()
    doubted: Mapping[Of, Phrase] = field(default_factory=dict[Of, Phrase])


def answers_in(folder: Path, programme: Programme) -> Answers:
    """Answers below a folder that count here, by settlement and party, and why others do not.

    Raises:
        InputError: a file is no answer.
        Forbidden: a link stands in place of one, or others could have written which answers were seen here.
    """
    return _read(sorted(folder.glob("*/*.toml")), programme, folder)


def answers_beside(file: Path, programme: Programme) -> Answers:
    """The same of answers that lie beside a proposal; raises as `answers_in`."""
    return _read(sorted(file.parent.glob("*.toml")), programme, file.parent)


def _read(paths: Iterable[Path], programme: Programme, within: Path) -> Answers:
    found: dict[Of, list[Answered]] = {}
    idle: list[Problem] = []
    doubted: dict[Of, Phrase] = {}
    for path in paths:
        if NAME.fullmatch(path.name) is None:
            continue
        one = Answered(path, loads(read_unlinked(path, within), Answer, str(path)))
        why = no_word(programme, one.said)
        if why:
            idle.append(_idle(one, why))
        else:
            found.setdefault(one.of, []).append(one)
    newest: list[Answered] = []
    for key, said in sorted(found.items()):
        last, why = _newest(said)
        why = why or _outdated(last)
        if why:
            idle.append(_idle(last, why))
            doubted[key] = why
            continue
        newest.append(last)
        if last.said.follows and all(one.digest != last.said.follows for one in said):
            what = text("it follows an answer of {party} that does not lie here", party=last.said.party)
            idle.append(Problem(what, str(last.path), ""))
        if _is_signed(programme, last.said):
            note_seen(last.said)
    return Answers(tuple(newest), tuple(idle), doubted)


def _idle(one: Answered, why: Phrase) -> Problem:
    return Problem(text("it does not count: {why}", why=why), str(one.path), "")


def _newest(said: Sequence[Answered]) -> tuple[Answered, Phrase]:
    """The newest answer of one party to one settlement, and why it does not count all the same; else nothing."""
    number = max(one.said.number for one in said)
    last = [one for one in said if one.said.number == number]
    if len({one.digest for one in last}) > 1:
        what = text(
            "there are two answers of {party} with the number {number}", party=last[0].said.party, number=number
        )
        return last[0], what
    return last[0], Words()


def _outdated(one: Answered) -> Phrase:
    """That a newer answer than this was seen here, or another one in its place; empty where none was."""
    said = one.said
    seen = seen_of(said.programme, said.party, said.settlement)
    if seen is None or seen.number < said.number or seen.digest == one.digest:
        return Words()
    return text(
        "an older answer than number {number} of {day} ({word}), which was seen here",
        number=seen.number,
        day=seen.on,
        word=ANSWERED[seen.answer],
    )


def _is_signed(programme: Programme, said: Answer) -> bool:
    """Whether a signature stands over an answer that counts by itself, whoever asks for one."""
    return said.signature is not None and programme.standings.of(said.signature).counts


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
    wishes = {one.id: one for one in programme.interests.values() if one.party == party}
    own = {name: one.worst_acceptable for name, one in wishes.items()}
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
            continue
        found += _senseless(programme, party, one, own[one.of], where)
    return found


def _senseless(programme: Programme, party: str, bound: Bound, stated: str | float, where: str) -> list[Problem]:
    """That a bound of the right dimension asks for what cannot be, or says what is stated already."""
    worst, own = quantity_si(bound.worst)[0], quantity_si(stated)[0]
    if worst * own < 0.0:
        what = text("{name} has the other sign than what is stated, {stated}", name=bound.of, stated=stated)
        return [Problem(what, where, text("write the worst that the party accepts"))]
    wish = programme.interests.get(bound.of)
    wish = None if wish is None or wish.party != party else wish
    sign = (programme.requirements[bound.of] if wish is None else wish_of(wish)).sign
    # Of an interest it takes vehicles out, and is no worse than the worst; of a requirement it gives way, and is no better.
    if wish is not None and sign * (worst - own) < 0.0:
        what = text(
            "{name} is worse than the worst that is stated, {stated}: it refuses nothing", name=bound.of, stated=stated
        )
        return [Problem(what, where, text("name what is no worse; or state the interest anew"))]
    if wish is None and sign * (worst - own) > 0.0:
        what = text("{name} is more than the requirement asks for, {stated}", name=bound.of, stated=stated)
        return [Problem(what, where, text("name how far it may move; or write the requirement anew"))]
    return []


def of_this_study(question: Question, answers: Answers) -> Answers:
    """The answers without refusals that are of another study, or name another design than their settlement has."""
    counting: list[Answered] = []
    idle: list[Problem] = []
    for one in answers.counting:
        if one.said.answer != "refuse" or one.said.settlement in _settlements(question, one.said):
            counting.append(one)
        else:
            why = text("it refuses design {design} of another study than this one", design=one.said.design)
            idle.append(_idle(one, why))
    return replace(answers, counting=tuple(counting), idle=(*answers.idle, *idle))


def _settlements(question: Question, said: Answer) -> set[str]:
    """The settlements of the study with the design that is refused, by whatever rule."""
    return {
        digest_of_settlement(
            programme=said.programme, lock=said.lock, study=question.study.digest, design=said.design, rule=rule
        )
        for rule in RULES
    }


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
        if not said.bounds and said.party in gains.parties and not other.all():
            # By its interests as they are now: what it read then may have been measured otherwise.
            column = gains.gains[:, gains.parties.index(said.party)]
            refused = float(column[~other][0])
            limits.append(Limit(f"{said.party}/ > {refused:.4g}", said.party, np.asarray(column > refused + MORE)))
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


def stands_of(outcome: Outcome, answers: Answers) -> Mapping[str, Stands]:
    """How each party stands to a settlement: by its newest answer to this very proposal, else by what it has stated."""
    said = {one.said.party: one.said for one in answers.counting if one.said.settlement == outcome.settlement}
    return {
        party: _stands(outcome, party, said.get(party), answers.doubted.get((outcome.settlement, party)))
        for party in outcome.agreeing
    }


def _stands(outcome: Outcome, party: str, said: Answer | None, doubt: Phrase | None) -> Stands:
    programme = outcome.question.programme
    if doubt is not None:
        return Stands("asked", doubt)
    if said is not None and said.proposal == digest_of_proposal(outcome.proposal(party)):
        signed = said.signature if _is_signed(programme, said) else None
        by = ("", "") if signed is None else (signed.key, signed.role)
        return Stands("accepted" if said.answer == "accept" else "refused", Words(), said.on, *by)
    if said is not None:
        return Stands("asked", text("it answered another proposal"))
    seen = seen_of(programme.charter.id, party, outcome.settlement)
    if seen is not None:
        what = text(
            "its answer number {number} of {day} ({word}), which was seen here, is gone",
            number=seen.number,
            day=seen.on,
            word=ANSWERED[seen.answer],
        )
        return Stands("asked", what)
    found = outcome.stated(party)
    if found.agreement == "by what it states" and must_sign(programme, party):
        return Stands("asked", text("only what it has signed is its word"))
    return found

"""Negatives as they stand: each with what watches it and how that stands today, first those that nothing watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.negative import Cause, Confidence, Guard, Negative, Promised, words_of
from covolt.study.gate.criteria import Counted
from covolt.study.gate.gates import GateState
from covolt.study.gate.guards import bare, void, watching
from covolt.study.gate.missable import stands_on
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.verdict import STANDINGS, Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, joined, text

__all__ = ["CAUSES", "GUARD_STATES", "GuardRow", "GuardState", "NegativeRow", "Watcher", "demanded", "negative_rows"]

GuardState = Literal["void", "not met", "open", "met", "hidden"]
GUARD_STATES: Mapping[GuardState, Phrase] = MappingProxyType(
    {
        "void": text("watches nothing"),
        "not met": text("not met"),
        "open": text("open", context="guard"),
        "met": text("met"),
        "hidden": text("hidden"),
    }
)
"""How a guard stands, from the worst."""
WORST_FIRST: tuple[GuardState, ...] = ("void", "not met", "open", "hidden", "met")
CAUSES: Mapping[Cause, Phrase] = MappingProxyType(
    {
        "valuation": text("valuation", context="cause"),
        "rights": text("rights", context="cause"),
        "origin rule": text("rule of origin changed", context="cause"),
        "origin promise": text("origin promised, not made", context="cause"),
        "competence": text("competence", context="cause"),
        "volume and price": text("volume and price", context="cause"),
        "partner left": text("a partner left", context="cause"),
        "spending": text("spending", context="cause"),
        "no introduction": text("results not introduced", context="cause"),
        "no owner": text("no owner", context="cause"),
        "unknown": text("cause not stated", context="cause"),
    }
)


@dataclass(frozen=True, config=RESULT)
class Watcher:
    """A requirement that watches, and whose it is."""

    requirement: str
    party: str


@dataclass(frozen=True, config=RESULT)
class GuardRow:
    """One guard of a negative: what it names, how it stands today, and why so; by which requirements, and on what these stand."""

    name: str
    kind: Literal["requirement", "measure", "criterion", "signature"]
    state: GuardState
    why: Said
    watchers: tuple[Watcher, ...] = ()
    stands_on: Said = Words()

    @property
    def said(self) -> Phrase:
        """What it names, by which requirement it watches and whose that is."""
        by = joined([text("{id} of {party}", id=one.requirement, party=one.party) for one in self.watchers], ", ")
        if not self.watchers:
            return Words(self.name)
        return joined((self.name, by), ": ") if self.kind == "measure" else by


@dataclass(frozen=True, config=RESULT, kw_only=True)
class NegativeRow:
    """A negative with what watches it; `state` is the worst of its guards, "void" where it is unguarded, as `why` says."""

    id: str
    title: Said
    party: str
    when: Said
    promise: Said
    happened: Said
    whose: Said
    cost: Said
    delay: Said
    causes: tuple[Cause, ...]
    early_sign: Said | None
    guards: tuple[GuardRow, ...]
    guarded: bool
    state: GuardState
    why: Said
    source: str
    confidence: Confidence


def demanded(programme: Programme) -> list[str] | None:
    """Requirements whose verdicts say how all guards stand; None where a gate must be judged, and so all of them."""
    guards = [one for negative in programme.whole.negatives.values() for one in negative.guards]
    if any(one.gate is not None for one in guards):
        return None
    return sorted(
        {
            name
            for negative in programme.whole.negatives.values()
            for one in negative.guards
            if void(programme, one, negative.party) is None
            for name in watching(programme, one, negative.party)
        }
    )


def negative_rows(
    programme: Programme, verification: Verification, gates: Sequence[GateState] = ()
) -> tuple[NegativeRow, ...]:
    """Every negative with its guards, worst first; a signature stands where the gate says that it counts."""
    verdicts = {one.requirement: one for one in verification.whole.verdicts}
    states = {one.id: one for one in gates}
    rows = [_row(programme, one, verdicts, states) for one in programme.negatives.values()]
    return tuple(sorted(rows, key=lambda one: (WORST_FIRST.index(one.state), one.id)))


def _row(
    programme: Programme, one: Negative, verdicts: Mapping[str, Verdict], gates: Mapping[str, GateState]
) -> NegativeRow:
    guards = tuple(_guard(programme, guard, one.party, verdicts, gates) for guard in one.guards)
    why = bare(programme, one)
    owner = programme.parties.get(one.whose) if isinstance(one.whose, str) else None
    state: GuardState = "void" if why is not None else _worst([each.state for each in guards])
    return NegativeRow(
        id=one.id,
        title=one.title.words,
        party=one.party,
        when=words_of(one.when),
        promise=promise_said(programme, one.promise),
        happened=one.happened.words,
        whose=words_of(one.whose) if owner is None else owner.title.words,
        cost=words_of(one.cost),
        delay=words_of(one.delay),
        causes=one.causes,
        early_sign=one.early_sign.words if one.early_sign else None,
        guards=guards,
        guarded=why is None,
        state=state,
        why=why or Words(),
        source=one.source,
        confidence=one.confidence,
    )


def _worst(states: Sequence[GuardState]) -> GuardState:
    return next(one for one in WORST_FIRST if one in states)


def promise_said(programme: Programme, promise: Promised) -> Phrase:
    """What was promised, by the title of its requirement where that is still there and may be read, with its number."""
    name = promise.requirement or promise.contract or ""
    said: Phrase = Words(name) if promise.words is None else promise.words.words
    if promise.requirement and name in programme.requirements and name not in programme.hidden:
        said = joined((name, programme.requirements[name].title.words), ": ")
    return joined((said, promise.number), ", ") if promise.number else said


def _guard(
    programme: Programme, guard: Guard, stating: str, verdicts: Mapping[str, Verdict], gates: Mapping[str, GateState]
) -> GuardRow:
    kind: Literal["requirement", "measure", "criterion", "signature"]
    kind = "requirement" if guard.requirement else "measure" if guard.procedure else "criterion"
    kind = "signature" if guard.role else kind
    if (why := void(programme, guard, stating)) is not None:
        return GuardRow(guard.name, kind, "void", why)
    if guard.gate is None:
        names = watching(programme, guard, stating)
        found = [_requirement(programme, name, verdicts.get(name)) for name in names]
        worst = _worst([state for state, _ in found])
        why = next(said for state, said in found if state == worst)
        seen = [programme.requirements[name] for name in names if name not in programme.hidden]
        watchers = tuple(Watcher(one.id, one.party) for one in seen)
        told = joined(dict.fromkeys(each for one in seen for each in stands_on(programme, one)), "; ")
        return GuardRow(guard.name, kind, worst, why, watchers, told)
    if guard.criterion is not None:
        gate = programme.whole.gates[guard.gate]
        criterion = next(one for one in gate.criteria if one.id == guard.criterion)
        lacking = Counted.at(programme, verdicts, gate).lacking(criterion)
        return GuardRow(guard.name, kind, "met" if lacking is None else "not met", lacking or criterion.title.words)
    return GuardRow(guard.name, kind, *_signature(guard, gates.get(guard.gate)))


def _requirement(programme: Programme, name: str, verdict: Verdict | None) -> tuple[GuardState, Phrase]:
    """How a requirement stands: a paper that is missing is not met, a number that is within uncertainty open."""
    if name in programme.hidden:
        return "hidden", text("{names}: hidden", names=name)
    standing = verdict.verdict if verdict is not None else "not verified"
    said = joined((programme.requirements[name].title.words, STANDINGS[standing]), ": ")
    if verdict is not None and verdict.passes:
        return "met", said
    paper = programme.requirements[name].verify.method == "document"
    return "not met" if standing == "not met" or paper else "open", said


def _signature(guard: Guard, gate: GateState | None) -> tuple[GuardState, Phrase]:
    """Whether the signature stands that a gate asks for: of the right party in the right role, over what is there today."""
    if gate is None:  # nobody has judged the gates here
        return "open", Words(guard.name)
    found = [one for one in gate.signatures if one.party == guard.party and one.role == guard.role]
    for one in found:
        if one.counts:
            return "met", text("{who} signed {gate} on {day}", who=one.who, gate=gate.title, day=one.date)
    return "not met", joined((gate.title, found[0].reads), ": ") if found else text(
        "{party} as {role} has not signed {gate}", party=guard.party or "", role=guard.role or "", gate=gate.title
    )

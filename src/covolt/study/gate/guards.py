"""Guards of negatives: which of them are there and can fail; a negative with one that is not, or with none, is unguarded."""

from __future__ import annotations

from collections.abc import Iterator

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.expression import names_in, requirements_named
from covolt.programme.failing import COMPUTED, DOCUMENT, Asked, can_fail
from covolt.programme.gate import Gate
from covolt.programme.negative import Guard, Negative
from covolt.programme.requirement import Requirement
from covolt.programme.seen import own_of_parties
from covolt.study.gate.counting import KINDS, beside, due_at
from covolt.study.gate.missable import figure_passes, numbers_of, unmissable
from covolt.words import Phrase, joined, text

__all__ = ["guard_problems", "unguarded", "void", "watching"]


def unguarded(programme: Programme) -> dict[str, Phrase]:
    """By name, the negatives of a programme that nothing watches which is there and can fail, and why."""
    found: dict[str, Phrase] = {}
    for negative in programme.whole.negatives.values():
        if (why := bare(programme, negative)) is not None:
            found[negative.id] = why
    return found


def bare(programme: Programme, negative: Negative) -> Phrase | None:
    """Why a negative is unguarded: it has no guard, or one that is not there or cannot fail; None where all watch."""
    if not negative.guards:
        return text("it names no guard: write [[guards]]")
    reasons = [why for one in negative.guards if (why := void(programme, one, negative.party)) is not None]
    return joined(reasons, "; ") if reasons else None


def void(programme: Programme, guard: Guard, stating: str) -> Phrase | None:
    """Why something watches nothing, and what to do: it does not exist, or cannot fail; None where it is there and can.

    `stating` is the party that states the negative: of a measure its own requirements watch, where the guard names no other.
    """
    whole = programme.whole
    if guard.gate is not None:
        gate = whole.gates.get(guard.gate)
        return (
            text("there is no gate {id}: name one of the programme", id=guard.gate)
            if gate is None
            else _void_at(whole, gate, guard)
        )
    if guard.requirement is not None and guard.requirement not in whole.requirements:
        return text("there is no requirement {id}: write it, or name another", id=guard.requirement)
    asking = _asking(whole, guard, stating)
    if not asking:
        return _nobody(whole, guard, guard.party or stating)
    idle = [_idle(whole, one, guard) for one in asking]
    return idle[0] if all(one is not None for one in idle) else None


def watching(programme: Programme, guard: Guard, stating: str) -> list[str]:
    """Requirements by which a guard watches."""
    if guard.requirement is not None:
        return [guard.requirement]
    whole = programme.whole
    return [one.id for one in _asking(whole, guard, stating) if _idle(whole, one, guard) is None]


def _asking(programme: Programme, guard: Guard, stating: str) -> list[Requirement]:
    """The requirement that a guard names, or those of its party on the measure: another's serves a purpose of its own."""
    if guard.requirement is not None:
        return [programme.requirements[guard.requirement]]
    return [one for one in _measuring(programme, guard) if one.party == (guard.party or stating)]


def _measuring(programme: Programme, guard: Guard) -> list[Requirement]:
    asked = (guard.procedure, guard.measure)
    every = programme.requirements.values()
    return [one for one in every if guard.procedure is not None and (one.procedure, one.measure) == asked]


def _nobody(programme: Programme, guard: Guard, party: str) -> Phrase:
    """That a party asks nothing of a measure, and who does and shows it."""
    own = own_of_parties(programme)
    others = [one for one in _measuring(programme, guard) if one.id not in own]
    what = text(
        "no requirement of {party} asks for {measure}", party=party, measure=f"{guard.procedure} {guard.measure}"
    )
    if not others:
        return what
    names = ", ".join(f"{one.id} ({one.party})" for one in others)
    return text("{what}; others do, and a guard names whose it means: {names}", what=what, names=names)


def _void_at(programme: Programme, gate: Gate, guard: Guard) -> Phrase | None:
    if guard.criterion is None:
        if any((one.party, one.role) == (guard.party, guard.role) for one in gate.signoffs):
            return None
        party, role = guard.party or "", guard.role or ""
        return text(
            "the gate {gate} asks for no signature of {party} as {role}: write it as [[signoffs]]",
            gate=gate.id,
            party=party,
            role=role,
        )
    criterion = next((one for one in gate.criteria if one.id == guard.criterion), None)
    if criterion is None:
        return text("the gate {gate} has no criterion {id}: write it as [[criteria]]", gate=gate.id, id=guard.criterion)
    check = criterion.check
    if _can_fail(programme, gate, check):
        return None
    return text(
        "the criterion {id} of the gate {gate} cannot fail, or stays fulfilled where what it names is missed by far: {check}",
        id=criterion.id,
        gate=gate.id,
        check=check,
    )


def _can_fail(programme: Programme, gate: Gate, check: str) -> bool:
    """Whether a criterion can fail at a gate by what its requirements can come to together."""
    due = set(due_at(programme, gate))
    named = set(requirements_named(check)) & programme.requirements.keys()
    idle = {one for one in named if unmissable(programme, programme.requirements[one]) is not None}
    numbers = numbers_of(programme, named)
    asked: dict[str, Asked] = {}
    for name in sorted(due | named):
        one = programme.requirements[name]
        words = DOCUMENT if one.verify.method == "document" else COMPUTED
        words = words[:1] if name in idle else words
        asked[name] = Asked(one.kind, one.safety, words, numbers.get(name), name in due)
    return can_fail(check, asked, beside(programme, check))


def _idle(programme: Programme, requirement: Requirement, guard: Guard) -> Phrase | None:
    """Why a requirement cannot fail, lets pass what came before, or holds nothing up.

    A law or constraint is demanded by `verify`; others hold up where a gate asks for them.
    """
    if (why := unmissable(programme, requirement)) is not None:
        return why
    if guard.came is not None and (why := figure_passes(requirement, guard.came)) is not None:
        return why
    if requirement.kind in {"law", "constraint"} or any(
        _counted(programme, gate, requirement) for gate in _from_due(programme, requirement)
    ):
        return None
    return text("{id} holds nothing up: let a gate ask for it, or make it a constraint", id=requirement.id)


def _from_due(programme: Programme, requirement: Requirement) -> Iterator[Gate]:
    due = programme.gates[requirement.verify.gate].order
    yield from (one for one in programme.gates.values() if one.order >= due)


def _counted(programme: Programme, gate: Gate, requirement: Requirement) -> bool:
    """Whether a gate asks for a requirement, by its name or among those that it counts, in a criterion that can fail."""
    if gate.people and requirement.safety:
        return True
    counting = {f"{plural}.met" for plural, kind in KINDS.items() if kind == requirement.kind} | {"requirements.met"}
    counting |= {"safety.met"} if requirement.safety else set()
    if requirement.verify.method == "document":
        counting |= {"evidence.missing", "requirements.unverified", "requirements.stale"}
    return any(
        (requirement.id in requirements_named(one.check) or counting & set(names_in(one.check)))
        and _can_fail(programme, gate, one.check)
        for one in gate.criteria
    )


def guard_problems(programme: Programme) -> list[Problem]:
    """Every negative without a guard, where a gate demands that each has one."""
    demanding = next(
        (
            programme.where("gate", gate.id, "criteria", at, "check")
            for gate in sorted(programme.gates.values(), key=lambda one: one.order)
            for at, one in enumerate(gate.criteria)
            if "negatives.guarded" in names_in(one.check)
        ),
        None,
    )
    if demanding is None:
        return []
    hint = text("name what watches it: [[guards]]; covolt negatives lists them all")
    return [
        Problem(
            text(
                "the negative {id} is unguarded, and {place} demands a guard of each: {why}",
                id=name,
                place=demanding,
                why=why,
            ),
            programme.where("negative", name, *(("guards", 0) if programme.negatives[name].guards else ("id",))),
            hint,
        )
        for name, why in unguarded(programme).items()
    ]

"""Guards of negatives: which of them are there and can fail; a negative with one that is not, or with none, is unguarded."""

from __future__ import annotations

from collections.abc import Iterator

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.expression import names_in, requirements_named
from covolt.programme.failing import can_fail
from covolt.programme.gate import Gate
from covolt.programme.negative import Guard, Negative
from covolt.programme.requirement import Requirement
from covolt.study.gate.counting import KINDS, ranges
from covolt.study.verdicts.verdict import STANDINGS
from covolt.words import Phrase, joined, text

__all__ = ["guard_problems", "unguarded", "void", "watching"]

VERDICTS = tuple(one for one in STANDINGS if one != "hidden")


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
        return text("it names no guard")
    reasons = [why for one in negative.guards if (why := void(programme, one)) is not None]
    return joined(reasons, "; ") if reasons else None


def void(programme: Programme, guard: Guard) -> Phrase | None:
    """Why something watches nothing: it does not exist, or cannot fail; None where it is there and can."""
    whole = programme.whole
    if guard.gate is not None:
        gate = whole.gates.get(guard.gate)
        return text("there is no gate {id}", id=guard.gate) if gate is None else _void_at(whole, gate, guard)
    if guard.requirement is not None and guard.requirement not in whole.requirements:
        return text("there is no requirement {id}", id=guard.requirement)
    asking = [one for one in whole.requirements.values() if one.id == guard.requirement or _asks(one, guard)]
    idle = [_idle(whole, one) for one in asking]
    if not asking:
        return text("no requirement asks for {measure}", measure=guard.name)
    return idle[0] if all(one is not None for one in idle) else None


def watching(programme: Programme, guard: Guard) -> list[str]:
    """Requirements by which a guard watches."""
    if guard.requirement is not None:
        return [guard.requirement]
    whole = programme.whole
    return [one.id for one in whole.requirements.values() if _asks(one, guard) and _idle(whole, one) is None]


def _asks(requirement: Requirement, guard: Guard) -> bool:
    return guard.procedure is not None and (requirement.procedure, requirement.measure) == (
        guard.procedure,
        guard.measure,
    )


def _void_at(programme: Programme, gate: Gate, guard: Guard) -> Phrase | None:
    if guard.criterion is None:
        if any((one.party, one.role) == (guard.party, guard.role) for one in gate.signoffs):
            return None
        party, role = guard.party or "", guard.role or ""
        return text("the gate {gate} asks for no signature of {party} as {role}", gate=gate.id, party=party, role=role)
    criterion = next((one for one in gate.criteria if one.id == guard.criterion), None)
    if criterion is None:
        return text("the gate {gate} has no criterion {id}", gate=gate.id, id=guard.criterion)
    check = criterion.check
    if can_fail(check, ranges(programme, gate, check), VERDICTS):
        return None
    return text(
        "the criterion {id} of the gate {gate} cannot fail: {check}", id=criterion.id, gate=gate.id, check=check
    )


def _idle(programme: Programme, requirement: Requirement) -> Phrase | None:
    """That nothing waits for a requirement: not a law or constraint, which `verify` demands, and counted at no gate."""
    if requirement.kind in {"law", "constraint"} or any(
        _counted(gate, requirement) for gate in _from_due(programme, requirement)
    ):
        return None
    return text("{id} holds nothing up: no gate asks for it", id=requirement.id)


def _from_due(programme: Programme, requirement: Requirement) -> Iterator[Gate]:
    due = programme.gates[requirement.verify.gate].order
    yield from (one for one in programme.gates.values() if one.order >= due)


def _counted(gate: Gate, requirement: Requirement) -> bool:
    """Whether a gate asks for a requirement: by its name, or among those that it counts."""
    if gate.people and requirement.safety:
        return True
    counting = {f"{plural}.met" for plural, kind in KINDS.items() if kind == requirement.kind} | {"requirements.met"}
    counting |= {"safety.met"} if requirement.safety else set()
    if requirement.verify.method == "document":
        counting |= {"evidence.missing", "requirements.unverified", "requirements.stale"}
    return any(
        requirement.id in requirements_named(one.check) or counting & set(names_in(one.check)) for one in gate.criteria
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

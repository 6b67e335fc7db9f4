"""Gates as a line of stages: what holds each of them, papers apart from numbers, and nothing told twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.expression import conjuncts, evaluate, names_in, requirements_named
from covolt.programme.gate import Criterion, Gate
from covolt.study.gate.criteria import Counted
from covolt.study.gate.gates import GateState, criteria_blocks
from covolt.study.gate.signatures import SignatureRow, signer_said, who_signs
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.commit import committed_on
from covolt.study.verdicts.verdict import UNCHECKED, Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import joined

__all__ = ["MissingSignature", "Stage", "StageCriterion", "stages"]


@dataclass(frozen=True, config=RESULT)
class StageCriterion:
    """One criterion of a gate: its title, how it is written, and what of it is not fulfilled, in words; null where all is."""

    title: Said
    check: str
    lacks: Said | None


@dataclass(frozen=True, config=RESULT)
class MissingSignature:
    """Whose signature a gate waits for, and since which day it asks for it; the day is empty where no commit tells it."""

    who: Said
    since: str


@dataclass(frozen=True, config=RESULT)
class Stage:
    """A gate as a stage: its criteria, and by name the requirements that hold it.

    `papers` lack a document, `numbers` miss their bound or are not decided, `texts` are met by a text that nobody has checked;
    `acts` are not shown; `told_before` hold an earlier gate too and are told there. `waits_for` is the shut gate before it.
    """

    id: str
    title: Said
    open: bool
    waits_for: Said | None
    criteria: tuple[StageCriterion, ...]
    papers: tuple[str, ...]
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    acts: tuple[str, ...]
    told_before: tuple[str, ...]
    others: tuple[Said, ...]
    unsigned: tuple[MissingSignature, ...]
    planned: Said | None = None
    """On which day it is planned to be open, and by how much it is late."""


def stages(programme: Programme, verification: Verification, states: Sequence[GateState]) -> tuple[Stage, ...]:
    """Every gate in its order."""
    verdicts = {one.requirement: one for one in verification.whole.verdicts}
    told: dict[str, None] = {}
    found: list[Stage] = []
    for state in states:
        gate = programme.gates.get(state.id)
        before = found[-1].title if found and not found[-1].open else None
        if gate is None:
            found.append(Stage(state.id, state.title, False, before, (), (), (), (), (), (), state.blocks, ()))
            continue
        counted = Counted.at(programme, verdicts, gate)
        criteria = tuple(StageCriterion(one.title.words, one.check, _lacks(one, counted)) for one in gate.criteria)
        holding = _holding(programme, verdicts, gate, counted)
        names = [one for one in holding if one in programme.requirements]
        fresh = [one for one in names if one not in told]
        seen = [one for one in fresh if one not in programme.hidden]
        papers = tuple(one for one in seen if programme.requirements[one].verify.method == "document")
        texts = tuple(
            one for one in seen if one not in papers and one in verdicts and verdicts[one].verdict == UNCHECKED
        )
        found.append(
            Stage(
                state.id,
                state.title,
                state.open,
                before,
                criteria,
                papers,
                tuple(one for one in fresh if one not in papers and one not in texts),
                texts,
                tuple(one for one in holding if one not in programme.requirements and one not in programme.slots),
                tuple(one for one in names if one in told),
                _others(programme, verification, gate, state, follows_shut=before is not None),
                _unsigned(programme, gate, state),
                state.planned_said,
            )
        )
        told |= dict.fromkeys(names)
    return tuple(found)


def _wrong(criterion: Criterion, counted: Counted) -> list[str]:
    if evaluate(criterion.check, counted.scope):
        return []
    return [one for one in conjuncts(criterion.check) if not evaluate(one, counted.scope)]


def _lacks(criterion: Criterion, counted: Counted) -> Said | None:
    wrong = _wrong(criterion, counted)
    return joined(map(counted.told, wrong)) if wrong else None


def _holding(programme: Programme, verdicts: Mapping[str, Verdict], gate: Gate, counted: Counted) -> list[str]:
    """What speaks against a gate by name: requirements, acts, slots; once each."""
    found: dict[str, None] = {}
    for criterion in gate.criteria:
        for half in _wrong(criterion, counted):
            found |= dict.fromkeys(
                one for name in names_in(half) for one in counted.against.get(name, ()) if one not in counted.hidden
            )
            found |= dict.fromkeys(requirements_named(half))
    if gate.people:
        for name, one in programme.whole.requirements.items():
            if (one.kind == "law" or one.safety) and (name not in verdicts or verdicts[name].verdict != "met"):
                found[name] = None
    return list(found)


def _others(
    programme: Programme, verification: Verification, gate: Gate, state: GateState, *, follows_shut: bool
) -> tuple[Said, ...]:
    """What holds a gate beside criteria, verdicts, signatures that nobody gave, and the gate before it."""
    told = [*criteria_blocks(programme, verification, gate)]
    told += [block for row in _nobody(programme, gate) if (block := row.block) is not None]
    told += [block for row in state.signatures if (block := row.block) is not None]
    # The gate before it, where that is shut, is told first and by itself.
    blocks = state.blocks[1:] if follows_shut else state.blocks
    return tuple(one for one in blocks if one not in told)


def _nobody(programme: Programme, gate: Gate) -> list[SignatureRow]:
    return [SignatureRow(one.party, one.role, who_signs(programme, one)) for one in gate.signoffs]


def _unsigned(programme: Programme, gate: Gate, state: GateState) -> tuple[MissingSignature, ...]:
    there = {(one.party, one.role) for one in state.signatures}
    file = programme.where("gate", gate.id).partition(":")[0]
    since = committed_on(programme.files.folder, file)
    return tuple(
        MissingSignature(signer_said(programme, one), since)
        for one in gate.signoffs
        if (one.party, one.role) not in there
    )

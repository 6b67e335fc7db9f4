"""Gates: what holds each of them shut, and who has signed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from covolt.programme.expression import Scope, evaluate, substituted
from covolt.programme.folder import Programme
from covolt.programme.gate import Gate
from covolt.programme.people import people_blocks
from covolt.study.approval import approval_rows
from covolt.study.covered import covered_digest, old_digest
from covolt.study.signatures import SignatureRow, signature_rows, unsigned_blocks
from covolt.study.verdict import UNCHECKED, Verdict
from covolt.study.verification import Verification
from covolt.words import LANGUAGES, Words

__all__ = ["GateState", "criteria_blocks", "gate_states"]


@dataclass(frozen=True)
class GateState:
    """One gate: open, or what holds it shut; who has signed it. `digest` is what a sign-off must name."""

    gate: str
    title: Words
    open: bool
    blocks: tuple[Words, ...]
    digest: str
    signatures: tuple[SignatureRow, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As data for the report and for scripts."""
        return {
            "id": self.gate,
            "title": {"en": self.title.en, "ru": self.title.ru},
            "open": self.open,
            "blocks": [{"en": one.en, "ru": one.ru} for one in self.blocks],
            "digest": self.digest,
            "signatures": [one.plain() for one in self.signatures],
        }


def gate_states(programme: Programme, verification: Verification) -> list[GateState]:
    """Every gate in its order; a gate opens only where the one before it is open."""
    states: list[GateState] = []
    for gate in sorted(programme.gates.values(), key=lambda one: (one.order, one.id)):
        blocks = [*_before(states), *criteria_blocks(programme, verification, gate)]
        blocks += [*people_blocks(programme, gate), *unsigned_blocks(programme, gate)]
        digest = covered_digest(programme, verification, gate)
        rows = signature_rows(programme, gate, digest, old_digest(programme, verification, gate))
        blocks += [block for one in rows if (block := one.block) is not None]
        signed = tuple(one for one in rows if one.state is not None)
        states.append(GateState(gate.id, gate.title.words, not blocks, tuple(blocks), digest, signed))
    return states


def _before(states: Sequence[GateState]) -> list[Words]:
    """That the gate before the next one is shut."""
    if not states or states[-1].open:
        return []
    title = states[-1].title
    return [Words(f"the gate before it is shut: {title.en}", f"предыдущий рубеж закрыт: {title.said('ru')}")]


def criteria_blocks(programme: Programme, verification: Verification, gate: Gate) -> list[Words]:
    """What the criteria of a gate, and the rule for gates with people, still lack."""
    verdicts = {one.requirement: one for one in verification.verdicts}
    due = _due(programme, gate)
    scope = _scope(programme, verdicts, due)
    blocks = [
        Words(*(f"{one.title.words.said(said)}: {one.check}: {substituted(one.check, scope)}" for said in LANGUAGES))
        for one in gate.criteria
        if not evaluate(one.check, scope)
    ]
    if gate.people:
        # Nobody sits in or meets a vehicle whose laws or safety items are not shown to be met, whatever the criteria say and
        # at whatever gate they are due.
        for name, requirement in programme.requirements.items():
            verdict = verdicts[name].verdict if name in verdicts else "not verified"
            if (requirement.kind == "law" or requirement.safety) and verdict != "met":
                title, party = requirement.title.words, programme.parties[requirement.party].title.words
                blocks.append(
                    Words(
                        f"{name} {title.said('en')} ({party.said('en')}): {verdict}",
                        f"{name} {title.said('ru')} ({party.said('ru')}): {_RUSSIAN[verdict]}",
                    )
                )
    return blocks


_RUSSIAN = {
    "met": "выполнено",
    "met, text not checked": "выполнено, текст не сверен",
    "not met": "не выполнено",
    "within uncertainty": "в пределах неопределённости",
    "not verified": "не проверено",
    "stale": "устарело",
    "hidden": "скрыто",
}


def _due(programme: Programme, gate: Gate) -> list[str]:
    """Requirements to be shown at this gate or an earlier one."""
    order = {one.id: one.order for one in programme.gates.values()}
    return [name for name, one in programme.requirements.items() if order[one.verify.gate] <= gate.order]


def _scope(programme: Programme, verdicts: dict[str, Verdict], due: Sequence[str]) -> Scope:
    def count(kind: str) -> tuple[float, float]:
        own = [name for name in due if programme.requirements[name].kind == kind]
        return float(len(own)), float(sum(verdicts[name].passes for name in own if name in verdicts))

    acts = approval_rows(programme, verdicts.values())
    standing = [verdicts[name].verdict for name in due if name in verdicts]
    safety = [name for name in due if programme.requirements[name].safety]
    names = {
        "requirements.count": float(len(due)),
        "requirements.met": float(standing.count("met")),
        "requirements.unverified": float(standing.count("not verified") + len(due) - len(standing)),
        "requirements.unchecked": float(standing.count(UNCHECKED)),
        "requirements.stale": float(standing.count("stale")),
        "safety.count": float(len(safety)),
        "safety.met": float(sum(verdicts[name].verdict == "met" for name in safety if name in verdicts)),
        "evidence.missing": float(
            sum(
                programme.requirements[name].verify.method == "document" and verdicts[name].verdict == "not verified"
                for name in due
                if name in verdicts
            )
        ),
        "approval.count": float(sum(one.state != "not applicable" for one in acts)),
        "approval.shown": float(sum(one.state == "shown" for one in acts)),
        "slots.empty": float(len(programme.slots) - len(programme.lock.slots if programme.lock else {})),
    }
    for kind, plural in (("law", "laws"), ("constraint", "constraints"), ("need", "needs")):
        names[f"{plural}.count"], names[f"{plural}.met"] = count(kind)
    return Scope(
        names,
        {
            "verdict": lambda name: verdicts[name].verdict if name in verdicts else None,
            "margin": lambda name: verdicts[name].margin if name in verdicts else None,
            "value": lambda name: verdicts[name].value if name in verdicts else None,
        },
    )

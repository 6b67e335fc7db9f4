"""Criteria of gates: what they count at a gate, and which half of one is not fulfilled, by which requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from covolt.programme.documents import Programme
from covolt.programme.expression import Scope, conjuncts, evaluate, names_in, requirements_named
from covolt.programme.gate import Criterion, Gate
from covolt.programme.seen import own_of_parties
from covolt.study.gate.approval import ApprovalRow, approval_rows
from covolt.study.gate.counting import counts, due_at
from covolt.study.gate.guards import unguarded
from covolt.study.gate.sentences import COUNTED, sentence
from covolt.study.verdicts.verdict import Verdict
from covolt.words import Phrase, joined, text

__all__ = ["OWN_HINT", "Counted", "asks_of_own"]

MOST_SHOWN = 5
BESIDE = frozenset({"approval.shown", "slots.empty", "negatives.guarded"})
"""What counts no requirements, so that nothing hidden is among it."""
NOTHING = {name: text("no {what} here", what=what) for name, what in COUNTED.items()}


OWN_HINT = text('ask its verdict alone, or ask its party to show it: visibility = "programme"')


def asks_of_own(programme: Programme, check: str) -> list[Phrase]:
    """What a criterion asks of numbers that a party keeps to itself: by one limit after another they could be found out."""
    own, known = own_of_parties(programme), programme.whole.requirements
    named = [one for one in dict.fromkeys(requirements_named(check, "value|margin")) if one in own]
    return [
        text("{id} is what {party} keeps to itself: its number opens no gate", id=one, party=known[one].party)
        for one in named
    ]


@dataclass(frozen=True)
class Counted:
    """What the names of criteria mean at one gate, and what speaks against each."""

    programme: Programme
    scope: Scope
    shown: Scope
    """The same of what the reader sees: what is told of a condition that does not hold."""
    against: Mapping[str, list[str]]
    due_hidden: bool
    """Whether something counts at this gate of which the reader is told nothing."""

    @property
    def hidden(self) -> frozenset[str]:
        """Requirements of which the reader is told nothing; they count as all others do."""
        return self.programme.hidden

    @staticmethod
    def at(
        programme: Programme,
        verdicts: Mapping[str, Verdict],
        gate: Gate,
        approval: Sequence[ApprovalRow] | None = None,
    ) -> Counted:
        """Counts of the requirements of a gate and earlier ones; `approval` are the acts, which are the same for all gates."""
        whole, own = programme.whole, own_of_parties(programme)
        due = due_at(whole, gate)
        seen = [name for name in due if name not in programme.hidden]
        numbers, against = counts(whole, verdicts, due)
        approval = approval_rows(whole, verdicts.values()) if approval is None else approval
        acts = [one for one in approval if one.state != "not applicable"]
        fulfilled = [one for one in acts if one.fulfilled]
        locked = whole.lock.slots if whole.lock else {}
        beside = {"approval.count": float(len(acts)), "approval.shown": float(len(fulfilled))}
        beside["slots.empty"] = float(len(whole.slots) - len(locked))
        against["approval.shown"] = [one.act for one in acts if one not in fulfilled]
        bare = unguarded(whole)
        beside["negatives.count"] = float(len(whole.negatives))
        beside["negatives.guarded"] = float(len(whole.negatives) - len(bare))
        against["negatives.guarded"] = list(bare)
        against["slots.empty"] = [name for name in whole.slots if name not in locked]
        functions = {
            "verdict": lambda name: verdicts[name].verdict if name in verdicts else None,
            "margin": lambda name: verdicts[name].margin if name in verdicts and name not in own else None,
            "value": lambda name: verdicts[name].value if name in verdicts and name not in own else None,
        }
        scope = Scope(
            numbers | beside,
            functions,
            lambda name: verdicts[name].unit if name in verdicts else "",
            lambda name: name in whole.requirements and whole.requirements[name].at_least is not None,
        )
        shown = replace(scope, names=counts(whole, verdicts, seen)[0] | beside)
        return Counted(programme, scope, shown, against, len(seen) < len(due))

    def lacking(self, criterion: Criterion) -> Phrase | None:
        """The parts of a criterion that are not fulfilled, with numbers, units and what fails them; None where all are."""
        if evaluate(criterion.check, self.scope):
            return None
        title = criterion.title.words
        wrong = [one for one in conjuncts(criterion.check) if not evaluate(one, self.scope)]
        return text("not yet so: {title}: {wrong}", title=title, wrong=joined(map(self._told, wrong)))

    def told(self, half: str) -> Phrase:
        """A condition that does not hold, as a sentence; of what is hidden from the reader only that."""
        if own := asks_of_own(self.programme, half):
            return joined(own)
        if own := [one for one in dict.fromkeys(requirements_named(half)) if one in self.hidden]:
            return text("{names}: hidden", names=", ".join(own))
        said = sentence(half, self.shown)
        counts = any(name in self.against and name not in BESIDE for name in names_in(half))
        return text("{what}; what is hidden counts beside", what=said) if counts and self.due_hidden else said

    def _told(self, half: str) -> Phrase:
        failing = list(dict.fromkeys(one for name in names_in(half) for one in self.against.get(name, ())))
        failing = [one for one in failing if one not in self.hidden]
        shown, said = ", ".join(failing[:MOST_SHOWN]), self.told(half)
        if not shown:
            return said
        if len(failing) > MOST_SHOWN:
            more = len(failing) - MOST_SHOWN
            return text("{what} ({names}, and {more} more)", what=said, names=shown, more=more)
        return text("{what} ({names})", what=said, names=shown)

    def empty(self, criterion: Criterion) -> Phrase | None:
        """What a fulfilled criterion asks for where there is none of it; None where it counts something."""
        if not evaluate(criterion.check, self.scope):
            return None
        plurals = dict.fromkeys(
            name.partition(".")[0]
            for name in names_in(criterion.check)
            if name.endswith((".met", ".shown", ".guarded"))
        )
        found = [NOTHING[one] for one in plurals if one in NOTHING and not self.scope.names[f"{one}.count"]]
        if not found:
            return None
        return joined((criterion.title.words, joined(found, ", ")), ": ")

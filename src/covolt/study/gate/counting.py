"""Counting: which requirements count at a gate, what of them criteria count, and how far what counts beside may go."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from covolt.programme.documents import Programme
from covolt.programme.expression import names_in
from covolt.programme.gate import Gate
from covolt.study.gate.approval import approval_rows
from covolt.study.verdicts.verdict import UNCHECKED, Verdict

__all__ = ["KINDS", "beside", "counts", "due_at"]

KINDS: Mapping[str, str] = MappingProxyType({"laws": "law", "constraints": "constraint", "needs": "need"})


def due_at(programme: Programme, gate: Gate) -> list[str]:
    """Requirements of a gate and earlier ones."""
    order = {one.id: one.order for one in programme.gates.values()}
    return [name for name, one in programme.requirements.items() if order[one.verify.gate] <= gate.order]


def counts(
    programme: Programme, verdicts: Mapping[str, Verdict], due: list[str]
) -> tuple[dict[str, float], dict[str, list[str]]]:
    """What the names of criteria count of these requirements, and what speaks against each."""
    known = {name: verdicts[name] for name in due if name in verdicts}
    numbers: dict[str, float] = {}
    against: dict[str, list[str]] = {}

    def met(plural: str, of: list[str], fulfilled: list[str]) -> None:
        numbers[f"{plural}.count"], numbers[f"{plural}.met"] = float(len(of)), float(len(fulfilled))
        against[f"{plural}.met"] = sorted(set(of) - set(fulfilled))

    def count(name: str, wrong: list[str]) -> None:
        numbers[name], against[name] = float(len(wrong)), wrong

    def standing(word: str) -> list[str]:
        return [name for name, one in known.items() if one.verdict == word]

    for plural, kind in KINDS.items():
        own = [name for name in due if programme.requirements[name].kind == kind]
        met(plural, own, [name for name in own if name in known and known[name].passes])
    safety = [name for name in due if programme.requirements[name].safety]
    met("safety", safety, [name for name in safety if name in known and known[name].verdict == "met"])
    met("requirements", due, standing("met"))
    count("requirements.unverified", [*standing("not verified"), *(name for name in due if name not in known)])
    count("requirements.unchecked", standing(UNCHECKED))
    count("requirements.stale", standing("stale"))
    documents = [name for name in due if programme.requirements[name].verify.method == "document"]
    count("evidence.missing", [name for name in documents if name in standing("not verified")])
    return numbers, against


def beside(programme: Programme, check: str) -> dict[str, tuple[int, int]]:
    """From where to where what is no requirement may count, whatever becomes of the vehicle.

    That all negatives are guarded is taken as given: what asks for this alone watches nothing.
    """
    whole = programme.whole
    all_of_them = (len(whole.negatives), len(whole.negatives))
    found = {"slots.empty": (0, len(whole.slots)), "negatives.count": all_of_them, "negatives.guarded": all_of_them}
    if any(name.startswith("approval.") for name in names_in(check)):
        acts = sum(one.state != "not applicable" for one in approval_rows(whole, ()))
        found |= {"approval.count": (acts, acts), "approval.shown": (0, acts)}
    return found

"""What a report tells of a programme, row by row: two reports are compared by it, whatever else of them moved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from covolt.programme.documents import Programme
from covolt.programme.standing import STATES as SIGNATURES
from covolt.study.gate.approval import STATES as ACTS
from covolt.study.report.citations import citation_said
from covolt.study.report.document import Report
from covolt.study.verdicts.verdict import STANDINGS
from covolt.words import Phrase, Words, day_said, joined, text

__all__ = ["changed_since", "state_of", "told_of"]

OPEN, SHUT = "open", "shut"
_BOUND = "bound "
_NAMED = {
    "bound": text("bound of {name}"),
    "gate": text("gate {name}"),
    "level": text("level, {name}"),
    "part": text("part {name}"),
}
"""What is told of, by the first word of its row."""


def told_of(content: Report) -> dict[str, str]:
    """What is told, by what it is of: `verdict I-PRICE`, `bound I-PRICE`, `gate trial`, `act UN R10`, `signature trial …`."""
    return dict(_told(content))


def _told(content: Report) -> Iterator[tuple[str, str]]:
    for party in content.parties:
        for row in party.requirements:
            value = f"; {row.value_text.said('en')} {row.unit}" if row.value_text else ""
            yield f"verdict {row.requirement}", f"{row.verdict}{value}"
            if row.bound is not None:
                yield f"bound {row.requirement}", f"{row.sign} {row.bound:.10g} {row.unit}".strip()
    for gate in content.gates:
        yield f"gate {gate.id}", OPEN if gate.open else SHUT
        for one in gate.signatures:
            yield f"signature {gate.id} {one.party} {one.role}", f"{one.state}; {one.date}"
    for act in content.approval:
        yield f"act {act.act}", act.state
    for part in content.slots:
        yield f"part {part.id}", part.offer
    for row in content.levels.sums:
        if row.after is not None:
            yield f"level {row.party or row.level} {row.name} {row.year}", f"{row.after:.10g} {row.unit}"
    yield "baseline", content.since.baseline.said("en") if content.since else ""


def state_of(told: Mapping[str, str], programme: Programme, locked_on: str) -> str:
    """Digest of all that a report is made from: the files of the programme, the day of its lock, and what follows from them."""
    data = [sorted(programme.whole.digests.items()), locked_on, sorted(told.items())]
    return f"sha256:{sha256(json.dumps(data).encode()).hexdigest()}"


def changed_since(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Phrase, ...]:
    """What one report tells otherwise than an earlier one, in words; an earlier covolt's told no bounds."""
    names = [name for name in dict.fromkeys([*after, *before]) if before.get(name, "") != after.get(name, "")]
    if not any(name.startswith(_BOUND) for name in before):
        names = [name for name in names if not name.startswith(_BOUND)]
    return tuple(
        text(
            "{what}: then {before}, now {after}",
            what=_what(name),
            before=_value(name, before.get(name, "")),
            after=_value(name, after.get(name, "")),
        )
        for name in names
    )


def _what(name: str) -> Phrase:
    kind, _, rest = name.partition(" ")
    if kind in _NAMED:
        return _NAMED[kind].filled({"name": rest})
    if kind == "act":
        return citation_said(rest)
    if kind == "signature":
        gate, party, role = (*rest.split(" "), "", "")[:3]
        return text("signature of {party}, {role}, at the gate {gate}", party=party, role=role, gate=gate)
    return Words(rest) if rest else text("compared with")


def _value(name: str, said: str) -> Phrase:
    if not said:
        return text("none", context="told")
    kind = name.partition(" ")[0]
    word, _, rest = said.partition("; ")
    if kind == "gate":
        return text("open", context="gate") if word == OPEN else text("shut", context="gate")
    known: Mapping[str, Phrase] = {str(key): one for key, one in {**SIGNATURES, **ACTS, **STANDINGS}.items()}
    if kind == "signature":
        known = {str(key): one for key, one in SIGNATURES.items()}
    elif kind == "act":
        known = {str(key): one for key, one in ACTS.items()}
    first = known.get(word) or Words(word)
    return joined((first, day_said(rest) if kind == "signature" else rest), ", ") if rest else first

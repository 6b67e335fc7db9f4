"""What a sign-off covers: the digest of a programme up to a gate, and the one that covolt 0.1.0 took."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import final

from pydantic import BaseModel, ConfigDict

from covolt.contract.document import canonical_json
from covolt.programme.documents import Programme
from covolt.programme.gate import Gate
from covolt.programme.keys import roots_of
from covolt.programme.seen import own_of_parties
from covolt.study.verdicts.rests_on import covered_words
from covolt.study.verdicts.verdict import UNCHECKED, Verdict
from covolt.study.verdicts.verification import Verification

__all__ = [
    "OWN",
    "Interests",
    "before_words",
    "covered_beside_gates",
    "covered_digest",
    "covered_items",
    "gates_up_to",
    "interests_of",
    "old_digest",
    "without_tables",
]

FORM = b"covolt gate 2\n"


@final
class Interests(BaseModel):
    """What a party states as its interests, by one digest over all of them: those that it shows nobody are among them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: str
    digest: str


def interests_of(programme: Programme) -> dict[str, Interests]:
    """The interests that each party states, if any, with weights, worst acceptable values and aspirations."""
    content: dict[str, bytes] = {}
    for name, one in sorted(programme.whole.interests.items()):
        content[one.party] = content.get(one.party, b"") + name.encode() + b" " + canonical_json(one) + b"\n"
    return {
        party: Interests(party=party, digest=f"sha256:{hashlib.sha256(said).hexdigest()}")
        for party, said in sorted(content.items())
    }


def gates_up_to(programme: Programme, gate: Gate) -> list[Gate]:
    """Every gate up to one, in their order."""
    return sorted(
        (one for one in programme.gates.values() if one.order <= gate.order), key=lambda one: (one.order, one.id)
    )


def covered_digest(
    programme: Programme,
    verification: Verification,
    gate: Gate,
    beside_gates: bytes | None = None,
) -> str:
    """Digest of all that a sign-off passes: everything that the parties wrote and agreed, who they are, and every verdict.

    Frame, all gates up to this one, first keys, parties, slots, contracts, scenarios, requirements, checked texts, negatives,
    tables, interests, lock, verdicts, parts that are not covolt's behind them, and promises. Values count with four digits:
    another processor rounds the last ones otherwise. Verdicts count by their whole word, so that a sign-off over "met, text not
    checked" serves no "met". `beside_gates` is what `covered_beside_gates` gives, which is the same for all gates. What is
    hidden from a reader is covered as all else is.
    """
    programme, verification = programme.whole, verification.whole
    content = hashlib.sha256(FORM + _lines("charter", [programme.charter]))
    content.update(_lines("gate", gates_up_to(programme, gate)))
    content.update(covered_beside_gates(programme, verification) if beside_gates is None else beside_gates)
    return "sha256:" + content.hexdigest()


def covered_beside_gates(programme: Programme, verification: Verification) -> bytes:
    """What every sign-off covers, of whichever gate: all that follows the gates in its digest."""
    return _beside(programme, verification, whole=True)


def _beside(programme: Programme, verification: Verification, *, whole: bool) -> bytes:
    """The same, or, not `whole`, as covolt took it before: no interests, and of a verdict's word what stands before a comma."""
    programme, verification = programme.whole, verification.whole
    if not whole:
        programme = replace(programme, interests={})
    content = b"".join(_lines(kind, (found[name] for name in sorted(found))) for kind, found in _documents(programme))
    content += _lines("lock", [] if programme.lock is None else [programme.lock])
    said = {
        "keys": sorted(roots_of(programme.keys.values()).items()),
        "verdicts": sorted(
            (one.requirement, one.verdict if whole else _word(one), _value(one), one.unit)
            for one in verification.verdicts
        ),
        "promises": sorted((one.slot, one.promise, one.kept) for one in verification.conformances),
    }
    # A programme without such parts has the digest that it had before they were covered.
    foreign = sorted(
        (one.requirement, part.slot, covered_words(part)) for one in verification.verdicts for part in one.foreign
    )
    if whole and foreign:
        return content + json.dumps({**said, "foreign": foreign}, sort_keys=True).encode()
    return content + json.dumps(said, sort_keys=True).encode()


def without_tables(programme: Programme, verification: Verification, gate: Gate) -> str:
    """The same as covolt took it before it covered tables; empty where the programme has none, and both are one."""
    if not programme.tables:
        return ""
    return before_words(replace(programme.whole, tables={}), verification, gate)


def before_words(programme: Programme, verification: Verification, gate: Gate) -> str:
    """The same as covolt took it before it covered interests and whole verdicts; where there are neither, both are one."""
    return covered_digest(programme, verification, gate, _beside(programme, verification, whole=False))


def _lines(kind: str, documents: Iterable[BaseModel]) -> bytes:
    return b"".join(kind.encode() + b" " + canonical_json(one) + b"\n" for one in documents)


def _documents(programme: Programme) -> tuple[tuple[str, Mapping[str, BaseModel]], ...]:
    """Documents that are covered whole, by kind and name."""
    return (
        ("party", programme.parties),
        ("slot", programme.slots),
        ("contract", programme.contracts),
        ("scenario", programme.scenarios),
        ("requirement", programme.requirements),
        ("checked", programme.checked),
        ("negative", programme.negatives),
        ("table", programme.tables),
        ("interests", interests_of(programme)),
    )


def covered_items(programme: Programme, verification: Verification, gate: Gate) -> dict[str, str]:
    """The same item by item, by kind and name: what people read as text, and of a document the beginning of its digest.

    It tells a later reader which item moved, and decides nothing. The value of a party's own requirement is not told.
    """
    programme, verification = programme.whole, verification.whole
    own = own_of_parties(programme)
    items = {"charter": _brief(programme.charter)}
    for one in gates_up_to(programme, gate):
        bare = tuple(each.model_copy(update={"check": ""}) for each in one.criteria)
        items[f"gate {one.id}"] = _brief(one.model_copy(update={"criteria": bare}))
        items |= {f"criterion {one.id}/{each.id}": each.check for each in one.criteria}
    for kind, found in _documents(programme):
        items |= {f"{kind} {name}": _brief(found[name]) for name in sorted(found)}
    for name, pin in sorted(programme.lock.slots.items()) if programme.lock else ():
        items[f"pin {name}"] = f"{pin.offer}, {pin.digest[:BRIEF]}, {pin.contract}"
    items |= {f"key {party}": root for party, root in sorted(roots_of(programme.keys.values()).items())}
    for one in sorted(verification.verdicts, key=lambda one: one.requirement):
        value = f"{_value(one)} {one.unit}".removesuffix(" 1").strip()
        if value and one.requirement in own:
            value = OWN + hashlib.sha256(value.encode()).hexdigest()[:8]
        items[f"verdict {one.requirement}"] = ", ".join(filter(None, (one.verdict.replace(",", ";"), value)))
        items |= {f"foreign {one.requirement}/{part.slot}": covered_words(part) for part in one.foreign}
    for one in sorted(verification.conformances, key=lambda one: (one.slot, one.promise)):
        items[f"promise {one.slot}/{one.promise}"] = "kept" if one.kept else "broken"
    return items


BRIEF = len("sha256:") + 16
"""Of a digest, in `covered_items`."""
OWN = "#"
"""Before what stands there for the value of a requirement that is its party's own."""


def _brief(document: BaseModel) -> str:
    return f"sha256:{hashlib.sha256(canonical_json(document)).hexdigest()}"[:BRIEF]


def _word(one: Verdict) -> str:
    return "met" if one.verdict == UNCHECKED else one.verdict


def _value(one: Verdict) -> str:
    """Value with four digits; nine first, so that a sum such as 1234.5 does not waver between two."""
    return "" if one.value is None else f"{float(f'{one.value:.9g}'):.4g}"


def old_digest(programme: Programme, verification: Verification, gate: Gate) -> str:
    """Digest that a sign-off of covolt 0.1.0 names: it holds the gate itself and none before it, and no key."""
    programme, verification = programme.whole, verification.whole
    documents: list[BaseModel] = [programme.charter, gate]
    for kind in (programme.slots, programme.contracts, programme.scenarios, programme.requirements, programme.checked):
        documents += [kind[name] for name in sorted(kind)]
    if programme.lock is not None:
        documents.append(programme.lock)
    verdicts = [(one.requirement, one.verdict, one.evidence) for one in verification.verdicts]
    promises = [(one.slot, one.promise, one.kept) for one in verification.conformances]
    content = hashlib.sha256()
    for document in documents:
        content.update(canonical_json(document) + b"\n")
    for name in sorted(programme.parties):
        content.update(canonical_json(programme.parties[name], exclude={"keys"}) + b"\n")
    content.update(json.dumps([sorted(verdicts), sorted(promises)]).encode())
    return "sha256:" + content.hexdigest()

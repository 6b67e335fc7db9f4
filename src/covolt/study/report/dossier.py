"""The dossier: one requirement or one gate as an agency reads it, in one file that is checked without covolt or the programme.

Its first six sections stand in the order of the virtual test pattern: purpose, structure model, boundary conditions, load
assumptions, calculation, assessment (Directive 2007/46/EC, Annex XVI, Appendix 1, point 1, which was read; Regulation (EU)
2018/858, Annex VIII, and the Agreement of 1958, Revision 3, Schedule 8, come after it and were not). The others are its last
point, documentation, with the validation of the model (point 2.2).
What is signed is `covolt dossier/1`, a line break, and the canonical JSON of all fields but the signature.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel
from pydantic.dataclasses import dataclass

from covolt import units
from covolt.contract.document import canonical_json
from covolt.library.left_out import left_out
from covolt.programme.documents import Programme
from covolt.programme.walk import LOCK_FILE
from covolt.study.gate.covered import gates_up_to
from covolt.study.gate.gates import GateState
from covolt.study.procedures.openness import Side
from covolt.study.procedures.protocol import Record
from covolt.study.report.content import requirement_row, slot_rows
from covolt.study.report.document import Protocol, RequirementRow, SlotRow
from covolt.study.report.protocols import places_of, protocols_of
from covolt.study.result import RESULT, Number, Said, plain
from covolt.study.verdicts.checking import texts_checked
from covolt.study.verdicts.conformance import Conformance
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.verdict import Correlation, Verdict, correlations
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, text

__all__ = ["Dossier", "StatedDocument", "dossier_of", "signed_text"]


@dataclass(frozen=True, config=RESULT)
class StatedDocument:
    """A document of the programme as it is hashed and signed, by kind and name, and its digest."""

    kind: str
    name: str
    digest: str
    content: Mapping[str, Any]


@dataclass(frozen=True, config=RESULT)
class FamilyMeasured:
    """Measured plug energies that the generic numbers had not seen: a family of cars over a cycle, and how far it was missed."""

    family: str
    cycle: str
    test_count: int
    error_fraction: Number
    halfwidth_90_fraction: Number
    inside_fraction: Number


@dataclass(frozen=True, config=RESULT)
class Software:
    """What computed the numbers, and on what."""

    covolt: str
    python: str
    system: str


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Dossier:
    """All that shows one requirement or one gate of a programme, signed by a key of a party."""

    programme: str
    title: Said
    kind: Literal["requirement", "gate"]
    subject: str
    purpose: Said
    date: str
    reader: str
    lock: str
    software: Software
    model: tuple[SlotRow, ...]
    loads: Mapping[str, Any]
    calculation: tuple[Protocol, ...]
    assessment: tuple[RequirementRow, ...]
    sides: Mapping[str, tuple[Side, ...]]
    """By requirement the sides of a step on which an uncertain number decides, in the unit of its measure."""

    conformances: tuple[Conformance, ...]
    correlations: tuple[Correlation, ...]
    validation: tuple[FamilyMeasured, ...]
    limits: tuple[Said, ...]
    gates: tuple[GateState, ...]
    hidden: tuple[str, ...]
    documents: tuple[StatedDocument, ...]
    party: str
    role: str
    key: str
    signature: str = ""
    schema: Literal["dossier/1"] = "dossier/1"


LIMITS = (
    text("Numbers that parties declare are taken as they state them, each with its standard uncertainty."),
    text("What a party leaves open is taken from a generic set, fitted to the cars named under validation."),
    text("A verdict is met from 95 % probability to conform on, not met up to 5 %, else within uncertainty."),
    text("Models of level 1 are validated by energy over a cycle, of level 2 in time, of level 3 in temperatures too."),
    text(
        "Sections 1 to 6 are in the order of Directive 2007/46/EC, Annex XVI, Appendix 1; "
        "of Regulation (EU) 2018/858, Annex VIII, points 1 and 2 alone could be read, of the Agreement of 1958, Schedule 8, "
        "nothing: their orders were not held against it."
    ),
    text("Whether a virtual test may stand for a physical one is decided by the approval authority, act by act."),
)


def dossier_of(
    programme: Programme,
    verification: Verification,
    states: tuple[GateState, ...],
    subject: tuple[Literal["requirement", "gate"], str],
    signer: tuple[str, str, str],
) -> Dossier:
    """The dossier of a requirement or a gate, as its reader may see it, not yet signed; `signer` is party, role and key."""
    kind, name = subject
    programme = programme.seen_by(programme.reader)
    whole, verification, hidden = verification.whole, verification.seen_in(programme), programme.hidden
    places, sheets = places_of(programme, verification, hidden), locked_sheets(programme)
    rows = tuple(
        requirement_row(one, programme, verification, places, sheets, private=one.requirement in hidden)
        for one in verification.verdicts
        if kind == "gate" or one.requirement == name
    )
    asked = {one.requirement for one in rows}
    records = {one: record for one, record in verification.records.items() if one in asked}
    shown = [one for one in verification.verdicts if one.requirement in asked]
    gate = programme.gates.get(name if kind == "gate" else programme.requirements[name].verify.gate)
    held = {one.id for one in gates_up_to(programme, gate)} if gate else set[str]()
    titled = programme.gates[name].title if kind == "gate" else programme.requirements[name].title
    party, role, key = signer
    return Dossier(
        programme=programme.charter.id,
        title=programme.charter.title.words,
        kind=kind,
        subject=name,
        purpose=_purpose(kind, titled.words),
        date=programme.day,
        reader=programme.reader or "",
        lock=programme.digests.get(LOCK_FILE, ""),
        software=Software(version("covolt"), platform.python_version(), platform.system()),
        model=slot_rows(programme, verification, rows),
        loads=json.loads(canonical_json(programme.charter.vehicle)),
        calculation=protocols_of(
            programme, replace(verification, verdicts=tuple(shown), records=records), hidden, texts_checked(programme)
        ),
        assessment=rows,
        sides={one.requirement: found for one in shown if (found := _sides(one, records))},
        conformances=whole.conformances,
        correlations=correlations([one for one in shown if one.requirement not in hidden]),
        validation=tuple(
            FamilyMeasured(
                one.family,
                one.cycle,
                one.test_count,
                one.error_fraction,
                one.halfwidth_90_fraction,
                one.inside_fraction,
            )
            for one in left_out()
        ),
        limits=LIMITS,
        gates=tuple(one for one in states if one.id in held),
        hidden=tuple(sorted(hidden)),
        documents=tuple(_documents(programme)),
        party=party,
        role=role,
        key=key,
    )


def _sides(one: Verdict, records: Mapping[str, Record]) -> tuple[Side, ...]:
    """Sides of an open measure in its unit: their probabilities make the verdict."""
    opened = records[one.requirement].open.get(one.measure) if one.requirement in records else None
    unit = units.unit(one.unit or "1")

    def shown(end: float | None) -> float | None:
        return None if end is None else unit.from_si(end)

    sides = opened.sides if opened is not None else ()
    return tuple(Side(shown(each.low), shown(each.high), each.probability) for each in sides)


def _purpose(kind: str, title: Phrase) -> Phrase:
    if kind == "gate":
        return text("To show by computation what the gate {title} asks for before it opens.", title=title)
    return text("To show by computation whether the vehicle conforms to the requirement {title}.", title=title)


def _documents(programme: Programme) -> Iterator[StatedDocument]:
    """Everything that sign-offs cover or that shows who signed it, but what is hidden from the reader."""
    locked = {pin.offer for pin in programme.lock.slots.values()} if programme.lock else set[str]()
    yield _stated("charter", programme.charter.id, programme.charter)
    if programme.lock is not None:
        yield _stated("lock", LOCK_FILE, programme.lock)
    kinds: tuple[tuple[str, Mapping[str, BaseModel]], ...] = (
        ("gate", programme.gates),
        ("party", programme.parties),
        ("slot", programme.slots),
        ("contract", programme.contracts),
        ("scenario", programme.scenarios),
        ("requirement", programme.requirements),
        ("checked", programme.checked),
        ("negative", programme.negatives),
        ("table", programme.tables),
        ("offer", programme.offers),
        ("key", programme.keys),
        ("revocation", programme.revocations),
        ("signature", programme.signatures),
        ("signoff", programme.signoffs),
    )
    for kind, found in kinds:
        for name in sorted(found):
            if (kind == "requirement" and name in programme.hidden) or (kind == "offer" and name not in locked):
                continue
            yield _stated(kind, name, found[name])


def _stated(kind: str, name: str, document: BaseModel) -> StatedDocument:
    content = canonical_json(document)
    return StatedDocument(kind, name, f"sha256:{hashlib.sha256(content).hexdigest()}", json.loads(content))


def signed_text(dossier: Dossier, private: Ed25519PrivateKey) -> str:
    """The text of a dossier's file, signed: one sequence of bytes, so that none of them can change."""
    content: dict[str, Any] = plain(dossier)
    del content["signature"]
    content["signature"] = private.sign(b"covolt dossier/1\n" + _canonical(content)).hex()
    return _canonical(content).decode() + "\n"


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()

"""The dossier: one requirement or one gate as an agency reads it, in one file that is checked without covolt or the programme.

Its first six sections stand in the order of the virtual test pattern: purpose, structure model, boundary conditions, load
assumptions, calculation, assessment (Directive 2007/46/EC, Annex XVI, Appendix 1, point 1, which was read; Regulation (EU)
2018/858, Annex VIII, and the Agreement of 1958, Revision 3, Schedule 8, come after it and were not). The others are its last
point, documentation, with the validation of the model (point 2.2).
What is signed is `covolt dossier/2`, a line break, and the canonical JSON of all fields but the signature.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from importlib.metadata import version
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel
from pydantic.dataclasses import dataclass

from covolt import units
from covolt.catalogues import languages, translated
from covolt.contract.document import canonical_json
from covolt.contract.offer import Offer
from covolt.library.generic import CORRELATIONS
from covolt.library.left_out import left_out
from covolt.programme.agreement import Contract
from covolt.programme.documents import Programme
from covolt.programme.seen import shows_contract, shows_part
from covolt.programme.walk import LOCK_FILE
from covolt.study.gate.covered import gates_up_to, interests_of
from covolt.study.gate.gates import GateState
from covolt.study.procedures.openness import Side
from covolt.study.procedures.protocol import Record
from covolt.study.report.content import requirement_row, slot_rows
from covolt.study.report.document import Protocol, RequirementRow, SlotRow
from covolt.study.report.protocols import places_of, protocols_of
from covolt.study.result import RESULT, Number, Said, plain
from covolt.study.verdicts.checking import own_checks, texts_checked
from covolt.study.verdicts.conformance import Conformance
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.rests_on import RestsOn
from covolt.study.verdicts.unstated_number import unstated_said
from covolt.study.verdicts.verdict import Contribution, Standing, Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, joined, text

__all__ = ["LIMITS", "Dossier", "Shown", "StatedDocument", "dossier_of", "shipped", "signed_text", "unsigned_text"]


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


@dataclass(frozen=True, config=RESULT)
class Shipped:
    """What ships with covolt and is the same in each dossier of a version: `tools/check_dossier.py` knows its digest."""

    validation: tuple[FamilyMeasured, ...]
    limits: tuple[str, ...]
    checked: tuple[Mapping[str, Any], ...]
    """Texts that covolt itself has checked."""

    correlations: tuple[tuple[str, str, Number], ...]
    """Generic numbers that correlate."""

    units: Mapping[str, tuple[str, Number, Number]]
    """Each unit without blanks: its unit in SI, factor and offset, SI value = (value + offset) factor."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Assessed:
    """What was computed for one requirement, and the verdict; its bound, unit, measure and kind its document states.

    `laws` are values by each law where laws disagree; `sections` are those of its protocol on which the measure may stand.
    Where it rests alone on declared numbers without a stated uncertainty `why` names them: `expanded` is 0 then, by what is
    stated, and there is no `probability`. Of what is another party's own nothing but its name is told.
    """

    requirement: str
    verdict: Standing
    value: Number | None = None
    unit: str = ""
    expanded: Number | None = None
    probability: Number | None = None
    laws: Mapping[str, Number] = field(default_factory=dict[str, float])
    sides: tuple[Side, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    unchecked: tuple[str, ...] = ()
    sections: int = 0
    evidence: str = ""
    validation_level: int | None = None
    why: Said = field(default_factory=Words)
    foreign: tuple[RestsOn, ...] = ()


@dataclass(frozen=True, config=RESULT)
class GateStated:
    """A gate: open, or what holds it shut; and the digest that sign-offs of it name."""

    id: str
    open: bool
    blocks: tuple[Said, ...]
    digest: str


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Dossier:
    """All that shows one requirement or one gate of a programme, signed by a key of a party; nothing is stated twice."""

    programme: str
    kind: Literal["requirement", "gate"]
    subject: str
    date: str
    reader: str
    software: Software
    calculation: tuple[Protocol, ...]
    assessment: tuple[Assessed, ...]
    conformances: tuple[Conformance, ...]
    shipped: Shipped
    gates: tuple[GateStated, ...]
    documents: tuple[StatedDocument, ...]
    party: str
    role: str
    key: str
    signature: str = ""
    schema: Literal["dossier/2"] = "dossier/2"


@dataclass(frozen=True, config=RESULT)
class Shown:
    """What the page of a dossier shows in words, of the documents and verdicts that its file holds."""

    title: Said
    purpose: Said
    lock: str
    model: tuple[SlotRow, ...]
    loads: Mapping[str, Any]
    rows: tuple[RequirementRow, ...]
    gates: tuple[GateState, ...]
    hidden: tuple[str, ...]


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
) -> tuple[Dossier, Shown]:
    """The dossier of a requirement or a gate, as its reader may see it, not yet signed, and what its page shows.

    `signer` is party, role and key. That of a requirement holds its document alone, and no gate: nothing there shows one.
    """
    kind, name = subject
    programme = programme.seen_by(programme.reader)
    whole, verification, hidden = verification.whole, verification.seen_in(programme), programme.hidden
    places, sheets = places_of(programme, verification, hidden), locked_sheets(programme)
    shown = [one for one in verification.verdicts if kind == "gate" or one.requirement == name]
    rows = tuple(
        requirement_row(one, programme, verification, places, sheets, private=one.requirement in hidden)
        for one in shown
    )
    asked = {one.requirement for one in shown}
    records = {one: record for one, record in verification.records.items() if one in asked}
    held = {one.id for one in gates_up_to(programme, programme.gates[name])} if kind == "gate" else set[str]()
    gates = tuple(one for one in states if one.id in held)
    party, role, key = signer
    said = Dossier(
        programme=programme.charter.id,
        kind=kind,
        subject=name,
        date=programme.day,
        reader=programme.reader or "",
        software=Software(version("covolt"), platform.python_version(), platform.system()),
        calculation=protocols_of(
            programme, replace(verification, verdicts=tuple(shown), records=records), hidden, texts_checked(programme)
        ),
        assessment=tuple(_assessed(one, records.get(one.requirement)) for one in shown),
        conformances=whole.conformances,
        shipped=shipped(),
        gates=tuple(GateStated(one.id, one.open, one.blocks, one.digest) for one in gates),
        documents=tuple(one for one in _documents(programme) if kind == "gate" or _of_one(one, name)),
        party=party,
        role=role,
        key=key,
    )
    titled = programme.gates[name].title if kind == "gate" else programme.requirements[name].title
    by_document = kind == "requirement" and programme.requirements[name].verify.method == "document"
    return said, Shown(
        programme.charter.title.words,
        _purpose("document" if by_document else kind, titled.words),
        programme.digests.get(LOCK_FILE, ""),
        slot_rows(programme, verification, rows),
        json.loads(canonical_json(programme.charter.vehicle)),
        rows,
        gates,
        tuple(sorted(hidden & asked)),
    )


def _assessed(one: Verdict, record: Record | None) -> Assessed:
    if one.verdict == "hidden":
        return Assessed(requirement=one.requirement, verdict=one.verdict)
    sections = 0
    if record is not None:
        sections = max((int(line.number.partition(".")[0]) for line in record.lines_of(one.measure)), default=0)
    return Assessed(
        requirement=one.requirement,
        verdict=one.verdict,
        value=one.value,
        unit=one.unit,
        # Nothing is uncertain that is stated: by its parts U is 0, and nobody can say with which probability it conforms.
        expanded=0.0 if one.unstated else one.expanded,
        probability=one.probability,
        laws=one.values,
        sides=_sides(one, record),
        contributions=one.contributions,
        unchecked=one.unchecked,
        sections=sections,
        evidence=one.evidence,
        validation_level=one.validation_level,
        why=joined((one.why, unstated_said(one.unstated))),
        foreign=one.foreign,
    )


def _sides(one: Verdict, record: Record | None) -> tuple[Side, ...]:
    """Sides of an open measure in its unit: their probabilities make the verdict."""
    opened = record.open.get(one.measure) if record is not None else None
    unit = units.unit(one.unit or "1")

    def shown(end: float | None) -> float | None:
        return None if end is None else unit.from_si(end)

    sides = opened.sides if opened is not None else ()
    return tuple(Side(shown(each.low), shown(each.high), each.probability) for each in sides)


def shipped() -> Shipped:
    """What ships with this covolt: how far its generic numbers miss measurements, its limits, what it checked, its units."""
    return Shipped(
        tuple(
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
        tuple(one.said("en") for one in LIMITS),
        tuple(json.loads(canonical_json(one)) for one in own_checks()),
        tuple((min(pair), max(pair), r) for pair, r in CORRELATIONS.items()),
        {written: (one.si, one.factor, one.offset) for one in units.UNITS.values() for written in _written(one.name)},
    )


def _written(unit: str) -> set[str]:
    """A unit without blanks as it is written in each language, with signs and without."""
    names = {unit, *(translated(language, unit, "unit") for language in languages())}
    signs = {one.replace("deg", "\N{DEGREE SIGN}").replace("2", "\N{SUPERSCRIPT TWO}") for one in names}
    return {"".join(one.split()) for one in names | signs}


def _purpose(kind: str, title: Phrase) -> Phrase:
    if kind == "gate":
        return text("To show by computation what the gate {title} asks for before it opens.", title=title)
    if kind == "document":
        return text("To show by a document whether the vehicle conforms to the requirement {title}.", title=title)
    return text("To show by computation whether the vehicle conforms to the requirement {title}.", title=title)


def _of_one(document: StatedDocument, requirement: str) -> bool:
    """Whether a document belongs to the dossier of one requirement."""
    return document.kind not in {"gate", "negative", "signoff", "requirement"} or document.name == requirement


def _is_hidden(kind: str, name: str, document: BaseModel, programme: Programme) -> bool:
    """Whether a document is another's own, or agreed between others alone, for the reader of a programme."""
    if isinstance(document, Contract):
        return not shows_contract(programme, document)
    if isinstance(document, Offer):
        return not shows_part(document.datasheet, programme.reader)
    return kind == "requirement" and name in programme.hidden


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
        ("interests", interests_of(programme)),
        ("offer", programme.offers),
        ("key", programme.keys),
        ("revocation", programme.revocations),
        ("signature", programme.signatures),
        ("signoff", programme.signoffs),
    )
    for kind, found in kinds:
        for name in sorted(found):
            if (kind == "offer" and name not in locked) or _is_hidden(kind, name, found[name], programme):
                continue
            yield _stated(kind, name, found[name])


def _stated(kind: str, name: str, document: BaseModel) -> StatedDocument:
    content = canonical_json(document)
    return StatedDocument(kind, name, f"sha256:{hashlib.sha256(content).hexdigest()}", json.loads(content))


def signed_text(dossier: Dossier, private: Ed25519PrivateKey) -> str:
    """The text of a dossier's file, signed: one sequence of bytes, so that none of them can change."""
    content: dict[str, Any] = plain(dossier)
    del content["signature"]
    content["signature"] = private.sign(b"covolt dossier/2\n" + _canonical(content)).hex()
    return _canonical(content).decode() + "\n"


def unsigned_text(dossier: Dossier) -> str:
    """The same of one that nobody has signed: its signature is empty."""
    return _canonical(plain(dossier)).decode() + "\n"


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()

"""Checking a programme without driving: what its requirements ask for exists, its parts can be computed, evidence is there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from covolt.contract.architecture import NEEDED
from covolt.contract.compatibility import datasheet_differences
from covolt.contract.datasheet import Datasheet
from covolt.contract.standard import standard_interface
from covolt.errors import InputError, NotFound, Problem
from covolt.journal import HOME
from covolt.legible import mixed_words, odd_signs
from covolt.library.connection import apart, nominal_problems
from covolt.library.declared import declared_problems, not_used_beside
from covolt.library.models import model_problems
from covolt.library.shipped_tables import shipped_tables
from covolt.library.unsure import lent
from covolt.programme.baselines import baseline_problems
from covolt.programme.documents import Programme
from covolt.programme.keys import in_words
from covolt.programme.locking import left_behind
from covolt.programme.movable import design_problems
from covolt.programme.offering import missing_reports
from covolt.programme.party import leaves
from covolt.programme.people import NOBODY_SIGNS, differences
from covolt.programme.reading import Source, read_programme
from covolt.programme.standing import ANOTHER_FIRST, FORGOTTEN
from covolt.study.gate.criteria import OWN_HINT, asks_of_own
from covolt.study.gate.design_notices import design_notices
from covolt.study.gate.guards import guard_problems
from covolt.study.gate.offered import offered_notices, part_operation_problems
from covolt.study.gate.signatures import loosened, renamed
from covolt.study.gate.unsigned import unsigned_notices
from covolt.study.verdicts.baseline import fallen
from covolt.study.verdicts.commit import is_tracked
from covolt.study.verdicts.contradiction import contradiction_notices
from covolt.study.verdicts.documented import evidence_fault, evidence_file
from covolt.study.verdicts.interests import interest_problems
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.levels_known import levels_problems
from covolt.study.verdicts.money_known import money_problems
from covolt.study.verdicts.network_known import network_problems
from covolt.study.verdicts.offered_models import model_file_problems
from covolt.study.verdicts.origin_known import origin_problems
from covolt.study.verdicts.verification import requirement_problems
from covolt.words import text

__all__ = [
    "check_programme",
    "moved_parts",
    "not_used_notices",
    "part_problems",
    "read_whole",
    "table_notices",
    "title_doubts",
    "trust_notices",
]


def read_whole(source: Source, *, day: str | None = None) -> Programme:
    """The programme in a folder or in bytes; raises every problem of its files, between them, and of its requirements."""
    return read_programme(source, further=_asked, day=day)


def _asked(programme: Programme) -> list[Problem]:
    return [
        *requirement_problems(programme),
        *origin_problems(programme),
        *money_problems(programme),
        *network_problems(programme),
        *levels_problems(programme),
        *baseline_problems(programme),
    ]


def _asked_and_computed(programme: Programme) -> list[Problem]:
    asked = [*_asked(programme), *interest_problems(programme), *design_problems(programme)]
    asked += guard_problems(programme)
    return [*programme.drafts, *asked, *part_operation_problems(programme), *_models(programme)]


def check_programme(source: Source, *, party: str = "", day: str | None = None) -> tuple[Programme, list[Problem]]:
    """Raise all problems; return the programme, and what is no mistake but is still missing: evidence, offers, a lock.

    Problems of files are told in full, for who wrote them must find them; of what its party shows nobody nothing else is, but to
    that `party`.
    """
    programme = read_programme(source, further=_asked_and_computed, day=day)
    if party and party not in programme.parties:
        hint = text("parties: {parties}", parties=", ".join(programme.parties))
        raise NotFound(Problem(text("no party '{party}'", party=party), "--party", hint))
    programme = programme.seen_by(party or None)
    notices = [*_slots(programme), *_unoffered(programme), *_evidence(programme), *_reports(programme)]
    notices += [
        *trust_notices(programme),
        *table_notices(programme),
        *unsigned_notices(programme),
        *_nobody_signs(programme),
        *_asks_of_own(programme),
        *title_doubts(programme),
        *_tracked(programme),
        *fallen(programme),
        *contradiction_notices(programme),
        *_left_behind(programme),
        *offered_notices(programme),
        *design_notices(programme),
    ]
    return programme, [*notices, *_locked(programme)]


def part_problems(sheet: Datasheet) -> list[Problem]:
    """Why a part cannot be computed, or what of its declared numbers contradict each other."""
    return [*model_problems(sheet.fills, sheet), *declared_problems(sheet)]


def not_used_notices(sheets: Mapping[str, Datasheet]) -> list[Problem]:
    """What the parts of a vehicle declare and its models do not use."""
    return [one.problem(sheet) for slot, sheet in sheets.items() for one in not_used_beside(slot, sheets)]


def table_notices(programme: Programme) -> list[Problem]:
    """Tables of the programme by which every sum is made instead of one that ships: law that somebody here has written."""
    return [
        Problem(
            text("{table} takes the place of the table that ships with covolt, in every sum and verdict", table=name),
            programme.where("table", name),
            text("ask who brought it which act it is of; without it the shipped one counts"),
        )
        for name in sorted(programme.tables.keys() & shipped_tables().keys())
        if programme.tables[name] != shipped_tables()[name]
    ]


def trust_notices(programme: Programme) -> list[Problem]:
    """What a programme says less, or otherwise, than is trusted of it here."""
    notices = [
        Problem(
            text("the key {in_words}: {why}", in_words=in_words(name), why=one.standing.why),
            programme.where("key", name),
            text("ask its party; if it is right: covolt key trust"),
        )
        for name, one in programme.standings.keys.items()
        if one.standing.why in {ANOTHER_FIRST, FORGOTTEN}
    ]
    notices += [
        Problem(
            text("the first key of {party} that is trusted here is gone", party=party),
            f"keys/{party}",
            text("ask the party"),
        )
        for party, name in (programme.trust.first or {}).items()
        if name not in programme.keys
    ]
    notices += [
        Problem(
            text("you agreed that {leaves}, and its file says so no longer", leaves=leaves(party, day, programme.day)),
            programme.where("party", party),
            text("ask the party; if it stays: covolt key trust"),
        )
        for party, day in programme.trust.left.items()
        if party in programme.parties and (programme.parties[party].left or "9") > day
    ]
    notices += _not_agreed(programme)
    known = programme.trust.agencies
    notices += [
        Problem(
            text("{name} was no agency when it was trusted here: what it has checked does not count", name=name),
            where,
            hint,
        )
        for name, one in programme.parties.items()
        if known is not None and name in (programme.trust.first or {}) and "agency" in one.roles and name not in known
        for where, hint in [(programme.where("party", name, "roles"), text("ask the party; then: covolt key trust"))]
    ]
    where = programme.where("programme", "", "id")
    notices += [Problem(one, where, text("put its name back, or: covolt key trust")) for one in renamed(programme)]
    where = programme.where("programme", "", "signatures_from")
    notices += [
        Problem(
            why,
            programme.where("gate", name, "signoffs") if name in programme.gates else "gates",
            text("ask who leads the programme and who signed before; where it is agreed: covolt key trust"),
        )
        for name, why in differences(programme).items()
    ]
    hint = text("ask who leads the programme; where it is agreed: covolt key trust")
    return [*notices, *(Problem(one, where, hint) for one in loosened(programme))]


def _not_agreed(programme: Programme) -> Iterator[Problem]:
    """What files say that nobody signs, and that is remembered of a trusted programme only where somebody agrees to it."""
    trust, hint = (
        programme.trust,
        text("ask the party; where it is so: covolt key trust, so that no edit takes it back"),
    )
    for party in trust.first or {}:
        left = programme.parties[party].left if party in programme.parties else None
        if left and left < trust.left.get(party, "9"):
            what = text("{leaves}, as its file says, which nobody signs", leaves=leaves(party, left, programme.day))
            yield Problem(what, programme.where("party", party, "left"), hint)
    gate = programme.gates.get(programme.charter.signatures_from or "")
    if trust.first and gate is not None and (trust.order is None or gate.order < trust.order):
        what = text("only what is signed counts from the gate {gate} on, which nobody has agreed to here", gate=gate.id)
        yield Problem(what, programme.where("programme", "", "signatures_from"), hint)


def _locked(programme: Programme) -> list[Problem]:
    """Whether the locked parts make a vehicle, what they declare that it does not use, and what without any uncertainty."""
    if programme.lock is None:
        return [Problem(text("no part is chosen yet"), "programme.lock", text("covolt lock"))]
    sheets = locked_sheets(programme)
    if set(NEEDED) <= sheets.keys():
        subject_of(sheets, programme.charter.vehicle, programme.charter.id)
    charged = [*apart(sheets, "programme.lock"), *(one for sheet in sheets.values() for one in nominal_problems(sheet))]
    return [*charged, *not_used_notices(sheets), *(one.problem(sheets[one.slot]) for one in lent(sheets))]


def _models(programme: Programme) -> Iterator[Problem]:
    for name, part in programme.parts.items():
        try:
            standard_interface(part.fills)
        except InputError as error:
            where = programme.where("part", name, "fills")
            yield from (Problem(one.what, where, one.hint) for one in error.problems)
            continue
        for one in part_problems(part) or _own_model(programme, name, part):
            yield Problem(one.what, f"{programme.where('part', name, 'model')}: {one.where}", one.hint)


def _own_model(programme: Programme, name: str, part: Datasheet) -> list[Problem]:
    """What is wrong with the file of a part's own model; a class is not run for that."""
    if part.model.file is None:
        return []
    place = programme.beside("part", name, part.model.file)
    if programme.files.link(place) is not None or not programme.files.is_file(place):
        what = text("the file {path} of its model is not there", path=part.model.file)
        return [Problem(what, f"{part.reference} (model.entry)", text("put it into the folder of the part"))]
    folder = programme.files.folder
    at = PurePosixPath(programme.beside("part", name, "."))
    return [] if folder is None else model_file_problems(part, folder / at, opens=False)


def _slots(programme: Programme) -> Iterator[Problem]:
    filled = {programme.vehicle_slot(slot) for slot in programme.slots.values()}
    for name in NEEDED:
        if name not in filled:
            yield Problem(
                text("the vehicle has no {name}", name=name),
                "slots",
                text("add a slot with a contract on {name}@1", name=name),
            )


def _reports(programme: Programme) -> Iterator[Problem]:
    """Numbers of parts whose report is named as a file that is not there."""
    for reference, part in programme.parts.items():

        def is_there(path: str, name: str = reference) -> bool:
            return programme.files.is_file(programme.beside("part", name, path))

        yield from missing_reports(part, programme.where("part", reference), is_there)


def moved_parts(programme: Programme) -> Iterator[Problem]:
    """Parts whose file is no longer what the lock pins of them: the verdicts are of the offer."""
    pinned = {pin.offer for pin in programme.lock.slots.values()} if programme.lock else set[str]()
    for name, part in programme.parts.items():
        if part.reference in pinned and programme.offers[part.reference].datasheet != part:
            what = text(
                "{part} is no longer what was offered and locked; the verdicts are of the offer", part=part.reference
            )
            yield Problem(
                what, programme.where("part", name), text("raise its version, then covolt offer and covolt lock")
            )


def _unoffered(programme: Programme) -> Iterator[Problem]:
    for name, part in programme.parts.items():
        where = programme.where("part", name)
        offered = programme.offers.get(part.reference)
        if offered is None or offered.datasheet != part:
            for one in datasheet_differences(part, standard_interface(part.fills)):
                yield Problem(
                    text("{part} cannot be offered so: {why}", part=part.reference, why=one.what), where, one.hint
                )
        if part.reference not in programme.offers:
            yield Problem(text("{part} is not offered yet", part=part.reference), where, text("covolt offer"))
        elif programme.offers[part.reference].datasheet != part:
            yield Problem(
                text("{part} is no longer what was offered", part=part.reference),
                where,
                text("raise its version, then covolt offer"),
            )


def _tracked(programme: Programme) -> Iterator[Problem]:
    """What is of one user's process alone, and lies in the repository for all."""
    if programme.files.folder is not None and is_tracked(programme.files.folder, HOME):
        hint = text("git rm -r --cached {home}, and name it in .gitignore", home=HOME)
        yield Problem(text("Git keeps what belongs to one user's covolt"), HOME, hint)


def _left_behind(programme: Programme) -> Iterator[Problem]:
    """Slots for which something newer is offered than is pinned."""
    for slot, (pinned, newer) in left_behind(programme).items():
        what = text(
            "'{slot}' is locked to {pinned}, and {newer} is offered for it", slot=slot, pinned=pinned, newer=newer
        )
        hint = text(
            "covolt lock --upgrade; or leave it where you chose so: covolt lock --pin {slot}={pinned}",
            slot=slot,
            pinned=pinned,
        )
        yield Problem(what, programme.where("lock", "", "slots", slot), hint)


def _nobody_signs(programme: Programme) -> Iterator[Problem]:
    """Gates with people that ask nobody, and so never open."""
    for name, gate in programme.gates.items():
        if gate.people and not gate.signoffs:
            hint = text("add [[signoffs]] with a party and a role that answers for them")
            yield Problem(
                text("{name}: {nobody_signs}", name=name, nobody_signs=NOBODY_SIGNS),
                programme.where("gate", name, "people"),
                hint,
            )


def _asks_of_own(programme: Programme) -> Iterator[Problem]:
    """Criteria on numbers that a party keeps to itself."""
    for name, gate in programme.gates.items():
        for at, one in enumerate(gate.criteria):
            for said in asks_of_own(programme, one.check):
                yield Problem(said, programme.where("gate", name, "criteria", at, "check"), OWN_HINT)


def title_doubts(programme: Programme) -> Iterator[Problem]:
    """Names of parties that are alike, or in which a letter of one alphabet stands for the like one of another."""
    titled: dict[str, str] = {}
    for name, party in programme.parties.items():
        for said in filter(None, (party.title.en, party.title.ru)):
            folded = unicodedata.normalize("NFKC", said).casefold()
            other = titled.setdefault("".join(one for one in folded if one.isalnum()) or said, name)
            if other != name:
                what = text("{name} and {other} have one title, '{said}'", name=name, other=other, said=said)
                yield Problem(what, programme.where("party", name, "title"), text("give each party a title of its own"))
    for name, party in programme.parties.items():
        for said in (party.title.en, party.title.ru):
            for word, letters in mixed_words(said).items():
                what = text(
                    "'{word}' in the name of {name} mixes two alphabets: {letters} is among other letters",
                    word=word,
                    name=name,
                    letters=letters,
                )
                yield Problem(what, programme.where("party", name, "title"), text("write each word in one alphabet"))
            if odd := odd_signs(said):
                signs = ", ".join(f"U+{ord(one):04X}" for one in odd)
                what = text("the name of {name} has signs that can look like others: {signs}", name=name, signs=signs)
                yield Problem(
                    what, programme.where("party", name, "title"), text("write it in Latin or Cyrillic letters")
                )


def _evidence(programme: Programme) -> Iterator[Problem]:
    for requirement in programme.requirements.values():
        if requirement.verify.method != "document" or requirement.id in programme.hidden:
            continue
        where = programme.where("requirement", requirement.id, "evidence")
        if not requirement.evidence:
            yield Problem(
                text("{requirement} has no evidence", requirement=requirement.id),
                where,
                text("cite the document and its digest"),
            )
        for one in requirement.evidence:
            path = evidence_file(programme, requirement, one)
            if path is None:
                yield Problem(
                    text("evidence: {evidence_fault}", evidence_fault=evidence_fault(programme, requirement, one)),
                    where,
                    text("bring the file"),
                )
            elif programme.files.digest(path) != one.digest:
                yield Problem(
                    text("the evidence {path} is not what was cited", path=one.path), where, text("cite the new digest")
                )

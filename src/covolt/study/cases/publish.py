"""The use cases of a programme's files: begun, checked, its parts offered, its offers locked and kept as a baseline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.display import AbstractShown, Table
from covolt.errors import InputError, NotFound, Problem
from covolt.study.cases.options import Findings, Wish, heed
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.library.figures import CarFigures
    from covolt.programme.documents import Programme
    from covolt.programme.restarting import Restarted
    from covolt.programme.rivals import Limit, Rival

__all__ = [
    "LockResult",
    "OfferResult",
    "begin_programme",
    "compared",
    "lock",
    "offer",
    "offers",
    "offers_by_slot",
    "restart_programme",
]


def begin_programme(
    folder: Path,
    like: str = "city-car",
    name: str = "",
    called: Mapping[str, str] | None = None,
    *,
    negatives: bool = False,
) -> tuple[Path, CarFigures]:
    """A new programme that verifies at once, begun from the public figures of a car; its folder, and the car.

    `name` is its id, else the folder's name in Latin letters; `called` how its integrator, supplier and agency are called. Their
    ids are these names in Latin letters. With `negatives` its integrator states what ships of what went wrong before.
    """
    from covolt.library.cars import figures
    from covolt.library.starting import begin
    from covolt.programme.reading import read_programme
    from covolt.study.cases.negatives import take

    car = figures(like)
    made = begin(folder, car, name, called or {})
    if negatives:
        parties = read_programme(made).parties.values()
        take(made, next(one.id for one in parties if "integrator" in one.roles))
    return made, car


def restart_programme(old: Path, folder: Path, name: str = "") -> Restarted:
    """A programme begun from an earlier one, with its negatives and baselines, and without its signatures."""
    from covolt.programme.restarting import restart

    return restart(old, folder, name)


@dataclass(frozen=True, repr=False)
class OfferResult(AbstractShown):
    """An offer, its file, the file of its signature where there is one, and what must be told of it.

    `fits` says by slot of its kind what of the contract it breaks; `new` whether it was not published before.
    """

    offer: Offer
    path: Path
    root: Path
    signature: Path | None
    notices: Sequence[Problem]
    fits: Mapping[str, Rival]
    limits: Mapping[str, Sequence[Limit]]
    new: bool

    def as_tables(self) -> list[Table]:
        """What is promised under which name."""
        rows = [(name, str(one.value)) for name, one in self.offer.datasheet.declared.items()]
        title = f"{self.offer.reference}, {'signed' if self.signature else 'not signed'}"
        notes = [self.offer.digest, *map(str, self.notices)]
        return [Table(title, ("promised", "value"), rows, notes=notes)]


def offer(
    part: Path,
    attached: Sequence[Path] = (),
    private: Ed25519PrivateKey | None = None,
    key_called: str = "key",
    *,
    write: bool = True,
    day: str | None = None,
) -> OfferResult:
    """Publish a part as an immutable offer, and sign it where a key is given: both or neither; without `write` neither.

    Raises:
        InputError: every problem of the part, by file and line.
    """
    from covolt.library.declared import not_used
    from covolt.programme.keys import OFFERS
    from covolt.programme.offering import draft_offer, publish_draft
    from covolt.programme.pledging import sign_offer, signer_problems
    from covolt.programme.reading import read_leniently
    from covolt.programme.rivals import limits_of_offer, rivals_of, with_offer
    from covolt.study.gate.check import part_problems
    from covolt.study.gate.offered import offer_problems, written_problems
    from covolt.study.verdicts.offered_models import model_file_problems, model_notices
    from covolt.study.verdicts.origin_known import without_value
    from covolt.study.verdicts.uncounted import uncounted

    def problems(sheet: Datasheet, fits: bool) -> list[Problem]:
        read = read_leniently(part, day=day)
        found = [*(part_problems(sheet) if fits else ()), *offer_problems(read, sheet)]
        if fits and not found:
            found += model_file_problems(sheet, part if part.is_dir() else part.parent, opens=True)
        if private is not None:
            found += signer_problems(read, private, sheet.party, OFFERS, key_called)
        return found

    def unread(file: Path) -> list[Problem]:
        return written_problems(read_leniently(part, day=day), file) if file.is_file() else []

    draft = draft_offer(part, attached, problems, day, unread)
    path, offer = publish_draft(draft) if write else (draft.path, draft.offer)
    signature = None
    if private is not None and write:
        signature = sign_offer(read_leniently(path.parent, day=day), private, path, offer, key_called)
    read = with_offer(read_leniently(draft.root, day=day), offer)
    fits = {one.slot: one for slot in read.slots for one in rivals_of(read, slot) if one.reference == offer.reference}
    notices = [draft.at_line(one.problem(offer.datasheet)) for one in not_used(offer.datasheet)]
    told = [*model_notices(offer.datasheet, part if part.is_dir() else part.parent)]
    told += [*without_value(offer.datasheet), *uncounted(read, [offer.datasheet])]
    notices += [draft.at_line(one) for one in told]
    notices += [
        Problem(
            text("it cannot fill '{slot}': {what}", slot=slot, what=reason.what),
            draft.at_line(_of_number(reason)).where,
            reason.hint,
        )
        for slot, one in fits.items()
        for reason in one.reasons
    ]
    notices += [draft.at_line(one) for one in _apart(read, offer, fits)]
    notices += _unsigned(read, offer) if write else []
    limits = {slot: limits_of_offer(read, slot, offer) for slot in fits}
    return OfferResult(offer, path, draft.root, signature, notices, fits, limits, draft.before is None)


def _unsigned(read: Programme, offer: Offer) -> list[Problem]:
    """That an offer does not count where signatures are demanded, and how to sign it."""
    from covolt.programme.key_coherence import must_sign, unsigned_offer

    why = unsigned_offer(read, offer.reference, trusted=False) if must_sign(read, offer.datasheet.party) else None
    if why is None:
        return []
    party = offer.datasheet.party
    what = text("only what {party} has signed counts here, and this offer does not: {why}", party=party, why=why)
    hint = text(
        "sign it: covolt offer PART --key FILE; for a key: covolt key new FILE PROGRAMME --party {party} --role offers",
        party=party,
    )
    return [Problem(what, offer.reference, hint)]


def _apart(programme: Programme, offer: Offer, slots: Iterable[str]) -> Iterator[Problem]:
    """That an offered charger or battery has no connector of the locked other one."""
    from covolt.library.connection import apart
    from covolt.study.verdicts.joined import locked_sheets

    pins = programme.lock.slots.values() if programme.lock else ()
    if not pins or any(pin.offer not in programme.offers for pin in pins):
        return
    locked = locked_sheets(programme)
    for slot in dict.fromkeys(programme.vehicle_slot(programme.slots[one]) for one in slots):
        if slot in {"battery", "charger"}:
            yield from apart({**locked, slot: offer.datasheet}, f"{offer.reference} (charging)")


def _of_number(reason: Problem) -> Problem:
    """A reason against an offer, at the number or promise of which it speaks."""
    told = re.match(r"((?:declared|ports|promises)\.[^:]+): ", reason.what)
    return reason if told is None else replace(reason, where=f"{reason.where} ({told[1]})")


@dataclass(frozen=True, repr=False)
class LockResult(AbstractShown):
    """What the lock holds now: the slots whose offer moved, from what to what; offers passed over; notices; a kept baseline.

    `waiting` are offers that could be chosen instead, of whichever party.
    """

    count: int
    path: Path | None
    moved: Mapping[str, tuple[str | None, str]]
    passed_over: Sequence[Problem]
    notices: Sequence[Problem]
    frozen: Path | None
    waiting: Sequence[Problem]

    def as_tables(self) -> list[Table]:
        """Which slots moved, from what to what."""
        rows = [(slot, was or "nothing", now) for slot, (was, now) in self.moved.items()]
        told = [str(one) for one in (*self.passed_over, *self.waiting, *self.notices)]
        return [Table(f"{len(rows)} of {self.count} slots moved", ("slot", "from", "to"), rows, notes=told)]


def lock(
    programme: Path,
    *,
    upgrade: bool = False,
    pins: Sequence[str] = (),
    freeze: str | None = None,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> LockResult:
    """Choose and pin the offer of each slot, pins being `SLOT=PARTY/PART@VERSION`; `freeze` keeps the lock under a name.

    Raises:
        Cancelled: where `cancelled`, which is asked before the lock is written, says so.
    """
    from covolt.library.connection import apart, nominal_problems
    from covolt.library.declared import declared_problems
    from covolt.programme.baselines import freeze as freeze_lock
    from covolt.programme.locking import resolve, write_lock
    from covolt.programme.reading import read_programme
    from covolt.programme.rivals import waiting
    from covolt.programme.walk import LOCK_FILE
    from covolt.study.gate.check import not_used_notices
    from covolt.study.gate.unsigned import unsigned_notices
    from covolt.study.verdicts.joined import locked_sheets
    from covolt.study.verdicts.origin_known import part_operations
    from covolt.study.verdicts.uncounted import uncounted

    findings = findings or Findings()
    wanted = offers_by_slot(pins, findings, "pins")
    findings.demand_none()
    read = read_programme(programme, locked=False, day=day)
    found = resolve(read, upgrade=upgrade, wanted=wanted)
    chosen = locked_sheets(replace(read, lock=found.lock))
    problems = [one for sheet in chosen.values() for one in (*declared_problems(sheet), *part_operations(read, sheet))]
    if problems:
        raise InputError(problems)
    heed(cancelled)
    path = None
    if found.moved or read.lock != found.lock:
        path = write_lock(read.root, found.lock, before=read.digests.get(LOCK_FILE, ""))
    after = replace(read, lock=found.lock)
    charged = [*apart(chosen, "programme.lock"), *(one for sheet in chosen.values() for one in nominal_problems(sheet))]
    told = [*not_used_notices(chosen), *uncounted(after, chosen.values())]
    notices = [*read.drafts, *unsigned_notices(after), *charged, *told]
    frozen = None if freeze is None else freeze_lock(after, freeze)
    return LockResult(len(found.lock.slots), path, found.moved, found.passed_over, notices, frozen, waiting(after))


def offers_by_slot(pins: Sequence[str], findings: Findings, option: str) -> dict[str, str]:
    """Offers by slot, as an option names them: `SLOT=PARTY/PART@VERSION`."""
    wanted: dict[str, str] = {}
    for written in pins:
        slot, equals, reference = written.partition("=")
        if not equals:
            what = text("'{text}' names no offer", text=written)
            findings.add(Problem(what, findings.called(option), text("write SLOT=PARTY/PART@VERSION")))
            continue
        wanted[slot.strip()] = reference.strip()
    return wanted


def offers(
    programme: Path, slot: str | None = None, findings: Findings | None = None, told: list[Problem] | None = None
) -> Mapping[str, Sequence[Rival]]:
    """The offers of each slot, or of one, of whichever party: what is locked, what waits, and what speaks against each.

    Parts that cannot be read, which are nobody's offer, are added to `told`.
    """
    from covolt.programme.rivals import rivals

    read = _read_for_offers(programme, slot, findings or Findings(), told)
    found = {} if read is None else rivals(read)
    return found if slot is None else {slot: found[slot]}


def compared(
    programme: Path, slot: str, findings: Findings, told: list[Problem]
) -> tuple[Sequence[Rival], Sequence[tuple[Phrase, Sequence[Phrase]]]]:
    """The offers of a slot, and row by row what each says of price, supply and origin."""
    from covolt.programme.rivals import rivals_of
    from covolt.study.cases.offer_terms import term_rows

    read = _read_for_offers(programme, slot, findings, told)
    found = [] if read is None else rivals_of(read, slot)
    return found, [] if read is None else term_rows(read, [one.offer.datasheet for one in found])


def _read_for_offers(
    programme: Path, slot: str | None, findings: Findings, told: list[Problem] | None
) -> Programme | None:
    from covolt.programme.reading import read_programme
    from covolt.suggestion import named

    read = findings.take(lambda: read_programme(programme, locked=False))
    if read is not None and slot is not None and slot not in read.slots:
        findings.add(
            Problem(text("no slot '{slot}'", slot=slot), findings.called("slot"), named(slot, read.slots)), NotFound
        )
    findings.demand_none()
    if told is not None and read is not None:
        told += read.drafts
    return read

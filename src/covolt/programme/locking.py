"""Locking: choosing the offer of each slot, or saying why none can fill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from covolt.contract.document import dumps
from covolt.contract.offer import Offer
from covolt.errors import Conflict, NotFound, Problem, refuse
from covolt.journal import Change, write_together
from covolt.programme.coherence import cannot_fill
from covolt.programme.documents import Programme
from covolt.programme.folder import LOCK_FILE
from covolt.programme.key_coherence import demands, unsigned_offer
from covolt.programme.lock import Lock, Pin
from covolt.programme.party import leaves
from covolt.words import text

__all__ = ["Resolution", "left_behind", "lock_text", "resolve", "write_lock"]


@dataclass(frozen=True)
class Resolution:
    """A lock, which pins it moves from what to what, and why newer versions than the pinned ones were passed over."""

    lock: Lock
    moved: Mapping[str, tuple[str, str]]
    passed_over: tuple[Problem, ...] = ()


def resolve(programme: Programme, *, upgrade: bool = False, wanted: Mapping[str, str] | None = None) -> Resolution:
    """The lock of a programme.

    A pin that still holds stays, unless `upgrade` asks for the newest; `wanted` names the offer of a slot. Otherwise the newest
    version that its owner offers and the contract admits is taken. Raises for every slot that nothing can fill, with the reasons
    of each offer, and where several parts of the owner could.
    """
    problems: list[Problem] = []
    unknown: list[Problem] = []
    pins: dict[str, Pin] = {}
    moved: dict[str, tuple[str, str]] = {}
    passed_over: list[Problem] = []
    before = programme.lock.slots if programme.lock else {}
    for slot in wanted or {}:
        if slot not in programme.slots:
            unknown.append(
                Problem(
                    text("no slot '{slot}'", slot=slot),
                    "--pin",
                    text("slots: {slots}", slots=", ".join(programme.slots)),
                )
            )
    for name, slot in programme.slots.items():
        asked = (wanted or {}).get(name)
        old = before.get(name)
        if asked is not None and asked not in programme.offers:
            known = ", ".join(programme.offers)
            unknown.append(
                Problem(
                    text("no offer '{asked}'", asked=asked),
                    f"--pin {name}",
                    text("offers: {known}", known=known or "none"),
                )
            )
            continue
        if asked is None and old and not upgrade and _still_holds(programme, name, old):
            pins[name] = old
            continue
        chosen, reasons = (asked, _cannot_be_pinned(programme, name, asked)) if asked else _newest(programme, name)
        if chosen is None or reasons:
            problems += reasons
            continue
        pins[name] = Pin(offer=chosen, digest=programme.offers[chosen].digest, contract=slot.contract)
        if old is None or old.offer != chosen:
            moved[name] = ("" if old is None else old.offer, chosen)
        if asked is None:
            passed_over += _passed_over(programme, name, chosen)
    refuse({NotFound: unknown, Conflict: problems})
    return Resolution(Lock(slots=pins), moved, tuple(passed_over))


def _still_holds(programme: Programme, slot: str, pin: Pin) -> bool:
    offer = programme.offers.get(pin.offer)
    return (
        offer is not None
        and offer.digest == pin.digest
        and pin.contract == programme.slots[slot].contract
        and not cannot_fill(programme, slot, pin.offer)
    )


def _cannot_be_pinned(programme: Programme, slot: str, reference: str) -> list[Problem]:
    """Why an offer cannot be pinned anew; one that is pinned already may outlast its party."""
    reasons = cannot_fill(programme, slot, reference)
    party = programme.parties.get(programme.offers[reference].datasheet.party)
    if party is not None and (left := programme.standings.left.get(party.id)):
        hint = text("keep the pin that there is, or choose an offer of another party")
        reasons.append(
            Problem(
                text("{leaves}: nothing of it is pinned anew", leaves=leaves(party.id, left, programme.day)),
                reference,
                hint,
            )
        )
    if not reasons and party is not None and demands(programme) and party.id in (programme.trust.first or {}):
        why = unsigned_offer(programme, reference, trusted=True)
        if why is not None:
            what = text(
                "signatures are demanded, and that of {party} on it does not count here: {why}", party=party.id, why=why
            )
            reasons.append(
                Problem(what, reference, text("ask {party} for its key, or choose another offer", party=party.id))
            )
    return reasons


def _newest(programme: Programme, slot_id: str) -> tuple[str | None, list[Problem]]:
    slot = programme.slots[slot_id]
    where = programme.where("slot", slot_id)
    named = programme.contracts[slot.contract].demanded.name
    own = [
        offer
        for offer in programme.offers.values()
        if offer.datasheet.party == slot.owner
        and offer.interface.name == named
        and (not slot.part or offer.datasheet.id == slot.part)
    ]
    if not own:
        part = text(" of the part '{part}'", part=slot.part) if slot.part else ""
        hint = text("let {owner} publish one: covolt offer PART_FILE", owner=slot.owner)
        return None, [
            Problem(
                text(
                    "{owner} has no offer{part} for the slot '{slot_id}'", owner=slot.owner, part=part, slot_id=slot_id
                ),
                where,
                hint,
            )
        ]
    reasons = {offer.reference: _cannot_be_pinned(programme, slot_id, offer.reference) for offer in own}
    fitting = [offer for offer in own if not reasons[offer.reference]]
    if not fitting:
        problems = [
            Problem(
                text(
                    "{reference} cannot fill '{slot_id}': {what}", reference=reference, slot_id=slot_id, what=one.what
                ),
                where,
                one.hint,
            )
            for reference, found in reasons.items()
            for one in found
        ]
        return None, problems
    parts = sorted({offer.datasheet.id for offer in fitting})
    if len(parts) > 1:
        hint = text(
            'write part = "{parts}" in the slot, or: covolt lock --pin {slot_id}=OFFER', parts=parts[0], slot_id=slot_id
        )
        return None, [
            Problem(
                text("several parts could fill '{slot_id}': {parts}", slot_id=slot_id, parts=", ".join(parts)),
                where,
                hint,
            )
        ]
    return max(fitting, key=_age).reference, []


def _age(offer: Offer) -> tuple[int, ...]:
    return tuple(int(step) for step in offer.datasheet.version.split("."))


def _newer(programme: Programme, chosen: str) -> list[Offer]:
    """Newer versions of an offered part."""
    taken = programme.offers[chosen]
    return [
        offer
        for offer in programme.offers.values()
        if (offer.datasheet.party, offer.datasheet.id) == (taken.datasheet.party, taken.datasheet.id)
        and _age(offer) > _age(taken)
    ]


def _passed_over(programme: Programme, slot: str, chosen: str) -> list[Problem]:
    """Why newer versions of the chosen part cannot fill its slot."""
    return [
        Problem(
            text("{offer} cannot fill '{slot}': {what}", offer=offer.reference, slot=slot, what=one.what),
            one.where,
            one.hint,
        )
        for offer in _newer(programme, chosen)
        for one in _cannot_be_pinned(programme, slot, offer.reference)
    ]


def left_behind(programme: Programme) -> dict[str, tuple[str, str]]:
    """By slot, the pinned offer and the newest that could be pinned in its place: nobody may have chosen so, but gone back."""
    found: dict[str, tuple[str, str]] = {}
    for slot, pin in programme.lock.slots.items() if programme.lock else ():
        if slot in programme.slots and pin.offer in programme.offers:
            fitting = [
                one for one in _newer(programme, pin.offer) if not _cannot_be_pinned(programme, slot, one.reference)
            ]
            if fitting:
                found[slot] = pin.offer, max(fitting, key=_age).reference
    return found


def write_lock(root: Path, lock: Lock, name: str = LOCK_FILE, before: str | None = None) -> Path:
    """Write a lock file whole or not at all, in the place of what had the digest `before`; empty for a new one."""
    path = root / name
    write_together(root, [Change(path, lock_text(lock).encode(), before)])
    return path


def lock_text(lock: Lock) -> str:
    """What stands in the file of a lock."""
    return "# Written by covolt lock: which offer fills which slot.\n" + dumps(lock)

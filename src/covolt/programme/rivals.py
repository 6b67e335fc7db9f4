"""Rivals: the offers that could fill a slot, of whichever party, and what speaks against each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from covolt import units
from covolt.contract.charging import interfaces_held
from covolt.contract.offer import Offer
from covolt.contract.port import range_si
from covolt.errors import Problem
from covolt.programme.agreement import limit_text
from covolt.programme.coherence import cannot_fill, chosen_by
from covolt.programme.documents import Programme
from covolt.words import spoken, text

__all__ = ["Limit", "Rival", "limits_of_offer", "rivals", "rivals_of", "waiting", "with_offer"]


@dataclass(frozen=True)
class Rival:
    """An offer for a slot: whether it is locked there or older than what is, whose it is, and what of the contract it breaks."""

    slot: str
    offer: Offer
    locked: bool
    older: bool
    owner: str
    reasons: tuple[Problem, ...]

    @property
    def reference(self) -> str:
        """How the offer is cited."""
        return self.offer.reference

    @property
    def owned(self) -> bool:
        """Whether it is of the party that owns the slot."""
        return self.offer.datasheet.party == self.owner

    @property
    def waits(self) -> bool:
        """Whether it could be chosen instead of what is locked."""
        return not (self.locked or self.older or self.reasons)


@dataclass(frozen=True)
class Limit:
    """One limit of a contract beside what an offer declares, and whether it holds."""

    name: str
    promised: str
    offered: str
    holds: bool


def rivals(programme: Programme) -> Mapping[str, Sequence[Rival]]:
    """By slot, every offer of its kind: the locked one first, then those of its owner, the newest version first."""
    return {slot: rivals_of(programme, slot) for slot in programme.slots}


def rivals_of(programme: Programme, slot: str) -> list[Rival]:
    """Every offer of the kind that a slot takes; who owns the slot is no reason against it, nor whether it is signed."""
    place = programme.slots[slot]
    contract = programme.contracts.get(place.contract)
    if contract is None:
        return []
    pins = programme.lock.slots if programme.lock else {}
    pinned = pins[slot].offer if slot in pins else None
    others = {one.offer for name, one in pins.items() if name != slot}
    found = [
        Rival(
            slot,
            offer,
            name == pinned,
            _older(offer, programme.offers.get(pinned or "")),
            place.owner,
            tuple(cannot_fill(programme, slot, name, signed=False, owned=False)),
        )
        for name, offer in programme.offers.items()
        # What another slot of the same kind holds is that one's.
        if offer.interface.name == contract.demanded.name and (name == pinned or name not in others)
    ]
    return sorted(
        found,
        key=lambda one: (
            not one.locked,
            not one.owned,
            one.offer.datasheet.party,
            one.offer.datasheet.id,
            [-step for step in _age(one.offer)],
        ),
    )


def _age(offer: Offer) -> tuple[int, ...]:
    return tuple(int(step) for step in offer.datasheet.version.split("."))


def _older(offer: Offer, locked: Offer | None) -> bool:
    if locked is None:
        return False
    same = (offer.datasheet.party, offer.datasheet.id) == (locked.datasheet.party, locked.datasheet.id)
    return same and _age(offer) < _age(locked)


def waiting(programme: Programme) -> list[Problem]:
    """Offers that could be chosen instead of what is locked, and whose word that takes."""
    found: list[Problem] = []
    for slot, each in rivals(programme).items():
        locked = next((one.offer.datasheet for one in each if one.locked), None)
        for one in each:
            if not one.waits:
                continue
            sheet = one.offer.datasheet
            newer = locked is not None and (sheet.party, sheet.id) == (locked.party, locked.id)
            hint = (
                text("covolt lock --upgrade")
                if newer
                else text("covolt lock --pin {slot}={reference}", slot=slot, reference=one.reference)
            )
            if not one.owned:
                hint = text(
                    "covolt verify --with {slot}={reference} tries it; {chosen_by}",
                    slot=slot,
                    reference=one.reference,
                    chosen_by=chosen_by(programme, slot, sheet.party),
                )
            found.append(Problem(text("{reference} waits", reference=one.reference), f"slot {slot}", hint))
    return found


def with_offer(programme: Programme, offer: Offer) -> Programme:
    """The programme as if an offer were published in it."""
    return replace(programme, offers={**programme.offers, offer.reference: offer})


def limits_of_offer(programme: Programme, slot: str, offer: Offer) -> list[Limit]:
    """Every limit of the slot's contract, held against what an offer declares."""
    contract = programme.contracts[programme.slots[slot].contract]
    found: list[Limit] = []
    for name, limit in contract.limits.items():
        parameter = contract.demanded.parameter(name)
        if parameter is None:
            continue
        low, high = range_si(limit.minimum, limit.maximum, parameter.unit)
        declared = offer.datasheet.declared.get(name)
        holds = (
            declared is not None
            and declared.si_unit == units.unit(parameter.unit).si
            and low <= declared.value_si <= high
        )
        said = "nothing" if declared is None else str(declared.value)
        found.append(Limit(name, limit_text(limit), said, holds))
    for held in interfaces_held(contract.charging, offer.datasheet.charging):
        found.append(Limit(held.path, spoken(held.wanted), spoken(held.offered), held.holds))
    return found

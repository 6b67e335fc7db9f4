"""Coherence: what is wrong between the files of a programme, though each by itself is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from covolt.contract.architecture import FIRST_AXLE, INTERFACES, SECOND_AXLE, lone_half
from covolt.contract.compatibility import datasheet_differences, differences
from covolt.errors import Problem
from covolt.legible import apart
from covolt.programme.agreement import contract_differences
from covolt.programme.expression import expression_problems, requirements_named
from covolt.programme.key_coherence import demands, key_problems, unsigned_offer
from covolt.programme.levels import level_problems
from covolt.programme.lock import Pin
from covolt.programme.placing import name_problem
from covolt.programme.requirement import Requirement
from covolt.programme.tables_apart import table_problems
from covolt.suggestion import meant, named
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["MOST_GATES", "cannot_fill", "chosen_by", "incoherences", "pin_problems"]

FIRST_DAY = date(1958, 3, 20)
"""The Agreement under which UN Regulations stand was made on this day (E/ECE/TRANS/505): no text of them is older."""


def incoherences(programme: Programme, *, locked: bool = True, signed: bool = True) -> list[Problem]:
    """Every reference that leads nowhere, every cycle, every pin and key that does not hold.

    With `signed` false keys and signatures are not looked at: nobody can mend those of an earlier state.
    """
    return [
        *(one for name in programme.parties for one in name_problem(name)),
        *level_problems(programme),
        *table_problems(programme),
        *_slots(programme),
        *_contracts(programme),
        *_requirements(programme),
        *_cycles(programme),
        *_gates(programme),
        *_too_many(programme),
        *_checked(programme),
        *_negatives(programme),
        *_parts(programme),
        *(key_problems(programme) if signed else ()),
        *(pin_problems(programme, signed=signed) if locked else ()),
    ]


MOST_GATES = 200
"""Gates of a programme; an estimate: stages that people sign are ten or so, and each is held against all verdicts."""


def _too_many(programme: Programme) -> Iterator[Problem]:
    """That a programme has more gates than anybody signs."""
    if len(programme.gates) > MOST_GATES:
        last = max(programme.gates.values(), key=lambda one: (one.order, one.id)).id
        what = text(
            "the programme has {gates} gates, more than {most_gates}", gates=len(programme.gates), most_gates=MOST_GATES
        )
        yield Problem(what, programme.where("gate", last), text("keep the stages that somebody signs"))


def _unknown(programme: Programme, what: str, name: str, known: Iterable[str], where: str) -> Iterator[Problem]:
    """That a name leads nowhere, unless a file that could not be read probably gives it."""
    if _unread(programme, name):
        return
    listed = list(known)
    hint = named(name, listed)
    if what == "party":
        own = text("a new one has its file, such as parties/{name}.toml", name=name)
        hint = joined((hint, own), " " if meant(name, listed) else "; ")
    yield Problem(text("no {what} '{name}' in this programme", what=what, name=name), where, hint)


def _unread(programme: Programme, name: str) -> bool:
    return name.partition("@")[0].rpartition("/")[2] in programme.unread or name in programme.unread


def _slots(programme: Programme) -> Iterator[Problem]:
    filled: dict[str, str] = {}
    for slot in programme.slots.values():
        if slot.owner not in programme.parties:
            yield from _unknown(
                programme, "party", slot.owner, programme.parties, programme.where("slot", slot.id, "owner")
            )
        contract = programme.contracts.get(slot.contract)
        where = programme.where("slot", slot.id, "contract")
        if contract is None:
            yield from _unknown(programme, "contract", slot.contract, programme.contracts, where)
        elif slot.owner in programme.parties and slot.owner not in contract.between:
            what = text(
                "{owner} fills the slot '{slot}' but is not a party to {contract}",
                owner=slot.owner,
                slot=slot.id,
                contract=contract.reference,
            )
            yield Problem(
                what,
                where,
                text("add '{owner}' to between in {contract}", owner=slot.owner, contract=contract.reference),
            )
        if contract is None:
            continue
        interface = contract.demanded.name
        if slot.id in SECOND_AXLE and INTERFACES[slot.id] != interface:
            what = text(
                "'{slot}' takes a {interfaces}, and {contract} agrees on a {interface}",
                slot=slot.id,
                interfaces=INTERFACES[slot.id],
                contract=contract.reference,
                interface=interface,
            )
            yield Problem(
                what,
                where,
                text("name a contract on {interfaces}, or give the slot another name", interfaces=INTERFACES[slot.id]),
            )
            continue
        first = filled.setdefault(programme.vehicle_slot(slot), slot.id)
        if first != slot.id:
            what = text(
                "'{slot}' and '{first}' are both a {interface}, and a vehicle is joined of one",
                slot=slot.id,
                first=first,
                interface=interface,
            )
            other = (
                text("call that of a second axle second_{interface}, or ", interface=interface)
                if interface in FIRST_AXLE
                else ""
            )
            yield Problem(what, where, text("{other}remove one of both slots", other=other))
    half = lone_half(programme.slots.keys() | programme.unread)
    if half is not None and half[0] in programme.slots:
        there, lacking = half
        what = text(
            "a second axle has both or neither: the slot '{there}' is there, and '{lacking}' is not",
            there=there,
            lacking=lacking,
        )
        hint = text(
            "add the slot '{lacking}' with a contract on {interfaces}, or remove '{there}'",
            lacking=lacking,
            interfaces=INTERFACES[lacking],
            there=there,
        )
        yield Problem(what, programme.where("slot", there), hint)


def _contracts(programme: Programme) -> Iterator[Problem]:
    for contract in programme.contracts.values():
        for party in contract.between:
            if party not in programme.parties:
                where = programme.where("contract", contract.reference, "between")
                yield from _unknown(programme, "party", party, programme.parties, where)


def _requirements(programme: Programme) -> Iterator[Problem]:
    for requirement in programme.requirements.values():
        named: tuple[tuple[str, str, Iterable[str], Iterable[str]], ...] = (
            ("party", "party", (requirement.party,), programme.parties),
            ("parents", "requirement", requirement.parents, programme.requirements),
            ("relations", "requirement", [one.to for one in requirement.relations or ()], programme.requirements),
            ("slots", "slot", requirement.slots, programme.slots),
            ("scenario", "scenario", filter(None, (requirement.scenario,)), programme.scenarios),
            ("verify.gate", "gate", (requirement.verify.gate,), programme.gates),
        )
        for key, what, names, known in named:
            for name in names:
                if name not in known:
                    yield from _unknown(
                        programme, what, name, known, programme.where("requirement", requirement.id, *key.split("."))
                    )
    for interest in programme.interests.values():
        if interest.party not in programme.parties:
            where = programme.where("interest", interest.id, "party")
            yield from _unknown(programme, "party", interest.party, programme.parties, where)


def _negatives(programme: Programme) -> Iterator[Problem]:
    """Who states it is here; what was promised, and by whom, may be gone."""
    for negative in programme.negatives.values():
        if negative.party not in programme.parties:
            where = programme.where("negative", negative.id, "party")
            yield from _unknown(programme, "party", negative.party, programme.parties, where)


def _checked(programme: Programme) -> Iterator[Problem]:
    """Texts are checked by agencies, on a day that was."""
    for name, one in programme.checked.items():
        where = programme.where("checked", name, "party")
        party = programme.parties.get(one.party)
        if party is None:
            yield from _unknown(programme, "party", one.party, programme.parties, where)
        elif "agency" not in party.roles:
            what = text("{party} is no agency, and an entry of a checked text is an agency's", party=one.party)
            yield Problem(what, where, text("let an agency of the programme check it"))
        for index, row in enumerate(one.text):
            day = date.fromisoformat(row.on)
            if not FIRST_DAY <= day <= date.fromisoformat(programme.day):
                what = text(
                    "no text was checked on {on}: that day is {value}",
                    on=row.on,
                    value=(text("to come") if day > FIRST_DAY else text("before the Agreement")),
                )
                hint = text("write the day on which it was read, from {first_day} to today", first_day=str(FIRST_DAY))
                yield Problem(what, programme.where("checked", name, "text", index, "on"), hint)


def _cycles(programme: Programme) -> Iterator[Problem]:
    """Each cycle of parents once, from its first name."""
    told: set[frozenset[str]] = set()
    for start in programme.requirements:
        loop = _loop(start, programme.requirements)
        if loop and frozenset(loop) not in told:
            told.add(frozenset(loop))
            what = text("requirements derive from each other in a circle: {loop}", loop=" → ".join([*loop, loop[0]]))
            yield Problem(what, programme.where("requirement", loop[0], "parents"), text("remove one of these parents"))


def _loop(start: str, requirements: Mapping[str, Requirement]) -> list[str]:
    """Names along a circle that leads from a requirement back to itself; empty where there is none."""
    trail: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while trail:
        name, path = trail.pop()
        for parent in requirements[name].parents if name in requirements else ():
            if parent == start:
                return path
            if parent not in seen:
                seen.add(parent)
                trail.append((parent, [*path, parent]))
    return []


def _gates(programme: Programme) -> Iterator[Problem]:
    for gate in programme.gates.values():
        for index, criterion in enumerate(gate.criteria):
            where = programme.where("gate", gate.id, "criteria", index, "check")
            yield from expression_problems(criterion.check, where)
            for name in requirements_named(criterion.check):
                if name not in programme.requirements:
                    yield from _unknown(programme, "requirement", name, programme.requirements, where)
        for wanted in gate.signoffs:
            if wanted.party not in programme.parties:
                where = programme.where("gate", gate.id, "signoffs")
                yield from _unknown(programme, "party", wanted.party, programme.parties, where)
    for name, signoff in programme.signoffs.items():
        if signoff.gate not in programme.gates:
            yield from _unknown(
                programme, "gate", signoff.gate, programme.gates, programme.where("signoff", name, "gate")
            )
        if signoff.party not in programme.parties:
            yield from _unknown(
                programme, "party", signoff.party, programme.parties, programme.where("signoff", name, "party")
            )


def _parts(programme: Programme) -> Iterator[Problem]:
    for name, part in programme.parts.items():
        if part.party not in programme.parties:
            yield from _unknown(
                programme, "party", part.party, programme.parties, programme.where("part", name, "party")
            )
    for name, offer in programme.offers.items():
        if offer.datasheet.party not in programme.parties:
            where = programme.where("offer", name, "datasheet", "party")
            yield from _unknown(programme, "party", offer.datasheet.party, programme.parties, where)


def pin_problems(programme: Programme, *, signed: bool = True) -> list[Problem]:
    """Every pin of the lock that does not hold, and every slot that it leaves empty."""
    return list(_pins(programme, signed=signed))


def _pins(programme: Programme, *, signed: bool) -> Iterator[Problem]:
    if programme.lock is None:
        return
    for slot, pin in programme.lock.slots.items():
        where = programme.where("lock", "", "slots", slot)
        if slot not in programme.slots:
            yield from _unknown(programme, "slot", slot, programme.slots, where)
            continue
        yield from _pin(programme, slot, pin, where, signed=signed)
    for slot in programme.slots:
        if slot not in programme.lock.slots:
            yield Problem(
                text("the lock leaves the slot '{slot}' empty", slot=slot),
                programme.where("lock", ""),
                text("covolt lock"),
            )


def _pin(programme: Programme, slot: str, pin: Pin, where: str, *, signed: bool) -> Iterator[Problem]:
    """Why one pin does not hold."""
    offer = programme.offers.get(pin.offer)
    if offer is None:
        if not _unread(programme, pin.offer):
            what = text("the lock pins {offer} for '{slot}', and there is no such offer", offer=pin.offer, slot=slot)
            yield Problem(what, where, text("bring the offer's file back, or choose again: covolt lock"))
        return
    if offer.digest != pin.digest:
        now, pinned = apart(offer.digest, pin.digest)
        what = text(
            "{offer} is not what the lock pinned: {now} instead of {pinned}", offer=pin.offer, now=now, pinned=pinned
        )
        yield Problem(what, where, text("restore the offer, or pin the new one: covolt lock"))
    if pin.contract != programme.slots[slot].contract:
        what = text(
            "'{slot}' was locked under {contract}, and its contract is now {contract_2}",
            slot=slot,
            contract=pin.contract,
            contract_2=programme.slots[slot].contract,
        )
        yield Problem(what, where, text("lock again: covolt lock"))
    elif pin.contract in programme.contracts:
        for reason in cannot_fill(programme, slot, pin.offer, signed=signed):
            yield Problem(
                text("{offer} cannot fill '{slot}': {what}", offer=pin.offer, slot=slot, what=reason.what),
                where,
                reason.hint,
            )


def chosen_by(programme: Programme, slot: str, party: str) -> str | Phrase:
    """What must be agreed, and where, before a party fills the slot of another."""
    place = programme.where("slot", slot, "owner")
    contract = programme.contracts.get(programme.slots[slot].contract)
    said = text('agree on owner = "{party}" in {place}', party=party, place=place)
    if contract is None or party in contract.between:
        return said
    return text(
        "{said} and on {party} in between of {where}",
        said=said,
        party=party,
        where=programme.where("contract", contract.reference, "between"),
    )


def cannot_fill(
    programme: Programme, slot_id: str, reference: str, *, signed: bool = True, owned: bool = True
) -> list[Problem]:
    """Every reason for which an offer cannot fill a slot; empty where it can. `owned`: it must be its owner's."""
    slot, offer = programme.slots[slot_id], programme.offers[reference]
    contract = programme.contracts.get(slot.contract)
    if contract is None:
        return [Problem(text("the slot has no contract '{contract}'", contract=slot.contract))]
    demanded = contract.demanded
    reasons: list[Problem] = []
    if owned and offer.datasheet.party != slot.owner:
        hint = text(
            "let {owner} offer it, or {chosen_by}",
            owner=slot.owner,
            chosen_by=chosen_by(programme, slot_id, offer.datasheet.party),
        )
        reasons.append(
            Problem(
                text("{party} does not own the slot, {owner} does", party=offer.datasheet.party, owner=slot.owner),
                reference,
                hint,
            )
        )
    if offer.interface.name != demanded.name:
        what = text(
            "it is a {name}, and the slot takes a {demanded}", name=offer.interface.name, demanded=demanded.name
        )
        reasons.append(Problem(what, reference, text("choose an offer of a {demanded}", demanded=demanded.name)))
        return reasons
    if signed and demands(programme) and (why := unsigned_offer(programme, reference, trusted=False)) is not None:
        what = text(
            "signatures are demanded, and that of {party} on it does not count: {why}",
            party=offer.datasheet.party,
            why=why,
        )
        # Of a key that was taken out the offer may be somebody else's: nobody is told to sign it.
        withdrawn = str(why).startswith("revoked")
        sign = text("let {party} sign it: covolt offer PART --key FILE", party=offer.datasheet.party)
        hint = text("choose another offer: covolt lock") if withdrawn else sign
        reasons.append(Problem(what, reference, hint))
    found = (
        *datasheet_differences(offer.datasheet, demanded),
        *differences(offer.interface, demanded),
        *contract_differences(offer.datasheet, contract),
    )
    reasons += [Problem(one.what, reference, one.hint) for one in dict.fromkeys(found)]
    return reasons

"""What owners let move, held against what is locked: whose it is, whether it is there, and that nothing is moved by two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared
from covolt.errors import Problem
from covolt.programme.design_space import PRICE, Coupled, DesignVariable, Rate, rate_of
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["declared_number", "design_problems", "locked_sheet"]


def locked_sheet(programme: Programme, slot: str) -> Datasheet | None:
    """The datasheet that the lock pins in a slot of the programme; None where it pins none that is there."""
    pin = programme.lock.slots.get(slot) if programme.lock else None
    offer = programme.offers.get(pin.offer) if pin else None
    return None if offer is None else offer.datasheet


def declared_number(sheet: Datasheet, name: str) -> Declared | None:
    """A number that a datasheet declares, or a parameter of its model; None where it states none of this name."""
    return sheet.declared.get(name) or sheet.model.parameters.get(name)


def design_problems(programme: Programme) -> list[Problem]:
    """Everything that is wrong between what owners let move and the programme; without a lock only whose it is."""
    found: list[Problem] = []
    for one in programme.designs.values():
        owned = [*_of_party(programme, one)]
        found += owned or [*(_of_offers(programme, one) if one.offers else _of_number(programme, one))]
    return [*found, *_twice(programme)]


def _of_party(programme: Programme, one: DesignVariable) -> Iterator[Problem]:
    """That the party and every slot are there, and the party owns what it lets move."""
    if one.party not in programme.parties:
        what = text("no party '{party}' in this programme", party=one.party)
        yield Problem(what, programme.where("design", one.id, "party"), named(one.party, programme.parties))
        return
    places = [(one.slot, ("slot",)), *((each.slot, ("coupled", at, "slot")) for at, each in enumerate(one.coupled))]
    for slot, keys in places:
        if not slot:
            continue
        where = programme.where("design", one.id, *keys)
        if slot not in programme.slots:
            if slot not in programme.unread:
                yield Problem(text("no slot '{slot}'", slot=slot), where, named(slot, programme.slots))
        elif (owner := programme.slots[slot].owner) != one.party:
            what = text("the slot '{slot}' is {owner}'s", slot=slot, owner=owner)
            yield Problem(what, where, text("a party lets its own parts move alone: let {owner} write it", owner=owner))


def _of_offers(programme: Programme, one: DesignVariable) -> Iterator[Problem]:
    """Offers of a choice that are not there, or cannot fill the slot."""
    from covolt.programme.coherence import cannot_fill

    for at, reference in enumerate(one.offers):
        where = programme.where("design", one.id, "offers", at)
        if reference not in programme.offers:
            if reference.partition("@")[0].rpartition("/")[2] not in programme.unread:
                own = [name for name, each in programme.offers.items() if each.datasheet.party == one.party]
                yield Problem(text("no offer '{offer}'", offer=reference), where, named(reference, own))
            continue
        for reason in cannot_fill(programme, one.slot, reference, signed=False):
            values = {"offer": reference, "slot": one.slot, "what": reason.what}
            yield Problem(text("{offer} cannot fill '{slot}': {what}", **values), where, reason.hint)


def _of_number(programme: Programme, one: DesignVariable) -> Iterator[Problem]:
    """A number, or a coupled one, that the locked offer does not have, or has in another dimension."""
    sheet = locked_sheet(programme, one.slot)
    if sheet is None:
        return
    number = declared_number(sheet, one.number)
    si_unit = units.unit(one.unit).si
    if number is None:
        yield _lacks(sheet, one.number, programme.where("design", one.id, "number"))
    elif number.si_unit != si_unit:
        what = text("{number} of {offer} is {value}", number=one.number, offer=sheet.reference, value=number.value)
        hint = text("write its bounds in a unit such as {unit}", unit=units.unit_of(str(number.value)).name)
        yield Problem(what, programme.where("design", one.id, "lowest"), hint)
    else:
        for at, each in enumerate(one.coupled):
            yield from _of_coupled(programme, one, at, each, number)


def _lacks(sheet: Datasheet, number: str, where: str) -> Problem:
    known = [*sheet.declared, *sheet.model.parameters]
    what = text("{offer} states no number '{number}'", offer=sheet.reference, number=number)
    return Problem(what, where, named(number, known))


def _of_coupled(
    programme: Programme, one: DesignVariable, at: int, coupled: Coupled, moving: Declared
) -> Iterator[Problem]:
    sheet, rate = locked_sheet(programme, coupled.slot or one.slot), rate_of(coupled.per)
    if sheet is None:
        return
    where = programme.where("design", one.id, "coupled", at, "number")
    at_rate = programme.where("design", one.id, "coupled", at, "per")
    if coupled.number == PRICE:
        if sheet.supply is None:
            what = text("{offer} states no price", offer=sheet.reference)
            yield Problem(what, where, text("offer it with [supply], or remove this"))
            return
        unit, values = sheet.supply.currency, tuple(float(row.price) for row in sheet.supply.price)
    else:
        number = declared_number(sheet, coupled.number)
        if number is None:
            yield _lacks(sheet, coupled.number, where)
            return
        unit, values = number.si_unit, (number.value_si,)
    if (rate.unit, rate.per_unit) != (unit, moving.si_unit):
        wanted = f"{_usual(unit)}/{one.unit}" if one.unit != "1" else _usual(unit)
        what = text("{number} does not move by {per}", number=coupled.number, per=coupled.per)
        yield Problem(what, at_rate, text("write it in a unit such as {unit}", unit=wanted))
        return
    yield from _beyond(one, coupled, rate, moving, values, at_rate)


def _usual(si_unit: str) -> str:
    return units.customary(si_unit) if si_unit in units.UNITS and si_unit != "1" else si_unit


def _beyond(
    one: DesignVariable, coupled: Coupled, rate: Rate, moving: Declared, values: tuple[float, ...], where: str
) -> Iterator[Problem]:
    """That a number which is positive is moved to nothing or below at an end of the variable."""
    unit = units.unit(one.unit)
    for name, written in (("lowest", one.lowest), ("highest", one.highest)):
        if written is None:
            continue
        change = rate.value_si * (unit.to_si(one.in_unit(written)) - moving.value_si)
        if any(value > 0.0 >= value + change for value in values):
            said = {"number": coupled.number, "end": name, "written": str(written)}
            what = text("{number} would be nothing or less at {end}, {written}", **said)
            yield Problem(what, where, text("write a smaller rate, or narrower bounds"))


def _twice(programme: Programme) -> Iterator[Problem]:
    """Numbers that two variables set; what is coupled to several moves with all of them, unless one of them sets it."""
    setting: dict[tuple[str, str], str] = {}
    chosen: dict[str, str] = {}
    for one in programme.designs.values():
        if one.offers and one.slot in chosen:
            yield _by_two(programme, one, "offers", one.slot, chosen[one.slot])
        elif one.offers:
            chosen[one.slot] = one.id
        elif (one.slot, one.number) in setting:
            yield _by_two(programme, one, "number", f"{one.slot} {one.number}", setting[one.slot, one.number])
        else:
            setting[one.slot, one.number] = one.id
    for one in programme.designs.values():
        if not one.offers and one.slot in chosen:
            yield _by_two(programme, one, "slot", one.slot, chosen[one.slot])
        for at, each in enumerate(one.coupled):
            place = (each.slot or one.slot, each.number)
            other = setting.get(place) or (chosen.get(place[0]) if place[0] != one.slot else None)
            if other not in {None, one.id}:
                yield _by_two(programme, one, "coupled", " ".join(place), other or "", at, "number")


def _by_two(programme: Programme, one: DesignVariable, key: str, what: str, other: str, *inner: str | int) -> Problem:
    said = text("'{other}' moves {what} too", other=other, what=what)
    hint = text("let one of them move it: {place}", place=programme.where("design", other))
    return Problem(said, programme.where("design", one.id, key, *inner), hint)

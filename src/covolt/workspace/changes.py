"""Changes: numbers of parts, offers in slots, bounds and prices, read as people write them and held against the programme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, final

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.document import validate
from covolt.errors import CovoltError, InputError, NotFound, Problem, refuse
from covolt.programme.design_space import PRICE
from covolt.programme.documents import Programme
from covolt.programme.movable import declared_number, locked_sheet
from covolt.programme.requirement import Requirement
from covolt.programme.seen import shows_filled, shows_part
from covolt.programme.text import LARGEST
from covolt.suggestion import named
from covolt.words import text

__all__ = [
    "OFFER",
    "Asked",
    "NumberChange",
    "changes_of",
    "fitting_offers",
    "owners_of",
    "still_based",
    "unseen_by_others",
    "with_bound",
    "with_numbers",
]

MOST_CHANGES = 200
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
OFFER = "offer"
"""What stands in place of a number where another offer is to fill a slot."""


class Asked(NamedTuple):
    """What somebody would change, as people write it; `u`, `basis` and `source` of a part's number where he states them."""

    slot: str
    number: str
    value: str
    u: str = ""
    basis: str = ""
    source: str = ""


@final
@dataclass(frozen=True)
class NumberChange:
    """A number as it was written before and as it is to be: of the part in a slot, or without a slot a requirement's bound.

    `price` is that of the part's offer, at every volume by as much; `offer` which offer fills the slot. `u`, `basis` and `source`
    are what its party states beside a part's new number; empty where it states none. `stood` is what stood there of these before.
    """

    slot: str
    number: str
    before: str
    after: str
    u: str = ""
    basis: str = ""
    source: str = ""
    stood: str = ""

    @property
    def kind(self) -> Literal["number", "offer", "bound"]:
        """What it changes."""
        if not self.slot:
            return "bound"
        return "offer" if self.number == OFFER else "number"

    @property
    def address(self) -> str:
        """How it is named: `SLOT/NUMBER`, `SLOT/offer`, or the requirement's id."""
        return f"{self.slot}/{self.number}" if self.slot else self.number

    def plain(self) -> dict[str, str]:
        """As data; what is not stated is left out."""
        beside = {"u": self.u, "basis": self.basis, "source": self.source, "stood": self.stood}
        told = {"slot": self.slot, "number": self.number, "before": self.before, "after": self.after}
        return told | {key: said for key, said in beside.items() if said}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> NumberChange:
        """From such data."""
        stated = (str(plain.get(key, "")) for key in ("u", "basis", "source", "stood"))
        return cls(plain["slot"], plain["number"], plain["before"], plain["after"], *stated)


def changes_of(programme: Programme, wanted: Iterable[tuple[str, str, str] | Asked]) -> list[NumberChange]:
    """Changes `(slot, number, value with its unit)` held against what the reader of a programme sees; what stays is left out.

    Raises:
        InputError: every slot, number, offer and requirement that is not there, what cannot be read, and what never moves.
    """
    found: dict[str, NumberChange] = {}
    missing, wrong = list[Problem](), list[Problem]()
    asked: set[str] = set()
    for one in wanted:
        it = Asked(*one)
        where = f"{it.slot}/{it.number}" if it.slot else it.number
        try:
            change = _change(programme, it)
        except CovoltError as error:
            (missing if isinstance(error, NotFound) else wrong).extend(error.problems)
            continue
        if where in asked:
            wrong.append(Problem(text("it is named twice"), where, text("name it once")))
        asked.add(where)
        if change is not None:
            found[change.address] = change
    replaced = [one.slot for one in found.values() if one.kind == "offer"]
    wrong += [
        Problem(text("another offer fills this slot then"), one.address, text("change one of them"))
        for one in found.values()
        if one.kind == "number" and one.slot in replaced
    ]
    if len(found) > MOST_CHANGES:
        wrong.append(Problem(text("more than {most} numbers", most=MOST_CHANGES), "", text("propose them in parts")))
    refuse({NotFound: missing, InputError: wrong})
    return list(found.values())


def _change(programme: Programme, asked: Asked) -> NumberChange | None:
    """One change; None where nothing changes by it."""
    slot, number, value, *stated = asked
    sheet, where = locked_sheet(programme, slot), f"{slot}/{number}" if slot else number
    known = None if sheet is None else declared_number(sheet, number)
    if any(stated) and known is None:
        what = text("u, basis and source are stated of a number that a part declares alone")
        raise InputError(Problem(what, where, text("leave them out")))
    if not slot:
        return _bound_change(programme, number, value)
    if slot not in programme.slots or sheet is None:
        raise NotFound(Problem(text("no slot '{slot}'", slot=slot), where, named(slot, programme.slots)))
    if number == OFFER:
        return _offer_change(programme, slot, sheet.reference, value.strip())
    if not shows_filled(programme, slot, sheet):
        what = text("{part} is its party's own: its numbers are not shown", part=sheet.reference)
        raise NotFound(Problem(what, where, ""))
    if known is None and number == PRICE and sheet.supply is not None:
        return _price_change(slot, sheet, value)
    if known is None:
        names = [*sheet.declared, *sheet.model.parameters]
        what = text("{part} declares no number '{number}'", part=sheet.reference, number=number)
        raise NotFound(Problem(what, where, named(number, names)))
    declared = _declared(known, asked, where)
    if declared == known:
        return None
    before = str(known.value)
    after = before if declared.value_si == known.value_si else str(declared.value)
    said = str(declared.u) if asked.u else ""
    return NumberChange(slot, number, before, after, said, asked.basis, asked.source, _beside(known))


def _bound_change(programme: Programme, name: str, value: str) -> NumberChange | None:
    one = programme.requirements.get(name)
    if one is None or name in programme.hidden:
        known = programme.requirements.keys() - programme.hidden
        raise NotFound(Problem(text("no requirement '{one}'", one=name), name, named(name, known)))
    if not one.measure:
        raise InputError(Problem(text("a document shows it: it has no bound"), name, ""))
    if one.kind == "law":
        raise InputError(Problem(text("a law does not move"), name, text("change the vehicle")))
    if one.firmness == "fixed" and one.party != programme.reader:
        hint = text("ask {party}, whose it is", party=one.party)
        raise InputError(Problem(text("its owner calls it fixed"), name, hint))
    before = str(one.bound)
    told = _spelled(value, before.partition(" ")[2].strip(), name)
    value_si = _value_si(told, one.bound_si[1], name)
    after = told if isinstance(one.bound, str) else f"{value_si!r}"
    if value_si == one.bound_si[0]:
        return None
    return NumberChange("", name, before, after)


def fitting_offers(programme: Programme, slot: str) -> list[str]:
    """Offers of the kind that a slot takes, of which the reader may see the numbers."""
    contract = programme.contracts.get(programme.slots[slot].contract)
    demanded = None if contract is None else contract.demanded.name
    return [
        name
        for name, one in programme.offers.items()
        if shows_filled(programme, slot, one.datasheet) and demanded in {None, one.interface.name}
    ]


def _offer_change(programme: Programme, slot: str, before: str, after: str) -> NumberChange | None:
    fitting = fitting_offers(programme, slot)
    if after not in fitting:
        what = text("no offer '{offer}' for this slot", offer=after)
        raise NotFound(Problem(what, f"{slot}/{OFFER}", named(after, fitting)))
    return None if after == before else NumberChange(slot, OFFER, before, after)


def _price_change(slot: str, sheet: Datasheet, value: str) -> NumberChange | None:
    before = _price(sheet)
    number, _, currency = value.strip().partition(" ")
    own = before.partition(" ")[2]
    try:
        price = float(_with_point(number, f"{slot}/{PRICE}"))
    except ValueError:
        price = -1.0
    if currency.strip() not in {"", own} or not 0.0 < price <= 1e12:
        what = text("'{value}' is no price", value=value)
        raise InputError(Problem(what, f"{slot}/{PRICE}", text("write it in {currency}", currency=own)))
    after = f"{price:.10g} {own}"
    return None if after == before else NumberChange(slot, PRICE, before, after)


def _price(sheet: Datasheet) -> str:
    """The first price of an offer, with its currency."""
    return "" if sheet.supply is None else f"{float(sheet.supply.price[0].price):.10g} {sheet.supply.currency}"


def _spelled(value: str, own: str, where: str) -> str:
    """A value as it is written in files; without a unit it has the one that stood there."""
    told = value.strip().replace("\N{MINUS SIGN}", "-")
    if own and not any(sign.isalpha() or sign in "%°" for sign in told.lower().replace("e", "")):
        told = f"{_with_point(told, where)} {own}"
    return told


def _with_point(number: str, where: str) -> str:
    """A number with a decimal point in place of a comma, where that cannot be one between thousands."""
    if GROUPED.fullmatch(number):
        what = text("'{number}' may be read as thousands and as a fraction", number=number)
        raise InputError(Problem(what, where, text("write it without the comma, or with a decimal point")))
    return number.replace(",", ".")


def _value_si(told: str, si_unit: str, where: str) -> float:
    value_si = units.parse(told, si_unit, where)
    if abs(value_si) > LARGEST:
        what = text("'{value}' is no number of a vehicle", value=told)
        raise InputError(Problem(what, where, text("check its unit")))
    return value_si


def _declared(known: Declared, asked: Asked, where: str) -> Declared:
    """A number with another value, in the unit that is written or, where none is, in that of the number before.

    Where the value moves, a source and a paper of the one before say nothing of it; nor was it measured, unless that is stated.
    """
    own = str(known.value).partition(" ")[2].strip()
    told, si_unit = _spelled(asked.value, own, where), known.si_unit
    value_si = _value_si(told, si_unit, where)
    stated: dict[str, Any] = known.model_dump(exclude_none=True)
    if value_si != known.value_si:
        stated["value"] = value_si if si_unit == "1" and not own else told
        stated["basis"] = "estimate" if known.basis == "measured" else known.basis
        stated |= {"source": "", "evidence": ""}
    if asked.u:
        spelled = _spelled(asked.u, own, where)
        stated["u"] = units.parse_difference(spelled, si_unit, where) if si_unit == "1" and not own else spelled
    stated |= {key: said for key, said in (("basis", asked.basis), ("source", asked.source)) if said}
    return validate(stated, Declared, where)


def with_numbers(sheet: Datasheet, changes: Sequence[NumberChange]) -> Datasheet:
    """A datasheet with its numbers and its price changed."""
    declared, parameters = dict(sheet.declared), dict(sheet.model.parameters)
    update: dict[str, object] = {}
    for one in changes:
        if declared_number(sheet, one.number) is None and sheet.supply is not None:
            by = float(one.after.partition(" ")[0]) - float(sheet.supply.price[0].price)
            points = tuple(each.model_copy(update={"price": float(each.price) + by}) for each in sheet.supply.price)
            update["supply"] = sheet.supply.model_copy(update={"price": points})
            continue
        place = declared if one.number in declared else parameters
        asked = Asked(one.slot, one.number, one.after, one.u, one.basis, one.source)
        place[one.number] = _declared(place[one.number], asked, one.address)
    update["declared"] = declared
    update["model"] = sheet.model.model_copy(update={"parameters": parameters})
    return sheet.model_copy(update=update)


def with_bound(one: Requirement, change: NumberChange) -> Requirement:
    """A requirement with another bound."""
    side = "at_least" if one.at_least is not None else "at_most"
    after: str | float = change.after if isinstance(one.bound, str) else float(change.after)
    return one.model_copy(update={side: after})


def _now(programme: Programme, one: NumberChange) -> str:
    """What is written now of what a change changes; empty where that is gone, or has become what never moves."""
    if one.kind == "bound":
        stated = programme.requirements.get(one.number)
        return "" if stated is None or stated.kind == "law" or not stated.measure else str(stated.bound)
    sheet = locked_sheet(programme, one.slot)
    if sheet is None:
        return ""
    if one.kind == "offer":
        return sheet.reference
    known = declared_number(sheet, one.number)
    if known is None:
        return _price(sheet) if one.number == PRICE else ""
    return str(known.value)


def _beside(known: Declared) -> str:
    """What a party states beside a number."""
    return ", ".join(said for said in ("" if known.u is None else f"u = {known.u}", known.basis, known.source) if said)


def _beside_now(programme: Programme, one: NumberChange) -> str:
    sheet = locked_sheet(programme, one.slot)
    known = None if sheet is None else declared_number(sheet, one.number)
    return "" if known is None else _beside(known)


def still_based(programme: Programme, changes: Sequence[NumberChange]) -> list[Problem]:
    """What somebody else has changed since a proposal was made, each with what it is now."""
    found: list[Problem] = []
    for one in changes:
        now = _now(programme, one)
        if now != one.before:
            what = text(
                "it was {before} when this was proposed, and is {now} now", before=one.before, now=now or text("gone")
            )
            hint = text("propose it anew from {now}", now=now) if now else text("look at the part that is locked now")
            found.append(Problem(what, one.address, hint))
        elif one.stood and (beside := _beside_now(programme, one)) != one.stood:
            what = text(
                "beside it stood {before} when this was proposed, and {now} stands there now",
                before=one.stood,
                now=beside,
            )
            found.append(Problem(what, one.address, text("propose it anew from {now}", now=now)))
    return found


def owners_of(programme: Programme, changes: Sequence[NumberChange]) -> list[str]:
    """Parties whose parts, slots, offers and requirements the changes are of."""
    found = set[str]()
    for one in changes:
        if one.kind == "bound":
            stated = programme.requirements.get(one.number)
            found |= {stated.party} if stated is not None else set()
            continue
        offered = programme.offers.get(one.after) if one.kind == "offer" else None
        sheet = locked_sheet(programme, one.slot) if offered is None else offered.datasheet
        found |= {sheet.party} if sheet is not None else set()
        found |= {programme.slots[one.slot].owner} if one.slot in programme.slots else set()
    return sorted(found)


def unseen_by_others(programme: Programme, changes: Sequence[NumberChange]) -> list[Problem]:
    """Changes of what a party keeps as its own: they can be tried, and not be proposed, since every party reads a proposal."""
    nobody = programme.seen_by(None)
    found: list[Problem] = []
    for one in changes:
        if one.kind == "bound":
            hidden = one.number in nobody.hidden
        else:
            sheet = locked_sheet(programme, one.slot)
            hidden = sheet is not None and not shows_part(sheet, None)
        if hidden:
            what = text("what only its party reads is not proposed: everybody would read it")
            found.append(Problem(what, one.address, text("write it in your own repository")))
    return found

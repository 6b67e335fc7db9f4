"""What is asked of money that neither offers nor tables can answer: a volume above a capacity, a missing rate or scheme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.rates import Rates, converted
from covolt.programme.requirement import Requirement
from covolt.programme.state_money import StateMoney
from covolt.programme.supplied import supplied
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.state_money import FEES
from covolt.study.procedures.supply import COVERED, CURRENCIES, LEAD_TIME
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.verification import given_of
from covolt.suggestion import named
from covolt.words import message, text

__all__ = ["money_problems"]

NO_PRICE = {COVERED.id, LEAD_TIME.id, *FEES}
"""Measures in which no price of a part is, and those that answer for a volume above a capacity too."""


def money_problems(programme: Programme) -> list[Problem]:
    """Prices asked for a volume that the offers in the lock cannot deliver, and currencies whose rates end before the day."""
    found = [*_currency(programme), *_schemes(programme)]
    if not _joins(programme):
        return found
    sheets = locked_sheets(programme)
    for one in programme.requirements.values():
        given = given_of(one, programme)
        if one.measure not in NO_PRICE and given.yearly_vehicle_count is not None:
            found += _above(programme, one, given, sheets)
            found += _rates(programme, one, given, sheets)
    return found


def _currency(programme: Programme) -> Iterator[Problem]:
    """A currency of the charter that is none of covolt's own and of which no table has a rate."""
    rows = [row for table in terms_of(programme).of(Rates) for row in table.rate]
    known = sorted({*CURRENCIES, *(one.currency for one in rows), *(one.per for one in rows)})
    wanted = programme.charter.currency
    if wanted not in known and not programme.tables_unread:
        hint = text("one of: {names}; or write its rates in a table of rates", names=", ".join(known))
        what = text("no rate of {currency} is known", currency=wanted)
        yield Problem(what, programme.where("programme", "", "currency"), hint)


def _schemes(programme: Programme) -> Iterator[Problem]:
    """Schemes of origin and their uses that are the condition of a row and that nobody knows."""
    terms = terms_of(programme)
    for name, table in programme.tables.items():
        for at, row in enumerate(table.row if isinstance(table, StateMoney) else ()):
            asked, _, use = (row.scheme or "").partition("/")
            uses = {one.id: one.uses for one in terms.of(OriginScheme)}
            if row.scheme is not None and asked not in programme.unread and use not in uses.get(asked, ()):
                known = [f"{scheme}/{one}" for scheme, every in uses.items() for one in every]
                what = text("no scheme of origin has the use '{use}'", use=row.scheme)
                yield Problem(what, programme.where("table", name, "row", at, "scheme"), named(row.scheme, known))


def _joins(programme: Programme) -> bool:
    """Whether every slot of the lock, its contract and its offer could be read; where one could not, that is told already."""
    pins = programme.lock.slots if programme.lock else {}
    slots, contracts = programme.slots, programme.contracts
    whole = (
        slot in slots and slots[slot].contract in contracts and pin.offer in programme.offers
        for slot, pin in pins.items()
    )
    return bool(pins) and all(whole)


def _above(programme: Programme, one: Requirement, given: Given, sheets: Mapping[str, Datasheet]) -> Iterator[Problem]:
    volume = given.yearly_vehicle_count or 0
    for part in supplied(sheets, given.day or ""):
        if part.vehicles is not None and part.vehicles < volume:
            count = len(part.slots)
            parts = text("one part") if count == 1 else text("{number} parts", number=count)
            what = text(
                "a price for {volume} vehicles a year, and {offer} delivers {capacity} parts, {parts} a vehicle",
                volume=volume,
                offer=part.offer,
                capacity=part.capacity or 0,
                parts=parts,
            )
            hint = text(
                "ask for at most {vehicles} vehicles a year, or choose another offer", vehicles=int(part.vehicles)
            )
            yield Problem(what, programme.where("requirement", one.id, "conditions", "yearly_volume"), hint)


def _rates(programme: Programme, one: Requirement, given: Given, sheets: Mapping[str, Datasheet]) -> Iterator[Problem]:
    """Pairs of which the tables have a rate, but none on the day; a pair of which they have none leaves the sum open."""
    tables, day = terms_of(programme).of(Rates), given.day
    wanted = CURRENCIES[1] if one.measure.endswith(f"_{CURRENCIES[1].lower()}") else CURRENCIES[0]
    if day is None:
        return
    for currency in sorted({sheet.supply.currency for sheet in sheets.values() if sheet.supply is not None}):
        pair = {currency, wanted}
        known = [row for table in tables for row in table.rate if {row.currency, row.per} == pair]
        if known and converted(Fraction(1), currency, wanted, day, tables) is None:
            begun = [row for row in known if row.valid_from <= day]
            stated = {"currency": currency, "wanted": wanted, "day": day}
            if begun:
                last = max(begun, key=lambda row: row.valid_from)
                stated["last"] = last.valid_until or last.valid_from
                what = message("no rate of {currency}/{wanted} on {day}, and the last ended on {last}", stated)
            else:
                stated["first"] = min(row.valid_from for row in known)
                what = message("no rate of {currency}/{wanted} on {day}, and the first holds from {first} on", stated)
            hint = text("write the rate of that day in a table of rates, or state it as assumed")
            yield Problem(what, programme.where("requirement", one.id, "conditions", "date"), hint)

"""Supply: what the parts of a vehicle cost at a yearly volume, how much of it can be had, and which part runs short first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from covolt import units
from covolt.library.subject import Subject
from covolt.programme.part_price import part_price, price_uncertainty
from covolt.programme.rates import Rates, converted
from covolt.programme.supplied import holds_on, supplied
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.words import Phrase, joined, text

__all__ = ["CURRENCIES", "PRICE", "PROCEDURES", "PartsPrice", "by_currency", "parts_price"]

CURRENCIES = ("RUB", "BYN")
"""Currencies in which sums of money are stated, each by the rate of the day."""


def by_currency(identifier: str, title: Phrase, prefix: str = "k", least_si: float | None = None) -> dict[str, Measure]:
    """A sum of money in each currency: roubles under its name, another one under its name and the currency."""
    return {
        one: Measure(
            identifier if one == "RUB" else f"{identifier}_{one.lower()}",
            title if one == "RUB" else text("{title}, {currency}", title=title, currency=one),
            f"{prefix}{one}",
            least_si,
        )
        for one in CURRENCIES
    }


PRICE = by_currency("price", text("Price of the parts"))
COVERED = Measure("covered", text("Supply covered"), "%", 0.0)
LEAD_TIME = Measure("lead_time", text("Longest lead time"), "d")


@dataclass(frozen=True)
class PartsPrice:
    """Price of every part in one currency, or why it has none; their sum from what is sure on, and its u by offer.

    A part of one offer in two slots varies as one: its u adds up; offers are independent of each other.
    """

    parts: Mapping[str, Fraction | Phrase]
    offers: Mapping[str, str]
    uncertainty: Mapping[str, float]

    @property
    def known(self) -> Fraction:
        """Sum of the parts that have a price."""
        return sum((one for one in self.parts.values() if isinstance(one, Fraction)), Fraction(0))

    @property
    def open(self) -> tuple[Phrase, ...]:
        """Why other parts have none."""
        return tuple(
            text("{offer}: {why}", offer=self.offers[slot], why=one)
            for slot, one in self.parts.items()
            if isinstance(one, Phrase)
        )


def parts_price(subject: Subject, given: Given, currency: str) -> PartsPrice:
    """Prices of the parts at the yearly volume and on the day that are given, in a currency."""
    day, volume, rates = given.day or "", given.yearly_vehicle_count, subject.terms.of(Rates)
    prices = {
        slot: part_price(sheet.supply, volume, currency, day, rates) for slot, sheet in sorted(subject.sheets.items())
    }
    first: dict[str, str] = {}
    unsure: dict[str, float] = {}
    for slot, sheet in sorted(subject.sheets.items()):
        supply = sheet.supply
        if supply is None or volume is None or not isinstance(prices[slot], Fraction):
            continue
        rate = converted(Fraction(1), supply.currency, currency, day, rates)
        own = first.setdefault(sheet.reference, slot)
        unsure[own] = unsure.get(own, 0.0) + price_uncertainty(supply, volume) * float(rate or 0)
    offers = {slot: sheet.reference for slot, sheet in subject.sheets.items()}
    return PartsPrice(prices, offers, {slot: one for slot, one in unsure.items() if one > 0.0})


def unpriced(subject: Subject, given: Given, currency: str) -> Phrase | None:
    """Why a price that an offer states does not count here: an estimate never takes the place of a price."""
    if not given.day or not given.yearly_vehicle_count:
        return None
    found, sheets = parts_price(subject, given, currency), subject.sheets
    why = [
        text("{offer}: {why}", offer=found.offers[slot], why=one)
        for slot, one in found.parts.items()
        if isinstance(one, Phrase) and (supply := sheets[slot].supply) is not None and supply.price
    ]
    return joined(why) if why else None


def supply(subject: Subject, given: Given, note: Recorder) -> None:
    """Price at a volume, share of the volume that the capacities cover, and the longest lead time.

    price   = sum over parts of p_i(n)
    covered = min over parts of capacity_i / (n * slots that the part fills)
    """
    note.line("vehicles a year", float(given.yearly_vehicle_count or 0), "1", "n")
    for currency in CURRENCIES:
        note.section()
        _price(note, parts_price(subject, given, currency), currency, parts=currency == subject.terms.currency)
    note.section()
    _covered(subject, given, note)
    note.section()
    _lead_time(subject, given, note)


def _price(note: Recorder, found: PartsPrice, currency: str, *, parts: bool) -> None:
    """The sum in a currency; price and u of each part in that of the programme alone."""
    for slot, one in found.parts.items() if parts else ():
        if isinstance(one, Fraction):
            note.line(text("{offer}: price", offer=found.offers[slot]), float(one), currency, "p")
    for slot, u in found.uncertainty.items() if parts else ():
        note.line(text("{offer}: standard uncertainty", offer=found.offers[slot]), u, currency, "u")
    measure = PRICE[currency]
    if found.open:
        note.open(measure, float(found.known), None, joined(found.open))
    else:
        note.result(measure, note.line("price of the parts", float(found.known), currency, "p"))
    note.unsure(measure, found.uncertainty)


def _covered(subject: Subject, given: Given, note: Recorder) -> None:
    volume = given.yearly_vehicle_count or 1
    parts = supplied(subject.sheets, given.day or "")
    known = [(one, one.vehicles / volume) for one in parts if one.vehicles is not None]
    for one, covered in known:
        called = text("{offer}, {number} in each vehicle: capacity a year", offer=one.offer, number=len(one.slots))
        note.line(called, float(one.capacity or 0), "1")
        note.line(text("{offer}: share of the volume", offer=one.offer), float(covered), "%")
    if known:
        first, covered = known[0]
        said = text("first bottleneck, {offer}: vehicles a year", offer=first.offer)
        note.line(said, float(first.vehicles or 0), "1")
    why = [text("{offer}: {why}", offer=one.offer, why=one.why) for one in parts if one.why is not None]
    if why:
        note.open(COVERED, 0.0, float(known[0][1]) if known else None, joined(why))
    elif known:
        note.result(COVERED, float(known[0][1]))


def _lead_time(subject: Subject, given: Given, note: Recorder) -> None:
    known: list[float] = []
    why: list[Phrase] = []
    for _, sheet in sorted(subject.sheets.items()):
        stated = sheet.supply
        if stated is None or stated.lead_time is None:
            why.append(text("{offer}: no lead time is stated", offer=sheet.reference))
        elif not holds_on(stated, given.day or ""):
            why.append(text("{offer}: the offer does not hold on {day}", offer=sheet.reference, day=given.day or ""))
        else:
            known.append(units.parse(stated.lead_time, "s"))
            note.line(text("{offer}: lead time", offer=sheet.reference), known[-1], "d")
    longest = max(known, default=0.0)
    if why:
        note.open(LEAD_TIME, longest, None, joined(dict.fromkeys(why)))
    else:
        note.result(LEAD_TIME, longest)


_ALL = ("M1", "N1", "M2", "M3", "N2", "N3")
PROCEDURES = (
    Procedure(
        id="supply",
        title=text("Price and supply of the parts"),
        regulation="covolt",
        measures=(*PRICE.values(), COVERED, LEAD_TIME),
        validation_level=0,
        recipe=supply,
        conditions=("market", "day", "yearly_vehicle_count"),
        needed={
            "day": (_ALL, 'name the day by whose prices and rates it is counted, such as date = "2027-01-01"'),
            "yearly_vehicle_count": (_ALL, "name the vehicles made in a year, such as yearly_volume = 5000"),
        },
        reads_terms=True,
    ),
)

"""What offers say of money, supply and origin: of one as it states it, of the rivals of a slot side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from covolt.contract.datasheet import Datasheet
from covolt.contract.terms import Operation, Supply
from covolt.digits import EVERYDAY, number_text
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.part_price import part_price, price_uncertainty
from covolt.programme.rates import Rates, converted
from covolt.study.report.conditions import quantity_said
from covolt.study.verdicts.verification import given_of
from covolt.words import Phrase, Words, in_each, joined, text

__all__ = ["Term", "term_rows", "terms_of_offer"]

SURE_DIGITS = 6
"""Of a price in another currency; what an offer states stands as it states it."""


@dataclass(frozen=True)
class Term:
    """One term of an offer as others read it."""

    name: Phrase
    value: Phrase
    u: Phrase = field(default_factory=Words)
    source: str = ""


def terms_of_offer(sheet: Datasheet) -> Iterator[Term]:
    """Price curve, capacity, validity and lead time, value by country and operations, in the offer's own currency."""
    supply, origin = sheet.supply, sheet.origin
    if supply is not None:
        for one in supply.price:
            u = Words() if one.u is None else _number(one.u)
            name = text("price of a part at {count} vehicles a year", count=one.yearly_volume)
            yield Term(name, _money(one.price, supply.currency), u, supply.source)
        yield Term(text("capacity a year"), _capacity(supply))
        yield Term(text("the terms hold"), _validity(supply))
        yield Term(text("lead time"), _lead_time(supply))
    else:
        yield Term(text("price and supply"), text("not stated"))
    if origin is None or not (origin.value or origin.operations):
        yield Term(text("origin"), text("not stated"))
        return
    said = "; ".join(filter(None, (origin.source, origin.evidence)))
    for share in origin.value:
        yield Term(text("share of value made in {country}", country=share.country), _percent(share.share), source=said)
    for done in origin.operations:
        yield Term(text("operation: {operation}", operation=done.id), _where(done), source=done.evidence)


def term_rows(programme: Programme, sheets: Sequence[Datasheet]) -> list[tuple[Phrase, list[Phrase]]]:
    """Price at each volume that a requirement asks of, in the programme's currency, and all else that offers state of terms."""
    none = text("not stated")
    currency, rates = programme.charter.currency, terms_of(programme).of(Rates)
    rows: list[tuple[Phrase, list[Phrase]]] = [
        (
            text("price at {count} vehicles a year on {day}, {currency}", count=volume, day=day, currency=currency),
            [_price(one.supply, volume, currency, day, rates) for one in sheets],
        )
        for volume, day in _asked(programme)
    ]
    stated = [one.supply for one in sheets]
    rows += [
        (text("price by vehicles a year"), [none if one is None else _curve(one) for one in stated]),
        (text("capacity a year"), [none if one is None else _capacity(one) for one in stated]),
        (text("the terms hold"), [none if one is None else _validity(one) for one in stated]),
        (text("lead time"), [none if one is None else _lead_time(one) for one in stated]),
        (text("share of value by country"), [_value(one) for one in sheets]),
    ]
    done = [_operations(one) for one in sheets]
    every = dict.fromkeys(name for each in done if each for name in each)
    rows += [
        (
            text("operation: {operation}", operation=name),
            [none if each is None else each.get(name, Words("\N{EM DASH}")) for each in done],
        )
        for name in every
    ]
    charged = [joined([row.said for row in one.charging], "; ") if one.charging else none for one in sheets]
    if any(one.charging for one in sheets):
        rows.append((text("charging"), charged))
    return rows


def _operations(sheet: Datasheet) -> dict[str, Phrase] | None:
    """Where each operation is done, and to which extent; None where no origin is stated."""
    if sheet.origin is None or not (sheet.origin.value or sheet.origin.operations):
        return None
    found: dict[str, Phrase] = {}
    for one in sheet.origin.operations:
        where = _where(one)
        found[one.id] = joined((found[one.id], where)) if one.id in found else where
    return found


def _where(done: Operation) -> Phrase:
    extent = () if done.extent is None else (_percent(done.extent),)
    return joined((done.country, *extent), ", ")


def _asked(programme: Programme) -> list[tuple[int, str]]:
    """Volumes and days for which requirements ask that everybody may read."""
    seen = programme.seen_by(None)
    found = set[tuple[int, str]]()
    start = seen.charter.start_of_series
    for one in seen.requirements.values():
        given = given_of(one, seen)
        if one.id not in seen.hidden and given.yearly_vehicle_count is not None:
            found.add((given.yearly_vehicle_count, given.day or (str(start) if start else seen.day)))
    return sorted(found)


def _price(supply: Supply | None, volume: int, currency: str, day: str, rates: Sequence[Rates]) -> Phrase:
    price = part_price(supply, volume, currency, day, rates)
    if isinstance(price, Phrase) or supply is None:
        return price if isinstance(price, Phrase) else text("not stated")
    rate = converted(Fraction(1), supply.currency, currency, day, rates) or Fraction(0)
    u = price_uncertainty(supply, volume) * float(rate)
    said = _number(_rounded(float(price), SURE_DIGITS))
    return text("{price} ± {u}", price=said, u=_number(_rounded(2.0 * u, 2))) if u else said


def _curve(supply: Supply) -> Phrase:
    points = [text("{count}: {price}", count=one.yearly_volume, price=_number(one.price)) for one in supply.price]
    return joined((joined(points, "; "), supply.currency), " ")


def _capacity(supply: Supply) -> Phrase:
    stated = supply.capacity_per_year
    return text("not stated") if stated is None else _number(stated)


def _lead_time(supply: Supply) -> Phrase:
    return text("not stated") if supply.lead_time is None else quantity_said(supply.lead_time)


def _validity(supply: Supply) -> Phrase:
    if supply.valid_until is None:
        return text("from {day}", day=supply.valid_from)
    return text("from {day} to {last}", day=supply.valid_from, last=supply.valid_until)


def _value(sheet: Datasheet) -> Phrase:
    value = sheet.origin.value if sheet.origin else ()
    return (
        joined([joined((one.country, _percent(one.share)), " ") for one in value], ", ")
        if value
        else text("not stated")
    )


def _money(value: float, currency: str) -> Phrase:
    return joined((_number(value), currency), " ")


def _percent(value: float) -> Phrase:
    return joined((_number(100.0 * value), "%"), "\N{NO-BREAK SPACE}")


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _number(value: float) -> Phrase:
    # Prices of buses are past where `number_text` writes powers of ten.
    if value >= EVERYDAY[1]:
        return Words(f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}"))
    return in_each(lambda language: number_text(value, 12, language))

"""The price of a part at a volume, on a day, in a currency: exact in the numbers as written, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from math import hypot, log

from covolt.contract.terms import PricePoint, Supply
from covolt.programme.origin_scheme import exact
from covolt.programme.rates import Rates, converted
from covolt.words import Phrase, text

__all__ = ["part_price", "price_uncertainty"]


def part_price(
    supply: Supply | None, yearly_volume: int | None, currency: str, day: str, rates: Iterable[Rates]
) -> Fraction | Phrase:
    """Price of one part without tax; between two points of its curve p = p_1 + (p_2 - p_1) ln(n / n_1) / ln(n_2 / n_1).

    Beyond the ends of the curve there is none.
    """
    if supply is None:
        return text("no price is stated")
    if day < supply.valid_from or (supply.valid_until is not None and day > supply.valid_until):
        return text("its price does not hold on {day}", day=day)
    price = _at(supply, yearly_volume)
    if isinstance(price, Phrase):
        return price
    found = converted(price, supply.currency, currency, day, rates)
    if found is None:
        return text("no rate of {pair} on {day}", pair=f"{supply.currency}/{currency}", day=day)
    return found


def price_uncertainty(supply: Supply, yearly_volume: int) -> float:
    """Standard uncertainty of the same price in the currency of the offer; the points of a curve are independent.

    u^2 = ((1 - w) u_1)^2 + (w u_2)^2, w the share of the way from the first point to the second
    """
    for one in supply.price:
        if one.yearly_volume == yearly_volume:
            return float(one.u or 0.0)
    for first, second in pairwise(supply.price):
        if first.yearly_volume < yearly_volume < second.yearly_volume:
            share = _way(first, second, yearly_volume)
            return hypot((1.0 - share) * (first.u or 0.0), share * (second.u or 0.0))
    return 0.0


def _way(first: PricePoint, second: PricePoint, yearly_volume: int) -> float:
    return log(yearly_volume / first.yearly_volume) / log(second.yearly_volume / first.yearly_volume)


def _at(supply: Supply, yearly_volume: int | None) -> Fraction | Phrase:
    if yearly_volume is None:
        return text("no yearly volume is asked for")
    for one in supply.price:
        if one.yearly_volume == yearly_volume:
            return exact(one.price)
    for first, second in pairwise(supply.price):
        if first.yearly_volume < yearly_volume < second.yearly_volume:
            way = Fraction(_way(first, second, yearly_volume))
            return exact(first.price) + (exact(second.price) - exact(first.price)) * way
    return text("no price is stated for {count} vehicles a year", count=yearly_volume)

"""Share of value by country: the prices of a vehicle's parts weigh where each was made, exactly, and what of it is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from covolt.contract.datasheet import Datasheet
from covolt.programme.origin_scheme import OriginScheme, exact
from covolt.words import Phrase, text

__all__ = ["PartShare", "Share", "by_country", "price_effects", "services_of", "share_of"]

NONE, ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class PartShare:
    """Of one part its price, None where there is none, and which share of it counts: from what is sure to what may be."""

    slot: str
    offer: str
    price: Fraction | None
    low: Fraction
    high: Fraction
    why: tuple[Phrase, ...]


@dataclass(frozen=True)
class Share:
    """The share of the whole vehicle, from what is sure to what may be, of which parts, and what is open."""

    low: Fraction
    high: Fraction
    parts: tuple[PartShare, ...]
    open: tuple[Phrase, ...]


def share_of(scheme: OriginScheme, sheets: Mapping[str, Datasheet], prices: Mapping[str, Fraction | Phrase]) -> Share:
    """S = sum of p_i s_i / sum of p_i over the parts; a part without a price may weigh anything from nothing to all.

    Then S lies between the least and the greatest of the mean of those with a price and the shares of those without.
    """
    parts = [_part(scheme, slot, sheet, prices[slot]) for slot, sheet in sorted(sheets.items())]
    weighed = [(one.price, one) for one in parts if one.price is not None]
    whole = sum((price for price, _ in weighed), NONE)
    ends = [(one.low, one.high) for one in parts if one.price is None]
    if whole:
        least = sum((price * one.low for price, one in weighed), NONE) / whole
        ends.append((least, sum((price * one.high for price, one in weighed), NONE) / whole))
    of_whom: dict[Phrase, list[str]] = {}
    for one in parts:
        for why in one.why:
            of_whom.setdefault(why, []).append(one.offer)
    said = [text("{why}: {offers}", why=why, offers=", ".join(offers)) for why, offers in of_whom.items()]
    if not ends:
        return Share(NONE, ALL, (), (text("no part is chosen"),))
    low, high = min(one for one, _ in ends), max(one for _, one in ends)
    return Share(low, high, tuple(parts), tuple(said) if high > low else ())


def price_effects(share: Share, uncertainty: Mapping[str, float]) -> dict[str, float]:
    """What the uncertain price of each offer does to the share, u_i (s_i - S) / sum of p; none where a part has no price.

    `uncertainty` is that of the offer in a slot, over all slots that it fills; of an open share the end that moves more counts.
    """
    prices = [one.price for one in share.parts if one.price is not None]
    if len(prices) < len(share.parts) or not prices:
        return {}
    whole, by_slot = float(sum(prices, NONE)), {one.slot: one for one in share.parts}
    found: dict[str, float] = {}
    for slot, u in uncertainty.items():
        one = by_slot[slot]
        effects = (float(low - mean) * u / whole for low, mean in ((one.low, share.low), (one.high, share.high)))
        found[slot] = max(effects, key=abs)
    return found


def services_of(scheme: OriginScheme, sheets: Mapping[str, Datasheet], day: str) -> Share:
    """The greatest extent to which an offer states an operation that the scheme lists; open where none states it."""
    listed = {one.id for one in scheme.operations_on(day)}
    parts = [
        PartShare(slot, sheet.reference, None, exact(one.extent), exact(one.extent), ())
        for slot, sheet in sorted(sheets.items())
        for one in (sheet.origin.operations if sheet.origin else ())
        if one.id in listed and one.extent is not None
    ]
    if not parts:
        return Share(NONE, ALL, (), (text("no offer states: {names}", names=", ".join(sorted(listed))),))
    most = max(one.low for one in parts)
    return Share(most, most, tuple(parts), ())


def by_country(sheets: Mapping[str, Datasheet], prices: Mapping[str, Fraction | Phrase]) -> dict[str, Fraction]:
    """Share of the value of all parts with a price that each country is stated to have; what is not stated is nobody's."""
    weighed = [(price, sheet) for slot, sheet in sheets.items() if isinstance(price := prices[slot], Fraction)]
    whole = sum((price for price, _ in weighed), NONE)
    found: dict[str, Fraction] = {}
    for price, sheet in weighed:
        for one in sheet.origin.value if sheet.origin else ():
            found[one.country] = found.get(one.country, NONE) + price * exact(one.share) / whole
    return dict(sorted(found.items()))


def _part(scheme: OriginScheme, slot: str, sheet: Datasheet, price: Fraction | Phrase) -> PartShare:
    why = [] if isinstance(price, Fraction) else [price]
    value = sheet.origin.value if sheet.origin else ()
    if not value:
        why.append(text("it does not state where its value was made"))
        low, high = NONE, ALL
    else:
        stated = {one.country: exact(one.share) for one in value}
        low = _in(scheme.countries, stated)
        high = low + _in(scheme.countries_on_terms, stated)
    if high > low and value and scheme.terms is not None:
        why.append(scheme.terms.words)
    return PartShare(slot, sheet.reference, price if isinstance(price, Fraction) else None, low, high, tuple(why))


def _in(countries: Collection[str], stated: Mapping[str, Fraction]) -> Fraction:
    return sum((share for country, share in stated.items() if country in countries), NONE)

"""What a kilowatt-hour costs where a vehicle is charged: at home, in public or at a depot, by the tables of a programme."""

from __future__ import annotations

from fractions import Fraction

from covolt.library.subject import Subject
from covolt.programme.energy_prices import EnergyPrices, Place
from covolt.programme.origin_scheme import exact
from covolt.programme.rates import Rates, converted
from covolt.study.procedures.protocol import Given
from covolt.words import Phrase, text

__all__ = ["charging_prices", "price_of"]


def price_of(
    subject: Subject, given: Given, place: Place, currency: str, carrier: str = "electricity"
) -> Fraction | Phrase:
    """Mean of the prices of a place in the market on the day, or why there is none."""
    market, day = given.market or "", given.day or ""
    rates = subject.terms.of(Rates)
    found: list[Fraction] = []
    for one in (row for table in subject.terms.of(EnergyPrices) for row in table.on(market, carrier, place, day)):
        price = converted(exact(one.price or 0), one.currency, currency, day, rates)
        if price is None:
            return text("no rate of {pair} on {day}", pair=f"{one.currency}/{currency}", day=day)
        found.append(price)
    if not found:
        return text(
            "no price of {carrier} is known in {market} on {day}, {place}",
            carrier=_CARRIERS[carrier],
            market=market,
            day=day,
            place=_PLACES[place],
        )
    return sum(found, Fraction(0)) / len(found)


def charging_prices(subject: Subject, given: Given, currency: str) -> dict[str, float] | Phrase:
    """Price of a kWh by how it is charged: by the share that the programme assumes, else all at home and all in public apart."""
    home, public = (price_of(subject, given, place, currency) for place in ("household", "public"))
    if isinstance(home, Phrase):
        return home
    if isinstance(public, Phrase):
        return public
    shares = [exact(one.public_share) for one in subject.terms.of(EnergyPrices) if one.public_share is not None]
    if shares:
        share = shares[-1]
        return {f"{float(100 * share):g} % charged in public": float(share * public + (1 - share) * home)}
    return {"charged at home": float(home), "charged in public": float(public)}


_PLACES: dict[Place, Phrase] = {
    "household": text("at home"),
    "public": text("in public"),
    "depot": text("at a depot"),
    "pump": text("at a pump"),
}
_CARRIERS = {
    "electricity": text("electricity"),
    "petrol-95": text("petrol"),
    "diesel": text("diesel"),
    "gas": text("gas", context="fuel"),
}

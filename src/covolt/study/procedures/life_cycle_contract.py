"""A life-cycle contract of a bus: price, energy, upkeep and batteries over its years, discounted, and what of it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from covolt.library.subject import Subject
from covolt.programme.energy_prices import LifeCycle
from covolt.programme.rates import Rates, converted
from covolt.study.lifetime.ageing import laws_of, years_until
from covolt.study.lifetime.economy import economy
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.durability import LivedYear, ageing_remarks, frost_of, lived_year
from covolt.study.procedures.energy_cost import price_of
from covolt.study.procedures.heating_fuel import CARRIERS, PER_DISTANCE, heater_of
from covolt.study.procedures.months_driven import note_fuel_of_year, note_mains, place_named, place_of, year_driven
from covolt.study.procedures.ownership import discounted_years
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.supply import by_currency, parts_price
from covolt.words import Phrase, joined, text

__all__ = ["PROCEDURES", "replacements"]

kWh_J = 3.6e6
COST = by_currency("cost", text("Cost of the life-cycle contract"))
PRICE = by_currency("price", text("Price of the vehicle"))
CONSUMPTION = Measure("consumption", text("Consumption from the mains"), "kWh/km")
BATTERIES = Measure("batteries", text("Batteries replaced"), "1", 0.0)
BATTERY_LIFE = Measure("battery_life", text("Life of the battery in years"), "1", 0.0)
LONGEST_YEARS = 50
"""Ageing is followed no further."""


def replacements(year_count: int, life_year_count: float) -> list[float]:
    """When the battery is replaced: every time that it has lived, as long as the contract still runs then."""
    last = int(year_count / life_year_count)
    return [life_year_count * count for count in range(1, last + 1) if life_year_count * count < year_count]


def life_cycle_contract(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """What the operator pays over the years of the contract.

    cost = price + sum over years of (energy + fuel of heating + upkeep) / (1 + d)^y + sum over replacements of battery / (1 + d)^t

    The battery is replaced as the contract states, or as it ages by each law of its cells: the band of UN GTR 22.
    """
    year = yield from year_driven(subject, given, note, given.cycle or "sort-2", place_named(given, note))
    if isinstance(year, Phrase):
        note.miss_all(year)
        return
    mains = note_mains(note, subject, year.mean.cells_J_per_m)
    note.result(CONSUMPTION, mains)
    fuel = note_fuel_of_year(note, subject, year)
    found = [one for one in subject.terms.of(LifeCycle) if subject.category in one.categories]
    premises = found[-1] if found else None
    if premises is not None:
        note.remark(text("{title}. Source: {source}", title=premises.title.words, source=premises.source))
    yearly_m = note.line("distance a year", given.yearly_distance_m or 0.0, "km")
    years = 15 if premises is None else premises.years
    note.line("years of the contract", float(years), "1", "N")
    lived = lived_year(subject, given, year)
    lives = _lives(subject, given, note, premises, lived)
    when: dict[str, list[float]] | Phrase
    if isinstance(lives, Phrase):
        when = lives
        note.open(BATTERY_LIFE, 0.0, None, lives)
        note.open(BATTERIES, 0.0, None, lives)
    else:
        when = {law: replacements(years, life) for law, life in lives.items()}
        _worst(note, BATTERY_LIFE, lives, min)
        _worst(note, BATTERIES, {law: float(len(each)) for law, each in when.items()}, max)
    for currency in COST:
        note.section()
        _cost(
            subject,
            given,
            note,
            premises,
            _Used(mains * yearly_m, fuel * yearly_m),
            when,
            currency,
        )


class _Used(NamedTuple):
    """What a year takes: energy from the mains, and fuel of heating."""

    mains_J: float
    fuel_m3: float


def _worst(
    note: Recorder, measure: Measure, by_law: dict[str, float], worst: Callable[[Iterable[float]], float]
) -> None:
    """A result by the law that is worst, and what each makes of it where there are several."""
    note.result(measure, worst(by_law.values()))
    if len(by_law) > 1:
        note.laws(measure, by_law)


def _lives(
    subject: Subject, given: Given, note: Recorder, premises: LifeCycle | None, lived: LivedYear
) -> dict[str, float] | Phrase:
    """Years until the battery is replaced by each law of its cells, the stated life at most; or why nobody knows."""
    stated = None if premises is None else premises.life_years(lived.yearly_m)
    end = None if premises is None else premises.battery_end_fraction
    if end is None:
        if stated is None:
            return _NO_LIFE
        return {"": note.line("battery replaced, as stated, after so many years", stated, "1")}
    laws = laws_of(subject.chemistry)
    if not laws:
        return text("no law of ageing is at hand for these cells: {chemistry}", chemistry=subject.chemistry or "")
    for remark in (*ageing_remarks(subject, lived.place, laws, lived.months), frost_of(lived.months)):
        if remark is not None:
            note.remark(remark)
    found: dict[str, float] = {}
    for law in laws:
        aged = years_until(law, lived.months, 1.0 - end, LONGEST_YEARS)
        name = f"{law.name}, {law.chemistry}"
        said = text("{name}: years until {end} % of the energy are left", name=name, end=100.0 * end)
        found[name] = min(note.line(said, aged, "1", "", "GTR 22, 3.18"), LONGEST_YEARS if stated is None else stated)
    return found


_NO_LIFE = text("no life of the battery is stated, as a table life-cycle/1 of the programme states it")


def _cost(
    subject: Subject,
    given: Given,
    note: Recorder,
    premises: LifeCycle | None,
    used: _Used,
    when: dict[str, list[float]] | Phrase,
    currency: str,
) -> None:
    """The sum in one currency; what is not known leaves it open upwards."""
    tables = economy()
    markup = tables.electric.markup_ratio
    years = 15 if premises is None else premises.years
    discount = tables.use.discount_fraction if premises is None else float(premises.discount)
    prices = parts_price(subject, given, currency)
    price = note.line("price", markup * float(prices.known), currency, "MSRP", "T3CO 2.0")
    if prices.open:
        note.open(PRICE[currency], price, None, joined(prices.open))
    else:
        note.result(PRICE[currency], price)
    why = list(prices.open)
    total = price
    factor = discounted_years(years, discount)
    for each in _every_year(subject, given, note, premises, used, currency):
        if isinstance(each, Phrase):
            why.append(each)
        else:
            total += factor * each
    battery = prices.parts.get("battery")
    # How many batteries of today those cost that are bought later: sum of 1 / (1 + d)^t.
    bought = {} if isinstance(when, Phrase) else when
    shares = {law: sum((1.0 + discount) ** -one for one in each) for law, each in bought.items()}
    if isinstance(when, Phrase):
        why.append(when)
    paid = markup * float(battery) if isinstance(battery, Fraction) else 0.0
    by_law = {law: total + paid * share for law, share in shares.items()} or {"": total}
    for law, share in shares.items():
        if share and paid:
            said = text("batteries, discounted, {law}", law=law) if law else text("batteries, discounted")
            note.line(said, paid * share, currency)
    if why:
        note.open(COST[currency], min(by_law.values()), None, joined(dict.fromkeys(why)))
    else:
        note.line("cost of the contract", max(by_law.values()), currency, "LCC")
        _worst(note, COST[currency], by_law, max)
    most = max(shares.values(), default=0.0)
    unsure = {slot: markup * u for slot, u in prices.uncertainty.items()}
    note.unsure(PRICE[currency], unsure)
    note.unsure(COST[currency], {slot: u * (1.0 + most * (slot == "battery")) for slot, u in unsure.items()})


def _every_year(
    subject: Subject, given: Given, note: Recorder, premises: LifeCycle | None, used: _Used, currency: str
) -> Iterator[float | Phrase]:
    """What is paid every year for energy, fuel of heating and upkeep, or why nobody knows it."""
    energy = price_of(subject, given, "depot", currency)
    if isinstance(energy, Phrase):
        yield energy
    else:
        yield note.line("energy a year", used.mains_J / kWh_J * float(energy), currency)
    heater = heater_of(subject)
    if heater is not None:
        litre = price_of(subject, given, "pump", currency, CARRIERS[heater.fuel])
        if isinstance(litre, Phrase):
            yield litre
        else:
            yield note.line("fuel of heating a year", 1e3 * used.fuel_m3 * float(litre), currency)
    upkeep = _upkeep(subject, given, premises, currency)
    if isinstance(upkeep, Phrase):
        yield upkeep
    else:
        yield note.line("upkeep a year", upkeep * (given.yearly_distance_m or 0.0) / 1e3, currency)


def _upkeep(subject: Subject, given: Given, premises: LifeCycle | None, currency: str) -> float | Phrase:
    """Upkeep per km in a currency, or why there is none."""
    if premises is None or premises.upkeep is None:
        return text("no upkeep is stated, as a table life-cycle/1 of the programme states it")
    found = converted(premises.upkeep, premises.currency, currency, given.day or "", subject.terms.of(Rates))
    if found is None:
        return text("no rate of {pair} on {day}", pair=f"{premises.currency}/{currency}", day=given.day or "")
    return float(found)


_BUSES = ("M2", "M3")
PROCEDURES = (
    Procedure(
        id="life-cycle-contract",
        title=text("Life-cycle contract of a bus"),
        regulation="T3CO 2.0",
        measures=(*PRICE.values(), *COST.values(), CONSUMPTION, BATTERIES, BATTERY_LIFE, PER_DISTANCE),
        validation_level=0,
        recipe=life_cycle_contract,
        conditions=(
            *("cycle", "payload_kg", "market", "day", "yearly_vehicle_count", "yearly_distance_m"),
            *("climate", "daily_charge_count"),
        ),
        needed={
            "market": (_BUSES, 'name the country where it runs, such as market = "BY"'),
            "day": (_BUSES, 'name the day by whose prices it is counted, such as date = "2027-01-01"'),
            "yearly_vehicle_count": (_BUSES, "name the vehicles made in a year, such as yearly_volume = 500"),
            "yearly_distance_m": (_BUSES, 'name the distance in a year, such as yearly_distance = "56000 km"'),
        },
        climate=lambda given, measure: None if measure.startswith("price") else place_of(given).id,
        categories=_BUSES,
        other_categories="it is for buses; of cars ask 'ownership'",
        reads_terms=True,
    ),
)

"""A life-cycle contract of a bus: price, energy, upkeep and batteries over its years, discounted, and what of it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from covolt.library.subject import Subject
from covolt.programme.energy_prices import LifeCycle
from covolt.programme.rates import Rates, converted
from covolt.simulation.mission import ZERO_CELSIUS_K
from covolt.simulation.recharge import recharge_energy_J
from covolt.study.lifetime.ageing import laws_of, years_until
from covolt.study.lifetime.climate import place_of_market, the_place
from covolt.study.lifetime.economy import economy
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.durability import LivedYear, ageing_remarks, frost_of, lived_year
from covolt.study.procedures.energy_cost import price_of
from covolt.study.procedures.heating_fuel import (
    CARRIERS,
    NO_HEATER,
    PER_DISTANCE,
    fuel_of,
    heater_of,
)
from covolt.study.procedures.months_driven import Month, months_driven, rounds_of
from covolt.study.procedures.ownership import discounted_years
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.segments import cycle_segments, laboratory, within
from covolt.study.procedures.supply import by_currency, parts_price
from covolt.words import Phrase, joined, text

__all__ = ["PROCEDURES", "replacements"]

kWh_J = 3.6e6
COST = by_currency("cost", text("Cost of the life-cycle contract"))
PRICE = by_currency("price", text("Price of the vehicle"))
CONSUMPTION = Measure("consumption", text("Consumption from the mains"), "kWh/km")
BATTERIES = Measure("batteries", text("Batteries replaced"), "1")
BATTERY_LIFE = Measure("battery_life", text("Life of the battery in years"), "1")
START = 0.9
"""Charge from which a month is driven, as in E-SORT."""
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
    if given.climate is None:
        given = replace(given, climate=_place_of(given, note))
    year = yield from _year(subject, given, note)
    if isinstance(year, Phrase):
        note.miss_all(year)
        return
    found = [one for one in subject.terms.of(LifeCycle) if subject.category in one.categories]
    premises = found[-1] if found else None
    if premises is not None:
        note.remark(text("{title}. Source: {source}", title=premises.title.words, source=premises.source))
    yearly_m = note.line("distance a year", given.yearly_distance_m or 0.0, "km")
    years = 15 if premises is None else premises.years
    note.line("years of the contract", float(years), "1", "N")
    lived = lived_year(subject, given, year.terminals_J_per_m, year.cells_J_per_m)
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
            _Used(year.mains_J_per_m * yearly_m, year.fuel_m2 * yearly_m),
            when,
            currency,
        )


class _Used(NamedTuple):
    """What a year takes: energy from the mains, and fuel of heating."""

    mains_J: float
    fuel_m3: float


class _Year(NamedTuple):
    """The mean of twelve months, each driven as far as the others, per distance."""

    terminals_J_per_m: float
    cells_J_per_m: float
    mains_J_per_m: float
    fuel_m2: float


def _place_of(given: Given, note: Recorder) -> str:
    """The climate of a market where none is named, and that it is one's own choice."""
    place = place_of_market(given.market)
    said = text(
        'No climate is named: the months are those of {place}; name another, such as climate = "{id}".',
        place=place.title.words,
        id=place.id,
    )
    note.remark(said)
    return place.id


def _year(subject: Subject, given: Given, note: Recorder) -> Asking[_Year | Phrase]:
    """Consumption from the mains and fuel of heating over the year where the bus runs, line by line; or why not.

    EC = mean over the months of E_cells / s x (mains over cells in charging)

    The battery starts at 90 % as in E-SORT: full, it could not take back what braking gives.
    """
    cycle = within(subject, cycle_segments(given.cycle or "sort-2", phases=False))
    place = the_place(given.climate)
    conditions = replace(laboratory(subject, given), on_dynamometer=False, state_of_charge=START)
    note.line("test mass", subject.carried_mass_kg + conditions.payload_kg, "kg", "m_t")
    length_m = sum(float(np.sum(one.speed_m_per_s)) for one in cycle)
    note.line(text("length of the cycle, {cycle}", cycle=given.cycle or "sort-2"), length_m, "m", "s")
    warming, counted = rounds_of(cycle)
    note.line(text("rounds in each month that warm the vehicle and do not count"), float(warming), "1")
    note.line(text("rounds in each month that count"), float(counted), "1")
    found = yield from months_driven(subject, cycle, conditions, place.monthly_K)
    if isinstance(found, Phrase):
        return found
    for number, one in enumerate(found, 1):
        celsius = one.air_K - ZERO_CELSIUS_K
        said = text("from the cells in month {number}, at {celsius:.1f} degC", number=number, celsius=celsius)
        note.line(said, one.cells_J_per_m, "kWh/km")
    note.section()
    mean = tuple(float(np.mean(each)) for each in zip(*(astuple(one) for one in found), strict=True))
    year = Month(*mean)
    said = text("air over the year, {place}", place=place.title.words)
    note.line(said, year.air_K, "degC", "T", "" if place.confirmed else "station normals")
    note.line(text("heating, cooling and tempering of the battery"), year.comforts_J_per_m, "kWh/km")
    cells = note.line(text("from the cells, over the year"), year.cells_J_per_m, "kWh/km")
    ratio = note.line(text("mains over cells in charging"), recharge_energy_J(subject.vehicle, 1.0), "1")
    mains = note.line("consumption from the mains", cells * ratio, "kWh/km", "EC")
    note.result(CONSUMPTION, mains)
    short = max(found, key=lambda one: one.lacking_K)
    if short.lacking_K > 0.0:
        note.remark(
            text(
                "At {celsius:.1f} degC the cabin stays {short:.1f} K colder than is comfortable: the heat that it lacks is not counted.",
                celsius=short.air_K - ZERO_CELSIUS_K,
                short=short.lacking_K,
            )
        )
    fuel = fuel_of(subject)
    if fuel is None:
        note.absent(PER_DISTANCE, NO_HEATER)
        return _Year(year.terminals_J_per_m, cells, mains, 0.0)
    burnt = note.line("fuel of heating, over the year", fuel.volume_m3(year.fuel_J_per_m), "L/100 km")
    note.result(PER_DISTANCE, burnt)
    return _Year(year.terminals_J_per_m, cells, mains, burnt)


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
        categories=_BUSES,
        other_categories="it is for buses; of cars ask 'ownership'",
        reads_terms=True,
    ),
)

"""Cost of ownership over ten years, against petrol, diesel and gas cars of the same class."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from covolt.library.subject import DRIVE_UNITS, Subject
from covolt.programme.rates import Rates, converted
from covolt.study.lifetime.economy import Economy, economy
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.energy_cost import charging_prices, price_of
from covolt.study.procedures.heating_fuel import CARRIERS, HEATING_OFF, PER_DISTANCE, heater_of
from covolt.study.procedures.months_driven import (
    MONTHS,
    START,
    note_fuel_of_year,
    note_mains,
    place_named,
    place_of,
    year_driven,
)
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.segments import cycle_segments, drive_string, laboratory, recharged_J, within
from covolt.study.procedures.supply import parts_price, unpriced
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "PROCEDURES",
    "RIVALS",
    "discounted_cost",
    "discounted_years",
    "installed_J",
    "laboratory_mains_J_per_m",
    "note_premises",
]

kWh_J = 3.6e6
CYCLE = "wltc-3b"
RIVALS = {"petrol": text("petrol"), "diesel": text("diesel"), "gas": text("gas", context="fuel")}
PRICE = Measure("price", text("Price"), "kRUB")
COST = Measure("cost", text("Cost of ownership, ten years"), "kRUB")
COST_PER_DISTANCE = Measure("cost_per_distance", text("Levelised cost"), "RUB/km")
COST_OVER_PETROL = Measure("cost_over_petrol", text("Cost over that of a petrol car"), "%", -1.0)
RIVAL_COST = {
    rival: Measure(f"cost_{rival}", text("Cost of ownership, {rival}", rival=said), "kRUB")
    for rival, said in RIVALS.items()
}
COST_BYN = Measure("cost_byn", text("Cost of ownership, ten years, BYN"), "kBYN")


def discounted_years(years: int, discount_fraction: float) -> float:
    """Sum of 1 / (1 + d)^y for y = 1 … n."""
    return sum((1.0 + discount_fraction) ** -year for year in range(1, years + 1))


def discounted_cost(price_RUB: float, yearly_RUB: float, tables: Economy) -> float:
    """TCO = MSRP + sum_y yearly / (1 + d)^y - residual MSRP / (1 + d)^N (T3CO 2.0); insurance is a share of MSRP a year."""
    use = tables.use
    every_year_RUB = yearly_RUB + use.insurance_fraction * price_RUB
    worth_RUB = use.residual_fraction * price_RUB / (1.0 + use.discount_fraction) ** use.years
    return price_RUB + every_year_RUB * discounted_years(use.years, use.discount_fraction) - worth_RUB


def installed_J(subject: Subject) -> float | None:
    """Energy of all cells, which is what is paid for and what is made: as declared, else the usable over the window's share."""
    declared = subject.declared.get("battery", {})
    usable_J = declared.get("energy_usable")
    if usable_J is None or "energy_nominal" in declared:
        return declared.get("energy_nominal")
    return usable_J / float(np.asarray(subject.vehicle.battery.window_fraction()))


def note_premises(note: Recorder, tables: Economy) -> None:
    """With what the vehicle is compared, and of when the tables are."""
    years = sorted(one.date for one in tables.grid)
    note.remark(
        text(
            "Compared with compact cars, whatever the size of this vehicle. Grids of {first} to {last}; "
            "prices: {title}. A decision that is taken later needs newer tables.",
            first=years[0],
            last=years[-1],
            title=tables.title.words,
        )
    )


def laboratory_mains_J_per_m(subject: Subject, given: Given, note: Recorder) -> Asking[float | None]:
    """Consumption from the mains on the cycle of certification at 23 degC, comforts off; None where it is not driven."""
    cycle = within(subject, cycle_segments(CYCLE, phases=False))
    conditions = replace(laboratory(subject, given), state_of_charge=START)
    driven, trace = yield from drive_string(subject, cycle, conditions)
    if not driven or not driven[0].complete:
        return None
    recharged = yield from recharged_J(subject, trace)
    return note.line(
        "consumption from the mains",
        recharged / driven[0].distance_m,
        "Wh/km",
        "EC",
    )


class _Used(NamedTuple):
    """What a distance takes: energy from the mains, and fuel of heating."""

    mains_J_per_m: float
    fuel_m2: float


def _climate(given: Given, measure: str = "") -> str | None:
    """Where the car is driven for a year; None where neither climate nor market is named, and of what does not rest on driving."""
    named = given.climate is not None or given.market is not None
    return place_of(given).id if named and measure not in {PRICE.id, *(one.id for one in RIVAL_COST.values())} else None


def _used(subject: Subject, given: Given, note: Recorder) -> Asking[_Used | Phrase]:
    """Over the year of the climate, or of the market's; where neither is named in the laboratory, whatever heats the car."""
    if _climate(given) is None:
        mains = yield from laboratory_mains_J_per_m(subject, given, note)
        note.remark(text("No market and no climate is named: driven at 23 °C with heating and cooling off."))
        note.absent(PER_DISTANCE, HEATING_OFF)
        return text("the cycle is not driven") if mains is None else _Used(mains, 0.0)
    year = yield from year_driven(subject, given, note, CYCLE, place_named(given, note))
    if isinstance(year, Phrase):
        note.miss(PER_DISTANCE, year)
        return year
    note.remark(
        text(
            "Heating, cooling and the cold are in the energy of this car; those compared are taken at their use on WLTP."
        )
    )
    mains = note_mains(note, subject, year.mean.cells_J_per_m)
    return _Used(mains, note_fuel_of_year(note, subject, year))


def ownership(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Price by parts with a mark-up, energy, fuel of heating, upkeep and insurance over ten years, discounted, less the residual.

    Levelised cost = TCO / sum of discounted km.
    """
    tables = economy()
    used = yield from _used(subject, given, note)
    battery_J = installed_J(subject)
    power_W = subject.declared_power_W
    if battery_J is None or power_W is None:
        note.miss_all(text("energy and power of the parts are not declared"))
        return
    priceless = unpriced(subject, given, "RUB")
    if priceless is not None:
        for measure in (PRICE, COST, COST_PER_DISTANCE, COST_OVER_PETROL, *RIVAL_COST.values(), COST_BYN):
            note.open(measure, None, None, priceless)
        return
    note_premises(note, tables)
    price, prices, unsure = _price(subject, given, tables, battery_J, power_W, note)
    spent = used if isinstance(used, Phrase) else _spent(subject, given, tables, used, note)
    if isinstance(spent, Phrase):
        for measure in (COST, COST_PER_DISTANCE, COST_OVER_PETROL, COST_BYN):
            if isinstance(used, Phrase):
                note.miss(measure, spent)
            else:
                note.open(measure, None, None, spent)
        note.section()
        _rivals(subject, given, tables, note)
        _note_laws(note, prices, {}, 1.0, spent)
        return
    total = note.line(
        "cost of ownership", discounted_cost(price, max(spent.values()), tables), "kRUB", "TCO", "T3CO 2.0"
    )
    far = tables.use.yearly_distance * discounted_years(tables.use.years, tables.use.discount_fraction)
    note.result(COST, total)
    note.result(COST_PER_DISTANCE, note.line("levelised", total / far, "RUB/km", "LCOD", "T3CO 2.0"))
    note.section()
    petrol = _rivals(subject, given, tables, note)
    if isinstance(petrol, Phrase):
        note.open(COST_OVER_PETROL, None, None, petrol)
    else:
        note.result(COST_OVER_PETROL, total / petrol)
    totals = {
        name if len(spent) == 1 else f"{name}, {how}": discounted_cost(one, yearly, tables)
        for name, one in prices.items()
        for how, yearly in spent.items()
    }
    _note_laws(note, prices, totals, far, petrol)
    # The cost is linear in the price.
    dearer = discounted_cost(1.0, 0.0, tables)
    unsure = {slot: dearer * u for slot, u in unsure.items()}
    _note_unsure(note, unsure, far, petrol)
    _note_byn(subject, given, total, unsure, note)


def _price(
    subject: Subject, given: Given, tables: Economy, battery_J: float, power_W: float, note: Recorder
) -> tuple[float, dict[str, float], dict[str, float]]:
    """Price of the car, the same by each price of the glider, and the u of it by slot; of energy installed and power."""
    costs = tables.electric
    charger_W = subject.declared.get("charger", {}).get("power_maximum", 7e3)
    estimate = (
        costs.glider,
        costs.battery_per_kWh * battery_J / kWh_J,
        costs.drive_per_kW * power_W / 1e3,
        costs.charger_per_kW * charger_W / 1e3,
    )
    glider, others, unsure = _parts(subject, given, estimate, note)
    note.line("energy installed", battery_J, "kWh", "E")
    parts = glider + others
    note.line("parts and assembly", parts, "RUB", "")
    price = note.line("price", costs.markup_ratio * parts, "RUB", "MSRP", "T3CO 2.0")
    note.result(PRICE, price)
    unsure = {slot: costs.markup_ratio * u for slot, u in unsure.items()}
    note.unsure(PRICE, unsure)
    # The price of the glider is an estimate: what its range makes of each result stands beside it.
    range_RUB = (costs.glider, *costs.glider_range) if glider == costs.glider else (glider,)
    prices = {f"glider at {value / 1e6:g} MRUB": costs.markup_ratio * (value + others) for value in range_RUB}
    return price, prices, unsure


def _spent(subject: Subject, given: Given, tables: Economy, used: _Used, note: Recorder) -> dict[str, float] | Phrase:
    """What is paid in a year for energy, fuel of heating and upkeep, by how the car is charged; or why nobody knows it."""
    charged, litre = _charged(subject, given, tables), _litre(subject, given, tables)
    unknown = [one for one in (charged, litre) if isinstance(one, Phrase)]
    if isinstance(charged, Phrase) or isinstance(litre, Phrase):
        return joined(unknown)
    far, upkeep = tables.use.yearly_distance, tables.electric.maintenance
    found: dict[str, float] = {}
    for how, per_kWh in charged.items():
        said = text("energy and upkeep a year, {how}", how=_CHARGED.get(how, Words(how)))
        yearly = far * (used.mains_J_per_m / kWh_J * per_kWh + upkeep)
        found[how] = note.line(said if how else "energy and upkeep a year", yearly, "RUB")
    if not used.fuel_m2:
        return found
    fuel = note.line("fuel of heating a year", 1e3 * far * used.fuel_m2 * litre, "RUB")
    return {how: yearly + fuel for how, yearly in found.items()}


def _note_unsure(note: Recorder, unsure_RUB: dict[str, float], far_m: float, petrol_RUB: float | Phrase) -> None:
    """What the uncertain price of each offer adds to the cost, and to what follows from it."""
    note.unsure(COST, unsure_RUB)
    note.unsure(COST_PER_DISTANCE, {slot: u / far_m for slot, u in unsure_RUB.items()})
    if not isinstance(petrol_RUB, Phrase):
        note.unsure(COST_OVER_PETROL, {slot: u / petrol_RUB for slot, u in unsure_RUB.items()})


def _note_laws(
    note: Recorder, prices: dict[str, float], totals: dict[str, float], far_m: float, petrol_RUB: float | Phrase
) -> None:
    """What each price of the glider and each way of charging makes of the results."""
    if len(prices) > 1:
        note.laws(PRICE, prices)
    if len(totals) > 1:
        note.laws(COST, totals)
        note.laws(COST_PER_DISTANCE, {name: one / far_m for name, one in totals.items()})
        if not isinstance(petrol_RUB, Phrase):
            note.laws(COST_OVER_PETROL, {name: one / petrol_RUB for name, one in totals.items()})


_CHARGED = {"charged at home": text("charged at home"), "charged in public": text("charged in public")}
_CARRIERS = {"petrol": "petrol-95", "diesel": "diesel", "gas": "gas"}


def _rivals(subject: Subject, given: Given, tables: Economy, note: Recorder) -> float | Phrase:
    """Cost of each car with which it is compared, by the prices of the market where one is given; that of petrol."""
    use = tables.use
    found: dict[str, float | Phrase] = {}
    for rival in tables.rival:
        per_kWh: float | Phrase = rival.fuel_per_kWh
        if given.market is not None:
            fuel = price_of(subject, given, "pump", "RUB", _CARRIERS[rival.id])
            per_kWh = fuel if isinstance(fuel, Phrase) else float(fuel) / (rival.fuel_energy / kWh_J)
        if isinstance(per_kWh, Phrase):
            found[rival.id] = per_kWh
            note.open(RIVAL_COST[rival.id], None, None, per_kWh)
            continue
        spent = use.yearly_distance * (rival.energy / kWh_J * per_kWh + rival.maintenance)
        cost = discounted_cost(rival.price, spent, tables)
        said = text("cost of ownership, {rival}", rival=rival.title.words)
        found[rival.id] = note.line(said, cost, "RUB", "TCO", "T3CO 2.0")
        note.result(RIVAL_COST[rival.id], cost)
    return found["petrol"]


def _charged(subject: Subject, given: Given, tables: Economy) -> dict[str, float] | Phrase:
    """Price of a kWh by how it is charged, of the market on the day where they are given, else the one that ships."""
    if given.market is None:
        return {"": tables.electric.electricity_per_kWh}
    return charging_prices(subject, given, "RUB")


def _litre(subject: Subject, given: Given, tables: Economy) -> float | Phrase:
    """Price of a litre of what heats the car: of the market, else as the cars compared pay it; nothing where nothing is burnt."""
    heater = heater_of(subject)
    if heater is None:
        return 0.0
    if given.market is None:
        return next(one.fuel_per_kWh * one.fuel_energy / kWh_J for one in tables.rival if one.id == heater.fuel)
    found = price_of(subject, given, "pump", "RUB", CARRIERS[heater.fuel])
    return found if isinstance(found, Phrase) else float(found)


def _parts(
    subject: Subject, given: Given, estimate_RUB: tuple[float, float, float, float], note: Recorder
) -> tuple[float, float, dict[str, float]]:
    """Glider and the other parts: by the prices that offers state at the volume and on the day, else by kWh and kW; u by slot.

    The glider is replaced where every part of it has a price.
    """
    glider, battery, drive, charger = estimate_RUB
    stated = parts_price(subject, given, "RUB") if given.day and given.yearly_vehicle_count else None
    parts = {} if stated is None else stated.parts
    priced = {slot: float(one) for slot, one in parts.items() if isinstance(one, Fraction)}
    taken = set[str]()
    drives = [slot for slot in DRIVE_UNITS if slot in subject.sheets]
    own = {"battery", "charger", *drives}
    found = {
        text("battery"): (("battery",), battery),
        text("drive units"): (tuple(drives), drive),
        text("charger"): (("charger",), charger),
    }
    others = 0.0
    guessed: list[Phrase] = []
    for title, (slots, by_size) in found.items():
        whole = all(slot in priced for slot in slots)
        others += sum(priced[slot] for slot in slots) if whole else by_size
        guessed += [] if whole else [title]
        taken |= set(slots) if whole else set()
    rest = [slot for slot in subject.sheets if slot not in own]
    if rest and all(slot in priced for slot in rest):
        glider = sum(priced[slot] for slot in rest)
        taken |= set(rest)
    else:
        guessed.append(text("glider"))
    if guessed:
        note.remark(text("Estimate by kWh and kW, for no price is stated: {parts}", parts=joined(guessed, ", ")))
    unsure = {} if stated is None else {slot: u for slot, u in stated.uncertainty.items() if slot in taken}
    return glider, others, unsure


def _note_byn(subject: Subject, given: Given, total_RUB: float, unsure_RUB: dict[str, float], note: Recorder) -> None:
    if given.day is None:
        note.open(COST_BYN, None, None, text("no day is named by whose rate it is counted"))
        return
    rate = converted(Fraction(1), "RUB", "BYN", given.day, subject.terms.of(Rates))
    if rate is None:
        note.open(COST_BYN, None, None, text("no rate of {pair} on {day}", pair="RUB/BYN", day=given.day))
    else:
        note.result(COST_BYN, total_RUB * float(rate))
        note.unsure(COST_BYN, {slot: u * float(rate) for slot, u in unsure_RUB.items()})


PROCEDURES = (
    Procedure(
        id="ownership",
        title=text("Cost of ownership"),
        regulation="T3CO 2.0",
        measures=(PRICE, COST, COST_PER_DISTANCE, COST_OVER_PETROL, *RIVAL_COST.values(), COST_BYN, PER_DISTANCE),
        validation_level=0,
        recipe=ownership,
        conditions=("payload_kg", "market", "day", "yearly_vehicle_count", "climate"),
        climate=_climate,
        shares_drives=MONTHS,
        reads_terms=True,
        categories=("M1", "N1"),
        other_categories="of buses ask 'life-cycle-contract'; of trucks there is none yet",
    ),
)

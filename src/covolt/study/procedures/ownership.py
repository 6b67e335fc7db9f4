"""Cost of ownership and well-to-wheel climate effect, against petrol, diesel and gas cars of the same class."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from covolt.library.subject import DRIVE_UNITS, Subject
from covolt.programme.rates import Rates, converted
from covolt.study.lifetime.economy import Economy, economy
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.energy_cost import charging_prices, price_of
from covolt.study.procedures.heating_fuel import fuel_of
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.segments import cycle_segments, drive_string, laboratory, recharged_J, within
from covolt.study.procedures.supply import parts_price, unpriced
from covolt.words import Phrase, Words, joined, text

__all__ = ["PROCEDURES", "break_even_m", "discounted_cost", "discounted_years"]

kWh_J = 3.6e6
POINTS = 41


COUNTRIES = ("RU", "BY")
_RIVALS = {"petrol": text("petrol"), "diesel": text("diesel"), "gas": text("gas", context="fuel")}
PRICE = Measure("price", text("Price"), "kRUB")
COST = Measure("cost", text("Cost of ownership, ten years"), "kRUB")
COST_PER_DISTANCE = Measure("cost_per_distance", text("Levelised cost"), "RUB/km")
COST_OVER_PETROL = Measure("cost_over_petrol", text("Cost over that of a petrol car"), "%")
RIVAL_COST = {
    rival: Measure(f"cost_{rival}", text("Cost of ownership, {rival}", rival=said), "kRUB")
    for rival, said in _RIVALS.items()
}
COST_BYN = Measure("cost_byn", text("Cost of ownership, ten years, BYN"), "kBYN")
_PHASES = (("use", text("Use phase")), ("life", text("Life cycle")))
PHASE = {
    (phase, rival): Measure(f"{phase}_{rival}", text("{title}, {rival}", title=title, rival=said), "g/km")
    for phase, title in _PHASES
    for rival, said in _RIVALS.items()
} | {
    (phase, country): Measure(
        f"{phase}_{country.lower()}", text("{title}, grid {country}", title=title, country=country), "g/km"
    )
    for phase, title in _PHASES
    for country in COUNTRIES
}
"""Of a phase, by rival and by the country of the grid."""
BREAK_EVEN = {
    (rival, country): Measure(
        f"break_even_{rival}_{country.lower()}",
        text("Break-even with {rival}, {country}", rival=said, country=country),
        "km",
    )
    for rival, said in _RIVALS.items()
    for country in COUNTRIES
}


def discounted_years(years: int, discount_fraction: float) -> float:
    """Sum of 1 / (1 + d)^y for y = 1 … n."""
    return sum((1.0 + discount_fraction) ** -year for year in range(1, years + 1))


def discounted_cost(price_RUB: float, yearly_RUB: float, tables: Economy) -> float:
    """TCO = MSRP + sum_y yearly / (1 + d)^y - residual MSRP / (1 + d)^N (T3CO 2.0); insurance is a share of MSRP a year."""
    use = tables.use
    every_year_RUB = yearly_RUB + use.insurance_fraction * price_RUB
    worth_RUB = use.residual_fraction * price_RUB / (1.0 + use.discount_fraction) ** use.years
    return price_RUB + every_year_RUB * discounted_years(use.years, use.discount_fraction) - worth_RUB


def break_even_m(more_kg: float, saved_kg_per_m: float) -> float | None:
    """Distance after which the lower use phase has repaid the higher production; None where it never does."""
    return more_kg / saved_kg_per_m if saved_kg_per_m > 0.0 else None


def installed_J(subject: Subject) -> float | None:
    """Energy of all cells, which is what is paid for and what is made: as declared, else the usable over the window's share."""
    declared = subject.declared.get("battery", {})
    usable_J = declared.get("energy_usable")
    if usable_J is None or "energy_nominal" in declared:
        return declared.get("energy_nominal")
    battery = subject.vehicle.battery
    share = float(np.asarray(battery.highest_cell_charge_fraction - battery.lowest_cell_charge_fraction))
    return usable_J / share


def _note_premises(note: Recorder, tables: Economy) -> None:
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


def _mains_J_per_m(subject: Subject, given: Given, note: Recorder) -> Asking[float | None]:
    cycle = within(subject, cycle_segments("wltc-3b", phases=False))
    driven, trace = yield from drive_string(subject, cycle, laboratory(subject, given))
    if not driven or not driven[0].complete:
        return None
    return note.line(
        "consumption from the mains",
        recharged_J(subject, trace) / driven[0].distance_m,
        "Wh/km",
        "EC",
    )


def ownership(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Price by parts with a mark-up, energy, upkeep and insurance over ten years, discounted, less the residual; per km too.

    Levelised cost = TCO / sum of discounted km.
    """
    tables = economy()
    use, costs = tables.use, tables.electric
    mains = yield from _mains_J_per_m(subject, given, note)
    battery_J = installed_J(subject)
    power_W = subject.declared_power_W
    charger_W = subject.declared.get("charger", {}).get("power_maximum", 7e3)
    if mains is None or battery_J is None or power_W is None:
        note.miss_all(text("energy and power of the parts are not declared, or the cycle is not driven"))
        return
    charged = unpriced(subject, given, "RUB") or _charged(subject, given, tables)
    if isinstance(charged, Phrase):
        for measure in (PRICE, COST, COST_PER_DISTANCE, COST_OVER_PETROL, *RIVAL_COST.values(), COST_BYN):
            note.open(measure, None, None, charged)
        return
    _note_premises(note, tables)
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
    by_charging = {
        how: use.yearly_distance * (mains / kWh_J * per_kWh + costs.maintenance) for how, per_kWh in charged.items()
    }
    for how, spent in by_charging.items():
        said = text("energy and upkeep a year, {how}", how=_CHARGED.get(how, Words(how)))
        note.line(said if how else "energy and upkeep a year", spent, "RUB")
    yearly = max(by_charging.values())
    total = note.line("cost of ownership", discounted_cost(price, yearly, tables), "kRUB", "TCO", "T3CO 2.0")
    far = use.yearly_distance * discounted_years(use.years, use.discount_fraction)
    note.result(PRICE, price)
    note.result(COST, total)
    note.result(COST_PER_DISTANCE, note.line("levelised", total / far, "RUB/km", "LCOD", "T3CO 2.0"))
    note.section()
    petrol = _rivals(subject, given, tables, note)
    if isinstance(petrol, Phrase):
        note.open(COST_OVER_PETROL, None, None, petrol)
    else:
        note.result(COST_OVER_PETROL, total / petrol)
    # The price of the glider is an estimate: what its range makes of each result stands beside it.
    range_RUB = (costs.glider, *costs.glider_range) if glider == costs.glider else (glider,)
    gliders = {f"glider at {value / 1e6:g} MRUB": value for value in range_RUB}
    prices = {name: costs.markup_ratio * (value + others) for name, value in gliders.items()}
    totals = {
        name if len(by_charging) == 1 else f"{name}, {how}": discounted_cost(one, spent, tables)
        for name, one in prices.items()
        for how, spent in by_charging.items()
    }
    _note_laws(note, prices, totals, far, petrol)
    unsure = {slot: costs.markup_ratio * u for slot, u in unsure.items()}
    note.unsure(PRICE, unsure)
    # The cost is linear in the price.
    dearer = discounted_cost(1.0, 0.0, tables)
    unsure = {slot: dearer * u for slot, u in unsure.items()}
    _note_unsure(note, unsure, far, petrol)
    _note_byn(subject, given, total, unsure, note)


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


_FUEL = text("the fuel that the heater of a car burns is not counted; of buses 'life-cycle-contract' counts it")


def _charged(subject: Subject, given: Given, tables: Economy) -> dict[str, float] | Phrase:
    """Price of a kWh by how it is charged, of the market on the day where they are given, else the one that ships."""
    if fuel_of(subject) is not None:
        return _FUEL
    if given.market is None:
        return {"": tables.electric.electricity_per_kWh}
    return charging_prices(subject, given, "RUB")


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


def climate(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """g CO2e/km of use = Wh/km / (1 - grid loss) x intensity; production beside it; break-even distance against each rival."""
    tables = economy()
    use = tables.use
    mains = yield from _mains_J_per_m(subject, given, note)
    battery_J = installed_J(subject)
    if mains is None or battery_J is None:
        note.miss_all(text("the battery's energy is not declared, or the cycle is not driven"))
        return
    _note_premises(note, tables)
    note.line("energy installed", battery_J, "kWh", "E")
    intensities = (use.battery_production_per_kWh, *use.battery_production_range_per_kWh)
    productions = {f"cells at {one:g} kg/kWh": use.glider_production + one * battery_J / kWh_J for one in intensities}
    made, *_ = productions.values()
    note.line("production", made, "kg", "")
    driven: dict[str, float] = {}
    for grid in tables.grid:
        driven[grid.country] = note.line(
            text("use, grid {country} {date}", country=grid.country, date=grid.date),
            mains / (1.0 - use.grid_loss_fraction) * grid.average,
            "g/km",
        )
    for country in COUNTRIES:
        life = PHASE["life", country]
        note.result(PHASE["use", country], driven[country])
        note.result(life, driven[country] + made / use.lifetime_distance)
        by_cells = {name: driven[country] + one / use.lifetime_distance for name, one in productions.items()}
        note.laws(life, by_cells)
    note.section()
    far = np.linspace(0.0, use.lifetime_distance, POINTS)
    lines: dict[Phrase, np.ndarray] = {
        text("electric, {country}", country=country): (made + driven[country] * far) / 1e3 for country in COUNTRIES
    }
    for rival in tables.rival:
        burnt = note.line(
            text("use, {rival}", rival=rival.title.words),
            rival.energy * (rival.burning + rival.upstream),
            "g/km",
            "",
            "JEC well-to-tank v5",
        )
        note.result(PHASE["use", rival.id], burnt)
        note.result(PHASE["life", rival.id], burnt + use.rival_production / use.lifetime_distance)
        lines[rival.title.words] = (use.rival_production + burnt * far) / 1e3
        for country in COUNTRIES:
            even = break_even_m(made - use.rival_production, burnt - driven[country])
            measure = BREAK_EVEN[rival.id, country]
            if even is None:
                note.miss(measure, text("the use phase never repays the production"))
            else:
                evens = {
                    cells: break_even_m(one - use.rival_production, burnt - driven[country])
                    for cells, one in productions.items()
                }
                note.laws(measure, {cells: max(one, 0.0) for cells, one in evens.items() if one is not None})
                note.result(
                    measure,
                    note.line(
                        text("break-even, {rival}, {country}", rival=rival.title.words, country=country),
                        max(even, 0.0),
                        "km",
                    ),
                )
    title = text("Greenhouse gases over distance")
    note.curve(curve_of(title, text("Distance"), "1000 km", far / 1e6, lines, "t CO2e"))


_NONE_YET = "climate of buses and trucks: there is none yet"
PROCEDURES = (
    Procedure(
        id="ownership",
        title=text("Cost of ownership"),
        regulation="T3CO 2.0",
        measures=(PRICE, COST, COST_PER_DISTANCE, COST_OVER_PETROL, *RIVAL_COST.values(), COST_BYN),
        validation_level=0,
        recipe=ownership,
        conditions=("payload_kg", "market", "day", "yearly_vehicle_count"),
        mass_only=("cabin",),
        reads_terms=True,
        categories=("M1", "N1"),
        other_categories="of buses ask 'life-cycle-contract'; of trucks there is none yet",
    ),
    Procedure(
        id="well-to-wheel",
        title=text("Well-to-wheel greenhouse gases"),
        regulation="JEC well-to-wheels",
        measures=(*PHASE.values(), *BREAK_EVEN.values()),
        validation_level=0,
        recipe=climate,
        conditions=("payload_kg",),
        mass_only=("cabin",),
        categories=("M1", "N1"),
        other_categories=_NONE_YET,
    ),
)

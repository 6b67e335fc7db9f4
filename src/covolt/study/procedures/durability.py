"""Durability of the battery: state of certified energy after 5 and 8 years, a band over the laws of its chemistry (UN GTR 22)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from covolt import units
from covolt.library.subject import Subject
from covolt.simulation.compiled import jitted
from covolt.study.lifetime.ageing import COLDEST_VALID_K, LAWS, Law, Stress, capacity_lost, laws_of
from covolt.study.lifetime.climate import Place, the_place
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.months_driven import MONTHS, Year, year_driven
from covolt.study.procedures.protocol import OWN, Given, Measure, Procedure, Recorder
from covolt.study.procedures.segments import window_energy_J
from covolt.vehicle.abstract_battery import AbstractBattery
from covolt.words import Phrase, Words, plural, text

__all__ = ["PROCEDURES", "ageing_remarks", "frost_of", "lived_year"]

ABOVE_AIR_K = 4.0
"""A pack in use stands on average this much above the air: an estimate."""
YEARLY_m = 20e6
"""20,000 km: the distance of a car that UN GTR 22 sets against each year, 100,000 km in 5 and 160,000 km in 8 years."""
DEEP_FROST_K = COLDEST_VALID_K - 10.0
"""Pack below which a year's result says that no law holds there: an estimate of where plating is not to be left out in silence."""
REST_CHARGE = 0.65
"""State of charge at which a vehicle stands most of its life, an estimate."""
SPEED_m_per_s = 40.0 / 3.6
YEARS = 10
MONTH_s = 365.25 / 12.0 * 86400.0
MINIMUM_5, MINIMUM_8 = 0.80, 0.70


_KINDS = (
    ("", text(", worst law")),
    ("_middle", text(", middle law")),
    ("_best", text(", best law")),
)
MEASURES = {
    (years, kind): Measure(
        f"soce_{years}_years{kind}",
        text("Energy kept after {years} years{law}", years=years, law=law),
        "%",
        0.0,
    )
    for years in (5, 8)
    for kind, law in _KINDS
}


@dataclass(frozen=True)
class Duty:
    """How much a vehicle is used."""

    yearly_distance_m: float = YEARLY_m
    daily_charge_count: float = 1.0


@dataclass(frozen=True)
class LivedYear:
    """A year of a battery's life: what each month asks of it, and the duty that leads to this."""

    months: tuple[Stress, ...]
    place: Place
    per_m_J: float
    usable_J: float
    yearly_m: float
    daily_charge_count: float
    daily_cycle_count: float
    rate_per_s: float
    cell_V: float


@jitted
def _rest_V(battery: AbstractBattery, state_of_charge: float) -> jax.Array:
    return jnp.asarray(battery.cell_rest_voltage_V(state_of_charge))


def lived_year(subject: Subject, given: Given, year: Year) -> LivedYear:
    """The stated duty by what a year of driving takes of the battery, month by month: full cycles a day and mean rate."""
    mean = year.mean
    stored_J = window_energy_J(subject)
    usable = stored_J * mean.terminals_J_per_m / mean.cells_J_per_m
    duty = given.over(Duty())
    # A full cycle takes what the cells hold between empty and full.
    cycles_per_J_per_m = duty.yearly_distance_m / 365.25 / stored_J
    rate_per_J_per_m = SPEED_m_per_s / stored_J
    battery = subject.vehicle.battery
    charged = float(np.asarray(battery.cell_charge_fraction(REST_CHARGE)))
    voltage = float(_rest_V(battery, REST_CHARGE))
    months = tuple(
        Stress(
            MONTH_s,
            one.air_K + ABOVE_AIR_K,
            charged,
            voltage,
            min(cycles_per_J_per_m * one.cells_J_per_m / duty.daily_charge_count, 1.0),
            rate_per_J_per_m * one.cells_J_per_m,
            cycles_per_J_per_m * one.cells_J_per_m / 86400.0,
        )
        for one in year.months
    )
    return LivedYear(
        months,
        year.place,
        mean.terminals_J_per_m,
        usable,
        duty.yearly_distance_m,
        duty.daily_charge_count,
        cycles_per_J_per_m * mean.cells_J_per_m,
        rate_per_J_per_m * mean.cells_J_per_m,
        voltage,
    )


def durability(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """The stated duty, month by month through each law of the chemistry; the lowest law is what counts against a bound."""
    laws = laws_of(subject.chemistry)
    if not laws:
        known = ", ".join(dict.fromkeys(law.chemistry for law in LAWS))
        said = text(
            "no law of ageing is at hand for these cells: {chemistry}, but {known}",
            chemistry=subject.chemistry or "",
            known=known,
        )
        note.miss_all(said)
        return
    usual = "wltc-3b" if subject.category in {"M1", "N1"} else "sort-2"
    driven = yield from year_driven(subject, given, note, usual, the_place(given.climate))
    if isinstance(driven, Phrase):
        note.miss_all(driven)
        return
    lived = lived_year(subject, given, driven)
    place, year = lived.place, lived.months
    note.section()
    note.line("consumption at the battery", lived.per_m_J, "Wh/km", "EC")
    note.line("usable energy", lived.usable_J, "kWh", "UBE", "GTR 22, 3.3")
    note.line("distance a year", lived.yearly_m, "km", "", OWN if given.yearly_distance_m else "GTR 22")
    note.line("distance a day", lived.yearly_m / 365.25, "km")
    note.line("charges a day", lived.daily_charge_count, "1")
    note.line("full cycles a day", lived.daily_cycle_count, "1", "n")
    note.line("mean rate in driving, share of the energy an hour", lived.rate_per_s, "1/h", "C")
    note.line("cell at rest", lived.cell_V, "V", "V")
    frost = frost_of(year)
    for remark in ageing_remarks(subject, place, laws, year):
        note.remark(remark)
    lines = {f"{law.name}, {law.chemistry}": 1.0 - np.array([0.0, *capacity_lost(law, year, YEARS)]) for law in laws}
    note.section()
    for years in (5, 8):
        by_law = {
            name: note.line(
                text("{name}, {years} years", name=name, years=years), float(line[years]), "%", "SOCE", "GTR 22, 3.18"
            )
            for name, line in lines.items()
        }
        values = list(by_law.values())
        for suffix, value in (("", min(values)), ("_middle", float(np.median(values))), ("_best", max(values))):
            measure = MEASURES[years, suffix]
            note.result(measure, value)
            if len(by_law) > 1:
                note.laws(measure, by_law)
            if frost is not None:
                note.shortfall(measure, frost)
    note.curve(
        curve_of(
            text("State of certified energy, a band over laws"),
            text("Age"),
            "years",
            np.arange(YEARS + 1.0),
            {Words(name): 100.0 * line for name, line in lines.items()},
            "%",
            {
                f"soce_{year}_years{suffix}": (float(year), float(year))
                for year in (5, 8)
                for suffix in ("", "_middle", "_best")
            },
        )
    )


def ageing_remarks(subject: Subject, place: Place, laws: Sequence[Law], year: Sequence[Stress]) -> Iterator[Phrase]:
    """Whose cells and which climate: law, chemistry, source and validity of each."""
    if subject.chemistry is None:
        known = ", ".join(dict.fromkeys(law.chemistry for law in laws))
        yield text(
            "The battery states no chemistry: the band lies over laws of {known}. State `chemistry` in its datasheet.",
            known=known,
        )
    elif len(laws) == 1:
        yield text("One law of {chemistry} is at hand: there is no band.", chemistry=subject.chemistry)
    for law in laws:
        told = f"{law.name}: {law.chemistry}, {law.cells}"
        fitted, met = _range(law.temperature_K, law.depth_fraction), _range(*_met(year))
        inside = all(law.covers(stress) for stress in year)
        within = text(
            "{law}; {source}; fitted at {fitted}; here {met}: within it.",
            law=told,
            source=law.source,
            fitted=fitted,
            met=met,
        )
        outside = text(
            "{law}; {source}; fitted at {fitted}; here {met}: outside it.",
            law=told,
            source=law.source,
            fitted=fitted,
            met=met,
        )
        yield within if inside else outside
    months = sum(one.temperature_K < COLDEST_VALID_K for one in year)
    if months:
        yield plural(
            "In {count} month the pack is below 0 °C: every law is applied at 0 °C, and plating of lithium is not modelled.",
            "In {count} months the pack is below 0 °C: every law is applied at 0 °C, and plating of lithium is not modelled.",
            count=months,
        )
    source = place.source.words
    yield text("Climate: {place}, {period}; {source}.", place=place.title.words, period=place.period, source=source)


def frost_of(year: Sequence[Stress]) -> Phrase | None:
    """What is not modelled where the pack lives in deep frost for months."""
    months = sum(one.temperature_K < COLDEST_VALID_K for one in year)
    coldest_K = min(one.temperature_K for one in year)
    if coldest_K >= DEEP_FROST_K:
        return None
    coldest = coldest_K - COLDEST_VALID_K
    return plural(
        "{count} month below 0 °C, down to {coldest:.0f} °C, counted as 0 °C: no law holds there, and plating is not modelled",
        "{count} months below 0 °C, down to {coldest:.0f} °C, counted as 0 °C: no law holds there, and plating is not modelled",
        count=months,
        coldest=coldest,
    )


def _met(year: Sequence[Stress]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges of temperature and depth that a year holds."""
    temperatures_K, depths = [one.temperature_K for one in year], [one.depth_fraction for one in year]
    return (min(temperatures_K), max(temperatures_K)), (min(depths), max(depths))


def _range(temperature_K: tuple[float, float], depth_fraction: tuple[float, float]) -> Phrase:
    """Both ranges as people read them: "0…45 °C and a depth of 80…100 %"."""
    cold, warm = (f"{round(units.unit('degC').from_si(end))}" for end in temperature_K)
    shallow, deep = (f"{100.0 * end:.0f}" for end in depth_fraction)
    depth = shallow if shallow == deep else f"{shallow}…{deep}"
    return text("{cold}…{warm} °C and a depth of {depth} %", cold=cold, warm=warm, depth=depth)


_OWN_DUTY = 'state it: yearly_distance = "60000 km"; the 20,000 km of UN GTR 22 are those of a car'
PROCEDURES = (
    Procedure(
        id="gtr-22",
        title=text("Durability of the battery"),
        regulation="UN GTR 22",
        measures=tuple(MEASURES.values()),
        validation_level=0,
        recipe=durability,
        conditions=("payload_kg", "climate", "yearly_distance_m", "daily_charge_count"),
        climate=lambda given, _: the_place(given.climate).id,
        shares_drives=MONTHS,
        needed={"yearly_distance_m": (("M2", "M3", "N2", "N3"), _OWN_DUTY)},
        mass_only=("charger",),
    ),
)

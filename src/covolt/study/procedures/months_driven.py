"""A year of driving by its months: what each takes of the cells with the comforts on, and what a fuel-fired heater burns in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions
from covolt.study.lifetime.climate import Place, place_of_market, the_place
from covolt.study.procedures.asking import Ask, Asking, ask_all
from covolt.study.procedures.emptying import SWING_s, comfort_K
from covolt.study.procedures.heating_fuel import NO_HEATER, PER_DISTANCE, burnt_J, fuel_of, fuel_signals
from covolt.study.procedures.protocol import Given, Recorder
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import (
    STRING_SIGNALS,
    Segment,
    break_off,
    cycle_segments,
    declared_recharge_J,
    laboratory,
    string_mission,
    terminal_power_W,
    within,
)
from covolt.words import Phrase, text

__all__ = [
    "MONTHS",
    "START",
    "Month",
    "Year",
    "months_driven",
    "note_fuel_of_year",
    "note_mains",
    "place_named",
    "place_of",
    "year_driven",
]

MONTHS = "months of a year"
"""What procedures share that drive a year so."""
START = 0.9
"""Charge from which a duty is driven, as in E-SORT: full, a battery takes back nothing of what braking gives, and of a day that is
the first kilometre."""

WARMING_s, COUNTED_s = 3600.0, 1800.0
"""How long cabin and battery settle, and how long counts after it, each to the next whole round: estimates."""
_COMFORT_SIGNALS = ("climate_power_W", "conditioning_power_W", "cabin_temperature_K")


class Month(NamedTuple):
    """What a month takes per distance, in its mean air."""

    air_K: float
    terminals_J_per_m: float
    cells_J_per_m: float
    comforts_J_per_m: float
    """Of heating, cooling, and tempering the battery, at the battery's terminals."""
    fuel_J_per_m: float
    lacking_K: float
    """How much colder the cabin stays than is comfortable, 0 where it does not or the air is warm."""


@dataclass(frozen=True)
class Year:
    """Where a vehicle is driven for a year, and what each month takes; as far is driven in each."""

    place: Place
    months: tuple[Month, ...]

    @property
    def mean(self) -> Month:
        """The same over the year."""
        return Month(*(float(np.mean(each)) for each in zip(*self.months, strict=True)))


def rounds_of(cycle: Sequence[Segment]) -> tuple[int, int]:
    """How many rounds warm cabin and battery and do not count, and how many count."""
    return round(WARMING_s / _steps(cycle)), max(1, round(COUNTED_s / _steps(cycle)))


def _steps(cycle: Sequence[Segment]) -> int:
    return sum(len(one.speed_m_per_s) for one in cycle)


def months_driven(
    subject: Subject, cycle: Sequence[Segment], conditions: Conditions, monthly_K: Sequence[float]
) -> Asking[tuple[Month, ...] | Phrase]:
    """Rounds of a cycle in the mean air of each month, comforts on; or why one of them is not driven.

    The vehicle stood in that air. The rounds of the first hour warm cabin and battery and do not count, those of half an hour do.
    """
    warming, counted = rounds_of(cycle)
    rounds = tuple(cycle) * (warming + counted)
    here = [replace(conditions, ambient_temperature_K=one, comforts_on=True) for one in monthly_K]
    missions = [string_mission(rounds, one) for one in here]
    signals = (*STRING_SIGNALS, *_COMFORT_SIGNALS, *fuel_signals(subject))
    traces = yield from ask_all([Ask(subject.vehicle, one, signals) for one in missions])
    begin, found = warming * _steps(cycle), list[Month]()
    for air_K, mission, trace in zip(monthly_K, missions, traces, strict=True):
        targets = mission.profile["target_m_per_s"]
        if break_off(targets, trace["speed_m_per_s"]) < len(targets):
            said = text("the cycle is not driven at {celsius:.1f} degC", celsius=air_K - ZERO_CELSIUS_K)
            return because(said, trace.outcome)
        distance_m = float(np.sum(trace["mean_speed_m_per_s"][begin:]))
        comforts_W = np.abs(trace["climate_power_W"] + trace["conditioning_power_W"])
        cabin_K = float(np.mean(trace["cabin_temperature_K"][-round(SWING_s) :]))
        wanted_K = comfort_K(subject, warm=True)
        found.append(
            Month(
                air_K,
                float(np.sum(terminal_power_W(trace)[begin:])) / distance_m,
                float(-np.sum(trace["battery_open_circuit_power_W"][begin:])) / distance_m,
                float(np.sum(comforts_W[begin:])) / distance_m,
                burnt_J(trace, begin, len(targets)) / distance_m,
                max(wanted_K - cabin_K, 0.0) if air_K < wanted_K else 0.0,
            )
        )
    return tuple(found)


def place_of(given: Given) -> Place:
    """The climate that is named, else that of the market."""
    return the_place(given.climate) if given.climate is not None else place_of_market(given.market)


def place_named(given: Given, note: Recorder) -> Place:
    """The same; where none is named, the protocol says whose choice it is."""
    place = place_of(given)
    if given.climate is None:
        said = text(
            'No climate is named: the months are those of {place}; name another, such as climate = "{id}".',
            place=place.title.words,
            id=place.id,
        )
        note.remark(said)
    return place


def year_driven(subject: Subject, given: Given, note: Recorder, name: str, place: Place) -> Asking[Year | Phrase]:
    """A cycle by name in each month of a place on the road, at the test mass or as loaded as is given; line by line, or why not."""
    cycle = within(subject, cycle_segments(name, phases=False))
    conditions = replace(laboratory(subject, given), on_dynamometer=False, state_of_charge=START)
    note.line("test mass", subject.carried_mass_kg + conditions.payload_kg, "kg", "m_t")
    length_m = sum(float(np.sum(one.speed_m_per_s)) for one in cycle)
    note.line(text("length of the cycle, {cycle}", cycle=name), length_m, "m", "s")
    note.line(text("charge at the start"), START, "%", "z")
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
    year = Year(place, found)
    said = text("air over the year, {place}", place=place.title.words)
    note.line(said, year.mean.air_K, "degC", "T", "" if place.confirmed else "station normals")
    note.line(text("heating, cooling and tempering of the battery"), year.mean.comforts_J_per_m, "kWh/km")
    note.line(text("from the cells, over the year"), year.mean.cells_J_per_m, "kWh/km")
    short = max(found, key=lambda one: one.lacking_K)
    if short.lacking_K > 0.0:
        note.remark(
            text(
                "At {celsius:.1f} degC the cabin stays {short:.1f} K colder than is comfortable: the heat that it lacks is not counted.",
                celsius=short.air_K - ZERO_CELSIUS_K,
                short=short.lacking_K,
            )
        )
    return year


def note_mains(note: Recorder, subject: Subject, cells_J_per_m: float) -> float:
    """Consumption from the mains, EC = E_cells / s x (mains over cells in charging)."""
    ratio = note.line(text("mains over cells in charging"), declared_recharge_J(subject, 1.0, note), "1")
    return note.line("consumption from the mains", cells_J_per_m * ratio, "kWh/km", "EC")


def note_fuel_of_year(note: Recorder, subject: Subject, year: Year) -> float:
    """Fuel of heating over the year, volume per distance in m2; none of a vehicle without such a heater."""
    fuel = fuel_of(subject)
    if fuel is None:
        note.absent(PER_DISTANCE, NO_HEATER)
        return 0.0
    burnt = note.line("fuel of heating, over the year", fuel.volume_m3(year.mean.fuel_J_per_m), "L/100 km")
    note.result(PER_DISTANCE, burnt)
    return burnt

"""What a cabin's fuel-fired heater burns in a procedure: litres over the distance, over the range, and the CO2 at its exhaust."""

from __future__ import annotations

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.trace import Trace
from covolt.study.procedures.protocol import Measure, Recorder
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.fuel_heater import FUELS, Fuel, FuelHeater
from covolt.words import Phrase, text

__all__ = [
    "CARRIERS",
    "HEATING_FUEL",
    "HEATING_OFF",
    "NO_HEATER",
    "PER_DISTANCE",
    "burnt_J",
    "burnt_to_empty_J",
    "fuel_of",
    "fuel_signals",
    "heater_of",
    "miss_fuel",
    "note_fuel",
    "note_off",
]

PER_DISTANCE = Measure("heater_fuel", text("Fuel of heating"), "L/100 km", 0.0)
VOLUME = Measure("heater_fuel_volume", text("Fuel of heating over the range"), "L", 0.0)
CO2 = Measure("heater_co2", text("CO2 of heating, at the exhaust"), "g/km", 0.0)
HEATING_FUEL = (PER_DISTANCE, VOLUME, CO2)
"""Measures of every procedure that drives with the heating on."""
CARRIERS = {"diesel": "diesel", "petrol": "petrol-95"}
"""Fuels of heaters as tables of prices call them."""
_SIGNAL = "fuel_power_W"
NO_HEATER = text("no fuel-fired heater")
HEATING_OFF = text("the heating is off")


def heater_of(subject: Subject) -> FuelHeater | None:
    """The cabin's fuel-fired heater; None where there is none."""
    cabin = subject.vehicle.cabin
    return cabin.fuel_heater if isinstance(cabin, Cabin) else None


def fuel_of(subject: Subject) -> Fuel | None:
    """The fuel that it burns; None where there is no such heater."""
    heater = heater_of(subject)
    return None if heater is None else FUELS[heater.fuel]


def fuel_signals(subject: Subject) -> tuple[str, ...]:
    """What to ask of a drive besides, so that the fuel can be summed."""
    return () if fuel_of(subject) is None else (_SIGNAL,)


def burnt_J(trace: Trace, begin: int, end: int) -> float:
    """Energy of the fuel burnt between two steps; none where there is no such heater."""
    if _SIGNAL not in trace.names:
        return 0.0
    return float(np.sum(trace[_SIGNAL][begin:end])) * trace.result.mission.dt_s


def burnt_to_empty_J(trace: Trace, steps: int, whole_cycles: int, left_cycle_fraction: float) -> float:
    """The same from the start to the empty battery: what is left of the last cycle counts as the cycle before it."""
    end = whole_cycles * steps
    return burnt_J(trace, 0, end) + left_cycle_fraction * burnt_J(trace, end - steps, end)


def note_fuel(note: Recorder, subject: Subject, energy_J: float, distance_m: float, range_m: float) -> None:
    """Fuel of heating over a distance, carried on to the range: V = E / (H rho), m = e E; 0 of a vehicle without such a heater."""
    fuel = fuel_of(subject)
    if fuel is None:
        for measure in HEATING_FUEL:
            note.absent(measure, NO_HEATER)
        return
    note.section()
    per_m = note.line(text("fuel burnt over the distance"), energy_J, "kWh", "E_f") / distance_m
    volume_m2 = fuel.volume_m3(per_m)
    note.result(PER_DISTANCE, note.line(text("fuel of heating"), volume_m2, "L/100 km"))
    note.result(VOLUME, note.line(text("fuel over the range"), volume_m2 * range_m, "L"))
    note.result(CO2, note.line(text("CO2 at the exhaust of the heater"), fuel.co2_kg(per_m), "g/km"))


def note_off(note: Recorder) -> None:
    """State that nothing is burnt where the comforts are off, whatever the vehicle has."""
    for measure in HEATING_FUEL:
        note.absent(measure, HEATING_OFF)


def miss_fuel(note: Recorder, subject: Subject, why: Phrase) -> None:
    """State why the fuel of heating cannot be had; without such a heater it is none in any case."""
    for measure in HEATING_FUEL:
        if fuel_of(subject) is None:
            note.absent(measure, NO_HEATER)
        else:
            note.miss(measure, why)

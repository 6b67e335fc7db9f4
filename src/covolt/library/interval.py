"""How far covolt may be wrong about a car that nobody measured, by the uncertainties of the generic set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.library.generic import GENERIC, UNCERTAIN, Generic, GenericNumber, moved
from covolt.library.spread import NINETY, Interval, Spread, of_drive, of_session
from covolt.simulation.charging import ChargingMission, charge
from covolt.simulation.core import pack
from covolt.simulation.mission import Mission
from covolt.simulation.run import BatchRunner, simulate
from covolt.vehicle.assembly import Vehicle

__all__ = [
    "NINETY",
    "Interval",
    "Measures",
    "charge_intervals",
    "drive_intervals",
    "moved_cars",
    "plug_intervals",
    "standard_uncertainty",
]

Measures = Callable[[Sequence[Vehicle]], np.ndarray]
"""One row of measures for each vehicle."""


def standard_uncertainty(
    make: Callable[[Generic], Vehicle],
    measures: Measures,
    numbers: Sequence[GenericNumber] = UNCERTAIN,
    others: Sequence[tuple[Vehicle, Vehicle]] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Measures of a vehicle made of the generic set, and their standard uncertainties.

    Steps are u_i, or end where the number's physical range does. `others` are vehicles with something else moved up and down by
    its standard uncertainty. Validity: first order; docs/models/generic-car.md says how often the interval held.
    """
    spread, vehicles = _moved(make, numbers)
    for index, pair in enumerate(others):
        vehicles += pair
        spread = Spread((*spread.names, f"other {index}"), (*spread.span_ratios, 0.5))
    found = measures(vehicles)
    return found[0], spread.uncertainty(found)


def _moved(make: Callable[[Generic], Vehicle], numbers: Sequence[GenericNumber]) -> tuple[Spread, list[Vehicle]]:
    """The vehicle as it is, then with each number that moves it up and down."""
    nominal = make(GENERIC)
    same = pack(nominal)[0].tobytes()
    vehicles, spans, names = [nominal], [], []
    for number in numbers:
        value, u = getattr(GENERIC, number.name), number.standard_uncertainty
        down, up = min(u, value - number.lowest), min(u, number.highest - value)
        pair = [make(moved(GENERIC, number.name, by)) for by in (up, -down)]
        if any(pack(one)[0].tobytes() != same for one in pair):
            vehicles += pair
            spans.append(u / (up + down))
            names.append(number.name)
    return Spread(tuple(names), tuple(spans)), vehicles


def moved_cars(figures: CarFigures) -> tuple[Spread, list[Vehicle]]:
    """A car, then with each uncertain number that its figures leave open moved up and down; the figures count as exact."""
    return _moved(lambda generic: car(figures, generic), UNCERTAIN)


def drive_intervals(figures: CarFigures, mission: Mission) -> dict[str, Interval]:
    """What is said of a car's drive (`of_drive`), each with what the generic set does not know of it."""
    spread, vehicles = moved_cars(figures)
    drives = [simulate(one, mission).result for one in vehicles]
    return spread.intervals([of_drive(one, figures.battery_energy) for one in drives])


def charge_intervals(figures: CarFigures, mission: ChargingMission, stops: Sequence[float] = ()) -> dict[str, Interval]:
    """What is said of a car's charging session (`of_session`), each with what the generic set does not know of it."""
    spread, vehicles = moved_cars(figures)
    return spread.intervals([of_session(charge(one, mission), stops) for one in vehicles])


def plug_intervals(figures: CarFigures, missions: Sequence[Mission]) -> tuple[Interval, ...]:
    """Plug energy per distance of a car over each mission, in J/m, with what the generic set does not know of it."""

    def measured(vehicles: Sequence[Vehicle]) -> np.ndarray:
        table = BatchRunner().run(vehicles, missions)
        return np.array([[result.plug_consumption_J_per_m for result in results] for results in table])

    values, uncertainties = standard_uncertainty(lambda generic: car(figures, generic), measured)
    return tuple(Interval(float(value), float(u)) for value, u in zip(values, uncertainties, strict=True))

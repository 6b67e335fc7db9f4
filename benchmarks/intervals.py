"""How far covolt may be wrong about a car that nobody measured: the generic set's uncertainties, carried to any measure of it.

See `covolt.library.interval`; what the vehicle's file states without knowing it comes on top.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import equinox as eqx
import numpy as np
from published import figure, with_figure

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.library.generic import GENERIC, UNCERTAIN, GenericNumber, moved
from covolt.library.interval import Measures
from covolt.library.interval import standard_uncertainty as library_uncertainty
from covolt.simulation.core import pack
from covolt.simulation.mission import Mission
from covolt.simulation.run import BatchRunner
from covolt.vehicle.assembly import Vehicle


def battery_J(missions: Sequence[Mission]) -> Measures:
    """Net energy from the battery over each mission."""

    def of(vehicles: Sequence[Vehicle]) -> np.ndarray:
        table = BatchRunner().run(vehicles, missions)
        return np.array([[result.battery_energy_J for result in results] for results in table])

    return of


def _any_figures() -> CarFigures:
    return CarFigures.model_validate(
        {
            "test_mass": "1900 kg",
            "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.009},
            "battery_energy": "60 kWh",
            "motor_power": "150 kW",
        }
    )


@functools.cache
def _any_car() -> Vehicle:
    return car(_any_figures())


@functools.cache
def of_charging() -> tuple[GenericNumber, ...]:
    """The uncertain numbers that a session at a post can feel."""
    same = pack(_any_car())[0].tobytes()
    moves = {
        number.name: pack(only_charging(car(_any_figures(), moved(GENERIC, number.name, number.standard_uncertainty))))[
            0
        ]
        for number in UNCERTAIN
    }
    return tuple(number for number in UNCERTAIN if moves[number.name].tobytes() != same)


def only_charging(vehicle: Vehicle) -> Vehicle:
    """The vehicle with one and the same drive and road load: what is uncertain of these leaves a session at a post alone."""
    where = lambda v: (v.axles, v.body, v.tyre, v.cabin, v.charger)  # noqa: E731
    return eqx.tree_at(where, vehicle, where(_any_car()))


def range_m(missions: Sequence[Mission], weights: Sequence[float]) -> Measures:
    """Range of a battery's usable energy, weighted by what it would be on each mission: R = E sum_j w_j / EC_j."""

    def of(vehicles: Sequence[Vehicle]) -> np.ndarray:
        table = BatchRunner().run(vehicles, missions)
        per_m = np.array([[result.battery_consumption_J_per_m for result in results] for results in table])
        usable_J = np.array([float(vehicle.battery.energy_J()) for vehicle in vehicles])
        return (usable_J * (np.array(weights) / per_m).sum(axis=1))[:, None]

    return of


def relative_uncertainty(figures: CarFigures, measures: Measures) -> float:
    """Standard uncertainty of one measure over the measure itself."""
    value, u = standard_uncertainty(figures, measures)
    return float(u[0] / value[0])


def standard_uncertainty(
    figures: CarFigures,
    measures: Measures,
    stated: Mapping[str, float] | None = None,
    change: Callable[[Vehicle], Vehicle] = lambda vehicle: vehicle,
    numbers: Sequence[GenericNumber] = UNCERTAIN,
) -> tuple[np.ndarray, np.ndarray]:
    """Measures of a car as they are, and their standard uncertainties; `stated` are those of figures, `change` comes last."""
    others = [
        (up, down)
        for name, u in (stated or {}).items()
        for up, down in ([change(car(with_figure(figures, name, figure(figures, name) + by))) for by in (u, -u)],)
    ]
    return library_uncertainty(lambda generic: change(car(figures, generic)), measures, numbers, others)

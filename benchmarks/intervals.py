"""How far covolt may be wrong about a car that nobody measured: the generic set's uncertainties, carried to any measure of it.

    u^2 = sum_ij rho_ij d_i d_j + sum_k e_k^2,   d_i = u_i (f(x_i + u_i) - f(x_i - u_i)) / (2 u_i)

over the uncertain numbers of the generic set, correlated as the set says, and over what the vehicle's file states without
knowing it. Central differences; a step ends where the physical range of its number does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import equinox as eqx
import numpy as np
from published import figure, with_figure

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.library.generic import GENERIC, UNCERTAIN, GenericNumber, correlation, moved
from covolt.simulation.core import pack
from covolt.simulation.mission import Mission
from covolt.simulation.run import BatchRunner
from covolt.vehicle.assembly import Vehicle

Measures = Callable[[Sequence[Vehicle]], np.ndarray]
"""One row of measures for each vehicle."""


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
    nominal = change(car(figures))
    same = pack(nominal)[0].tobytes()
    vehicles, spans, names = [nominal], [], []
    for number in numbers:
        value, u = getattr(GENERIC, number.name), number.standard_uncertainty
        down, up = min(u, value - number.lowest), min(u, number.highest - value)
        pair = [change(car(figures, moved(GENERIC, number.name, by))) for by in (up, -down)]
        if any(pack(one)[0].tobytes() != same for one in pair):
            vehicles += pair
            spans.append(u / (up + down))
            names.append(number.name)
    for name, u in (stated or {}).items():
        value = figure(figures, name)
        vehicles += [change(car(with_figure(figures, name, value + by))) for by in (u, -u)]
        spans.append(0.5)
        names.append(f"of this vehicle: {name}")
    found = measures(vehicles)
    if not spans:
        return found[0], np.zeros_like(found[0])
    differences = np.array(spans)[:, None] * (found[1::2] - found[2::2])
    tied = np.array([[correlation(first, second) for second in names] for first in names])
    variance = np.einsum("ik,ij,jk->k", differences, tied, differences)
    return found[0], np.sqrt(np.maximum(variance, 0.0))

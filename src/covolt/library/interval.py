"""How far covolt may be wrong about a car that nobody measured, by the uncertainties of the generic set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.library.generic import GENERIC, UNCERTAIN, Generic, GenericNumber, correlation, moved
from covolt.simulation.core import pack
from covolt.simulation.mission import Mission
from covolt.simulation.run import BatchRunner
from covolt.vehicle.assembly import Vehicle

__all__ = ["NINETY", "Interval", "Measures", "plug_intervals", "standard_uncertainty"]

NINETY = 1.6449
"""Standard uncertainties on each side of a normal 90 % interval."""

Measures = Callable[[Sequence[Vehicle]], np.ndarray]
"""One row of measures for each vehicle."""


@final
@dataclass(frozen=True)
class Interval:
    """A value with its standard uncertainty, in the same unit."""

    value: float
    standard_uncertainty: float

    @property
    def halfwidth_90_fraction(self) -> float:
        """Half of the 90 % interval over the value."""
        return NINETY * self.standard_uncertainty / self.value


def standard_uncertainty(
    make: Callable[[Generic], Vehicle],
    measures: Measures,
    numbers: Sequence[GenericNumber] = UNCERTAIN,
    others: Sequence[tuple[Vehicle, Vehicle]] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Measures of a vehicle made of the generic set, and their standard uncertainties.

    u^2 = sum_ij rho_ij d_i d_j + sum_k e_k^2,   d_i = u_i (f(x_i + up) - f(x_i - down)) / (up + down)

    Steps are u_i, or end where the number's physical range does. `others` are vehicles with something else moved up and down by
    its standard uncertainty. Validity: first order; docs/models/generic-car.md says how often the interval held.
    """
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
    for index, pair in enumerate(others):
        vehicles += pair
        spans.append(0.5)
        names.append(f"other {index}")
    found = measures(vehicles)
    if not spans:
        return found[0], np.zeros_like(found[0])
    differences = np.array(spans)[:, None] * (found[1::2] - found[2::2])
    tied = np.array([[correlation(first, second) for second in names] for first in names])
    variance = np.einsum("ik,ij,jk->k", differences, tied, differences)
    return found[0], np.sqrt(np.maximum(variance, 0.0))


def plug_intervals(figures: CarFigures, missions: Sequence[Mission]) -> tuple[Interval, ...]:
    """Plug energy per distance of a car over each mission, in J/m, with what the generic set does not know of it."""

    def measured(vehicles: Sequence[Vehicle]) -> np.ndarray:
        table = BatchRunner().run(vehicles, missions)
        return np.array([[result.plug_consumption_J_per_m for result in results] for results in table])

    values, uncertainties = standard_uncertainty(lambda generic: car(figures, generic), measured)
    return tuple(Interval(float(value), float(u)) for value, u in zip(values, uncertainties, strict=True))

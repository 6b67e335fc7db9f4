"""How what is uncertain of a vehicle spreads to what is computed of it; needs no vehicle, only what was found of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from covolt.library.generic import correlation

if TYPE_CHECKING:
    from covolt.simulation.charging import ChargingSession
    from covolt.simulation.trace import Result

__all__ = ["NINETY", "Interval", "Spread", "of_drive", "of_session"]

NINETY = 1.6449
"""Standard uncertainties on each side of a normal 90 % interval."""
COVERAGE_FACTOR = 2.0
"""Expanded uncertainty U = 2 u, about 95 % (JCGM 100:2008, 6.3.3)."""


@final
@dataclass(frozen=True)
class Interval:
    """A value with its standard uncertainty, in the same unit, of which `inputs` comes from stated numbers."""

    value: float
    standard_uncertainty: float
    inputs: float = 0.0

    @property
    def models(self) -> float:
        """What the generic numbers leave uncertain: u^2 = inputs^2 + models^2."""
        return math.sqrt(max(self.standard_uncertainty**2 - self.inputs**2, 0.0))

    @property
    def expanded(self) -> float:
        """Expanded uncertainty, U = 2 u."""
        return COVERAGE_FACTOR * self.standard_uncertainty

    @property
    def halfwidth_90_fraction(self) -> float:
        """Half of the 90 % interval over the value."""
        return NINETY * self.standard_uncertainty / self.value


@final
@dataclass(frozen=True)
class Spread:
    """The uncertain numbers that move a vehicle, and u_i over the sum of both steps by which each was moved."""

    names: tuple[str, ...]
    span_ratios: tuple[float, ...]

    def uncertainty(self, values: np.ndarray) -> np.ndarray:
        """Standard uncertainties of measures: one row of them for the vehicle, then two for each number, moved up and down.

        u^2 = sum_ij rho_ij d_i d_j,   d_i = u_i (f(x_i + up) - f(x_i - down)) / (up + down)
        """
        if not self.names:
            return np.zeros_like(values[0])
        with np.errstate(invalid="ignore"):  # without end either way, as the range of a vehicle that did not move
            differences = np.array(self.span_ratios)[:, None] * (values[1::2] - values[2::2])
        tied = np.array([[correlation(first, second) for second in self.names] for first in self.names])
        variance = np.einsum("ik,ij,jk->k", differences, tied, differences)
        return np.sqrt(np.maximum(variance, 0.0))

    def intervals(self, found: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
        """The same of measures by name."""
        names = list(found[0])
        rows = np.array([[one[name] for name in names] for one in found])
        return {
            name: Interval(float(value), float(u))
            for name, value, u in zip(names, rows[0], self.uncertainty(rows), strict=True)
        }


def of_drive(result: Result, battery_energy_J: float) -> dict[str, float]:
    """What is said of a drive, in SI: its result, the range from full to empty at its consumption, each entry of its ledger.

    range = E d / E_used,   E_used from the cells
    """
    used_J = result.ledger.energy_J("battery")
    return {
        "distance_m": result.distance_m,
        "battery_energy_J": result.battery_energy_J,
        "plug_energy_J": result.plug_energy_J,
        "battery_consumption_J_per_m": result.battery_consumption_J_per_m,
        "plug_consumption_J_per_m": result.plug_consumption_J_per_m,
        "state_of_charge": result.state_of_charge,
        "battery_temperature_K": result.battery_temperature_K,
        "recuperated_energy_J": result.recuperated_energy_J,
        "recuperated_fraction": result.recuperated_fraction,
        "range_m": battery_energy_J * result.distance_m / used_J if used_J > 0.0 else float("inf"),
        **{entry.name: entry.energy_J for entry in result.ledger.entries},
    }


def of_session(session: ChargingSession, stops: Sequence[float] = ()) -> dict[str, float]:
    """What is said of a charging session, in SI, and when each of `stops` is reached, `time_at_0.8_s`."""
    return {
        "time_s": session.time_s,
        "plug_energy_J": session.plug_energy_J,
        "stored_energy_J": session.stored_energy_J,
        "mean_power_W": session.mean_power_W,
        "efficiency_ratio": session.efficiency,
        "battery_temperature_K": session.battery_temperature_K,
        **{f"time_at_{stop:g}_s": session.time_at_s(stop) for stop in stops},
    }

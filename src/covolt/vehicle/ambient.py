"""The air around the vehicle: what a mission says of the weather."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp

from covolt.vehicle.part import Scalar

AIR_GAS_CONSTANT_J_per_kg_K = 287.05


class Ambient(NamedTuple):
    """Weather and place. Scalars, or arrays where missions are a batch."""

    temperature_K: Scalar
    pressure_Pa: Scalar = 101325.0
    wind_m_per_s: Scalar = 0.0
    sun_W_per_m2: Scalar = 0.0

    @property
    def density_kg_per_m3(self) -> Scalar:
        """Air density, rho = p / (R T), ideal dry gas."""
        return self.pressure_Pa / (AIR_GAS_CONSTANT_J_per_kg_K * self.temperature_K)


def pressure_at_altitude_Pa(altitude_m: Scalar) -> Scalar:
    """Pressure of the ICAO standard atmosphere, p = p0 (1 - 2.25577e-5 h)^5.25588, valid to 11 km."""
    return 101325.0 * jnp.power(1.0 - 2.25577e-5 * jnp.asarray(altitude_m), 5.25588)

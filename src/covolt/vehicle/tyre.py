"""Tyres: what rolling costs, how it falls as they warm, and what grip they give.

Source: component-level forms of SAE J2452 (speed polynomial, load exponent) and the temperature law of UN R117 Annex 6
written as an exponential outside its 20 to 30 degC band. Validation: level 1, see docs/models/tyre.md.
"""

from __future__ import annotations

from typing import NamedTuple, final

import jax
import jax.numpy as jnp

from covolt.vehicle.ambient import Ambient
from covolt.vehicle.part import AbstractPart, Scalar


class TyreState(NamedTuple):
    """Mean temperature of the four (or more) tyres' rubber."""

    temperature_K: Scalar


@final
class Tyre(AbstractPart):
    """A set of tyres with one mean temperature.

    rolling factor  c(T) / c(T_ref) = exp(-K (T - T_ref))
    warm-up         C dT/dt = q P_rolling - h A (T - T_ambient),   h A = h0 + h1 v

    K is 0.008 /K for passenger tyres (UN R117, class C1) and 0.006 /K for heavy ones (C3); T_ref is the temperature at which
    the rolling resistance holds: the warm tyre of a coast-down. Outside 20 to 30 degC ambient K is uncertain to about 25 %.
    """

    rolling_coefficient: Scalar
    temperature_coefficient_per_K: Scalar
    reference_temperature_K: Scalar
    heat_capacity_J_per_K: Scalar
    heat_fraction: Scalar
    conductance_W_per_K: Scalar
    conductance_per_speed_J_per_K_m: Scalar
    grip_coefficient: Scalar
    radius_m: Scalar

    def start(self, temperature_K: Scalar) -> TyreState:
        """Tyres soaked at a temperature."""
        return TyreState(jnp.asarray(temperature_K))

    def resistance_factor(self, state: TyreState) -> jax.Array:
        """Rolling resistance over that at the reference temperature (dimensionless)."""
        return jnp.exp(self.temperature_coefficient_per_K * (self.reference_temperature_K - state.temperature_K))

    def step(
        self, state: TyreState, rolling_power_W: Scalar, speed_m_per_s: Scalar, ambient: Ambient, dt_s: Scalar
    ) -> TyreState:
        """Tyre temperature after one step; implicit in the exchange with the air, so stable for every step length."""
        k = dt_s / self.heat_capacity_J_per_K
        exchange = self.conductance_W_per_K + self.conductance_per_speed_J_per_K_m * speed_m_per_s
        T = (state.temperature_K + k * (self.heat_fraction * rolling_power_W + exchange * ambient.temperature_K)) / (
            1.0 + k * exchange
        )
        return TyreState(T)

"""Brakes: what the friction brakes take and what is left to recuperation."""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp

from covolt.vehicle.part import AbstractPart, GRAVITY_m_per_s2, Scalar, positive


@final
class Brake(AbstractPart):
    """Friction brakes blended with recuperation.

    Recuperation takes at most
        min( share R, a_max m ) fade(v),   fade(v) = clip((v - v0) / (v1 - v0), 0, 1)
    of a braking request R; the friction brakes take the rest, up to the grip of all wheels. `share` and `a_max` keep the
    driven axle within its part of the brake-force distribution.

    Source: blended braking as type-approved under UN R13-H; the fade at walking pace is every maker's practice. Validation:
    level 1 (cycle energy).
    """

    recuperation_fraction: Scalar
    recuperation_deceleration_m_per_s2: Scalar
    fade_start_m_per_s: Scalar
    fade_end_m_per_s: Scalar

    def recuperation_N(self, request_N: Scalar, mass_kg: Scalar, speed_m_per_s: Scalar) -> jax.Array:
        """Largest recuperation force at the wheels that the blending allows, before the limits of machine and battery."""
        fade = jnp.clip(
            (speed_m_per_s - self.fade_end_m_per_s) / (self.fade_start_m_per_s - self.fade_end_m_per_s), 0.0, 1.0
        )
        allowed = jnp.minimum(
            self.recuperation_fraction * positive(request_N), self.recuperation_deceleration_m_per_s2 * mass_kg
        )
        return allowed * fade


def axle_grip_N(grip_coefficient: Scalar, mass_kg: Scalar, load_fraction: Scalar) -> Scalar:
    """Largest longitudinal force of one axle, F = mu m g s, with s its share of the weight."""
    return grip_coefficient * mass_kg * GRAVITY_m_per_s2 * load_fraction

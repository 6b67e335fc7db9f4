"""The driver: who turns a target speed into a force request."""

from __future__ import annotations

import abc
from typing import NamedTuple, final

import jax
import jax.numpy as jnp

from covolt.vehicle.part import AbstractPart, Scalar

UNLIMITED_m_per_s = 1e3
"""No vehicle of this world; a number that batches, slopes and own code take alike."""


class DriverState(NamedTuple):
    """Memory of the driver: the integral of the speed error."""

    speed_error_integral_m: Scalar


class Target(NamedTuple):
    """What the driver sees: own speed, the speed asked at the end of this step, and one further ahead."""

    speed_m_per_s: Scalar
    target_m_per_s: Scalar
    preview_m_per_s: Scalar


class AbstractDriver(AbstractPart):
    """Whoever follows a speed."""

    @abc.abstractmethod
    def start(self) -> DriverState:
        """A driver who has not driven yet."""

    @abc.abstractmethod
    def speed_m_per_s(self, state: DriverState, target: Target, dt_s: Scalar) -> tuple[DriverState, jax.Array]:
        """The speed that the driver wants to have at the end of this step."""


@final
class IdealDriver(AbstractDriver):
    """A driver who asks for exactly the force that the trace needs: the inverse of the vehicle within its limits.

    v_wanted = min(v_target, v_top): a limiter at the top speed holds him back.
    """

    top_speed_m_per_s: Scalar = UNLIMITED_m_per_s

    def start(self) -> DriverState:
        """Nothing to remember."""
        return DriverState(jnp.zeros(()))

    def speed_m_per_s(self, state: DriverState, target: Target, dt_s: Scalar) -> tuple[DriverState, jax.Array]:
        """The target itself, up to the limiter."""
        return state, jnp.minimum(target.target_m_per_s, self.top_speed_m_per_s)


@final
class PIDriver(AbstractDriver):
    """A driver who corrects the speed error seen now and remembered, and looks ahead.

    a = kp (v_target - v) + ki integral(v_target - v) dt + w (v_preview - v_target) / t_preview
    v_wanted = max(0, v + a dt),  |a| <= a_max; the integral is held within +-`integral_limit_m`.

    Source: standard forward-facing driver model. Validity: gains of 0.3 to 1 /s follow WLTC within its tolerance.
    """

    proportional_gain_per_s: Scalar
    integral_gain_per_s2: Scalar
    preview_time_s: Scalar
    preview_weight_fraction: Scalar
    acceleration_limit_m_per_s2: Scalar
    integral_limit_m: Scalar

    def start(self) -> DriverState:
        """No error remembered."""
        return DriverState(jnp.zeros(()))

    def speed_m_per_s(self, state: DriverState, target: Target, dt_s: Scalar) -> tuple[DriverState, jax.Array]:
        """Speed wanted at the end of this step."""
        error = target.target_m_per_s - target.speed_m_per_s
        integral = jnp.clip(state.speed_error_integral_m + error * dt_s, -self.integral_limit_m, self.integral_limit_m)
        # A driver at rest at a red light does not lean on the pedal: the memory fades while the target is zero.
        integral = jnp.where(target.target_m_per_s > 0.0, integral, 0.0)
        ahead = self.preview_weight_fraction * (target.preview_m_per_s - target.target_m_per_s) / self.preview_time_s
        a = self.proportional_gain_per_s * error + self.integral_gain_per_s2 * integral + ahead
        a = jnp.clip(a, -self.acceleration_limit_m_per_s2, self.acceleration_limit_m_per_s2)
        return DriverState(integral), jnp.maximum(0.0, target.speed_m_per_s + a * dt_s)

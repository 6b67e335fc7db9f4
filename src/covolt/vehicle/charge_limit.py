"""How much current a cell may be charged with before it plates lithium."""

from __future__ import annotations

from typing import final

import jax
import jax.numpy as jnp

from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K
from covolt.vehicle.lookup import Polynomial
from covolt.vehicle.part import ZERO_CELSIUS_K, AbstractTree, Scalar, positive


@final
class ChargeLimit(AbstractTree):
    """Largest charging current over capacity that does not plate lithium: f(z) g(T) s(T), T held within the range of g.

    s = x^2 (3 - 2x), x = clip((T - T_none) / (T_fall - T_none), 0, 1): as g has it down to T_fall, nothing below T_none.

    Source: `generic_charge_limit`.
    """

    over_state_of_charge_per_s: Polynomial
    over_temperature: Polynomial
    """Of (T - 298.15 K) / 50 K."""
    pulse_ratio: Scalar
    """How much more than the sustained current a pulse of some seconds may carry."""
    falling_below_K: Scalar = ZERO_CELSIUS_K - 20.0
    none_below_K: Scalar = ZERO_CELSIUS_K - 30.0

    def __call__(self, state_of_charge: Scalar, temperature_K: Scalar) -> jax.Array:
        """Sustained current over capacity."""
        warmth = (temperature_K - REFERENCE_TEMPERATURE_K) * 0.02
        held = jnp.minimum(jnp.maximum(warmth, self.over_temperature.low), self.over_temperature.high)
        span_K = self.falling_below_K - self.none_below_K
        open_ratio = jnp.clip((temperature_K - self.none_below_K) * (1.0 / span_K), 0.0, 1.0)
        opened = open_ratio * open_ratio * (3.0 - 2.0 * open_ratio)
        return positive(self.over_state_of_charge_per_s(state_of_charge) * self.over_temperature(held)) * opened


def generic_charge_limit() -> ChargeLimit:
    """The limit of an NMC energy cell; of a cell model, not of any pack.

    Source: 42 constant-current charges of the DFN model with the parameters of O'Kane et al. 2022 (LG M50), anode surface
    potential at 0 V; -20 to 40 degC, 20 to 80 % state of charge; the product form fits the 24 points within 12 %. That model's
    overpotentials grow too little in the cold (`generic_nmc_cell`), and a cell plates at an overpotential, not at a current. So
    below 25 degC the current is the one at which the circuit with the growth of measured cells has the overpotential that the
    circuit of the DFN model has at its limit: 0.24 of the current at 25 degC instead of 0.41 at 0 degC, 0.07 instead of 0.19 at
    -20 degC; the quintic fits that within 6 %. Below -20 degC no point backs the product; makers forbid to charge graphite there,
    so it falls to nothing at -30 degC (estimate). Pulse ratio: overpotential after 10 s over that after long current, 36 to 55
    mOhm in the circuit of the same cell.
    """
    hourly = (2.625, -3.866, 1.5546)
    return ChargeLimit(
        over_state_of_charge_per_s=Polynomial(tuple(c / 3600.0 for c in hourly)),
        over_temperature=Polynomial((1.0, 2.1252, 0.1091, -4.0606, -4.5764, -1.5816), -1.1, 0.3),
        pulse_ratio=1.5,
    )

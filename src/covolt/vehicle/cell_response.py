"""What a cell shows under a measured current: the other side of identification, for checking one against the other."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K, AbstractCell, inverse_sinh
from covolt.vehicle.part import relax


def core_temperature_K(
    case_temperature_K: np.ndarray,
    heat_W: np.ndarray,
    duration_s: np.ndarray,
    resistance_K_per_W: float,
    capacity_J_per_K: float,
) -> np.ndarray:
    """Mean temperature inside a cell whose case is measured: C dT/dt = q - (T - T_case) / R."""
    rate = 1.0 / (resistance_K_per_W * capacity_J_per_K)

    def advance(T: jax.Array, given: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        target, dt = given
        after = jnp.asarray(relax(T, target, rate, dt))
        return after, 0.5 * (T + after)

    target = jnp.asarray(case_temperature_K + heat_W * resistance_K_per_W)
    _, mean = jax.lax.scan(advance, jnp.asarray(case_temperature_K[0]), (target, jnp.asarray(duration_s)))
    return np.asarray(mean)


def cell_voltage_V(
    cell: AbstractCell,
    current_A: np.ndarray,
    temperature_K: np.ndarray,
    duration_s: np.ndarray,
    state_of_charge: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean voltage and state of charge of every interval of a given current (positive charging) and temperature."""
    moved = np.asarray(current_A) * duration_s / float(cell.capacity_C)
    z = state_of_charge + np.cumsum(moved) - 0.5 * moved
    current, kelvin = jnp.asarray(current_A), jnp.asarray(temperature_K)
    found = jax.jit(jax.vmap(cell.parameters))(jnp.asarray(z), kelvin)
    polarisation = jnp.zeros_like(kelvin)
    slow = jnp.zeros_like(kelvin)
    for resistance, rate in found.pairs:

        def advance(v: jax.Array, given: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
            target, k, dt = given
            x = k * dt
            weight = (1.0 + 0.5 * x) / (1.0 + x * (1.0 + 0.5 * x))
            return jnp.asarray(relax(v, target, k, dt)), target + (v - target) * weight

        _, slow = jax.lax.scan(advance, jnp.zeros(()), (resistance * current, rate, jnp.asarray(duration_s)))
        polarisation = polarisation + slow
    if len(found.pairs) > 1:
        found = jax.jit(jax.vmap(cell.parameters))(jnp.asarray(z), kelvin, slow)
    voltage = found.open_circuit_voltage_V + found.ohmic_resistance_Ohm * current + polarisation
    voltage = voltage + (kelvin - REFERENCE_TEMPERATURE_K) * found.entropic_V_per_K
    if found.exchange_per_A is not None:
        voltage = voltage + THERMAL_SLOPE_V_per_K * kelvin * inverse_sinh(0.5 * current * found.exchange_per_A)
    return np.asarray(voltage), z

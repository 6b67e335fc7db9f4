"""What a cell shows under a measured current: the other side of identification, for checking one against the other."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K, AbstractCell, CellParameters, charge_transfer_V, inverse_sinh
from covolt.vehicle.part import relax


@eqx.filter_jit
def _parameters(
    cell: AbstractCell, state_of_charge: jax.Array, temperature_K: jax.Array, polarisation_V: jax.Array
) -> CellParameters:
    return jax.vmap(cell.parameters)(state_of_charge, temperature_K, polarisation_V)


@jax.jit
def _mean_polarisation_V(target_V: jax.Array, rate_per_s: jax.Array, duration_s: jax.Array) -> jax.Array:
    def advance(v: jax.Array, given: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        target, k, dt = given
        x = k * dt
        weight = (1.0 + 0.5 * x) / (1.0 + x * (1.0 + 0.5 * x))
        return jnp.asarray(relax(v, target, k, dt)), target + (v - target) * weight

    return jax.lax.scan(advance, jnp.zeros(()), (target_V, rate_per_s, duration_s))[1]


@jax.jit
def _mean_transfer_V(
    current_A: jax.Array,
    exchange_per_A: jax.Array,
    slope_V: jax.Array,
    double_layer_C_per_V: jax.Array,
    dt_s: jax.Array,
) -> jax.Array:
    def advance(v: jax.Array, given: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        current, exchange, slope, double_layer, dt = given
        mean, after = charge_transfer_V(current, exchange, slope, double_layer, v, dt)
        return after, mean

    return jax.lax.scan(advance, jnp.zeros(()), (current_A, exchange_per_A, slope_V, double_layer_C_per_V, dt_s))[1]


@jax.jit
def _mean_temperature_K(start_K: jax.Array, target_K: jax.Array, rate_per_s: jax.Array, dt_s: jax.Array) -> jax.Array:
    def advance(T: jax.Array, given: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        target, dt = given
        after = jnp.asarray(relax(T, target, rate_per_s, dt))
        return after, 0.5 * (T + after)

    return jax.lax.scan(advance, start_K, (target_K, dt_s))[1]


def core_temperature_K(
    case_temperature_K: np.ndarray,
    heat_W: np.ndarray,
    duration_s: np.ndarray,
    resistance_K_per_W: float,
    capacity_J_per_K: float,
) -> np.ndarray:
    """Mean temperature inside a cell whose case is measured: C dT/dt = q - (T - T_case) / R."""
    rate = 1.0 / (resistance_K_per_W * capacity_J_per_K)

    target = jnp.asarray(case_temperature_K + heat_W * resistance_K_per_W)
    return np.asarray(_mean_temperature_K(jnp.asarray(case_temperature_K[0]), target, rate, jnp.asarray(duration_s)))


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
    found = _parameters(cell, jnp.asarray(z), kelvin, jnp.zeros_like(kelvin))
    polarisation = jnp.zeros_like(kelvin)
    for resistance, rate in found.pairs:
        polarisation = polarisation + _mean_polarisation_V(resistance * current, rate, jnp.asarray(duration_s))
    found = _parameters(cell, jnp.asarray(z), kelvin, polarisation)
    voltage = found.open_circuit_voltage_V + found.ohmic_resistance_Ohm * current + polarisation
    if found.emptying_V is not None:
        voltage = voltage + found.emptying_V
    voltage = voltage + (kelvin - REFERENCE_TEMPERATURE_K) * found.entropic_V_per_K
    if found.exchange_per_A is not None:
        slope = THERMAL_SLOPE_V_per_K * found.electrode_ratio * kelvin
        half = 0.5 * jnp.asarray(found.exchange_per_A)
        if found.double_layer_C_per_V is None:
            voltage = voltage + slope * inverse_sinh(current * half)
        else:
            capacity = jnp.broadcast_to(jnp.asarray(found.double_layer_C_per_V), kelvin.shape)
            voltage = voltage + _mean_transfer_V(current, half, slope, capacity, jnp.asarray(duration_s))
    return np.asarray(voltage), z

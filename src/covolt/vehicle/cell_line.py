"""A cell in one step as a line, V = E + R I: with polarisations taken as their mean, and kinetics as a tangent."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from covolt.vehicle.cell import charge_transfer_V, inverse_sinh
from covolt.vehicle.part import Scalar

Pairs = tuple[tuple[Scalar, Scalar, Scalar], ...]


class DoubleLayer(NamedTuple):
    """What a double layer holds when a step begins, and all that moves it."""

    exchange_per_A: Scalar
    slope_V: Scalar
    capacity_C_per_V: Scalar
    before_V: Scalar
    dt_s: Scalar

    def transfer_V(self, current_A: Scalar) -> tuple[jax.Array, jax.Array]:
        """Kinetic overpotential: its mean over the step, and at its end."""
        return charge_transfer_V(current_A, *self)

    def tangent(self, current_A: Scalar) -> tuple[Scalar, Scalar]:
        """Offset and slope of the mean overpotential at a current."""
        at = jnp.asarray(current_A)
        value, slope = jax.jvp(lambda current: self.transfer_V(current)[0], (at,), (jnp.ones_like(at),))
        return value - slope * at, slope


class CellLine(NamedTuple):
    """The cell at the beginning of a step as a line without its kinetics, V = E + R I, and what it is made of."""

    open_circuit_V: Scalar
    source_V: Scalar
    resistance_Ohm: Scalar
    ohmic_Ohm: Scalar
    exchange_per_A: Scalar | None
    """1 / (2 I0)."""
    kinetic_V: Scalar
    """n 2RT/F."""
    emptying_V: Scalar | None
    entropic_V_per_K: Scalar
    pairs: Pairs
    """Resistance, rate, and the weight of the beginning in the mean over the step."""
    double_layer: DoubleLayer | None


_ASINH_TANGENTS = ((0.0, 1.0), (1.3319, 0.1962), (3.3821, 0.0250), (5.5216, 0.003126))
"""Offset and slope of tangents above asinh at 0, 5, 40, 320; the last by 0.06 (2.5 mV at n = 1), error of `carried` there."""


def kinetic_bounds(line: CellLine) -> list[tuple[Scalar, Scalar, Scalar]]:
    """Lines above the overpotential of a cell: offset_V, resistance_Ohm and its reciprocal."""
    R = line.resistance_Ohm
    if line.exchange_per_A is None:
        return [(0.0, R, 1.0 / R)]
    slope = line.kinetic_V * line.exchange_per_A
    ohms = tuple(R + slope * m for _, m in _ASINH_TANGENTS)
    return [(line.kinetic_V * c, ohm, 1.0 / ohm) for (c, _), ohm in zip(_ASINH_TANGENTS, ohms, strict=True)]


def largest(values: Iterable[Scalar]) -> Scalar:
    """The largest of several numbers."""
    return functools.reduce(jnp.maximum, values)


def carried(line: CellLine, power_W: Scalar) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """Current of a cell that carries a power, the line V = E + R I it lies on, and the kinetic overpotential.

    Estimate: I = p (1 - r + 2 r^2), p = P / E, r = R p / E, the series of the root of (E + R I) I = P. The tangent of the
    kinetics there joins the line. Root: I = X / (2R (E + sqrt(E^2 + X))), X = max(4RP, -E^2): no difference of
    near numbers, and the largest feasible power where more is asked for (but for a millionth: rounding must not unmake the root).
    """
    E, R = line.source_V, line.resistance_Ohm
    if line.exchange_per_A is None:
        return *_root(E, R, power_W), 0.0 * power_W
    inverse = 1.0 / E
    p = power_W * inverse
    r = jnp.clip(R * p * inverse, -0.25, 0.25)
    guess = p * (1.0 - r + 2.0 * r * r)
    if line.double_layer is None:
        x = guess * line.exchange_per_A
        slope = line.kinetic_V * line.exchange_per_A / jnp.sqrt(x * x + 1.0)
        offset = line.kinetic_V * inverse_sinh(x) - slope * guess
    else:
        # Only measured cells have a double layer, and in the cold their kinetics take much of a volt: the tangent is taken twice.
        offset, slope = line.double_layer.tangent(guess)
        guess, _, _ = _root(E + offset, R + slope, power_W)
        offset, slope = line.double_layer.tangent(guess)
    current, E, R = _root(E + offset, R + slope, power_W)
    return current, E, R, offset + slope * current


def _root(source_V: Scalar, resistance_Ohm: Scalar, power_W: Scalar) -> tuple[jax.Array, Scalar, Scalar]:
    """Current on the line V = E + R I that carries a power, and the line."""
    E, R = source_V, resistance_Ohm
    X = jnp.maximum(4.0 * R * power_W, (1e-6 - 1.0) * E * E)
    return X / (2.0 * R * (E + jnp.sqrt(E * E + X))), E, R

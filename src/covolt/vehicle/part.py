"""What every part can do, and the rules that parts share.

A part is an immutable Equinox module whose numeric fields are SI scalars (or arrays, for tables), so that many
vehicles are one batch of leaves and a design parameter is a leaf that a gradient reaches. A part with memory has a state,
a `NamedTuple` of scalars; `step` takes a state and returns the next one beside its signals and never writes in place.

Sign rule at ports: a flow is positive into the part that owns the port. A charging battery has positive current and power;
a motoring drive unit has positive electrical power. Losses and stored heat are positive where they arise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.vehicle.column import Column

Scalar = Union[float, jax.Array]
"""A float or an array of any shape that broadcasts with the other arguments; one value per vehicle of a batch."""

PartState = Any
"""What a part remembers from step to step. Its own: others carry it, and ask the part for what they need of it."""

GRAVITY_m_per_s2 = 9.80665
GAS_CONSTANT_J_per_mol_K = 8.314462618
FARADAY_C_per_mol = 96485.33212
ZERO_CELSIUS_K = 273.15


Serving = Literal["traced", "batch", "gradient", "whole mission", "stepwise", "save"]
"""What a part can serve: to be compiled into a drive, into batches, to be differentiated; to be begun anew and asked for a whole
mission; to be asked step by step; to keep a state and come back to it.
"""
EVERYTHING: frozenset[str] = frozenset(get_args(Serving))


class AbstractTree(eqx.Module):
    """A tree of numbers whose attributes are read as those of any object.

    Equinox looks at every attribute that is read, lest a method be handed over to a compiler as a tree: none of these is.
    """

    if not TYPE_CHECKING:
        __getattribute__ = object.__getattribute__


class AbstractPart(AbstractTree):
    """Whatever fills a slot of the vehicle."""


def relax(value: Scalar, target: Scalar, rate_per_s: Scalar, dt_s: Scalar) -> Scalar:
    """First-order approach of a value to its target over one step, stable for every step length.

    x' = k (x_target - x), solved as x + (x_target - x) (1 - 1 / (1 + k dt + (k dt)^2 / 2)),
    which equals the exponential to third order in k dt and never overshoots.
    """
    x = rate_per_s * dt_s
    return value + (target - value) * (1.0 - 1.0 / (1.0 + x * (1.0 + 0.5 * x)))


def positive(value: Scalar) -> jax.Array:
    """The value where it is positive, zero elsewhere."""
    return jnp.maximum(value, 0.0)


def settled(part: Any) -> Any:
    """The part with every leaf an array of 64-bit floats; numbers stay with NumPy, which costs no start-up of the compiler."""
    return jax.tree.map(lambda leaf: leaf if isinstance(leaf, jax.Array | Column) else _written_once(leaf), part)


def _written_once(number: Any) -> np.ndarray:
    own = np.array(number, dtype=np.float64)
    own.flags.writeable = False
    return own

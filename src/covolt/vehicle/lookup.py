"""Curves and maps that a part carries: smooth polynomials first, tables where a party brings one.

A polynomial costs a few multiplications and no memory look-up, which is what keeps a batch of vehicles fast. A table is
read between its points linearly; it is declared with its range, is held at its edge outside, and says so by `inside`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.errors import InputError, Problem
from covolt.vehicle.part import AbstractTree, Scalar
from covolt.words import text


class AbstractCurve(AbstractTree):
    """A number that depends on one other number."""

    @abstractmethod
    def __call__(self, x: Scalar) -> jax.Array:
        """The value at x."""

    @abstractmethod
    def inside(self, x: Scalar) -> jax.Array:
        """Whether x lies within the range for which the curve was declared."""


class Polynomial(AbstractCurve):
    """Sum of c_i x^i, read by Horner's rule; coefficients from the constant upwards, last axis for a batch."""

    coefficients: tuple[Scalar, ...]
    low: Scalar = 0.0
    high: Scalar = 1.0

    def __call__(self, x: Scalar) -> jax.Array:
        value = jnp.asarray(self.coefficients[-1])
        for coefficient in reversed(self.coefficients[:-1]):
            value = value * x + coefficient
        return value

    def inside(self, x: Scalar) -> jax.Array:
        return jnp.logical_and(x >= self.low, x <= self.high)

    def integral(self, lower: Scalar, upper: Scalar) -> Scalar:
        """Integral of the polynomial from lower to upper."""

        def primitive(x: Scalar) -> Scalar:
            value: Scalar = 0.0
            for power, coefficient in reversed(list(enumerate(self.coefficients, start=1))):
                value = value * x + coefficient / power
            return value * x

        return primitive(upper) - primitive(lower)

    def scaled(self, factor: Scalar) -> Polynomial:
        """The polynomial with every coefficient times a factor."""
        return Polynomial(tuple(c * factor for c in self.coefficients), self.low, self.high)


def constant(value: Scalar) -> Polynomial:
    """A curve that has one value everywhere."""
    return Polynomial((value,))


def _bracket(grid: jax.Array, x: Scalar, uniform: bool) -> tuple[jax.Array, jax.Array]:
    """Index of the interval of the grid in which x lies, and how far into it, held within 0 and 1 at the edges."""
    last = grid.shape[-1] - 2
    if uniform:
        position = (x - grid[0]) * ((grid.shape[-1] - 1) / (grid[-1] - grid[0]))
        index = jnp.clip(jnp.floor(position).astype(jnp.int32), 0, last)
        return index, jnp.clip(position - index, 0.0, 1.0)
    index = jnp.clip(jnp.searchsorted(grid, jnp.asarray(x), side="right", method="scan_unrolled") - 1, 0, last)
    lower, upper = grid[index], grid[index + 1]
    return index, jnp.clip((x - lower) / (upper - lower), 0.0, 1.0)


def _is_uniform(grid: np.ndarray) -> bool:
    steps = np.diff(grid)
    return bool(np.all(np.abs(steps - steps[0]) <= 1e-9 * np.abs(steps[0])))


def _axis_problems(name: str, grid: np.ndarray) -> list[Problem]:
    problems: list[Problem] = []
    if grid.ndim != 1 or grid.size < 2:
        return [
            Problem(
                text("{name} needs at least two points", name=name), name, text("give at least two points in one row")
            )
        ]
    if not np.all(np.isfinite(grid)):
        problems.append(
            Problem(
                text("{name} holds values that are not finite numbers", name=name),
                name,
                text("remove or mend these points"),
            )
        )
    elif not np.all(np.diff(grid) > 0):
        at = int(np.argmin(np.diff(grid) > 0)) + 1
        problems.append(
            Problem(
                text("{name} does not increase at point {at}", name=name, at=at + 1),
                name,
                text("sort the points, each once"),
            )
        )
    return problems


def _value_problems(values: np.ndarray, shape: tuple[int, ...]) -> list[Problem]:
    if values.shape != shape:
        return [
            Problem(
                text("values have shape {shape}, the grid has {shape_2}", shape=str(values.shape), shape_2=str(shape)),
                "values",
                text("give one value per point"),
            )
        ]
    if not np.all(np.isfinite(values)):
        return [Problem(text("values hold numbers that are not finite"), "values", text("remove or mend these points"))]
    return []


class Table(AbstractCurve):
    """Values at points of one axis, linear between them, held at the end values outside."""

    x: jax.Array
    values: jax.Array
    uniform: bool = eqx.field(static=True)

    def __call__(self, x: Scalar) -> jax.Array:
        index, fraction = _bracket(self.x, x, self.uniform)
        low, high = self.values[index], self.values[index + 1]
        return low + fraction * (high - low)

    def inside(self, x: Scalar) -> jax.Array:
        return (x >= self.x[0]) & (x <= self.x[-1])


class Map(AbstractTree):
    """Values at the points of a grid of two axes, bilinear between them, held at the edge values outside."""

    x: jax.Array
    y: jax.Array
    values: jax.Array
    uniform_x: bool = eqx.field(static=True)
    uniform_y: bool = eqx.field(static=True)

    def __call__(self, x: Scalar, y: Scalar) -> jax.Array:
        return self.row(x)(y)

    def row(self, x: Scalar) -> MapRow:
        """The map along y at one x."""
        i, u = _bracket(self.x, x, self.uniform_x)
        return MapRow(self, i * self.values.shape[1], u)

    def inside(self, x: Scalar, y: Scalar) -> jax.Array:
        """Whether the point (x, y) lies within the declared range."""
        within_x = (x >= self.x[0]) & (x <= self.x[-1])
        return within_x & (y >= self.y[0]) & (y <= self.y[-1])


class MapRow(AbstractTree):
    """A map at one x: values over y, straight between the points of the grid."""

    whole: Map
    begin_index: jax.Array
    """Place of the row's first value among all values, the lower of the two rows between which x lies."""
    fraction: jax.Array

    def __call__(self, y: Scalar) -> jax.Array:
        j, v = _bracket(self.whole.y, y, self.whole.uniform_y)
        low, high = self.value(j), self.value(j + 1)
        return low + v * (high - low)

    def value(self, column_index: jax.Array) -> jax.Array:
        """The value at a point of the grid."""
        flat, at = self.whole.values.reshape(-1), self.begin_index + column_index
        near, far = flat[at], flat[at + self.whole.values.shape[1]]
        return near + self.fraction * (far - near)

    def column(self, y: Scalar) -> jax.Array:
        """Count of the points of the grid that lie at or below y."""
        return jnp.searchsorted(self.whole.y, jnp.asarray(y), side="right", method="scan_unrolled")


def table(x: Any, values: Any) -> Table:
    """A checked table from rows of numbers."""
    grid, entries = np.asarray(x, dtype=float), np.asarray(values, dtype=float)
    problems = _axis_problems("x", grid) + _value_problems(entries, grid.shape)
    if problems:
        raise InputError(problems)
    return Table(jnp.asarray(grid), jnp.asarray(entries), _is_uniform(grid))


def map_2d(x: Any, y: Any, values: Any) -> Map:
    """A checked map from two axes and the values at their crossings, rows along x."""
    rows, columns = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    entries = np.asarray(values, dtype=float)
    problems = _axis_problems("x", rows) + _axis_problems("y", columns)
    problems += _value_problems(entries, (rows.size, columns.size))
    if problems:
        raise InputError(problems)
    return Map(jnp.asarray(rows), jnp.asarray(columns), jnp.asarray(entries), _is_uniform(rows), _is_uniform(columns))

"""Columns: what they compute is what single numbers give, to the bit; where they cannot, they say so."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.column import Column, NotInColumns, Split, chosen, each, larger, number, smaller

RANDOM = np.random.default_rng(4)
FIRST = RANDOM.lognormal(sigma=4.0, size=40)
SECOND = RANDOM.lognormal(sigma=4.0, size=40)


@pytest.mark.parametrize(
    "of",
    [
        operator.add, operator.sub, operator.mul, operator.truediv, larger, smaller,
        lambda a, b: 3.0 - a * 2.0 / b + 7.0 / a - b * np.array(0.3) + np.float64(0.1) * a,
        lambda a, b: abs(b - a) * -a + round(a),
        lambda a, b: (a / b) ** 0.37 + 1.01 ** (a / 1e9),
        lambda a, b: each(math.asinh, a * b),
        lambda a, b: chosen(a < b, a, 2.0) + chosen(a >= b, 1.0, b) + np.minimum(a, b) + np.maximum(3.0, b),
        lambda a, b: np.interp(a, np.array([0.0, 1.0, 9.0]), np.array([1.0, 1.7, -3.0])) + b,
        lambda a, b: jnp.asarray(0.7) * a + b / jnp.asarray(3.0),
    ],
)  # fmt: skip
def test_each_design_is_what_its_numbers_alone_give(of: Callable[[Any, Any], Any]) -> None:
    found = of(Column(FIRST), Column(SECOND))
    alone = [float(of(a, b)) for a, b in zip(FIRST.tolist(), SECOND.tolist(), strict=True)]
    assert found.values.tolist() == alone


def test_an_array_of_each_design_is_reduced_by_itself() -> None:
    grid = np.linspace(0.1, 1.0, 6)[:, None] * np.linspace(1.0, 2.0, 5)[None, :]

    def least(a: Any, b: Any) -> Any:
        return ((grid * a - b) / grid).min()

    found = least(Column(FIRST), Column(SECOND))
    assert found.values.tolist() == [float(least(a, b)) for a, b in zip(FIRST, SECOND, strict=True)]


def test_a_branch_is_taken_together_or_split() -> None:
    one = Column(np.array([1.0, 2.0, 3.0]))
    assert one > 0.5
    assert not one > 3.0
    assert one or None
    with pytest.raises(Split) as split:
        bool(one > 1.5)
    assert split.value.first.tolist() == [False, True, True]
    with pytest.raises(Split) as split:
        bool(Column(np.array([0.0, 1.0])))
    assert split.value.first.tolist() == [False, True]


@pytest.mark.parametrize(
    "asked",
    [
        float, int, math.exp, np.exp, np.asarray, np.sum, np.sort, "{:.3g}".format,
        lambda one: one * "a", np.add.reduce, lambda one: each(math.exp, one * np.ones(2)),
        lambda one: bool(one * np.ones(2)),
    ],
)  # fmt: skip
def test_what_is_not_equal_to_the_bit_or_not_foreseen_is_refused(asked: Callable[[Any], Any]) -> None:
    with pytest.raises(NotInColumns):
        asked(Column(FIRST))


def test_it_is_no_key_and_no_number_of_its_own() -> None:
    with pytest.raises(TypeError):
        hash(Column(FIRST))
    one = Column(FIRST)
    assert number(one) is one
    assert number(np.array(2)) == 2.0

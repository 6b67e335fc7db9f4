"""Every word of the own compiler's input language gives what JAX gives, and what is not in the language is refused."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax
from tests.sample import compact
from tests.simulation.test_native import evaluated, scalar_program

from covolt.simulation.mission import steady
from covolt.simulation.native.flatten import LARGEST_PRODUCT
from covolt.simulation.native.program import LANGUAGE
from covolt.simulation.run import BatchRunner
from covolt.vehicle.auxiliary import Auxiliary

SMALLEST = 4e-308
"""Below it both may say zero: XLA takes subnormal numbers for it, and exp ends a little above them."""
INT = 2.0**31
LANES = 8

Function = Callable[..., Any]

REAL_ENDS = [
    *(
        0.0,
        -0.0,
        math.nan,
        math.inf,
        -math.inf,
        1.0,
        -1.0,
        0.5,
        2.0,
        -2.0,
        3.0,
        -7.0,
        123.456,
        709.0,
        -708.9,
        1e9,
        -3e9,
    ),
    *(2.3e-308, -2.3e-308, 1e-300, 1.7e308, -1e308),
]
WHOLE_ENDS = [0.0, 1.0, -1.0, 2.0, -7.0, INT - 1.0, -INT, 5.0, 123456789.0, -123456.0]
reals = st.sampled_from(REAL_ENDS) | st.floats(allow_subnormal=False)
wholes = st.sampled_from(WHOLE_ENDS) | st.integers(-(2**31), 2**31 - 1).map(float)
truths = st.sampled_from([0.0, 1.0])


def lanes(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[list[tuple[float, float, float]]]:
    return st.lists(st.tuples(numbers, numbers, numbers), min_size=LANES, max_size=LANES)


def whole(x: Any) -> Any:
    return x.astype(jnp.int32)


def natural(x: Any) -> Any:
    return whole(x).astype(jnp.uint32)


def truth(x: Any) -> Any:
    return x > 0.5


def back(x: Any) -> Any:
    """The result of any type as a number that can be compared."""
    return x.astype(jnp.int32).astype(jnp.float64) if x.dtype != jnp.float64 else x


LAX = {"and": lax.bitwise_and, "or": lax.bitwise_or, "not": lax.bitwise_not}
TAKEN_AS: dict[str, Function] = {"real": lambda x: x, "whole": whole, "natural": natural, "truth": truth}
UNARY = {"neg", "abs", "exp", "log", "sqrt", "floor", "ceil", "sign", "not"}


def word(kind: str, name: str) -> Function:
    """A primitive on arguments of one kind, of three real numbers."""
    operation, take = LAX.get(name) or getattr(lax, name), TAKEN_AS[kind]
    if name in UNARY:
        return lambda a, b, c: back(operation(take(a)))
    return lambda a, b, c: back(operation(take(a), take(b)))


WORDS: dict[str, tuple[Function, Any]] = {
    f"{name} of {kind}": (word(kind, name), {"real": reals, "truth": truths}.get(kind, wholes))
    for kind, names in LANGUAGE.items()
    for name in sorted(names)
    if not (name == "div" and kind != "real")
}
"""All that the compiler's own list names; adding to the list adds a test."""
WORDS |= {
    f"{kind.__name__} div {by}": (
        lambda a, b, c, kind=kind, by=by: back(lax.div(kind(a), kind(jnp.asarray(float(by))))),
        wholes,
    )
    for kind, by in ((whole, 2), (whole, 3), (whole, -3), (whole, 10), (whole, 1), (natural, 2), (natural, 7))
}
WORDS |= {
    f"integer_pow {n}": (lambda a, b, c, n=n: lax.integer_pow(a, n), reals) for n in (-3, -2, -1, 0, 1, 2, 3, 5, 8)
}
WORDS |= {
    f"pow by {y}": (lambda a, b, c, y=y: lax.pow(a, jnp.float64(y)), reals)
    for y in (0.0, 1.0, -1.0, 2.0, 3.0, -2.0, 7.0, 0.5, 1.7, -0.3, -2.5)
}
WORDS |= {f"pow of {x}": (lambda a, b, c, x=x: lax.pow(jnp.float64(x), a), reals) for x in (0.3, 1.0, 2.0, 0.0)}
WORDS |= {
    "pow of an absolute value": (lambda a, b, c: lax.pow(jnp.abs(a), b), reals),
    "pow of a root by a large whole number": (lambda a, b, c: lax.pow(jnp.abs(a), jnp.float64(100.0)), reals),
    "pow of what is at least 1": (lambda a, b, c: lax.pow(jnp.maximum(a, 1.0), b), reals),
    "clamp": (lax.clamp, reals),
    "clip": (lambda a, b, c: jnp.clip(a, -1.0, 1.0), reals),
    "clip of whole": (lambda a, b, c: back(jnp.clip(whole(a), -5, 7)), wholes),
    "square": (lambda a, b, c: lax.square(a), reals),
    "square of whole": (lambda a, b, c: back(lax.square(whole(a))), wholes),
    "rsqrt": (lambda a, b, c: lax.rsqrt(a), reals),
    "logistic": (lambda a, b, c: lax.logistic(a), reals),
    "is_finite": (lambda a, b, c: back(lax.is_finite(a)), reals),
    "select_n": (lambda a, b, c: lax.select_n(a > b, b, c), reals),
    "select_n of whole": (lambda a, b, c: back(lax.select_n(a > b, whole(b), whole(c))), wholes),
    "select_n of truth": (lambda a, b, c: back(lax.select_n(truth(a), truth(b), truth(c))), truths),
    "real to whole": (lambda a, b, c: back(whole(a)), reals),
    "whole to natural and back": (lambda a, b, c: back(natural(a)), wholes),
    "truth to whole": (lambda a, b, c: back(truth(a).astype(jnp.int32) * 3), truths),
    "truth to natural": (lambda a, b, c: back(truth(a).astype(jnp.uint32) * 3), truths),
    "truth to real": (lambda a, b, c: truth(a).astype(jnp.float64), truths),
    "wholes of constants": (lambda a, b, c: a + (jnp.int32(2**31 - 1) + jnp.int32(2)).astype(jnp.float64), wholes),
    "a long constant": (lambda a, b, c: a + jnp.int64(7).astype(jnp.float64), wholes),
    "a loop": (
        lambda a, b, c: lax.scan(lambda x, _: (0.5 * x + b, None), a, None, length=3)[0],
        reals.map(lambda x: x / 8),
    ),
}


@functools.cache
def both(name: str) -> tuple[Any, Function]:
    """A word compiled by us, as one step of a drive, and by XLA."""
    function = WORDS[name][0]
    # All three are states, so that nothing is computed once a drive.
    own = scalar_program(lambda v, _: [function(*v[:3]), v[1], v[2]], 6)
    return own, jax.jit(jax.vmap(function))


def assert_same(name: str, x: np.ndarray) -> None:
    own, xla = both(name)
    found, expected = evaluated(own, np.vstack([x, x]), steps=1)[0], np.asarray(xla(*x), np.float64)
    if name in ("div of real", "rsqrt", "integer_pow -1", "integer_pow -3", "pow by -1.0"):
        # Which infinity it is, the sign of a zero decides.
        found, expected = (np.where(np.isinf(y), np.inf, y) for y in (found, expected))
    tolerance = 1e-12 if name.startswith("pow") else 4e-15
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=SMALLEST, err_msg=str(x))


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_word_is_what_jax_makes_of_it(name: str, data: st.DataObject) -> None:
    assert_same(name, np.asarray(data.draw(lanes(WORDS[name][1]))).T)


@pytest.mark.parametrize("name", WORDS)
def test_a_word_is_what_jax_makes_of_it_at_every_pair_of_ends(name: str) -> None:
    ends = {id(wholes): WHOLE_ENDS, id(truths): [0.0, 1.0]}.get(id(WORDS[name][1]), REAL_ENDS)
    pairs = np.array(list(itertools.product(ends, ends))).T
    third = np.random.default_rng(0).permutation(pairs[0])
    assert_same(name, np.vstack([pairs, third]))


def test_tables_are_read_as_jax_reads_them() -> None:
    """At any whole or natural number: held within the table, from its end where jnp counts so."""
    entries = np.array([3.0, 1.0, 4.0, 1.0, 5.0])

    def look_up(v: Any, tables: Any) -> list[Any]:
        at = whole(v[0])
        return [
            lax.dynamic_slice(tables[0], (at,), (1,))[0],
            tables[0][at],
            lax.dynamic_slice(tables[0], (natural(v[0]),), (1,))[0],
            tables[0][3],
        ]

    x = np.array([0.0, 1.0, 4.0, 5.0, -1.0, -5.0, -6.0, INT - 1.0, -INT, math.nan, 1e300, 2.9])
    own = scalar_program(look_up, 2, [len(entries)])
    found = evaluated(own, np.vstack([x, x]), steps=1, tables=[entries])
    expected = [[float(y) for y in look_up([jnp.float64(one)], [jnp.asarray(entries)])] for one in x]
    np.testing.assert_array_equal(found.T, expected)


def test_single_precision_turns_numbers_into_whole_ones_as_jax_does() -> None:
    x = np.array([0.0, -2.9, 2.9, 3e9, -3e9, 2147483520.0, math.inf, -math.inf, math.nan], np.float32)
    own = scalar_program(lambda v, _: [back(whole(v[0]))], 2)
    found = evaluated(own, np.vstack([x, x]), "float", steps=1)[0]
    np.testing.assert_array_equal(found, np.asarray(jnp.asarray(x).astype(jnp.int32)).astype(np.float32))


REFUSED: dict[str, Function] = {
    "taken as a long": lambda v, _: [(v[0].astype(jnp.int64) * 1000).astype(jnp.float64)],
    "long": lambda v, _: [(whole(v[0]).astype(jnp.int64) + 1).astype(jnp.float64)],
    "float32": lambda v, _: [v[0].astype(jnp.float32).astype(jnp.float64)],
    "int16": lambda v, _: [v[0].astype(jnp.int16).astype(jnp.float64)],
    "what may be 0 or -1": lambda v, _: [back(lax.div(whole(v[0]), whole(v[1])))],
    "by what may": lambda v, _: [back(lax.div(whole(v[0]), jnp.int32(-1)))],
    "rem": lambda v, _: [back(lax.rem(whole(v[0]), jnp.int32(3)))],
    "may be negative": lambda v, _: [lax.pow(v[0], v[1])],
    "pow by 1000": lambda v, _: [lax.pow(v[0], jnp.float64(1000.0))],
    "pow by inf": lambda v, _: [lax.pow(v[0], jnp.float64(math.inf))],
    "and of a whole": lambda v, _: [back(whole(v[0]) & whole(v[1]))],
    "neg of a whole": lambda v, _: [back(-whole(v[0]))],
    "choice by number": lambda v, _: [lax.select_n(whole(v[0]), v[0], v[1])],
    "natural number taken as a real": lambda v, _: [natural(v[0]).astype(jnp.float64)],
    "taken as a natural": lambda v, _: [back(v[0].astype(jnp.uint32))],
    "taken as a truth": lambda v, _: [back(v[0].astype(bool))],
    "lt of a natural": lambda v, _: [back(natural(v[0]) < natural(v[1]))],
    "eq of a truth": lambda v, _: [back(truth(v[0]) == truth(v[1]))],
    "tanh": lambda v, _: [jnp.tanh(v[0])],
    "round": lambda v, _: [jnp.round(v[0])],
    "cond": lambda v, _: [lax.cond(v[0] > 0.0, lambda: v[0], lambda: -v[0])],
    "while": lambda v, _: [lax.while_loop(lambda x: x < 10.0, lambda x: x + 1.0, v[0])],
    "loop over arrays": lambda v, _: [lax.fori_loop(0, LARGEST_PRODUCT, lambda _, x: 0.5 * x, v[0])],
    "callback": lambda v, _: [jax.pure_callback(lambda x: x, jax.ShapeDtypeStruct((), jnp.float64), v[0])],
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_in_the_language_is_refused_by_name(what: str) -> None:
    with pytest.raises(NotImplementedError, match=what):
        scalar_program(REFUSED[what], 2)


def test_tables_of_other_types_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="float32"):
        scalar_program(lambda v, t: [t[0].astype(jnp.float32)[0].astype(jnp.float64)], 2, [5])


def power_of(function: Function) -> type[Auxiliary]:
    class Loads(Auxiliary):
        def power_W(self, here: Any, speed_m_per_s: Any) -> Any:
            return function(speed_m_per_s)

    return Loads


@pytest.mark.parametrize(
    ("function", "power_W"),
    [
        (lambda v: 1000.0 + 100.0 * lax.div(whole(jnp.asarray(v - 10.0)), jnp.int32(4)).astype(jnp.float64), 800.0),
        (lambda v: 300.0 + (v - 10.0) ** 2.0, 364.0),
    ],
)
def test_a_part_of_one_s_own_is_driven_as_it_computes(function: Function, power_W: float) -> None:
    """Loads of 800 and 364 W that were driven as 119 kW and as not a number."""
    vehicle, drive = compact(), steady(2.0, 60.0)
    usual = vehicle.auxiliary
    own = power_of(function)(**{one.name: getattr(usual, one.name) for one in fields(usual)})
    assert float(own.power_W(None, jnp.float64(2.0))) == power_W
    runner = BatchRunner(threads=1)
    result = runner.run([replace(vehicle, auxiliary=own)], [drive])[0][0]
    assert runner.left_to_xla == ()
    assert result.ledger.energy_J("auxiliaries") / drive.duration_s == pytest.approx(power_W, rel=1e-9)

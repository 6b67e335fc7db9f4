"""Curves and maps: values, ranges, gradients, and bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from covolt.errors import InputError
from covolt.vehicle.lookup import Polynomial, map_2d, table


def test_polynomial_is_the_sum_of_its_powers_and_integrates_itself() -> None:
    curve = Polynomial((1.0, -2.0, 3.0), 0.0, 2.0)
    x = np.linspace(0.0, 2.0, 9)
    np.testing.assert_allclose(curve(jnp.asarray(x)), 1.0 - 2.0 * x + 3.0 * x**2, rtol=1e-14)
    assert float(curve.integral(0.0, 2.0)) == pytest.approx(2.0 - 4.0 + 8.0, rel=1e-14)
    assert [bool(curve.inside(v)) for v in (-0.1, 0.0, 2.0, 2.1)] == [False, True, True, False]


@pytest.mark.parametrize("x", [[0.0, 1.0, 2.0, 3.0], [0.0, 0.5, 2.0, 3.0]])
def test_table_agrees_with_numpy_and_is_held_at_its_ends(x: list[float]) -> None:
    values = [1.0, 4.0, 2.0, 8.0]
    curve = table(x, values)
    at = np.linspace(-1.0, 4.0, 41)
    np.testing.assert_allclose(curve(jnp.asarray(at)), np.interp(at, x, values), rtol=1e-13)
    np.testing.assert_array_equal(curve.inside(jnp.asarray(at)), (at >= 0.0) & (at <= 3.0))
    assert float(jax.grad(curve)(2.25)) == pytest.approx(6.0)


def test_map_is_exact_for_a_bilinear_function_and_reports_its_range() -> None:
    x, y = np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 30.0, 40.0])

    def plane(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return 2.0 + 3.0 * u - 0.5 * v + 0.25 * u * v

    surface = map_2d(x, y, plane(x[:, None], y[None, :]))
    u, v = np.random.default_rng(1).uniform((0.0, 10.0), (3.0, 40.0), (50, 2)).T
    np.testing.assert_allclose(surface(jnp.asarray(u), jnp.asarray(v)), plane(u, v), rtol=1e-12)
    assert float(surface(9.0, 99.0)) == pytest.approx(float(plane(np.asarray(3.0), np.asarray(40.0))))
    assert (
        bool(surface.inside(3.0, 40.0)) and not bool(surface.inside(3.1, 20.0)) and not bool(surface.inside(1.0, 9.0))
    )


def test_all_problems_of_a_map_come_at_once() -> None:
    with pytest.raises(InputError) as raised:
        map_2d([0.0, 2.0, 1.0], [1.0], [[1.0], [2.0]])
    assert len(raised.value.problems) == 3
    with pytest.raises(InputError):
        table([0.0, 1.0], [1.0, float("nan")])

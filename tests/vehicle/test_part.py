"""The rules that parts share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.vehicle.part import positive, relax


@given(
    value=st.floats(-500.0, 500.0),
    target=st.floats(-500.0, 500.0),
    rate_per_s=st.floats(0.0, 1e3),
    dt_s=st.floats(1e-3, 1e6),
)
def test_relaxation_never_overshoots(value: float, target: float, rate_per_s: float, dt_s: float) -> None:
    after = float(relax(value, target, rate_per_s, dt_s))
    assert min(value, target) - 1e-9 <= after <= max(value, target) + 1e-9


def test_relaxation_is_the_exponential_in_short_steps() -> None:
    error = [float(relax(1.0, 0.0, 1.0, x)) - np.exp(-x) for x in (0.02, 0.01)]
    assert error[1] == pytest.approx(0.01**3 / 6.0, rel=0.02)
    assert error[0] / error[1] == pytest.approx(8.0, rel=0.02)


def test_positive_holds_back_what_is_below_zero() -> None:
    assert positive(jnp.asarray([-2.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 3.0]
    assert float(jax.grad(positive)(3.0)) == 1.0
    assert float(jax.grad(positive)(-3.0)) == 0.0

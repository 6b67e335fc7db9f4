"""Sobol's indices against closed forms: Ishigami's function, Sobol's G, a dummy input, and what is refused or told."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from covolt.errors import InputError
from covolt.study.sensitivity.sobol import FEWEST_BLOCKS, saltelli_blocks, sobol_indices

Rows = NDArray[np.float64]
A, B = 7.0, 0.1


def ishigami(rows: Rows) -> Rows:
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 over [-pi, pi]^3; a fourth input does nothing."""
    x = (2.0 * rows - 1.0) * np.pi
    return (np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]


def ishigami_indices() -> tuple[Rows, Rows, float, float]:
    """First and total order, S_13 and V(y) (T. Ishigami, T. Homma, 1990)."""
    one = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    two = A**2 / 8.0
    both = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = one + two + both
    first = np.array([one, two, 0.0, 0.0]) / whole
    total = np.array([one + both, two, both, 0.0]) / whole
    return first, total, both / whole, whole


def test_ishigami_has_its_indices_within_their_intervals() -> None:
    first, total, both, whole = ishigami_indices()
    found = sobol_indices(("x1", "x2", "x3", "dummy"), ishigami, blocks=2048, seed=3, second_order=True)
    assert (np.abs(found.first[0] - first) <= found.first_half_widths[0]).all()
    assert (np.abs(found.total[0] - total) <= found.total_half_widths[0]).all()
    assert abs(found.second[0, 0, 2] - both) <= found.second_half_widths[0, 0, 2]
    assert found.deviations[0] ** 2 == pytest.approx(whole, rel=0.02)
    assert (found.first_half_widths[0] < 0.12).all() and found.rows == 2048 * 10


def test_a_dummy_input_is_nothing_within_its_interval() -> None:
    found = sobol_indices(("x1", "x2", "x3", "dummy"), ishigami, blocks=512, seed=1)
    assert abs(found.first[0, 3]) <= found.first_half_widths[0, 3]
    assert found.total[0, 3] == 0.0


def test_g_has_its_indices_within_their_intervals() -> None:
    weights = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    parts = 1.0 / (3.0 * (1.0 + weights) ** 2)
    whole = np.prod(1.0 + parts) - 1.0

    def g(rows: Rows) -> Rows:
        return np.prod((np.abs(4.0 * rows - 2.0) + weights) / (1.0 + weights), axis=1)[:, None]

    found = sobol_indices([f"x{one}" for one in range(8)], g, blocks=4096, seed=0)
    total = parts * np.array([np.prod(1.0 + np.delete(parts, one)) for one in range(8)]) / whole
    assert (np.abs(found.first[0] - parts / whole) <= found.first_half_widths[0]).all()
    assert (np.abs(found.total[0] - total) <= found.total_half_widths[0]).all()
    assert found.total[0, 0] == pytest.approx(0.787, abs=0.03)


@pytest.mark.parametrize("inputs", [5, 12])
def test_from_the_fewest_blocks_the_shares_of_a_sum_lie_within_their_intervals(inputs: int) -> None:
    shares = np.array([0.93, 0.04, 0.02, 0.01, *([0.0] * (inputs - 4))])[:inputs]
    names = [f"x{one}" for one in range(inputs)]
    held: list[Rows] = []
    for seed in range(20):
        found = sobol_indices(names, lambda rows: (rows @ np.sqrt(shares))[:, None], blocks=FEWEST_BLOCKS, seed=seed)
        of_both = ((found.first, found.first_half_widths), (found.total, found.total_half_widths))
        held.append(np.array([np.abs(value[0] - shares) <= width[0] + 1e-9 for value, width in of_both]))
        assert found.total[0, 0] == pytest.approx(0.93, abs=0.35)
    # Of 20 at 95 % three or more outside of any one interval come once in 13 times.
    assert (np.mean(held, axis=0) >= 0.85).all(), np.mean(held, axis=0)


def test_the_same_seed_gives_the_same_indices_and_another_does_not() -> None:
    once, again, other = (sobol_indices(("a", "b", "c"), ishigami, blocks=64, seed=seed) for seed in (0, 0, 5))
    np.testing.assert_array_equal(once.first, again.first)
    np.testing.assert_array_equal(once.first_half_widths, again.first_half_widths)
    assert (once.first != other.first).any()


def test_what_is_no_number_is_told_and_its_blocks_count_for_nothing() -> None:
    seen: list[Rows] = []

    def broken(rows: Rows) -> Rows:
        seen.append(rows)
        whole = rows[:, :1] + rows[:, 1:2]
        return np.concatenate([whole, np.where(rows[:, 1:2] > 0.9, np.nan, whole)], axis=1)

    found = sobol_indices(("a", "b"), broken, blocks=256)
    bad = seen[0][:, 1] > 0.9
    assert found.lost.tolist() == [0, int(bad.sum())] and bad.any()
    assert found.blocks.tolist() == [256, 256 - int(bad.reshape(256, 4).any(axis=1).sum())]
    assert np.isfinite(found.first).all()


def test_what_does_not_vary_has_no_indices() -> None:
    found = sobol_indices(("a", "b"), lambda rows: np.full((len(rows), 1), 3.0), blocks=32)
    assert np.isnan(found.first).all() and found.deviations[0] == 0.0
    found = sobol_indices(("a", "b"), lambda rows: np.full((len(rows), 1), np.nan), blocks=32)
    assert np.isnan(found.total).all() and found.lost[0] == found.rows


def test_what_rounding_leaves_is_no_variance() -> None:
    found = sobol_indices(("a", "b"), lambda rows: 36.7 + 1e-12 * rows, blocks=32)
    assert np.isnan(found.first).all() and found.deviations.tolist() == [0.0, 0.0]


def test_correlated_inputs_and_odd_counts_are_refused_together() -> None:
    bound = np.array([[1.0, 0.4, 0.0], [0.4, 1.0, 0.0], [0.0, 0.0, 1.0]])
    with pytest.raises(InputError) as refused:
        sobol_indices(("a", "b", "c"), ishigami, blocks=100, covariance=bound)
    assert [one.where for one in refused.value.problems] == ["blocks", "covariance"]
    assert "b, a" in str(refused.value.problems[1].what)
    assert sobol_indices(("a", "b", "c"), ishigami, blocks=32, covariance=np.diag([1.0, 2.0, 3.0])).rows == 160


def test_blocks_fill_the_rows_that_may_be_judged() -> None:
    assert saltelli_blocks(5, 1024) == 128 and saltelli_blocks(5, 1024, second_order=True) == 64
    assert saltelli_blocks(5, 6) == 0 and saltelli_blocks(5, 7) == 1

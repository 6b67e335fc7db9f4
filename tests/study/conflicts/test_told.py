"""Bounds as they are told after a move: met by the design, and not a hundredth of the move further than needed."""

from hypothesis import given
from hypothesis import strategies as st

from covolt.study.conflicts.told import relaxed_bound


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.booleans())
def test_a_relaxed_bound_is_met_and_099_of_its_move_is_not_enough(bound, move, at_least):
    relaxed = relaxed_bound(bound, move, at_least=at_least)
    moved = bound - relaxed if at_least else relaxed - bound
    assert (relaxed <= bound - move) if at_least else (relaxed >= bound + move)
    assert 0.99 * moved < move + 1e-9 * abs(bound)


def test_it_is_rounded_to_three_digits_of_the_move():
    assert relaxed_bound(250.0, 12.3456, at_least=True) == 237.6
    assert relaxed_bound(1400.0, 103.0, at_least=False) == 1503.0
    assert relaxed_bound(-40.0, 0.04079, at_least=False) == -39.9592
    assert relaxed_bound(90_000.0, 12_345.0, at_least=True) == 77_600.0

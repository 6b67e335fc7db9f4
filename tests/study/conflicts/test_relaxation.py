"""Least moves of bounds over a table: met by their design, 0.99 of them by none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from covolt.study.conflicts import Asked, Designs, alone, conflicts_of, jointly


def table(margins, may_move=None):
    margins = np.asarray(margins, dtype=float)
    may_move = may_move or [True] * margins.shape[1]
    asked = tuple(Asked(f"R{at}", 10.0 * (at + 1), one) for at, one in enumerate(may_move))
    return Designs(np.arange(len(margins), dtype=float)[:, None], asked, margins)


def tables():
    numbers = st.integers(-6, 4).map(float) | st.sampled_from([float("nan"), float("-inf")])
    row = st.lists(numbers, min_size=3, max_size=3)
    return st.builds(table, st.lists(row, min_size=1, max_size=12), st.lists(st.booleans(), min_size=3, max_size=3))


def moved(designs, moves, share=1.0):
    """Which designs meet all requirements when bounds move by that share."""
    by = np.array([share * dict(moves).get(name, 0.0) for name in designs.names])
    return (designs.margins + by >= 0.0).all(axis=1)


@given(tables())
def test_joint_moves_are_met_by_their_design_and_099_of_them_by_none(designs):
    found = jointly(designs, designs.names)
    fixed = [one.name for one in designs.asked if not one.may_move]
    assert bool(found) == bool((designs.meet(fixed) & np.isfinite(designs.margins).all(axis=1)).any())
    for one in found:
        assert not {name for name, _ in one.moves} & set(fixed)
        assert moved(designs, one.moves)[one.design]
        assert not one.moves or not moved(designs, one.moves, 0.99).any()
    assert [one.moved_ratio for one in found] == sorted(one.moved_ratio for one in found)


@given(tables())
def test_a_bound_moved_alone_is_met_by_its_design_and_099_of_it_by_none(designs):
    for conflict in conflicts_of(designs.not_missed, designs.names).sets:
        at = designs.columns(conflict)
        within = Designs(designs.values, tuple(designs.asked[one] for one in at), designs.margins[:, at])
        found = alone(designs, conflict)
        assert {name for one in found for name, _ in one.moves} <= {one.name for one in within.asked if one.may_move}
        for one in found:
            assert moved(within, one.moves)[one.design]
            assert not moved(within, one.moves, 0.99).any()


def test_a_law_is_never_moved_and_two_bounds_may_share_what_one_must_bear():
    designs = table([[0, -4, 1], [0, -2, -3], [-1, 5, 5], [0, 1, -9], [0, -2, -4]], [False, True, True])
    [both, second, third] = jointly(designs, designs.names)
    assert both.moves == (("R1", 2.0), ("R2", 3.0))
    assert both.moved_ratio == 2.0 / 20.0 + 3.0 / 30.0
    assert (second.moves, third.moves) == ((("R1", 4.0),), (("R2", 9.0),))
    assert [one.moves for one in alone(designs, designs.names)] == [(("R1", 4.0),), (("R2", 9.0),)]
    assert jointly(table([[-1, 0]], [False, True]), ["R0", "R1"]) == ()


def test_of_equal_designs_the_one_that_costs_others_least_is_taken():
    designs = table([[-2, 0, -5], [-2, 0, 3], [-2, 0, -1]])
    [one] = [each for each in alone(designs, ["R0", "R1"]) if each.moves[0][0] == "R0"]
    assert one.design == 1

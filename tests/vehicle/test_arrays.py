"""Arrays at the door: the name, what was expected and what was given."""

import numpy as np
import pytest

import covolt
from covolt.errors import InputError
from covolt.vehicle.arrays import array_problems, read_only


@pytest.mark.parametrize(
    ("values", "shape", "what"),
    [
        ([1.0, 2.0], ("n", "m"), "x has shape (2,), float64; expected shape (n, m), float64"),
        (np.zeros((2, 3)), ("n", 2), "x has shape (2, 3), float64; expected shape (n, 2), float64"),
        (["a"], ("n",), "x has shape (1,), <U1; expected shape (n,), float64"),
        ([1 + 2j], ("n",), "x has shape (1,), complex128; expected shape (n,), float64"),
        ([True], ("n",), "x has shape (1,), bool; expected shape (n,), float64"),
        ([None, 1.0], ("n",), "x has shape (2,), object; expected shape (n,), float64"),
        ([[1.0], [2.0, 3.0]], ("n", "m"), "x is no array, expected shape (n, m), float64"),
        ([[0.0, 1.0], [np.nan, np.inf]], ("n", 2), "x[1, 0] is not a finite number, one of 2 such"),
    ],
)
def test_what_is_wrong_is_told_by_name_with_both_shapes(values, shape, what):
    assert [one.what for one in array_problems(values, "x", shape, "here")] == [what]


def test_numbers_of_the_shape_are_taken():
    assert not array_problems([1, 2, 3], "x", ("n",), "here")
    assert not array_problems(np.array([[np.nan]]), "x", (1, "n"), "here", finite=False)
    given = np.arange(3)
    kept = read_only(given)
    given[0] = 7
    assert (kept.dtype, kept[0], kept.flags.writeable) == (np.float64, 0.0, False)


def test_every_door_refuses_all_at_once():
    with pytest.raises(InputError) as refused:
        covolt.Cycle("c", "", [0.0, 1.0, 2.0], ["a", "b", "c"], [0.0, 0.1])
    assert [one.what for one in refused.value.problems] == [
        "speed_m_per_s has shape (3,), <U1; expected shape (3,), float64",
        "grade_fraction has shape (2,), float64; expected shape (3,), float64",
    ]
    with pytest.raises(InputError, match=r"target_m_per_s has shape \(2, 1\), float64; expected shape \(n,\), float64"):
        covolt.Mission("m", {"target_m_per_s": np.zeros((2, 1))})
    with pytest.raises(InputError, match="time_s is no array"):
        covolt.Cycle("c", "", [[0.0], [1.0, 2.0]], [0.0, 1.0])


def test_a_batch_of_another_shape_is_refused():
    from covolt.simulation.core import pack

    vector, tables, structure = pack(covolt.load_car("leaf-40"))
    with pytest.raises(
        InputError, match=rf"matrix has shape \({len(vector)},\), float64; expected shape \({len(vector)}, n\)"
    ):
        covolt.BatchRunner().run_packed(vector, tables, structure, covolt.follow_cycle("udds"))

"""Inputs over time from CSV: units of columns and of time, straight lines and held values, jumps, and what is wrong told at once."""

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.base_units import of_covolt
from covolt.exchange.component import Description, Variable
from covolt.exchange.fmu.signals import read_inputs

DESCRIPTION = Description(
    "m",
    "FMI 3.0 co-simulation",
    "0" * 64,
    (
        Variable("w", "input", "real", "continuous", of_covolt("rad/s")),
        Variable("gear", "input", "integer", "discrete"),
        Variable("u", "input", "real", "continuous", shape=(2,)),
        Variable("mode", "input", "enumeration", "discrete"),
    ),
)


def read(tmp_path, text):
    path = tmp_path / "in.csv"
    path.write_text(text, encoding="utf-8")
    return read_inputs(path, DESCRIPTION, {"mode": {"eco": 1, "sport": 2}})


def test_units_arrays_lines_holds_and_jumps(tmp_path):
    found = read(
        tmp_path,
        "time [ms];w [rpm];gear;u;mode\n0;0;1;1 2;eco\n1000;60;2;3 2;sport\n1000;0;3;3 2;2\n2000;0;3;5 2;eco\n",
    )
    assert found.names == ("w", "gear", "u[1]", "u[2]", "mode")
    at = found.at(np.array([-1.0, 0.0, 0.5, 0.999999, 1.0, 1.5, 9.0]))
    assert at[2] == pytest.approx([np.pi, 1.0, 2.0, 2.0, 1.0])
    assert at[3, 0] == pytest.approx(2.0 * np.pi, rel=1e-5)
    assert at[4] == pytest.approx([0.0, 3.0, 3.0, 2.0, 2.0])
    assert at[5] == pytest.approx([0.0, 3.0, 4.0, 2.0, 2.0])
    assert np.array_equal(at[0], at[1])
    assert at[6] == pytest.approx([0.0, 3.0, 5.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first column is not time"),
        ("w,time\n1,2\n", "first column is not time"),
        ("time,w [rad/s]\n", "no row of values"),
        ("time [kg],w\n0,1\n", "'kg' is kg, 's' is s"),
        ("time,w [Nm]\n0,1\n", "'w': 'Nm' is kg m2 s-2"),
        ("time,w [rad/s]\n1,0\n0,0\n", "do not ascend"),
        ("time,w [rad/s]\nx,0\n", "'x' is no time"),
        ("time,w [rad/s]\n0,fast\n", "'fast' is no value of 'w'"),
        ("time,u\n0,1 2 3\n", "'1 2 3' is no value of 'u'"),
        ("time,gear\n0,1.5\n", "'1.5' is no value of 'gear'"),
        ("time,mode\n0,slow\n", "'slow' is no value of 'mode'"),
        ("time,force\n0,1\n", "'force' is no input of it"),
        ("time,w [rad/s]\n0,1,5\n", "it has 3 cells, and the header 2"),
        ("time,mode\n0,8\n", "'8' is no value of 'mode'"),
        ("time,gear\n0,18446744073709551616\n", "'18446744073709551616' is no value of 'gear'"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, said):
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert any(said in one.what for one in error.value.problems)
    assert all(one.hint for one in error.value.problems)


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(InputError) as error:
        read(tmp_path, "time,force,w [rad/s]\n0,1,fast\n-1,2,slow\n")
    assert len(error.value.problems) == 4

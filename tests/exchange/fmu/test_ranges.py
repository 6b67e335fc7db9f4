"""Parameters and inputs of FMUs: numbers outside of what a variable declares, and numbers without a unit, are refused at once."""

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.base_units import difference, of_covolt
from covolt.exchange.component import Description, Variable
from covolt.exchange.fmu.documents import FmuVariable, ModelDescription
from covolt.exchange.fmu.known import Known
from covolt.exchange.fmu.settings import settings
from covolt.exchange.fmu.signals import read_inputs

CHARGE = Variable("charge", "parameter", "real", "fixed", of_covolt("1"), minimum=0.0, maximum=1.0)
WARMTH = Variable("warmth", "parameter", "real", "fixed", of_covolt("K"), minimum=213.15, maximum=393.15)
PLAIN = Variable("plain", "parameter", "real", "fixed", minimum=1.0)
GEARS = Variable("gears", "parameter", "integer", "fixed", maximum=5)
AMBIENT = Variable("ambient", "input", "real", "continuous", of_covolt("K"), minimum=213.15, maximum=393.15)
LOAD = Variable("load", "input", "real", "continuous")
PAIR = Variable("pair", "input", "real", "continuous", shape=(2,))
RISE = Variable("rise", "parameter", "real", "fixed", difference(of_covolt("degC")))
COOLER = Variable("cooler", "input", "real", "continuous", difference(of_covolt("K")))
LENGTH = Variable("length", "parameter", "real", "fixed", of_covolt("m"))
MODE = Variable("mode", "parameter", "enumeration", "fixed")
VARIABLES = (CHARGE, WARMTH, PLAIN, GEARS, AMBIENT, LOAD, PAIR, RISE, COOLER, LENGTH, MODE)
TYPES = {"real": "Float64", "integer": "UInt64", "enumeration": "Enumeration"}
ITEMS = {"mode": {"eco": 1, "eco mode": 2}}
MODEL = ModelDescription(
    "m",
    "3.0",
    "t",
    "0" * 64,
    variables=tuple(
        FmuVariable(one, at, TYPES[one.kind], items=ITEMS.get(one.name, {})) for at, one in enumerate(VARIABLES)
    ),
)


def told(*written):
    with pytest.raises(InputError) as error:
        settings(written, MODEL, "--parameter")
    return [(one.what, one.hint) for one in error.value.problems]


def read(tmp_path, content):
    path = tmp_path / "in.csv"
    path.write_text(content, encoding="utf-8")
    return read_inputs(path, Description("m", "f", "0" * 64, (AMBIENT, LOAD, PAIR, COOLER)), {})


def refused(tmp_path, content):
    with pytest.raises(InputError) as error:
        read(tmp_path, content)
    return error.value.problems


def test_parameters_beyond_their_range_are_refused_with_range_and_unit_all_at_once():
    found = told("charge=80", "warmth=-100 degC", "plain=0", "gears=6")
    assert [one for one, _ in found] == [
        "'charge' would be 80, outside of the range that it declares: 0 to 1",
        "'warmth' would be 173.15 K, outside of the range that it declares: 213.15 to 393.15 K",
        "'plain' would be 0, outside of the range that it declares: at least 1",
        "'gears' would be 6, outside of the range that it declares: at most 5",
    ]


def test_numbers_are_written_with_exponents_and_items_with_spaces():
    assert settings(["plain=1e3", "length=1.5E3 mm", "mode=eco mode"], MODEL, "-p") == {
        "plain": 1000.0,
        "length": 1.5,
        "mode": 2,
    }
    assert told("mode=8") == [("'8' is no Enumeration", "give one of its items: eco, eco mode")]
    assert told("gears=18446744073709551616")[0][0] == "'18446744073709551616' is no UInt64"


def test_of_differences_no_offset_counts_in_whatever_unit_they_are_written(tmp_path):
    assert settings(["rise=9 degC"], MODEL, "-p") == {"rise": 9.0}
    assert settings(["rise=9 K"], MODEL, "-p") == {"rise": 9.0}
    assert settings(["rise=18 degF"], MODEL, "-p")["rise"] == pytest.approx(10.0)
    assert read(tmp_path, "time,cooler [degC]\n0,9\n1,10\n").values[:, 0].tolist() == [9.0, 10.0]


def test_rounding_of_a_range_passes_and_what_is_no_number_does_not():
    assert settings(["charge=1.0000000005", "warmth=120 degC", "gears=5"], MODEL, "-p")["warmth"] == pytest.approx(
        393.15
    )
    assert told("charge=1.00000001")[0][0].startswith("'charge' would be 1")
    assert told("plain=nan")[0][0] == "'plain' is not finite"


def test_a_run_inside_a_vehicle_refuses_them_as_well():
    known = Known(MODEL)
    with pytest.raises(InputError) as error:
        known.settable({"charge": -0.1, "warmth": 25.0, "ambient": 300.0})
    assert [one.where for one in error.value.problems] == ["m, charge", "m, warmth"]
    assert known.settable({"charge": 1.0 + 1e-12})["charge"].tolist() == [1.0 + 1e-12]


def test_a_number_without_unit_is_refused_where_the_variable_has_one():
    assert told("warmth=25") == [("'warmth' is given without a unit", "write warmth=25 K or warmth=25 degC")]
    assert settings(["charge=0.8", "plain=2"], MODEL, "-p") == {"charge": 0.8, "plain": 2.0}
    assert settings(["charge=80 %"], MODEL, "-p")["charge"] == pytest.approx(0.8)


def test_one_parameter_twice_is_refused():
    assert told("plain=1", "plain=2")[0][0] == "'plain' is given twice"


def test_a_column_without_unit_with_one_too_many_or_there_twice_is_refused(tmp_path):
    assert read(tmp_path, "time,ambient [degC],load\n0,20,1\n").values.tolist() == [[293.15, 1.0]]
    (first,) = refused(tmp_path, "time,ambient\n0,25\n")
    assert (first.what, first.hint) == ("'ambient' names no unit", "write ambient [K] or ambient [degC]")
    assert "states no unit" in refused(tmp_path, "time,load [kW]\n0,25\n")[0].what
    assert "'load' is given twice" in refused(tmp_path, "time,load,load\n0,1,1\n")[0].what
    assert "'pair[2]' is given twice" in refused(tmp_path, "time,pair,pair[2]\n0,1 2,3\n")[0].what


def test_an_input_beyond_its_range_and_one_that_is_no_number_are_told_with_line_and_column(tmp_path):
    found = refused(tmp_path, "time,ambient [degC],load\n0,20,nan\n\n1,500,inf\n2,600,3\n")
    said = [(one.where.partition(", ")[2], one.what) for one in found]
    assert ("line 2, column 3", "'load' is not finite: nan") in said
    assert ("line 4, column 3", "'load' is not finite: inf") in said
    assert (
        "line 4, column 2",
        "'ambient' would be 773.15 K, outside of the range that it declares: 213.15 to 393.15 K; 2 rows in all",
    ) in said
    assert len(found) == 3
    assert np.isfinite(read(tmp_path, "time,load\n0,1\n").values).all()

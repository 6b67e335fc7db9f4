"""What FMUs say of themselves: read whole, and every mistake of it told with its line."""

import re

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.fmu import read_fmu
from tests.exchange.fmu.written import packed, three, two

SPEED = '<ScalarVariable name="w" valueReference="1" causality="input" variability="continuous"><Real unit="rpm" start="3"/></ScalarVariable>'
TORQUE = '<ScalarVariable name="M" valueReference="2" causality="output" variability="continuous" initial="calculated"><Real declaredType="T"/></ScalarVariable>'
MODE = '<ScalarVariable name="mode" valueReference="3" causality="parameter" variability="fixed"><Enumeration declaredType="Mode" start="2"/></ScalarVariable>'
TYPES = """<TypeDefinitions><SimpleType name="T"><Real unit="N.m" min="-300" max="300"/></SimpleType>
<SimpleType name="Mode"><Enumeration><Item name="eco" value="1"/><Item name="sport" value="2"/></Enumeration></SimpleType></TypeDefinitions>"""
OUTPUTS = '<Outputs><Unknown index="2" dependencies="1"/></Outputs><Derivatives/>'


def test_fmi_2(tmp_path):
    experiment = '<DefaultExperiment startTime="0" stopTime="2" stepSize="0.01" tolerance="1e-5"/>'
    read = read_fmu(
        packed(tmp_path / "m.fmu", two(SPEED + TORQUE + MODE, inside=TYPES, structure=OUTPUTS, experiment=experiment))
    )
    speed, torque, mode = read.variables
    assert (speed.variable.unit.name, speed.variable.start, speed.type) == ("rpm", 3.0, "Real")
    assert (torque.variable.minimum, torque.variable.maximum, torque.variable.unit.exponents) == (
        -300.0,
        300.0,
        (1, 2, -2, 0, 0, 0, 0, 0),
    )
    assert (mode.items, mode.variable.start, mode.variable.kind) == ({"eco": 1, "sport": 2}, 2, "enumeration")
    assert read.feedthrough == {"M": ("w",)}
    assert (read.experiment.stop_s, read.experiment.step_s, read.experiment.tolerance_ratio) == (2.0, 0.01, 1e-5)
    described = read.described("co-simulation")
    assert described.form == "FMI 2.0 co-simulation"
    assert [one.name for one in described.of("output")] == ["M"]
    assert len(described.digest) == 64


def test_fmi_3_arrays_structural_parameters_aliases_clocks_and_all_types(tmp_path):
    variables = """
<UInt64 name="n" valueReference="1" causality="structuralParameter" variability="tunable" start="2"/>
<Float64 name="A" valueReference="2" causality="parameter" variability="tunable" start="1 2 3 4 5 6">
  <Dimension valueReference="1"/><Dimension start="3"/></Float64>
<Float64 name="u" valueReference="3" causality="input" start="7"><Dimension valueReference="1"/><Alias name="force"/></Float64>
<Int64 name="big" valueReference="4" causality="output" start="-9223372036854775808" initial="exact"/>
<UInt64 name="huge" valueReference="5" causality="output" start="18446744073709551615" initial="exact"/>
<Binary name="blob" valueReference="6" causality="input"><Start value="00ff"/></Binary>
<String name="word" valueReference="7" causality="input"><Start value="two words"/></String>
<Boolean name="flags" valueReference="8" causality="input" start="true false"><Dimension start="2"/></Boolean>
<Clock name="tick" valueReference="9" causality="input" intervalVariability="constant" resolution="1000" intervalCounter="20"/>
"""
    read = read_fmu(packed(tmp_path / "m.fmu", three(variables, structure='<Output valueReference="4"/>')))
    by_name = {one.name: one for one in read.variables}
    assert by_name["A"].variable.shape == (2, 3)
    assert np.array_equal(by_name["A"].variable.start, [[1, 2, 3], [4, 5, 6]])
    assert np.array_equal(by_name["u"].variable.start, [7.0, 7.0])
    assert by_name["force"].reference == 3
    assert by_name["force"].alias
    assert by_name["big"].variable.start == -(2**63)
    assert by_name["huge"].variable.start == 2**64 - 1
    assert by_name["blob"].variable.start == b"\x00\xff"
    assert by_name["word"].variable.start == "two words"
    assert list(by_name["flags"].variable.start) == [True, False]
    assert by_name["tick"].clock.interval_s == 0.02
    assert read.feedthrough["big"] == ("u", "blob", "word", "flags", "tick")


@pytest.mark.parametrize(
    ("description", "said", "hint"),
    [
        (two().replace('fmiVersion="2.0"', 'fmiVersion="1.0"'), "FMI 1.0", "export it anew from its tool as FMI 2.0 or 3.0"),
        (two().replace('fmiVersion="2.0"', 'fmiVersion="9"'), "FMI '9'", "2.0 or 3.0"),
        (two(SPEED + SPEED), "variable 'w' is there twice", ""),
        (two(SPEED.replace('start="3"', 'start="three"')), "start value 'three' of 'w' is no Real", ""),
        (two(TORQUE), "declaredType 'T' is not defined", ""),
        (two(SPEED.replace('valueReference="1"', 'valueReference="-1"')), "whole number from 0", ""),
        (two(SPEED, kinds=()), "neither co-simulation nor model exchange", "export it anew"),
        (two(name="a/b"), "no name of a file", ""),
        (two(SPEED, structure='<Outputs><Unknown index="9"/></Outputs>'), "variable 9, which is not there", ""),
        (two(inside="<UnitDefinitions><Unit name='x'><BaseUnit factor='0'/></Unit></UnitDefinitions>").replace("\n  <Unit", "<X"), "well-formed", ""),
        ("<a/>", "not <fmiModelDescription>", ""),
        ("no xml", "well-formed", ""),
        (three('<Float64 name="u" valueReference="1" start="1 2 3"><Dimension start="2"/></Float64>'), "3 start values for 2 elements", ""),
        (three('<Float64 name="u" valueReference="1" start="1 2"/>'), "is one number and has several start values", ""),
        (three('<Float64 name="u" valueReference="1"><Dimension valueReference="5"/></Float64>'), "no structural parameter", ""),
        (three('<Float64 name="u" valueReference="1"><Dimension start="4000000"/><Dimension start="4000000"/></Float64>'), "more than", ""),
        (three('<Int8 name="u" valueReference="1" start="200"/>'), "'200' of 'u' is no Int8", ""),
        (three('<Real name="u" valueReference="1"/>'), "<Real> is no type", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(tmp_path, description, said, hint):
    with pytest.raises(InputError) as error:
        read_fmu(packed(tmp_path / "m.fmu", description))
    problem = next(one for one in error.value.problems if said in one.what)
    assert "modelDescription.xml" in problem.where
    assert hint in problem.hint
    assert problem.hint


def test_all_mistakes_are_told_at_once(tmp_path):
    broken = SPEED.replace("3", "x") + TORQUE
    with pytest.raises(InputError) as error:
        read_fmu(packed(tmp_path / "m.fmu", two(broken, name="9")))
    assert len(error.value.problems) == 3
    assert all(re.search(r":\d+$", one.where) for one in error.value.problems)


def test_an_archive_without_a_description(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "m.fmu", "w") as archive:
        archive.writestr("readme", "x")
    with pytest.raises(InputError, match=r"no modelDescription\.xml"):
        read_fmu(tmp_path / "m.fmu")


def test_a_start_value_that_is_no_number_is_told(tmp_path):
    from covolt.exchange.fmu.inspection import inspect

    path = packed(tmp_path / "a.fmu", three('<Float64 name="u" valueReference="1" causality="input" start="NaN"/>'))
    assert any("its start value nan lies outside of its range" in str(one.what) for one in inspect(path).doubts)

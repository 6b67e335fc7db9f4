# ruff: noqa: E501
"""Parameters reach the variables that they set by the priority of the standard, turned as mapped; none is passed over untold."""

from dataclasses import replace

import numpy as np
import pytest

from covolt.cli.application import main
from covolt.errors import InputError, Problem
from covolt.exchange.base_units import by_name, difference
from covolt.exchange.component import Unit, Variable
from covolt.exchange.master.scalars import Scalars
from covolt.exchange.ssp.flat import flattened
from covolt.exchange.ssp.reading import opened_ssp
from covolt.exchange.ssp.structure import Enumeration
from covolt.study.cases.ssp import check_ssp
from covolt.study.result import text_of
from tests.exchange.fmu.written import packed, two
from tests.exchange.ssp.building import (
    UNITS,
    component,
    connection,
    connector,
    described,
    document,
    flat_of,
    inline,
    real,
    ssp,
    structure,
    system,
    values,
    variable,
)

FMU = {"source": "resources/part.fmu"}
LEVELS = '<ssd:Enumerations><ssc:Enumeration name="Level"><ssc:Item name="low" value="1"/><ssc:Item name="high" value="7"/></ssc:Enumeration></ssd:Enumerations>'
PART = described(
    variable("k", "parameter", "Nm", start=1.0),
    variable("length", "parameter", "m", start=1.0),
    variable("count", "parameter", kind="integer", start=1),
    variable("on", "parameter", kind="boolean", start=False),
    variable("level", "parameter", kind="enumeration", start=1),
    variable("label", "parameter", kind="string", start=""),
    variable("blob", "parameter", kind="binary", start=b""),
    variable("gains", "parameter", start=np.array([1.0, 2.0, 3.0]), shape=(3,)),
    variable("big", "parameter", kind="integer", start=0),
    variable("out", "output"),
    variable("fixed", "parameter", variability="constant", start=1.0),
)


def of(path, name="part"):
    flat = flat_of(path, {name: PART, f"inner.{name}": PART})
    (found,) = (one for one in flat.components if one.name.endswith(name))
    return flat, found.parameters


def one_part(tmp_path, bindings, *, version="2.0", root="", enumerations="", **files):
    ssd = structure(
        system("car", component("part", "", bindings, **FMU), bindings=root), version=version, enumerations=enumerations
    )
    return ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x", **files)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_parameters_bound_at_the_component_are_applied(tmp_path, version):
    _, found = of(one_part(tmp_path, inline(real("k", 0.5)), version=version))
    assert found == {"k": 0.5}


def test_nothing_that_stands_twice_is_dropped_in_silence(tmp_path):
    binding = inline(real("k", 1))
    within = binding.partition("<ssd:ParameterValues>")[2].partition("</ssd:ParameterValues>")[0]
    with pytest.raises(InputError, match="<ParameterValues> holds more than one document"):
        of(one_part(tmp_path, binding.replace(within, within * 2)))
    twice = f"{binding}</ssd:ParameterBindings><ssd:ParameterBindings>{binding}"
    with pytest.raises(InputError, match="<ParameterBindings> is there twice"):
        of(one_part(tmp_path, twice))


def test_a_source_that_is_empty_is_none_and_values_stand_within(tmp_path):
    binding = inline(real("k", 0.5)).replace("<ssd:ParameterBinding>", '<ssd:ParameterBinding source="">')
    _, found = of(one_part(tmp_path, binding))
    assert found == {"k": 0.5}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (real("k", -3), "'k' would be \u22123, outside of the range that it declares: 0 to 2"),
        (real("u", "1 2"), "its size is 2, not 3"),
        (
            '<ssv:Parameter name="mode"><ssv:Integer value="8"/></ssv:Parameter>',
            "'8' is no item of enumeration 'mode': eco",
        ),
    ],
)
def test_a_value_that_the_component_does_not_take_is_refused(tmp_path, given, said):
    part = described(
        variable("n", "structural parameter", kind="integer", start=3),
        variable("k", "parameter", start=1.0, minimum=0.0, maximum=2.0),
        variable("u", "input", start=np.zeros(3), shape=(3,)),
        variable("mode", "parameter", kind="enumeration", start=1),
    )
    listed = Enumeration("mode", {"eco": 1})
    with opened_ssp(one_part(tmp_path, inline(given))) as read, pytest.raises(InputError) as error:
        flattened(read, lambda *_: part, lambda _: {"mode": listed})
    assert said in error.value.problems[0].what


def test_whole_numbers_of_64_bits_that_nobody_joins_are_left_out_and_joined_ones_refused(tmp_path):
    part = described(variable("big", "output", kind="integer", wide=True), variable("count", "input", kind="integer"))
    parts = component("one", **FMU) + component("two", **FMU)
    alone = structure(system("car", parts))
    joined = structure(system("car", parts, connection("one.big", "two.count")))
    files = {"resources__part_dot_fmu": "x"}
    assert flat_of(ssp(tmp_path / "a.ssp", alone, **files), {"one": part, "two": part}).joints == ()
    with pytest.raises(InputError, match="'big' is a whole number of 64 bits, which does not cross at a step"):
        flat_of(ssp(tmp_path / "b.ssp", joined, **files), {"one": part, "two": part})
    assert [one.name for one in Scalars(part).crossing("output")] == []


def test_outer_levels_and_later_bindings_hold(tmp_path):
    inner = system(
        "inner",
        component("part", "", inline(real("k", 1)) + inline(real("k", 2) + real("length", 2)), **FMU),
        bindings=inline(real("part.k", 3)) + inline(real("k", 4), prefix="part."),
    )
    path = ssp(tmp_path / "car.ssp", structure(system("car", inner)), resources__part_dot_fmu="x")
    flat, found = of(path)
    assert found == {"k": 4.0, "length": 2.0}
    outer = system("car", inner, bindings=inline(real("inner.part.k", 5)))
    path = ssp(tmp_path / "outer.ssp", structure(outer), resources__part_dot_fmu="x")
    flat, found = of(path)
    assert found == {"k": 5.0, "length": 2.0}
    assert [(one.value, one.by, one.overridden) for one in flat.bindings.applied if one.variable == "k"] == [
        (1.0, "inner.part", True),
        (2.0, "inner.part", True),
        (3.0, "inner", True),
        (4.0, "inner", True),
        (5.0, "", False),
    ]


def test_bindings_of_a_component_come_after_those_of_the_structure_that_it_stands_for(tmp_path):
    inside = structure(system("any", component("part", "", **FMU), bindings=inline(real("part.k", 2))))
    ssd = structure(
        system(
            "car",
            component(
                "inner",
                "",
                inline(real("part.k", 3)),
                source="resources/inside.ssp",
                type="application/x-ssp-package",
            ),
        )
    )
    nested = ssp(tmp_path / "inside.ssp", inside, resources__part_dot_fmu="x").read_bytes()
    _, found = of(ssp(tmp_path / "car.ssp", ssd, resources__inside_dot_ssp=nested))
    assert found == {"k": 3.0}


def test_a_value_at_a_systems_connector_reaches_what_takes_from_it(tmp_path):
    inner = system(
        "inner",
        component("part", connector("length", "parameter", "m"), **FMU),
        connection("size", "part.length", '<ssc:LinearTransformation factor="2"/>'),
        connector("size", "parameter", "mm"),
    )
    outer = system(
        "car",
        inner,
        connection("scale", "inner.size"),
        connector("scale", "parameter", "m"),
        inline(real("scale", 3, "m")),
    )
    _, found = of(ssp(tmp_path / "car.ssp", structure(outer), resources__part_dot_fmu="x"))
    assert found == {"length": 6.0}


def test_units_of_parameters_are_converted_unless_told_otherwise_and_mapped(tmp_path):
    ssv = values(
        real("L", 1500, "mm") + real("other", 3),
        tail='<ssv:Units><ssc:Unit name="mm"><ssc:BaseUnit m="1" factor="0.001"/></ssc:Unit></ssv:Units>',
    )

    def length(entry):
        binding = '<ssd:ParameterBinding source="resources/p.ssv"><ssd:ParameterMapping source="resources/m.ssm"/></ssd:ParameterBinding>'
        ssm = document("ssm", "ParameterMapping", entry)
        return of(one_part(tmp_path, binding, resources__p_dot_ssv=ssv, resources__m_dot_ssm=ssm))

    linear = '<ssc:LinearTransformation factor="2" offset="1"/>'
    flat, found = length('<ssm:MappingEntry source="L" target="length"/>')
    assert found == {"length": 1.5}
    assert [(one.name, str(one.why)) for one in flat.bindings.left] == [
        ("other", "the mapping of its binding does not name it")
    ]
    assert "p.ssv:2" in flat.bindings.left[0].place
    assert length(f'<ssm:MappingEntry source="L" target="length">{linear}</ssm:MappingEntry>')[1] == {"length": 4.0}
    entry = f'<ssm:MappingEntry source="L" target="length" suppressUnitConversion="true">{linear}</ssm:MappingEntry>'
    assert length(entry)[1] == {"length": 3001.0}
    flat, _ = length('<ssm:MappingEntry source="M" target="length"/>')
    assert any("the mapping names 'M'" in one.what for one in flat.notices)


def test_every_kind_of_value_arrives_without_loss_and_through_its_table(tmp_path):
    def parameter(name, typed):
        return f'<ssv:Parameter name="{name}">{typed}</ssv:Parameter>'

    body = (
        parameter("count", '<ssv:Integer value="3"/>')
        + parameter("on", '<ssv:Boolean value="false"/>')
        + parameter("level", '<ssv:Enumeration value="low" name="Level"/>')
        + parameter("label", '<ssv:String value=" a b "/>')
        + parameter("blob", '<ssv:Binary value="00ff"/>')
        + parameter("gains", '<ssv:Float64 value="4 5 6"/><ssv:Dimension size="3"/>'.replace("ssv:Dim", "ssc:Dim"))
        + parameter("big", '<ssv:UInt64 value="18446744073709551615"/>')
    )
    names = ("label", "blob", "gains", "big")
    mapping = (
        '<ssm:MappingEntry source="count" target="count"><ssc:IntegerMappingTransformation><ssc:MapEntry source="3" target="30"/></ssc:IntegerMappingTransformation></ssm:MappingEntry>'
        '<ssm:MappingEntry source="on" target="on"><ssc:BooleanMappingTransformation><ssc:MapEntry source="0" target="1"/></ssc:BooleanMappingTransformation></ssm:MappingEntry>'
        '<ssm:MappingEntry source="level" target="level"><ssc:EnumerationMappingTransformation><ssc:MapEntry source="low" target="high"/></ssc:EnumerationMappingTransformation></ssm:MappingEntry>'
        + "".join(f'<ssm:MappingEntry source="{name}" target="{name}"/>' for name in names)
    )
    _, found = of(one_part(tmp_path, inline(body, mapping), enumerations=LEVELS))
    assert np.array_equal(found.pop("gains"), [4.0, 5.0, 6.0])
    assert found == {
        "count": 30,
        "on": True,
        "level": 7,
        "label": " a b ",
        "blob": b"\x00\xff",
        "big": 18446744073709551615,
    }
    _, found = of(one_part(tmp_path, inline(real("gains[2]", 9) + real("count", 4.0))))
    assert np.array_equal(found["gains"], [1.0, 9.0, 3.0])
    assert found["count"] == 4


def test_what_is_not_applied_is_reported_with_what_was_probably_meant(tmp_path):
    flat, found = of(one_part(tmp_path, inline(real("lenght", 1) + real("out", 2) + real("fixed", 3) + real("k", 4))))
    assert found == {"k": 4.0}
    told = {one.name: (str(one.why), str(one.hint)) for one in flat.bindings.left}
    assert told["lenght"] == ("nothing in 'part' has this name", "did you mean 'length'?")
    assert told["out"][0] == "'out' is calculated by the component"
    assert told["fixed"][0] == "'fixed' is a constant of the component"


def test_values_of_the_wrong_type_unit_or_size_are_refused_together(tmp_path):
    kilowatt = '<ssv:Units><ssc:Unit name="kW"><ssc:BaseUnit kg="1" m="2" s="-3" factor="1000"/></ssc:Unit></ssv:Units>'
    body = (
        real("k", 1, "kW")
        + real("count", 1.5)
        + real("on", 1)
        + real("gains", "1 2")
        + '<ssv:Parameter name="label"><ssv:Integer value="3"/></ssv:Parameter>'
    )
    with pytest.raises(InputError) as raised:
        of(one_part(tmp_path, inline(body, tail=kilowatt)))
    told = [one.what for one in raised.value.problems]
    assert len(told) == 5
    for words in ("'kW' is", "1.5 is no whole number", "kind boolean", "its size is 2, not 3", "kind string"):
        assert any(words in one for one in told), told


def test_values_that_cannot_be_read_are_all_told_with_their_lines(tmp_path):
    body = (
        real("k", "fast")
        + real("length", "NaN")
        + '<ssv:Parameter name="count"><ssv:Int8 value="200"/></ssv:Parameter>'
        + '<ssv:Parameter name="blob"><ssv:Binary value="xyz"/></ssv:Parameter>'
        + '<ssv:Parameter name="level"><ssv:Enumeration value="medium" name="Level"/></ssv:Parameter>'
        + real("k", 1)
        + real("k", 2)
    )
    path = one_part(tmp_path, inline(body), enumerations=LEVELS)
    with pytest.raises(InputError) as raised, opened_ssp(path):
        pass
    told = [str(one) for one in raised.value.problems]
    for words in (
        "'fast' is no finite",
        "'NaN' is no finite",
        "200 is no Int8",
        "'xyz' is no hexa",
        "'medium' is no item",
        "twice",
    ):
        assert sum(words in one for one in told) == 1, told


def test_items_that_only_the_fmu_lists_are_known(tmp_path):
    types = '<TypeDefinitions><SimpleType name="Mode"><Enumeration><Item name="eco" value="1"/><Item name="sport" value="2"/></Enumeration></SimpleType></TypeDefinitions>'
    mode = '<ScalarVariable name="mode" valueReference="0" causality="parameter" variability="fixed"><Enumeration declaredType="Mode" start="1"/></ScalarVariable>'
    fmu = packed(tmp_path / "m.fmu", two(mode, inside=types)).read_bytes()
    binding = inline('<ssv:Parameter name="mode"><ssv:Enumeration value="sport"/></ssv:Parameter>')
    ssd = structure(system("car", component("part", "", binding, source="resources/m.fmu")))
    (found,) = check_ssp(ssp(tmp_path / "car.ssp", ssd, resources__m_dot_fmu=fmu)).parameters
    assert (found.variable, found.value) == ("part.mode", "2")
    wrong = structure(system("car", component("part", "", binding.replace("sport", "off"), source="resources/m.fmu")))
    with pytest.raises(InputError, match="'off' is no item of enumeration 'mode': eco, sport"):
        check_ssp(ssp(tmp_path / "wrong.ssp", wrong, resources__m_dot_fmu=fmu))


def test_only_start_values_that_the_model_lets_be_set_are_applied(tmp_path):
    rows = "".join(
        f'<ScalarVariable name="{name}" valueReference="{at}" causality="local" variability="continuous"{initial}><Real start="1"/></ScalarVariable>'
        for at, (name, initial) in enumerate((("state", ' initial="exact"'), ("sum", "")))
    )
    fmu = packed(tmp_path / "m.fmu", two(rows)).read_bytes()
    ssd = structure(
        system("car", component("part", "", inline(real("state", 2) + real("sum", 3)), source="resources/m.fmu"))
    )
    found = check_ssp(ssp(tmp_path / "car.ssp", ssd, resources__m_dot_fmu=fmu))
    assert [one.variable for one in found.parameters] == ["part.state"]
    assert ["'sum' is calculated by the component" in one.what for one in found.unapplied] == [True]


def rises(*, relative):
    """A part whose "rise" and "shown" are differences of temperatures, or are not."""
    unit = difference(by_name("K")) if relative else by_name("K")
    return described(Variable("rise", "input", unit=unit), Variable("shown", "output", unit=unit))


def test_of_differences_no_offset_counts_on_any_way_and_what_takes_them_otherwise_is_told(tmp_path):
    """A difference of 9 degC is one of 9 K, in a parameter, and through connectors that state degC."""
    inner = connector("rise", "input", "degC") + connector("shown", "output", "degC")
    degrees = '<ssv:Units><ssc:Unit name="degC"><ssc:BaseUnit K="1" offset="273.15"/></ssc:Unit></ssv:Units>'
    joined = {
        "one.shown": "two.rise",
        "two.shown": "level.rise",
        "level.shown": "top",
        "into": "last.rise",
        "last.shown": "out",
    }
    ssd = structure(
        system(
            "root",
            component("one", inner, inline(real("rise", 9, "degC"), tail=degrees), **FMU)
            + "".join(component(name, inner, **FMU) for name in ("two", "level", "last")),
            "".join(connection(*one) for one in joined.items()),
            connector("into", "input", "degC")
            + connector("top", "output", "degC")
            + connector("out", "output", "degC"),
            inline(real("into", 4, "degC"), tail=degrees),
        )
    )
    parts = {name: rises(relative=name != "level") for name in ("one", "two", "level", "last")}
    flat = flat_of(ssp(tmp_path / "rise.ssp", ssd, resources__part_dot_fmu="x"), parts)
    assert [dict(one.parameters) for one in flat.components] == [{"rise": 9.0}, {}, {}, {"rise": 4.0}]
    ways = {joint.target: joint.way.steps for joint in flat.joints} | {one.name: one.way.steps for one in flat.outlets}
    assert ways["two", "rise"] == ways["last", "rise"] == ways["out"] == ()
    assert [one.offset for one in ways["top"]] == [-273.15]
    told = [one for one in flat.notices if "difference" in one.what]
    assert [one.what for one in told] == ["units join with doubt: a difference in 'degC' becomes a value in 'degC'"]
    assert "two.shown to level.rise" in told[0].where


def test_a_unit_that_is_not_declared_as_its_name_says_is_told_and_obeyed(tmp_path):
    units = UNITS.replace('s="-3" factor="1000"', 's="-3"')
    body = component("part", connector("k", "parameter", "kW"), inline(real("k", 2.0)))
    path = ssp(tmp_path / "odd.ssp", structure(system("car", body), units=units))
    odd = Unit("kW", (1, 2, -3, 0, 0, 0, 0, 0))
    flat = flat_of(path, {"part": described(replace(variable("k", "parameter"), unit=odd))})
    assert flat.components[0].parameters["k"] == 2.0
    told = [one for one in flat.notices if "its name says 1000 kg m2 s-3" in str(one.what)]
    assert len(told) == 2, "once where the structure declares it, once where the component does"


def test_the_command_ends_with_7_where_something_is_not_joined_or_not_applied(tmp_path, capsys):
    def ended(body, connections="", connectors=""):
        path = tmp_path / "car.ssp"
        with pytest.raises(SystemExit) as end:
            main(["ssp", "check", str(ssp(path, structure(system("car", body, connections, connectors))))])
        return end.value.code

    joined = connection("part.y", "y"), connector("y", "output")
    part = component("part", connector("y", "output"))
    assert ended(part, *joined) == 0
    assert ended(part) == 7
    assert "nothing takes its value" in capsys.readouterr().out
    bound = "<ssd:ParameterBindings>" + inline(real("none", 1.0)) + "</ssd:ParameterBindings></ssd:Component>"
    assert ended(part.replace("</ssd:Component>", bound), *joined) == 7
    assert ended(part, connection("part.x", "y"), connector("y", "output")) == 2


def test_notices_of_an_ssp_are_told_in_the_language_that_is_asked_for(tmp_path):
    part = component("part", connector("y", "output", "kN"))
    path = ssp(tmp_path / "car.ssp", structure(system("car", part)))
    notices = check_ssp(path).notices
    assert "is not declared in this file" in str(notices[0].what)
    assert "не объявлена" in Problem(notices[0].what).said("ru").what
    assert "не объявлена" not in text_of(check_ssp(path))

# ruff: noqa: E501
"""Nested systems, dictionaries and array connectors become joints between components; what does not join is told at once."""

import pytest

from covolt.errors import InputError
from covolt.exchange.base_units import Conversion
from tests.exchange.ssp.building import (
    component,
    connection,
    connector,
    described,
    document,
    flat_of,
    ssp,
    structure,
    system,
    variable,
)

FMU = {"source": "resources/part.fmu"}
MOTOR = described(
    variable("speed", "input", "rad/s"), variable("torque", "output", "N.m"), variable("heat_K", "output", "K")
)
WHEEL = described(variable("torque", "input", "Nm"), variable("speed", "output", "rad/s"))


def joints(flat):
    return {(one.source, one.target): one.way.steps for one in flat.joints}


def nested(version: str) -> str:
    inner = system(
        "drive",
        component("motor", connector("torque", "output", "N.m") + connector("speed", "input", "rad/s"), **FMU),
        connection("motor.torque", "out") + connection("in", "motor.speed"),
        connector("out", "output") + connector("in", "input", "rad/s"),
    )
    wheel = component("wheel", connector("torque", "input", "Nm") + connector("speed", "output", "rad/s"), **FMU)
    return structure(
        system(
            "car",
            inner + wheel,
            connection("wheel.torque", "drive.out")
            + connection("wheel.speed", "drive.in")
            + connection("wheel.speed", "shown"),
            connector("shown", "output", "rad/s"),
        ),
        version=version,
    )


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_nested_systems_join_and_units_are_compared_by_what_they_are_made_of(tmp_path, version):
    path = ssp(tmp_path / "car.ssp", nested(version), resources__part_dot_fmu="x")
    flat = flat_of(path, {"drive.motor": MOTOR, "wheel": WHEEL})
    assert joints(flat) == {
        (("drive.motor", "torque"), ("wheel", "torque")): (),
        (("wheel", "speed"), ("drive.motor", "speed")): (),
    }
    assert [(one.name, one.source) for one in flat.outlets] == [("shown", ("wheel", "speed"))]
    assert not flat.open
    assert not flat.notices


@pytest.mark.parametrize(("unit", "refused"), [("J", False), ("kW", True)])
def test_torque_joins_energy_with_a_word_and_power_not_at_all(tmp_path, unit, refused):
    ssd = structure(
        system(
            "car",
            component("motor", connector("torque", "output"), **FMU)
            + component("sink", connector("taken", "input"), **FMU),
            connection("motor.torque", "sink.taken"),
        )
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x")
    parts = {"motor": MOTOR, "sink": described(variable("taken", "input", unit))}
    if refused:
        with pytest.raises(InputError, match="units do not join"):
            flat_of(path, parts)
        return
    flat = flat_of(path, parts)
    assert any("torque is not energy" in one.what for one in flat.notices)
    assert len(flat.joints) == 1


def test_units_are_converted_then_the_transformation_follows_or_stands_alone(tmp_path):
    def joined(within: str, **more: str):
        ssd = structure(
            system(
                "car",
                component("one", connector("heat", "output", "degC"), **FMU)
                + component("two", connector("warmth", "input", "K"), **FMU),
                connection("one.heat", "two.warmth", within, **more),
            )
        )
        path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x")
        parts = {
            "one": described(variable("heat", "output", "degC")),
            "two": described(variable("warmth", "input", "K")),
        }
        (joint,) = flat_of(path, parts).joints
        return joint.way.steps

    linear = '<ssc:LinearTransformation factor="2" offset="1"/>'
    assert joined("") == (Conversion(1.0, 273.15),)
    assert joined(linear) == (Conversion(2.0, 547.3),)
    assert joined(linear, suppressUnitConversion="true") == (Conversion(2.0, 1.0),)
    assert joined("", suppressUnitConversion="true") == ()


def test_a_dictionary_joins_who_writes_a_signal_to_who_reads_it(tmp_path):
    ssb = document(
        "ssb",
        "SignalDictionary",
        '<ssb:DictionaryEntry name="way"><ssc:Real unit="m"/></ssb:DictionaryEntry>'
        '<ssb:Units><ssc:Unit name="m"><ssc:BaseUnit m="1"/></ssc:Unit></ssb:Units>',
    )
    reference = '<ssd:SignalDictionaryReference name="bus" dictionary="signals"><ssd:Connectors>{}</ssd:Connectors></ssd:SignalDictionaryReference>'
    inner = system(
        "inner",
        component("taker", connector("way", "input", "m"), **FMU)
        + reference.format('<ssd:Connector name="way" kind="inout"/>'),
        connection("bus.way", "taker.way"),
    )
    ssd = structure(
        system(
            "car",
            component("giver", connector("way", "output", "mm"), **FMU)
            + reference.format('<ssd:Connector name="way" kind="inout"/>')
            + inner,
            connection("giver.way", "bus.way"),
            tail='<ssd:SignalDictionaries><ssd:SignalDictionary name="signals" source="resources/s.ssb"/></ssd:SignalDictionaries>',
        )
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x", resources__s_dot_ssb=ssb)
    flat = flat_of(
        path,
        {"giver": described(variable("way", "output", "mm")), "inner.taker": described(variable("way", "input", "m"))},
    )
    assert joints(flat) == {(("giver", "way"), ("inner.taker", "way")): (Conversion(0.001, 0.0),)}


def test_arrays_join_whole_or_by_elements_and_other_sizes_are_refused(tmp_path):
    def flat(taker_shape, **more):
        ssd = structure(
            system(
                "car",
                component("one", connector("forces", "output"), **FMU)
                + component("two", connector("taken", "input"), **FMU),
                connection("one.forces", "two.taken", **more),
            )
        )
        path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x")
        parts = {
            "one": described(variable("forces", "output", shape=(2, 2))),
            "two": described(variable("taken", "input", shape=taker_shape)),
        }
        return flat_of(path, parts)

    whole = flat((2, 2))
    assert [one.source[1] for one in whole.joints] == ["forces[1,1]", "forces[1,2]", "forces[2,1]", "forces[2,2]"]
    assert [one.target[1] for one in whole.joints] == ["taken[1,1]", "taken[1,2]", "taken[2,1]", "taken[2,2]"]
    part = flat((3,), startIndices="2 1", endIndices="3")
    assert [(one.source[1], one.target[1]) for one in part.joints] == [("forces[2,1]", "taken[3]")]
    assert [one.point for one in part.open] == ["two.taken[1]", "two.taken[2]"]
    with pytest.raises(InputError, match="has the size 2 x 2"):
        flat((3,))
    with pytest.raises(InputError, match="has no element 3"):
        flat((), startIndices="3")


def test_everything_that_does_not_join_is_told_at_once_with_line_and_path(tmp_path):
    ssd = structure(
        system(
            "car",
            component("motor", connector("torque", "output") + connector("spede", "input"), **FMU)
            + component("wheel", connector("torque", "input"), **FMU),
            connection("motor.torque", "wheel.torqe")
            + connection("motor.torque", "engine.torque")
            + connection("motor.torque", "motor.heat_K")
            + connection("motor.torque", "wheel.torque")
            + connection("motor.heat_K", "wheel.torque", suppressUnitConversion="true"),
        )
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x")
    with pytest.raises(InputError) as raised:
        flat_of(path, {"motor": MOTOR, "wheel": WHEEL})
    told = [str(one) for one in raised.value.problems]
    for words in (
        "the component has no variable 'spede'",
        "'wheel' has no connector 'torqe'",
        "the system has no element 'engine'",
        "both give",
        "'wheel.torque' takes from more than one: motor.torque, motor.heat_K",
    ):
        assert sum(words in one for one in told) == 1, told
    assert all("SystemStructure.ssd:" in one for one in told)
    assert any("did you mean 'speed'?" in one for one in told)
    assert any("System[car]/Connection[motor.torque to engine.torque]" in one for one in told)


def test_what_is_not_joined_is_listed(tmp_path):
    inner = system(
        "inner",
        component("wheel", connector("torque", "input"), **FMU),
        connection("wish", "wheel.torque"),
        connector("wish", "input") + connector("unused", "output"),
    )
    ssd = structure(system("car", inner + component("motor", connector("torque", "output"), **FMU)))
    path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x")
    flat = flat_of(path, {"motor": MOTOR, "inner.wheel": WHEEL})
    told = {one.point: str(one.meaning) for one in flat.open}
    assert told == {
        "inner.wheel.torque": "it stays as it is set at the start",
        "motor.speed": "it stays as it is set at the start",
        "inner.wish": "nothing outside gives it a value",
        "inner.unused": "nothing is joined to it",
        "motor.torque": "nothing takes its value",
    }


def test_a_structure_that_contains_itself_and_kinds_that_do_not_pass_are_refused(tmp_path):
    ssd = structure(
        '<ssd:System name="car" id="me">'
        f"<ssd:Elements>{component('again', source='#me', type='application/x-ssp-definition')}</ssd:Elements></ssd:System>"
    )
    with pytest.raises(InputError, match="contains itself"):
        flat_of(ssp(tmp_path / "car.ssp", ssd), {})
    ssd = structure(
        system(
            "car",
            component("one", connector("level", "output"), **FMU)
            + component("two", connector("gear", "input", "", "Integer"), **FMU),
            connection("one.level", "two.gear"),
        )
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x")
    parts = {"one": described(variable("level", "output")), "two": described(variable("gear", "input", kind="integer"))}
    with pytest.raises(InputError, match="kind real does not become one of kind integer"):
        flat_of(path, parts)


def test_kinds_that_disagree_with_the_component_are_refused_where_they_are_joined_and_told_where_not(tmp_path):
    def flat(connections):
        wrong = component("motor", connector("speed", "output"), **FMU)
        ssd = structure(system("car", wrong + component("wheel", connector("torque", "input"), **FMU), connections))
        return flat_of(ssp(tmp_path / "car.ssp", ssd, resources__part_dot_fmu="x"), {"motor": MOTOR, "wheel": WHEEL})

    assert any("'speed' is of kind output here and input in the component" in one.what for one in flat("").notices)
    with pytest.raises(InputError, match="is of kind output here and input in the component"):
        flat(connection("motor.speed", "wheel.torque"))


def test_a_step_that_a_tool_has_noted_is_taken_and_told(tmp_path):
    noted = '<ssd:Annotations><ssc:Annotation type="org.tool"><x:Master xmlns:x="urn:x" stepSize="0.02"/></ssc:Annotation></ssd:Annotations>'
    tail = f'<ssd:DefaultExperiment startTime="1" stopTime="3">{noted}</ssd:DefaultExperiment>'
    flat = flat_of(ssp(tmp_path / "car.ssp", structure(system("car", ""), tail=tail)), {})
    read = flat.structure
    assert (read.start_s, read.stop_s, read.step_s) == (1.0, 3.0, 0.02)
    assert any("0.02 s is taken from an annotation" in one.what for one in flat.notices)

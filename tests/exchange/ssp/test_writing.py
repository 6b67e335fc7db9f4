"""What is written is valid by the schemas of SSP, reads back as it was, and runs in another simulator."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyssp_standard
import pytest
import xmlschema

from covolt.errors import InputError
from covolt.exchange.base_units import Conversion, by_name
from covolt.exchange.master import Connection, Part, Port, System
from covolt.exchange.ssp import Models, flattened, opened_ssp
from covolt.exchange.ssp.system_writing import written_from
from covolt.exchange.ssp.writing import (
    WrittenJoint,
    WrittenPart,
    WrittenShown,
    WrittenSystem,
    WrittenTaken,
    write_ssp,
    written_of,
)
from covolt.study.cases.ssp_export import export_ssp
from covolt.study.cases.ssp_run import SspOptions, run_ssp
from tests.exchange.ssp.building import described, flat_of, variable
from tests.exchange.ssp.motor import closed_form
from tests.exchange.ssp.test_running import motor_ssp
from tests.house.source import ROOT

SCHEMAS = Path(pyssp_standard.__file__).parent / "resources"
KINDS = {".ssd": "Description", ".ssv": "ParameterValues"}
PACK = described(
    variable("current", "input", "A"),
    variable("voltage", "output", "V"),
    variable("cells", "parameter", kind="integer", start=1),
    variable("name", "parameter", kind="string", start=""),
    variable("on", "input", kind="boolean", start=False),
)
LOAD = described(
    variable("voltage", "input", "V"),
    variable("current", "output", "A"),
    variable("open", "output", kind="boolean"),
    variable("slope", "input"),
)


def demand_valid(path, version):
    schemas = SCHEMAS / "ssp2" if version == "2.0" else SCHEMAS
    seen = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if kind := KINDS.get(Path(name).suffix):
                schema = xmlschema.XMLSchema10(str(schemas / f"SystemStructure{kind}.xsd"))
                schema.validate(archive.read(name).decode())
                seen += 1
    return seen


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_system_of_hosted_parts_is_valid_and_reads_back_equal(tmp_path, version):
    system = WrittenSystem(
        'a "quoted" & <odd> name',
        (
            WrittenPart(
                "pack",
                PACK,
                "grpcs://battery.example:443/pack",
                {"cells": 96, "name": "a & b"},
                "application/x-covolt-hosted",
            ),
            WrittenPart("load", LOAD, "grpcs://drive.example/load", {}, "application/x-covolt-hosted"),
        ),
        (
            WrittenJoint(("pack", "voltage"), ("load", "voltage")),
            WrittenJoint(("load", "current"), ("pack", "current"), (Conversion(-1.0, 0.5),)),
            WrittenJoint(("load", "open"), ("pack", "on"), ({0.0: 1.0, 1.0: 0.0},)),
            WrittenJoint(("", "slope"), ("load", "slope"), (Conversion(2.0, 0.0),)),
        ),
        (WrittenShown("volts", ("pack", "voltage"), (), by_name("V")),),
        (WrittenTaken("slope"),),
        0.0,
        10.0,
    )
    path = tmp_path / "car.ssp"
    write_ssp(system, path, version)
    assert demand_valid(path, version) == 2
    flat = flat_of(path, {"pack": PACK, "load": LOAD})
    assert flat.structure.name == system.name
    assert (flat.structure.version, flat.structure.stop_s) == (version, 10.0)
    assert [one.element.source for one in flat.components] == [one.source for one in system.parts]
    assert {one.name: one.parameters for one in flat.components} == {"pack": {"cells": 96, "name": "a & b"}, "load": {}}
    assert {(one.source, one.target): one.way.steps for one in flat.joints} == {
        (one.source, one.target): one.steps for one in system.joints
    }
    assert [(one.name, one.source, one.way.steps) for one in flat.outlets] == [("volts", ("pack", "voltage"), ())]
    assert not flat.open
    first = path.read_bytes()
    write_ssp(system, path, version)
    assert path.read_bytes() == first


def test_arrays_are_written_in_version_2_and_refused_in_version_1(tmp_path):
    part = described(
        variable("gains", "parameter", start=np.zeros(3), shape=(3,)), variable("f", "output", shape=(2, 2))
    )
    taker = described(variable("u", "input"))
    system = WrittenSystem(
        "arrays",
        (
            WrittenPart(
                "part", part, "grpcs://a.example/x", {"gains": np.array([1.0, 2.5, -3.0])}, "application/x-own"
            ),
            WrittenPart("taker", taker, "grpcs://a.example/y", {}, "application/x-own"),
        ),
        (WrittenJoint(("part", "f[2,1]"), ("taker", "u")),),
    )
    path = tmp_path / "arrays.ssp"
    write_ssp(system, path)
    demand_valid(path, "2.0")
    flat = flat_of(path, {"part": part, "taker": taker})
    assert np.array_equal(flat.components[0].parameters["gains"], [1.0, 2.5, -3.0])
    assert [(one.source, one.target) for one in flat.joints] == [(("part", "f[2,1]"), ("taker", "u"))]
    with pytest.raises(InputError, match=r"SSP 1\.0 has none"):
        write_ssp(system, path, "1.0")


def test_a_system_of_the_master_is_written_with_its_factors_units_and_values(tmp_path):
    giver = described(variable("heat", "output", "degC"), variable("on", "output", kind="boolean"))
    taker = described(
        variable("warmth", "input", "K", start=0.0),
        variable("off", "input", kind="boolean", start=False),
        variable("gear", "input", kind="integer", start=0),
        variable("field", "input", shape=(2,), start=np.zeros(2)),
    )
    system = System(
        "heat",
        (Part("giver"), Part("taker", {})),
        (
            Connection(Port("giver", "heat"), Port("taker", "warmth"), 2.0, 1.0),
            Connection(Port("giver", "on"), Port("taker", "off"), choices=((0.0, 1.0), (1.0, 0.0))),
        ),
        inputs={Port("taker", "gear"): 3.0, Port("taker", "field[2]"): 4.0},
    )
    kind = "application/x-own"
    places = {
        name: WrittenPart(name, of, f"grpcs://a.example/{name}", {}, kind)
        for name, of in (("giver", giver), ("taker", taker))
    }
    path = tmp_path / "heat.ssp"
    write_ssp(written_from(system, places, {"shown": Port("giver", "heat")}, stop_s=5.0), path)
    demand_valid(path, "2.0")
    flat = flat_of(path, {"giver": giver, "taker": taker})
    ways = {one.target[1]: one.way.steps for one in flat.joints}
    (warmth,) = ways["warmth"]
    assert (warmth.factor, warmth.offset) == (2.0, pytest.approx(1.0 + 273.15))
    assert ways["off"] == ({0.0: 1.0, 1.0: 0.0},)
    found = flat.components[1].parameters
    assert found["gear"] == 3
    assert np.array_equal(found["field"], [0.0, 4.0])
    assert flat.outlets[0].unit.name == "degC"
    with pytest.raises(InputError, match="nobody says where part 'taker' is"):
        written_from(system, {"giver": places["giver"]})


@pytest.mark.whole
def test_a_nested_system_of_version_2_written_flat_in_version_1_runs_in_libcosim(tmp_path):
    from libcosimpy.CosimExecution import CosimExecution
    from libcosimpy.CosimLogging import CosimLogLevel, log_output_level
    from libcosimpy.CosimObserver import CosimObserver

    nested = motor_ssp(tmp_path / "nested.ssp", "2.0", "CoSimulation")
    path = tmp_path / "flat.ssp"
    with opened_ssp(nested) as read:
        # libcosim knows no connectors of the system itself.
        write_ssp(replace(written_of(flattened(read, Models())), shown=()), path, "1.0")
    assert demand_valid(path, "1.0") == 4
    log_output_level(CosimLogLevel.FATAL)
    execution = CosimExecution.from_ssp_file(ssp_path=str(path), step_size=1_000_000)
    observer = CosimObserver.create_last_value()
    execution.add_observer(observer=observer)
    execution.simulate_until(target_time=1_000_000_000)
    (mass,) = (one.index for one in execution.slave_infos() if one.name.decode() == "SuT.mass")
    (speed,) = observer.last_real_values(slave_index=mass, variable_references=[0])
    _, wanted = closed_form(np.array([1.0]), 12.0, k=0.5, R=0.5, J=0.02)
    assert speed == pytest.approx(wanted[0], rel=0.01)


@pytest.mark.slow
def test_the_vehicle_of_a_programme_is_a_valid_ssp_that_drives(tmp_path):
    path = tmp_path / "car.ssp"
    found = export_ssp(ROOT / "examples/city-car", path, "1.0")
    assert demand_valid(path, "1.0") == 1
    assert [one.name for one in found.components] == ["vehicle"]
    assert {(one.source, one.target, one.target_unit) for one in found.connections} >= {
        ("target_speed", "vehicle.target_speed", "m/s")
    }
    given = tmp_path / "given.csv"
    given.write_text("time,target_speed,ambient_temperature\n0,0,293.15\n10,10,293.15\n")
    shown = {one.name: one for one in run_ssp(path, None, SspOptions(step="1 s", input=given)).outputs}
    assert shown["speed"].last == pytest.approx(9.0, abs=1e-6)  # of a step before
    assert shown["battery_power"].minimum < -1000.0

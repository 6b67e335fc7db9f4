"""libcosim, which runs flat systems of SSP 1.0, gives what covolt gives by the same exchange; the record of a run is valid."""

from importlib.metadata import version
from pathlib import Path

import pyssp_standard
import pytest
import xmlschema

from covolt.exchange.ssp.traceability import sha3_256_of
from covolt.study.cases.ssp_export import export_ssp
from covolt.study.cases.ssp_run import SspOptions, run_ssp
from tests.exchange.ssp.building import component, connection, connector, inline, real, ssp, structure, system
from tests.exchange.ssp.motor import fmu
from tests.exchange.ssp.test_running import motor_ssp

pytestmark = pytest.mark.whole
SCHEMAS = Path(pyssp_standard.__file__).parent / "resources"


def test_libcosim_and_covolt_agree_on_a_flat_system_with_parameters_at_its_components(tmp_path):
    from libcosimpy.CosimExecution import CosimExecution
    from libcosimpy.CosimLogging import CosimLogLevel, log_output_level
    from libcosimpy.CosimObserver import CosimObserver

    ssd = structure(
        system(
            "flat",
            component(
                "source",
                connector("u", "output") + connector("level", "parameter"),
                inline(real("level", 12)),
                source="resources/stimulus.fmu",
            )
            + component(
                "machine",
                "".join(
                    connector(*one)
                    for one in (("u", "input"), ("w", "input"), ("torque", "output"), ("k", "parameter"))
                ),
                inline(real("k", 0.5)),
                source="resources/motor.fmu",
            )
            + component("mass", connector("torque", "input") + connector("w", "output"), source="resources/mass.fmu"),
            connection("machine.torque", "mass.torque")
            + connection("mass.w", "machine.w")
            + connection("source.u", "machine.u"),
        ),
        version="1.0",
        units="",
        tail='<ssd:DefaultExperiment startTime="0.0" stopTime="0.5"/>',
    )
    files = {f"resources__{one}_dot_fmu": fmu(one) for one in ("stimulus", "motor", "mass")}
    path = ssp(tmp_path / "flat.ssp", ssd, **files)
    log_output_level(CosimLogLevel.FATAL)
    execution = CosimExecution.from_ssp_file(ssp_path=str(path), step_size=1_000_000)
    observer = CosimObserver.create_last_value()
    execution.add_observer(observer=observer)
    execution.simulate_until(target_time=500_000_000)
    at = {one.name.decode(): one.index for one in execution.slave_infos()}
    (speed,) = observer.last_real_values(slave_index=at["mass"], variable_references=[0])
    (current,) = observer.last_real_values(slave_index=at["machine"], variable_references=[0])
    found = run_ssp(path, None, SspOptions(step="1 ms", coupling="Jacobi"))
    own = {one.name: one.last for one in found.outputs}
    assert own["mass.w"] == pytest.approx(speed, rel=1e-9)
    assert own["machine.i"] == pytest.approx(current, rel=1e-9)


def test_the_record_of_a_run_is_valid_and_names_everything_by_its_digest(tmp_path):
    path = motor_ssp(tmp_path / "motor.ssp", "2.0", "CoSimulation")
    record = tmp_path / "run.srmd"
    found = run_ssp(path, tmp_path / "out.csv", SspOptions(step="10 ms", record=record))
    # The schema of links is fetched by its address otherwise.
    space = "www.w3.org/1999/xlink"
    links = tmp_path / "xlink.xsd"
    attributes = "".join(
        f'<xs:attribute name="{name}" type="xs:string"/>'
        for name in ("type", "href", "label", "title", "role", "arcrole", "from", "to")
    )
    links.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://{space}">{attributes}</xs:schema>'
    )
    schema = xmlschema.XMLSchema11(
        str(SCHEMAS / "SRMD11.xsd"),
        locations={f"http://{space}": str(links)},
        uri_mapper=lambda uri: str(links) if "xlink" in uri else uri,
    )
    schema.validate(record.read_text())
    told = schema.to_dict(record.read_text())
    assert told["@checksum"].lower() == sha3_256_of((tmp_path / "out.csv").read_bytes())
    entries = {
        group["@type"]: {one["@keyword"]: one.get("$") for one in group.get("stc:ClassificationEntry", [])}
        for group in told["stc:Classification"]
    }
    assert entries["covolt.run"]["covolt"] == version("covolt")
    assert entries["covolt.run"]["step log"] == f"sha256:{found.results_digest}"
    assert set(entries["covolt.components"]) == {"source", "SuT.machine", "SuT.mass"}
    assert entries["covolt.parameters"]["SuT.machine.k"] == "0.5"
    assert str(tmp_path) not in record.read_text()
    again = tmp_path / "again.srmd"
    run_ssp(path, tmp_path / "out.csv", SspOptions(step="10 ms", record=again))
    assert again.read_bytes() == record.read_bytes()


def test_what_is_exported_flat_runs_to_the_same_bits(tmp_path):
    path = motor_ssp(tmp_path / "motor.ssp", "2.0", "ModelExchange")
    export_ssp(path, tmp_path / "flat.ssp", "1.0")
    runs = [run_ssp(one, None, SspOptions(step="10 ms")) for one in (path, tmp_path / "flat.ssp")]
    assert runs[0].outputs == runs[1].outputs
    assert runs[0].results_digest == runs[1].results_digest

"""SSPs of real FMUs run as their closed form says; parameters bound anywhere count, and nothing fails in silence."""

import csv

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.base_units import by_name
from covolt.exchange.master import Method
from covolt.exchange.ssp import Models, flattened, opened_ssp
from covolt.exchange.ssp.running import experiment_of, run_flat
from covolt.study.cases.ssp import check_ssp
from covolt.study.cases.ssp_run import SspOptions, run_ssp
from tests.exchange.master.parts import Linear
from tests.exchange.ssp.building import component, connection, connector, inline, real, ssp, structure, system
from tests.exchange.ssp.motor import closed_form, fmu

pytestmark = pytest.mark.whole
UNITS = """<ssd:Units><ssc:Unit name="N.m"><ssc:BaseUnit kg="1" m="2" s="-2"/></ssc:Unit>
<ssc:Unit name="Nm"><ssc:BaseUnit kg="1" m="2" s="-2"/></ssc:Unit><ssc:Unit name="rad/s"><ssc:BaseUnit rad="1" s="-1"/></ssc:Unit>
<ssc:Unit name="V"><ssc:BaseUnit kg="1" m="2" s="-3" A="-1"/></ssc:Unit></ssd:Units>"""
EXPERIMENT = '<ssd:DefaultExperiment startTime="0.0" stopTime="1.0"/>'


def motor_ssp(path, version, implementation):
    """Three FMUs, two of them in a nested system, with values within the structure that state no units."""
    how = {"type": "application/x-fmu-sharedlibrary", "implementation": implementation}
    inner = system(
        "SuT",
        component(
            "machine",
            connector("u", "input", "V") + connector("w", "input", "rad/s") + connector("torque", "output", "N.m"),
            inline(real("k", 0.5) + real("R", 0.5)),
            source="resources/motor.fmu",
            **how,
        )
        + component(
            "mass",
            connector("torque", "input", "Nm") + connector("w", "output", "rad/s"),
            inline(real("J", 0.02)),
            source="resources/mass.fmu",
            **how,
        ),
        connection("machine.torque", "mass.torque")
        + connection("mass.w", "machine.w")
        + connection("u", "machine.u")
        + connection("mass.w", "w"),
        connector("u", "input", "V") + connector("w", "output", "rad/s"),
    )
    outer = system(
        "Root",
        component("source", connector("u", "output", "V"), source="resources/stimulus.fmu", **how) + inner,
        connection("source.u", "SuT.u") + connection("SuT.w", "speed"),
        connector("speed", "output", "rad/s"),
        inline(real("source.level", 12)),
    )
    ssd = structure(outer, version=version, units=UNITS, tail=EXPERIMENT)
    files = {f"resources__{one}_dot_fmu": fmu(one) for one in ("stimulus", "motor", "mass")}
    return ssp(path, ssd, **files)


@pytest.mark.parametrize(("version", "implementation"), [("1.0", "CoSimulation"), ("2.0", "ModelExchange")])
def test_a_nested_system_of_three_fmus_follows_its_closed_form(tmp_path, version, implementation):
    path = motor_ssp(tmp_path / "motor.ssp", version, implementation)
    found = run_ssp(path, tmp_path / "out.csv", SspOptions(step="1 ms"))
    assert found.notices == found.unapplied == ()
    assert not found.unprotected
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["time [s]", "speed [rad/s]"]
    table = np.array(rows[1:], dtype=np.float64)
    assert table.shape == (1001, 2)
    _, speed = closed_form(table[:, 0], 12.0, k=0.5, R=0.5, J=0.02)
    assert np.abs(table[:, 1] - speed).max() < 0.01 * speed.max()
    _, unset = closed_form(table[:, 0], 12.0)
    assert abs(unset[-1] - speed[-1]) > 0.2 * speed[-1]


def test_check_says_what_is_run_and_what_each_parameter_becomes(tmp_path):
    found = check_ssp(motor_ssp(tmp_path / "motor.ssp", "2.0", "ModelExchange"))
    assert {one.form for one in found.components} == {"FMI 2.0 model exchange"}
    assert {(one.source, one.target, one.conversion) for one in found.connections} >= {
        ("SuT.machine.torque", "SuT.mass.torque", "")
    }
    assert {(one.variable, one.value, one.of) for one in found.parameters} == {
        ("SuT.machine.k", "0.5", "SuT.machine"),
        ("SuT.machine.R", "0.5", "SuT.machine"),
        ("SuT.mass.J", "0.02", "SuT.mass"),
        ("source.level", "12", ""),
    }
    assert found.unjoined == found.unapplied == found.notices == ()


def test_an_implementation_that_the_fmu_has_not_and_components_without_one_are_refused(tmp_path):
    ssd = structure(system("car", component("motor", source="resources/m.fmu", implementation="ModelExchange")))
    path = ssp(tmp_path / "car.ssp", ssd, resources__m_dot_fmu=fmu("motor", ("CoSimulation",)))
    with pytest.raises(InputError, match="asks for ModelExchange, and its FMU offers co-simulation"):
        check_ssp(path)
    path = ssp(tmp_path / "none.ssp", structure(system("car", component("motor")), tail=EXPERIMENT))
    with pytest.raises(InputError, match="'motor' has no implementation"):
        run_ssp(path)
    with pytest.raises(InputError, match="nobody says when the run ends"):
        run_ssp(ssp(tmp_path / "no.ssp", structure(system("car", component("motor")))))


def test_a_component_that_runs_elsewhere_takes_its_place_by_its_name(tmp_path):
    torque, speed = by_name("N.m"), by_name("rad/s")
    elsewhere = Linear("mass", [[-1.0]], [[100.0]], [[1.0]], inputs={"torque": torque}, outputs={"w": speed})
    ssd = structure(
        system(
            "car",
            component("source", connector("u", "output"), inline(real("level", 12)), source="resources/stimulus.fmu")
            + component("machine", connector("u", "input") + connector("w", "input"), source="resources/motor.fmu")
            + component(
                "mass",
                connector("torque", "input", "Nm") + connector("w", "output"),
                source="grpcs://wheels.example:443/mass",
                type="application/x-covolt-hosted",
            ),
            connection("source.u", "machine.u")
            + connection("machine.torque", "mass.torque")
            + connection("mass.w", "machine.w"),
        ),
        units=UNITS,
        tail=EXPERIMENT,
    )
    path = ssp(tmp_path / "car.ssp", ssd, **{f"resources__{one}_dot_fmu": fmu(one) for one in ("stimulus", "motor")})
    with pytest.raises(InputError, match="of type application/x-covolt-hosted from grpcs://wheels"):
        run_ssp(path)
    with opened_ssp(path) as read:
        flat = flattened(read, Models({"mass": elsewhere.description}))
        experiment = experiment_of(flat, None, None, 1e-3)
        done = run_flat(flat, experiment, Method(1e-3, "Gauss-Seidel"), supplied={"mass": elsewhere})
    assert not elsewhere.closed
    _, wanted = closed_form(done.run.time_s, 12.0)
    assert np.abs(done.run.of("mass", "w") - wanted).max() < 0.01 * wanted.max()

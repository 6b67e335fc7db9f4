"""Truths and whole numbers cross through their tables; what is calculated once sets other components before they begin."""

# ruff: noqa: E501
import math

import pytest

from covolt.errors import InputError
from covolt.exchange.fmu.library import here
from covolt.study.cases.ssp import check_ssp
from covolt.study.cases.ssp_run import SspOptions, run_ssp
from tests.exchange.fmu.built import fmu as frame
from tests.exchange.fmu.built import library
from tests.exchange.fmu.written import packed, two
from tests.exchange.ssp.building import component, connection, connector, inline, real, ssp, structure, system
from tests.exchange.ssp.motor import SOURCES
from tests.exchange.ssp.motor import fmu as motor_fmu

pytestmark = pytest.mark.whole
ARRAYS = """<UInt64 name="n" valueReference="90" causality="structuralParameter" variability="fixed" start="2"/>
<Float64 name="u" valueReference="91" causality="input" start="0 0"><Dimension valueReference="90"/></Float64>
<Float64 name="A" valueReference="92" causality="parameter" variability="fixed" start="1 0 0 1">
<Dimension valueReference="90"/><Dimension valueReference="90"/></Float64>
<Float64 name="y" valueReference="93" causality="output"><Dimension valueReference="90"/></Float64>"""
EXPERIMENT = '<ssd:DefaultExperiment startTime="0" stopTime="0.1"/>'
# The frame keeps whole numbers by their reference modulo 8, so that the output 8 + n gives back what n was set to.
ECHO = "".join(
    f'<ScalarVariable name="{name}" valueReference="{reference}" causality="{causality}" variability="{variability}"><{kind}{start}/></ScalarVariable>'
    for name, reference, causality, variability, kind, start in (
        ("truth", 0, "input", "discrete", "Boolean", ' start="false"'),
        ("truth_out", 8, "output", "discrete", "Boolean", ""),
        ("number", 1, "input", "discrete", "Integer", ' start="0"'),
        ("number_out", 9, "output", "discrete", "Integer", ""),
    )
)
GIVER = "".join(
    f'<ScalarVariable name="{name}" valueReference="{reference}" causality="{causality}" variability="{variability}"><Real{start}/></ScalarVariable>'
    for name, reference, causality, variability, start in (
        ("u", 0, "output", "continuous", ""),
        ("level", 1, "parameter", "fixed", ' start="6"'),
    )
)


def fmu(folder, model, variables, guid):
    platform, ending = here(2)
    content = library(folder, "frame2.c", f'-DMODEL="{SOURCES / model}.h"', f'-DGUID="{guid}"')
    path = packed(folder / f"{guid}.fmu", two(variables, guid=guid), {f"binaries/{platform}/model{ending}": content})
    return path.read_bytes()


def value(name, kind, given):
    return f'<ssv:Parameter name="{name}"><ssv:{kind} value="{given}"/></ssv:Parameter>'


def last(path, name):
    found = run_ssp(path, None, SspOptions(step="10 ms", all_outputs=True))
    return next(one.last for one in found.outputs if one.name == name)


def test_tables_turn_truths_and_whole_numbers_as_they_cross(tmp_path):
    bool_table = '<ssc:BooleanMappingTransformation><ssc:MapEntry source="true" target="false"/><ssc:MapEntry source="false" target="true"/></ssc:BooleanMappingTransformation>'
    int_table = (
        '<ssc:IntegerMappingTransformation><ssc:MapEntry source="3" target="30"/></ssc:IntegerMappingTransformation>'
    )
    source = {"source": "resources/echo.fmu"}
    ends = connector("truth_out", "output", "", "Boolean") + connector("number_out", "output", "", "Integer")
    begins = connector("truth", "input", "", "Boolean") + connector("number", "input", "", "Integer")
    content = fmu(tmp_path, "stimulus", ECHO, "echo")
    for number, truth, wanted_number, wanted_truth in ((3, "false", 30, 1), (4, "true", 4, 0)):
        ssd = structure(
            system(
                "car",
                component(
                    "one", ends, inline(value("truth", "Boolean", truth) + value("number", "Integer", number)), **source
                )
                + component("two", begins + ends, **source),
                connection("one.truth_out", "two.truth", bool_table)
                + connection("one.number_out", "two.number", int_table)
                + connection("two.truth_out", "shown"),
                connector("shown", "output", "", "Boolean"),
            ),
            tail=EXPERIMENT,
        )
        path = ssp(tmp_path / "car.ssp", ssd, resources__echo_dot_fmu=content)
        assert last(path, "two.number_out") == wanted_number
        assert last(path, "shown") == wanted_truth


def test_what_a_component_calculates_sets_a_parameter_of_another(tmp_path):
    giver = (
        GIVER
        + '<ScalarVariable name="settled" valueReference="0" causality="calculatedParameter" variability="fixed"><Real/></ScalarVariable>'
    )
    ssd = structure(
        system(
            "car",
            component(
                "one", connector("settled", "calculatedParameter"), inline(real("level", 4)), source="resources/one.fmu"
            )
            + component("two", connector("level", "parameter") + connector("u", "output"), source="resources/two.fmu"),
            connection("one.settled", "two.level", '<ssc:LinearTransformation factor="2.5"/>'),
        ),
        tail=EXPERIMENT,
    )
    files = {
        f"resources__{name}_dot_fmu": fmu(tmp_path, "stimulus", text, name)
        for name, text in (("one", giver), ("two", GIVER))
    }
    assert last(ssp(tmp_path / "car.ssp", ssd, **files), "two.u") == 10.0


def test_an_input_of_the_whole_system_is_what_its_binding_says(tmp_path):
    mass = '<ScalarVariable name="number" valueReference="1" causality="input" variability="discrete"><Integer start="0"/></ScalarVariable>'
    mass += '<ScalarVariable name="number_out" valueReference="9" causality="output" variability="discrete"><Integer/></ScalarVariable>'
    ssd = structure(
        system(
            "car",
            component("one", connector("number", "input", "", "Integer"), source="resources/one.fmu"),
            connection("wish", "one.number"),
            connector("wish", "input", "", "Integer"),
            inline(value("wish", "Int16", 7)),
        ),
        tail=EXPERIMENT,
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__one_dot_fmu=fmu(tmp_path, "stimulus", mass, "one"))
    assert last(path, "one.number_out") == 7


def test_what_comes_from_outside_over_time_reaches_the_inputs(tmp_path):
    ssd = structure(
        system(
            "car",
            component(
                "mass", connector("torque", "input", "Nm") + connector("w", "output"), source="resources/mass.fmu"
            ),
            connection("pull", "mass.torque", '<ssc:LinearTransformation factor="2"/>') + connection("mass.w", "w"),
            connector("pull", "input", "Nm") + connector("w", "output"),
        ),
        tail='<ssd:DefaultExperiment stopTime="1"/>',
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__mass_dot_fmu=motor_fmu("mass"))
    given = tmp_path / "given.csv"
    given.write_text("time [s],pull [N.m]\n0,0.05\n1,0.05\n")
    found = run_ssp(path, None, SspOptions(step="10 ms", input=given, halve=True))
    # J dw/dt = 2 * 0.05 - d w, both 0.01: w = 10 (1 - exp(-t))
    (speed,) = found.outputs
    assert speed.last == pytest.approx(10.0 * (1.0 - math.exp(-1.0)), rel=2e-3)
    assert 0.0 <= speed.halving_ratio < 0.01
    given.write_text("time [ms],pull [kNm]\n0,0.00005\n1000,0.00005\n")
    (again,) = run_ssp(path, None, SspOptions(step="10 ms", input=given)).outputs
    assert again.last == pytest.approx(speed.last, rel=1e-12)
    for wrong, said in (
        ("time,pull [kW]\n0,1\n1,1\n", "'kW' is"),
        ("time [kW],pull\n0,1\n1,1\n", "'kW' is"),
        ("time,pull,pull [Nm]\n0,1,1\n1,1,1\n", "'pull' is given twice"),
    ):
        given.write_text(wrong)
        with pytest.raises(InputError, match=said):
            run_ssp(path, None, SspOptions(input=given))
    given.write_text("time,push\n0,1\n1,x\n")
    with pytest.raises(InputError, match=r":3: this is no row of 2 numbers"):
        run_ssp(path, None, SspOptions(input=given))
    given.write_text("time,push\n0,1\n1,1\n")
    with pytest.raises(InputError, match="no connector 'push' of the system goes to an input"):
        run_ssp(path, None, SspOptions(input=given))
    inside = next(one.target for one in check_ssp(path).connections if one.source == "pull")
    for name in (inside, inside.rpartition(".")[2]):
        given.write_text(f"time,{name}\n0,1\n1,1\n")
        with pytest.raises(InputError, match=rf"'pull' of the system leads to {inside}: name that"):
            run_ssp(path, None, SspOptions(input=given))


WHERE_FRONT = "System[axle]/Component[front]/ParameterBinding[1]/Parameter[level]"


def test_a_number_outside_of_its_range_is_told_by_the_component_to_which_it_is_bound(tmp_path):
    bounded = GIVER.replace(' start="6"', ' start="6" min="0" max="10"')
    inner = system("axle", component("front", "", inline(real("level", 12)), source="resources/one.fmu"))
    path = ssp(
        tmp_path / "car.ssp",
        structure(system("car", inner), tail=EXPERIMENT),
        resources__one_dot_fmu=fmu(tmp_path, "stimulus", bounded, "one"),
    )
    with pytest.raises(InputError, match="outside of the range that it declares") as refused:
        run_ssp(path)
    assert [one.where.endswith(WHERE_FRONT) for one in refused.value.problems] == [True]


def test_texts_do_not_cross_at_steps(tmp_path):
    words = "".join(
        f'<ScalarVariable name="{name}" valueReference="{at}" causality="{causality}" variability="discrete"><String{start}/></ScalarVariable>'
        for name, at, causality, start in (("in", 0, "input", ' start=""'), ("out", 1, "output", ""))
    )
    both = connector("in", "input", "", "String") + connector("out", "output", "", "String")
    ssd = structure(
        system(
            "car",
            component("one", both, source="resources/one.fmu") + component("two", both, source="resources/one.fmu"),
            connection("one.out", "two.in"),
        ),
        tail=EXPERIMENT,
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__one_dot_fmu=fmu(tmp_path, "stimulus", words, "one"))
    with pytest.raises(InputError, match="values of kind string do not cross"):
        run_ssp(path)


def test_arrays_of_fmi_3_cross_whole_and_have_the_size_that_a_structural_parameter_gives(tmp_path):
    content = frame(tmp_path, "stair", 3, kinds=("CoSimulation",), variables=ARRAYS).read_bytes()
    three = '<ssv:Parameter name="n"><ssv:UInt64 value="3"/></ssv:Parameter>'
    matrix = '<ssv:Parameter name="A"><ssv:Float64 value="0 0 2 0 3 0 4 0 0"/><ssc:Dimension size="3"/><ssc:Dimension size="3"/></ssv:Parameter>'
    begin = '<ssv:Parameter name="u"><ssv:Float64 value="1 2 3"/><ssc:Dimension size="3"/></ssv:Parameter>'

    def part(name, values):
        ends = "".join(
            f'<ssd:Connector name="{one}" kind="{kind}"><ssc:Float64/><ssc:Dimension sizeConnector="n"/></ssd:Connector>'
            for one, kind in (("u", "input"), ("y", "output"))
        )
        return component(
            name,
            f'<ssd:Connector name="n" kind="structuralParameter"><ssc:UInt64/></ssd:Connector>{ends}',
            inline(values),
            source="resources/a.fmu",
        )

    ssd = structure(
        system("car", part("one", three + matrix + begin) + part("two", three + matrix), connection("one.y", "two.u")),
        tail=EXPERIMENT,
    )
    path = ssp(tmp_path / "car.ssp", ssd, resources__a_dot_fmu=content)
    # y = A u = (6, 6, 4), then A y = (8, 18, 24)
    assert [last(path, f"two.y[{at}]") for at in (1, 2, 3)] == [8.0, 18.0, 24.0]
    small = ssd.replace(three, "", 1).replace(matrix, "", 1).replace(begin, "", 1)
    with pytest.raises(InputError, match=r"has the size 2, 'two\.u' 3"):
        run_ssp(ssp(tmp_path / "small.ssp", small, resources__a_dot_fmu=content))

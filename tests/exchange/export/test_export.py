"""A pack given away as an FMU: it answers as the part inside covolt does, keeps its state, and tells nothing else."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jax
import llvmlite.binding as llvm
import numpy as np
import pytest

from covolt.errors import InputError, NotFound, Unavailable
from covolt.exchange.component import Unit, Variable
from covolt.exchange.export import PLATFORMS, About, binary, fmu_of, own_platform
from covolt.exchange.export.compiled import BEGIN, STEP, TABLES, compiled_part
from covolt.exchange.own_battery import PortedBattery, own_battery
from covolt.exchange.own_part import AbstractPorted
from covolt.vehicle.battery import CellBattery
from tests.sample import compact

VERSIONS = ("2", "3")
OUTPUTS = (
    "voltage",
    "current",
    "state_of_charge",
    "temperature",
    "discharge_power_limit",
    "charge_power_limit",
    "loss",
)
INPUTS = ("power", "heating", "ambient_temperature")
ABOUT = About(
    "pack-33",
    "a traction battery",
    "battery-works",
    "1.2.0",
    "by contract",
    records={"offer.toml": 'digest = "sha256:1"\n'},
)
pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")


def demand_compiler() -> None:
    own = [one for one in PLATFORMS if one.name == own_platform()]
    if not own:
        pytest.skip(f"no model is made for {own_platform()}")
    try:
        binary.compiler_for(own[0])
    except Unavailable as error:
        pytest.skip(str(error))


def battery() -> CellBattery:
    found = compact().battery
    assert isinstance(found, CellBattery)
    return found


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    demand_compiler()
    folder = tmp_path_factory.mktemp("packs")
    found: dict[str, Path] = {}
    for version in VERSIONS:
        found[version] = folder / f"pack{version}.fmu"
        found[version].write_bytes(fmu_of(PortedBattery(battery(), "power"), ABOUT, cast("Any", version)))
    return found


def asked(steps: int) -> np.ndarray:
    """Powers in and out, heat, weather: (n, 3), in the order of `INPUTS`."""
    random = np.random.default_rng(7)
    return np.column_stack(
        [random.uniform(-90e3, 40e3, steps), random.uniform(-2e3, 4e3, steps), random.uniform(258.0, 308.0, steps)]
    )


def inside(given: np.ndarray, step_s: float = 1.0) -> np.ndarray:
    part = own_battery(battery(), given="power")
    part.wire(INPUTS, OUTPUTS)
    begin = part.start({"state_of_charge_start": 0.8}, given[0])
    return np.vstack([begin, part.window(0.0, np.full(len(given), step_s), given)])


def callbacks_of_2() -> Any:
    """FMPy's callbacks, made anew: its proxy knows one logger a process, and covolt's own instances set theirs."""
    from ctypes import byref

    from fmpy import fmi2
    from fmpy.fmi1 import printLogMessage
    from fmpy.logging import addLoggerProxy

    made = fmi2.fmi2CallbackFunctions()
    made.logger = fmi2.fmi2CallbackLoggerTYPE(printLogMessage)
    made.allocateMemory = fmi2.defaultCallbacks.allocateMemory
    made.freeMemory = fmi2.defaultCallbacks.freeMemory
    addLoggerProxy(byref(made))
    return made


class Instance:
    """One instance in FMPy, by names."""

    def __init__(self, path: Path, version: str, folder: Path, name: str = "one", token: str = "") -> None:
        import fmpy
        from fmpy.fmi2 import FMU2Slave
        from fmpy.fmi3 import FMU3Slave

        described = fmpy.read_model_description(str(path))
        self.references = {one.name: one.valueReference for one in described.modelVariables}
        token = token or (described.guid if version == "2" else described.instantiationToken)
        kind = FMU2Slave if version == "2" else FMU3Slave
        self.fmu: Any = kind(
            guid=token,
            # Unpacked once: a library that is open is not written over.
            unzipDirectory=str(folder) if folder.exists() else fmpy.extract(str(path), str(folder)),
            modelIdentifier=described.coSimulation.modelIdentifier,
            instanceName=name,
        )
        self.version = version
        if version == "2":
            self.fmu.instantiate(callbacks=callbacks_of_2())
        else:
            self.fmu.instantiate()

    def begin(self, **parameters: float) -> None:
        self.set(**parameters)
        if self.version == "2":
            self.fmu.setupExperiment(startTime=0.0)
        self.fmu.enterInitializationMode()
        self.fmu.exitInitializationMode()

    def set(self, **values: float) -> None:
        references = [self.references[name] for name in values]
        (self.fmu.setReal if self.version == "2" else self.fmu.setFloat64)(references, list(values.values()))

    def get(self, *names: str) -> list[float]:
        references = [self.references[name] for name in names]
        return list((self.fmu.getReal if self.version == "2" else self.fmu.getFloat64)(references))

    def step(self, begin_s: float, row: np.ndarray, step_s: float = 1.0) -> list[float]:
        self.set(**dict(zip(INPUTS, row.tolist(), strict=True)))
        self.fmu.doStep(currentCommunicationPoint=begin_s, communicationStepSize=step_s)
        return self.get(*OUTPUTS)

    def state(self) -> Any:
        return self.fmu.getFMUstate() if self.version == "2" else self.fmu.getFMUState()

    def back(self, state: Any) -> None:
        (self.fmu.setFMUstate if self.version == "2" else self.fmu.setFMUState)(state)

    def as_bytes(self, state: Any) -> bytes:
        return bytes((self.fmu.serializeFMUstate if self.version == "2" else self.fmu.serializeFMUState)(state))

    def of_bytes(self, state: bytes) -> Any:
        return (self.fmu.deSerializeFMUstate if self.version == "2" else self.fmu.deserializeFMUState)(state)

    def end(self) -> None:
        self.fmu.freeInstance()


@pytest.fixture(params=VERSIONS)
def pack(request: pytest.FixtureRequest, packs: dict[str, Path], tmp_path: Path) -> Iterator[Instance]:
    one = Instance(packs[request.param], request.param, tmp_path / "unpacked")
    yield one
    one.end()


@pytest.mark.parametrize("version", VERSIONS)
def test_passes_the_validation_and_answers_as_inside(packs: dict[str, Path], version: str) -> None:
    from fmpy import simulate_fmu
    from fmpy.validation import validate_fmu

    assert validate_fmu(str(packs[version])) == []
    given = asked(200)
    times = np.arange(201.0)
    rows = np.vstack([given, given[-1]])
    columns = np.array(
        [(t, *row) for t, row in zip(times, rows.tolist(), strict=True)],
        dtype=[("time", float), *((n, float) for n in INPUTS)],
    )
    found = simulate_fmu(
        str(packs[version]),
        stop_time=200.0,
        output_interval=1.0,
        step_size=1.0,
        input=columns,
        output=list(OUTPUTS),
        start_values={"state_of_charge_start": 0.8, "next_step": 0.0},
    )
    expected = inside(given)
    for n, name in enumerate(OUTPUTS):
        np.testing.assert_allclose(found[name], expected[:, n], rtol=1e-12, atol=1e-12, err_msg=name)


def test_runs_the_same_machine_code_as_inside_to_the_bit(pack: Instance) -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    compiled = compiled_part(PortedBattery(battery(), "power"))
    machine = llvm.Target.from_default_triple().create_target_machine(cpu="x86-64", opt=3, jit=True)
    if not str(machine.triple).startswith("x86_64"):
        pytest.skip("another processor")
    engine = llvm.create_lljit_compiler(machine)
    code = machine.emit_object(llvm.parse_assembly(compiled.text.replace("hidden ", "")))
    library = llvm.JITLibraryBuilder().add_object_img(code)
    for symbol in (BEGIN, STEP, TABLES):
        library = library.export_symbol(symbol)
    linked = library.link(engine, "part")
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 2, *[ctypes.c_void_p] * 8)
    begin, step = (kind(linked[name]) for name in (BEGIN, STEP))
    starts = [float(cast("float", one.start)) for one in (*compiled.parameters, *compiled.inputs)]
    settings, state, outputs = np.array(starts), np.zeros(compiled.states), np.zeros(len(compiled.outputs))
    places = [settings.ctypes.data, linked[TABLES], 0, state.ctypes.data, 0, outputs.ctypes.data, 0]
    begin(1, 1, 0, *places)
    pack.begin()
    given, at = asked(50), [one.name for one in compiled.outputs]
    row = np.array([1.0, *(float(cast("float", one.start)) for one in compiled.inputs)])
    for n, asked_for in enumerate(given):
        row[[1 + [one.name for one in compiled.inputs].index(name) for name in INPUTS]] = asked_for
        places[2] = row.ctypes.data
        step(1, 1, 0, *places)
        assert pack.step(float(n), asked_for) == [outputs[at.index(name)] for name in OUTPUTS]


def test_goes_back_to_a_kept_state_to_the_bit(pack: Instance, packs: dict[str, Path], tmp_path: Path) -> None:
    given = asked(40)
    pack.begin(state_of_charge_start=0.5)
    first = [pack.step(float(n), row) for n, row in enumerate(given[:20])]
    kept = pack.state()
    whole = pack.as_bytes(kept)
    once = [pack.step(20.0 + n, row) for n, row in enumerate(given[20:])]
    pack.back(kept)
    assert pack.get(*OUTPUTS) == first[-1]
    assert [pack.step(20.0 + n, row) for n, row in enumerate(given[20:])] == once
    other = Instance(packs[pack.version], pack.version, tmp_path / "other", "other")
    other.begin()
    other.back(other.of_bytes(whole))
    assert [other.step(20.0 + n, row) for n, row in enumerate(given[20:])] == once
    other.end()


def test_ten_instances_of_one_process_do_not_meet(packs: dict[str, Path], tmp_path: Path) -> None:
    given = asked(10)
    many = [Instance(packs["2"], "2", tmp_path / "unpacked", f"pack {n}") for n in range(10)]
    for n, one in enumerate(many):
        one.begin(state_of_charge_start=0.1 * (n + 1) - 0.05)
    together = [[one.step(float(t), row) for one in many] for t, row in enumerate(given)]
    for n, one in enumerate(many):
        one.fmu.reset()
        one.begin(state_of_charge_start=0.1 * (n + 1) - 0.05)
        assert [one.step(float(t), row) for t, row in enumerate(given)] == [row[n] for row in together]
        one.end()


def test_steps_of_any_length(pack: Instance) -> None:
    pack.begin(state_of_charge_start=0.8)
    part = own_battery(battery(), given="power")
    part.wire(INPUTS, OUTPUTS)
    part.start({"state_of_charge_start": 0.8}, np.array([0.0, 0.0, 293.15]))
    time_s = 0.0
    for row, step_s in zip(asked(6), (0.01, 0.1, 1.0, 10.0, 0.3, 60.0), strict=True):
        np.testing.assert_allclose(
            pack.step(time_s, row, step_s), part.step(time_s, step_s, row), rtol=1e-12, atol=1e-9
        )
        time_s += step_s


def test_limits_at_the_start_are_for_the_step_that_is_announced(pack: Instance) -> None:
    part = own_battery(battery(), given="power")
    part.wire(("next_step",), ("discharge_power_limit",))
    pack.begin(state_of_charge_start=0.03, next_step=60.0)
    long = part.start({"state_of_charge_start": 0.03}, np.array([60.0]))
    short = part.start({"state_of_charge_start": 0.03}, np.array([1.0]))
    assert long[0] < 0.9 * short[0]
    np.testing.assert_allclose(pack.get("discharge_power_limit"), long, rtol=1e-12)


def test_says_what_it_refuses(
    pack: Instance, packs: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from fmpy.fmi1 import FMICallException

    def refused(*arguments: Any, **named: Any) -> None:
        act, *given = arguments
        with pytest.raises(FMICallException):
            act(*given, **named)

    refused(pack.set, state_of_charge=0.5)
    refused(pack.set, power=float("nan"))
    refused(pack.fmu.doStep, currentCommunicationPoint=0.0, communicationStepSize=1.0)
    pack.begin(state_of_charge_start=0.8)
    refused(pack.set, state_of_charge_start=0.5)
    refused(pack.set, voltage=300.0)
    refused(pack.fmu.doStep, currentCommunicationPoint=0.0, communicationStepSize=0.0)
    refused(pack.fmu.doStep, currentCommunicationPoint=7.0, communicationStepSize=1.0)
    refused((pack.fmu.getReal if pack.version == "2" else pack.fmu.getFloat64), [99999])
    with pytest.raises(FMICallException):
        pack.back(pack.of_bytes(b"nothing of this model"))
    told = capfd.readouterr().out
    for words in (
        "'state_of_charge' cannot be set",
        "'power' is not a finite number",
        "'state_of_charge_start' is fixed: set it before the first step",
        "the step is not a positive finite length of time",
        "the step does not begin where the last one ended",
        "these bytes are no state of this model",
    ):
        assert words in told
    # None of it has harmed the instance.
    assert np.isfinite(pack.step(0.0, asked(1)[0])).all()
    with pytest.raises(Exception, match=r"[Ii]nstantiate"):
        Instance(packs[pack.version], pack.version, tmp_path / "stranger", "stranger", "of another model")


def test_runs_in_libcosim(packs: dict[str, Path]) -> None:
    cosim = pytest.importorskip("libcosimpy", reason="libcosimpy is not installed")
    del cosim
    from libcosimpy.CosimExecution import CosimExecution
    from libcosimpy.CosimManipulator import CosimManipulator
    from libcosimpy.CosimObserver import CosimObserver
    from libcosimpy.CosimSlave import CosimLocalSlave

    execution = CosimExecution.from_step_size(step_size=int(1e9))
    slave = execution.add_local_slave(CosimLocalSlave(fmu_path=str(packs["2"]), instance_name="pack"))
    observer, hand = CosimObserver.create_last_value(), CosimManipulator.create_override()
    execution.add_observer(observer=observer)
    execution.add_manipulator(manipulator=hand)
    execution.real_initial_value(slave, 1, 0.8)
    references = {one.name.decode(): one.reference for one in execution.slave_variables(slave)}
    given = np.tile(asked(1), (20, 1))
    places = [references[name] for name in INPUTS]
    hand.slave_real_values(slave_index=slave, variable_references=places, values=given[0].tolist())
    execution.simulate_until(target_time=int(20e9))
    found = observer.last_real_values(slave_index=slave, variable_references=[references[name] for name in OUTPUTS])
    np.testing.assert_allclose(found, inside(given)[-1], rtol=1e-12)


def test_runs_where_there_is_no_covolt(packs: dict[str, Path]) -> None:
    script = (
        "import sys; sys.modules['covolt'] = sys.modules['jax'] = None\n"
        "from fmpy import simulate_fmu\n"
        f"found = simulate_fmu({str(packs['3'])!r}, stop_time=3.0, start_values={{'power': -2e4}}, output=['voltage'])\n"
        "print(found['voltage'][-1])\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert 250.0 < float(done.stdout) < 450.0


@pytest.mark.parametrize("version", VERSIONS)
def test_tells_nothing_of_its_inside(packs: dict[str, Path], version: str) -> None:
    with zipfile.ZipFile(packs[version]) as archive:
        names = archive.namelist()
        contents = {name: archive.read(name) for name in names}
    library = next(name for name in names if name.startswith("binaries/"))
    assert set(names) == {
        "modelDescription.xml",
        "documentation/index.html",
        "documentation/licenses/license.txt",
        "extra/covolt/offer.toml",
        library,
    }
    known = re.compile(r"fmi[23][A-Za-z0-9]+|[a-z_]+_(start|ratio|limit|step|temperature|power|of_charge)")
    strings = {found.decode() for found in re.findall(rb"[\x20-\x7e]{6,}", contents[library])}
    words = {word for one in strings for word in re.findall(r"[A-Za-z_]{5,}", one)}
    forbidden = re.compile(
        r"jax|covolt|part_(begin|step|tables)|polari|kinetic|entropic|ohmic|circuit|llvm|python|/tmp|/home|/root",
        re.IGNORECASE,
    )
    told = sorted(word for word in strings | words if forbidden.search(word) and not known.fullmatch(word))
    assert told == []
    assert b"libm.so" not in contents[library]
    assert str(Path.home()).encode() not in b"".join(contents.values())


def test_gives_the_same_bytes_again(packs: dict[str, Path]) -> None:
    assert fmu_of(PortedBattery(battery(), "power"), ABOUT, "2") == packs["2"].read_bytes()


def test_shows_declared_numbers_only_where_asked(tmp_path: Path) -> None:
    demand_compiler()
    import fmpy

    joule = Variable("energy_usable", "calculated parameter", unit=Unit("J", (1, 2, -2, 0, 0, 0, 0, 0)), start=1.5e8)
    for version in VERSIONS:
        path = tmp_path / f"open{version}.fmu"
        about = About("pack", shown=frozenset({"mass"}), constants=(joule,))
        path.write_bytes(fmu_of(PortedBattery(battery(), "current"), about, cast("Any", version)))
        one = Instance(path, version, tmp_path / version)
        assert {"mass", "energy_usable"} <= set(one.references)
        assert not {"capacity", "voltage_nominal"} & set(one.references)
        one.begin()
        assert one.get("mass", "energy_usable") == [float(battery().mass_kg), 1.5e8]
        one.end()
        described = fmpy.read_model_description(str(path))
        units = {one.name: one.baseUnit for one in described.unitDefinitions}
        assert (units["J"].kg, units["J"].m, units["J"].s) == (1, 2, -2)
    with pytest.raises(InputError, match="'voltage' is a variable already"):
        fmu_of(PortedBattery(battery(), "current"), About("pack", constants=(Variable("voltage", "parameter"),)), "2")


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match="did you mean x86_64-linux"):
        fmu_of(PortedBattery(battery(), "power"), ABOUT, "2", ["x86_64-linus"])
    monkeypatch.setattr(binary.shutil, "which", lambda _: None)
    monkeypatch.setattr(binary.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match=r"no C compiler[\s\S]*covolt\[compiler\]"):
        fmu_of(PortedBattery(battery(), "power"), ABOUT, "2", ["aarch64-darwin"])


class Wave(AbstractPorted):
    """A part that no list of scalar operations can do."""

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("x", "input", start=0.0), Variable("y", "output"))

    def feedthrough(self) -> dict[str, tuple[str, ...]]:
        return {}

    def begin(self, parameters: Any, inputs: Any) -> tuple[Any, Any]:
        return (), [jax.numpy.sin(inputs[0])]

    def advance(self, state: Any, parameters: Any, inputs: Any, dt_s: Any) -> tuple[Any, Any]:
        return (), [jax.numpy.sin(inputs[0])]


def test_says_why_a_part_cannot_be_compiled() -> None:
    with pytest.raises(InputError, match=r"covolt cannot compile this part: primitive sin[\s\S]*give other parts away"):
        fmu_of(Wave(), About("wave"), "3")

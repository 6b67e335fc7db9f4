"""Another engine as the oracle: libcosim steps FMUs of the same closed forms, with fixed steps and with its own ECCO."""

import numpy as np
import pytest

from covolt.exchange.master import Method, Part, StepControl, System, join, run
from tests.exchange.master.linear_fmu import linear_fmu
from tests.exchange.master.parts import MOTOR, electric_half, mechanical_half
from tests.exchange.master.test_running import JOINED, SHAFT
from tests.exchange.master.test_running import MOTOR as SYSTEM

SPAN_S = 0.4
BOUNDS = {
    "step_size": 1e-4,
    "min_step_size": 1e-4,
    "max_step_size": 0.1,
    "min_change_rate": 0.2,
    "max_change_rate": 1.5,
}
GAINS = {"safety_factor": 0.8, "p_gain": 0.2, "i_gain": 0.15}


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fmus")
    inductance, resistance, k = MOTOR["inductance_H"], MOTOR["resistance_Ohm"], MOTOR["constant_Nm_per_A"]
    inertia, drag = MOTOR["inertia_kg_m2"], MOTOR["drag"]
    electric = linear_fmu(folder, "electric", -resistance / inductance, [1 / inductance, -k / inductance], [k, 1.0])
    return electric, linear_fmu(folder, "mechanical", -drag / inertia, [1 / inertia], [1.0])


def by_libcosim(fmus, step_s=None, tolerance=None):
    """Times, speed and current of the motor as libcosim steps it."""
    execution = pytest.importorskip("libcosimpy.CosimExecution").CosimExecution
    algorithms = pytest.importorskip("libcosimpy.CosimAlgorithm")
    from libcosimpy.CosimEnums import CosimVariableType
    from libcosimpy.CosimLogging import CosimLogLevel, log_output_level
    from libcosimpy.CosimObserver import CosimObserver
    from libcosimpy.CosimSlave import CosimLocalSlave

    log_output_level(CosimLogLevel.ERROR)
    algorithm = None
    if tolerance is None:
        engine = execution.from_step_size(round(step_s * 1e9))
    else:
        said = algorithms.EccoParams(abs_tolerance=tolerance, rel_tolerance=tolerance, **BOUNDS, **GAINS)
        algorithm = algorithms.CosimAlgorithm.create_ecco_algorithm(said)
        engine = execution.from_algorithm(algorithm)
    electric, mechanical = (
        engine.add_local_slave(CosimLocalSlave(str(path), name))
        for path, name in zip(fmus, ("electric", "mechanical"), strict=True)
    )
    assert engine.real_initial_value(electric, 0, 12.0)
    engine.connect_real_variables(electric, 100, mechanical, 0)
    engine.connect_real_variables(mechanical, 100, electric, 1)
    observer = CosimObserver.create_time_series(buffer_size=10_000)
    engine.add_observer(observer)
    # Its bonds find inputs and outputs only where somebody observes them.
    for slave, reference in ((electric, 1), (electric, 100), (electric, 101), (mechanical, 0), (mechanical, 100)):
        observer.start_time_series(slave, reference, CosimVariableType.REAL)
    if algorithm is not None:
        assert algorithm.add_power_bond(electric, 100, 1, mechanical, 100, 0) == 0
    assert engine.simulate_until(round(SPAN_S * 1e9))
    times, _, speeds = observer.time_series_real_samples(mechanical, 100, 0, 10_000)
    currents = observer.time_series_real_samples(electric, 101, 0, 10_000)[2]
    return np.array(times) / 1e9, np.array(speeds), np.array(currents)


def parts():
    return {"electric": electric_half(), "mechanical": mechanical_half()}


@pytest.mark.parametrize("step_s", [1e-3, 2.5e-4])
def test_jacobi_of_one_length_agrees(fmus, step_s):
    times, speeds, currents = by_libcosim(fmus, step_s)
    done = run(join(SYSTEM, parts()), SPAN_S, Method(step_s))
    count = len(times)
    assert count >= round(SPAN_S / step_s)
    assert times == pytest.approx(done.time_s[:count], abs=1e-9)
    assert speeds == pytest.approx(done.of("mechanical", "speed")[:count], rel=1e-9, abs=1e-9)
    assert currents == pytest.approx(done.of("electric", "current")[:count], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("tolerance", [1e-1, 1e-2, 1e-3])
def test_error_control_takes_as_many_steps_by_its_formula(fmus, tolerance):
    """It measures a residual by itself: |dE| / (absolute + relative * |dE|)."""
    times, speeds, _ = by_libcosim(fmus, tolerance=tolerance)

    def measure(residual_J):
        size_J = np.abs(residual_J)
        return float(np.sqrt(np.mean((size_J / (tolerance + tolerance * size_J)) ** 2)))

    system = System("motor", (Part("electric"), Part("mechanical")), JOINED, (SHAFT,), SYSTEM.inputs)
    control = StepControl(
        1e-4, 0.1, safety_ratio=0.8, proportional_exponent=0.2, integral_exponent=0.15, measure=measure
    )
    done = run(join(system, parts()), SPAN_S, Method(control=control))
    assert done.step_count == pytest.approx(len(times), rel=0.02)
    shared = np.interp(times, done.time_s, done.of("mechanical", "speed"))
    assert np.abs(shared - speeds).max() < 0.5

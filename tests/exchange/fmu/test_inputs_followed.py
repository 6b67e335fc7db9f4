"""Inputs over time: a model exchange goes with them between communication points, and no tick of a clock is lost between two."""

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.component import Capabilities, Description, Variable
from covolt.exchange.fmu import open_in_worker, unpacked
from covolt.exchange.fmu.course import course
from covolt.exchange.fmu.experiment import Plan, run
from covolt.exchange.fmu.signals import Inputs
from tests.exchange.fmu.built import fmu

ECHO = {
    2: '<ScalarVariable name="echo" valueReference="3" causality="output"><Real/></ScalarVariable>',
    3: '<Float64 name="echo" valueReference="3" causality="output"/>',
}
CLOCK = """<Clock name="tick" valueReference="300" causality="input" intervalVariability="{kind}"/>
<Int32 name="ticks" valueReference="302" causality="output" variability="discrete" clocks="300"/>
<Float64 name="sampled" valueReference="94" causality="output" variability="discrete" clocks="300"/>"""


def ran(tmp_path, inputs, step_s, version=3, form="model exchange", **more):
    model, chosen = unpacked(fmu(tmp_path, "dahlquist", version, **more), tmp_path / "in", form)
    one = open_in_worker(tmp_path / "in", {"form": chosen, "digest": "d"})
    try:
        found = run(one, model, Plan(0.0, 1.0, step_s), inputs=inputs, parameters={"k": 0.0})
    finally:
        one.close()
    return dict(zip(found.names, found.values.T.tolist(), strict=True))


def smooth(times_s, values, **others):
    return Inputs(("u",), np.array(times_s), np.array(values)[:, None], np.array([True]), others)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("step_s", [0.1, 0.5])
def test_a_model_exchange_goes_with_its_inputs_and_jumps_when_they_do(tmp_path, version, step_s):
    """x' = u, from 1: u rises to 1 at 0.25 s, holds, and jumps to 3 at 0.55 s; what passes u on shows that of the same time."""
    given = smooth([0.0, 0.25, 0.55, 0.55, 1.0], [0.0, 1.0, 1.0, 3.0, 3.0])
    found = ran(tmp_path, given, step_s, version, variables=ECHO[version])
    times_s = np.arange(0.0, 1.0 + 1e-9, step_s)
    assert found["echo"] == pytest.approx(np.where(times_s < 0.55, np.minimum(4.0 * times_s, 1.0), 3.0))
    rise = np.where(times_s < 0.25, 2.0 * times_s**2, times_s - 0.125)
    assert found["x"] == pytest.approx(1.0 + rise + 2.0 * np.maximum(times_s - 0.55, 0.0), abs=2e-5)


def test_a_tick_between_two_steps_is_stepped_to(tmp_path):
    given = smooth([0.0, 0.3, 0.35, 1.0], [0.0, 3.0, 3.5, 10.0], tick=(False, True, False, False))
    more = {
        "variables": CLOCK.format(kind="triggered"),
        "attributes": 'hasEventMode="true"',
        "kinds": ("CoSimulation",),
    }
    found = ran(tmp_path, given, 0.25, form="co-simulation", **more)
    assert found["ticks"] == [0, 0, 1, 1, 1]
    assert found["sampled"] == [0.0, 0.0, 3.0, 3.0, 3.0]


def test_what_a_periodic_clock_samples_is_that_of_its_tick(tmp_path):
    """u = 10 t, sampled every 0.1 s; at 0.25 s the last tick was at 0.2 s."""
    clock = CLOCK.format(kind="constant").replace("/>", ' intervalDecimal="0.1"/>', 1)
    more = {"variables": clock, "attributes": 'hasEventMode="true"', "kinds": ("CoSimulation",)}
    found = ran(tmp_path, smooth([0.0, 1.0], [0.0, 10.0]), 0.25, form="co-simulation", **more)
    assert found["sampled"] == pytest.approx([0.0, 2.0, 5.0, 7.0, 10.0])


def test_a_tick_between_two_steps_of_what_takes_no_others_is_refused():
    tick = Variable("tick", "input", "clock")
    able = Capabilities(variable_step=False, follows=True)
    one = Description("m", "FMI 3.0 co-simulation", "d", (tick,), able)
    given = smooth([0.0, 0.3, 0.5], [0.0, 0.0, 0.0], tick=(False, True, False))
    with pytest.raises(InputError, match=r"changes at 0\.3 s, between two steps"):
        course(one, given, np.array([0.0, 0.25, 0.5]), "m")

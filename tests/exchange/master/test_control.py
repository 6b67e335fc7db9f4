"""Steps controlled by the energy of bonds: a motor split at its shaft against its closed form, and what is refused."""

import math
import re

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.component import Capabilities
from covolt.exchange.master import Bond, Connection, Course, Method, Part, Port, Side, StepControl, System, join, run
from tests.exchange.master.parts import KELVIN, WATT, Linear, electric_half, mechanical_half, motor_closed_form
from tests.exchange.master.test_running import JOINED, SHAFT
from tests.house.source import ROOT

SCALED = Bond("shaft", SHAFT.first, SHAFT.second, energy_scale_J=30.0)
"""What the motor stores at its final speed is 14 J, what crosses in 0.4 s about twice that."""
SPAN_S = 0.4
CONTROL = StepControl(smallest_step_s=5e-4, largest_step_s=5e-2, tolerance_ratio=2e-3)


def motor(bond=SCALED, courses=(), **capabilities):
    inputs = {} if courses else {Port("electric", "voltage"): 12.0}
    system = System("motor", (Part("electric"), Part("mechanical")), JOINED, (bond,), inputs, courses=courses)
    return join(system, {"electric": electric_half(**capabilities), "mechanical": mechanical_half(**capabilities)})


def errors(done):
    found = np.column_stack([done.of("electric", "current"), done.of("mechanical", "speed")])
    return np.abs(found - motor_closed_form(done.time_s)).max(axis=0)


def test_a_hundred_round_trips_are_twenty_times_closer_than_steps_of_one_length():
    fixed = run(motor(), SPAN_S, Method(SPAN_S / 100))
    controlled = run(motor(), SPAN_S, Method(prediction="linear", control=CONTROL))
    assert controlled.step_count <= fixed.step_count == 100
    assert np.all(errors(fixed) > 20.0 * errors(controlled))
    assert abs(fixed.bonds[0].share_ratio) > 0.1
    assert abs(controlled.bonds[0].share_ratio) < 1e-3


def test_steps_begin_smallest_grow_and_stay_within_bounds():
    done = run(motor(), 2.0, Method(prediction="linear", control=CONTROL))
    steps = np.diff(done.time_s)
    assert steps[0] == pytest.approx(5e-4)
    assert done.time_s[-1] == 2.0
    assert done.smallest_step_s >= 5e-4 * (1 - 1e-12)
    assert done.largest_step_s <= 5e-2
    assert np.all(steps[1:-2] / steps[:-3] < 1.5 * (1 + 1e-9))
    assert steps[-5:].mean() > 10.0 * steps[0]


def test_a_smaller_tolerance_costs_steps_and_buys_accuracy():
    runs = [
        run(motor(), SPAN_S, Method(prediction="linear", control=StepControl(1e-4, 5e-2, tolerance)))
        for tolerance in (1e-2, 1e-3)
    ]
    assert runs[0].step_count < runs[1].step_count
    assert np.all(errors(runs[1]) < 0.5 * errors(runs[0]))


def test_a_jump_from_outside_ends_a_step_and_begins_with_the_smallest():
    jump = Course(Port("electric", "voltage"), (0.0, 0.3, 0.6), (12.0, 6.0, 6.0), held=True)
    done = run(motor(courses=(jump,)), 0.6, Method(prediction="linear", control=CONTROL))
    place = int(np.flatnonzero(done.time_s == 0.3)[0])
    assert np.diff(done.time_s)[place] == pytest.approx(5e-4)
    assert np.diff(done.time_s)[place - 2] > 2e-3
    before = motor_closed_form([0.3])[0]
    assert done.of("mechanical", "speed")[place] == pytest.approx(before[1], rel=0.01)
    assert done.of("mechanical", "speed")[-1] == pytest.approx(motor_closed_form([10.0], 6.0)[0, 1], rel=0.02)


def test_parts_that_take_one_step_are_given_multiples_of_it():
    says = Capabilities(fixed_step_s=5e-4, variable_step=False)
    done = run(motor(says=says), SPAN_S, Method(prediction="linear", control=CONTROL))
    counts = np.diff(done.time_s) / 5e-4
    assert counts == pytest.approx(np.round(counts), abs=1e-6)
    assert counts.max() > 5
    assert errors(done)[1] < 2.0


def test_no_step_is_longer_than_a_part_takes():
    says = Capabilities(largest_step_s=2e-3)
    done = run(motor(says=says), SPAN_S, Method(prediction="linear", control=CONTROL))
    assert done.largest_step_s <= 2e-3 * (1 + 1e-12)


@pytest.mark.parametrize(
    ("bond", "control", "said"),
    [
        (SHAFT, CONTROL, "bond 'shaft' has no energy by which an error is measured"),
        (SCALED, StepControl(1e-2, 1e-3), "steps go from 0.01 s to 0.001 s"),
        (SCALED, StepControl(0.0, 1e-3), "steps go from 0 s"),
        (SCALED, StepControl(1e-3, math.inf), "steps go from 0.001 s to"),
        (SCALED, StepControl(1e-3, 1e-2, 0.0), "the tolerance is 0"),
    ],
)
def test_a_control_that_cannot_work_is_refused(bond, control, said):
    with pytest.raises(InputError) as raised:
        run(motor(bond), SPAN_S, Method(control=control))
    assert any(said in one.what for one in raised.value.problems)


def test_without_bonds_nothing_can_be_controlled():
    system = System("motor", (Part("electric"), Part("mechanical")), JOINED)
    with pytest.raises(InputError, match="there is none"):
        run(join(system, {"electric": electric_half(), "mechanical": mechanical_half()}), 1.0, Method(control=CONTROL))


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (Capabilities(variable_step=False), "does not say of which"),
        (Capabilities(largest_step_s=1e-4), "takes steps of at most 0.0001 s, and is asked for 0.0005 s"),
        (Capabilities(fixed_step_s=3e-4), "takes steps of 0.0003 s only, and 0.0005 s is no multiple"),
    ],
)
def test_parts_that_cannot_be_stepped_so_are_named(says, said):
    with pytest.raises(InputError) as raised:
        run(motor(says=says), SPAN_S, Method(control=CONTROL))
    assert all(
        any(said in one.what and part in one.what for one in raised.value.problems)
        for part in ("electric", "mechanical")
    )


def test_the_figures_of_the_page_are_those_of_the_run():
    """docs/explanation/coupling.md, to the digits that it gives."""
    methods = [
        Method(SPAN_S / 100),
        Method(SPAN_S / 1600),
        Method(SPAN_S / 400, prediction="linear"),
        Method(SPAN_S / 400, "Gauss-Seidel", "linear"),
        Method(SPAN_S / 400, "strong"),
        Method(control=CONTROL),
        Method(prediction="linear", control=CONTROL),
        Method(prediction="linear", control=StepControl(1e-4, 5e-2, 1e-4)),
    ]
    page = (ROOT / "docs" / "explanation" / "coupling.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [A-Za-z, -]+ \| (\d+) \| ([\d.]+) \| ([\d.]+) \| (-?[\d.]+) \|$", page, re.MULTILINE)
    assert len(rows) == len(methods)
    for told, method in zip(rows, methods, strict=True):
        done = run(motor(), SPAN_S, method)
        assert done.step_count + done.repeated == pytest.approx(int(told[0]), rel=0.01)
        assert errors(done) == pytest.approx([float(told[1]), float(told[2])], rel=0.03)
        assert 100.0 * done.bonds[0].share_ratio == pytest.approx(float(told[3]), rel=0.05, abs=1e-6)


def test_steps_follow_the_residual_of_a_heat_flow():
    """C T' = Q and Q = (T0 - T) / R, one part each: large steps once the flow hardly changes."""
    plate = Linear(
        "plate", [[0.0]], [[1e-3]], [[1.0]], inputs={"heat": WATT}, outputs={"temperature": KELVIN}, begin=[280.0]
    )
    wall = Linear(
        "wall", [[-10.0]], [[-10.0]], [[1.0]], inputs={"temperature": KELVIN}, outputs={"heat": WATT}, begin=[0.0]
    )
    system = System(
        "plates",
        (Part("wall"), Part("plate")),
        (
            Connection(Port("wall", "heat"), Port("plate", "heat")),
            Connection(Port("plate", "temperature"), Port("wall", "temperature"), offset=-300.0),
        ),
        (Bond("plate", Side("wall", "heat", "temperature"), Side("plate", "temperature", "heat"), 10.0, "heat"),),
    )
    done = run(
        join(system, {"wall": wall, "plate": plate}),
        100.0,
        Method(prediction="linear", control=StepControl(1e-3, 20.0)),
    )
    # Two poles, of the wall and of the plate: -10 and about -1e-3 per second.
    slow, fast = np.roots([1.0, 10.0, 1e-2])[::-1]
    exact = 300.0 - 20.0 * (fast * np.exp(slow * done.time_s) - slow * np.exp(fast * done.time_s)) / (fast - slow)
    assert done.of("plate", "temperature") == pytest.approx(exact, abs=2e-3)
    assert done.largest_step_s > 100.0 * done.smallest_step_s
    assert abs(done.bonds[0].share_ratio) < 1e-3

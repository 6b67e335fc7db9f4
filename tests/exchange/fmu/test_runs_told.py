"""What is told of a run: where it ends and why, until when a model that fails had answered, and differences that are rounding."""

from dataclasses import replace

import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.base_units import of_covolt
from covolt.exchange.component import Description, Variable
from covolt.exchange.fmu.checking import not_finite, try_out
from covolt.exchange.fmu.documents import Experiment, FmuVariable, ModelDescription
from covolt.exchange.fmu.experiment import Plan, Ran, RanInPart, plan, run
from covolt.exchange.fmu.over_time import Inputs
from covolt.study.cases import fmu as fmu_case

POWER = Variable("power", "output", "real", "continuous", of_covolt("kW"))
LEFT = Variable("left", "output", "real", "continuous", of_covolt("W"))
RATE = Variable("rate", "output", "real", "continuous", of_covolt("1/s"))
VARIABLES = (POWER, LEFT, RATE)
MODEL = ModelDescription(
    "m", "3.0", "t", "0" * 64, variables=tuple(FmuVariable(one, 0, "Float64") for one in VARIABLES)
)


class Steps:
    """Answers time in kW, rounding of that power in W, and its step; fails in the step from `fails_s`."""

    description = Description("m", "f", "0" * 64, VARIABLES)

    def __init__(self, fails_s=np.inf, every=1):
        self.fails_s, self.left, self.asked = fails_s, every, []

    def wire(self, inputs, outputs):
        assert list(outputs) == ["power", "left", "rate"]

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        return np.zeros(3)

    def step(self, time_s, step_s, inputs):
        self.asked.append(time_s)
        if time_s >= self.fails_s and self.left > 0:
            self.left -= 1 if self.left < 9 else 0
            raise ComponentFailed(Problem("it broke", "m"))
        return np.array([time_s + step_s, 1e-12 * step_s, step_s])

    def window(self, start_s, steps_s, inputs):
        begins_s = start_s + np.concatenate([[0.0], np.cumsum(steps_s)[:-1]])
        return np.array([self.step(at_s, step_s, None) for at_s, step_s in zip(begins_s, steps_s, strict=True)])

    def get_values(self, names):
        return {}


def over(*times_s):
    return Inputs(("u",), np.array(times_s), np.zeros((len(times_s), 1)), np.array([True]), {})


def test_a_model_that_fails_is_told_with_the_last_time_it_answered_and_its_rows_until_then():
    with pytest.raises(RanInPart) as error:
        run(Steps(fails_s=59.0, every=9), MODEL, Plan(0.0, 100.0, 1.0))
    assert error.value.problems[0].what == "it broke; it had answered until 59 s"
    assert error.value.problems[0].hint == 'ask who made it why; --stop "59 s" ends before'
    assert error.value.ran.times_s.tolist() == list(range(60))
    assert error.value.ran.values[:, 0].tolist() == list(range(60))


def test_one_that_fails_once_and_not_again_is_not_believed():
    with pytest.raises(ComponentFailed) as error:
        run(Steps(fails_s=59.0, every=1), MODEL, Plan(0.0, 100.0, 1.0))
    assert not isinstance(error.value, RanInPart)


def test_a_run_ends_with_its_input_and_says_so_unless_it_is_told_when():
    own = Experiment(0.0, 10.0, 1.0)
    made = plan(own, None, "m", step_s=None, stop_s=None, inputs=over(0.0, 300.0))
    assert made.stop_s == 300.0
    assert [one.what for one in made.told] == ["it ends at 300 s, where its input ends; by itself it would at 10 s"]
    assert plan(own, None, "m", step_s=None, stop_s=None, inputs=over(0.0)) == Plan(0.0, 10.0, 1.0)
    assert plan(own, None, "m", step_s=None, stop_s=None, inputs=over(0.0, 10.0)).told == ()
    cut = plan(own, None, "m", step_s=None, stop_s=20.0, inputs=over(0.0, 300.0))
    assert "before its input does at 300 s" in cut.told[0].what
    held = plan(own, None, "m", step_s=None, stop_s=400.0, inputs=over(0.0, 300.0))
    assert "from there on its last row holds" in held.told[0].what


def test_a_step_longer_than_the_run_and_an_end_at_the_beginning_are_told():
    made = plan(Experiment(0.0, 10.0), None, "m", step_s=100.0, stop_s=None)
    assert (made.step_s, made.count) == (10.0, 1)
    assert "--step is 100 s, and the whole run 10 s" in made.told[0].what
    with pytest.raises(InputError) as error:
        plan(Experiment(0.0, 10.0), None, "m", step_s=None, stop_s=0.0)
    assert error.value.problems[0].what == "it would end at 0 s, where it begins"


def test_what_is_assumed_is_told_and_a_fixed_step_is_never_cut():
    made = plan(Experiment(0.0), None, "m", step_s=None, stop_s=None)
    assert [one.what for one in made.told] == ["it says no end: it ends at 1 s", "it says no step: 0.002 s is taken"]
    cut = plan(Experiment(0.0, 1.05, 0.1), None, "m", step_s=None, stop_s=None, whole_steps=True)
    assert (cut.stop_s, cut.count) == (pytest.approx(1.0), 10)
    assert [one.what for one in cut.told] == [
        "it ends at 1 s, not at 1.05 s: its step is 0.1 s, and it takes no shorter one"
    ]
    assert plan(Experiment(0.0, 1.0, 0.1), None, "m", step_s=None, stop_s=None, whole_steps=True).told == ()


def test_halving_tells_every_output_that_changes_and_none_that_moves_by_rounding_of_its_unit():
    tried = try_out(Steps(), MODEL, Plan(0.0, 10.0, 1.0))
    assert [one.name for one in tried.changes] == ["rate"]
    by_name = {one.name: one.share_ratio for one in tried.halvings}
    assert by_name["left"] == 0.0  # 5e-13 W beside 10 kW
    assert by_name["rate"] == pytest.approx(0.5)


def test_what_is_no_number_is_told_where_it_first_happens():
    values = np.array([[1.0, 2.0], [np.nan, 2.0], [np.inf, 3.0]])
    (one,) = not_finite(Ran(np.arange(3.0), ("a", "b"), values, {}), "m.fmu")
    assert (one.where, one.what) == ("m.fmu, a", "it is nan at 1 s")


def test_whole_numbers_are_written_without_a_point():
    ticks = Variable("ticks", "output", "integer", "discrete")
    model = replace(MODEL, variables=(FmuVariable(POWER, 0, "Float64"), FmuVariable(ticks, 1, "Int32")))
    ran = Ran(np.arange(2.0), ("power", "ticks"), np.array([[1.0, 7.0], [2.5, 8.0]]), {})
    assert fmu_case._table(ran, model) == "time [s],power,ticks\n0.0,1.0,7\n1.0,2.5,8\n"

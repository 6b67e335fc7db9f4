"""Parts joined and stepped: Jacobi, Gauss-Seidel and prediction against closed forms, bonds, the record."""

import threading
from time import sleep

import numpy as np
import pytest

from covolt.errors import AssemblyError, ComponentFailed, InputError
from covolt.exchange.component import Capabilities, Unit
from covolt.exchange.master import Bond, Connection, Course, Method, Part, Port, Side, System, attempt, join, run
from tests.exchange.master.parts import (
    KELVIN,
    RAD_PER_S,
    SPEED,
    WATT,
    Linear,
    Says,
    electric_half,
    failure,
    mechanical_half,
    motor_closed_form,
)
from tests.exchange.master.parts import MOTOR as PARAMETERS

SHAFT = Bond("shaft", Side("electric", "torque", "speed"), Side("mechanical", "speed", "torque"))
JOINED = (
    Connection(Port("electric", "torque"), Port("mechanical", "torque")),
    Connection(Port("mechanical", "speed"), Port("electric", "speed")),
)
MOTOR = System(
    "motor", (Part("electric"), Part("mechanical")), JOINED, (SHAFT,), inputs={Port("electric", "voltage"): 12.0}
)


def motor(**capabilities):
    return join(MOTOR, {"electric": electric_half(**capabilities), "mechanical": mechanical_half(**capabilities)})


def error_of(done):
    exact = motor_closed_form(done.time_s)
    found = np.column_stack([done.of("electric", "current"), done.of("mechanical", "speed")])
    return np.abs(found - exact).max(axis=0)


@pytest.mark.parametrize(
    ("coupling", "prediction", "order"),
    [
        ("Jacobi", "held", (1, 1)),
        ("Jacobi", "linear", (2, 2)),
        # As of the two halves of a symplectic step, the errors of one of both variables cancel.
        ("Gauss-Seidel", "held", (2, 1)),
        ("Gauss-Seidel", "linear", (2, 2)),
    ],
)
def test_the_error_falls_with_the_step_by_the_order_of_the_method(coupling, prediction, order):
    errors = [error_of(run(motor(), 0.2, Method(h, coupling, prediction))) for h in (5e-4, 2.5e-4)]
    assert np.all(errors[1] < errors[0])
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)


def test_jacobi_is_what_a_loop_by_hand_gives_to_the_bit():
    done = run(motor(), 0.02, Method(1e-3))
    electric, mechanical = electric_half(), mechanical_half()
    electric.wire(["voltage", "speed"], ["torque", "current"])
    mechanical.wire(["torque"], ["speed"])
    torque, speed = electric.start({}, np.array([12.0, 0.0]))[0], mechanical.start({}, np.array([0.0]))[0]
    for number in range(20):
        given = np.array([12.0, speed]), np.array([torque])
        torque, speed = (
            electric.step(number * 1e-3, 1e-3, given[0])[0],
            mechanical.step(number * 1e-3, 1e-3, given[1])[0],
        )
    assert (done.of("electric", "torque")[-1], done.of("mechanical", "speed")[-1]) == (torque, speed)


def test_equal_runs_have_one_digest_and_others_another():
    first, again, other = (run(motor(), 0.02, Method(h)).digest for h in (1e-3, 1e-3, 5e-4))
    assert first == again != other


def test_the_ledger_shows_what_a_bond_makes_of_nothing():
    shares = {
        prediction: run(motor(), 0.2, Method(1e-3, prediction=prediction)).bonds[0].share_ratio
        for prediction in ("held", "linear")
    }
    assert 0.01 < abs(shares["held"]) < 0.2
    assert abs(shares["linear"]) < 1e-3
    exact = motor_closed_form(np.linspace(0.0, 0.2, 2001))
    energy_J = np.trapezoid(0.1 * exact[:, 0] * exact[:, 1], dx=1e-4)
    assert run(motor(), 0.2, Method(2e-4, prediction="linear")).bonds[0].first_J == pytest.approx(energy_J, rel=1e-3)


def test_a_flow_that_is_positive_into_both_sides_is_one_power():
    """As covolt's own interfaces count: what enters one part leaves the other."""
    system = System(
        "motor",
        (Part("electric"), Part("mechanical")),
        (JOINED[0], Connection(Port("mechanical", "speed"), Port("electric", "speed"), factor=-1.0)),
        (SHAFT,),
    )
    turned = electric_half()
    turned.b[0, 1] *= -1.0
    joined = join(system, {"electric": turned, "mechanical": mechanical_half()})
    assert joined.bonds[0].second_factor_si == -1.0
    joined = join(MOTOR, {"electric": electric_half(), "mechanical": mechanical_half()})
    assert joined.bonds[0].second_factor_si == 1.0


def test_heat_is_kept_by_its_flow():
    hot = Linear("hot", [[0.0]], [[0.0]], [[1.0]], inputs={"temperature": KELVIN}, outputs={"heat": WATT}, begin=[50.0])
    cold = Linear(
        "cold", [[0.0]], [[0.01]], [[1.0]], inputs={"heat": WATT}, outputs={"temperature": KELVIN}, begin=[300.0]
    )
    system = System(
        "plates",
        (Part("hot"), Part("cold")),
        (
            Connection(Port("hot", "heat"), Port("cold", "heat")),
            Connection(Port("cold", "temperature"), Port("hot", "temperature")),
        ),
        (Bond("plate", Side("hot", "heat", "temperature"), Side("cold", "temperature", "heat"), kind="heat"),),
    )
    done = run(join(system, {"hot": hot, "cold": cold}), 10.0, Method(0.5))
    assert done.of("cold", "temperature")[-1] == pytest.approx(305.0)
    assert done.bonds[0].first_J == pytest.approx(500.0)
    assert done.bonds[0].second_J == pytest.approx(500.0)


def test_the_last_step_is_shorter_where_the_span_is_no_multiple():
    done = run(motor(), 0.025, Method(0.01))
    assert done.time_s == pytest.approx([0.0, 0.01, 0.02, 0.025])
    assert (done.step_count, done.smallest_step_s, done.largest_step_s) == (3, pytest.approx(0.005), 0.01)


def test_a_part_of_one_step_takes_it_as_often_as_it_goes_in():
    slow = mechanical_half(says=Capabilities(fixed_step_s=1e-3, variable_step=False))
    done = run(join(MOTOR, {"electric": electric_half(), "mechanical": slow}), 0.02, Method(4e-3))
    assert [step for _, step in slow.asked] == [1e-3] * 20
    assert done.of("mechanical", "speed")[-1] == pytest.approx(
        run(motor(), 0.02, Method(4e-3)).of("mechanical", "speed")[-1]
    )


def test_some_rows_are_kept_and_the_ledger_sees_all():
    whole, thin = (run(motor(), 5.0, Method(1e-3, keep_every=every)) for every in (1, 7))
    assert len(whole.time_s) == 5001
    assert thin.time_s == pytest.approx([*np.arange(0, 5000, 7) * 1e-3, 5.0])
    assert np.array_equal(thin.values[:-1], whole.values[:-1:7])
    assert thin.bonds == whole.bonds


def test_a_course_drives_an_input_from_outside():
    tank = Linear("tank", [[0.0]], [[1.0]], [[1.0]], inputs={"flow": SPEED}, outputs={"level": SPEED})
    ramp = Course(Port("tank", "flow"), (0.0, 1.0, 2.0), (0.0, 1.0, 1.0))
    system = System("tank", (Part("tank"),), courses=(ramp,))
    held, predicted = (
        run(join(system, {"tank": tank}), 2.0, Method(0.1, prediction=one)).of("tank", "level")[-1]
        for one in ("held", "linear")
    )
    assert held == pytest.approx(1.45)
    assert predicted == pytest.approx(1.5)


def test_who_was_waited_for_is_counted():
    done = run(motor(), 0.02, Method(1e-3))
    assert {name: one.calls for name, one in done.waiting.items()} == {"electric": 20, "mechanical": 20}
    assert all(0.0 < one.longest_s <= one.waited_s for one in done.waiting.values())


def test_numbers_pass_from_one_unit_to_another_and_choices_as_they_are_written():
    fast = Linear("fast", [[0.0]], [[0.0]], [[1.0]], inputs={"none": SPEED}, outputs={"speed": RAD_PER_S}, begin=[10.0])
    rpm = Unit("rpm", RAD_PER_S.exponents, np.pi / 30.0)
    shown = Linear("shown", [[0.0]], [[0.0]], [[0.0]], [[1.0]], inputs={"given": rpm}, outputs={"speed": rpm})
    system = System("s", (Part("fast"), Part("shown")), (Connection(Port("fast", "speed"), Port("shown", "given")),))
    done = run(join(system, {"fast": fast, "shown": shown}), 1.0, Method(1.0))
    assert done.of("shown", "speed") == pytest.approx([300.0 / np.pi] * 2)
    chosen = Connection(Port("fast", "speed"), Port("shown", "given"), choices=((10.0, 3.0),))
    done = run(join(System("s", system.parts, (chosen,)), {"fast": fast, "shown": shown}), 1.0, Method(1.0))
    assert done.of("shown", "speed").tolist() == [3.0, 3.0]


def test_strong_coupling_goes_back_until_all_agree():
    errors = [error_of(run(motor(), 0.2, Method(h, "strong"))) for h in (5e-4, 2.5e-4)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx([2.0, 2.0], abs=0.1)
    done = run(motor(), 0.2, Method(5e-4, "strong"))
    assert done.repeated > done.step_count
    assert abs(done.bonds[0].share_ratio) < 1e-8
    assert np.all(error_of(done) < 0.3 * error_of(run(motor(), 0.2, Method(5e-4, prediction="linear"))))


def test_strong_coupling_solves_a_circle_within_the_step():
    system = System(
        "circle",
        (Part("a"), Part("b")),
        (Connection(Port("a", "y"), Port("b", "u")), Connection(Port("b", "y"), Port("a", "u"))),
    )
    says = Capabilities(saves=True)

    def gain(name, factor, offset):
        return Linear(name, [[0.0]], [[0.0]], [[1.0]], [[factor]], inputs={"u": None}, outputs={"y": None}, begin=[offset],
                      says=says)  # fmt: skip

    done = run(join(system, {"a": gain("a", -3.0, 1.0), "b": gain("b", 1.0, 0.0)}), 1.0, Method(0.1, "strong"))
    assert done.of("a", "y") == pytest.approx([0.25] * 11)
    assert not any("one step late" in str(note) for note in done.notes)
    late = run(join(system, {"a": gain("a", -0.5, 1.0), "b": gain("b", 1.0, 0.0)}), 1.0, Method(0.1))
    assert any("one step late" in str(note) for note in late.notes)


def test_strong_coupling_needs_parts_that_keep_a_state():
    with pytest.raises(InputError) as raised:
        run(motor(says=Capabilities()), 0.2, Method(1e-3, "strong"))
    assert [one.where for one in raised.value.problems] == ["electric", "mechanical"]
    assert "keeps no state" in raised.value.problems[0].what


def test_a_step_that_does_not_settle_says_what_moves():
    with pytest.raises(AssemblyError, match="does not settle: "):
        run(motor(), 0.2, Method(1e-2, "strong", settled_ratio=0.0, most_repeats=3))


def test_slow_parts_are_asked_at_the_same_time_and_answer_the_same():
    """Each waits for the other to be asked: one after another they would never answer."""
    both = threading.Barrier(2, timeout=20.0)

    def waits(part, from_step):
        step, count = part.step, 0

        def waiting(time_s, step_s, inputs):
            nonlocal count
            count += 1
            if count > from_step:
                both.wait()
            else:
                sleep(2e-3)
            return step(time_s, step_s, inputs)

        part.step = waiting
        return part

    parts = {"electric": waits(electric_half(), 8), "mechanical": waits(mechanical_half(), 8)}
    done = run(join(MOTOR, parts), 0.02, Method(1e-3))
    assert done.digest == run(motor(), 0.02, Method(1e-3)).digest


def test_all_that_fail_at_the_same_time_are_told():
    def fails(part, from_step):
        step, count = part.step, 0

        def failing(time_s, step_s, inputs):
            nonlocal count
            count += 1
            sleep(2e-3)
            if count > from_step:
                raise failure()
            return step(time_s, step_s, inputs)

        part.step = failing
        return part

    parts = {"electric": fails(electric_half(), 9), "mechanical": fails(mechanical_half(), 9)}
    with pytest.raises(ComponentFailed) as raised:
        run(join(MOTOR, parts), 0.02, Method(1e-3))
    assert [one.where for one in raised.value.problems] == ["electric at 0.009 s", "mechanical at 0.009 s"]


class Resuming(Linear):
    """Fails at some calls as a party that is killed before it answers, and can be brought to where it was."""

    resumed = 0

    def step(self, time_s, step_s, inputs):
        self.before = self.x
        answer = super().step(time_s, step_s, inputs)
        if len(self.asked) in self.failing:
            raise failure()
        return answer

    def resume(self):
        self.x = self.before
        self.resumed += 1


def resuming(*failing):
    inertia, drag = PARAMETERS["inertia_kg_m2"], PARAMETERS["drag"]
    half = mechanical_half()
    part = Resuming("mechanical half", [[-drag / inertia]], [[1 / inertia]], [[1.0]],
                    inputs={"torque": half.description.variables[0].unit}, outputs={"speed": RAD_PER_S})  # fmt: skip
    part.failing = failing
    return part


def test_a_part_that_comes_back_is_asked_the_same_again_and_nothing_else_changes():
    part = resuming(5, 9, 10)
    done = run(join(MOTOR, {"electric": electric_half(), "mechanical": part}), 0.02, Method(1e-3, most_resumes=2))
    assert done.digest == run(motor(), 0.02, Method(1e-3)).digest
    assert (part.resumed, done.waiting["mechanical"].resumed, done.waiting["electric"].resumed) == (3, 3, 0)


@pytest.mark.parametrize(("most", "failing"), [(0, (5,)), (2, (5, 6, 7))])
def test_a_part_that_does_not_come_back_stops_the_run(most, failing):
    joined = join(MOTOR, {"electric": electric_half(), "mechanical": resuming(*failing)})
    with pytest.raises(ComponentFailed) as raised:
        run(joined, 0.02, Method(1e-3, most_resumes=most))
    assert raised.value.problems[0].where == "mechanical at 0.004 s"


def test_what_a_run_had_before_it_failed_is_not_lost():
    system = System("s", (Part("odd"),))
    done = attempt(join(system, {"odd": Says("odd", np.array([np.nan]), 0.55)}), 1.0, Method(0.1))
    assert done.time_s == pytest.approx(np.arange(6) * 0.1)
    assert done.of("odd", "y").tolist() == [1.0] * 6
    assert [one.what for one in done.failure] == ["odd.y is nan, and is to be a finite number"]
    assert attempt(motor(), 0.02, Method(1e-3)).failure == ()
    at_once = attempt(join(system, {"odd": Says("odd", np.array([np.nan]), 0.0)}), 1.0, Method(0.1))
    assert (at_once.step_count, at_once.time_s.tolist()) == (0, [0.0])

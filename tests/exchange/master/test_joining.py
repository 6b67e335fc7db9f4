"""A system that is wrong says all that is wrong with it, before any part is started."""

from dataclasses import replace

import numpy as np
import pytest

from covolt.errors import AssemblyError, ComponentFailed, InputError
from covolt.exchange.component import Capabilities, Description, Unit, Variable
from covolt.exchange.master import Bond, Connection, Course, Method, Part, Port, Range, Side, System, join, run
from covolt.exchange.master.loops import circles
from tests.exchange.master.parts import NM, Gain, Linear, Says, electric_half, failure, mechanical_half

PARTS = (Part("electric"), Part("mechanical"))
JOULE = Unit("J", NM.exponents)


def motor():
    return {"electric": electric_half(), "mechanical": mechanical_half()}


def refused(system, components=None, kind=InputError):
    with pytest.raises(kind) as raised:
        join(system, components or motor())
    return [f"{one.where}: {one.what}" for one in raised.value.problems]


def test_all_that_is_wrong_is_told_at_once():
    told = refused(
        System(
            "motor",
            PARTS,
            (
                Connection(Port("electric", "torqe"), Port("mechanical", "torque")),
                Connection(Port("electrc", "torque"), Port("mechanical", "torque")),
                Connection(Port("electric", "speed"), Port("mechanical", "speed")),
                Connection(Port("electric", "current"), Port("mechanical", "torque")),
            ),
            inputs={Port("electric", "voltage"): float("nan"), Port("electric", "torque"): 1.0},
            ranges=(Range(Port("mechanical", "begin"), 0.0, 1.0), Range(Port("mechanical", "sped"))),
            courses=(Course(Port("electric", "nothing"), (0.0,), (1.0,)),),
        )
    )
    assert len(told) == 10
    for said in (
        "'electric' has no variable 'torqe'",
        "no part is called 'electrc'",
        "'speed' is of causality 'input', and an output is needed",
        "'speed' is of causality 'output', and an input is needed",
        "units do not join: 'A' is A, 'N.m' is kg m2 s-2",
        "electric.voltage: its value is no finite number",
        "'torque' is of causality 'output', and an input is needed",
        "only what crosses has a range, and 'begin' does not",
        "'mechanical' has no variable 'sped'",
        "'electric' has no variable 'nothing'",
    ):
        assert any(said in one for one in told), said


def test_a_name_that_is_nearly_right_is_offered():
    with pytest.raises(InputError) as raised:
        join(System("motor", PARTS, (Connection(Port("electric", "torqe"), Port("mechanical", "torque")),)), motor())
    assert raised.value.problems[0].hint == "did you mean 'torque'?"


def test_two_outputs_on_one_input_are_refused():
    told = refused(
        System(
            "motor",
            PARTS,
            (
                Connection(Port("electric", "torque"), Port("mechanical", "torque")),
                Connection(Port("electric", "torque"), Port("mechanical", "torque"), factor=2.0),
            ),
        )
    )
    assert told == ["mechanical.torque: two outputs are joined to one input: electric.torque and electric.torque"]


def test_parts_and_components_are_the_same():
    told = refused(System("motor", (*PARTS, Part("electric"), Part("gear"))), {**motor(), "brake": Gain("brake", 1.0)})
    assert told == [
        "motor: two parts are called 'electric'",
        "motor: no component runs the part 'gear'",
        "motor: the system has no part 'brake'",
    ]


def plain(name, *variables):
    part = Gain(name, 1.0)
    part.description = Description(name, "closed form", "0" * 64, variables, Capabilities())
    return part


@pytest.mark.parametrize(
    ("giving", "taking", "said"),
    [
        (Variable("y", "output", shape=(2, 3)), Variable("u", "input", shape=(3, 2)), "size 2 × 3, b.u has size 3 × 2"),
        (Variable("y", "output"), Variable("u", "input", shape=(1,)), "a.y has one value, b.u has size 1"),
        (Variable("y", "output", "string"), Variable("u", "input", "string"), "'y' is a string, which is no number"),
        (Variable("y", "output"), Variable("u", "input", "boolean"), "kind real does not become one of kind boolean"),
        (Variable("y", "output", "boolean"), Variable("u", "input", "enumeration"), "kind boolean does not become"),
        (Variable("y", "output", unit=NM), Variable("u", "input", unit=JOULE), "torque is not energy"),
    ],
)
def test_what_does_not_join_says_why(giving, taking, said):
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),))
    told = refused(system, {"a": plain("a", giving), "b": plain("b", taking)})
    assert len(told) == 1
    assert said in told[0]


def test_newton_metres_join_newton_metres_by_any_name():
    giving, taking = Variable("y", "output", unit=NM), Variable("u", "input", unit=Unit("Nm", NM.exponents))
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),))
    joined = join(system, {"a": plain("a", giving), "b": plain("b", taking)})
    assert (joined.factors.tolist(), joined.shifts.tolist()) == ([1.0], [0.0])


def test_arrays_join_element_by_element():
    giving, taking = (Variable(name, causality, shape=(2, 2)) for name, causality in (("y", "output"), ("u", "input")))
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),), inputs={})
    joined = join(system, {"a": plain("a", giving), "b": plain("b", taking)})
    assert [port.variable for port in joined.inputs] == ["u[1,1]", "u[1,2]", "u[2,1]", "u[2,2]"]
    assert joined.sources.tolist() == [0, 1, 2, 3]
    crossed = Connection(Port("a", "y[1,2]"), Port("b", "u[2,1]"))
    joined = join(System("s", system.parts, (crossed,)), {"a": plain("a", giving), "b": plain("b", taking)})
    assert [port.variable for port in joined.inputs] == ["u[2,1]"]
    assert joined.sources.tolist() == [1]
    outside = System("s", system.parts, (Connection(Port("a", "y[1,3]"), Port("b", "u[2,1]")),))
    assert "'a' has no variable 'y[1,3]'" in refused(outside, {"a": plain("a", giving), "b": plain("b", taking)})[0]


def test_inputs_that_nobody_joined_and_units_that_nobody_states_are_told():
    giving, taking = Variable("y", "output", unit=NM), Variable("u", "input")
    more = Variable("open", "input", start=3.0), Variable("opener", "input")
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),))
    joined = join(system, {"a": plain("a", giving), "b": plain("b", taking, *more)})
    told = [str(note) for note in joined.notes]
    assert any("'u' states no unit, so its number is taken to be in N.m" in one for one in told)
    assert any(
        "inputs to which nothing is joined keep what they begin with: b.open = 3, b.opener" in one for one in told
    )


SHAFT = (
    Connection(Port("electric", "torque"), Port("mechanical", "torque")),
    Connection(Port("mechanical", "speed"), Port("electric", "speed")),
)
BOND = Bond("shaft", Side("electric", "torque", "speed"), Side("mechanical", "speed", "torque"))


@pytest.mark.parametrize(
    ("connections", "bond", "said"),
    [
        (SHAFT[:1], BOND, "missing: mechanical.speed → electric.speed"),
        (SHAFT, Bond("shaft", Side("electric", "current", "speed"), Side("mechanical", "speed", "torque")), "missing:"),
        (
            (SHAFT[0], Connection(Port("mechanical", "speed"), Port("electric", "speed"), factor=2.0)),
            BOND,
            "its two connections make energy: factors 1 and 2 in SI units",
        ),
        (
            (SHAFT[0], Connection(Port("mechanical", "speed"), Port("electric", "speed"), offset=2.0)),
            BOND,
            "its two connections make energy",
        ),
    ],
)
def test_a_bond_is_one_power(connections, bond, said):
    told = refused(System("motor", PARTS, connections, (bond,)))
    assert len(told) == 1
    assert said in told[0]


def test_a_gear_on_a_bond_makes_no_energy():
    geared = tuple(Connection(one.source, one.target, factor=3.0) for one in SHAFT)
    done = run(
        join(System("motor", PARTS, geared, (BOND,), {Port("electric", "voltage"): 12.0}), motor()),
        0.2,
        Method(1e-4, prediction="linear"),
    )
    assert abs(done.bonds[0].share_ratio) < 1e-3


def test_torque_and_current_are_no_power():
    other, one = (
        Linear(name, [[0.0]], [[0.0]], [[1.0]], inputs={"taken": NM}, outputs={"torque": NM})
        for name in ("other", "one")
    )
    system = System(
        "s",
        (Part("a"), Part("b")),
        (Connection(Port("a", "torque"), Port("b", "taken")), Connection(Port("b", "torque"), Port("a", "taken"))),
        (Bond("odd", Side("a", "torque", "taken"), Side("b", "torque", "taken")),),
    )
    assert "a.torque and a.taken make no power" in refused(system, {"a": one, "b": other})[0]


def test_circles_are_found_in_order():
    following = {1: (2,), 2: (3,), 3: (1, 4), 4: (5,), 5: (), 6: (6, 4)}
    groups = circles(following, range(1, 7))
    assert [sorted(one) for one in groups] == [[5], [4], [1, 2, 3], [6]]
    deep = {one: (one + 1,) for one in range(50_000)}
    assert len(circles({**deep, 50_000: (0,)}, [0])) == 1


def test_parts_that_follow_at_once_come_after():
    names = ("last", "middle", "first")
    system = System(
        "chain",
        tuple(Part(name) for name in names),
        (Connection(Port("first", "y"), Port("middle", "u")), Connection(Port("middle", "y"), Port("last", "u"))),
        inputs={Port("first", "u"): 1.0},
    )
    joined = join(system, {name: Gain(name, 2.0) for name in names})
    assert [joined.names[one] for one in joined.order] == ["first", "middle", "last"]
    done = run(joined, 1.0, Method(1.0, "Gauss-Seidel"))
    assert done.of("last", "y").tolist() == [8.0, 8.0]


def circle(gain):
    system = System(
        "circle",
        (Part("a"), Part("b")),
        (Connection(Port("a", "y"), Port("b", "u")), Connection(Port("b", "y"), Port("a", "u"))),
    )
    return join(system, {"a": Gain("a", gain, 1.0), "b": Gain("b", 1.0)})


@pytest.mark.parametrize("gain", [0.5, -0.9, -1.0, -3.0, 0.99])
def test_a_circle_begins_where_it_is_consistent(gain):
    joined = circle(gain)
    assert [sorted(str(port) for port in group) for group in joined.loops] == [["a.u", "a.y", "b.u", "b.y"]]
    done = run(joined, 1.0, Method(1.0))
    assert done.values[0] == pytest.approx([1.0 / (1.0 - gain)] * 2, rel=1e-8)
    assert any("solved one step late" in str(note) and "a.y" in str(note) for note in done.notes)


def test_a_circle_without_a_solution_is_named():
    with pytest.raises(AssemblyError) as raised:
        run(circle(1.0), 1.0, Method(1.0))
    problem = raised.value.problems[0]
    assert "the beginning does not settle" in problem.what
    assert all(port in problem.hint for port in ("a.u", "a.y", "b.u", "b.y"))


def guarded(given, from_s=0.5, **bounds):
    port = Port("odd", "y")
    system = System("s", (Part("odd"),), ranges=(Range(port, **bounds),) if bounds else ())
    with pytest.raises(ComponentFailed) as raised:
        run(join(system, {"odd": Says("odd", given, from_s)}), 1.0, Method(0.1))
    problem = raised.value.problems[0]
    assert "odd" in problem.where
    assert "0.5 s" in problem.where or "0.4 s" in problem.where
    return problem.what


@pytest.mark.parametrize(
    ("given", "bounds", "said"),
    [
        (np.array([np.nan]), {}, "odd.y is nan, and is to be a finite number"),
        (np.array([-np.inf]), {}, "odd.y is -inf"),
        (np.array([7.0]), {"maximum": 5.0}, "odd.y is 7, and is to be at most 5"),
        (np.array([-7.0]), {"minimum": 0.0, "maximum": 5.0}, "odd.y is −7, and is to be within 0 and 5"),
        (np.array([2.0]), {"largest_rate_per_s": 5.0}, "odd.y changes by 10 in a second, from 1 to 2 in 0.1 s"),
        (np.array([1.0, 2.0]), {}, "'odd' gave a vector of shape (2,) where 1 values are due"),
        (np.array([[1.0]]), {}, "'odd' gave a vector of shape (1, 1)"),
        (np.array([1]), {}, "'odd' gave"),
        (None, {}, "'odd' gave no vector"),
        (failure(), {}, "no answer"),
    ],
)
def test_a_value_that_does_not_count_stops_the_run(given, bounds, said):
    assert said in guarded(given, **bounds)


def test_values_within_bounds_pass():
    system = System("s", (Part("odd"),), ranges=(Range(Port("odd", "y"), 0.0, 5.0, 5.0),))
    assert run(join(system, {"odd": Says("odd", np.array([1.4]), 0.5)}), 1.0, Method(0.1)).step_count == 10


def test_what_is_handed_over_keeps_its_range_too():
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),),
                    ranges=(Range(Port("b", "u"), maximum=2.0),))  # fmt: skip
    with pytest.raises(ComponentFailed) as raised:
        run(join(system, {"a": Says("a", np.array([3.0]), 0.5), "b": Gain("b", 1.0)}), 1.0, Method(0.1))
    assert raised.value.problems[0].where == "b.u at 0.5 s"


@pytest.mark.parametrize(
    ("part", "says", "method", "said"),
    [
        (Part("a", smallest_step_s=0.01), Capabilities(largest_step_s=1e-3), Method(0.02), "contract allows none under 0.01 s"),
        (Part("a", smallest_step_s=0.01), Capabilities(), Method(1e-3), "a step of 0.001 s is smaller than the 0.01 s"),
        (Part("a"), Capabilities(fixed_step_s=2e-3), Method(5e-3), "takes steps of 0.002 s only, and 0.005 s is no multiple"),
        (Part("a"), Capabilities(largest_step_s=2e-3), Method(5e-3), "takes steps of at most 0.002 s, and is asked for 0.005 s"),
        (Part("a"), Capabilities(variable_step=False), Method(0.3), "1 s are no multiple of 0.3 s"),
        (Part("a"), Capabilities(), Method(-1.0), "the step is −1 s"),
    ],
)  # fmt: skip
def test_a_step_that_a_part_or_its_contract_does_not_take_is_refused(part, says, method, said):
    joined = join(System("s", (part,), inputs={Port("a", "u"): 1.0}), {"a": Gain("a", 1.0, says=says)})
    with pytest.raises(InputError) as raised:
        run(joined, 1.0, method)
    assert any(said in one.what for one in raised.value.problems), raised.value
    with pytest.raises(InputError):
        run(joined, 0.0, Method(0.1))


def test_closing_ends_all():
    parts = motor()
    join(System("motor", PARTS, SHAFT), parts).close()
    assert all(one.closed for one in parts.values())


def test_a_local_variable_may_be_joined_where_the_component_lets_it_be_read():
    local = Variable("y", "local")
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),))
    joined = join(system, {"a": plain("a", local, Variable("z", "local")), "b": plain("b", Variable("u", "input"))})
    assert [str(port) for port in joined.outputs] == ["a.y"]
    told = refused(
        System("s", system.parts, (Connection(Port("a", "p"), Port("b", "u")),)),
        {"a": plain("a", Variable("p", "parameter")), "b": plain("b", Variable("u", "input"))},
    )
    assert "is of causality 'parameter', and an output is needed" in told[0]


def test_sizes_follow_structural_parameters():
    class Sized(Gain):
        def start(self, parameters, inputs, start_s=0.0, stop_s=None):
            count = int(parameters.get("count", 1))
            count_variable = Variable("count", "structural parameter", "integer", start=1)
            self.description = replace(
                self.description,
                variables=(count_variable, Variable("u", "input", shape=(count,), start=np.zeros(count))),
            )
            return np.empty(0)

    taking = Sized("taking", 1.0)
    taking.description = Description(
        "taking",
        "closed form",
        "0" * 64,
        (
            Variable("count", "structural parameter", "integer", start=1),
            Variable("u", "input", shape=(1,), start=np.zeros(1)),
        ),
        Capabilities(),
    )
    giving = plain("giving", Variable("y", "output", shape=(3,)))
    system = System("s", (Part("a"), Part("b", {"count": 3})), (Connection(Port("a", "y"), Port("b", "u")),))
    assert [port.variable for port in join(system, {"a": giving, "b": taking}).inputs] == ["u[1]", "u[2]", "u[3]"]


@pytest.mark.parametrize(
    ("course", "said"),
    [
        (Course(Port("b", "u"), (0.0,), (1.0,)), "one input: a.y and a course"),
        (Course(Port("b", "array"), (0.0,), (1.0,)), "one number over time, and 'array' is an array"),
        (Course(Port("b", "open"), (1.0, 0.0), (1.0, 2.0)), "no times in their order"),
        (Course(Port("b", "open"), (0.0, 1.0), (1.0,)), "no times in their order"),
        (Course(Port("b", "open"), (), ()), "no times in their order"),
        (Course(Port("b", "open"), (np.nan,), (1.0,)), "no times in their order"),
    ],
)
def test_a_course_that_cannot_be_followed_is_told(course, said):
    taking = plain("b", Variable("u", "input"), Variable("open", "input"), Variable("array", "input", shape=(2,)))
    system = System("s", (Part("a"), Part("b")), (Connection(Port("a", "y"), Port("b", "u")),), courses=(course,))
    told = refused(system, {"a": plain("a", Variable("y", "output")), "b": taking})
    assert len(told) == 1
    assert said in told[0]


def test_two_courses_for_one_input_are_told():
    course = Course(Port("b", "u"), (0.0,), (1.0,))
    told = refused(System("s", (Part("b"),), courses=(course, course)), {"b": plain("b", Variable("u", "input"))})
    assert told == ["b.u: two outputs are joined to one input: a course and a course"]

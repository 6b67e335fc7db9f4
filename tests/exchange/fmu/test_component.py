"""FMUs run: both versions, both forms, events, arrays, every kind of variable, states, and what they say where they fail."""

import math

import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError, NotFound
from covolt.exchange.fmu import open_in_worker, unpacked
from tests.exchange.fmu.built import fmu

FORMS = ("co-simulation", "model exchange")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """FMUs by model, version and more, each compiled once; opened anew."""
    folder = tmp_path_factory.mktemp("built")
    made, opened = {}, []

    def opens(model, version, form="", *defines, tolerance_ratio=None, **more):
        key = (model, version, defines, repr(more))
        if key not in made:
            place = folder / str(len(made))
            place.mkdir()
            made[key] = fmu(place, model, version, *defines, **more)
        inside = folder / f"unpacked-{len(opened)}"
        inside.mkdir()
        _, chosen = unpacked(made[key], inside, form)
        one = open_in_worker(inside, {"form": chosen, "digest": "d", "tolerance_ratio": tolerance_ratio})
        opened.append(one)
        return one

    yield opens
    for one in opened:
        one.close()


def run(component, steps, step_s, inputs=(), given=None, **parameters):
    """Outputs, shape (n + 1, m), of steps in one window."""
    names = [one.name for one in component.description.of("output")]
    component.wire(list(inputs), names)
    rows = np.zeros((steps, len(inputs))) if given is None else given
    first = component.start(parameters, rows[0] if len(inputs) else np.zeros(0))
    return np.vstack([first, component.window(0.0, np.full(steps, step_s), rows)])


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("form", FORMS)
def test_a_decay_is_that_of_its_closed_form(built, version, form):
    found = run(built("dahlquist", version, form), 100, 0.02, k=0.5)[:, 0]
    exact = np.exp(-0.5 * np.linspace(0.0, 2.0, 101))
    assert found == pytest.approx(exact, rel=1e-3 if form == "co-simulation" else 2e-6)


@pytest.mark.parametrize("version", [2, 3])
def test_a_closer_tolerance_comes_closer(built, version):
    errors = [
        abs(run(built("dahlquist", version, "model exchange", tolerance_ratio=ratio), 10, 0.1)[-1, 0] - math.exp(-1.0))
        for ratio in (1e-3, 1e-9)
    ]
    assert errors[1] < 1e-8 < errors[0]


@pytest.mark.parametrize("version", [2, 3])
def test_state_events_are_found_where_they_are(built, version):
    """A ball from 1 m: it bounces at sqrt(2 h / g), with 0.7 of its speed, and lies still in the end."""
    found = run(built("bouncing", version, "model exchange"), 400, 0.01, g=-9.81, e=0.7, v_min=0.1)
    first_s = math.sqrt(2.0 / 9.81)
    speed_m_per_s = 0.7 * 9.81 * first_s
    times_s = np.arange(401) * 0.01
    between = (times_s > first_s) & (times_s < first_s + 2.0 * speed_m_per_s / 9.81)
    after_s = times_s[between] - first_s
    assert found[between, 0] == pytest.approx(speed_m_per_s * after_s - 0.5 * 9.81 * after_s**2, abs=2e-5)
    assert found[-1] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert found[:, 0].min() > -1e-6


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("form", FORMS)
def test_time_events_happen_at_their_time(built, version, form):
    found = run(built("stair", version, form), 35, 0.1)[:, 0]
    assert list(found[[0, 9, 11, 19, 21, 29, 31]]) == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0]


@pytest.mark.parametrize("form", FORMS)
def test_a_window_equals_its_steps_to_the_bit(built, form):
    one = built("dahlquist", 2, form)
    one.wire(["u"], ["x"])
    inputs = np.sin(np.arange(30.0))[:, None]
    steps_s = np.linspace(0.01, 0.05, 30)
    one.start({}, inputs[0])
    whole = one.window(0.0, steps_s, inputs)
    one.start({}, inputs[0])
    time_s, singly = 0.0, []
    for step_s, now in zip(steps_s, inputs, strict=True):
        singly.append(one.step(time_s, step_s, now))
        time_s += step_s
    assert np.array_equal(whole, np.array(singly))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("form", FORMS)
def test_states_are_kept_restored_and_carried_to_another_instance(built, version, form):
    one, other = built("vanderpol", version, form), built("vanderpol", version, form)
    for each in (one, other):
        each.wire([], ["x0", "x1"])
        each.start({"mu": 3.0}, np.zeros(0))
    nothing = np.zeros((50, 0))
    one.window(0.0, np.full(20, 0.05), nothing[:20])
    kept = one.save()
    straight = one.window(1.0, np.full(50, 0.05), nothing)
    one.restore(kept)
    assert np.array_equal(one.window(1.0, np.full(50, 0.05), nothing), straight)
    carried = other.deserialise(one.serialise(kept))
    other.restore(carried)
    assert np.array_equal(other.window(1.0, np.full(50, 0.05), nothing), straight)
    one.forget(kept)
    with pytest.raises(InputError, match="no state 1 is kept"):
        one.restore(kept)
    with pytest.raises(InputError, match="no state of an FMU"):
        one.deserialise(b"rubbish")


def test_starting_again_begins_anew(built):
    one = built("vanderpol", 2)
    assert np.array_equal(run(one, 20, 0.1), run(one, 20, 0.1))


CELLS = (
    ("Float32", 1.5), ("Int8", -128), ("UInt8", 255), ("Int16", -32768), ("UInt16", 65535), ("Int32", -(2**31)),
    ("UInt32", 2**32 - 1), ("Int64", -(2**63)), ("UInt64", 2**64 - 1), ("Boolean", True),
)  # fmt: skip
EVERY = "".join(
    f'<{kind} name="{kind}_in" valueReference="{101 + 2 * number}" causality="input" variability="discrete" start="0"/>'
    f'<{kind} name="{kind}_out" valueReference="{102 + 2 * number}" causality="output" variability="discrete"/>'
    for number, (kind, _) in enumerate(CELLS)
)
TEXTS = """<String name="word_in" valueReference="200" causality="input"><Start value=""/></String>
<String name="word_out" valueReference="201" causality="output"/>
<Binary name="blob_in" valueReference="202" causality="input"><Start value=""/></Binary>
<Binary name="blob_out" valueReference="203" causality="output"/>"""


def test_every_kind_of_variable_passes_without_loss(built):
    cells = EVERY
    one = built("stair", 3, "co-simulation", variables=_paired(cells) + TEXTS)
    one.wire([], [])
    one.start({}, np.zeros(0))
    one.set_values({f"{kind}_in": value for kind, value in CELLS})
    one.set_values({"word_in": "слово\u2014word", "blob_in": b"\x00\x01\xff"})
    found = one.get_values([f"{kind}_out" for kind, _ in CELLS] + ["word_out", "blob_out"])
    assert [found[f"{kind}_out"] for kind, _ in CELLS] == [value for _, value in CELLS]
    assert isinstance(found["UInt64_out"], int)
    assert found["Boolean_out"] is True
    assert (found["word_out"], found["blob_out"]) == ("слово\u2014word", b"\x00\x01\xff")


def _paired(cells):
    """References so that an input and its output share a cell: 100 and 101, 102 and 103 …"""
    for number in range(len(CELLS)):
        cells = cells.replace(
            f'valueReference="{101 + 2 * number}" causality="input"',
            f'valueReference="{100 + 2 * number}" causality="input"',
        )
        cells = cells.replace(
            f'valueReference="{102 + 2 * number}" causality="output"',
            f'valueReference="{101 + 2 * number}" causality="output"',
        )
    return cells


def test_whole_numbers_cross_a_wire_where_a_real_holds_them(built):
    one = built("stair", 3, "co-simulation", variables=_paired(EVERY) + TEXTS)
    one.wire(
        ["Int32_in", "Boolean_in", "Int8_in", "Float32_in"], ["Int32_out", "Boolean_out", "Int8_out", "Float32_out"]
    )
    assert list(one.start({}, np.array([-7.0, 1.0, 5.0, 0.5]))) == [-7.0, 1.0, 5.0, 0.5]
    assert list(one.step(0.0, 0.1, np.array([12.0, 0.0, -5.0, 0.25]))) == [12.0, 0.0, -5.0, 0.25]
    with pytest.raises(ComponentFailed, match=r"1\.5 is given to 'Int32_in', which takes whole numbers"):
        one.step(0.1, 0.1, np.array([1.5, 0.0, 0.0, 0.0]))
    with pytest.raises(InputError) as error:
        one.wire(["Int64_in", "word_in", "nothing", "Int8_out"], [])
    assert len(error.value.problems) == 4
    with pytest.raises(InputError) as error:
        one.set_values(
            {"Int8_in": 128, "word_in": 3, "nothing": 1, "Int16_out": 0, "UInt8_in": -1, "Int32_in": math.nan}
        )
    assert len(error.value.problems) == 6


ARRAYS = """<UInt64 name="n" valueReference="90" causality="structuralParameter" variability="fixed" start="2"/>
<Float64 name="u" valueReference="91" causality="input" start="0 0"><Dimension valueReference="90"/></Float64>
<Float64 name="A" valueReference="92" causality="parameter" variability="fixed" start="1 0 0 1">
<Dimension valueReference="90"/><Dimension valueReference="90"/></Float64>
<Float64 name="y" valueReference="93" causality="output"><Dimension valueReference="90"/></Float64>"""


def test_arrays_are_wired_by_element_and_resized_by_structural_parameters(built):
    one = built("stair", 3, "co-simulation", variables=ARRAYS)
    one.wire(["u[2]"], ["y[1]", "y[2]"])
    assert list(one.start({}, np.array([4.0]))) == [0.0, 4.0]
    one.wire(["u[1]", "u[2]", "u[3]"], ["y[3]", "y[1]"])
    matrix = np.arange(9.0).reshape(3, 3)
    given = np.array([1.0, 2.0, 3.0])
    assert list(one.start({"n": 3, "A": matrix}, given)) == [(matrix @ given)[2], (matrix @ given)[0]]
    assert one.get_values(["A"])["A"].tolist() == matrix.tolist()
    assert {each.name: each.shape for each in one.description.variables}["A"] == (3, 3)
    one.wire(["u[9]"], [])
    with pytest.raises(InputError, match=r"no element 'u\[9\]': its size is 3"):
        one.start({"n": 3}, np.zeros(1))
    with pytest.raises(InputError, match="2 values for 9 elements"):
        one.wire([], [])
        one.start({"n": 3, "A": np.ones(2)}, np.zeros(0))


CLOCKS = """<Clock name="tick" valueReference="300" causality="input" intervalVariability="constant" intervalDecimal="0.25" shiftDecimal="0.1"/>
<Clock name="second" valueReference="301" causality="output" intervalVariability="triggered"/>
<Int32 name="ticks" valueReference="302" causality="output" variability="discrete" clocks="300"/>"""


@pytest.mark.parametrize("form", FORMS)
def test_periodic_clocks_tick_and_clocks_of_the_fmu_are_heard(built, form):
    one = built("stair", 3, form, variables=CLOCKS, attributes='hasEventMode="true"', kinds=("CoSimulation",)) if form == "co-simulation" else built("stair", 3, form, variables=CLOCKS)  # fmt: skip
    one.wire([], ["ticks"])
    seen, own = [one.start({}, np.zeros(0))[0]], []
    for number in range(10):
        seen.append(one.step(0.2 * number, 0.2, np.zeros(0))[0])
        own.append(one.get_values(["second"])["second"])
    # at 0.1, 0.35, 0.6, 0.85, 1.1, 1.35, 1.6, 1.85 s
    assert seen == [0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8]
    assert own == [False, True, False, False, True, False, True, False, False, True]
    one.set_values({"tick": True})
    assert one.get_values(["ticks"])["ticks"] == 9


def test_early_returns_are_gone_on_from_and_intermediate_updates_told(built):
    more = {
        "attributes": 'hasEventMode="true" mightReturnEarlyFromDoStep="true" providesIntermediateUpdate="true"',
        "kinds": ("CoSimulation",),
    }
    early, plain = (
        built("vanderpol", 3, "co-simulation", "-DEARLY=0.03", **more),
        built("vanderpol", 3, "co-simulation"),
    )
    assert run(early, 20, 0.1) == pytest.approx(run(plain, 20, 0.1), abs=5e-3)
    assert early._instance.intermediate_count > 60


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (2, ""),
        (3, r"it came to 0\.\d+ s only \(discard\)"),
        (4, r"it cannot go on \(fatal\).*memory of the model is gone"),
    ],
)
def test_what_goes_wrong_is_told_with_the_call_and_the_time(built, trouble, said):
    one = built("vanderpol", 2, "co-simulation", f"-DTROUBLE={trouble}")
    one.wire([], ["x0"])
    one.start({}, np.zeros(0))
    if not said:
        assert math.isnan(one.window(0.0, np.full(10, 0.1), np.zeros((10, 0)))[-1, 0])
        return
    with pytest.raises(ComponentFailed, match=said) as error:
        one.window(0.0, np.full(10, 0.1), np.zeros((10, 0)))
    assert error.value.problems[0].where.startswith("model, fmi2DoStep at 0.")
    assert one.start({}, np.zeros(0))[0] == 2.0  # it begins anew


def test_a_wrong_guid_or_token_is_told_with_what_the_fmu_says(built):
    for version, word in ((2, "guid"), (3, "instantiationToken")):
        one = built("vanderpol", version, guid="{other}")
        one.wire([], [])
        with pytest.raises(InputError, match=r"cannot be instantiated; it says: .*Wrong") as error:
            one.start({}, np.zeros(0))
        assert word in error.value.problems[0].hint


def test_what_is_missing_is_named(tmp_path, built):
    from covolt.exchange.fmu.library import here
    from tests.exchange.fmu.built import library
    from tests.exchange.fmu.written import packed, two

    platform, ending = here(2)
    with pytest.raises(InputError, match=r"no binary for this machine \(.*\); it has win64"):
        unpacked(packed(tmp_path / "a.fmu", two(), {"binaries/win64/model.dll": b"x"}), tmp_path / "a")
    with pytest.raises(InputError, match="scheduled execution alone"):
        unpacked(packed(tmp_path / "c.fmu", two(kinds=("ScheduledExecution",))), tmp_path / "c")
    with pytest.raises(NotFound, match="no model exchange, but co-simulation"):
        unpacked(packed(tmp_path / "d.fmu", two()), tmp_path / "d", "model exchange")
    for name, content, said in (
        ("e", b"not a library", "of another machine than it says"),
        ("f", library(tmp_path, "frame3.c", '-DMODEL="vanderpol.h"'), "has no function fmi2Instantiate, "),
    ):
        folder = tmp_path / f"{name}-out"
        folder.mkdir()
        unpacked(packed(tmp_path / f"{name}.fmu", two(), {f"binaries/{platform}/model{ending}": content}), folder)
        with pytest.raises(InputError, match=said):
            open_in_worker(folder, {})


def test_its_functions_are_offered_to_whoever_steps_it_without_python(built):
    """A co-simulation that is nothing but set, step and get of scalar reals offers addresses, and they do what its steps do."""
    import ctypes

    one, other = built("dahlquist", 2), built("dahlquist", 2)
    for each in (one, other):
        each.wire(["u"], ["x", "der(x)"])
        each.start({}, np.array([0.5]))
    told = one.functions()
    step = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_double, ctypes.c_double, ctypes.c_int)(
        told.step_address
    )
    get = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)(
        told.get_address
    )
    found = np.zeros(2)
    assert step(told.handle, 0.0, 0.1, 1) == 0
    assert get(told.handle, told.get_references, 2, found.ctypes.data) == 0
    assert np.array_equal(found, other.step(0.0, 0.1, np.array([0.5])))
    one.caught_up(0.1)
    assert "fmi2DoStep at 0.1 s" in str(one.refused("step", 3, 0.1))
    events = built(
        "stair", 3, "co-simulation", variables=CLOCKS, attributes='hasEventMode="true"', kinds=("CoSimulation",)
    )
    for component, wired in ((events, ["counter"]), (built("stair", 3, "co-simulation", variables=ARRAYS), ["y[1]"]), (built("vanderpol", 2, "model exchange"), ["x0"])):  # fmt: skip
        component.wire([], wired)
        component.start({}, np.zeros(0))
        assert component.functions() is None


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("form", FORMS)
def test_a_model_that_asks_for_its_end_gives_its_last_values_and_no_step_more(built, version, form):
    from covolt.exchange.fmu.experiment import Plan
    from covolt.exchange.fmu.experiment import run as run_experiment

    one = built("stair", version, form, "-DLAST=4")
    ran = run_experiment(one, one.model, Plan(0.0, 10.0, 0.2))
    assert ran.ended
    assert (ran.times_s[-1], ran.values[-1, 0]) == (pytest.approx(3.0), 4.0)
    with pytest.raises(ComponentFailed, match="asks for the end of the simulation") as error:
        one.step(3.0, 0.2, np.zeros(0))
    assert "at 3 s" in error.value.problems[0].where


@pytest.mark.parametrize(
    ("lie", "declared", "said"),
    [
        ("t + h / 2", "", r"returned early at 0\.05 s, which its description does not allow"),
        ("-5.0", 'mightReturnEarlyFromDoStep="true"', "came from 0 s to -5 s"),
        ("NAN", 'mightReturnEarlyFromDoStep="true"', "came from 0 s to nan s"),
        ("t + 2 * h", 'hasEventMode="true"', r"came from 0 s to 0\.2 s"),
    ],
)
def test_an_early_return_that_may_not_be_or_lies_ends_the_run(built, lie, declared, said):
    one = built("dahlquist", 3, "co-simulation", f"-DLIES={lie}", kinds=("CoSimulation",), attributes=declared)
    one.wire([], ["x"])
    one.start({}, np.zeros(0))
    with pytest.raises(ComponentFailed, match=said) as failed:
        one.step(0.0, 0.1, np.zeros(0))
    assert failed.value.problems[0].where.startswith("model, fmi3DoStep")

"""Machine code of our own gives what XLA gives."""

import functools
import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covolt import as_loaded
from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.simulation.core import pack
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.native import batch as native
from covolt.simulation.native import emit
from covolt.simulation.native.emit import Code, intermediate, machine_code, target_machine
from covolt.simulation.native.flatten import program, scalars, traced
from covolt.simulation.native.program import Builder, Program
from covolt.simulation.native.rewrite import rewritten
from covolt.simulation.run import BatchRunner
from covolt.vehicle.lookup import map_2d, table

FIGURES = {
    "test_mass": "1928 kg",
    "coast_down": {"constant": "37.17 lbf", "linear": "0.047 lbf/mph", "quadratic": "0.0144 lbf/mph^2"},
    "battery_energy": "60 kWh",
    "motor_power": "192 kW",
    "layout": "rear",
}


@functools.cache
def packed(**changes):
    return pack(car(CarFigures.model_validate({**FIGURES, **changes})))


def matrix_of(vector, count, dtype=np.float64):
    """Cars that differ in mass; their number is no multiple of the lanes."""
    matrix = np.repeat(vector[:, None], count, axis=1)
    matrix[0] *= np.linspace(0.8, 1.3, count)
    return matrix.astype(dtype)


def both(matrix, tables, structure, mission):
    own = BatchRunner(threads=2)
    result = own.run_packed(matrix, tables, structure, mission)
    assert own.left_to_xla == ()
    return result, BatchRunner(threads=1, executor="xla").run_packed(matrix, tables, structure, mission)


def assert_close(own, xla, tolerance):
    paths = jax.tree_util.tree_flatten_with_path(xla)[0]
    for (path, expected), given_ in zip(paths, jax.tree.leaves(own), strict=True):
        name = jax.tree_util.keystr(path)
        # Energies are compared on the scale of a joule in a drive of megajoules, speeds of a micrometre a second.
        floor = 1.0 if "energy" in name else 1e-6
        np.testing.assert_allclose(given_, expected, rtol=tolerance, atol=tolerance * floor * 1e3, err_msg=name)


MISSIONS = {
    "udds": follow(standard("udds"), Conditions()),
    "us06 with misses": follow(standard("us06"), Conditions(on_dynamometer=True)),
    "cold with comforts": follow(standard("udds"), Conditions(comforts_on=True, ambient_temperature_K=253.15)),
}


# XLA compiles anew for each layout and padded length: these four cases are two of its compilations.
@pytest.mark.parametrize(
    ("layout", "mission"),
    [
        ("rear", "udds"),
        ("rear", "cold with comforts"),
        # Two axles that miss are held to XLA by the weak car below.
        pytest.param("all", "us06 with misses", marks=pytest.mark.slow),
    ],
)
def test_native_is_xla(layout, mission):
    vector, tables, structure = packed(layout=layout)
    own, xla = both(matrix_of(vector, 21), tables, structure, MISSIONS[mission])
    assert_close(own, xla, 1e-10)


@pytest.mark.slow
def test_weak_car_misses_alike():
    vector, tables, structure = packed(layout="all", motor_power="40 kW")
    own, xla = both(matrix_of(vector, 21), tables, structure, MISSIONS["us06 with misses"])
    assert np.all(own[1].first_miss_step >= 0.0)
    assert np.ptp(own[1].missed_time_s) > 0.0
    assert_close(own, xla, 1e-10)


def test_single_precision_is_near():
    vector, tables, structure = packed()
    double = BatchRunner().run_packed(matrix_of(vector, 21), tables, structure, MISSIONS["udds"])
    single = BatchRunner().run_packed(matrix_of(vector, 21, np.float32), tables, structure, MISSIONS["udds"])
    assert single[0].speed_m_per_s.dtype == np.float32
    stored = "battery_open_circuit_power_W"
    np.testing.assert_allclose(single[1].energy_J[stored], double[1].energy_J[stored], rtol=1e-4)
    np.testing.assert_allclose(
        single[0].battery.cell_charge_fraction, double[0].battery.cell_charge_fraction, rtol=1e-4
    )


@pytest.mark.parametrize("place", [0, 3])
def test_not_a_number_stays_in_its_lane(place):
    vector, tables, structure = packed()
    matrix = matrix_of(vector, 20)
    whole = BatchRunner().run_packed(matrix, tables, structure, MISSIONS["udds"])
    matrix[place, 7] = np.nan
    marred = BatchRunner().run_packed(matrix, tables, structure, MISSIONS["udds"])
    assert np.isnan(marred[0].battery.cell_charge_fraction[7])
    others = np.arange(20) != 7
    for before, after in zip(jax.tree.leaves(whole), jax.tree.leaves(marred), strict=True):
        np.testing.assert_array_equal(before[others], after[others])


def test_result_does_not_depend_on_neighbours_or_threads():
    vector, tables, structure = packed()
    matrix = matrix_of(vector, 37)
    many = BatchRunner(threads=2).run_packed(matrix, tables, structure, MISSIONS["udds"])
    alone = BatchRunner(threads=1).run_packed(matrix[:, 35:36].copy(), tables, structure, MISSIONS["udds"])
    for all_of_them, one in zip(jax.tree.leaves(many), jax.tree.leaves(alone), strict=True):
        np.testing.assert_array_equal(all_of_them[35:36], one)


def test_what_cannot_be_compiled_is_left_to_xla(monkeypatch):
    def refuse(*_):
        raise NotImplementedError("primitive sine")

    vector, tables, structure = packed()
    runner = BatchRunner(threads=1)
    monkeypatch.setattr(native, "_code", refuse)
    last, _ = runner.run_packed(matrix_of(vector, 21), tables, structure, MISSIONS["udds"])
    assert runner.left_to_xla == ("primitive sine",)
    assert np.all(np.isfinite(last.speed_m_per_s))


def test_object_code_is_kept_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path))
    text, tree = intermediate(of_one("sqrt"), 0, "double", 8), jax.tree.structure(0.0)
    machine = target_machine()
    first = emit.object_code(text, machine, tree)
    (path,) = tmp_path.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(emit, "machine_code", lambda *_: pytest.fail("compiled again"))
        assert emit.object_code(text, machine, tree) == first
    path.write_bytes(path.read_bytes()[:-100])
    assert emit.object_code(text, machine, tree) == first


def of_one(name: str) -> Program:
    builder = Builder()
    result = builder.add(name, (builder.leaf("parameter", 0),))
    return Program(tuple(builder.operations), tuple(builder.moving), (result,), (result,))


@functools.lru_cache(maxsize=8)
def code_of(own: Program, real: str, lanes: int) -> Code:
    machine = target_machine()
    return Code(machine_code(intermediate(own, 0, real, lanes), machine), machine)


def evaluated(own: Program, values, real="double", steps=0, tables=()):
    """The program's results (rows) for parameters (rows) of any number of lanes."""
    dtype, lanes = (np.float64, 8) if real == "double" else (np.float32, 16)
    values = np.atleast_2d(np.asarray(values, dtype))
    count = values.shape[1]
    padded = np.ascontiguousarray(np.pad(values, ((0, 0), (0, -count % lanes)), mode="edge"))
    results = np.empty((len(own.start), padded.shape[1]), dtype)
    code = code_of(own, real, lanes)
    held = [np.ascontiguousarray(entries, dtype) for entries in tables]
    addresses = np.array([entries.ctypes.data for entries in held] or [0], np.uint64)
    nothing = np.zeros(1, dtype)
    stride = padded.shape[1]
    code.drive(
        steps, stride // lanes, stride, *(array.ctypes.data for array in (padded, nothing, nothing, addresses, results))
    )
    return results[:, :count]


@functools.cache
def function(name, real):
    own = of_one(name)
    return lambda x: evaluated(own, x, real)[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-707.0, 709.7), min_size=64, max_size=64))
def test_exponential(x):
    expected = np.exp(np.asarray(x))
    assert np.all(np.abs(function("exp", "double")(x) - expected) <= 2.0 * np.spacing(expected))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(1e-310, 1e308), min_size=32, max_size=32),
    st.lists(st.floats(0.5, 2.0), min_size=32, max_size=32),
)
def test_logarithm(wide, near_one):
    x = np.asarray([*wide, *near_one])
    expected = np.log(x)
    assert np.all(np.abs(function("log", "double")(x) - expected) <= 2.0 * np.spacing(np.abs(expected)))


def test_functions_over_dense_ranges():
    x = np.random.default_rng(0).uniform(-700.0, 700.0, 200_000)
    expected = np.exp(x)
    assert np.max(np.abs(function("exp", "double")(x) - expected) / np.spacing(expected)) <= 2.0
    x = np.exp(x)
    expected = np.log(x)
    assert np.max(np.abs(function("log", "double")(x) - expected) / np.spacing(np.abs(expected))) <= 2.0
    x = np.random.default_rng(0).uniform(-80.0, 80.0, 200_000).astype(np.float32)
    expected = np.exp(x.astype(np.float64))
    assert np.max(np.abs(function("exp", "float")(x) / expected - 1.0)) < 3e-7
    logarithm = function("log", "float")(expected.astype(np.float32))
    np.testing.assert_allclose(logarithm, np.log(expected.astype(np.float32).astype(np.float64)), rtol=3e-7, atol=1e-9)


@pytest.mark.parametrize("real", ["double", "float"])
def test_functions_at_their_ends(real):
    x = [0.0, 1e9, -1e9, math.inf, -math.inf, math.nan]
    np.testing.assert_array_equal(function("exp", real)(x), [1.0, math.inf, 0.0, math.inf, 0.0, math.nan])
    x = [1.0, 0.0, -1.0, math.inf, -math.inf, math.nan]
    np.testing.assert_array_equal(function("log", real)(x), [0.0, -math.inf, math.nan, math.inf, math.nan, math.nan])
    x = [4.0, 0.0, -1.0, math.inf, math.nan]
    np.testing.assert_array_equal(function("sqrt", real)(x), [2.0, 0.0, math.nan, math.inf, math.nan])
    x = [4.0, 0.0, -1.0, math.inf, math.nan]
    np.testing.assert_array_equal(function("sign", real)(x), [1.0, 0.0, -1.0, 1.0, math.nan])


@pytest.mark.parametrize("real", ["double", "float"])
def test_not_a_number_stays_none_whatever_its_bits(real):
    whole, number = (np.uint64, np.float64) if real == "double" else (np.uint32, np.float32)
    first = np.array([math.nan], number).view(whole)[0]
    x = (first + np.array([0, 1, 2, 3, 5, 1021, 77777, 2**21], whole)).view(number)
    for name in ("exp", "log", "sqrt", "sign"):
        assert np.all(np.isnan(function(name, real)(x))), name


def scalar_program(function_, parameters, table_sizes=()) -> Program:
    """One step of a function of scalars and tables. Its first half of arguments are states, the others fixed over the drive."""
    shapes = tuple((size,) for size in table_sizes)
    results = len(jax.eval_shape(function_, *scalars(parameters, shapes, 0)[:2]))
    states = (parameters + 1) // 2

    def start(v, *_):
        return [v[k] if k < states else jnp.zeros(()) for k in range(results)]

    def step(v, t, _settings, carried, *_):
        return function_([*carried[:states], *v[states:]], t)

    return rewritten(program(traced(start, step, parameters, shapes, 0, 0)[0]))


def mixed(v, _):
    a, b, c, d = v
    return [
        jnp.minimum(a, b),
        jnp.maximum(a, b),
        jnp.minimum(a, 2.0),
        jnp.maximum(-1.0, a),
        jnp.clip(a, b, c),
        jnp.where(a > b, c / d, c * d),
        (a / b) / (c * d) * a / d,
        a - (b - (c - d)) - a * b,
        jnp.abs(a) ** 3 / (1.0 + jnp.square(b)) + jnp.sign(c),
        jnp.where(~((a >= b) | (c <= d)) & jnp.isfinite(a), jnp.floor(a), 7.0),
        jax.nn.sigmoid(a) + jnp.exp(-jnp.abs(b)) + jnp.power(jnp.abs(c) + 0.1, 1.7),
        jnp.sqrt(a) + jnp.log(jnp.abs(d)),
    ]


numbers = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0, -2.5, 3.0]) | st.floats(-50.0, 50.0).map(
    lambda x: round(x, 3)
)


@jax.jit
def reference(x):
    return jnp.stack(mixed(x, None))


@functools.cache
def mixed_program() -> Program:
    return scalar_program(mixed, 4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=8, max_size=8))
def test_operations_are_jax_also_where_not_a_number(lanes):
    x = np.asarray(lanes).T
    own = evaluated(mixed_program(), x, steps=1)
    expected = np.asarray(reference(x))
    np.testing.assert_allclose(own, expected, rtol=1e-12, atol=1e-11)


def test_tables_and_maps():
    rng = np.random.default_rng(1)
    even = table(np.linspace(0.0, 3.0, 7), rng.normal(size=7))
    uneven = table([0.0, 0.2, 1.0, 2.5, 3.0], rng.normal(size=5))
    plane = map_2d([0.0, 1.0, 3.0], np.linspace(0.0, 3.0, 4), rng.normal(size=(3, 4)))
    parts = (even, uneven, plane)
    leaves, tree = jax.tree.flatten(parts)

    def look_up(v, tables):
        one, other, both_axes = jax.tree.unflatten(
            tree, [t.reshape(leaf.shape) for t, leaf in zip(tables, leaves, strict=True)]
        )
        return [one(v[0]), other(v[0]), both_axes(v[0], v[1]), one.x[-1] + other.values[0]]

    own = scalar_program(look_up, 2, [leaf.size for leaf in leaves])
    x = np.vstack([rng.uniform(-1.0, 4.0, 200), rng.uniform(-1.0, 4.0, 200)])
    x[0, :8] = [0.0, 0.2, 1.0, 2.5, 3.0, 1.5, 1e300, -1e300]
    found = evaluated(own, x, steps=1, tables=[np.ravel(leaf) for leaf in leaves])
    expected = jax.vmap(lambda v: jnp.stack(look_up(v, leaves)), in_axes=1, out_axes=1)(jnp.asarray(x))
    np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-12, atol=1e-13)


def test_what_is_fixed_is_computed_once():
    _, tables, structure = packed()
    shapes = tuple(np.shape(entries) for entries in tables)
    drive = native.traced_drive(structure, shapes, ("target_m_per_s",), "report").program
    plain = sum(1 for moving, o in zip(drive.moving, drive.operations, strict=True) if not moving and o.arguments)
    assert plain > 30
    assert drive.repeated()["div"] < 30


def test_unknown_primitive_is_named():
    with pytest.raises(NotImplementedError, match="sin"):
        scalar_program(lambda v, _: [jnp.sin(v[0])], 1)


def test_machine_code_of_a_batch_is_kept_for_the_next_process(monkeypatch, tmp_path):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path))
    vector, tables, structure = packed()
    matrix, mission = matrix_of(vector, 9), MISSIONS["udds"]
    native._code.cache_clear()
    first = BatchRunner().run_packed(matrix, tables, structure, mission)
    assert [path.name.startswith("native-batch-") for path in tmp_path.iterdir()] == [True]
    native._code.cache_clear()
    monkeypatch.setattr(as_loaded, "changes", lambda *_: ())  # this test itself changes covolt in place
    monkeypatch.setattr(native, "traced_drive", None)
    runner = BatchRunner()
    again = runner.run_packed(matrix, tables, structure, mission)
    assert runner.left_to_xla == ()
    assert jax.tree.structure(again) == jax.tree.structure(first)
    for one, other in zip(jax.tree.leaves(again), jax.tree.leaves(first), strict=True):
        np.testing.assert_array_equal(one, other)
    native._code.cache_clear()


def test_a_drive_that_is_aborted_stays_where_it_missed():
    vector, tables, structure = packed(layout="all", motor_power="40 kW")
    mission = MISSIONS["us06 with misses"]
    matrix = matrix_of(vector, 9)
    _, driven_on = BatchRunner().run_packed(matrix, tables, structure, mission)
    runner = BatchRunner()
    _, aborted = runner.run_packed(matrix, tables, structure, replace(mission, miss_policy="abort"))
    assert runner.left_to_xla == ()
    np.testing.assert_array_equal(aborted.first_miss_step, driven_on.first_miss_step)
    np.testing.assert_array_equal(aborted.driven_steps, aborted.first_miss_step + 1.0)
    assert np.all(aborted.distance_m < driven_on.distance_m)

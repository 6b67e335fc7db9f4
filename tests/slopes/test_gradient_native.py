"""The native gradient against XLA's reverse sweep, and against differences of drives: warm, cold, on four wheels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.library.test_cell_file import cell
from tests.sample import compact, errand, figures, mission

from covolt.library.build import car
from covolt.library.cell_file import read_cell, write_cell
from covolt.simulation.core import pack, pack_setting
from covolt.simulation.gradient import STORE, CompiledSlope, compiled_slope, energy_slope, parameter_names
from covolt.simulation.mission import Conditions, Mission, follow
from covolt.simulation.native.flatten import program, traced
from covolt.simulation.native.linear import LinearGraph
from covolt.simulation.native.program import Builder, Program
from covolt.simulation.native.slope import native_slope
from covolt.simulation.run import BatchRunner, profile_of, setting_of, simulate
from covolt.vehicle.assembly import Vehicle

pytestmark = pytest.mark.whole

TEN = (
    "body.mass_kg",
    "body.constant_N",
    "body.quadratic_N_s2_per_m2",
    "tyre.radius_m",
    "axles[0].gearbox.ratio",
    "axles[0].gearbox.mesh_efficiency",
    "axles[0].drive_unit.torque_squared_W_per_Nm2",
    "axles[0].drive_unit.speed_W_s",
    "battery.resistance_ratio",
    "auxiliary.moving_load_W",
)
COLD = Conditions(comforts_on=True, ambient_temperature_K=253.15, state_of_charge=0.7)
HILLS = [0.0, 0.0, 0.01, 0.02] + [0.0] * 7
TRIPS = {"normal": mission(slope=HILLS), "cold with comforts": mission(COLD, slope=HILLS)}


@cache
def all_wheel() -> Vehicle:
    return car(figures(layout="all"))


def slopes_of(vehicle: Vehicle, trip: Mission, executor: str) -> tuple[float, np.ndarray]:
    slope = energy_slope(vehicle, trip, TEN, executor=executor)  # pyright: ignore[reportArgumentType]
    return slope.energy_J, np.array(list(slope.by_parameter.values()))


def changed(vehicle: Vehicle, name: str, value: float) -> Vehicle:
    leaves, tree = jax.tree.flatten(vehicle)
    scalars = [i for i, leaf in enumerate(leaves) if np.ndim(leaf) == 0]
    leaves[scalars[parameter_names(vehicle).index(name)]] = np.asarray(value)
    return jax.tree.unflatten(tree, leaves)


def value_of(vehicle: Vehicle, name: str) -> float:
    return float(pack(vehicle)[0][parameter_names(vehicle).index(name)])


def differences(vehicle: Vehicle, trip: Mission, names: tuple[str, ...]) -> np.ndarray:
    """Central differences of the fourth order, from one batch of drives."""
    vector, tables, structure = pack(vehicle)
    places = [parameter_names(vehicle).index(name) for name in names]
    steps = 1e-4 * vector[places]
    offsets = np.array([1.0, -1.0, 2.0, -2.0])
    matrix = np.repeat(vector[:, None], len(names) * len(offsets), axis=1)
    for n, (place, step) in enumerate(zip(places, steps, strict=True)):
        matrix[place, 4 * n : 4 * n + 4] += offsets * step
    _, tally = BatchRunner(threads=1).run_packed(matrix, tables, structure, trip)
    near_up, near_down, far_up, far_down = -tally.energy_J[STORE].reshape(len(names), 4).T
    first, second = (near_up - near_down) / (2.0 * steps), (far_up - far_down) / (4.0 * steps)
    return (4.0 * first - second) / 3.0


# That of XLA takes long to compile; both are held to differences of drives, this one below, that of XLA in `test_gradient`.
@pytest.mark.slow
@pytest.mark.parametrize("trip", TRIPS)
def test_it_is_the_gradient_of_xla(trip: str) -> None:
    energy_J, slopes = slopes_of(compact(), TRIPS[trip], "native")
    expected_J, expected = slopes_of(compact(), TRIPS[trip], "xla")
    assert energy_J == pytest.approx(expected_J, rel=1e-12)
    np.testing.assert_allclose(slopes, expected, rtol=1e-9)
    assert np.all(expected != 0.0)


@pytest.mark.slow
def test_it_is_the_gradient_of_xla_by_every_parameter_with_two_axles() -> None:
    trip, names = TRIPS["cold with comforts"], parameter_names(all_wheel())
    own = energy_slope(all_wheel(), trip, names)
    xla = energy_slope(all_wheel(), trip, names, executor="xla")
    assert own.energy_J == pytest.approx(xla.energy_J, rel=1e-12)
    values, slopes, expected = (
        np.array(x) for x in (pack(all_wheel())[0], [*own.by_parameter.values()], [*xla.by_parameter.values()])
    )
    # What is left of terms that cancel is judged by the energy: how much of it a change by the parameter's own size makes.
    floor = 1e-13 * own.energy_J / np.maximum(np.abs(values), 1e-9)
    assert np.all(np.abs(slopes - expected) <= 1e-9 * np.abs(expected) + floor)
    assert np.count_nonzero(expected) > 80


@pytest.mark.parametrize("vehicle", [compact, all_wheel])
@pytest.mark.parametrize("trip", TRIPS)
def test_it_is_the_difference_of_drives(vehicle, trip: str) -> None:
    _, slopes = slopes_of(vehicle(), TRIPS[trip], "native")
    np.testing.assert_allclose(slopes, differences(vehicle(), TRIPS[trip], TEN), rtol=1e-6)


def test_the_drive_is_native_and_gives_the_energy_alone() -> None:
    slope, arguments = prepared(compact(), TRIPS["normal"], ("body.mass_kg",))
    energy_J, _ = slope(arguments[0][:1] * 0.0 + value_of(compact(), "body.mass_kg"), *arguments)
    assert slope.left_to_xla is None
    assert slope.energy_J(*arguments) == energy_J


def prepared(vehicle: Vehicle, trip: Mission, names: tuple[str, ...]) -> tuple[CompiledSlope, tuple]:
    vector, tables, structure = pack(vehicle)
    columns, rows = profile_of(trip)
    at = tuple(parameter_names(vehicle).index(name) for name in names)
    slope = compiled_slope(structure, columns, at, trip.count, policy=trip.miss_policy)
    return slope, (vector, tables, pack_setting(setting_of(trip)), rows[: trip.count])


def test_the_free_values_replace_those_of_the_vector() -> None:
    slope, arguments = prepared(compact(), TRIPS["normal"], ("body.mass_kg",))
    heavier = changed(compact(), "body.mass_kg", 2000.0)
    assert slope(np.array([2000.0]), *arguments)[0] == slope.energy_J(pack(heavier)[0], *arguments[1:])


@pytest.mark.parametrize("steps", [1, 7, 8, 9, 100])
def test_lanes_beyond_the_last_step_add_nothing(steps: int) -> None:
    """The slope of an additive load is exact whatever part of the last vector is filled: compared with a difference."""
    name = "auxiliary.moving_load_W"
    slope, (vector, tables, setting, rows) = prepared(compact(), TRIPS["normal"], (name,))
    at, load = parameter_names(compact()).index(name), value_of(compact(), name)
    short = rows[10 : 10 + steps]

    def energy_J(x: float) -> float:
        own = vector.copy()
        own[at] = x
        return slope.energy_J(own, tables, setting, short)

    _, slopes = slope(np.array([load]), vector, tables, setting, short)
    assert slopes[0] == pytest.approx((energy_J(load + 10.0) - energy_J(load - 10.0)) / 20.0, rel=1e-6)


@pytest.mark.parametrize("name", ["body.mass_kg", "battery.resistance_ratio", "auxiliary.moving_load_W"])
def test_without_an_energy_there_is_no_slope(name: str) -> None:
    energy_J, slopes = slopes_of(changed(compact(), name, float("nan")), TRIPS["normal"], "native")
    assert np.isnan(energy_J)
    assert np.all(np.isnan(slopes))


def test_a_parameter_without_influence_has_no_slope_and_one_named_twice_one() -> None:
    names = ["inlet.current_max_A", "body.mass_kg", "body.mass_kg"]
    slope = energy_slope(compact(), TRIPS["normal"], names)
    assert list(slope.by_parameter) == names[:2]
    assert slope.by_parameter[names[0]] == 0.0
    assert slope.by_parameter["body.mass_kg"] > 0.0


@pytest.mark.slow
def test_a_drive_whose_clock_waits_is_left_to_xla_and_differentiated_as_it_is_driven() -> None:
    """A car too weak for the errand: while it falls behind, its clock waits, and the slope knows it."""
    weak = car(figures(motor_power="14 kW"))
    cycle = errand()
    trip = replace(follow(cycle, TRIPS["normal"].conditions), miss_policy="correct")
    name = "body.quadratic_N_s2_per_m2"
    trace = simulate(weak, trip)
    assert trace.result.outcome.missed_time_s > 0.0
    slope = energy_slope(weak, trip, [name])
    _, _, structure = pack(weak)
    columns, _ = profile_of(trip)
    kept = compiled_slope(
        structure, columns, (parameter_names(weak).index(name),), trip.count, policy="correct", executor="native"
    )
    assert kept.left_to_xla == "policy correct"
    assert slope.energy_J == pytest.approx(trace.ledger.energy_J("battery"), rel=1e-11)
    assert slope.by_parameter[name] == pytest.approx(differences(weak, trip, (name,))[0], rel=1e-5)


def test_a_clock_that_waits_cannot_be_compiled_here() -> None:
    _, tables, structure = pack(compact())
    with pytest.raises(NotImplementedError, match="policy correct"):
        native_slope(structure, tuple(map(np.shape, tables)), ("target_m_per_s",), "correct", (0,), STORE)


def graph_of(function, count: int) -> tuple[LinearGraph, Program, Builder]:
    """The linear graph of a function's tangent; parameters are followed by their tangents."""

    def start(both, _tables, _setting):
        return jax.jvp(function, tuple(both[:count]), tuple(both[count:]))[1]

    def step(both, tables, setting, _carried, _row, _index):
        return start(both, tables, setting)

    traces, _ = traced(start, step, 2 * count, (), 0, 0)
    whole, to = program(traces), Builder()
    return LinearGraph(whole, lambda o: o.name == "parameter" and o.value >= count, to), whole, to


def evaluated(to: Builder, wanted: list[int], parameters: list[float], cotangents: list[float]) -> list[float]:
    """Operations by their plain meaning."""
    plain = {
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "div": np.divide,
        "neg": np.negative,
        "max": np.maximum,
        "min": np.minimum,
        "sqrt": np.sqrt,
        "exp": np.exp,
        "abs": np.abs,
        "eq": np.equal,
        "gt": np.greater,
        "ge": np.greater_equal,
        "select": np.where,
    }
    values: list = []
    with np.errstate(all="ignore"):
        for operation in to.operations:
            source = {"parameter": parameters, "cotangent": cotangents, "index": [0.0]}.get(operation.name)
            if operation.name == "constant":
                values.append(np.float64(operation.value))
            elif source is not None:
                values.append(np.float64(source[int(operation.value)]))
            else:
                values.append(plain[operation.name](*[values[a] for a in operation.arguments]))
    return [float(values[i]) for i in wanted]


def tangled(x, y, z):
    """Ties, a root at zero behind a choice, shared nodes, and a result that is an argument."""
    a = jnp.maximum(x * y, 0.5) + jnp.minimum(x, z)
    b = jnp.where(z > 0.0, jnp.sqrt(jnp.where(z > 0.0, z, 1.0)), x / (y * y))
    c = a * b + jnp.abs(x - z) * jnp.exp(-a) + a / (1.0 + b * b)
    return c * a, b - y / a, x


@pytest.mark.parametrize("at", [(0.7, 1.3, 0.4), (0.7, 1.3, 0.7), (0.5, 1.0, 0.5), (1.0, 0.25, -2.0), (2.0, 0.25, 2.0)])
def test_the_matrix_and_the_transpose_are_those_of_jax(at: tuple[float, float, float]) -> None:
    graph, whole, to = graph_of(tangled, 3)
    leaf = {i: int(o.value) - 3 for i, o in enumerate(whole.operations) if o.name == "parameter" and o.value >= 3}
    results = dict(enumerate(whole.after))
    matrix = graph.matrix(results, leaf)
    places = [(row, leaf[i]) for row, i in matrix]
    expected = np.array([jnp.stack(row) for row in jax.jacrev(tangled, argnums=(0, 1, 2))(*at)])
    own = np.zeros((3, 3))
    for place, value in zip(places, evaluated(to, list(matrix.values()), list(at), []), strict=True):
        own[place] = value
    np.testing.assert_allclose(own, expected, rtol=1e-13, atol=1e-15)

    weights = [0.3, -1.7, 2.0]
    cotangents = {i: to.leaf("cotangent", n) for n, i in results.items()}
    found = graph.transposed(cotangents, lambda i: i in leaf)
    pulled = np.zeros(3)
    for i, value in zip(found, evaluated(to, list(found.values()), list(at), weights), strict=True):
        pulled[leaf[i]] = value
    np.testing.assert_allclose(pulled, np.array(weights) @ expected, rtol=1e-13, atol=1e-14)


def test_what_is_not_linear_is_named() -> None:
    builder = Builder()
    tangent = builder.leaf("parameter", 0)
    root = builder.add("sqrt", (tangent,))
    own = Program(tuple(builder.operations), tuple(builder.moving), (), (root,))
    with pytest.raises(NotImplementedError, match="slope of sqrt"):
        LinearGraph(own, lambda operation: operation.name == "parameter", Builder())


def test_a_car_of_measured_cells_without_kinetics_has_a_slope(tmp_path: Path) -> None:
    """Without kinetics and without a slope of the surface the program holds constants that are no number."""
    measured = replace(cell(), exchange_current_A=None, double_layer_C_per_V=None, surface_per_V=None)
    write_cell(measured, tmp_path / "cell.toml", source="")
    vehicle = car(figures(battery_cell=read_cell(tmp_path / "cell.toml")))
    names = ("body.mass_kg", "battery.cell.capacity_C", "battery.parallel_count")
    slope = energy_slope(vehicle, TRIPS["normal"], names)
    expected = differences(vehicle, TRIPS["normal"], names)
    np.testing.assert_allclose(list(slope.by_parameter.values()), expected, rtol=1e-5)

"""The compiled drive: the step, repeated, on flat numbers.

A vehicle goes into the compiled function as one vector of its scalar leaves and a list of its tables, so that a call costs
microseconds, a batch is a matrix, and a gradient is one vector. What is not a number (which parts fill the slots) is the
`Structure`, for which the function is compiled once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from covolt.simulation.flattened import flattened
from covolt.simulation.kept import MOST_STRUCTURES
from covolt.simulation.ledger import FLOWS
from covolt.simulation.origin import behaviour_of
from covolt.simulation.request import ANSWERS
from covolt.simulation.step import Request, Signals, TRACE_TOLERANCE_m_per_s, step
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.assembly import Comfort, PlacedVehicle, Soak, Vehicle, VehicleState


class Structure(NamedTuple):
    """What of a vehicle is not a number: its parts, which of its leaves are scalars, how parts behave that are not covolt's."""

    treedef: Any
    scalar: tuple[bool, ...]
    behaviour: tuple[Hashable, ...] = ()


class Setting(NamedTuple):
    """The numbers of a mission that do not change from step to step, in the order in which they are packed."""

    ambient: Ambient
    payload_kg: Any
    dynamometer: Any
    comfort: Comfort
    soak: Soak
    dt_s: Any


class Tally(NamedTuple):
    """What is summed over a drive, traced or not."""

    energy_J: dict[str, Any]
    distance_m: Any
    missed_time_s: Any
    worst_miss_m_per_s: Any
    first_miss_step: Any
    first_miss_limit: Any
    driven_steps: Any
    outside_map_time_s: Any


SETTING_TREE = jax.tree.structure(
    Setting(Ambient(0.0), 0.0, 0.0, Comfort(), Soak(0.0, 0.0, 0.0, 0.0), 0.0)  # the shape only
)


def pack(vehicle: Vehicle) -> tuple[np.ndarray, list[np.ndarray], Structure]:
    """Scalar leaves as one vector, tables as a list, and the structure that joins them again."""
    flat = flattened(vehicle)
    leaves, treedef = flat.leaves, flat.tree
    arrays = [np.asarray(leaf, dtype=np.float64) for leaf in leaves]
    scalar = tuple(array.ndim == 0 for array in arrays)
    vector = np.array([array for array in arrays if array.ndim == 0], dtype=np.float64)
    structure = Structure(treedef, scalar, behaviour_of(treedef))
    return vector, [array for array in arrays if array.ndim > 0], structure


def unpack(vector: Any, tables: Any, structure: Structure) -> Vehicle:
    """The vehicle again; `vector` may hold one column per vehicle of a batch."""
    scalars, others = iter(vector), iter(tables)
    leaves = [next(scalars) if is_scalar else next(others) for is_scalar in structure.scalar]
    return jax.tree.unflatten(structure.treedef, leaves)


def pack_setting(setting: Setting) -> np.ndarray:
    """The setting as a vector."""
    return np.array(jax.tree.leaves(setting), dtype=np.float64)


def _start_tally() -> Tally:
    zero = jnp.zeros(())
    return Tally({}, zero, zero, zero, zero - 1.0, zero, zero, zero)


def _request(row: Any, columns: tuple[str, ...]) -> Request:
    return Request(**dict(zip(columns, row, strict=True)))


def _tallied(tally: Tally, signals: Signals, index: Any, dt_s: Any) -> Tally:
    """The tally with one more step."""
    energy = {name: tally.energy_J[name] + signals[name] * dt_s for name in tally.energy_J}
    miss = jnp.abs(signals["target_speed_m_per_s"] - signals["speed_m_per_s"])
    missed = miss > TRACE_TOLERANCE_m_per_s
    first = missed & (tally.first_miss_step < 0.0)
    return Tally(
        energy_J=energy,
        distance_m=tally.distance_m + signals["mean_speed_m_per_s"] * dt_s,
        missed_time_s=tally.missed_time_s + jnp.where(missed, dt_s, 0.0),
        worst_miss_m_per_s=jnp.maximum(tally.worst_miss_m_per_s, miss),
        first_miss_step=jnp.where(first, index, tally.first_miss_step),
        first_miss_limit=jnp.where(first, signals["limit"], tally.first_miss_limit),
        driven_steps=tally.driven_steps + 1.0,
        outside_map_time_s=tally.outside_map_time_s + signals["outside_map_flag"] * dt_s,
    )


def _placed(
    vector: Any, tables: Any, setting_vector: Any, structure: Structure
) -> tuple[PlacedVehicle, VehicleState, Any]:
    setting: Setting = jax.tree.unflatten(SETTING_TREE, list(setting_vector))
    car = unpack(vector, tables, structure).at(
        setting.ambient, setting.payload_kg, setting.comfort, setting.dynamometer
    )
    state = jax.tree.map(jnp.asarray, car.start(setting.soak))
    return car, state, setting.dt_s


def _signal_names(car: PlacedVehicle, state: VehicleState, dt_s: Any, columns: tuple[str, ...]) -> tuple[str, ...]:
    request = _request([dt_s] * len(columns), columns)
    return tuple(sorted(jax.eval_shape(lambda: step(car, state, request, dt_s)[1])))


def _started(
    car: PlacedVehicle, state: VehicleState, dt_s: Any, columns: tuple[str, ...], dtype: Any
) -> tuple[VehicleState, Tally]:
    """State and tally before the first step."""
    names = _signal_names(car, state, dt_s, columns)
    tally = _start_tally()._replace(energy_J={name: jnp.zeros((), dtype) for name in FLOWS if name in names})
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), (state, tally))


def _advanced(
    car: PlacedVehicle,
    carry: tuple[VehicleState, Tally],
    request: Request,
    index: Any,
    dt_s: Any,
    policy: str,
) -> tuple[tuple[VehicleState, Tally], Signals]:
    """State and tally after one more step, and its signals."""
    state, tally = carry
    after, signals = step(car, state, request, dt_s)
    tally = _tallied(tally, signals, index, dt_s)
    carried = jax.tree.map(lambda new, old: jnp.asarray(new, old.dtype), (after, tally), carry)
    if policy == "abort":
        ended = carry[1].first_miss_step >= 0.0
        carried = jax.tree.map(lambda new, old: jnp.where(ended, old, new), carried, carry)
    return carried, signals


def scalar_drive(
    structure: Structure, columns: tuple[str, ...], policy: str
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Start and step of a drive as functions of scalars: what a runner traces that compiles the drive itself.

    Returns:
        start(vector, tables, setting) -> carried, and step(vector, tables, setting, carried, row, index) -> (carried, signals),
        where `carried` is the pair of state and tally, and the signals stand in the order of their names.
    """

    def start(vector: Any, tables: Any, setting: Any) -> tuple[VehicleState, Tally]:
        car, state, dt_s = _placed(vector, tables, setting, structure)
        return _started(car, state, dt_s, columns, jnp.result_type(vector[0]))

    def once(vector: Any, tables: Any, setting: Any, carried: Any, row: Any, index: Any) -> tuple[Any, dict[str, Any]]:
        car, _, dt_s = _placed(vector, tables, setting, structure)
        after, signals = _advanced(car, carried, _request(row, columns), index, dt_s, policy)
        dtype = jnp.result_type(vector[0])
        return after, {name: jnp.asarray(signals[name], dtype) for name in sorted(signals)}

    return start, once


def drive_flat(  # noqa: PLR0913  the flat numbers of a compiled function, and what it is compiled for
    vector: Any,
    tables: Any,
    setting: Any,
    profile: Any,
    count: Any,
    *,
    structure: Structure,
    columns: tuple[str, ...],
    traced: bool,
    dynamic: bool = True,
    policy: str = "report",
    names: list[str] | None = None,
) -> tuple[VehicleState, Tally, Any]:
    """Repeat the step `count` times over the rows of `profile`.

    Args:
        vector: scalar leaves of the vehicle.
        tables: its array leaves.
        setting: packed `Setting`.
        profile: one row a step, one column for each of `columns` (fields of `Request`).
        count: steps to drive; rows beyond it are padding.
        traced: whether every signal of every step is kept.
        policy: what happens where the speed is missed: "report" drives on by the clock, "abort" stays in the step of the first
            miss, "correct" lets the mission's clock wait so that the whole distance is driven.
        dynamic: whether `count` may differ from the number of rows. A drive to be differentiated in reverse is not dynamic.

        names: takes the names of the columns of the trace while the drive is traced.

    Returns:
        the last state, the tally, and the trace (rows are steps, columns are signals) or None.
    """
    dtype = jnp.result_type(vector)
    car, state, dt_s = _placed(vector, tables, setting, structure)
    state, tally = _started(car, state, dt_s, columns, dtype)
    columns_of_trace = _signal_names(car, state, dt_s, columns)
    if names is not None:
        names[:] = columns_of_trace

    def once(carry: tuple[VehicleState, Tally], row: Any, index: Any) -> tuple[tuple[VehicleState, Tally], Any]:
        carried, signals = _advanced(car, carry, _request(row, columns), index, dt_s, policy)
        return carried, jnp.stack([jnp.asarray(signals[name], dtype) for name in columns_of_trace]) if traced else None

    if not dynamic:
        rows = jnp.arange(profile.shape[0], dtype=dtype)

        def again(carry: Any, x: Any) -> Any:
            return once(carry, x[0], x[1])

        # A gradient keeps only the states and computes the inside of each step again: memory traffic is what it waits for.
        (state, tally), trace = lax.scan(jax.checkpoint(again), (state, tally), (profile, rows))
        return state, tally, trace

    def body(index: Any, carry: Any) -> Any:
        inner, trace = carry
        row = lax.dynamic_index_in_dim(profile, index, keepdims=False)
        inner, kept = once(inner, row, index.astype(dtype))
        if traced:
            trace = lax.dynamic_update_index_in_dim(trace, kept, index, 0)
        return inner, trace

    trace = jnp.zeros((profile.shape[0], len(columns_of_trace)), dtype) if traced else None
    if policy == "correct":
        (state, tally), trace = _corrected(once, (state, tally), trace, profile, count, columns, dt_s)
        return state, tally, trace
    (state, tally), trace = lax.fori_loop(0, count, body, ((state, tally), trace))
    return state, tally, trace


def _corrected(
    once: Callable[..., Any], carry: Any, trace: Any, profile: Any, count: Any, columns: tuple[str, ...], dt_s: Any
) -> Any:
    """Drive until the mission's clock has run out, the clock waiting where the vehicle falls behind.

    The clock c counts steps of the mission. In a step it advances by the distance driven over the distance asked for,
    at most by 1; where nothing is asked for (a stop) by 1. The target is read from the profile at c + 1. Answers of
    foreign parts belong to the steps that are driven, whatever the clock says.
    """
    speed_index = columns.index("target_m_per_s")
    answered = np.array([name in ANSWERS for name in columns])
    last = count - 1

    def row_at(clock: Any) -> Any:
        below = jnp.clip(jnp.floor(clock).astype(jnp.int32), 0, last)
        part = jnp.clip(clock - below, 0.0, 1.0)
        return profile[below] * (1.0 - part) + profile[jnp.minimum(below + 1, last)] * part

    def unfinished(loop: Any) -> Any:
        _, _, clock, index = loop
        return (clock < count) & (index < profile.shape[0])

    def body(loop: Any) -> Any:
        inner, trace, clock, index = loop
        before_m = inner[1].distance_m
        row = row_at(clock)
        if answered.any():
            row = jnp.where(answered, profile[index], row)
        target = row[speed_index]
        begin = jnp.where(clock < 1.0, inner[0].speed_m_per_s, row_at(clock - 1.0)[speed_index])
        # At the very first steps the reference begins where the vehicle does; afterwards it is the profile's own past.
        inner, kept = once(inner, row, index.astype(profile.dtype))
        if trace is not None:
            trace = lax.dynamic_update_index_in_dim(trace, kept, index, 0)
        asked_m = 0.5 * (begin + target) * dt_s
        driven_m = inner[1].distance_m - before_m
        ratio = jnp.where(asked_m > 1e-6, jnp.clip(driven_m / jnp.maximum(asked_m, 1e-6), 0.0, 1.0), 1.0)
        return inner, trace, clock + ratio, index + 1

    inner, trace, _, _ = lax.while_loop(unfinished, body, (carry, trace, jnp.zeros(()), jnp.zeros((), jnp.int32)))
    return inner, trace


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def compiled_drive(
    structure: Structure, columns: tuple[str, ...], traced: bool, policy: str = "report"
) -> Callable[..., Any]:
    """The drive of one vehicle, compiled for its structure."""
    return jax.jit(functools.partial(drive_flat, structure=structure, columns=columns, traced=traced, policy=policy))


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def compiled_batch(structure: Structure, columns: tuple[str, ...], policy: str = "report") -> Callable[..., Any]:
    """The drive of many vehicles (columns of `vector`) over one mission, compiled for their structure."""
    one = functools.partial(drive_flat, structure=structure, columns=columns, traced=False, policy=policy)
    return jax.jit(jax.vmap(one, in_axes=(1, None, None, None, None)))

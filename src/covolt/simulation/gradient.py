"""Slopes: how the energy of a drive changes with the parameters of its parts, exactly, in one reverse sweep.

The sweep runs as machine code of our own (`native.slope`); what that cannot compile is left to XLA.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.core import Structure, compiled_drive, drive_flat, pack, pack_setting
from covolt.simulation.kept import MOST_STRUCTURES
from covolt.simulation.mission import Mission
from covolt.simulation.precision import in_64_bits
from covolt.simulation.run import profile_of, setting_of
from covolt.simulation.trace import Executor
from covolt.vehicle.assembly import Vehicle, demand_served
from covolt.words import text

UNFUSED: dict[str, str | bool] = {"xla_disable_hlo_passes": "cpu-instruction-fusion,fusion,multi_output_fusion"}
"""Fusing the reverse sweep makes XLA's CPU compiler repeat most of its work: without it the sweep takes half the time."""

STORE = "battery_open_circuit_power_W"
"""Flow whose sum over a drive is what the battery's store gained."""


@dataclass(frozen=True)
class Slope:
    """Energy that a drive took from the battery's store, and its derivative by each parameter (J per the parameter's unit)."""

    energy_J: float
    by_parameter: dict[str, float]


def parameter_names(vehicle: Vehicle) -> list[str]:
    """Paths of the scalar parameters, such as `body.mass_kg` or `axles[0].gearbox.ratio`, in the order they are packed."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(vehicle)
    return [jax.tree_util.keystr(path).lstrip(".") for path, leaf in leaves if np.ndim(leaf) == 0]


@in_64_bits
def energy_slope(
    vehicle: Vehicle, mission: Mission, parameters: Sequence[str], *, executor: Executor = "native"
) -> Slope:
    """Energy from the battery's store over a mission, and its slope by each named parameter.

    Where the energy is not a number, no slope is.

    Source: differentiation of the step; equal to central differences to 1e-6 (tests/slopes).

    Raises:
        InputError: for every name that is no scalar parameter of the vehicle, and every part that gives no gradient.
    """
    names = parameter_names(vehicle)
    problems = [
        Problem(
            text("no parameter '{name}'", name=name),
            "parameters",
            (text("did you mean '{close}'?", close=close[0]) if close else text("see parameter_names")),
        )
        for name in parameters
        if name not in names
        for close in [difflib.get_close_matches(name, names, n=1, cutoff=0.3)]
    ]
    if problems:
        raise InputError(problems)
    once = list(dict.fromkeys(parameters))
    demand_served(vehicle, "gradient", "energy_slope")
    vector, tables, structure = pack(vehicle)
    columns, rows = profile_of(mission)
    indices = tuple(names.index(name) for name in once)
    policy = mission.miss_policy
    slope = compiled_slope(structure, columns, indices, mission.count, policy=policy, executor=executor)
    energy, slopes = slope(vector[list(indices)], vector, tables, pack_setting(setting_of(mission)), rows)
    return Slope(float(energy), dict(zip(once, np.asarray(slopes).tolist(), strict=True)))


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def compiled_slope(
    structure: Structure,
    columns: tuple[str, ...],
    indices: tuple[int, ...],
    count: int,
    *,
    policy: str = "report",
    executor: Executor = "native",
) -> CompiledSlope:
    """Energy and its gradient by the parameters at `indices`, compiled on the first call."""
    return CompiledSlope(structure, columns, indices, count, policy, executor)


@final
class CompiledSlope:
    """Energy of a drive from the battery's store, and its gradient by some places of the vehicle's vector."""

    def __init__(
        self,
        structure: Structure,
        columns: tuple[str, ...],
        indices: tuple[int, ...],
        count: int,
        policy: str,
        executor: Executor,
    ) -> None:
        self._structure, self._columns, self._policy = structure, columns, policy
        self._indices, self._count = indices, count
        self._at = np.array(indices, dtype=np.intp)
        self._native: Any = None
        self._xla: Any = None
        self._asks_native = executor == "native"
        self.left_to_xla: str | None = None
        """Why XLA drives though the native executor was asked for."""

    @in_64_bits
    def __call__(self, free: Any, vector: Any, tables: Any, setting: Any, profile: Any) -> tuple[float, np.ndarray]:
        """Energy (J) and slopes where the places of the vector take the values of `free`.

        Args:
            profile: one row a step; rows beyond the mission are driven only by a clock that waits (policy "correct").
        """
        own = np.array(vector, dtype=np.float64)
        own[self._at] = free
        native = self._compiled(tables)
        profile = self._own_rows(profile)
        if native is not None:
            energy_J, slopes = native(own, tables, setting, profile, len(self._indices))
        else:
            energy, gradient = self._with_xla(own[self._at], own, tables, setting, profile)
            energy_J, slopes = float(energy), np.array(gradient)
        if not np.isfinite(energy_J):
            # The slope of a maximum that chose nothing is nothing: it would hide that there is no energy to have a slope.
            slopes[:] = np.nan
        return energy_J, slopes

    @in_64_bits
    def energy_J(self, vector: Any, tables: Any, setting: Any, profile: Any) -> float:
        """Energy out of the battery's cells, without its gradient."""
        native = self._compiled(tables)
        if native is not None:
            return native.energy_J(vector, tables, setting, self._own_rows(profile))
        forward = compiled_drive(self._structure, self._columns, False, self._policy)
        _, tally, _ = forward(vector, tables, setting, profile, self._count)
        return -float(tally.energy_J[STORE])

    def _own_rows(self, profile: Any) -> np.ndarray:
        rows = np.asarray(profile)
        return rows if self._policy == "correct" else rows[: self._count]

    def _compiled(self, tables: Any) -> Any:
        if self._native is None and self._asks_native and self.left_to_xla is None:
            try:
                from covolt.simulation.native.slope import native_slope

                shapes = tuple(np.shape(table) for table in tables)
                what = (self._structure, shapes, self._columns, self._policy, self._indices)
                self._native = native_slope(*what, STORE)
            except (ImportError, NotImplementedError) as reason:
                self.left_to_xla = str(reason)
        return self._native

    def _with_xla(self, *arguments: Any) -> Any:
        if self._xla is None:
            # A loop whose length is found on the way can only be differentiated forwards.
            forwards = self._policy == "correct"
            slope = _value_and_forward_gradient(self._energy) if forwards else jax.value_and_grad(self._energy)
            self._xla = jax.jit(slope).lower(*arguments).compile(compiler_options=UNFUSED)
        return self._xla(*arguments)

    def _energy(self, free: Any, vector: Any, tables: Any, setting: Any, profile: Any) -> Any:
        own = jnp.asarray(vector).at[self._at].set(free)
        _, tally, _ = drive_flat(
            own,
            tables,
            setting,
            profile,
            self._count,
            structure=self._structure,
            columns=self._columns,
            traced=False,
            dynamic=self._policy == "correct",
            policy=self._policy,
        )
        return -tally.energy_J[STORE]


def _value_and_forward_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    def both(free: Any, *rest: Any) -> Any:
        def along(direction: Any) -> Any:
            return jax.jvp(lambda own: function(own, *rest), (free,), (direction,))

        return jax.vmap(along, out_axes=(None, 0))(jnp.eye(free.shape[0]))

    return both

"""Slopes: how the energy of a drive changes with the parameters of its parts, exactly, in one reverse sweep."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from covolt.errors import InputError, Problem
from covolt.simulation.core import Structure, drive, pack, pack_setting
from covolt.simulation.mission import Mission
from covolt.simulation.run import profile_of, setting_of
from covolt.vehicle.assembly import Vehicle

UNFUSED: dict[str, str | bool] = {"xla_disable_hlo_passes": "cpu-instruction-fusion,fusion,multi_output_fusion"}
"""Fusing the reverse sweep makes XLA's CPU compiler repeat most of its work: without it the sweep takes half the time."""


@dataclass(frozen=True)
class Slope:
    """Energy that a drive took from the battery's store, and its derivative by each parameter (J per the parameter's unit)."""

    energy_J: float
    by_parameter: dict[str, float]


def parameter_names(vehicle: Vehicle) -> list[str]:
    """Paths of the scalar parameters, such as `body.mass_kg` or `axles[0].gearbox.ratio`, in the order they are packed."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(vehicle)
    return [jax.tree_util.keystr(path).lstrip(".") for path, leaf in leaves if np.ndim(leaf) == 0]


def energy_slope(vehicle: Vehicle, mission: Mission, parameters: Sequence[str]) -> Slope:
    """Energy from the battery's store over a mission, and its slope by each named parameter.

    Source: reverse-mode differentiation of the step; equal to central differences to 1e-6 (tests/slopes).

    Raises:
        InputError: for every name that is no scalar parameter of the vehicle.
    """
    names = parameter_names(vehicle)
    problems = [
        Problem(
            f"no parameter '{name}'", "parameters", f"did you mean '{close[0]}'?" if close else "see parameter_names"
        )
        for name in parameters
        if name not in names
        for close in [difflib.get_close_matches(name, names, n=1, cutoff=0.3)]
    ]
    if problems:
        raise InputError(problems)
    vector, tables, structure = pack(vehicle)
    columns, rows = profile_of(mission)
    indices = np.array([names.index(name) for name in parameters])
    arguments = (vector[indices], vector, tables, pack_setting(setting_of(mission)), rows[: mission.count])
    energy, slopes = compiled_slope(structure, columns, tuple(indices.tolist()), mission.count)(*arguments)
    return Slope(float(energy), dict(zip(parameters, np.asarray(slopes).tolist(), strict=True)))


@functools.cache
def compiled_slope(
    structure: Structure, columns: tuple[str, ...], indices: tuple[int, ...], count: int
) -> Callable[..., Any]:
    """Energy and its gradient by the parameters at `indices`, compiled on the first call."""
    at = jnp.array(indices)

    def energy_J(free: Any, vector: Any, tables: Any, setting: Any, profile: Any) -> Any:
        own = jnp.asarray(vector).at[at].set(free)
        _, tally, _ = drive(
            own, tables, setting, profile, count, structure=structure, columns=columns, traced=False, dynamic=False
        )
        return -tally.energy_J["battery_open_circuit_power_W"]

    differentiated = jax.jit(jax.value_and_grad(energy_J))
    kept: list[Any] = []

    def call(*arguments: Any) -> Any:
        if not kept:
            kept.append(differentiated.lower(*arguments).compile(compiler_options=UNFUSED))
        return kept[0](*arguments)

    return call

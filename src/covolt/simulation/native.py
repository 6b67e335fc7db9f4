"""Batches as machine code of our own: the traced physics, compiled for lanes of vehicles.

JAX stays the source of the physics; this is a second way to run it, several times faster on a processor than XLA's. What it
cannot compile is left to XLA.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from covolt.simulation.core import SETTING_TREE, Structure, scalar_drive
from covolt.simulation.native_program import Program, Traces, program
from covolt.simulation.native_rewrite import rewritten

POLICIES = ("report", "abort")
"""Policies of a missed speed under which every vehicle takes the same steps of the mission."""

BLOCKS_PER_CALL = 64


class Traced(NamedTuple):
    """The program of a drive, and the tree into which its carried values go back."""

    program: Program
    carried_tree: Any


@functools.cache
def traced(structure: Structure, table_shapes: tuple[tuple[int, ...], ...], columns: tuple[str, ...], policy: str) -> Traced:
    """The program of a structure's drive.

    Raises:
        NotImplementedError: where a part uses what has no scalar form in `native_program`.
    """
    with jax.enable_x64(True):
        start, step = scalar_drive(structure, columns, policy)
        zero = jax.ShapeDtypeStruct((), np.float64)
        vector = [zero] * sum(structure.scalar)
        tables = [jax.ShapeDtypeStruct(shape, np.float64) for shape in table_shapes]
        setting = [zero] * SETTING_TREE.num_leaves
        carried = jax.eval_shape(start, vector, tables, setting)
        row = [zero] * len(columns)
        traces = Traces(
            start=jax.make_jaxpr(start)(vector, tables, setting),
            step=jax.make_jaxpr(step)(vector, tables, setting, carried, row, zero),
            order="vts",
        )
    return Traced(rewritten(program(traces)), jax.tree.structure(carried))

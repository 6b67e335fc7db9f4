"""Vehicles as the flat numbers that a compiled drive takes, remembered as long as the vehicle lives.

A vehicle cannot change, so it is flattened once. One that holds what could be written to (a list, a NumPy array that is not
locked), a part whose code is not covolt's, or that of covolt changed in place, is flattened every time.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import jax
import numpy as np

from covolt import as_loaded
from covolt.simulation.core import Structure, pack
from covolt.simulation.origin import TRACED
from covolt.vehicle.assembly import Vehicle, demand_drivable


class PackedVehicle(NamedTuple):
    """What `pack` gives, with the shapes of the tables; the arrays are nobody's to write to."""

    vector_si: np.ndarray
    tables: list[np.ndarray]
    structure: Structure
    table_shapes: tuple[tuple[int, ...], ...]


class Key(NamedTuple):
    """What a compiled drive is made for."""

    structure: Structure
    table_shapes: tuple[tuple[int, ...], ...]
    columns: tuple[str, ...]
    policy: str


_remembered: dict[int, tuple[weakref.ref[Vehicle], PackedVehicle]] = {}


def packed(vehicle: Vehicle) -> PackedVehicle:
    """The vehicle flattened, once it is known that it can drive.

    Raises:
        AssemblyError: where the slots do not make a vehicle that can drive.
    """
    number = id(vehicle)
    known = _remembered.get(number)
    # Another vehicle may have come to live at the same address.
    if known is not None and known[0]() is vehicle and not as_loaded.changes(*TRACED):
        return known[1]
    demand_drivable(vehicle)
    vector, given, structure = pack(vehicle)
    tables = [np.array(table, order="C") for table in given]
    for array in (vector, *tables):
        array.flags.writeable = False
    found = PackedVehicle(vector, tables, structure, tuple(table.shape for table in tables))
    if not structure.behaviour and not _can_change(vehicle):
        _remembered[number] = (weakref.ref(vehicle, lambda _: _remembered.pop(number, None)), found)
    return found


def _can_change(vehicle: Vehicle) -> bool:
    leaves: list[Any] = jax.tree.leaves(vehicle, is_leaf=lambda node: isinstance(node, list | dict))
    return any(
        isinstance(leaf, list | dict)
        or (isinstance(leaf, np.ndarray) and (leaf.flags.writeable or not leaf.flags.owndata))
        for leaf in leaves
    )

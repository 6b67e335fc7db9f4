"""Vehicles as the flat numbers that a compiled drive takes, remembered as long as the vehicle lives.

A vehicle cannot change, so it is flattened once. One that holds what could be written to (a list, a NumPy array that is not
locked), a part whose code is not covolt's, or that of covolt changed in place, is flattened every time.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import jax
import numpy as np

from covolt import as_loaded
from covolt.errors import CovoltError
from covolt.simulation.core import Structure, pack, unpack
from covolt.simulation.flattened import flattened
from covolt.simulation.kept import MOST_STRUCTURES, Memory
from covolt.simulation.origin import TRACED, behaviour_of
from covolt.vehicle.assembly import Vehicle, demand_drivable
from covolt.vehicle.column import Column, NotInColumns


class PackedVehicle(NamedTuple):
    """What `pack` gives, with the shapes of the tables; the arrays are nobody's to write to."""

    vector_si: np.ndarray
    tables: list[np.ndarray]
    structure: Structure
    table_shapes: tuple[tuple[int, ...], ...]


class PackedVehicles(NamedTuple):
    """Vehicles of one structure with the same tables: `matrix` holds the scalars of each as a column, shape (p, n)."""

    matrix_si: np.ndarray
    tables: list[np.ndarray]
    structure: Structure
    table_shapes: tuple[tuple[int, ...], ...]


class Key(NamedTuple):
    """What a compiled drive is made for."""

    structure: Structure
    table_shapes: tuple[tuple[int, ...], ...]
    columns: tuple[str, ...]
    policy: str


_structures: Memory[Structure, Structure] = Memory(MOST_STRUCTURES)
"""Each structure as one object, so that those of many vehicles are told apart without being read."""
_remembered: dict[int, tuple[weakref.ref[Vehicle], PackedVehicle]] = {}


def packed(vehicle: Vehicle) -> PackedVehicle:
    """The vehicle flattened, once it is known that it can drive.

    Raises:
        AssemblyError: where the slots do not make a vehicle that can drive.
    """
    (found,) = packed_all([vehicle])
    if isinstance(found, CovoltError):
        raise found
    return found


def packed_all(vehicles: Sequence[Vehicle]) -> list[PackedVehicle | CovoltError]:
    """Many vehicles flattened, each by itself; where one cannot drive, why."""
    # Whether covolt's own code was changed in place takes as long to find out as to flatten a vehicle.
    changed = bool(as_loaded.changes(*TRACED))
    found: list[PackedVehicle | CovoltError] = []
    for one in vehicles:
        try:
            found.append(_packed(one, changed=changed))
        except CovoltError as error:
            found.append(error)
    return found


def _packed(vehicle: Vehicle, *, changed: bool) -> PackedVehicle:
    number = id(vehicle)
    known = _remembered.get(number)
    # Another vehicle may have come to live at the same address.
    if known is not None and known[0]() is vehicle and not changed:
        return known[1]
    demand_drivable(vehicle)
    vector, given, structure = pack(vehicle)
    structure = _structures.made(structure, lambda: structure)
    tables = [np.array(table, order="C") for table in given]
    for array in (vector, *tables):
        array.flags.writeable = False
    found = PackedVehicle(vector, tables, structure, tuple(table.shape for table in tables))
    if not structure.behaviour and not flattened(vehicle).can_change:
        _remember(vehicle, found)
    return found


def packed_columns(vehicle: Vehicle, count: int) -> PackedVehicles:
    """Vehicles that were made together, with columns for the numbers that differ, flattened at once.

    Raises:
        AssemblyError: where the slots do not make a vehicle that can drive.
        NotInColumns: a table differs, or a part's code is not covolt's.
    """
    demand_drivable(vehicle)
    leaves, tree = jax.tree.flatten(vehicle)
    if any(isinstance(leaf, Column) and leaf.shape for leaf in leaves) or (behaviour := behaviour_of(tree)):
        raise NotInColumns("a table")
    arrays = [leaf.values if isinstance(leaf, Column) else np.asarray(leaf, dtype=np.float64) for leaf in leaves]
    scalar = tuple(isinstance(leaf, Column) or one.ndim == 0 for leaf, one in zip(leaves, arrays, strict=True))
    matrix = np.empty((sum(scalar), count))
    for row, values in zip(
        matrix, (one for one, is_scalar in zip(arrays, scalar, strict=True) if is_scalar), strict=True
    ):
        row[:] = values
    structure = Structure(tree, scalar, behaviour)
    tables = [np.array(one, order="C") for one, is_scalar in zip(arrays, scalar, strict=True) if not is_scalar]
    for array in (matrix, *tables):
        array.flags.writeable = False
    return PackedVehicles(
        matrix, tables, _structures.made(structure, lambda: structure), tuple(table.shape for table in tables)
    )


def stacked(vehicles: Sequence[PackedVehicle]) -> Iterator[tuple[list[int], PackedVehicles]]:
    """Vehicles of one structure and with the same tables together, and which of those given they are."""
    groups: dict[tuple[int, tuple[bytes, ...]], list[int]] = {}
    for at, one in enumerate(vehicles):
        groups.setdefault((id(one.structure), tuple(table.tobytes() for table in one.tables)), []).append(at)
    for members in groups.values():
        first = vehicles[members[0]]
        matrix = np.stack([vehicles[at].vector_si for at in members], axis=1)
        yield members, PackedVehicles(matrix, first.tables, first.structure, first.table_shapes)


def unpacked(vehicles: PackedVehicles) -> Iterator[Vehicle]:
    """Each vehicle by itself, remembered with its flat numbers."""
    matrix, tables, structure, shapes = vehicles
    for vector in np.ascontiguousarray(matrix.T):
        vector.flags.writeable = False
        vehicle = unpack(vector, tables, structure)
        _remember(vehicle, PackedVehicle(vector, tables, structure, shapes))
        yield vehicle


def _remember(vehicle: Vehicle, found: PackedVehicle) -> None:
    number = id(vehicle)
    _remembered[number] = (weakref.ref(vehicle, lambda _: _remembered.pop(number, None)), found)

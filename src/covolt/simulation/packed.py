"""Vehicles as the flat numbers that a compiled drive takes, remembered as long as the vehicle lives.

A vehicle cannot change, so it is flattened once. One that holds what could be written to (a list, a NumPy array that is not
locked), a part whose code is not covolt's, or that of covolt changed in place, is flattened every time.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from covolt import as_loaded
from covolt.errors import CovoltError
from covolt.simulation.core import Structure, pack
from covolt.simulation.flattened import flattened
from covolt.simulation.kept import MOST_STRUCTURES, Memory
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
        _remembered[number] = (weakref.ref(vehicle, lambda _: _remembered.pop(number, None)), found)
    return found

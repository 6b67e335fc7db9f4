"""Packed vehicles: flattened once, and never a stale one."""

from __future__ import annotations

import gc

import equinox as eqx
import numpy as np
import pytest
from tests.sample import compact, figures, with_leaf

from covolt.errors import AssemblyError
from covolt.library.build import car
from covolt.simulation import packed as module
from covolt.simulation.core import pack
from covolt.simulation.packed import packed


def test_it_is_what_pack_gives_and_is_remembered() -> None:
    vehicle = compact()
    own = packed(vehicle)
    vector, tables, structure = pack(vehicle)
    np.testing.assert_array_equal(own.vector_si, vector)
    assert own.structure == structure
    assert own.table_shapes == tuple(table.shape for table in tables)
    assert packed(vehicle) is own
    with pytest.raises(ValueError, match="read-only"):
        own.vector_si[0] = 1.0


def test_a_changed_vehicle_is_another_one() -> None:
    heavier = with_leaf(compact(), lambda v: v.body.mass_kg, 2500.0)
    assert 2500.0 in packed(heavier).vector_si
    assert 2500.0 not in packed(compact()).vector_si


def test_what_can_be_written_to_is_read_every_time() -> None:
    mass_kg = np.array(1500.0)
    vehicle = eqx.tree_at(lambda v: v.body.mass_kg, compact(), mass_kg)
    place = int(np.flatnonzero(packed(vehicle).vector_si == 1500.0)[0])
    mass_kg[...] = 1600.0
    assert packed(vehicle).vector_si[place] == 1600.0
    assert mass_kg.flags.writeable


def test_a_dead_vehicle_is_forgotten() -> None:
    vehicle = car(figures())
    packed(vehicle)
    number = id(vehicle)
    assert number in module._remembered
    del vehicle
    gc.collect()
    assert number not in module._remembered


def test_a_vehicle_that_cannot_drive_is_refused_each_time() -> None:
    broken = eqx.tree_at(lambda v: v.axles, compact(), ())
    for _ in range(2):
        with pytest.raises(AssemblyError):
            packed(broken)
